from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.utils import timezone
from simple_history.models import HistoricalRecords

from plie.historique import HistoriseQuerySet, ModeleEcrit, ModeleHistorise, cle
from plie.registre import classer
from territoire.models import Antenne


class Role(models.TextChoices):
    PRESCRIPTEUR = "prescripteur", "prescripteur"
    CONSEILLER = "conseiller", "conseiller"
    RESPONSABLE = "responsable", "responsable"
    STATISTIQUES = "statistiques", "statistiques"
    ANIMATION = "animation", "animation"
    ENTREPRISES = "entreprises", "chargé de relations entreprises"
    ANIMATEUR = "animateur", "animateur d’ateliers"
    OPERATEUR = "operateur", "opérateur d’étape"
    AUDITEUR = "auditeur", "auditeur"
    ADMINISTRATEUR = "administrateur", "administrateur"


# Les rôles qui lisent des dossiers au-delà d’une antenne.
ROLES_DU_SIEGE = frozenset({Role.RESPONSABLE, Role.STATISTIQUES, Role.ANIMATION})


class UtilisateurQuerySet(HistoriseQuerySet):
    def visibles_par(self, utilisateur):
        """Les comptes se gèrent dans l’administration ; ailleurs, on ne les atteint que par un dossier."""
        return self if utilisateur.a_role(Role.ADMINISTRATEUR) else self.filter(pk=utilisateur.pk)

    def ayant_role(self, role, antenne=None):
        """Comptes ouverts qui tiennent `role`, à `antenne` si elle est donnée."""
        attribution = {"attributions__role": role} | ({"attributions__antenne": antenne} if antenne else {})
        return self.filter(is_active=True, **attribution).distinct().order_by("nom", "prenom")


class UtilisateurManager(BaseUserManager.from_queryset(UtilisateurQuerySet)):
    def create_user(self, email, password=None, *, par="ouverture de compte", **champs):
        """Ouvre un compte ; sans mot de passe, il s’en choisit un par « Mot de passe oublié »."""
        utilisateur = self.model(email=self.normalize_email(email).lower(), **champs)
        utilisateur.set_password(password)
        return utilisateur.enregistrer(par=par)

    @transaction.atomic
    def create_superuser(self, email, password=None, **champs):
        """Le premier administrateur, par la commande createsuperuser."""
        utilisateur = self.create_user(email, password, is_staff=True, is_superuser=True, **champs)
        RoleAttribue(utilisateur=utilisateur, role=Role.ADMINISTRATEUR).enregistrer(par=utilisateur)
        return utilisateur


class Utilisateur(AbstractBaseUser, PermissionsMixin, ModeleEcrit):
    """Un compte : une adresse, un nom, et un ou plusieurs rôles."""

    id = models.UUIDField(primary_key=True, default=cle, editable=False)
    email = models.EmailField("adresse e-mail", unique=True)
    prenom = models.CharField("prénom", max_length=60)
    nom = models.CharField(max_length=60)
    telephone = models.CharField("téléphone", max_length=20, blank=True)
    civilite = models.CharField("civilité", max_length=3, choices=[("Mme", "Mme"), ("M.", "M.")], blank=True)
    is_active = models.BooleanField("compte ouvert", default=True)
    is_staff = models.BooleanField("accès à l’administration", default=False)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)

    last_login = None  # le journal dit qui s’est connecté et quand
    history = HistoricalRecords(excluded_fields=["password"])
    objects = UtilisateurManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["prenom", "nom"]
    DONNEES = classer(
        garder="id is_active is_staff is_superuser cree_le civilite",
        pseudonymiser="email prenom nom",
        effacer="telephone password",
    )

    class Meta:
        ordering = ["nom", "prenom"]

    def __str__(self):
        return self.get_full_name()

    def get_full_name(self):
        return f"{self.prenom} {self.nom}".strip()

    def get_short_name(self):
        return self.prenom

    @property
    def roles(self):
        """Ensemble des rôles tenus (lus une fois par requête : la connexion les a préchargés)."""
        return frozenset(a.role for a in self.attributions.all())

    def a_role(self, *roles):
        return bool(self.roles & set(roles))

    def antennes_de(self, role):
        """Clés des antennes où l’utilisateur tient `role`."""
        return [a.antenne_id for a in self.attributions.all() if a.role == role and a.antenne_id]

    @property
    def portee(self):
        """Ce dont dépend ce qu’un utilisateur voit, comparable : la clé des requêtes gardées."""
        return self.pk, self.is_staff, frozenset((a.role, a.antenne_id) for a in self.attributions.all())

    @property
    def antenne(self):
        """L’antenne d’attache, pour l’affichage et les valeurs par défaut ; None au siège."""
        return next((a.antenne for a in self.attributions.all() if a.antenne_id), None)

    @property
    def voit_le_journal(self):
        return self.a_role(Role.RESPONSABLE, Role.ADMINISTRATEUR)


class RoleAttribue(ModeleHistorise):
    utilisateur = models.ForeignKey(Utilisateur, on_delete=models.CASCADE, related_name="attributions")
    role = models.CharField("rôle", max_length=20, choices=Role)
    antenne = models.ForeignKey(Antenne, on_delete=models.PROTECT, null=True, blank=True, related_name="attributions")

    objects = HistoriseQuerySet.as_manager()

    DONNEES = classer(garder="utilisateur role antenne")

    class Meta:
        verbose_name = "rôle attribué"
        verbose_name_plural = "rôles attribués"
        constraints = [
            models.UniqueConstraint(
                fields=["utilisateur", "role", "antenne"],
                condition=models.Q(antenne__isnull=False),
                name="role_unique_par_antenne",
                violation_error_message="Ce rôle est déjà donné pour cette antenne.",
            ),
            models.UniqueConstraint(
                fields=["utilisateur", "role"],
                condition=models.Q(antenne=None),
                name="role_unique_sans_antenne",
                violation_error_message="Ce rôle est déjà donné.",
            ),
            models.CheckConstraint(
                name="role_conseiller_a_une_antenne",
                violation_error_message="Un conseiller est attaché à une antenne.",
                condition=~models.Q(role="conseiller") | models.Q(antenne__isnull=False),
            ),
        ]

    def __str__(self):
        return self.get_role_display()


class Brouillon(models.Model):
    """Ce qui se tape et n’est pas encore enregistré : un par personne, écran et objet (RE2)."""

    id = models.UUIDField(primary_key=True, default=cle, editable=False)
    utilisateur = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="brouillons")
    ecran = models.CharField("écran", max_length=40)
    objet_id = models.UUIDField(default=None, null=True)
    cle_objet = models.CharField(max_length=36, default="-", editable=False)
    contenu = models.JSONField(default=dict)
    version_lue = models.PositiveIntegerField(null=True)
    enregistre_le = models.DateTimeField("enregistré le", default=timezone.now)

    DONNEES = classer(garder="id utilisateur ecran objet_id cle_objet version_lue enregistre_le", effacer="contenu")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["utilisateur", "ecran", "cle_objet"], name="brouillon_un_par_ecran_et_objet"
            )
        ]
        indexes = [models.Index(fields=["ecran", "cle_objet"], name="brouillon_par_objet")]

    def __str__(self):
        return self.ecran


class JetonFormulaire(models.Model):
    """Un formulaire envoyé : la deuxième fois, on rend la première réponse (RE3)."""

    jeton = models.UUIDField(primary_key=True)
    utilisateur = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    consomme_le = models.DateTimeField("consommé le", default=timezone.now, db_index=True)
    reponse = models.CharField("réponse", max_length=300, blank=True)

    DONNEES = classer(garder="jeton utilisateur consomme_le reponse")

    def __str__(self):
        return str(self.jeton)


class CodeDeSecours(models.Model):
    """Un code qui remplace une fois le téléphone ; la base n’en garde que l’empreinte (AU1)."""

    utilisateur = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="codes_de_secours"
    )
    empreinte = models.CharField(max_length=64)
    servi_le = models.DateTimeField("a servi le", null=True)

    DONNEES = classer(garder="utilisateur servi_le", effacer="empreinte")

    class Meta:
        verbose_name = "code de secours"
        verbose_name_plural = "codes de secours"
        constraints = [models.UniqueConstraint(fields=["utilisateur", "empreinte"], name="code_de_secours_unique")]

    def __str__(self):
        return "code de secours"


class CodeServi(models.Model):
    """Le pas de 30 secondes d’un code à usage unique qui a servi : la base refuse qu’il serve deux fois (AU2)."""

    utilisateur = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    pas = models.PositiveBigIntegerField()

    DONNEES = classer(garder="utilisateur pas")

    class Meta:
        verbose_name = "code servi"
        verbose_name_plural = "codes servis"
        constraints = [models.UniqueConstraint(fields=["utilisateur", "pas"], name="code_servi_une_fois")]

    def __str__(self):
        return str(self.pas)
