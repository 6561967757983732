"""Le filet lui-même : ce que conftest.py promet aux autres tests."""

import socket
import warnings

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, transaction
from django.template import Context, Template
from pytest_socket import SocketConnectBlockedError

from journal.models import Acte, Ligne


@pytest.mark.django_db
def test_un_queryset_sans_ordre_sort_melange_et_un_queryset_ordonne_non():
    assert [c.pk for c in ContentType.objects.all()] != sorted(c.pk for c in ContentType.objects.all())
    assert list(ContentType.objects.order_by("pk").values_list("pk", flat=True)) == sorted(
        ContentType.objects.values_list("pk", flat=True)
    )


@pytest.mark.django_db
def test_on_commit_part_a_la_fin_de_l_acte_et_pas_avant():
    partis = []
    with transaction.atomic():
        with transaction.atomic():
            transaction.on_commit(lambda: partis.append("dedans"))
        assert partis == []
    assert partis == ["dedans"]
    transaction.on_commit(lambda: partis.append("dehors"))
    assert partis == ["dedans", "dehors"]


@pytest.mark.django_db
def test_on_commit_ne_part_pas_si_l_acte_est_defait():
    partis = []

    @transaction.atomic
    def acte():
        transaction.on_commit(lambda: partis.append("jamais"))
        raise ValueError("panne")

    with pytest.raises(ValueError, match="panne"):
        acte()
    with transaction.atomic():
        pass
    assert partis == []


@pytest.mark.django_db
def test_on_commit_robuste_ne_defait_pas_l_acte(caplog):
    def panne():
        raise OSError("courtier éteint")

    with transaction.atomic():
        transaction.on_commit(panne, robust=True)
    assert "Rappel on_commit en échec" in caplog.text
    with pytest.raises(OSError, match="courtier éteint"), transaction.atomic():
        transaction.on_commit(panne)


@pytest.mark.django_db(transaction=True)
def test_on_commit_ne_part_qu_une_fois_dans_une_vraie_transaction():
    partis = []
    with transaction.atomic():
        transaction.on_commit(lambda: partis.append(1))
    assert partis == [1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("passage", [1, 2])
def test_le_journal_est_vide_et_referme_entre_deux_tests_a_vraies_transactions(passage):
    assert not Ligne.objects.exists()
    Ligne.objects.create(acte=Acte.CREATION, tache="essai")
    with pytest.raises(DatabaseError, match="le journal ne se modifie pas"):
        Ligne.objects.all().delete()


def test_le_reseau_est_ferme_hors_de_cette_machine():
    warnings.simplefilter("ignore")  # pytest les rétablit à la fin du test
    with pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 80), 1)


def test_une_variable_de_gabarit_absente_echoue():
    with pytest.raises(pytest.fail.Exception, match="absente"):
        Template("{{ absente }}").render(Context())


def test_un_avertissement_echoue():
    with pytest.raises(DeprecationWarning):
        warnings.warn("vieux", DeprecationWarning, stacklevel=1)


def test_les_donnees_des_tests_sont_jetables():
    assert settings.TEST
    assert settings.DONNEES.name.startswith("plie-tests-")
