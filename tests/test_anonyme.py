"""Sans compte : rien ne s’ouvre, que quelques familles d’adresses, comptées (AC1)."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.test_acces import NOMS, adresse, toutes_les_adresses

PUBLIQUES = ("/compte/connexion/", "/compte/deconnexion/", "/compte/ferme/", "/compte/mot-de-passe/oublie/",
             "/compte/mot-de-passe/nouveau/", "/verifier/", "/sante/", "/static/")  # fmt: skip


@pytest.mark.parametrize("methode", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
def test_ac1_aucune_adresse_ne_s_ouvre_a_un_anonyme(db, methode):
    client = Client(raise_request_exception=False)
    for nom, ou in toutes_les_adresses():
        if not ou.startswith(PUBLIQUES):
            reponse = client.generic(methode, ou)
            assert reponse.status_code == 302, (nom, methode, reponse.status_code)
            assert reponse.url.startswith(reverse("account_login")), nom


def test_ac1_les_familles_publiques_sont_dix_au_plus():
    assert len(PUBLIQUES) <= 10


def test_ac1_seules_ces_familles_se_disent_ouvertes():
    ouvertes = {adresse(nom) for nom, motif in NOMS.items() if not getattr(motif.callback, "login_required", True)}
    # Le second facteur vient après le mot de passe : sans lui, la page renvoie à la connexion.
    assert {a for a in ouvertes if not a.startswith(PUBLIQUES)} == {reverse("mfa_authenticate")}
