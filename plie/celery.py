import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plie.settings")
app = Celery("plie")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
