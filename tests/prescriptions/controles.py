"""Les gestes du contrôle, tels que l’écran les poste."""

from django.urls import reverse

from prescriptions.listes import Verdict
from tests.prescriptions.dossiers import demande


def url(prescription, nom="controle"):
    return reverse(f"prescriptions:{nom}", args=[prescription.pk])


def a_voir(**champs):
    """Au contrôle, aucune pièce vue."""
    return demande("validee", verdict=Verdict.A_CONTROLER, **champs)


def geste(case, verdict="conforme", **autres):
    """Ce que poste l’écran quand tout est coché."""
    case.refresh_from_db()
    date = case.piece.etablie_le if case.piece_id else None
    lu = {"etablie_le": f"{date:%d/%m/%Y}"} if date and case.type.validite_mois else {}
    return {"ligne": case.pk, "version": case.version, "verdict": verdict, "points": case.type.points} | lu | autres


def relue(objet):
    return type(objet).objects.get(pk=objet.pk)


def juger_tout(client, prescription, verdict="conforme"):
    for case in prescription.lignes.all():
        client.post(url(prescription), geste(case, verdict))
