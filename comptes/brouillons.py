"""Brouillons tenus par le serveur : un par personne, écran et objet (RE2). Jamais dans le navigateur."""

import datetime

from django.utils import timezone

from comptes.models import Brouillon
from plie.historique import lire_cle

PRESENCE = datetime.timedelta(minutes=10)
PRECISION = datetime.timedelta(milliseconds=1)  # d’un instant rendu à la page, puis reçu d’elle
JAMAIS_GARDES = {"csrfmiddlewaretoken", "jeton", "version", "password"}
ECRANS = {}  # écran → fonction(utilisateur) rendant les objets où il s’ouvre, ou None s’il n’a pas d’objet


MASQUES = []  # (fonction, phrase) : ce qu’un texte gardé perd, et ce que l’on en dit


def interdire(masquer, phrase):
    """Déclare, au démarrage, ce qu’aucun brouillon ne garde : `masquer` rend le texte sans cela."""
    MASQUES.append((masquer, phrase))


def declarer(ecran, objets=None):
    """Chaque app déclare ses écrans au démarrage (`AppConfig.ready`).

    `objets` : fonction qui reçoit un utilisateur et rend le QuerySet où se trouve l’objet (son périmètre) ;
    None pour un écran qui ne porte sur rien encore (l’adresse finit alors par « - »).
    """
    ECRANS[ecran] = objets


def peut_garder(utilisateur, ecran, objet_id=None):
    """Hors périmètre comme inconnu : pas de brouillon (AC2)."""
    if ecran not in ECRANS:
        return False
    objets = ECRANS[ecran]
    if objet_id is None:
        return objets is None
    return objets is not None and objets(utilisateur).filter(pk=objet_id).exists()


def lire_formulaire(envoi):
    """Le contenu à garder d’un QueryDict : un texte par champ, une liste quand il est répété."""
    return {
        nom: valeurs if len(valeurs) > 1 else valeurs[0]
        for nom, valeurs in envoi.lists()
        if valeurs and nom not in JAMAIS_GARDES
    }


def nettoyer(contenu):
    """(contenu, phrase) : sans caractère nul ni rien de ce qui est interdit ; la phrase dit ce qui ne se garde pas."""
    contenu = {nom: _sans_nul(valeur) for nom, valeur in contenu.items() if nom not in JAMAIS_GARDES}
    phrases = []
    for masquer, phrase in MASQUES:
        masque = {nom: _masquer(masquer, nom, valeur) for nom, valeur in contenu.items()}
        if masque != contenu:
            contenu, phrases = masque, [*phrases, phrase]
    return contenu, " ".join(phrases)


def garder(utilisateur, ecran, contenu, *, objet_id=None, version=None):
    """Enregistre `contenu` (dict de textes ou de listes) et rend le brouillon ; le dernier envoi gagne."""
    contenu, _ = nettoyer(contenu)
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


def ecrit_ailleurs(deja, contenu, lu):
    """Vrai si `deja` dit autre chose que `contenu`, et que la page ne le connaît pas : il vient d’un autre onglet.

    `lu` : l’instant (secondes, en texte) du dernier brouillon que la page connaît ; illisible ou vide, le dernier envoi gagne.
    """
    try:
        connu = datetime.datetime.fromtimestamp(float(lu), datetime.UTC) + PRECISION
    except (ValueError, OverflowError, OSError):
        return False
    return deja is not None and deja.contenu != contenu and deja.enregistre_le > connu


def jeter(utilisateur, ecran, objet_id=None):
    """Après l’enregistrement, dans la même transaction."""
    Brouillon.objects.filter(utilisateur=utilisateur, ecran=ecran, cle_objet=_cle(objet_id)).delete()


def autres_auteurs(utilisateur, ecran, objet_id):
    """Brouillons récents (10 min) d’autres personnes sur le même objet : « Samira modifie aussi cet entretien »."""
    return (
        Brouillon.objects.filter(ecran=ecran, cle_objet=_cle(objet_id), enregistre_le__gte=timezone.now() - PRESENCE)
        .exclude(utilisateur=utilisateur)
        .select_related("utilisateur")
        .order_by("-enregistre_le")
    )


def presence(utilisateur, ecran, objet_id):
    """La phrase qui prévient qu’une autre personne écrit au même endroit ; vide sinon."""
    noms = (
        [b.utilisateur.get_full_name() for b in autres_auteurs(utilisateur, ecran, objet_id)[:3]] if objet_id else []
    )
    if not noms:
        return ""
    return f"{' et '.join(noms)} {'modifient' if len(noms) > 1 else 'modifie'} aussi cette page."


def _masquer(masquer, nom, valeur):
    """Une clé ou le tracé d’une signature n’est pas un texte : y toucher le casserait."""
    if isinstance(valeur, list):
        return [_masquer(masquer, nom, v) for v in valeur]
    return valeur if nom.endswith("_trace") or lire_cle(valeur) else masquer(valeur)


def _sans_nul(valeur):
    """PostgreSQL ne garde pas le caractère nul, venu d’un copier-coller ou d’un robot."""
    return [_sans_nul(v) for v in valeur] if isinstance(valeur, list) else valeur.replace("\0", "")


def _cle(objet_id):
    return str(objet_id) if objet_id else "-"
