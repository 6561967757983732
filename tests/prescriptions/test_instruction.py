"""Ce que le conseiller écrit dans la demande, et les pièces qu’il y joint."""

import io

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from comptes import brouillons
from comptes.jetons import nouveau_jeton
from comptes.models import Role
from participants.actions import indexer
from participants.models import Piece
from prescriptions import permissions
from prescriptions.fiche import ECRAN_AVIS, ECRAN_ENTREE
from prescriptions.listes import StatutPrescription, Verdict
from tests import faux_fichiers
from tests.factories import (
    AntenneFactory,
    CritereFactory,
    LignePieceFactory,
    PrescriptionFactory,
    TypePieceFactory,
)
from tests.prescriptions.dossiers import AUJOURD_HUI, JOUR, agent, critere_rsa, demande, ligne
from tests.prescriptions.ecrans import LISTE, du_conseiller, relue, url

pytestmark = pytest.mark.django_db

S = StatutPrescription
NE_VOIENT_RIEN = [r for r in Role if r not in permissions.ECRAN]

# Ce que le conseiller écrit


@pytest.mark.parametrize("adresse", ["avis", "joindre", "promettre", "repondre", "message", "criteres", "entree"])
def test_nul_autre_que_le_conseiller_n_ecrit_dans_la_demande(connexion, adresse):
    prescription = demande("prise")
    for role in (Role.RESPONSABLE, Role.STATISTIQUES, Role.ANIMATION):
        reponse = connexion(agent(role)).post(url(adresse, prescription))
        assertContains(reponse, permissions.INSTRUIRE, status_code=403)
    assert (
        connexion(agent(Role.CONSEILLER, antenne=AntenneFactory())).post(url(adresse, prescription)).status_code == 404
    )


@pytest.mark.parametrize("adresse", ["avis", "joindre", "promettre", "repondre", "message", "annuler", "acter_en_lot"])
def test_une_adresse_qui_ecrit_refuse_get(client, adresse):
    prescription = du_conseiller(client)
    cible = reverse("prescriptions:acter_en_lot") if adresse == "acter_en_lot" else url(adresse, prescription)
    assert client.get(cible).status_code == 405


def texte_d_avis(prescription, **champs):
    dernier = prescription.avis.first()
    lu = {"dernier": dernier.pk, "version": dernier.version} if dernier else {}
    return {"sens": "favorable", "motivation": "Projet mûr."} | lu | champs


def test_l_avis_s_enregistre_et_le_brouillon_s_efface(client):
    prescription = PrescriptionFactory(prise=True)
    client.force_login(prescription.conseiller)
    brouillons.garder(prescription.conseiller, ECRAN_AVIS, {"motivation": "Proj"}, objet_id=prescription.pk)
    assertContains(client.get(prescription.get_absolute_url()), "Proj</textarea>")
    client.post(url("avis", prescription), texte_d_avis(prescription))
    assert prescription.avis.get().motivation == "Projet mûr."
    assert brouillons.retrouver(prescription.conseiller, ECRAN_AVIS, prescription.pk) is None


def test_l_avis_envoye_deux_fois_n_en_fait_qu_un(client):
    prescription = PrescriptionFactory(prise=True)
    client.force_login(prescription.conseiller)
    donnees = texte_d_avis(prescription)
    for _ in range(2):
        assert client.post(url("avis", prescription), donnees).status_code == 302
    assert prescription.avis.count() == 1


@pytest.mark.parametrize(
    "champs", [{"motivation": ""}, {"sens": ""}, {"motivation": "Son n° : 2 85 05 59 123 456 78"}]
)
def test_un_avis_incomplet_ou_avec_un_nir_revient_avec_son_texte(client, champs):
    prescription = du_conseiller(client)
    avant = prescription.avis.count()
    reponse = client.post(url("avis", prescription), texte_d_avis(prescription, **champs))
    assertContains(reponse, "data-erreurs")
    assertContains(reponse, champs.get("motivation", "Projet mûr."))
    assert prescription.avis.count() == avant


def test_deux_conseillers_sur_le_meme_avis_gardent_les_deux_textes(connexion):
    prescription = PrescriptionFactory(prise=True)
    collegue = agent(Role.CONSEILLER, antenne=prescription.antenne)
    perdant = connexion(prescription.conseiller)
    donnees = texte_d_avis(prescription, motivation="Mon avis à moi.")
    prescription.donner_avis(par=collegue, sens="reserve", motivation="L’avis du collègue.")
    reponse = perdant.post(url("avis", prescription), donnees)
    assert reponse.status_code == 409
    assertContains(reponse, "Mon", status_code=409)
    assertContains(reponse, "collègue", status_code=409)
    conflit = reponse.context["conflit"]
    perdant.post(url("avis", prescription), conflit.caches | {"motivation": conflit.fusion})
    assert prescription.avis.first().motivation == "L’avis du collègue.\r\n\r\nMon avis à moi.".replace("\r", "")


def test_renoncer_au_sien_garde_celui_du_collegue(client):
    prescription = du_conseiller(client)
    brouillons.garder(prescription.conseiller, ECRAN_AVIS, {"motivation": "Le mien"}, objet_id=prescription.pk)
    client.post(url("avis", prescription), {"garder": "sien"})
    assert brouillons.retrouver(prescription.conseiller, ECRAN_AVIS, prescription.pk) is None
    assert prescription.avis.count() == 1


def test_un_brouillon_commence_avant_l_avis_d_un_autre_annonce_le_conflit(client):
    prescription = PrescriptionFactory(prise=True)
    client.force_login(prescription.conseiller)
    brouillons.garder(
        prescription.conseiller, ECRAN_AVIS, {"sens": "favorable", "motivation": "Le mien", "dernier": ""},
        objet_id=prescription.pk,
    )  # fmt: skip
    collegue = agent(Role.CONSEILLER, antenne=prescription.antenne)
    prescription.donner_avis(par=collegue, sens="reserve", motivation="Le sien")
    form = client.get(prescription.get_absolute_url()).context["avis_form"]
    donnees = {nom: form[nom].value() or "" for nom in form.fields}
    assert client.post(url("avis", prescription), donnees).status_code == 409


def test_l_entree_prevue_s_enregistre_une_fois_et_se_dispute_une_autre(client):
    prescription = du_conseiller(client)
    jour = AUJOURD_HUI() + 20 * JOUR
    donnees = {"version": prescription.version, "entree_prevue_le": jour.isoformat()}
    brouillons.garder(prescription.conseiller, ECRAN_ENTREE, {"entree_prevue_le": "x"}, objet_id=prescription.pk)
    assert client.get(url("entree", prescription)).status_code == 200
    client.post(url("entree", prescription), donnees)
    assert relue(prescription).entree_prevue_le == jour
    assert brouillons.retrouver(prescription.conseiller, ECRAN_ENTREE, prescription.pk) is None
    assert client.post(url("entree", prescription), donnees).status_code == 302  # le même envoi
    autre = donnees | {"entree_prevue_le": (jour + JOUR).isoformat()}
    reponse = client.post(url("entree", prescription), autre)
    assertContains(reponse, "Deux versions", status_code=409)
    assert relue(prescription).entree_prevue_le == jour
    client.post(url("entree", prescription), reponse.context["conflit"].caches)
    assert relue(prescription).entree_prevue_le == jour + JOUR


@pytest.mark.parametrize("jour", ["31/02/2027", "hier"])
def test_une_date_d_entree_impossible_revient_avec_son_erreur(client, jour):
    prescription = du_conseiller(client)
    jour = (AUJOURD_HUI() - JOUR).isoformat() if jour == "hier" else jour
    reponse = client.post(url("entree", prescription), {"version": prescription.version, "entree_prevue_le": jour})
    assertContains(reponse, "data-erreurs")
    assert relue(prescription).entree_prevue_le is None


def test_choisir_les_criteres_ouvre_et_dispense_des_pieces(client):
    prescription = du_conseiller(client)
    autre = CritereFactory(types=[TypePieceFactory()])
    choix = {"criteres": [str(autre.pk)], "lus": [str(critere_rsa().pk)]}
    client.post(url("criteres", prescription), choix)
    assert prescription.lignes.filter(type=autre.types.get()).exists()
    invoques = prescription.criteres_invoques.filter(retire_le=None)
    assert [i.critere for i in invoques] == [autre]


def test_un_avis_envoye_trop_tard_ne_se_perd_pas(client):
    prescription = du_conseiller(client)
    donnees = texte_d_avis(prescription, motivation="Une longue explication")
    prescription.transmettre(par=prescription.conseiller)
    assertContains(client.post(url("avis", prescription), donnees), "Une longue explication", status_code=409)


# Les pièces


def fichier(nom="attestation.pdf", contenu=None):
    televerse = io.BytesIO(contenu or faux_fichiers.pdf())
    televerse.name = nom
    return televerse


def depot(case, *fichiers):
    return {"jeton": nouveau_jeton(), "fichiers": list(fichiers), "fichiers_type": [str(case.pk)] * len(fichiers)}


def test_joindre_la_derniere_piece_demandee_fait_repartir_la_demande(client):
    prescription = du_conseiller(client, "a_completer")
    case = ligne(prescription, "attestation_rsa")
    reponse = client.post(url("joindre", prescription), depot(case, fichier()), follow=True)
    assertContains(reponse, "la demande est repartie")
    case.refresh_from_db()
    assert (case.verdict, case.piece.nom, case.demandee_le) == (Verdict.A_CONTROLER, "attestation.pdf", None)
    assert relue(prescription).statut == S.A_CONTROLER


def test_un_fichier_refuse_le_dit_et_ne_retient_pas_les_autres(client):
    prescription = du_conseiller(client)
    domicile, rsa = ligne(prescription, "domicile"), ligne(prescription, "attestation_rsa")
    donnees = {
        "jeton": nouveau_jeton(),
        "fichiers": [fichier("programme.pdf", b"MZ programme"), fichier()],
        "fichiers_type": [str(domicile.pk), str(rsa.pk)],
    }
    avant, reponse = domicile.piece_id, client.post(url("joindre", prescription), donnees, follow=True)
    assertContains(reponse, "Justificatif de domicile")
    assertContains(reponse, "1\N{NO-BREAK SPACE}pièce jointe.")
    domicile.refresh_from_db()
    assert domicile.piece_id == avant


def test_le_meme_depot_envoye_deux_fois_ne_garde_qu_une_piece(client):
    prescription = du_conseiller(client)
    case, jeton, avant = ligne(prescription, "domicile"), nouveau_jeton(), Piece.objects.count()
    for _ in range(2):
        client.post(url("joindre", prescription), depot(case, fichier()) | {"jeton": jeton})
    assert Piece.objects.count() == avant + 1


@pytest.mark.parametrize("faute", ["aucun fichier", "sans type", "deux types pour un", "autre demande"])
def test_un_depot_mal_forme_s_explique(client, faute):
    prescription = du_conseiller(client)
    case = ligne(prescription, "domicile")
    donnees = {
        "aucun fichier": depot(case),
        "sans type": depot(case, fichier()) | {"fichiers_type": []},
        "deux types pour un": depot(case, fichier()) | {"fichiers_type": [case.pk, case.pk]},
        "autre demande": depot(LignePieceFactory(), fichier()),
    }[faute]
    avant = Piece.objects.count()
    assertContains(client.post(url("joindre", prescription), donnees, follow=True), "message e-retard")
    assert Piece.objects.count() == avant


def test_promettre_repond_a_la_case_et_fait_repartir(client):
    prescription = du_conseiller(client, "a_completer")
    case = ligne(prescription, "attestation_rsa")
    donnees = {"ligne": case.pk, "pour_le": (AUJOURD_HUI() + 2 * JOUR).isoformat()}
    client.post(url("promettre", prescription), donnees)
    assert relue(prescription).statut == S.A_CONTROLER


def test_expliquer_pourquoi_la_piece_ne_viendra_pas_fait_repartir(client):
    prescription = du_conseiller(client, "a_completer")
    case = ligne(prescription, "attestation_rsa")
    client.post(url("repondre", prescription), {"ligne": case.pk, "reponse": "La CAF ne l’envoie plus."})
    case.refresh_from_db()
    assert case.reponse == "La CAF ne l’envoie plus."
    assert relue(prescription).statut == S.A_CONTROLER


@pytest.mark.parametrize(
    ("adresse", "donnees"),
    [("promettre", {"pour_le": "2020-01-01"}), ("promettre", {"pour_le": ""}), ("repondre", {"reponse": " "})],
)
def test_une_reponse_impossible_s_explique(client, adresse, donnees):
    prescription = du_conseiller(client, "a_completer")
    case = ligne(prescription, "attestation_rsa")
    reponse = client.post(url(adresse, prescription), donnees | {"ligne": case.pk}, follow=True)
    assertContains(reponse, "message e-retard")
    assert relue(prescription).statut == S.A_COMPLETER


@pytest.mark.parametrize("cle", ["", "x", "autre"])
def test_la_case_d_une_autre_demande_n_existe_pas(client, cle):
    prescription = du_conseiller(client, "a_completer")
    cle = str(LignePieceFactory().pk) if cle == "autre" else cle
    reponse = client.post(url("repondre", prescription), {"ligne": cle, "reponse": "Oui."})
    assert reponse.status_code == 404


def test_repondre_a_un_retour_une_seule_fois(client):
    prescription = du_conseiller(client, "a_completer")
    donnees = {"jeton": nouveau_jeton(), "message": "Demandée à la CAF."}
    for _ in range(2):
        client.post(url("message", prescription), donnees)
    assert [r.texte for r in prescription.retours.filter(auteur=prescription.conseiller)] == ["Demandée à la CAF."]
    assertContains(client.post(url("message", prescription), {"jeton": nouveau_jeton()}), "Écrivez votre réponse.")


def test_un_nom_indexe_se_retrouve_dans_la_file(connexion):
    """Le texte cherche le début des mots, sans accents : « eleo » trouve Éléonore."""
    prescription = PrescriptionFactory(transmise=True, participant__prenom="Éléonore")
    indexer(prescription.participant)
    assert len(connexion(agent(Role.RESPONSABLE)).get(LISTE, {"texte": "eleo"}).context["lignes"]) == 1
