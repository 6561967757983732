from django.db import models
from django.utils import timezone

from plie.historique import HistoriseQuerySet, ModeleHistorise, champ_compte
from plie.registre import classer
from prescriptions.listes import MotifRetour, SensAvis
from prescriptions.models.prescription import Prescription


class Avis(ModeleHistorise):
    """L’opinion motivée d’un conseiller sur l’entrée (A3). Plusieurs avis sont possibles ; le dernier vaut."""

    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="avis")
    sens = models.CharField(max_length=12, choices=SensAvis)
    motivation = models.TextField()
    donne_le = models.DateTimeField("donné le", default=timezone.now)
    donne_par = champ_compte("donné par")

    objects = HistoriseQuerySet.as_manager()

    DONNEES = classer(garder="prescription sens donne_le donne_par", effacer="motivation")

    class Meta:
        verbose_name = verbose_name_plural = "avis"
        ordering = ["-donne_le", "-id"]

    def __str__(self):
        return self.get_sens_display()

    @property
    def participant_id(self):
        return self.prescription.participant_id


class Retour(ModeleHistorise):
    """Ce que la responsable ou les statistiques renvoient, et ce que le conseiller répond."""

    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="retours")
    auteur = champ_compte()
    motifs = models.JSONField(default=list, blank=True)
    texte = models.TextField(blank=True)
    pieces = models.JSONField("pièces demandées", default=list, blank=True)  # [{type (code), motif, accepte}]
    le = models.DateTimeField(default=timezone.now)

    objects = HistoriseQuerySet.as_manager()

    DONNEES = classer(garder="prescription auteur motifs le", effacer="texte pieces")

    class Meta:
        ordering = ["-le", "-id"]

    def __str__(self):
        return ", ".join(self.libelles) or "Message"

    @property
    def libelles(self):
        return [MotifRetour(motif).label for motif in self.motifs]

    @property
    def participant_id(self):
        return self.prescription.participant_id
