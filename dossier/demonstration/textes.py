"""Textes d’entretien : des phrases de métier, combinées. Objectives, utiles, lisibles par la personne elle-même."""

from entretiens.models import QuiFait
from plie.templatetags.interface import de

OBJECTIFS = {
    1: ["Faire connaissance et comprendre ce qui a changé depuis le dernier emploi",
        "Remettre à jour les droits et la situation administrative",
        "Retrouver un rythme : choisir une première activité dans la semaine",
        "Trouver une solution de garde avant de chercher un emploi",
        "Faire le point sur les déplacements : bus, permis, covoiturage"],
    2: ["Choisir deux pistes de métier à essayer : {metier} ou autre chose",
        "Préparer une immersion de deux semaines comme {metier}",
        "Comparer ce que le métier {de_metier} demande et ce que je sais faire",
        "Faire le bilan de la visite d’entreprise"],
    3: ["Préparer l’entrée en formation {de_metier}",
        "Faire le point à mi-parcours de la remise à niveau",
        "Organiser les tests d’entrée et le dossier de financement",
        "Suivre le chantier d’insertion et préparer la suite"],
    4: ["Préparer trois candidatures comme {metier}",
        "S’entraîner à l’entretien d’embauche de vendredi",
        "Faire le point après un mois dans l’emploi",
        "Répondre à l’offre {de_metier} reçue lundi"],
}  # fmt: skip
CONSTATS = {
    1: ["{prenom} n’a pas travaillé depuis plusieurs mois et souhaite reprendre pied à son rythme.",
        "Les papiers sont en ordre, sauf l’attestation de la CAF, demandée ensemble ce jour.",
        "La matinée est le meilleur moment pour se rencontrer.",
        "{prenom} vit près d’un arrêt de bus ; le trajet vers l’antenne prend vingt minutes.",
        "La garde du mercredi reste à trouver ; une place est possible en janvier.",
        "{prenom} dit se sentir plus à l’aise pour téléphoner aux administrations."],
    2: ["Deux pistes sont retenues : {metier}, et un métier en équipe près {de_commune}.",
        "{prenom} connaît déjà les gestes de base du métier {de_metier}.",
        "L’atelier « Découvrir les métiers » a confirmé l’envie de travailler en équipe.",
        "Les horaires en journée sont préférés ; le samedi est possible.",
        "La visite d’entreprise a plu ; le port de charges est à vérifier pendant l’immersion.",
        "{prenom} a posé des questions précises sur la formation et les débouchés."],
    3: ["La remise à niveau avance bien : huit séances suivies sur douze.",
        "Le formateur note une présence régulière et une bonne entraide.",
        "Le dossier de formation {de_metier} est complet ; la réponse est attendue sous quinze jours.",
        "{prenom} lit maintenant les plannings sans aide.",
        "Le code de la route est obtenu ; les leçons de conduite commencent en décembre."],
    4: ["Le CV est à jour et adapté au poste {de_metier}.",
        "Deux candidatures sont parties cette semaine, une réponse est attendue.",
        "{prenom} commence lundi, 28 heures par semaine ; le trajet est organisé.",
        "L’employeur est content de la ponctualité ; l’équipe est accueillante.",
        "L’entretien d’embauche s’est bien passé ; l’employeur rappelle vendredi."],
}  # fmt: skip
POINTS = ["Les démarches prévues sont faites, sauf une, reconduite parce que le rendez-vous a été déplacé.",
          "Tout ce qui était prévu est fait. Le courrier de la mairie est arrivé.",
          "La démarche auprès de la CAF est en cours : il manquait l’avis d’imposition.",
          "Le CV a été repris à l’atelier ; il reste à l’envoyer.",
          "L’appel à la halte-garderie est passé : réponse la semaine prochaine."]  # fmt: skip
NOTES = ["Rappeler le CCAS pour la place de crèche avant vendredi.", "Voir si l’aide au transport est cumulable.", "", "",
         "Proposer l’atelier « mes atouts » à la prochaine rencontre.", "Penser à relire le CV ensemble."]  # fmt: skip
DEMARCHES = [
    (QuiFait.PERSONNE, "Envoyer l’avis d’imposition à la CAF"), (QuiFait.PERSONNE, "Demander une place à la halte-garderie"),
    (QuiFait.PERSONNE, "Mettre à jour le CV à l’atelier du jeudi"), (QuiFait.PERSONNE, "Refaire la carte d’identité en mairie"),
    (QuiFait.PERSONNE, "S’inscrire au code de la route"), (QuiFait.PERSONNE, "Retrouver les certificats de travail"),
    (QuiFait.PERSONNE, "Visiter la cuisine de l’école"), (QuiFait.PERSONNE, "Demander la carte de transport"),
    (QuiFait.PERSONNE, "Apporter la notification de la CAF"), (QuiFait.PERSONNE, "Préparer trois questions pour l’employeur"),
    (QuiFait.CONSEILLER, "Appeler la crèche municipale pour la place"), (QuiFait.CONSEILLER, "Relancer le bilan d’immersion"),
    (QuiFait.CONSEILLER, "Envoyer l’adresse de l’atelier informatique"), (QuiFait.CONSEILLER, "Faire signer la convention d’immersion"),
    (QuiFait.CONSEILLER, "Transmettre le CV à l’employeur"), (QuiFait.CONSEILLER, "Prendre rendez-vous avec le plateau technique"),
]  # fmt: skip
AVIS = [("favorable", "Projet {de_metier} confirmé, disponible tout de suite. Besoin d’un appui pour les déplacements."),
        ("favorable", "Motivation claire, freins identifiés et déjà en partie levés. L’accompagnement renforcé est adapté."),
        ("favorable", "A besoin d’un référent unique et d’essais en entreprise avant de choisir entre deux métiers."),
        ("reserve", "Le projet est encore flou et la disponibilité limitée aux matinées : à revoir dans trois mois.")]  # fmt: skip
ATTENTES = ["Veut un métier manuel près de son domicile, et commencer par un essai en entreprise.",
            "Souhaite retrouver un emploi stable en journée, à moins de trente minutes de bus.",
            "Cherche à se former comme {metier} ; a déjà travaillé deux ans dans ce domaine.",
            "A besoin d’aide pour choisir entre deux métiers et pour les démarches en ligne.",
            "Veut reprendre une activité après plusieurs années consacrées à ses enfants.",
            "Attend un appui pour faire reconnaître son diplôme obtenu à l’étranger."]  # fmt: skip


def du_metier(metier):
    """Ce qu’une phrase peut dire d’un métier."""
    return {"metier": metier, "de_metier": de(metier)}


def entretien(hasard, phase, prenom, metier, commune):
    """Objectif, point, synthèse et notes d’un entretien tenu en `phase` (1 à 4)."""
    mots = {"prenom": prenom, "commune": commune, "de_commune": de(commune)} | du_metier(metier)
    constats = hasard.sample(CONSTATS[phase], k=3)
    return {
        "objectif": hasard.choice(OBJECTIFS[phase]).format(**mots),
        "point": hasard.choice(POINTS),
        "synthese": " ".join(c.format(**mots) for c in constats),
        "notes": hasard.choice(NOTES),
    }
