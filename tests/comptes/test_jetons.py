"""Un formulaire envoyé plusieurs fois n’a qu’un effet, et la même réponse (RE3)."""

import uuid

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db import IntegrityError

from comptes.jetons import AvecJeton, nouveau_jeton, une_seule_fois
from territoire.models import Antenne
from tests.factories import AUTEUR, AntenneFactory, UtilisateurFactory
from tests.parallele import en_parallele


def ouvrir(nom="Malo"):
    return f"/antennes/{Antenne(nom=nom).enregistrer(par=AUTEUR).pk}/"


@pytest.mark.django_db
class TestUneSeuleFois:
    def test_re3_le_second_envoi_recoit_la_reponse_du_premier(self):
        qui, jeton = UtilisateurFactory(), uuid.uuid4()
        premiere = une_seule_fois(jeton, par=qui, acte=ouvrir)
        assert une_seule_fois(jeton, par=qui, acte=lambda: pytest.fail("refait")) == premiere
        assert Antenne.objects.count() == 1

    def test_un_acte_qui_echoue_laisse_le_jeton_libre(self):
        qui, jeton = UtilisateurFactory(), uuid.uuid4()
        with pytest.raises(ZeroDivisionError):
            une_seule_fois(jeton, par=qui, acte=lambda: 1 / 0)
        assert une_seule_fois(jeton, par=qui, acte=ouvrir)

    def test_une_contrainte_de_l_acte_n_est_pas_prise_pour_un_double_envoi(self):
        AntenneFactory(nom="Malo")
        with pytest.raises(IntegrityError):
            une_seule_fois(uuid.uuid4(), par=UtilisateurFactory(), acte=ouvrir)

    def test_le_jeton_d_un_autre_ne_rend_pas_sa_reponse(self):
        jeton = uuid.uuid4()
        une_seule_fois(jeton, par=UtilisateurFactory(), acte=ouvrir)
        with pytest.raises(SuspiciousOperation):
            une_seule_fois(jeton, par=UtilisateurFactory(), acte=lambda: pytest.fail("refait"))


@pytest.mark.django_db(transaction=True)
def test_re3_vingt_envois_en_meme_temps_un_seul_effet_et_vingt_fois_la_meme_reponse():
    qui, jeton = UtilisateurFactory(), uuid.uuid4()
    resultats = en_parallele(20, lambda rang: une_seule_fois(jeton, par=qui, acte=lambda: ouvrir(f"Malo {rang}")))
    assert Antenne.objects.count() == 1
    assert set(resultats) == {f"/antennes/{Antenne.objects.get().pk}/"}


def test_chaque_formulaire_affiche_a_son_jeton():
    premier, second = AvecJeton(), AvecJeton()
    assert premier["jeton"].value() != second["jeton"].value()
    assert AvecJeton({"jeton": nouveau_jeton()}).is_valid()
    assert not AvecJeton({"jeton": "x"}).is_valid()
