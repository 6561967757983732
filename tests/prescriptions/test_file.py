"""La file des demandes : qui l’ouvre, ce qu’elle dit, ce qu’elle coûte ; l’acte d’entrée de plusieurs personnes."""

import io
import zipfile

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from comptes.jetons import nouveau_jeton
from comptes.models import Role
from journal.models import Acte, Ligne
from parcours.models import Parcours
from prescriptions import filtres, permissions
from prescriptions.listes import StatutPrescription
from prescriptions.models import Prescription
from tests.factories import (
    AntenneFactory,
    OrganisationFactory,
    PrescriptionFactory,
)
from tests.prescriptions.dossiers import JOUR, agent, demande
from tests.prescriptions.ecrans import LISTE, relue, url

pytestmark = pytest.mark.django_db

S = StatutPrescription
NE_VOIENT_RIEN = [r for r in Role if r not in permissions.ECRAN]

# La file


@pytest.mark.parametrize("role", NE_VOIENT_RIEN)
def test_la_file_est_fermee_aux_autres_roles(connexion, role):
    assert connexion(agent(role)).get(LISTE).status_code == 403


@pytest.mark.parametrize(
    ("role", "vue", "statuts"),
    [
        (Role.CONSEILLER, "C’est à vous", {S.ORIENTEE}),
        (Role.RESPONSABLE, "À valider", {S.TRANSMISE}),
        (Role.STATISTIQUES, "À contrôler", {S.A_CONTROLER}),
        (Role.ANIMATION, "À acter", {S.ACCORDEE}),
    ],
)
def test_chacun_arrive_sur_sa_file(connexion, role, vue, statuts):
    antenne = AntenneFactory()
    for trait in ({}, {"prise": True}, {"transmise": True}, {"validee": True}, {"accordee": True}):
        PrescriptionFactory(participant__antenne=antenne, **trait)
    reponse = connexion(agent(role, antenne=antenne if role == Role.CONSEILLER else None)).get(LISTE)
    assertContains(reponse, vue)
    trouves = {Prescription.objects.get(pk=x["cle"]).statut for x in reponse.context["lignes"]}
    assert trouves == statuts


def test_un_conseiller_ne_voit_que_ses_antennes_et_les_demandes_qu_il_suit(connexion):
    conseiller = agent(Role.CONSEILLER, antenne=AntenneFactory())
    siennes = [PrescriptionFactory(antenne=conseiller.antenne), PrescriptionFactory(prise=True, conseiller=conseiller)]
    PrescriptionFactory()
    reponse = connexion(conseiller).get(LISTE)
    assert {x["cle"] for x in reponse.context["lignes"]} == {p.pk for p in siennes}


def test_c_est_a_vous_laisse_a_la_collegue_ce_qu_elle_a_pris(connexion):
    """Une demande de l’antenne que personne n’a prise est à chacun ; prise, elle n’est plus qu’à qui l’a prise."""
    conseiller = agent(Role.CONSEILLER, antenne=AntenneFactory())
    collegue = agent(Role.CONSEILLER, antenne=conseiller.antenne)
    libre = PrescriptionFactory(antenne=conseiller.antenne)
    mienne, sienne = (
        PrescriptionFactory(antenne=conseiller.antenne, prise=True, conseiller=c) for c in (conseiller, collegue)
    )
    client = connexion(conseiller)
    reponse = client.get(LISTE)
    assert {x["cle"] for x in reponse.context["lignes"]} == {libre.pk, mienne.pk}
    assert reponse.context["vues"][0]["detail"] == 2
    autres = client.get(LISTE, {"etat": "en_instruction"})
    assert {x["cle"]: x["a_vous"] for x in autres.context["lignes"]} == {mienne.pk: True, sienne.pk: False}
    assertNotContains(client.get(sienne.get_absolute_url()), "C’est à vous.")


def test_la_plus_ancienne_est_en_tete_et_la_derniere_finie_aussi(connexion):
    maintenant = timezone.now()
    for jours in (1, 9, 4):
        PrescriptionFactory(transmise=True, statut_depuis=maintenant - jours * JOUR, numero=f"P-2026-0{jours}")
        PrescriptionFactory(refusee=True, statut_depuis=maintenant - jours * JOUR, numero=f"P-2026-1{jours}")
    client = connexion(agent(Role.RESPONSABLE))
    assert [x["numero"] for x in client.get(LISTE).context["lignes"]] == ["P-2026-09", "P-2026-04", "P-2026-01"]
    finies = client.get(LISTE, {"etat": "refusee"}).context["lignes"]
    assert [x["numero"] for x in finies] == ["P-2026-11", "P-2026-14", "P-2026-19"]


def test_la_file_dit_a_qui_le_tour_et_depuis_quand(connexion):
    PrescriptionFactory(transmise=True, statut_depuis=timezone.now() - 3 * JOUR)
    assertContains(connexion(agent(Role.RESPONSABLE)).get(LISTE), "depuis 3")
    reponse = connexion(agent(Role.ANIMATION)).get(LISTE, {"etat": "transmise"})
    assert [x["tour"] for x in reponse.context["lignes"]] == ["Responsable"]


@pytest.mark.parametrize("critere", ["antenne", "organisation", "conseiller", "texte", "numero", "adhesion"])
def test_chaque_critere_restreint_la_file(connexion, critere):
    voulue = PrescriptionFactory(accordee=True, participant__nom="D’Hœne", adhesion_motif="Délibération attendue")
    PrescriptionFactory(accordee=True)
    valeurs = {
        "antenne": {"antenne": voulue.antenne.pk},
        "organisation": {"organisation": voulue.organisation.pk},
        "conseiller": {"conseiller": voulue.conseiller.pk},
        "texte": {"texte": "hoen"},
        "numero": {"texte": voulue.numero.lower()},
        "adhesion": {"adhesion": "a_revoir"},
    }[critere]
    reponse = connexion(agent(Role.STATISTIQUES)).get(LISTE, {"etat": "accordee"} | valeurs)
    assert [x["cle"] for x in reponse.context["lignes"]] == [voulue.pk]


def test_une_adresse_incomprehensible_montre_la_file_entiere(connexion):
    PrescriptionFactory(transmise=True)
    fausse = {"etat": "zut", "antenne": "1", "conseiller": "x", "apres": "9-9", "avant": "a-b", "rang": "-4"}
    assert len(connexion(agent(Role.RESPONSABLE)).get(LISTE, fausse).context["lignes"]) == 1


@pytest.mark.parametrize("role", [Role.RESPONSABLE, Role.CONSEILLER])
@pytest.mark.parametrize("etat", ["transmise", "refusee"])
def test_les_pages_se_suivent_sans_trou_ni_double_meme_a_la_meme_seconde(connexion, monkeypatch, role, etat):
    monkeypatch.setattr(filtres, "PAGE", 3)
    antenne, moment = AntenneFactory(), timezone.now() - JOUR
    conseiller = agent(Role.CONSEILLER, antenne=antenne)
    for rang in range(8):
        PrescriptionFactory(
            participant__antenne=antenne if rang % 2 else AntenneFactory(),
            conseiller=conseiller,
            statut_depuis=moment + (rang // 3) * JOUR / 100,
            **{etat: True},
        )
    client = connexion(conseiller if role == Role.CONSEILLER else agent(role))
    adresse, vues, precedente = f"?etat={etat}", [], None
    while adresse:
        contexte = client.get(LISTE + adresse).context
        vues.append([x["cle"] for x in contexte["lignes"]])
        precedente = contexte["page"].precedente
        adresse = contexte["page"].suivante
    assert [len(page) for page in vues] == [3, 3, 2]
    sens = "-" if etat == "refusee" else ""
    toutes = Prescription.objects.order_by(f"{sens}statut_depuis", f"{sens}pk").values_list("pk", flat=True)
    assert [cle for page in vues for cle in page] == list(toutes)
    retour = client.get(LISTE + precedente).context
    assert [x["cle"] for x in retour["lignes"]] == vues[1]
    assert retour["page"].debut == 4
    suite, debut = (client.get(LISTE + getattr(retour["page"], nom)).context for nom in ("suivante", "precedente"))
    assert [x["cle"] for x in suite["lignes"]] == vues[2]
    assert [x["cle"] for x in debut["lignes"]] == vues[0]
    assert (suite["page"].suivante, debut["page"].precedente) == ("", "")


@pytest.mark.parametrize("role", permissions.ECRAN)
def test_la_file_coute_huit_requetes_au_plus_quel_que_soit_son_nombre(connexion, django_assert_max_num_queries, role):
    antenne = AntenneFactory()
    client = connexion(agent(role, antenne=antenne if role == Role.CONSEILLER else None))
    etats = {Role.CONSEILLER: {}, Role.RESPONSABLE: {"transmise": True}, Role.STATISTIQUES: {"validee": True}}
    etat, couts = etats.get(role, {"accordee": True}), []
    PrescriptionFactory(participant__antenne=antenne, **etat)
    client.get(LISTE)  # ouvre la session, lit les réglages
    for nombre in (0, 9):
        for _ in range(nombre):
            PrescriptionFactory(participant__antenne=antenne, **etat)
        with django_assert_max_num_queries(8) as requetes:
            client.get(LISTE)
        couts.append(len(requetes))
    assert couts[0] == couts[1]


def test_une_file_vide_dit_quoi_attendre(connexion):
    assertContains(connexion(agent(Role.RESPONSABLE)).get(LISTE), "Aucune demande à valider")
    client = connexion(agent(Role.CONSEILLER))
    assertContains(client.get(LISTE), "Rien n’attend de vous")
    assertContains(client.get(LISTE, {"texte": "zzz"}), "Retirer les filtres")


def test_les_statistiques_vont_de_la_file_au_controle(connexion):
    prescription = PrescriptionFactory(validee=True)
    assertContains(connexion(agent(Role.STATISTIQUES)).get(LISTE), url("controle", prescription))
    reponse = connexion(agent(Role.RESPONSABLE)).get(LISTE, {"etat": "a_controler"})
    assertNotContains(reponse, url("controle", prescription))


def feuille(reponse):
    with zipfile.ZipFile(io.BytesIO(b"".join(reponse.streaming_content))) as classeur:
        return classeur.read("xl/worksheets/sheet1.xml").decode()


def test_l_export_reprend_la_file_comme_on_la_voit_et_se_consigne(connexion):
    vue = PrescriptionFactory(transmise=True, participant__nom="Vandamme")
    PrescriptionFactory(transmise=True, participant__nom="Ailleurs")
    PrescriptionFactory(participant__nom="Vandamme")
    lecteur = agent(Role.RESPONSABLE)
    contenu = feuille(connexion(lecteur).get(reverse("prescriptions:export"), {"etat": "transmise", "texte": "vand"}))
    assert vue.numero in contenu
    assert contenu.count("<row ") == 2
    assert Ligne.objects.get(acte=Acte.EXPORT).auteur == lecteur


def test_aucune_cellule_de_l_export_n_est_une_formule_ni_un_genre_discret(connexion):
    csapa = OrganisationFactory(nom="CSAPA du Littoral", genre="csapa")
    PrescriptionFactory(transmise=True, participant__nom="=1+1", organisation=csapa)
    contenu = feuille(connexion(agent(Role.RESPONSABLE)).get(reverse("prescriptions:export"), {"etat": "transmise"}))
    assert "<f>" not in contenu
    assert "=1+1" in contenu
    assert "CSAPA" not in contenu


# L’acte d’entrée de plusieurs personnes


def lot(*demandes, jeton=None):
    return {"demandes": [str(p.pk) for p in demandes], "jeton": jeton or nouveau_jeton()}


def test_acter_en_lot_dit_chaque_refus_sans_retenir_les_autres(connexion):
    bonne, mauvaise = demande("accordee"), PrescriptionFactory(accordee=True, participant__nom="Delattre")
    client = connexion(agent(Role.ANIMATION))
    reponse = client.post(reverse("prescriptions:acter_en_lot"), lot(bonne, mauvaise), follow=True)
    assert (relue(bonne).statut, relue(mauvaise).statut) == (S.ENTREE_ACTEE, S.ACCORDEE)
    assertContains(reponse, f"1\N{NO-BREAK SPACE}entrée actée : {bonne.participant}.")
    assertContains(reponse, "aucun critère n’est prouvé")
    assertContains(reponse, "Delattre")
    assertNotContains(client.get(LISTE), "aucun critère n’est prouvé")


def test_le_meme_lot_envoye_deux_fois_n_a_qu_un_effet(connexion):
    prescription, client = demande("accordee"), connexion(agent(Role.ANIMATION))
    envoi = lot(prescription)
    for _ in range(2):
        client.post(reverse("prescriptions:acter_en_lot"), envoi)
    assert Parcours.objects.count() == 1
    assertNotContains(client.get(LISTE), "n’a pas été actée")


def test_un_lot_vide_le_dit(connexion):
    reponse = connexion(agent(Role.ANIMATION)).post(reverse("prescriptions:acter_en_lot"), lot(), follow=True)
    assertContains(reponse, "Cochez au moins une demande.")


@pytest.mark.parametrize("role", [r for r in Role if r != Role.ANIMATION])
def test_acter_en_lot_est_a_l_animation(connexion, role):
    prescription = demande("accordee")
    reponse = connexion(agent(role)).post(reverse("prescriptions:acter_en_lot"), lot(prescription))
    assert reponse.status_code == 403
    assert relue(prescription).statut == S.ACCORDEE
