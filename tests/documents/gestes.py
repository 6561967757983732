"""Composer et rendre un document d’exemple, ou un corps de page quelconque."""

from documents.rendu import composer, rendre_pdf
from tests.documents.exemples import STRUCTURE, convocation, livret, synthese

GABARITS = {"synthese": synthese, "convocation": convocation, "livret": livret}
CODE = "7K3M9QXT4D"


def html(document, genre="synthese", **structure):
    return composer(f"entretiens/documents/{genre}.html", {"structure": STRUCTURE | structure, "document": document})


def pdf(document, genre="synthese", **structure):
    return rendre_pdf(html(document, genre, **structure), code=document["code"], version=document["version"])


def brut(corps, **options):
    page = f"<html lang='fr'><head><title>Essai</title></head><body><h1>Essai</h1>{corps}</body></html>"
    return rendre_pdf(page, **{"code": CODE, "version": 1} | options)
