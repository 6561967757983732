from django.apps import AppConfig


class ParticipantsConfig(AppConfig):
    name = "participants"
    verbose_name = "Participants"

    def ready(self):
        from comptes import brouillons
        from notifications import noms
        from participants.validateurs import REFUS, masquer_nir

        brouillons.interdire(masquer_nir, REFUS)
        noms.brancher(self._nommer)

    def _nommer(self, utilisateur, cles):
        personnes = self.get_model("Participant").objects.nommables_par(utilisateur).filter(pk__in=cles)
        return {personne.pk: personne.nom_complet for personne in personnes.order_by()}
