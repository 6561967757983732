"""Vérifier un document : public, sans donnée personnelle, la même réponse pour tout code qui ne mène à rien."""

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from documents.models import ALPHABET, Document
from journal.contexte import adresse_du_client
from plie.templatetags.interface import compte

ESSAIS_PAR_MINUTE = 30
COMME_ON_LE_LIT = str.maketrans(
    "OIL", "011", " -\u2060"
)  # ce que l’alphabet du code n’a pas, et ce que l’on recopie avec


@login_not_required
@require_safe
def verification(request):
    """Taper le code imprimé au bas du document."""
    if code := "".join(request.GET.get("code", "").split())[:20]:
        return redirect("documents:verifier", code)
    return render(request, "documents/verification.html")


@login_not_required
@require_safe
def verifier(request, code):
    """Ce document existe-t-il, dans quelle version, remplacé ou non, signé combien de fois."""
    if _trop_d_essais():
        return render(request, "429.html", status=429)
    document = Document.objects.filter(code=_normaliser(code)).select_related("remplace_par").first()
    if document is None:
        return render(request, "documents/verification.html", {"inconnu": True}, status=404)
    signatures = document.signatures.all()
    contexte = {
        "document": document,
        "remplace_par": getattr(document, "remplace_par", None),
        "signe": _signe(sum(s.est_signee for s in signatures), len(signatures)),
    }
    return render(request, "documents/verification.html", contexte)


def _signe(signees, attendues):
    """(texte, état) : combien ont signé, quel qu’en soit le nombre ; None quand rien n’est à signer."""
    if not attendues:
        return None
    if not signees:
        return "Pas encore signé", "neutre"
    texte = f"{compte(signees, 'signature')} sur {attendues}"
    return (f"Signé : {texte}", "ok") if signees == attendues else (texte, "attention")


def _normaliser(code):
    """Le code tel qu’il a été tiré, d’après ce qui a été recopié (« 7k3m9-qxt4d ») ; vide s’il ne peut pas en être un."""
    code = code.upper().translate(COMME_ON_LE_LIT)
    return code if len(code) == 10 and set(code) <= set(ALPHABET) else ""


def _trop_d_essais():
    cle = f"verifier:{adresse_du_client.get()}"
    cache.add(cle, 0, 60)
    try:
        return cache.incr(cle) > ESSAIS_PAR_MINUTE
    except ValueError:  # la minute vient de finir
        return False
