"""Le travail à part : tué à l’heure, borné en mémoire, sans réseau ni écriture, et toujours prêt pour la suite."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest

from plie import confinement
from plie.confinement import Interrompu, Ouvrier

MO = 1 << 20


@pytest.fixture
def ouvrier():
    ouvrier = Ouvrier("tests.ouvrier_d_essai")
    yield ouvrier
    ouvrier.arreter()


def demander(ouvrier, acte, avec=None, corps=b"", *, delai=10, memoire=64 * MO):
    return ouvrier.demander({"acte": acte, "avec": avec}, corps, delai=delai, memoire=memoire)


def interruption(ouvrier, acte, avec=None, **bornes):
    with pytest.raises(Interrompu) as interrompu:
        demander(ouvrier, acte, avec, **bornes)
    return interrompu.value


def test_pd1_une_demande_revient_entiere_meme_lourde(ouvrier):
    corps = bytes(range(256)) * 40_000
    assert demander(ouvrier, "rendre", "é", corps) == ("é", corps)


def test_pd1_le_meme_ouvrier_sert_plusieurs_demandes(ouvrier):
    assert demander(ouvrier, "pid") == demander(ouvrier, "pid")


@pytest.mark.parametrize("acte", ["dormir", "tourner"])
def test_pd1_passe_le_delai_l_ouvrier_est_tue_et_un_autre_prend_la_suite(ouvrier, acte):
    (ancien, _), debut = demander(ouvrier, "pid"), time.monotonic()
    assert interruption(ouvrier, acte, 60, delai=0.5).cause == "delai"
    assert time.monotonic() - debut < 10
    with pytest.raises(ProcessLookupError):
        os.kill(ancien, 0)
    assert demander(ouvrier, "rendre", "suite") == ("suite", b"")


def test_pd1_au_dela_de_la_memoire_permise_la_demande_echoue_et_la_suivante_passe(ouvrier):
    assert demander(ouvrier, "manger", 40 * MO) == (40 * MO, b"")
    assert interruption(ouvrier, "manger", 100 * MO).cause == "memoire"
    assert demander(ouvrier, "manger", 100 * MO, memoire=200 * MO) == (100 * MO, b"")


def test_pd1_un_ouvrier_mort_est_remplace(ouvrier):
    assert interruption(ouvrier, "mourir", 3).detail == "code 3"
    os.kill(demander(ouvrier, "pid")[0], signal.SIGKILL)
    time.sleep(0.1)
    assert demander(ouvrier, "rendre", "suite") == ("suite", b"")


def test_pd1_une_demande_qui_croise_un_depart_est_refaite_par_le_suivant(ouvrier):
    ancien, _ = demander(ouvrier, "pid")
    assert demander(ouvrier, "mourir_si", ancien)[0] != ancien


def test_pd1_sans_travail_l_ouvrier_se_retire_et_rend_sa_memoire():
    ouvrier = Ouvrier("tests.ouvrier_d_essai", oisivete=0.2)
    demander(ouvrier, "pid")
    assert ouvrier._processus.wait(timeout=5) == 0
    assert demander(ouvrier, "rendre", "suite") == ("suite", b"")
    ouvrier.arreter()


@pytest.mark.parametrize("acte", ["rendre", "mourir", "dormir"])
def test_pd1_l_ouvrier_parti_ne_laisse_rien_sur_le_disque(ouvrier, acte):
    demander(ouvrier, "pid")
    dossier = Path(ouvrier._dossier)
    (dossier / "police").mkdir()
    (dossier / "police" / "fonte.ttf").write_bytes(b"x")
    if acte == "rendre":
        ouvrier.arreter()
    else:
        interruption(ouvrier, acte, 5, delai=0.3)
    assert not dossier.exists()


def test_pd1_une_machine_sans_ressource_pour_l_ouvrier_est_dite(ouvrier, monkeypatch):
    def panne(*_, **__):
        raise BlockingIOError

    monkeypatch.setattr(confinement.subprocess, "Popen", panne)
    assert str(interruption(ouvrier, "rendre")) == "arret BlockingIOError"


def test_pd1_un_module_qui_ne_se_prepare_pas_est_dit_sans_attendre():
    ouvrier = Ouvrier("tests.absent")
    erreur = interruption(ouvrier, "rendre")
    assert (erreur.cause, erreur.detail.split()[0]) == ("arret", "ModuleNotFoundError")


def test_dp3_une_erreur_dit_ou_chercher_et_jamais_le_texte_traite(ouvrier):
    avant = demander(ouvrier, "pid")
    erreur = interruption(ouvrier, "echouer", "Mme Anissa Belkhiri")
    assert (erreur.cause, "ValueError (" in erreur.detail) == ("erreur", True)
    assert "Belkhiri" not in str(erreur)
    assert demander(ouvrier, "pid") == avant


@pytest.mark.parametrize("acte", ["connecter", "lancer", "systeme"])
def test_pd1_ni_reseau_ni_programme(ouvrier, acte):
    with socket.create_server(("127.0.0.1", 0)) as serveur:
        assert "PermissionError" in interruption(ouvrier, acte, serveur.getsockname()[1]).detail


def test_pd1_ni_ecriture_ni_lecture_hors_de_python(ouvrier, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for chemin in (secret, "/etc/passwd", f"{os.__file__}/../../../../../../etc/passwd", confinement.__file__):
        assert "PermissionError" in interruption(ouvrier, "lire", str(chemin)).detail
    assert "PermissionError" in interruption(ouvrier, "ecrire", str(tmp_path / "trace")).detail
    assert demander(ouvrier, "lire", os.__file__)[0]


@pytest.mark.parametrize(
    "acte",
    ["effacer", "effacer_dossier", "creer_dossier", "renommer", "lier", "doubler", "ouvrir_a_tous", "vider", "dater",
     "lister", "parcourir", "raser", "tuer"],
)  # fmt: skip
def test_pd1_ni_effacement_ni_parcours_ni_signal(ouvrier, tmp_path, acte):
    piece = tmp_path / "piece.pdf"
    piece.write_text("x")
    avant = piece.stat()
    assert "PermissionError" in interruption(ouvrier, acte, str(piece)).detail
    assert list(tmp_path.iterdir()) == [piece]
    assert (piece.stat().st_size, piece.stat().st_mode, piece.stat().st_mtime) == (1, avant.st_mode, avant.st_mtime)


def test_pd1_l_ouvrier_ne_parcourt_que_son_propre_dossier(ouvrier):
    assert demander(ouvrier, "lister_le_sien")[0] == []


def test_pd1_l_ouvrier_ne_recoit_aucun_secret_de_l_environnement(ouvrier, monkeypatch):
    monkeypatch.setenv("PLIE_CLE_SECRETE", "x")
    assert set(demander(ouvrier, "environnement")[0]) <= {*confinement.ENVIRONNEMENT, "LC_ALL", "TMPDIR"}


def test_pd1_une_bibliotheque_bavarde_ne_brouille_pas_la_reponse(ouvrier):
    assert [demander(ouvrier, "bavarder") for _ in range(2)] == [(5, b"")] * 2


def test_pd1_deux_fils_d_execution_attendent_leur_tour(ouvrier):
    rendus = []
    fils = [
        threading.Thread(target=lambda n=n: rendus.append((n, demander(ouvrier, "rendre", n, bytes(9999))[0])))
        for n in range(8)
    ]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert sorted(rendus) == [(n, n) for n in range(8)]


def test_pd1_qui_attend_trop_longtemps_son_tour_l_apprend(ouvrier):
    demander(ouvrier, "pid")
    fil = threading.Thread(target=demander, args=(ouvrier, "dormir", 1))
    fil.start()
    time.sleep(0.2)
    assert interruption(ouvrier, "rendre", delai=0.1).cause == "occupe"
    fil.join()


def dans_un_fils(acte):
    """Exécute `acte` dans un processus dédoublé, comme gunicorn et Celery ; rend le texte de ce qu’il rend."""
    lecture, ecriture = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 déconseille ce que font ces serveurs
        fils = os.fork()
    if fils == 0:
        signal.alarm(15)  # un fils bloqué meurt, et le test le voit
        os.write(ecriture, str(acte()).encode())
        os._exit(0)
    os.close(ecriture)
    with os.fdopen(lecture) as tube:
        rendu = tube.read()
    os.waitpid(fils, 0)
    return rendu


def test_pd1_apres_un_fork_le_fils_prend_son_propre_ouvrier(ouvrier):
    du_parent, _ = demander(ouvrier, "pid")
    du_fils = int(dans_un_fils(lambda: demander(ouvrier, "pid")[0]))
    assert du_fils != du_parent
    assert demander(ouvrier, "pid") == (du_parent, b"")


def test_pd1_un_fork_pendant_une_demande_ne_bloque_pas_le_fils(ouvrier):
    demander(ouvrier, "pid")
    fil = threading.Thread(target=demander, args=(ouvrier, "dormir", 1))
    fil.start()
    time.sleep(0.2)
    assert dans_un_fils(lambda: demander(ouvrier, "rendre", "suite", delai=3)[0]) == "suite"
    fil.join()


def test_pd1_une_demande_coupee_ne_laisse_pas_sa_reponse_a_la_suivante(ouvrier):
    """gunicorn et Celery interrompent par une exception levée n’importe où."""

    def sonner(*_):
        raise KeyboardInterrupt

    demander(ouvrier, "pid")
    ancien = signal.signal(signal.SIGALRM, sonner)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(KeyboardInterrupt):
            demander(ouvrier, "dormir", 0.6)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, ancien)
    assert demander(ouvrier, "rendre", "la mienne") == ("la mienne", b"")


PARENT_TUE = """
import os, signal
from plie.confinement import Ouvrier
ouvrier = Ouvrier("tests.ouvrier_d_essai")
print(ouvrier.demander({"acte": "pid"}, delai=10, memoire=1 << 26)[0], ouvrier._dossier, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_pd1_quand_le_parent_est_tue_net_l_ouvrier_s_arrete_aussi():
    sortie = subprocess.run([sys.executable, "-c", PARENT_TUE], capture_output=True, cwd=confinement.RACINE).stdout
    pid, dossier = sortie.decode().split()
    etat, limite = Path(f"/proc/{pid}/stat"), time.monotonic() + 5
    while etat.exists() and ") Z " not in etat.read_text():
        assert time.monotonic() < limite, "L’ouvrier survit à son parent."
        time.sleep(0.05)
    assert not Path(dossier).exists()
