"""Lire une date telle qu’on la tape : 6/4/2001, 06.04.2001, 06042001, 2001-04-06, 6 avril 2001."""

import datetime
import re
import unicodedata

MOIS = ["janv", "fev", "mars", "avr", "mai", "juin", "juil", "aout", "sept", "oct", "nov", "dec"]
ECRITURES = (
    r"(?P<jour>\d{1,2})\s*[/.\- ]\s*(?P<mois>\d{1,2})\s*[/.\- ]\s*(?P<annee>\d{4})",
    r"(?P<annee>\d{4})[/.\-](?P<mois>\d{1,2})[/.\-](?P<jour>\d{1,2})",
    r"(?P<jour>\d{1,2})(?:er)?\s+(?P<nom>[a-z]{3,9})\.?\s+(?P<annee>\d{4})",
    r"(?P<jour>\d{2})(?P<mois>\d{2})(?P<annee>\d{4})",
)
MOTIFS = [re.compile(rf"(?<!\d){ecriture}(?!\d)") for ecriture in ECRITURES]


def lire(texte):
    """La date (datetime.date) que dit `texte`, ou None : ce n’en est pas une, ou elle n’existe pas."""
    plat = _plat(texte).strip()
    return next((_date(m) for motif in MOTIFS if (m := motif.fullmatch(plat))), None)


def annees_revolues(depuis, jusqu_a):
    """Années entières entre deux dates. Né un 29 février, on vieillit le 1er mars des années communes."""
    return jusqu_a.year - depuis.year - ((jusqu_a.month, jusqu_a.day) < (depuis.month, depuis.day))


def trouver(texte):
    """Première date contenue dans `texte`, et ce qui reste de lui : (date ou None, texte)."""
    plat = _plat(texte)
    for motif in MOTIFS:
        trouvee = motif.search(plat)
        if trouvee and (date := _date(trouvee)):
            return date, f"{texte[: trouvee.start()]} {texte[trouvee.end() :]}"
    return None, texte


def _plat(texte):
    """Sans accents ni capitales, lettre pour lettre : les positions restent celles de `texte`."""
    return "".join(unicodedata.normalize("NFKD", c)[:1].lower() or c for c in texte)


def _date(trouvee):
    champs = trouvee.groupdict()
    mois = int(champs["mois"]) if champs.get("mois") else _mois(champs["nom"])
    try:
        return datetime.date(int(champs["annee"]), mois, int(champs["jour"]))
    except ValueError:
        return None


def _mois(nom):
    """Rang du mois nommé ; 0, qui n’est pas un mois, si aucun ne l’est."""
    return next((rang for rang, debut in enumerate(MOIS, 1) if nom.startswith(debut) or debut.startswith(nom)), 0)
