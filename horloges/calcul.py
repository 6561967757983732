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


def mesurer(debut, fin, limite, arrets=(), *, le, abandon=None):
    """Mesure une horloge à la date `le`. `arrets` : couples (du, au) de dates, `au` None si l’arrêt est ouvert.

    Une limite de 30 jours à partir de J est J + 30, ce jour compris. Un arrêt fermé repousse l’échéance de sa durée
    (les recouvrements comptent une fois) ; un arrêt ouvert la suspend. Un arrêt ne compte qu’entre le début et le plus
    petit de la fin et de la limite. `abandon` : jour où l’on a cessé d’attendre sans que rien n’arrive ; passé la
    limite, l’engagement est rompu, avant elle il n’a plus d’objet.
    """
    borne, plafond = fin or abandon or le, debut + datetime.timedelta(limite)
    ecoules = (borne - debut).days
    if fin and fin < debut:
        return Mesure(debut, fin, limite, ecoules, ecoules, plafond, Etat.INCOHERENTE)
    finie = bool(fin or abandon)
    ouvert = not finie and any(au is None and du <= min(le, plafond) for du, au in arrets)
    net = ecoules - _jours_arretes(arrets, debut, min(borne, plafond))
    pousses = _jours_arretes(arrets, debut, min(borne, plafond) if finie else plafond, fermes=not finie)
    echeance = None if ouvert else plafond + datetime.timedelta(pousses)
    etat = etat_courant(fin, finie, ecoules, limite, echeance, borne)
    return Mesure(debut, fin, limite, ecoules, net, echeance, etat)


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


def _jours_arretes(arrets, debut, borne, *, fermes=False):
    """Jours arrêtés entre `debut` et `borne` ; un arrêt ouvert va jusqu’à `borne`, ou ne compte pas (`fermes`)."""
    total, jusque = 0, debut
    for du, au in sorted(arrets, key=lambda arret: arret[0]):
        if au is None and fermes:
            continue
        commence, finit = max(du, jusque), min(au or borne, borne)
        if finit > commence:
            total += (finit - commence).days
            jusque = finit
    return total
