"""Le contenu figé des documents : ce que le gabarit imprime, en textes et en dates ISO. Les notes n’y entrent jamais."""

import datetime
import hashlib
import json

from django.utils import timezone
from django.utils.text import capfirst

from documents.actions import structure_figee
from documents.models import ALPHABET, RoleSignataire
from entretiens.models import GenreEntretien, MoyenRendezVous, QuiFait, ReponseRevue
from parcours.models import Phase
from participants.models import Sexe
from plie.templatetags.interface import JOURS as NOMS_DES_JOURS
from plie.templatetags.interface import date_longue, de, jour_mois
from reglages.lecture import valeur

CIVILITES = {Sexe.FEMME: "Mme", Sexe.HOMME: "M."}
PRESENCE = {
    MoyenRendezVous.SUR_PLACE: "en présence",
    MoyenRendezVous.TELEPHONE: "par téléphone",
    MoyenRendezVous.VISIO: "en visio",
    MoyenRendezVous.VISITE: "à l’extérieur",
}
OU_ON_EN_EST = {
    ReponseRevue.FAITE: "Fait",
    ReponseRevue.RECONDUITE: "En cours",
    ReponseRevue.ABANDONNEE: "Abandonné",
}
CE_QUE_L_ON_FERA = {  # l’objet, tel que l’équipe le note, dit à la personne
    "premier entretien": "Nous vous présenterons le PLIE et ses services.",
    "diagnostic": "Nous parlerons de votre parcours et de vos projets.",
    "point d’étape": "Nous ferons le point ensemble.",
}
AVANT_SIGNATURE = "Le texte complet et cette page disent la même chose. On peut me lire les deux."
BREF, MEME_SEANCE = 300, 4 * 3600  # secondes : en deçà ou au-delà, l’heure de clôture n’est pas la fin de l’entretien


def synthese(entretien, *, revues, demarches, rang, phase=None):
    """Le contenu figé de la synthèse d’un entretien.

    revues : couples (démarche, réponse) ; demarches : celles qui sont à faire, reconduites d’abord ; rang : le combientième
    entretien de la personne ; phase : code, None avant l’entrée.
    """
    participant, conseiller = entretien.participant, entretien.conseiller
    personne = nom_poli(participant)
    document = {
        "titre": "Synthèse d’entretien",
        "objet_pdf": f"Synthèse de l’entretien du {jour_long(entretien.jour)}, cosignée et remise à la personne",
        "date": entretien.jour.isoformat(),
        "rappel": f"{personne}, {jour_long(entretien.jour)}",
        "sous_titre": f"{personne} – {date_longue(entretien.jour)}{_horaires(entretien)}",
        "reperes": _reperes(entretien, rang, phase),
        "objectif": entretien.objectif,
        "information": _information(entretien),
        "actions": [
            {"action": d.quoi, "etat": OU_ON_EN_EST[reponse], "qui": _qui(d, participant, conseiller)}
            for d, reponse in revues
        ],
        "point": entretien.point,
        "synthese": entretien.synthese,
        "demarches": [
            {
                "qui": _qui(d, participant, conseiller),
                "quoi": d.quoi,
                "pour_le": d.pour_le.isoformat() if d.pour_le else "",
            }
            for d in demarches
        ],
        "rdv": rendez_vous(entretien.prochain_rendez_vous),
        "sans_rdv": entretien.sans_suite_rdv,
        "clair": {
            "moi": [_en_clair(d) for d in demarches if d.qui == QuiFait.PERSONNE],
            "conseiller": [_en_clair(d) for d in demarches if d.qui == QuiFait.CONSEILLER],
        },
        "conseiller": {
            "nom": nom_poli(conseiller),
            "ma": mon_conseiller(conseiller),
            "telephone": conseiller.telephone or _telephone_de_l_antenne(participant),
        },
        "avant_signature": AVANT_SIGNATURE,
    }
    return {
        "structure": structure_figee(),
        "document": document,
        "signataires": {
            RoleSignataire.PERSONNE: _accorder(participant.sexe, "Participant", "Participante"),
            RoleSignataire.CONSEILLER: fonction(conseiller),
        },
    }


def correction(contenu, *, remplace, motif, textes):
    """Le contenu d’une nouvelle version : les textes corrigés, et ce qu’elle remplace."""
    document = contenu["document"] | textes
    document["remplace"] = {
        "version": remplace.numero_version,
        "date": timezone.localdate(remplace.fige_le).isoformat(),
        "motif": motif,
    }
    return contenu | {"document": document}


def convocation(rdv):
    """Le contenu figé de l’invitation à un rendez-vous."""
    participant, conseiller = rdv.participant, rdv.conseiller
    adresse = [nom_poli(participant), participant.adresse, f"{participant.code_postal} {participant.lieu}".strip()]
    ici = rdv.moyen == MoyenRendezVous.SUR_PLACE and rdv.antenne
    depuis = rdv.antenne or participant.antenne
    document = {
        "titre": "Invitation à un rendez-vous",
        "objet_pdf": "Lettre de rendez-vous",
        "date": timezone.localdate().isoformat(),
        "rappel": nom_poli(participant),
        "destinataire": [ligne for ligne in adresse if ligne],
        "lieu": depuis.nom if depuis else "",
        "appel": _accorder(participant.sexe, "Monsieur", "Madame", "Bonjour"),
        "texte": [
            f"Nous vous invitons à un rendez-vous avec {nom_poli(conseiller)}. {_ce_que_l_on_fera(rdv)}".strip()
        ],
        "rdv": rendez_vous(rdv) | {"adresse": rdv.antenne.adresse if ici else "", "duree": _duree(rdv.duree)},
        "conseiller": {
            "nom": nom_poli(conseiller),
            "role": f"{fonction(conseiller)}, {structure_figee()['nom']}",
            "telephone": conseiller.telephone or _telephone_de_l_antenne(participant),
        },
    }
    return {"structure": structure_figee(), "document": document, "signataires": {}}


def _ce_que_l_on_fera(rdv):
    autre = f"Nous parlerons de : {rdv.objet}." if rdv.objet else ""
    return CE_QUE_L_ON_FERA.get(rdv.objet.lower().replace("'", "’"), autre)


def livret(conseiller):
    """Le livret d’information au nom de qui le remet. Il n’est pas de la personne : rien à figer, rien à vérifier."""
    structure, jour_du_jour = structure_figee() | {"verification": ""}, timezone.localdate()
    fiche = {
        "titre": "Livret d’information",
        "objet_pdf": "Livret d’information remis au premier entretien",
        "version": 1,
        "delais": {"information": valeur("delai_premier_entretien"), "diagnostic": valeur("delai_diagnostic")},
        "conseiller": {"nom": nom_poli(conseiller), "telephone": conseiller.telephone},
    }
    empreinte = hashlib.sha256(json.dumps([structure, fiche], sort_keys=True).encode()).digest()
    code = "".join(ALPHABET[octet % len(ALPHABET)] for octet in empreinte[:10])
    return {"structure": structure, "document": fiche | {"code": code, "date": jour_du_jour, "fait_le": jour_du_jour}}


def rendez_vous(rdv):
    """Un rendez-vous pour un gabarit : date, heure, lieu ; vide sans rendez-vous."""
    if rdv is None:
        return {}
    debut, lieu = timezone.localtime(rdv.debut), rdv.lieu_affiche
    return {
        "date": debut.date().isoformat(),
        "heure": f"{debut:%H:%M}",
        "lieu": lieu,
        "lieu_court": capfirst(lieu),
    }


def nom_poli(qui):
    """« Mme Anissa Belkhiri » : une personne ou un conseiller, avec sa civilité si on la connaît."""
    civilite = qui.civilite if hasattr(qui, "civilite") else CIVILITES.get(qui.sexe, "")
    return f"{civilite} {qui.prenom} {qui.nom}".strip()


def mon_conseiller(conseiller):
    """« ma conseillère », dans la bouche de la personne."""
    return {"Mme": "ma conseillère", "M.": "mon conseiller"}.get(conseiller.civilite, "la personne qui me suit")


def fonction(conseiller):
    return {"Mme": "Conseillère", "M.": "Conseiller"}.get(conseiller.civilite, "Conseiller")


def jour_long(jour):
    """« 12 novembre 2026 », toujours avec l’année : un document se relit des années après."""
    texte = jour_mois(jour)
    return texte if texte.endswith(str(jour.year)) else f"{texte} {jour.year}"


def jour(iso):
    """La date d’un texte ISO, None s’il est vide."""
    return datetime.date.fromisoformat(iso) if iso else None


def _horaires(entretien):
    debut, fin = timezone.localtime(entretien.debut), timezone.localtime()
    if debut.date() != entretien.jour:
        return ""
    if BREF < (fin - debut).total_seconds() < MEME_SEANCE:
        return f", de {_heure(debut)} à {_heure(fin)}"
    return f", à {_heure(debut)}"


def _heure(moment):
    return f"{moment.hour} h {moment.minute:02d}" if moment.minute else f"{moment.hour} h"


def _reperes(entretien, rang, phase):
    rdv = entretien.rendez_vous
    antenne = rdv.antenne if rdv else entretien.participant.antenne
    lieu = rdv.lieu if rdv else ""
    if entretien.moyen == MoyenRendezVous.SUR_PLACE and antenne:
        lieu = f"antenne {de(antenne.nom)}"
    reperes = [(fonction(entretien.conseiller), nom_poli(entretien.conseiller))]
    if lieu:
        reperes.append(("Lieu", capfirst(lieu)))
    reperes.append(("Entretien", f"N° {rang}, {PRESENCE[entretien.moyen]}"))
    if phase:
        reperes.append(("Phase du parcours", f"{Phase(phase).value[0]}. {Phase(phase).label}"))
    return reperes


def _information(entretien):
    """Ce qui a été présenté au premier entretien (C2) : imprimé, donc signé."""
    if entretien.genre != GenreEntretien.PREMIER:
        return []
    donnees = [
        (entretien.presente_structure, "le fonctionnement de la structure"),
        (entretien.presente_services, "les services"),
        (entretien.presente_etapes, "les étapes clés du parcours"),
    ]
    textes = [texte for faite, texte in donnees if faite]
    if entretien.livret_remis_le:
        textes.append(f"le livret d’information, remis le {jour_long(entretien.livret_remis_le)}")
    return textes


def _qui(demarche, participant, conseiller):
    if demarche.qui == QuiFait.CONSEILLER:
        return f"{conseiller.civilite} {conseiller.nom}".strip()
    return f"{CIVILITES.get(participant.sexe, participant.prenom)} {participant.nom}"


def _en_clair(demarche):
    quoi = demarche.quoi.strip()
    quoi = capfirst(quoi)
    clair = {"quoi": quoi if quoi[-1:] in ".!?…" else f"{quoi}."}
    if demarche.pour_le:
        clair["quand"] = f"Avant le {_jour_nomme(demarche.pour_le)}"
    return clair


def _jour_nomme(jour):
    return f"{NOMS_DES_JOURS[jour.weekday()]} {jour_mois(jour)}"


def _telephone_de_l_antenne(participant):
    return participant.antenne.telephone if participant.antenne_id else ""


def _duree(minutes):
    if minutes % 60 == 0:
        return "1 heure" if minutes == 60 else f"{minutes // 60} heures"
    return f"{minutes} minutes" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d}"


def _accorder(sexe, masculin, feminin, autre=None):
    return {Sexe.FEMME: feminin, Sexe.HOMME: masculin}.get(sexe, autre or masculin)
