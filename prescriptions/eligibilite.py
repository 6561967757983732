"""L’éligibilité qui s’explique : ce qui prouve quoi, à quelle date, ce qui manque, et le plus court chemin (A5)."""

import datetime
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import UUIDField
from django.utils import timezone
from django.utils.formats import date_format

from participants.models import TypePiece
from plie.requetes import gardee
from prescriptions.listes import Verdict


class Preuve(StrEnum):
    PROUVE = "prouve"
    A_CONTROLER = "a_controler"
    EXPIRE = "expire"
    NON_PROUVE = "non_prouve"
    A_CONFIRMER = "a_confirmer"


LIBELLES = {
    Preuve.PROUVE: "Prouvé",
    Preuve.A_CONTROLER: "À contrôler",
    Preuve.EXPIRE: "Ne tiendra pas",
    Preuve.NON_PROUVE: "Non prouvé",
    Preuve.A_CONFIRMER: "À confirmer",
}
RANG = [Preuve.PROUVE, Preuve.A_CONTROLER, Preuve.EXPIRE, Preuve.NON_PROUVE]
# Ce que prouve une pièce exigée de tous ; un type ajouté par le PLIE porte son propre nom.
CE_QUE_PROUVE = {
    "identite": "Droit de travailler",
    "avis_situation": "Inscription à France Travail",
    "accord_signe": "Accord de la personne",
}
DOMICILE = "domicile"


class Manque(str):
    """Ce qui empêche un acte : une phrase, le critère qu’il suffirait de retirer, et l’endroit de la fiche où agir."""

    __slots__ = ("cible", "critere")

    def __new__(cls, texte, *, critere=None, cible=""):
        manque = super().__new__(cls, texte)
        manque.critere, manque.cible = critere, cible
        return manque


@dataclass(frozen=True)
class Resultat:
    """Ce qu’une condition d’entrée vaut à la date jugée, et la case qui le dit."""

    code: str
    libelle: str
    preuve: Preuve
    ligne: object = None  # LignePiece
    obligatoire: bool = False
    explication: str = ""
    types: tuple = ()  # les TypePiece qui peuvent prouver ; vide si aucune pièce n’y suffit
    critere: object = None  # Critere

    @property
    def prouve(self):
        return self.preuve == Preuve.PROUVE

    @property
    def sensible(self):
        return bool(self.critere and self.critere.sensible)

    @property
    def libelle_preuve(self):
        if self.preuve == Preuve.EXPIRE and (limite := self.valable_jusqu_au) is None:
            return "Date à lire"
        if self.preuve == Preuve.EXPIRE and limite < timezone.localdate():
            return "Expiré"
        return LIBELLES[self.preuve]

    @property
    def piece_attendue(self):
        """Le nom de la pièce qui le prouverait."""
        if self.ligne:
            return self.ligne.type.libelle
        return self.types[0].libelle if self.types else ""

    @property
    def nom_de_piece(self):
        """La même, pour suivre d’autres mots : « attestation RSA »."""
        nom = self.piece_attendue
        return nom if nom[1:2].isupper() else nom[:1].lower() + nom[1:]

    @property
    def valable_jusqu_au(self):
        return self.ligne.piece.valable_jusqu_au() if self.ligne and self.ligne.piece_id else None


@dataclass(frozen=True)
class Chemin:
    """Le plus court chemin vers l’accord : les pièces qui suffisent, et les critères qu’il n’est pas utile de garder."""

    pieces: tuple
    a_retirer: tuple
    deja_prouve: object = None  # Resultat


@dataclass(frozen=True)
class Eligibilite:
    le: datetime.date
    obligatoires: list[Resultat]
    criteres: list[Resultat]
    lignes: list
    adhesion_a_confirmer: bool = False

    @property
    def resultats(self):
        return self.obligatoires + self.criteres

    def manque_pour_accorder(self, adhesion_motif=""):
        """Ce qui empêche l’accord, en phrases ; vide quand la personne est éligible."""
        manque = [
            Manque(f"{resultat.libelle} : {resultat.explication}")
            for resultat in self.obligatoires
            if not resultat.prouve and not (resultat.preuve == Preuve.A_CONFIRMER and adhesion_motif)
        ]
        if not any(resultat.prouve for resultat in self.criteres):
            manque.append(Manque("aucun critère n’est prouvé"))
        return manque

    def le_plus_simple(self):
        """Le Chemin le plus court vers l’accord, ou None quand il ne manque rien ou qu’aucune pièce n’y suffirait."""
        bons = [r for r in self.criteres if r.preuve in (Preuve.PROUVE, Preuve.A_CONTROLER)]
        faibles = [r for r in self.criteres if r not in bons]
        pieces = [r for r in self.obligatoires if r.preuve in (Preuve.EXPIRE, Preuve.NON_PROUVE)]
        if any(not r.types for r in pieces) or not (pieces or faibles) or not self.criteres:
            return None
        if bons:
            return Chemin(tuple(pieces), tuple(faibles), bons[0])
        choisi = next((r for r in faibles if r.types and r.ligne), None)
        if choisi is None:
            return None
        return Chemin((*pieces, choisi), tuple(r for r in faibles if r is not choisi))


@dataclass(frozen=True)
class Cases:
    """Ce que la demande contient, lu une fois : ses cases, les types exigés de tous, ses critères (quatre requêtes)."""

    lignes: list
    obligatoires: list
    criteres: list

    def par_type(self):
        return {ligne.type_id: ligne for ligne in self.lignes}

    def types_utiles(self):
        """Les types exigés de tous, puis toutes les façons de prouver les critères, sans double."""
        tous = self.obligatoires + [t for critere in self.criteres for t in critere.types.all()]
        return list({t.pk: t for t in tous}.values())

    def attendues(self):
        """Cases renvoyées sans réponse, et qui servent encore : ni critère retiré, ni autre pièce jointe à la place."""
        return [ligne for ligne in self.lignes if ligne.est_attendue and self._sert(ligne)]

    def utiles(self):
        """Les cases à montrer : exigées, remplies, ou la première façon de prouver un critère."""
        obligatoires, premieres = {t.pk for t in self.obligatoires}, set()
        for critere in self.criteres:
            lignes = [ligne for ligne in self.lignes if ligne.type_id in critere.cles_types]
            if lignes and not any(ligne.est_entamee for ligne in lignes):
                premieres.add(lignes[0].pk)
        return [x for x in self.lignes if x.type_id in obligatoires or x.est_entamee or x.pk in premieres]

    def manque_de_pieces(self):
        """Les pièces qu’il faut encore joindre ou promettre avant de transmettre, en phrases."""
        lignes, manque, dits = self.par_type(), [], set()
        for type_piece in self.obligatoires:
            if not self._fournie(lignes.get(type_piece.pk)):
                dits.add(type_piece.pk)
                manque.append(Manque(f"{type_piece.libelle} : à joindre, ou une date promise", cible="pieces"))
        for critere in self.criteres:
            if dits & critere.cles_types or any(self._fournie(lignes.get(t)) for t in critere.cles_types):
                continue
            noms = " ou ".join(t.libelle for t in critere.types.all()) or critere.libelle
            manque.append(Manque(f"{noms} : à joindre, ou une date promise", critere=critere, cible="pieces"))
        return manque

    def _sert(self, ligne):
        if ligne.type_id in {t.pk for t in self.obligatoires}:
            return True
        concernes = [critere.cles_types for critere in self.criteres if ligne.type_id in critere.cles_types]
        autres = [autre.type_id for autre in self.lignes if autre is not ligne and autre.est_fournie]
        return any(types.isdisjoint(autres) for types in concernes)

    @staticmethod
    def _fournie(ligne):
        return bool(ligne and ligne.est_fournie)


def lire(prescription):
    """Les Cases d’une demande."""
    lignes = _lignes(prescription.lignes.model, prescription=prescription.pk)
    for ligne in lignes:
        ligne.prescription = prescription
    invoques = _invoques(prescription.criteres_invoques.model, prescription=prescription.pk)
    return Cases(lignes, _obligatoires(), [i.critere for i in invoques])


@gardee(prescription=UUIDField())
def _lignes(modele, prescription):
    lignes = modele.objects.filter(prescription=prescription).select_related("type", "piece__type")
    return lignes.order_by("type__ordre", "type__libelle")


@gardee(prescription=UUIDField())
def _invoques(modele, prescription):
    invoques = modele.objects.filter(prescription=prescription, retire_le=None).select_related("critere")
    return invoques.prefetch_related("critere__types").order_by("critere__ordre")


@gardee()
def _obligatoires():
    return TypePiece.objects.filter(obligatoire=True).order_by("ordre")


def evaluer(prescription, le, cases=None):
    """L’éligibilité d’une demande à la date `le`, d’après ses `cases` (lues si elles ne sont pas données)."""
    cases = cases or lire(prescription)
    lignes = cases.par_type()
    exiges = {t.code: t for t in cases.obligatoires}
    obligatoires = [_piece(t, lignes.get(t.pk), le) for code, t in exiges.items() if code != DOMICILE]
    domicile = exiges.get(DOMICILE)
    obligatoires.insert(1, _commune(prescription, domicile, domicile and lignes.get(domicile.pk), le))
    commune = prescription.participant.commune
    return Eligibilite(
        le,
        obligatoires,
        [_critere(prescription, critere, lignes, le) for critere in cases.criteres],
        cases.lignes,
        adhesion_a_confirmer=bool(commune) and commune.est_adherente(le) is None,
    )


def _commune(prescription, type_piece, ligne, le):
    """Résidente d’une commune adhérente : l’adhésion de la commune, et la pièce qui prouve le domicile."""
    commune, lieu = prescription.participant.commune, prescription.participant.lieu
    adherente = commune.est_adherente(le) if commune else False
    preuve, explication = _preuve(ligne, le) if type_piece else (Preuve.PROUVE, f"{lieu}, commune adhérente")
    if adherente is False:
        preuve, explication = Preuve.NON_PROUVE, f"{lieu} n’est pas une commune adhérente"
    elif adherente is None and preuve == Preuve.PROUVE:
        preuve, explication = Preuve.A_CONFIRMER, f"l’adhésion de {lieu} est à confirmer : donnez un motif"
    types = (type_piece,) if type_piece and adherente is not False else ()
    return Resultat("commune", "Commune adhérente", preuve, ligne, True, explication, types)


def _piece(type_piece, ligne, le):
    preuve, explication = _preuve(ligne, le)
    libelle = CE_QUE_PROUVE.get(type_piece.code, type_piece.libelle)
    return Resultat(type_piece.code, libelle, preuve, ligne, True, explication, (type_piece,))


def _critere(prescription, critere, lignes, le):
    def resultat(preuve, explication, ligne=None, types=None):
        types = tuple(critere.types.all()) if types is None else types
        return Resultat(critere.code, critere.libelle, preuve, ligne, False, explication, types, critere)

    if not critere.est_en_vigueur(le):
        return resultat(Preuve.NON_PROUVE, "ce critère n’est plus en vigueur à l’entrée", types=())
    if not critere.convient_a_l_age(prescription.participant.age(le)):
        return resultat(Preuve.NON_PROUVE, "l’âge à l’entrée ne convient pas", types=())
    essais = [(*_preuve(lignes[t], le, critere), lignes[t]) for t in critere.cles_types if t in lignes]
    if not essais:
        return resultat(Preuve.NON_PROUVE, "pièce à joindre")
    preuve, explication, ligne = min(essais, key=lambda essai: (RANG.index(essai[0]), essai[2].type.ordre))
    return resultat(preuve, explication, ligne)


def _preuve(ligne, le, critere=None):
    """État d’une case à la date `le`, avec la phrase qui l’explique."""
    if ligne is None:
        return Preuve.NON_PROUVE, "absente"
    if ligne.verdict in (Verdict.NON_CONFORME, Verdict.MANQUANTE):
        return Preuve.NON_PROUVE, ligne.get_motif_display() or "manquante"
    if not ligne.piece_id:
        promise = ligne.promise_pour
        return Preuve.NON_PROUVE, f"promise pour le {date_format(promise, 'DATE_FORMAT')}" if promise else "absente"
    if ligne.piece.retiree_le:
        return Preuve.NON_PROUVE, "fichier infecté, retiré : à redonner"
    if not ligne.piece.est_valable(le):
        return Preuve.EXPIRE, _expiration(ligne.piece.valable_jusqu_au())
    if ligne.verdict != Verdict.CONFORME:
        return Preuve.A_CONTROLER, "à contrôler"
    if critere and critere.code in ligne.ne_prouve_pas:
        return Preuve.NON_PROUVE, "la pièce est conforme, mais ne le prouve pas"
    return Preuve.PROUVE, "conforme"


def _expiration(limite):
    return (
        f"vaut jusqu’au {date_format(limite, 'DATE_FORMAT')}, avant l’entrée" if limite else "date à lire sur la pièce"
    )
