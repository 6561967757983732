"""Ce qui doit vivre pour que l’application tienne ses promesses, en « ok » ou « ko » (RE8)."""

import datetime
import shutil

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from dossier import battements
from notifications.models import PANNE, REFUSEE, Envoi
from plie.celery import app

ATTENTE = datetime.timedelta(seconds=60)  # un courriel dû depuis plus longtemps, et jamais essayé, est oublié
EN_PANNE = datetime.timedelta(minutes=10)
ADRESSES_EN_PANNE = 3  # un refus pour le moment n’est pas une panne ; plusieurs en sont une
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
    """Rien de dû n’attend d’être essayé, le serveur répond, et rien n’a été abandonné qu’une adresse refusée."""
    maintenant = timezone.now()
    ancien = Q(cree_le__lt=maintenant - EN_PANNE)
    try:
        attente = (
            Envoi.objects.en_attente()
            .order_by()
            .aggregate(
                oublies=Count("pk", filter=Q(erreur="", libre_le__lt=maintenant - ATTENTE)),
                sans_serveur=Count("pk", filter=ancien & Q(erreur__startswith=PANNE)),
                adresses=Count("adresse", filter=ancien & ~Q(erreur=""), distinct=True),
            )
        )
        perdus = Envoi.objects.en_echec().exclude(erreur=REFUSEE).exists()
    except DatabaseError:
        return False
    return not (attente["oublies"] or attente["sans_serveur"] or perdus) and attente["adresses"] < ADRESSES_EN_PANNE


def _disque():
    try:
        return shutil.disk_usage(settings.DONNEES).free >= RESERVE
    except OSError:
        return False
