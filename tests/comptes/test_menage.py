"""Le ménage : rien d’utile ne part."""

import datetime
import time
import uuid

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.utils import timezone

from comptes import brouillons
from comptes.jetons import une_seule_fois
from comptes.models import Brouillon, CodeServi, JetonFormulaire
from comptes.second_facteur import PERIODE, servir
from comptes.tasks import faire_le_menage
from tests.factories import UtilisateurFactory


@pytest.mark.django_db
def test_les_sessions_jetons_et_codes_passes_s_effacent_les_autres_restent(client):
    qui, maintenant = UtilisateurFactory(), timezone.now()
    for jours in (8, 6):
        with time_machine.travel(maintenant - datetime.timedelta(jours), tick=False):
            une_seule_fois(uuid.uuid4(), par=qui, acte=lambda: "/")
            client.force_login(qui)
    client.force_login(qui)
    CodeServi.objects.create(utilisateur=qui, pas=int(time.time()) // PERIODE - 5000)
    servir(UtilisateurFactory(), int(time.time()) // PERIODE)
    faire_le_menage()
    assert JetonFormulaire.objects.count() == 1
    assert CodeServi.objects.count() == 1
    assert Session.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("objet", "garde"), [(None, 7), (uuid.uuid4(), 60)], ids=["sans objet", "dans un dossier"])
def test_dp4_un_brouillon_oublie_s_efface_un_recent_reste(objet, garde):
    qui, maintenant = UtilisateurFactory(), timezone.now()
    for jours, ecran in ((garde + 1, "ancien"), (garde - 1, "recent")):
        with time_machine.travel(maintenant - datetime.timedelta(jours), tick=False):
            brouillons.garder(qui, ecran, {"nom": "Belkhiri"}, objet_id=objet)
    qui.is_active = False
    qui.enregistrer(par="essai")
    faire_le_menage()
    assert [b.ecran for b in Brouillon.objects.all()] == ["recent"]
