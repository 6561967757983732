"""L’adresse du client de la requête en cours, pour que les lignes disent d’où."""

import ipaddress
from contextvars import ContextVar

from django.conf import settings

adresse_du_client = ContextVar("adresse_du_client", default=None)


def adresse(request):
    """Adresse du client, ou None.

    X-Forwarded-For ne vaut que ce qu’en ont écrit nos propres mandataires : le n-ième élément depuis la droite, n étant
    leur nombre (PLIE_MANDATAIRES). Le reste, que le client écrit comme il veut, n’est jamais cru (AU3).
    """
    brute = request.META.get("REMOTE_ADDR") or ""
    if settings.MANDATAIRES:
        suivies = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(suivies) >= settings.MANDATAIRES:
            brute = suivies[-settings.MANDATAIRES].strip() or brute
    try:
        return str(ipaddress.ip_address(brute))
    except ValueError:
        return None
