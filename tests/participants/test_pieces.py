import datetime
from contextlib import suppress

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from comptes.models import Role, RoleAttribue
from journal.models import Acte, Ligne
from notifications.models import Envoi
from partenaires.models import Interlocuteur
from participants import actions, fichiers
from participants import tasks as taches
from participants.actions import corriger, deposer, inscrire, reprendre_analyses
from participants.fichiers import QUARANTAINE, AntivirusInjoignable, EtatAntivirus, FichierRefuse
from participants.models import SYNTHESE_SIGNEE, Compteur, Participant, Piece
from participants.numeros import suivant
from participants.rangement import fichiers_ou_rien
from tests import faux_fichiers
from tests.factories import (
    AntenneFactory,
    CommuneFactory,
    InterlocuteurFactory,
    OrganisationFactory,
    ParticipantFactory,
    PieceFactory,
    PrescriptionFactory,
    TypePieceFactory,
    UtilisateurFactory,
)

pytestmark = pytest.mark.django_db
ANNEE = datetime.date.today().year


@pytest.fixture
def participant():
    return ParticipantFactory()


@pytest.fixture
def conseiller(participant):
    return UtilisateurFactory(role=Role.CONSEILLER, antenne=participant.antenne)


def rangees(dossier):
    return sorted(p for p in dossier.rglob("*") if p.is_file())


# Déposer.


def test_une_piece_deposee_garde_le_fichier_son_auteur_et_sa_date(participant, conseiller):
    le_2_mai = datetime.date(2026, 5, 2)
    contenu = faux_fichiers.pdf()
    piece = deposer(participant, TypePieceFactory(), valide("avis.pdf", contenu), par=conseiller, etablie_le=le_2_mai)
    assert (piece.nom, piece.type_mime, piece.taille) == ("avis.pdf", "application/pdf", len(contenu))
    assert (piece.etablie_le, piece.deposee_par) == (le_2_mai, conseiller)
    with default_storage.open(piece.fichier.name) as fichier:
        assert fichier.read() == contenu
    assert piece.history.get().history_user == conseiller


def test_le_chemin_du_fichier_ne_dit_rien_de_la_personne(participant, conseiller):
    piece = deposer(participant, TypePieceFactory(), valide("Boutoille Nadège.pdf"), par=conseiller)
    assert piece.nom == "Boutoille Nadège.pdf"
    assert "outoille" not in piece.fichier.name
    assert participant.numero not in piece.fichier.name


def test_un_fichier_refuse_ne_laisse_ni_ligne_ni_fichier(participant, conseiller, fichiers):
    with pytest.raises(FichierRefuse, match="programme"):
        deposer(participant, TypePieceFactory(), valide("piege.pdf", b"MZ" + b"\0" * 100), par=conseiller)
    assert not Piece.objects.exists()
    assert rangees(fichiers) == []


def test_une_ligne_refusee_par_la_base_emporte_le_fichier(participant, conseiller, fichiers, monkeypatch):
    monkeypatch.setattr(Piece, "enregistrer", lambda self, **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        deposer(participant, TypePieceFactory(), valide("avis.pdf"), par=conseiller)
    assert rangees(fichiers) == []


def test_une_transaction_qui_echoue_plus_loin_emporte_les_fichiers(participant, conseiller, fichiers):
    def deux_depots_puis_une_panne():
        with fichiers_ou_rien(), transaction.atomic():
            deposer(participant, TypePieceFactory(), valide("un.pdf"), par=conseiller)
            deposer(participant, TypePieceFactory(), valide("deux.pdf"), par=conseiller)
            assert len(rangees(fichiers)) == 2
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        deux_depots_puis_une_panne()
    assert rangees(fichiers) == []
    assert not Piece.objects.exists()


def test_une_transaction_qui_reussit_garde_les_fichiers(participant, conseiller, fichiers):
    with fichiers_ou_rien(), transaction.atomic():
        deposer(participant, TypePieceFactory(), valide("un.pdf"), par=conseiller)
    assert len(rangees(fichiers)) == 1


def test_une_panne_apres_la_validation_garde_les_fichiers(participant, conseiller, fichiers):
    def valider_puis_tomber():
        with fichiers_ou_rien():
            deposer(participant, TypePieceFactory(), valide("un.pdf"), par=conseiller)
            raise SystemExit(1)  # l’ouvrier web coupé pendant ce qui suit la validation

    with pytest.raises(SystemExit):
        valider_puis_tomber()
    assert [Piece.objects.get().fichier.storage.exists(Piece.objects.get().fichier.name)] == [True]


@pytest.mark.django_db(transaction=True)
def test_un_point_de_reprise_annule_ne_laisse_pas_son_fichier(fichiers):
    participant = ParticipantFactory()
    conseiller = UtilisateurFactory(role=Role.CONSEILLER, antenne=participant.antenne)
    genre = TypePieceFactory()
    with fichiers_ou_rien(), transaction.atomic():
        deposer(participant, genre, valide("un.pdf"), par=conseiller)
        with suppress(ZeroDivisionError), transaction.atomic():
            deposer(participant, genre, valide("deux.pdf"), par=conseiller)
            raise ZeroDivisionError
    assert [p.nom for p in Piece.objects.all()] == ["un.pdf"]
    assert len(rangees(fichiers)) == 1


def test_re9_un_disque_plein_se_dit_et_ne_laisse_pas_de_moitie(participant, conseiller, fichiers, monkeypatch):
    ecrire = default_storage._save

    def plein(nom, contenu):
        ecrire(nom, contenu)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(default_storage._wrapped, "_save", plein)
    with pytest.raises(FichierRefuse, match="plus de place"):
        deposer(participant, TypePieceFactory(), valide("avis.pdf"), par=conseiller)
    assert rangees(fichiers) == []
    assert not Piece.objects.exists()


def test_un_virus_est_refuse(participant, conseiller, monkeypatch):
    monkeypatch.setattr(fichiers, "antivirus", lambda contenu: EtatAntivirus.INFECTE)
    with pytest.raises(FichierRefuse, match="virus"):
        deposer(participant, TypePieceFactory(), valide("avis.pdf"), par=conseiller)


def valide(nom, contenu=None):
    return fichiers.valider(nom, contenu or faux_fichiers.pdf())


def injoignable(contenu):
    raise AntivirusInjoignable("éteint")


def test_sans_verdict_de_l_antivirus_la_piece_attend_et_ne_sort_pas(participant, conseiller, monkeypatch, connexion):
    monkeypatch.setattr(fichiers, "antivirus", injoignable)
    piece = deposer(participant, TypePieceFactory(), valide("avis.pdf"), par=conseiller)
    assert piece.antivirus == QUARANTAINE
    assert lire(connexion(conseiller), "piece", piece).status_code == 403
    taches.reprendre_analyses()
    assert reprendre_analyses() == 0
    monkeypatch.setattr(fichiers, "antivirus", lambda contenu: EtatAntivirus.SAIN)
    assert reprendre_analyses() == 1
    assert lire(connexion(conseiller), "piece", piece).status_code == 200


def test_un_verdict_infecte_venu_plus_tard_retire_la_piece(participant, conseiller, monkeypatch, connexion):
    monkeypatch.setattr(fichiers, "antivirus", injoignable)
    piece = deposer(participant, TypePieceFactory(), valide("avis.pdf"), par=conseiller)
    monkeypatch.setattr(fichiers, "antivirus", lambda contenu: EtatAntivirus.INFECTE)
    reprendre_analyses()
    assert lire(connexion(conseiller), "piece", piece).status_code == 404


def test_qui_a_donne_un_fichier_infecte_l_apprend_une_fois(participant, conseiller, monkeypatch):
    monkeypatch.setattr(fichiers, "antivirus", injoignable)
    deposer(participant, TypePieceFactory(libelle="Diplôme"), valide("avis.pdf"), par=conseiller)
    monkeypatch.setattr(fichiers, "antivirus", lambda contenu: EtatAntivirus.INFECTE)
    assert [reprendre_analyses(), reprendre_analyses()] == [1, 0]
    (alerte,) = Envoi.objects.alertes_de(conseiller)
    assert "infecté" in alerte.titre
    assert "Diplôme" in alerte.texte


def test_un_fichier_perdu_n_empeche_pas_de_juger_les_suivants(participant, conseiller, monkeypatch, fichiers):
    monkeypatch.setattr("participants.fichiers.antivirus", injoignable)
    perdue, autre = (deposer(participant, TypePieceFactory(), valide(f"{n}.pdf"), par=conseiller) for n in range(2))
    (fichiers / perdue.fichier.name).unlink()
    monkeypatch.setattr("participants.fichiers.antivirus", lambda contenu: EtatAntivirus.SAIN)
    assert reprendre_analyses() == 1
    autre.refresh_from_db()
    assert autre.antivirus == EtatAntivirus.SAIN


# Lire.


def adresse(nom, piece):
    return reverse(f"participants:{nom}", args=[piece.pk])


def lire(client, nom, piece):
    """La réponse, son fichier lu : le client de test le referme à la fin."""
    reponse = client.get(adresse(nom, piece))
    reponse.lu = b"".join(reponse.streaming_content) if reponse.streaming else reponse.content
    return reponse


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


# Numéroter, inscrire.


def identite(**champs):
    return {
        "prenom": "Coralie",
        "nom": "D’Hœne",
        "naissance": datetime.date(2001, 4, 6),
        "commune": CommuneFactory(),
    } | champs


def test_un_dossier_inscrit_a_son_numero_et_ses_mots_de_recherche():
    antenne = AntenneFactory()
    participant = inscrire(identite(), par=UtilisateurFactory(), antenne=antenne)
    assert participant.numero.startswith(f"{ANNEE}-")
    assert len(participant.numero) == 10
    assert participant.antenne == antenne
    assert set(participant.mots.values_list("mot", flat=True)) == {"coralie", "hoene"}


def test_les_numeros_se_suivent_et_repartent_apres_ceux_qui_sont_deja_la():
    ParticipantFactory(numero="1999-00041")
    ParticipantFactory(numero="1999-00007")
    assert suivant(Participant, "1999-", chiffres=5) == "1999-00042"
    assert suivant(Participant, "1999-", chiffres=5) == "1999-00043"


def test_un_numero_deja_pris_par_une_reprise_est_saute():
    assert suivant(Participant, "1999-", chiffres=5) == "1999-00001"
    ParticipantFactory(numero="1999-00002")
    ParticipantFactory(numero="1999-00009")
    assert suivant(Participant, "1999-", chiffres=5) == "1999-00010"


def test_apres_99999_les_numeros_continuent():
    ParticipantFactory(numero="1999-99999")
    assert suivant(Participant, "1999-", chiffres=5) == "1999-100000"
    assert suivant(Participant, "1999-", chiffres=5) == "1999-100001"


def test_chaque_annee_a_sa_serie():
    assert suivant(Participant, "1998-", chiffres=5) == "1998-00001"
    assert suivant(Participant, "1999-", chiffres=5) == "1999-00001"
    assert Compteur.objects.count() == 2


def test_corriger_sans_rien_changer_n_ecrit_rien(participant, conseiller):
    corriger(participant, {"nom": participant.nom}, par=conseiller)
    assert participant.history.count() == 1
    corriger(participant, {"nom": "Autre"}, par=conseiller, motif="faute")
    assert participant.history.first().history_change_reason == "faute"


def test_un_depot_annule_libere_son_numero():
    try:
        with transaction.atomic():
            suivant(Participant, "1999-", chiffres=5)
            1 / 0  # noqa: B018
    except ZeroDivisionError:
        pass
    assert suivant(Participant, "1999-", chiffres=5) == "1999-00001"
    assert actions.QUARANTAINE == "quarantaine"
