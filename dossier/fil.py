"""Le fil d’un dossier : les faits datés de toutes les apps, du plus récent au plus ancien, page par page.

Ce qu’un entretien dit n’y entre que pour qui peut le lire : les autres en voient la date, le genre et les signatures.
"""

import datetime
from dataclasses import dataclass

from django.db.models import DateField, Exists, OuterRef, Q, UUIDField
from django.urls import reverse
from django.utils import timezone

from documents.models import Signature, StatutSignature
from dossier.demande import adresse
from entretiens.models import Demarche, Entretien, EtatDemarche, StatutRendezVous
from participants.permissions import peut_lire_piece
from plie.instants import a
from plie.requetes import gardee

PAGE = 25
GENRES = {
    "entretiens": "Entretiens",
    "demandes": "Demandes",
    "pieces": "Pièces",
    "demarches": "Démarches",
    "phases": "Phases",
}
MANQUES = {
    StatutRendezVous.ABSENT: ("Absence", "retard"),
    StatutRendezVous.ABSENT_EXCUSE: ("Absence excusée", "attention"),
    StatutRendezVous.ANNULE_PERSONNE: ("Rendez-vous annulé par la personne", "neutre"),
    StatutRendezVous.ANNULE_STRUCTURE: ("Rendez-vous annulé par la structure", "neutre"),
}
EXTRAIT = 220  # caractères


@dataclass
class Lecteur:
    """Ce que la personne qui lit peut voir de ce dossier."""

    utilisateur: object
    lit_les_entretiens: bool


def page(participant, lecteur, passages, demandes, deposees, *, genre="", avant=None):
    """(faits, suite) : une page du fil avant la date `avant`, et la date d’où reprendre (None à la fin).

    Une page s’arrête entre deux jours : aucun fait n’est coupé ni montré deux fois.
    """
    sources = {
        "entretiens": lambda: _entretiens(participant, lecteur, avant) + _manques(participant, avant),
        "demandes": lambda: _demandes(demandes, lecteur, avant),
        "pieces": lambda: _pieces(deposees, lecteur, avant),
        "demarches": lambda: _demarches(participant, lecteur, avant),
        "phases": lambda: _phases(passages, avant),
    }
    choisies = [sources[genre]] if genre in sources else sources.values()
    faits = sorted((fait for source in choisies for fait in source()), key=_rang, reverse=True)
    if len(faits) <= PAGE:
        return faits, None
    jour = faits[PAGE]["le"]
    gardes = [fait for fait in faits if fait["le"] > jour] or [fait for fait in faits if fait["le"] == jour]
    return gardes, gardes[-1]["le"]


def _rang(fait):
    """Au sein d’un jour, à l’heure près ; ce qui n’a pas d’heure (une phase, une démarche) suit ce qui l’a permis."""
    return fait["le"], fait.get("moment") or a(fait["le"], datetime.time.max)


def _avant(champ, avant):
    """Filtre des faits d’avant le jour `avant` ; `champ` est une date."""
    return Q(**{f"{champ}__lt": avant}) if avant else Q()


def _avant_moment(champ, avant):
    """Le même pour une date et heure : avant minuit, à Paris, du jour `avant`."""
    return Q(**{f"{champ}__lt": a(avant)}) if avant else Q()


def _entretiens(participant, lecteur, avant):
    lignes = _lire_entretiens(lecteur.lit_les_entretiens, avant is not None, participant=participant.pk, avant=avant)
    return [_entretien(ligne, lecteur) for ligne in lignes]


@gardee(participant=UUIDField(), avant=DateField())
def _lire_entretiens(avec_le_texte, est_une_suite, participant, avant):
    derniere = Signature.objects.filter(document__synthese__entretien=OuterRef("pk"), document__remplace_par=None)
    entretiens = (
        Entretien.objects.filter(_avant("jour", avant if est_une_suite else None), participant=participant)
        .annotate(
            a_un_document=Exists(derniere),
            reste_a_signer=Exists(derniere.filter(statut=StatutSignature.A_SIGNER)),
            refus=Exists(derniere.filter(statut=StatutSignature.REFUS)),
        )
        .order_by("-jour", "-id")
    )
    colonnes = ["jour", "debut", "genre", "statut", "conseiller__prenom", "conseiller__nom", "pk"]
    textes = ["objectif", "synthese"] if avec_le_texte else []
    return entretiens.values(*colonnes, *textes, "a_un_document", "reste_a_signer", "refus")[: PAGE + 1]


def _entretien(ligne, lecteur):
    genre = dict(Entretien.genre.field.choices)[ligne["genre"]].capitalize()
    signature, etat = _signature(ligne)
    objectif = ligne.get("objectif", "")
    return {
        "le": ligne["jour"],
        "moment": ligne["debut"] if timezone.localdate(ligne["debut"]) == ligne["jour"] else None,
        "icone": "writing",
        "etat": etat,
        "titre": f"{genre} : {objectif}" if objectif else genre,
        "url": reverse("entretiens:detail", args=[ligne["pk"]]) if lecteur.lit_les_entretiens else "",
        "precision": f"{ligne['conseiller__prenom']} {ligne['conseiller__nom']} · {signature}",
        "extrait": _extrait(ligne.get("synthese", "")),
    }


def _signature(ligne):
    if ligne["statut"] == "brouillon":
        return "à clore", "attention"
    if not ligne["a_un_document"]:
        return "clos", "info"
    if ligne["reste_a_signer"]:
        return "reste à signer", "attention"
    return ("refus de signer noté", "neutre") if ligne["refus"] else ("signé par les deux", "ok")


def _manques(participant, avant):
    manques = participant.rendez_vous.filter(_avant_moment("debut", avant), statut__in=MANQUES)
    return [
        {
            "le": timezone.localdate(rdv.debut),
            "moment": rdv.debut,
            "icone": "calendar-off",
            "etat": MANQUES[rdv.statut][1],
            "titre": MANQUES[rdv.statut][0],
            "precision": rdv.get_moyen_display(),
        }
        for rdv in manques.order_by("-debut")[: PAGE + 1]
    ]


FAITS_D_UNE_DEMANDE = [
    ("orientee", "Orientée vers le PLIE", "send", "info"),
    ("prise_en_charge", "Demande prise en charge", "inbox", "info"),
    ("pertinence_validee", "Pertinence validée", "clipboard-check", "ok"),
    ("accordee", "Accord des Statistiques", "shield-check", "ok"),
    ("entree_actee", "Entrée actée", "door-enter", "ok"),
    ("refusee", "Demande refusée", "circle-x", "retard"),
    ("sans_suite", "Demande classée sans suite", "archive", "neutre"),
]


def _demandes(demandes, lecteur, avant):
    faits = []
    for demande in demandes:
        url = adresse(demande, lecteur.utilisateur)
        faits += [fait | {"url": url} for fait in _vie_d_une_demande(demande)]
    return [fait for fait in faits if avant is None or fait["le"] < avant]


def _vie_d_une_demande(demande):
    for nom, titre, icone, etat in FAITS_D_UNE_DEMANDE:
        if moment := getattr(demande, f"{nom}_le"):
            par = demande.organisation.nom if nom == "orientee" and demande.organisation_id else demande.numero
            yield _fait(moment, titre, icone, etat, par)
    for retour in demande.retours.all():
        if retour.motifs:
            precision = f"{demande.numero} · {', '.join(retour.libelles).lower()}"
            yield _fait(retour.le, "Demande renvoyée", "arrow-back-up", "attention", precision)


def _fait(moment, titre, icone, etat, precision):
    return {
        "le": timezone.localdate(moment),
        "moment": moment,
        "icone": icone,
        "etat": etat,
        "titre": titre,
        "precision": precision,
    }


def pieces_deposees(participant, utilisateur, avant=None):
    """Les pièces que voit `utilisateur`, les plus récentes d’abord : celles d’une page du fil, et la dernière de chaque type."""
    vues = participant.pieces.visibles_par(utilisateur)
    du_fil = vues.filter(_avant_moment("deposee_le", avant)).order_by("-deposee_le", "-id")
    lues = vues.filter(Q(pk__in=du_fil.values("pk")[: PAGE + 1]) | Q(pk__in=vues.en_vigueur().values("pk")))
    return list(lues.select_related("type").order_by("-deposee_le", "-id"))


def _pieces(deposees, lecteur, avant):
    du_fil = [p for p in deposees if avant is None or p.deposee_le < a(avant)]
    return [
        {
            "le": timezone.localdate(piece.deposee_le),
            "moment": piece.deposee_le,
            "icone": "paperclip",
            "etat": "neutre",
            "titre": piece.type.libelle,
            "url": reverse("participants:piece", args=[piece.pk]),
            "precision": "retirée depuis" if piece.retiree_le else "déposée",
            "verrou": piece.type.sensible,
        }
        for piece in du_fil[: PAGE + 1]
        if peut_lire_piece(lecteur.utilisateur, piece)
    ]


def _demarches(participant, lecteur, avant):
    if not lecteur.lit_les_entretiens:
        return []
    reglees = Demarche.objects.filter(_avant("reglee_le", avant), participant=participant, reglee_le__isnull=False)
    return [
        {
            "le": demarche.reglee_le,
            "icone": "list-check",
            "etat": "ok" if demarche.etat == EtatDemarche.FAITE else "neutre",
            "titre": demarche.quoi,
            "precision": f"démarche {demarche.get_etat_display()}",
        }
        for demarche in reglees.order_by("-reglee_le", "-id")[: PAGE + 1]
    ]


def _phases(passages, avant):
    return [
        {
            "le": passage.du,
            "icone": "flag",
            "etat": "info",
            "titre": f"Phase : {passage.get_phase_display()}",
            "precision": passage.motif or "parcours",
        }
        for passage in passages
        if avant is None or passage.du < avant
    ]


def _extrait(texte):
    if len(texte) <= EXTRAIT:
        return texte
    return texte[:EXTRAIT].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
