"""La personne connue du PLIE, ce que l’on sait d’elle (daté), et ses pièces."""

from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from comptes.models import ROLES_DU_SIEGE, Role
from partenaires.models import la_sienne
from participants.dates import annees_revolues
from participants.fichiers import QUARANTAINE
from participants.listes import REPONSES
from participants.noms import mots, son
from participants.sql import AjouterMois
from plie.historique import HistoriseQuerySet, ModeleHistorise, champ_compte
from plie.registre import classer
from territoire.models import Antenne, Commune


class Sexe(models.TextChoices):
    FEMME = "femme", "femme"
    HOMME = "homme", "homme"
    NON_BINAIRE = "non_binaire", "non binaire"


class ParticipantQuerySet(HistoriseQuerySet):
    def visibles_par(self, utilisateur):
        """Le siège voit tout ; un conseiller, son portefeuille."""
        return self if utilisateur.a_role(*ROLES_DU_SIEGE) else self.du_portefeuille(utilisateur)

    def du_portefeuille(self, utilisateur):
        """Les personnes des antennes d’un conseiller et celles qu’il suit, quels que soient ses autres rôles."""
        if not utilisateur.a_role(Role.CONSEILLER):
            return self.none()
        suivies = self.model.objects.suivies_par(utilisateur)
        return self.filter(Q(antenne__in=utilisateur.antennes_de(Role.CONSEILLER)) | Q(pk__in=suivies.values("pk")))

    def suivies_par(self, conseiller):
        """Celles dont il est le référent, une part de son portefeuille."""
        return self.filter(affectations__conseiller=conseiller, affectations__au=None)

    def orientes_par(self, utilisateur):
        """Les personnes que l’organisation de ce partenaire a orientées, tant qu’elle est active."""
        return self.filter(prescriptions__organisation=la_sienne(utilisateur).values("pk"))

    def nommables_par(self, utilisateur):
        """Les personnes dont l’utilisateur lit le dossier, et celles qu’un partenaire a orientées."""
        vues = Q(pk__in=self.model.objects.visibles_par(utilisateur).values("pk"))
        if utilisateur.a_role(Role.PRESCRIPTEUR):
            vues |= Q(pk__in=self.model.objects.orientes_par(utilisateur).values("pk"))
        return self.filter(vues)

    def avec_dossier(self):
        return self.select_related("commune", "antenne")


class Participant(ModeleHistorise):
    """La ligne d’une personne. Elle n’est « participante » que pendant un parcours ; avant, l’écran dit « candidat »."""

    numero = models.CharField("n° de dossier", max_length=12, unique=True, editable=False)
    sexe = models.CharField(max_length=12, choices=Sexe, blank=True)
    prenom = models.CharField("prénom", max_length=120)
    nom = models.CharField("nom d’usage", max_length=120)
    nom_naissance = models.CharField("nom de naissance", max_length=120, blank=True)
    naissance = models.DateField("date de naissance")
    telephone = models.CharField("téléphone", max_length=20, blank=True)
    email = models.EmailField("adresse e-mail", blank=True)
    joindre = models.CharField("la joindre plutôt", max_length=80, blank=True)
    adresse = models.CharField(max_length=200, blank=True)
    code_postal = models.CharField(max_length=5, blank=True)
    commune = models.ForeignKey(Commune, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    commune_hors_cud = models.CharField("commune hors de la CUD", max_length=60, blank=True)
    antenne = models.ForeignKey(Antenne, on_delete=models.PROTECT, null=True, blank=True, related_name="participants")
    identifiant_ft = models.CharField("identifiant France Travail", max_length=20, blank=True)
    cree_le = models.DateTimeField("connue depuis", default=timezone.now, editable=False)

    objects = ParticipantQuerySet.as_manager()

    DONNEES = classer(
        garder="numero sexe commune antenne cree_le code_postal",
        pseudonymiser="prenom nom nom_naissance naissance",
        effacer="telephone email joindre adresse commune_hors_cud identifiant_ft",
    )

    class Meta:
        verbose_name = "participant"
        ordering = ["nom", "prenom"]
        indexes = [
            models.Index(fields=["nom", "prenom", "id"], name="participant_par_nom"),
            models.Index(fields=["antenne", "nom", "prenom", "id"], name="participant_par_antenne"),
            models.Index(fields=["naissance"], name="participant_par_naissance"),
            models.Index(fields=["telephone"], name="participant_par_telephone"),
            models.Index(fields=["identifiant_ft"], name="participant_par_identifiant"),
        ]
        constraints = [
            models.CheckConstraint(
                name="participant_une_commune",
                violation_error_message="Indiquez la commune.",
                condition=Q(commune__isnull=False) | ~Q(commune_hors_cud=""),
            )
        ]

    def __str__(self):
        return self.nom_complet

    @property
    def participant_id(self):
        return self.pk

    @property
    def nom_complet(self):
        return f"{self.prenom} {self.nom}"

    @property
    def lieu(self):
        return self.commune.nom if self.commune_id else self.commune_hors_cud

    def age(self, le=None):
        """Âge en années révolues à la date `le`, aujourd’hui par défaut."""
        return annees_revolues(self.naissance, le or timezone.localdate())

    def mots_de_recherche(self):
        """Les lignes `MotDeRecherche` de cette personne, à créer."""
        tous = {m for texte in (self.prenom, self.nom, self.nom_naissance) for m in mots(texte)}
        return [MotDeRecherche(participant=self, mot=m[:60], son=son(m)) for m in sorted(tous)]


class Compteur(models.Model):
    """Le dernier numéro donné d’une série (« 2026- ») : sa ligne se verrouille, deux dossiers n’ont jamais le même."""

    serie = models.CharField("série", max_length=12, unique=True)
    dernier = models.PositiveIntegerField(default=0)

    DONNEES = classer(garder="serie dernier")

    def __str__(self):
        return f"{self.serie}{self.dernier}"


class MotDeRecherche(models.Model):
    """Index des mots d’un nom : par préfixe et par le son, le même sur SQLite et PostgreSQL."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="mots")
    mot = models.CharField(max_length=60)
    son = models.CharField(max_length=12)

    DONNEES = classer(garder="participant", effacer="mot son")

    class Meta:
        indexes = [
            models.Index(fields=["mot"], name="mot_par_prefixe"),
            models.Index(fields=["son"], name="mot_par_son"),
        ]

    def __str__(self):
        return self.mot


class GenreCaracteristique(models.TextChoices):
    SITUATION = "situation", "situation d’emploi"
    SANS_EMPLOI_DEPUIS = "sans_emploi_depuis", "sans emploi depuis"
    NIVEAU = "niveau", "niveau d’études"
    RESSOURCES = "ressources", "ressources"
    LANGUES = "langues", "langues"


class Caracteristique(ModeleHistorise):
    """Un fait daté sur la personne : quand il change, l’ancienne valeur et sa date restent (B3)."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="caracteristiques")
    genre = models.CharField(max_length=20, choices=GenreCaracteristique)
    valeur = models.CharField(max_length=80)
    du = models.DateField(default=timezone.localdate)

    objects = HistoriseQuerySet.as_manager()

    DONNEES = classer(garder="participant genre valeur du")

    class Meta:
        verbose_name = "caractéristique"
        ordering = ["genre", "-du", "-id"]
        indexes = [models.Index(fields=["participant", "genre", "-du"], name="caracteristique_du_dossier")]

    def __str__(self):
        return f"{self.get_genre_display()} : {self.libelle}"

    @property
    def libelle(self):
        """La réponse telle qu’elle se lit ; une valeur libre reste telle quelle."""
        reponses = REPONSES.get(self.genre)
        return dict(reponses.choices).get(self.valeur, self.valeur) if reponses else self.valeur


class TypePiece(ModeleHistorise):
    """Référentiel des pièces ; la validité se compte à la date d’entrée."""

    code = models.SlugField(max_length=40, unique=True)
    libelle = models.CharField("libellé", max_length=120)
    obligatoire = models.BooleanField(default=False)
    validite_mois = models.PositiveSmallIntegerField("validité (mois)", null=True, blank=True)
    sensible = models.BooleanField("donnée de santé ou discrète", default=False)
    points = models.JSONField("points à vérifier", default=list, blank=True)
    ordre = models.PositiveSmallIntegerField(default=100)

    objects = HistoriseQuerySet.as_manager()

    DONNEES = classer(garder="code libelle obligatoire validite_mois sensible points ordre")

    class Meta:
        verbose_name = "type de pièce"
        verbose_name_plural = "types de pièces"
        ordering = ["ordre", "libelle"]

    def __str__(self):
        return self.libelle


SYNTHESE_SIGNEE = "synthese_signee"  # code du type des synthèses signées à la main


class PieceQuerySet(HistoriseQuerySet):
    def visibles_par(self, utilisateur):
        """Les pièces des dossiers visibles ; à un partenaire, celles qu’il a déposées pour qui son organisation oriente (AC4).

        Une synthèse signée à la main se lit comme l’entretien : le conseiller du dossier, le responsable (AC3).
        Ce qui, parmi elles, est sensible : `permissions.peut_lire_piece`.
        """
        personnes = Participant.objects
        vues = Q(participant__in=personnes.visibles_par(utilisateur))
        if not utilisateur.a_role(Role.RESPONSABLE):
            vues &= ~Q(type__code=SYNTHESE_SIGNEE) | Q(participant__in=personnes.du_portefeuille(utilisateur))
        if utilisateur.a_role(Role.PRESCRIPTEUR):
            vues |= Q(deposee_par=utilisateur, participant__in=personnes.orientes_par(utilisateur))
        return self.filter(vues)

    def en_vigueur(self):
        """La dernière de chaque type pour chaque personne : ni remplacée, ni retirée, ni la suite d’une autre."""
        plus_recente = Piece.objects.filter(
            participant=OuterRef("participant"),
            type=OuterRef("type"),
            suite_de=None,
            retiree_le=None,
            deposee_le__gt=OuterRef("deposee_le"),
        )
        return self.filter(~Exists(plus_recente), suite_de=None, retiree_le=None)

    def avec_limite(self):
        """Ajoute `limite`, le dernier jour de validité : la même que `Piece.valable_jusqu_au`."""
        return self.annotate(limite=limite_de_validite())


def limite_de_validite(chemin=""):
    """La même que `Piece.valable_jusqu_au`, en SQL ; `chemin` mène à la pièce (« piece__ »)."""
    duree = AjouterMois(f"{chemin}etablie_le", NullIf(f"{chemin}type__validite_mois", Value(0)))
    return Coalesce(f"{chemin}expire_le", duree)


class Piece(ModeleHistorise):
    """Un fichier déposé pour une personne. Il ne sort que par une vue qui vérifie et qui consigne (FI2).

    Le verso, ou la page suivante, est la `suite` du premier fichier : celui-ci tient la case, et porte les dates.
    """

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="pieces")
    type = models.ForeignKey(TypePiece, on_delete=models.PROTECT, related_name="+")
    suite_de = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="suites", verbose_name="suite de"
    )
    nombre_de_fichiers = models.PositiveSmallIntegerField(default=1, editable=False)
    fichier = models.FileField(upload_to="pieces/%Y/%m/", max_length=120)
    nom = models.CharField("nom du fichier", max_length=120)
    type_mime = models.CharField("format", max_length=100)
    taille = models.PositiveIntegerField("taille (octets)")
    sha256 = models.CharField("empreinte", max_length=64)
    etablie_le = models.DateField("établie le", null=True, blank=True)
    expire_le = models.DateField("valable jusqu’au", null=True, blank=True)
    deposee_le = models.DateTimeField("déposée le", default=timezone.now)
    deposee_par = champ_compte("déposée par")
    antivirus = models.CharField(max_length=12, default="non_verifie", editable=False)
    retiree_le = models.DateTimeField("retirée le", null=True, blank=True)

    objects = PieceQuerySet.as_manager()

    DONNEES = classer(
        garder="participant type suite_de nombre_de_fichiers type_mime taille sha256 etablie_le expire_le deposee_le "
        "deposee_par antivirus retiree_le",
        effacer="fichier nom",
    )

    class Meta:
        verbose_name = "pièce"
        ordering = ["-deposee_le"]
        indexes = [
            models.Index(fields=["participant", "-deposee_le"], name="piece_du_dossier"),
            models.Index(fields=["expire_le"], name="piece_par_expiration", condition=Q(expire_le__isnull=False)),
            models.Index(fields=["deposee_le"], name="piece_en_quarantaine", condition=Q(antivirus=QUARANTAINE)),
        ]

    def __str__(self):
        return self.type.libelle

    @property
    def est_lisible(self):
        """Faux quand l’antivirus l’a retirée, ou ne l’a pas encore jugée."""
        return self.retiree_le is None and self.antivirus != QUARANTAINE

    @property
    def feuilles(self):
        """Tous les fichiers de la pièce, dans l’ordre où ils ont été donnés ; un fichier infecté n’en est plus."""
        if self.nombre_de_fichiers == 1:
            return [self]
        suites = [suite for suite in self.suites.all() if suite.retiree_le is None]
        return [self, *sorted(suites, key=lambda suite: (suite.deposee_le, suite.pk))]

    def valable_jusqu_au(self):
        """Dernier jour de validité : la date portée par la pièce, sinon sa date et la durée du référentiel ; None sans limite."""
        if self.expire_le:
            return self.expire_le
        if self.type.validite_mois and self.etablie_le:
            return ajouter_mois(self.etablie_le, self.type.validite_mois)
        return None

    def est_valable(self, le):
        """Faux aussi quand la date d’établissement manque et que le référentiel en exige une."""
        limite = self.valable_jusqu_au()
        if limite is None:
            return not self.type.validite_mois
        return le <= limite


def ajouter_mois(date, mois):
    """`date` + `mois` mois ; le 31 janvier plus un mois est le dernier jour de février."""
    total = date.month - 1 + mois
    annee, mois_final = date.year + total // 12, total % 12 + 1
    for jour in range(date.day, 27, -1):
        try:
            return date.replace(year=annee, month=mois_final, day=jour)
        except ValueError:
            continue
    return date.replace(year=annee, month=mois_final)


class ReponseSensible(ModeleHistorise):
    """Réponse FSE+ sensible (handicap, origine, logement) : sa table, sa permission (AC3)."""

    class Genre(models.TextChoices):
        HANDICAP = "handicap", "situation de handicap"
        PAYS_TIERS = "pays_tiers", "ressortissant d’un pays tiers"
        ORIGINE = "origine", "parents nés à l’étranger"
        LOGEMENT = "logement", "sans logement ou exclusion du logement"

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="reponses_sensibles")
    genre = models.CharField(max_length=12, choices=Genre)
    valeur = models.CharField(max_length=20)
    du = models.DateField(default=timezone.localdate)

    objects = HistoriseQuerySet.as_manager()

    DONNEES = classer(garder="participant genre du", sensible="valeur")

    class Meta:
        verbose_name = "réponse sensible"
        verbose_name_plural = "réponses sensibles"
        ordering = ["genre", "-du"]

    def __str__(self):
        return self.get_genre_display()
