"""Le premier contact mal daté se corrige : avec sa raison, dans ses bornes, la responsable avertie, et C1 repart de là."""

import datetime

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from comptes.models import Role
from horloges.calcul import Etat
from journal.models import Acte, Ligne
from notifications.models import Envoi
from plie.exceptions import TransitionImpossible
from prescriptions.suivi import horloges_de
from tests import factories as f
from tests.prescriptions import dossiers

pytestmark = pytest.mark.django_db
AUJOURD_HUI = timezone.localdate
JOUR = datetime.timedelta(1)


@pytest.fixture
def demande():
    """Une année de trop à la frappe."""
    return f.PrescriptionFactory(prise=True, premier_contact_le=AUJOURD_HUI() - 370 * JOUR)


def corriger(demande, jours=5, raison="Une année de trop.", **champs):
    demande.corriger_le_premier_contact(
        par=demande.conseiller, le=AUJOURD_HUI() - jours * JOUR, raison=raison, **champs
    )
    demande.refresh_from_db()


def etat(demande):
    return horloges_de([demande])[demande.pk].etat


def adresse(demande):
    return f"{demande.get_absolute_url()}premier-contact/"


def envoi(demande, jours=5, **champs):
    lu, le = demande.premier_contact_le, AUJOURD_HUI() - jours * JOUR
    return {"lu": lu.isoformat(), "le": f"{le:%d/%m/%Y}", "raison": "Une année de trop."} | champs


def test_l_horloge_c1_repart_du_jour_corrige(demande):
    assert etat(demande) == Etat.EN_RETARD
    corriger(demande)
    assert etat(demande) != Etat.EN_RETARD
    corriger(demande, 45)
    assert etat(demande) == Etat.EN_RETARD


def test_un_entretien_tenu_est_remesure_depuis_le_jour_corrige():
    demande = dossiers.demande("prise", premier_contact_le=AUJOURD_HUI() - 370 * JOUR)
    corriger(demande, 2)
    assert horloges_de([demande])[demande.pk].ecoules == 2


def test_l_historique_et_le_journal_gardent_qui_et_pourquoi(demande):
    corriger(demande)
    version = demande.history.first()
    assert (version.history_change_reason, version.history_user) == ("Une année de trop.", demande.conseiller)
    ligne = Ligne.objects.filter(objet_id=demande.pk, acte=Acte.MODIFICATION).latest("id")
    assert "premier_contact_le" in ligne.champs


def test_la_responsable_apprend_de_quel_jour_a_quel_jour_et_pourquoi(demande):
    responsable = f.UtilisateurFactory(role=Role.RESPONSABLE)
    corriger(demande)
    corriger(demande)  # second clic
    [alerte] = Envoi.objects.filter(destinataire=responsable)
    assert "Une année de trop." in alerte.texte
    assert demande.numero in alerte.titre


REFUS = [
    ({"jours": -1}, "à venir"),
    ({"jours": 40_000}, "naissance"),
    ({"raison": " "}, "pourquoi"),
    ({"lu": datetime.date(2026, 1, 1)}, "vient d’être corrigée"),
]


@pytest.mark.parametrize(("champs", "raison"), REFUS, ids=[r for _, r in REFUS])
def test_ce_qui_ne_se_peut_pas_est_refuse_et_ne_change_rien(demande, champs, raison):
    avant = demande.premier_contact_le
    with pytest.raises(TransitionImpossible, match=raison):
        corriger(demande, **champs)
    demande.refresh_from_db()
    assert demande.premier_contact_le == avant


def test_le_contact_precede_le_premier_entretien_tenu():
    demande = dossiers.demande("prise", premier_contact_le=AUJOURD_HUI() - 30 * JOUR)
    entretien = demande.premier_entretien_tenu()
    entretien.jour = AUJOURD_HUI() - 3 * JOUR
    entretien.enregistrer(par="test")
    with pytest.raises(TransitionImpossible, match="le contact le précède"):
        corriger(demande, 2)
    corriger(demande, 3)
    assert demande.premier_contact_le == entretien.jour


def test_depuis_la_fiche_le_conseiller_corrige(demande, connexion):
    navigateur = connexion(demande.conseiller)
    assertContains(navigateur.get(demande.get_absolute_url()), "Corriger la date du premier contact")
    assert navigateur.post(adresse(demande), envoi(demande)).status_code == 302
    demande.refresh_from_db()
    assert demande.premier_contact_le == AUJOURD_HUI() - 5 * JOUR


@pytest.mark.parametrize(
    ("champs", "statut", "dit"),
    [({"raison": ""}, 200, "Ce champ est obligatoire"), ({"jours": -3}, 409, "à venir")],
    ids=["sans raison", "à venir"],
)
def test_un_refus_remontre_ce_qui_a_ete_tape(demande, connexion, champs, statut, dit):
    jours = champs.pop("jours", 5)
    page = connexion(demande.conseiller).post(adresse(demande), envoi(demande, jours, **champs))
    assertContains(page, dit, status_code=statut)
    assertContains(page, f"{AUJOURD_HUI() - jours * JOUR:%d/%m/%Y}", status_code=statut)
    assertNotContains(page, "rien n’est enregistré", status_code=statut)


def test_le_siege_lit_la_fiche_sans_corriger(demande, connexion):
    navigateur = connexion(f.UtilisateurFactory(role=Role.STATISTIQUES))
    assertNotContains(navigateur.get(demande.get_absolute_url()), "Corriger la date du premier contact")
    assert navigateur.post(adresse(demande), envoi(demande)).status_code == 403
