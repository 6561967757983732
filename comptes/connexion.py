"""Connexion par adresse et mot de passe ; second facteur ; ce qu’allauth doit savoir de nous."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.adapter import DefaultMFAAdapter
from django.db.models import Prefetch

from comptes.models import RoleAttribue, Utilisateur


def nom_affiche(utilisateur):
    return utilisateur.get_full_name()


class ConnexionBackend(AuthenticationBackend):
    def get_user(self, user_id):
        """Relit le compte et ses rôles à chaque requête : un droit retiré l’est aussitôt (AC4)."""
        attributions = Prefetch("attributions", RoleAttribue.objects.select_related("antenne"))
        return Utilisateur.objects.filter(pk=user_id, is_active=True).prefetch_related(attributions).first()


class CompteAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        """Les comptes s’ouvrent par invitation, jamais d’eux-mêmes."""
        return False


class SecondFacteurAdapter(DefaultMFAAdapter):
    def get_totp_label(self, user):
        return user.email
