import os
import subprocess
import sys
import threading

import pytest
from kombu import Connection
from kombu.transport.virtual import BrokerState

from outils.installation import RACINE, environnement
from plie import file_embarquee


@pytest.fixture
def file(tmp_path, monkeypatch):
    """file() : une liaison neuve vers la même file, comme en auraient web, worker et beat."""
    dossiers = {}
    for nom, cle in (("messages", "data_folder_in"), ("messages", "data_folder_out"), ("controle", "control_folder")):
        (tmp_path / nom).mkdir(exist_ok=True)
        dossiers[cle] = str(tmp_path / nom)
    liaisons = []

    def _file():
        monkeypatch.setattr(file_embarquee.Transport, "global_state", BrokerState())  # un autre processus ne sait rien
        liaisons.append(
            Connection("filesystem://localhost", transport=file_embarquee.Transport, transport_options=dossiers)
        )
        return liaisons[-1].SimpleQueue("essai")

    yield _file
    for liaison in liaisons:
        liaison.release()


def deposes(dossier):
    return [f.name for f in (dossier / "messages").iterdir() if f.name.endswith(".essai.msg")]


def test_les_messages_arrivent_dans_l_ordre(file):
    depot, lecture = file(), file()
    for n in range(20):
        depot.put({"n": n})
    recus = []
    for _ in range(20):
        message = lecture.get(timeout=5)
        recus.append(message.payload["n"])
        message.ack()
    assert recus == list(range(20))


def test_un_message_en_cours_d_ecriture_est_invisible(file, tmp_path, monkeypatch):
    depot, vus, renommer = file(), [], os.replace

    def replace(source, cible):
        vus.extend(deposes(tmp_path))
        renommer(source, cible)

    monkeypatch.setattr(file_embarquee.os, "replace", replace)
    depot.put("bonjour")
    assert vus == []
    assert len(deposes(tmp_path)) == 1


def test_des_demarrages_simultanes_n_abiment_pas_la_table_des_liaisons(file, tmp_path):
    pannes = []

    def demarrer():
        try:
            file().put("là")
        except Exception as panne:  # noqa: BLE001
            pannes.append(panne)

    fils = [threading.Thread(target=demarrer) for _ in range(12)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert pannes == []
    assert len(deposes(tmp_path)) == 12


def test_la_file_embarquee_est_celle_que_l_application_prend_sans_redis():
    variables = {**environnement(), "PLIE_REDIS": ""}
    lecture = "import plie.celery as c; print(c.app.connection_for_write().transport_cls)"
    fini = subprocess.run(
        [sys.executable, "-c", lecture], cwd=RACINE, env=variables, capture_output=True, text=True, check=True
    )
    assert fini.stdout.strip() == "plie.file_embarquee:Transport"
