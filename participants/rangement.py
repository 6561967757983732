"""Écrire un fichier avec la ligne qui le nomme : les deux restent, ou aucun (RE9)."""

from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

from django.core.files.base import ContentFile

from participants.fichiers import FichierRefuse

_ecrits = ContextVar("fichiers_ecrits", default=None)


@contextmanager
def fichiers_ou_rien():
    """À ouvrir autour de la transaction : si elle échoue, les fichiers rangés dedans sont effacés.

    Dans un autre `fichiers_ou_rien`, c’est le plus grand qui décide.
    """
    if _ecrits.get() is not None:
        yield
        return
    ecrits = []
    jeton = _ecrits.set(ecrits)
    try:
        yield
    except BaseException:
        for stockage, nom in ecrits:
            stockage.delete(nom)
        raise
    finally:
        _ecrits.reset(jeton)


def ranger(champ, extension, contenu):
    """Écrit `contenu` (octets) dans `champ` (FieldFile), sous un nom tiré au hasard : rien de personnel dans un chemin.

    Lève FichierRefuse si le disque est plein, sans laisser de moitié de fichier.
    """
    nom = champ.field.generate_filename(champ.instance, f"{uuid4().hex}.{extension}")
    ecrits = _ecrits.get()
    if ecrits is not None:
        ecrits.append((champ.storage, nom))
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
