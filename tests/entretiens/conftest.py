import pytest

from tests.entretiens.gestes import clore, creneau, ouvert


@pytest.fixture
def clos():
    entretien = ouvert()
    clore(entretien, rdv=creneau())
    return entretien
