"""Travail confié à un processus à part, que l’on peut tuer : délai, mémoire, ni réseau ni écriture.

Sert aux documents (mise en page) et aux pièces jointes (lecture de fichiers inconnus). Chaque processus de
l’application garde au chaud un ouvrier par module ; il lui parle par deux tubes, en trames à longueur annoncée.
Ce fichier est aussi le programme de l’ouvrier : il n’importe que la bibliothèque standard.
"""

import atexit
import contextlib
import importlib
import json
import os
import resource
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import weakref
from pathlib import Path

RACINE = Path(__file__).resolve().parent.parent
DEMARRAGE = 30  # secondes laissées à un ouvrier pour se préparer
OISIVETE = 600  # secondes sans travail après lesquelles un ouvrier se retire et rend sa mémoire
TRAME = struct.Struct("!II")  # longueurs de l’entête JSON et du corps
ENVIRONNEMENT = ("PATH", "HOME", "TZ", "XDG_CACHE_HOME", "FONTCONFIG_PATH", "FONTCONFIG_FILE")


class Interrompu(Exception):
    """Le travail n’a pas abouti ; `cause` vaut « delai », « memoire », « occupe », « arret » ou « erreur ».

    `detail` nomme l’erreur et l’endroit du code, jamais le contenu traité (promesse DP3).
    """

    def __init__(self, cause, detail=""):
        super().__init__(f"{cause} {detail}".strip())
        self.cause = cause
        self.detail = detail


class Ouvrier:
    """Un processus à part qui exécute `traiter(entete, corps)` du `module` demandé, une demande à la fois."""

    _tous = weakref.WeakSet()

    def __init__(self, module, oisivete=OISIVETE):
        self.module = module
        self.oisivete = oisivete
        self._verrou = threading.Lock()
        self._processus = None
        self._dossier = None
        self._tous.add(self)

    def demander(self, entete, corps=b"", *, delai, memoire):
        """Rend (entête, corps) de la réponse.

        delai: secondes, au-delà desquelles l’ouvrier est tué ; il renaîtra à la demande suivante.
        memoire: octets permis au-delà de ce qu’il occupe au repos.
        Lève Interrompu.
        """
        if not self._verrou.acquire(timeout=delai):
            raise Interrompu("occupe")
        try:
            return self._demander({"delai": delai, "memoire": memoire, "demande": entete}, corps, delai)
        except BaseException as fin:  # même une fin de processus : une réponse en retard fausserait la suivante
            if getattr(fin, "cause", "") != "erreur":
                self.arreter()
            raise
        finally:
            self._verrou.release()

    def _demander(self, entete, corps, delai):
        for essai in (1, 2):
            self._demarrer()
            echeance = time.monotonic() + delai
            try:
                _envoyer(self._processus.stdin.fileno(), entete, corps, echeance)
                reponse, corps_rendu = _recevoir(self._processus.stdout.fileno(), echeance)
            except TimeoutError:
                raise Interrompu("delai") from None
            except (EOFError, BrokenPipeError):
                code = self.arreter()
                if code == 0 and essai == 1:  # il se retirait, faute de travail, au moment où l’on frappait
                    continue
                cause = "delai" if code == -signal.SIGXCPU else "memoire" if code < 0 else "arret"
                raise Interrompu(cause, f"code {code}") from None
            if "interrompu" in reponse:
                raise Interrompu(reponse["interrompu"], reponse.get("detail", ""))
            return reponse["reponse"], corps_rendu
        raise Interrompu("arret")

    def _demarrer(self):
        if self._processus and self._processus.poll() is None:
            return
        self.arreter()
        self._dossier = tempfile.mkdtemp(prefix="plie-ouvrier-")  # effacé avec lui, quelle que soit sa fin
        environnement = {nom: os.environ[nom] for nom in ENVIRONNEMENT if nom in os.environ}
        try:
            self._processus = subprocess.Popen(
                [sys.executable, "-I", "-B", "-X", "utf8", __file__, self.module, str(self.oisivete)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                cwd="/",
                env=environnement | {"LC_ALL": "C.UTF-8", "TMPDIR": self._dossier},
                start_new_session=True,  # un Ctrl-C dans le terminal ne doit pas couper un document en deux
            )
        except OSError as panne:
            raise Interrompu("arret", type(panne).__name__) from None
        os.set_blocking(self._processus.stdin.fileno(), False)
        try:
            annonce, _ = _recevoir(self._processus.stdout.fileno(), time.monotonic() + DEMARRAGE)
        except (TimeoutError, EOFError):
            raise Interrompu("arret", "l’ouvrier ne démarre pas") from None
        if "interrompu" in annonce:
            raise Interrompu(annonce["interrompu"], annonce.get("detail", ""))

    def arreter(self):
        """Tue l’ouvrier s’il vit ; rend son code de sortie (négatif : tué par un signal, None : aucun ouvrier)."""
        processus, self._processus = self._processus, None
        dossier, self._dossier = self._dossier, None
        try:
            return processus and _congedier(processus)
        finally:
            if dossier:
                shutil.rmtree(dossier, ignore_errors=True)

    def _oublier(self):
        """Après un fork, l’ouvrier reste celui du parent : le fils ferme ses tubes et en prendra un autre."""
        self._verrou, self._dossier = threading.Lock(), None
        processus, self._processus = self._processus, None
        if processus is not None:
            _fermer(processus)
            processus.returncode = 0  # pas le nôtre : ne pas l’attendre


def _fermer(processus):
    for tube in (processus.stdin, processus.stdout):
        with contextlib.suppress(OSError):
            tube.close()


def _congedier(processus):
    _fermer(processus)
    try:
        return processus.wait(timeout=0.2)  # fermé, il sort de lui-même ; son code dit pourquoi
    except subprocess.TimeoutExpired:
        processus.kill()
        return processus.wait()


@atexit.register
def _tout_arreter():
    for ouvrier in list(Ouvrier._tous):
        ouvrier.arreter()


def _apres_fork():
    for ouvrier in list(Ouvrier._tous):
        ouvrier._oublier()


os.register_at_fork(after_in_child=_apres_fork)


# --- Trames ------------------------------------------------------------------------------------------------------


def _envoyer(tube, entete, corps=b"", echeance=None):
    texte = json.dumps(entete).encode()
    for morceau in (TRAME.pack(len(texte), len(corps)) + texte, corps):
        reste = memoryview(morceau)
        while reste:
            _attendre(tube, select.POLLOUT, echeance)
            with contextlib.suppress(BlockingIOError):
                reste = reste[os.write(tube, reste) :]


def _recevoir(tube, echeance=None):
    """Rend (entête, corps) ; lève EOFError si l’autre est parti, TimeoutError passé l’échéance."""
    taille_entete, taille_corps = TRAME.unpack(_lire(tube, TRAME.size, echeance))
    return json.loads(_lire(tube, taille_entete, echeance)), _lire(tube, taille_corps, echeance)


def _lire(tube, taille, echeance):
    morceaux = []
    while taille:
        _attendre(tube, select.POLLIN, echeance)
        if not (morceau := os.read(tube, min(taille, 1 << 20))):
            raise EOFError
        morceaux.append(morceau)
        taille -= len(morceau)
    return b"".join(morceaux)


def _attendre(tube, sens, echeance):
    if echeance is None:
        return
    sondage = select.poll()
    sondage.register(tube, sens)
    if not sondage.poll(max(0, echeance - time.monotonic()) * 1000):
        raise TimeoutError


# --- Du côté de l’ouvrier ----------------------------------------------------------------------------------------

EVENEMENTS_INTERDITS = ("socket.", "subprocess.", "os.exec", "os.system", "os.posix_spawn", "os.fork", "ctypes.")
EVENEMENTS_INTERDITS += (
    "os.kill",
    "signal.",
    "os.rename",
    "os.mkdir",
    "os.link",
    "os.symlink",
    "os.ch",
    "os.truncate",
)
EVENEMENTS_INTERDITS += ("os.utime", "os.setxattr", "os.removexattr", "os.listxattr", "os.getxattr", "shutil.", "pty.")
PARCOURS = ("os.listdir", "os.scandir")
EFFACEMENTS = ("os.remove", "os.rmdir")
LECTURES = tuple(str(Path(dossier).resolve()) + os.sep for dossier in (sys.prefix, sys.base_prefix))


def _surveiller(evenement, arguments):
    """Second mur, derrière les refus de chaque module : ni réseau, ni programme, ni fichier, hors des modules de Python.

    De l’ouvrier lui-même : il ne liste et n’efface que son propre dossier.
    """
    if evenement == "open":
        chemin, _, drapeaux = arguments
        if not isinstance(chemin, int):
            ecriture = isinstance(drapeaux, int) and drapeaux & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if ecriture or not _est_dans(chemin, LECTURES):
                raise PermissionError("fichier refusé")
    elif evenement in PARCOURS:
        if not _est_dans(arguments[0], (*LECTURES, _sien())):
            raise PermissionError("dossier refusé")
    elif evenement in EFFACEMENTS:
        if not _est_dans(arguments[0], _sien()):
            raise PermissionError("effacement refusé")
    elif evenement.startswith(EVENEMENTS_INTERDITS):
        raise PermissionError("action refusée")


def _sien():
    """Le dossier que le parent a fait pour cet ouvrier."""
    return os.path.realpath(os.environ["TMPDIR"]) + os.sep


def _est_dans(chemin, dossiers):
    """Vrai si `chemin`, liens suivis, est un de ces dossiers ou ce qu’ils contiennent."""
    return isinstance(chemin, (str, bytes, os.PathLike)) and f"{os.path.realpath(os.fsdecode(chemin))}/".startswith(
        dossiers
    )


def _memoire_occupee():
    """Octets d’adresses occupés par ce processus (VmSize)."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _borner(base, memoire, delai):
    """Repousse les bornes avant chaque demande ; le temps de calcul sert quand le parent est mort avant de tuer."""
    calcul = int(time.process_time() + delai) + 2
    for borne, valeur in ((resource.RLIMIT_AS, base + int(memoire)), (resource.RLIMIT_CPU, calcul)):
        resource.setrlimit(borne, (valeur, resource.getrlimit(borne)[1]))


def _endroit(erreur):
    """« ValueError (draw.py:12) » : de quoi chercher, sans le texte de l’erreur qui peut citer une personne."""
    pile = traceback.extract_tb(erreur.__traceback__)
    return f"{type(erreur).__name__} ({', '.join(f'{Path(p.filename).name}:{p.lineno}' for p in pile[-3:])})"


def travailler(module, oisivete):
    """Boucle de l’ouvrier : se prépare, s’enferme, puis sert jusqu’à la fermeture du tube ou à l’oisiveté."""
    entree, sortie = os.dup(0), os.dup(1)
    neant = os.open(os.devnull, os.O_RDWR)
    os.dup2(neant, 0)
    os.dup2(neant, 1)  # une bibliothèque bavarde ne brouille pas les trames
    sys.path.append(str(RACINE))
    try:
        travail = importlib.import_module(module)
        travail.preparer()
    except Exception as erreur:
        _envoyer(sortie, {"interrompu": "arret", "detail": _endroit(erreur)})
        return 1
    base = _memoire_occupee()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.addaudithook(_surveiller)
    _envoyer(sortie, {"pret": True})
    while select.select([entree], [], [], oisivete)[0]:
        try:
            consigne, corps = _recevoir(entree)
        except EOFError:
            break
        _borner(base, consigne["memoire"], consigne["delai"])
        try:
            _envoyer(sortie, *_servir(travail, consigne["demande"], corps))
        except BrokenPipeError:
            break
    _vider(os.environ["TMPDIR"])
    return 0


def _vider(dossier):
    """Le parent efface ce dossier ; l’ouvrier le fait aussi, pour le jour où le parent est tué net."""
    for racine, dossiers, fichiers in os.walk(dossier, topdown=False):
        with contextlib.suppress(OSError):
            for nom in fichiers:
                os.remove(os.path.join(racine, nom))
            for nom in dossiers:
                os.rmdir(os.path.join(racine, nom))
    with contextlib.suppress(OSError):
        os.rmdir(dossier)


def _servir(travail, demande, corps):
    try:
        reponse, corps_rendu = travail.traiter(demande, corps)
    except MemoryError:
        resource.setrlimit(resource.RLIMIT_AS, (resource.getrlimit(resource.RLIMIT_AS)[1],) * 2)
        return {"interrompu": "memoire"}, b""
    except Exception as erreur:
        return {"interrompu": "erreur", "detail": _endroit(erreur)}, b""
    return {"reponse": reponse}, corps_rendu


if __name__ == "__main__":
    os._exit(travailler(sys.argv[1], float(sys.argv[2])))  # sans dérouler les fermetures : rien n’est à sauver
