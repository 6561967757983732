"""Les pièces ne sortent que d’ici : le périmètre est vérifié, la lecture est consignée (FI2, DP1)."""

import logging

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from comptes.permissions import exiger
from journal.actions import consigner, consigner_lecture
from journal.models import Acte
from participants.fichiers import QUARANTAINE
from participants.models import Piece
from participants.permissions import peut_lire_piece

logger = logging.getLogger(__name__)
APERCUS = frozenset({"image/jpeg", "image/png", "application/pdf"})  # ce que le navigateur montre lui-même
# L’aperçu n’a ni script, ni formulaire, ni origine, et ne s’affiche que dans nos pages (le lecteur de PDF s’en accommode).
POLITIQUE = "; ".join(
    [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src 'self'",
        "object-src 'self'",
        "frame-ancestors 'self'",
        "sandbox",
    ]
)


@require_safe
def piece(request, pk):
    piece = _lisible(request, pk)
    consigner(Acte.TELECHARGEMENT, par=request.user, objet=piece)
    return _servir(piece, piece.type_mime, attachement=True)


@require_safe
def apercu(request, pk):
    """Dans une page du logiciel (iframe ou img) ; ce qui ne se montre pas se télécharge."""
    piece = _lisible(request, pk)
    if piece.type_mime not in APERCUS:
        return redirect("participants:piece", pk)
    consigner_lecture(piece, par=request.user)
    reponse = _servir(piece, piece.type_mime, attachement=False)
    reponse["Content-Security-Policy"] = POLITIQUE
    return reponse


def _lisible(request, pk):
    """404 hors du périmètre ou retirée ; 403 pour une pièce sensible, ou qui attend l’antivirus."""
    visibles = Piece.objects.visibles_par(request.user).select_related("type")
    piece = get_object_or_404(visibles, pk=pk, retiree_le=None)
    exiger(
        peut_lire_piece(request.user, piece), "Cette pièce ne s’ouvre que pour qui instruit ou contrôle la demande."
    )
    exiger(piece.antivirus != QUARANTAINE, "L’antivirus n’a pas encore vérifié cette pièce : réessayez plus tard.")
    return piece


def _servir(piece, type_mime, *, attachement):
    try:
        fichier = piece.fichier.open("rb")
    except FileNotFoundError:
        logger.error("Pièce %s : le fichier manque.", piece.pk)
        raise Http404 from None
    reponse = FileResponse(fichier, as_attachment=attachement, filename=piece.nom, content_type=type_mime)
    reponse["X-Content-Type-Options"] = "nosniff"
    reponse["Cross-Origin-Resource-Policy"] = "same-origin"
    return reponse
