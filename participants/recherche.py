"""Retrouver une personne par ce que l’on sait d’elle, et reconnaître les doubles.

Au plus 200 candidats, pris par des clés indexées (mots, son, date, téléphone, numéros), puis rapprochés par rapidfuzz.
Les clés sont tentées de la plus sûre à la plus large, et l’on s’arrête dès qu’il y a de quoi répondre.
"""

import re
from dataclasses import dataclass, field

from django.db.models import Q
from rapidfuzz import fuzz

from journal.actions import consigner
from journal.models import Acte
from participants import dates, telephones
from participants.models import MotDeRecherche, Participant
from participants.noms import mots, normalise, son

CANDIDATS = 200
ASSEZ_PROCHE = 72  # sur 100 : en dessous, ce n’est plus une faute de frappe
DOUBLE = 75
CE_QUI_CLASSE = ("pk", "prenom", "nom", "nom_naissance", "naissance", "telephone", "numero", "identifiant_ft")
TELEPHONE = re.compile(r"(?<![\w-])(?:\+|00)?\d(?:[ .\-/]?\d){5,14}(?![\w-])")
NUMERO = re.compile(r"(?<![\w-])(\d{4})-(\d{1,6})(?![\w-])")
IDENTIFIANT = re.compile(r"(?<![\w-])\d{7,11}[A-Za-z]?(?![\w-])")


@dataclass
class Demande:
    """Ce que la phrase tapée contient."""

    mots: list[str] = field(default_factory=list)
    naissance: object = None
    telephone: str = ""
    numero: str = ""
    identifiant: str = ""

    @classmethod
    def lire(cls, texte):
        demande, texte = cls(), " ".join(texte.split())[:200]
        if trouve := NUMERO.search(texte):
            demande.numero = f"{trouve[1]}-{int(trouve[2]):05d}"
            texte = texte.replace(trouve[0], " ")
        demande.naissance, reste = dates.trouver(texte)
        if trouve := IDENTIFIANT.search(texte):
            demande.identifiant = trouve[0].upper()
        if trouve := TELEPHONE.search(reste):
            demande.telephone = _debut_de_telephone(trouve[0])
        tapes = [m for m in mots(reste) if not m.isdecimal() and m.upper() != demande.identifiant]
        demande.mots = [m for m in tapes if len(m) > 1] or tapes
        return demande

    @property
    def faits(self):
        """Les clés qui désignent une personne à elles seules, ou None."""
        filtre = Q()
        if self.naissance:
            filtre |= Q(naissance=self.naissance)
        if self.telephone:
            filtre |= (
                Q(telephone=self.telephone) if _complet(self.telephone) else commence_par("telephone", self.telephone)
            )
        if self.numero:
            filtre |= Q(numero=self.numero)
        if self.identifiant:
            filtre |= Q(identifiant_ft=self.identifiant)
        return filtre


def chercher(texte, *, par, visibles, limite=20):
    """Les personnes de `visibles` (QuerySet de Participant) que `texte` peut désigner, les plus sûres d’abord.

    `texte` : un nom (fautes, accents et ordre libres), un téléphone, une date de naissance, un n° de dossier,
    un identifiant France Travail, ou plusieurs à la fois. Sept requêtes au plus, quel que soit le nombre de personnes.
    Le journal dit que `par` a cherché, jamais quoi (DP1).
    """
    consigner(Acte.RECHERCHE, par=par)
    demande = Demande.lire(texte)
    candidats, classes = {}, []
    for filtre, en_dernier_recours in _filtres(demande):
        if len(classes) >= limite or (classes and en_dernier_recours):
            break
        for fiche in visibles.filter(filtre).order_by().values_list(*CE_QUI_CLASSE, named=True)[:CANDIDATS]:
            candidats.setdefault(fiche.pk, fiche)
        classes = _classer(candidats.values(), demande)
    cles = [fiche.pk for _, fiche in classes[:limite]]
    trouves = {p.pk: p for p in visibles.filter(pk__in=cles).order_by()} if cles else {}
    return [trouves[cle] for cle in cles if cle in trouves]


def doublons(prenom, nom, naissance, telephone=""):
    """Les personnes connues qui pourraient être celle-ci : [(participant, score sur 100, raisons)], meilleur d’abord.

    Tout le PLIE est regardé : à l’appelant de ne montrer que ce que la personne devant l’écran peut voir.
    """
    demande = Demande(mots=mots(f"{prenom} {nom}"), naissance=naissance, telephone=telephone)
    candidats = {}
    for filtre in [demande.faits, _tous(demande.mots, _exact), _tous(demande.mots, _par_le_son)]:
        for participant in Participant.objects.filter(filtre).order_by()[:CANDIDATS] if filtre else ():
            candidats.setdefault(participant.pk, participant)
    notes = [(participant, *_ressemblance(participant, demande)) for participant in candidats.values()]
    return sorted((n for n in notes if n[1] >= DOUBLE), key=lambda n: (-n[1], n[0].numero))


def meme_personne(prenom, nom, naissance):
    """La personne déjà connue sous ce nom (accents, tirets et ordre mis à part) et cette date, ou None s’il y en a plusieurs."""
    entier = f"{prenom} {nom}"
    candidats = Participant.objects.filter(_tous(mots(entier), _exact), naissance=naissance).order_by("cree_le")
    trouves = [p for p in candidats[:CANDIDATS] if normalise(entier) in _noms_entiers(p)]
    return trouves[0] if len(trouves) == 1 else None


# Les clés, de la plus sûre à la plus large.


def _filtres(demande):
    """[(filtre, à n’essayer que si rien n’est trouvé)]"""
    large = _large if len(demande.mots) > 1 else _a_peu_pres
    etapes = [(demande.faits, False)]
    etapes += [(_tous(demande.mots, cle), cle is large) for cle in (_exact, _par_prefixe, _par_le_son, large)]
    return [etape for etape in etapes if etape[0]]


def _tous(liste, cle):
    filtre = Q()
    for mot in liste[:6]:
        filtre &= Q(pk__in=MotDeRecherche.objects.filter(cle(mot)).values("participant_id"))
    return filtre


def _exact(mot):
    return Q(mot=mot[:60])


def _par_prefixe(mot):
    return commence_par("mot", mot[:60])


def _par_le_son(mot):
    return Q(son=son(mot)) | _par_prefixe(mot)


def _large(mot):
    return Q(son=son(mot)) | commence_par("mot", mot[:2])


def _a_peu_pres(mot):
    return Q(son=son(mot)) | commence_par("mot", mot[:3])


def commence_par(champ, debut):
    """Filtre « commence par », en intervalle : l’index sert sur les deux bases, quel que soit leur classement des lettres."""
    filtre, borne = Q(**{f"{champ}__gte": debut}), debut.rstrip("z")
    if borne:
        suivante = "a" if borne[-1] == "9" else chr(ord(borne[-1]) + 1)
        filtre &= Q(**{f"{champ}__lt": borne[:-1] + suivante})
    return filtre


# Le rapprochement.


def _classer(candidats, demande):
    notes = [(_note(p, demande), p) for p in candidats]
    retenus = [(note, p) for note, p in notes if note >= ASSEZ_PROCHE]
    return sorted(retenus, key=lambda n: (-n[0], n[1].nom, n[1].prenom, n[1].numero))


def _note(participant, demande):
    """Sur 200 : un fait exact vaut 100, et le nom compte pour le reste."""
    note = 0
    if demande.naissance == participant.naissance or _meme_telephone(participant, demande):
        note = 100
    if participant.numero == demande.numero or (
        demande.identifiant and participant.identifiant_ft == demande.identifiant
    ):
        note = 120
    if not demande.mots:
        return note
    noms = _note_des_mots(participant, demande.mots)
    return note * (0.9 if noms < ASSEZ_PROCHE else 1) + (noms if noms >= ASSEZ_PROCHE else 0)


def _note_des_mots(participant, voulus):
    """Moyenne, sur les mots tapés, de la ressemblance avec le mot le plus proche de la personne (de 0 à 100)."""
    siens = {m for texte in (participant.prenom, participant.nom, participant.nom_naissance) for m in mots(texte)}
    return sum(max((_mot_proche(mot, sien) for sien in siens), default=0) for mot in voulus) / len(voulus)


def _mot_proche(tape, connu):
    if connu == tape:
        return 100
    if connu.startswith(tape):
        return 90
    ressemblance = fuzz.ratio(tape, connu)
    return max(ressemblance, 85) if son(tape) == son(connu) and ressemblance >= 50 else ressemblance


def _ressemblance(participant, demande):
    """(score, raisons) d’un double possible : le nom pour 60, la date pour 40, le téléphone en plus."""
    voulu = " ".join(sorted(demande.mots))
    noms = max(fuzz.ratio(voulu, entier) for entier in _noms_entiers(participant))
    score, raisons = noms * 0.6, []
    if noms >= 99:
        raisons.append("même nom")
    elif noms >= 70:
        raisons.append("nom proche")
    points, raison = _proximite_des_dates(participant.naissance, demande.naissance)
    score += points
    if _meme_telephone(participant, demande):
        score, raison = score + 20, [*raison, "même téléphone"]
    return min(100, round(score)), raisons + raison


def _proximite_des_dates(connue, donnee):
    if connue == donnee:
        return 40, ["même date de naissance"]
    if connue.year == donnee.year and (connue.day, connue.month) == (donnee.month, donnee.day):
        return 30, ["jour et mois inversés"]
    differents = sum(a != b for a, b in zip(connue.isoformat(), donnee.isoformat(), strict=True))
    return (25, ["date de naissance à un chiffre près"]) if differents == 1 else (0, [])


def _noms_entiers(participant):
    noms = {participant.nom, participant.nom_naissance} - {""}
    return [normalise(f"{participant.prenom} {nom}") for nom in noms]


def _meme_telephone(participant, demande):
    if not demande.telephone or not participant.telephone:
        return False
    return participant.telephone.startswith(demande.telephone)


def _debut_de_telephone(texte):
    """La forme gardée du numéro entier ; d’un numéro commencé, ses chiffres deux par deux."""
    if entier := telephones.normaliser(texte):
        return entier
    chiffres = re.sub(r"\D", "", texte)
    if not chiffres.startswith("0"):
        return ""
    return " ".join(chiffres[i : i + 2] for i in range(0, len(chiffres), 2))


def _complet(telephone):
    return telephones.normaliser(telephone) is not None
