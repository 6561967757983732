"""La journée d’un prescripteur : ce qu’on lui demande, et où en sont ses orientations. Rien d’autre du dossier (A2)."""

from django.urls import reverse

from dossier.journee.compteurs import compteur
from partenaires.models import organisation_de
from prescriptions.listes_orientations import Liste

MONTREES = 8


def journee(utilisateur):
    organisation = organisation_de(utilisateur)
    if organisation is None:
        return {"gabarit": "dossier/_journee_vide.html", "vide": SANS_ORGANISATION, "compteurs": []}
    demandees = Liste(utilisateur, organisation, {"etat": "a_moi"}, taille=MONTREES)
    suivies = Liste(utilisateur, organisation, {"etat": "en_cours"}, taille=MONTREES)
    comptes = {f["nom"]: f for f in demandees.filtres}
    adresse = reverse("orientations:liste")
    return {
        "gabarit": "dossier/_journee_partenaire.html",
        "organisation": organisation,
        "demandees": [_ligne(*trouve, a_faire=True) for trouve in demandees.page],
        "suivies": [_ligne(*trouve) for trouve in suivies.page],
        "compteurs": [
            compteur(
                comptes["À moi de jouer"]["nombre"],
                "réponse attendue de vous/réponses attendues de vous",
                f"{adresse}?etat=a_moi",
                "bolt",
                "attention",
            ),
            compteur(
                comptes["En cours"]["nombre"],
                "orientation en cours/orientations en cours",
                f"{adresse}?etat=en_cours",
                "hourglass",
            ),
            compteur(
                comptes["Finies"]["nombre"],
                "orientation finie/orientations finies",
                f"{adresse}?etat=finies",
                "circle-check",
            ),
        ],
    }


SANS_ORGANISATION = {
    "acte": None,
    "icone": "building",
    "titre": "Votre compte n’est rattaché à aucune organisation active",
    "texte": "Demandez à l’administrateur du PLIE de vous y rattacher : vous pourrez alors orienter une personne.",
}


def _ligne(demande, etat, attendues, a_faire=False):
    url = reverse("orientations:detail", args=[demande.pk])
    pieces = ", ".join(ligne.type.libelle.lower() for ligne in attendues)
    return {
        "nom": demande.participant.nom_complet,
        "url": url,
        "precision": demande.numero,
        "raison": f"Attendu de vous : {pieces}" if a_faire and pieces else etat.detail,
        "icone": "bolt" if a_faire else "send",
        "etat": "attention" if a_faire else "info",
    } | (
        {"acte": {"texte": "Répondre", "url": url}} if a_faire else {"puce": {"texte": etat.texte, "etat": etat.etat}}
    )
