"""L’éligibilité qui s’explique : ce qui prouve quoi, à quelle date, et ce qui manque (A5)."""

import datetime
from dataclasses import dataclass, field
from enum import StrEnum

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


@dataclass(frozen=True)
class Resultat:
    """Ce qu’un critère vaut à la date d’entrée, et la case qui le dit."""

    code: str
    libelle: str
    preuve: Preuve
    ligne: object = None  # LignePiece
    valable_jusqu_au: datetime.date | None = None
    obligatoire: bool = False
    explication: str = ""

    @property
    def prouve(self):
        return self.preuve == Preuve.PROUVE

    @property
    def libelle_preuve(self):
        return LIBELLES[self.preuve]


@dataclass(frozen=True)
class Eligibilite:
    le: datetime.date
    obligatoires: list[Resultat]
    criteres: list[Resultat]
    lignes: list = field(default_factory=list)

    @property
    def resultats(self):
        return self.obligatoires + self.criteres

    def manque_pour_accorder(self, adhesion_motif=""):
        """Ce qui empêche l’accord, en phrases ; vide quand la personne est éligible."""
        manque = []
        for resultat in self.obligatoires:
            confirmee = resultat.preuve == Preuve.A_CONFIRMER and adhesion_motif
            if not (resultat.prouve or confirmee):
                manque.append(f"{resultat.libelle} : {resultat.explication}")
        if not any(resultat.prouve for resultat in self.criteres):
            manque.append("aucun critère n’est prouvé")
        return manque


def evaluer(prescription, le):
    """L’éligibilité d’une demande à la date `le`. Lit les cases et les critères en trois requêtes au plus."""
    lignes = list(prescription.lignes.select_related("type", "piece__type").order_by("type__ordre"))
    par_type = {ligne.type_id: ligne for ligne in lignes}
    invoques = prescription.criteres_invoques.filter(retire_le=None).select_related("critere")
    criteres = [
        _critere(prescription, i.critere, [t.pk for t in i.critere.types.all()], par_type, le)
        for i in invoques.prefetch_related("critere__types")
    ]
    obligatoires = [_commune(prescription, le)]
    obligatoires += [_piece_obligatoire(ligne, le) for ligne in lignes if ligne.type.obligatoire]
    return Eligibilite(le, obligatoires, criteres, lignes)


def _commune(prescription, le):
    commune = prescription.participant.commune
    adherente = commune.est_adherente(le) if commune else False
    if adherente is None:
        preuve, explication = Preuve.A_CONFIRMER, f"l’adhésion de {commune} est à confirmer : donnez un motif"
    elif adherente:
        preuve, explication = Preuve.PROUVE, f"{commune}, commune adhérente"
    else:
        preuve, explication = Preuve.NON_PROUVE, f"{prescription.participant.lieu} n’est pas une commune adhérente"
    return Resultat("commune", "Commune adhérente", preuve, obligatoire=True, explication=explication)


def _piece_obligatoire(ligne, le):
    preuve, explication = _preuve(ligne, le)
    return Resultat(
        ligne.type.code, ligne.type.libelle, preuve, ligne, _limite(ligne), obligatoire=True, explication=explication
    )


def _critere(prescription, critere, types, par_type, le):
    if not _age_convient(prescription.participant.age(le), critere):
        return Resultat(
            critere.code, critere.libelle, Preuve.NON_PROUVE, explication="l’âge à l’entrée ne convient pas"
        )
    rang = [Preuve.PROUVE, Preuve.A_CONTROLER, Preuve.EXPIRE, Preuve.NON_PROUVE]
    essais = [(*_preuve(par_type[t], le), par_type[t]) for t in types if t in par_type]
    if not essais:
        return Resultat(critere.code, critere.libelle, Preuve.NON_PROUVE, explication="pièce à joindre")
    preuve, explication, ligne = min(essais, key=lambda essai: rang.index(essai[0]))
    return Resultat(critere.code, critere.libelle, preuve, ligne, _limite(ligne), explication=explication)


def _age_convient(age, critere):
    return (critere.age_min is None or age >= critere.age_min) and (critere.age_max is None or age <= critere.age_max)


def _preuve(ligne, le):
    """État d’une case à la date `le`, avec la phrase qui l’explique."""
    if ligne.verdict in (Verdict.NON_CONFORME, Verdict.MANQUANTE):
        return Preuve.NON_PROUVE, ligne.get_motif_display() or "manquante"
    if not ligne.piece_id:
        return Preuve.NON_PROUVE, f"promise pour le {ligne.promise_pour:%d/%m/%Y}" if ligne.promise_pour else "absente"
    if not ligne.piece.est_valable(le):
        limite = ligne.piece.valable_jusqu_au()
        return Preuve.EXPIRE, f"expire le {limite:%d/%m/%Y}, avant l’entrée" if limite else "date à lire sur la pièce"
    if ligne.verdict == Verdict.CONFORME:
        return Preuve.PROUVE, "conforme"
    return Preuve.A_CONTROLER, "à contrôler"


def _limite(ligne):
    return ligne.piece.valable_jusqu_au() if ligne.piece_id else None
