"""Les brouillons, et les pages de compte qu’allauth ne fait pas comme nous : codes de secours montrés une fois."""

from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.http import Http404, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from comptes import brouillons, second_facteur
from comptes.jetons import a_servi
from comptes.middleware import AUTOMATIQUE, prolonger
from plie.historique import lire_cle, lire_entier
from plie.templatetags.interface import heure

TAILLE_D_UN_BROUILLON = 300_000  # octets


@require_POST
def brouillon(request, ecran, objet):
    """Garde ce qui est tapé ; un envoi sans changement ne crée rien et ne prolonge pas la session (AU6)."""
    objet_id = lire_cle(objet)
    if objet_id is None and objet != "-" or not brouillons.peut_garder(request.user, ecran, objet_id):
        raise Http404
    if int(request.headers.get("Content-Length") or 0) > TAILLE_D_UN_BROUILLON:
        return JsonResponse({"erreur": "Ce texte est trop long pour être gardé."}, status=413)
    if a_servi(lire_cle(request.POST.get("jeton")), request.user):  # en route quand le formulaire est parti
        return JsonResponse({})
    contenu, refus = brouillons.nettoyer(brouillons.lire_formulaire(request.POST))
    version = lire_entier(request.POST.get("version"))
    deja = brouillons.retrouver(request.user, ecran, objet_id)
    if brouillons.ecrit_ailleurs(deja, contenu, request.headers.get("X-Plie-Lu", "")):
        return JsonResponse({"ailleurs": heure(deja.enregistre_le)}, status=409)
    if deja is None and AUTOMATIQUE not in request.headers or deja is not None and deja.contenu != contenu:
        deja = brouillons.garder(request.user, ecran, contenu, objet_id=objet_id, version=version)
        prolonger(request)
    reponse = {"enregistre_a": heure(deja.enregistre_le), "lu": deja.enregistre_le.timestamp()} if deja else {}
    avis = " ".join(filter(None, [refus, brouillons.presence(request.user, ecran, objet_id)]))
    return JsonResponse(reponse | ({"version": version} if version else {}) | ({"avis": avis} if avis else {}))


class ActivationView(ActivateTOTPView):
    def form_valid(self, form):
        super().form_valid(form)
        return _montrer_les_codes(self.request)


class NouveauxCodesView(GenerateRecoveryCodesView):
    def form_valid(self, form):
        return _montrer_les_codes(self.request)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {
            "unused_code_count": second_facteur.codes_restants(self.request.user)
        }


class RetraitView(DeactivateTOTPView):
    def form_valid(self, form):
        reponse = super().form_valid(form)
        second_facteur.retirer(self.request.user, par=self.request.user)
        return reponse


def _montrer_les_codes(request):
    """Affichés dans la réponse elle-même : en clair, ils n’existent ni en base ni en session."""
    codes = second_facteur.nouveaux_codes(request.user)
    contexte = {"unused_codes": codes, "total_count": len(codes), "can_view_codes": True}
    return render(request, "mfa/recovery_codes/index.html", contexte)
