"""Modifier des coordonnées : qui le peut, et deux personnes à la fois sans rien perdre (RE1)."""

import pytest
from pytest_django.asserts import assertContains, assertRedirects

from comptes.models import Role
from participants.models import Participant
from participants.recherche import chercher
from tests.factories import AUTEUR, AffectationFactory, CommuneFactory, ParticipantFactory, UtilisateurFactory
from tests.parallele import en_parallele

pytestmark = pytest.mark.django_db


@pytest.fixture
def personne():
    return ParticipantFactory(prenom="Nadège", nom="Boutoille", joindre="le matin")


@pytest.fixture
def conseiller(personne):
    return UtilisateurFactory(role=Role.CONSEILLER, antenne=personne.antenne)


def adresse(personne):
    return f"/participants/{personne.pk}/modifier/"


def saisie(personne, **champs):
    return {
        "version": personne.version,
        "prenom": personne.prenom,
        "nom": personne.nom,
        "naissance": f"{personne.naissance:%d/%m/%Y}",
        "telephone": personne.telephone,
        "joindre": personne.joindre,
        "code_postal": personne.code_postal,
        "commune": personne.commune_id,
    } | champs


def test_le_formulaire_montre_ce_qui_est_connu(connexion, personne, conseiller):
    reponse = connexion(conseiller).get(adresse(personne))
    assertContains(reponse, 'value="Boutoille"')
    assertContains(reponse, "le matin")


def test_une_naissance_mal_tapee_se_corrige_et_l_historique_garde_l_ancienne(connexion, personne, conseiller):
    """Le contrôle exige « date de naissance identique » : une faute de frappe à l’orientation doit pouvoir s’y plier."""
    envoi = saisie(personne, naissance="14/03/1989", sexe="femme")
    assertRedirects(connexion(conseiller).post(adresse(personne), envoi), f"/participants/{personne.pk}/")
    personne.refresh_from_db()
    assert (f"{personne.naissance}", personne.sexe) == ("1989-03-14", "femme")
    assert f"{personne.history.earliest().naissance}" == "1988-03-14"


@pytest.mark.parametrize("naissance", ["", "14/03/1895", "14/03/2020", "30/02/1988", "01/01/2999"])
def test_une_naissance_impossible_est_refusee_et_le_reste_garde(connexion, personne, conseiller, naissance):
    reponse = connexion(conseiller).post(adresse(personne), saisie(personne, naissance=naissance, joindre="le soir"))
    assert reponse.status_code == 422
    assertContains(reponse, "le soir", status_code=422)
    personne.refresh_from_db()
    assert f"{personne.naissance}" == "1988-03-14"


def test_enregistrer_ecrit_et_nomme_l_auteur(connexion, personne, conseiller):
    reponse = connexion(conseiller).post(adresse(personne), saisie(personne, telephone="0612345678"))
    assertRedirects(reponse, f"/participants/{personne.pk}/", fetch_redirect_response=False)
    personne.refresh_from_db()
    assert personne.telephone == "06 12 34 56 78"
    assert personne.history.latest().history_user == conseiller


def test_rien_de_change_n_ecrit_rien(connexion, personne, conseiller):
    connexion(conseiller).post(adresse(personne), saisie(personne))
    personne.refresh_from_db()
    assert personne.version == 1


def test_un_nom_corrige_se_retrouve_aussitot(connexion, personne, conseiller):
    connexion(conseiller).post(adresse(personne), saisie(personne, nom="Vandamme"))
    assert chercher("vandamme", par=AUTEUR, visibles=Participant.objects.all()) == [personne]
    assert chercher("boutoille", par=AUTEUR, visibles=Participant.objects.all()) == []


@pytest.mark.parametrize(
    ("champs", "texte"),
    [
        ({"telephone": "12"}, "n’est pas complet"),
        ({"code_postal": "59"}, "cinq chiffres"),
        ({"email": "non"}, "is-invalid"),
        ({"commune": ""}, "Indiquez la commune"),
        ({"nom": ""}, "obligatoire"),
        ({"joindre": "n° 1 88 03 59 183 123 45"}, "sécurité sociale"),
    ],
)
def test_une_saisie_fausse_est_dite_et_gardee(connexion, personne, conseiller, champs, texte):
    reponse = connexion(conseiller).post(adresse(personne), saisie(personne, prenom="Zoé", **champs))
    assert reponse.status_code == 422
    assertContains(reponse, texte, status_code=422)
    assertContains(reponse, 'value="Zoé"', status_code=422)
    personne.refresh_from_db()
    assert personne.version == 1


def test_hors_de_la_cud_la_commune_s_ecrit(connexion, personne, conseiller):
    connexion(conseiller).post(adresse(personne), saisie(personne, commune="", commune_hors_cud="Calais"))
    personne.refresh_from_db()
    assert (personne.commune, personne.lieu) == (None, "Calais")


class TestAcces:
    @pytest.mark.parametrize("role", [Role.RESPONSABLE, Role.STATISTIQUES, Role.ANIMATION])
    def test_le_siege_lit_sans_modifier(self, connexion, personne, role):
        client = connexion(UtilisateurFactory(role=role))
        assert client.get(adresse(personne)).status_code in (200, 403)
        reponse = client.post(adresse(personne), saisie(personne, nom="Autre"))
        assert reponse.status_code == 403
        personne.refresh_from_db()
        assert personne.nom == "Boutoille"

    def test_une_autre_antenne_ne_la_trouve_pas(self, connexion, personne):
        assert connexion(UtilisateurFactory(role=Role.CONSEILLER)).get(adresse(personne)).status_code == 404

    def test_le_referent_d_une_autre_antenne_le_peut(self, connexion, personne):
        referent = UtilisateurFactory(role=Role.CONSEILLER)
        AffectationFactory(participant=personne, conseiller=referent)
        assert connexion(referent).get(adresse(personne)).status_code == 200


class TestConflit:
    def autre_enregistre(self, personne, **champs):
        vue = saisie(personne)
        for nom, valeur in champs.items():
            setattr(personne, nom, valeur)
        personne.enregistrer(par="une collègue")
        return vue

    def test_deux_champs_differents_se_reunissent(self, connexion, personne, conseiller):
        vue = self.autre_enregistre(personne, joindre="le soir")
        connexion(conseiller).post(adresse(personne), vue | {"telephone": "0612345678"})
        personne.refresh_from_db()
        assert (personne.joindre, personne.telephone) == ("le soir", "06 12 34 56 78")

    def test_le_meme_champ_montre_les_deux_et_garde_le_mien_dans_le_formulaire(self, connexion, personne, conseiller):
        vue = self.autre_enregistre(personne, joindre="le soir")
        reponse = connexion(conseiller).post(adresse(personne), vue | {"joindre": "le midi"})
        assert reponse.status_code == 409
        for texte in ("le soir", "le midi", "Garder le mien", "Garder le sien"):
            assertContains(reponse, texte, status_code=409)
        personne.refresh_from_db()
        assert personne.joindre == "le soir"

    def test_renvoyer_apres_avoir_vu_garde_le_mien(self, connexion, personne, conseiller):
        vue = self.autre_enregistre(personne, joindre="le soir")
        connexion(conseiller).post(adresse(personne), vue | {"joindre": "le midi", "version": personne.version})
        personne.refresh_from_db()
        assert personne.joindre == "le midi"

    def test_la_meme_correction_faite_deux_fois_n_est_pas_un_conflit(self, connexion, personne, conseiller):
        vue = self.autre_enregistre(personne, joindre="le soir")
        assert connexion(conseiller).post(adresse(personne), vue | {"joindre": "le soir"}).status_code == 302

    def test_une_commune_changee_des_deux_cotes(self, connexion, personne, conseiller):
        vue = self.autre_enregistre(personne, commune=CommuneFactory(nom="Loon-Plage"))
        mienne = CommuneFactory(nom="Gravelines")
        reponse = connexion(conseiller).post(adresse(personne), vue | {"commune": mienne.pk})
        assertContains(reponse, "Loon-Plage", status_code=409)

    def test_une_version_inventee_ne_casse_rien(self, connexion, personne, conseiller):
        reponse = connexion(conseiller).post(adresse(personne), saisie(personne, version=99, joindre="le midi"))
        assert reponse.status_code in (302, 409)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_vingt_a_la_fois_rien_ne_se_perd(client, personne, conseiller):
    from django.test import Client

    clients = []
    for _ in range(20):
        clients.append(Client())
        clients[-1].force_login(conseiller)
    vue = saisie(personne)
    reponses = en_parallele(
        20, lambda rang: clients[rang].post(adresse(personne), vue | {"joindre": f"essai {rang}"}).status_code
    )
    assert reponses.count(302) == 1
    assert reponses.count(409) == 19
