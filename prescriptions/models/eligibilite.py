import datetime

from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import cached_property

from participants.models import Piece, TypePiece
from plie.exceptions import TransitionImpossible
from plie.historique import HistoriseQuerySet, ModeleHistorise, champ_compte
from plie.registre import classer
from prescriptions.listes import INSTRUCTION, MotifPiece, StatutPrescription, Verdict
from prescriptions.models.prescription import Prescription

CONTROLE = ("verdict", "motif", "accepte_a_la_place", "points", "ne_prouve_pas", "controlee_par_id")
DATES_DE_PIECE = ("etablie_le", "expire_le")


def _iso(valeur):
    return valeur.isoformat() if valeur else None


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

    @cached_property
    def cles_types(self):
        """Clés des types de pièces dont l’un, au choix, le prouve."""
        return frozenset(t.pk for t in self.types.all())

    @property
    def tient_a_l_age(self):
        return self.age_min is not None or self.age_max is not None

    def est_en_vigueur(self, le):
        return self.du <= le and (self.au is None or le <= self.au)

    def convient_a_l_age(self, age):
        return (self.age_min is None or age >= self.age_min) and (self.age_max is None or age <= self.age_max)


class CritereInvoque(ModeleHistorise):
    """Un critère que l’on pense rempli ; le contrôle dit s’il est prouvé, à la date d’entrée."""

    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="criteres_invoques")
    critere = models.ForeignKey(Critere, verbose_name="critère", on_delete=models.PROTECT, related_name="+")
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
    piece = models.ForeignKey(
        Piece, verbose_name="pièce", on_delete=models.PROTECT, null=True, blank=True, related_name="lignes"
    )
    promise_pour = models.DateField("promise pour le", null=True, blank=True)
    verdict = models.CharField(max_length=12, choices=Verdict, default=Verdict.A_CONTROLER)
    motif = models.CharField(max_length=16, choices=MotifPiece, blank=True)
    accepte_a_la_place = models.CharField("accepté à la place", max_length=200, blank=True)
    reponse = models.CharField("réponse du conseiller", max_length=300, blank=True)
    du_prescripteur = models.BooleanField("annoncée par le prescripteur : il la voit", default=False)
    points = models.JSONField("points vérifiés", default=list, blank=True)
    ne_prouve_pas = models.JSONField("critères que la pièce ne prouve pas", default=list, blank=True)
    demandee_le = models.DateTimeField("demandée le", null=True, blank=True)
    controlee_le = models.DateTimeField("contrôlée le", null=True, blank=True)
    controlee_par = champ_compte("contrôlée par", null=True, blank=True)

    objects = HistoriseQuerySet.as_manager()

    DONNEES = classer(
        garder="prescription type piece promise_pour verdict motif points ne_prouve_pas demandee_le controlee_le "
        "controlee_par du_prescripteur",
        effacer="accepte_a_la_place reponse",
    )

    class Meta:
        verbose_name = "pièce demandée"
        verbose_name_plural = "pièces demandées"
        ordering = ["type__ordre"]
        indexes = [
            models.Index(
                fields=["prescription"],
                name="ligne_redemandee",
                condition=models.Q(verdict__in=["manquante", "non_conforme"], demandee_le__isnull=False, reponse=""),
            ),
        ]
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
    def est_promise(self):
        """Une promesse dont la date est passée n’en est plus une."""
        return self.promise_pour is not None and self.promise_pour >= timezone.localdate()

    @property
    def est_attendue(self):
        """Renvoyée, et ni remplacée, ni promise, ni expliquée depuis."""
        return (
            self.verdict in (Verdict.NON_CONFORME, Verdict.MANQUANTE)
            and self.demandee_le is not None
            and not self.reponse
            and not self.est_promise
        )

    @property
    def est_fournie(self):
        """Jointe, promise ou expliquée : le conseiller a fait sa part."""
        jointe = self.piece_id and not self.piece.retiree_le
        return bool(jointe or self.est_promise or self.reponse) and not self.est_attendue

    @property
    def est_entamee(self):
        """Quelque chose a été fait ou dit de cette case."""
        return bool(
            self.piece_id
            or self.promise_pour
            or self.reponse
            or self.demandee_le
            or self.verdict != Verdict.A_CONTROLER
        )

    @transaction.atomic
    def joindre(self, piece, *, par, du_prescripteur=False):
        """Joint une pièce à la case : elle redevient à contrôler. La demande complète repart d’elle-même (appelant).

        `du_prescripteur` : il l’a fournie lui-même, et continue de la voir.
        Lève TransitionImpossible quand la demande n’attend plus de pièces, ou que celle-ci n’est pas la bonne.
        """
        prescription = self._ouvrir()
        if piece.participant_id != prescription.participant_id:
            raise TransitionImpossible("Cette pièce est celle d’une autre personne.")
        if piece.type_id != self.type_id:
            raise TransitionImpossible(f"Ce n’est pas la bonne pièce : {self.type.libelle} est attendue.")
        if self.verdict == Verdict.CONFORME and prescription.statut not in INSTRUCTION:
            raise TransitionImpossible("La pièce jointe a déjà été jugée conforme.")
        self.piece, self.promise_pour, self.verdict, self.motif = piece, None, Verdict.A_CONTROLER, ""
        self.reponse, self.points, self.ne_prouve_pas, self.demandee_le = "", [], [], None
        self.du_prescripteur = self.du_prescripteur or du_prescripteur
        self.enregistrer(par=par)

    @transaction.atomic
    def promettre(self, pour_le, *, par):
        """La pièce viendra : `pour_le` (date, pas dans le passé)."""
        if pour_le < timezone.localdate():
            raise TransitionImpossible("La date promise est déjà passée.")
        self._ouvrir()
        self.promise_pour, self.reponse = pour_le, ""
        self.enregistrer(par=par)

    @transaction.atomic
    def repondre(self, reponse, *, par):
        """La pièce demandée ne peut pas être fournie, parce que…"""
        if not reponse.strip():
            raise TransitionImpossible("Dites pourquoi la pièce ne peut pas être fournie.")
        self._ouvrir()
        if self.demandee_le is None:
            raise TransitionImpossible("Cette pièce n’a pas été demandée : joignez-la, ou promettez une date.")
        self.reponse, self.promise_pour = reponse.strip(), None
        self.enregistrer(par=par)

    @transaction.atomic
    def controler(
        self,
        verdict,
        *,
        par,
        version=None,
        motif="",
        points=(),
        dates=None,
        accepte_a_la_place="",
        ne_prouve_pas=(),
    ):
        """Le verdict des Statistiques sur cette case ; ConflitDeVersion si elle a changé depuis `version` (entier).

        `dates` : ce que la pièce porte, {"etablie_le" ou "expire_le": date ou None} ; `ne_prouve_pas` : codes des
        critères qu’une pièce pourtant conforme ne prouve pas.
        """
        if self._verrouiller_avec_la_demande().statut != StatutPrescription.A_CONTROLER:
            raise TransitionImpossible("Cette demande n’est plus au contrôle.")
        if version is not None:
            self.exiger_version(version)
        if verdict == Verdict.NON_CONFORME and not motif:
            raise TransitionImpossible("Dites pourquoi la pièce n’est pas conforme.")
        self._dater_la_piece(par, dates or {})
        if verdict == Verdict.CONFORME and (refus := self.refus_de_conformite()):
            raise TransitionImpossible(refus)
        conforme = verdict == Verdict.CONFORME
        self.verdict, self.points = verdict, list(points)
        self.motif, self.accepte_a_la_place = ("", "") if conforme else (motif, accepte_a_la_place)
        self.ne_prouve_pas = list(ne_prouve_pas) if conforme else []
        self.controlee_le, self.controlee_par = timezone.now(), par
        self.enregistrer(par=par)

    def etat_du_controle(self):
        """Ce qu’un geste de contrôle change, tel que `revenir_a` le reprend (valeurs JSON)."""
        piece = {nom: _iso(getattr(self.piece, nom)) for nom in DATES_DE_PIECE} if self.piece_id else {}
        etat = {nom: getattr(self, nom) for nom in CONTROLE} | {"controlee_le": _iso(self.controlee_le)} | piece
        return etat | {"controlee_par_id": self.controlee_par_id and str(self.controlee_par_id)}

    @transaction.atomic
    def revenir_a(self, etat, *, version, par):
        """Annule un geste : remet l’`etat_du_controle` d’avant, si personne n’y a touché depuis `version`."""
        if self._verrouiller_avec_la_demande().statut != StatutPrescription.A_CONTROLER:
            raise TransitionImpossible("Cette demande n’est plus au contrôle : le geste ne s’annule plus.")
        if self.version != version:
            raise TransitionImpossible("Cette pièce a changé depuis : le geste ne s’annule plus.")
        for nom in CONTROLE:
            setattr(self, nom, etat[nom])
        self.controlee_le = etat["controlee_le"] and datetime.datetime.fromisoformat(etat["controlee_le"])
        self.enregistrer(par=par, motif="geste annulé")
        if self.piece_id:
            for nom in DATES_DE_PIECE:
                setattr(self.piece, nom, etat[nom] and datetime.date.fromisoformat(etat[nom]))
            self.piece.enregistrer(par=par, motif="geste annulé")

    def refus_de_conformite(self):
        """Pourquoi la case ne peut pas être dite conforme (phrase), ou rien."""
        if not self.piece_id:
            return "Aucune pièce n’est jointe : elle ne peut pas être conforme."
        if not self.piece.est_lisible:
            return "Le fichier est retiré ou attend l’antivirus : personne n’a pu le lire."
        if self.type.validite_mois and self.piece.valable_jusqu_au() is None:
            return "Lisez la date sur la pièce : sans elle, on ne sait pas jusqu’à quand elle vaut."
        return ""

    def demander(self, *, par, motif, accepte_a_la_place=""):
        """Case renvoyée au conseiller : pourquoi, et ce qui serait accepté à la place."""
        self.verrouiller()
        self.verdict = Verdict.NON_CONFORME if self.piece_id else Verdict.MANQUANTE
        self.motif = motif or MotifPiece.ABSENTE
        self.accepte_a_la_place, self.ne_prouve_pas = accepte_a_la_place, []
        self.reponse, self.promise_pour, self.demandee_le = "", None, timezone.now()
        self.enregistrer(par=par)

    def _ouvrir(self):
        """Verrouille, et refuse quand la demande n’attend plus de pièces. Rend la demande."""
        prescription = self._verrouiller_avec_la_demande()
        if prescription.statut == StatutPrescription.ACCORDEE:
            raise TransitionImpossible("La demande est accordée : ses pièces ne changent plus.")
        if prescription.est_finie:
            raise TransitionImpossible(f"Cette demande est close : {prescription.get_statut_display()}.")
        return prescription

    def _verrouiller_avec_la_demande(self):
        """Toujours la demande d’abord : deux actes simultanés ne s’attendent jamais l’un l’autre."""
        prescription = self.prescription
        prescription.verrouiller()
        self.verrouiller()
        return prescription

    def _dater_la_piece(self, par, dates):
        if self.piece_id and any(getattr(self.piece, nom) != date for nom, date in dates.items()):
            for nom, date in dates.items():
                setattr(self.piece, nom, date)
            self.piece.enregistrer(par=par)
