import time

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.shortcuts import redirect
from django.urls import reverse

CHEMINS_LIBRES = ("/compte/", "/static/", "/sante/")
PAS = 60  # secondes entre deux écritures de la session


class SessionMiddleware:
    """30 minutes d’inactivité, 12 heures au plus (AU6). Une requête automatique ne prolonge pas la session."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            session, maintenant = request.session, int(time.time())
            ouverte = session.setdefault("ouverte_a", maintenant)
            vue = session.setdefault("vue_a", maintenant)
            if (
                maintenant - vue > settings.SESSION_INACTIVITE
                or maintenant - ouverte > settings.SESSION_DUREE_MAXIMALE
            ):
                logout(request)
                request.session["fermee_a"] = vue + settings.SESSION_INACTIVITE
            elif maintenant - vue > PAS and not request.headers.get("X-Plie-Automatique"):
                session["vue_a"] = maintenant
        return self.get_response(request)


class SecondFacteurMiddleware:
    """Quand le second facteur est obligatoire (AU1), on l’installe avant toute autre page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if (
            settings.SECOND_FACTEUR_OBLIGATOIRE
            and request.user.is_authenticated
            and not request.path.startswith(CHEMINS_LIBRES)
            and not self._actif(request)
        ):
            return redirect(reverse("mfa_activate_totp"))
        return self.get_response(request)

    @staticmethod
    def _actif(request):
        """Retenu en session une fois installé : pas de requête de plus par page."""
        if not request.session.get("second_facteur"):
            if not is_mfa_enabled(request.user):
                return False
            request.session["second_facteur"] = True
        return True
