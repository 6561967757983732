"""Qui a le droit de quoi : une ligne par règle, sans base quand il n’en faut pas."""

import pytest

from comptes.models import Role
from prescriptions import permissions
from prescriptions.listes import TOUR, StatutPrescription
from tests.factories import AntenneFactory, PrescriptionFactory
from tests.prescriptions.dossiers import agent

pytestmark = pytest.mark.django_db
S = StatutPrescription
AUTRES = set(Role) - set(permissions.ECRAN)


def test_un_conseiller_instruit_les_demandes_de_son_antenne_et_celles_qu_il_suit():
    prescription = PrescriptionFactory(prise=True)
    collegue = agent(Role.CONSEILLER, antenne=prescription.antenne)
    etranger = agent(Role.CONSEILLER, antenne=AntenneFactory())
    assert permissions.peut_instruire(collegue, prescription)
    assert not permissions.peut_instruire(etranger, prescription)
    prescription.conseiller = etranger
    assert permissions.peut_instruire(etranger, prescription)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CONSEILLER}))
def test_nul_autre_n_instruit(role):
    assert not permissions.peut_instruire(agent(role), PrescriptionFactory())


@pytest.mark.parametrize(
    ("permis", "role"),
    [
        (permissions.peut_valider, Role.RESPONSABLE),
        (permissions.peut_controler, Role.STATISTIQUES),
        (permissions.peut_acter, Role.ANIMATION),
    ],
)
def test_chaque_decision_a_son_role_et_lui_seul(permis, role):
    assert {r for r in Role if permis(agent(r))} == {role}


@pytest.mark.parametrize(
    ("statut", "roles"),
    [
        (S.TRANSMISE, {Role.RESPONSABLE}),
        (S.A_CONTROLER, {Role.STATISTIQUES}),
        (S.ACCORDEE, {Role.RESPONSABLE, Role.STATISTIQUES}),  # dans le bon rôle, mais trop tard : le verbe le dira
    ],
)
def test_renvoyer_et_refuser_changent_de_main_au_controle(statut, roles):
    prescription = PrescriptionFactory.build(statut=statut, participant=None, antenne=None)
    assert {r for r in Role if permissions.peut_decider(agent(r), prescription)} == roles


def test_rouvrir_est_a_l_animation_et_aux_statistiques():
    assert {r for r in Role if permissions.peut_rouvrir(agent(r))} == {Role.ANIMATION, Role.STATISTIQUES}


def test_le_sensible_n_est_pas_pour_l_animation():
    assert {r for r in Role if permissions.peut_voir_le_sensible(agent(r))} == {
        Role.CONSEILLER,
        Role.RESPONSABLE,
        Role.STATISTIQUES,
    }


def test_le_prescripteur_complete_ce_qu_il_voit_mais_pas_au_titre_du_siege():
    prescription = PrescriptionFactory()
    prescripteur = agent(Role.PRESCRIPTEUR, organisation=prescription.organisation)
    assert permissions.peut_completer(prescripteur, prescription)
    assert not permissions.peut_completer(agent(Role.RESPONSABLE), prescription)


@pytest.mark.parametrize("statut", sorted(TOUR))
def test_une_demande_ouverte_attend_un_seul_role(statut):
    prescription = PrescriptionFactory.build(statut=statut, participant=None, antenne=AntenneFactory())
    tours = {r for r in Role if permissions.est_son_tour(agent(r, antenne=prescription.antenne), prescription)}
    assert tours == {TOUR[statut]}
