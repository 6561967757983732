"""Avis, critères et entrée prévue ; refuser, classer, accorder, acter ; ce que la base refuse."""

import pytest
from django.db import IntegrityError, transaction

from comptes.models import Role
from parcours.models import Affectation, EtatAffectation, Parcours
from plie.exceptions import TransitionImpossible
from prescriptions.listes import StatutPrescription
from prescriptions.models import LignePiece
from tests.factories import (
    AffectationFactory,
    LignePieceFactory,
    ParcoursFactory,
    PrescriptionFactory,
)
from tests.prescriptions.dossiers import AUJOURD_HUI, JOUR, agent, demande, dire, prete
from tests.prescriptions.ecrans import relue

pytestmark = pytest.mark.django_db

S = StatutPrescription

# Avis, critères, entrée prévue


def test_l_avis_repris_avant_la_transmission_reste_le_meme():
    prescription = PrescriptionFactory(prise=True)
    premier = prescription.donner_avis(par=prescription.conseiller, sens="reserve", motivation="À voir.")
    second = prescription.donner_avis(par=prescription.conseiller, sens="favorable", motivation="Vu.")
    assert premier.pk == second.pk
    assert second.history.count() == 2


def test_l_avis_donne_apres_un_retour_s_ajoute_au_premier():
    prescription = demande("prise")
    prescription.transmettre(par=prescription.conseiller)
    prescription.renvoyer(par=agent(Role.RESPONSABLE), motifs=["avis"])
    prescription.donner_avis(par=prescription.conseiller, sens="favorable", motivation="Précisé.")
    assert prescription.avis.count() == 2
    assert prescription.avis.first().motivation == "Précisé."


@pytest.mark.parametrize("etat", [None, "transmise", "accordee"])
def test_l_avis_et_les_criteres_ne_s_ecrivent_que_pendant_l_instruction(etat):
    prescription = PrescriptionFactory(**({etat: True} if etat else {}))
    par = agent(Role.CONSEILLER, antenne=prescription.antenne)
    with pytest.raises(TransitionImpossible):
        prescription.donner_avis(par=par, sens="favorable", motivation="Oui.")
    with pytest.raises(TransitionImpossible):
        prescription.choisir_criteres([], par=par)
    with pytest.raises(TransitionImpossible):
        prescription.prevoir_entree(par=par, entree_prevue_le=None, referent_propose=None)


def test_un_critere_retire_puis_repris_garde_sa_ligne():
    prescription = demande("prise")
    rsa = prescription.criteres_invoques.get().critere
    prescription.choisir_criteres([], par=prescription.conseiller)
    assert prescription.criteres_invoques.get().retire_le
    prescription.choisir_criteres([rsa], par=prescription.conseiller)
    assert prescription.criteres_invoques.get().retire_le is None
    assert prescription.lignes.count() == 3


def test_l_entree_ne_se_prevoit_pas_dans_le_passe():
    prescription = PrescriptionFactory(prise=True)
    with pytest.raises(TransitionImpossible, match="déjà passée"):
        prescription.prevoir_entree(
            par=prescription.conseiller, entree_prevue_le=AUJOURD_HUI() - JOUR, referent_propose=None
        )


def test_un_autre_referent_se_propose_avec_sa_raison():
    prescription = PrescriptionFactory(prise=True)
    autre = agent(Role.CONSEILLER, antenne=prescription.antenne)
    with pytest.raises(TransitionImpossible, match="pourquoi le référent"):
        prescription.prevoir_entree(par=prescription.conseiller, entree_prevue_le=None, referent_propose=autre)


# Refuser, classer, accorder, acter


@pytest.mark.parametrize(
    "arguments", [{"motif": "", "dirigee_vers": "CCAS"}, {"motif": "criteres", "dirigee_vers": " "}]
)
def test_refuser_dit_pourquoi_et_vers_qui(arguments):
    prescription = demande("transmise")
    with pytest.raises(TransitionImpossible, match="vers qui"):
        prescription.refuser(par=agent(Role.RESPONSABLE), **arguments)


@pytest.mark.parametrize("verbe", ["refuser", "classer_sans_suite"])
def test_une_demande_close_libere_le_referent_pressenti(verbe):
    prescription, par = prete(verbe)
    AffectationFactory(
        participant=prescription.participant, conseiller=prescription.conseiller, etat="pressentie", du=AUJOURD_HUI()
    )
    dire(prescription, verbe, par)
    assert not Affectation.objects.filter(participant=prescription.participant, au=None).exists()


def test_accorder_exige_un_motif_quand_l_adhesion_de_la_commune_est_a_confirmer():
    prescription = demande("validee", participant__commune__a_confirmer=True)
    par = agent(Role.STATISTIQUES)
    with pytest.raises(TransitionImpossible, match="à confirmer"):
        prescription.accorder(par=par)
    prescription.accorder(par=par, adhesion_motif="Délibération attendue en décembre")
    assert relue(prescription).adhesion_motif == "Délibération attendue en décembre"


def test_le_motif_d_adhesion_ne_se_garde_que_s_il_sert():
    prescription = demande("validee")
    prescription.accorder(par=agent(Role.STATISTIQUES), adhesion_motif="Au cas où")
    assert relue(prescription).adhesion_motif == ""


def test_acter_ouvre_le_parcours_en_phase_1_et_confirme_le_referent():
    prescription, par = prete("acter_entree")
    parcours = prescription.acter_entree(par=par)
    assert (parcours.participant, parcours.entre_le) == (prescription.participant, AUJOURD_HUI())
    assert parcours.passages.get().phase == "1_mobilisation"
    affectation = Affectation.objects.get(participant=prescription.participant, au=None)
    assert (affectation.conseiller, affectation.etat) == (prescription.conseiller, EtatAffectation.CONFIRMEE)


def test_un_autre_referent_a_l_acte_demande_un_motif():
    prescription, par = prete("acter_entree")
    autre = agent(Role.CONSEILLER, antenne=prescription.antenne)
    with pytest.raises(TransitionImpossible, match="pourquoi le référent"):
        prescription.acter_entree(par=par, referent=autre)
    assert not Parcours.objects.exists()
    prescription.acter_entree(par=par, referent=autre, motif="Plus proche de chez elle")
    assert Affectation.objects.get(participant=prescription.participant, au=None).conseiller == autre


def test_le_referent_propose_avec_sa_raison_s_acte_sans_la_redire():
    prescription = demande("prise")
    autre = agent(Role.CONSEILLER, antenne=prescription.antenne)
    prescription.prevoir_entree(
        par=prescription.conseiller, entree_prevue_le=None, referent_propose=autre, referent_motif="File active"
    )
    prescription.transmettre(par=prescription.conseiller)
    prescription.valider_pertinence(par=agent(Role.RESPONSABLE))
    prescription.accorder(par=agent(Role.STATISTIQUES))
    prescription.acter_entree(par=agent(Role.ANIMATION))
    assert Affectation.objects.get(participant=prescription.participant, au=None).motif == "File active"


def test_un_parcours_deja_ouvert_empeche_toute_l_entree():
    prescription, par = prete("acter_entree")
    ParcoursFactory(participant=prescription.participant)
    with pytest.raises(TransitionImpossible, match="déjà un parcours"):
        prescription.acter_entree(par=par)
    assert relue(prescription).statut == S.ACCORDEE
    assert not Affectation.objects.exists()


def test_un_referent_en_place_sans_motif_defait_tout_l_acte():
    """Le refus arrive après l’écriture du statut : tout revient en arrière."""
    prescription, par = prete("acter_entree")
    AffectationFactory(participant=prescription.participant)
    with pytest.raises(TransitionImpossible, match="change de référent"):
        prescription.acter_entree(par=par)
    assert relue(prescription).statut == S.ACCORDEE
    assert not Parcours.objects.exists()


def test_rouvrir_le_controle_efface_l_accord_et_dit_pourquoi():
    prescription, par = prete("rouvrir_controle")
    prescription.rouvrir_controle(par=par, raison="L’attestation RSA a expiré.")
    apres = relue(prescription)
    assert (apres.statut, apres.accordee_le, apres.accordee_par) == (S.A_CONTROLER, None, None)
    assert apres.retours.get().texte == "L’attestation RSA a expiré."
    assert apres.pertinence_validee_le


def test_rouvrir_sans_raison_se_refuse():
    prescription, par = prete("rouvrir_controle")
    with pytest.raises(TransitionImpossible, match="ce qui est tombé"):
        prescription.rouvrir_controle(par=par, raison="  ")


# Ce que la base refuse


@pytest.mark.parametrize(
    "incoherence",
    [
        {"statut": "refusee"},
        {"statut": "sans_suite"},
        {"statut": "accordee"},
        {"statut": "entree_actee"},
        {"refusee": True, "dirigee_vers": ""},
    ],
)
def test_la_base_refuse_un_etat_sans_ses_faits(incoherence):
    with pytest.raises(IntegrityError), transaction.atomic():
        PrescriptionFactory(**incoherence)


def test_la_base_refuse_deux_demandes_ouvertes_pour_une_personne():
    premiere = PrescriptionFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        PrescriptionFactory(participant=premiere.participant)


@pytest.mark.parametrize("champs", [{"verdict": "non_conforme"}, {"verdict": "conforme"}])
def test_la_base_refuse_un_verdict_incomplet(champs):
    with pytest.raises(IntegrityError), transaction.atomic():
        LignePieceFactory(**champs)
    assert not LignePiece.objects.exists()
