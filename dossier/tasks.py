from celery import shared_task

from dossier import battements
from plie.lots import analyser


@shared_task(name=battements.TACHE, ignore_result=True, expires=battements.TOLERANCE)
def battre():
    battements.battre("worker")


@shared_task(name="dossier.analyser_la_base")
def analyser_la_base():
    analyser()
