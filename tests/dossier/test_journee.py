"""« Ma journée » : ce que chaque rôle y trouve, ce qu’il n’y trouve pas, et ce que la page coûte."""

import datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from comptes.models import Role, RoleAttribue
from dossier.journee.conseiller import MONTRES
from entretiens.models import Synthese
from reglages import lecture
from reglages.models import Reglage
from tests.delais.factories import demande_depuis, il_y_a, suivi_depuis
from tests.factories import (
    AffectationFactory,
    AntenneFactory,
    DemarcheFactory,
    DocumentFactory,
    EntretienFactory,
    LignePieceFactory,
    OrganisationFactory,
    ParcoursFactory,
    ParticipantFactory,
    PieceFactory,
    PrescriptionFactory,
    RendezVousFactory,
    SignatureFactory,
    TypePieceFactory,
    UtilisateurFactory,
    aujourd_hui,
)

pytestmark = pytest.mark.django_db
SECRET = "canari-bleu-8812"
MATIN = datetime.datetime(2026, 11, 24, 9, 0, tzinfo=datetime.UTC)  # 10 h à Paris


@pytest.fixture(autouse=True)
def reglages_relus():
    lecture.oublier()
    yield
    lecture.oublier()


@pytest.fixture(autouse=True)
def matin():
    with time_machine.travel(MATIN, tick=False):
        yield


@pytest.fixture
def antenne():
    return AntenneFactory(nom="Grande-Synthe")


@pytest.fixture
def conseiller(antenne):
    return UtilisateurFactory(role=Role.CONSEILLER, antenne=antenne)


def a(heure, minute=0):
    return timezone.make_aware(datetime.datetime.combine(aujourd_hui(), datetime.time(heure, minute)))


def rendez_vous(conseiller, heure, **champs):
    return RendezVousFactory(conseiller=conseiller, participant__antenne=conseiller.antenne, debut=a(heure), **champs)


def synthese_a_signer(entretien):
    document = DocumentFactory(participant=entretien.participant)
    SignatureFactory(document=document)
    Synthese(entretien=entretien, document=document).enregistrer(par="test")
    return document


class TestAgenda:
    def test_le_prochain_rendez_vous_est_prepare_et_s_ouvre_d_ici(self, connexion, conseiller):
        rdv = rendez_vous(conseiller, 11, objet="point d’étape")
        EntretienFactory(participant=rdv.participant, clos=True, jour=il_y_a(20), objectif="Choisir un métier")
        DemarcheFactory(participant=rdv.participant, pour_le=il_y_a(2))
        reponse = connexion(conseiller).get("/")
        assertContains(reponse, "rdv-suivant")
        assertContains(reponse, f"/rendez-vous/{rdv.pk}/ouvrir/")
        assertContains(reponse, f"/rendez-vous/{rdv.pk}/noter/")
        assertContains(reponse, "choisir un métier")
        assertContains(reponse, "1\u00a0démarche à revoir, dont 1\u00a0échue")

    def test_un_entretien_deja_ouvert_se_reprend(self, connexion, conseiller):
        rdv = rendez_vous(conseiller, 11)
        entretien = EntretienFactory(participant=rdv.participant, conseiller=conseiller, rendez_vous=rdv)
        reponse = connexion(conseiller).get("/")
        assertContains(reponse, "Reprendre l’entretien")
        assertContains(reponse, f"/entretiens/{entretien.pk}/")
        assertNotContains(reponse, "Noter ")

    @pytest.mark.parametrize(
        ("sexe", "texte"), [("femme", "Noter absente"), ("homme", "Noter absent"), ("", "Noter l’absence")]
    )
    def test_l_absence_s_accorde(self, connexion, conseiller, sexe, texte):
        rendez_vous(conseiller, 11, participant__sexe=sexe)
        assertContains(connexion(conseiller).get("/"), f">{texte}<")

    @pytest.mark.parametrize(
        ("statut", "texte"),
        [
            ("prevu", "Dire ce qu’il en est"),
            ("absent", "Reprogrammer"),
            ("absent_excuse", "Reprogrammer"),
            ("annule_personne", "Reprogrammer"),
            ("honore", "Ouvrir l’entretien"),
        ],
    )
    def test_un_rendez_vous_passe_dit_ce_qui_reste_a_faire(self, connexion, conseiller, statut, texte):
        rendez_vous(conseiller, 8, statut=statut)
        agenda = connexion(conseiller).get("/").context["agenda"]
        assert agenda.suivant is None
        assert [r["acte"]["texte"] for r in agenda.passes] == [texte]

    def test_clos_reste_a_signer_puis_plus_rien(self, connexion, conseiller):
        rdv = rendez_vous(conseiller, 8, statut="honore")
        entretien = EntretienFactory(
            participant=rdv.participant, conseiller=conseiller, rendez_vous=rdv, clos=True, jour=aujourd_hui()
        )
        document = synthese_a_signer(entretien)
        client = connexion(conseiller)
        (passe,) = client.get("/").context["agenda"].passes
        assert passe["acte"]["texte"] == "Faire signer"
        for signature in document.signatures.all():
            signature.refuser(par=conseiller, motif="a_distance")
        (passe,) = client.get("/").context["agenda"].passes
        assert "acte" not in passe

    def test_le_rendez_vous_en_cours_reste_le_suivant(self, connexion, conseiller):
        rendez_vous(conseiller, 9, duree=90)
        assert connexion(conseiller).get("/").context["agenda"].suivant["quand"] == "en ce moment"

    def test_les_rendez_vous_d_un_collegue_ou_d_un_autre_jour_n_y_sont_pas(self, connexion, conseiller, antenne):
        rendez_vous(UtilisateurFactory(role=Role.CONSEILLER, antenne=antenne), 11)
        RendezVousFactory(conseiller=conseiller, debut=a(11) + datetime.timedelta(1))
        agenda = connexion(conseiller).get("/").context["agenda"]
        assert (agenda.passes, agenda.suivant, agenda.apres) == ([], None, [])

    def test_une_heure_libre_se_propose_a_qui_en_a_besoin(self, connexion, conseiller):
        demande = demande_depuis(27, conseiller=conseiller, participant__antenne=conseiller.antenne)
        (libre,) = connexion(conseiller).get("/").context["agenda"].apres
        assert libre["acte"]["url"] == (
            f"/participants/{demande.participant_id}/rendez-vous/nouveau/?jour=2026-11-24&heure=11:00"
        )

    def test_le_dimanche_on_ne_propose_rien(self, connexion, conseiller):
        demande_depuis(27, conseiller=conseiller, participant__antenne=conseiller.antenne)
        with time_machine.travel(MATIN + datetime.timedelta(5), tick=False):
            assert connexion(conseiller).get("/").context["agenda"].apres == []


class TestConseiller:
    def test_les_orientations_de_mon_antenne_sont_a_prendre(self, connexion, conseiller, antenne):
        PrescriptionFactory(participant__antenne=antenne, participant__nom="Orientée")
        PrescriptionFactory(participant__nom="Ailleurs")
        reponse = connexion(conseiller).get("/")
        assert [ligne["nom"].split()[-1] for ligne in reponse.context["a_prendre"]["lignes"]] == ["Orientée"]

    def test_une_demande_a_prendre_a_la_couleur_de_son_horloge(self, connexion, conseiller, antenne):
        """C1 a une seule maison : la carte suit le réglage, comme la liste des délais."""
        Reglage(code="delai_premier_entretien", valeur="15", du=il_y_a(400)).enregistrer(par="test")
        lecture.oublier()
        demande_depuis(19, conseiller=None, participant__antenne=antenne, statut="orientee")
        (ligne,) = connexion(conseiller).get("/").context["a_prendre"]["lignes"]
        assert (ligne["horloge"]["jours"], ligne["horloge"]["limite"], ligne["horloge"]["etat"]) == (19, 15, "retard")

    def test_beaucoup_d_orientations_a_prendre_ne_cachent_pas_un_retour(self, connexion, conseiller, antenne):
        recent = {"participant__antenne": antenne}
        for _ in range(52):
            demande_depuis(
                19, conseiller=None, statut="orientee", statut_depuis=timezone.now() - datetime.timedelta(19), **recent
            )
        for _ in range(6):
            demande_depuis(19, conseiller=conseiller, statut="a_completer", statut_depuis=timezone.now(), **recent)
        contexte = connexion(conseiller).get("/").context
        for carte, total in (("retours", 6), ("a_prendre", 52)):
            assert len(contexte[carte]["lignes"]) == MONTRES
            assert contexte[carte]["suite"]["texte"] == f"Voir les {total}"
        assert [c["nombre"] for c in contexte["compteurs"] if "compléter" in c["texte"]] == [6]

    def test_un_retour_dit_quelle_piece_et_combien(self, connexion, conseiller, antenne):
        demande = demande_depuis(15, conseiller=conseiller, participant__antenne=antenne, statut="a_completer")
        for libelle in ("Attestation RSA", "Domicile"):
            LignePieceFactory(
                prescription=demande, type__libelle=libelle, verdict="manquante", demandee_le=timezone.now()
            )
        (retour,) = connexion(conseiller).get("/").context["retours"]["lignes"]
        assert "attestation rsa" in retour["raison"]
        assert "1\u00a0autre" in retour["raison"]

    def test_les_demarches_echues_des_personnes_que_je_suis_se_cochent(self, connexion, conseiller):
        participant = suivi_depuis(10)
        moi = participant.affectations.get().conseiller
        demarche = DemarcheFactory(participant=participant, pour_le=il_y_a(3), qui="conseiller")
        DemarcheFactory(participant=participant, pour_le=aujourd_hui())
        DemarcheFactory(pour_le=il_y_a(3))
        reponse = connexion(moi).get("/")
        assert [d.pk for d in reponse.context["demarches"]] == [demarche.pk]
        assertContains(reponse, f"/demarches/{demarche.pk}/regler/")
        assertContains(reponse, "dont 1 pour moi")

    def test_au_dela_de_six_demarches_un_lien_les_montre_toutes(self, connexion):
        participant = suivi_depuis(10)
        moi = participant.affectations.get().conseiller
        for _ in range(9):
            DemarcheFactory(participant=participant, pour_le=il_y_a(3))
        client = connexion(moi)
        assertContains(client.get("/"), "Voir les 9 démarches")
        assert len(client.get("/?demarches=toutes").context["demarches"]) == 9

    def test_ce_qui_est_a_clore_et_a_signer_avec_son_age(self, connexion, conseiller):
        EntretienFactory(conseiller=conseiller, jour=il_y_a(3))
        synthese_a_signer(EntretienFactory(conseiller=conseiller, clos=True, jour=il_y_a(12)))
        synthese_a_signer(EntretienFactory(clos=True, jour=il_y_a(12)))
        a_finir = connexion(conseiller).get("/").context["a_finir"]
        assert [(f["raison"], f["precision"]) for f in a_finir] == [
            ("Synthèse à signer", "il y a 12\u00a0jours"),
            ("Entretien à clore", "il y a 3\u00a0jours"),
        ]

    def test_pas_vus_depuis_35_jours(self, connexion):
        participant = suivi_depuis(36)
        moi = participant.affectations.get().conseiller
        reponse = connexion(moi).get("/")
        assert [p["precision"] for p in reponse.context["pas_vus"]["lignes"]] == ["36\u00a0jours"]

    def test_la_file_active_compte_par_phase(self, connexion, conseiller):
        for phase in ("1_mobilisation", "1_mobilisation", "4_emploi"):
            parcours = ParcoursFactory(phase=phase)
            AffectationFactory(participant=parcours.participant, conseiller=conseiller)
        bande = connexion(conseiller).get("/").context["file"]
        assert [p["nombre"] for p in bande["parts"]] == [2, 0, 0, 1]
        assert bande["phrase"] == "67\u00a0places libres."

    def test_chaque_compteur_mene_quelque_part(self, connexion, conseiller):
        for compteur in connexion(conseiller).get("/").context["compteurs"]:
            assert compteur["url"]

    def test_une_journee_vide_dit_quoi_faire(self, connexion, conseiller):
        reponse = connexion(conseiller).get("/")
        assertContains(reponse, "Aucun rendez-vous aujourd’hui")
        assertContains(reponse, "Nouvelle demande")


class TestSiege:
    def test_la_responsable_a_sa_file_et_les_retards_par_antenne(self, connexion, antenne):
        PrescriptionFactory(transmise=True, participant__nom="Avalider")
        demande_depuis(40, participant__antenne=antenne)
        demande_depuis(20)
        reponse = connexion(UtilisateurFactory(role=Role.RESPONSABLE)).get("/")
        assertContains(reponse, "Avalider")
        (retard,) = [r for r in reponse.context["retards"] if r["antenne"] == "Grande-Synthe"]
        assert retard["nombre"] == 1

    def test_les_statistiques_ont_les_dossiers_a_controler_et_les_pieces_qui_expirent(self, connexion):
        demande = PrescriptionFactory(validee=True)
        piece = PieceFactory(participant=demande.participant, expire_le=aujourd_hui() + datetime.timedelta(5))
        LignePieceFactory(prescription=demande, type=piece.type, piece=piece)
        LignePieceFactory(prescription=demande, conforme=True)
        reponse = connexion(UtilisateurFactory(role=Role.STATISTIQUES)).get("/")
        assertContains(reponse, f"/prescriptions/{demande.pk}/controle/")
        assertContains(reponse, "1\u00a0pièce vue sur 2")
        assert len(reponse.context["pieces"]) == 1

    def test_une_piece_a_duree_y_est_des_qu_elle_va_expirer_et_le_reste_expiree(self, connexion):
        trois_mois = TypePieceFactory(validite_mois=3)
        for jours in (200, 80, 10):
            demande = PrescriptionFactory(validee=True)
            piece = PieceFactory(participant=demande.participant, type=trois_mois, etablie_le=il_y_a(jours))
            LignePieceFactory(prescription=demande, type=trois_mois, piece=piece)
        renvoyee = PrescriptionFactory(validee=True)
        vieille = PieceFactory(participant=renvoyee.participant, type=trois_mois, etablie_le=il_y_a(200))
        LignePieceFactory(
            prescription=renvoyee, type=trois_mois, piece=vieille, verdict="non_conforme", motif="expiree"
        )
        reponse = connexion(UtilisateurFactory(role=Role.STATISTIQUES)).get("/")
        assert [ligne["etat"] for ligne in reponse.context["pieces"]] == ["retard", "attention"]

    def test_l_animation_a_les_entrees_a_acter(self, connexion):
        PrescriptionFactory(accordee=True, participant__nom="Aacter")
        assertContains(connexion(UtilisateurFactory(role=Role.ANIMATION)).get("/"), "Aacter")

    @pytest.mark.parametrize("role", [Role.RESPONSABLE, Role.STATISTIQUES, Role.ANIMATION])
    def test_rien_a_faire_est_dit(self, connexion, role):
        assertContains(connexion(UtilisateurFactory(role=role)).get("/"), "Aucun")

    @pytest.mark.parametrize("role", [Role.STATISTIQUES, Role.ANIMATION])
    def test_aucun_texte_d_entretien_n_y_parait(self, connexion, role):
        demande = PrescriptionFactory(validee=True)
        EntretienFactory(
            participant=demande.participant, clos=True, objectif=SECRET, point=SECRET, synthese=SECRET, notes=SECRET
        )
        DemarcheFactory(participant=demande.participant, quoi=SECRET, pour_le=il_y_a(4))
        assertNotContains(connexion(UtilisateurFactory(role=role)).get("/"), SECRET)


class TestPartenaire:
    def test_ses_orientations_et_elles_seules(self, connexion):
        mission = OrganisationFactory()
        agent = UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=mission)
        PrescriptionFactory(organisation=mission, participant__nom="Mienne")
        PrescriptionFactory(participant__nom="Autre")
        reponse = connexion(agent).get("/")
        assertContains(reponse, "Mienne")
        assertNotContains(reponse, "Autre<")

    def test_sans_organisation_la_page_dit_a_qui_s_adresser(self, connexion):
        assertContains(
            connexion(UtilisateurFactory(role=Role.PRESCRIPTEUR)).get("/"), "rattaché à aucune organisation"
        )


@pytest.mark.parametrize(
    "role", [Role.ENTREPRISES, Role.ANIMATEUR, Role.OPERATEUR, Role.AUDITEUR, Role.ADMINISTRATEUR, None]
)
def test_les_autres_ont_une_page_honnete(connexion, role):
    ParticipantFactory(nom=SECRET)
    reponse = connexion(UtilisateurFactory(role=role)).get("/")
    assert reponse.status_code == 200
    assertContains(reponse, 'class="vide"')
    assertNotContains(reponse, SECRET)


def test_deux_roles_se_choisissent(connexion, conseiller):
    RoleAttribue(utilisateur=conseiller, role=Role.RESPONSABLE).enregistrer(par="test")
    client = connexion(conseiller)
    assert client.get("/").context["role"] == Role.CONSEILLER
    assert client.get("/?role=responsable").context["role"] == Role.RESPONSABLE
    assert client.get("/?role=animation").context["role"] == Role.CONSEILLER


def test_anonyme_va_a_la_connexion(client):
    assert client.get("/").status_code == 302


def _remplir(conseiller, organisation, nombre):
    for rang in range(nombre):
        participant = suivi_depuis(30 + rang % 9, participant__antenne=conseiller.antenne)
        affectation = participant.affectations.get()
        affectation.conseiller = conseiller
        affectation.enregistrer(par="test")
        DemarcheFactory(participant=participant, pour_le=il_y_a(2))
        RendezVousFactory(participant=participant, conseiller=conseiller, debut=a(11 + rang % 6))
        synthese_a_signer(EntretienFactory(participant=participant, conseiller=conseiller, clos=True, jour=il_y_a(29)))
        EntretienFactory(participant=participant, conseiller=conseiller)
        PrescriptionFactory(participant__antenne=conseiller.antenne, organisation=organisation)
        demande_depuis(40, conseiller=conseiller, participant__antenne=conseiller.antenne, statut="a_completer")
        PrescriptionFactory(transmise=True)
        LignePieceFactory(prescription=PrescriptionFactory(validee=True, organisation=organisation), conforme=True)
        PrescriptionFactory(accordee=True)


@pytest.mark.parametrize("role", ["conseiller", Role.RESPONSABLE, Role.STATISTIQUES, Role.ANIMATION, "prescripteur"])
@pytest.mark.une_fois
def test_douze_requetes_au_plus_quel_que_soit_le_volume(connexion, conseiller, role):
    organisation = OrganisationFactory()
    qui = {
        "conseiller": lambda: conseiller,
        "prescripteur": lambda: UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=organisation),
    }.get(role, lambda: UtilisateurFactory(role=role))()
    _remplir(conseiller, organisation, 2)
    client = connexion(qui)
    client.get("/")
    with CaptureQueriesContext(connection) as peu:
        client.get("/")
    _remplir(conseiller, organisation, 12)
    with CaptureQueriesContext(connection) as beaucoup:
        assert client.get("/").status_code == 200
    assert len(peu) == len(beaucoup) <= 12
