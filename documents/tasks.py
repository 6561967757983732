from celery import shared_task

from documents import production


@shared_task(name="documents.produire")
def produire(pk):
    production.produire_par_cle(pk)


@shared_task(name="documents.produire_en_attente")
def produire_en_attente():
    production.produire_en_attente()
