"""Ce que le conseiller écrit dans la demande : avis, critères, pièces, entrée prévue, réponses."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from comptes import brouillons
from comptes.jetons import une_seule_fois
from participants import fichiers
from participants.actions import deposer
from participants.fichiers import FichierRefuse
from participants.rangement import fichiers_ou_rien
from plie.exceptions import TransitionImpossible
from plie.templatetags.interface import compte, date_longue
from prescriptions.conflits import SIEN, Conflit
from prescriptions.eligibilite import lire
from prescriptions.fiche import ECRAN_AVIS, ECRAN_ENTREE
from prescriptions.forms import AvisForm, CriteresForm, EntreeForm, JoindreForm, MessageForm, PromesseForm, ReponseForm
from prescriptions.permissions import INSTRUIRE, peut_instruire
from prescriptions.views.detail import a_ecrire, case_de, fiche

REPARTIE = "C’était la dernière réponse attendue : la demande est repartie."


@require_POST
def avis(request, pk):
    prescription = a_ecrire(request, pk, peut_instruire, INSTRUIRE)
    if request.POST.get("garder") == SIEN:
        return _renoncer(request, pk, ECRAN_AVIS)
    form = AvisForm(request.POST, auto_id="avis-%s")
    if not form.is_valid():
        return fiche(request, pk, {"avis": form})
    donnees = form.cleaned_data
    try:
        with transaction.atomic():
            prescription.verrouiller()
            if conflit := Conflit.d_avis(prescription, donnees, request.user):
                return render(request, "prescriptions/conflit.html", conflit.contexte(), status=409)
            prescription.donner_avis(par=request.user, sens=donnees["sens"], motivation=donnees["motivation"])
            brouillons.jeter(request.user, ECRAN_AVIS, prescription.pk)
    except TransitionImpossible as refus:
        messages.error(request, str(refus))
        return fiche(request, pk, {"avis": form}, status=409)
    messages.success(request, "Avis enregistré.")
    return redirect(_a(pk, "avis"))


@require_http_methods(["GET", "HEAD", "POST"])
def criteres(request, pk):
    prescription = a_ecrire(request, pk, peut_instruire, INSTRUIRE)
    lus = lire(prescription).criteres
    choisis = [critere.pk for critere in lus if critere.code != request.GET.get("sans")]
    initial = {"criteres": choisis, "lus": [critere.pk for critere in lus]}
    form = CriteresForm(request.POST or None, le=prescription.date_d_entree, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                prescription.choisir_criteres(par=request.user, **form.cleaned_data)
                repartie = prescription.completer_si_tout_est_la(par=request.user)
        except TransitionImpossible as refus:
            messages.error(request, str(refus))
        else:
            messages.success(request, REPARTIE if repartie else "Critères enregistrés : leurs pièces suivent.")
        return redirect(_a(pk, "matrice"))
    age = prescription.participant.age(prescription.date_d_entree)
    choix = [
        {"case": case, "critere": critere, "convient": critere.convient_a_l_age(age)}
        for case, critere in zip(form["criteres"], form.fields["criteres"].queryset, strict=True)
    ]
    contexte = {"prescription": prescription, "faits": _faits(prescription), "form": form, "choix": choix}
    return render(request, "prescriptions/criteres.html", contexte)


@require_http_methods(["GET", "HEAD", "POST"])
def entree(request, pk):
    prescription = a_ecrire(request, pk, peut_instruire, INSTRUIRE)
    if request.POST.get("garder") == SIEN:
        return _renoncer(request, pk, ECRAN_ENTREE)
    form = EntreeForm(request.POST or None, prescription=prescription, initial=_entree_initiale(request, prescription))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                prescription.verrouiller()
                if conflit := Conflit.d_entree(prescription, form.cleaned_data, request.user):
                    return render(request, "prescriptions/conflit.html", conflit.contexte(), status=409)
                donnees = {nom: valeur for nom, valeur in form.cleaned_data.items() if nom != "version"}
                prescription.prevoir_entree(par=request.user, **donnees)
                brouillons.jeter(request.user, ECRAN_ENTREE, prescription.pk)
        except TransitionImpossible as refus:
            messages.error(request, str(refus))
        else:
            messages.success(request, "Entrée prévue enregistrée.")
            return redirect("prescriptions:detail", pk)
    return render(
        request,
        "prescriptions/entree.html",
        {"prescription": prescription, "faits": _faits(prescription), "form": form},
    )


def _faits(prescription):
    return [{"texte": f"demande {prescription.numero}", "url": prescription.get_absolute_url()}]


def _entree_initiale(request, prescription):
    referent = prescription.referent_propose_id
    initial = {
        "version": prescription.version,
        "entree_prevue_le": prescription.entree_prevue_le,
        "referent_propose": referent if referent != prescription.conseiller_id else None,
        "referent_motif": prescription.referent_motif,
    }
    brouillon = brouillons.retrouver(request.user, ECRAN_ENTREE, prescription.pk)
    return initial | brouillon.contenu | {"version": brouillon.version_lue} if brouillon else initial


@require_POST
def joindre(request, pk):
    """Un ou plusieurs fichiers, chacun dans sa case. Ce qui est refusé est dit, sans retenir les autres."""
    prescription = a_ecrire(request, pk, peut_instruire, INSTRUIRE)
    form = JoindreForm(request.POST, request.FILES, prescription=prescription)
    if not form.is_valid():
        messages.error(request, form.premiere_erreur)
        return redirect(_a(pk, "pieces"))
    valides = _valider(request, form.par_case)

    def acte():
        for ligne, verifies in valides.items():
            piece = deposer(prescription.participant, ligne.type, *verifies, par=request.user)
            ligne.joindre(piece, par=request.user)
        if prescription.completer_si_tout_est_la(par=request.user):
            messages.success(request, REPARTIE)
        elif valides:
            messages.success(request, f"{compte(len(valides), 'pièce jointe/pièces jointes')}.")
        return _a(pk, "pieces")

    try:
        with fichiers_ou_rien():
            return redirect(une_seule_fois(form.cleaned_data["jeton"], par=request.user, acte=acte))
    except (TransitionImpossible, FichierRefuse) as refus:
        messages.error(request, str(refus))
        return redirect(_a(pk, "pieces"))


def _valider(request, par_case):
    """Lit chaque fichier hors de toute transaction. Une case dont un fichier est refusé attend : un recto seul ne vaut rien."""
    valides = {}
    for ligne, televerses in par_case.items():
        try:
            valides[ligne] = [fichiers.valider(t.name, t) for t in televerses]
        except FichierRefuse as refus:
            messages.error(request, f"{ligne.type.libelle} : {refus}")
    return valides


@require_POST
def promettre(request, pk):
    return _repondre_a_la_case(request, pk, PromesseForm, lambda ligne, donnees: ligne.promettre(
        donnees["pour_le"], par=request.user
    ), lambda donnees: f"Pièce promise pour le {date_longue(donnees['pour_le'])}.")  # fmt: skip


@require_POST
def repondre(request, pk):
    return _repondre_a_la_case(request, pk, ReponseForm, lambda ligne, donnees: ligne.repondre(
        donnees["reponse"], par=request.user
    ), lambda donnees: "Réponse enregistrée.")  # fmt: skip


def _repondre_a_la_case(request, pk, formulaire, acte, fait):
    """Une réponse à une case ; si c’était la dernière attendue, la demande repart."""
    prescription = a_ecrire(request, pk, peut_instruire, INSTRUIRE)
    ligne, form = case_de(prescription, request.POST.get("ligne", "")), formulaire(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(erreur for erreurs in form.errors.values() for erreur in erreurs))
        return redirect(_a(pk, "pieces"))
    try:
        with transaction.atomic():
            acte(ligne, form.cleaned_data)
            repartie = prescription.completer_si_tout_est_la(par=request.user)
    except TransitionImpossible as refus:
        messages.error(request, str(refus))
    else:
        messages.success(request, REPARTIE if repartie else fait(form.cleaned_data))
    return redirect(_a(pk, "pieces"))


@require_POST
def message(request, pk):
    """La réponse écrite à un retour."""
    prescription = a_ecrire(request, pk, peut_instruire, INSTRUIRE)
    form = MessageForm(request.POST)
    if not form.is_valid():
        raisons = " ".join(erreur for erreurs in form.errors.values() for erreur in erreurs)
        messages.error(request, f"Votre réponse n’est pas partie : {raisons}")
        return fiche(request, pk, {"message": form})

    def acte():
        prescription.repondre(form.cleaned_data["message"], par=request.user)
        return _a(pk, "retours")

    try:
        return redirect(une_seule_fois(form.cleaned_data["jeton"], par=request.user, acte=acte))
    except TransitionImpossible as refus:
        messages.error(request, str(refus))
        return fiche(request, pk, {"message": form}, status=409)


def _renoncer(request, pk, ecran):
    """Deux textes se faisaient face : on garde celui qui est enregistré."""
    brouillons.jeter(request.user, ecran, pk)
    messages.success(request, "Le texte enregistré est gardé.")
    return redirect("prescriptions:detail", pk)


def _a(pk, ancre):
    return reverse("prescriptions:detail", args=[pk]) + f"#{ancre}"
