"""L’écran du contrôle : qui l’ouvre et quand, ce qu’il montre ; accorder, renvoyer, passer au dossier suivant."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from comptes.models import Role
from journal.models import Acte, Ligne
from prescriptions import permissions
from prescriptions.controle import avis_de_validite
from prescriptions.listes import StatutPrescription
from prescriptions.models import Prescription
from tests.factories import (
    CommuneFactory,
    CritereFactory,
    CritereInvoqueFactory,
    LignePieceFactory,
    PrescriptionFactory,
    TypePieceFactory,
)
from tests.prescriptions.controles import a_voir, geste, juger_tout, relue, url
from tests.prescriptions.dossiers import JOUR, agent, demande, ligne

pytestmark = pytest.mark.django_db

S = StatutPrescription

# Qui, quand


@pytest.mark.parametrize("role", [Role.CONSEILLER, Role.RESPONSABLE, Role.ANIMATION])
@pytest.mark.parametrize("methode", ["get", "post"])
def test_seules_les_statistiques_controlent(connexion, role, methode):
    prescription = a_voir()
    lecteur = prescription.conseiller if role == Role.CONSEILLER else agent(role)
    reponse = getattr(connexion(lecteur), methode)(url(prescription))
    assertContains(reponse, permissions.CONTROLER, status_code=403)


@pytest.mark.parametrize("role", [Role.PRESCRIPTEUR, Role.ENTREPRISES, Role.ADMINISTRATEUR])
def test_pour_les_autres_le_controle_n_existe_pas(connexion, role):
    assert connexion(agent(role)).get(url(a_voir())).status_code == 404


def test_une_demande_qui_n_est_plus_au_controle_renvoie_a_sa_fiche(controleur):
    prescription = demande("accordee")
    reponse = controleur.get(url(prescription), follow=True)
    assertRedirects(reponse, prescription.get_absolute_url())
    assertContains(reponse, "n’est plus au contrôle")


def test_ouvrir_le_controle_se_consigne(controleur, statisticien):
    prescription = a_voir()
    controleur.get(url(prescription))
    assert Ligne.objects.get(acte=Acte.LECTURE, objet_id=prescription.pk).auteur == statisticien


def test_le_controle_coute_quinze_requetes_au_plus_quel_que_soit_le_nombre_de_pieces(
    controleur, django_assert_max_num_queries
):
    prescription, couts = a_voir(), []
    controleur.get(url(prescription))  # ouvre la session, lit les réglages
    for _ in range(2):
        with django_assert_max_num_queries(15) as requetes:
            controleur.get(url(prescription))
        couts.append(len(requetes))
        for _ in range(5):
            critere = CritereFactory(types=[TypePieceFactory()])
            CritereInvoqueFactory(prescription=prescription, critere=critere)
            LignePieceFactory(prescription=prescription, type=critere.types.get(), jointe=True)
            PrescriptionFactory(validee=True)
    assert couts[0] == couts[1]


# L’écran


def test_la_premiere_piece_a_voir_s_ouvre_avec_ses_points_et_sa_date(controleur):
    prescription = a_voir()
    reponse = controleur.get(url(prescription))
    assertContains(reponse, "Pièce d’identité")
    assertContains(reponse, "Nom identique")
    case = ligne(prescription, "attestation_rsa")
    reponse = controleur.get(url(prescription), {"piece": str(case.pk)})
    assertContains(reponse, "Établie le")
    assertContains(reponse, "couvre l’entrée")
    assertContains(reponse, reverse("participants:apercu", args=[case.piece_id]))


@pytest.mark.parametrize("cle", ["zut", "01900000-0000-7000-8000-000000000000", ""])
def test_une_piece_inconnue_ouvre_la_premiere_a_voir(controleur, cle):
    prescription = a_voir()
    assert controleur.get(url(prescription), {"piece": cle}).context["ligne"] == ligne(prescription, "identite")


def test_une_demande_sans_piece_s_ouvre_quand_meme(controleur):
    assertContains(controleur.get(url(PrescriptionFactory(validee=True))), "aucune pièce")


def test_chaque_touche_a_son_bouton(controleur):
    prescription = a_voir()
    reponse = controleur.get(url(prescription))
    for touche in ("c", "n", "m", "a", "R", "1", "2", "arrowdown", "arrowup", "arrowright"):
        assertContains(reponse, f'data-touche="{touche}"')
    controleur.post(url(prescription), geste(ligne(prescription, "identite")))
    assertContains(controleur.get(url(prescription)), 'data-touche="z"')


@pytest.mark.parametrize(
    ("limite", "mois", "etat", "texte"),
    [
        (datetime.date(2027, 2, 6), 3, "ok", "Vaut jusqu’au 6 février 2027, couvre l’entrée"),
        (datetime.date(2026, 12, 14), 3, "ok", "Vaut jusqu’au 14 décembre 2026, couvre l’entrée"),
        (datetime.date(2026, 12, 13), 3, "retard", "Vaut jusqu’au 13 décembre 2026, ne couvre pas l’entrée"),
        (None, 3, "attention", "Date à lire sur la pièce"),
        (None, None, "ok", "Sans limite"),
    ],
)
def test_la_date_dit_si_elle_couvre_l_entree(limite, mois, etat, texte, time_machine_2025):
    assert avis_de_validite(limite, datetime.date(2026, 12, 14), mois) == {"etat": etat, "texte": texte}


@pytest.fixture
def time_machine_2025():
    """Une autre année que celles des dates : elles s’écrivent avec la leur."""
    import time_machine

    with time_machine.travel(datetime.datetime(2025, 6, 1, 12, tzinfo=datetime.UTC)):
        yield


# Accorder, renvoyer, passer au suivant


def test_accorder_attend_que_tout_soit_prouve_et_passe_au_dossier_suivant(controleur):
    prescription = a_voir(statut_depuis=timezone.now() - 3 * JOUR)
    suivante = PrescriptionFactory(validee=True)
    page = controleur.get(url(prescription))
    assertContains(page, 'aria-describedby="manque-accorder"')
    assertContains(page, "pièces restent à voir</span>")
    juger_tout(controleur, prescription)
    assertNotContains(controleur.get(url(prescription)), 'aria-describedby="manque-accorder"')
    reponse = controleur.post(url(prescription, "accorder"), {"depuis": "controle"})
    assertRedirects(reponse, url(suivante), fetch_redirect_response=False)
    assert relue(prescription).statut == S.ACCORDEE


def test_le_dernier_dossier_accorde_ramene_a_la_file(controleur):
    prescription = a_voir()
    juger_tout(controleur, prescription)
    reponse = controleur.post(url(prescription, "accorder"), {"depuis": "controle"}, follow=True)
    assertContains(reponse, "La file de contrôle est vide.")
    assertContains(reponse, "Aucun dossier au contrôle")


def test_tout_vu_mais_rien_ne_prouve_un_critere_la_raison_se_lit_a_cote_du_bouton(controleur):
    prescription = a_voir()
    juger_tout(controleur, prescription)
    for invoque in prescription.criteres_invoques.all():
        invoque.retire_le = timezone.now()
        invoque.enregistrer(par="test")
    assertContains(controleur.get(url(prescription)), '<span class="petit doux">Aucun critère n’est prouvé</span>')


def test_accorder_trop_tot_dit_tout_ce_qui_manque(controleur):
    prescription = a_voir()
    reponse = controleur.post(url(prescription, "accorder"), {"depuis": "controle"}, follow=True)
    for manque in ("Droit de travailler", "Commune adhérente", "aucun critère"):
        assertContains(reponse, manque)
    assert relue(prescription).statut == S.A_CONTROLER


def test_une_commune_a_confirmer_demande_un_motif(controleur):
    prescription = a_voir(participant__commune=CommuneFactory(a_confirmer=True))
    juger_tout(controleur, prescription)
    assertContains(controleur.get(url(prescription)), "est à confirmer")
    reponse = controleur.post(url(prescription, "accorder"), {"depuis": "controle", "adhesion_motif": ""}, follow=True)
    assertContains(reponse, "donnez un motif")
    controleur.post(url(prescription, "accorder"), {"depuis": "controle", "adhesion_motif": "Délibération attendue"})
    assert relue(prescription).adhesion_motif == "Délibération attendue"


def test_renvoyer_depuis_le_controle_demande_les_cases_et_passe_au_suivant(controleur):
    prescription = a_voir(statut_depuis=timezone.now() - 3 * JOUR)
    suivante = PrescriptionFactory(validee=True)
    case = ligne(prescription, "domicile")
    donnees = {"depuis": "controle", f"demander-{case.pk}": "on", f"motif-{case.pk}": "illisible"}
    reponse = controleur.post(url(prescription, "renvoyer"), donnees)
    assertRedirects(reponse, url(suivante), fetch_redirect_response=False)
    assert relue(prescription).statut == S.A_COMPLETER
    assert relue(case).demandee_le


def test_un_renvoi_incomplet_reste_sur_le_controle(controleur):
    prescription = a_voir()
    reponse = controleur.post(url(prescription, "renvoyer"), {"depuis": "controle", "texte": "Voir ensemble"})
    assertContains(reponse, "Dites ce qui manque")
    assertContains(reponse, "Voir ensemble")
    assertContains(reponse, "Ce que le dossier prouve")


def test_la_file_donne_le_rang_le_suivant_et_garde_ses_filtres(controleur):
    demandes = [a_voir(statut_depuis=timezone.now() - rang * JOUR) for rang in (3, 2, 1)]
    ailleurs = PrescriptionFactory(validee=True, statut_depuis=timezone.now() - 2.5 * JOUR)
    file = controleur.get(url(demandes[0])).context["file"]
    assert (file["rang"], file["total"], file["suivante"]) == (1, 4, ailleurs)
    antenne = demandes[0].antenne
    demandes[1].antenne = antenne
    demandes[1].enregistrer(par="test")
    filtre = {"antenne": str(antenne.pk)}
    file = controleur.get(url(demandes[0]), filtre).context["file"]
    assert (file["rang"], file["total"], file["suivante"]) == (1, 2, demandes[1])
    assert file["url"].endswith(f"?antenne={antenne.pk}")
    reponse = controleur.post(url(demandes[0]), geste(ligne(demandes[0], "identite")) | filtre)
    assert f"antenne={antenne.pk}" in reponse["Location"]


def test_le_dernier_de_la_file_ramene_a_la_file(controleur):
    assert controleur.get(url(a_voir())).context["file"]["suivante"] is None
    assert Prescription.objects.count() == 1
