"""Où en est une demande : ses étapes, à qui le tour et depuis quand, ce que feront les autres."""

from django.db.models import UUIDField
from django.urls import reverse

from horloges.calcul import Etat
from horloges.registre import COLONNES, mesure_de
from plie.requetes import gardee
from plie.templatetags.interface import compte, date_courte, date_longue, de, depuis, heure, jour_court
from prescriptions.eligibilite import Preuve
from prescriptions.horloges import PREMIER_ENTRETIEN
from prescriptions.listes import FINIES, StatutPrescription
from prescriptions.permissions import est_son_tour

S = StatutPrescription


def depuis_quand(moment):
    """depuis 3 jours, depuis hier, depuis aujourd’hui, depuis un instant"""
    texte = depuis(moment)
    return "depuis un instant" if texte == "à l’instant" else f"depuis {texte.removeprefix('il y a ')}"


def accorder_referent(utilisateur):
    return "référente" if utilisateur and utilisateur.civilite == "Mme" else "référent"


# La frise


def etapes(prescription):
    """Les étapes de la demande pour components/frise.html : ce qui est fait, l’étape courante, ce qui vient."""
    p, statut = prescription, prescription.statut
    faits = [_fait("Orientée", p.orientee_le)]
    if p.prise_en_charge_le:
        faits.append(_fait("En instruction", p.prise_en_charge_le))
    if p.pertinence_validee_le:
        faits.append(_fait("Pertinence validée", p.pertinence_validee_le))
    if p.accordee_le:
        faits += [_fait("Contrôle", None), _fait("Accord", p.accordee_le)]
    if statut == S.EN_INSTRUCTION:
        faits.pop()
    courante = {
        S.ORIENTEE: "À prendre en charge",
        S.EN_INSTRUCTION: "En instruction",
        S.A_COMPLETER: "À compléter",
        S.TRANSMISE: "À valider",
        S.A_CONTROLER: "Au contrôle",
        S.ACCORDEE: "Entrée à acter",
    }.get(statut)
    if courante:
        genre = "attention" if statut in (S.A_COMPLETER, S.ORIENTEE) else "info"
        present = {"nom": courante, "detail": depuis_quand(p.statut_depuis), "etat": "courante", "genre": genre}
        return [*faits, present, *_a_venir(p)]
    fin = {
        S.ENTREE_ACTEE: ("Entrée actée", "ok"),
        S.REFUSEE: ("Refusée", "retard"),
        S.SANS_SUITE: ("Sans suite", "neutre"),
    }[statut]
    return [*faits, {"nom": fin[0], "detail": jour_court(p.statut_depuis), "etat": "courante", "genre": fin[1]}]


def _fait(nom, moment):
    return {"nom": nom, "detail": jour_court(moment) if moment else "", "etat": "fait"}


def _a_venir(p):
    noms = []
    if p.statut == S.ORIENTEE:
        noms.append("Instruction")
    if not p.pertinence_validee_le and p.statut != S.TRANSMISE:
        noms.append("Pertinence")
    if p.statut not in (S.A_CONTROLER, S.ACCORDEE):
        noms.append("Contrôle")
    if p.statut != S.ACCORDEE:
        noms.append("Accord")
    prevue = f"prévue le {jour_court(p.entree_prevue_le)}" if p.entree_prevue_le else ""
    suite = [{"nom": nom} for nom in noms]
    return suite if p.statut == S.ACCORDEE else [*suite, {"nom": "Entrée", "detail": prevue}]


# À qui le tour


def tour(prescription, lecteur, pas=None):
    """Le bandeau : c’est à vous, et le seul prochain pas (`pas` : {texte, acte}), ou qui l’on attend et depuis quand."""
    if prescription.est_finie:
        return _fin(prescription)
    if pas and est_son_tour(lecteur, prescription):
        icone = "arrow-back-up" if prescription.statut == S.A_COMPLETER else "bolt"
        return {"etat": "attention", "icone": icone, "titre": "C’est à vous."} | pas
    return {"etat": "info", "icone": "hourglass", "titre": "", "texte": f"{attente(prescription)}."}


def attente(prescription):
    """Qui l’on attend, et depuis quand, en une phrase sans point."""
    p = prescription
    antenne = f"L’antenne {de(p.antenne.nom)} prendra" if p.antenne_id else "La responsable confiera"
    suite = "la demande en charge" if p.antenne_id else "la demande à une antenne"
    qui = {
        S.ORIENTEE: f"{antenne} {suite} ; elle attend",
        S.EN_INSTRUCTION: f"{p.conseiller} instruit la demande,",
        S.A_COMPLETER: f"{p.conseiller} complète la demande,",
        S.TRANSMISE: "La responsable valide la pertinence ; la demande attend",
        S.A_CONTROLER: "Les Statistiques contrôlent les pièces ; la demande attend",
        S.ACCORDEE: "L’équipe d’animation acte l’entrée ; la demande attend",
    }[p.statut]
    return f"{qui} {depuis_quand(p.statut_depuis)}"


def tour_court(prescription):
    """Qui l’on attend, en un ou deux mots, pour une liste."""
    if prescription.statut in FINIES:
        return ""
    if prescription.statut == S.ORIENTEE:
        return f"Antenne de {prescription.antenne.nom}" if prescription.antenne_id else "Sans antenne"
    conseiller = str(prescription.conseiller or "Conseiller")
    return {S.TRANSMISE: "Responsable", S.A_CONTROLER: "Statistiques", S.ACCORDEE: "Animation"}.get(
        prescription.statut, conseiller
    )


def _fin(p):
    if p.statut == S.ENTREE_ACTEE:
        dossier = {
            "texte": "Ouvrir le dossier",
            "url": reverse("dossier:participant", args=[p.participant_id]),
            "icone": "folder-open",
        }
        texte = f"le {date_longue(p.entree_actee_le)}, par {p.entree_actee_par} : la personne a son parcours."
        return {"etat": "ok", "icone": "circle-check", "titre": "Entrée actée", "texte": texte, "acte": dossier}
    if p.statut == S.REFUSEE:
        texte = f"le {date_longue(p.refusee_le)}, par {p.refusee_par} : {p.get_motif_refus_display().lower()}. "
        return {
            "etat": "retard",
            "icone": "circle-x",
            "titre": "Refusée",
            "texte": f"{texte}La personne est dirigée vers : {p.dirigee_vers}.",
        }
    texte = f"le {date_longue(p.sans_suite_le)}, par {p.sans_suite_par} : {p.get_motif_sans_suite_display().lower()}."
    return {"etat": "neutre", "icone": "archive", "titre": "Classée sans suite", "texte": texte}


# Les autres, ensuite


def aux_autres(prescription, eligibilite, lecteur):
    """Ce que feront les autres, pour components/verif.html ; ce qui revient au lecteur est dit ailleurs."""
    p = prescription
    if p.est_finie:
        return []
    manque = [r for r in eligibilite.obligatoires if r.preuve in (Preuve.NON_PROUVE, Preuve.EXPIRE)]
    points = [_point("Valider la pertinence", p.pertinence_validee_le and p.pertinence_validee_par, "responsable")]
    reste = f" · {compte(len(manque), 'preuve manque/preuves manquent')}" if manque and not p.accordee_le else ""
    points.append(_point(f"Accorder{reste}", p.accordee_le and p.accordee_par, "statistiques"))
    suite = "" if p.accordee_le else " · après l’accord"
    points.append(_point(f"Acter l’entrée{suite}", None, "animation"))
    return [p for p in points if p["fait"] or not lecteur.a_role(p["precision"])]


def _point(texte, auteur, role):
    return {"texte": texte, "fait": bool(auteur), "precision": str(auteur) if auteur else role}


# L’horloge C1


def horloges_de(prescriptions):
    """L’horloge du premier entretien de chaque demande, en une requête : {clé: Mesure}."""
    demandes = {p.pk: p.participant_id for p in prescriptions}
    if not demandes:
        return {}
    lignes = _horloges(personnes=list(set(demandes.values())), demandes=list(demandes))
    return {ligne["objet_id"]: mesure_de(ligne) for ligne in lignes}


@gardee(personnes=[UUIDField()], demandes=[UUIDField()])
def _horloges(personnes, demandes):
    return PREMIER_ENTRETIEN.du_dossier(personnes).filter(pk__in=demandes).values(*COLONNES)


def horloge(mesure, rendez_vous_le=None):
    """La Mesure, telle que le composant « horloge » la montre ; None quand il n’y a plus rien à attendre."""
    if mesure is None or mesure.etat == Etat.SANS_OBJET:
        return None
    if mesure.est_finie and mesure.fin:
        return {"etat": mesure.couleur, "terminee": True, "texte": f"tenu à J+{mesure.ecoules}"}
    detail = ""
    if mesure.etat == Etat.ARRETEE:
        detail = "arrêtée"
    elif rendez_vous_le:
        detail = f"RDV {date_courte(rendez_vous_le)}, {heure(rendez_vous_le)}"
    elif mesure.etat == Etat.EN_RETARD:
        detail = f"{compte(mesure.ecoules - mesure.limite, 'jour')} de retard"
    elif mesure.echeance:
        detail = f"avant le {jour_court(mesure.echeance)}"
    return {"etat": mesure.couleur, "jours": mesure.ecoules, "limite": mesure.limite, "detail": detail}
