"""Écrire un fichier avec la ligne qui le nomme : les deux restent, ou aucun (RE9)."""

from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import transaction

from participants.fichiers import FichierRefuse

_ecrits = ContextVar("fichiers_ecrits", default=None)


@contextmanager
def fichiers_ou_rien():
    """À ouvrir autour de la transaction : ce qu’elle n’a pas validé est effacé en sortant, et rien d’autre.

    Une panne qui suit la validation ne touche donc pas aux fichiers ; un point de reprise annulé ne laisse pas les siens.
    Dans un autre `fichiers_ou_rien`, c’est le plus grand qui efface.
    """
    if _ecrits.get() is not None:
        yield
        return
    ecrits = set()
    jeton, echec = _ecrits.set(ecrits), True
    try:
        yield
        echec = False
    finally:
        _ecrits.reset(jeton)
        if echec or not transaction.get_connection().in_atomic_block:
            for stockage, nom in ecrits:
                stockage.delete(nom)


def ranger(champ, extension, contenu):
    """Écrit `contenu` (octets) dans `champ` (FieldFile), sous un nom tiré au hasard : rien de personnel dans un chemin.

    Lève FichierRefuse si le disque est plein, sans laisser de moitié de fichier.
    """
    nom = champ.field.generate_filename(champ.instance, f"{uuid4().hex}.{extension}")
    ecrits = _ecrits.get()
    if ecrits is not None:
        ecrits.add((champ.storage, nom))
        transaction.on_commit(lambda: ecrits.discard((champ.storage, nom)))
    try:
        champ.name = champ.storage.save(nom, ContentFile(contenu), max_length=champ.field.max_length)
    except OSError:
        champ.storage.delete(nom)
        raise FichierRefuse(
            "Le serveur n’a plus de place pour ce fichier. Rien d’autre n’est perdu : prévenez l’administrateur."
        ) from None


def retirer(champ):
    """Efface le fichier de `champ` ; à appeler après la validation en base (`on_commit`)."""
    if champ:
        champ.storage.delete(champ.name)
