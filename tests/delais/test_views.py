"""La page des délais : chacun les siens, le siège tous ; chaque chiffre ouvre sa liste."""

import datetime
import re

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from comptes.models import Role
from delais import bilans
from delais.lignes import decrire
from delais.models import Bilan
from delais.registre import etat_du_taux, taux
from horloges.registre import DEFINITIONS
from journal.models import Acte, Ligne
from reglages import lecture
from tests import classeur
from tests.delais.factories import demande_depuis, il_y_a, responsable, suivi_depuis
from tests.factories import AntenneFactory, EntretienFactory, ParcoursFactory, RendezVousFactory, UtilisateurFactory
from tests.horloges.factories import ArretFactory
from tests.parallele import en_parallele

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reglages_relus():
    lecture.oublier()
    yield
    lecture.oublier()


def personnes(reponse):
    """Les noms des lignes de la liste, dans l’ordre."""
    return [ligne.personne for ligne in reponse.context["lignes"]]


def finie(jours, delai, **champs):
    """Une demande dont le premier entretien a été tenu à J+`delai`."""
    demande = demande_depuis(jours, **champs)
    EntretienFactory(
        participant=demande.participant,
        conseiller=demande.conseiller,
        premier_complet=True,
        jour=il_y_a(jours - delai),
    )
    return demande


@pytest.mark.parametrize("role", [Role.ANIMATION, Role.PRESCRIPTEUR, Role.ENTREPRISES, Role.ADMINISTRATEUR])
@pytest.mark.parametrize("page", ["/delais/", "/delais/export/"])
def test_les_autres_roles_n_y_entrent_pas(connexion, role, page):
    assert connexion(UtilisateurFactory(role=role)).get(page).status_code == 403


def test_un_conseiller_voit_ses_delais_et_ceux_que_personne_n_a_pris(connexion):
    antenne = AntenneFactory()
    moi = UtilisateurFactory(role=Role.CONSEILLER, antenne=antenne)
    demande_depuis(25, conseiller=moi, participant__antenne=antenne, participant__nom="Mienne")
    demande_depuis(25, participant__antenne=antenne, participant__nom="Collegue")
    demande_depuis(25, prise=False, participant__antenne=antenne, participant__nom="Aprendre")
    demande_depuis(25, participant__nom="Ailleurs")
    noms = " ".join(personnes(connexion(moi).get("/delais/")))
    assert "Mienne" in noms
    assert "Aprendre" in noms
    assert "Collegue" not in noms
    assert "Ailleurs" not in noms


def test_la_responsable_voit_tout_et_filtre_par_antenne(connexion):
    ici = demande_depuis(25, participant__nom="Ici")
    demande_depuis(25, participant__nom="Ailleurs")
    client = connexion(responsable())
    assert len(personnes(client.get("/delais/"))) == 2
    (seule,) = personnes(client.get(f"/delais/?vue=a_tenir&antenne={ici.antenne_id}"))
    assert "Ici" in seule


@pytest.mark.parametrize(
    ("vue", "attendues"),
    [("a_tenir", [30, 16]), ("en_retard", [31]), ("en_cours", [31, 30, 16, 15]), ("arretees", [])],
)
def test_chaque_vue_a_ses_horloges_la_plus_pressee_d_abord(connexion, vue, attendues):
    for jours in (15, 16, 30, 31):
        demande_depuis(jours, participant__nom=f"J{jours}")
    reponse = connexion(responsable()).get(f"/delais/?vue={vue}")
    assert [int(nom.rpartition("J")[2]) for nom in personnes(reponse)] == attendues


def test_une_horloge_arretee_n_est_ni_a_tenir_ni_en_retard(connexion):
    demande = demande_depuis(40)
    ArretFactory(participant=demande.participant, du=il_y_a(20))
    client = connexion(responsable())
    assert personnes(client.get("/delais/?vue=en_retard")) == []
    assert len(personnes(client.get("/delais/?vue=arretees"))) == 1


def test_la_ligne_dit_le_rendez_vous_pris_ou_l_acte(connexion):
    sans, avec = demande_depuis(27), demande_depuis(27)
    RendezVousFactory(participant=avec.participant, conseiller=sans.conseiller)
    reponse = connexion(sans.conseiller).get("/delais/")
    assertContains(reponse, f"/participants/{sans.participant_id}/rendez-vous/nouveau/")
    reponse = connexion(responsable()).get("/delais/")
    assertContains(reponse, "RDV pris, J+34")
    assertContains(reponse, "2\u00a0personnes seront hors délai")
    assertNotContains(reponse, "Prendre un RDV")


def test_un_rendez_vous_a_temps_n_est_pas_compte_hors_delai_et_n_appelle_aucun_acte(connexion):
    demande = demande_depuis(20)
    RendezVousFactory(participant=demande.participant)
    assertNotContains(connexion(responsable()).get("/delais/"), "hors délai sans")
    assertNotContains(connexion(demande.conseiller).get("/delais/"), "rendez-vous/nouveau/")


def test_un_rendez_vous_trop_tard_s_avance(connexion):
    demande = demande_depuis(27)
    RendezVousFactory(participant=demande.participant)
    reponse = connexion(demande.conseiller).get("/delais/")
    assertContains(reponse, "RDV pris, J+34")
    assertContains(reponse, "Avancer le RDV")
    assertContains(reponse, "1 personne sera hors délai sans rendez-vous avant le dernier jour")


def test_le_rendez_vous_du_jour_meme_passe_se_dit_partout_de_la_meme_facon(connexion):
    """Son heure est passée et rien n’en est dit encore : ni « aucun », ni à avancer."""
    participant = suivi_depuis(33)
    with time_machine.travel(timezone.localtime().replace(hour=15, minute=0), tick=False):
        RendezVousFactory(participant=participant, debut=timezone.now() - datetime.timedelta(minutes=30))
        client = connexion(participant.affectations.get().conseiller)
        reponse = client.get("/delais/")
        assertContains(reponse, "RDV aujourd’hui")
        assertNotContains(reponse, "Avancer le RDV")
        assertContains(client.get("/participants/"), "auj. 14:30")
        assertContains(client.get(f"/participants/{participant.pk}/"), "14:30")


def test_une_page_suit_l_autre_sans_trou_ni_double_au_meme_cout(connexion):
    for rang in range(120):
        demande_depuis(17 + rang % 3, participant__nom=f"N{rang:03d}")
    client, adresse, vus, couts = connexion(responsable()), "/delais/?vue=a_tenir", [], []
    client.get(adresse)
    while adresse:
        with CaptureQueriesContext(connection) as requetes:
            reponse = client.get(adresse)
        couts.append(len(requetes))
        vus += personnes(reponse)
        suivante = reponse.context["suivante"]
        adresse = "/delais/" + suivante["url"] if suivante else ""
    assert len(vus) == len(set(vus)) == 120
    assert len(set(couts)) == 1
    assert couts[0] <= 8


def test_le_cout_de_l_accueil_ne_depend_pas_du_nombre(connexion):
    client = connexion(responsable())
    demande_depuis(25)
    bilans.etablir()
    client.get("/delais/")
    with CaptureQueriesContext(connection) as peu:
        client.get("/delais/")
    for _ in range(30):
        demande_depuis(25)
        suivi_depuis(30)
        finie(60, 20)
    bilans.etablir()
    with CaptureQueriesContext(connection) as beaucoup:
        client.get("/delais/")
    assert len(peu) == len(beaucoup) <= 8


@pytest.mark.parametrize(
    "parametres",
    ["vue=zzz", "horloge=x", "antenne=1", "conseiller='", "mois=2026-13&vue=tenues", "mois=9999-12&vue=tenues",
     "mois=0001-01&vue=rompues", "apres=zz", "apres=2026-01-01_", "rang=-3"],
)  # fmt: skip
def test_une_adresse_incomprise_n_est_pas_une_erreur(connexion, parametres):
    demande_depuis(25)
    client = connexion(responsable())
    assert client.get(f"/delais/?{parametres}").status_code == 200
    reponse = client.get(f"/delais/export/?{parametres}")
    reponse.close()
    assert reponse.status_code == 200


class TestRegistre:
    def test_compte_tenues_et_rompues_et_leurs_listes_disent_pareil(self, connexion):
        for delai in (10, 30, 29):
            finie(90, delai)
        finie(90, 31)
        assert bilans.etablir() > 0
        client = connexion(responsable())
        registre = client.get("/delais/").context["registre"]
        ligne = next(ligne for ligne in registre["lignes"] if ligne["nom"] == "Premier entretien")
        assert (ligne["tenues"], ligne["rompues"], ligne["taux"]) == (3, 1, 75)
        assert len(personnes(client.get("/delais/" + ligne["url_tenues"]))) == 3
        assert len(personnes(client.get("/delais/" + ligne["url_rompues"]))) == 1

    def test_un_arret_explique_mais_ne_repare_pas(self, connexion):
        demande = finie(90, 33)
        ArretFactory(participant=demande.participant, du=il_y_a(80), au=il_y_a(70))
        bilans.etablir()
        assert list(Bilan.objects.values_list("tenues", "rompues")) == [(0, 1)]
        assertContains(connexion(responsable()).get("/delais/?vue=rompues"), "10")

    def test_un_abandon_dans_le_delai_ne_compte_pas(self):
        demande_depuis(50, prise=False, refusee=True, statut_depuis=_a_midi(il_y_a(40)))
        bilans.etablir()
        assert not Bilan.objects.exists()

    def test_ce_qui_a_fini_avant_les_douze_mois_ne_compte_plus(self):
        finie(500, 20)
        bilans.etablir()
        assert not Bilan.objects.exists()

    def test_refaire_le_compte_remplace_le_precedent(self):
        finie(60, 20)
        assert bilans.etablir() == bilans.etablir() == Bilan.objects.count()

    def test_la_base_refuse_deux_bilans_du_meme_mois_meme_sans_antenne_ni_conseiller(self):
        champs = {"horloge": "premier_entretien", "mois": il_y_a(60), "compte_le": timezone.now()}
        Bilan.objects.create(**champs)
        with pytest.raises(IntegrityError), transaction.atomic():
            Bilan.objects.create(**champs)

    def test_chaque_conseiller_a_le_sien(self, connexion):
        mienne = finie(60, 20)
        finie(60, 40)
        bilans.etablir()
        registre = connexion(mienne.conseiller).get("/delais/").context["registre"]
        assert (registre["lignes"][0]["tenues"], registre["lignes"][0]["rompues"]) == (1, 0)

    def test_le_mois_d_une_tendance_ouvre_sa_liste(self, connexion):
        finie(60, 40)
        bilans.etablir()
        client = connexion(responsable())
        mois = client.get("/delais/").context["registre"]["mois"]
        pleins = [m for m in mois if m["cellules"][0]["taux"] is not None]
        assert len(pleins) == 1
        assert len(personnes(client.get("/delais/" + pleins[0]["cellules"][0]["url"]))) == 1

    def test_tant_que_rien_n_est_compte_la_page_le_dit(self, connexion):
        assertContains(connexion(responsable()).get("/delais/"), "arrivent au prochain passage")

    @pytest.mark.parametrize(
        ("tenues", "rompues", "part", "etat"),
        [(95, 5, 95, "ok"), (94, 6, 94, "attention"), (84, 16, 84, "retard"), (0, 0, None, "neutre")],
    )
    def test_le_taux_et_sa_couleur(self, tenues, rompues, part, etat):
        assert taux(tenues, rompues) == part
        assert etat_du_taux(part) == etat


class TestExport:
    def test_la_liste_telle_qu_on_la_voit_et_sa_ligne_au_journal(self, connexion):
        vue = demande_depuis(35)
        demande_depuis(10)
        anne = responsable()
        octets = classeur.contenu(connexion(anne).get("/delais/export/?vue=en_retard"))
        entetes, *lignes = classeur.lignes(octets)
        assert entetes[:3] == ["N° de dossier", "Personne", "Engagement"]
        assert [(ligne[0], ligne[5], ligne[9]) for ligne in lignes] == [(vue.participant.numero, 35, "en retard")]
        assert Ligne.objects.get(acte=Acte.EXPORT).auteur == anne

    def test_un_nom_qui_ressemble_a_une_formule_reste_un_texte(self, connexion):
        demande_depuis(35, participant__prenom="=1+1", participant__nom="@SUM(A1)")
        octets = classeur.contenu(connexion(responsable()).get("/delais/export/?vue=en_retard"))
        assert classeur.lignes(octets)[1][1] == "=1+1 @SUM(A1)"
        assert classeur.formules(octets) == []

    def test_le_nom_du_fichier_ne_dit_rien_de_personne(self, connexion):
        reponse = connexion(responsable()).get("/delais/export/?vue=en_retard")
        nom = r'attachment; filename="delais-en_retard-\d{4}-\d\d-\d\d\.xlsx"'
        classeur.fermer(reponse)
        assert re.fullmatch(nom, reponse["Content-Disposition"])


def _a_midi(jour):
    return timezone.make_aware(datetime.datetime.combine(jour, datetime.time(12)))


def test_un_rendez_vous_commence_ce_matin_compte_encore_comme_pris():
    parcours = ParcoursFactory()
    debut = timezone.localtime().replace(hour=0, minute=5)
    RendezVousFactory(participant=parcours.participant, debut=debut)
    horloges = DEFINITIONS["rythme_entretiens"].courantes()
    (ligne,) = decrire(DEFINITIONS["rythme_entretiens"], horloges, "prochain_rdv")
    assert ligne["prochain_rdv"] == debut


@pytest.mark.django_db(transaction=True)
def test_deux_comptes_du_registre_en_meme_temps_ne_doublent_rien():
    finie(60, 20)
    finie(60, 40)
    for _ in range(2):  # la table vide, puis pleine
        assert not [r for r in en_parallele(4, lambda rang: bilans.etablir()) if isinstance(r, Exception)]
        assert sorted(Bilan.objects.values_list("tenues", "rompues")) == [(0, 1), (1, 0)]
