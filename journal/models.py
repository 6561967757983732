"""Le journal : qui a fait ou lu quoi, sur qui, quand, d’où. On y ajoute, on n’y change rien (5-qualité, « Journal »)."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from plie.registre import classer


class Acte(models.TextChoices):
    CREATION = "creation", "création"
    MODIFICATION = "modification", "modification"
    SUPPRESSION = "suppression", "suppression"
    LECTURE = "lecture", "lecture"
    TELECHARGEMENT = "telechargement", "téléchargement"
    RECHERCHE = "recherche", "recherche"
    EXPORT = "export", "export"
    CONNEXION = "connexion", "connexion"
    DECONNEXION = "deconnexion", "déconnexion"
    ECHEC_CONNEXION = "echec_connexion", "connexion refusée"
    REFUS = "refus", "accès refusé"


class LigneQuerySet(models.QuerySet):
    def visibles_par(self, utilisateur):
        """Le journal se lit par qui répond de la qualité ou de l’application."""
        return self if utilisateur.voit_le_journal else self.none()

    def sur(self, participant_id):
        return self.filter(participant_id=participant_id).select_related("auteur").order_by("-le", "-id")


class Ligne(models.Model):
    """Un acte. Ni UPDATE ni DELETE : des déclencheurs les refusent (seule l’adresse peut être vidée, à 12 mois)."""

    le = models.DateTimeField(default=timezone.now)
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    tache = models.CharField("tâche", max_length=60, blank=True)
    acte = models.CharField(max_length=20, choices=Acte)
    objet_type = models.CharField(max_length=40, blank=True)
    objet_id = models.UUIDField(null=True)
    participant_id = models.UUIDField(null=True)
    champs = models.JSONField(default=list)
    empreinte = models.CharField(max_length=64, blank=True)
    motif = models.CharField(max_length=200, blank=True)
    adresse = models.GenericIPAddressField(null=True)

    objects = LigneQuerySet.as_manager()

    DONNEES = classer(
        garder="le auteur tache acte objet_type objet_id participant_id champs empreinte motif", effacer="adresse"
    )

    class Meta:
        verbose_name = "ligne du journal"
        verbose_name_plural = "lignes du journal"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["participant_id", "-le", "-id"], name="journal_par_participant"),
            models.Index(fields=["objet_id", "-id"], name="journal_par_objet"),
            models.Index(fields=["le"], name="journal_par_date"),
        ]
        constraints = [
            models.CheckConstraint(
                name="journal_un_auteur",
                violation_error_message="Une ligne a un auteur, ou une tâche nommée.",
                condition=models.Q(auteur__isnull=False, tache="") | (models.Q(auteur=None) & ~models.Q(tache="")),
            )
        ]

    def __str__(self):
        return f"{self.get_acte_display()} {self.objet_type}"


class Bloc(models.Model):
    """Un scellement : une suite de lignes enchaînées à celles du bloc précédent."""

    numero = models.PositiveIntegerField(unique=True)
    scelle_le = models.DateTimeField(default=timezone.now)
    nombre = models.PositiveIntegerField()
    precedente = models.CharField(max_length=64)
    empreinte = models.CharField(max_length=64)

    DONNEES = classer(garder="numero scelle_le nombre precedente empreinte")

    class Meta:
        ordering = ["numero"]

    def __str__(self):
        return f"Bloc {self.numero}"


class LigneScellee(models.Model):
    bloc = models.ForeignKey(Bloc, on_delete=models.PROTECT, related_name="lignes")
    rang = models.PositiveIntegerField()
    ligne_id = models.BigIntegerField(unique=True)
    empreinte = models.CharField(max_length=64)
    precedente = models.CharField(max_length=64)

    DONNEES = classer(garder="bloc rang ligne_id empreinte precedente")

    class Meta:
        verbose_name = "ligne scellée"
        verbose_name_plural = "lignes scellées"
        ordering = ["bloc", "rang"]
        constraints = [models.UniqueConstraint(fields=["bloc", "rang"], name="journal_rang_unique")]

    def __str__(self):
        return f"Ligne {self.ligne_id}"
