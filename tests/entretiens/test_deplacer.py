"""Déplacer un rendez-vous : le même, à un autre moment ; rien ne s’écrase, et l’invitation d’avant ne vaut plus (RE1)."""

import datetime

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from documents.models import Document
from entretiens.models import RendezVous, StatutRendezVous
from plie.exceptions import ConflitDeVersion
from tests.entretiens.gestes import LUNDI, conseillere, dossier, saisie_de_rendez_vous, url
from tests.factories import EntretienFactory, RendezVousFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lundi")]


def saisie(rdv, **champs):
    return saisie_de_rendez_vous(rdv.participant, version=rdv.version, **champs)


@pytest.fixture
def pose():
    participant, referente = dossier()
    return RendezVousFactory(
        participant=participant, conseiller=referente, debut=LUNDI + datetime.timedelta(days=10), objet="le point"
    )


def test_il_change_de_moment_et_de_lieu_et_reste_le_meme(connexion, pose):
    client = connexion(pose.conseiller)
    assertContains(client.get(url("rendez_vous_detail", pose)), url("deplacer", pose))
    assertContains(client.get(url("deplacer", pose)), "le point")
    reponse = client.post(url("deplacer", pose), saisie(pose))
    assertRedirects(reponse, url("rendez_vous_detail", pose))
    rdv = RendezVous.objects.get()
    assert timezone.localtime(rdv.debut).isoformat() == "2026-12-09T14:00:00+01:00"
    assert (rdv.pk, rdv.statut, rdv.lieu, rdv.history.count()) == (pose.pk, "prevu", "bureau 3", 2)


def test_il_ne_se_gene_pas_lui_meme(connexion, pose):
    une_demi_heure_plus_tard = {"jour": f"{pose.jour}", "heure": "09:30"}
    connexion(pose.conseiller).post(url("deplacer", pose), saisie(pose, **une_demi_heure_plus_tard))
    pose.refresh_from_db()
    assert timezone.localtime(pose.debut).hour == 9


def test_il_reste_a_qui_le_tient(connexion, pose):
    collegue = conseillere(antenne=pose.participant.antenne)
    connexion(collegue).post(url("deplacer", pose), saisie(pose))
    pose.refresh_from_db()
    assert (pose.conseiller != collegue, pose.jour) == (True, datetime.date(2026, 12, 9))


def test_son_invitation_ne_vaut_plus_et_se_refait(connexion, pose):
    client = connexion(pose.conseiller)
    client.post(url("convocation", pose))
    pose.refresh_from_db()
    assertContains(client.get(url("deplacer", pose)), "Son invitation ne vaudra plus")
    client.post(url("deplacer", pose), saisie(pose))
    pose.refresh_from_db()
    assert pose.convocation is None
    assert Document.objects.count() == 1
    client.post(url("convocation", pose))
    assert Document.objects.count() == 2


@pytest.mark.parametrize("etat", ["note", "ouvert", "passe"])
def test_note_tenu_ou_passe_il_ne_se_deplace_plus(connexion, pose, etat):
    if etat == "note":
        pose.noter(StatutRendezVous.ANNULE_PERSONNE, par=pose.conseiller)
    elif etat == "ouvert":
        EntretienFactory(participant=pose.participant, conseiller=pose.conseiller, rendez_vous=pose)
    else:
        pose.debut = LUNDI - datetime.timedelta(days=1)
        pose.enregistrer(par="test")
    client = connexion(pose.conseiller)
    assertNotContains(client.get(url("rendez_vous_detail", pose)), url("deplacer", pose))
    avant = RendezVous.objects.get().debut
    reponse = client.post(url("deplacer", pose), saisie(pose), follow=True)
    assertRedirects(reponse, url("rendez_vous_detail", pose))
    assert RendezVous.objects.get().debut == avant


def test_deux_clics_n_ont_qu_un_effet(connexion, pose):
    client, envoi = connexion(pose.conseiller), saisie(pose)
    client.post(url("deplacer", pose), envoi)
    client.post(url("deplacer", pose), envoi)
    assert pose.history.count() == 2


def test_de_l_ecran_ou_l_on_en_pose_un_autre_on_deplace_celui_qui_est_prevu(connexion, pose):
    assertContains(connexion(pose.conseiller).get(url("rendez_vous", pose.participant)), url("deplacer", pose))


def test_un_autre_l_a_deplace_entre_temps_rien_ne_s_ecrase_et_la_saisie_reste(connexion, pose):
    client, envoi = connexion(pose.conseiller), saisie(pose, lieu="bureau 9")
    pose.deplacer({"lieu": "bureau 4"}, par=conseillere(pose.participant.antenne), version=pose.version)
    reponse = client.post(url("deplacer", pose), envoi)
    assertContains(reponse, "Ce rendez-vous a changé entre-temps", status_code=409)
    assertContains(reponse, "bureau 9", status_code=409)
    assert RendezVous.objects.get().lieu == "bureau 4"
    vue = {"version": reponse.context["form"]["version"].value(), "jeton": reponse.context["form"]["jeton"].value()}
    assertRedirects(client.post(url("deplacer", pose), envoi | vue), url("rendez_vous_detail", pose))
    assert RendezVous.objects.get().lieu == "bureau 9"


def test_sans_version_rien_ne_se_deplace(connexion, pose):
    assert connexion(pose.conseiller).post(url("deplacer", pose), saisie(pose) | {"version": ""}).status_code == 409
    with pytest.raises(ConflitDeVersion):
        pose.deplacer({"lieu": "ailleurs"}, par=pose.conseiller, version=None)
