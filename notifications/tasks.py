from celery import shared_task

from notifications import envoi


@shared_task(name="notifications.envoyer")
def envoyer():
    envoi.envoyer_en_attente()
