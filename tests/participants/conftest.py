import pytest

from comptes.models import Role
from tests.factories import ParticipantFactory, UtilisateurFactory


@pytest.fixture
def participant():
    return ParticipantFactory()


@pytest.fixture
def conseiller(participant):
    return UtilisateurFactory(role=Role.CONSEILLER, antenne=participant.antenne)
