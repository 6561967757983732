from django.db import models


class Ligne(models.Model):
    """Huit champs : de quoi lire une page, une liste, et enregistrer un formulaire."""

    nom = models.CharField(max_length=80)
    prenom = models.CharField(max_length=80)
    naissance = models.DateField()
    telephone = models.CharField(max_length=20)
    adresse = models.CharField(max_length=200)
    commune = models.CharField(max_length=60)
    note = models.TextField(blank=True)
    modifiee_le = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "plancher"

    def __str__(self):
        return self.nom
