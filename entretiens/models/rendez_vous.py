"""Le rendez-vous : une rencontre prévue, et ce qu’il en est advenu."""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from documents.models import Document
from parcours.models import DuDossierQuerySet
from participants.models import Participant
from plie.exceptions import TransitionImpossible
from plie.historique import ModeleATransitions
from plie.instants import a, dans
from plie.registre import classer
from plie.requetes import Maintenant
from plie.templatetags.interface import de
from territoire.models import Antenne


class MoyenRendezVous(models.TextChoices):
    SUR_PLACE = "sur_place", "sur place"
    TELEPHONE = "telephone", "par téléphone"
    VISIO = "visio", "en visio"
    VISITE = "visite", "à domicile ou à l’extérieur"


class StatutRendezVous(models.TextChoices):
    PREVU = "prevu", "prévu"
    HONORE = "honore", "honoré"
    ABSENT_EXCUSE = "absent_excuse", "absence excusée"
    ABSENT = "absent", "absence"
    ANNULE_PERSONNE = "annule_personne", "annulé par la personne"
    ANNULE_STRUCTURE = "annule_structure", "annulé par la structure"


PRESENCES = {StatutRendezVous.HONORE, StatutRendezVous.ABSENT, StatutRendezVous.ABSENT_EXCUSE}


class RendezVousQuerySet(DuDossierQuerySet):
    def du_jour(self, jour):
        """Rendez-vous dont le jour, à Paris, est `jour` (date)."""
        return self.filter(debut__gte=a(jour), debut__lt=a(jour + datetime.timedelta(1))).order_by("debut")

    def a_venir(self, maintenant=None):
        return self.filter(statut=StatutRendezVous.PREVU, debut__gte=maintenant or Maintenant()).order_by("debut")

    def attendus(self):
        """Les rendez-vous prévus d’aujourd’hui, même commencés, et des jours qui viennent."""
        return self.filter(statut=StatutRendezVous.PREVU, debut__gte=a(dans(0))).order_by("debut")

    def avec_dossier(self):
        return self.select_related("participant__antenne", "conseiller", "antenne", "entretien", "convocation")


class RendezVous(ModeleATransitions):
    """Une rencontre prévue ; ce qu’il en advient se dit de la personne."""

    TRANSITIONS = {StatutRendezVous.PREVU: set(StatutRendezVous) - {StatutRendezVous.PREVU}} | {
        statut: {StatutRendezVous.PREVU} for statut in StatutRendezVous if statut != StatutRendezVous.PREVU
    }

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="rendez_vous")
    conseiller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rendez_vous")
    debut = models.DateTimeField("début")
    duree = models.PositiveSmallIntegerField("durée (minutes)", default=60)
    moyen = models.CharField(max_length=10, choices=MoyenRendezVous, default=MoyenRendezVous.SUR_PLACE)
    antenne = models.ForeignKey(Antenne, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lieu = models.CharField(max_length=120, blank=True)
    objet = models.CharField(max_length=120, blank=True)
    statut = models.CharField(max_length=16, choices=StatutRendezVous, default=StatutRendezVous.PREVU)
    statut_le = models.DateTimeField("statut depuis le", null=True, blank=True)
    convocation = models.OneToOneField(
        Document, on_delete=models.PROTECT, null=True, blank=True, related_name="rendez_vous"
    )

    objects = RendezVousQuerySet.as_manager()

    DONNEES = classer(
        garder="participant conseiller debut duree moyen antenne statut statut_le convocation", effacer="lieu objet"
    )

    class Meta:
        verbose_name = verbose_name_plural = "rendez-vous"
        ordering = ["debut"]
        indexes = [
            models.Index(fields=["conseiller", "debut"], name="rendez_vous_de_l_agenda"),
            models.Index(fields=["participant", "debut"], name="rendez_vous_du_dossier"),
        ]

    def __str__(self):
        return f"Rendez-vous {self.get_moyen_display()}"

    @property
    def fin(self):
        return self.debut + datetime.timedelta(minutes=self.duree)

    @property
    def est_prevu(self):
        return self.statut == StatutRendezVous.PREVU

    @property
    def jour(self):
        return timezone.localdate(self.debut)

    @property
    def lieu_affiche(self):
        if self.moyen != MoyenRendezVous.SUR_PLACE:
            return self.lieu or self.get_moyen_display()
        return ", ".join(filter(None, [f"antenne {de(self.antenne.nom)}" if self.antenne_id else "", self.lieu]))

    @transaction.atomic
    def noter(self, statut, *, par):
        """Dit ce que le rendez-vous est devenu (honoré, absence, annulation). Une présence se note le jour venu."""
        self.verrouiller()
        if not self.est_prevu:
            raise TransitionImpossible(f"Ce rendez-vous est déjà noté : {self.get_statut_display()}.")
        self.exiger_transition(statut)
        if statut in PRESENCES and self.jour > timezone.localdate():
            raise TransitionImpossible("Ce rendez-vous n’a pas encore eu lieu : il peut seulement être annulé.")
        if (
            statut != StatutRendezVous.HONORE
            and type(self).objects.filter(pk=self.pk, entretien__isnull=False).exists()
        ):
            raise TransitionImpossible("Un entretien est ouvert sur ce rendez-vous : relisez la page.")
        self.statut, self.statut_le = statut, timezone.now()
        self.enregistrer(par=par)

    @property
    def peut_se_deplacer(self):
        """Ce que `deplacer` accepte : prévu, pas encore passé, sans entretien ouvert."""
        return self.est_prevu and self.jour >= timezone.localdate() and not hasattr(self, "entretien")

    @transaction.atomic
    def deplacer(self, faits, *, par, version):
        """À un autre moment, ou ailleurs : c’est le même rendez-vous, l’historique garde l’ancien. Son invitation ne vaut plus.

        `faits` : {debut, duree, moyen, antenne, lieu, objet} ; `version` : celle que l’on avait sous les yeux.
        Lève TransitionImpossible, ou ConflitDeVersion quand quelqu’un l’a changé depuis.
        """
        self.verrouiller()
        if not self.peut_se_deplacer:
            raise TransitionImpossible("Ce rendez-vous est passé, noté ou commencé : il ne se déplace plus.")
        self.exiger_version(version)
        for nom, valeur in faits.items():
            setattr(self, nom, valeur)
        self.convocation = None
        self.enregistrer(par=par, motif="déplacé")

    @transaction.atomic
    def reprendre(self, *, par):
        """Noté par erreur : il redevient prévu, et l’historique garde les deux. Un entretien tenu ne se défait pas."""
        self.verrouiller()
        self.exiger_transition(StatutRendezVous.PREVU)
        if hasattr(self, "entretien"):
            raise TransitionImpossible("Un entretien est ouvert sur ce rendez-vous : il a bien eu lieu.")
        self.statut, self.statut_le = StatutRendezVous.PREVU, None
        self.enregistrer(par=par, motif="noté par erreur")
