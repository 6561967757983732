from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from comptes.models import Role, Utilisateur
from comptes.permissions import exiger
from dossier import trace
from dossier.fiche import voit_l_historique
from journal.actions import consigner_lecture
from participants.models import Participant
from plie.historique import lire_cle

QUI = "Seuls la responsable et l’administrateur lisent l’historique d’un dossier."


@require_safe
def historique(request, pk):
    """Qui a fait, changé et lu quoi. L’administrateur n’y voit ni le nom de la personne ni les valeurs."""
    personne = _personne(request.user, pk)
    exiger(voit_l_historique(request.user), QUI)
    avec_valeurs = request.user.a_role(Role.RESPONSABLE)
    avant = request.GET.get("avant", "")
    consigner_lecture(personne, par=request.user, motif="historique")
    auteur = _auteur(request.GET.get("auteur", ""))
    filtre = request.GET.get("filtre", "")
    traces, suite = trace.page(
        personne.pk,
        filtre=filtre,
        auteur=auteur,
        avant=int(avant) if avant.isdecimal() and len(avant) < 18 else None,
        avec_valeurs=avec_valeurs,
    )
    contexte = {
        "participant": personne,
        "nommer": avec_valeurs,
        "traces": traces,
        "suite": suite,
        "filtre": filtre,
        "auteur": auteur,
        "filtres": [(code, nom) for code, (nom, _) in trace.FILTRES.items()],
    }
    return render(request, "dossier/historique.html", contexte)


def _personne(utilisateur, pk):
    if utilisateur.a_role(Role.ADMINISTRATEUR):
        return get_object_or_404(Participant, pk=pk)
    return get_object_or_404(Participant.objects.visibles_par(utilisateur), pk=pk)


def _auteur(texte):
    return get_object_or_404(Utilisateur, pk=lire_cle(texte)) if texte else None
