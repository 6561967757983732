from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from comptes.models import Role
from dossier.journee import conseiller, partenaire, siege

JOURNEES = {
    Role.CONSEILLER: conseiller.journee,
    Role.RESPONSABLE: siege.responsable,
    Role.STATISTIQUES: siege.statistiques,
    Role.ANIMATION: siege.animation,
    Role.PRESCRIPTEUR: partenaire.journee,
}
VIDES = {
    Role.ADMINISTRATEUR: (
        "settings",
        "Rien ne vous attend",
        "Comptes et référentiels se règlent dans l’administration.",
    ),
    Role.ENTREPRISES: (
        "briefcase",
        "Rien à faire ici pour l’instant",
        "Vos offres et mises en relation arriveront ici.",
    ),
    Role.ANIMATEUR: ("school", "Rien à faire ici pour l’instant", "Vos séances et leurs inscriptions arriveront ici."),
    Role.OPERATEUR: (
        "route",
        "Rien à faire ici pour l’instant",
        "Les étapes adressées à votre organisation arriveront ici.",
    ),
    Role.AUDITEUR: (
        "report-search",
        "Aucun échantillon ne vous est ouvert",
        "Les dossiers qui vous seront confiés apparaîtront ici.",
    ),
}
SANS_ROLE = (
    "user-question",
    "Votre compte n’a encore aucun rôle",
    "Demandez à l’administrateur du PLIE de vous en donner un.",
)


@require_safe
def journee(request):
    """Ma journée, selon le rôle ; qui en tient plusieurs choisit lequel (?role=)."""
    siens = [role for role in JOURNEES if request.user.a_role(role)]
    role = next((r for r in siens if r == request.GET.get("role")), siens[0] if siens else None)
    contexte = {"role": role, "roles": _roles(siens, role), "maintenant": timezone.localtime()}
    if role == Role.CONSEILLER:
        toutes = request.GET.get("demarches") == "toutes"
        contexte |= conseiller.journee(request.user, toutes_les_demarches=toutes)
    elif role:
        contexte |= JOURNEES[role](request.user) if role == Role.PRESCRIPTEUR else JOURNEES[role]()
    else:
        contexte |= _vide(request.user)
    contexte["actes"] = _actes(request.user, role)
    return render(request, "dossier/journee.html", contexte)


def _roles(siens, role):
    if len(siens) < 2:
        return []
    return [{"nom": r.label.capitalize(), "url": f"?role={r.value}", "actif": r == role} for r in siens]


def _vide(utilisateur):
    icone, titre, texte = next((v for r, v in VIDES.items() if utilisateur.a_role(r)), SANS_ROLE)
    acte = None
    if utilisateur.is_staff:
        acte = {"texte": "Ouvrir l’administration", "url": reverse("admin:index"), "icone": "settings"}
    vide = {"icone": icone, "titre": titre, "texte": texte, "acte": acte}
    return {"gabarit": "dossier/_journee_vide.html", "vide": vide, "compteurs": []}


def _actes(utilisateur, role):
    if role == Role.CONSEILLER:
        return [
            {"texte": "Nouvelle demande", "url": reverse("prescriptions:nouvelle"), "icone": "plus", "touche": "p"}
        ]
    if role == Role.PRESCRIPTEUR:
        url = reverse("orientations:nouvelle")
        return [{"texte": "Orienter une personne", "url": url, "icone": "plus", "genre": "principal", "touche": "n"}]
    return []
