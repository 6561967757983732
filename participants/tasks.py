from celery import shared_task

from participants import actions


@shared_task(name="participants.reprendre_analyses")
def reprendre_analyses():
    actions.reprendre_analyses()
