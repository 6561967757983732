from celery import shared_task

from journal import scellement


@shared_task(name="journal.sceller")
def sceller():
    scellement.sceller()
