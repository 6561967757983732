"""Les rappels : trouvés par plage, aucun manqué, aucun double, un résumé par jour (RE5, RE6)."""

import datetime

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from comptes.models import Role
from delais import rappels
from delais.rappels import DECALAGES, envoyer_rappels, occasion_la_plus_recente
from notifications.models import Canal, Envoi
from reglages import lecture
from reglages.models import Reglage
from tests.delais.factories import demande_depuis, il_y_a, responsable, suivi_depuis
from tests.factories import AntenneFactory, EntretienFactory, PrescriptionFactory, UtilisateurFactory, aujourd_hui
from tests.horloges.factories import ArretFactory
from tests.parallele import en_parallele

pytestmark = pytest.mark.django_db
JOUR = datetime.timedelta(1)


@pytest.fixture(autouse=True)
def reglages_relus():
    lecture.oublier()
    yield
    lecture.oublier()


def dits(genre="rappel_premier_entretien"):
    """Les rappels dans l’application : [(destinataire, occasion)], dans l’ordre des occasions."""
    envois = Envoi.objects.filter(genre=genre, canal=Canal.APPLICATION).order_by("occasion", "adresse")
    return [(e.destinataire, e.occasion) for e in envois]


@pytest.mark.parametrize("decalage", DECALAGES)
def test_un_rappel_a_chaque_occasion(decalage):
    demande = demande_depuis(30 + decalage)
    assert envoyer_rappels() == 1
    assert dits() == [(demande.conseiller, str(aujourd_hui()))]


@pytest.mark.parametrize("jours", [0, 19])
def test_rien_avant_le_dixieme_jour_qui_precede(jours):
    demande_depuis(jours)
    assert envoyer_rappels() == 0


@pytest.mark.parametrize(("jours", "occasion"), [(21, 20), (26, 20), (28, 27), (29, 27), (33, 31), (44, 37), (90, 45)])
def test_entre_deux_occasions_c_est_la_plus_recente_qui_vaut(jours, occasion):
    demande_depuis(jours)
    envoyer_rappels()
    assert [quand for _, quand in dits()] == [str(il_y_a(jours - occasion))]


def test_une_deuxieme_passe_n_ecrit_rien():
    demande_depuis(28)
    demande_depuis(35)
    assert envoyer_rappels() == 2
    avant = Envoi.objects.count()
    assert envoyer_rappels() == 0
    assert Envoi.objects.count() == avant


def test_chaque_rappel_part_dans_l_application_et_par_courriel_sans_nom():
    demande = demande_depuis(27, participant__prenom="Zélie", participant__nom="Wattrelos")
    envoyer_rappels()
    envois = Envoi.objects.filter(genre="rappel_premier_entretien")
    assert {e.canal for e in envois} == {"application", "courriel"}
    for envoi in envois:
        assert demande.participant.numero in envoi.titre
        assert "Zélie" not in envoi.titre + envoi.texte
        assert envoi.lien == f"/participants/{demande.participant_id}/"


@pytest.mark.parametrize(
    ("jours", "phrase"), [(20, "encore 10 jours"), (30, "dernier jour aujourd’hui"), (31, "1 jour de retard")]
)
def test_le_titre_dit_ce_qui_reste(jours, phrase):
    demande_depuis(jours)
    envoyer_rappels()
    titre = Envoi.objects.filter(genre="rappel_premier_entretien").first().titre
    assert phrase in titre.replace("\u00a0", " ")


def test_jour_apres_jour_les_six_occasions_et_pas_une_de_plus():
    demande_depuis(0)
    with time_machine.travel(timezone.now(), tick=False) as temps:
        for _ in range(60):
            envoyer_rappels()
            temps.shift(JOUR)
    assert [quand for _, quand in dits()] == [str(il_y_a(-(30 + d))) for d in DECALAGES]


def test_beat_arrete_trois_jours_rien_n_est_perdu():
    demande_depuis(17)
    with time_machine.travel(timezone.now(), tick=False) as temps:
        envoyer_rappels()
        temps.shift(3 * JOUR + JOUR)  # le rappel de J−10 tombait pendant l’arrêt
        assert envoyer_rappels() == 1
    assert [quand for _, quand in dits()] == [str(il_y_a(-3))]


def test_apres_un_mois_d_arret_un_seul_rappel_par_horloge_pas_six():
    for _ in range(3):
        demande_depuis(80)
    assert envoyer_rappels() == 3
    assert Envoi.objects.filter(genre="rappel_premier_entretien", canal=Canal.COURRIEL).count() == 3


def test_tue_entre_deux_lots_la_passe_suivante_finit_sans_double(monkeypatch):
    for _ in range(4):
        demande_depuis(28)
    monkeypatch.setattr(rappels, "LOT", 2)
    ecrire, appels = rappels.prevenir_en_lot, []

    def mourir_au_second(annonces, **options):
        appels.append(annonces)
        if len(appels) == 2:
            raise KeyboardInterrupt
        ecrire(annonces, **options)

    monkeypatch.setattr(rappels, "prevenir_en_lot", mourir_au_second)
    with pytest.raises(KeyboardInterrupt):
        envoyer_rappels()
    assert len(dits()) == 2
    monkeypatch.setattr(rappels, "prevenir_en_lot", ecrire)
    assert envoyer_rappels() == 2
    assert len(dits()) == 4


def test_un_arret_ouvert_suspend_les_rappels():
    demande = demande_depuis(31)
    arret = ArretFactory(participant=demande.participant, du=il_y_a(10))
    assert envoyer_rappels() == 0
    arret.au = aujourd_hui()
    arret.enregistrer(par="test")
    assert envoyer_rappels() == 1


def test_un_arret_ferme_repousse_le_rappel_avec_l_echeance():
    demande = demande_depuis(30)
    ArretFactory(participant=demande.participant, du=il_y_a(20), au=il_y_a(13))
    envoyer_rappels()
    assert [quand for _, quand in dits()] == [str(il_y_a(3))]  # J−10 de l’échéance repoussée à J+37


def test_un_rappel_date_d_avant_le_debut_ne_se_cree_pas():
    Reglage(code="delai_premier_entretien", valeur="5", du=il_y_a(100)).enregistrer(par="test")
    lecture.oublier()
    demande_depuis(0)
    demande_depuis(1)
    assert envoyer_rappels() == 0
    demande_depuis(2)
    assert envoyer_rappels() == 1


@pytest.mark.parametrize(
    ("debut", "echeance", "le", "attendue"),
    [(0, 30, 19, None), (0, 30, 20, 20), (0, 30, 26, 20), (0, 30, 27, 27), (0, 30, 99, 45), (0, 5, 1, None), (0, 5, 2, 2)],
)  # fmt: skip
def test_la_derniere_occasion(debut, echeance, le, attendue):
    j = datetime.date(2026, 3, 1)
    trouvee = occasion_la_plus_recente(j + debut * JOUR, j + echeance * JOUR, j + le * JOUR)
    assert trouvee == (None if attendue is None else j + attendue * JOUR)


def test_une_horloge_arrivee_au_bout_ne_rappelle_plus():
    demande = demande_depuis(29)
    EntretienFactory(participant=demande.participant, premier_complet=True, jour=il_y_a(1))
    assert envoyer_rappels() == 0


def test_le_rythme_rappelle_le_referent():
    participant = suivi_depuis(36)
    assert envoyer_rappels() == 1
    assert dits("rappel_rythme_entretiens") == [(participant.affectations.get().conseiller, str(aujourd_hui()))]


def test_un_nouvel_entretien_relance_le_rythme_et_ses_rappels():
    participant = suivi_depuis(36)
    envoyer_rappels()
    EntretienFactory(participant=participant, jour=aujourd_hui(), clos=True)
    assert envoyer_rappels() == 0
    with time_machine.travel(timezone.now() + 25 * JOUR, tick=False):
        assert envoyer_rappels() == 1


class TestDestinataires:
    def test_personne_ne_l_a_prise_toute_l_antenne_est_prevenue(self):
        antenne = AntenneFactory()
        siens = {UtilisateurFactory(role=Role.CONSEILLER, antenne=antenne) for _ in range(2)}
        UtilisateurFactory(role=Role.CONSEILLER)
        PrescriptionFactory(participant__antenne=antenne, premier_contact_le=il_y_a(28))
        assert envoyer_rappels() == 1
        assert {qui for qui, _ in dits()} == siens

    def test_le_compte_du_conseiller_est_ferme_l_antenne_prend_le_relais(self):
        antenne = AntenneFactory()
        collegue = UtilisateurFactory(role=Role.CONSEILLER, antenne=antenne)
        demande = demande_depuis(28, participant__antenne=antenne)
        demande.conseiller.is_active = False
        demande.conseiller.enregistrer(par="essai")
        envoyer_rappels()
        assert [qui for qui, _ in dits()] == [collegue]

    def test_qui_reprend_un_dossier_en_retard_est_prevenu_lui_aussi(self):
        antenne = AntenneFactory()
        demande = demande_depuis(46, participant__antenne=antenne)
        premier, suivant = demande.conseiller, UtilisateurFactory(role=Role.CONSEILLER, antenne=antenne)
        envoyer_rappels()
        demande.conseiller = suivant
        demande.enregistrer(par="essai")
        assert [envoyer_rappels(), envoyer_rappels()] == [1, 0]
        assert {qui for qui, _ in dits()} == {premier, suivant}

    def test_sans_antenne_c_est_la_responsable(self):
        anne = responsable()
        PrescriptionFactory(participant__antenne=None, antenne=None, premier_contact_le=il_y_a(28))
        envoyer_rappels()
        assert [qui for qui, _ in dits()] == [anne]


class TestResume:
    def resumes(self):
        return Envoi.objects.filter(genre="delais_du_jour", canal=Canal.COURRIEL)

    def test_un_seul_message_pour_tous_les_dossiers_en_retard(self):
        anne = responsable()
        antenne = AntenneFactory(nom="Grande-Synthe")
        for _ in range(3):
            demande_depuis(40, participant__antenne=antenne)
        suivi_depuis(50, participant__antenne=antenne)
        envoyer_rappels()
        envoi = self.resumes().get()
        assert envoi.destinataire == anne
        assert "4" in envoi.titre
        assert "Premier entretien : Grande-Synthe 3." in envoi.texte
        assert "Rythme des entretiens : Grande-Synthe 1." in envoi.texte

    def test_deux_passes_le_meme_jour_un_message_le_lendemain_un_autre(self):
        responsable()
        demande_depuis(40)
        with time_machine.travel(timezone.now(), tick=False) as temps:
            envoyer_rappels()
            envoyer_rappels()
            assert self.resumes().count() == 1
            temps.shift(JOUR)
            envoyer_rappels()
        assert self.resumes().count() == 2

    def test_rien_en_retard_rien_a_dire(self):
        responsable()
        demande_depuis(30)
        envoyer_rappels()
        assert not self.resumes().exists()

    def test_des_le_premier_jour_de_retard(self):
        responsable()
        demande_depuis(31)
        envoyer_rappels()
        assert self.resumes().count() == 1

    def test_chaque_responsable_a_le_sien(self):
        responsable(), responsable()
        demande_depuis(31)
        envoyer_rappels()
        assert self.resumes().count() == 2


def test_le_nombre_de_requetes_ne_depend_pas_du_nombre_de_dossiers(django_assert_max_num_queries):
    for _ in range(12):
        demande_depuis(28)
        suivi_depuis(33)
    lecture.valeur("rythme_entretiens")
    with django_assert_max_num_queries(20):
        assert envoyer_rappels() == 24


def test_la_commande_envoie_ce_qui_est_du_et_se_relance(capsys, mailoutbox):
    demande_depuis(28)
    call_command("rappels")
    assert "1 délai rappelé, 1 courriel parti." in capsys.readouterr().out.replace("\u00a0", " ")
    assert len(mailoutbox) == 1
    call_command("rappels")
    assert len(mailoutbox) == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_deux_passes_au_meme_instant_n_ecrivent_qu_une_fois():
    demande_depuis(28)
    assert None not in en_parallele(4, lambda rang: envoyer_rappels())
    assert len(dits()) == 1
