"""Poser un rendez-vous, dire ce qu’il est devenu, inviter la personne."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptes.jetons import une_seule_fois
from comptes.permissions import exiger
from documents.reponses import reponse_pdf
from entretiens import actions
from entretiens.forms import RendezVousForm
from entretiens.models import PRESENCES, MoyenRendezVous, RendezVous, StatutRendezVous, suit
from entretiens.permissions import AGENDA, peut_tenir_l_agenda
from entretiens.retour import retour
from journal.actions import consigner_lecture
from participants.models import Participant
from plie.exceptions import ConflitDeVersion, TransitionImpossible
from plie.templatetags.interface import date_longue, heure
from territoire.models import Antenne

NOTES = [statut for statut in StatutRendezVous if statut != StatutRendezVous.PREVU]


@require_http_methods(["GET", "POST"])
def rendez_vous(request, participant):
    """Poser un rendez-vous avec soi-même. Une hésitation se confirme, elle n’empêche rien."""
    participant = get_object_or_404(Participant.objects.visibles_par(request.user).avec_dossier(), pk=participant)
    exiger(peut_tenir_l_agenda(request.user) and suit(request.user, participant), AGENDA)
    depart = {
        "moyen": MoyenRendezVous.SUR_PLACE,
        "antenne": participant.antenne or request.user.antenne,
        "jour": request.GET.get("jour", ""),
        "heure": request.GET.get("heure", ""),
        "objet": request.GET.get("objet", "")[:120],
    }
    return _saisir(request, participant, depart, _poser)


@require_http_methods(["GET", "POST"])
def deplacer(request, pk):
    """Le même rendez-vous, à un autre moment ou ailleurs."""
    rdv = _rendez_vous(request, pk)
    exiger(peut_tenir_l_agenda(request.user) and suit(request.user, rdv.participant), AGENDA)
    if request.method == "GET":
        consigner_lecture(rdv, par=request.user)
    debut = timezone.localtime(rdv.debut)
    depart = {nom: getattr(rdv, nom) for nom in ("version", "duree", "moyen", "antenne", "lieu", "objet")}
    depart |= {"jour": request.GET.get("jour") or debut.date(), "heure": request.GET.get("heure") or debut.time()}
    try:
        return _saisir(request, rdv.participant, depart, _deplacer, rdv)
    except TransitionImpossible as refus:
        messages.error(request, str(refus))
        return redirect("entretiens:rendez_vous_detail", rdv.pk)
    except ConflitDeVersion:
        return _saisir(request, rdv.participant, depart, _deplacer, rdv, change=True)


def _saisir(request, participant, depart, acte, deplace=None, change=False):
    """L’écran des deux : ce qui fait hésiter se confirme, puis `acte(request, form)` se fait une seule fois.

    `change` : quelqu’un a déplacé ce rendez-vous entre-temps. Ce qui est tapé reste, avec la version d’aujourd’hui.
    """
    donnees = request.POST.copy() if request.POST else None
    if change:
        deplace.refresh_from_db()
        donnees["version"] = deplace.version
    form = RendezVousForm(
        donnees,
        initial=depart,
        participant=participant,
        conseiller=deplace.conseiller if deplace else request.user,
        antennes=Antenne.objects.filter(ouverte=True),
        deplace=deplace,
    )
    if form.is_valid() and not form.a_confirmer and not change:
        return redirect(une_seule_fois(form.cleaned_data["jeton"], par=request.user, acte=lambda: acte(request, form)))
    prevus = participant.rendez_vous.a_venir().select_related("conseiller", "antenne")
    contexte = {
        "participant": participant,
        "form": form,
        "deplace": deplace,
        "change": change,
        "prevus": prevus.exclude(pk=deplace.pk if deplace else None)[:5],
        "creneaux": actions.creneaux_libres(participant, form.conseiller),
        "doutes": form.doutes if form.is_bound and not form.errors else [],
    }
    return render(
        request, "entretiens/rendez_vous_form.html", contexte, status=409 if change else 422 if form.errors else 200
    )


def _poser(request, form):
    rdv = form.rendez_vous().enregistrer(par=request.user)
    messages.success(request, f"Rendez-vous posé {date_longue(rdv.debut)} à {heure(rdv.debut)}.")
    return reverse("entretiens:rendez_vous_detail", args=[rdv.pk])


def _deplacer(request, form):
    rdv = form.deplace
    rdv.deplacer(form.faits, par=request.user, version=form.cleaned_data["version"])
    messages.success(request, f"Rendez-vous déplacé : {date_longue(rdv.debut)} à {heure(rdv.debut)}.")
    return reverse("entretiens:rendez_vous_detail", args=[rdv.pk])


@require_safe
def detail(request, pk):
    """Un rendez-vous : où, quand, avec qui, et ce que l’on peut en faire."""
    rdv = _rendez_vous(request, pk)
    consigner_lecture(rdv, par=request.user)
    peut = peut_tenir_l_agenda(request.user) and suit(request.user, rdv.participant)
    entretien = getattr(rdv, "entretien", None)
    venu, a_venir = rdv.jour <= timezone.localdate(), rdv.debut > timezone.now()
    contexte = {
        "rdv": rdv,
        "participant": rdv.participant,
        "entretien": entretien,
        "choix": [(s.value, s.label) for s in NOTES if venu or s not in PRESENCES] if peut and rdv.est_prevu else [],
        "peut_reprendre": peut and not rdv.est_prevu and entretien is None,
        "manque": peut and rdv.statut not in actions.OUVRABLES,
        "peut_ouvrir": peut and venu and rdv.statut in actions.OUVRABLES,
        "peut_inviter": peut and rdv.est_prevu and a_venir,
        "peut_deplacer": peut and rdv.peut_se_deplacer,
    }
    return render(request, "entretiens/rendez_vous.html", contexte)


@require_POST
def noter(request, pk):
    """Honoré, absent, excusé, annulé : d’un geste, de la page du rendez-vous ou de la journée ; « prévu » le défait."""
    rdv = _rendez_vous(request, pk)
    exiger(peut_tenir_l_agenda(request.user) and suit(request.user, rdv.participant), AGENDA)
    statut = request.POST.get("statut")
    try:
        if statut == StatutRendezVous.PREVU and not rdv.est_prevu:
            rdv.reprendre(par=request.user)
        elif statut in NOTES:
            actions.noter(rdv, StatutRendezVous(statut), par=request.user)
        else:
            raise TransitionImpossible("Choisissez ce que ce rendez-vous est devenu.")
    except TransitionImpossible as refus:
        messages.error(request, str(refus))
    else:
        fait = "Rendez-vous de nouveau prévu" if rdv.est_prevu else f"Rendez-vous noté : {rdv.get_statut_display()}"
        messages.success(request, f"{fait}.")
    return redirect(retour(request, reverse("entretiens:rendez_vous_detail", args=[rdv.pk])))


@require_http_methods(["GET", "POST"])
def convocation(request, pk):
    """POST : fige l’invitation (une seule fois). GET : son PDF."""
    rdv = _rendez_vous(request, pk)
    if request.method == "POST":
        exiger(peut_tenir_l_agenda(request.user) and suit(request.user, rdv.participant), AGENDA)
        try:
            actions.inviter(rdv, par=request.user)
        except TransitionImpossible as refus:
            messages.error(request, str(refus))
            return redirect("entretiens:rendez_vous_detail", rdv.pk)
        return redirect("entretiens:convocation", rdv.pk)
    if rdv.convocation is None:
        return redirect("entretiens:rendez_vous_detail", rdv.pk)
    return reponse_pdf(request, rdv.convocation, f"invitation-{rdv.convocation.code}")


def _rendez_vous(request, pk):
    return get_object_or_404(RendezVous.objects.visibles_par(request.user).avec_dossier(), pk=pk)
