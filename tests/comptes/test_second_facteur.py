"""Le second facteur : compulsoire ou non, servi une fois, illisible en base."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comptes import second_facteur
from comptes.models import CodeDeSecours, Role
from journal.models import Acte, Ligne
from notifications.envoi import envoyer_en_attente
from tests.comptes.conftest import MOT_DE_PASSE
from tests.factories import UtilisateurFactory
from tests.parallele import en_parallele

PAGE = "/alertes/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(ecart=0, secret=SECRET):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ecart))


@pytest.fixture
def equipe(compte):
    """Un compte qui a déjà son application."""
    secret = second_facteur.SecondFacteurAdapter().encrypt(SECRET)
    Authenticator.objects.create(user=compte, type=Authenticator.Type.TOTP, data={"secret": secret})
    return compte


@pytest.fixture
def codes(equipe):
    return second_facteur.nouveaux_codes(equipe)


def presenter(client, valeur):
    return client.post(reverse("mfa_authenticate"), {"code": valeur})


@pytest.mark.django_db
class TestObligatoire:
    @pytest.fixture(autouse=True)
    def obligatoire(self, settings):
        settings.SECOND_FACTEUR_OBLIGATOIRE = True

    @pytest.mark.parametrize("role", list(Role))
    def test_au1_chaque_role_le_met_en_place_avant_toute_page(self, connexion, role):
        reponse = connexion(UtilisateurFactory(role=role)).get(PAGE)
        assert (reponse.status_code, reponse.url) == (302, reverse("mfa_activate_totp"))

    def test_au1_un_brouillon_ne_s_ecrit_pas_sans_lui(self, connexion, compte):
        assert connexion(compte).post("/compte/brouillons/x/-/").status_code == 302

    def test_on_peut_toujours_sortir(self, connexion, compte):
        assert connexion(compte).get(reverse("account_logout")).status_code == 200

    def test_les_pages_ouvertes_a_tous_le_restent(self, connexion, compte):
        assert connexion(compte).get("/verifier/").status_code == 200

    def test_le_mettre_en_place_puis_entrer_avec(self, client, compte, entrer):
        entrer(compte)
        assert client.get(PAGE).url == reverse("mfa_activate_totp")
        client.get(reverse("mfa_activate_totp"))
        secret = client.session["mfa.totp.secret"]
        page = client.post(reverse("mfa_activate_totp"), {"code": code(secret=secret)})
        assert len(re.findall(r"\d{5}-\d{5}-\d{5}-\d{5}", page.content.decode())) == 10
        assert client.get(PAGE).status_code == 200
        assert client.post(reverse("account_logout")).status_code == 302
        assert entrer(compte).url.startswith(reverse("mfa_authenticate"))
        assert client.get(PAGE).status_code == 302, "le mot de passe seul n’ouvre rien"
        assert presenter(client, code(1, secret)).status_code == 302
        assert client.get(PAGE).status_code == 200
        envoyer_en_attente()
        assert any("second facteur" in m.subject.lower() for m in mail.outbox)

    def test_le_retirer_oblige_a_en_mettre_un_autre(self, client, equipe, entrer):
        entrer(equipe)
        presenter(client, code())
        assert client.post(reverse("mfa_deactivate_totp")).status_code == 302
        assert client.get(PAGE).url == reverse("mfa_activate_totp")


@pytest.mark.django_db
class TestFacultatif:
    def test_sans_lui_on_entre_par_le_mot_de_passe(self, client, compte, entrer):
        entrer(compte)
        assert client.get(PAGE).status_code == 200

    def test_mis_en_place_il_est_demande(self, client, equipe, entrer):
        assert entrer(equipe).url.startswith(reverse("mfa_authenticate"))
        assert client.get(PAGE).status_code == 302

    def test_au2_le_meme_code_ne_sert_pas_deux_fois(self, equipe, entrer):
        autre, valeur = Client(), code()
        premier = Client()
        for client in (premier, autre):
            entrer(equipe, client=client)
        assert presenter(premier, valeur).status_code == 302
        assert presenter(autre, valeur).status_code == 200
        assert autre.get(PAGE).status_code == 302

    def test_au2_le_code_de_la_mise_en_place_ne_connecte_pas(self, client, compte, entrer):
        entrer(compte)
        client.get(reverse("mfa_activate_totp"))
        secret = client.session["mfa.totp.secret"]
        valeur = code(secret=secret)
        client.post(reverse("mfa_activate_totp"), {"code": valeur})
        client.post(reverse("account_logout"))
        entrer(compte)
        assert presenter(client, valeur).status_code == 200

    @pytest.mark.parametrize(("ecart", "vaut"), [(-3, False), (-1, True), (0, True), (1, True), (3, False)])
    def test_l_horloge_du_telephone_peut_se_tromper_de_trente_secondes(self, equipe, ecart, vaut):
        assert bool(second_facteur.verifier(equipe, code(ecart))) is vaut

    def test_au3_deviner_le_code_est_ralenti_sans_fermer_la_porte_au_titulaire(self, equipe, entrer, settings):
        settings.ACCOUNT_RATE_LIMITS = {"login_failed": "100/m/ip,3/5m/key"}
        voleur, titulaire = Client(REMOTE_ADDR="203.0.113.66"), Client(REMOTE_ADDR="198.51.100.1")
        for client in (voleur, titulaire):
            entrer(equipe, client=client)
        for _ in range(4):
            presenter(voleur, "000000")
        assert presenter(voleur, code()).status_code == 200
        assert presenter(titulaire, code()).status_code == 302

    def test_un_code_faux_est_au_journal(self, client, equipe, entrer):
        entrer(equipe)
        presenter(client, "000000")
        ligne = Ligne.objects.get(acte=Acte.ECHEC_CONNEXION)
        assert (ligne.objet_id, ligne.motif) == (equipe.pk, "second facteur")

    @pytest.mark.parametrize("faux", ["", " ", "abc", "12345", "1234567", "０００", "9" * 500])
    def test_un_code_informe_est_refuse_sans_panne(self, client, equipe, entrer, faux):
        entrer(equipe)
        assert presenter(client, faux).status_code == 200

    def test_retrouver_son_mot_de_passe_ne_dispense_pas_du_code(self, client, equipe, entrer):
        equipe.set_password("un phare au bout du quai")
        equipe.enregistrer(par=equipe)
        assert entrer(equipe, mot_de_passe="un phare au bout du quai").url.startswith(reverse("mfa_authenticate"))

    def test_changer_de_telephone_redemande_le_mot_de_passe(self, connexion, equipe):
        """Une session laissée ouverte ne suffit pas : elle n’a ni mot de passe ni code récents."""
        reponse = connexion(equipe).post(reverse("mfa_deactivate_totp"))
        assert "confirmer" in reponse.url
        assert Authenticator.objects.exists()


@pytest.mark.django_db
class TestCodesDeSecours:
    def test_au1_la_base_n_en_garde_que_l_empreinte(self, equipe, codes):
        with connection.cursor() as curseur:
            curseur.execute("SELECT empreinte FROM comptes_codedesecours")
            tout = str(curseur.fetchall())
        assert not any(c in tout or c.replace("-", "") in tout for c in codes)
        assert CodeDeSecours.objects.count() == 10

    def test_au1_le_secret_de_l_application_est_chiffre(self, equipe):
        donnees = str(Authenticator.objects.get().data)
        assert SECRET not in donnees
        assert second_facteur.verifier(equipe, code())

    def test_il_fait_entrer_une_fois(self, equipe, codes, entrer):
        for client, attendu in ((Client(), 302), (Client(), 200)):
            entrer(equipe, client=client)
            assert presenter(client, codes[0]).status_code == attendu

    def test_il_se_tape_avec_ou_sans_tirets(self, equipe, codes):
        assert second_facteur.verifier(equipe, codes[0].replace("-", ""))
        assert second_facteur.verifier(equipe, f" {codes[1].replace('-', ' ')} ")

    def test_au2_c_est_une_seule_ecriture_qui_decide(self, equipe, codes):
        """Lire puis écrire laisserait entre les deux la place d’un second envoi."""
        with CaptureQueriesContext(connection) as capture:
            second_facteur.verifier(equipe, codes[0])
        [ordre] = [o["sql"] for o in capture if "codedesecours" in o["sql"]]
        assert ordre.startswith("UPDATE")

    def test_celui_d_un_autre_ne_vaut_rien(self, equipe, codes):
        assert second_facteur.verifier(UtilisateurFactory(), codes[0]) is None

    def test_en_faire_de_nouveaux_eteint_les_anciens(self, equipe, codes):
        second_facteur.nouveaux_codes(equipe)
        assert second_facteur.verifier(equipe, codes[0]) is None

    def test_ils_ne_se_montrent_qu_une_fois(self, client, equipe, entrer):
        entrer(equipe)
        presenter(client, code())
        page = client.post(reverse("mfa_generate_recovery_codes")).content.decode()
        [premier, *_] = re.findall(r"\d{5}-\d{5}-\d{5}-\d{5}", page)
        for adresse in (reverse("mfa_generate_recovery_codes"), reverse("mfa_index")):
            assert premier not in client.get(adresse).content.decode()
        assert premier not in str(dict(client.session))

    def test_retirer_l_application_retire_les_codes(self, equipe, codes):
        second_facteur.retirer(equipe, par=equipe)
        assert not CodeDeSecours.objects.exists()
        assert not Authenticator.objects.exists()
        assert Ligne.objects.filter(champs=["second_facteur"], auteur=equipe).exists()


@pytest.mark.django_db(transaction=True)
class TestCinquanteFois:
    def test_au2_cinquante_envois_du_meme_code_un_seul_entre(self, equipe, entrer):
        clients = [Client() for _ in range(50)]
        for client in clients:
            entrer(equipe, client=client, mot_de_passe=MOT_DE_PASSE)
        valeur = code()
        statuts = en_parallele(50, lambda rang: presenter(clients[rang], valeur).status_code)
        assert sorted(map(str, statuts)) == ["200"] * 49 + ["302"]

    def test_au2_cinquante_envois_du_meme_code_de_secours_un_seul_vaut(self, equipe, codes):
        vrais = en_parallele(50, lambda rang: bool(second_facteur.verifier(equipe, codes[0])))
        assert sorted(vrais, key=str) == [False] * 49 + [True]
