from celery import shared_task

from prescriptions import accords, actions, depots


@shared_task(name="prescriptions.verser_accords")
def verser_accords():
    accords.verser_en_attente()


@shared_task(name="prescriptions.ouvrir_les_cases_manquantes")
def ouvrir_les_cases_manquantes():
    actions.ouvrir_les_cases_manquantes()


@shared_task(name="prescriptions.jeter_les_depots_abandonnes")
def jeter_les_depots_abandonnes():
    depots.jeter_les_abandonnes()
