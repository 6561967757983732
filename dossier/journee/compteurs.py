"""Un chiffre qui ouvre la liste qui le fait, pour components/compteurs.html."""


def compteur(nombre, texte, url, icone, etat=""):
    """`texte` : « entretien à clore/entretiens à clore », accordé sur `nombre`."""
    singulier, _, pluriel = texte.partition("/")
    return {
        "nombre": nombre,
        "texte": singulier if nombre < 2 or not pluriel else pluriel,
        "url": url,
        "icone": icone,
        "etat": etat if nombre else "",
    }
