"""La demande en cours, vue du dossier : où elle en est, qui l’on attend, ce qu’on attend."""

from django.urls import reverse

from comptes.models import ROLES_DU_SIEGE
from prescriptions import attentes, suivi
from prescriptions.files import ETATS
from prescriptions.listes import StatutPrescription
from prescriptions.permissions import peut_instruire, peut_voir_le_sensible


def de(participant):
    """Toutes les demandes de la personne, avec leurs retours : pour le fil et pour l’en-tête."""
    demandes = participant.prescriptions.select_related("organisation", "antenne", "conseiller")
    return list(demandes.prefetch_related("retours"))


def en_cours(demandes, utilisateur):
    """La demande ouverte pour _demande.html, ou None : {demande, etat, url, attente, attendues}."""
    demande = next((d for d in demandes if not d.est_finie), None)
    if demande is None:
        return None
    lignes = _attendues(demande) if demande.statut == StatutPrescription.A_COMPLETER else []
    return {
        "demande": demande,
        "etat": ETATS[demande.statut],
        "url": adresse(demande, utilisateur),
        "attente": suivi.attente(demande),
        "attendues": [ligne for ligne in lignes if peut_voir_le_sensible(utilisateur) or not ligne.type.sensible],
    }


def _attendues(demande):
    return attentes.annoter(demande.lignes.all()).filter(attendue=True).select_related("type").order_by("type__ordre")


def adresse(demande, utilisateur):
    """La page de la demande, pour qui l’instruit ou décide ; vide pour les autres lecteurs du dossier."""
    if utilisateur.a_role(*ROLES_DU_SIEGE) or peut_instruire(utilisateur, demande):
        return reverse("prescriptions:detail", args=[demande.pk])
    return ""
