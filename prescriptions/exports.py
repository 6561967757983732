"""Écrire une liste dans un classeur XLSX, en mémoire constante ; aucune cellule ne peut devenir une formule (IN2)."""

import datetime
import io

import xlsxwriter
from django.utils import timezone

from prescriptions.orientations import attendues, etat_de

LOT = 500
COLONNES = [
    ("N° de demande", 16),
    ("Prénom", 18),
    ("Nom", 22),
    ("Orientée le", 12),
    ("État", 20),
    ("Précision", 46),
    ("Attendu de vous", 46),
]


def classeur_des_orientations(demandes):
    """(fichier, nombre de lignes) pour des demandes venues de `suivies_par`."""

    def lignes():
        for demande in demandes.iterator(chunk_size=LOT):
            etat = etat_de(demande)
            yield [
                demande.numero,
                demande.participant.prenom,
                demande.participant.nom,
                demande.orientee_le,
                etat.texte,
                etat.detail,
                ", ".join(ligne.type.libelle for ligne in attendues(demande)),
            ]

    return classeur("Orientations", COLONNES, lignes())


def classeur(titre, colonnes, lignes):
    """`colonnes` : [(nom, largeur)] ; `lignes` : valeurs, texte, date ou instant. Un texte reste un texte, « =1+1 » compris."""
    fichier, nombre = io.BytesIO(), 0
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(fichier, options) as livre:
        feuille = livre.add_worksheet(titre)
        entete, jour = livre.add_format({"bold": True}), livre.add_format({"num_format": "dd/mm/yyyy"})
        texte = livre.add_format({"quote_prefix": True})
        for rang, (nom, largeur) in enumerate(colonnes):
            feuille.set_column(rang, rang, largeur)
            feuille.write_string(0, rang, nom, entete)
        feuille.freeze_panes(1, 0)
        for nombre, valeurs in enumerate(lignes, 1):
            for rang, valeur in enumerate(valeurs):
                if hasattr(valeur, "tzinfo"):
                    feuille.write_datetime(nombre, rang, timezone.localtime(valeur).replace(tzinfo=None), jour)
                elif isinstance(valeur, datetime.date):
                    feuille.write_datetime(nombre, rang, valeur, jour)
                else:
                    feuille.write_string(nombre, rang, str(valeur), texte)
    fichier.seek(0)
    return fichier, nombre
