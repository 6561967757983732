"""Changer, retrouver, choisir un mot de passe."""

import datetime
import re

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from journal.models import Ligne
from notifications.envoi import envoyer_en_attente
from notifications.models import Envoi
from tests.comptes.conftest import MOT_DE_PASSE
from tests.factories import UtilisateurFactory

pytestmark = pytest.mark.django_db
MIDI = datetime.datetime(2026, 11, 24, 11, tzinfo=datetime.UTC)
NOUVEAU = "un phare au bout du quai"
DEUX_FOIS = {"password1": NOUVEAU, "password2": NOUVEAU}


def demander(client, adresse):
    return client.post(reverse("account_reset_password"), {"email": adresse}, follow=True)


def lien_recu():
    envoyer_en_attente()
    return re.search(r"http://127\.0\.0\.1:\d+(/compte/\S+)", mail.outbox[-1].body)[1]


def choisir(client, lien):
    """Le lien range son jeton en session puis mène au formulaire : il ne reste pas dans l’adresse."""
    page = client.get(lien, follow=True)
    return client.post(page.redirect_chain[-1][0] if page.redirect_chain else lien, DEUX_FOIS)


class TestOublie:
    def test_le_lien_recu_permet_d_en_choisir_un_autre(self, client, compte, entrer):
        demander(client, compte.email)
        assert choisir(client, lien_recu()).status_code == 302
        assert entrer(compte, mot_de_passe=NOUVEAU).status_code == 302
        assert not EmailAddress.objects.exists()
        assert Ligne.objects.filter(objet_id=compte.pk, champs=["password"], auteur=compte).exists()

    def test_retrouver_son_mot_de_passe_ne_connecte_pas(self, client, compte):
        """Le second facteur reste à passer (AU1)."""
        demander(client, compte.email)
        choisir(client, lien_recu())
        assert client.get("/alertes/").status_code == 302

    def test_le_lien_ne_sert_qu_une_fois_et_c_est_l_acte_qui_l_eteint(self, client, compte):
        demander(client, compte.email)
        lien = lien_recu()
        for _ in range(3):  # un antivirus de messagerie ouvre les liens
            assert Client().get(lien).status_code == 302
        choisir(client, lien)
        assert "ne vaut plus" in Client().get(lien, follow=True).content.decode()

    def test_le_lien_vaut_deux_heures(self, client, compte, settings):
        demander(client, compte.email)
        lien = lien_recu()
        settings.PASSWORD_RESET_TIMEOUT = -1
        assert "ne vaut plus" in client.get(lien, follow=True).content.decode()

    def test_le_lien_n_est_ecrit_nulle_part(self, client, compte):
        demander(client, compte.email)
        cle = lien_recu().rstrip("/").rsplit("-", 1)[-1]
        envoi = Envoi.objects.get()
        assert cle not in " ".join(str(v) for v in vars(envoi).values())

    def test_le_lien_ne_suit_pas_l_entete_host(self, client, compte, settings):
        settings.ALLOWED_HOSTS = ["*"]
        client.post(reverse("account_reset_password"), {"email": compte.email}, HTTP_HOST="piege.example")
        lien_recu()
        assert "piege.example" not in mail.outbox[-1].body

    def test_au4_inconnu_connu_ou_ferme_la_meme_reponse_et_un_seul_courriel(self, client, compte):
        UtilisateurFactory(email="parti@plie.example", is_active=False)
        pages = [
            re.sub(r'(value|nonce)="[^"]*"|X-CSRFToken[^}]*', "", demander(Client(), adresse).content.decode())
            for adresse in (compte.email, "personne@plie.example", "parti@plie.example")
        ]
        assert len(set(pages)) == 1
        envoyer_en_attente()
        assert [m.to for m in mail.outbox] == [[compte.email]]

    def test_au4_inconnu_connu_ou_ferme_le_meme_travail_en_base_et_pour_le_worker(self, compte, monkeypatch):
        """Deux fois de suite, comme qui insisterait : la seconde n’écrit rien, pour personne."""
        UtilisateurFactory(email="parti@plie.example", is_active=False)
        travaux, lignes, publiees = [], [], []
        monkeypatch.setattr("notifications.actions.lancer", lambda tache, *a: publiees.append(tache.name))
        demander(Client(), "echauffement@plie.example")
        with time_machine.travel(MIDI, tick=False):
            for adresse in (compte.email, "Personne@plie.example", "parti@plie.example"):
                publiees.clear()
                avant = Envoi.objects.count()
                with CaptureQueriesContext(connection) as requetes:
                    demander(Client(), adresse)
                    demander(Client(), adresse)
                ecritures = [re.sub(r"\(.*", "", r["sql"]) for r in requetes if not r["sql"].startswith("SELECT")]
                travaux.append((len(requetes), ecritures, list(publiees)))
                lignes.append(Envoi.objects.count() - avant)
        assert travaux[0] == travaux[1] == travaux[2]
        assert lignes == [1, 1, 1]
        assert not Envoi.objects.filter(titre__icontains="personne@").exists()

    def test_au4_le_serveur_de_courriel_en_panne_ne_change_pas_la_reponse(self, client, compte, monkeypatch):
        monkeypatch.setattr("notifications.envoi._envoyer", lambda *a: pytest.fail("rien ne part pendant la requête"))
        assert demander(client, compte.email).status_code == 200

    def test_une_personne_invitee_choisit_ainsi_son_premier_mot_de_passe(self, client, entrer):
        invitee = UtilisateurFactory(email="invitee@plie.example", password=None)
        demander(client, invitee.email)
        choisir(client, lien_recu())
        assert entrer(invitee, mot_de_passe=NOUVEAU).status_code == 302

    def test_deux_demandes_dans_la_minute_un_seul_courriel(self, client, compte, time_machine_figee):
        demander(client, compte.email)
        demander(client, compte.email)
        assert Envoi.objects.count() == 1


@pytest.fixture
def time_machine_figee():
    import time_machine

    with time_machine.travel("2026-11-24T12:00:00+01:00", tick=False):
        yield


class TestChanger:
    def test_le_titulaire_en_est_averti_avec_l_heure_et_l_adresse(self, client, compte, entrer):
        entrer(compte)
        client.post(
            reverse("account_change_password"), {"oldpassword": MOT_DE_PASSE} | DEUX_FOIS, REMOTE_ADDR="203.0.113.5"
        )
        envoyer_en_attente()
        assert mail.outbox[-1].to == [compte.email]
        assert "203.0.113.5" in mail.outbox[-1].body
        assert MOT_DE_PASSE not in mail.outbox[-1].body

    def test_l_ancien_est_exige(self, client, compte, entrer):
        entrer(compte)
        client.post(reverse("account_change_password"), {"oldpassword": "faux"} | DEUX_FOIS)
        compte.refresh_from_db()
        assert compte.check_password(MOT_DE_PASSE)


class TestChoisir:
    @pytest.mark.parametrize(
        "faible",
        [
            "court",
            "samira@plie.example",
            "plie dunkerque 2026",
            "PLIEduDunkerquois59!",
            "aaaaaaaaaaaaaaaaaaaa",
            "1234567890123456789",
            "demonstrationdemonstration",
            "Motdepasse-conseiller-1",
        ],
    )
    def test_au5_un_mot_de_passe_facile_est_refuse(self, compte, faible):
        with pytest.raises(ValidationError):
            validate_password(faible, compte)

    @pytest.mark.parametrize("bon", [MOT_DE_PASSE, NOUVEAU, "cheval mur gomme tasse", "kRv9-tTq2-mWx7-bLp4"])
    def test_au5_longueur_suffit_sans_regle_de_composition(self, compte, bon):
        validate_password(bon, compte)
