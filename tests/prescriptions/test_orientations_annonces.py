import pytest

from comptes.models import Role
from notifications.actions import prevenir
from notifications.models import Canal, Envoi
from prescriptions.actions import orienter
from prescriptions.annonces import INTERNES, PARTENAIRE, annoncer, prescripteurs
from prescriptions.listes import StatutPrescription as S
from tests import factories as f
from tests.prescriptions import dossiers

pytestmark = pytest.mark.django_db


def prevenus(objet, canal=Canal.APPLICATION):
    return {e.destinataire for e in Envoi.objects.filter(objet_id=objet.pk, canal=canal)}


def test_une_orientation_previent_les_conseillers_de_l_antenne_et_eux_seuls(decor):
    f.UtilisateurFactory(role=Role.CONSEILLER)
    autre = f.UtilisateurFactory(role=Role.CONSEILLER, antenne=decor.antenne)
    demande = orienter(**decor.demande())
    assert prevenus(demande) == prevenus(demande, Canal.COURRIEL) == {decor.conseiller, autre}
    envoi = decor.conseiller.envois.first()
    assert envoi.titre == f"Une orientation vous attend : demande {demande.numero}"
    assert envoi.lien == demande.get_absolute_url()


def test_sans_antenne_la_responsable_est_prevenue(decor):
    responsable = f.UtilisateurFactory(role=Role.RESPONSABLE)
    identite = decor.identite(commune=None, commune_hors_cud="Calais")
    assert prevenus(orienter(**decor.demande(identite=identite))) == {responsable}


def test_une_antenne_sans_conseiller_previent_la_responsable(decor):
    responsable = f.UtilisateurFactory(role=Role.RESPONSABLE)
    decor.conseiller.is_active = False
    decor.conseiller.enregistrer(par="test")
    assert prevenus(orienter(**decor.demande())) == {responsable}


def test_celui_qui_ouvre_la_demande_n_en_est_pas_prevenu(decor):
    autre = f.UtilisateurFactory(role=Role.CONSEILLER, antenne=decor.antenne)
    assert prevenus(orienter(**decor.demande(par=decor.conseiller, organisation=None))) == {autre}


# Ce que chaque pas fait savoir : (verbe, rôles prévenus dans l’équipe, le partenaire aussi).
PAS = [
    ("prendre_en_charge", set(), True),
    ("transmettre", {Role.RESPONSABLE}, True),
    ("valider_pertinence", {Role.STATISTIQUES}, True),
    ("completer", {Role.STATISTIQUES}, True),
    ("renvoyer", {Role.CONSEILLER}, False),  # pour l’avis : rien ne lui est demandé
    ("accorder", {Role.ANIMATION, Role.CONSEILLER}, True),
    ("rouvrir_controle", {Role.STATISTIQUES}, True),
    ("refuser", {Role.CONSEILLER}, True),
    ("acter_entree", {Role.CONSEILLER}, True),
    ("classer_sans_suite", set(), True),
]


@pytest.mark.parametrize(("verbe", "roles", "partenaire"), PAS, ids=[p[0] for p in PAS])
def test_chaque_pas_previent_qui_doit_agir_et_le_prescripteur(verbe, roles, partenaire):
    prescription, par = dossiers.prete(verbe)
    agent = f.UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=prescription.organisation)
    for role in (Role.RESPONSABLE, Role.STATISTIQUES, Role.ANIMATION):
        f.UtilisateurFactory(role=role)
    Envoi.objects.all().delete()
    getattr(prescription, verbe)(par=par, **dossiers.VERBES[verbe][3])
    equipe = prevenus(prescription) - {agent}
    assert {role for u in equipe for role in u.roles} == roles
    assert (agent in prevenus(prescription)) == partenaire
    assert par not in prevenus(prescription)


def test_qui_fait_avancer_la_demande_n_a_plus_a_lire_ce_qui_l_y_appelait():
    prescription, par = dossiers.prete("prendre_en_charge")
    collegue = f.UtilisateurFactory(role=Role.CONSEILLER, antenne=prescription.antenne)
    autre = f.PrescriptionFactory(antenne=prescription.antenne)
    for demande in (prescription, autre):
        prevenir([par, collegue], genre="essai", objet=demande, occasion=1, titre="À prendre")
    prescription.prendre_en_charge(par=par)
    non_lues = {
        (e.destinataire, e.objet_id) for e in Envoi.objects.filter(genre="essai", canal="application", lu_le=None)
    }
    assert non_lues == {(par, autre.pk), (collegue, prescription.pk), (collegue, autre.pk)}


@pytest.mark.parametrize("verbe", dossiers.VERBES)
def test_aucun_titre_ni_texte_ne_porte_un_nom(verbe):
    prescription, par = dossiers.prete(verbe)
    f.UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=prescription.organisation)
    getattr(prescription, verbe)(par=par, **dossiers.VERBES[verbe][3])
    for envoi in Envoi.objects.filter(objet_id=prescription.pk):
        assert prescription.numero in envoi.titre
        for secret in (prescription.participant.nom, prescription.participant.prenom, "RSA", "France Travail"):
            assert secret not in envoi.titre + envoi.texte


def test_qui_tient_deux_roles_n_est_prevenu_qu_une_fois():
    prescription, par = dossiers.prete("accorder")
    f.RoleAttribue(utilisateur=prescription.conseiller, role=Role.ANIMATION).enregistrer(par="test")
    Envoi.objects.all().delete()
    prescription.accorder(par=par)
    assert Envoi.objects.filter(objet_id=prescription.pk, canal="application").count() == 1


def test_le_partenaire_est_renvoye_a_sa_page_pas_a_celle_du_dossier():
    prescription, par = dossiers.prete("refuser")
    agent = f.UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=prescription.organisation)
    prescription.refuser(par=par, **dossiers.VERBES["refuser"][3])
    assert agent.envois.first().lien == f"/orientations/{prescription.pk}/"


def test_l_agent_qui_a_oriente_est_prevenu_seul_et_ses_collegues_a_son_depart(decor):
    collegue = f.UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=decor.organisation)
    demande = orienter(**decor.demande())
    assert list(prescripteurs(demande)) == [decor.agent]
    decor.agent.is_active = False
    decor.agent.enregistrer(par="test")
    assert list(prescripteurs(demande)) == [collegue]


def test_une_annonce_rejouee_ne_se_double_pas(decor):
    demande = orienter(**decor.demande())
    avant = Envoi.objects.count()
    annoncer(demande, S.ORIENTEE, decor.agent)
    assert Envoi.objects.count() == avant


def test_une_transition_annulee_n_annonce_rien(monkeypatch):
    prescription, par = dossiers.prete("prendre_en_charge")
    monkeypatch.setattr(type(prescription), "ouvrir_les_cases", lambda self, par: 1 / 0)
    avant = Envoi.objects.count()
    with pytest.raises(ZeroDivisionError):
        prescription.prendre_en_charge(par=par)
    assert Envoi.objects.count() == avant


def test_chaque_etat_s_annonce_a_quelqu_un():
    assert set(INTERNES) | set(PARTENAIRE) == set(S)


def test_une_demande_sans_organisation_n_annonce_rien_au_dehors(decor):
    demande = orienter(**decor.demande(par=decor.conseiller, organisation=None))
    demande.prendre_en_charge(par=decor.conseiller)
    assert not any(e.lien.startswith("/orientations/") for e in Envoi.objects.all())
