"""La fiche d’une demande : qui l’ouvre, ce qu’elle dit, à qui le tour, ce qu’elle coûte."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from comptes.models import Role
from journal.models import Acte, Ligne
from prescriptions import permissions
from prescriptions.listes import StatutPrescription, Verdict
from tests.factories import (
    CritereFactory,
    CritereInvoqueFactory,
    LignePieceFactory,
    PrescriptionFactory,
    TypePieceFactory,
)
from tests.prescriptions.dossiers import AUJOURD_HUI, JOUR, agent, demande, ligne, renvoyee
from tests.prescriptions.ecrans import du_conseiller, relue, url

pytestmark = pytest.mark.django_db

S = StatutPrescription
NE_VOIENT_RIEN = [r for r in Role if r not in permissions.ECRAN]

# La fiche : qui, quoi


@pytest.mark.parametrize("role", [Role.RESPONSABLE, Role.STATISTIQUES, Role.ANIMATION])
@pytest.mark.parametrize("etat", [None, "prise", "transmise", "validee", "accordee", "refusee"])
def test_le_siege_ouvre_toutes_les_demandes(connexion, role, etat):
    reponse = connexion(agent(role)).get(demande(etat).get_absolute_url())
    assert reponse.status_code == 200


@pytest.mark.parametrize("role", [*NE_VOIENT_RIEN, "autre_conseiller"])
def test_hors_du_perimetre_la_fiche_n_existe_pas(connexion, role):
    prescription = PrescriptionFactory()
    role, organisation = (Role.CONSEILLER, None) if role == "autre_conseiller" else (role, prescription.organisation)
    lecteur = agent(role, organisation=organisation if role == Role.PRESCRIPTEUR else None)
    reponse = connexion(lecteur).get(prescription.get_absolute_url())
    absente = connexion(lecteur).get(reverse("prescriptions:detail", args=["01900000-0000-7000-8000-000000000000"]))
    assert reponse.status_code == absente.status_code == 404


def test_lire_une_demande_se_consigne_et_n_ecrit_rien_d_autre(connexion):
    prescription, lecteur = demande("transmise"), agent(Role.RESPONSABLE)
    avant = relue(prescription).version
    connexion(lecteur).get(prescription.get_absolute_url())
    lecture = Ligne.objects.get(acte=Acte.LECTURE, objet_id=prescription.pk)
    assert lecture.auteur == lecteur
    assert relue(prescription).version == avant


@pytest.mark.parametrize("role", permissions.ECRAN)
@pytest.mark.parametrize("etat", ["prise", "a_completer", "transmise", "validee", "accordee"])
@pytest.mark.une_fois
def test_la_fiche_coute_quinze_requetes_au_plus_quel_que_soit_son_age(
    connexion, django_assert_max_num_queries, role, etat
):
    prescription = renvoyee() if etat == "a_completer" else demande(etat)
    client = connexion(prescription.conseiller if role == Role.CONSEILLER else agent(role))
    client.get(prescription.get_absolute_url())  # ouvre la session, lit les réglages
    couts = []
    for _ in range(2):
        with django_assert_max_num_queries(15) as requetes:
            client.get(prescription.get_absolute_url())
        couts.append(len(requetes))
        for _ in range(4):
            critere = CritereFactory(types=[TypePieceFactory()])
            CritereInvoqueFactory(prescription=prescription, critere=critere)
            LignePieceFactory(prescription=prescription, type=critere.types.get(), jointe=True)
            prescription.retours.model(
                prescription=prescription, auteur=agent(Role.STATISTIQUES), texte="…"
            ).enregistrer(par="test")
    assert couts[0] == couts[1]


def test_l_animation_ne_voit_pas_le_nom_de_ce_qui_est_sensible(connexion):
    prescription = demande("accordee")
    rqth = TypePieceFactory(libelle="Notification RQTH", sensible=True)
    critere = CritereFactory(libelle="Travailleur handicapé", sensible=True, types=[rqth])
    CritereInvoqueFactory(prescription=prescription, critere=critere)
    case = LignePieceFactory(prescription=prescription, type=rqth, jointe=True)
    reponse = connexion(agent(Role.ANIMATION)).get(prescription.get_absolute_url())
    for secret in ("RQTH", "handicapé", reverse("participants:apercu", args=[case.piece_id])):
        assertNotContains(reponse, secret)
    assertContains(reponse, "Confidentiel")
    assertContains(connexion(agent(Role.STATISTIQUES)).get(prescription.get_absolute_url()), "RQTH")


def test_une_demande_close_ne_promet_plus_de_controle(connexion):
    prescription = demande("refusee", verdict=Verdict.A_CONTROLER)
    reponse = connexion(agent(Role.RESPONSABLE)).get(prescription.get_absolute_url())
    assertContains(reponse, "Non contrôlé")
    assertNotContains(reponse, "À contrôler")


# La fiche : à qui le tour, et les gestes permis


@pytest.mark.parametrize(
    ("etat", "role", "pas"),
    [
        (None, Role.CONSEILLER, "Prendre en charge"),
        ("prise", Role.CONSEILLER, "Transmettre à la responsable"),
        ("a_completer", Role.CONSEILLER, "Joindre les pièces"),
        ("transmise", Role.RESPONSABLE, "Valider la pertinence"),
        ("validee", Role.STATISTIQUES, "Contrôler les pièces"),
        ("accordee", Role.ANIMATION, "Acter l’entrée"),
    ],
)
def test_c_est_a_vous_avec_un_seul_prochain_pas(connexion, etat, role, pas):
    prescription = renvoyee() if etat == "a_completer" else demande(etat)
    lecteur = prescription.conseiller if role == Role.CONSEILLER else None
    lecteur = lecteur or agent(role, antenne=prescription.antenne if role == Role.CONSEILLER else None)
    reponse = connexion(lecteur).get(prescription.get_absolute_url())
    assertContains(reponse, "C’est à vous.")
    assert reponse.context["tour"]["geste"].texte == pas
    autre = agent(Role.ANIMATION if role != Role.ANIMATION else Role.RESPONSABLE)
    reponse = connexion(autre).get(prescription.get_absolute_url())
    assertNotContains(reponse, "C’est à vous.")
    assertContains(reponse, "depuis")


@pytest.mark.parametrize(
    ("absent", "pas"),
    [
        ("entretien", "Donner un rendez-vous"),
        ("avis", "Écrire l’avis"),
        ("critere", "Choisir les critères"),
        ("piece", "Joindre les pièces"),
    ],
)
def test_le_prochain_pas_de_l_instruction_suit_l_ordre_du_travail(client, absent, pas):
    prescription = du_conseiller(client)
    case = ligne(prescription, "domicile")
    if absent == "entretien":
        prescription.participant.entretiens.get().supprimer(par="test")
    elif absent == "avis":
        prescription.avis.get().supprimer(par="test")
    elif absent == "critere":
        prescription.choisir_criteres([], par=prescription.conseiller)
    else:
        case.piece, case.verdict = None, Verdict.A_CONTROLER
        case.enregistrer(par="test")
    contexte = client.get(prescription.get_absolute_url()).context
    assert contexte["tour"]["geste"].texte == pas
    transmettre = next(g for g in contexte["gestes"] if g.code == "transmettre")
    assert len(transmettre.manques) == 1


def test_ce_qui_manque_donne_la_sortie_du_critere_a_retirer(client):
    prescription = du_conseiller(client)
    autre = CritereFactory(code="ASS", types=[TypePieceFactory(libelle="Attestation ASS")])
    rsa = prescription.criteres_invoques.get().critere
    prescription.choisir_criteres([rsa, autre], par=prescription.conseiller)
    reponse = client.get(prescription.get_absolute_url())
    assertContains(reponse, f"{url('criteres', prescription)}?sans=ASS")
    sans = client.get(url("criteres", prescription), {"sans": "ASS"})
    assert sans.context["form"]["criteres"].value() == [rsa.pk]


@pytest.mark.parametrize(
    ("role", "etat", "gestes"),
    [
        (Role.CONSEILLER, "transmise", {"classer_sans_suite"}),
        (Role.RESPONSABLE, "transmise", {"renvoyer", "refuser"}),
        (Role.RESPONSABLE, "validee", set()),
        (Role.STATISTIQUES, "validee", {"accorder", "renvoyer", "refuser"}),
        (Role.STATISTIQUES, "accordee", {"rouvrir_controle"}),
        (Role.ANIMATION, "accordee", {"acter_entree", "rouvrir_controle"}),
        (Role.ANIMATION, "validee", set()),
        (Role.RESPONSABLE, "refusee", set()),
    ],
)
def test_la_fiche_ne_propose_que_les_verbes_du_lecteur(connexion, role, etat, gestes):
    prescription = demande(etat)
    lecteur = prescription.conseiller if role == Role.CONSEILLER else agent(role)
    contexte = connexion(lecteur).get(prescription.get_absolute_url()).context
    assert {g.code for g in contexte["gestes"]} == gestes


def test_ce_qui_est_tombe_depuis_l_accord_se_dit_et_prepare_la_reouverture(connexion):
    prescription = demande("accordee")
    piece = ligne(prescription, "attestation_rsa").piece
    piece.expire_le = AUJOURD_HUI() - JOUR
    piece.enregistrer(par="test")
    reponse = connexion(agent(Role.ANIMATION)).get(prescription.get_absolute_url())
    assertContains(reponse, "L’entrée ne peut plus être actée")
    rouvrir = next(g for g in reponse.context["gestes"] if g.code == "rouvrir_controle")
    assert rouvrir.form.initial["raison"] == "Aucun critère n’est prouvé."
