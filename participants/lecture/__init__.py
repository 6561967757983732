"""Lecture des fichiers déposés, dans l’ouvrier de `plie.confinement` : ni Django, ni base, ni réseau.

Une pièce vient d’un inconnu : elle peut être piégée, ou bâtie pour que sa lecture ne finisse jamais. Ici on la lit
vraiment, format par format ; ce qui dépasse le temps ou la mémoire est coupé par le parent (promesse FI1).
"""


class Refus(Exception):
    """Le fichier ne peut pas entrer ; le texte dit pourquoi et quoi faire, à la personne qui le dépose."""


BOMBE = (
    "Ce fichier se déploie en un contenu énorme : il est refusé par sécurité. "
    "Refaites-le à partir de l’original, ou joignez une photo nette du document."
)


def preparer():
    from participants.lecture import bureautique, images, pdf

    global LECTEURS
    LECTEURS = {
        "pdf": pdf.lire,
        "jpg": images.lire,
        "png": images.lire,
        "heic": images.lire,
        "odt": bureautique.lire_odt,
        "docx": bureautique.lire_docx,
    }


def traiter(demande, contenu):
    """Rend ({"extension", "pages", "dimensions"}, contenu à garder), ou ({"refus": phrase}, b"").

    demande: extension annoncée, taille_maximale en octets. Un contenu vide veut dire « garder l’original ».
    """
    try:
        return LECTEURS[demande["extension"]](contenu, **demande)
    except Refus as refus:
        return {"refus": str(refus)}, b""
