import pytest
import time_machine

from tests.entretiens.gestes import LUNDI, clore, creneau, ouvert


@pytest.fixture
def clos():
    entretien = ouvert()
    clore(entretien, rdv=creneau())
    return entretien


@pytest.fixture
def lundi():
    with time_machine.travel(LUNDI, tick=True):
        yield
