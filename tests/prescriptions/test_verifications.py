"""« Déjà connue » ne sert pas à savoir qui est suivi : hors de son périmètre, on vérifie un nombre de personnes par heure."""

import datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from journal.models import Acte, Ligne
from prescriptions.doutes import MASQUEE
from prescriptions.models import Prescription
from reglages.models import Reglage
from tests import factories as f
from tests.prescriptions.orientations import LE_6_AVRIL, Decor

pytestmark = pytest.mark.django_db

PAUSE = "Vérification en pause."


@pytest.fixture
def decor():
    Reglage(code="verifications_par_heure", valeur="3").enregistrer(par="test")
    f.ParticipantFactory(prenom="Coralie", nom="Delplanque", naissance=LE_6_AVRIL)
    return Decor()


@pytest.fixture
def verifier(connexion, decor):
    """verifier("Yonas") : ce que la page dit, une fois ce prénom tapé."""

    def _verifier(prenom, qui=decor.agent, adresse="orientations:nouvelle", **champs):
        donnees = decor.formulaire(prenom=prenom, **champs)
        return connexion(qui).post(reverse(adresse) + "?fragment=connue", donnees, headers={"hx-request": "true"})

    return _verifier


def epuiser(verifier):
    for prenom in ("Yonas", "Inès", "Malo"):
        assertNotContains(verifier(prenom), PAUSE)


def test_passe_la_limite_rien_n_est_dit_de_plus_et_l_on_sait_pourquoi(verifier):
    epuiser(verifier)
    reponse = verifier("Coralie")
    assertContains(reponse, f"<strong>{PAUSE}</strong> Vous avez vérifié 3 personnes en une heure")
    assertNotContains(reponse, MASQUEE)


def test_la_meme_personne_reecrite_ne_compte_qu_une_fois(verifier):
    for prenom, nom in [("Coralie", "Delplanque"), ("CORALIE", "DELPLANQUE"), ("coralie", "delplanque")] * 2:
        assertContains(verifier(prenom, nom=nom), MASQUEE)


def test_une_heure_plus_tard_on_verifie_de_nouveau(verifier, client):
    epuiser(verifier)
    client.logout()
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=61), tick=False):
        assertContains(verifier("Coralie"), MASQUEE)


def test_la_limite_est_celle_du_compte(verifier, decor):
    epuiser(verifier)
    collegue = f.UtilisateurFactory(role="prescripteur", organisation=decor.organisation)
    assertContains(verifier("Coralie", qui=collegue), MASQUEE)


INTERNE = {"adresse": "prescriptions:nouvelle"}


def test_hors_de_son_perimetre_un_conseiller_est_limite_et_consigne_comme_un_partenaire(verifier, decor):
    for prenom in ("Yonas", "Inès", "Malo"):
        assertNotContains(verifier(prenom, qui=decor.conseiller, **INTERNE), PAUSE)
    reponse = verifier("Coralie", qui=decor.conseiller, **INTERNE)
    assertContains(reponse, PAUSE)
    assertNotContains(reponse, "une autre antenne")
    assert Ligne.objects.filter(auteur=decor.conseiller, acte=Acte.RECHERCHE).count() == 4
    assert Ligne.objects.filter(auteur=decor.conseiller, acte=Acte.REFUS).count() == 1


def test_passe_la_limite_les_personnes_de_son_antenne_se_lisent_encore(verifier, decor):
    f.ParticipantFactory(prenom="Zoé", nom="Delplanque", naissance=LE_6_AVRIL, antenne=decor.antenne)
    for prenom in ("Yonas", "Inès", "Malo", "Zoé"):
        reponse = verifier(prenom, qui=decor.conseiller, **INTERNE)
    assertContains(reponse, "Zoé Delplanque")


@pytest.mark.parametrize(("prenom", "dite"), [("Coralie", True), ("Coraline", True), ("Caroline", False)])
def test_a_un_conseiller_aussi_seule_une_personne_certaine_se_dit_suivie_ailleurs(verifier, decor, prenom, dite):
    naissance = "06/04/2001" if dite else "07/04/2001"
    reponse = verifier(prenom, qui=decor.conseiller, naissance=naissance, telephone="", **INTERNE)
    assert ("une autre antenne" in reponse.content.decode()) is dite


def test_la_limite_n_empeche_pas_d_orienter_ni_ne_demande_de_confirmer(verifier, connexion, decor):
    epuiser(verifier)
    assertNotContains(verifier("Coralie"), 'name="vu"')
    connexion(decor.agent).post(reverse("orientations:nouvelle"), decor.formulaire())
    assert Prescription.objects.count() == 1


def test_chaque_verification_est_au_journal_sans_le_nom_et_le_refus_aussi(verifier, decor):
    epuiser(verifier)
    verifier("Coralie")
    lignes = Ligne.objects.filter(auteur=decor.agent)
    recherches = lignes.filter(acte=Acte.RECHERCHE)
    assert recherches.count() == 4
    assert len({ligne.empreinte for ligne in recherches}) == 4
    assert recherches.order_by("-id")[0].participant_id is not None
    assert lignes.get(acte=Acte.REFUS).motif == "orientation : déjà connue : trop de personnes en une heure"
    assert not any("Coralie" in str(vars(ligne)) for ligne in lignes)


def test_un_formulaire_incomplet_ne_compte_pas(verifier, decor):
    for prenom in ("Yonas", "Inès", "Malo", "Lou"):
        verifier(prenom, naissance="")
    assert not Ligne.objects.filter(acte=Acte.RECHERCHE).exists()
