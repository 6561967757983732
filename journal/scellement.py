"""Sceller : enchaîner par blocs les lignes qu’aucun bloc ne tient, et vérifier la chaîne."""

import json
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from journal.actions import sceau
from journal.models import Bloc, Ligne, LigneScellee
from plie.lots import inserer

ORIGINE = "0" * 64
TAILLE_D_UN_BLOC = 5000


@dataclass(frozen=True)
class Defaut:
    ligne_id: int
    raison: str


def sceller(blocs=None):
    """Scelle tout ce qu’aucun bloc ne tient, par blocs de 5 000 (`blocs` au plus). Rend le nombre de lignes scellées.

    Jamais « id > dernier » : une transaction lente peut écrire un identifiant plus petit après coup. Deux scellements
    en même temps se disputent le même numéro de bloc ; le perdant s’arrête, le prochain passage reprend.
    """
    total = faits = 0
    while faits != blocs and (nombre := _sceller_un_bloc()):
        total, faits = total + nombre, faits + 1
    return total


def _sceller_un_bloc():
    """On lit hors de toute transaction, et l’on n’écrit que le bloc : personne n’attend le scellement pour écrire."""
    dernier = Bloc.objects.order_by("-numero").first()
    libres = Ligne.objects.filter(~Exists(LigneScellee.objects.filter(ligne_id=OuterRef("pk"))))
    scellees, precedente = [], dernier.empreinte if dernier else ORIGINE
    for ligne in libres.order_by("id")[:TAILLE_D_UN_BLOC]:
        empreinte = _enchainer(precedente, ligne)
        scellees.append(
            LigneScellee(rang=len(scellees), ligne_id=ligne.pk, empreinte=empreinte, precedente=precedente)
        )
        precedente = empreinte
    if not scellees:
        return 0
    try:
        with transaction.atomic():
            bloc = Bloc.objects.create(
                numero=dernier.numero + 1 if dernier else 1,
                nombre=len(scellees),
                precedente=scellees[0].precedente,
                empreinte=precedente,
            )
            for scellee in scellees:
                scellee.bloc = bloc
            inserer(scellees)
    except IntegrityError:
        return 0
    return len(scellees)


def verifier():
    """Relit toute la chaîne, bloc par bloc, et rend ses défauts (ligne modifiée, manquante, bloc rompu).

    Une liste vide : tout est sain. La mémoire est celle d’un bloc.
    """
    defauts, attendue, numero = [], ORIGINE, 1
    for bloc in Bloc.objects.order_by("numero").iterator():
        if bloc.precedente != attendue or bloc.numero != numero:
            defauts.append(Defaut(0, f"le bloc {bloc.numero} ne suit pas le précédent"))
        defauts += _verifier_un_bloc(bloc)
        attendue, numero = bloc.empreinte, bloc.numero + 1
    return defauts


def _verifier_un_bloc(bloc):
    scellees = list(bloc.lignes.order_by("rang"))
    lignes = {ligne.pk: ligne for ligne in Ligne.objects.filter(pk__in=bloc.lignes.values("ligne_id"))}
    precedente = bloc.precedente
    for scellee in scellees:
        ligne = lignes.get(scellee.ligne_id)
        if ligne is None:
            yield Defaut(scellee.ligne_id, "ligne manquante")
        elif _enchainer(scellee.precedente, ligne) != scellee.empreinte:
            yield Defaut(scellee.ligne_id, "ligne modifiée")
        if scellee.precedente != precedente:
            yield Defaut(scellee.ligne_id, "chaîne rompue")
        precedente = scellee.empreinte
    if precedente != bloc.empreinte or len(scellees) != bloc.nombre:
        yield Defaut(0, f"le bloc {bloc.numero} est incomplet")


def _enchainer(precedente, ligne):
    """Sous clé : qui n’a que la base ne peut pas refaire la chaîne après avoir changé une ligne."""
    contenu = [
        ligne.pk,
        ligne.le.isoformat(),
        str(ligne.auteur_id),
        ligne.tache,
        ligne.acte,
        ligne.objet_type,
        str(ligne.objet_id),
        str(ligne.participant_id),
        ligne.champs,
        ligne.empreinte,
        ligne.motif,
    ]
    return sceau(precedente + json.dumps(contenu, sort_keys=True))
