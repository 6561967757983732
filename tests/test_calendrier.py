"""Ce qui se reprend par plage, ou s’efface de soi-même, est au calendrier de beat."""

import pytest
from django.conf import settings

PERIODIQUES = {travail["task"] for travail in settings.CELERY_BEAT_SCHEDULE.values()}


@pytest.mark.parametrize(
    "tache",
    [
        "comptes.menage",
        "documents.produire_en_attente",
        "dossier.analyser_la_base",
        "notifications.envoyer",
        "participants.reprendre_analyses",
        "prescriptions.jeter_les_depots_abandonnes",
        "prescriptions.verser_accords",
    ],
)
def test_ce_qui_se_reprend_ou_s_efface_de_soi_meme_est_au_calendrier(tache):
    assert tache in PERIODIQUES
