"""Lance le logiciel avec un PLIE fictif : installe, migre, remplit, puis sert jusqu’à Ctrl-C, sans rien demander."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time

from outils import installation, services

ATTENTE = 60  # secondes, avant de dire que le serveur ne répond pas
REPRISE = 1  # secondes entre deux regards sur le worker
COMPTES = {
    "conseiller": "sa journée, ses participants, ses entretiens",
    "responsable": "la pertinence des prescriptions, l’équipe, les délais",
    "statistiques": "le contrôle de l’éligibilité et des pièces",
    "animation": "les entrées à acter",
    "prescripteur": "ses seules orientations, chez un partenaire",
    "entreprises": "l’emploi",
    "animateur": "les ateliers",
    "auditeur": "un échantillon, en lecture",
    "administrateur": "les réglages et les comptes",
}


def port_demande():
    """Le port voulu, vérifié libre ; lève Impossible sinon, avant toute installation."""
    valeur = os.environ.get("PORT") or "8000"
    if not valeur.isdigit() or not 0 < int(valeur) < 65536:
        raise installation.Impossible(f"PORT vaut « {valeur} » : il faut un nombre entre 1 et 65535.")
    with socket.socket() as essai:
        essai.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            essai.bind(("127.0.0.1", int(valeur)))
        except OSError as raison:
            raise installation.Impossible(
                f"Le port {valeur} n’est pas disponible : une démonstration tourne peut-être déjà.\n"
                f"Arrêtez-la, ou choisissez un autre port :\n    PORT={int(valeur) % 65535 + 1} make demo"
            ) from raison
    return int(valeur)


def repond(port):
    liaison = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.closing(liaison), contextlib.suppress(OSError, http.client.HTTPException):
        liaison.request("GET", "/compte/connexion/")
        return liaison.getresponse().status == 200
    return False


def bandeau(port):
    lignes = [
        f"Le logiciel est prêt : http://127.0.0.1:{port}/",
        "",
        "Mot de passe de tous les comptes : demonstration",
        *(f"  {role + '@plie.example':<30} {pour}" for role, pour in COMPTES.items()),
        "",
        "Personnes et faits sont fictifs. Ctrl-C arrête tout ; les données restent.",
    ]
    trait = "─" * max(map(len, lignes))
    print("\n".join(("", trait, *lignes, trait, "")), flush=True)


class Demonstration:
    """Web d’un côté, worker et beat de l’autre : ceux-ci tués, les pages répondent encore, et ils repartent (RE5)."""

    def __init__(self):
        self.demande = False
        self.web, self.arriere = self._lancer("web"), self._lancer("worker", "beat")

    def _lancer(self, *noms):
        return subprocess.Popen(
            [installation.VENV / "bin" / "honcho", "-e", os.devnull, "start", *noms],
            cwd=installation.RACINE,
            env=installation.environnement(),
            stdin=subprocess.DEVNULL,
            preexec_fn=services.suivre_le_parent,
        )

    @property
    def vit(self):
        return self.web.poll() is None and not self.demande

    def arreter(self, *_):
        self.demande = True
        for processus in (self.web, self.arriere):
            processus.terminate()

    def veiller(self):
        """Attend la fin du web, en relançant le reste ; rend le code de sortie."""
        while self.vit:
            if self.arriere.poll() is not None:
                print("Le worker s’est arrêté : il repart.", flush=True)
                self.arriere = self._lancer("worker", "beat")
            time.sleep(REPRISE)
        return self.finir()

    def finir(self):
        demande = self.demande
        self.arreter()
        self.arriere.wait()
        return 0 if demande else self.web.wait()


def servir(port):
    """Démarre web, worker et beat, affiche le bandeau quand la première page répond, et attend la fin."""
    demonstration = Demonstration()
    for numero in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(numero, demonstration.arreter)
    limite = time.monotonic() + ATTENTE
    while demonstration.vit and not repond(port):
        if time.monotonic() > limite:
            demonstration.finir()
            raise installation.Impossible(f"Le serveur ne répond pas après {ATTENTE} secondes.")
        time.sleep(0.2)
    if demonstration.vit:
        bandeau(port)
    return demonstration.veiller()


def main():
    try:
        port = port_demande()
        # Les liens des courriels visent le web, quel que soit le port que honcho donne au worker et à beat.
        os.environ.update(
            PLIE_MODE="demonstration",
            PORT=str(port),
            PLIE_ADRESSE=f"http://127.0.0.1:{port}",
            PYTHONUNBUFFERED="1",
            PYTHONWARNINGS="ignore:You're running the worker",  # sous root, dans un conteneur de démonstration
        )
        installation.installer("demo")
        preparation = [installation.PYTHON, "-m", "outils.preparation", "--demonstration"]
        if code := subprocess.run(
            preparation, cwd=installation.RACINE, stdin=subprocess.DEVNULL, check=False
        ).returncode:
            return code
        return servir(port_demande())
    except installation.Impossible as raison:
        return f"\n{raison}"
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
