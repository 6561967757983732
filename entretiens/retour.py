"""Revenir là d’où l’on vient, quand l’adresse est bien de chez nous."""

from django.utils.http import url_has_allowed_host_and_scheme


def retour(request, defaut):
    """L’adresse donnée par le champ `suite` du formulaire, sinon `defaut`."""
    suite = request.POST.get("suite") or request.GET.get("suite") or ""
    sure = suite.startswith("/") and url_has_allowed_host_and_scheme(suite, allowed_hosts=None)
    return suite if sure else defaut
