from django.apps import AppConfig


class PrescriptionsConfig(AppConfig):
    name = "prescriptions"
    verbose_name = "Prescriptions"

    def ready(self):
        from comptes import brouillons
        from participants.models import Participant
        from prescriptions.fiche import ECRAN_AVIS, ECRAN_ENTREE
        from prescriptions.models import Prescription

        brouillons.declarer("orientation")
        brouillons.declarer("ouverture")
        brouillons.declarer("ouverture-dossier", Participant.objects.visibles_par)
        for ecran in (ECRAN_AVIS, ECRAN_ENTREE):
            brouillons.declarer(ecran, Prescription.objects.instruites_par)
