"""Les réglages que l’application connaît, avec leur valeur de départ et sa source.

[S] texte du projet 2026 ; [F] source publique ; [K] usage à confirmer. Un réglage change par une ligne datée.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Definition:
    libelle: str
    defaut: int | str
    unite: str = ""
    source: str = ""


CATALOGUE = {
    "delai_premier_entretien": Definition("Premier contact → premier entretien", 30, "jours", "[S] C1"),
    "delai_diagnostic": Definition("Premier entretien → diagnostic remis", 30, "jours", "[S] C4"),
    "delai_contrat": Definition("Acte d’entrée → contrat signé", 30, "jours", "[K] A8"),
    "rythme_entretiens": Definition("Temps entre deux entretiens", 35, "jours", "[F]"),
    "objectif_delais": Definition("Part visée de délais tenus", 95, "%", "[K]"),
    "alerte_piece": Definition("Alerte avant la fin d’une pièce", 30, "jours", "[K]"),
    "file_active_cible": Definition("File active d’un référent à temps plein", 70, "personnes", "[F]"),
    "garde_des_depots": Definition("Fichier déposé, orientation jamais envoyée : gardé", 7, "jours", "[K]"),
    "garde_des_brouillons": Definition(
        "Texte commencé dans un dossier, jamais enregistré : gardé", 60, "jours", "[K]"
    ),
    "verifications_par_heure": Definition("Personnes qu’un partenaire peut vérifier en une heure", 30, "", "[K]"),
    "duree_entretien": Definition("Durée d’un rendez-vous", 60, "minutes", "[K]"),
}
