from celery import shared_task

from journal import scellement

BLOCS_PAR_PASSAGE = 10  # après une reprise de données, le worker ne fait pas que sceller


@shared_task(name="journal.sceller")
def sceller():
    scellement.sceller(BLOCS_PAR_PASSAGE)
