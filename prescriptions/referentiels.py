"""Critères et pièces de départ : la liste publique de l’IAE [F] ; le protocole du PLIE en décide ensuite."""

import csv
import datetime
from pathlib import Path

from django.db import transaction

from participants.models import TypePiece
from prescriptions.models import Critere
from territoire.referentiels import AUTEUR

DONNEES = Path(__file__).parent / "donnees"
DEPUIS_TOUJOURS = datetime.date(2020, 1, 1)


@transaction.atomic
def charger():
    """Ajoute les types de pièces et les critères qui manquent. Rend le nombre ajouté."""
    types = {t.code: t for t in TypePiece.objects.all()}
    criteres, ajoutes = set(Critere.objects.values_list("code", flat=True)), 0
    for ordre, ligne in enumerate(_lignes("types_pieces.csv")):
        if ligne["code"] not in types:
            types[ligne["code"]] = TypePiece(
                code=ligne["code"],
                libelle=ligne["libelle"],
                obligatoire=bool(ligne["obligatoire"]),
                validite_mois=int(ligne["validite_mois"]) if ligne["validite_mois"] else None,
                sensible=bool(ligne["sensible"]),
                points=ligne["points"].split("|"),
                ordre=ordre,
            ).enregistrer(par=AUTEUR)
            ajoutes += 1
    for ordre, ligne in enumerate(_lignes("criteres.csv")):
        if ligne["code"] not in criteres:
            critere = Critere(
                code=ligne["code"],
                libelle=ligne["libelle"],
                age_min=int(ligne["age_min"]) if ligne["age_min"] else None,
                age_max=int(ligne["age_max"]) if ligne["age_max"] else None,
                sensible=bool(ligne["sensible"]),
                du=DEPUIS_TOUJOURS,
                ordre=ordre,
            ).enregistrer(par=AUTEUR)
            critere.relier("types", [types[code] for code in ligne["types"].split(",")], par=AUTEUR)
            ajoutes += 1
    return ajoutes


def _lignes(nom):
    with (DONNEES / nom).open(encoding="utf-8", newline="") as fichier:
        yield from csv.DictReader(fichier, delimiter=";")
