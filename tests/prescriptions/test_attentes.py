"""Ce que l’on attend d’un prescripteur : la même chose sur sa page, sa liste, son menu, ses courriels et chez le conseiller."""

import datetime

import pytest
from django.urls import reverse

from comptes.models import Role
from dossier.cadre import compter as compter_le_menu
from notifications.models import Envoi
from participants import fichiers
from plie.exceptions import TransitionImpossible
from prescriptions import attentes, orientations
from prescriptions.actions import joindre_piece
from prescriptions.eligibilite import lire
from prescriptions.models import LignePiece
from tests import factories as f
from tests import faux_fichiers
from tests.prescriptions import dossiers

pytestmark = pytest.mark.django_db
JOUR = datetime.timedelta(1)


@pytest.fixture
def demande():
    """Renvoyée par les Statistiques : l’attestation RSA, que le prescripteur avait annoncée."""
    prescription = dossiers.renvoyee()
    _changer(dossiers.ligne(prescription, "attestation_rsa"), du_prescripteur=True)
    return prescription


@pytest.fixture
def agent(demande):
    return f.UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=demande.organisation)


def _changer(ligne, **champs):
    for nom, valeur in champs.items():
        setattr(ligne, nom, valeur)
    return ligne.enregistrer(par="test")


def autre_preuve(demande, **champs):
    """Une seconde pièce qui prouve le RSA."""
    autre = f.TypePieceFactory(code="attestation_caf", libelle="Attestation CAF")
    dossiers.critere_rsa().types.add(autre)
    return f.LignePieceFactory(prescription=demande, type=autre, **champs)


def sans_critere(demande):
    for invoque in demande.criteres_invoques.all():
        _changer(invoque, retire_le=demande.statut_depuis)


def attestation(demande):
    return dossiers.ligne(demande, "attestation_rsa")


CAS = {
    "renvoyée": (lambda d: None, True),
    "promise": (lambda d: _changer(attestation(d), promise_pour=dossiers.AUJOURD_HUI() + JOUR), False),
    "promesse passée": (lambda d: _changer(attestation(d), promise_pour=dossiers.AUJOURD_HUI() - JOUR), True),
    "expliquée": (lambda d: _changer(attestation(d), reponse="La CAF n’en donne plus."), False),
    "critère retiré": (sans_critere, False),
    "autre preuve jointe": (lambda d: autre_preuve(d, jointe=True), False),
    "autre preuve promise": (lambda d: autre_preuve(d, promise_pour=dossiers.AUJOURD_HUI() + JOUR), False),
    "autre preuve vide": (lambda d: autre_preuve(d), True),
    "autre preuve renvoyée aussi": (
        lambda d: autre_preuve(d, jointe=True, verdict="non_conforme", motif="expiree", demandee_le=d.statut_depuis),
        True,
    ),
}


@pytest.mark.parametrize(("changer", "attendue"), CAS.values(), ids=CAS)
def test_le_conseiller_et_le_prescripteur_attendent_la_meme_piece(demande, agent, changer, attendue):
    changer(demande)
    du_conseiller = attestation(demande).pk in {x.pk for x in lire(demande).attendues()}
    vue = orientations.suivies_par(agent).get()
    du_prescripteur = attestation(demande).pk in {x.pk for x in orientations.attendues(vue)}
    filtree = orientations.filtrer(orientations.suivies_par(agent), "a_moi").exists()
    assert (du_conseiller, du_prescripteur, filtree) == (attendue, attendue, attendue)
    assert orientations.compter(agent)["a_moi"] == compter_le_menu(agent)["orientations"] == int(attendue)


def test_une_piece_exigee_de_tous_sert_sans_aucun_critere(demande, agent):
    sans_critere(demande)
    _changer(
        dossiers.ligne(demande, "identite"), verdict="manquante", motif="absente", demandee_le=demande.statut_depuis
    )
    assert [x.type.code for x in attentes.attendues(LignePiece.objects.all())] == ["identite"]
    assert [x.type.code for x in lire(demande).attendues()] == ["identite"]


# Il n’est dérangé que pour ce qui le regarde.


def renvoyer(*codes):
    """Les envois au prescripteur d’une demande renvoyée pour ces pièces ; sans pièce, pour l’avis."""
    prescription = dossiers.demande("validee")
    agent = f.UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=prescription.organisation)
    pieces = [(dossiers.ligne(prescription, code), "illisible", "") for code in codes]
    prescription.renvoyer(par=dossiers.agent(Role.STATISTIQUES), motifs=[] if pieces else ["avis"], pieces=pieces)
    return Envoi.objects.filter(destinataire=agent)


def test_un_retour_qui_ne_lui_demande_rien_ne_le_derange_pas():
    assert not renvoyer().exists()


def test_une_piece_discrete_ne_le_derange_pas():
    dossiers.types_de_pieces()
    type_piece = dossiers.critere_rsa().types.get()
    type_piece.sensible = True
    type_piece.enregistrer(par="test")
    assert not renvoyer("attestation_rsa").exists()


def test_une_piece_attendue_de_lui_lui_est_dite_par_son_nom():
    envoi = renvoyer("identite", "domicile").get(canal="application")
    assert envoi.texte == "Attendu de vous : Pièce d’identité, Justificatif de domicile."
    assert renvoyer("identite").filter(canal="courriel").count() == 1


# Deux à remplir la même case.


def test_la_piece_que_l_antenne_vient_de_joindre_n_est_pas_remplacee(demande, agent, connexion):
    case = next(x for x in orientations.suivies_par(agent).get().cases if x.type.code == "attestation_rsa")
    assert orientations.peut_recevoir(orientations.suivies_par(agent).get(), case)
    piece = f.PieceFactory(participant=demande.participant, type=case.type)
    attestation(demande).joindre(piece, par=demande.conseiller)
    with pytest.raises(TransitionImpossible, match="vient de recevoir"):
        joindre_piece(case, fichiers.valider("rsa.pdf", faux_fichiers.pdf()), par=agent)
    assert attestation(demande).piece == piece
    page = connexion(agent).get(reverse("orientations:detail", args=[demande.pk])).content.decode()
    assert "C’est à vous" not in page
