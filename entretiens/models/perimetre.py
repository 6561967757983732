"""Qui lit ce que disent les entretiens."""

from django.db.models import Q

from comptes.models import Role
from parcours.models import Affectation
from plie.historique import HistoriseQuerySet


def du_portefeuille(utilisateur):
    """Filtre des dossiers dont un conseiller lit le contenu : ses antennes, et les personnes qu’il suit.

    Un autre rôle tenu par la même personne (statistiques…) n’ouvre rien de plus (AC3).
    """
    suivies = Affectation.objects.filter(conseiller=utilisateur, au=None)
    return Q(participant__antenne__in=utilisateur.antennes_de(Role.CONSEILLER)) | Q(
        participant__in=suivies.values("participant")
    )


def suit(utilisateur, participant):
    """Vrai quand ce dossier est de ceux dont l’utilisateur, conseiller ou responsable, tient le contenu."""
    if utilisateur.a_role(Role.RESPONSABLE) or participant.antenne_id in utilisateur.antennes_de(Role.CONSEILLER):
        return True
    return Affectation.objects.filter(participant=participant, conseiller=utilisateur, au=None).exists()


class ContenuQuerySet(HistoriseQuerySet):
    """Ce que des entretiens disent d’une personne : le conseiller et le responsable, jamais les statistiques."""

    def visibles_par(self, utilisateur):
        if utilisateur.a_role(Role.RESPONSABLE):
            return self
        if not utilisateur.a_role(Role.CONSEILLER):
            return self.none()
        return self.filter(du_portefeuille(utilisateur))
