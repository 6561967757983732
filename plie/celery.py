import os

from celery import Celery
from celery.signals import beat_init, worker_init
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plie.settings")
app = Celery("plie")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuser_de_demarrer(**_):
    """Un réglage dangereux arrête aussi le worker et beat ; Celery n’écoute pas les autres erreurs d’un signal."""
    from plie.controles import exiger

    try:
        exiger()
    except ImproperlyConfigured as refus:
        raise SystemExit(str(refus)) from None
