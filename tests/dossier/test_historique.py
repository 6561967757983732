import datetime

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from comptes.models import Role
from journal.actions import consigner_lecture
from journal.models import Acte, Ligne
from tests.factories import (
    DocumentFactory,
    LignePieceFactory,
    ParticipantFactory,
    SignatureFactory,
    UtilisateurFactory,
)

pytestmark = pytest.mark.django_db

LE_6_NOVEMBRE = datetime.datetime(datetime.date.today().year, 11, 6, 9, tzinfo=datetime.UTC)


@pytest.fixture
def participant():
    return ParticipantFactory(prenom="Sabrina", nom="Delattre", telephone="06 39 98 41 27")


@pytest.fixture
def responsable():
    return UtilisateurFactory(role=Role.RESPONSABLE)


def adresse(participant, **parametres):
    return reverse("dossier:historique", args=[participant.pk], query=parametres or None)


def test_l_historique_dit_qui_a_change_quoi_avec_les_deux_valeurs(connexion, participant, responsable):
    conseiller = UtilisateurFactory(role=Role.CONSEILLER, antenne=participant.antenne)
    participant.telephone = "06 39 98 00 00"
    participant.enregistrer(par=conseiller)
    page = connexion(responsable).get(adresse(participant))
    for texte in (str(conseiller), "Téléphone", "06 39 98 41 27", "06 39 98 00 00"):
        assertContains(page, texte)


def test_une_signature_et_une_liste_se_disent_en_francais(connexion, participant, responsable):
    signature = SignatureFactory(document__participant=participant)
    signature.trace = "M78.2 130Q95.8 147.6 113.4 165.2"
    signature.enregistrer(par=responsable)
    case = LignePieceFactory(prescription__participant=participant)
    case.points = ["Signé par la personne", "Daté"]
    case.enregistrer(par=responsable)
    page = connexion(responsable).get(adresse(participant))
    assertContains(page, "Signé par la personne, Daté")
    assertNotContains(page, "M78.2")


def test_l_historique_dit_qui_a_lu(connexion, participant, responsable):
    lecteur = UtilisateurFactory(role=Role.STATISTIQUES)
    consigner_lecture(participant, par=lecteur)
    page = connexion(responsable).get(adresse(participant, filtre="lectures"))
    assertContains(page, str(lecteur))
    assert {trace.ligne.acte for trace in page.context["traces"]} == {"lecture"}


def test_relire_la_meme_chose_dans_la_journee_ne_fait_qu_une_ligne(connexion, participant, responsable):
    lecteur = UtilisateurFactory(role=Role.STATISTIQUES)
    for _ in range(3):
        consigner_lecture(participant, par=lecteur)
    consigner_lecture(participant, par=responsable)
    consigner_lecture(participant, par=lecteur)
    page = connexion(responsable).get(adresse(participant, filtre="lectures", auteur=""))
    assert [(t.auteur, t.fois) for t in page.context["traces"]][-3:] == [
        (str(lecteur), 1),
        (str(responsable), 1),
        (str(lecteur), 3),
    ]
    assertContains(page, "3 fois")


def test_un_document_fabrique_se_dit_en_mots_sans_chemin_ni_tache(connexion, participant, responsable, settings):
    document = DocumentFactory(participant=participant, genre="synthese", fige_le=LE_6_NOVEMBRE)
    document.poser_fichier(b"%PDF-1.7", etat=[], par="documents.produire")
    consigner_lecture(document, par=responsable)
    page = connexion(responsable).get(adresse(participant))
    for phrase in ("Le logiciel", "fabrication du PDF", "Synthèse d’entretien du 6 novembre"):
        assertContains(page, phrase)
    for technique in ("documents.produire", "documents/", document.sha256):
        assertNotContains(page, technique)


def test_l_administrateur_voit_les_actes_sans_nom_ni_valeur(connexion, participant):
    participant.telephone = "06 39 98 00 00"
    participant.enregistrer(par="essai")
    page = connexion(UtilisateurFactory(role=Role.ADMINISTRATEUR)).get(adresse(participant))
    assertContains(page, "téléphone")
    for texte in ("Delattre", "06 39 98"):
        assertNotContains(page, texte)


@pytest.mark.parametrize("role", [Role.STATISTIQUES, Role.ANIMATION])
def test_le_siege_sans_le_droit_est_refuse(connexion, participant, role):
    assert connexion(UtilisateurFactory(role=role)).get(adresse(participant)).status_code == 403


def test_le_conseiller_du_dossier_est_refuse_l_autre_ne_le_voit_pas(connexion, participant):
    du_dossier = UtilisateurFactory(role=Role.CONSEILLER, antenne=participant.antenne)
    assert connexion(du_dossier).get(adresse(participant)).status_code == 403
    assert connexion(UtilisateurFactory(role=Role.CONSEILLER)).get(adresse(participant)).status_code == 404


def test_lire_l_historique_se_voit_dans_l_historique(connexion, participant, responsable):
    client = connexion(responsable)
    client.get(adresse(participant))
    page = client.get(adresse(participant, filtre="lectures"))
    assertContains(page, "historique")


@pytest.mark.parametrize("avant", ["99999999", "1"])
def test_dp1_la_suite_de_l_historique_se_consigne_aussi(connexion, participant, responsable, avant):
    connexion(responsable).get(adresse(participant, avant=avant))
    assert Ligne.objects.filter(acte=Acte.LECTURE, participant_id=participant.pk, auteur=responsable).count() == 1


def test_l_historique_se_lit_page_par_page(connexion, participant, responsable):
    for _ in range(120):
        consigner_lecture(participant, par=responsable)
    client, vues, suite = connexion(responsable), [], {"filtre": "lectures"}
    for _ in range(5):
        page = client.get(adresse(participant, **suite))
        vues += [ligne.pk for trace in page.context["traces"] for ligne in (trace.ligne, *trace.pareilles)]
        if not page.context["suite"]:
            break
        suite["avant"] = page.context["suite"]
    assert len(vues) == len(set(vues)) >= 120


@pytest.mark.parametrize("parametres", [{"avant": "abc"}, {"avant": "9" * 30}, {"filtre": "x"}])
def test_un_parametre_fantaisiste_n_est_pas_une_erreur(connexion, participant, responsable, parametres):
    assert connexion(responsable).get(adresse(participant, **parametres)).status_code == 200


def test_un_auteur_inconnu_ne_montre_rien(connexion, participant, responsable):
    assert connexion(responsable).get(adresse(participant, auteur="personne")).status_code == 404


def test_l_historique_coute_autant_de_requetes_pour_une_page_pleine(
    connexion, participant, responsable, django_assert_max_num_queries
):
    for rang in range(60):
        participant.joindre = f"essai {rang}"
        participant.enregistrer(par=responsable)
    client = connexion(responsable)
    client.get(adresse(participant))
    with django_assert_max_num_queries(12):
        client.get(adresse(participant))
