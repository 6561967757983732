"""Le contrôle, pièce par pièce, à côté de sa liste de points ; au clavier, et sans script aussi (A5)."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from comptes.permissions import exiger
from journal.actions import consigner_lecture
from plie.exceptions import ConflitDeVersion, TransitionImpossible
from plie.historique import lire_cle
from prescriptions.controle import Controle, criteres_a_prouver
from prescriptions.eligibilite import lire
from prescriptions.filtres import Filtre
from prescriptions.forms import VerdictForm
from prescriptions.listes import StatutPrescription, Verdict
from prescriptions.models import LignePiece
from prescriptions.permissions import CONTROLER, peut_controler
from prescriptions.views.detail import a_ecrire, a_lire, case_de

GESTES = "gestes_de_controle"
MEMOIRE = 20  # gestes que l’on peut annuler
FILTRES = [cle for cle in Filtre.CLES if cle != "etat"]


@require_http_methods(["GET", "HEAD", "POST"])
def controle(request, pk):
    if request.method == "POST":
        return _juger(request, pk)
    reponse = page(request, pk)
    if prescription := getattr(reponse, "prescription", None):
        consigner_lecture(prescription, par=request.user)
    return reponse


def page(request, pk, formulaires=None, status=200):
    """L’écran du contrôle ; une demande qui n’y est plus renvoie à sa fiche."""
    prescription = a_lire(request, pk)
    exiger(peut_controler(request.user), CONTROLER)
    if prescription.statut != StatutPrescription.A_CONTROLER:
        messages.info(request, f"La demande {prescription.numero} n’est plus au contrôle.")
        return redirect("prescriptions:detail", pk)
    ecran = Controle(prescription, request.user, _filtre(request), _parametre(request, "piece"), formulaires)
    contexte = ecran.contexte() | {
        "parametres": _parametres(request),
        "peut_annuler": any(geste["demande"] == str(pk) for geste in request.session.get(GESTES, [])),
    }
    reponse = render(request, "prescriptions/controle.html", contexte, status=status)
    reponse.prescription = prescription
    return reponse


def _juger(request, pk):
    prescription = a_ecrire(request, pk, peut_controler, CONTROLER)
    ligne = case_de(prescription, request.POST.get("ligne", ""))
    cases = lire(prescription)
    form = VerdictForm(request.POST, ligne=ligne, criteres=criteres_a_prouver(ligne, cases))
    if not form.is_valid():
        return page(request, pk, {"verdict": form})
    avant = ligne.etat_du_controle()
    try:
        ligne.controler(**form.arguments(), version=form.cleaned_data["version"], par=request.user)
    except ConflitDeVersion:
        return _deja_jugee(request, pk, ligne, cases, form)
    except TransitionImpossible as refus:
        messages.error(request, str(refus))
        return redirect(adresse(request, pk, ligne.pk))
    _retenir(request, pk, ligne, avant)
    return redirect(adresse(request, pk, _suivante(cases, ligne)))


def _deja_jugee(request, pk, ligne, cases, form):
    """Un second clic passe à la pièce suivante ; une autre personne a jugé : son verdict se montre, ma saisie reste."""
    voulu = form.cleaned_data
    if (ligne.controlee_par_id, ligne.verdict, ligne.motif) == (request.user.pk, voulu["verdict"], voulu["motif"]):
        return redirect(adresse(request, pk, _suivante(cases, ligne)))
    dit = [ligne.get_verdict_display(), ligne.get_motif_display(), ligne.accepte_a_la_place]
    qui = f"{ligne.controlee_par} a dit « {', '.join(filter(None, dit))} »." if ligne.controlee_par else ""
    form.data = form.data.copy()
    form.data["version"] = ligne.version  # son verdict est sous ses yeux : l’envoi suivant vaut pour lui
    form.add_error(None, f"Cette pièce a changé depuis que vous l’avez ouverte : relisez-la. {qui}")
    return page(request, pk, {"verdict": form}, status=409)


@require_POST
def annuler(request, pk):
    """Annule le dernier geste de cette session sur la demande."""
    prescription = a_ecrire(request, pk, peut_controler, CONTROLER)
    gestes = request.session.get(GESTES, [])
    geste = next((g for g in reversed(gestes) if g["demande"] == str(pk)), None)
    if geste is None:
        messages.info(request, "Rien à annuler sur cette demande.")
        return redirect(adresse(request, pk))
    gestes.remove(geste)
    request.session[GESTES] = gestes
    ligne = LignePiece.objects.filter(prescription=prescription, pk=geste["ligne"]).first()
    if ligne is None:
        raise Http404
    try:
        ligne.revenir_a(geste["avant"], version=geste["version"], par=request.user)
    except TransitionImpossible as refus:
        messages.error(request, str(refus))
    else:
        messages.success(request, f"Geste annulé : {ligne.type.libelle}.")
    return redirect(adresse(request, pk, ligne.pk))


def vient_du_controle(request):
    return request.POST.get("depuis") == "controle" and peut_controler(request.user)


def adresse(request, pk, piece=None):
    parametres = _parametres(request) | ({"piece": str(piece)} if piece else {})
    return reverse("prescriptions:controle", args=[pk]) + (f"?{urlencode(parametres)}" if parametres else "")


def suivante(request, prescription):
    """Le dossier que l’écran annonce après celui-ci."""
    return _filtre(request).suivante(prescription)


def adresse_suivante(request, annoncee):
    """Le dossier annoncé, sinon le premier de la file ; la file elle-même quand elle est vide."""
    suivante = annoncee or _filtre(request).premieres(None, recentes=False, nombre=1).first()
    if suivante is None:
        messages.info(request, "La file de contrôle est vide.")
        return reverse("prescriptions:liste") + "?" + urlencode({"etat": "a_controler"} | _parametres(request))
    return adresse(request, suivante.pk)


def _retenir(request, pk, ligne, avant):
    """Dans la session, du côté du serveur : de quoi revenir en arrière d’un geste."""
    geste = {"demande": str(pk), "ligne": str(ligne.pk), "version": ligne.version, "avant": avant}
    request.session[GESTES] = [*request.session.get(GESTES, []), geste][-MEMOIRE:]


def _suivante(cases, jugee):
    """La pièce à voir après celle-ci, dans l’ordre, en tournant ; la même quand tout est vu."""
    lignes = cases.utiles()
    rang = next((i for i, x in enumerate(lignes) if x.pk == jugee.pk), 0)
    suite = [*lignes[rang + 1 :], *lignes[:rang]]
    return next((x.pk for x in suite if x.piece_id and x.verdict == Verdict.A_CONTROLER), jugee.pk)


def _filtre(request):
    return Filtre({"etat": StatutPrescription.A_CONTROLER.value} | _parametres(request), request.user)


def _parametres(request):
    """Les filtres de la file, gardés de page en page."""
    return {nom: valeur for nom in FILTRES if (valeur := _parametre(request, nom))}


def _parametre(request, nom):
    valeur = request.POST.get(nom) or request.GET.get(nom) or ""
    return valeur if nom != "piece" else lire_cle(request.POST.get("ligne") or valeur)
