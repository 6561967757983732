from django.db import models
from django.utils import timezone

from participants.models import Participant
from plie.historique import HistoriseQuerySet, ModeleHistorise, champ_compte
from plie.registre import classer


class CauseArret(models.TextChoices):
    ABSENCE_EXCUSEE = "absence_excusee", "absence excusée"
    REPORT_DEMANDE = "report_demande", "report demandé par la personne"
    PIECE_ATTENDUE = "piece_attendue", "pièce attendue"
    INJOIGNABLE = "injoignable", "personne injoignable (trois essais notés)"
    FERMETURE = "fermeture", "fermeture de la structure"


class ArretQuerySet(HistoriseQuerySet):
    def visibles_par(self, utilisateur):
        return self.filter(participant__in=Participant.objects.visibles_par(utilisateur))


class Arret(ModeleHistorise):
    """Ce qui explique un délai : daté, signé de son auteur, visible au registre. Le délai brut n’est jamais caché."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="arrets")
    horloge = models.CharField(max_length=30)
    cause = models.CharField(max_length=20, choices=CauseArret)
    du = models.DateField(default=timezone.localdate)
    au = models.DateField(null=True, blank=True)
    note_le = models.DateTimeField("noté le", default=timezone.now)
    note_par = champ_compte("noté par")

    objects = ArretQuerySet.as_manager()

    DONNEES = classer(garder="participant horloge cause du au note_le note_par")

    class Meta:
        verbose_name = "arrêt"
        ordering = ["du"]
        indexes = [models.Index(fields=["participant", "horloge"], name="arret_du_dossier")]
        constraints = [
            models.CheckConstraint(
                name="arret_dans_l_ordre",
                violation_error_message="Un arrêt finit après avoir commencé.",
                condition=models.Q(au=None) | models.Q(au__gte=models.F("du")),
            )
        ]

    def __str__(self):
        return self.get_cause_display()
