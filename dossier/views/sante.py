from django.contrib.auth.decorators import login_not_required
from django.http import JsonResponse
from django.views.decorators.http import require_safe

from dossier.sante import examiner


@login_not_required
@require_safe
def sante(request):
    """Nom → « ok » ou « ko », sans chiffre ni texte : 200 si tout va, 503 sinon."""
    etats = examiner()
    return JsonResponse(
        {nom: "ok" if va else "ko" for nom, va in etats.items()}, status=200 if all(etats.values()) else 503
    )
