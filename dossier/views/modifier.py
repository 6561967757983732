from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from comptes.models import Role
from comptes.permissions import exiger
from dossier.forms import CoordonneesForm
from dossier.fusion import reunir
from entretiens.models import suit
from journal.actions import consigner_lecture
from participants.actions import corriger
from participants.models import Participant
from plie.exceptions import ConflitDeVersion

QUI = "Seule une conseillère ou un conseiller du dossier en modifie les coordonnées."


@require_http_methods(["GET", "POST"])
def modifier(request, pk):
    """Les noms et les coordonnées. Si quelqu’un les a changés entre-temps, rien de ce qui est tapé ne se perd."""
    personne = get_object_or_404(Participant.objects.visibles_par(request.user).avec_dossier(), pk=pk)
    exiger(request.user.a_role(Role.CONSEILLER) and suit(request.user, personne), QUI)
    if request.method == "GET":
        consigner_lecture(personne, par=request.user)
    depart = {champ: getattr(personne, champ) for champ in CoordonneesForm.CHAMPS} | {"version": personne.version}
    form = CoordonneesForm(request.POST or None, initial=depart)
    if not form.is_valid():
        return _ecran(request, personne, form, status=422 if form.is_bound else 200)
    version = form.cleaned_data["version"]
    identite, conflits = reunir(form.identite(), personne, version) if version != personne.version else (None, [])
    if conflits:
        return _conflit(request, personne, form, conflits)
    try:
        _enregistrer(personne, identite or form.identite(), par=request.user)
    except ConflitDeVersion:
        return modifier(request, pk)
    messages.success(request, "Coordonnées enregistrées.")
    return redirect("dossier:participant", pk)


@transaction.atomic
def _enregistrer(personne, identite, *, par):
    vue = personne.version
    personne.verrouiller()
    personne.exiger_version(vue)
    corriger(personne, identite, par=par)


def _conflit(request, personne, form, conflits):
    """Le formulaire revient avec ce qui a été tapé, et porte la version d’aujourd’hui : l’envoyer garde le mien."""
    donnees = form.data.copy()
    donnees["version"] = personne.version
    repris = CoordonneesForm(donnees)
    repris.is_valid()
    return _ecran(request, personne, repris, status=409, conflits=conflits)


def _ecran(request, personne, form, status, conflits=()):
    contexte = {"participant": personne, "form": form, "conflits": conflits}
    return render(request, "dossier/modifier.html", contexte, status=status)
