"""Les scripts d’installation et de démonstration : ce qu’ils refusent, ce qu’ils ne refont pas."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from outils import demonstration, installation, services, verifications

RACINE = installation.RACINE


@pytest.fixture
def sans_root(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(installation.shutil, "which", lambda nom: None if nom == "sudo" else f"/usr/bin/{nom}")


def test_sans_droits_l_installation_donne_la_ligne_exacte_et_n_installe_rien(sans_root, monkeypatch):
    monkeypatch.setattr(installation, "paquets_manquants", lambda profil: ["libpango-1.0-0", "fonts-noto-core"])
    with pytest.raises(installation.Impossible) as refus:
        installation.systeme("demo")
    assert (
        "sudo apt-get update && sudo apt-get install --yes --no-install-recommends libpango-1.0-0 fonts-noto-core"
        in str(refus.value)
    )


def test_la_demonstration_n_exige_ni_navigateur_ni_serveur_de_base(monkeypatch):
    monkeypatch.setattr(installation, "chromium", lambda: None)
    monkeypatch.setattr(installation, "postgresql", lambda: None)
    assert not {"chromium", "postgresql"} & set(installation.paquets_manquants("demo"))
    assert {"chromium", "postgresql"} <= set(installation.paquets_manquants("test"))


def test_une_installation_fraiche_ne_lance_aucune_commande(monkeypatch):
    for dossier in (installation.VENV, installation.NODE):
        if not (dossier / ".installe").exists():
            pytest.fail("make installation n’a pas encore tourné ici", pytrace=False)
    monkeypatch.setattr(installation, "lancer", lambda *commande, **_: pytest.fail(f"lancée : {commande}"))
    installation.installer("demo", ["systeme", "python", "node"])


def test_une_dependance_changee_perime_l_empreinte(tmp_path):
    verrou = tmp_path / "base.txt"
    verrou.write_text("a==1")
    avant = installation.empreinte(verrou)
    verrou.write_text("a==2")
    assert installation.empreinte(verrou) != avant


def test_une_commande_en_echec_est_montree_avec_sa_sortie():
    with pytest.raises(installation.Impossible, match=r"(?s)panne voulue.*Cette commande a échoué"):
        installation.lancer(sys.executable, "-c", "raise SystemExit('panne voulue')")


def test_un_port_pris_est_refuse_avec_la_commande_a_taper(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as occupe:
        port = occupe.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(installation.Impossible, match=f"Le port {port} n’est pas disponible.*\n.*\n    PORT="):
            demonstration.port_demande()


@pytest.mark.parametrize("valeur", ["http", "0", "70000", "-1"])
def test_un_port_insense_est_refuse(monkeypatch, valeur):
    monkeypatch.setenv("PORT", valeur)
    with pytest.raises(installation.Impossible, match="entre 1 et 65535"):
        demonstration.port_demande()


def test_l_audit_dit_qu_il_n_a_pas_pu_regarder(monkeypatch, capsys):
    muet = subprocess.CompletedProcess([], 1, stdout="", stderr="ERROR: could not be audited")
    monkeypatch.setattr(verifications.subprocess, "run", lambda *_, **__: muet)
    assert verifications.audit() == 0
    assert "AUDIT NON FAIT" in capsys.readouterr().out


def test_l_audit_echoue_sur_une_faille(monkeypatch, capsys):
    sortie = '{"dependencies": [{"name": "x", "version": "1", "vulns": [{"id": "F-1", "fix_versions": ["2"]}]}]}'
    monkeypatch.setattr(
        verifications.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, stdout=sortie, stderr="")
    )
    assert verifications.audit() == 1
    assert "x 1 : F-1" in capsys.readouterr().out


def test_le_bilan_nomme_l_etape_en_echec_et_les_suivantes_tournent_quand_meme(capsys):
    assert verifications.derouler([("premiere", lambda: 1), ("seconde", lambda: 0)]) == 1
    sortie = capsys.readouterr().out
    assert "ÉCHEC  premiere" in sortie
    assert "ok     seconde" in sortie


@pytest.mark.lent
@pytest.mark.redis
@pytest.mark.postgresql
def test_les_services_prives_s_arretent_avec_la_commande_et_rendent_son_code(tmp_path):
    programme = "import os; print(os.environ['PLIE_BASE'], os.environ['PLIE_REDIS']); raise SystemExit(7)"
    fini = subprocess.run(
        [sys.executable, "-m", "outils.services", "--", sys.executable, "-c", programme],
        cwd=RACINE, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert fini.returncode == 7
    for adresse in fini.stdout.split():
        port = int(adresse.rsplit(":", 1)[1].split("/")[0])
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 1)


@pytest.mark.lent
@pytest.mark.postgresql
def test_postgresql_tue_repart_avec_ce_qui_etait_acquitte(tmp_path):
    import psycopg

    tmp_path.chmod(0o711)
    for parent in tmp_path.parents:
        if parent.stat().st_uid == os.geteuid() and not parent.stat().st_mode & 0o001:
            parent.chmod(0o711)
    base = services.PostgreSQL(Path(tmp_path)).demarrer()
    try:
        with psycopg.connect(base.adresse) as liaison:
            liaison.execute("create table acquitte (n int)")
            liaison.execute("insert into acquitte values (1)")
        base.tuer()
        base.demarrer()
        with psycopg.connect(base.adresse) as liaison:
            assert liaison.execute("select n from acquitte").fetchall() == [(1,)]
    finally:
        base.arreter()


HONCHO = """#!{python}
import http.server, os, pathlib, sys, time
if "web" in sys.argv:
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200); self.end_headers()
        def log_message(self, *_): pass
    http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Page).serve_forever()
with pathlib.Path(__file__).with_name("departs").open("a") as departs:
    departs.write("x")
sys.exit(137)
"""


def test_re5_le_worker_tue_repart_et_les_pages_repondent_toujours(tmp_path):
    honcho = tmp_path / "bin" / "honcho"
    honcho.parent.mkdir()
    honcho.write_text(HONCHO.format(python=sys.executable))
    honcho.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as libre:
        port = libre.getsockname()[1]
    programme = (
        "from pathlib import Path; from outils import demonstration, installation;"
        f"installation.VENV = Path({str(tmp_path)!r}); demonstration.REPRISE = 0.05;"
        f"raise SystemExit(demonstration.servir({port}))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", programme],
        cwd=installation.RACINE,
        env={**os.environ, "PORT": str(port)},
        stdout=subprocess.PIPE,
        text=True,
    ) as demo:
        try:
            lues = iter(demo.stdout.readline, "")
            assert any("Le logiciel est prêt" in ligne for ligne in lues)
            assert sum("il repart" in ligne for ligne in (next(lues) for _ in range(20))) >= 2
            assert demonstration.repond(port)
        finally:
            demo.terminate()
        assert demo.wait(10) == 0
    assert len((honcho.parent / "departs").read_text()) >= 2
