"""L’entretien, de son ouverture à sa clôture, et les versions de sa synthèse."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from documents.models import Document
from entretiens.models.demarches import Demarche, EtatDemarche, ReponseRevue
from entretiens.models.perimetre import ContenuQuerySet
from entretiens.models.rendez_vous import MoyenRendezVous, RendezVous
from horloges.registre import DEFINITIONS
from parcours.models import StatutParcours
from participants.models import Participant
from plie.exceptions import TransitionImpossible
from plie.historique import HistoriseQuerySet, ModeleATransitions, ModeleHistorise, champ_compte
from plie.registre import classer


class GenreEntretien(models.TextChoices):
    PREMIER = "premier_entretien", "premier entretien"
    DIAGNOSTIC = "diagnostic", "entretien de diagnostic"
    SUIVI = "suivi", "entretien de suivi"


class StatutEntretien(models.TextChoices):
    BROUILLON = "brouillon", "en cours"
    CLOS = "clos", "clos"


class EntretienQuerySet(ContenuQuerySet):
    def avec_dossier(self):
        return self.select_related(
            "participant__commune",
            "participant__antenne",
            "conseiller",
            "rendez_vous__antenne",
            "prochain_rendez_vous",
        )

    def clos(self):
        return self.filter(statut=StatutEntretien.CLOS)

    def informes(self):
        """Premiers entretiens qui arrêtent l’horloge C1 : tenus, donc clos, avec l’information complète donnée (C1, C2).

        Tant qu’il est en cours, rien n’est remis ni signé : la case cochée peut encore se décocher.
        """
        return (
            self.clos()
            .filter(
                genre=GenreEntretien.PREMIER, presente_structure=True, presente_services=True, presente_etapes=True
            )
            .exclude(livret_remis_le=None)
        )

    def informes_depuis(self, participant, contact):
        """Ceux qui répondent à ce premier contact (jour), le plus ancien d’abord : C1, la transmission, le partenaire.

        Une clé et un jour, ou les OuterRef qui les portent.
        """
        return self.informes().filter(participant=participant, jour__gte=contact).order_by("jour")


class Entretien(ModeleATransitions):
    """Une rencontre tenue : un objectif, un point, des suites, une synthèse (C9)."""

    TRANSITIONS = {
        StatutEntretien.BROUILLON: {StatutEntretien.CLOS},
        StatutEntretien.CLOS: set(),
    }

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="entretiens")
    conseiller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="entretiens")
    rendez_vous = models.OneToOneField(
        RendezVous,
        verbose_name="rendez-vous",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entretien",
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
    # Ce qui est décidé et ne prendra effet qu’à la clôture : {"revues": {clé de démarche: réponse},
    # "demarches": [{"quoi", "qui", "pour_le"}], "rdv": "2026-12-09T14:00", "phase": "…", "motif_phase": "…"}.
    suites = models.JSONField(default=dict, blank=True)
    sans_suite_rdv = models.CharField("pas de prochain rendez-vous parce que", max_length=200, blank=True)
    prochain_rendez_vous = models.OneToOneField(
        RendezVous,
        verbose_name="prochain rendez-vous",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="fixe_par",
    )
    clos_le = models.DateTimeField(null=True, blank=True)
    clos_par = champ_compte(null=True, blank=True)

    objects = EntretienQuerySet.as_manager()

    DONNEES = classer(
        garder="participant conseiller rendez_vous genre moyen debut jour statut presente_structure presente_services "
        "presente_etapes livret_remis_le prochain_rendez_vous clos_le clos_par",
        effacer="objectif point synthese notes suites sans_suite_rdv",
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

    def points_pour_clore(self, a_revoir=None):
        """Ce qu’il faut pour clore (C9, C2), dans l’ordre : liste de (code, libellé, fait).

        `a_revoir` : clés des démarches ouvertes avant cet entretien, lues en base si elles ne sont pas données.
        """
        suites = self.suites
        if a_revoir is None:
            a_revoir = self.demarches_a_revoir().values_list("pk", flat=True)
        revues = suites.get("revues", {})
        toutes_revues = all(str(pk) in revues for pk in a_revoir)
        reconduites = ReponseRevue.RECONDUITE in revues.values()
        choisi = suites.get("rdv", "") not in ("", "aucun")
        rdv = choisi or self.prochain_rendez_vous_id or self.sans_suite_rdv.strip()
        suite = suites.get("demarches") or reconduites
        points = [
            ("objectif", "Objectif écrit", bool(self.objectif.strip())),
            ("point", "Démarches passées en revue", bool(toutes_revues or self.point.strip())),
            ("synthese", "Synthèse écrite", bool(self.synthese.strip())),
            ("suites", "Une prochaine étape", bool(suite)),
            ("rdv", "Prochain RDV, ou sa raison", bool(rdv)),
        ]
        if self.genre == GenreEntretien.PREMIER:
            points.insert(1, ("information", "Information et livret", self.information_complete))
        return points

    def manque_pour_clore(self):
        """Ce qui empêche de clore, en phrases : liste vide quand tout est là."""
        return [CE_QUI_MANQUE[code] for code, _, fait in self.points_pour_clore() if not fait]

    def demarches_a_revoir(self):
        """Démarches ouvertes avant cet entretien et pas encore passées en revue ici."""
        return (
            Demarche.objects.filter(participant=self.participant_id, etat=EtatDemarche.A_FAIRE)
            .exclude(entretien=self)
            .exclude(revues__entretien=self)
        )

    @transaction.atomic
    def ecrire(self, *, par, version, **champs):
        """Enregistre ce qui a été saisi, tant que l’entretien n’est pas clos.

        version : celle qui a été lue avant d’écrire (RE1). Lève ConflitDeVersion, TransitionImpossible.
        """
        self.verrouiller()
        if self.est_clos:
            raise TransitionImpossible("Cet entretien est clos : un texte ne change plus que par une correction.")
        self.exiger_version(version)
        for nom, valeur in champs.items():
            setattr(self, nom, valeur)
        if self.champs_modifies():
            self.enregistrer(par=par)

    @transaction.atomic
    def clore(self, *, par, prochain_rendez_vous=None):
        """Clôt l’entretien. Lève TransitionImpossible avec tout ce qui manque."""
        self.verrouiller()
        if self.est_clos:
            raise TransitionImpossible("Cet entretien est déjà clos.")
        if prochain_rendez_vous:
            self.prochain_rendez_vous = prochain_rendez_vous
        if manque := self.manque_pour_clore():
            raise TransitionImpossible("Il manque pour clore : " + " ; ".join(manque) + ".")
        self.statut, self.clos_le, self.clos_par = StatutEntretien.CLOS, timezone.now(), par
        self.enregistrer(par=par)

    @transaction.atomic
    def detacher(self, *, par):
        """Le rendez-vous n’a pas eu lieu : ce qui était commencé, ou préparé, se garde sans lui."""
        self.verrouiller()
        if self.est_clos:
            raise TransitionImpossible("Un entretien a été tenu et clos à ce rendez-vous : il est honoré.")
        self.rendez_vous = None
        self.enregistrer(par=par)

    @transaction.atomic
    def corriger(self, *, par, version, motif, **textes):
        """Change les textes d’un entretien clos : seule voie, avec une raison. La version figée, elle, reste."""
        self.verrouiller()
        if not self.est_clos:
            raise TransitionImpossible("Cet entretien n’est pas clos : écrivez directement dans son texte.")
        self.exiger_version(version)
        if not motif.strip():
            raise TransitionImpossible("Dites ce que vous corrigez.")
        for nom, valeur in textes.items():
            setattr(self, nom, valeur)
        if not self.champs_modifies():
            raise TransitionImpossible("Rien n’a changé dans le texte : il n’y a rien à corriger.")
        self.enregistrer(par=par, motif=motif)


CE_QUI_MANQUE = {
    "objectif": "L’objectif de l’entretien",
    "information": "L’information complète : les trois présentations et le livret remis",
    "point": "Le point sur les démarches en cours",
    "synthese": "La synthèse",
    "suites": "Au moins une prochaine étape",
    "rdv": "Le prochain rendez-vous, ou la raison de ne pas en prendre",
}


def premier_contact(participant):
    """Jour du dernier premier contact connu (début de l’horloge C1), ou None : le premier entretien ne le précède pas.

    Pendant un parcours, c’est celui qui y a mené : une orientation reçue depuis n’y change rien.
    """
    horloge = DEFINITIONS.get("premier_entretien")
    debuts = horloge.faits([participant.pk]).order_by().values_list("debut_le", flat=True) if horloge else []
    entree = participant.parcours.exclude(statut=StatutParcours.SORTI).values_list("entre_le", flat=True).first()
    return max((jour for jour in debuts if entree is None or jour <= entree), default=None)


class SyntheseQuerySet(HistoriseQuerySet):
    def visibles_par(self, utilisateur):
        return self.filter(entretien__in=Entretien.objects.visibles_par(utilisateur))


class Synthese(ModeleHistorise):
    """Une version figée de la synthèse d’un entretien ; la dernière est celle qui vaut."""

    entretien = models.ForeignKey(Entretien, on_delete=models.PROTECT, related_name="syntheses")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="synthese")
    numero = models.PositiveSmallIntegerField("numéro", default=1)
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
