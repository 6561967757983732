from celery import shared_task

from prescriptions import accords


@shared_task(name="prescriptions.verser_accords")
def verser_accords():
    accords.verser_en_attente()
