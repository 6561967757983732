"""Relire un classeur XLSX sans tableur : ses cellules, et ce qui pourrait y être une formule."""

import io
import zipfile
from xml.etree import ElementTree

ESPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def contenu(reponse):
    """Les octets d’un export, dont le fichier est refermé comme le serveur le ferait."""
    octets = b"".join(reponse.streaming_content)
    fermer(reponse)
    return octets


def fermer(reponse):
    """Le fichier seul : fermer la réponse entière fermerait aussi la base du test."""
    for refermer in reponse._resource_closers:
        refermer()


def lignes(octets):
    """Les lignes de la première feuille : textes et nombres (une date est un nombre), None pour une cellule vide."""
    feuille = _feuille(octets)
    return [_ligne(ligne) for ligne in feuille.iterfind(".//m:row", ESPACE)]


def formules(octets):
    """Les formules de la feuille : il ne doit jamais y en avoir."""
    return [f.text for f in _feuille(octets).iterfind(".//m:f", ESPACE)]


def _feuille(octets):
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        return ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))


def _ligne(ligne):
    cellules = {}
    for cellule in ligne.iterfind("m:c", ESPACE):
        colonne = "".join(c for c in cellule.get("r") if c.isalpha())
        rang = 0
        for lettre in colonne:
            rang = rang * 26 + ord(lettre) - 64
        texte = cellule.find("m:is/m:t", ESPACE)
        nombre = cellule.find("m:v", ESPACE)
        cellules[rang - 1] = texte.text if texte is not None else float(nombre.text) if nombre is not None else None
    return [cellules.get(rang) for rang in range(max(cellules, default=-1) + 1)]
