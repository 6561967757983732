"""Un fichier déposé pour une orientation jamais envoyée ne reste pas : ni sa ligne, ni lui."""

import datetime

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.utils import timezone
from pytest_django.asserts import assertContains

from comptes import brouillons
from comptes.models import Brouillon
from prescriptions import depots
from prescriptions.models import Depot, Prescription
from prescriptions.tasks import jeter_les_depots_abandonnes
from reglages.models import Reglage
from tests.factories import UtilisateurFactory
from tests.prescriptions.orientations import Decor

pytestmark = pytest.mark.django_db
PAGE = "/orientations/nouvelle/"


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


# Le brouillon revient plus tard que ses fichiers : on le dit, et rien ne part sans eux par mégarde.


def test_un_brouillon_dont_les_fichiers_ont_ete_effaces_le_dit(connexion, fichiers):
    decor = Decor()
    vieux = [depose(decor.agent, 8), depose(decor.agent, 8, nom="rsa.pdf")]
    contenu = {"prenom": "Zoé", "depot": [str(d.pk) for d in vieux]}
    brouillon = brouillons.garder(decor.agent, "orientation", contenu)
    Brouillon.objects.filter(pk=brouillon.pk).update(enregistre_le=timezone.now() - datetime.timedelta(8))
    assert depots.jeter_les_abandonnes() == 2
    page = connexion(decor.agent).get(PAGE)
    assertContains(page, "Zoé")
    assertContains(page, "2 fichiers de ce brouillon ne sont plus gardés (7 jours au plus) : joignez-les de nouveau.")


def test_envoye_avec_un_fichier_efface_entre_temps_rien_ne_part_sans_le_dire(connexion, fichiers):
    decor = Decor()
    depot = depose(decor.agent, 1)
    envoi = decor.formulaire() | {"depot": str(depot.pk), f"type-{depot.pk}": "identite"}
    Depot.objects.all().delete()
    page = connexion(decor.agent).post(PAGE, envoi)
    assertContains(page, "Un fichier de ce brouillon n’est plus gardé")
    assert not Prescription.objects.exists()
    encore = decor.formulaire(vu="connue")
    assert connexion(decor.agent).post(PAGE, encore).status_code == 302


def test_envoye_pendant_que_le_fichier_s_efface_l_envoi_est_refuse_et_le_dit(connexion, fichiers):
    decor = Decor()
    depot = depose(decor.agent, 1)
    depot.fichier.storage.delete(depot.fichier.name)
    envoi = decor.formulaire() | {"depot": str(depot.pk), f"type-{depot.pk}": "identite"}
    page = connexion(decor.agent).post(PAGE, envoi)
    assertContains(page, "cni.pdf n’est plus gardé : retirez-le, et joignez-le de nouveau.")
    assert not Prescription.objects.exists()


@pytest.mark.parametrize(
    ("taille", "dit"), [(460, "460 octets"), (15 * 1024, "15 Ko"), (1025, "2 Ko"), (1_258_291, "1,2 Mo")]
)
def test_un_fichier_dit_son_poids_dans_l_unite_de_la_limite(taille, dit):
    assert Depot(taille=taille).poids == dit
