"""Les alertes de chacun, et les courriels de la démonstration."""

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comptes.models import Role
from notifications.actions import prevenir
from notifications.demonstration import CourrielsEnDossier, courriels_envoyes
from notifications.models import Envoi
from plie.historique import cle
from tests.factories import ParticipantFactory, PrescriptionFactory, UtilisateurFactory

pytestmark = pytest.mark.django_db
LISTE = "/alertes/"
INCONNUE = "01a20c0d-7166-7344-8d95-0aaf1d58a06a"


@pytest.fixture
def samira():
    return UtilisateurFactory(email="samira@plie.example")


@pytest.fixture
def sa_page(connexion, samira):
    return connexion(samira)


def annoncer(qui, nombre=1, **champs):
    objet = ParticipantFactory()
    for rang in range(nombre):
        defaut = {"titre": f"Demande n° {rang}", "texte": "Prise en charge.", "lien": "/alertes/"}
        prevenir([qui], genre="essai", objet=objet, occasion=rang, courriel=False, **defaut | champs)
    return Envoi.objects.alertes_de(qui)


class TestListe:
    def test_la_plus_recente_d_abord_avec_son_texte(self, sa_page, samira):
        annoncer(samira, 3)
        page = sa_page.get(LISTE).content.decode()
        assert page.index("Demande n° 2") < page.index("Demande n° 0")
        assert "Prise en charge." in page

    @pytest.mark.parametrize(
        ("role", "nomme"),
        [(Role.RESPONSABLE, True), (Role.CONSEILLER, False), (Role.PRESCRIPTEUR, False), (Role.ADMINISTRATEUR, False)],
    )
    def test_elle_nomme_la_personne_a_qui_peut_lire_son_dossier(self, connexion, role, nomme):
        qui = UtilisateurFactory(role=role)
        personne = ParticipantFactory(prenom="Zélie", nom="Canari")
        prevenir([qui], genre="essai", objet=PrescriptionFactory(participant=personne), occasion=1, titre="Demande")
        assert ("Zélie Canari" in connexion(qui).get(LISTE).content.decode()) == nomme

    def test_un_partenaire_y_lit_le_nom_de_qui_son_organisation_a_oriente(self, connexion):
        demande = PrescriptionFactory(participant__prenom="Zélie", participant__nom="Canari")
        agent = UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=demande.organisation)
        prevenir([agent], genre="essai", objet=demande, occasion=1, titre="Demande")
        assert "Zélie Canari" in connexion(agent).get(LISTE).content.decode()
        demande.organisation.active = False
        demande.organisation.enregistrer(par="test")
        assert "Zélie" not in connexion(agent).get(LISTE).content.decode()

    def test_celles_des_autres_n_y_sont_pas(self, sa_page):
        annoncer(UtilisateurFactory(), titre="Canari")
        assert "Canari" not in sa_page.get(LISTE).content.decode()

    def test_vide_elle_dit_ce_qui_y_viendra(self, sa_page):
        assert "Aucune alerte" in sa_page.get(LISTE).content.decode()

    def test_cinquante_par_page_et_la_suite_par_cle(self, sa_page, samira):
        annoncer(samira, 70)
        premiere = sa_page.get(LISTE)
        assert premiere.content.decode().count("Prise en charge.") == 50
        suite = sa_page.get(LISTE + premiere.context["suivante"]["url"])
        assert suite.content.decode().count("Prise en charge.") == 20
        assert suite.context["suivante"] is None

    @pytest.mark.parametrize("repere", ["", "x", "0" * 36, INCONNUE])
    def test_un_repere_insense_ramene_au_debut(self, sa_page, samira, repere):
        annoncer(samira)
        assert "Demande n° 0" in sa_page.get(LISTE, {"apres": repere}).content.decode()

    def test_autant_de_requetes_pour_une_que_pour_cinquante(self, sa_page, samira, django_assert_num_queries):
        annoncer(samira, 1)
        sa_page.get(LISTE)
        with CaptureQueriesContext(connection) as une:
            sa_page.get(LISTE)
        annoncer(samira, 49)
        with django_assert_num_queries(len(une)):
            sa_page.get(LISTE)


def non_lues(utilisateur):
    return Envoi.objects.alertes_de(utilisateur).non_lues().count()


class TestLues:
    def test_voir_la_liste_ne_marque_rien(self, sa_page, samira):
        """AC5 : une lecture n’écrit rien."""
        annoncer(samira)
        sa_page.get(LISTE)
        assert non_lues(samira) == 1

    def test_ouvrir_marque_celle_la_et_mene_a_son_objet(self, sa_page, samira):
        alerte = annoncer(samira, 2, lien="/prescriptions/")[0]
        assert sa_page.post(reverse("notifications:lue", args=[alerte.pk])).url == "/prescriptions/"
        assert non_lues(samira) == 1

    @pytest.mark.parametrize("lien", ["https://ailleurs.example/", "//ailleurs.example/", "javascript:alert(1)", ""])
    def test_une_alerte_ne_mene_jamais_hors_de_l_application(self, sa_page, samira, lien):
        alerte = annoncer(samira, lien=lien)[0]
        assert sa_page.post(reverse("notifications:lue", args=[alerte.pk])).url == LISTE

    def test_toutes_d_un_coup(self, sa_page, samira):
        annoncer(samira, 3)
        annoncer(autre := UtilisateurFactory())
        assert sa_page.post(reverse("notifications:lues")).url == LISTE
        assert (non_lues(samira), non_lues(autre)) == (0, 1)

    def test_ac2_l_alerte_d_un_autre_est_introuvable_comme_une_inconnue(self, sa_page):
        autre = annoncer(UtilisateurFactory())[0]
        reponses = [sa_page.post(reverse("notifications:lue", args=[c])) for c in (autre.pk, cle())]
        assert [r.status_code for r in reponses] == [404, 404]
        assert reponses[0].content == reponses[1].content
        autre.refresh_from_db()
        assert autre.lu_le is None

    @pytest.mark.parametrize("adresse", ["/alertes/lues/", f"/alertes/{INCONNUE}/lue/"])
    def test_marquer_est_un_envoi(self, sa_page, adresse):
        assert sa_page.get(adresse).status_code == 405


class TestCourrielsDeDemonstration:
    @pytest.fixture(autouse=True)
    def dossier(self, settings, tmp_path):
        settings.COURRIELS = tmp_path / "courriels"

    def test_parti_il_se_lit(self, sa_page):
        assert "Aucun courriel" in sa_page.get("/courriels/").content.decode()
        CourrielsEnDossier().send_messages([EmailMessage("Demande reçue", "<b>Bonjour</b>", to=["a@plie.example"])])
        [(identifiant, _)] = courriels_envoyes()
        assert "Demande reçue" in sa_page.get("/courriels/").content.decode()
        page = sa_page.get(f"/courriels/{identifiant}/").content.decode()
        assert "&lt;b&gt;Bonjour&lt;/b&gt;" in page

    def test_inconnu_il_est_introuvable(self, sa_page):
        assert sa_page.get(f"/courriels/{cle()}/").status_code == 404

    def test_les_plus_recents_d_abord(self, sa_page):
        for titre in ("premier", "second"):
            CourrielsEnDossier().send_messages([EmailMessage(titre, "x", to=["a@plie.example"])])
        assert [c.subject for _, c in courriels_envoyes()] == ["second", "premier"]
