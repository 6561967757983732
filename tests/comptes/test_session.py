"""Trente minutes sans rien faire, douze heures au plus ; la page de connexion dit ce qui s’est passé (AU6)."""

import datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from journal.models import Acte, Ligne

pytestmark = pytest.mark.django_db
PAGE = "/alertes/"
MIDI = datetime.datetime(2026, 11, 24, 12, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def horloge(client, compte, entrer):
    """Samira est entrée à midi ; horloge(minutes=…) avance et demande une page."""
    with time_machine.travel(MIDI, tick=False) as temps:
        entrer(compte)

        def _avancer(automatique=False, **duree):
            temps.shift(datetime.timedelta(**duree))
            return client.get(PAGE, headers={"X-Plie-Automatique": "1"} if automatique else {}).status_code

        yield _avancer


def test_au6_trente_minutes_sans_rien_faire_ferment_la_session(horloge, client):
    assert horloge(minutes=30) == 200
    assert horloge(minutes=30, seconds=1) == 302
    ligne = Ligne.objects.latest("id")
    assert (ligne.acte, ligne.motif) == (Acte.DECONNEXION, "session échue")


def test_au6_travailler_prolonge_jusqu_a_douze_heures(horloge):
    for _ in range(24):
        assert horloge(minutes=29) == 200
    assert horloge(minutes=25) == 302


def test_au6_une_requete_automatique_ne_prolonge_pas(horloge):
    assert horloge(minutes=20, automatique=True) == 200
    assert horloge(minutes=11) == 302


def test_la_page_de_connexion_dit_a_quelle_heure_elle_s_est_fermee(horloge, client):
    horloge(minutes=45)
    page = client.get(reverse("account_login")).content.decode()
    assert "Votre session s’est fermée à 12:30. Votre brouillon est gardé, vous le retrouverez." in page


def test_elle_ne_le_dit_plus_apres_la_connexion(horloge, client, compte, entrer):
    horloge(minutes=45)
    entrer(compte)
    client.post(reverse("account_logout"))
    assert "s’est fermée à" not in client.get(reverse("account_login")).content.decode()


def test_se_reconnecter_redonne_douze_heures(horloge, client, compte, entrer):
    for _ in range(23):
        horloge(minutes=29)
    client.post(reverse("account_logout"))
    entrer(compte)
    for _ in range(3):
        assert horloge(minutes=29) == 200


def test_la_session_ne_s_ecrit_pas_a_chaque_page(horloge, django_assert_num_queries, client):
    horloge(minutes=5)
    cle = client.session.session_key
    from django.contrib.sessions.models import Session

    avant = Session.objects.get(pk=cle).session_data
    assert horloge(seconds=30) == 200
    assert Session.objects.get(pk=cle).session_data == avant
