import re

from django.db.models import CharField, F, FilteredRelation, OuterRef, Q, Subquery
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from comptes.models import Role
from comptes.permissions import reserve_a
from parcours.models import PassageDePhase
from participants.models import Participant
from participants.noms import mots
from participants.recherche import Demande, chercher
from prescriptions.listes import CHIFFRES_DU_NUMERO, StatutPrescription
from prescriptions.models import Prescription

NUMERO_DE_DEMANDE = re.compile(r"\s*[Pp]\s*-?\s*(\d{4})-(\d{1,6})\s*")
LIMITE = 20


@reserve_a(Role.CONSEILLER, Role.RESPONSABLE, Role.STATISTIQUES, Role.ANIMATION, Role.ENTREPRISES)
@require_safe
def recherche(request):
    """Une seule boîte. Ce qui est tapé ne se garde nulle part ; un seul résultat exact s’ouvre tout droit."""
    texte = " ".join(request.GET.get("q", "").split())[:200]
    if demande := _demande(request.user, texte):
        return redirect("prescriptions:detail", demande.pk)
    trouves = chercher(texte, par=request.user, visibles=_visibles(request.user), limite=LIMITE) if texte else []
    if len(trouves) == 1 and _exact(trouves[0], texte):
        reponse = HttpResponseRedirect(_adresse(trouves[0]))
        reponse.status_code = 303
        return reponse
    lignes = [_ligne(p) for p in trouves]
    contexte = {"q": texte, "lignes": lignes, "plein": len(lignes) == LIMITE}
    return render(request, "dossier/recherche.html", contexte)


def _visibles(utilisateur):
    passage = PassageDePhase.objects.filter(parcours__participant=OuterRef("pk"), au=None)
    demande = Prescription.objects.filter(participant=OuterRef("pk")).order_by("-orientee_le")
    return (
        Participant.objects.visibles_par(utilisateur)
        .avec_dossier()
        .annotate(
            ouverte=FilteredRelation("affectations", condition=Q(affectations__au=None)),
            referent_prenom=F("ouverte__conseiller__prenom"),
            referent_nom=F("ouverte__conseiller__nom"),
            phase=Subquery(passage.values("phase")[:1], output_field=CharField()),
            demande=Subquery(demande.values("statut")[:1], output_field=CharField()),
        )
    )


def _ligne(participant):
    etat, couleur = _etat(participant)
    referent = (
        f"{participant.referent_prenom} {participant.referent_nom}" if participant.referent_nom else "sans référent"
    )
    return {
        "nom": participant.nom_complet,
        "url": _adresse(participant),
        "precision": f"{participant.age()} ans, n° {participant.numero}",
        "raison": f"{participant.lieu} · {referent}",
        "icone": "user",
        "puce": {"texte": etat, "etat": couleur},
    }


def _etat(participant):
    if participant.phase:
        return dict(PassageDePhase.phase.field.choices)[participant.phase], "ok"
    if participant.demande and participant.demande != StatutPrescription.ENTREE_ACTEE:
        return StatutPrescription(participant.demande).label, "info"
    return ("Sorti", "neutre") if participant.demande else ("Connue", "neutre")


def _adresse(participant):
    return reverse("dossier:participant", args=[participant.pk])


def _demande(utilisateur, texte):
    """La demande dont on a tapé le numéro, ou None."""
    if not (trouve := NUMERO_DE_DEMANDE.fullmatch(texte)):
        return None
    numero = f"P-{trouve[1]}-{int(trouve[2]):0{CHIFFRES_DU_NUMERO}d}"
    return Prescription.objects.instruites_par(utilisateur).filter(numero=numero).first()


def _exact(participant, texte):
    """Tout ce qui a été tapé désigne cette personne, sans rien deviner."""
    tape = Demande.lire(texte)
    siens = set(mots(f"{participant.prenom} {participant.nom} {participant.nom_naissance}"))
    numeros = {participant.numero, participant.identifiant_ft}
    if tape.numero or tape.identifiant:
        return bool({tape.numero, tape.identifiant} & (numeros - {""}))
    return len(tape.mots) > 1 and set(tape.mots) <= siens
