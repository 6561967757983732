"""L’accord signé à l’écran : un document du registre, versé au dossier comme la pièce « Accord signé » de la demande."""

import hashlib
import logging

from django.db import transaction

from documents.actions import figer, signer, structure_figee
from documents.models import Document, GenreDocument, RoleSignataire
from documents.production import lire
from documents.rendu import RenduImpossible
from documents.traces import est_un_trace
from entretiens.contenu import jour_long, nom_poli
from participants.actions import deposer
from participants.fichiers import TYPES, FichierRefuse, FichierValide
from participants.models import TypePiece
from participants.rangement import fichiers_ou_rien
from prescriptions.listes import ATTENDENT_DES_PIECES
from prescriptions.models import Prescription

logger = logging.getLogger(__name__)
ACCORD_SIGNE = "accord_signe"  # code du type de pièce


def texte_lu(organisation):
    """Ce que la personne entend avant de signer, à l’écran puis sur le document ; `organisation` : qui oriente, ou None."""
    qui = (
        f"ces réponses et ces pièces soient transmises au PLIE, par {organisation},"
        if organisation
        else "le PLIE garde ces réponses et ces pièces"
    )
    return f"Je suis d’accord pour que {qui} pour me proposer un rendez-vous. Je peux changer d’avis."


def figer_l_accord(demande, *, par):
    """Fige l’accord tel qu’il a été lu et signé, dans la transaction qui ouvre la demande. Rend le Document."""
    personne, pose = RoleSignataire.PERSONNE, demande.accord_trace
    document = figer(
        demande.participant,
        genre=GenreDocument.ACCORD,
        contenu=_contenu(demande, par),
        par=par,
        signataires=[(personne, nom_poli(demande.participant), None)],
    )
    signature = {"trace": pose} if est_un_trace(pose) else {"nom_tape": pose[:245]}
    signer(document, par=par, signatures={personne: {"accord": True} | signature})
    return document


def verser(document):
    """Fait de l’accord une pièce à contrôler, et la met dans la case de la demande si elle est vide. Deux fois n’ont qu’un effet.

    Le PDF se met en page hors de la transaction. Lève RenduImpossible, ou FichierRefuse quand le disque est plein.
    """
    type_piece = TypePiece.objects.filter(code=ACCORD_SIGNE).first()
    if document.piece_id or type_piece is None:
        return
    pdf, par = lire(document), document.fige_par
    fichier = FichierValide(
        f"accord-signe-a-l-ecran-{document.code}.pdf", "pdf", TYPES["pdf"], pdf, hashlib.sha256(pdf).hexdigest()
    )
    with fichiers_ou_rien(), transaction.atomic():
        demande = Prescription.objects.get(accord_document=document)
        demande.verrouiller()
        document.verrouiller()
        if document.piece_id:
            return
        piece = deposer(demande.participant, type_piece, fichier, par=par, etablie_le=demande.accord_le)
        document.piece = piece
        document.enregistrer(par=par)
        case = demande.lignes.filter(type=type_piece, piece=None).first()
        if case and demande.statut in ATTENDENT_DES_PIECES:
            case.joindre(piece, par=par)
            demande.completer_si_tout_est_la(par=par)


def verser_en_attente():
    """Ce qu’une panne a empêché, par plage (RE5) : un accord impossible n’arrête pas les suivants."""
    for document in Document.objects.a_verser().select_related("fige_par"):
        try:
            verser(document)
        except (RenduImpossible, FichierRefuse, OSError) as refus:
            logger.error("Accord %s non versé : %s", document.code, refus)


def _contenu(demande, par):
    jour, personne = demande.accord_le, nom_poli(demande.participant)
    reperes = [("Demande", demande.numero), ("Recueilli par", nom_poli(par))]
    if demande.organisation:
        reperes.append(("Orientée par", str(demande.organisation)))
    document = {
        "titre": "Accord de la personne",
        "objet_pdf": "Accord de la personne pour que ses réponses et ses pièces soient transmises au PLIE",
        "date": jour.isoformat(),
        "rappel": f"{personne}, {jour_long(jour)}",
        "sous_titre": personne,
        "reperes": reperes,
        "texte": texte_lu(demande.organisation),
        "avant_signature": "Ce texte m’a été lu. Je peux demander qu’on me le relise.",
    }
    return {
        "structure": structure_figee(),
        "document": document,
        "signataires": {RoleSignataire.PERSONNE: "La personne"},
    }
