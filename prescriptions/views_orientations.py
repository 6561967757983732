"""L’écran du partenaire : orienter, suivre, répondre ; et le même formulaire quand un conseiller ouvre la demande."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptes.jetons import AvecJeton, nouveau_jeton, une_seule_fois
from comptes.models import Role
from comptes.permissions import exiger, reserve_a
from journal.actions import consigner, consigner_lecture
from journal.models import Acte
from partenaires.models import organisation_de
from participants import fichiers
from participants.champs import ChampDate
from participants.fichiers import FichierRefuse
from participants.models import Participant
from participants.rangement import fichiers_ou_rien
from plie.exceptions import TransitionImpossible
from plie.historique import lire_cle
from plie.templatetags.interface import jour_mois
from prescriptions import orientations
from prescriptions.actions import joindre_piece, orienter
from prescriptions.exports import classeur_des_orientations
from prescriptions.listes_orientations import Liste
from prescriptions.saisie_orientation import FRAGMENTS, Saisie

SANS_ORGANISATION = "Votre compte n’est rattaché à aucune organisation active : demandez-le à l’administrateur."
MES_DERNIERES = 9


@reserve_a(Role.PRESCRIPTEUR)
@require_safe
def liste(request):
    page = Liste(request.user, _organisation(request), request.GET)
    orienter_une_personne = {
        "texte": "Orienter une personne",
        "url": reverse("orientations:nouvelle"),
        "icone": "send",
    }
    contexte = {
        "liste": page,
        "organisation": page.organisation,
        "actes": [orienter_une_personne | {"genre": "principal", "touche": "n"}],
        "acte_vide": orienter_une_personne,
    }
    return render(request, "orientations/liste.html", contexte)


@reserve_a(Role.PRESCRIPTEUR)
@require_safe
def export(request):
    page = Liste(request.user, _organisation(request), request.GET)
    fichier, nombre = classeur_des_orientations(page.demandes)
    consigner(Acte.EXPORT, par=request.user, motif=f"{nombre} orientations de {page.organisation}")
    nom = f"orientations-{timezone.localdate():%Y-%m-%d}.xlsx"
    return FileResponse(fichier, as_attachment=True, filename=nom)


@reserve_a(Role.PRESCRIPTEUR)
@require_http_methods(["GET", "HEAD", "POST"])
def nouvelle(request):
    organisation = _organisation(request)
    saisie = Saisie(request, "orientation", organisation=organisation)
    dernieres = Liste(request.user, organisation, {}, taille=MES_DERNIERES)
    return _saisir(request, saisie, {"liste": dernieres, "interne": False})


@reserve_a(Role.CONSEILLER)
@require_http_methods(["GET", "HEAD", "POST"])
def nouvelle_interne(request):
    """Un conseiller ouvre la demande : une personne venue d’elle-même, ou rencontrée ; ?participant= depuis un dossier."""
    participant = None
    if cle := request.GET.get("participant"):
        visibles = Participant.objects.visibles_par(request.user).avec_dossier()
        participant = get_object_or_404(visibles, pk=lire_cle(cle))
    saisie = Saisie(request, "ouverture-dossier" if participant else "ouverture", participant=participant)
    return _saisir(request, saisie, {"interne": True})


@reserve_a(Role.PRESCRIPTEUR)
@require_safe
def detail(request, pk):
    demande = _mienne(request, pk)
    consigner_lecture(demande, par=request.user)
    return _fiche(request, demande)


@reserve_a(Role.PRESCRIPTEUR)
@require_POST
def joindre(request, pk):
    """Une pièce, de un ou plusieurs fichiers, dans une case ; refusée, elle l’est avec sa raison, à côté de la case."""
    demande = _mienne(request, pk)
    ligne = next((x for x in demande.cases if str(x.pk) == request.POST.get("ligne")), None)
    form, televerses = AvecJeton(request.POST), request.FILES.getlist("piece")
    try:
        if not form.is_valid():
            raise TransitionImpossible("Ce formulaire est arrivé incomplet : joignez de nouveau la pièce.")
        if not televerses:
            raise FichierRefuse("Choisissez le fichier à joindre.")
        etablie_le = _date_de_piece(request.POST.get("etablie_le", ""))
        valides = [fichiers.valider(t.name, t) for t in televerses]
        with fichiers_ou_rien():
            jeton, acte = form.cleaned_data["jeton"], lambda: _joindre(request, demande, ligne, valides, etablie_le)
            return redirect(une_seule_fois(jeton, par=request.user, acte=acte))
    except FichierRefuse as refus:
        return _fiche(request, demande, erreur=(ligne, str(refus)))
    except TransitionImpossible as refus:
        messages.error(request, str(refus))
    return redirect("orientations:detail", pk)


def _joindre(request, demande, ligne, valides, etablie_le):
    if ligne is None or not orientations.peut_recevoir(demande, ligne):
        raise TransitionImpossible("Cette pièce n’est plus attendue.")
    repartie = joindre_piece(ligne, *valides, par=request.user, etablie_le=etablie_le)
    suite = "Tout y est : la demande repart." if repartie else "L’antenne la verra tout de suite."
    messages.success(request, f"Pièce jointe. {suite}")
    return reverse("orientations:detail", args=[demande.pk])


def _saisir(request, saisie, contexte):
    """Affiche, garde les fichiers, répond aux fragments, envoie : ce que les deux écrans font de la même saisie."""
    if "recommencer" in request.POST:
        saisie.recommencer()
        return redirect(request.get_full_path())
    if request.method == "POST":
        saisie.recevoir(request.POST, request.FILES)
        fragment = request.GET.get("fragment") if request.htmx else ""
        if fragment in FRAGMENTS:
            return render(request, f"orientations/nouvelle.html#{fragment}", saisie.contexte(fragment) | contexte)
        if not saisie.pas_encore:
            prete = saisie.est_prete()
            if adresse := saisie.reponse_deja_donnee or (prete and _envoyer(request, saisie)):
                return redirect(adresse)
        saisie.garder()
    return render(request, "orientations/nouvelle.html", saisie.contexte() | contexte)


def _envoyer(request, saisie):
    """L’adresse de la demande ouverte ; rien quand l’envoi est refusé : le formulaire le dit."""
    jeton = saisie.form.cleaned_data["jeton"]
    try:
        with fichiers_ou_rien():
            return une_seule_fois(jeton, par=request.user, acte=lambda: _acte(request, saisie))
    except (TransitionImpossible, FichierRefuse) as refus:
        saisie.form.add_error(None, str(refus))
        return ""


def _acte(request, saisie):
    demande = orienter(par=request.user, **saisie.pour_orienter())
    saisie.oublier()
    if saisie.organisation:
        messages.success(request, f"Orientation envoyée : demande {demande.numero}. {saisie.suite(demande)}")
        return reverse("orientations:detail", args=[demande.pk])
    messages.success(request, f"Demande {demande.numero} ouverte. {saisie.suite(demande)}")
    visible = type(demande).objects.instruites_par(request.user).filter(pk=demande.pk).exists()
    return demande.get_absolute_url() if visible else reverse("prescriptions:liste")


def _fiche(request, demande, erreur=(None, "")):
    miennes = [x.piece for x in demande.cases if x.piece_id and x.piece.deposee_par_id == request.user.pk]
    prefetch_related_objects(miennes, "suites")
    cases = [
        {
            "ligne": ligne,
            "ouverte": orientations.peut_recevoir(demande, ligne),
            "attendue": ligne in orientations.attendues(demande),
            "feuilles": ligne.piece.feuilles if ligne.piece in miennes else [],
            "erreur": erreur[1] if ligne == erreur[0] else "",
            "date": request.POST.get("etablie_le", "") if ligne == erreur[0] else "",
        }
        for ligne in demande.cases
    ]
    contexte = {
        "demande": demande,
        "etat": orientations.etat_de(demande),
        "jeton": nouveau_jeton(),
        "frise": orientations.frise(demande),
        "demandees": [case for case in cases if case["attendue"]],
        "autres": [case for case in cases if not case["attendue"]],
        "faits": [{"texte": f"demande {demande.numero}"}, {"texte": f"orientée le {jour_mois(demande.orientee_le)}"}],
        "actes": [{"texte": "Mes orientations", "url": reverse("orientations:liste"), "icone": "list-check"}],
        "envoye": orientations.ce_qui_a_ete_envoye(demande),
    }
    return render(request, "orientations/detail.html", contexte)


def _mienne(request, pk):
    """La demande de l’organisation, ou 404."""
    return get_object_or_404(orientations.suivies_par(request.user), pk=pk)


def _organisation(request):
    organisation = organisation_de(request.user)
    exiger(organisation is not None, SANS_ORGANISATION)
    return organisation


def _date_de_piece(texte):
    """Lève FichierRefuse quand la date tapée n’existe pas ou est à venir."""
    try:
        date = ChampDate(required=False).clean(texte)
    except ValidationError as refus:
        raise FichierRefuse(refus.messages[0]) from None
    if date and date > timezone.localdate():
        raise FichierRefuse("La date de la pièce est à venir.")
    return date
