"""L’entretien : l’ouvrir, le conduire, le clore, le corriger."""

import uuid

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from comptes import brouillons
from comptes.jetons import une_seule_fois
from comptes.middleware import AUTOMATIQUE
from comptes.permissions import exiger
from entretiens import actions, creneaux, saisie
from entretiens.cockpit import Cockpit, base, presences
from entretiens.forms import CorrectionForm, OuvertureForm
from entretiens.lecture import lecture
from entretiens.models import Entretien, GenreEntretien, MoyenRendezVous, RendezVous, StatutEntretien, suit
from entretiens.permissions import CONDUIRE, peut_conduire
from entretiens.preparation import notes_permises
from journal.actions import consigner_lecture
from participants.models import Participant
from plie.exceptions import ConflitDeVersion, TransitionImpossible
from plie.historique import lire_entier
from plie.instants import a, dans
from plie.templatetags.interface import heure
from reglages.lecture import valeur


@require_http_methods(["GET", "POST"])
def nouveau(request, participant):
    """Préparer un entretien ; le POST l’ouvre, une seule fois."""
    participant = get_object_or_404(Participant.objects.visibles_par(request.user).avec_dossier(), pk=participant)
    exiger(peut_conduire(request.user) and suit(request.user, participant), CONDUIRE)
    passes = participant.rendez_vous.filter(statut__in=actions.OUVRABLES, debut__lt=a(dans(1)))
    proposes = passes.filter(entretien=None).order_by("-debut")
    du_jour = next((r for r in proposes[:1] if r.jour == timezone.localdate()), None)
    voulu = request.GET.get("genre", "")
    depart = {
        "genre": voulu if voulu in GenreEntretien else actions.genre_probable(participant),
        "moyen": du_jour.moyen if du_jour else MoyenRendezVous.SUR_PLACE,
        "jour": timezone.localdate(),
        "rendez_vous": du_jour,
    }
    form = OuvertureForm(request.POST or None, initial=depart, participant=participant, rendez_vous=proposes)
    if form.is_valid():
        return _ouvrir(request, form, participant)
    contexte = {
        "participant": participant,
        "form": form,
        "ouverts": participant.entretiens.filter(statut=StatutEntretien.BROUILLON).select_related("conseiller"),
    }
    return render(request, "entretiens/entretien_nouveau.html", contexte, status=422 if form.is_bound else 200)


def _ouvrir(request, form, participant):
    champs = {nom: form.cleaned_data[nom] for nom in ("genre", "moyen", "jour", "rendez_vous")}

    def acte():
        entretien = actions.ouvrir(participant, par=request.user, **champs)
        return reverse("entretiens:detail", args=[entretien.pk])

    try:
        return redirect(une_seule_fois(form.cleaned_data["jeton"], par=request.user, acte=acte))
    except TransitionImpossible as refus:
        messages.error(request, str(refus))
        return redirect("entretiens:nouveau", participant.pk)


@require_POST
def ouvrir(request, pk):
    """D’un rendez-vous : ouvre son entretien, ou y retourne s’il est déjà ouvert."""
    rendez_vous = get_object_or_404(RendezVous.objects.visibles_par(request.user).select_related("participant"), pk=pk)
    exiger(peut_conduire(request.user) and suit(request.user, rendez_vous.participant), CONDUIRE)
    try:
        entretien = actions.ouvrir_du_rendez_vous(rendez_vous, par=request.user)
    except TransitionImpossible as refus:
        messages.error(request, str(refus))
        return redirect("entretiens:rendez_vous_detail", rendez_vous.pk)
    return redirect("entretiens:detail", entretien.pk)


@require_http_methods(["GET", "POST"])
def detail(request, pk):
    """GET : conduire l’entretien, ou le lire s’il est clos. POST : enregistrer sans clore."""
    entretien = _entretien(request, pk)
    if request.method == "POST":
        exiger(peut_conduire(request.user), CONDUIRE)
        return _recevoir(request, entretien, _enregistrer)
    consigner_lecture(entretien, par=request.user)
    if entretien.est_clos or not peut_conduire(request.user):
        return render(request, "entretiens/entretien_lecture.html", lecture(entretien, request.user))
    return _ecran(request, Cockpit(entretien, request.user))


@require_POST
def clore(request, pk):
    """Enregistre, clôt, fige la synthèse, et mène à la signature. Un double clic n’a qu’un effet."""
    entretien = _entretien(request, pk)
    exiger(peut_conduire(request.user), CONDUIRE)
    return _recevoir(request, entretien, _clore)


def _deja_clos_par_ce_clic(request):
    """L’adresse de la réponse quand ce formulaire a déjà clos l’entretien (double clic), ou None."""

    def acte():
        raise TransitionImpossible

    try:
        return une_seule_fois(uuid.UUID(request.POST.get("jeton", "")), par=request.user, acte=acte)
    except (TransitionImpossible, ValueError):
        return None


def _recevoir(request, entretien, acte):
    """Ce qui arrive de l’écran : réuni à ce qu’un autre a enregistré, vérifié, puis confié à `acte`.

    Rien de ce qui est tapé ne se perd : un refus re-affiche l’écran avec la saisie.
    """
    donnees, version = _sans_ligne_retiree(request.POST.dict()), lire_entier(request.POST.get("version"))
    if entretien.est_clos:
        deja = acte is _clore and _deja_clos_par_ce_clic(request)
        return redirect(deja) if deja else _trop_tard(request, entretien, donnees)
    lit = notes_permises(entretien, request.user)
    enregistre, vue = saisie.de_l_entretien(entretien), base(entretien, version)
    reunion = saisie.accorder(donnees, enregistre, vue, notes_permises=lit)
    donnees = reunion.donnees | {"version": str(entretien.version)}
    cockpit = Cockpit(entretien, request.user, donnees=donnees, conflits=reunion.conflits)
    if reunion.conflits:
        _garder(request.user, entretien, donnees | {"conflit": " ".join(c.champ for c in reunion.conflits)})
        return _ecran(request, cockpit, status=409)
    if not cockpit.lier(donnees).is_valid():
        _garder(request.user, entretien, donnees)
        return _ecran(request, cockpit, status=422)
    try:
        return acte(request, entretien, cockpit)
    except ConflitDeVersion:
        return _recevoir(request, _entretien(request, entretien.pk), acte)
    except TransitionImpossible as refus:
        if Entretien.objects.clos().filter(pk=entretien.pk).exists():  # clos entre la lecture et le verrou
            return _trop_tard(request, entretien, donnees)
        messages.error(request, str(refus))
        return redirect("entretiens:detail", entretien.pk)


def _enregistrer(request, entretien, cockpit):
    actions.enregistrer(entretien, cockpit.form, par=request.user, version=entretien.version)
    messages.success(request, f"Entretien enregistré à {heure(timezone.now())}.")
    return redirect("entretiens:detail", entretien.pk)


def _clore(request, entretien, cockpit):
    form, version = cockpit.form, entretien.version
    if doutes := _doutes_sur_le_prochain(entretien, form):
        for doute in doutes:
            form.add_error("rdv", doute)
        cockpit.a_confirmer = True
        _garder(request.user, entretien, cockpit.donnees)
        return _ecran(request, cockpit, status=422)

    def acte():
        actions.clore(entretien, form, par=request.user, version=version)
        messages.success(request, "Entretien clos : la synthèse est prête à signer.")
        voie = form.cleaned_data["signature"]
        return reverse("entretiens:signer", args=[entretien.pk]) + (f"#{voie}" if voie else "")

    try:
        return redirect(une_seule_fois(form.cleaned_data["jeton"], par=request.user, acte=acte))
    except TransitionImpossible:
        actions.enregistrer(_entretien(request, entretien.pk), form, par=request.user, version=version)
        raise


def _doutes_sur_le_prochain(entretien, form):
    debut = form.cleaned_data["debut_rdv"]
    if debut is None or form.cleaned_data["rdv_confirme"]:
        return []
    duree = entretien.rendez_vous.duree if entretien.rendez_vous_id else valeur("duree_entretien")
    return creneaux.doutes(entretien.conseiller, entretien.participant, debut, duree)


@require_POST
def brouillon(request, pk):
    """Garde ce qui se tape (RE2) ; dit qui d’autre écrit, et si l’entretien a été enregistré entre-temps."""
    entretien = _entretien(request, pk)
    exiger(peut_conduire(request.user), CONDUIRE)
    if "oublier" in request.POST:
        brouillons.jeter(request.user, actions.ECRAN, entretien.pk)
        return redirect("entretiens:detail", entretien.pk)
    saisi, refus = brouillons.nettoyer(request.POST.dict())
    version, reponse = lire_entier(request.POST.get("version")), {}
    if AUTOMATIQUE not in request.headers:  # une page ouverte où rien ne se tape n’est pas une présence
        deja = brouillons.retrouver(request.user, actions.ECRAN, entretien.pk)
        if brouillons.ecrit_ailleurs(deja, saisi, request.headers.get("X-Plie-Lu", "")):
            return JsonResponse({"ailleurs": heure(deja.enregistre_le)}, status=409)
        garde = brouillons.garder(request.user, actions.ECRAN, saisi, objet_id=entretien.pk, version=version)
        reponse |= {"enregistre_a": heure(garde.enregistre_le), "lu": garde.enregistre_le.timestamp()}
    if entretien.est_clos or version != entretien.version:
        return JsonResponse(reponse | {"conflit": reverse("entretiens:detail", args=[entretien.pk])}, status=409)
    autres = presences(brouillons.autres_auteurs(request.user, actions.ECRAN, entretien.pk), request.user)
    avis = [refus] if refus else []
    avis += [
        f"{autre['nom']} modifie aussi cet entretien depuis {heure(autre['depuis'])}. Vos deux textes sont gardés."
        for autre in autres
    ]
    return JsonResponse(reponse | ({"avis": " ".join(avis)} if avis else {}))


@require_http_methods(["GET", "POST"])
def corriger(request, pk):
    """Corriger une synthèse remise : une nouvelle version, à signer de nouveau ; l’ancienne reste lisible."""
    entretien = _entretien(request, pk)
    exiger(peut_conduire(request.user), CONDUIRE)
    if not entretien.est_clos or not entretien.syntheses.exists():
        messages.error(request, "Il n’y a pas de synthèse remise à corriger.")
        return redirect("entretiens:detail", entretien.pk)
    if request.method == "GET":
        consigner_lecture(entretien, par=request.user)
    depart = {nom: getattr(entretien, nom) for nom in ("objectif", "point", "synthese", "version")}
    form = CorrectionForm(request.POST or None, initial=depart)
    if not form.is_valid():
        return _ecran_de_correction(request, entretien, form, status=422 if form.is_bound else 200)

    def acte():
        saisi = form.cleaned_data
        actions.corriger(entretien, form.textes(), par=request.user, version=saisi["version"], motif=saisi["motif"])
        messages.success(request, "Nouvelle version prête : elle est à signer de nouveau.")
        return reverse("entretiens:signer", args=[entretien.pk])

    try:
        return redirect(une_seule_fois(form.cleaned_data["jeton"], par=request.user, acte=acte))
    except ConflitDeVersion:
        form.add_error(
            None, "Une autre correction vient d’être faite : relisez le texte ci-contre, le vôtre est gardé ici."
        )
        return _ecran_de_correction(request, _entretien(request, pk), form, status=409, relue=True)
    except TransitionImpossible as refus:
        form.add_error(None, str(refus))
        return _ecran_de_correction(request, entretien, form, status=409)


def _ecran_de_correction(request, entretien, form, status, *, relue=False):
    """`relue` : la page montre la dernière version, l’envoi suivant en part ; sinon, de celle que l’auteur avait lue."""
    actuelle = entretien.syntheses.select_related("document").prefetch_related("document__signatures").first()
    contexte = {"entretien": entretien, "participant": entretien.participant, "form": form, "actuelle": actuelle}
    contexte["version"] = entretien.version if relue else form["version"].value()
    return render(request, "entretiens/correction.html", contexte, status=status)


def _entretien(request, pk):
    return get_object_or_404(Entretien.objects.visibles_par(request.user).avec_dossier(), pk=pk)


def _ecran(request, cockpit, status=200):
    return render(request, "entretiens/entretien.html", cockpit.contexte(), status=status)


def _trop_tard(request, entretien, donnees):
    """Un autre a clos pendant que l’on écrivait : le texte est gardé et montré, il peut servir à une correction."""
    _garder(request.user, entretien, donnees)
    messages.error(request, "Cet entretien a été clos entre-temps. Votre texte est gardé ci-dessous.")
    return redirect("entretiens:detail", entretien.pk)


def _garder(utilisateur, entretien, donnees):
    brouillons.garder(
        utilisateur, actions.ECRAN, donnees, objet_id=entretien.pk, version=lire_entier(donnees.get("version"))
    )


def _sans_ligne_retiree(donnees):
    """Sans script, la croix d’une démarche est un bouton d’envoi : on retire sa ligne."""
    rang = lire_entier(donnees.pop("retirer", None))
    if rang is not None:
        donnees |= {f"demarche-{rang}-quoi": ""}
    return donnees
