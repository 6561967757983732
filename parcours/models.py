"""Le parcours, son référent et ses phases."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from participants.models import Participant
from plie.historique import HistoriseQuerySet, ModeleATransitions, ModeleHistorise
from plie.registre import classer


class DuDossierQuerySet(HistoriseQuerySet):
    def visibles_par(self, utilisateur):
        return self.filter(participant__in=Participant.objects.visibles_par(utilisateur))


class StatutParcours(models.TextChoices):
    EN_COURS = "en_cours", "en cours"
    SUSPENDU = "suspendu", "suspendu"
    SORTI = "sorti", "sorti"


class Parcours(ModeleATransitions):
    """Un accompagnement continu, de l’entrée à la sortie. Plusieurs au fil des ans, jamais deux ouverts."""

    TRANSITIONS = {
        StatutParcours.EN_COURS: {StatutParcours.SUSPENDU, StatutParcours.SORTI},
        StatutParcours.SUSPENDU: {StatutParcours.EN_COURS, StatutParcours.SORTI},
        StatutParcours.SORTI: {StatutParcours.EN_COURS},
    }

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="parcours")
    statut = models.CharField(max_length=10, choices=StatutParcours, default=StatutParcours.EN_COURS)
    entre_le = models.DateField("entrée le")
    sorti_le = models.DateField("sortie le", null=True, blank=True)

    objects = DuDossierQuerySet.as_manager()

    DONNEES = classer(garder="participant statut entre_le sorti_le")

    class Meta:
        verbose_name = verbose_name_plural = "parcours"
        ordering = ["-entre_le"]
        indexes = [models.Index(fields=["participant", "-entre_le"], name="parcours_du_dossier")]
        constraints = [
            models.UniqueConstraint(
                fields=["participant"],
                condition=~Q(statut="sorti"),
                name="parcours_un_seul_ouvert",
                violation_error_message="Cette personne a déjà un parcours ouvert.",
            ),
            models.CheckConstraint(
                name="parcours_sortie_datee",
                violation_error_message="Un parcours sorti porte sa date de sortie, pas avant l’entrée.",
                condition=Q(statut="sorti", sorti_le__gte=models.F("entre_le"))
                | (~Q(statut="sorti") & Q(sorti_le=None)),
            ),
        ]

    def __str__(self):
        return f"Parcours {self.get_statut_display()}"


class Phase(models.TextChoices):
    """Les quatre phases de « Parcours sans coutures » [S] B8."""

    MOBILISATION = "1_mobilisation", "Mobilisation"
    ORIENTATION = "2_orientation", "Orientation"
    COMPETENCE = "3_competence", "Montée en compétence"
    EMPLOI = "4_emploi", "Emploi"


class PassageDePhase(ModeleHistorise):
    """La phase tenue à partir d’un jour ; revenir en arrière est permis, avec sa raison."""

    parcours = models.ForeignKey(Parcours, on_delete=models.PROTECT, related_name="passages")
    phase = models.CharField(max_length=20, choices=Phase)
    du = models.DateField(default=timezone.localdate)
    au = models.DateField(null=True, blank=True)
    motif = models.CharField(max_length=200, blank=True)

    objects = HistoriseQuerySet.as_manager()

    DONNEES = classer(garder="parcours phase du au", effacer="motif")

    class Meta:
        verbose_name = "passage de phase"
        verbose_name_plural = "passages de phase"
        ordering = ["du", "id"]
        constraints = [
            models.UniqueConstraint(fields=["parcours"], condition=Q(au=None), name="phase_une_seule_en_cours"),
            models.CheckConstraint(name="phase_dans_l_ordre", condition=Q(au=None) | Q(au__gte=models.F("du"))),
        ]

    def __str__(self):
        return self.get_phase_display()

    @property
    def participant_id(self):
        return self.parcours.participant_id


class EtatAffectation(models.TextChoices):
    PRESSENTIE = "pressentie", "pressentie"
    CONFIRMEE = "confirmee", "confirmée"


class Affectation(ModeleHistorise):
    """Le référent de la personne : une seule affectation ouverte, et le passé reste (B1)."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="affectations")
    conseiller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="affectations")
    etat = models.CharField("état", max_length=10, choices=EtatAffectation, default=EtatAffectation.PRESSENTIE)
    du = models.DateField(default=timezone.localdate)
    au = models.DateField(null=True, blank=True)
    motif = models.CharField(max_length=200, blank=True)

    objects = DuDossierQuerySet.as_manager()

    DONNEES = classer(garder="participant conseiller etat du au motif")

    class Meta:
        ordering = ["-du", "-id"]
        indexes = [
            models.Index(fields=["conseiller"], name="affectation_ouverte", condition=Q(au=None)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["participant"],
                condition=Q(au=None),
                name="affectation_un_seul_referent",
                violation_error_message="Cette personne a déjà un référent.",
            ),
            models.CheckConstraint(name="affectation_dans_l_ordre", condition=Q(au=None) | Q(au__gte=models.F("du"))),
        ]

    def __str__(self):
        return f"{self.conseiller}"
