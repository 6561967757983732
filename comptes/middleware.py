import time
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from comptes.connexion import fermer_la_session, ouvrir_la_session

PAS = 60  # secondes entre deux écritures de la session
AUTOMATIQUE = "X-Plie-Automatique"  # entête d’une requête que personne n’a demandée (présence, compteurs)


class SessionMiddleware:
    """30 minutes d’inactivité, 12 heures au plus (AU6). Une requête automatique ne prolonge pas la session."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            session, maintenant = request.session, int(time.time())
            if "ouverte_a" not in session:
                ouvrir_la_session(request)
            fin = min(
                session["vue_a"] + settings.SESSION_INACTIVITE, session["ouverte_a"] + settings.SESSION_DUREE_MAXIMALE
            )
            if maintenant > fin:
                fermer_la_session(request, motif="session échue")
                request.session["fermee_a"] = fin  # la page de connexion le dira
            elif not est_automatique(request):
                prolonger(request)
        return self.get_response(request)


def est_automatique(request):
    """Un brouillon ne prolonge la session que si son texte a changé : sa vue le dira."""
    return AUTOMATIQUE in request.headers or request.path.startswith("/compte/brouillons/")


def prolonger(request):
    """Quelqu’un est là : l’inactivité repart de maintenant (écrit une fois par minute au plus)."""
    maintenant = int(time.time())
    if maintenant - request.session.get("vue_a", 0) > PAS:
        request.session["vue_a"] = maintenant


class ConnexionRequise(LoginRequiredMiddleware):
    """Toute page demande une connexion, sauf celles marquées `login_not_required`."""

    def handle_no_permission(self, request, view_func):
        """Un script reçoit 401 et l’adresse où se connecter, plutôt qu’une page de connexion au milieu de la sienne."""
        adresse = f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': suite(request)})}"
        if request.headers.get("HX-Request"):
            reponse = HttpResponse(status=401)
            if request.method == "GET":  # un POST garde à l’écran ce qui était tapé
                reponse.headers["HX-Redirect"] = adresse
            return reponse
        if "application/json" in request.headers.get("Accept", ""):
            return JsonResponse({"connexion": adresse}, status=401)
        return redirect(adresse)


def suite(request):
    """Où revenir après la connexion : la page demandée, ou celle d’où partait un envoi ou un fragment."""
    if request.method in ("GET", "HEAD") and not request.headers.get("HX-Request"):
        return request.get_full_path()
    origine = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(origine, {request.get_host()}):
        return urlsplit(origine).path or "/"
    return "/"


class SecondFacteurMiddleware:
    """Quand le second facteur est obligatoire (AU1), on l’installe avant toute autre page."""

    LIBRES = ("account_", "mfa_")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, args, kwargs):
        if not settings.SECOND_FACTEUR_OBLIGATOIRE or not request.user.is_authenticated:
            return None
        nom = request.resolver_match.url_name or ""
        if nom.startswith(self.LIBRES) or not getattr(view_func, "login_required", True):
            return None
        return None if request.user.a_un_second_facteur else redirect("mfa_activate_totp")
