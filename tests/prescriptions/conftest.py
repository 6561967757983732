import pytest

from comptes.models import Role
from tests import factories as f
from tests.prescriptions import dossiers
from tests.prescriptions.orientations import Decor


@pytest.fixture(autouse=True)
def reglages_gardes(monkeypatch):
    """Le cache des réglages ne s’éteint pas au milieu d’un test lent."""
    monkeypatch.setattr("reglages.lecture.DUREE_DU_CACHE", 3600)


@pytest.fixture
def statisticien():
    return dossiers.agent(Role.STATISTIQUES)


@pytest.fixture
def controleur(connexion, statisticien):
    return connexion(statisticien)


@pytest.fixture
def decor():
    return Decor()


@pytest.fixture
def organisation():
    return f.OrganisationFactory(nom="Mission locale de Dunkerque")


@pytest.fixture
def agent(organisation):
    return f.UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=organisation)


@pytest.fixture
def navigateur(connexion, agent):
    return connexion(agent)


@pytest.fixture
def quatre(organisation):
    """Une reçue, une au contrôle, une à compléter (à lui de jouer), une close."""
    f.PrescriptionFactory(organisation=organisation, participant__prenom="Enzo", participant__nom="Vanderbeke")
    f.PrescriptionFactory(
        organisation=organisation, participant__prenom="Prisca", participant__nom="Mendy", validee=True
    )
    f.PrescriptionFactory(
        organisation=organisation, participant__prenom="Ilona", participant__nom="Petit", refusee=True
    )
    participant = f.ParticipantFactory(prenom="Yonas", nom="Tesfaye")
    return dossiers.renvoyee(organisation=organisation, participant=participant)
