"""Ce qu’un ouvrier peut être amené à faire de pire, pour éprouver `plie.confinement`."""

import os
import shutil
import socket
import subprocess
import time


def preparer():
    pass


def traiter(demande, corps):
    return ACTES[demande["acte"]](demande.get("avec"), corps)


def _manger(octets, corps):
    return len(bytearray(int(octets))), b""


def _ecrire(chemin, corps):
    with open(chemin, "w") as fichier:
        fichier.write("x")


def _lire(chemin, corps):
    with open(chemin, "rb") as fichier:
        return fichier.read(10).hex(), b""


def _echouer(texte, corps):
    raise ValueError(texte)


def _tourner(_, corps):
    while True:
        pass


def _mourir_si(pid, corps):
    if os.getpid() == pid:
        os._exit(0)
    return os.getpid(), b""


def _lister_le_sien(_, corps):
    return os.listdir(os.environ["TMPDIR"]), b""


ACTES = {
    "effacer": lambda chemin, corps: os.remove(chemin),
    "effacer_dossier": lambda chemin, corps: os.rmdir(os.path.dirname(chemin)),
    "creer_dossier": lambda chemin, corps: os.mkdir(chemin + ".d"),
    "renommer": lambda chemin, corps: os.rename(chemin, chemin + ".bis"),
    "lier": lambda chemin, corps: os.symlink(chemin, chemin + ".bis"),
    "doubler": lambda chemin, corps: os.link(chemin, chemin + ".bis"),
    "ouvrir_a_tous": lambda chemin, corps: os.chmod(chemin, 0o777),
    "vider": lambda chemin, corps: os.truncate(chemin, 0),
    "dater": lambda chemin, corps: os.utime(chemin, (0, 0)),
    "lister": lambda chemin, corps: os.listdir(os.path.dirname(chemin)),
    "parcourir": lambda chemin, corps: list(os.scandir(os.path.dirname(chemin))),
    "raser": lambda chemin, corps: shutil.rmtree(os.path.dirname(chemin)),
    "tuer": lambda chemin, corps: os.kill(os.getppid(), 0),
    "lister_le_sien": _lister_le_sien,
    "mourir_si": _mourir_si,
    "rendre": lambda avec, corps: (avec, corps),
    "pid": lambda avec, corps: (os.getpid(), b""),
    "environnement": lambda avec, corps: (sorted(os.environ), b""),
    "dormir": lambda secondes, corps: (time.sleep(secondes), b""),
    "tourner": _tourner,
    "manger": _manger,
    "ecrire": _ecrire,
    "lire": _lire,
    "echouer": _echouer,
    "mourir": lambda code, corps: os._exit(code),
    "connecter": lambda port, corps: socket.create_connection(("127.0.0.1", port)),
    "lancer": lambda avec, corps: subprocess.run(["true"], check=False),
    "systeme": lambda avec, corps: (os.system("true"), b""),
    "bavarder": lambda avec, corps: (os.write(1, b"bruit"), b""),  # rend 5, le nombre d’octets écrits
}
