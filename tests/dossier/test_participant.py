import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from comptes.models import Role
from journal.models import Acte, Ligne
from parcours.models import Phase
from tests.factories import (
    AffectationFactory,
    AntenneFactory,
    DemarcheFactory,
    DocumentFactory,
    EntretienFactory,
    LignePieceFactory,
    ParcoursFactory,
    ParticipantFactory,
    PieceFactory,
    PrescriptionFactory,
    RendezVousFactory,
    SignatureFactory,
    TypePieceFactory,
    UtilisateurFactory,
)

pytestmark = pytest.mark.django_db

SECRET = "canari-jaune-7431"
JOUR = datetime.timedelta(1)


@pytest.fixture
def participant():
    return ParticipantFactory(prenom="Sabrina", nom="Delattre")


@pytest.fixture
def conseiller(participant):
    return UtilisateurFactory(role=Role.CONSEILLER, antenne=participant.antenne)


def adresse(participant, **parametres):
    return reverse("dossier:participant", args=[participant.pk], query=parametres or None)


def test_le_dossier_montre_qui_ou_et_quand(connexion, participant, conseiller):
    AffectationFactory(participant=participant, conseiller=conseiller)
    ParcoursFactory(participant=participant, phase=Phase.COMPETENCE)
    RendezVousFactory(participant=participant, conseiller=conseiller)
    page = connexion(conseiller).get(adresse(participant))
    assertContains(page, "Sabrina Delattre")
    assertContains(page, participant.numero)
    assertContains(page, "Montée en compétence")
    assertContains(page, str(conseiller))
    assertNotContains(page, "<title>Sabrina")


def test_la_naissance_se_lit_a_cote_de_l_age(connexion, conseiller):
    personne = ParticipantFactory(antenne=conseiller.antenne, naissance=datetime.date(1974, 3, 1), sexe="femme")
    assertContains(connexion(conseiller).get(adresse(personne)), f"Née le 1er mars 1974, {personne.age()} ans")


class TestDemandeEnCours:
    @pytest.fixture
    def renvoyee(self, participant, conseiller):
        """Renvoyée par les statistiques pour une pièce d’identité illisible."""
        demande = PrescriptionFactory(participant=participant, validee=True, conseiller=conseiller)
        demande.referent_propose = conseiller
        identite = TypePieceFactory(libelle="Pièce d’identité", obligatoire=True)
        case = LignePieceFactory(prescription=demande, type=identite, jointe=True)
        statistiques = UtilisateurFactory(role=Role.STATISTIQUES)
        demande.renvoyer(par=statistiques, motifs=["pieces"], pieces=[(case, "illisible", "Un passeport")])
        return demande

    def test_le_dossier_dit_ou_elle_en_est_et_y_mene(self, connexion, renvoyee, conseiller):
        page = connexion(conseiller).get(adresse(renvoyee.participant))
        assertContains(page, f'href="{renvoyee.get_absolute_url()}"')
        for phrase in ("À compléter", f"{conseiller} complète la demande", "accepté à la place : Un passeport"):
            assertContains(page, phrase)

    def test_la_piece_renvoyee_n_est_pas_dite_bonne(self, connexion, renvoyee, conseiller):
        page = connexion(conseiller).get(adresse(renvoyee.participant))
        assertContains(page, "attendu : Pièce d’identité, illisible")
        assert [(texte, etat) for _, texte, etat in page.context["pieces"]] == [
            ("à remplacer : illisible", "attention")
        ]

    def test_le_renvoi_est_dans_le_fil(self, connexion, renvoyee, conseiller):
        faits = connexion(conseiller).get(adresse(renvoyee.participant)).context["fil"]
        assert "Demande renvoyée" in [fait["titre"] for fait in faits]

    def test_qui_ne_peut_l_ouvrir_n_a_pas_de_lien(self, connexion, renvoyee):
        ailleurs = UtilisateurFactory(role=Role.CONSEILLER, antenne=AntenneFactory())
        AffectationFactory(participant=renvoyee.participant, conseiller=ailleurs)
        page = connexion(ailleurs).get(adresse(renvoyee.participant))
        assertContains(page, "À compléter")
        assertNotContains(page, renvoyee.get_absolute_url())

    def test_l_animation_ne_lit_pas_le_nom_d_une_piece_de_sante(self, connexion, renvoyee):
        type_piece = renvoyee.lignes.get().type
        type_piece.sensible = True
        type_piece.enregistrer(par="essai")
        page = connexion(UtilisateurFactory(role=Role.ANIMATION)).get(adresse(renvoyee.participant))
        assertNotContains(page, "attendu : Pièce d’identité")

    def test_close_sans_entretien_elle_n_est_plus_en_cours_et_le_dossier_s_ouvre(
        self, connexion, participant, conseiller
    ):
        PrescriptionFactory(participant=participant, refusee=True)
        page = connexion(conseiller).get(adresse(participant))
        assertContains(page, "Demande refusée")
        assert (page.context["en_cours"], page.context["horloges"]) == (None, [])


def test_hors_de_son_antenne_le_dossier_n_existe_pas(connexion, participant):
    ailleurs = UtilisateurFactory(role=Role.CONSEILLER)
    assert connexion(ailleurs).get(adresse(participant)).status_code == 404


@pytest.mark.parametrize("role", [Role.PRESCRIPTEUR, Role.ENTREPRISES, Role.ANIMATEUR, Role.OPERATEUR, Role.AUDITEUR])
def test_un_role_sans_dossier_ne_voit_rien(connexion, participant, role):
    assert connexion(UtilisateurFactory(role=role)).get(adresse(participant)).status_code == 404


def test_ouvrir_un_dossier_laisse_une_ligne_et_une_seule(connexion, participant, conseiller):
    connexion(conseiller).get(adresse(participant))
    ligne = Ligne.objects.get(acte=Acte.LECTURE, participant_id=participant.pk)
    assert ligne.auteur == conseiller


def test_tout_vecu_le_meme_jour_le_fil_suit_les_heures(connexion, conseiller):
    """Le renvoi ne paraît pas après l’accord, ni l’entretien avant l’orientation ; une phase suit ce qui l’ouvre."""
    midi = timezone.localtime().replace(hour=12, minute=0)
    orientee, prise, tenu, renvoi, valide, accord = (midi + datetime.timedelta(minutes=n) for n in range(6))
    demande = PrescriptionFactory(
        accordee=True,
        participant__antenne=conseiller.attributions.get().antenne,
        orientee_le=orientee,
        prise_en_charge_le=prise,
        pertinence_validee_le=valide,
        accordee_le=accord,
    )
    EntretienFactory(participant=demande.participant, conseiller=conseiller, jour=midi.date(), debut=tenu)
    demande.retours.model(prescription=demande, auteur=conseiller, le=renvoi, motifs=["avis"]).enregistrer(
        par=conseiller
    )
    parcours = ParcoursFactory(participant=demande.participant, entre_le=midi.date())
    assert parcours.passages.filter(du=midi.date()).exists()
    fil = connexion(conseiller).get(adresse(demande.participant)).context["fil"]
    assert [fait["titre"].partition(" :")[0] for fait in fil] == [
        "Phase",
        "Accord des Statistiques",
        "Pertinence validée",
        "Demande renvoyée",
        "Entretien de suivi",
        "Demande prise en charge",
        "Orientée vers le PLIE",
    ]


@pytest.mark.parametrize("avant", ["2026-01-01", "2099-01-01"])
def test_dp1_la_suite_du_fil_montre_la_fiche_et_se_consigne(connexion, participant, conseiller, avant):
    connexion(conseiller).get(adresse(participant, avant=avant))
    assert Ligne.objects.filter(acte=Acte.LECTURE, participant_id=participant.pk, auteur=conseiller).count() == 1


def test_la_derniere_piece_de_chaque_type_se_voit_quel_que_soit_son_age(connexion, participant, conseiller):
    """Cinquante fichiers plus récents, et la page d’avant du fil, n’y changent rien."""
    ancienne = PieceFactory(participant=participant, deposee_le=timezone.now() - 90 * JOUR)
    frequente = TypePieceFactory()
    recentes = [
        PieceFactory(participant=participant, type=frequente, deposee_le=timezone.now() - n * JOUR) for n in range(50)
    ]
    PieceFactory(participant=participant, type=ancienne.type, suite_de=ancienne)
    PieceFactory(participant=participant, type=ancienne.type, retiree_le=timezone.now())
    for suite in ({}, {"avant": f"{timezone.localdate() - 100 * JOUR}"}):
        page = connexion(conseiller).get(adresse(participant, **suite))
        assert {piece for piece, *_ in page.context["pieces"]} == {ancienne, recentes[0]}


@pytest.mark.parametrize("role", [Role.STATISTIQUES, Role.ANIMATION])
def test_le_siege_voit_qu_un_entretien_existe_jamais_ce_qu_il_dit(connexion, participant, role):
    EntretienFactory(clos=True, participant=participant, objectif=SECRET, synthese=SECRET, notes=SECRET, point=SECRET)
    DemarcheFactory(participant=participant, quoi=SECRET)
    page = connexion(UtilisateurFactory(role=role)).get(adresse(participant))
    assertContains(page, "Entretien de suivi")
    assertNotContains(page, SECRET)


def test_le_conseiller_lit_la_synthese_mais_jamais_les_notes_dans_le_fil(connexion, participant, conseiller):
    EntretienFactory(clos=True, participant=participant, synthese="Cherche un poste en journée.", notes=SECRET)
    page = connexion(conseiller).get(adresse(participant))
    assertContains(page, "Cherche un poste en journée.")
    assertNotContains(page, SECRET)


def test_une_piece_de_sante_est_cachee_a_l_animation(connexion, participant):
    PieceFactory(participant=participant, type=TypePieceFactory(libelle="Notification RQTH", sensible=True))
    assertNotContains(connexion(UtilisateurFactory(role=Role.ANIMATION)).get(adresse(participant)), "RQTH")
    assertContains(connexion(UtilisateurFactory(role=Role.STATISTIQUES)).get(adresse(participant)), "RQTH")


@pytest.mark.parametrize(
    ("statuts", "texte"),
    [
        (["a_signer", "a_signer"], "reste à signer"),
        (["refus_de_signer", "a_signer"], "reste à signer"),
    ],
)
def test_le_fil_dit_ou_en_sont_les_signatures(connexion, participant, conseiller, statuts, texte):
    from entretiens.models import Synthese

    entretien = EntretienFactory(clos=True, participant=participant)
    document = DocumentFactory(participant=participant)
    Synthese(entretien=entretien, document=document).enregistrer(par=conseiller)
    for role, statut in zip(["personne", "conseiller"], statuts, strict=True):
        motif = "a_distance" if statut == "refus_de_signer" else ""
        SignatureFactory(document=document, role=role, statut=statut, motif_refus=motif)
    assertContains(connexion(conseiller).get(adresse(participant)), texte)


def test_le_filtre_du_fil_ne_garde_que_ce_qu_on_demande(connexion, participant, conseiller):
    EntretienFactory(clos=True, participant=participant, objectif="Faire le point")
    PieceFactory(participant=participant, type=TypePieceFactory(libelle="Attestation RSA"))
    page = connexion(conseiller).get(adresse(participant, fil="entretiens"))
    titres = [fait["titre"] for fait in page.context["fil"]]
    assert titres == ["Entretien de suivi : Faire le point"]


def test_le_fil_se_lit_jusqu_au_bout_sans_trou_ni_double(connexion, participant, conseiller):
    aujourd_hui = timezone.localdate()
    for rang in range(60):
        EntretienFactory(
            clos=True,
            participant=participant,
            conseiller=conseiller,
            objectif=f"n° {rang}",
            jour=aujourd_hui - rang // 2 * JOUR,
        )
    vus, suite = [], {}
    for _ in range(10):
        page = connexion(conseiller).get(adresse(participant, **suite))
        vus += [fait["titre"] for fait in page.context["fil"]]
        if not page.context["suite"]:
            break
        suite = {"avant": page.context["suite"]["url"].split("avant=")[1][:10]}
    assert len(vus) == len(set(vus)) == 60


@pytest.mark.parametrize("valeur", ["hier", "2026-13-45", "2026-02-30", "'; drop", "0001-01-01", "9999-12-31"])
def test_une_date_de_suite_fantaisiste_n_est_pas_une_erreur(connexion, participant, conseiller, valeur):
    assert connexion(conseiller).get(adresse(participant, avant=valeur)).status_code == 200


def remplir(participant, conseiller, annees):
    """Un dossier de `annees` années : un entretien, un rendez-vous manqué, une pièce et deux démarches par mois."""
    for mois in range(annees * 12):
        jour = timezone.localdate() - mois * 30 * JOUR
        EntretienFactory(clos=True, participant=participant, conseiller=conseiller, jour=jour)
        RendezVousFactory(
            participant=participant, conseiller=conseiller, debut=timezone.now() - mois * 30 * JOUR, statut="absent"
        )
        PieceFactory(participant=participant, deposee_par=conseiller)
        DemarcheFactory(participant=participant, conseiller=conseiller)
        DemarcheFactory(participant=participant, conseiller=conseiller, etat="faite", reglee_le=jour)


def test_le_dossier_coute_autant_de_requetes_quel_que_soit_son_age(connexion, participant, conseiller):
    AffectationFactory(participant=participant, conseiller=conseiller)
    ParcoursFactory(participant=participant)
    PrescriptionFactory(participant=participant, conseiller=conseiller)
    client = connexion(conseiller)
    client.get(adresse(participant))
    nombres = []
    for annees in (0, 1, 3):
        remplir(participant, conseiller, annees)
        with CaptureQueriesContext(connection) as requetes:
            client.get(adresse(participant))
        nombres.append(len(requetes))
    assert nombres[0] == nombres[1] == nombres[2] <= 15, nombres
