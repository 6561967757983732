"""Les alertes de chacun ; en démonstration, les courriels partis."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from comptes.models import Role
from comptes.permissions import reserve_a
from notifications import actions, demonstration, noms
from notifications.actions import marquer_lues
from notifications.models import Envoi
from plie.historique import lire_cle
from plie.templatetags.interface import depuis

PAR_PAGE = 50
REPONDENT_DES_COURRIELS = (Role.RESPONSABLE, Role.ADMINISTRATEUR)


@require_safe
def alertes(request):
    toutes = Envoi.objects.alertes_de(request.user)
    page = list(toutes.plus_anciennes_que(lire_cle(request.GET.get("apres")))[: PAR_PAGE + 1])
    suivante = None
    if len(page) > PAR_PAGE:
        page.pop()
        suivante = {"url": f"?apres={page[-1].pk}", "texte": "Plus anciennes"}
    personnes = noms.de(page, request.user)
    contexte = {
        "lignes": [_ligne(alerte, personnes.get(alerte.participant_id)) for alerte in page],
        "suivante": suivante,
        "a_lire": any(alerte.lu_le is None for alerte in page),
    }
    return render(request, "notifications/alertes.html", contexte)


@require_POST
def lues(request):
    marquer_lues(request.user)
    messages.success(request, "Toutes vos alertes sont lues.")
    return redirect("notifications:alertes")


@require_POST
def lue(request, pk):
    """Ouvrir une alerte la marque lue, et mène à ce dont elle parle."""
    alerte = get_object_or_404(Envoi.objects.alertes_de(request.user), pk=pk)
    marquer_lues(request.user, Envoi.objects.alertes_de(request.user).filter(pk=pk))
    dans_l_application = url_has_allowed_host_and_scheme(alerte.lien, allowed_hosts=None)
    return redirect(alerte.lien if dans_l_application else "notifications:alertes")


def _ligne(alerte, personne):
    lue = alerte.lu_le is not None
    return {
        "nom": alerte.titre,
        "raison": " · ".join(filter(None, [personne, alerte.texte])),
        "icone": "check" if lue else "bell",
        "etat": "neutre" if lue else "info",
        "precision": depuis(alerte.cree_le) + ("" if lue else ", non lue"),
        "acte": {
            "texte": "Ouvrir" if alerte.lien else "Marquer lue",
            "url": reverse("notifications:lue", args=[alerte.pk]),
            "methode": "post",
        }
        if alerte.lien or not lue
        else None,
    }


@require_safe
@reserve_a(*REPONDENT_DES_COURRIELS)
def non_partis(request):
    """Les courriels abandonnés, les plus anciens d’abord (RE7)."""
    perdus = Envoi.objects.en_echec()
    premiers = perdus.select_related("destinataire").order_by("cree_le", "id")[:PAR_PAGE]
    contexte = {"lignes": [_non_parti(envoi) for envoi in premiers], "total": perdus.count()}
    return render(request, "notifications/non_partis.html", contexte)


@require_POST
@reserve_a(*REPONDENT_DES_COURRIELS)
def renvoyer(request, pk):
    actions.renvoyer(get_object_or_404(Envoi.objects.en_echec().select_related("destinataire"), pk=pk))
    messages.success(request, "Le courriel repart dans la minute.")
    return redirect("notifications:non_partis")


def _non_parti(envoi):
    return {
        "nom": envoi.titre,
        "raison": f"À {envoi.destinataire or 'une adresse'}, {envoi.adresse}. {envoi.erreur or 'Jamais essayé.'}",
        "icone": "mail",
        "etat": "retard",
        "precision": depuis(envoi.cree_le),
        "acte": {"texte": "Renvoyer", "url": reverse("notifications:renvoyer", args=[envoi.pk]), "methode": "post"},
    }


@require_safe
def courriels(request):
    return render(request, "notifications/courriels.html", {"courriels": demonstration.courriels_envoyes()})


@require_safe
def un_courriel(request, identifiant):
    message = demonstration.courriel(identifiant)
    if message is None:
        raise Http404
    return render(request, "notifications/courriel.html", {"message": message})
