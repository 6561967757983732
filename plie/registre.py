"""Le registre des champs : ce que devient chaque donnée à la fin de vie d’un dossier (5-qualité, DP4)."""

from enum import StrEnum


class Classe(StrEnum):
    GARDER = "garder"
    PSEUDONYMISER = "pseudonymiser"
    EFFACER = "effacer"
    SENSIBLE = "sensible"


# Portés par tous les modèles historisés.
COMMUNS = {"id": Classe.GARDER, "version": Classe.GARDER}


def classer(*, garder="", pseudonymiser="", effacer="", sensible=""):
    """Rend {champ: Classe} à partir de listes de noms séparés par des espaces ; refuse un champ classé deux fois."""
    registre = {}
    for classe, noms in (
        (Classe.GARDER, garder),
        (Classe.PSEUDONYMISER, pseudonymiser),
        (Classe.EFFACER, effacer),
        (Classe.SENSIBLE, sensible),
    ):
        for nom in noms.split():
            if nom in registre:
                raise ValueError(f"Le champ « {nom} » est classé deux fois.")
            registre[nom] = classe
    return registre
