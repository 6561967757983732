from django.db import models
from django.utils import timezone

from plie.historique import HistoriseQuerySet, ModeleHistorise
from plie.registre import classer


class CommuneQuerySet(HistoriseQuerySet):
    def du_code_postal(self, code_postal):
        return self.filter(codes_postaux__code=code_postal).order_by("nom")

    def avec_antenne(self, le=None):
        """Ajoute `nom_antenne`, l’antenne qui sert la commune à la date `le` (aujourd’hui par défaut), ou None."""
        secteurs = Secteur.objects.en_vigueur(le).filter(commune=models.OuterRef("pk")).order_by("-du")
        return self.annotate(nom_antenne=models.Subquery(secteurs.values("antenne__nom")[:1]))


class Commune(ModeleHistorise):
    """Une commune de la Communauté urbaine, par son code INSEE ; l’adhésion au PLIE est datée (E1)."""

    insee = models.CharField("code INSEE", max_length=5, unique=True)
    nom = models.CharField(max_length=60)
    population = models.PositiveIntegerField(null=True, blank=True)
    adherente_du = models.DateField("adhérente du", null=True, blank=True)
    adherente_au = models.DateField("adhérente au", null=True, blank=True)

    objects = CommuneQuerySet.as_manager()

    DONNEES = classer(garder="insee nom population adherente_du adherente_au")

    class Meta:
        ordering = ["nom"]
        constraints = [
            models.CheckConstraint(
                name="commune_adhesion_dans_l_ordre",
                violation_error_message="L’adhésion finit après avoir commencé.",
                condition=models.Q(adherente_au=None)
                | models.Q(adherente_du=None)
                | models.Q(adherente_au__gte=models.F("adherente_du")),
            )
        ]

    def __str__(self):
        return self.nom

    @property
    def adhesion_connue(self):
        return self.adherente_du is not None or self.adherente_au is not None

    def est_adherente(self, le):
        """True ou False à la date `le` ; None tant que l’adhésion n’a pas été renseignée (« à confirmer »)."""
        if not self.adhesion_connue:
            return None
        return (self.adherente_du is None or self.adherente_du <= le) and (
            self.adherente_au is None or le <= self.adherente_au
        )


class CodePostal(ModeleHistorise):
    """Un code postal sert plusieurs communes, et une commune a plusieurs codes postaux."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="codes_postaux")
    code = models.CharField(max_length=5, db_index=True)

    objects = HistoriseQuerySet.as_manager()

    DONNEES = classer(garder="commune code")

    class Meta:
        verbose_name = "code postal"
        verbose_name_plural = "codes postaux"
        constraints = [models.UniqueConstraint(fields=["commune", "code"], name="code_postal_unique_par_commune")]

    def __str__(self):
        return self.code


class Antenne(ModeleHistorise):
    nom = models.CharField(max_length=60, unique=True)
    adresse = models.CharField(max_length=200, blank=True)
    telephone = models.CharField("téléphone", max_length=20, blank=True)
    ouverte = models.BooleanField(default=True)

    objects = HistoriseQuerySet.as_manager()

    DONNEES = classer(garder="nom adresse telephone ouverte")

    class Meta:
        ordering = ["nom"]

    def __str__(self):
        return self.nom


class SecteurQuerySet(HistoriseQuerySet):
    def en_vigueur(self, le=None):
        le = le or timezone.localdate()
        return self.filter(du__lte=le).filter(models.Q(au=None) | models.Q(au__gte=le))


class Secteur(ModeleHistorise):
    """Une antenne sert une commune, à partir d’un jour : la demande arrive ainsi au bon endroit (A3)."""

    antenne = models.ForeignKey(Antenne, on_delete=models.PROTECT, related_name="secteurs")
    commune = models.ForeignKey(Commune, on_delete=models.PROTECT, related_name="secteurs")
    du = models.DateField(default=timezone.localdate)
    au = models.DateField(null=True, blank=True)

    objects = SecteurQuerySet.as_manager()

    DONNEES = classer(garder="antenne commune du au")

    class Meta:
        ordering = ["commune__nom"]
        constraints = [
            models.UniqueConstraint(
                fields=["commune"],
                condition=models.Q(au=None),
                name="secteur_une_antenne_par_commune",
                violation_error_message="Cette commune a déjà une antenne.",
            )
        ]

    def __str__(self):
        return f"{self.commune} : {self.antenne}"


def antenne_de(commune, le=None):
    """Antenne qui sert `commune` à la date `le` (aujourd’hui par défaut), ou None."""
    secteur = commune and commune.secteurs.en_vigueur(le).select_related("antenne").first()
    return secteur.antenne if secteur else None
