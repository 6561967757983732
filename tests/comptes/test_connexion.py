"""Entrer, sortir, se tromper : ce qui se dit, ce qui se tait, ce qui se consigne."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import hashers
from django.test import Client
from django.urls import reverse

from comptes.models import Role
from journal.models import Acte, Ligne
from tests.comptes.conftest import MOT_DE_PASSE
from tests.factories import AUTEUR, UtilisateurFactory

pytestmark = pytest.mark.django_db
PAGE = "/alertes/"


def actes():
    return list(Ligne.objects.exclude(acte=Acte.CREATION).order_by("id").values_list("acte", "auteur_id", "tache"))


class TestEntrer:
    def test_l_adresse_et_le_mot_de_passe_suffisent(self, client, compte, entrer):
        assert entrer(compte).url == PAGE
        assert client.get(PAGE).status_code == 200
        assert actes() == [(Acte.CONNEXION, compte.pk, "")]

    def test_la_casse_et_les_espaces_de_l_adresse_ne_comptent_pas(self, entrer, compte):
        assert entrer(" Samira@PLIE.example ").url == PAGE

    def test_la_session_change_de_numero_en_entrant(self, client, compte, entrer):
        """Un numéro de session posé avant la connexion ne vaut rien après (fixation)."""
        client.get(reverse("account_login"))
        session = client.session
        session["avant"] = True
        session.save()
        avant = session.session_key
        client.cookies["plie_session"] = avant
        entrer(compte)
        assert client.session.session_key != avant

    def test_l_adresse_n_est_ecrite_que_sur_le_compte(self, entrer, compte):
        """allauth tiendrait une seconde table d’adresses : l’ancienne y resterait après un changement."""
        entrer(compte)
        assert not EmailAddress.objects.exists()

    def test_on_ne_part_pas_vers_un_autre_site(self, entrer, compte):
        assert entrer(compte, suite="https://ailleurs.example/").url == "/"

    def test_personne_n_ouvre_son_compte_tout_seul(self, client):
        assert client.get("/compte/inscription/").status_code == 404


def reponse_nue(reponse):
    """Sans ce qui change à chaque page : le jeton, et l’adresse tapée."""
    corps = re.sub(r'(value|nonce)="[^"]*"|X-CSRFToken[^}]*', "", reponse.content.decode())
    return reponse.status_code, corps, dict(reponse.headers).keys()


class TestSeTromper:
    def test_au4_inconnu_connu_ou_ferme_la_meme_reponse(self, entrer, compte):
        UtilisateurFactory(email="parti@plie.example", password=MOT_DE_PASSE, is_active=False)
        connu = reponse_nue(entrer(compte, client=Client(), mot_de_passe="pas le bon"))
        inconnu = reponse_nue(entrer("personne@plie.example", client=Client()))
        ferme = reponse_nue(entrer("parti@plie.example", client=Client()))
        ferme_faux = reponse_nue(entrer("parti@plie.example", client=Client(), mot_de_passe="pas le bon"))
        assert connu == inconnu == ferme == ferme_faux
        assert connu[0] == 200

    def test_au4_et_le_meme_temps_de_calcul(self, entrer, compte, monkeypatch):
        UtilisateurFactory(email="parti@plie.example", password=MOT_DE_PASSE, is_active=False)
        sans = UtilisateurFactory(email="invitee@plie.example", password=None)
        calculs, encoder = [], hashers.MD5PasswordHasher.encode
        monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", lambda *a, **k: calculs.append(1) or encoder(*a, **k))
        comptes = []
        for adresse in (compte.email, "personne@plie.example", "parti@plie.example", sans.email):
            calculs.clear()
            entrer(adresse, client=Client(), mot_de_passe="pas le bon")
            comptes.append(len(calculs))
        assert comptes == [1, 1, 1, 1]

    def test_l_echec_est_au_journal_sans_l_adresse_essayee(self, entrer, compte):
        entrer(compte, mot_de_passe="pas le bon", REMOTE_ADDR="203.0.113.5")
        entrer("samira@plie.example ", mot_de_passe="non plus")
        entrer("autre@plie.example", mot_de_passe="non plus")
        premier, second, autre = Ligne.objects.filter(acte=Acte.ECHEC_CONNEXION).order_by("id")
        assert premier.tache == "connexion"
        assert premier.adresse == "203.0.113.5"
        assert premier.motif == second.motif != autre.motif
        assert "samira" not in premier.motif

    def test_un_compte_ferme_n_entre_pas_et_ne_l_apprend_pas(self, client, compte, entrer):
        compte.is_active = False
        compte.enregistrer(par=AUTEUR)
        assert "fermé" not in entrer(compte).content.decode()
        assert client.get(PAGE).status_code == 302


LIMITES = {"login_failed": "20/m/ip,3/5m/key", "login": "100/m/ip"}


class TestDeviner:
    @pytest.fixture(autouse=True)
    def limites(self, settings):
        settings.ACCOUNT_RATE_LIMITS = LIMITES

    def test_au3_deviner_est_ralenti_par_compte_et_par_client(self, client, compte, entrer):
        for _ in range(3):
            entrer(compte, mot_de_passe="pas le bon")
        assert entrer(compte).status_code == 200
        assert client.get(PAGE).status_code == 302

    def test_au3_le_titulaire_entre_pendant_qu_un_autre_devine(self, compte, entrer):
        for _ in range(6):
            entrer(compte, client=Client(), mot_de_passe="pas le bon", REMOTE_ADDR="203.0.113.66")
        assert entrer(compte, client=Client(), REMOTE_ADDR="198.51.100.1").status_code == 302

    def test_au3_une_adresse_inventee_ne_remet_pas_le_compteur_a_zero(self, compte, entrer):
        for rang in range(3):
            entrer(compte, client=Client(), mot_de_passe="pas le bon", HTTP_X_FORWARDED_FOR=f"192.0.2.{rang}")
        assert entrer(compte, client=Client(), HTTP_X_FORWARDED_FOR="192.0.2.99").status_code == 200

    def test_au3_les_compteurs_sont_en_base(self, compte, entrer, settings):
        assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")

    def test_le_refus_dit_d_attendre(self, compte, entrer):
        for _ in range(3):
            entrer(compte, mot_de_passe="pas le bon")
        assert "essais" in entrer(compte).content.decode().lower() or "tentatives" in entrer(compte).content.decode()


class TestSortir:
    def test_se_deconnecter_est_un_envoi(self, client, compte, entrer):
        entrer(compte)
        assert client.get(reverse("account_logout")).status_code == 200
        assert client.get(PAGE).status_code == 200
        client.post(reverse("account_logout"))
        assert client.get(PAGE).status_code == 302
        assert [a[0] for a in actes()] == [Acte.CONNEXION, Acte.DECONNEXION]

    def test_apres_la_sortie_rien_ne_reste_en_memoire_du_navigateur(self, client, compte, entrer):
        entrer(compte)
        assert "no-store" in client.get(PAGE)["Cache-Control"]


class TestDroitRetire:
    def test_ac4_un_compte_ferme_est_dehors_a_la_requete_suivante(self, client, compte, entrer):
        entrer(compte)
        compte.is_active = False
        compte.enregistrer(par=AUTEUR)
        assert client.get(PAGE).status_code == 302

    def test_ac4_un_role_retire_ne_vaut_plus_a_la_requete_suivante(self, connexion):
        administrateur = UtilisateurFactory(role=Role.ADMINISTRATEUR)
        client = connexion(administrateur)
        assert client.get("/admin/").status_code == 200
        administrateur.attributions.get().supprimer(par=AUTEUR)
        assert client.get("/admin/").status_code == 403

    def test_ac4_changer_de_mot_de_passe_ferme_les_autres_sessions(self, client, compte, entrer):
        ailleurs = Client()
        entrer(compte)
        entrer(compte, client=ailleurs)
        nouveau = {
            "oldpassword": MOT_DE_PASSE,
            "password1": "un phare au bout du quai",
            "password2": "un phare au bout du quai",
        }
        assert client.post(reverse("account_change_password"), nouveau).status_code == 302
        assert ailleurs.get(PAGE).status_code == 302


class TestSansConnexion:
    def test_une_page_mene_a_la_connexion_puis_y_revient(self, client):
        assert client.get(f"{PAGE}?apres=x").url == f"{reverse('account_login')}?next=%2Falertes%2F%3Fapres%3Dx"

    def test_un_fragment_recoit_401_jamais_une_page_de_connexion(self, client):
        reponse = client.get(
            PAGE, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/participants/?q=x"}
        )
        assert reponse.status_code == 401
        assert reponse.content == b""
        assert reponse["HX-Redirect"] == f"{reverse('account_login')}?next=%2Fparticipants%2F"

    def test_un_fragment_envoye_ne_fait_pas_quitter_la_page(self, client):
        reponse = client.post("/alertes/lues/", headers={"HX-Request": "true"})
        assert reponse.status_code == 401
        assert "HX-Redirect" not in reponse

    def test_un_script_recoit_401_et_l_adresse_de_la_connexion(self, client):
        reponse = client.post(
            "/compte/brouillons/entretien/-/",
            headers={"Accept": "application/json", "Referer": "http://testserver/entretiens/7/"},
        )
        assert reponse.status_code == 401
        assert reponse.json() == {"connexion": f"{reverse('account_login')}?next=%2Fentretiens%2F7%2F"}

    def test_apres_un_envoi_on_revient_a_la_page_d_ou_il_partait(self, client):
        """Revenir par GET sur une adresse qui n’accepte que POST montrerait une erreur."""
        ici = client.post("/alertes/lues/", headers={"Referer": "http://testserver/alertes/"})
        ailleurs = client.post("/alertes/lues/", headers={"Referer": "https://ailleurs.example/piege/"})
        assert (ici.url, ailleurs.url) == (
            f"{reverse('account_login')}?next=%2Falertes%2F",
            f"{reverse('account_login')}?next=%2F",
        )
