"""Les démarches, et ce que chaque entretien en dit."""

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from entretiens.models.perimetre import ContenuQuerySet
from participants.models import Participant
from plie.exceptions import TransitionImpossible
from plie.historique import HistoriseQuerySet, ModeleATransitions, ModeleHistorise, champ_compte
from plie.registre import classer


class QuiFait(models.TextChoices):
    PERSONNE = "personne", "la personne"
    CONSEILLER = "conseiller", "le conseiller"


class EtatDemarche(models.TextChoices):
    A_FAIRE = "a_faire", "à faire"
    FAITE = "faite", "faite"
    ABANDONNEE = "abandonnee", "abandonnée"


class DemarcheQuerySet(ContenuQuerySet):
    def ouvertes(self):
        return self.filter(etat=EtatDemarche.A_FAIRE)

    def echues(self, le=None):
        return self.ouvertes().filter(pour_le__lt=le or timezone.localdate())


class Demarche(ModeleATransitions):
    """Quelque chose à faire, par la personne ou le conseiller, pour un jour ; reconduite d’entretien en entretien."""

    TRANSITIONS = {
        EtatDemarche.A_FAIRE: {EtatDemarche.FAITE, EtatDemarche.ABANDONNEE},
        EtatDemarche.FAITE: {EtatDemarche.A_FAIRE},
        EtatDemarche.ABANDONNEE: {EtatDemarche.A_FAIRE},
    }

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="demarches")
    conseiller = champ_compte()
    entretien = models.ForeignKey(
        "entretiens.Entretien", on_delete=models.PROTECT, null=True, blank=True, related_name="demarches"
    )
    quoi = models.CharField("démarche", max_length=200)
    qui = models.CharField(max_length=10, choices=QuiFait, default=QuiFait.PERSONNE)
    pour_le = models.DateField("pour le", null=True, blank=True)
    etat = models.CharField("état", max_length=10, choices=EtatDemarche, default=EtatDemarche.A_FAIRE)
    reglee_le = models.DateField("réglée le", null=True, blank=True)

    objects = DemarcheQuerySet.as_manager()

    DONNEES = classer(garder="participant conseiller entretien qui pour_le etat reglee_le", effacer="quoi")

    class Meta:
        verbose_name = "démarche"
        ordering = ["pour_le", "id"]
        indexes = [
            models.Index(fields=["participant", "etat", "pour_le"], name="demarche_du_dossier"),
            models.Index(fields=["conseiller", "pour_le"], name="demarche_ouverte", condition=Q(etat="a_faire")),
        ]

    @property
    def est_echue(self):
        """Comme `DemarcheQuerySet.echues`."""
        return self.etat == EtatDemarche.A_FAIRE and self.pour_le is not None and self.pour_le < timezone.localdate()

    def __str__(self):
        return self.quoi

    @property
    def statut(self):
        return self.etat

    def get_statut_display(self):
        return self.get_etat_display()

    @transaction.atomic
    def regler(self, etat, *, par, le=None):
        """Faite, abandonnée, ou de nouveau à faire (annuler)."""
        self.verrouiller()
        self.exiger_transition(etat)
        self.etat, self.reglee_le = etat, None if etat == EtatDemarche.A_FAIRE else le or timezone.localdate()
        self.enregistrer(par=par)

    @transaction.atomic
    def reporter(self, pour_le, *, par):
        """Reconduite après sa date : elle en prend une autre (ou None), que la personne lit avant de signer."""
        self.verrouiller()
        if self.etat != EtatDemarche.A_FAIRE:
            raise TransitionImpossible("Cette démarche n’est plus à faire.")
        self.pour_le = pour_le
        self.enregistrer(par=par)


class ReponseRevue(models.TextChoices):
    FAITE = "faite", "Fait"
    RECONDUITE = "reconduite", "Reconduire"
    ABANDONNEE = "abandonnee", "Abandon"


class RevueDemarche(ModeleHistorise):
    """Ce qu’un entretien a dit d’une démarche en cours : le point sur les actions engagées (C9)."""

    entretien = models.ForeignKey("entretiens.Entretien", on_delete=models.PROTECT, related_name="revues")
    demarche = models.ForeignKey(Demarche, verbose_name="démarche", on_delete=models.PROTECT, related_name="revues")
    reponse = models.CharField("réponse", max_length=10, choices=ReponseRevue)

    objects = HistoriseQuerySet.as_manager()

    DONNEES = classer(garder="entretien demarche reponse")

    class Meta:
        verbose_name = "revue de démarche"
        verbose_name_plural = "revues de démarches"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["entretien", "demarche"], name="revue_une_par_entretien")]

    def __str__(self):
        return self.get_reponse_display()

    @property
    def participant_id(self):
        return self.demarche.participant_id
