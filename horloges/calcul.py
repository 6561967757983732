"""Ce qu’est une horloge un jour donné : ses états, sa mesure. Ses jours et ses arrêts se comptent dans horloges/sql.py."""

import datetime
from dataclasses import dataclass
from enum import StrEnum

JOURS_D_ALERTE = 10


class Etat(StrEnum):
    COURT = "court"
    PRESSE = "presse"
    EN_RETARD = "en_retard"
    ARRETEE = "arretee"
    TENUE = "tenue"
    ROMPUE = "rompue"
    SANS_OBJET = "sans_objet"
    INCOHERENTE = "incoherente"


# Ce que l’écran en montre : icône et couleur (composant « horloge »).
COULEURS = {
    Etat.COURT: "info",
    Etat.PRESSE: "attention",
    Etat.EN_RETARD: "retard",
    Etat.ARRETEE: "neutre",
    Etat.TENUE: "ok",
    Etat.ROMPUE: "retard",
    Etat.SANS_OBJET: "neutre",
    Etat.INCOHERENTE: "attention",
}


@dataclass(frozen=True)
class Mesure:
    """L’état d’une horloge un jour donné. `ecoules` et `net` en jours ; `echeance` est None pendant un arrêt ouvert."""

    debut: datetime.date
    fin: datetime.date | None
    limite: int
    ecoules: int
    net: int
    echeance: datetime.date | None
    etat: Etat

    @property
    def tenue(self):
        """Tenue = délai brut dans la limite, sans exception ; None tant que ce n’est pas fini, ou incohérent."""
        return {Etat.TENUE: True, Etat.ROMPUE: False}.get(self.etat)

    @property
    def est_finie(self):
        return self.etat in (Etat.TENUE, Etat.ROMPUE, Etat.SANS_OBJET, Etat.INCOHERENTE)

    @property
    def arretes(self):
        """Jours expliqués par des arrêts."""
        return self.ecoules - self.net

    @property
    def couleur(self):
        return COULEURS[self.etat]


def etat_courant(fin, finie, ecoules, limite, echeance, le):
    """L’état d’une horloge cohérente ; `echeance` None dit qu’un arrêt ouvert la suspend."""
    if finie:
        if ecoules > limite:
            return Etat.ROMPUE
        return Etat.TENUE if fin else Etat.SANS_OBJET
    if echeance is None:
        return Etat.ARRETEE
    if le > echeance:
        return Etat.EN_RETARD
    return Etat.PRESSE if (echeance - le).days <= JOURS_D_ALERTE else Etat.COURT
