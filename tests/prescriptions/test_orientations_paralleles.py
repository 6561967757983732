"""RE3 : vingt envois du même formulaire, et deux agents sur la même personne, au même instant."""

import pytest
from django.test import Client

from participants.models import Participant
from prescriptions.actions import orienter
from prescriptions.models import Prescription
from tests.parallele import en_parallele
from tests.prescriptions.orientations import Decor


@pytest.mark.django_db(transaction=True)
def test_re3_vingt_envois_du_meme_formulaire_n_ouvrent_qu_une_demande():
    decor = Decor()
    formulaire, session = decor.formulaire(), Client()
    session.force_login(decor.agent)

    def envoi(rang):
        client = Client()
        client.cookies = session.cookies
        return client.post("/orientations/nouvelle/", formulaire).url

    adresses = en_parallele(20, envoi)
    assert Prescription.objects.count() == 1
    assert set(adresses) == {f"/orientations/{Prescription.objects.get().pk}/"}


@pytest.mark.django_db(transaction=True)
def test_six_orientations_de_la_meme_personne_ont_six_numeros_et_une_seule_demande_par_dossier():
    decor = Decor()
    orienter(**decor.demande())
    resultats = en_parallele(6, lambda rang: orienter(**decor.demande()).numero)
    assert len(set(resultats)) == 6
    assert Prescription.objects.count() == Participant.objects.count() == 7
