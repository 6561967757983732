"""Les deux horloges déclarées : ce qui les fait partir, ce qui les arrête, à qui elles appartiennent."""

import datetime

import pytest
from django.utils import timezone

from comptes.models import Role
from horloges.calcul import Etat
from horloges.registre import COLONNES, DEFINITIONS, du_dossier
from reglages import lecture
from reglages.models import Reglage
from tests.factories import (
    AffectationFactory,
    AntenneFactory,
    EntretienFactory,
    ParcoursFactory,
    ParticipantFactory,
    PrescriptionFactory,
    UtilisateurFactory,
    aujourd_hui,
)
from tests.horloges.factories import ArretFactory

pytestmark = pytest.mark.django_db
C1, RYTHME = "premier_entretien", "rythme_entretiens"


@pytest.fixture(autouse=True)
def reglages_relus():
    lecture.oublier()
    yield
    lecture.oublier()


def il_y_a(jours):
    return aujourd_hui() - datetime.timedelta(jours)


def mesures(participant, code):
    return [mesure for definition, _, mesure in du_dossier(participant) if definition.code == code]


def courantes(code):
    return list(DEFINITIONS[code].courantes().values(*COLONNES))


def premier_entretien(participant, jour, **champs):
    return EntretienFactory(participant=participant, jour=jour, premier_complet=True, **champs)


class TestPremierEntretien:
    def test_part_du_premier_contact_et_appartient_au_conseiller_qui_a_pris_la_demande(self):
        demande = PrescriptionFactory(prise=True, premier_contact_le=il_y_a(12))
        (ligne,) = courantes(C1)
        assert ligne["debut_le"] == il_y_a(12)
        assert (ligne["conseiller_id"], ligne["antenne_id"]) == (demande.conseiller_id, demande.antenne_id)
        assert ligne["objet_id"] == demande.pk

    def test_sans_conseiller_elle_appartient_a_l_antenne(self):
        demande = PrescriptionFactory()
        (ligne,) = courantes(C1)
        assert (ligne["conseiller_id"], ligne["antenne_id"]) == (None, demande.antenne_id)

    def test_le_premier_entretien_complet_l_arrete(self):
        demande = PrescriptionFactory(prise=True, premier_contact_le=il_y_a(20))
        premier_entretien(demande.participant, il_y_a(2))
        assert courantes(C1) == []
        (mesure,) = mesures(demande.participant, C1)
        assert (mesure.etat, mesure.ecoules) == (Etat.TENUE, 18)

    @pytest.mark.parametrize(
        "manque",
        [
            {"presente_structure": False},
            {"presente_services": False},
            {"presente_etapes": False},
            {"livret_remis_le": None},
            {"genre": "suivi"},
            {"clos": False},
        ],
        ids=lambda champs: next(iter(champs)),
    )
    def test_sans_premier_entretien_clos_et_complet_elle_court_encore(self, manque):
        demande = PrescriptionFactory(prise=True, premier_contact_le=il_y_a(20))
        premier_entretien(demande.participant, il_y_a(2), **manque)
        assert len(courantes(C1)) == 1

    def test_un_entretien_anterieur_au_premier_contact_ne_compte_pas(self):
        demande = PrescriptionFactory(prise=True, premier_contact_le=il_y_a(20))
        premier_entretien(demande.participant, il_y_a(21))
        assert len(courantes(C1)) == 1

    def test_le_premier_entretien_complet_compte_pas_les_suivants(self):
        demande = PrescriptionFactory(prise=True, premier_contact_le=il_y_a(60))
        premier_entretien(demande.participant, il_y_a(20))
        premier_entretien(demande.participant, il_y_a(40))
        assert mesures(demande.participant, C1)[0].ecoules == 20

    def test_refusee_sans_entretien_dans_le_delai_elle_n_a_plus_d_objet(self):
        demande = PrescriptionFactory(refusee=True, premier_contact_le=il_y_a(40), statut_depuis=_moment(il_y_a(20)))
        assert courantes(C1) == []
        assert mesures(demande.participant, C1)[0].etat == Etat.SANS_OBJET

    def test_refusee_sans_entretien_hors_delai_elle_est_rompue(self):
        demande = PrescriptionFactory(refusee=True, premier_contact_le=il_y_a(60), statut_depuis=_moment(il_y_a(20)))
        assert mesures(demande.participant, C1)[0].tenue is False

    def test_l_entretien_d_une_demande_suivante_ne_repare_pas_la_precedente(self):
        ancienne = PrescriptionFactory(
            refusee=True, premier_contact_le=il_y_a(400), statut_depuis=_moment(il_y_a(390))
        )
        PrescriptionFactory(participant=ancienne.participant, premier_contact_le=il_y_a(20))
        premier_entretien(ancienne.participant, il_y_a(5))
        assert [m.etat for m in mesures(ancienne.participant, C1)] == [Etat.SANS_OBJET, Etat.TENUE]

    def test_les_arrets_d_une_autre_personne_ou_d_une_autre_horloge_ne_la_touchent_pas(self):
        demande = PrescriptionFactory(prise=True, premier_contact_le=il_y_a(20))
        ArretFactory(du=il_y_a(10))
        ArretFactory(participant=demande.participant, horloge=RYTHME, du=il_y_a(10))
        assert mesures(demande.participant, C1)[0].etat == Etat.PRESSE

    def test_un_arret_ouvert_la_suspend(self):
        demande = PrescriptionFactory(prise=True, premier_contact_le=il_y_a(50))
        ArretFactory(participant=demande.participant, du=il_y_a(30))
        assert courantes(C1)[0]["arretee"]
        assert mesures(demande.participant, C1)[0].etat == Etat.ARRETEE


class TestLimite:
    def changer(self, jours, du):
        Reglage(code="delai_premier_entretien", valeur=str(jours), du=du).enregistrer(par="test")
        lecture.oublier()

    def test_la_limite_est_celle_en_vigueur_le_jour_ou_l_horloge_part(self):
        self.changer(20, il_y_a(10))
        ancienne = PrescriptionFactory(prise=True, premier_contact_le=il_y_a(11))
        recente = PrescriptionFactory(prise=True, premier_contact_le=il_y_a(10))
        assert mesures(ancienne.participant, C1)[0].limite == 30
        assert mesures(recente.participant, C1)[0].limite == 20

    def test_deux_changements_de_suite(self):
        self.changer(20, il_y_a(100))
        self.changer(15, il_y_a(50))
        demandes = [PrescriptionFactory(prise=True, premier_contact_le=il_y_a(j)) for j in (120, 80, 10)]
        assert [mesures(d.participant, C1)[0].limite for d in demandes] == [30, 20, 15]

    def test_un_changement_a_venir_ne_vaut_pas_encore(self):
        self.changer(5, aujourd_hui() + datetime.timedelta(3))
        demande = PrescriptionFactory(prise=True, premier_contact_le=il_y_a(10))
        assert mesures(demande.participant, C1)[0].limite == 30


class TestRythme:
    @pytest.fixture
    def parcours(self):
        parcours = ParcoursFactory(entre_le=il_y_a(100))
        AffectationFactory(participant=parcours.participant)
        return parcours

    def test_part_du_dernier_entretien_clos(self, parcours):
        EntretienFactory(participant=parcours.participant, jour=il_y_a(60), clos=True)
        EntretienFactory(participant=parcours.participant, jour=il_y_a(27), clos=True)
        (ligne,) = courantes(RYTHME)
        assert (ligne["debut_le"], ligne["limite"]) == (il_y_a(27), 35)

    def test_un_entretien_encore_ouvert_ne_la_relance_pas(self, parcours):
        EntretienFactory(participant=parcours.participant, jour=il_y_a(27), clos=True)
        EntretienFactory(participant=parcours.participant, jour=il_y_a(1))
        assert courantes(RYTHME)[0]["debut_le"] == il_y_a(27)

    def test_sans_entretien_elle_part_de_l_entree(self, parcours):
        assert courantes(RYTHME)[0]["debut_le"] == il_y_a(100)

    def test_un_entretien_d_avant_l_entree_ne_la_fait_pas_partir_plus_tot(self, parcours):
        EntretienFactory(participant=parcours.participant, jour=il_y_a(130), clos=True)
        assert courantes(RYTHME)[0]["debut_le"] == il_y_a(100)

    def test_appartient_au_referent_d_aujourd_hui(self, parcours):
        affectation = parcours.participant.affectations.get()
        ligne = courantes(RYTHME)[0]
        assert ligne["conseiller_id"] == affectation.conseiller_id
        assert ligne["antenne_id"] == parcours.participant.antenne_id

    @pytest.mark.parametrize("statut", ["suspendu", "sorti"])
    def test_ne_court_que_pendant_un_parcours_en_cours(self, statut):
        ParcoursFactory(statut=statut, sorti_le=aujourd_hui() if statut == "sorti" else None)
        assert courantes(RYTHME) == []

    def test_les_intervalles_passes_sont_au_registre(self, parcours):
        for jours in (90, 50, 20):
            EntretienFactory(participant=parcours.participant, jour=il_y_a(jours), clos=True)
        definition = DEFINITIONS[RYTHME]
        intervalles = definition.chronometrer(definition.finies()).order_by("fin_le").values_list("debut_le", "fin_le")
        assert list(intervalles) == [
            (il_y_a(100), il_y_a(90)),
            (il_y_a(90), il_y_a(50)),
            (il_y_a(50), il_y_a(20)),
        ]

    def test_l_intervalle_entre_deux_parcours_n_est_pas_un_retard(self):
        personne = ParticipantFactory()
        ParcoursFactory(participant=personne, entre_le=il_y_a(900), statut="sorti", sorti_le=il_y_a(700))
        ParcoursFactory(participant=personne, entre_le=il_y_a(40))
        for jours in (710, 300, 30):
            EntretienFactory(participant=personne, jour=il_y_a(jours), clos=True)
        intervalles = DEFINITIONS[RYTHME].finies().order_by("fin_le").values_list("debut_le", "fin_le")
        assert list(intervalles) == [(il_y_a(900), il_y_a(710)), (il_y_a(40), il_y_a(30))]


def test_les_filtres_d_un_conseiller_rendent_ses_horloges_et_celles_que_personne_n_a_prises():
    antenne = AntenneFactory()
    moi = UtilisateurFactory(role=Role.CONSEILLER, antenne=antenne)
    mienne = PrescriptionFactory(prise=True, participant__antenne=antenne, conseiller=moi)
    a_prendre = PrescriptionFactory(participant__antenne=antenne)
    PrescriptionFactory(prise=True, participant__antenne=antenne)
    PrescriptionFactory()
    suivie = AffectationFactory(conseiller=moi).participant
    ParcoursFactory(participant=suivie)
    ParcoursFactory()
    antennes = moi.antennes_de(Role.CONSEILLER)
    trouvees = {
        ligne["participant_id"]
        for definition in DEFINITIONS.values()
        for ligne in definition.courantes().filter(definition.du_conseiller(moi.pk, antennes)).values(*COLONNES)
    }
    assert trouvees == {mienne.participant_id, a_prendre.participant_id, suivie.pk}


def test_toutes_les_horloges_d_un_dossier_en_une_requete(django_assert_num_queries):
    parcours = ParcoursFactory()
    for jours in range(5):
        EntretienFactory(participant=parcours.participant, jour=il_y_a(jours), clos=True)
        ArretFactory(participant=parcours.participant, du=il_y_a(jours), au=il_y_a(jours))
    lecture.valeur(RYTHME)
    with django_assert_num_queries(1):
        du_dossier(parcours.participant)


def _moment(jour):
    return timezone.make_aware(datetime.datetime.combine(jour, datetime.time(12)))


def test_une_entree_actee_sans_entretien_retrouve_n_est_plus_en_cours():
    demande = PrescriptionFactory(
        accordee=True,
        statut="entree_actee",
        entree_actee_le=timezone.now(),
        entree_actee_par=UtilisateurFactory(role=Role.ANIMATION),
        premier_contact_le=il_y_a(54),
    )
    assert courantes(C1) == []
    assert mesures(demande.participant, C1)[0].tenue is False
