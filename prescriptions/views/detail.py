"""La fiche d’une demande, et ce que le conseiller y écrit."""

from django.db.models import Prefetch, UUIDField
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from comptes.permissions import exiger
from journal.actions import consigner_lecture
from plie.historique import lire_cle
from plie.requetes import gardee
from prescriptions.fiche import Fiche
from prescriptions.models import Avis, Prescription, Retour


@require_safe
def detail(request, pk):
    reponse = fiche(request, pk)
    consigner_lecture(reponse.prescription, par=request.user)
    return reponse


def fiche(request, pk, formulaires=None, status=200):
    """La page de la demande, relue de la base ; `formulaires` : {verbe: formulaire lié} à remontrer."""
    prescription = a_lire(request, pk)
    contexte = Fiche(prescription, request.user, formulaires).contexte()
    reponse = render(request, "prescriptions/detail.html", contexte, status=status)
    reponse.prescription = prescription
    return reponse


def a_lire(request, pk):
    """404 hors du périmètre."""
    trouvees = _a_lire(request.user, pk=pk)
    if not trouvees:
        raise Http404
    return trouvees[0]


@gardee(pk=UUIDField())
def _a_lire(utilisateur, pk):
    demandes = Prescription.objects.instruites_par(utilisateur).avec_dossier().avec_decisions().avec_rencontres()
    return (
        demandes.select_related("orientee_par")
        .prefetch_related(
            Prefetch("avis", Avis.objects.select_related("donne_par")),
            Prefetch("retours", Retour.objects.select_related("auteur")),
            "participant__caracteristiques",
        )
        .filter(pk=pk)
    )


def a_ecrire(request, pk, permis, raison):
    """404 hors du périmètre, 403 dans le périmètre sans le droit."""
    prescription = get_object_or_404(Prescription.objects.instruites_par(request.user), pk=pk)
    exiger(permis(request.user, prescription), raison)
    return prescription


def case_de(prescription, cle):
    """La case `cle` de la demande (LignePiece), ou 404."""
    ligne = prescription.lignes.select_related("type").filter(pk=lire_cle(cle)).first()
    if ligne is None:
        raise Http404
    ligne.prescription = prescription
    return ligne
