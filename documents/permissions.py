"""Qui a le droit de quoi sur un document. Ce que l’on voit est dans les QuerySets ; quand c’est possible, dans les modèles."""

from comptes.models import Role
from documents.models import RoleSignataire


def peut_recueillir(utilisateur):
    """Faire signer la personne, noter son refus, joindre le papier : dans la session d’un conseiller."""
    return utilisateur.a_role(Role.CONSEILLER)


def peut_signer(utilisateur, signature):
    """La personne signe dans la session d’un conseiller ; un conseiller ne signe que pour lui-même."""
    if signature.role == RoleSignataire.PERSONNE:
        return peut_recueillir(utilisateur)
    return signature.utilisateur_id == utilisateur.pk
