"""Pages d’erreur : dire ce qui se passe, et par où continuer."""

from django.http import HttpResponse
from django.template.loader import render_to_string

from plie.exceptions import ConflitDeVersion, TransitionImpossible


def _page(nom, statut, **contexte):
    """Sans la requête : ni compte, ni jeton, ni lecture en base, et les mêmes octets pour tous."""
    return HttpResponse(render_to_string(f"errors/{nom}.html", contexte), status=statut)


def jeton_perdu(request, reason=""):
    """Le jeton du formulaire ne vaut plus : session fermée ou page trop ancienne (403)."""
    return _page("403_csrf", 403)


def mauvaise_demande(request, exception=None):
    return _page("400", 400)


def interdit(request, exception=None):
    return _page("403", 403, raison=str(exception or ""))


def introuvable(request, exception=None):
    """Toujours les mêmes octets : une fiche hors périmètre et une fiche inexistante se ressemblent (AC2)."""
    return _page("404", 404)


class RefusMiddleware:
    """Le filet des refus métier qu’une vue n’a pas traités : leur phrase, en 409, plutôt qu’une panne."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, (TransitionImpossible, ConflitDeVersion)):
            return _page("409", 409, raison=str(exception))
        return None
