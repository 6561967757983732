"""Les numéros que l’on dicte : « 2026-00412 » pour un dossier, « P-2026-0318 » pour une demande. Sans trou ni double."""

from django.db import transaction
from django.db.models.functions import Length

from participants.models import Compteur


@transaction.atomic
def suivant(modele, serie, *, chiffres):
    """Le prochain numéro de `serie` (préfixe, « 2026- ») pour `modele`, qui a un champ `numero`.

    La ligne du compteur reste verrouillée jusqu’à la fin de la transaction : les créations d’une même série se suivent.
    Des numéros venus d’ailleurs (reprise, démonstration) sont reconnus, et le compteur repart après eux.
    """
    compteur, _ = Compteur.objects.get_or_create(serie=serie)
    compteur = Compteur.objects.select_for_update().get(pk=compteur.pk)
    compteur.dernier += 1
    if compteur.dernier == 1 or _pris(modele, serie, compteur.dernier, chiffres):
        compteur.dernier = max(compteur.dernier, _plus_grand(modele, serie) + 1)
    compteur.save(update_fields=["dernier"])
    return f"{serie}{compteur.dernier:0{chiffres}d}"


def _pris(modele, serie, rang, chiffres):
    return modele._base_manager.filter(numero=f"{serie}{rang:0{chiffres}d}").exists()


def _plus_grand(modele, serie):
    """Le plus grand rang déjà écrit : le plus long numéro d’abord, puis le dernier dans l’ordre."""
    numeros = modele._base_manager.filter(numero__startswith=serie).annotate(longueur=Length("numero"))
    dernier = numeros.order_by("-longueur", "-numero").values_list("numero", flat=True).first()
    rang = dernier.removeprefix(serie) if dernier else ""
    return int(rang) if rang.isdecimal() else 0
