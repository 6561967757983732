"""Les verbes de la demande, par leurs adresses : qui peut, deux fois, hors du périmètre ; la demande sans antenne."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from comptes.jetons import nouveau_jeton
from comptes.models import Role
from parcours.models import Parcours
from prescriptions import permissions
from prescriptions.listes import StatutPrescription, Verdict
from prescriptions.views.verbes import VERBES as REGLES
from tests.factories import (
    AntenneFactory,
    PrescriptionFactory,
)
from tests.prescriptions.dossiers import AUJOURD_HUI, JOUR, VERBES, agent, demande, ligne, prete
from tests.prescriptions.ecrans import relue, url

pytestmark = pytest.mark.django_db

S = StatutPrescription
NE_VOIENT_RIEN = [r for r in Role if r not in permissions.ECRAN]

# Les verbes, par leurs adresses


def envoi(verbe, prescription):
    """Ce que poste l’écran."""
    return {
        "renvoyer": {"motifs": ["avis"], "texte": "À préciser"},
        "refuser": {"motif": "criteres", "dirigee_vers": "France Travail"},
        "rouvrir_controle": {"raison": "Attestation expirée"},
        "classer_sans_suite": {"motif": "injoignable"},
        "acter_entree": {"jeton": nouveau_jeton()},
    }.get(verbe, {})


@pytest.mark.parametrize("verbe", VERBES)
def test_chaque_verbe_se_poste_a_son_adresse(connexion, verbe):
    prescription, par = prete(verbe)
    reponse = connexion(par).post(url(verbe, prescription), envoi(verbe, prescription))
    assertRedirects(reponse, prescription.get_absolute_url(), fetch_redirect_response=False)
    assert relue(prescription).statut == VERBES[verbe][1]


@pytest.mark.parametrize("verbe", VERBES)
def test_chaque_verbe_dit_deux_fois_s_explique(connexion, verbe):
    prescription, par = prete(verbe)
    client, donnees = connexion(par), envoi(verbe, prescription)
    client.post(url(verbe, prescription), donnees)
    version = relue(prescription).version
    reponse = client.post(url(verbe, prescription), donnees, follow=True)
    assert reponse.status_code in (200, 409)
    assert relue(prescription).version == version
    if verbe != "acter_entree":  # son jeton rend la première réponse
        assertContains(reponse, "message e-retard", status_code=reponse.status_code)


@pytest.mark.parametrize("verbe", VERBES)
def test_un_verbe_refuse_get(connexion, verbe):
    prescription, par = prete(verbe)
    assert connexion(par).get(url(verbe, prescription)).status_code == 405


@pytest.mark.parametrize("verbe", VERBES)
def test_dans_le_perimetre_sans_le_droit_un_403_dit_qui_peut(connexion, verbe):
    prescription, _ = prete(verbe)
    autres = {Role.CONSEILLER, Role.RESPONSABLE, Role.STATISTIQUES, Role.ANIMATION} - {VERBES[verbe][2]}
    if verbe == "rouvrir_controle":
        autres -= {Role.STATISTIQUES}
    raison = permissions.ACTER if verbe == "acter_entree" else REGLES[verbe].raison
    for role in autres:
        lecteur = prescription.conseiller or agent(Role.CONSEILLER, antenne=prescription.antenne)
        lecteur = lecteur if role == Role.CONSEILLER else agent(role)
        reponse = connexion(lecteur).post(url(verbe, prescription), envoi(verbe, prescription))
        assertContains(reponse, raison, status_code=403)
    assert relue(prescription).statut == prescription.statut


@pytest.mark.parametrize("verbe", VERBES)
def test_hors_du_perimetre_le_verbe_n_existe_pas(connexion, verbe):
    prescription, _ = prete(verbe)
    for lecteur in (agent(Role.CONSEILLER, antenne=AntenneFactory()), agent(Role.ENTREPRISES)):
        assert connexion(lecteur).post(url(verbe, prescription), envoi(verbe, prescription)).status_code == 404
    assert relue(prescription).statut == prescription.statut


def test_le_prescripteur_complete_et_revient_a_son_suivi(connexion):
    prescription, _ = prete("completer")
    prescripteur = agent(Role.PRESCRIPTEUR, organisation=prescription.organisation)
    reponse = connexion(prescripteur).post(url("completer", prescription))
    assertRedirects(reponse, reverse("orientations:detail", args=[prescription.pk]), fetch_redirect_response=False)
    assert relue(prescription).statut == S.A_CONTROLER


def test_refuser_sans_motif_montre_l_erreur_et_garde_le_texte(connexion):
    prescription = demande("transmise")
    reponse = connexion(agent(Role.RESPONSABLE)).post(
        url("refuser", prescription), {"motif": "", "dirigee_vers": "CCAS de Bray-Dunes"}
    )
    assertContains(reponse, "CCAS de Bray-Dunes")
    assertContains(reponse, "Ce champ est obligatoire")
    assert relue(prescription).statut == S.TRANSMISE


def test_un_refus_qui_arrive_trop_tard_garde_le_texte(connexion):
    prescription = demande("transmise")
    prescription.valider_pertinence(par=agent(Role.RESPONSABLE))
    prescription.accorder(par=agent(Role.STATISTIQUES))
    reponse = connexion(agent(Role.RESPONSABLE)).post(
        url("renvoyer", prescription), {"motifs": ["avis"], "texte": "Une longue explication"}
    )
    assert reponse.status_code == 409
    assertContains(reponse, "ne se renvoie plus", status_code=409)
    assertContains(reponse, "Une longue explication", status_code=409)


def test_renvoyer_case_par_case(connexion):
    prescription = demande("transmise")
    case = ligne(prescription, "domicile")
    client = connexion(agent(Role.RESPONSABLE))
    reponse = client.post(url("renvoyer", prescription), {f"demander-{case.pk}": "on"})
    assertContains(reponse, "Dites ce qui ne va pas.")
    client.post(
        url("renvoyer", prescription),
        {f"demander-{case.pk}": "on", f"motif-{case.pk}": "illisible", f"accepte-{case.pk}": "Quittance EDF"},
    )
    case.refresh_from_db()
    assert (case.verdict, case.motif, case.accepte_a_la_place) == (Verdict.NON_CONFORME, "illisible", "Quittance EDF")
    reponse = connexion(prescription.conseiller).get(prescription.get_absolute_url())
    assertContains(reponse, "Quittance EDF")


def test_acter_avec_un_autre_referent_demande_un_motif(connexion):
    prescription, par = prete("acter_entree")
    autre, client = agent(Role.CONSEILLER, antenne=prescription.antenne), connexion(par)
    donnees = {"jeton": nouveau_jeton(), "referent": str(autre.pk)}
    assertContains(client.post(url("acter_entree", prescription), donnees), "Dites pourquoi le référent")
    client.post(url("acter_entree", prescription), donnees | {"motif": "Plus proche de chez elle"})
    assert relue(prescription).statut == S.ENTREE_ACTEE


def test_acter_ce_qui_est_tombe_se_refuse_avec_la_raison(connexion):
    prescription, par = prete("acter_entree")
    piece = ligne(prescription, "identite").piece
    piece.expire_le = AUJOURD_HUI() - JOUR
    piece.enregistrer(par="test")
    reponse = connexion(par).post(url("acter_entree", prescription), {"jeton": nouveau_jeton()})
    assertContains(reponse, "Droit de travailler", status_code=409)
    assert not Parcours.objects.exists()


# Sans antenne


def test_une_demande_sans_antenne_se_confie_par_la_responsable(connexion):
    prescription = PrescriptionFactory(antenne=None, participant__antenne=None)
    antenne, client = AntenneFactory(), connexion(agent(Role.RESPONSABLE))
    assertContains(client.get(prescription.get_absolute_url()), "Aucune antenne ne sert")
    for _ in range(2):
        client.post(url("confier", prescription), {"antenne": str(antenne.pk)})
    assert relue(prescription).antenne == relue(prescription).participant.antenne == antenne
    assert prescription.history.count() == 2
    conseiller = agent(Role.CONSEILLER, antenne=antenne)
    assertContains(connexion(conseiller).get(prescription.get_absolute_url()), "Prendre en charge")
    reponse = connexion(conseiller).post(url("confier", prescription), {"antenne": str(antenne.pk)})
    assertContains(reponse, permissions.CONFIER, status_code=403)
