import factory

from horloges.models import Arret, CauseArret
from tests.factories import Fabrique, ParticipantFactory, UtilisateurFactory, aujourd_hui


class ArretFactory(Fabrique):
    class Meta:
        model = Arret

    participant = factory.SubFactory(ParticipantFactory)
    horloge = "premier_entretien"
    cause = CauseArret.ABSENCE_EXCUSEE
    du = factory.LazyFunction(aujourd_hui)
    note_par = factory.SubFactory(UtilisateurFactory)
