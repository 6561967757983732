"""Courriels partis, lisibles en démonstration seulement."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from notifications import demonstration


@require_safe
def courriels(request):
    return render(request, "notifications/courriels.html", {"courriels": demonstration.courriels_envoyes()})


@require_safe
def un_courriel(request, identifiant):
    message = demonstration.courriel(identifiant)
    if message is None:
        raise Http404
    corps = message.get_body(preferencelist=("plain", "html"))
    contexte = {"identifiant": identifiant, "message": message, "corps": corps.get_content() if corps else ""}
    return render(request, "notifications/courriel.html", contexte)
