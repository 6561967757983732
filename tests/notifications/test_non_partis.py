"""Un courriel qui n’est pas parti se voit et se renvoie : une page, le résumé du jour, le dossier (RE7)."""

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from comptes.models import Role
from delais.rappels import envoyer_rappels
from notifications.actions import prevenir
from notifications.envoi import envoyer_en_attente
from notifications.models import ESSAIS, REFUSEE, Canal, Envoi
from tests.factories import ParticipantFactory, RendezVousFactory, UtilisateurFactory

pytestmark = pytest.mark.django_db
PAGE = reverse("notifications:non_partis")


@pytest.fixture
def samira():
    return UtilisateurFactory(prenom="Samira", nom="Duhoux", email="fausse@plie.example")


@pytest.fixture
def responsable():
    return UtilisateurFactory(role=Role.RESPONSABLE)


def perdre(destinataire, objet=None, titre="Le rendez-vous change", occasion=1):
    prevenir([destinataire], genre="essai", objet=objet or ParticipantFactory(), occasion=occasion, titre=titre)
    envoi = Envoi.objects.filter(canal=Canal.COURRIEL, envoye_le=None, titre=titre).latest("id")
    Envoi.objects.filter(pk=envoi.pk).update(essais=ESSAIS, erreur=REFUSEE)
    mail.outbox.clear()
    return envoi


@pytest.fixture(autouse=True)
def rien_ne_part_seul(monkeypatch):
    monkeypatch.setattr("notifications.actions.lancer", lambda *a: None)


def renvoi(envoi):
    return reverse("notifications:renvoyer", args=[envoi.pk])


def test_re7_la_page_dit_a_qui_quoi_et_pourquoi(connexion, responsable, samira):
    perdre(samira)
    page = connexion(responsable).get(PAGE)
    for texte in ("Le rendez-vous change", "Samira Duhoux", "fausse@plie.example", REFUSEE, "Renvoyer"):
        assertContains(page, texte)


def test_rien_de_perdu_est_dit(connexion, responsable, samira):
    prevenir([samira], genre="essai", objet=ParticipantFactory(), occasion=1, titre="En route")
    page = connexion(responsable).get(PAGE)
    assertContains(page, "Tous les courriels sont partis")
    assertNotContains(page, "En route")


def test_re7_renvoyer_part_a_l_adresse_corrigee_du_compte(connexion, responsable, samira):
    envoi = perdre(samira)
    samira.email = "juste@plie.example"
    samira.enregistrer(par="essai")
    connexion(responsable).post(renvoi(envoi))
    assert envoyer_en_attente() == 1
    assert mail.outbox[-1].to == ["juste@plie.example"]
    assert not Envoi.objects.en_echec().exists()


def test_deux_clics_ne_renvoient_qu_une_fois(connexion, responsable, samira):
    client, envoi = connexion(responsable), perdre(samira)
    assert client.post(renvoi(envoi)).status_code == 302
    assert client.post(renvoi(envoi)).status_code == 404
    assert envoyer_en_attente() == 1


def test_deja_dit_a_la_nouvelle_adresse_il_s_efface(connexion, responsable, samira):
    objet = ParticipantFactory()
    envoi = perdre(samira, objet)
    samira.email = "juste@plie.example"
    samira.enregistrer(par="essai")
    prevenir([samira], genre="essai", objet=objet, occasion=1, titre="Le rendez-vous change")
    assert connexion(responsable).post(renvoi(envoi)).status_code == 302
    assert envoyer_en_attente() == 1


def test_ce_qui_s_adressait_a_un_compte_ferme_n_est_plus_a_renvoyer(connexion, responsable, samira):
    envoi = perdre(samira)
    samira.is_active = False
    samira.enregistrer(par="essai")
    assertNotContains(connexion(responsable).get(PAGE), "Samira")
    assert connexion(responsable).post(renvoi(envoi)).status_code == 404


def test_re7_le_resume_du_jour_le_dit_une_fois_et_mene_a_la_page(responsable, samira):
    perdre(samira)
    for _ in range(2):
        envoyer_rappels()
    alerte = Envoi.objects.get(genre="courriels_non_partis")
    assert (alerte.destinataire, alerte.canal, alerte.lien) == (responsable, Canal.APPLICATION, PAGE)
    assert alerte.titre == "1 courriel à renvoyer"


def test_rien_de_perdu_le_resume_se_tait(responsable):
    envoyer_rappels()
    assert not Envoi.objects.filter(genre="courriels_non_partis").exists()


@pytest.mark.parametrize(("combien", "phrase"), [(1, "1\u00a0non parti"), (2, "2\u00a0non partis")])
def test_re7_le_dossier_dit_ses_courriels_non_partis(connexion, responsable, samira, combien, phrase):
    rendez_vous = RendezVousFactory(debut=timezone.now())
    adresse = reverse("dossier:participant", args=[rendez_vous.participant_id])
    assert "Courriels" not in dict(connexion(responsable).get(adresse).context["situation"])
    for occasion in range(combien):
        perdre(samira, rendez_vous, occasion=occasion)
    perdre(samira, titre="D’un autre dossier")
    assert dict(connexion(responsable).get(adresse).context["situation"])["Courriels"] == phrase


def test_la_page_coute_autant_de_requetes_quel_que_soit_le_nombre(
    connexion, responsable, django_assert_max_num_queries
):
    client = connexion(responsable)
    client.get(PAGE)
    for rang in range(60):
        perdre(UtilisateurFactory(), titre=f"n° {rang}")
    with django_assert_max_num_queries(8):
        assert len(client.get(PAGE).context["lignes"]) == 50
