"""Le registre des engagements, compté d’avance : un chiffre de douze mois ne doit pas relire douze mois à chaque page."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce

from plie.historique import cle
from plie.registre import classer
from territoire.models import Antenne

PERSONNE = models.Value(uuid.UUID(int=0), output_field=models.UUIDField())


class BilanQuerySet(models.QuerySet):
    def visibles_par(self, utilisateur):
        """Chacun les siens ; le registre entier pour qui répond des délais (delais.acces)."""
        return self.filter(conseiller=utilisateur)


class Bilan(models.Model):
    """Horloges finies dans le mois, tenues ou rompues, pour un conseiller et une antenne. Se refait de la base à volonté."""

    id = models.UUIDField(primary_key=True, default=cle, editable=False)
    horloge = models.CharField(max_length=30)
    mois = models.DateField("premier jour du mois")
    antenne = models.ForeignKey(Antenne, on_delete=models.CASCADE, null=True, related_name="+")
    conseiller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    tenues = models.PositiveIntegerField(default=0)
    rompues = models.PositiveIntegerField(default=0)
    compte_le = models.DateTimeField("compté le")

    objects = BilanQuerySet.as_manager()

    DONNEES = classer(garder="id horloge mois antenne conseiller tenues rompues compte_le")

    class Meta:
        verbose_name = "bilan du mois"
        verbose_name_plural = "bilans du mois"
        ordering = ["horloge", "mois"]
        constraints = [
            # Sans antenne ou sans conseiller compte comme une valeur : la base, sinon, laisserait doubler ces lignes.
            models.UniqueConstraint(
                "horloge",
                "mois",
                Coalesce("antenne", PERSONNE),
                Coalesce("conseiller", PERSONNE),
                name="bilan_un_par_mois",
            )
        ]
        indexes = [models.Index(fields=["conseiller", "mois"], name="bilan_par_conseiller")]

    def __str__(self):
        return f"{self.horloge} {self.mois:%m/%Y}"
