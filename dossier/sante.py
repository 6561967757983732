"""Ce qui doit vivre pour que l’application tienne ses promesses, en « ok » ou « ko » (RE8)."""

import datetime
import shutil

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from dossier import battements
from notifications.models import ESSAIS, Canal, Envoi
from plie.celery import app

ATTENTE = datetime.timedelta(seconds=60)  # un courriel écrit depuis plus longtemps, et jamais essayé, est oublié
EN_PANNE = datetime.timedelta(minutes=10)
ADRESSES_EN_PANNE = 3  # une adresse fausse n’est pas une panne du serveur de courriel
RESERVE = 500 * 1024 * 1024  # octets


def examiner():
    """{nom: vrai si tout va bien}. Chaque examen répond, quoi qu’il arrive aux autres."""
    base = _base()
    return {
        "database": base,
        "broker": _courtier(),
        "worker": battements.bat("worker"),
        "beat": battements.bat("beat"),
        "outbox": base and _boite_d_envoi(),
        "disk": _disque(),
    }


def _base():
    try:
        with connection.cursor() as curseur:
            curseur.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _courtier():
    try:
        with app.connection_for_write() as liaison:
            liaison.ensure_connection(max_retries=1, interval_start=0, timeout=2)
            return settings.CELERY_BROKER_URL.split(":")[0] != "filesystem" or _file_lisible()
    except (OperationalError, OSError):
        return False


def _file_lisible():
    return (settings.DONNEES / "file" / "messages").is_dir()


def _boite_d_envoi():
    """Rien de dû n’attend plus d’une minute, et le serveur de courriel ne refuse pas tout le monde depuis dix."""
    maintenant = timezone.now()
    oublie, refuse = (
        Q(erreur="", cree_le__lt=maintenant - ATTENTE),
        ~Q(erreur="") & Q(cree_le__lt=maintenant - EN_PANNE),
    )
    attente = Envoi.objects.filter(canal=Canal.COURRIEL, envoye_le=None, essais__lt=ESSAIS).order_by()
    try:
        comptes = attente.aggregate(
            oublies=Count("pk", filter=oublie & Q(libre_le__lte=maintenant)),
            adresses=Count("adresse", filter=refuse, distinct=True),
        )
    except DatabaseError:
        return False
    return not comptes["oublies"] and comptes["adresses"] < ADRESSES_EN_PANNE


def _disque():
    try:
        return shutil.disk_usage(settings.DONNEES).free >= RESERVE
    except OSError:
        return False
