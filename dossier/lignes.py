"""Une personne telle que la liste la montre : son parcours, ses délais, son prochain rendez-vous."""

from django.urls import reverse
from django.utils import timezone

from parcours.models import Phase
from plie.templatetags.interface import compte, date_courte, heure

COURTS = {Phase.COMPETENCE: "Compétences"}
RANGS = {phase.value: rang for rang, phase in enumerate(Phase, 1)}


def ligne(personne, horloges):
    """`horloges` : {code: delais.lignes.Ligne} de cette personne."""
    premier, rythme = horloges.get("premier_entretien"), horloges.get("rythme_entretiens")
    return {
        "nom": personne.nom_complet,
        "url": reverse("dossier:participant", args=[personne.pk]),
        "age": personne.age(),
        "numero": personne.numero,
        "lieu": personne.lieu,
        "referent": personne.referent_nom or "",
        "phase": _phase(personne),
        "premier": _premier(premier),
        "rythme": rythme.horloge if rythme else None,
        "vu_le": personne.vu_le,
        "vu_aujourd_hui": bool(rythme) and personne.vu_le == timezone.localdate(),
        "rdv": _rdv(personne.prochain_rdv),
        "rdv_presse": bool(rythme) and rythme.mesure.couleur in ("retard", "attention"),
    }


def _phase(personne):
    if not personne.phase:
        return None
    jours = (timezone.localdate() - personne.phase_du).days
    duree = compte(round(jours / 30.44), "mois/mois") if jours > 60 else compte(jours // 7, "semaine")
    nom = COURTS.get(personne.phase, Phase(personne.phase).label)
    return {"rang": RANGS[personne.phase], "nom": nom, "detail": duree if jours >= 7 else compte(jours, "jour")}


def _premier(horloge):
    """Le premier entretien : son horloge tant qu’il n’est pas tenu, puis ce qu’il en a été."""
    if horloge is None:
        return None
    if not horloge.mesure.est_finie:
        return {"horloge": horloge.horloge}
    if horloge.mesure.tenue is None:
        return {"texte": "sans objet", "etat": "neutre"}
    return {"texte": "tenu", "etat": "ok"} if horloge.mesure.tenue else {"texte": "rompu", "etat": "retard"}


def _rdv(debut):
    if debut is None:
        return ""
    if timezone.localdate(debut) == timezone.localdate():
        return f"auj. {heure(debut)}"
    return f"{date_courte(debut)}, {heure(debut)}"
