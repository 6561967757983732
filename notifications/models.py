"""La boîte d’envoi : tout ce que quelqu’un doit apprendre est une ligne écrite avec l’acte qui le cause."""

import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from plie.historique import cle
from plie.registre import classer

BAIL = datetime.timedelta(minutes=5)
ESSAIS = 25  # trois jours d’essais : 2, 4, 8… minutes, puis toutes les quatre heures
REFUSEE = "Adresse refusée."
PANNE = "Serveur de courriel injoignable ou occupé"  # le début de `erreur` quand personne n’y est pour rien


class Canal(models.TextChoices):
    APPLICATION = "application", "dans l’application"
    COURRIEL = "courriel", "par courriel"


class EnvoiQuerySet(models.QuerySet):
    def visibles_par(self, utilisateur):
        return self.filter(destinataire=utilisateur)

    def alertes_de(self, utilisateur):
        """Ce que l’application montre à `utilisateur`, du plus récent au plus ancien."""
        return self.visibles_par(utilisateur).filter(canal=Canal.APPLICATION).order_by("-cree_le", "-id")

    def plus_anciennes_que(self, cle):
        """Ce qui suit l’alerte de cette clé ; tout, si elle est None ou inconnue."""
        repere = self.filter(pk=cle).first() if cle else None
        if repere is None:
            return self
        return self.filter(
            models.Q(cree_le__lt=repere.cree_le) | models.Q(cree_le=repere.cree_le, pk__lt=repere.pk),
            cree_le__lte=repere.cree_le,  # pour l’index
        )

    def non_lues(self):
        return self.filter(lu_le=None)

    def non_partis(self):
        """Courriels qui n’ont pas quitté la boîte ; pour un compte fermé depuis, ils n’ont plus à le faire (AC4)."""
        ouvert = models.Q(destinataire=None) | models.Q(destinataire__is_active=True)
        return self.filter(ouvert, canal=Canal.COURRIEL, envoye_le=None)

    def en_attente(self):
        """Ceux qui partiront d’eux-mêmes."""
        return self.non_partis().filter(essais__lt=ESSAIS)

    def a_envoyer(self, maintenant=None):
        """Ceux qu’aucun autre worker ne tient, après le délai de leur dernier échec."""
        return self.en_attente().filter(libre_le__lte=maintenant or timezone.now()).order_by("libre_le")

    def en_echec(self):
        """Ceux que l’on a abandonnés : ils attendent que quelqu’un les voie et les renvoie (RE7)."""
        return self.non_partis().filter(essais__gte=ESSAIS)


class Envoi(models.Model):
    """Une chose dite à une personne, une fois : l’unicité porte sur le genre, l’objet, l’occasion et le destinataire."""

    id = models.UUIDField(primary_key=True, default=cle, editable=False)
    genre = models.CharField(max_length=40)
    objet_id = models.UUIDField()
    occasion = models.CharField(max_length=60)
    canal = models.CharField(max_length=12, choices=Canal)
    adresse = models.CharField("adresse", max_length=254)
    destinataire = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="envois"
    )
    participant_id = models.UUIDField(null=True)
    titre = models.CharField(max_length=160)
    texte = models.TextField(blank=True)
    lien = models.CharField(max_length=200, blank=True)
    cree_le = models.DateTimeField("créé le", default=timezone.now)
    libre_le = models.DateTimeField(default=timezone.now)
    envoye_le = models.DateTimeField("envoyé le", null=True)
    lu_le = models.DateTimeField(null=True)
    essais = models.PositiveSmallIntegerField(default=0)
    erreur = models.CharField(max_length=200, blank=True)

    objects = EnvoiQuerySet.as_manager()

    DONNEES = classer(
        garder="id genre objet_id occasion canal destinataire participant_id cree_le libre_le envoye_le lu_le essais",
        effacer="adresse titre texte lien erreur",
    )

    class Meta:
        verbose_name = "envoi"
        ordering = ["-cree_le", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["genre", "objet_id", "occasion", "canal", "adresse"], name="envoi_une_seule_fois"
            )
        ]
        indexes = [
            models.Index(
                fields=["libre_le"], name="envoi_a_envoyer", condition=models.Q(canal="courriel", envoye_le=None)
            ),
            models.Index(fields=["destinataire", "-cree_le"], name="envoi_par_destinataire"),
            models.Index(
                fields=["destinataire"],
                name="envoi_non_lu",
                condition=models.Q(canal="application", lu_le=None),
            ),
            models.Index(fields=["participant_id"], name="envoi_par_participant"),
        ]

    def __str__(self):
        return self.titre

    @property
    def identifiant_de_message(self):
        """Le même à chaque essai : un doublon après une panne se reconnaît chez le destinataire."""
        return f"<{self.pk}@plie.envoi>"
