"""Le pouls de beat et du worker : un fichier chacun dans le dossier des données, dont l’âge dit s’ils vivent (RE8).

Toutes les 15 secondes, beat publie `dossier.battre` (il touche son fichier en la publiant, même sans courtier) et le
worker l’exécute (il touche le sien). Rien n’est écrit dans la base.
"""

import time

from celery.signals import before_task_publish
from django.conf import settings

PERIODE = 15  # secondes
TOLERANCE = 60
TACHE = "dossier.battre"


def battre(qui):
    """Note que `qui` (« beat », « worker ») est en vie."""
    fichier = _fichier(qui)
    fichier.parent.mkdir(parents=True, exist_ok=True)
    fichier.touch()


def bat(qui):
    """Vrai si `qui` a donné signe de vie depuis moins d’une minute."""
    try:
        return time.time() - _fichier(qui).stat().st_mtime <= TOLERANCE
    except OSError:
        return False


def _fichier(qui):
    return settings.DONNEES / "battements" / qui


@before_task_publish.connect
def _beat_publie(sender=None, **_):
    """Seul beat publie cette tâche : le publier, c’est vivre."""
    if sender == TACHE:
        battre("beat")
