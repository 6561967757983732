"""La règle des horloges écrite une seconde fois, en dates et sans base : ce que horloges/sql.py doit répondre."""

import datetime

from horloges.calcul import Etat, Mesure, etat_courant


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
