"""La vie d’un document : figé, signé, remplacé. Les apps du dessus donnent le contenu ; le PDF se fait à côté."""

import re

from django.conf import settings
from django.db import transaction

from documents.models import Document, RoleSignataire, Signature, StatutSignature
from documents.tasks import produire
from plie.exceptions import TransitionImpossible
from plie.taches import lancer
from reglages.lecture import structure


@transaction.atomic
def figer(participant, *, genre, contenu, par, signataires=(), remplace=None):
    """Fige un document et ouvre ses lignes de signature ; le PDF part au worker après la validation. Rend le document.

    contenu : {"structure", "document", "signataires"}, que JSON sait écrire ; signataires : (role, nom, utilisateur ou None).
    Lève TransitionImpossible quand `remplace` est déjà remplacé.
    """
    if remplace:
        remplace.verrouiller()
        if Document.objects.filter(remplace=remplace).exists():
            raise TransitionImpossible("Une version plus récente existe déjà : corrigez-la plutôt.")
    document = Document(
        participant=participant,
        genre=genre,
        contenu=contenu,
        fige_par=par,
        remplace=remplace,
        numero_version=remplace.numero_version + 1 if remplace else 1,
    ).enregistrer(par=par)
    for role, nom, utilisateur in signataires:
        Signature(document=document, role=role, nom=nom[:245], utilisateur=utilisateur).enregistrer(par=par)
    lancer(produire, document.pk)
    return document


@transaction.atomic
def signer(document, *, par, signatures):
    """Reçoit une ou plusieurs signatures à l’écran. `signatures` : {role: {accord, trace, nom_tape, mot}}.

    Lève TransitionImpossible, sans rien garder, si l’une n’est plus possible.
    """
    for role, champs in signatures.items():
        _ligne(document, role).signer(par=par, **champs)
    lancer(produire, document.pk)


@transaction.atomic
def refuser(document, *, par, motif, mot=""):
    """La personne ne signe pas : le document lui est remis quand même, avec la raison."""
    _ligne(document, RoleSignataire.PERSONNE).refuser(par=par, motif=motif, mot=mot)
    lancer(produire, document.pk)


@transaction.atomic
def recevoir_papier(document, *, par, piece):
    """L’exemplaire signé à la main est revenu : il vaut pour tous ceux qui n’ont pas signé à l’écran."""
    attendues = document.signatures.exclude(statut__in=[StatutSignature.SIGNE, StatutSignature.PAPIER_RECU])
    if not attendues:
        raise TransitionImpossible("Ce document est déjà signé par tous.")
    for signature in attendues:
        signature.recevoir_papier(par=par, piece=piece)
    lancer(produire, document.pk)


def structure_figee():
    """L’identité qui s’imprime, telle qu’elle est ce jour, et l’adresse où vérifier."""
    s = structure()
    adresse = re.sub(r"^https?://", "", settings.ADRESSE_PUBLIQUE)
    return {
        "nom": s.nom,
        "association": s.association,
        "adresse": s.adresse,
        "telephone": s.telephone,
        "logo_fige": s.logo.name,  # le fichier d’un logo n’est jamais réécrit : un autre logo est un autre fichier
        "verification": f"{adresse}/verifier",
    }


def _ligne(document, role):
    return document.signatures.get(role=role)
