"""Chaque écran de chaque rôle, sur un PLIE de démonstration : accessible et sans débordement, sur un bureau et un téléphone."""

import re

import pytest
from django.core.management import call_command
from django.urls import reverse

from comptes.models import Utilisateur
from tests.navigateur.accessibilite import accessible
from tests.navigateur.conftest import TAILLES

pytestmark = [pytest.mark.navigateur, pytest.mark.une_fois, pytest.mark.django_db(transaction=True)]

UN = "[0-9a-f-]{36}"
# Par rôle : des adresses, et (liste, motif) pour ouvrir la première ligne d’une liste.
ECRANS = {
    "conseiller": [
        reverse("dossier:journee"),
        reverse("dossier:participants"),
        (reverse("dossier:participants"), rf"/participants/{UN}/"),
        (reverse("prescriptions:liste"), rf"/prescriptions/{UN}/"),
        reverse("prescriptions:nouvelle"),
        reverse("dossier:recherche") + "?q=dupond",
        reverse("notifications:alertes"),
    ],
    "responsable": [
        reverse("dossier:journee"),
        reverse("prescriptions:liste"),
        reverse("delais:liste"),
        reverse("notifications:non_partis"),
        (reverse("prescriptions:liste") + "?etat=transmise", rf"/prescriptions/{UN}/"),
    ],
    "statistiques": [
        reverse("dossier:journee"),
        (reverse("prescriptions:liste") + "?etat=a_controler", rf"/prescriptions/{UN}/controle/[^\"]*"),
    ],
    "animation": [reverse("dossier:journee"), reverse("prescriptions:liste")],
    "prescripteur": [
        reverse("dossier:journee"),
        reverse("orientations:liste"),
        reverse("orientations:nouvelle"),
        (reverse("orientations:liste"), rf"/orientations/{UN}/"),
    ],
    "auditeur": [reverse("dossier:journee")],
}


def _ouvrir(page, ecran):
    if isinstance(ecran, str):
        page.goto(ecran)
        return
    liste, motif = ecran
    page.goto(liste)
    adresses = page.locator("main a[href]").evaluate_all("liens => liens.map(l => l.getAttribute('href'))")
    page.goto(next(a for a in adresses if re.fullmatch(motif, a)))


@pytest.mark.parametrize("taille", TAILLES)
def test_chaque_ecran_de_chaque_role_est_accessible_et_ne_deborde_pas(ouvrir, taille):
    call_command("referentiels", verbosity=0)
    call_command("demo", participants=130)
    for role, ecrans in ECRANS.items():
        page = ouvrir("/", par=Utilisateur.objects.get(email=f"{role}@plie.example"), taille=taille)
        for ecran in ecrans:
            _ouvrir(page, ecran)
            accessible(page)
            largeur = page.evaluate("document.documentElement.scrollWidth")
            assert largeur <= TAILLES[taille][0], (role, ecran, largeur)
        page.close()
