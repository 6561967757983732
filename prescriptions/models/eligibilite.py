from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from participants.models import Piece, TypePiece
from plie.exceptions import TransitionImpossible
from plie.historique import HistoriseQuerySet, ModeleHistorise
from plie.registre import classer
from prescriptions.listes import MotifPiece, StatutPrescription, Verdict
from prescriptions.models.prescription import Prescription


class CritereQuerySet(HistoriseQuerySet):
    def en_vigueur(self, le=None):
        le = le or timezone.localdate()
        return self.filter(du__lte=le).filter(models.Q(au=None) | models.Q(au__gte=le))


class Critere(ModeleHistorise):
    """Référentiel daté des critères d’éligibilité ; le protocole du PLIE en décide (2-domaine, listes)."""

    code = models.SlugField(max_length=30, unique=True)
    libelle = models.CharField("libellé", max_length=120)
    types = models.ManyToManyField(TypePiece, verbose_name="prouvé par", related_name="criteres")
    age_min = models.PositiveSmallIntegerField("âge minimum à l’entrée", null=True, blank=True)
    age_max = models.PositiveSmallIntegerField("âge maximum à l’entrée", null=True, blank=True)
    sensible = models.BooleanField("donnée de santé ou discrète", default=False)
    du = models.DateField("en vigueur du", default=timezone.localdate)
    au = models.DateField(null=True, blank=True)
    ordre = models.PositiveSmallIntegerField(default=100)

    objects = CritereQuerySet.as_manager()

    DONNEES = classer(garder="code libelle types age_min age_max sensible du au ordre")

    class Meta:
        verbose_name = "critère"
        ordering = ["ordre", "libelle"]

    def __str__(self):
        return self.libelle


class CritereInvoque(ModeleHistorise):
    """Un critère que l’on pense rempli ; le contrôle dit s’il est prouvé, à la date d’entrée."""

    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="criteres_invoques")
    critere = models.ForeignKey(Critere, on_delete=models.PROTECT, related_name="+")
    retire_le = models.DateTimeField("retiré le", null=True, blank=True)

    objects = HistoriseQuerySet.as_manager()

    DONNEES = classer(garder="prescription critere retire_le")

    class Meta:
        verbose_name = "critère invoqué"
        verbose_name_plural = "critères invoqués"
        ordering = ["critere__ordre"]
        constraints = [models.UniqueConstraint(fields=["prescription", "critere"], name="critere_invoque_une_fois")]

    def __str__(self):
        return str(self.critere)

    @property
    def participant_id(self):
        return self.prescription.participant_id


class LignePiece(ModeleHistorise):
    """Une case de la demande : le type attendu, la pièce jointe ou promise, et le verdict du contrôle (A5, A6)."""

    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="lignes")
    type = models.ForeignKey(TypePiece, on_delete=models.PROTECT, related_name="+")
    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, null=True, blank=True, related_name="lignes")
    promise_pour = models.DateField("promise pour le", null=True, blank=True)
    verdict = models.CharField(max_length=12, choices=Verdict, default=Verdict.A_CONTROLER)
    motif = models.CharField(max_length=16, choices=MotifPiece, blank=True)
    accepte_a_la_place = models.CharField("accepté à la place", max_length=200, blank=True)
    reponse = models.CharField("réponse du conseiller", max_length=300, blank=True)
    points = models.JSONField("points vérifiés", default=list, blank=True)
    demandee_le = models.DateTimeField("demandée le", null=True, blank=True)
    controlee_le = models.DateTimeField("contrôlée le", null=True, blank=True)
    controlee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = HistoriseQuerySet.as_manager()

    DONNEES = classer(
        garder="prescription type piece promise_pour verdict motif points demandee_le controlee_le controlee_par",
        effacer="accepte_a_la_place reponse",
    )

    class Meta:
        verbose_name = "pièce demandée"
        verbose_name_plural = "pièces demandées"
        ordering = ["type__ordre"]
        constraints = [
            models.UniqueConstraint(fields=["prescription", "type"], name="ligne_une_par_type"),
            models.CheckConstraint(
                name="ligne_non_conforme_motivee",
                violation_error_message="Une pièce non conforme a un motif.",
                condition=~models.Q(verdict="non_conforme") | ~models.Q(motif=""),
            ),
            models.CheckConstraint(
                name="ligne_conforme_a_une_piece",
                violation_error_message="Une pièce conforme est jointe.",
                condition=~models.Q(verdict="conforme") | models.Q(piece__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.type} : {self.get_verdict_display()}"

    @property
    def participant_id(self):
        return self.prescription.participant_id

    @property
    def est_attendue(self):
        """Renvoyée, et ni remplacée, ni promise, ni expliquée depuis."""
        return (
            self.verdict in (Verdict.NON_CONFORME, Verdict.MANQUANTE)
            and self.demandee_le is not None
            and not self.reponse
            and not self.promise_pour
        )

    @transaction.atomic
    def joindre(self, piece, *, par):
        """Joint une pièce à la case : elle redevient à contrôler. La demande complète repart d’elle-même (appelant)."""
        self.verrouiller()
        self.piece, self.promise_pour, self.verdict, self.motif = piece, None, Verdict.A_CONTROLER, ""
        self.reponse, self.points = "", []
        self.enregistrer(par=par)

    @transaction.atomic
    def promettre(self, pour_le, *, par):
        """La pièce viendra : `pour_le` (date, pas dans le passé)."""
        if pour_le < timezone.localdate():
            raise TransitionImpossible("La date promise est déjà passée.")
        self.verrouiller()
        self.promise_pour = pour_le
        self.enregistrer(par=par)

    @transaction.atomic
    def repondre(self, reponse, *, par):
        """La pièce ne peut pas être fournie, parce que…"""
        self.verrouiller()
        self.reponse = reponse
        self.enregistrer(par=par)

    @transaction.atomic
    def controler(self, verdict, *, par, motif="", points=(), etablie_le=None):
        """Le verdict des Statistiques sur cette case ; `etablie_le` (date) corrige la date lue sur la pièce."""
        self.verrouiller()
        if self.prescription.statut != StatutPrescription.A_CONTROLER:
            raise TransitionImpossible("Cette demande n’est plus au contrôle.")
        if verdict == Verdict.CONFORME and not self.piece_id:
            raise TransitionImpossible("Aucune pièce n’est jointe : elle ne peut pas être conforme.")
        if verdict == Verdict.NON_CONFORME and not motif:
            raise TransitionImpossible("Dites pourquoi la pièce n’est pas conforme.")
        if etablie_le and self.piece_id and self.piece.etablie_le != etablie_le:
            self.piece.etablie_le = etablie_le
            self.piece.enregistrer(par=par)
        self.verdict, self.motif, self.points = verdict, motif if verdict != Verdict.CONFORME else "", list(points)
        self.controlee_le, self.controlee_par = timezone.now(), par
        self.enregistrer(par=par)

    def demander(self, *, par, motif, accepte_a_la_place=""):
        """Case renvoyée au conseiller : pourquoi, et ce qui serait accepté à la place."""
        self.verrouiller()
        self.verdict = Verdict.NON_CONFORME if self.piece_id else Verdict.MANQUANTE
        self.motif, self.accepte_a_la_place = motif, accepte_a_la_place
        self.reponse, self.promise_pour, self.demandee_le = "", None, timezone.now()
        self.enregistrer(par=par)
