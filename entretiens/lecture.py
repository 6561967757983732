"""Lire un entretien clos, ou celui qu’un autre conduit : la version qui vaut, ses signatures, ce qui a été décidé."""

from django.urls import reverse

from comptes import brouillons
from documents.models import StatutSignature
from documents.permissions import peut_recueillir
from documents.production import contexte
from entretiens import saisie
from entretiens.actions import ECRAN
from entretiens.permissions import peut_conduire
from entretiens.preparation import etat_de_signature, notes_permises

ETATS = {
    StatutSignature.A_SIGNER: "attention",
    StatutSignature.SIGNE: "ok",
    StatutSignature.PAPIER_RECU: "ok",
    StatutSignature.REFUS: "neutre",
}


def lecture(entretien, utilisateur):
    """Le contexte de la page de lecture."""
    versions = list(
        entretien.syntheses.select_related("document").prefetch_related("document__signatures__utilisateur")
    )
    actuelle = versions[0] if versions else None
    signatures = list(actuelle.document.signatures.all()) if actuelle else []
    lit_les_notes = notes_permises(entretien, utilisateur)
    texte, etat = etat_de_signature([s.statut for s in signatures])
    return {
        "entretien": entretien,
        "participant": entretien.participant,
        "actuelle": actuelle,
        "fiche": contexte(actuelle.document)["document"] if actuelle else _sans_document(entretien),
        "signatures": [(s, ETATS[s.statut]) for s in signatures],
        "etat": (texte, etat),
        "versions": versions,
        "notes": entretien.notes if lit_les_notes else "",
        "peut_signer": bool(actuelle and not actuelle.document.est_scelle and peut_recueillir(utilisateur)),
        "peut_corriger": bool(actuelle and peut_conduire(utilisateur)),
        "oublies": _textes_oublies(entretien, utilisateur, lit_les_notes),
        "url_brouillon": reverse("entretiens:brouillon", args=[entretien.pk]),
    }


def _sans_document(entretien):
    """Un entretien en cours, ou repris d’ailleurs sans document : ce qui est écrit."""
    return {
        "objectif": entretien.objectif,
        "point": entretien.point,
        "synthese": entretien.synthese,
        "demarches": [
            {"qui": d.get_qui_display(), "quoi": d.quoi, "pour_le": d.pour_le} for d in entretien.demarches.all()
        ],
    }


def _textes_oublies(entretien, utilisateur, lit_les_notes):
    """Ce que l’utilisateur tapait quand un autre a clos : liste de (nom du champ, texte), pour que rien ne se perde."""
    brouillon = brouillons.retrouver(utilisateur, ECRAN, entretien.pk) if entretien.est_clos else None
    if brouillon is None:
        return []
    tapes = saisie.lisible(brouillon.contenu, lit_les_notes)
    textes = [(nom, tapes.get(champ, "").strip(), getattr(entretien, champ)) for champ, nom in saisie.TEXTES.items()]
    oublies = [(nom, tape) for nom, tape, garde in textes if tape and tape.split() != garde.split()]
    return oublies + [("Démarche", d["quoi"]) for d in saisie.demarches(brouillon.contenu)]
