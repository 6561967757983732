from celery import shared_task

from comptes import menage


@shared_task(name="comptes.menage")
def faire_le_menage():
    menage.faire()
