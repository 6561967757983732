import pytest
from django.urls import reverse

from tests.factories import UtilisateurFactory

MOT_DE_PASSE = "une brouette de sel marin"


@pytest.fixture
def compte(db):
    return UtilisateurFactory(email="samira@plie.example", password=MOT_DE_PASSE)


@pytest.fixture
def entrer(client):
    """Se connecter par la page, comme une personne ; rend la réponse."""

    def _entrer(compte, client=client, mot_de_passe=MOT_DE_PASSE, suite="/alertes/", **entetes):
        envoi = {"login": getattr(compte, "email", compte), "password": mot_de_passe, "next": suite}
        return client.post(reverse("account_login"), envoi, **entetes)

    return _entrer
