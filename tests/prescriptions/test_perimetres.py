"""Qui garde l’accès, et jusqu’à quand : une organisation fermée, un conseiller passé ailleurs ; et le référentiel au journal."""

import pytest
from django.urls import reverse

from comptes.models import Role
from journal.models import Ligne
from partenaires.models import organisation_de
from participants.models import Piece
from prescriptions.annonces import prescripteurs
from prescriptions.models import Prescription
from prescriptions.referentiels import AUTEUR, charger
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def fermee():
    return f.OrganisationFactory(active=False)


@pytest.fixture
def agent(fermee):
    return f.UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=fermee)


@pytest.mark.parametrize("nom", ["nouvelle", "liste", "export"])
def test_une_organisation_fermee_n_oriente_plus_et_l_apprend(agent, connexion, nom):
    reponse = connexion(agent).get(reverse(f"orientations:{nom}"))
    assert reponse.status_code == 403
    assert "aucune organisation active" in reponse.content.decode()
    assert organisation_de(agent) is None


def test_une_organisation_fermee_ne_lit_plus_ses_orientations_et_n_en_est_plus_prevenue(agent, fermee, connexion):
    demande = f.PrescriptionFactory(organisation=fermee, prescripteur=agent)
    assert connexion(agent).get(reverse("orientations:detail", args=[demande.pk])).status_code == 404
    assert not Prescription.objects.visibles_par(agent).exists()
    assert not prescripteurs(demande).exists()


def test_une_organisation_fermee_ne_lit_plus_les_pieces_que_son_agent_a_deposees(agent, fermee):
    demande = f.PrescriptionFactory(organisation=fermee, prescripteur=agent)
    f.PieceFactory(participant=demande.participant, deposee_par=agent)
    assert not Piece.objects.visibles_par(agent).exists()
    fermee.active = True
    fermee.enregistrer(par="test")
    assert Piece.objects.visibles_par(agent).exists()


def test_rouverte_elle_les_retrouve(agent, fermee, connexion):
    demande = f.PrescriptionFactory(organisation=fermee)
    fermee.active = True
    fermee.enregistrer(par="test")
    assert connexion(agent).get(reverse("orientations:detail", args=[demande.pk])).status_code == 200


@pytest.mark.parametrize(("trait", "lue"), [("prise", True), ("accordee", True), ("refusee", False)])
def test_passe_a_une_autre_antenne_un_conseiller_ne_garde_que_ce_qu_il_instruit_encore(connexion, trait, lue):
    demande = f.PrescriptionFactory(**{trait: True}, conseiller=f.UtilisateurFactory(role=Role.CONSEILLER))
    assert demande.conseiller.antenne != demande.antenne
    statut = connexion(demande.conseiller).get(demande.get_absolute_url()).status_code
    assert statut == (200 if lue else 404)


def test_a_son_antenne_un_conseiller_lit_aussi_les_closes(connexion):
    demande = f.PrescriptionFactory(refusee=True)
    assert connexion(demande.conseiller).get(demande.get_absolute_url()).status_code == 200


def test_les_pieces_qui_prouvent_un_critere_sont_au_journal():
    charger()
    lignes = [ligne for ligne in Ligne.objects.filter(objet_type="prescriptions.critere") if ligne.champs == ["types"]]
    assert lignes
    assert {ligne.tache for ligne in lignes} == {AUTEUR}
