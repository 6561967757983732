"""Qui a le droit de quoi. Ce que l’on voit est dans les QuerySets ; quand c’est possible, dans les modèles."""

from comptes.models import Role

CONDUIRE = "Seule une conseillère ou un conseiller conduit un entretien."
AGENDA = "Seule une conseillère ou un conseiller tient l’agenda."
DEMARCHES = "Seule une conseillère ou un conseiller règle les démarches."


def peut_conduire(utilisateur):
    """Ouvrir, écrire, clore, corriger un entretien d’un dossier que l’on voit."""
    return utilisateur.a_role(Role.CONSEILLER)


def peut_tenir_l_agenda(utilisateur):
    return utilisateur.a_role(Role.CONSEILLER)


def peut_regler_les_demarches(utilisateur):
    return utilisateur.a_role(Role.CONSEILLER)


def peut_lire_les_notes(utilisateur, entretien, referent_id=None):
    """Les notes de travail : qui tient l’entretien, le référent (clé) de la personne, le responsable."""
    return utilisateur.a_role(Role.RESPONSABLE) or utilisateur.pk in (entretien.conseiller_id, referent_id)
