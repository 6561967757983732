"""Un PDF ne sort que par une vue qui a vérifié le droit ; ici, la lecture se consigne et le fichier part (FI2)."""

from django.http import HttpResponse
from django.shortcuts import render

from documents.production import lire
from documents.rendu import RenduImpossible
from journal.actions import consigner_lecture


def reponse_pdf(request, document, nom):
    """Le PDF de `document`, affiché, ou téléchargé avec ?telecharger. `nom` : nom de fichier sans extension ni personne."""
    try:
        octets = lire(document)
    except RenduImpossible as refus:
        return en_preparation(request, refus)
    consigner_lecture(document, par=request.user)
    return pdf(octets, nom, telecharger="telecharger" in request.GET)


def pdf(octets, nom, *, telecharger=False):
    reponse = HttpResponse(octets, content_type="application/pdf")
    genre = "attachment" if telecharger else "inline"
    reponse.headers["Content-Disposition"] = f'{genre}; filename="{nom}.pdf"'
    return reponse


def en_preparation(request, refus):
    """Le PDF ne peut pas se faire à l’instant : une phrase et un lien, jamais une erreur."""
    return render(request, "documents/en_preparation.html", {"raison": str(refus)}, status=503)
