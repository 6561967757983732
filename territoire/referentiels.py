"""Les 17 communes de la Communauté urbaine. Lesquelles adhèrent n’est pas connu : l’administrateur le dira (E1)."""

import csv
from pathlib import Path

from django.db import transaction

from territoire.models import CodePostal, Commune

COMMUNES = Path(__file__).parent / "donnees" / "communes_cud.csv"
AUTEUR = "référentiels de départ"


@transaction.atomic
def charger():
    """Ajoute les communes qui manquent, sans toucher à celles qui sont là. Rend le nombre ajouté."""
    connues, ajoutees = set(Commune.objects.values_list("insee", flat=True)), 0
    with COMMUNES.open(encoding="utf-8", newline="") as fichier:
        for ligne in csv.DictReader(fichier, delimiter=";"):
            if ligne["code_insee"] in connues:
                continue
            commune = Commune(insee=ligne["code_insee"], nom=ligne["nom"], population=int(ligne["population"]))
            commune.enregistrer(par=AUTEUR)
            for code in ligne["codes_postaux"].split(","):
                CodePostal(commune=commune, code=code).enregistrer(par=AUTEUR)
            ajoutees += 1
    return ajoutees
