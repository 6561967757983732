"""Recevoir un fichier : il est lu, et passé à l’antivirus, avant que la base ne soit retenue."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from comptes.jetons import nouveau_jeton
from comptes.models import Role
from participants import fichiers
from participants.models import Piece
from tests import factories as f
from tests import faux_fichiers
from tests.entretiens import gestes
from tests.prescriptions import dossiers
from tests.prescriptions.orientations import Decor

pytestmark = pytest.mark.django_db


def fichier(nom="cni.pdf", contenu=None):
    return SimpleUploadedFile(nom, faux_fichiers.pdf() if contenu is None else contenu)


@pytest.fixture
def lectures(monkeypatch):
    """Pour chaque fichier lu ou analysé : vrai si la base était retenue par une transaction de l’application."""
    retenues, demander = [], fichiers._ouvrier.demander

    def noter():
        retenues.append(any(not bloc._from_testcase for bloc in connection.atomic_blocks))

    def lire(*args, **options):
        noter()
        return demander(*args, **options)

    def analyser(contenu):
        noter()
        return fichiers.EtatAntivirus.SAIN

    monkeypatch.setattr(fichiers._ouvrier, "demander", lire)
    monkeypatch.setattr(fichiers, "antivirus", analyser)
    return retenues


def test_a_l_orientation(connexion, lectures):
    decor = Decor()
    donnees = decor.formulaire() | {"pieces": [fichier()], "garder": "1"}
    reponse = connexion(decor.agent).post(reverse("orientations:nouvelle"), donnees)
    depot = reponse.context["pieces"].lignes[0]
    envoi = decor.formulaire() | {"depot": depot.cle, f"type-{depot.cle}": "identite"}
    connexion(decor.agent).post(reverse("orientations:nouvelle"), envoi)
    assert Piece.objects.get().antivirus == "sain"
    assert lectures == [False, False]


def test_a_la_reponse_d_un_partenaire(connexion, lectures):
    prescription = dossiers.renvoyee(organisation=f.OrganisationFactory())
    agent = f.UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=prescription.organisation)
    case = dossiers.ligne(prescription, "attestation_rsa")
    case.du_prescripteur = True
    case.enregistrer(par=agent)
    adresse = reverse("orientations:joindre", args=[prescription.pk])
    connexion(agent).post(adresse, {"jeton": nouveau_jeton(), "ligne": case.pk, "piece": fichier()})
    assert dossiers.ligne(prescription, "attestation_rsa").piece.nom == "cni.pdf"
    assert lectures == [False, False]


def test_a_l_instruction(connexion, lectures):
    prescription = dossiers.demande("prise")
    case = dossiers.ligne(prescription, "identite")
    connexion(prescription.conseiller).post(
        reverse("prescriptions:joindre", args=[prescription.pk]),
        {"jeton": f"{case.pk}", "fichiers": fichier(), "fichiers_type": case.pk},
    )
    assert dossiers.ligne(prescription, "identite").piece.nom == "cni.pdf"
    assert lectures == [False, False]


def test_a_la_signature_sur_papier(connexion, lectures):
    f.TypePieceFactory(code="synthese_signee")
    entretien = gestes.ouvert()
    gestes.clore(entretien)
    navigateur = connexion(entretien.conseiller)
    envoi = gestes.sous_les_yeux(entretien) | {"acte": "papier", "papier": fichier()}
    navigateur.post(reverse("entretiens:signer", args=[entretien.pk]), envoi)
    assert Piece.objects.get().antivirus == "sain"
    assert lectures == [False, False]


def test_un_fichier_refuse_ne_touche_pas_la_case(connexion):
    prescription = dossiers.demande("prise")
    case = dossiers.ligne(prescription, "identite")
    connexion(prescription.conseiller).post(
        reverse("prescriptions:joindre", args=[prescription.pk]),
        {"jeton": f"{case.pk}", "fichiers": fichier("piege.pdf", b"MZ"), "fichiers_type": case.pk},
    )
    assert dossiers.ligne(prescription, "identite").piece_id == case.piece_id


def test_un_virus_est_refuse_au_depot_avec_sa_raison(connexion, monkeypatch):
    monkeypatch.setattr(fichiers, "antivirus", lambda contenu: fichiers.EtatAntivirus.INFECTE)
    decor = Decor()
    donnees = decor.formulaire() | {"pieces": [fichier()]}
    reponse = connexion(decor.agent).post(reverse("orientations:nouvelle"), donnees)
    assert "virus" in reponse.context["pieces"].refus[0][1]
