"""Ce qui se tape est gardé par le serveur : un par personne, écran et objet (RE2)."""

import datetime
import re
import uuid

import pytest
import time_machine
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from comptes import brouillons
from comptes.jetons import une_seule_fois
from comptes.models import Brouillon, Role
from participants.models import Participant
from plie.historique import cle
from tests.factories import ParticipantFactory, UtilisateurFactory
from tests.parallele import en_parallele

DECLARES = set(brouillons.ECRANS)
MIDI = datetime.datetime(2026, 11, 24, 12, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def ecrans(monkeypatch):
    monkeypatch.setattr(brouillons, "ECRANS", {"fiche": Participant.objects.visibles_par, "orientation": None})


@pytest.fixture
def participant(db):
    return ParticipantFactory()


@pytest.fixture
def samira(participant):
    return UtilisateurFactory(role=Role.CONSEILLER, antenne=participant.antenne, prenom="Samira", nom="Duhoux")


@pytest.fixture
def taper(client, samira):
    client.force_login(samira)

    def _taper(ecran, objet, **envoi):
        entetes = envoi.pop("entetes", {})
        return client.post(reverse("brouillon", args=[ecran, objet]), envoi, headers=entetes)

    return _taper


@pytest.mark.django_db
class TestGarder:
    def test_re2_ce_qui_est_tape_est_garde_et_l_heure_est_dite(self, taper, samira, participant):
        with time_machine.travel(MIDI, tick=False):
            reponse = taper("fiche", participant.pk, synthese="Elle hésite", version="3")
        assert reponse.json() == {"enregistre_a": "12:00", "version": 3, "lu": MIDI.timestamp()}
        garde = brouillons.retrouver(samira, "fiche", participant.pk)
        assert (garde.contenu, garde.version_lue) == ({"synthese": "Elle hésite"}, 3)

    def test_re2_un_ecran_sans_objet_a_aussi_son_brouillon(self, taper, samira):
        taper("orientation", "-", nom="Delattre")
        assert brouillons.retrouver(samira, "orientation").contenu == {"nom": "Delattre"}

    def test_en_retard_sur_son_formulaire_deja_recu_il_ne_revient_pas(self, taper, samira):
        """Sinon la prochaine orientation s’ouvrirait avec le nom de la personne précédente."""
        jeton = uuid.uuid4()
        taper("orientation", "-", nom="Belkhiri", jeton=jeton)
        une_seule_fois(jeton, par=samira, acte=lambda: brouillons.jeter(samira, "orientation") or "/")
        assert taper("orientation", "-", nom="Belkhiri", jeton=jeton).json() == {}
        assert brouillons.retrouver(samira, "orientation") is None
        taper("orientation", "-", nom="Autre", jeton=uuid.uuid4())
        assert brouillons.retrouver(samira, "orientation").contenu == {"nom": "Autre"}

    def test_un_champ_repete_garde_toutes_ses_valeurs(self, taper, samira, participant):
        taper("fiche", participant.pk, langues=["fr", "ar"])
        assert brouillons.retrouver(samira, "fiche", participant.pk).contenu == {"langues": ["fr", "ar"]}

    def test_le_dernier_envoi_remplace_le_precedent(self, taper, participant):
        taper("fiche", participant.pk, synthese="un")
        taper("fiche", participant.pk, synthese="deux")
        assert [b.contenu for b in Brouillon.objects.all()] == [{"synthese": "deux"}]

    def test_ni_jeton_ni_mot_de_passe_ne_sont_gardes(self, taper, samira, participant):
        taper("fiche", participant.pk, csrfmiddlewaretoken="x", jeton="x", password="x", version="1", nom="y")
        assert brouillons.retrouver(samira, "fiche", participant.pk).contenu == {"nom": "y"}

    def test_chacun_a_le_sien(self, taper, samira, participant):
        taper("fiche", participant.pk, synthese="de Samira")
        assert brouillons.retrouver(UtilisateurFactory(), "fiche", participant.pk) is None

    def test_jeter_apres_l_enregistrement(self, taper, samira, participant):
        taper("fiche", participant.pk, synthese="x")
        brouillons.jeter(samira, "fiche", participant.pk)
        assert not Brouillon.objects.exists()

    def test_un_texte_demesure_est_refuse_avec_sa_raison(self, taper, participant):
        reponse = taper("fiche", participant.pk, synthese="x" * 400_000)
        assert reponse.status_code == 413
        assert "trop long" in reponse.json()["erreur"]
        assert not Brouillon.objects.exists()

    @pytest.mark.parametrize("version", ["", "abc", "-1", "9" * 40])
    def test_une_version_illisible_ne_fait_pas_de_panne(self, taper, participant, version):
        assert taper("fiche", participant.pk, version=version, nom="x").status_code == 200

    def test_garder_se_fait_par_envoi(self, client, samira, participant):
        client.force_login(samira)
        assert client.get(reverse("brouillon", args=["fiche", participant.pk])).status_code == 405


@pytest.mark.django_db
def _ecrire(taper, participant, lu=None, **champs):
    return taper("fiche", participant.pk, **champs, entetes={} if lu is None else {"X-Plie-Lu": str(lu)})


@pytest.mark.django_db
class TestDeuxOnglets:
    """La même personne écrit dans deux onglets : le second ne recouvre pas le premier en silence."""

    def test_re2_le_texte_d_un_autre_onglet_n_est_pas_recouvert(self, taper, participant, samira):
        ouverte = timezone.now().timestamp()
        premier = _ecrire(taper, participant, texte="un", lu=ouverte).json()
        reponse = _ecrire(taper, participant, texte="deux", lu=ouverte)
        assert (reponse.status_code, reponse.json()) == (409, {"ailleurs": premier["enregistre_a"]})
        assert brouillons.retrouver(samira, "fiche", participant.pk).contenu == {"texte": "un"}

    def test_l_onglet_qui_ecrit_continue_et_celui_qui_choisit_gagne(self, taper, participant, samira):
        premier = _ecrire(taper, participant, texte="un", lu=timezone.now().timestamp()).json()
        assert _ecrire(taper, participant, texte="un deux", lu=premier["lu"]).status_code == 200
        assert _ecrire(taper, participant, texte="autre").status_code == 200
        assert brouillons.retrouver(samira, "fiche", participant.pk).contenu == {"texte": "autre"}

    def test_le_meme_texte_n_est_pas_un_conflit(self, taper, participant):
        ouverte = timezone.now().timestamp()
        assert [_ecrire(taper, participant, texte="un", lu=ouverte).status_code for _ in range(2)] == [200, 200]

    @pytest.mark.parametrize("lu", ["", "hier", "nan", "-1e999", "9e99"])
    def test_un_instant_illisible_ne_bloque_personne(self, taper, participant, lu):
        _ecrire(taper, participant, texte="un")
        assert _ecrire(taper, participant, texte="deux", lu=lu).status_code in (200, 409)


class TestPerimetre:
    def test_ac2_hors_perimetre_inconnu_et_illisible_la_meme_absence(self, taper):
        ailleurs = ParticipantFactory()
        reponses = [taper("fiche", objet, nom="x") for objet in (ailleurs.pk, cle(), "n-importe-quoi")]
        assert {r.status_code for r in reponses} == {404}
        assert len({r.content for r in reponses}) == 1
        assert not Brouillon.objects.exists()

    def test_un_ecran_que_personne_n_a_declare_n_existe_pas(self, taper, participant):
        assert taper("inconnu", participant.pk).status_code == 404
        assert taper("inconnu", "-").status_code == 404

    def test_un_ecran_a_objet_ne_se_garde_pas_sans_objet_ni_l_inverse(self, taper, participant):
        assert taper("fiche", "-").status_code == 404
        assert taper("orientation", participant.pk).status_code == 404


@pytest.mark.django_db
class TestPresence:
    def test_on_apprend_que_quelqu_un_ecrit_au_meme_endroit(self, taper, participant):
        autre = UtilisateurFactory(prenom="Claire", nom="Vandamme")
        brouillons.garder(autre, "fiche", {"nom": "x"}, objet_id=participant.pk)
        assert taper("fiche", participant.pk, nom="y").json()["avis"] == "Claire Vandamme modifie aussi cette page."

    def test_plus_rien_dix_minutes_apres(self, taper, participant):
        with time_machine.travel(MIDI, tick=False) as temps:
            brouillons.garder(UtilisateurFactory(), "fiche", {}, objet_id=participant.pk)
            temps.shift(datetime.timedelta(minutes=11))
            assert "avis" not in taper("fiche", participant.pk, nom="y").json()


@pytest.mark.django_db
class TestSession:
    def test_au6_un_envoi_sans_changement_ne_prolonge_pas_la_session(self, client, taper, participant):
        with time_machine.travel(MIDI, tick=False) as temps:
            taper("fiche", participant.pk, nom="x")
            for _ in range(3):
                temps.shift(datetime.timedelta(minutes=9))
                assert taper("fiche", participant.pk, nom="x").status_code == 200
            temps.shift(datetime.timedelta(minutes=4))
            assert taper("fiche", participant.pk, nom="x", entetes={"Accept": "application/json"}).status_code == 401

    def test_au6_taper_la_prolonge(self, taper, participant):
        with time_machine.travel(MIDI, tick=False) as temps:
            for rang in range(5):
                assert taper("fiche", participant.pk, nom=f"x{rang}").status_code == 200
                temps.shift(datetime.timedelta(minutes=29))

    def test_une_veille_sans_rien_taper_ne_cree_pas_de_brouillon(self, taper, participant):
        assert taper("fiche", participant.pk, nom="x", entetes={"X-Plie-Automatique": "1"}).json() == {}
        assert not Brouillon.objects.exists()

    def test_re2_le_brouillon_survit_a_la_session_fermee(self, client, taper, samira, participant):
        taper("fiche", participant.pk, synthese="long texte")
        client.post(reverse("account_logout"))
        assert brouillons.retrouver(samira, "fiche", participant.pk).contenu == {"synthese": "long texte"}


@pytest.mark.django_db(transaction=True)
def test_vingt_envois_en_meme_temps_font_un_brouillon(participant):
    samira = UtilisateurFactory()
    resultats = en_parallele(
        20, lambda rang: brouillons.garder(samira, "fiche", {"nom": str(rang)}, objet_id=participant.pk)
    )
    assert all(isinstance(r, Brouillon) for r in resultats), resultats
    assert Brouillon.objects.count() == 1


def test_chaque_ecran_qu_un_gabarit_nomme_est_declare():
    """Un brouillon dont l’écran n’est pas déclaré répondrait 404 : le texte ne serait pas gardé."""
    nommes = {
        ecran
        for page in (settings.BASE_DIR / "templates").rglob("*.html")
        for ecran in re.findall(r"url ['\"]brouillon['\"] ['\"]([\w-]+)['\"]", page.read_text())
    }
    assert nommes <= DECLARES
