"""Une horloge se calcule : début, fin, limite, arrêts. Aucune requête ici, rien que des dates (2-domaine, « Clocks »)."""

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
    INCOHERENTE = "incoherente"


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
        """Tenue = délai brut dans la limite, sans exception ; None tant que ce n’est pas fini."""
        return self.ecoules <= self.limite if self.fin and self.etat != Etat.INCOHERENTE else None

    @property
    def est_finie(self):
        return self.fin is not None

    @property
    def reste(self):
        """Jours restants (négatif en retard), calculés sur le délai brut."""
        return self.limite - self.ecoules


def mesurer(debut, fin, limite, arrets=(), *, le):
    """Mesure une horloge à la date `le`. `arrets` : couples (du, au) de dates, `au` None si l’arrêt est ouvert.

    Une limite de 30 jours à partir de J est J + 30, ce jour compris. Un arrêt fermé repousse l’échéance de sa durée
    (les recouvrements comptent une fois) ; un arrêt ouvert la suspend. Un arrêt ne compte qu’entre le début et le plus
    petit de la fin et de la limite.
    """
    borne = fin or le
    ecoules = (borne - debut).days
    if fin and fin < debut:
        return Mesure(debut, fin, limite, ecoules, ecoules, debut + datetime.timedelta(limite), Etat.INCOHERENTE)
    arretes, ouvert = _jours_arretes(arrets, debut, min(borne, debut + datetime.timedelta(limite)), fin is None)
    echeance = None if ouvert else debut + datetime.timedelta(limite + arretes)
    return Mesure(debut, fin, limite, ecoules, ecoules - arretes, echeance, _etat(fin, ecoules, limite, ouvert))


def _etat(fin, ecoules, limite, ouvert):
    if fin:
        return Etat.TENUE if ecoules <= limite else Etat.ROMPUE
    if ouvert:
        return Etat.ARRETEE
    if ecoules > limite:
        return Etat.EN_RETARD
    return Etat.PRESSE if limite - ecoules <= JOURS_D_ALERTE else Etat.COURT


def _jours_arretes(arrets, debut, borne, en_cours):
    """Nombre de jours arrêtés entre `debut` et `borne`, et s’il reste un arrêt ouvert."""
    total, jusque, ouvert = 0, debut, False
    for du, au in sorted(arrets, key=lambda a: a[0]):
        if au is None and en_cours and du <= borne:
            ouvert = True
        commence, finit = max(du, jusque), min(au or borne, borne)
        if finit > commence:
            total += (finit - commence).days
            jusque = finit
    return total, ouvert
