from celery import shared_task

from dossier import battements


@shared_task(name=battements.TACHE, ignore_result=True, expires=battements.TOLERANCE)
def battre():
    battements.battre("worker")
