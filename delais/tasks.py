from celery import shared_task

from delais import bilans, rappels


@shared_task(name="delais.rappels")
def envoyer_rappels():
    rappels.envoyer_rappels()


@shared_task(name="delais.bilans")
def etablir_bilans():
    bilans.etablir()
