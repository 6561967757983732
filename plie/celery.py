import os

import django
from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plie.settings")


class Application(Celery):
    """Un réglage dangereux arrête aussi le worker et beat : leurs signaux, eux, avalent les erreurs."""

    @property
    def Worker(self):
        _exiger()
        return super().Worker

    @property
    def Beat(self):
        _exiger()
        return super().Beat


def _exiger():
    django.setup()
    from plie.controles import exiger

    exiger()


app = Application("plie")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
