"""Le suivi d’une orientation par le partenaire : son détail, et répondre à ce qui est attendu."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from comptes.jetons import nouveau_jeton
from comptes.models import Role
from journal.models import Acte, Ligne
from prescriptions.actions import orienter
from prescriptions.listes import StatutPrescription as S
from tests import factories as f
from tests import faux_fichiers
from tests.prescriptions import dossiers
from tests.prescriptions.orientations import Decor, page

pytestmark = pytest.mark.django_db

LISTE = "/orientations/"
JOUR = datetime.timedelta(1)


# Le détail.


def test_la_page_dit_ou_en_est_la_demande_et_consigne_la_lecture(navigateur, organisation, agent):
    demande = f.PrescriptionFactory(organisation=organisation, attente="Un métier manuel", prise=True)
    reponse = navigateur.get(page(demande))
    for texte in (demande.participant.nom_complet, demande.numero, "Prise en charge", "Un métier manuel"):
        assertContains(reponse, texte)
    assert Ligne.objects.filter(acte=Acte.LECTURE, objet_id=demande.pk, auteur=agent).exists()


def test_le_titre_de_l_onglet_ne_porte_pas_de_nom(navigateur, organisation):
    demande = f.PrescriptionFactory(organisation=organisation)
    titre = navigateur.get(page(demande)).content.decode().partition("<title>")[2].partition("</title>")[0]
    assert demande.numero in titre
    assert demande.participant.nom not in titre


def test_ac3_le_partenaire_ne_voit_ni_le_dossier_ni_les_raisons_ni_le_sensible(navigateur, organisation):
    demande = dossiers.demande(
        "refusee", organisation=organisation, participant=f.ParticipantFactory(numero="1999-00777")
    )
    avis = demande.avis.get()
    rqth = f.TypePieceFactory(libelle="Notification RQTH", sensible=True)
    f.LignePieceFactory(prescription=demande, type=rqth)
    boeth = f.CritereFactory(libelle="Travailleur handicapé", sensible=True, types=[rqth])
    f.CritereInvoqueFactory(prescription=demande, critere=boeth)
    entretien = f.EntretienFactory(participant=demande.participant, clos=True, notes="canari-note")
    reponse = navigateur.get(page(demande))
    assertContains(reponse, "France Travail")
    secrets = (avis.motivation, "RQTH", "handicap", "critères", "Bénéficiaire du RSA", entretien.synthese, "canari")
    for secret in (
        *secrets,
        demande.participant.numero,
        demande.participant.telephone,
        demande.get_motif_refus_display(),
    ):
        assertNotContains(reponse, secret)


def test_une_piece_sensible_demandee_a_l_antenne_n_est_pas_dite_au_partenaire(navigateur, organisation):
    demande = dossiers.demande("validee", organisation=organisation)
    domiciliation = f.TypePieceFactory(libelle="Certificat de domiciliation", sensible=True)
    ligne = f.LignePieceFactory(prescription=demande, type=domiciliation)
    demande.renvoyer(par=dossiers.agent(Role.STATISTIQUES), motifs=[], pieces=[(ligne, "absente", "")])
    reponse = navigateur.get(page(demande))
    assertNotContains(reponse, "domiciliation")
    assertContains(reponse, "antenne s’en occupe")
    assertContains(navigateur.get(LISTE), "À moi de jouer 0")


def test_une_piece_sensible_qu_il_a_lui_meme_annoncee_lui_est_demandee(connexion):
    decor = Decor()
    demande = orienter(**decor.demande(criteres=[decor.boeth]))
    assertContains(connexion(decor.agent).get(page(demande)), "RQTH")


@pytest.mark.parametrize(("nom", "methode"), [("detail", "get"), ("joindre", "post")])
def test_ac2_la_demande_d_une_autre_organisation_n_existe_pas(navigateur, nom, methode):
    etrangere = f.PrescriptionFactory()
    inconnue = type(etrangere)(pk="0190a5c8-0000-7000-8000-000000000000")
    appel = getattr(navigateur, methode)
    assert appel(page(etrangere, nom)).status_code == 404
    assert appel(page(etrangere, nom)).content == appel(page(inconnue, nom)).content


@pytest.mark.parametrize("nom", ["liste", "export", "nouvelle"])
@pytest.mark.parametrize("role", [Role.CONSEILLER, Role.RESPONSABLE, Role.STATISTIQUES, Role.ADMINISTRATEUR])
def test_ces_pages_sont_celles_des_prescripteurs(connexion, nom, role):
    assert connexion(f.UtilisateurFactory(role=role)).get(reverse(f"orientations:{nom}")).status_code == 403


# Répondre.


def fichier(nom="rsa.pdf", contenu=None):
    return SimpleUploadedFile(nom, faux_fichiers.pdf() if contenu is None else contenu)


def joindre(navigateur, demande, ligne, **champs):
    return navigateur.post(
        page(demande, "joindre"), {"jeton": nouveau_jeton(), "ligne": str(ligne.pk), "piece": fichier()} | champs
    )


def test_joindre_refuse_get(navigateur, quatre):
    assert navigateur.get(page(quatre, "joindre")).status_code == 405


def test_la_derniere_piece_demandee_fait_repartir_la_demande(navigateur, quatre):
    reponse = navigateur.get(page(quatre))
    assertContains(reponse, "C’est à vous.")
    assertContains(reponse, "Accepté à la place : CAF")
    ligne = dossiers.ligne(quatre, "attestation_rsa")
    reponse = joindre(navigateur, quatre, ligne, etablie_le="02/05/2026")
    assertRedirects(reponse, page(quatre), fetch_redirect_response=False)
    assertContains(navigateur.get(page(quatre)), "Tout y est : la demande repart.")
    quatre.refresh_from_db()
    assert quatre.statut == S.A_CONTROLER
    assert dossiers.ligne(quatre, "attestation_rsa").piece.etablie_le == datetime.date(2026, 5, 2)


def test_la_piece_demandee_puis_fournie_reste_sous_ses_yeux(navigateur, quatre):
    ligne = dossiers.ligne(quatre, "attestation_rsa")
    joindre(navigateur, quatre, ligne)
    ligne.refresh_from_db()
    assertContains(navigateur.get(page(quatre)), reverse("participants:piece", args=[ligne.piece_id]))


def test_une_piece_encore_absente_se_joint_des_qu_on_l_a(navigateur, organisation, agent):
    demande = f.PrescriptionFactory(organisation=organisation)
    ligne = f.LignePieceFactory(prescription=demande, type__obligatoire=True)
    joindre(navigateur, demande, ligne)
    ligne.refresh_from_db()
    assert ligne.piece.deposee_par == agent
    assertContains(navigateur.get(page(demande)), reverse("participants:piece", args=[ligne.piece_id]))


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"piece": ""}, "Choisissez le fichier à joindre."),
        ({"piece": "vide"}, "est vide"),
        ({"piece": "piege"}, "son contenu est un programme"),
        ({"etablie_le": "31/02/2026"}, "Cette date n’existe pas"),
        ({"etablie_le": "01/01/2099"}, "est à venir"),
    ],
)
def test_une_piece_refusee_dit_pourquoi_a_cote_de_sa_case(navigateur, quatre, champs, phrase):
    fichiers = {"": "", "vide": fichier(contenu=b""), "piege": fichier(contenu=b"MZ" + b"\0" * 99)}
    champs = champs | ({"piece": fichiers[champs["piece"]]} if "piece" in champs else {})
    ligne = dossiers.ligne(quatre, "attestation_rsa")
    avant = ligne.piece_id
    reponse = joindre(navigateur, quatre, ligne, **champs)
    assertContains(reponse, phrase)
    assertContains(reponse, f'id="erreur-{ligne.pk}"')
    ligne.refresh_from_db()
    quatre.refresh_from_db()
    assert (ligne.piece_id, quatre.statut) == (avant, S.A_COMPLETER)


@pytest.mark.parametrize("cle", ["", "abc", "0190a5c8-0000-7000-8000-000000000000"])
def test_une_case_inventee_est_refusee(navigateur, quatre, cle):
    reponse = navigateur.post(
        page(quatre, "joindre"), {"jeton": nouveau_jeton(), "ligne": cle, "piece": fichier()}, follow=True
    )
    assertContains(reponse, "n’est plus attendue")


def test_une_case_deja_remplie_ou_invisible_ne_se_change_pas(navigateur, quatre):
    remplie = dossiers.ligne(quatre, "identite")
    cachee = f.LignePieceFactory(prescription=quatre, type__sensible=True)
    for ligne in (remplie, cachee):
        avant = ligne.piece_id
        joindre(navigateur, quatre, ligne)
        ligne.refresh_from_db()
        assert ligne.piece_id == avant


def test_une_demande_close_ne_recoit_plus_de_piece(navigateur, organisation):
    demande = f.PrescriptionFactory(organisation=organisation, refusee=True)
    ligne = f.LignePieceFactory(prescription=demande, type__obligatoire=True)
    assertNotContains(navigateur.get(page(demande)), 'type="file"')
    joindre(navigateur, demande, ligne)
    ligne.refresh_from_db()
    assert ligne.piece_id is None
