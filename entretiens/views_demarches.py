"""Les démarches, réglées ou ajoutées de n’importe où."""

from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from comptes.jetons import une_seule_fois
from comptes.permissions import exiger
from entretiens.forms import DemarcheNouvelleForm
from entretiens.models import Demarche, EtatDemarche, suit
from entretiens.permissions import DEMARCHES, peut_regler_les_demarches
from entretiens.retour import retour
from participants.models import Participant
from plie.exceptions import TransitionImpossible

DIT = {
    EtatDemarche.FAITE: "Démarche faite : « {} ».",
    EtatDemarche.ABANDONNEE: "Démarche abandonnée : « {} ».",
    EtatDemarche.A_FAIRE: "Démarche de nouveau à faire : « {} ».",
}


@require_POST
def regler(request, pk):
    """Cocher, abandonner, ou défaire (?etat=a_faire) ; le message propose d’annuler."""
    demarche = get_object_or_404(Demarche.objects.visibles_par(request.user), pk=pk)
    exiger(peut_regler_les_demarches(request.user), DEMARCHES)
    etat = request.POST.get("etat") or request.GET.get("etat") or EtatDemarche.FAITE
    suite = retour(request, reverse("dossier:participant", args=[demarche.participant_id]))
    try:
        if etat not in EtatDemarche:
            raise TransitionImpossible("Cet état n’existe pas pour une démarche.")
        demarche.regler(etat, par=request.user)
    except TransitionImpossible as refus:
        messages.error(request, str(refus))
    else:
        retour_ici = urlencode({"etat": EtatDemarche.A_FAIRE, "suite": suite}, safe="/")
        defaire = reverse("entretiens:demarche", args=[demarche.pk]) + f"?{retour_ici}"
        defaisable = f"annuler={defaire}" if etat != EtatDemarche.A_FAIRE else ""
        messages.success(request, DIT[EtatDemarche(etat)].format(demarche.quoi), extra_tags=defaisable)
    if request.htmx:
        contexte = {"demarche": demarche, "suite": suite}
        return render(request, "entretiens/demarche.html#reponse", contexte)
    return redirect(suite)


@require_http_methods(["GET", "POST"])
def nouvelle(request, participant):
    """Ajouter une démarche hors d’un entretien."""
    participant = get_object_or_404(Participant.objects.visibles_par(request.user), pk=participant)
    exiger(peut_regler_les_demarches(request.user) and suit(request.user, participant), DEMARCHES)
    suite = retour(request, reverse("dossier:participant", args=[participant.pk]))
    form = DemarcheNouvelleForm(request.POST or None, prenom=participant.prenom, depuis=timezone.localdate())
    if form.is_valid():
        return redirect(
            une_seule_fois(
                form.cleaned_data["jeton"], par=request.user, acte=lambda: _ajouter(request, form, participant, suite)
            )
        )
    contexte = {"participant": participant, "form": form, "suite": suite}
    return render(request, "entretiens/demarche_form.html", contexte, status=422 if form.is_bound else 200)


def _ajouter(request, form, participant, suite):
    saisi = form.cleaned_data
    demarche = Demarche(
        participant=participant,
        conseiller=request.user,
        quoi=saisi["quoi"],
        qui=saisi["qui"],
        pour_le=saisi["pour_le"],
    ).enregistrer(par=request.user)
    messages.success(request, f"Démarche ajoutée : « {demarche.quoi} ».")
    return suite
