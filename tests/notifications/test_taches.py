"""Le courtier peut être éteint : l’acte est fait, la page répond, le travail sera retrouvé (RE5)."""

import time

import pytest
from celery import Celery
from django.conf import settings
from django.db import transaction

from notifications.models import Envoi
from plie import taches
from plie.taches import lancer
from tests.factories import ParticipantFactory, UtilisateurFactory


@pytest.fixture(autouse=True)
def courtier_repute_vivant(monkeypatch):
    monkeypatch.setattr(taches, "_muet_jusqu_a", 0.0)


def tache_sur(adresse, **reglages):
    app = Celery("essai", broker=adresse, set_as_current=False)
    app.conf.update(reglages)
    return app.task(rien, name="essai", lazy=False)


def rien():
    pass


@pytest.fixture
def redis_eteint():
    return tache_sur("redis://127.0.0.1:1/0", broker_transport_options=settings.OPTIONS_REDIS)


@pytest.fixture
def file_impossible(tmp_path):
    """Le dossier des messages est devenu un fichier : disque plein, droits perdus, montage absent."""
    (tmp_path / "messages").write_text("")
    options = {**settings.OPTIONS_FILE, "control_folder": str(tmp_path)}
    options |= {sens: str(tmp_path / "messages") for sens in ("data_folder_in", "data_folder_out")}
    return tache_sur(
        "filesystem://localhost", broker_transport="plie.file_embarquee:Transport", broker_transport_options=options
    )


@pytest.mark.django_db
class TestCourtierEteint:
    @pytest.mark.parametrize("courtier", ["redis_eteint", "file_impossible"])
    def test_re5_rien_n_est_leve_et_la_reponse_n_attend_pas(self, request, courtier, caplog):
        tache = request.getfixturevalue(courtier)
        taches._publier(tache, None)  # charge Celery et son transport avant de mesurer
        taches._muet_jusqu_a = 0.0
        debut = time.monotonic()
        with transaction.atomic():
            lancer(tache)
        assert time.monotonic() - debut < 3
        assert "sera reprise par plage" in caplog.text

    def test_re5_un_courtier_muet_n_est_pas_redemande_a_chaque_page(self, redis_eteint, monkeypatch):
        lancer(redis_eteint)
        monkeypatch.setattr(redis_eteint, "apply_async", lambda **_: pytest.fail("redemandé"))
        lancer(redis_eteint)

    def test_re5_il_est_redemande_apres_un_moment(self, redis_eteint, monkeypatch):
        lancer(redis_eteint)
        demandes = []
        monkeypatch.setattr(redis_eteint, "apply_async", lambda **options: demandes.append(options))
        monkeypatch.setattr(taches.time, "monotonic", lambda maintenant=time.monotonic: maintenant() + taches.SILENCE)
        lancer(redis_eteint)
        assert demandes == [{"args": [], "retry": False}]

    def test_re5_une_page_qui_ecrit_repond_et_le_courriel_attend_en_base(self, client, redis_eteint, monkeypatch):
        compte = UtilisateurFactory(email="samira@plie.example")
        monkeypatch.setattr("notifications.actions.envoyer", redis_eteint)
        reponse = client.post("/compte/mot-de-passe/oublie/", {"email": compte.email})
        assert reponse.status_code == 302
        assert Envoi.objects.a_envoyer().count() == 1


@pytest.mark.django_db
def test_le_travail_part_apres_la_validation_en_base_jamais_avant(monkeypatch):
    tache, partis = tache_sur("memory://"), []
    monkeypatch.setattr(tache, "apply_async", lambda args, **_: partis.append(args))
    participant = ParticipantFactory()
    with transaction.atomic():
        lancer(tache, participant.pk)
        assert partis == []
    assert partis == [[str(participant.pk)]]


@pytest.mark.django_db
def test_un_acte_annule_ne_lance_rien(monkeypatch):
    tache = tache_sur("memory://")
    monkeypatch.setattr(tache, "apply_async", lambda **_: pytest.fail("lancée"))

    def acte():
        with transaction.atomic():
            lancer(tache)
            raise ZeroDivisionError

    pytest.raises(ZeroDivisionError, acte)


@pytest.mark.redis
@pytest.mark.django_db
def test_avec_redis_la_tache_est_confiee():
    tache = tache_sur(settings.CELERY_BROKER_URL, broker_transport_options=settings.OPTIONS_REDIS)
    lancer(tache)
    assert taches._muet_jusqu_a == 0.0
