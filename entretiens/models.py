"""Rendez-vous, entretiens, synthèses et démarches."""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from comptes.models import Role
from documents.models import Document
from parcours.models import DuDossierQuerySet
from participants.models import Participant
from plie.exceptions import TransitionImpossible
from plie.historique import HistoriseQuerySet, ModeleATransitions, ModeleHistorise
from plie.registre import classer
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


class RendezVousQuerySet(DuDossierQuerySet):
    def du_jour(self, jour):
        """Rendez-vous dont le jour, à Paris, est `jour` (date)."""
        debut = timezone.make_aware(datetime.datetime.combine(jour, datetime.time()))
        fin = timezone.make_aware(datetime.datetime.combine(jour + datetime.timedelta(1), datetime.time()))
        return self.filter(debut__gte=debut, debut__lt=fin).order_by("debut")

    def a_venir(self, maintenant=None):
        return self.filter(statut=StatutRendezVous.PREVU, debut__gte=maintenant or timezone.now()).order_by("debut")


class RendezVous(ModeleATransitions):
    """Une rencontre prévue ; ce qu’il en advient se dit de la personne."""

    TRANSITIONS = {StatutRendezVous.PREVU: set(StatutRendezVous) - {StatutRendezVous.PREVU}} | {
        statut: set() for statut in StatutRendezVous if statut != StatutRendezVous.PREVU
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
    statut_le = models.DateTimeField(null=True, blank=True)

    objects = RendezVousQuerySet.as_manager()

    DONNEES = classer(garder="participant conseiller debut duree moyen antenne statut statut_le", effacer="lieu objet")

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
    def lieu_affiche(self):
        if self.moyen != MoyenRendezVous.SUR_PLACE:
            return self.lieu or self.get_moyen_display()
        return ", ".join(filter(None, [f"antenne de {self.antenne.nom}" if self.antenne_id else "", self.lieu]))

    @transaction.atomic
    def noter(self, statut, *, par):
        """Dit ce que le rendez-vous est devenu (honoré, absence, annulation)."""
        self.verrouiller()
        self.exiger_transition(statut)
        self.statut, self.statut_le = statut, timezone.now()
        self.enregistrer(par=par)


class GenreEntretien(models.TextChoices):
    PREMIER = "premier_entretien", "premier entretien"
    DIAGNOSTIC = "diagnostic", "entretien de diagnostic"
    SUIVI = "suivi", "entretien de suivi"


class StatutEntretien(models.TextChoices):
    BROUILLON = "brouillon", "en cours"
    CLOS = "clos", "clos"


class EntretienQuerySet(DuDossierQuerySet):
    def visibles_par(self, utilisateur):
        """Le contenu des entretiens : le conseiller de l’antenne ou référent, et le responsable. Jamais les statistiques."""
        if utilisateur.a_role(Role.RESPONSABLE):
            return self
        if not utilisateur.a_role(Role.CONSEILLER):
            return self.none()
        return self.filter(participant__in=Participant.objects.visibles_par(utilisateur))

    def clos(self):
        return self.filter(statut=StatutEntretien.CLOS)

    def informes(self):
        """Premiers entretiens qui arrêtent l’horloge C1 : tenus, avec l’information complète donnée (C1, C2)."""
        return self.filter(
            genre=GenreEntretien.PREMIER, presente_structure=True, presente_services=True, presente_etapes=True
        ).exclude(livret_remis_le=None)


class Entretien(ModeleATransitions):
    """Une rencontre tenue : un objectif, un point, des suites, une synthèse (C9)."""

    TRANSITIONS = {
        StatutEntretien.BROUILLON: {StatutEntretien.CLOS},
        StatutEntretien.CLOS: set(),
    }

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="entretiens")
    conseiller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="entretiens")
    rendez_vous = models.OneToOneField(
        RendezVous, on_delete=models.PROTECT, null=True, blank=True, related_name="entretien"
    )
    genre = models.CharField(max_length=20, choices=GenreEntretien, default=GenreEntretien.SUIVI)
    moyen = models.CharField(max_length=10, choices=MoyenRendezVous, default=MoyenRendezVous.SUR_PLACE)
    debut = models.DateTimeField("commencé le", default=timezone.now)
    jour = models.DateField("tenu le", default=timezone.localdate)
    statut = models.CharField(max_length=10, choices=StatutEntretien, default=StatutEntretien.BROUILLON)
    objectif = models.CharField(max_length=300, blank=True)
    point = models.TextField("point sur les actions engagées", blank=True)
    synthese = models.TextField("synthèse", blank=True)
    notes = models.TextField("notes de travail", blank=True)
    presente_structure = models.BooleanField("fonctionnement de la structure présenté", default=False)
    presente_services = models.BooleanField("services présentés", default=False)
    presente_etapes = models.BooleanField("étapes clés présentées", default=False)
    livret_remis_le = models.DateField("livret d’information remis le", null=True, blank=True)
    sans_suite_rdv = models.CharField("pas de prochain rendez-vous parce que", max_length=200, blank=True)
    prochain_rendez_vous = models.OneToOneField(
        RendezVous, on_delete=models.PROTECT, null=True, blank=True, related_name="fixe_par"
    )
    clos_le = models.DateTimeField(null=True, blank=True)
    clos_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = EntretienQuerySet.as_manager()

    DONNEES = classer(
        garder="participant conseiller rendez_vous genre moyen debut jour statut presente_structure presente_services "
        "presente_etapes livret_remis_le prochain_rendez_vous clos_le clos_par",
        effacer="objectif point synthese notes sans_suite_rdv",
    )

    class Meta:
        verbose_name = "entretien"
        ordering = ["-jour", "-id"]
        indexes = [
            models.Index(fields=["participant", "-jour", "-id"], name="entretien_du_dossier"),
            models.Index(fields=["conseiller", "-jour"], name="entretien_par_conseiller"),
            models.Index(fields=["participant"], name="entretien_premier", condition=Q(genre="premier_entretien")),
            models.Index(fields=["conseiller"], name="entretien_a_clore", condition=Q(statut="brouillon")),
        ]
        constraints = [
            models.CheckConstraint(
                name="entretien_clos_complet",
                violation_error_message="Un entretien clos a un objectif, une synthèse, une date et un auteur.",
                condition=Q(statut="brouillon", clos_le=None, clos_par=None)
                | (
                    Q(statut="clos", clos_le__isnull=False, clos_par__isnull=False) & ~Q(objectif="") & ~Q(synthese="")
                ),
            )
        ]

    def __str__(self):
        return self.get_genre_display()

    @property
    def est_clos(self):
        return self.statut == StatutEntretien.CLOS

    @property
    def information_complete(self):
        """Les trois présentations faites et le livret remis (C2) : c’est ce qui arrête C1."""
        return bool(
            self.presente_structure and self.presente_services and self.presente_etapes and self.livret_remis_le
        )

    def manque_pour_clore(self):
        """Ce qui empêche de clore, en phrases (C9, C2) : liste vide quand tout est là."""
        manque = []
        if not self.objectif.strip():
            manque.append("L’objectif de l’entretien")
        if self.demarches_a_revoir().exists() and not self.point.strip():
            manque.append("Le point sur les démarches en cours")
        if not self.synthese.strip():
            manque.append("La synthèse")
        if not self.demarches.exists() and not self.demarches_reconduites().exists():
            manque.append("Au moins une prochaine étape")
        if not self.prochain_rendez_vous_id and not self.sans_suite_rdv.strip():
            manque.append("Le prochain rendez-vous, ou la raison de ne pas en prendre")
        if self.genre == GenreEntretien.PREMIER and not self.information_complete:
            manque.append("L’information complète : les trois présentations et le livret remis")
        return manque

    def demarches_a_revoir(self):
        """Démarches ouvertes avant cet entretien et pas encore passées en revue ici."""
        return (
            Demarche.objects.filter(participant=self.participant_id, etat=EtatDemarche.A_FAIRE)
            .exclude(entretien=self)
            .exclude(revues__entretien=self)
        )

    def demarches_reconduites(self):
        return Demarche.objects.filter(revues__entretien=self, revues__reponse=ReponseRevue.RECONDUITE)

    @transaction.atomic
    def clore(self, *, par):
        """Fige la synthèse. Lève TransitionImpossible avec tout ce qui manque."""
        self.verrouiller()
        if self.est_clos:
            raise TransitionImpossible("Cet entretien est déjà clos.")
        if manque := self.manque_pour_clore():
            raise TransitionImpossible("Il manque pour clore : " + " ; ".join(manque) + ".")
        self.statut, self.clos_le, self.clos_par = StatutEntretien.CLOS, timezone.now(), par
        self.enregistrer(par=par)


class SyntheseQuerySet(HistoriseQuerySet):
    def visibles_par(self, utilisateur):
        return self.filter(entretien__in=Entretien.objects.visibles_par(utilisateur))


class Synthese(ModeleHistorise):
    """Une version figée de la synthèse d’un entretien ; la dernière est celle qui vaut."""

    entretien = models.ForeignKey(Entretien, on_delete=models.PROTECT, related_name="syntheses")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="synthese")
    numero = models.PositiveSmallIntegerField(default=1)
    motif_correction = models.CharField("ce qui est corrigé", max_length=200, blank=True)

    objects = SyntheseQuerySet.as_manager()

    DONNEES = classer(garder="entretien document numero", effacer="motif_correction")

    class Meta:
        verbose_name = "synthèse"
        ordering = ["entretien", "-numero"]
        constraints = [
            models.UniqueConstraint(fields=["entretien", "numero"], name="synthese_une_par_version"),
            models.CheckConstraint(
                name="synthese_correction_motivee",
                violation_error_message="Une correction dit ce qu’elle corrige.",
                condition=Q(numero=1) | ~Q(motif_correction=""),
            ),
        ]

    def __str__(self):
        return f"Synthèse, version {self.numero}"

    @property
    def participant_id(self):
        return self.document.participant_id


class QuiFait(models.TextChoices):
    PERSONNE = "personne", "la personne"
    CONSEILLER = "conseiller", "le conseiller"


class EtatDemarche(models.TextChoices):
    A_FAIRE = "a_faire", "à faire"
    FAITE = "faite", "faite"
    ABANDONNEE = "abandonnee", "abandonnée"


class DemarcheQuerySet(DuDossierQuerySet):
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
    conseiller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entretien = models.ForeignKey(Entretien, on_delete=models.PROTECT, null=True, blank=True, related_name="demarches")
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


class ReponseRevue(models.TextChoices):
    FAITE = "faite", "Fait"
    RECONDUITE = "reconduite", "Reconduire"
    ABANDONNEE = "abandonnee", "Abandon"


class RevueDemarche(ModeleHistorise):
    """Ce qu’un entretien a dit d’une démarche en cours : le point sur les actions engagées (C9)."""

    entretien = models.ForeignKey(Entretien, on_delete=models.PROTECT, related_name="revues")
    demarche = models.ForeignKey(Demarche, on_delete=models.PROTECT, related_name="revues")
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
