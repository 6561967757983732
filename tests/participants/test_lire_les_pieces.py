"""Qui lit une pièce, par où elle sort, et jusqu’à quand elle vaut."""

import datetime

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from comptes.models import Role, RoleAttribue
from journal.models import Acte, Ligne
from partenaires.models import Interlocuteur
from participants.models import SYNTHESE_SIGNEE, Piece
from tests.factories import (
    AntenneFactory,
    InterlocuteurFactory,
    OrganisationFactory,
    PieceFactory,
    PrescriptionFactory,
    TypePieceFactory,
    UtilisateurFactory,
)
from tests.participants.lecture import adresse, lire

pytestmark = pytest.mark.django_db


@pytest.fixture
def pdf(participant):
    return PieceFactory(participant=participant, nom="Relevé d’août.pdf")


def test_fi2_une_piece_se_telecharge_en_piece_jointe(pdf, conseiller, connexion):
    reponse = lire(connexion(conseiller), "piece", pdf)
    assert reponse.lu == b"%PDF-1.4 essai"
    assert reponse["Content-Disposition"].startswith("attachment; filename*=utf-8''Relev%C3%A9")
    assert reponse["Content-Type"] == "application/pdf"
    assert reponse["X-Content-Type-Options"] == "nosniff"
    assert reponse["Cache-Control"] == "no-store, private"
    ligne = Ligne.objects.get(objet_id=pdf.pk, acte=Acte.TELECHARGEMENT)
    assert (ligne.auteur, ligne.participant_id) == (conseiller, pdf.participant_id)


@pytest.mark.parametrize("mime", ["image/jpeg", "image/png", "application/pdf"])
def test_fi2_l_apercu_n_a_ni_script_ni_origine(participant, conseiller, connexion, mime):
    piece = PieceFactory(participant=participant, type_mime=mime)
    reponse = lire(connexion(conseiller), "apercu", piece)
    assert reponse["Content-Disposition"].startswith("inline")
    politique = reponse["Content-Security-Policy"]
    assert "default-src 'none'" in politique
    assert "sandbox" in politique.split("; ")
    assert "frame-ancestors 'self'" in politique
    assert "script-src" not in politique


def test_fi2_l_apercu_reste_dans_nos_pages_et_se_consigne(pdf, conseiller, connexion):
    reponse = lire(connexion(conseiller), "apercu", pdf)
    assert "default-src 'none'" in reponse["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in reponse["Content-Security-Policy"]
    assert reponse["X-Frame-Options"] == "SAMEORIGIN"
    assert Ligne.objects.filter(objet_id=pdf.pk, acte=Acte.LECTURE, auteur=conseiller).exists()


def test_ce_que_le_navigateur_ne_montre_pas_se_telecharge(participant, conseiller, connexion):
    piece = PieceFactory(participant=participant, type_mime="application/vnd.oasis.opendocument.text")
    reponse = lire(connexion(conseiller), "apercu", piece)
    assert (reponse.status_code, reponse.url) == (302, adresse("piece", piece))


@pytest.mark.parametrize("nom", ["piece", "apercu"])
def test_une_piece_se_lit_et_ne_s_ecrit_pas(pdf, conseiller, connexion, nom):
    assert connexion(conseiller).post(adresse(nom, pdf)).status_code == 405


@pytest.mark.parametrize("nom", ["piece", "apercu"])
def test_hors_du_perimetre_une_piece_n_existe_pas(pdf, connexion, nom):
    ailleurs = UtilisateurFactory(role=Role.CONSEILLER, antenne=AntenneFactory())
    inconnue = Piece(pk="0190a5c8-0000-7000-8000-000000000000")
    client = connexion(ailleurs)
    assert lire(client, nom, pdf).status_code == 404
    assert lire(client, nom, pdf).content == lire(client, nom, inconnue).content
    assert not Ligne.objects.filter(objet_id=pdf.pk, acte__in=[Acte.LECTURE, Acte.TELECHARGEMENT]).exists()


@pytest.mark.parametrize(
    ("role", "statut"),
    [(Role.RESPONSABLE, 200), (Role.STATISTIQUES, 200), (Role.ANIMATION, 403), (Role.ENTREPRISES, 404)],
)
def test_ac3_une_piece_de_sante_ne_s_ouvre_que_pour_qui_instruit_ou_controle(participant, connexion, role, statut):
    piece = PieceFactory(participant=participant, type__sensible=True)
    client = connexion(UtilisateurFactory(role=role))
    assert lire(client, "piece", piece).status_code == statut
    assert lire(client, "apercu", piece).status_code == statut


def test_l_equipe_d_animation_lit_les_autres_pieces(pdf, connexion):
    assert lire(connexion(UtilisateurFactory(role=Role.ANIMATION)), "piece", pdf).status_code == 200


def test_un_prescripteur_ne_relit_que_ce_qu_il_a_depose(participant, connexion):
    agent = partenaire_de(participant)
    sienne = PieceFactory(participant=participant, deposee_par=agent, type__sensible=True)
    client = connexion(agent)
    assert lire(client, "piece", sienne).status_code == 200
    assert lire(client, "piece", PieceFactory(participant=participant)).status_code == 404


def partenaire_de(participant):
    """Un agent de l’organisation qui a orienté cette personne."""
    demande = PrescriptionFactory(participant=participant)
    return UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=demande.organisation)


def test_ac4_une_conseillere_d_une_autre_antenne_ne_lit_plus_ce_qu_elle_a_depose(participant, connexion):
    partie = UtilisateurFactory(role=Role.CONSEILLER)
    sienne = PieceFactory(participant=participant, deposee_par=partie, type__sensible=True)
    assert lire(connexion(partie), "piece", sienne).status_code == 404


def test_ac4_un_partenaire_passe_ailleurs_ne_lit_plus_ce_qu_il_a_depose(participant, connexion):
    agent = partenaire_de(participant)
    sienne = PieceFactory(participant=participant, deposee_par=agent)
    Interlocuteur.objects.get(utilisateur=agent).supprimer(par="départ")
    InterlocuteurFactory(utilisateur=agent, organisation=OrganisationFactory())
    assert lire(connexion(agent), "piece", sienne).status_code == 404


def test_ac4_un_partenaire_sans_son_role_ne_lit_plus_ce_qu_il_a_depose(participant, connexion):
    agent = partenaire_de(participant)
    sienne = PieceFactory(participant=participant, deposee_par=agent, type__sensible=True)
    RoleAttribue.objects.get(utilisateur=agent).supprimer(par="départ")
    assert lire(connexion(agent), "piece", sienne).status_code == 404
    RoleAttribue(utilisateur=agent, role=Role.ANIMATION).enregistrer(par="arrivée")
    assert lire(connexion(agent), "piece", sienne).status_code == 403


@pytest.mark.parametrize(
    ("roles", "statut"),
    [
        ([Role.RESPONSABLE], 200),
        ([Role.STATISTIQUES], 404),
        ([Role.ANIMATION], 404),
        ([Role.CONSEILLER, Role.STATISTIQUES], 404),
    ],
    ids=["responsable", "statistiques", "animation", "conseiller d’ailleurs, et statistiques"],
)
def test_ac3_une_synthese_signee_a_la_main_se_lit_comme_un_entretien(participant, connexion, roles, statut):
    papier = PieceFactory(participant=participant, type__code=SYNTHESE_SIGNEE)
    lecteur = UtilisateurFactory(role=roles[0])
    for role in roles[1:]:
        RoleAttribue(utilisateur=lecteur, role=role).enregistrer(par="test")
    client = connexion(lecteur)
    assert lire(client, "piece", papier).status_code == statut
    page = client.get(reverse("dossier:participant", args=[participant.pk]))
    assert (papier.type.libelle in page.content.decode()) is (statut == 200)


def test_ac3_le_conseiller_du_dossier_lit_la_synthese_signee_a_la_main(participant, conseiller, connexion):
    papier = PieceFactory(participant=participant, type__code=SYNTHESE_SIGNEE)
    assert lire(connexion(conseiller), "piece", papier).status_code == 200


def test_le_code_d_un_type_de_piece_ne_se_change_pas(connexion):
    genre = TypePieceFactory(code=SYNTHESE_SIGNEE)
    page = connexion(UtilisateurFactory(role=Role.ADMINISTRATEUR)).get(
        reverse("admin:participants_typepiece_change", args=[genre.pk])
    )
    assert "code" not in page.context["adminform"].form.fields


def test_une_piece_retiree_ne_sort_plus(pdf, conseiller, connexion):
    pdf.retiree_le = pdf.deposee_le
    pdf.enregistrer(par=conseiller)
    assert lire(connexion(conseiller), "piece", pdf).status_code == 404


def test_un_fichier_disparu_du_disque_ne_fait_pas_tomber_la_page(pdf, conseiller, connexion, caplog):
    default_storage.delete(pdf.fichier.name)
    assert lire(connexion(conseiller), "piece", pdf).status_code == 404
    assert "le fichier manque" in caplog.text


# Durer.


@pytest.mark.parametrize("mois", [None, 0, 1, 3, 6, 12])
def test_la_base_et_python_donnent_la_meme_limite_de_validite(participant, mois):
    genre = TypePieceFactory(validite_mois=mois)
    fins_de_mois = [datetime.date(2026, m, 1) - datetime.timedelta(1) for m in range(1, 13)]
    for jour in (*fins_de_mois, datetime.date(2024, 2, 29), datetime.date(2026, 5, 14), None):
        PieceFactory(participant=participant, type=genre, etablie_le=jour)
    PieceFactory(participant=participant, type=genre, expire_le=datetime.date(2027, 1, 31))
    for piece in Piece.objects.avec_limite().select_related("type"):
        assert piece.limite == piece.valable_jusqu_au()


def test_seule_la_derniere_piece_de_son_type_est_en_vigueur(participant):
    ancienne = PieceFactory(participant=participant)
    derniere = PieceFactory(participant=participant, type=ancienne.type)
    PieceFactory(participant=participant, type=ancienne.type, suite_de=derniere)
    PieceFactory(participant=participant, type=ancienne.type, retiree_le=timezone.now())
    ailleurs = PieceFactory(type=ancienne.type)
    assert set(Piece.objects.en_vigueur()) == {derniere, ailleurs}
