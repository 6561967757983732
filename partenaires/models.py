from django.conf import settings
from django.db import models

from plie.historique import HistoriseQuerySet, ModeleHistorise
from plie.registre import classer
from territoire.models import Commune


class GenreOrganisation(models.TextChoices):
    """Genres de prescripteur (2-domaine, listes) ; les discrets se montrent comme « autre » aux autres partenaires."""

    FRANCE_TRAVAIL = "france_travail", "France Travail"
    MISSION_LOCALE = "mission_locale", "Mission locale"
    CAP_EMPLOI = "cap_emploi", "Cap emploi"
    DEPARTEMENT = "departement", "Département"
    CCAS = "ccas", "CCAS"
    REGION = "region", "Région"
    ETAT = "etat", "État (DDETS)"
    SPIP = "spip", "SPIP"
    PJJ = "pjj", "PJJ"
    CUD = "cud", "Communauté urbaine"
    COMMUNE = "commune", "Commune"
    CAF = "caf", "CAF"
    MSA = "msa", "MSA"
    ASSOCIATION = "association", "Association"
    SIAE = "siae", "SIAE"
    CHRS = "chrs", "CHRS"
    CIDFF = "cidff", "CIDFF"
    CSAPA = "csapa", "CSAPA"
    ASE = "ase", "ASE"
    CAARUD = "caarud", "CAARUD"
    ORGANISME_FORMATION = "organisme_formation", "Organisme de formation"
    AUTRE = "autre", "Autre"


GENRES_DISCRETS = frozenset({"cidff", "csapa", "spip", "pjj", "ase", "caarud"})


class Organisation(ModeleHistorise):
    nom = models.CharField(max_length=120, unique=True)
    genre = models.CharField(max_length=30, choices=GenreOrganisation)
    commune = models.ForeignKey(Commune, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    telephone = models.CharField("téléphone", max_length=20, blank=True)
    email = models.EmailField("adresse e-mail", blank=True)
    active = models.BooleanField(default=True)

    objects = HistoriseQuerySet.as_manager()

    DONNEES = classer(garder="nom genre commune telephone email active")

    class Meta:
        ordering = ["nom"]

    def __str__(self):
        return self.nom

    @property
    def genre_public(self):
        """Le genre tel qu’il sort de l’application : un genre qui révèle une situation devient « Autre » [F]."""
        return "Autre" if self.genre in GENRES_DISCRETS else self.get_genre_display()


class Interlocuteur(ModeleHistorise):
    """Une personne d’une organisation ; son compte, si elle en a un, ne voit que cette organisation."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="interlocuteurs")
    utilisateur = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="interlocuteur"
    )
    prenom = models.CharField("prénom", max_length=60)
    nom = models.CharField(max_length=60)
    fonction = models.CharField(max_length=80, blank=True)
    email = models.EmailField("adresse e-mail", blank=True)
    telephone = models.CharField("téléphone", max_length=20, blank=True)

    objects = HistoriseQuerySet.as_manager()

    DONNEES = classer(
        garder="organisation utilisateur fonction", pseudonymiser="prenom nom", effacer="email telephone"
    )

    class Meta:
        ordering = ["nom", "prenom"]

    def __str__(self):
        return f"{self.prenom} {self.nom}"


def organisation_de(utilisateur):
    """L’organisation du compte d’un partenaire ; None sans organisation, ou quand elle n’est plus active."""
    return next(iter(la_sienne(utilisateur)), None)


def la_sienne(utilisateur):
    """La même, en sous-requête d’une seule ligne : un filtre `organisation=` qui garde l’ordre de son index."""
    return Organisation.objects.filter(interlocuteurs__utilisateur=utilisateur, active=True).order_by()[:1]
