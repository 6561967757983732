"""Des dossiers dont une horloge court depuis un nombre de jours donné."""

import datetime

from comptes.models import Role
from tests.factories import (
    AffectationFactory,
    EntretienFactory,
    ParcoursFactory,
    PrescriptionFactory,
    UtilisateurFactory,
    aujourd_hui,
)


def il_y_a(jours):
    return aujourd_hui() - datetime.timedelta(jours)


def demande_depuis(jours, **champs):
    """Une demande prise en charge dont le premier contact date de `jours` jours."""
    return PrescriptionFactory(**({"prise": True} | champs), premier_contact_le=il_y_a(jours))


def suivi_depuis(jours, **champs):
    """Un parcours ouvert, avec référent, dont le dernier entretien clos date de `jours` jours. Rend le participant."""
    parcours = ParcoursFactory(entre_le=il_y_a(jours + 100), **champs)
    affectation = AffectationFactory(participant=parcours.participant, du=il_y_a(jours + 100))
    EntretienFactory(
        participant=parcours.participant, conseiller=affectation.conseiller, jour=il_y_a(jours), clos=True
    )
    return parcours.participant


def responsable():
    return UtilisateurFactory(role=Role.RESPONSABLE)
