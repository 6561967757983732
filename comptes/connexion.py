"""Connexion par adresse et mot de passe : ce qu’allauth doit savoir de nous, et ce que le journal doit savoir d’elle."""

import time

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.contrib.auth import logout
from django.db.models import Exists, OuterRef, Prefetch

from comptes.models import RoleAttribue, Utilisateur
from journal.actions import consigner, sceau
from journal.contexte import adresse
from journal.models import Acte
from plie.requetes import gardee

TACHE = "connexion"


def nom_affiche(utilisateur):
    return utilisateur.get_full_name()


@gardee(cle=Utilisateur._meta.pk)
def _ouvert(cle):
    facteur = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    attributions = Prefetch("attributions", RoleAttribue.objects.select_related("antenne"))
    comptes = Utilisateur.objects.filter(pk=cle, is_active=True).order_by()
    return comptes.annotate(a_un_second_facteur=Exists(facteur)).prefetch_related(attributions)


class ConnexionBackend(AuthenticationBackend):
    def get_user(self, user_id):
        """Relit le compte, ses rôles et s’il a un second facteur à chaque requête : un droit retiré l’est aussitôt (AC4)."""
        return next(iter(_ouvert(cle=user_id)), None)

    @classmethod
    def _stash_user(cls, user):
        """allauth garde ici un compte fermé au bon mot de passe, pour le lui dire ; nous ne le disons pas (AU4)."""


class CompteAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        """Les comptes s’ouvrent dans l’administration, jamais d’eux-mêmes."""
        return False

    def get_client_ip(self, request):
        return adresse(request) or "inconnue"

    def _get_login_attempts_cache_key(self, request, **credentials):
        """Par compte et par client : qui devine ailleurs ne ferme pas la porte au titulaire (AU3)."""
        return f"{credentials.get('email', '').lower()}:{adresse(request)}"

    def login(self, request, user):
        super().login(request, user)
        ouvrir_la_session(request)
        consigner(Acte.CONNEXION, par=user, objet=user)

    def logout(self, request):
        fermer_la_session(request)

    def authentication_failed(self, request, **credentials):
        """L’adresse essayée n’est pas gardée en clair : elle peut être celle de n’importe qui."""
        essai = credentials.get("email", "").lower()
        consigner(Acte.ECHEC_CONNEXION, par=TACHE, motif=f"compte {sceau(essai)[:16]}")

    def set_password(self, user, password):
        user.set_password(password)
        user.enregistrer(par=user, motif="mot de passe")

    def is_reauthentication_required(self, *, app, **kwargs):
        """Qui vient d’entrer n’a pas à se nommer une seconde fois pour mettre en place son second facteur."""
        preuves = get_authentication_records(self.request, self.request.user)
        limite = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
        return not any(preuve["at"] > limite for preuve in preuves)

    def reauthenticate(self, user, password):
        """L’adresse se lit sur le compte ; allauth la cherche dans une table que nous ne tenons pas."""
        if user.check_password(password):
            return True
        self.authentication_failed(self.request, email=user.email)
        return False


def ouvrir_la_session(request):
    """Le début des douze heures, et la fin de ce qui restait d’une session fermée."""
    request.session["ouverte_a"] = request.session["vue_a"] = int(time.time())
    request.session.pop("fermee_a", None)


def fermer_la_session(request, motif=""):
    """Ferme la session et le consigne ; sans effet pour un anonyme."""
    if request.user.is_authenticated:
        consigner(Acte.DECONNEXION, par=request.user, objet=request.user, motif=motif)
    logout(request)
