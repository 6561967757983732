"""Orienter une personne, joindre une pièce : ce que font l’écran du partenaire et celui du conseiller."""

from functools import partial

from django.db import transaction
from django.utils import timezone

from comptes.models import Role
from participants.actions import deposer, inscrire
from participants.models import TypePiece
from participants.numeros import suivant
from participants.rangement import fichiers_ou_rien
from participants.recherche import doublons, meme_personne
from plie.exceptions import TransitionImpossible
from prescriptions.accords import figer_l_accord, verser
from prescriptions.annonces import annoncer
from prescriptions.listes import ATTENDENT_DES_PIECES, CHIFFRES_DU_NUMERO, MoyenAccord, StatutPrescription
from prescriptions.models import CritereInvoque, LignePiece, Prescription
from prescriptions.reprise import a_garder, deja_connue, ecrire_la_situation, est_ailleurs, est_en_parcours, reporter
from territoire.models import antenne_de


def orienter(
    *,
    par,
    organisation,
    identite,
    motif,
    accord,
    attente="",
    situation=None,
    criteres=(),
    pieces=(),
    premier_contact_le=None,
    participant=None,
):
    """Ouvre une demande d’entrée : la personne, ce que l’on en sait, les critères crus, les pièces, l’accord.

    par: l’agent ou le conseiller ; organisation: celle de l’agent, None quand un conseiller ouvre la demande.
    identite: champs de Participant, dont `commune` ou `commune_hors_cud`. motif: code de MotifOrientation.
    accord: {"le": date, "moyen": code de MoyenAccord, "trace": ce qui le montre}.
    situation: {genre de Caracteristique: valeur}. criteres: des Critere, que l’on pense remplis.
    pieces: [(TypePiece, FichierValide, date d’établissement ou None)]. premier_contact_le: aujourd’hui par défaut.
    participant: la personne, si l’on est dans son dossier ; sinon elle est retrouvée, ou inscrite.

    Rend la Prescription. Lève TransitionImpossible quand la personne a déjà une demande en cours et que c’est elle
    que l’on a désignée, ou qu’une date est à venir ; FichierRefuse quand le disque est plein. Rien n’est alors écrit.
    """
    aujourd_hui = timezone.localdate()
    premier_contact_le = premier_contact_le or aujourd_hui
    if max(premier_contact_le, accord["le"]) > aujourd_hui:
        raise TransitionImpossible("Le premier contact et l’accord ne peuvent pas être à venir.")
    with fichiers_ou_rien(), transaction.atomic():
        antenne = antenne_de(identite.get("commune"))
        connue = _la_personne_connue(identite, participant)
        participant = connue or inscrire(identite, par=par, antenne=antenne)
        ailleurs = connue is not None and est_ailleurs(connue, antenne)
        prescription = Prescription(
            numero=suivant(Prescription, f"P-{aujourd_hui.year}-", chiffres=CHIFFRES_DU_NUMERO),
            participant=participant,
            antenne=antenne,
            organisation=organisation,
            prescripteur=par if organisation and par.a_role(Role.PRESCRIPTEUR) else None,
            motif=motif,
            attente=attente,
            premier_contact_le=premier_contact_le,
            accord_le=accord["le"],
            accord_moyen=accord["moyen"],
            accord_trace=accord.get("trace", ""),
            orientee_par=par,
            a_reporter=a_garder(identite, situation or {}) if ailleurs else {},
        )
        if accord["moyen"] == MoyenAccord.SIGNE:
            prescription.accord_document = figer_l_accord(prescription, par=par)
        prescription.enregistrer(par=par)
        if connue is None:
            ecrire_la_situation(participant, situation or {}, par=par, du=premier_contact_le)
        elif not ailleurs:
            dit = {"antenne": antenne, "par": par, "du": premier_contact_le, "motif": "orientation"}
            reporter(participant, identite, situation or {}, **dit)
        _cases(prescription, criteres, pieces, par)
        if connue is None:
            texte = _ressemblances(participant)
        else:
            texte = deja_connue(connue, ailleurs=ailleurs, en_parcours=est_en_parcours(connue))
        annoncer(prescription, StatutPrescription.ORIENTEE, par, texte=texte)
        if prescription.accord_document_id:
            transaction.on_commit(partial(verser, prescription.accord_document), robust=True)
    return prescription


def joindre_piece(ligne, *fichiers, par, etablie_le=None):
    """Le prescripteur remplit une case de sa demande ; si c’était la dernière réponse attendue, la demande repart.

    ligne: LignePiece ; fichiers: les FichierValide d’une même pièce ; etablie_le: date lue sur la pièce.
    Rend vrai si la demande est repartie. Lève FichierRefuse ou TransitionImpossible ; rien n’est alors gardé.
    """
    prescription = ligne.prescription
    with fichiers_ou_rien(), transaction.atomic():
        prescription.verrouiller()
        ligne.verrouiller()
        deja_recue = ligne.piece_id and not ligne.est_attendue
        if deja_recue and prescription.statut in ATTENDENT_DES_PIECES:
            raise TransitionImpossible("L’antenne vient de recevoir cette pièce : elle n’est plus attendue.")
        piece = deposer(prescription.participant, ligne.type, *fichiers, par=par, etablie_le=etablie_le)
        ligne.joindre(piece, par=par, du_prescripteur=True)
        return prescription.completer_si_tout_est_la(par=par)


def ouvrir_les_cases_manquantes():
    """Un type de pièce devenu exigé de tous : sa case s’ouvre dans chaque demande en cours. Deux fois n’ont qu’un effet."""
    for type_piece in TypePiece.objects.filter(obligatoire=True).order_by("ordre"):
        for prescription in Prescription.objects.ouvertes().exclude(lignes__type=type_piece).order_by("pk"):
            with transaction.atomic():
                prescription.verrouiller()
                prescription.ouvrir_les_cases(par="référentiel des pièces")


def _la_personne_connue(identite, participant):
    """La personne désignée, ou retrouvée sans demande en cours ; None s’il faut l’inscrire."""
    if participant is not None:
        participant.verrouiller()
        if ouverte := participant.prescriptions.ouvertes().first():
            raise TransitionImpossible(f"Cette personne a déjà une demande en cours : {ouverte.numero}.")
        return participant
    connue = meme_personne(identite["prenom"], identite["nom"], identite["naissance"])
    if connue is not None:
        connue.verrouiller()
        if connue.prescriptions.ouvertes().exists():
            return None
    return connue


def _ressemblances(nouvelle):
    autres = [
        p.numero
        for p, _, _ in doublons(nouvelle.prenom, nouvelle.nom, nouvelle.naissance, nouvelle.telephone)
        if p.pk != nouvelle.pk
    ]
    return f"La personne ressemble à un dossier connu : {', '.join(autres[:3])}." if autres else ""


def _cases(prescription, criteres, pieces, par):
    """Les critères crus, et une case par pièce exigée, apportée, ou qui prouverait un critère."""
    types = {}
    for critere in criteres:
        CritereInvoque(prescription=prescription, critere=critere).enregistrer(par=par)
        types |= {t.pk: t for t in critere.types.all()}
    apportees = {}
    for type_piece, (fichiers, etablie_le) in _par_type(pieces).items():
        types.setdefault(type_piece.pk, type_piece)
        apportees[type_piece.pk] = deposer(
            prescription.participant, type_piece, *fichiers, par=par, etablie_le=etablie_le
        )
    du_prescripteur = prescription.organisation_id is not None
    for cle, type_piece in types.items():
        LignePiece(
            prescription=prescription, type=type_piece, piece=apportees.get(cle), du_prescripteur=du_prescripteur
        ).enregistrer(par=par)
    prescription.ouvrir_les_cases(par=par)


def _par_type(pieces):
    """{TypePiece: (fichiers, date)} : deux fichiers d’un même type sont une seule pièce, datée par le premier qui l’est."""
    groupes = {}
    for type_piece, fichier, etablie_le in pieces:
        fichiers, date = groupes.get(type_piece, ([], None))
        groupes[type_piece] = ([*fichiers, fichier], date or etablie_le)
    return groupes
