"""Les démarches, réglées et ajoutées de n’importe où."""

import datetime
import uuid

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from comptes.models import Role
from entretiens.models import Demarche
from plie.templatetags.interface import annulation
from tests.entretiens.gestes import conseillere, dossier, url
from tests.factories import DemarcheFactory, UtilisateurFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def demarche():
    participant, referente = dossier()
    return DemarcheFactory(participant=participant, conseiller=referente)


class TestRegler:
    def test_cocher_la_dit_faite_et_propose_d_annuler(self, connexion, demarche):
        reponse = connexion(demarche.conseiller).post(url("demarche", demarche), {"suite": "/verifier/"})
        assert reponse.url == "/verifier/"
        demarche.refresh_from_db()
        assert (demarche.etat, demarche.reglee_le) == ("faite", timezone.localdate())
        (message,) = get_messages(reponse.wsgi_request)
        assert f"annuler={url('demarche', demarche)}?etat=a_faire&suite=/verifier/" in message.extra_tags

    def test_annuler_ramene_a_la_page_avec_ses_filtres(self, connexion, demarche):
        client, suite = connexion(demarche.conseiller), "/participants/?texte=Dupont%20%26%20Fils&page=2#t-demarches"
        reponse = client.post(url("demarche", demarche), {"suite": suite})
        (message,) = get_messages(reponse.wsgi_request)
        assert client.post(annulation(message)).url == suite

    def test_annuler_la_rend_a_faire(self, connexion, demarche):
        client = connexion(demarche.conseiller)
        client.post(url("demarche", demarche), {"etat": "faite"})
        client.post(url("demarche", demarche) + "?etat=a_faire")
        demarche.refresh_from_db()
        assert (demarche.etat, demarche.reglee_le) == ("a_faire", None)

    def test_abandonner(self, connexion, demarche):
        connexion(demarche.conseiller).post(url("demarche", demarche), {"etat": "abandonnee"})
        demarche.refresh_from_db()
        assert demarche.etat == "abandonnee"

    def test_un_double_clic_le_dit_sans_rien_changer(self, connexion, demarche):
        client = connexion(demarche.conseiller)
        for _ in range(2):
            reponse = client.post(url("demarche", demarche), {"etat": "faite", "suite": "/verifier/"})
        assert reponse.status_code == 302
        assert demarche.history.count() == 2

    def test_un_etat_invente_est_refuse(self, connexion, demarche):
        connexion(demarche.conseiller).post(url("demarche", demarche), {"etat": "volee"})
        demarche.refresh_from_db()
        assert demarche.etat == "a_faire"

    def test_par_htmx_la_ligne_seule_revient_avec_le_message(self, connexion, demarche):
        reponse = connexion(demarche.conseiller).post(
            url("demarche", demarche), {"etat": "faite"}, headers={"HX-Request": "true"}
        )
        assertContains(reponse, f'id="demarche-{demarche.pk}"')
        assertContains(reponse, "Démarche faite")
        assert b"<html" not in reponse.content

    def test_on_ne_revient_jamais_ailleurs_que_chez_nous(self, connexion, demarche):
        reponse = connexion(demarche.conseiller).post(
            url("demarche", demarche), {"etat": "faite", "suite": "//ailleurs.example/"}
        )
        assert reponse.url == reverse("dossier:participant", args=[demarche.participant_id])

    @pytest.mark.parametrize(
        ("role", "statut"),
        [(Role.RESPONSABLE, 403), (Role.STATISTIQUES, 404), (Role.ANIMATION, 404), (Role.PRESCRIPTEUR, 404)],
    )
    def test_seule_une_conseillere_les_regle(self, connexion, demarche, role, statut):
        client = connexion(UtilisateurFactory(role=role))
        assert client.post(url("demarche", demarche), {"etat": "faite"}).status_code == statut
        demarche.refresh_from_db()
        assert demarche.etat == "a_faire"

    def test_une_autre_antenne_a_404(self, connexion, demarche):
        client = connexion(UtilisateurFactory(role=Role.CONSEILLER))
        assert client.post(url("demarche", demarche)).status_code == 404

    def test_un_get_ne_coche_pas(self, connexion, demarche):
        assert connexion(demarche.conseiller).get(url("demarche", demarche)).status_code == 405


class TestAjouter:
    def envoi(self, **champs):
        return {
            "jeton": str(uuid.uuid4()),
            "quoi": "Refaire le CV",
            "qui": "personne",
            "pour_le": "2028-02-29",
        } | champs

    def adresse(self, participant):
        return reverse("entretiens:demarche_nouvelle", args=[participant.pk])

    def test_hors_d_un_entretien(self, connexion, demarche):
        participant = demarche.participant
        reponse = connexion(demarche.conseiller).post(self.adresse(participant), self.envoi(suite="/verifier/"))
        assertRedirects(reponse, "/verifier/")
        ajoutee = Demarche.objects.get(quoi="Refaire le CV")
        assert (ajoutee.entretien, ajoutee.conseiller, ajoutee.pour_le.isoformat()) == (
            None,
            demarche.conseiller,
            "2028-02-29",
        )

    def test_un_double_clic_n_en_ajoute_qu_une(self, connexion, demarche):
        client, donnees = connexion(demarche.conseiller), self.envoi()
        for _ in range(2):
            client.post(self.adresse(demarche.participant), donnees)
        assert Demarche.objects.filter(quoi="Refaire le CV").count() == 1

    @pytest.mark.parametrize(
        ("champs", "phrase"),
        [
            ({"quoi": " "}, "obligatoire"),
            ({"pour_le": "2027-02-29"}, "n’existe pas"),
            ({"pour_le": (timezone.localdate() - datetime.timedelta(1)).isoformat()}, "déjà passée"),
            ({"quoi": "288035912345678"}, "sécurité sociale"),
        ],
    )
    def test_une_saisie_impossible_est_refusee(self, connexion, demarche, champs, phrase):
        reponse = connexion(demarche.conseiller).post(self.adresse(demarche.participant), self.envoi(**champs))
        assertContains(reponse, phrase, status_code=422)

    def test_une_collegue_de_l_antenne_peut_en_ajouter_pas_le_siege(self, connexion, demarche):
        participant = demarche.participant
        assert connexion(conseillere(participant.antenne)).get(self.adresse(participant)).status_code == 200
        assert connexion(UtilisateurFactory(role=Role.STATISTIQUES)).get(self.adresse(participant)).status_code == 403
