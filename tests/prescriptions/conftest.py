import pytest

from comptes.models import Role
from tests.prescriptions.dossiers import agent
from tests.prescriptions.orientations import Decor


@pytest.fixture(autouse=True)
def reglages_gardes(monkeypatch):
    """Le cache des réglages ne s’éteint pas au milieu d’un test lent."""
    monkeypatch.setattr("reglages.lecture.DUREE_DU_CACHE", 3600)


@pytest.fixture
def statisticien():
    return agent(Role.STATISTIQUES)


@pytest.fixture
def controleur(connexion, statisticien):
    return connexion(statisticien)


@pytest.fixture
def decor():
    return Decor()
