"""La synthèse remise : la lire, la signer ; le livret d’information."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from comptes.permissions import exiger
from documents import actions as documents
from documents.models import Document, GenreDocument, RoleSignataire, StatutSignature
from documents.permissions import peut_recueillir, peut_signer
from documents.production import GABARITS, contexte
from documents.rendu import RenduImpossible, composer, rendre_pdf
from documents.reponses import en_preparation, pdf, reponse_pdf
from entretiens import contenu
from entretiens.forms import PapierForm, RefusForm, SignatureForm
from entretiens.models import Entretien, Synthese
from journal.actions import consigner_lecture
from participants import fichiers
from participants.actions import deposer
from participants.fichiers import FichierRefuse
from participants.models import SYNTHESE_SIGNEE, TypePiece
from participants.rangement import fichiers_ou_rien
from plie.exceptions import TransitionImpossible
from plie.historique import lire_entier

SCELLEE = "Synthèse scellée : plus rien ne change. Remettez le PDF à la personne."
CORRIGEE = (
    "La synthèse a été corrigée entre-temps : rien n’a été gardé. Relisez ci-contre la version {}, qui la remplace, "
    "puis recommencez."
)
SIGNATURES = "Seule une conseillère ou un conseiller recueille des signatures."


@require_safe
def synthese(request, pk):
    """Le PDF de la synthèse ; ?version=1 pour une version remplacée, ?telecharger pour le garder."""
    versions = Synthese.objects.visibles_par(request.user).filter(entretien=pk).select_related("document")
    if numero := request.GET.get("version"):
        versions = versions.filter(numero=lire_entier(numero) or 0)
    version = get_object_or_404(versions.order_by("-numero")[:1])
    return reponse_pdf(request, version.document, f"synthese-{version.document.code}-{version.numero}")


@require_safe
def livret(request):
    """Le livret d’information, au nom de qui le remet."""
    fiche = contenu.livret(request.user)
    code, version = fiche["document"]["code"], fiche["document"]["version"]
    try:
        octets = rendre_pdf(composer(GABARITS[GenreDocument.LIVRET], fiche), code=code, version=version)
    except RenduImpossible as refus:
        return en_preparation(request, refus)
    return pdf(octets, "livret-d-information")


@require_http_methods(["GET", "POST"])
def signer(request, pk):
    """L’écran partagé : lire, dire si l’on est d’accord, signer ; ou papier, ou refus noté."""
    entretien = get_object_or_404(Entretien.objects.visibles_par(request.user).avec_dossier(), pk=pk)
    exiger(peut_recueillir(request.user), SIGNATURES)
    version = (
        entretien.syntheses.select_related("document").prefetch_related("document__signatures__utilisateur").first()
    )
    if version is None:
        messages.error(request, "Il n’y a pas encore de synthèse à signer : l’entretien est à clore.")
        return redirect("entretiens:detail", entretien.pk)
    if request.method == "POST":
        if request.POST.get("document") != str(version.document_id):
            return _autre_version(request, entretien, version)
        acte = {"refuser": _refuser, "papier": _papier}.get(request.POST.get("acte"), _signer)
        return acte(request, entretien, version)
    consigner_lecture(version.document, par=request.user)
    return _ecran(request, entretien, version)


def _autre_version(request, entretien, version):
    """On ne signe, ne refuse et ne joint que pour le texte que l’on a sous les yeux. Le mot tapé reste ; le tracé se refait."""
    consigner_lecture(version.document, par=request.user)
    return _ecran(request, entretien, version, mots=request.POST, manque=CORRIGEE.format(version.numero), status=409)


def _signer(request, entretien, version):
    document = version.document
    if document.est_scelle:  # second clic
        return _apres(request, entretien, document, SCELLEE)
    posees = [f for f in _formulaires(request, document, request.POST) if f.est_posee]
    if not posees or not all(f.is_valid() for f in posees):
        manque = "" if posees else "Il manque une signature : signez dans un cadre, ou tapez le nom."
        return _ecran(request, entretien, version, signatures=request.POST, manque=manque, status=422)
    try:
        documents.signer(document, par=request.user, signatures={f.role: f.signature() for f in posees})
    except TransitionImpossible as refus:
        messages.error(request, str(refus))
        return redirect("entretiens:signer", entretien.pk)
    return _apres(
        request, entretien, document, "Synthèse scellée : plus rien ne change. Remettez le PDF à la personne."
    )


def _refuser(request, entretien, version):
    form = RefusForm(request.POST)
    if not form.is_valid():
        return _ecran(request, entretien, version, refus=form, status=422)
    try:
        documents.refuser(version.document, par=request.user, motif=form.cleaned_data["motif"])
    except TransitionImpossible as refus:
        return _deja(request, entretien, version.document, refus)
    return _apres(
        request,
        entretien,
        version.document,
        "La raison est notée. La personne reçoit quand même sa synthèse.",
        fait="Refus noté.",
    )


def _papier(request, entretien, version):
    form = PapierForm(request.POST, request.FILES)
    try:
        if not form.is_valid():
            raise FichierRefuse(form.errors["papier"][0])
        papier, genre = form.cleaned_data["papier"], TypePiece.objects.get(code=SYNTHESE_SIGNEE)
        fichier = fichiers.valider(papier.name, papier)
        with fichiers_ou_rien(), transaction.atomic():
            piece = deposer(entretien.participant, genre, fichier, par=request.user)
            documents.recevoir_papier(version.document, par=request.user, piece=piece)
    except FichierRefuse as refus:
        return _ecran(request, entretien, version, papier_refuse=str(refus), status=422)
    except TransitionImpossible as refus:
        return _deja(request, entretien, version.document, refus)
    return _apres(request, entretien, version.document, "La page signée est jointe : la synthèse est scellée.")


def _deja(request, entretien, document, refus):
    """Un autre clic, ou une autre session, a fait la même chose un instant plus tôt."""
    if Document.objects.avec_signatures().get(pk=document.pk).est_scelle:
        return _apres(request, entretien, document, SCELLEE)
    messages.error(request, str(refus))
    return redirect("entretiens:signer", entretien.pk)


def _apres(request, entretien, document, phrase, fait="Signature gardée."):
    frais = Document.objects.avec_signatures().get(pk=document.pk)
    if frais.est_signe:
        messages.success(request, phrase)
        return redirect("entretiens:detail", entretien.pk)
    manque = ", ".join(s.nom for s in frais.signatures.all() if not s.est_reglee)
    messages.success(request, f"{fait} Il reste à signer : {manque}.")
    return redirect("entretiens:signer", entretien.pk)


def _formulaires(request, document, donnees=None, mots=None):
    """Un formulaire par signature que cette session peut recueillir ; `mots` : un envoi dont seul le mot est repris."""
    return [
        SignatureForm(donnees, role=s.role, nom=s.nom, initial={"mot": (mots or {}).get(f"{s.role}_mot", "")})
        for s in document.signatures.all()
        if not s.est_signee and peut_signer(request.user, s)
    ]


def _ecran(
    request, entretien, version, *, signatures=None, mots=None, refus=None, papier_refuse="", manque="", status=200
):
    document = version.document
    formulaires = {f.role: f for f in _formulaires(request, document, signatures, mots)}
    for form in formulaires.values():
        if form.is_bound and form.est_posee:
            form.is_valid()
    personne = next(s for s in document.signatures.all() if s.role == RoleSignataire.PERSONNE)
    page = {
        "entretien": entretien,
        "version": version,
        "document": document,
        "fiche": contexte(document)["document"],
        "complet": request.POST.get("texte") == "complet",
        "cases": [(s, formulaires.get(s.role)) for s in document.signatures.all()],
        "a_poser": list(formulaires.values()),
        "refusees": [s.role for s in document.signatures.all() if s.statut == StatutSignature.REFUS],
        "refus": None if personne.est_signee else refus or RefusForm(),
        "papier_refuse": papier_refuse,
        "manque": manque,
        "scelle": document.est_scelle,
        "url": reverse("entretiens:signer", args=[entretien.pk]),
        "erreurs": [e for f in formulaires.values() if f.is_bound and f.est_posee for e in f.errors.values()],
    }
    return render(request, "entretiens/signature.html", page, status=status)
