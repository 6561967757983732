"""« Ce qui prouve quoi » : les conditions d’entrée en lignes, les pièces en colonnes, un état par case."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.text import capfirst

from plie.templatetags.interface import jour_court
from prescriptions.eligibilite import Preuve
from prescriptions.listes import StatutPrescription, Verdict

ETATS = {
    Preuve.PROUVE: "ok",
    Preuve.A_CONTROLER: "info",
    Preuve.EXPIRE: "attention",
    Preuve.NON_PROUVE: "retard",
    Preuve.A_CONFIRMER: "attention",
}
ICONES = {"info": "eye"}
LARGE = 6  # pièces : au-delà, les deux premières colonnes restent fixes
HORS_DU_CONTROLE = {
    StatutPrescription.ORIENTEE,
    StatutPrescription.EN_INSTRUCTION,
    StatutPrescription.TRANSMISE,
    StatutPrescription.REFUSEE,
    StatutPrescription.SANS_SUITE,
}
CONFIDENTIEL = "Confidentiel"


@dataclass(frozen=True)
class Case:
    """L’état d’une pièce : une couleur, un mot, une précision."""

    etat: str
    texte: str
    detail: str = ""

    @property
    def icone(self):
        return ICONES.get(self.etat, "")


@dataclass(frozen=True)
class Colonne:
    nom: str
    piece: object = None  # Piece que le lecteur peut ouvrir
    limite: str = ""


@dataclass(frozen=True)
class Rangee:
    libelle: str
    obligatoire: bool
    resultat: Case
    cellules: list  # [(Colonne, Case ou None)]
    critere: object = None


@dataclass(frozen=True)
class Matrice:
    colonnes: list
    rangees: list

    @property
    def large(self):
        return len(self.colonnes) >= LARGE

    @property
    def etroite(self):
        return len(self.colonnes) < LARGE - 1


def composer(prescription, eligibilite, cases, *, voit_le_sensible):
    """La Matrice d’une demande ; ce qui est de santé ou discret n’a pas de nom pour qui n’instruit ni ne contrôle."""
    lignes = cases.utiles()
    colonnes = [_colonne(ligne, voit_le_sensible) for ligne in lignes]
    rangees = []
    for resultat in eligibilite.resultats:
        types = {t.pk for t in resultat.types}
        cellules = []
        for colonne, ligne in zip(colonnes, lignes, strict=True):
            case = None
            if ligne.type_id in types:
                case = etat_de(ligne, eligibilite.le, prescription.statut, resultat.critere)
                if colonne.nom == CONFIDENTIEL:
                    case = Case(case.etat, case.texte)
            cellules.append((colonne, case))
        cache = resultat.sensible and not voit_le_sensible
        rangees.append(
            Rangee(
                CONFIDENTIEL if cache else resultat.libelle,
                resultat.obligatoire,
                _resultat(resultat, prescription),
                cellules,
                None if cache else resultat.critere,
            )
        )
    return Matrice(colonnes, rangees)


def etat_de(ligne, le, statut, critere=None):
    """La Case d’une pièce, jugée à la date `le`."""
    piece, suite = ligne.piece, _suite(ligne)
    if ligne.verdict == Verdict.NON_CONFORME:
        motif = ligne.get_motif_display()
        return Case("retard", capfirst(motif), suite or _datee(piece))
    if ligne.verdict == Verdict.MANQUANTE or not ligne.piece_id:
        return Case("attention" if ligne.reponse else "retard", "Ne viendra pas" if ligne.reponse else "Manque", suite)
    if piece.retiree_le:
        return Case("retard", "Retirée", "fichier infecté, à redonner")
    if not piece.est_valable(le):
        return _expiration(piece)
    if ligne.verdict != Verdict.CONFORME:
        return Case("info", "Jointe" if statut in HORS_DU_CONTROLE else "À contrôler")
    if critere and critere.code in ligne.ne_prouve_pas:
        return Case("retard", "Ne le prouve pas")
    return Case("ok", "Conforme")


def _resultat(resultat, prescription):
    if prescription.est_finie and resultat.preuve == Preuve.A_CONTROLER:
        return Case("neutre", "Non contrôlé")
    return Case(ETATS[resultat.preuve], resultat.libelle_preuve, _precision(resultat))


def _colonne(ligne, voit_le_sensible):
    if ligne.type.sensible and not voit_le_sensible:
        return Colonne(CONFIDENTIEL, None, _limite(ligne))
    return Colonne(ligne.type.libelle, ligne.piece, _limite(ligne))


def _limite(ligne):
    if not ligne.piece_id:
        return "à recevoir"
    if limite := ligne.piece.valable_jusqu_au():
        return jour_court(limite)
    return "date à lire" if ligne.type.validite_mois else "sans limite"


def _suite(ligne):
    if ligne.reponse:
        return ligne.reponse
    if ligne.promise_pour:
        return f"promise le {jour_court(ligne.promise_pour)}" + ("" if ligne.est_promise else ", date passée")
    return ""


def _datee(piece):
    return f"du {jour_court(piece.etablie_le)}" if piece and piece.etablie_le else ""


def _expiration(piece):
    limite = piece.valable_jusqu_au()
    if limite is None:
        return Case("attention", "Date à lire")
    if limite < timezone.localdate():
        return Case("retard", "Périmée", f"depuis le {jour_court(limite)}")
    return Case("attention", "Expirera", f"le {jour_court(limite)}, avant l’entrée")


def _precision(resultat):
    """Dite sous le résultat quand aucune case ne l’explique."""
    if resultat.preuve == Preuve.A_CONFIRMER or (not resultat.types and not resultat.prouve):
        return resultat.explication
    return ""
