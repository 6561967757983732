"""Qui peut lire ou déposer une pièce. Ce que l’on voit est dans `PieceQuerySet.visibles_par`."""

from comptes.models import Role

LISENT_LE_SENSIBLE = (Role.CONSEILLER, Role.RESPONSABLE, Role.STATISTIQUES)


def peut_lire_piece(utilisateur, piece):
    """Parmi les pièces visibles, une pièce de santé ne s’ouvre que pour qui instruit ou contrôle, et pour le partenaire
    qui l’a déposée (RGPD).
    """
    if not piece.type.sensible or utilisateur.a_role(*LISENT_LE_SENSIBLE):
        return True
    return piece.deposee_par_id == utilisateur.pk and utilisateur.a_role(Role.PRESCRIPTEUR)


def peut_nommer_le_referent(utilisateur, participant):
    """Vrai si le dossier de `participant` est dans le périmètre : sinon, on dit seulement qu’elle est suivie."""
    return type(participant).objects.visibles_par(utilisateur).filter(pk=participant.pk).exists()
