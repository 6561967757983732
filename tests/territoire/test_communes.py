import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from territoire.models import Commune, antenne_de
from tests.factories import AntenneFactory, CodePostalFactory, CommuneFactory, SecteurFactory, UtilisateurFactory

pytestmark = pytest.mark.django_db
HIER = datetime.date.today() - datetime.timedelta(1)


def communes(navigateur, code_postal):
    return navigateur.get(reverse("territoire:communes"), {"code_postal": code_postal}).json()


@pytest.fixture
def navigateur(connexion):
    return connexion(UtilisateurFactory())


def test_les_communes_d_un_code_postal_portent_leur_adhesion_et_leur_antenne(navigateur):
    secteur = SecteurFactory(commune=CommuneFactory(nom="Bergues-sur-Mer", insee="59001"), antenne__nom="Dunkerque")
    autre = CommuneFactory(nom="Spycker", insee="59002", adherente_du=None)
    hors = CommuneFactory(nom="Armbouts", insee="59003", adherente_au=HIER)
    for commune in (secteur.commune, autre, hors):
        CodePostalFactory(commune=commune, code="59380")
    assert communes(navigateur, "59380") == [
        {"insee": "59003", "nom": "Armbouts", "adherente": False, "antenne": None},
        {"insee": "59001", "nom": "Bergues-sur-Mer", "adherente": True, "antenne": "Dunkerque"},
        {"insee": "59002", "nom": "Spycker", "adherente": None, "antenne": None},
    ]


@pytest.mark.parametrize("code_postal", ["", "75001", "abc", "59380000000", "%", "é", "\0", "5938", "٥٩٣٨٠"])
def test_un_code_postal_qui_ne_dit_rien_rend_une_liste_vide(navigateur, code_postal):
    CodePostalFactory(code="59381")
    assert communes(navigateur, code_postal) == []


def test_les_communes_se_lisent_mais_ne_s_ecrivent_pas(navigateur):
    assert navigateur.post(reverse("territoire:communes")).status_code == 405


def test_un_anonyme_n_a_pas_les_communes(db, navigateur):
    navigateur.logout()
    assert navigateur.get(reverse("territoire:communes")).status_code == 302


def test_le_nombre_de_requetes_ne_depend_pas_du_nombre_de_communes(navigateur):
    def requetes():
        with CaptureQueriesContext(connection) as prises:
            communes(navigateur, "59380")
        return len(prises)

    CodePostalFactory(commune=SecteurFactory().commune, code="59380")
    requetes()
    avant = requetes()
    for _ in range(20):
        CodePostalFactory(commune=SecteurFactory().commune, code="59380")
    assert requetes() == avant
    assert len(communes(navigateur, "59380")) == 21


def test_une_commune_change_d_antenne_au_jour_dit():
    avant = SecteurFactory(au=HIER)
    apres = SecteurFactory(commune=avant.commune, antenne=AntenneFactory(), du=datetime.date.today())
    assert antenne_de(avant.commune, HIER) == avant.antenne
    assert antenne_de(avant.commune) == apres.antenne
    assert Commune.objects.avec_antenne(HIER).get(pk=avant.commune_id).nom_antenne == avant.antenne.nom
    assert Commune.objects.avec_antenne().get(pk=avant.commune_id).nom_antenne == apres.antenne.nom


def test_sans_commune_il_n_y_a_pas_d_antenne():
    assert antenne_de(None) is None
