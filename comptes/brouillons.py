"""Brouillons tenus par le serveur : un par personne, écran et objet (RE2). Jamais dans le navigateur."""

import datetime

from django.utils import timezone

from comptes.models import Brouillon

PRESENCE = datetime.timedelta(minutes=10)
JAMAIS_GARDES = {"csrfmiddlewaretoken", "jeton", "version", "password"}


def garder(utilisateur, ecran, contenu, *, objet_id=None, version=None):
    """Enregistre `contenu` (dict de textes) et rend le brouillon."""
    contenu = {nom: valeur for nom, valeur in contenu.items() if nom not in JAMAIS_GARDES}
    brouillon, _ = Brouillon.objects.update_or_create(
        utilisateur=utilisateur,
        ecran=ecran,
        cle_objet=_cle(objet_id),
        defaults={
            "objet_id": objet_id,
            "contenu": contenu,
            "version_lue": version,
            "enregistre_le": timezone.now(),
        },
    )
    return brouillon


def retrouver(utilisateur, ecran, objet_id=None):
    """Le brouillon laissé par `utilisateur`, ou None."""
    return Brouillon.objects.filter(utilisateur=utilisateur, ecran=ecran, cle_objet=_cle(objet_id)).first()


def jeter(utilisateur, ecran, objet_id=None):
    """Après l’enregistrement, dans la même transaction."""
    Brouillon.objects.filter(utilisateur=utilisateur, ecran=ecran, cle_objet=_cle(objet_id)).delete()


def autres_auteurs(utilisateur, ecran, objet_id):
    """Brouillons récents (10 min) d’autres personnes sur le même objet : « Samira modifie aussi cet entretien »."""
    return (
        Brouillon.objects.filter(ecran=ecran, cle_objet=_cle(objet_id), enregistre_le__gte=timezone.now() - PRESENCE)
        .exclude(utilisateur=utilisateur)
        .select_related("utilisateur")
    )


def _cle(objet_id):
    return str(objet_id) if objet_id else "-"
