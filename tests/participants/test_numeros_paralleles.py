import pytest
from django.db import transaction

from participants.actions import inscrire
from participants.models import Participant
from tests.factories import CommuneFactory, UtilisateurFactory
from tests.parallele import en_parallele


@pytest.mark.django_db(transaction=True)
def test_douze_inscriptions_en_meme_temps_ont_douze_numeros_qui_se_suivent():
    par, commune = UtilisateurFactory(), CommuneFactory()

    def inscription(rang):
        with transaction.atomic():
            identite = {"prenom": "Coralie", "nom": "Top", "naissance": "2001-04-06", "commune": commune}
            return inscrire(identite, par=par).numero

    numeros = sorted(en_parallele(12, inscription))
    debut = int(numeros[0].partition("-")[2])
    assert [int(n.partition("-")[2]) for n in numeros] == list(range(debut, debut + 12))
    assert Participant.objects.count() == 12
