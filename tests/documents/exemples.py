"""Contextes d’essai des documents ; personnes, adresses et numéros inventés. Les dates viennent comme d’un JSON."""

STRUCTURE = {
    "nom": "PLIE du Dunkerquois",
    "association": "Entreprendre Ensemble",
    "adresse": "1 rue de l'Exemple, 59140 Dunkerque",
    "telephone": "03 53 01 00 00",
    "verification": "plie.example/verifier",
    "territoire": "15 communes de la Communauté urbaine de Dunkerque",
}
LOGO = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
TRACE = "M12 52C30 8 44 8 40 44S28 74 24 58 70 30 78 44 66 66 62 54 88 34 96 42s2 22 12 10"


def synthese(**changements):
    return {
        "titre": "Synthèse d’entretien",
        "code": "7K3M9QXT4D",
        "version": 1,
        "fait_le": "2026-11-12",
        "date": "2026-11-12",
        "objet_pdf": "Synthèse de l’entretien du 12 novembre 2026, cosignée et remise à la personne",
        "rappel": "Mme Anissa Belkhiri, 12 novembre 2026",
        "sous_titre": "Mme Anissa Belkhiri – jeudi 12 novembre 2026, de 9 h 30 à 10 h 20",
        "reperes": [
            ["Référente de parcours", "Mme Claire Vandaele"],
            ["Lieu", "Antenne de Grande-Synthe"],
            ["Entretien", "N° 4, en présence"],
            ["Phase du parcours", "2. Orientation"],
        ],
        "conseiller": {"nom": "Mme Claire Vandaele", "ma": "ma conseillère", "telephone": "03 53 01 00 12"},
        "objectif": "Choisir le métier à essayer en premier, et trouver une solution de garde pour Inès, 4 ans.",
        "actions": [
            {"action": "Visite de la cuisine centrale", "etat": "Fait", "retenu": "Travail d'équipe apprécié."},
            {
                "action": "Dossier de garde d'enfant (CAF)",
                "etat": "En cours",
                "retenu": "Il manque l'avis d'imposition.",
            },
        ],
        "etapes": ["Une immersion (PMSMP) de 2 semaines en restauration collective.", "Un bilan de l'immersion."],
        "demarches": [
            {"qui": "Mme Belkhiri", "quoi": "Envoyer l'avis d'imposition à la CAF", "pour_le": "2026-11-17"},
            {"qui": "Mme Vandaele", "quoi": "Faire signer la convention d'immersion", "pour_le": "2026-12-01"},
        ],
        "rdv": {"date": "2026-12-01", "heure": "09:30", "lieu": "antenne de Grande-Synthe, bureau 3"},
        "clair": {
            "moi": [{"quoi": "J'envoie mon avis d'imposition à la CAF.", "quand": "Avant le mardi 17 novembre"}],
            "conseiller": [{"quoi": "Elle fait signer les papiers de mon essai en cuisine."}],
        },
        "signataires": [
            {"role": "Participante", "nom": "Mme Anissa Belkhiri", "choix": True},
            {"role": "Référente de parcours", "nom": "Mme Claire Vandaele", "choix": True},
        ],
    } | changements


def convocation(**changements):
    return {
        "titre": "Invitation à un rendez-vous",
        "code": "Q5W1F8XN6B",
        "version": 1,
        "fait_le": "2026-11-23",
        "date": "2026-11-23",
        "objet_pdf": "Lettre de rendez-vous",
        "destinataire": ["M. Jordan Carpentier", "Appartement 14", "8 rue des Dunes-Exemple", "59760 Grande-Synthe"],
        "lieu": "Dunkerque",
        "appel": "Monsieur",
        "texte": ["La Mission locale nous a parlé de vous. Nous vous invitons à un premier rendez-vous."],
        "rdv": {
            "date": "2026-12-03",
            "heure": "14:00",
            "duree": "1 heure",
            "lieu": "Antenne de Grande-Synthe",
            "adresse": "2 place de l'Exemple, 1er étage, bureau 3.",
        },
        "trajet": [
            {"quoi": "Bus, arrêt « Mairie »", "detail": "Descendre devant la mairie."},
            {"quoi": "Porte bleue"},
        ],
        "apporter": ["Une pièce d'identité", "Mon CV, si j'en ai un"],
        "conseiller": {
            "nom": "Mme Claire Vandaele",
            "role": "Conseillère en insertion, PLIE du Dunkerquois",
            "telephone": "03 53 01 00 12",
        },
    } | changements


def livret(**changements):
    return {
        "titre": "Livret d’information",
        "code": "M3R5T7V9X1",
        "version": 1,
        "fait_le": "2026-09-29",
        "date": "2026-09-29",
        "objet_pdf": "Livret d’information remis au premier entretien",
        "sous_titre": "Remis à M. Mateusz Łęcki le mardi 29 septembre 2026",
        "delais": {"information": 30, "diagnostic": 30, "offres": 3},
        "conseiller": {"nom": "M. Yanis Hocquet", "telephone": "03 53 01 00 13"},
    } | changements
