"""Un réglage vaut à partir d’un jour ; les règles du passé restent celles du passé."""

import datetime

import pytest

from reglages.catalogue import CATALOGUE
from reglages.lecture import oublier, paliers, structure, valeur
from reglages.models import Reglage, Structure
from tests.factories import AUTEUR

pytestmark = pytest.mark.django_db
CODE = "delai_diagnostic"


def fixer(texte, du):
    Reglage(code=CODE, valeur=texte, du=du).enregistrer(par=AUTEUR)
    oublier()


def test_sans_ligne_le_reglage_vaut_sa_valeur_de_depart():
    assert valeur(CODE) == CATALOGUE[CODE].defaut == 30


def test_la_valeur_est_celle_du_jour_demande():
    fixer("45", datetime.date(2026, 1, 1))
    fixer("20", datetime.date(2026, 7, 1))
    jours = [
        datetime.date(2025, 12, 31),
        datetime.date(2026, 1, 1),
        datetime.date(2026, 6, 30),
        datetime.date(2026, 7, 1),
    ]
    assert [valeur(CODE, jour) for jour in jours] == [30, 45, 45, 20]


def test_les_paliers_sont_dans_l_ordre_des_dates():
    fixer("20", datetime.date(2026, 7, 1))
    fixer("45", datetime.date(2026, 1, 1))
    assert paliers(CODE) == [(None, 30), (datetime.date(2026, 1, 1), 45), (datetime.date(2026, 7, 1), 20)]


def test_lire_cent_reglages_coute_une_requete(django_assert_num_queries):
    oublier()
    with django_assert_num_queries(1):
        for _ in range(100):
            valeur(CODE)


def test_l_identite_par_defaut_tient_lieu_de_structure():
    assert structure().nom == "PLIE du Dunkerquois"
    Structure(nom="PLIE d’ailleurs").enregistrer(par=AUTEUR)
    oublier()
    assert structure().nom == "PLIE d’ailleurs"


def test_un_reglage_inconnu_est_une_faute_de_programmation():
    with pytest.raises(KeyError):
        valeur("inconnu")
