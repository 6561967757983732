from functools import wraps

from django.core.exceptions import PermissionDenied


def exiger(autorise, raison=""):
    """403 quand l’on est dans le périmètre sans avoir le droit ; `raison` dit qui peut (phrase affichée)."""
    if not autorise:
        raise PermissionDenied(raison)


def reserve_a(*roles):
    """Décorateur de vue : 403 pour qui ne tient aucun de ces rôles."""

    def decorer(vue):
        @wraps(vue)
        def _vue(request, *args, **kwargs):
            exiger(request.user.a_role(*roles), "Cette page est réservée : " + ", ".join(r.label for r in roles) + ".")
            return vue(request, *args, **kwargs)

        return _vue

    return decorer
