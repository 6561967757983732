from django.conf import settings
from django.db import models
from django.utils import timezone

from participants.fichiers import FichierRefuse, FichierValide
from plie.historique import cle
from plie.registre import classer


class DepotQuerySet(models.QuerySet):
    def visibles_par(self, utilisateur):
        return self.filter(utilisateur=utilisateur)


class Depot(models.Model):
    """Un fichier accepté pour une orientation pas encore envoyée : il attend avec le brouillon de son auteur."""

    id = models.UUIDField(primary_key=True, default=cle, editable=False)
    utilisateur = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    fichier = models.FileField(upload_to="depots/%Y/%m/", max_length=120)
    nom = models.CharField("nom du fichier", max_length=120)
    extension = models.CharField(max_length=8)
    type_mime = models.CharField(max_length=100)
    taille = models.PositiveIntegerField("taille (octets)")
    sha256 = models.CharField(max_length=64)
    antivirus = models.CharField(max_length=12, default="non_verifie", editable=False)
    depose_le = models.DateTimeField("déposé le", default=timezone.now, db_index=True)

    objects = DepotQuerySet.as_manager()

    DONNEES = classer(
        garder="id utilisateur extension type_mime taille sha256 antivirus depose_le", effacer="fichier nom"
    )

    class Meta:
        verbose_name = "fichier en attente"
        verbose_name_plural = "fichiers en attente"
        ordering = ["depose_le", "id"]

    def __str__(self):
        return self.nom

    @property
    def poids(self):
        """460 octets, 15 Ko ou 1,2 Mo : dans l’unité où la limite est dite."""
        if self.taille < 1024:
            return f"{self.taille} octets"
        if self.taille < 1024 * 1024:
            return f"{-(-self.taille // 1024)} Ko"
        return f"{self.taille / 1024 / 1024:.1f} Mo".replace(".", ",")

    def fichier_valide(self):
        """Le FichierValide que la vérification avait rendu au dépôt ; FichierRefuse s’il vient d’être effacé."""
        try:
            with self.fichier.open("rb") as fichier:
                contenu = fichier.read()
        except FileNotFoundError:
            raise FichierRefuse(f"{self.nom} n’est plus gardé : retirez-le, et joignez-le de nouveau.") from None
        return FichierValide(self.nom, self.extension, self.type_mime, contenu, self.sha256, self.antivirus)
