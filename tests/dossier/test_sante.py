"""/sante/ : un mot par organe, rouge dans la minute, sans chiffre ni texte (RE8)."""

import datetime
import os
import time

import pytest
from celery.signals import before_task_publish
from django.db import DatabaseError
from django.utils import timezone
from kombu.exceptions import OperationalError

from comptes.models import Role
from dossier import battements, sante, tasks
from notifications.models import ESSAIS, PANNE, REFUSEE, Canal, Envoi
from plie.historique import cle
from tests.factories import UtilisateurFactory

pytestmark = pytest.mark.django_db
ORGANES = ["database", "broker", "worker", "beat", "outbox", "disk"]


@pytest.fixture(autouse=True)
def tout_bat(settings, tmp_path):
    settings.DONNEES = tmp_path
    (tmp_path / "file" / "messages").mkdir(parents=True)
    battements.battre("beat")
    battements.battre("worker")


def courriel(age, **champs):
    le = timezone.now() - datetime.timedelta(seconds=age)
    champs = {"adresse": "a@plie.example", "titre": "Essai", "cree_le": le, "libre_le": le} | champs
    return Envoi.objects.create(genre="essai", objet_id=cle(), occasion="1", canal=Canal.COURRIEL, **champs)


def test_tout_va_bien_sans_etre_connecte(client):
    reponse = client.get("/sante/")
    assert reponse.status_code == 200
    assert reponse.json() == dict.fromkeys(ORGANES, "ok")


@pytest.mark.parametrize("qui", ["beat", "worker"])
def test_un_pouls_vieux_d_une_minute_est_rouge(client, qui):
    ancien = time.time() - battements.TOLERANCE - 1
    os.utime(battements._fichier(qui), (ancien, ancien))
    reponse = client.get("/sante/")
    assert reponse.status_code == 503
    assert reponse.json()[qui] == "ko"
    assert sum(etat == "ko" for etat in reponse.json().values()) == 1


@pytest.mark.parametrize("qui", ["beat", "worker"])
def test_qui_n_a_jamais_battu_est_rouge(client, qui):
    battements._fichier(qui).unlink()
    assert client.get("/sante/").json()[qui] == "ko"


def test_le_worker_bat_en_executant_et_beat_en_publiant():
    for qui in ("beat", "worker"):
        battements._fichier(qui).unlink()
    tasks.battre()
    assert battements.bat("worker")
    assert not battements.bat("beat")
    before_task_publish.send(sender="une.autre.tache")
    assert not battements.bat("beat")
    before_task_publish.send(sender=battements.TACHE)
    assert battements.bat("beat")


def test_beat_est_regle_pour_battre_quatre_fois_par_tolerance(settings):
    (periode,) = [t["schedule"] for t in settings.CELERY_BEAT_SCHEDULE.values() if t["task"] == battements.TACHE]
    assert periode == battements.PERIODE
    assert periode * 4 <= battements.TOLERANCE


@pytest.mark.parametrize("retard", [61, 3600])
def test_un_courriel_oublie_rougit_la_boite_d_envoi(client, retard):
    courriel(retard)
    assert client.get("/sante/").json()["outbox"] == "ko"


@pytest.mark.parametrize(
    "champs",
    [{"age": 20}, {"age": 900, "envoye_le": timezone.now()}, {"age": 900, "essais": 8, "erreur": "refus"}],
    ids=["récent", "parti", "abandonné"],
)
def test_la_boite_d_envoi_reste_verte(client, champs):
    courriel(**champs)
    assert client.get("/sante/").json()["outbox"] == "ok"


def test_une_adresse_fausse_n_est_pas_une_panne_trois_en_sont_une(client):
    apres = timezone.now() + datetime.timedelta(hours=1)
    courriel(900, erreur="refus", essais=3, libre_le=apres)
    assert client.get("/sante/").json()["outbox"] == "ok"
    for rang in range(2):
        courriel(900, erreur="refus", essais=3, libre_le=apres, adresse=f"{rang}@plie.example")
    assert client.get("/sante/").json()["outbox"] == "ko"


def test_un_serveur_de_courriel_mort_rougit_meme_si_une_seule_adresse_attend(client):
    apres = timezone.now() + datetime.timedelta(hours=1)
    courriel(500, erreur=f"{PANNE} (TimeoutError).", essais=2, libre_le=apres)
    assert client.get("/sante/").json()["outbox"] == "ok"
    courriel(700, erreur=f"{PANNE} (TimeoutError).", essais=3, libre_le=apres)
    assert client.get("/sante/").json()["outbox"] == "ko"


@pytest.mark.parametrize(("erreur", "etat"), [("", "ko"), (f"{PANNE} (x).", "ko"), (REFUSEE, "ok")])
def test_un_courriel_abandonne_rougit_sauf_si_son_adresse_est_fausse(client, erreur, etat):
    courriel(900, erreur=erreur, essais=ESSAIS)
    assert client.get("/sante/").json()["outbox"] == etat


def test_ce_qui_attend_pour_un_compte_ferme_n_est_pas_oublie(client):
    courriel(900, destinataire=UtilisateurFactory(is_active=False))
    assert client.get("/sante/").json()["outbox"] == "ok"


def test_sans_base_la_page_repond_encore(client, monkeypatch):
    def tombee():
        raise DatabaseError

    monkeypatch.setattr(sante.connection, "cursor", tombee)
    reponse = client.get("/sante/")
    assert (reponse.json()["database"], reponse.json()["outbox"], reponse.json()["disk"]) == ("ko", "ko", "ok")


def test_sans_courtier(client, monkeypatch):
    class Liaison:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def ensure_connection(self, **_):
            raise OperationalError

    monkeypatch.setattr(sante.app, "connection_for_write", Liaison)
    assert client.get("/sante/").json()["broker"] == "ko"


def test_un_disque_presque_plein(client, monkeypatch):
    monkeypatch.setattr(sante, "RESERVE", 2**62)
    assert client.get("/sante/").json()["disk"] == "ko"


def test_rien_que_des_mots(client):
    courriel(900, titre="canari", texte="canari")
    corps = client.get("/sante/").content.decode()
    assert "canari" not in corps
    assert not any(caractere.isdigit() for caractere in corps)


def test_ne_se_poste_pas(client):
    assert client.post("/sante/").status_code == 405


def test_meme_connecte(connexion):
    assert connexion(UtilisateurFactory(role=Role.CONSEILLER)).get("/sante/").status_code == 200
