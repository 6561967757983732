"""Le contrôle d’une pièce en deux photos : les deux se voient, chacune se tourne, l’écran reste accessible."""

import pytest
from django.urls import reverse

from comptes.models import Role
from participants import actions, fichiers
from prescriptions.listes import Verdict
from tests import faux_fichiers
from tests.navigateur.accessibilite import accessible
from tests.navigateur.conftest import TAILLES
from tests.prescriptions import dossiers

pytestmark = [pytest.mark.navigateur, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def demande():
    demande = dossiers.demande("validee", verdict=Verdict.A_CONTROLER)
    case = dossiers.ligne(demande, "identite")
    faces = [fichiers.valider(f"{face}.jpg", faux_fichiers.image(taille=(600, 400))) for face in ("recto", "verso")]
    case.piece = actions.deposer(demande.participant, case.type, *faces, par=demande.conseiller)
    case.enregistrer(par=demande.conseiller)
    return demande


@pytest.mark.parametrize("taille", TAILLES)
def test_les_deux_faces_se_voient_et_chacune_se_tourne(ouvrir, demande, taille):
    page = ouvrir(
        reverse("prescriptions:controle", args=[demande.pk]), par=dossiers.agent(Role.STATISTIQUES), taille=taille
    )
    images = page.locator("[data-image]")
    assert images.count() == 2
    assert all(images.nth(n).evaluate("i => i.complete && i.naturalWidth > 0 && i.offsetHeight > 50") for n in (0, 1))
    page.locator("[data-tourner]").click()
    images.nth(1).scroll_into_view_if_needed()
    tournees = images.evaluate_all("l => l.filter(i => i.classList.contains('tourne-1')).length")
    assert tournees == 1
    accessible(page)
