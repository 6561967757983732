"""Déposer une pièce, le verdict de l’antivirus ; numéroter et inscrire les personnes."""

import datetime
from contextlib import suppress

import pytest
from django.core.files.storage import default_storage
from django.db import transaction

from comptes.models import Role
from notifications.models import Envoi
from participants import actions, fichiers
from participants import tasks as taches
from participants.actions import corriger, deposer, inscrire, reprendre_analyses
from participants.fichiers import QUARANTAINE, AntivirusInjoignable, EtatAntivirus, FichierRefuse
from participants.models import Compteur, Participant, Piece
from participants.numeros import suivant
from participants.rangement import fichiers_ou_rien
from tests import faux_fichiers
from tests.factories import (
    AntenneFactory,
    CommuneFactory,
    ParticipantFactory,
    TypePieceFactory,
    UtilisateurFactory,
)
from tests.participants.lecture import lire

pytestmark = pytest.mark.django_db

ANNEE = datetime.date.today().year


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
