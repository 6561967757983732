"""Lire un réglage ou l’identité de la structure, sans une requête par appel."""

import time

from django.utils import timezone

from reglages.catalogue import CATALOGUE
from reglages.models import Reglage, Structure

DUREE_DU_CACHE = 30  # secondes : un réglage changé vaut partout en moins d’une minute
_cache = {}


def valeur(code, le=None):
    """Valeur du réglage `code` en vigueur à la date `le` (aujourd’hui par défaut) : entier ou texte du catalogue."""
    le, defaut = le or timezone.localdate(), CATALOGUE[code].defaut
    for du, texte in _memo("reglages", _charger).get(code, ()):
        if du <= le:
            return type(defaut)(texte)
    return defaut


def paliers(code):
    """Les valeurs successives du réglage : [(None, valeur de départ), (à partir du, valeur), …], dans l’ordre des dates."""
    defaut = CATALOGUE[code].defaut
    datees = [(du, type(defaut)(texte)) for du, texte in _memo("reglages", _charger).get(code, ())]
    return [(None, defaut), *reversed(datees)]


def structure():
    """La structure en vigueur ; les valeurs de départ tant que personne n’a rien saisi."""
    return _memo("structure", lambda: Structure.objects.first() or Structure())


def oublier():
    """À appeler après une écriture, et entre deux tests."""
    _cache.clear()


def _charger():
    lignes = {}
    for code, du, texte in Reglage.objects.order_by("-du").values_list("code", "du", "valeur"):
        lignes.setdefault(code, []).append((du, texte))
    return lignes


def _memo(nom, charger):
    expire, contenu = _cache.get(nom, (0, None))
    if expire < time.monotonic():
        contenu = charger()
        _cache[nom] = (time.monotonic() + DUREE_DU_CACHE, contenu)
    return contenu
