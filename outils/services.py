"""PostgreSQL et Redis privés : un dossier, un port libre de la boucle locale, arrêtés avec ce qui les a lancés.

    python -m outils.services [--dossier D] [--durable] [-- commande…]

Sans commande : attend Ctrl-C et affiche les lignes à poser dans l’environnement.
Avec une commande : la lance avec cet environnement et rend son code de sortie.
"""

import argparse
import contextlib
import ctypes
import os
import pwd
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from outils import installation

MORT_DU_PARENT = 1  # PR_SET_PDEATHSIG : même tué par -9, le lanceur n’oublie rien derrière lui
ATTENTE = 30  # secondes, au démarrage comme à l’arrêt


def port_libre():
    with socket.create_server(("127.0.0.1", 0)) as prise:
        return prise.getsockname()[1]


def suivre_le_parent():
    """À passer en `preexec_fn` : le processus lancé reçoit SIGINT si son lanceur disparaît (Linux seulement)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(MORT_DU_PARENT, signal.SIGINT)


def _identite():
    """PostgreSQL refuse root : sous root, le compte « postgres », à défaut « nobody »."""
    if os.geteuid() != 0:
        return {}
    for nom in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            compte = pwd.getpwnam(nom)
            return {"user": compte.pw_uid, "group": compte.pw_gid, "extra_groups": []}
    raise installation.Impossible("PostgreSQL refuse root, et cette machine n’a ni compte « postgres » ni « nobody ».")


class Service:
    """Un processus serveur que l’on démarre, arrête, ou tue dans un test de panne."""

    nom, signal_arret = "", signal.SIGTERM

    def __init__(self, dossier, *, durable=False):
        self.dossier, self.durable = Path(dossier) / self.nom, durable
        self.port, self.processus = port_libre(), None
        self.dossier.mkdir(parents=True, exist_ok=True)
        self.journal = self.dossier.parent / f"{self.nom}.log"
        secret = self.dossier.parent / f"{self.nom}.secret"
        if not secret.exists():
            secret.touch(mode=0o600)
            secret.write_text(secrets.token_hex(16))
        self.mot_de_passe = secret.read_text()

    def demarrer(self):
        with self.journal.open("ab") as journal:
            self.processus = self._lancer(journal)
        limite = time.monotonic() + ATTENTE
        while not self._repond():
            if self.processus.poll() is not None or time.monotonic() > limite:
                self.arreter()
                fin = "\n".join(self.journal.read_text(errors="replace").splitlines()[-15:])
                raise installation.Impossible(f"{self.nom} ne démarre pas :\n{fin}")
            time.sleep(0.1)
        return self

    def arreter(self):
        if self.processus and self.processus.poll() is None:
            self.processus.send_signal(self.signal_arret)
            try:
                self.processus.wait(ATTENTE)
            except subprocess.TimeoutExpired:
                self.tuer()

    def tuer(self):
        """kill -9, pour montrer que rien d’acquitté n’est perdu (RE4)."""
        self.processus.kill()
        self.processus.wait()

    def _repond(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def __enter__(self):
        return self.demarrer()

    def __exit__(self, *_):
        self.arreter()


class PostgreSQL(Service):
    nom, signal_arret = "postgresql", signal.SIGINT  # arrêt rapide : on n’attend pas les clients

    def __init__(self, dossier, *, durable=False):
        super().__init__(dossier, durable=durable)
        self.programmes = installation.postgresql()
        if not self.programmes:
            raise installation.Impossible(
                "PostgreSQL n’est pas installé : make installation, ou le paquet postgresql."
            )

    @property
    def adresse(self):
        return f"postgresql://plie:{self.mot_de_passe}@127.0.0.1:{self.port}/plie"

    def _lancer(self, journal):
        if not (self.dossier / "PG_VERSION").exists():
            self._initialiser(journal)
        options = ["-p", self.port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        if not self.durable:
            # Un test peut tuer PostgreSQL : l’acquitté reste (synchronous_commit), seul le disque n’est pas attendu.
            options += ["-c", "fsync=off", "-c", "full_page_writes=off"]
        return subprocess.Popen(
            [str(o) for o in (self.programmes / "postgres", "-D", self.dossier, *options)], cwd="/",
            stdin=subprocess.DEVNULL, stdout=journal, stderr=journal, preexec_fn=suivre_le_parent, **_identite(),
        )  # fmt: skip

    def _initialiser(self, journal):
        identite = _identite()
        secret = self.dossier.parent / "initdb.secret"
        secret.touch(mode=0o600)
        secret.write_text(self.mot_de_passe)
        if identite:
            for chemin in (self.dossier, secret):
                shutil.chown(chemin, identite["user"], identite["group"])
        commande = [self.programmes / "initdb", "-D", self.dossier, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
                    "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync"]  # fmt: skip
        subprocess.run([str(c) for c in commande], cwd="/", stdout=journal, stderr=journal, check=False, **identite)
        secret.unlink()

    def _psql(self, ordre, base="postgres"):
        return subprocess.run(
            [self.programmes / "psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-Atqc", ordre, base],
            env={**os.environ, "PGPASSWORD": self.mot_de_passe}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def _repond(self):
        """Prêt quand le rôle et la base « plie » existent : un rôle ordinaire, comme en production."""
        essai = self._psql("select count(*) from pg_database where datname = 'plie'")
        if essai.returncode:
            return False
        if essai.stdout.strip() == "0":
            self._psql(f"create role plie login createdb password '{self.mot_de_passe}'")
            self._psql("create database plie owner plie")
            self.journal.chmod(0o600)
        return True


class Redis(Service):
    nom = "redis"

    @property
    def adresse(self):
        return f"redis://default:{self.mot_de_passe}@127.0.0.1:{self.port}/0"

    def _lancer(self, journal):
        reglage = (
            f"port {self.port}\nbind 127.0.0.1\nrequirepass {self.mot_de_passe}\n"
            f'dir "{self.dossier}"\nsave ""\nappendonly no\n'
        )
        processus = subprocess.Popen(
            ["redis-server", "-"], stdin=subprocess.PIPE, stdout=journal, stderr=journal, preexec_fn=suivre_le_parent
        )
        processus.stdin.write(reglage.encode())
        processus.stdin.close()
        return processus


def _traversable(dossier):
    """Le compte de PostgreSQL doit pouvoir descendre jusqu’au dossier."""
    return os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in (dossier, *dossier.parents))


@contextlib.contextmanager
def services(dossier=None, *, durable=False):
    """Démarre les deux et rend l’environnement qui y mène ; les arrête quoi qu’il arrive."""
    with contextlib.ExitStack() as pile:
        if dossier:
            dossier = Path(dossier).resolve()
            dossier.mkdir(parents=True, exist_ok=True)
        if not dossier or not _traversable(dossier):
            dossier = Path(pile.enter_context(tempfile.TemporaryDirectory(prefix="plie-services-")))
            dossier.chmod(0o711)
        base = pile.enter_context(PostgreSQL(dossier, durable=durable))
        redis = pile.enter_context(Redis(dossier, durable=durable))
        yield {"PLIE_BASE": base.adresse, "PLIE_REDIS": redis.adresse}


def sortir_sur_signal():
    """SIGTERM et SIGHUP referment tout, comme Ctrl-C."""
    for numero in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(numero, lambda recu, _: sys.exit(128 + recu))


def main():
    lecteur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    lecteur.add_argument("--dossier")
    lecteur.add_argument(
        "--durable", action="store_true", help="écritures attendues sur le disque, comme en production"
    )
    lecteur.add_argument("commande", nargs=argparse.REMAINDER)
    options = lecteur.parse_args()
    commande = options.commande[1:] if options.commande[:1] == ["--"] else options.commande
    sortir_sur_signal()
    try:
        with services(options.dossier, durable=options.durable) as variables:
            if commande:
                sys.exit(subprocess.run(commande, env={**os.environ, **variables}, check=False).returncode)
            print("À poser dans l’environnement (Ctrl-C ici pour arrêter les services) :\n")
            for nom, valeur in variables.items():
                print(f"export {nom}={shlex.quote(valeur)}", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        print()
    except installation.Impossible as raison:
        sys.exit(f"\n{raison}")


if __name__ == "__main__":
    main()
