from django.apps import AppConfig


class ParticipantsConfig(AppConfig):
    name = "participants"
    verbose_name = "Participants"

    def ready(self):
        from comptes import brouillons
        from participants.validateurs import REFUS, masquer_nir

        brouillons.interdire(masquer_nir, REFUS)
