"""La liste des participants : périmètre, filtres dans l’adresse, pages sans trou, export tel qu’on la voit."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from comptes.models import Role
from journal.models import Acte, Ligne
from reglages import lecture
from tests import classeur
from tests.delais.factories import demande_depuis, suivi_depuis
from tests.factories import (
    AffectationFactory,
    AntenneFactory,
    CommuneFactory,
    EntretienFactory,
    ParcoursFactory,
    ParticipantFactory,
    RendezVousFactory,
    UtilisateurFactory,
)

pytestmark = pytest.mark.django_db
SECRET = "canari-vert-2207"


@pytest.fixture(autouse=True)
def reglages_relus():
    lecture.oublier()
    yield
    lecture.oublier()


@pytest.fixture
def responsable():
    return UtilisateurFactory(role=Role.RESPONSABLE)


@pytest.fixture
def conseiller():
    return UtilisateurFactory(role=Role.CONSEILLER, antenne=AntenneFactory(nom="Grande-Synthe"))


def noms(reponse):
    return [ligne["nom"].split()[-1] for ligne in reponse.context["lignes"]]


def suivie(conseiller, nom, **champs):
    participant = ParticipantFactory(nom=nom, antenne=conseiller.antenne)
    ParcoursFactory(participant=participant, **champs)
    AffectationFactory(participant=participant, conseiller=conseiller)
    return participant


class TestPerimetre:
    @pytest.mark.parametrize("role", [Role.PRESCRIPTEUR, Role.ENTREPRISES, Role.AUDITEUR, Role.ADMINISTRATEUR])
    @pytest.mark.parametrize("page", ["/participants/", "/participants/export/"])
    def test_les_roles_sans_dossier_sont_refuses(self, connexion, role, page):
        assert connexion(UtilisateurFactory(role=role)).get(page).status_code == 403

    def test_un_conseiller_ouvre_sur_sa_file_et_peut_voir_son_antenne(self, connexion, conseiller):
        suivie(conseiller, "Mienne")
        ParticipantFactory(nom="Collegue", antenne=conseiller.antenne)
        ParticipantFactory(nom="Ailleurs")
        client = connexion(conseiller)
        assert noms(client.get("/participants/")) == ["Mienne"]
        assert noms(client.get("/participants/?vue=tous")) == ["Collegue", "Mienne"]

    @pytest.mark.parametrize("role", [Role.RESPONSABLE, Role.STATISTIQUES, Role.ANIMATION])
    def test_le_siege_voit_tout_sans_un_mot_d_entretien(self, connexion, role):
        participant = ParticipantFactory()
        EntretienFactory(participant=participant, clos=True, objectif=SECRET, synthese=SECRET, notes=SECRET)
        reponse = connexion(UtilisateurFactory(role=role)).get("/participants/")
        assert len(noms(reponse)) == 1
        assertNotContains(reponse, SECRET)


class TestFiltres:
    def test_par_antenne_commune_et_phase(self, connexion, responsable):
        commune = CommuneFactory(nom="Loon-Plage")
        ici = ParticipantFactory(nom="Ici", commune=commune)
        ParcoursFactory(participant=ici, phase="4_emploi")
        ParcoursFactory(participant__nom="Ailleurs")
        client = connexion(responsable)
        for filtre in (f"antenne={ici.antenne_id}", f"commune={commune.pk}", "phase=4_emploi"):
            assert noms(client.get(f"/participants/?{filtre}")) == ["Ici"]

    def test_par_referent(self, connexion, responsable, conseiller):
        suivie(conseiller, "Suivie")
        ParticipantFactory(nom="Seule")
        client = connexion(responsable)
        assert noms(client.get(f"/participants/?referent={conseiller.pk}")) == ["Suivie"]
        assert noms(client.get("/participants/?referent=sans")) == ["Seule"]

    def test_sans_rendez_vous_a_venir(self, connexion, responsable):
        RendezVousFactory(participant__nom="Prevue")
        passe = RendezVousFactory(participant__nom="Passee", debut=timezone.now() - datetime.timedelta(1))
        client = connexion(responsable)
        assert noms(client.get("/participants/?rdv=sans")) == [passe.participant.nom]
        assert noms(client.get("/participants/?rdv=avec")) == ["Prevue"]

    def test_par_delai(self, connexion, responsable):
        demande_depuis(31, participant__nom="Depassee")
        demande_depuis(25, participant__nom="Bientot")
        demande_depuis(3, participant__nom="Loin")
        suivi_depuis(36, participant__nom="Pasvue")
        client = connexion(responsable)
        assert noms(client.get("/participants/?delai=depasse")) == ["Depassee", "Pasvue"]
        assert noms(client.get("/participants/?delai=bientot")) == ["Bientot"]

    def test_par_situation(self, connexion, responsable):
        ParcoursFactory(participant__nom="Encours")
        ParcoursFactory(participant__nom="Sortie", statut="sorti", sorti_le=timezone.localdate())
        ParticipantFactory(nom="Candidate")
        client = connexion(responsable)
        for situation, nom in (("parcours", "Encours"), ("sorti", "Sortie"), ("candidat", "Candidate")):
            assert noms(client.get(f"/participants/?situation={situation}")) == [nom]

    def test_un_nom_meme_avec_une_faute_dans_la_liste_filtree(self, connexion, conseiller):
        suivie(conseiller, "Vandamme")
        ParticipantFactory(nom="Vandamme", antenne=conseiller.antenne)
        client = connexion(conseiller)
        assert noms(client.get("/participants/?q=vendame")) == ["Vandamme", "Vandamme"]
        assert noms(client.get("/participants/?q=vendame&referent=moi")) == ["Vandamme"]

    def test_chaque_filtre_actif_se_retire(self, connexion, responsable):
        reponse = connexion(responsable).get("/participants/?rdv=sans&phase=4_emploi")
        assert {f["nom"]: f["url"] for f in reponse.context["actifs"]} == {
            "Phase : Emploi": "?rdv=sans",
            "Sans RDV": "?phase=4_emploi",
        }

    def test_vide_dit_comment_elargir(self, connexion, responsable):
        assertContains(connexion(responsable).get("/participants/?phase=4_emploi"), "Voir tous les dossiers")

    @pytest.mark.parametrize(
        "parametres",
        ["vue=zz", "referent=x", "antenne=1", "phase=9", "commune='", "delai=hier", "tri=zz", "apres=zz", "apres=019a2efb-1c00-730a-9249-ae1c00730a92", "rang=-1"],  # noqa: E501
    )  # fmt: skip
    def test_une_adresse_incomprise_n_est_pas_une_erreur(self, connexion, responsable, parametres):
        ParticipantFactory()
        assert connexion(responsable).get(f"/participants/?{parametres}").status_code == 200


class TestPages:
    @pytest.fixture
    def cent_vingt(self):
        antenne, commune = AntenneFactory(), CommuneFactory()
        for rang in range(120):
            ParticipantFactory(nom=f"Nom{rang % 40:02d}", prenom="Ana", antenne=antenne, commune=commune)

    def parcourir(self, client, adresse):
        numeros, couts = [], []
        client.get(adresse)
        while adresse:
            with CaptureQueriesContext(connection) as requetes:
                reponse = client.get(adresse)
            couts.append(len(requetes))
            numeros += [ligne["numero"] for ligne in reponse.context["lignes"]]
            suivante = reponse.context["suivante"]
            adresse = "/participants/" + suivante["url"] if suivante else ""
        return numeros, couts, reponse

    @pytest.mark.parametrize("tri", ["nom", "-nom", "rdv", "-rdv", "recent"])
    def test_sans_trou_ni_double_au_meme_cout_jusqu_a_la_derniere(self, connexion, responsable, cent_vingt, tri):
        numeros, couts, _ = self.parcourir(connexion(responsable), f"/participants/?tri={tri}&vue=tous")
        assert len(numeros) == len(set(numeros)) == 120
        assert len(set(couts)) == 1
        assert couts[0] <= 8

    def test_on_revient_en_arriere_par_le_meme_chemin(self, connexion, responsable, cent_vingt):
        client = connexion(responsable)
        numeros, _, derniere = self.parcourir(client, "/participants/?vue=tous")
        precedente = client.get("/participants/" + derniere.context["precedente"]["url"])
        assert [ligne["numero"] for ligne in precedente.context["lignes"]] == numeros[50:100]
        assertContains(precedente, "51 à 100 sur 120")

    def test_le_cout_ne_depend_pas_du_nombre_de_lignes(self, connexion, conseiller):
        client = connexion(conseiller)
        suivie(conseiller, "Une")
        client.get("/participants/")
        with CaptureQueriesContext(connection) as une:
            client.get("/participants/")
        for rang in range(30):
            participant = suivie(conseiller, f"Suivie{rang}")
            RendezVousFactory(participant=participant, conseiller=conseiller)
            EntretienFactory(participant=participant, conseiller=conseiller, clos=True)
        with CaptureQueriesContext(connection) as trente:
            client.get("/participants/")
        assert len(une) == len(trente) <= 8

    def test_au_dela_de_dix_mille_le_total_le_dit(self, connexion, responsable, monkeypatch):
        monkeypatch.setattr("plie.pages.Compte.__init__.__defaults__", (2,))
        monkeypatch.setattr("plie.pages.combien.__defaults__", (2,))
        for _ in range(4):
            ParticipantFactory()
        assertContains(connexion(responsable).get("/participants/"), "plus de 2")

    def test_l_adresse_d_une_page_ne_porte_aucun_nom(self, connexion, responsable, cent_vingt):
        suivante = connexion(responsable).get("/participants/?vue=tous").context["suivante"]["url"]
        assert "Nom" not in suivante
        assert "Ana" not in suivante


class TestExport:
    def test_les_memes_filtres_toutes_les_pages_et_une_ligne_au_journal(self, connexion, responsable):
        antenne = AntenneFactory(nom="Gravelines")
        for rang in range(60):
            ParticipantFactory(antenne=antenne, nom=f"N{rang:02d}")
        ParticipantFactory(nom="Ailleurs")
        reponse = connexion(responsable).get(f"/participants/export/?antenne={antenne.pk}")
        entetes, *lignes = classeur.lignes(classeur.contenu(reponse))
        assert entetes[0] == "N° de dossier"
        assert [ligne[2] for ligne in lignes] == [f"N{rang:02d}" for rang in range(60)]
        assert {ligne[5] for ligne in lignes} == {"Gravelines"}
        ligne = Ligne.objects.get(acte=Acte.EXPORT)
        assert (ligne.auteur, ligne.motif) == (responsable, "participants : antenne")

    def test_ce_qui_a_ete_cherche_n_est_ecrit_nulle_part(self, connexion, responsable):
        ParticipantFactory(nom="Wattrelos")
        classeur.contenu(connexion(responsable).get("/participants/export/?q=wattrelos"))
        assert "wattrelos" not in Ligne.objects.get(acte=Acte.EXPORT).motif.lower()

    @pytest.mark.parametrize("debut", ["=", "+", "-", "@", "\t="])
    def test_aucune_cellule_n_execute_de_formule(self, connexion, responsable, debut):
        ParticipantFactory(nom=f"{debut}HYPERLINK(1)")
        octets = classeur.contenu(connexion(responsable).get("/participants/export/"))
        assert classeur.formules(octets) == []

    def test_le_cout_est_par_lot_pas_par_ligne(self, connexion, responsable):
        client = connexion(responsable)
        demande_depuis(12)
        classeur.contenu(client.get("/participants/export/"))
        couts = []
        for nombre in (1, 25):
            for _ in range(nombre):
                demande_depuis(12)
            with CaptureQueriesContext(connection) as requetes:
                classeur.contenu(client.get("/participants/export/"))
            couts.append(len(requetes))
        assert couts[0] == couts[1]

    def test_un_conseiller_n_exporte_que_son_perimetre(self, connexion, conseiller):
        ParticipantFactory(nom="Mien", antenne=conseiller.antenne)
        ParticipantFactory(nom="Ailleurs")
        octets = classeur.contenu(connexion(conseiller).get("/participants/export/?vue=tous"))
        assert [ligne[2] for ligne in classeur.lignes(octets)[1:]] == ["Mien"]


@pytest.mark.parametrize(("vue_il_y_a", "attendu"), [(None, ""), (26, ""), (0, "vu aujourd’hui")])
def test_entree_ce_jour_n_est_pas_vue_ce_jour(connexion, conseiller, vue_il_y_a, attendu):
    """Le rythme repart de l’entrée ; seul un entretien clos fait dire que l’on a vu la personne."""
    participant = suivie(conseiller, "Belkhiri", entre_le=timezone.localdate())
    if vue_il_y_a is not None:
        jour = timezone.localdate() - datetime.timedelta(vue_il_y_a)
        EntretienFactory(participant=participant, conseiller=conseiller, clos=True, jour=jour)
    reponse = connexion(conseiller).get("/participants/")
    assertContains(reponse, "Belkhiri")
    assert ("vu aujourd’hui" in reponse.content.decode()) == bool(attendu)
