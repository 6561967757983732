"""Écrire des noms tels qu’ils sont, et les rapprocher : sans accents, sans particules, sans ordre, et par le son."""

import re
import unicodedata

PARTICULES = frozenset(
    [
        "de",
        "du",
        "des",
        "la",
        "le",
        "les",
        "d",
        "l",
        "van",
        "vanden",
        "van",
        "der",
        "den",
        "ter",
        "ben",
        "bin",
        "el",
        "al",
        "von",
        "da",
        "do",
        "dos",
        "di",
    ]
)
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "ı": "i"})
# Sons proches en français et en flamand, appliqués dans l’ordre sur un mot déjà sans accents.
SONS = [
    (re.compile(p), r)
    for p, r in (
        (r"ck|kh|qu|q|c(?=[aouklrt]|$)", "k"),
        (r"ph", "f"),
        (r"sch|ch|sh", "x"),
        (r"th", "t"),
        (r"gn", "n"),
        (r"eau|au|oo", "o"),
        (r"ij|y|ie|ee", "i"),
        (r"ae|aa", "a"),
        (r"ou|oe|u", "u"),
        (r"ai|ei|e", "e"),
        (r"c|z|ss|s", "s"),
        (r"w", "v"),
        (r"j|g(?=[ei])", "j"),
        (r"h", ""),
        (r"(?<=.)[estxd]+$", ""),
        (r"(.)\1+", r"\1"),
    )
]
APOSTROPHES = re.compile("[\u0027\u0060\u00b4\u2018\u2019\u201b\u02bc\u02b9\u2032\uff07]")
TIRETS = re.compile("[\u2010-\u2015\u2212\ufe63\uff0d]")
# Formes de présentation (ligatures « ﬁ », lettres arabes déjà liées) : le même mot, autrement codé.
PRESENTATION = re.compile("[\ufb00-\ufb06\ufb50-\ufdff\ufe70-\ufeff]")
LIANTS = "\u200c\u200d"  # joignent ou séparent des lettres persanes et indiennes : ils font partie du mot


def nettoyer(texte):
    """Un nom tel qu’on l’écrit : apostrophe courbe, trait d’union simple, lettres recomposées, rien de caché."""
    texte = PRESENTATION.sub(lambda forme: unicodedata.normalize("NFKC", forme[0]), texte or "")
    texte = TIRETS.sub("-", APOSTROPHES.sub("’", unicodedata.normalize("NFC", texte)))
    texte = "".join(
        " " if unicodedata.category(c) in ("Zs", "Zl", "Zp", "Cc") else c
        for c in texte
        if unicodedata.category(c) not in ("Cf", "Co", "Cs") or c in LIANTS
    )
    return " ".join(texte.split())


def mots(texte):
    """Mots d’un nom, comparables : « Jean-Marie D’Hœne » donne ["jean", "marie", "hoene"]."""
    plat = unicodedata.normalize("NFKD", texte.casefold().translate(LIGATURES))
    plat = "".join(c for c in plat if not unicodedata.combining(c))
    trouves = re.findall(r"\w+", plat.replace("_", " "))
    return [m for m in trouves if m not in PARTICULES] or trouves


def normalise(texte):
    """Forme comparable d’un nom entier, mots triés : l’ordre nom-prénom n’y change rien."""
    return " ".join(sorted(mots(texte)))


def son(mot):
    """Clé sonore d’un mot normalisé ; « vandamme », « vendame » et « wandam » ont la même."""
    for motif, remplacement in SONS:
        mot = motif.sub(remplacement, mot)
    return mot.replace("e", "a")[:12] or "-"
