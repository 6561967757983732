"""Un fichier déposé pour une orientation jamais envoyée ne reste pas : ni sa ligne, ni lui."""

import datetime

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.utils import timezone

from comptes.models import Brouillon
from prescriptions import depots
from prescriptions.models import Depot
from prescriptions.tasks import jeter_les_depots_abandonnes
from reglages.models import Reglage
from tests.factories import UtilisateurFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return UtilisateurFactory()


def depose(agent, jours, nom="cni.pdf"):
    depot = Depot(
        utilisateur=agent,
        nom=nom,
        extension="pdf",
        type_mime="application/pdf",
        taille=4,
        sha256="0" * 64,
        depose_le=timezone.now() - datetime.timedelta(jours),
    )
    depot.fichier.save(nom, ContentFile(b"%PDF"), save=False)
    depot.save(force_insert=True)
    return depot


def reste(dossier):
    return sorted(f.name for f in (dossier / "depots").rglob("*") if f.is_file())


def test_passe_sept_jours_la_ligne_et_le_fichier_partent_les_autres_restent(agent, fichiers):
    depose(agent, 8)
    garde = depose(agent, 6)
    jeter_les_depots_abandonnes()
    assert list(Depot.objects.all()) == [garde]
    assert reste(fichiers) == [garde.fichier.name.rpartition("/")[2]]


def test_repasser_ne_fait_rien_de_plus(agent, fichiers):
    depose(agent, 8), depose(agent, 1)
    assert [depots.jeter_les_abandonnes(), depots.jeter_les_abandonnes()] == [1, 0]
    assert len(reste(fichiers)) == 1


def test_le_delai_est_un_reglage_date(agent):
    Reglage(code="garde_des_depots", valeur="2").enregistrer(par="test")
    depose(agent, 3)
    assert depots.jeter_les_abandonnes() == 1


@pytest.mark.parametrize(("jours", "jetes"), [(1, 0), (8, 1)])
def test_un_brouillon_repris_depuis_garde_ses_fichiers(agent, jours, jetes):
    depot = depose(agent, 10)
    enregistre_le = timezone.now() - datetime.timedelta(jours)
    Brouillon.objects.create(
        utilisateur=agent, ecran="orientation", contenu={"depot": [str(depot.pk)]}, enregistre_le=enregistre_le
    )
    assert depots.jeter_les_abandonnes() == jetes


def test_un_fichier_deja_parti_n_arrete_pas_les_suivants(agent, fichiers):
    perdu = depose(agent, 9)
    (fichiers / perdu.fichier.name).unlink()
    depose(agent, 8)
    assert depots.jeter_les_abandonnes() == 2


def test_une_panne_entre_le_fichier_et_sa_ligne_se_rattrape(agent, fichiers, monkeypatch):
    depose(agent, 8)
    with monkeypatch.context() as m:
        m.setattr("django.db.models.query.QuerySet.delete", lambda *a: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            depots.jeter_les_abandonnes()
    assert reste(fichiers) == []
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=1)):
        assert depots.jeter_les_abandonnes() == 1
