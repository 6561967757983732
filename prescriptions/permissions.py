"""Qui a le droit de quoi sur une demande. Quand c’est possible : `TRANSITIONS` ; ce que l’on voit : les QuerySets."""

from comptes.models import ROLES_DU_SIEGE, Role
from participants.permissions import LISENT_LE_SENSIBLE
from prescriptions.listes import TOUR, StatutPrescription

S = StatutPrescription
ECRAN = (Role.CONSEILLER, Role.RESPONSABLE, Role.STATISTIQUES, Role.ANIMATION)

INSTRUIRE = "Seule une conseillère ou un conseiller de l’antenne instruit cette demande."
VALIDER = "Seule la responsable valide la pertinence d’une demande."
CONFIER = "Seule la responsable confie une demande à une antenne."
CONTROLER = "Seul le Département Statistiques contrôle les pièces et donne l’accord."
ACTER = "Seule l’équipe d’animation acte les entrées."
ROUVRIR = "Seules l’équipe d’animation et les Statistiques rouvrent un contrôle."
RENVOYER = "La responsable renvoie une demande transmise ; les Statistiques, une demande au contrôle."
REFUSER = "La responsable refuse une demande transmise ; les Statistiques, une demande au contrôle."
COMPLETER = "Seuls le conseiller de l’antenne et le prescripteur complètent cette demande."


def peut_instruire(utilisateur, prescription):
    """Un conseiller de l’antenne, ou celui qui suit la demande."""
    return utilisateur.a_role(Role.CONSEILLER) and (
        prescription.conseiller_id == utilisateur.pk
        or prescription.antenne_id in utilisateur.antennes_de(Role.CONSEILLER)
    )


def peut_confier(utilisateur, prescription):
    """Aucune antenne ne sert la commune : la responsable choisit."""
    return utilisateur.a_role(Role.RESPONSABLE)


def peut_valider(utilisateur, prescription=None):
    return utilisateur.a_role(Role.RESPONSABLE)


def peut_controler(utilisateur, prescription=None):
    return utilisateur.a_role(Role.STATISTIQUES)


def peut_decider(utilisateur, prescription):
    """Renvoyer ou refuser : la responsable avant le contrôle, les Statistiques pendant."""
    if prescription.statut == S.A_CONTROLER:
        return peut_controler(utilisateur)
    if prescription.statut == S.TRANSMISE:
        return peut_valider(utilisateur)
    return utilisateur.a_role(Role.RESPONSABLE, Role.STATISTIQUES)


def peut_acter(utilisateur, prescription=None):
    return utilisateur.a_role(Role.ANIMATION)


def peut_etre_referent(utilisateur):
    return utilisateur.is_active and utilisateur.a_role(Role.CONSEILLER)


def peut_rouvrir(utilisateur, prescription=None):
    return utilisateur.a_role(Role.ANIMATION, Role.STATISTIQUES)


def peut_completer(utilisateur, prescription):
    """Qui l’instruit, ou le partenaire qui la voit parce que son organisation l’a orientée."""
    partenaire = utilisateur.a_role(Role.PRESCRIPTEUR) and not utilisateur.a_role(*ROLES_DU_SIEGE)
    return peut_instruire(utilisateur, prescription) or partenaire


def peut_voir_le_sensible(utilisateur):
    """Critères et pièces de santé ou discrets : qui instruit ou contrôle, jamais l’équipe d’animation (RGPD)."""
    return utilisateur.a_role(*LISENT_LE_SENSIBLE)


def est_son_tour(utilisateur, prescription):
    """Vrai quand la demande attend un acte de cet utilisateur ; une collègue peut la reprendre, on ne l’attend pas d’elle."""
    role = TOUR.get(prescription.statut)
    if prescription.statut == S.ORIENTEE and prescription.antenne_id is None:
        return peut_confier(utilisateur, prescription)
    if role == Role.CONSEILLER and prescription.conseiller_id:
        return prescription.conseiller_id == utilisateur.pk and utilisateur.a_role(role)
    if role == Role.CONSEILLER:
        return peut_instruire(utilisateur, prescription)
    return role is not None and utilisateur.a_role(role)
