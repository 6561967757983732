from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from plie.historique import HistoriseQuerySet, ModeleHistorise
from plie.registre import classer
from reglages.catalogue import CATALOGUE


class Structure(ModeleHistorise):
    """L’identité qui s’imprime : une seule ligne."""

    nom = models.CharField(max_length=100, default="PLIE du Dunkerquois")
    association = models.CharField(max_length=100, default="Entreprendre Ensemble")
    adresse = models.CharField(max_length=200, blank=True)
    telephone = models.CharField("téléphone", max_length=20, blank=True)
    logo = models.ImageField(upload_to="structure/", blank=True)
    seule = models.BooleanField(default=True, unique=True, editable=False)

    objects = HistoriseQuerySet.as_manager()

    DONNEES = classer(garder="nom association adresse telephone logo seule")

    class Meta:
        verbose_name = "structure"
        constraints = [models.CheckConstraint(name="structure_seule", condition=models.Q(seule=True))]

    def __str__(self):
        return self.nom


def codes():
    """Les réglages possibles ; une fonction, pour qu’un nouveau réglage ne demande pas de migration."""
    return [(code, definition.libelle) for code, definition in CATALOGUE.items()]


class Reglage(ModeleHistorise):
    """Une valeur, à partir d’un jour : les règles du passé restent celles du passé."""

    code = models.CharField(max_length=40, choices=codes)
    valeur = models.CharField(max_length=40)
    du = models.DateField("à partir du", default=timezone.localdate)

    objects = HistoriseQuerySet.as_manager()

    DONNEES = classer(garder="code valeur du")

    class Meta:
        verbose_name = "réglage"
        ordering = ["code", "-du"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "du"],
                name="reglage_un_par_jour",
                violation_error_message="Ce réglage change déjà ce jour-là.",
            )
        ]

    def __str__(self):
        return f"{self.get_code_display()} : {self.valeur}"

    def clean(self):
        definition = CATALOGUE.get(self.code)  # un code refusé a déjà son erreur
        if definition and isinstance(definition.defaut, int) and not self.valeur.isdecimal():
            raise ValidationError({"valeur": "Un nombre entier est attendu."})
