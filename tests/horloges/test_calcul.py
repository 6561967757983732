"""Une horloge mesurée par des dates : jours de calendrier, arrêts, et ce que « tenue » veut dire."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horloges.calcul import COULEURS, Etat
from tests.horloges.oracle import mesurer

J = datetime.date(2026, 3, 1)


def jour(n):
    return J + datetime.timedelta(n)


def test_le_trentieme_jour_est_encore_dans_le_delai():
    assert mesurer(J, jour(30), 30, le=jour(40)).tenue is True
    assert mesurer(J, None, 30, le=jour(30)).etat == Etat.PRESSE


def test_le_trente_et_unieme_jour_est_hors_delai():
    assert mesurer(J, jour(31), 30, le=jour(40)).tenue is False
    assert mesurer(J, None, 30, le=jour(31)).etat == Etat.EN_RETARD


def test_tenue_le_jour_meme():
    mesure = mesurer(J, J, 30, le=J)
    assert (mesure.ecoules, mesure.tenue) == (0, True)


def test_une_horloge_qui_court_n_est_ni_tenue_ni_rompue():
    assert mesurer(J, None, 30, le=jour(5)).tenue is None
    assert mesurer(J, None, 30, le=jour(50)).tenue is None


def test_dix_jours_avant_l_echeance_elle_presse():
    assert mesurer(J, None, 30, le=jour(19)).etat == Etat.COURT
    assert mesurer(J, None, 30, le=jour(20)).etat == Etat.PRESSE


def test_un_arret_ferme_repousse_l_echeance_de_sa_duree():
    mesure = mesurer(J, None, 30, [(jour(5), jour(12))], le=jour(20))
    assert mesure.echeance == jour(37)
    assert (mesure.ecoules, mesure.net, mesure.arretes) == (20, 13, 7)


def test_repoussee_elle_n_est_pas_en_retard_avant_sa_nouvelle_echeance():
    arrets = [(jour(5), jour(12))]
    assert mesurer(J, None, 30, arrets, le=jour(37)).etat == Etat.PRESSE
    assert mesurer(J, None, 30, arrets, le=jour(38)).etat == Etat.EN_RETARD


def test_tenue_se_juge_sur_le_delai_brut_sans_exception():
    mesure = mesurer(J, jour(33), 30, [(jour(5), jour(12))], le=jour(40))
    assert (mesure.tenue, mesure.ecoules, mesure.net) == (False, 33, 26)


def test_deux_arrets_qui_se_recouvrent_comptent_une_fois():
    arrets = [(jour(5), jour(12)), (jour(10), jour(15)), (jour(6), jour(8))]
    assert mesurer(J, None, 30, arrets, le=jour(20)).echeance == jour(40)


def test_deux_arrets_disjoints_s_ajoutent():
    assert mesurer(J, None, 30, [(jour(2), jour(4)), (jour(10), jour(13))], le=jour(20)).echeance == jour(35)


def test_un_arret_ouvert_suspend_l_echeance():
    mesure = mesurer(J, None, 30, [(jour(5), None)], le=jour(60))
    assert (mesure.etat, mesure.echeance, mesure.ecoules) == (Etat.ARRETEE, None, 60)


def test_un_arret_ouvert_apres_la_limite_n_excuse_plus_rien():
    assert mesurer(J, None, 30, [(jour(31), None)], le=jour(40)).etat == Etat.EN_RETARD


def test_un_arret_compte_seulement_entre_le_debut_et_la_limite():
    assert mesurer(J, None, 30, [(jour(-10), jour(3))], le=jour(20)).echeance == jour(33)
    assert mesurer(J, None, 30, [(jour(25), jour(90))], le=jour(95)).echeance == jour(35)
    assert mesurer(J, None, 30, [(jour(-10), jour(-3))], le=jour(20)).echeance == jour(30)


def test_un_arret_annonce_repousse_d_avance_sans_reduire_le_net():
    mesure = mesurer(J, None, 30, [(jour(10), jour(15))], le=jour(12))
    assert (mesure.echeance, mesure.net) == (jour(35), 10)


def test_un_arret_ne_compte_que_jusqu_a_la_fin():
    assert mesurer(J, jour(10), 30, [(jour(8), jour(20))], le=jour(40)).net == 8
    assert mesurer(J, jour(10), 30, [(jour(8), None)], le=jour(40)).net == 8


def test_une_fin_avant_le_debut_est_incoherente_jamais_tenue():
    mesure = mesurer(J, jour(-1), 30, le=jour(5))
    assert (mesure.etat, mesure.tenue, mesure.est_finie) == (Etat.INCOHERENTE, None, True)


def test_abandonnee_dans_le_delai_elle_n_a_plus_d_objet():
    mesure = mesurer(J, None, 30, le=jour(90), abandon=jour(12))
    assert (mesure.etat, mesure.tenue) == (Etat.SANS_OBJET, None)


def test_abandonnee_hors_delai_elle_est_rompue():
    mesure = mesurer(J, None, 30, le=jour(90), abandon=jour(45))
    assert (mesure.etat, mesure.tenue, mesure.ecoules) == (Etat.ROMPUE, False, 45)


@pytest.mark.parametrize(
    ("debut", "dernier"),
    [
        (datetime.date(2028, 1, 31), datetime.date(2028, 3, 1)),  # 29 février compris
        (datetime.date(2026, 1, 31), datetime.date(2026, 3, 2)),
        (datetime.date(2028, 2, 29), datetime.date(2028, 3, 30)),
        (datetime.date(2026, 3, 1), datetime.date(2026, 3, 31)),  # nuit du 29 mars : 23 heures
        (datetime.date(2026, 10, 1), datetime.date(2026, 10, 31)),  # nuit du 25 octobre : 25 heures
        (datetime.date(2026, 12, 15), datetime.date(2027, 1, 14)),
    ],
)
def test_trente_jours_de_calendrier(debut, dernier):
    mesure = mesurer(debut, dernier, 30, le=dernier)
    assert (mesure.ecoules, mesure.tenue, mesure.echeance) == (30, True, dernier)


def test_chaque_etat_a_sa_couleur():
    assert set(COULEURS) == set(Etat)


DECALAGES = st.integers(-20, 80)
ARRETS = st.lists(st.tuples(DECALAGES, st.one_of(st.none(), st.integers(0, 60))), max_size=5)


@given(ARRETS, st.integers(0, 80), st.one_of(st.none(), st.integers(0, 80)))
def test_un_delai_net_n_est_jamais_negatif_ni_plus_long_que_le_brut(arrets, le, fin):
    couples = [(jour(du), None if duree is None else jour(du + duree)) for du, duree in arrets]
    mesure = mesurer(J, None if fin is None else jour(fin), 30, couples, le=jour(le))
    assert 0 <= mesure.net <= mesure.ecoules
    assert mesure.echeance is None or jour(30) <= mesure.echeance <= jour(60)
    assert (mesure.echeance is None) == (mesure.etat == Etat.ARRETEE)
