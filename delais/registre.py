"""Le registre des engagements sur douze mois, et sa tendance : de quoi le lire en chiffres et le voir."""

import datetime

from django.db.models import Max, Sum
from django.utils import timezone

from delais.acces import voit_tout
from delais.bilans import MOIS, premier_mois
from delais.models import Bilan
from horloges.registre import DEFINITIONS
from plie.templatetags.interface import MOIS_COURTS
from reglages.lecture import valeur

MARGE = 10  # points sous l’objectif, au-delà desquels c’est rouge
INTERLIGNE = 16
LARGEUR, GAUCHE, HAUT, BAS = 600, 40, 16, 200


def registre(filtre):
    """{lignes, mois, graphe, compte_le} pour les filtres d’antenne et de conseiller, ou None tant que rien n’est compté.

    Une requête, sur quelques lignes par conseiller et par mois.
    """
    bilans = Bilan.objects.all() if voit_tout(filtre.utilisateur) else Bilan.objects.visibles_par(filtre.utilisateur)
    bilans = bilans.filter(mois__gte=premier_mois())
    if filtre.antenne:
        bilans = bilans.filter(antenne=filtre.antenne)
    if filtre.conseiller:
        bilans = bilans.filter(conseiller=filtre.conseiller)
    comptes = list(
        bilans.values("horloge", "mois")
        .annotate(t=Sum("tenues"), r=Sum("rompues"), le=Max("compte_le"))
        .order_by("mois")
    )
    if not comptes:
        return None
    par_mois = {(c["horloge"], c["mois"]): (c["t"], c["r"]) for c in comptes}
    return {
        "objectif": valeur("objectif_delais"),
        "lignes": [_ligne(definition, comptes, filtre) for definition in DEFINITIONS.values()],
        "mois": [_mois(mois, par_mois, filtre) for mois in reversed(_douze_mois())],
        "graphe": _graphe(par_mois),
        "compte_le": max(c["le"] for c in comptes),
        "noms": [definition.court for definition in DEFINITIONS.values()],
    }


def taux(tenues, rompues):
    """Part tenue, en pour cent entiers ; None quand rien n’est fini."""
    return tenues * 100 // (tenues + rompues) if tenues + rompues else None


def etat_du_taux(part):
    objectif = valeur("objectif_delais")
    if part is None:
        return "neutre"
    if part >= objectif:
        return "ok"
    return "attention" if part >= objectif - MARGE else "retard"


def _ligne(definition, comptes, filtre):
    tenues = sum(c["t"] for c in comptes if c["horloge"] == definition.code)
    rompues = sum(c["r"] for c in comptes if c["horloge"] == definition.code)
    part = taux(tenues, rompues)
    return {
        "nom": definition.libelle,
        "limite": valeur(definition.reglage),
        "taux": part,
        "etat": etat_du_taux(part),
        "tenues": tenues,
        "rompues": rompues,
        "url_tenues": filtre.url(vue="tenues", horloge=definition.code, mois=None),
        "url_rompues": filtre.url(vue="rompues", horloge=definition.code, mois=None),
        "url_en_cours": filtre.url(vue="en_cours", horloge=definition.code, mois=None),
    }


def _mois(mois, par_mois, filtre):
    cellules = []
    for code in DEFINITIONS:
        part = taux(*par_mois.get((code, mois), (0, 0)))
        ecart = None if part is None else part - valeur("objectif_delais")
        url = filtre.url(vue="rompues", horloge=code, mois=f"{mois:%Y-%m}")
        moins = "" if ecart is None else f"−{-ecart}"
        cellules.append({"taux": part, "ecart": ecart, "moins": moins, "url": url})
    return {"mois": f"{MOIS_COURTS[mois.month - 1]} {mois.year}", "cellules": cellules}


def _douze_mois():
    debut, mois = premier_mois(), []
    for _ in range(MOIS):
        mois.append(debut)
        debut = (debut + datetime.timedelta(32)).replace(day=1)
    return mois


def _graphe(par_mois):
    """Les points du tracé, dans un cadre de 720 × 240 ; l’échelle descend de 100 à une dizaine ronde."""
    mois = _douze_mois()
    series = [[taux(*par_mois.get((code, m), (0, 0))) for m in mois] for code in DEFINITIONS]
    connus = [part for serie in series for part in serie if part is not None] + [valeur("objectif_delais")]
    bas = max(0, min(90, (min(connus) - 5) // 10 * 10))
    pas = (LARGEUR - GAUCHE) / MOIS

    def y(part):
        return round(BAS - (BAS - HAUT) * (part - bas) / (100 - bas))

    traces = []
    for rang, (definition, serie) in enumerate(zip(DEFINITIONS.values(), series, strict=True), 1):
        points = [{"x": round(GAUCHE + pas * (i + 0.5)), "y": y(p)} for i, p in enumerate(serie) if p is not None]
        trace = " ".join(f"{p['x']},{p['y']}" for p in points)
        traces.append(
            {"rang": rang, "nom": definition.libelle, "court": definition.court, "points": points, "trace": trace}
            | {"nom_y": points[-1]["y"] if points else None}
        )
    cible = {"y": y(valeur("objectif_delais"))}
    _ecarter([t for t in traces if t["nom_y"] is not None], cible)
    return {
        "traces": traces,
        "cible": cible["y"],
        "cible_texte": cible["nom_y"],
        "lignes": [{"y": y(part), "texte": part} for part in range(100, bas - 1, -10 if bas < 70 else -5)],
        "mois": [
            {"x": round(GAUCHE + pas * (i + 0.5)), "texte": MOIS_COURTS[m.month - 1], "impair": i % 2}
            for i, m in enumerate(mois)
        ],
        "annee": timezone.localdate().year,
    }


def _ecarter(traces, cible):
    """Pose les étiquettes à droite des tracés, du haut vers le bas, sans qu’elles se touchent."""
    cible["nom_y"], plus_bas = cible["y"], 0
    for etiquette in sorted([*traces, cible], key=lambda e: e["nom_y"]):
        etiquette["nom_y"] = plus_bas = max(etiquette["nom_y"] + 4, plus_bas + INTERLIGNE)
