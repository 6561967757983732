"""Les verbes de la demande : une adresse chacun, en POST. Refusé, un verbe dit pourquoi ; deux fois, il n’agit qu’une."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from comptes.jetons import une_seule_fois
from comptes.models import Role
from comptes.permissions import exiger
from plie.exceptions import TransitionImpossible
from prescriptions import permissions
from prescriptions.eligibilite import lire
from prescriptions.forms import AccordForm, ActeForm, ConfierForm, RefusForm, RenvoiForm, RouvrirForm, SansSuiteForm
from prescriptions.models import Prescription
from prescriptions.views import controle, detail


@dataclass(frozen=True)
class Verbe:
    """Qui peut, ce qu’on lui répond sinon, la phrase du succès, et le formulaire s’il en faut un."""

    permis: Callable
    raison: str
    fait: str
    formulaire: Callable | None = None


VERBES = {
    "confier": Verbe(
        permissions.peut_confier,
        permissions.CONFIER,
        "Demande {n} confiée à l’antenne.",
        lambda prescription, data: ConfierForm(data, auto_id="confier-%s"),
    ),
    "prendre_en_charge": Verbe(
        permissions.peut_instruire,
        permissions.INSTRUIRE,
        "Demande {n} prise en charge. Proposez un rendez-vous à la personne.",
    ),
    "transmettre": Verbe(permissions.peut_instruire, permissions.INSTRUIRE, "Demande {n} transmise."),
    "completer": Verbe(
        permissions.peut_completer, permissions.COMPLETER, "Demande {n} complétée : elle est repartie."
    ),
    "valider_pertinence": Verbe(
        permissions.peut_valider, permissions.VALIDER, "Pertinence validée : la demande {n} est au contrôle."
    ),
    "renvoyer": Verbe(
        permissions.peut_decider,
        permissions.RENVOYER,
        "Demande {n} renvoyée au conseiller.",
        lambda prescription, data: RenvoiForm(data, auto_id="renvoyer-%s", lignes=lire(prescription).utiles()),
    ),
    "accorder": Verbe(
        permissions.peut_controler,
        permissions.CONTROLER,
        "Demande {n} accordée.",
        lambda prescription, data: AccordForm(data, auto_id="accorder-%s"),
    ),
    "rouvrir_controle": Verbe(
        permissions.peut_rouvrir,
        permissions.ROUVRIR,
        "Le contrôle de la demande {n} est rouvert.",
        lambda prescription, data: RouvrirForm(data, auto_id="rouvrir_controle-%s"),
    ),
    "refuser": Verbe(
        permissions.peut_decider,
        permissions.REFUSER,
        "Demande {n} refusée.",
        lambda prescription, data: RefusForm(data, auto_id="refuser-%s"),
    ),
    "classer_sans_suite": Verbe(
        permissions.peut_instruire,
        permissions.INSTRUIRE,
        "Demande {n} classée sans suite.",
        lambda prescription, data: SansSuiteForm(data, auto_id="classer_sans_suite-%s"),
    ),
}


@require_POST
def verbe(request, pk, nom):
    regle = VERBES[nom]
    visibles = Prescription.objects.visibles_par if nom == "completer" else Prescription.objects.instruites_par
    prescription = get_object_or_404(visibles(request.user), pk=pk)
    exiger(regle.permis(request.user, prescription), regle.raison)
    form = regle.formulaire and regle.formulaire(prescription, request.POST)
    if form and not form.is_valid():
        return _reprendre(request, pk, {nom: form}, 200)
    annoncee = controle.suivante(request, prescription) if controle.vient_du_controle(request) else None
    try:
        _agir(request, prescription, nom, form)
    except TransitionImpossible as refus:
        messages.error(request, str(refus))
        if form and any(form.cleaned_data.values()):
            return _reprendre(request, pk, {nom: form}, 409)
        return _retour(request, pk)
    messages.success(request, regle.fait.format(n=prescription.numero))
    return _suite(request, pk, annoncee)


@transaction.atomic
def _agir(request, prescription, nom, form):
    """Sous verrou : qui peut dépend de l’état, et l’on ne décide que de la demande que l’on a lue.

    Le verbe parle d’abord : son refus (« n’attend plus la validation ») est plus précis que « a changé ».
    """
    prescription.verrouiller()
    lue = prescription.statut_depuis.isoformat()
    if not VERBES[nom].permis(request.user, prescription):
        raise TransitionImpossible(VERBES[nom].raison)
    getattr(prescription, nom)(par=request.user, **_arguments(form))
    if request.GET.get("lue", lue) != lue:
        raise TransitionImpossible("Cette demande a changé depuis que vous l’avez ouverte : relisez-la.")


@require_POST
def acter_entree(request, pk):
    prescription = detail.a_ecrire(request, pk, permissions.peut_acter, permissions.ACTER)
    if not (prescription.referent_propose or prescription.conseiller):
        messages.error(request, "Cette demande n’a pas de conseiller : elle ne peut pas être actée.")
        return redirect("prescriptions:detail", pk)
    form = ActeForm(request.POST, auto_id="acter_entree-%s", prescription=prescription)
    if not form.is_valid():
        return detail.fiche(request, pk, {"acter_entree": form})

    def acte():
        prescription.acter_entree(
            par=request.user, referent=form.cleaned_data["referent"], motif=form.cleaned_data["motif"]
        )
        messages.success(request, f"Entrée actée : le parcours de la demande {prescription.numero} est ouvert.")
        return reverse("prescriptions:detail", args=[pk])

    try:
        return redirect(une_seule_fois(form.cleaned_data["jeton"], par=request.user, acte=acte))
    except TransitionImpossible as refus:
        messages.error(request, str(refus))
        return detail.fiche(request, pk, {"acter_entree": form}, status=409)


def _arguments(form):
    if form is None:
        return {}
    return form.arguments() if hasattr(form, "arguments") else form.cleaned_data


def _reprendre(request, pk, formulaires, status):
    """La page d’où l’on vient, avec ce qui a été tapé et ce qui ne va pas."""
    if controle.vient_du_controle(request):
        return controle.page(request, pk, formulaires, status=status)
    return detail.fiche(request, pk, formulaires, status=status)


def _retour(request, pk):
    if controle.vient_du_controle(request):
        return redirect(controle.adresse(request, pk))
    if not request.user.a_role(*permissions.ECRAN) and request.user.a_role(Role.PRESCRIPTEUR):
        return redirect("orientations:detail", pk)
    return redirect("prescriptions:detail", pk)


def _suite(request, pk, annoncee):
    """Après un contrôle, le dossier suivant de la file."""
    if controle.vient_du_controle(request):
        return redirect(controle.adresse_suivante(request, annoncee))
    return _retour(request, pk)
