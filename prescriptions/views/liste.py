"""Les files de demandes, leur export, et l’acte d’entrée de plusieurs personnes à la fois."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from comptes.jetons import nouveau_jeton, une_seule_fois
from comptes.permissions import exiger, reserve_a
from plie.exceptions import TransitionImpossible
from plie.templatetags.interface import compte
from prescriptions.files import File
from prescriptions.filtres import Filtre
from prescriptions.forms import LotForm
from prescriptions.listes import StatutPrescription
from prescriptions.models import Prescription
from prescriptions.permissions import ACTER, ECRAN, peut_acter
from prescriptions.tableur import exporter

REFUSEES = "entrees_refusees"
NOMMEES = 12  # personnes dites dans le message


@require_safe
@reserve_a(*ECRAN)
def liste(request):
    file = File(Filtre(request.GET, request.user), request.GET)
    contexte = file.contexte() | {
        "refusees": request.session.pop(REFUSEES, []) if REFUSEES in request.session else [],
        "jeton": nouveau_jeton(),
    }
    return render(request, "prescriptions/liste.html", contexte)


@require_safe
@reserve_a(*ECRAN)
def export(request):
    return exporter(Filtre(request.GET, request.user), par=request.user)


@require_POST
def acter_en_lot(request):
    """Acte l’entrée de chaque demande cochée ; une refusée dit pourquoi, sans retenir les autres."""
    exiger(peut_acter(request.user), ACTER)
    form = LotForm(request.POST, visibles=Prescription.objects.instruites_par(request.user).avec_dossier())
    retour = reverse("prescriptions:liste") + "?etat=accordee"
    if not form.is_valid():
        messages.error(request, " ".join(erreur for erreurs in form.errors.values() for erreur in erreurs))
        return redirect(retour)

    def acte():
        actees, refusees = [], []
        for prescription in form.cleaned_data["demandes"]:
            refus = _acter(prescription, request.user)
            if not refus:
                actees.append(prescription.participant.nom_complet)
            else:
                refusees.append(
                    {"nom": str(prescription.participant), "url": prescription.get_absolute_url(), "refus": refus}
                )
        if actees:
            noms = ", ".join(actees[:NOMMEES]) + (f" et {len(actees) - NOMMEES} de plus" * (len(actees) > NOMMEES))
            messages.success(request, f"{compte(len(actees), 'entrée actée/entrées actées')} : {noms}.")
        request.session[REFUSEES] = refusees
        return retour

    return redirect(une_seule_fois(form.cleaned_data["jeton"], par=request.user, acte=acte))


def _acter(prescription, par):
    """Le refus, en une phrase, ou rien."""
    try:
        with transaction.atomic():
            prescription.acter_entree(par=par)
    except TransitionImpossible as refus:
        prescription.refresh_from_db(fields=["statut"])  # celui de l’acte annulé est resté sur l’objet
        if prescription.statut == StatutPrescription.ENTREE_ACTEE:
            return "L’entrée est déjà actée."
        return str(refus)
    return ""
