"""La recherche : une boîte, ce que l’on a le droit d’ouvrir, et rien d’écrit de ce qui est cherché."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertContains, assertNotContains

from comptes.models import Role
from journal.models import Acte, Ligne
from participants.numeros import suivant
from prescriptions.listes import CHIFFRES_DU_NUMERO
from prescriptions.models import Prescription
from tests.factories import (
    AntenneFactory,
    EntretienFactory,
    ParticipantFactory,
    PrescriptionFactory,
    UtilisateurFactory,
)

pytestmark = pytest.mark.django_db
SECRET = "canari-rose-5190"


@pytest.fixture
def responsable():
    return UtilisateurFactory(role=Role.RESPONSABLE)


@pytest.fixture
def personne():
    participant = ParticipantFactory(
        numero="2026-00412",
        prenom="Élodie",
        nom="Vandamme",
        naissance=datetime.date(1988, 3, 14),
        telephone="06 39 98 41 27",
    )
    ParticipantFactory(prenom="Paul", nom="Lefebvre", naissance=datetime.date(1970, 1, 2), telephone="06 00 00 00 01")
    return participant


def noms(reponse):
    return [ligne["nom"] for ligne in reponse.context["lignes"]]


@pytest.mark.parametrize(
    "q", ["vandamme", "VENDAME", "elodie", "vandamme elodie", "14/03/1988", "06 39 98 41", "0639984127 vandamme"]
)
def test_par_nom_faute_accent_ordre_date_telephone(connexion, responsable, personne, q):
    reponse = connexion(responsable).get("/recherche/", {"q": q})
    if reponse.status_code == 303:
        assert reponse["Location"] == f"/participants/{personne.pk}/"
    else:
        assert noms(reponse) == ["Élodie Vandamme"]


def test_un_numero_de_dossier_s_ouvre_tout_droit(connexion, responsable, personne):
    reponse = connexion(responsable).get("/recherche/", {"q": "2026-412"})
    assert (reponse.status_code, reponse["Location"]) == (303, f"/participants/{personne.pk}/")


def test_un_numero_de_demande_s_ouvre_tout_droit(connexion, responsable):
    demande = PrescriptionFactory(numero=suivant(Prescription, "P-2026-", chiffres=CHIFFRES_DU_NUMERO))
    reponse = connexion(responsable).get("/recherche/", {"q": "p-2026-1"})
    assert reponse.status_code in (302, 303)
    assert reponse["Location"] == f"/prescriptions/{demande.pk}/"


@pytest.mark.parametrize("q", ["vandamme", "2026-00412", "0639984127", "14/03/1988"])
def test_une_autre_antenne_ne_trouve_rien(connexion, personne, q):
    reponse = connexion(UtilisateurFactory(role=Role.CONSEILLER)).get("/recherche/", {"q": q})
    assert noms(reponse) == []
    assertNotContains(reponse, "Élodie")


def test_le_conseiller_de_l_antenne_trouve(connexion, personne):
    conseiller = UtilisateurFactory(role=Role.CONSEILLER, antenne=personne.antenne)
    assert noms(connexion(conseiller).get("/recherche/", {"q": "vandame"})) == ["Élodie Vandamme"]


@pytest.mark.parametrize("role", [Role.PRESCRIPTEUR, Role.AUDITEUR, Role.ADMINISTRATEUR, Role.ANIMATEUR, None])
def test_les_autres_roles_ne_cherchent_pas(connexion, role):
    assert connexion(UtilisateurFactory(role=role)).get("/recherche/", {"q": "x"}).status_code == 403


@pytest.mark.parametrize("page", ["/recherche/", "/participants/"])
def test_le_journal_dit_qu_une_recherche_a_eu_lieu_pas_laquelle(connexion, responsable, personne, page):
    connexion(responsable).get(page, {"q": "vandamme"})
    ligne = Ligne.objects.get(acte=Acte.RECHERCHE)
    assert ligne.auteur == responsable
    assert "vandamme" not in f"{ligne.motif}{ligne.champs}".lower()


def test_sans_rien_taper_rien_n_est_cherche_et_la_page_dit_quoi_taper(connexion, responsable):
    reponse = connexion(responsable).get("/recherche/", {"q": "  "})
    assertContains(reponse, "téléphone")
    assert not Ligne.objects.filter(acte=Acte.RECHERCHE).exists()


def test_personne_ne_correspond_et_la_page_dit_que_faire(connexion, responsable):
    assertContains(connexion(responsable).get("/recherche/", {"q": "zzyzx"}), "Essayez")


@pytest.mark.parametrize("role", [Role.STATISTIQUES, Role.ANIMATION, Role.ENTREPRISES])
def test_un_texte_d_entretien_ne_se_cherche_pas(connexion, personne, role):
    EntretienFactory(participant=personne, clos=True, objectif=SECRET, synthese=SECRET, notes=SECRET)
    reponse = connexion(UtilisateurFactory(role=role)).get("/recherche/", {"q": SECRET})
    assert noms(reponse) == []


@pytest.mark.parametrize("q", ["'", "%", "\\", "a" * 5000, "<script>", "99/99/9999", "+33", "P-", "𝓥"])
def test_une_saisie_etrange_n_est_pas_une_erreur(connexion, responsable, personne, q):
    reponse = connexion(responsable).get("/recherche/", {"q": q})
    assert reponse.status_code == 200
    assertNotContains(reponse, "<script>alert")


def test_douze_requetes_au_plus_quel_que_soit_le_nombre(connexion, responsable):
    antenne = AntenneFactory()
    for rang in range(40):
        ParticipantFactory(antenne=antenne, nom="Vandamme", prenom=f"Ana{rang}")
    client = connexion(responsable)
    client.get("/recherche/", {"q": "vandamme"})
    for q in ("vandamme", "vendame", "zzyzx", "06 39"):
        with CaptureQueriesContext(connection) as requetes:
            client.get("/recherche/", {"q": q})
        assert len(requetes) <= 12
