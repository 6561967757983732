"""Le cadre de chaque page : un menu par rôle, ses nombres en une requête."""

import datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from comptes.models import Role
from dossier.cadre import compter
from dossier.contexte import identite, navigation
from notifications.actions import prevenir
from reglages import lecture
from reglages.models import Structure
from tests.delais.factories import demande_depuis, suivi_depuis
from tests.factories import (
    AffectationFactory,
    AntenneFactory,
    ParcoursFactory,
    PrescriptionFactory,
    UtilisateurFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reglages_relus():
    lecture.oublier()
    yield
    lecture.oublier()


def liens(utilisateur, chemin="/"):
    groupes = navigation(utilisateur, chemin, compter(utilisateur))
    return {lien["nom"]: lien for groupe in groupes for lien in groupe["liens"]}


@pytest.mark.parametrize(
    ("role", "attendus"),
    [
        (Role.CONSEILLER, {"Ma journée", "Participants", "Prescriptions", "Délais"}),
        (Role.RESPONSABLE, {"Ma journée", "Participants", "Prescriptions", "Délais"}),
        (Role.STATISTIQUES, {"Ma journée", "Participants", "Prescriptions", "Délais"}),
        (Role.ANIMATION, {"Ma journée", "Participants", "Prescriptions"}),
        (Role.PRESCRIPTEUR, {"Ma journée", "Orienter", "Orientations"}),
        (Role.ENTREPRISES, {"Ma journée"}),
        (Role.AUDITEUR, {"Ma journée"}),
    ],
)
def test_chaque_role_a_son_menu(role, attendus):
    assert set(liens(UtilisateurFactory(role=role))) == attendus


def test_l_administration_est_pour_qui_y_a_acces():
    assert "Administration" in liens(UtilisateurFactory(role=Role.ADMINISTRATEUR, is_staff=True))


@pytest.mark.parametrize("chemin", ["/participants/", "/participants/019a2efb/"])
def test_la_page_ou_l_on_est_se_voit(chemin):
    actifs = [nom for nom, lien in liens(UtilisateurFactory(role=Role.RESPONSABLE), chemin).items() if lien["actif"]]
    assert actifs == ["Participants"]


def test_les_nombres_du_conseiller():
    antenne = AntenneFactory()
    moi = UtilisateurFactory(role=Role.CONSEILLER, antenne=antenne)
    ParcoursFactory(participant=AffectationFactory(conseiller=moi).participant, entre_le=timezone.localdate())
    AffectationFactory(conseiller=moi)  # pas encore entrée : hors de la file active, la liste que le menu ouvre
    PrescriptionFactory(participant__antenne=antenne)
    demande_depuis(25, conseiller=moi, participant__antenne=antenne, statut="a_completer")
    demande_depuis(25, conseiller=moi, participant__antenne=antenne)
    demande_depuis(25)
    suivi_depuis(33)
    compte = compter(moi)
    assert (compte["participants"], compte["prescriptions"], compte["delais"]) == (1, 2, 2)


@pytest.mark.parametrize(
    ("role", "statut"),
    [(Role.RESPONSABLE, "transmise"), (Role.STATISTIQUES, "validee"), (Role.ANIMATION, "accordee")],
)
def test_le_nombre_de_prescriptions_est_ce_qui_attend_ce_role(role, statut):
    PrescriptionFactory(**{statut: True})
    PrescriptionFactory()
    assert compter(UtilisateurFactory(role=role))["prescriptions"] == 1


def test_qui_cesse_d_etre_conseiller_perd_aussitot_son_compte_de_delais():
    antenne = AntenneFactory()
    moi = UtilisateurFactory(role=Role.CONSEILLER, antenne=antenne)
    demande_depuis(25, conseiller=moi, participant__antenne=antenne)
    assert compter(moi)["delais"] == 1
    for attribution in moi.attributions.all():
        attribution.supprimer(par=moi)
    moi = type(moi).objects.get(pk=moi.pk)
    assert compter(moi)["delais"] == 0


def test_un_compte_de_delais_ne_passe_pas_minuit():
    moi = UtilisateurFactory(role=Role.CONSEILLER, antenne=AntenneFactory())
    demande_depuis(22, conseiller=moi, participant__antenne=moi.antenne)
    assert compter(moi)["delais"] == 0
    with time_machine.travel(timezone.now() + datetime.timedelta(days=1), tick=False):
        assert compter(moi)["delais"] == 1


def test_les_alertes_non_lues_se_comptent():
    moi = UtilisateurFactory(role=Role.CONSEILLER)
    prevenir([moi], genre="essai", objet=PrescriptionFactory(), occasion=1, titre="Bonjour")
    assert compter(moi)["alertes"] == 1


@pytest.mark.parametrize("role", [*Role, None])
def test_tout_le_menu_coute_une_requete(role):
    utilisateur = UtilisateurFactory(role=role)
    lecture.valeur("rythme_entretiens")
    list(utilisateur.attributions.all())
    compter(utilisateur)
    utilisateur.a_role(Role.CONSEILLER)
    with CaptureQueriesContext(connection) as requetes:
        compter(utilisateur)
    assert len([q for q in requetes if "compte_" in q["sql"]]) == 1


def test_le_nom_de_la_structure_s_ecrit_en_deux():
    Structure(nom="PLIE des Flandres").enregistrer(par="test")
    lecture.oublier()
    assert identite() == {"nom": "PLIE", "sous_titre": "des Flandres"}


def test_un_prescripteur_cherche_dans_ses_orientations(connexion):
    reponse = connexion(UtilisateurFactory(role=Role.PRESCRIPTEUR)).get("/")
    assertContains(reponse, 'action="/orientations/"')
    assertNotContains(reponse, 'action="/recherche/"')


def test_la_page_d_erreur_ne_compte_rien(connexion):
    client = connexion(UtilisateurFactory(role=Role.CONSEILLER))
    client.get("/rien/")
    with CaptureQueriesContext(connection) as requetes:
        assert client.get("/rien/").status_code == 404
    assert not [q for q in requetes if "compte_" in q["sql"]]
