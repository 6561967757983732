"""Écrire un classeur XLSX à mémoire constante ; un texte reste un texte, « =1+1 » compris (IN2)."""

import datetime
import tempfile

import xlsxwriter
from django.http import FileResponse
from django.utils import timezone

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "dd/mm/yyyy",
}
DECLENCHEURS = ("=", "+", "-", "@", "\t", "\r")


def reponse(nom, titre, colonnes, lignes):
    """Le fichier `nom`.xlsx. `colonnes` : [(nom, largeur)] ; `lignes` : itérable de listes (texte, nombre, date, None)."""
    fichier = tempfile.TemporaryFile()  # noqa: SIM115 : la réponse le ferme
    ecrire(fichier, titre, colonnes, lignes)
    fichier.seek(0)
    jour = f"{timezone.localdate():%Y-%m-%d}"
    return FileResponse(fichier, as_attachment=True, filename=f"{nom}-{jour}.xlsx", content_type=XLSX)


def ecrire(fichier, titre, colonnes, lignes):
    classeur = xlsxwriter.Workbook(fichier, OPTIONS)
    feuille, texte = classeur.add_worksheet(titre[:31]), classeur.add_format({"quote_prefix": True})
    feuille.freeze_panes(1, 0)
    for rang, (_, largeur) in enumerate(colonnes):
        feuille.set_column(rang, rang, largeur)
    feuille.write_row(0, 0, [nom for nom, _ in colonnes], classeur.add_format({"bold": True}))
    for rang, ligne in enumerate(lignes, 1):
        for colonne, valeur in enumerate(ligne):
            _cellule(feuille, rang, colonne, valeur, texte)
    classeur.close()


def _cellule(feuille, rang, colonne, valeur, texte):
    if valeur is None or valeur == "":
        return
    if isinstance(valeur, datetime.date):
        if isinstance(valeur, datetime.datetime):
            valeur = timezone.localtime(valeur).replace(tzinfo=None)
        feuille.write_datetime(rang, colonne, valeur)
    elif isinstance(valeur, int):
        feuille.write_number(rang, colonne, valeur)
    else:
        valeur = str(valeur)
        feuille.write_string(rang, colonne, valeur, texte if valeur.startswith(DECLENCHEURS) else None)
