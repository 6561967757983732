"""Pages d’erreur : dire ce qui se passe, et par où continuer."""

from django.shortcuts import render


def jeton_perdu(request, reason=""):
    """Le jeton du formulaire ne vaut plus : session fermée ou page trop ancienne (403)."""
    return render(request, "errors/403_csrf.html", status=403)


def interdit(request, exception=None):
    return render(request, "errors/403.html", {"raison": str(exception or "")}, status=403)


def introuvable(request, exception=None):
    """Toujours les mêmes octets : une fiche hors périmètre et une fiche inexistante se ressemblent (AC2)."""
    return render(request, "errors/404.html", status=404)
