"""Choisir les critères : à plusieurs, après un verdict, et jusqu’à n’en garder aucun."""

import re

import pytest
from django.urls import reverse

from comptes.models import Role
from plie.exceptions import TransitionImpossible
from prescriptions.eligibilite import Preuve
from prescriptions.listes import Verdict
from tests import factories as f
from tests.prescriptions.dossiers import agent, critere_rsa, demande, ligne, renvoyee, types_de_pieces

pytestmark = pytest.mark.django_db


def invoques(prescription):
    return {i.critere for i in prescription.criteres_invoques.filter(retire_le=None)}


def critere(*types, **champs):
    return f.CritereFactory(types=list(types), **champs)


def renvoyee_pour_l_avis():
    """Toutes ses pièces sont conformes ; la responsable attend un autre avis."""
    prescription = demande("validee")
    prescription.renvoyer(par=agent(Role.STATISTIQUES), motifs=["avis"], texte="Précisez le projet.")
    return prescription


def preuve(prescription, code):
    return next(r for r in prescription.eligibilite().resultats if r.code == code).preuve


def test_un_critere_ajoute_apres_le_verdict_reste_a_controler():
    """La pièce était conforme, mais personne n’avait à dire si elle prouve celui-ci."""
    prescription, domicile = renvoyee_pour_l_avis(), types_de_pieces()["domicile"]
    prescription.choisir_criteres([critere_rsa(), critere(domicile, code="QPV")], par=prescription.conseiller)
    assert preuve(prescription, "QPV") == Preuve.A_CONTROLER
    assert preuve(prescription, "RSA") == Preuve.PROUVE
    assert ligne(prescription, "domicile").verdict == Verdict.A_CONTROLER


def test_un_critere_repris_redevient_a_controler_un_critere_garde_non():
    prescription, domicile = renvoyee_pour_l_avis(), types_de_pieces()["domicile"]
    qpv, par = critere(domicile, code="QPV"), prescription.conseiller
    f.CritereInvoqueFactory(prescription=prescription, critere=qpv)
    prescription.choisir_criteres([critere_rsa(), qpv], par=par)
    assert preuve(prescription, "QPV") == Preuve.PROUVE
    prescription.choisir_criteres([critere_rsa()], par=par)
    prescription.choisir_criteres([critere_rsa(), qpv], par=par)
    assert preuve(prescription, "QPV") == Preuve.A_CONTROLER


def test_un_critere_d_age_se_calcule_sur_la_piece_deja_jugee():
    prescription, identite = renvoyee_pour_l_avis(), types_de_pieces()["identite"]
    senior = critere(identite, code="SENIOR", age_min=0)
    prescription.choisir_criteres([critere_rsa(), senior], par=prescription.conseiller)
    assert preuve(prescription, "SENIOR") == Preuve.PROUVE


def test_re1_ce_qu_une_collegue_a_choisi_entre_temps_reste_choisi(connexion):
    prescription = demande("prise")
    siens, miens = critere(f.TypePieceFactory()), critere(f.TypePieceFactory())
    prescription.choisir_criteres([critere_rsa(), siens], par=agent(Role.CONSEILLER, antenne=prescription.antenne))
    envoi = {"lus": [str(critere_rsa().pk)], "criteres": [str(critere_rsa().pk), str(miens.pk)]}
    connexion(prescription.conseiller).post(adresse(prescription), envoi)
    assert invoques(prescription) == {critere_rsa(), siens, miens}


def test_re1_ce_qu_une_collegue_a_retire_entre_temps_reste_retire(connexion):
    prescription = demande("prise")
    autre = critere(f.TypePieceFactory())
    prescription.choisir_criteres([autre], par=prescription.conseiller)
    envoi = {"lus": [str(critere_rsa().pk), str(autre.pk)], "criteres": [str(critere_rsa().pk), str(autre.pk)]}
    connexion(prescription.conseiller).post(adresse(prescription), envoi)
    assert invoques(prescription) == {autre}


def test_la_page_porte_les_criteres_lus(connexion):
    prescription = demande("prise")
    page = connexion(prescription.conseiller).get(adresse(prescription) + "?sans=RSA").content.decode()
    assert f'name="lus" value="{critere_rsa().pk}"' in page
    assert not re.search(r'name="criteres"[^>]*checked', page)


def test_sans_critere_une_demande_renvoyee_ne_repart_pas(connexion):
    prescription = renvoyee()
    lus = {"lus": [str(critere_rsa().pk)]}
    connexion(prescription.conseiller).post(adresse(prescription), lus)
    prescription.refresh_from_db()
    assert prescription.statut == "a_completer"
    assert "au moins un critère" in prescription.manque_pour_completer()
    with pytest.raises(TransitionImpossible, match="au moins un critère"):
        prescription.completer(par=prescription.conseiller)


def test_un_critere_ajoute_apres_un_renvoi_attend_sa_piece_avant_de_repartir():
    prescription = renvoyee()
    prescription.choisir_criteres([critere(f.TypePieceFactory(libelle="Diplôme"))], par=prescription.conseiller)
    assert ["Diplôme" in m for m in prescription.manque_pour_completer()] == [True]


def adresse(prescription):
    return reverse("prescriptions:criteres", args=[prescription.pk])
