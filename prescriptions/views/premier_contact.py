"""Corriger le jour du premier contact, d’où part l’horloge du premier entretien."""

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from plie.exceptions import TransitionImpossible
from prescriptions.forms import PremierContactForm
from prescriptions.permissions import INSTRUIRE, peut_instruire
from prescriptions.views.detail import a_ecrire, fiche


@require_POST
def corriger(request, pk):
    prescription = a_ecrire(request, pk, peut_instruire, INSTRUIRE)
    form = PremierContactForm(request.POST, auto_id="contact-%s")
    if not form.is_valid():
        return fiche(request, pk, {"premier_contact": form})
    try:
        prescription.corriger_le_premier_contact(par=request.user, **form.cleaned_data)
    except TransitionImpossible as refus:
        form.add_error("le", str(refus))
        return fiche(request, pk, {"premier_contact": form}, status=409)
    messages.success(request, "Premier contact corrigé : le délai du premier entretien repart de ce jour.")
    return redirect("prescriptions:detail", pk)
