"""Ce qui est saisi à l’écran de l’entretien, sous une seule forme : un dict de textes, comme l’envoie le formulaire.

Le brouillon, l’envoi et l’entretien enregistré s’y ramènent ; deux personnes qui écrivent s’y réunissent.
"""

import difflib
import re
from collections import Counter
from dataclasses import dataclass, field

TEXTES = {"objectif": "Objectif", "point": "Le point", "synthese": "Synthèse", "notes": "Notes de travail"}
DANS_UNE_PHRASE = {
    "objectif": "l’objectif",
    "point": "le point",
    "synthese": "la synthèse",
    "notes": "les notes de travail",
}
CASES = ("presente_structure", "presente_services", "presente_etapes")
DEMARCHE = re.compile(r"demarche-(\d+)-(quoi|qui|pour_le)")
RESSEMBLANCE = 0.4  # en dessous, deux textes ne se mêlent pas mot à mot : ils se suivent
COURT = 4000  # signes : en deçà, la comparaison se fait au mot et au signe près ; au-delà, au mot
TROP_LONG = 3000  # morceaux : au-delà, ligne à ligne


def de_l_entretien(entretien):
    """L’entretien tel qu’il est enregistré."""
    donnees = {nom: getattr(entretien, nom) for nom in (*TEXTES, "sans_suite_rdv")}
    donnees |= {nom: "on" for nom in CASES if getattr(entretien, nom)}
    if entretien.livret_remis_le:
        donnees["livret_remis"] = "on"
    suites = entretien.suites
    donnees |= {f"revue-{pk}": reponse for pk, reponse in suites.get("revues", {}).items()}
    donnees |= {nom: suites.get(nom, "") for nom in ("rdv", "rdv_jour", "rdv_heure", "phase", "motif_phase")}
    return avec_demarches(donnees, suites.get("demarches", []))


def demarches(donnees):
    """Les démarches saisies : liste de {quoi, qui, pour_le}, sans les lignes vides."""
    lignes = {}
    for nom, valeur in donnees.items():
        if champ := DEMARCHE.fullmatch(nom):
            lignes.setdefault(int(champ[1]), {})[champ[2]] = valeur
    completes = ({"quoi": "", "qui": "", "pour_le": ""} | lignes[rang] for rang in sorted(lignes))
    return [ligne for ligne in completes if ligne["quoi"].strip()]


def avec_demarches(donnees, lignes):
    """Les mêmes données, où `lignes` remplacent les démarches."""
    reste = {nom: valeur for nom, valeur in donnees.items() if not nom.startswith("demarche-")}
    reste |= {"demarche-TOTAL_FORMS": str(len(lignes)), "demarche-INITIAL_FORMS": "0"}
    for rang, ligne in enumerate(lignes):
        reste |= {f"demarche-{rang}-{nom}": ligne.get(nom) or "" for nom in ("quoi", "qui", "pour_le")}
    return reste


@dataclass
class Conflit:
    """Un texte écrit des deux côtés : le mien, le sien, et les deux réunis."""

    champ: str
    mien: str
    sien: str

    @property
    def titre(self):
        return TEXTES[self.champ]

    @property
    def nom(self):
        return DANS_UNE_PHRASE[self.champ]

    def mien_marque(self):
        """Mon texte en morceaux (texte, est_seul) : ce que l’autre n’a pas est marqué."""
        return marquer(self.mien, self.sien)

    def sien_marque(self):
        return marquer(self.sien, self.mien)


@dataclass
class Reunion:
    donnees: dict
    conflits: list = field(default_factory=list)


def reunir(mien, sien, base=None):
    """Réunit deux saisies parties de la même `base` (None si elle est inconnue). Rend une Reunion.

    Ce qu’un seul a touché est repris ; ce que les deux ont écrit autrement est un conflit : rien n’est choisi pour eux.
    """
    donnees, conflits = dict(mien), []
    for champ in TEXTES:
        a_moi, a_lui = _lisse(mien.get(champ, "")), _lisse(sien.get(champ, ""))
        avant = _lisse(base.get(champ, "")) if base is not None else None
        if champ not in mien or a_moi == a_lui or a_lui == avant:
            continue
        if a_moi == avant or not a_moi:
            donnees[champ] = sien.get(champ, "")
        elif a_lui:
            conflits.append(Conflit(champ, a_moi, a_lui))
    for champ in _autres(mien) | _autres(sien):
        if mien.get(champ) != sien.get(champ) and (
            mien.get(champ) == base.get(champ) if base is not None else not mien.get(champ)
        ):
            donnees[champ] = sien.get(champ, "")
    connues = {_cle(d) for d in (*demarches(mien), *demarches(base or {}))}
    ajoutees = [d for d in demarches(sien) if _cle(d) not in connues]
    if ajoutees:
        donnees = avec_demarches(donnees, demarches(mien) + ajoutees)
    return Reunion(donnees, conflits)


def lisible(donnees, notes_permises):
    """La saisie telle que ce lecteur la voit : les notes de travail ne passent pas par qui ne les lit pas (AC3)."""
    if notes_permises or donnees is None:
        return donnees
    return {nom: valeur for nom, valeur in donnees.items() if nom != "notes"}


def accorder(donnees, enregistre, vue=None, *, notes_permises=True):
    """Accorde un envoi à l’entretien `enregistre`. Rend une Reunion.

    `vue` : ce que l’auteur avait sous les yeux (None s’il est inconnu). Ses choix répondent à ce qu’il a vu ; ce qu’un
    autre a enregistré depuis s’y réunit ensuite, et un passage resté sans choix le demande de nouveau.
    """
    donnees, enregistre, vue = (lisible(d, notes_permises) for d in (donnees, enregistre, vue))
    if vue is None:
        return reunir(donnees, enregistre)
    choisie = resoudre(donnees, vue)
    reunion = reunir(choisie.donnees, enregistre, vue)
    dits = {conflit.champ for conflit in reunion.conflits}
    restants = [
        Conflit(c.champ, c.mien, _lisse(enregistre.get(c.champ, ""))) for c in choisie.conflits if c.champ not in dits
    ]
    return Reunion(reunion.donnees, reunion.conflits + [c for c in restants if c.mien != c.sien])


def resoudre(donnees, vue):
    """Applique, une fois, les choix faits à l’écran du conflit (garder_<champ> : deux, mien, sien). Rend une Reunion."""
    en_cours = [champ for champ in donnees.get("conflit", "").split() if champ in TEXTES]
    choix_faits, restants = donnees, []
    donnees = {n: valeur for n, valeur in donnees.items() if n != "conflit" and not n.startswith("garder_")}
    for champ in en_cours:
        mien, sien = _lisse(donnees.get(champ, "")), _lisse(vue.get(champ, ""))
        choix = choix_faits.get(f"garder_{champ}")
        if choix == "sien":
            donnees[champ] = sien
        elif choix == "deux":
            donnees[champ] = fusionner(mien, sien)
        elif choix != "mien" and mien != sien:
            restants.append(Conflit(champ, mien, sien))
    return Reunion(donnees, restants)


def fusionner(mien, sien):
    """Les deux textes réunis : rien de ce que l’un ou l’autre a écrit ne se perd."""
    ici, la = _morceaux(mien, sien)
    if max(len(ici), len(la)) > TROP_LONG or _parente(mien, sien) < RESSEMBLANCE:
        return f"{mien.rstrip()}\n\n{sien.lstrip()}"
    comparaison = difflib.SequenceMatcher(None, ici, la, autojunk=False)
    reuni = ""
    for genre, i1, i2, j1, j2 in comparaison.get_opcodes():
        reuni = _a_la_suite(reuni, "".join(ici[i1:i2]))
        if genre in ("insert", "replace"):
            reuni = _a_la_suite(reuni, "".join(la[j1:j2]))
    return reuni.strip()


def marquer(texte, autre):
    """`texte` en morceaux (morceau, vrai si `autre` ne l’a pas). Un texte très long se compare ligne à ligne."""
    ici, la = _morceaux(texte, autre)
    if max(len(ici), len(la)) > TROP_LONG:
        ici, la = texte.splitlines(keepends=True), autre.splitlines(keepends=True)
    comparaison = difflib.SequenceMatcher(None, ici, la, autojunk=False)
    morceaux = ((genre, "".join(ici[i1:i2])) for genre, i1, i2, _, _ in comparaison.get_opcodes())
    return [(morceau, genre != "equal") for genre, morceau in morceaux if morceau]


def _morceaux(*textes):
    """Mots, espaces et ponctuation ; dans un texte long, le mot avec ce qui le suit, bien plus vite comparé."""
    motif = r"\w+|\s+|[^\w\s]" if max(map(len, textes)) <= COURT else r"\S+\s*|\s+"
    return [re.findall(motif, texte) for texte in textes]


def _parente(texte, autre):
    """Part des mots que deux textes ont en commun, de 0 à 1."""
    ici, la = (Counter(re.findall(r"\w+", t)) for t in (texte, autre))
    return 2 * (ici & la).total() / max(1, ici.total() + la.total())


def _a_la_suite(debut, suite):
    """Deux morceaux bout à bout : deux mots ne se collent pas."""
    colles = debut[-1:].isalnum() and suite[:1].isalnum()
    return f"{debut} {suite}" if colles else debut + suite


def _lisse(texte):
    return (texte or "").replace("\r\n", "\n").strip()


def _autres(donnees):
    hors = {*TEXTES, "jeton", "version", "csrfmiddlewaretoken", "conflit", "signature"}
    return {n for n in donnees if n not in hors and not n.startswith(("demarche-", "garder_"))}


def _cle(demarche):
    return " ".join(demarche["quoi"].lower().split())
