"""Le contrôle d’une pièce : un verdict, sa liste de points, sa date ; ce qui s’annule."""

import datetime

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from comptes.models import Role
from prescriptions.listes import StatutPrescription, Verdict
from prescriptions.models import LignePiece
from tests.factories import (
    CritereFactory,
    CritereInvoqueFactory,
    LignePieceFactory,
)
from tests.prescriptions.controles import a_voir, geste, juger_tout, relue, url
from tests.prescriptions.dossiers import AUJOURD_HUI, JOUR, agent, demande, ligne

pytestmark = pytest.mark.django_db

S = StatutPrescription


def test_une_piece_dont_la_date_est_passee_ne_se_dit_pas_conforme(controleur):
    prescription = a_voir()
    case = prescription.lignes.first()
    hier = timezone.localdate() - datetime.timedelta(1)
    reponse = controleur.post(url(prescription), geste(case, expire_le=f"{hier:%d/%m/%Y}"))
    assertContains(reponse, "Cette date est passée")
    assert relue(case).verdict == Verdict.A_CONTROLER
    controleur.post(url(prescription), geste(case, expire_le=f"{timezone.localdate():%d/%m/%Y}"))
    assert relue(case).verdict == Verdict.CONFORME


def test_re1_un_point_oublie_ne_fait_pas_oublier_le_verdict_d_une_collegue(controleur):
    """La page remontrée porte la version lue d’abord, pas celle d’après."""
    prescription = a_voir()
    case = prescription.lignes.exclude(type__points=[]).first()
    mien = geste(case)
    relue(case).controler("manquante", par=agent(Role.STATISTIQUES))
    page = controleur.post(url(prescription), mien | {"verdict": "non_conforme"})
    assertContains(page, f'name="version" value="{mien["version"]}"')
    page = controleur.post(url(prescription), mien)
    assertContains(page, "a changé depuis que vous l’avez ouverte", status_code=409)
    assertContains(page, f'name="version" value="{relue(case).version}"', status_code=409)
    assert relue(case).verdict == Verdict.MANQUANTE


def test_une_date_de_fin_lue_par_erreur_s_efface(controleur):
    prescription = a_voir()
    case = ligne(prescription, "identite")
    controleur.post(url(prescription), geste(case, expire_le=f"{AUJOURD_HUI() + JOUR:%d/%m/%Y}"))
    assert relue(case.piece).expire_le == AUJOURD_HUI() + JOUR
    controleur.post(url(prescription), geste(case, expire_le=""))
    assert relue(case.piece).expire_le is None


def test_annuler_rend_le_verdict_a_qui_l_avait_donne(controleur):
    prescription, premiere = a_voir(), agent(Role.STATISTIQUES)
    case = ligne(prescription, "identite")
    case.controler("manquante", par=premiere)
    controleur.post(url(prescription), geste(case))
    controleur.post(url(prescription, "annuler"))
    assert (relue(case).verdict, relue(case).controlee_par) == (Verdict.MANQUANTE, premiere)


def test_le_filtre_de_la_file_suit_entier_de_piece_en_piece(controleur):
    page = controleur.get(url(a_voir()), {"texte": "Dupont & Fils #1"})
    assertContains(page, "texte=Dupont+%26+Fils+%231")


def test_apres_un_accord_vient_le_dossier_annonce_pas_le_premier_de_la_file(controleur):
    anciennes = [demande("validee", statut_depuis=timezone.now() - j * JOUR) for j in (9, 8, 7)]
    premiere, milieu, derniere = anciennes
    page = controleur.get(url(milieu))
    assert page.context["file"]["suivante"] == derniere
    reponse = controleur.post(url(milieu, "accorder"), {"depuis": "controle"})
    assert reponse.url.startswith(url(derniere))
    reponse = controleur.post(url(derniere, "accorder"), {"depuis": "controle"})
    assert reponse.url.startswith(url(premiere))


# Les verdicts


def test_conforme_passe_a_la_piece_suivante_et_prouve(controleur, statisticien):
    prescription = a_voir()
    identite, domicile = ligne(prescription, "identite"), ligne(prescription, "domicile")
    reponse = controleur.post(url(prescription), geste(identite))
    assertRedirects(reponse, f"{url(prescription)}?piece={domicile.pk}", fetch_redirect_response=False)
    identite.refresh_from_db()
    assert (identite.verdict, identite.controlee_par, identite.points) == (
        Verdict.CONFORME,
        statisticien,
        ["Nom identique", "Lisible"],
    )
    assert identite.history.latest().history_user == statisticien


def test_conforme_exige_tous_les_points_coches(controleur):
    prescription = a_voir()
    case = ligne(prescription, "identite")
    reponse = controleur.post(url(prescription), geste(case, points=["Lisible"]))
    assertContains(reponse, "Il reste à vérifier : nom identique.")
    assert reponse.context["points"][1]["coche"]
    assert relue(case).verdict == Verdict.A_CONTROLER


def test_non_conforme_exige_son_motif_et_garde_ce_qui_serait_accepte(controleur):
    prescription = a_voir()
    case = ligne(prescription, "attestation_rsa")
    reponse = controleur.post(url(prescription), geste(case, "non_conforme", accepte="Relevé d’octobre"))
    assertContains(reponse, "Dites pourquoi la pièce n’est pas conforme.")
    assertContains(reponse, "Relevé d’octobre")
    controleur.post(url(prescription), geste(case, "non_conforme", motif="expiree", accepte="Relevé d’octobre"))
    case.refresh_from_db()
    assert (case.verdict, case.motif, case.accepte_a_la_place) == ("non_conforme", "expiree", "Relevé d’octobre")
    renvoi = controleur.get(url(prescription)).context["renvoi_form"]
    assert renvoi[f"demander-{case.pk}"].value()
    assert renvoi[f"accepte-{case.pk}"].value() == "Relevé d’octobre"


def test_manquante_se_dit_sans_motif(controleur):
    prescription = a_voir()
    case = ligne(prescription, "domicile")
    controleur.post(url(prescription), geste(case, "manquante"))
    assert relue(case).verdict == Verdict.MANQUANTE


def test_la_date_tapee_se_range_sur_la_piece(controleur):
    prescription = a_voir()
    case, hier = ligne(prescription, "domicile"), AUJOURD_HUI() - JOUR
    controleur.post(url(prescription), geste(case, etablie_le=f"{hier:%d/%m/%Y}"))
    assert relue(case).piece.etablie_le == hier


@pytest.mark.parametrize(("date", "erreur"), [("demain", "futur"), ("31/02/2026", "n’existe pas")])
def test_une_date_impossible_revient(controleur, date, erreur):
    prescription = a_voir()
    case = ligne(prescription, "domicile")
    date = f"{AUJOURD_HUI() + JOUR:%d/%m/%Y}" if date == "demain" else date
    assertContains(controleur.post(url(prescription), geste(case, etablie_le=date)), erreur)
    assert relue(case).verdict == Verdict.A_CONTROLER


def test_sans_date_une_piece_dont_la_validite_en_depend_n_est_pas_conforme(controleur):
    prescription = a_voir()
    case = ligne(prescription, "domicile")
    case.piece.etablie_le = None
    case.piece.enregistrer(par="test")
    reponse = controleur.post(url(prescription), geste(case, etablie_le=""), follow=True)
    assertContains(reponse, "Lisez la date sur la pièce")
    assert relue(case).verdict == Verdict.A_CONTROLER


def test_une_piece_exigee_ne_prouve_un_critere_que_si_on_le_dit(controleur):
    prescription = a_voir()
    case = ligne(prescription, "domicile")
    qpv = CritereFactory(code="QPV", libelle="Résident d’un quartier prioritaire", types=[case.type])
    CritereInvoqueFactory(prescription=prescription, critere=qpv)
    assertContains(controleur.get(url(prescription), {"piece": str(case.pk)}), "Prouve « Résident")
    controleur.post(url(prescription), geste(case))
    assert relue(case).ne_prouve_pas == ["QPV"]
    controleur.post(url(prescription), geste(case, prouve=["QPV"]))
    assert relue(case).ne_prouve_pas == []


def test_deux_onglets_sur_la_meme_piece_le_second_relit(controleur):
    prescription = a_voir()
    case = ligne(prescription, "identite")
    envoi = geste(case)
    controleur.post(url(prescription), envoi)
    reponse = controleur.post(url(prescription), envoi | {"verdict": "manquante", "accepte": "Un passeport"})
    assertContains(reponse, "a changé depuis que vous l’avez ouverte", status_code=409)
    assertContains(reponse, "a dit « conforme", status_code=409)
    assertContains(reponse, "Un passeport", status_code=409)
    assert relue(case).verdict == Verdict.CONFORME


def test_un_double_clic_sur_un_verdict_passe_a_la_piece_suivante_sans_rien_redire(controleur):
    prescription = a_voir()
    case = ligne(prescription, "identite")
    envoi = geste(case)
    suites = [controleur.post(url(prescription), envoi).url for _ in range(2)]
    assert suites[0] == suites[1]
    assert relue(case).history.filter(verdict=Verdict.CONFORME).count() == 1


def test_juger_la_piece_d_une_autre_demande_n_existe_pas(controleur):
    assert controleur.post(url(a_voir()), geste(LignePieceFactory())).status_code == 404


def test_un_verdict_inconnu_ne_juge_rien(controleur):
    prescription = a_voir()
    case = ligne(prescription, "identite")
    assert controleur.post(url(prescription), geste(case, "a_controler")).status_code == 200
    assert relue(case).verdict == Verdict.A_CONTROLER


# Annuler


def test_z_annule_le_dernier_geste_puis_celui_d_avant(controleur):
    prescription = a_voir()
    identite, domicile = ligne(prescription, "identite"), ligne(prescription, "domicile")
    avant, hier = domicile.piece.etablie_le, AUJOURD_HUI() - JOUR
    controleur.post(url(prescription), geste(identite))
    controleur.post(url(prescription), geste(domicile, etablie_le=f"{hier:%d/%m/%Y}"))
    reponse = controleur.post(url(prescription, "annuler"))
    assertRedirects(reponse, f"{url(prescription)}?piece={domicile.pk}", fetch_redirect_response=False)
    domicile = relue(domicile)
    assert (domicile.verdict, domicile.points, domicile.piece.etablie_le) == (Verdict.A_CONTROLER, [], avant)
    assert relue(identite).verdict == Verdict.CONFORME
    controleur.post(url(prescription, "annuler"))
    assert relue(identite).verdict == Verdict.A_CONTROLER
    assertContains(controleur.post(url(prescription, "annuler"), follow=True), "Rien à annuler")


def test_un_geste_se_refait_apres_avoir_ete_annule(controleur):
    prescription = a_voir()
    case = ligne(prescription, "identite")
    for verdict in ("conforme", "manquante"):
        controleur.post(url(prescription), geste(case, verdict))
        controleur.post(url(prescription, "annuler"))
    assert relue(case).verdict == Verdict.A_CONTROLER


def test_on_n_annule_pas_par_dessus_le_geste_d_un_autre(controleur):
    prescription = a_voir()
    case = ligne(prescription, "identite")
    controleur.post(url(prescription), geste(case))
    relue(case).controler("manquante", par=agent(Role.STATISTIQUES))
    assertContains(controleur.post(url(prescription, "annuler"), follow=True), "ne s’annule plus")
    assert relue(case).verdict == Verdict.MANQUANTE


def test_on_n_annule_plus_rien_apres_l_accord(controleur):
    prescription = a_voir()
    juger_tout(controleur, prescription)
    controleur.post(url(prescription, "accorder"))
    controleur.post(url(prescription, "annuler"))
    assert not LignePiece.objects.exclude(verdict=Verdict.CONFORME).exists()
