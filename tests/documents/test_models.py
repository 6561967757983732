"""Un document figé, et le registre de ses signatures : ce qui est permis, ce qui ne l’est jamais."""

import hashlib

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from comptes.models import Role
from documents.models import (
    ALPHABET,
    Document,
    MotifRefusSignature,
    Signature,
    StatutSignature,
    nouveau_code,
)
from plie.exceptions import ConflitDeVersion, TransitionImpossible
from tests.factories import DocumentFactory, PieceFactory, SignatureFactory, UtilisateurFactory

pytestmark = pytest.mark.django_db

S = StatutSignature
TRACE = "M1 1L200 90"


@pytest.fixture
def signature():
    return SignatureFactory()


@pytest.fixture
def conseiller():
    return UtilisateurFactory(role=Role.CONSEILLER)


def jouer(signature, verbe, par):
    """Un verbe du registre, avec ce qu’il lui faut."""
    champs = {
        "signer": {"accord": True, "trace": TRACE},
        "refuser": {"motif": MotifRefusSignature.PARTI},
        "recevoir_papier": {"piece": PieceFactory(participant=signature.document.participant)},
    }[verbe]
    getattr(signature, verbe)(par=par, **champs)


ARRIVEES = {"signer": S.SIGNE, "refuser": S.REFUS, "recevoir_papier": S.PAPIER_RECU}


class TestTransitions:
    def test_chaque_statut_declare_ses_transitions(self):
        assert set(Signature.TRANSITIONS) == set(S)

    @pytest.mark.parametrize("verbe", ARRIVEES)
    def test_une_signature_attendue_se_regle_avec_sa_date_et_son_auteur(self, signature, conseiller, verbe):
        jouer(signature, verbe, conseiller)
        signature.refresh_from_db()
        assert (signature.statut, signature.signee_par) == (ARRIVEES[verbe], conseiller)
        assert abs((timezone.now() - signature.signee_le).total_seconds()) < 60
        assert signature.history.latest().history_user == conseiller

    @pytest.mark.parametrize("fait", ["signer", "recevoir_papier"])
    @pytest.mark.parametrize("verbe", ARRIVEES)
    def test_ce_qui_est_signe_ne_se_reprend_pas(self, signature, conseiller, fait, verbe):
        jouer(signature, fait, conseiller)
        avant = Signature.objects.values().get()
        with pytest.raises(TransitionImpossible, match="déjà fait"):
            jouer(signature, verbe, conseiller)
        assert Signature.objects.values().get() == avant

    @pytest.mark.parametrize(("verbe", "permis"), [("signer", True), ("recevoir_papier", True), ("refuser", False)])
    def test_apres_un_refus_la_personne_peut_encore_signer(self, signature, conseiller, verbe, permis):
        jouer(signature, "refuser", conseiller)
        if permis:
            jouer(signature, verbe, conseiller)
            assert (signature.est_signee, signature.motif_refus) == (True, "")
        else:
            with pytest.raises(TransitionImpossible):
                jouer(signature, verbe, conseiller)

    def test_deux_onglets_ne_signent_pas_deux_fois(self, signature, conseiller):
        double = Signature.objects.get(pk=signature.pk)
        jouer(signature, "signer", conseiller)
        with pytest.raises(TransitionImpossible):
            jouer(double, "refuser", conseiller)

    def test_une_signature_sans_trace_ni_nom_est_refusee(self, signature, conseiller):
        with pytest.raises(TransitionImpossible, match="Il manque la signature"):
            signature.signer(par=conseiller, accord=True)

    def test_une_version_remplacee_ne_se_signe_plus(self, signature, conseiller):
        DocumentFactory(participant=signature.document.participant, remplace=signature.document, numero_version=2)
        with pytest.raises(TransitionImpossible, match="remplacé"):
            jouer(signature, "signer", conseiller)

    def test_la_file_a_signer_ignore_ce_qui_est_regle_ou_remplace(self, signature, conseiller):
        reglee, remplacee = SignatureFactory(), SignatureFactory()
        jouer(reglee, "signer", conseiller)
        DocumentFactory(participant=remplacee.document.participant, remplace=remplacee.document, numero_version=2)
        assert list(Signature.objects.a_signer()) == [signature]


class TestBase:
    """Ce que la base elle-même refuse."""

    @pytest.mark.parametrize(
        "champs",
        [
            {"statut": S.SIGNE, "accord": True, "trace": TRACE},
            {"statut": S.SIGNE, "accord": True, "signee_le": "2026-11-23T12:00Z"},
            {"statut": S.SIGNE, "trace": TRACE, "signee_le": "2026-11-23T12:00Z"},
            {"statut": S.REFUS},
            {"statut": S.PAPIER_RECU},
        ],
        ids=["sans date", "sans tracé ni nom", "sans avis", "refus sans raison", "papier sans pièce"],
    )
    def test_une_signature_incomplete(self, champs):
        with pytest.raises(IntegrityError), transaction.atomic():
            SignatureFactory(**champs)

    def test_deux_lignes_du_meme_role(self, signature):
        with pytest.raises(IntegrityError), transaction.atomic():
            SignatureFactory(document=signature.document)

    def test_deux_versions_qui_remplacent_la_meme(self):
        ancien = DocumentFactory()
        DocumentFactory(remplace=ancien)
        with pytest.raises(IntegrityError), transaction.atomic():
            DocumentFactory(remplace=ancien)


class TestDocument:
    def test_le_code_se_dicte_sans_lettre_ambigue(self):
        codes = {nouveau_code() for _ in range(200)}
        assert len(codes) == 200
        assert all(len(code) == 10 and set(code) <= set(ALPHABET) for code in codes)

    def test_un_contenu_fige_ne_se_reecrit_pas(self):
        document = DocumentFactory(contenu={"document": {"objectif": "A"}})
        document.contenu["document"]["objectif"] = "B"
        with pytest.raises(TransitionImpossible, match="figé"):
            document.enregistrer(par="test")
        assert Document.objects.get().contenu == {"document": {"objectif": "A"}}

    @pytest.mark.parametrize(
        ("statuts", "signe", "scelle"),
        [
            ([], False, False),
            ([S.A_SIGNER, S.SIGNE], False, False),
            ([S.REFUS, S.SIGNE], True, False),
            ([S.SIGNE, S.SIGNE], True, True),
            ([S.PAPIER_RECU, S.SIGNE], True, True),
        ],
    )
    def test_signe_et_scelle_ne_sont_pas_la_meme_chose(self, statuts, signe, scelle):
        document = DocumentFactory()
        for role, statut in zip(("personne", "conseiller"), statuts, strict=False):
            ligne = SignatureFactory(document=document, role=role)
            verbe = {s: v for v, s in ARRIVEES.items()}.get(statut)
            if verbe:
                jouer(ligne, verbe, document.fige_par)
        document = Document.objects.get(pk=document.pk)
        assert (document.est_signe, document.est_scelle) == (signe, scelle)


def octets(document):
    with document.fichier.open("rb") as fichier:
        return fichier.read()


class TestFichier:
    def test_le_pdf_se_garde_avec_son_empreinte(self, fichiers):
        document = DocumentFactory()
        assert document.poser_fichier(b"%PDF un", etat=[], par="test")
        document.refresh_from_db()
        assert document.sha256 == hashlib.sha256(b"%PDF un").hexdigest()
        assert octets(document) == b"%PDF un"
        assert document.code not in document.fichier.name

    def test_un_pdf_dont_la_ligne_ne_s_ecrit_pas_ne_reste_pas_sur_le_disque(self, fichiers, monkeypatch):
        document = DocumentFactory()

        def refuser(*args, **kwargs):
            raise ConflitDeVersion(document)

        monkeypatch.setattr(Document, "enregistrer", refuser)
        with pytest.raises(ConflitDeVersion):
            document.poser_fichier(b"%PDF un", etat=[], par="test")
        assert not [f for f in (fichiers / "documents").rglob("*") if f.is_file()]

    def test_le_reposer_a_l_identique_n_ecrit_rien(self):
        document = DocumentFactory()
        for _ in range(2):
            document.poser_fichier(b"%PDF un", etat=[], par="test")
        assert document.history.count() == 2

    def test_un_pdf_d_avant_signature_ne_se_garde_pas(self, signature, conseiller):
        document = signature.document
        etat = document.etat_des_signatures()
        jouer(signature, "signer", conseiller)
        assert not document.poser_fichier(b"%PDF sans trace", etat=etat, par="test")
        assert Document.objects.get().fichier == ""

    def test_signer_fait_oublier_le_pdf_garde_et_efface_son_fichier(self, signature, conseiller, fichiers):
        document = signature.document
        document.poser_fichier(b"%PDF", etat=document.etat_des_signatures(), par="test")
        jouer(signature, "signer", conseiller)
        assert Document.objects.a_produire().get() == document
        assert not [f for f in (fichiers / "documents").rglob("*") if f.is_file()]

    def test_une_signature_annulee_laisse_le_fichier(self, signature, conseiller, fichiers):
        document = signature.document
        document.poser_fichier(b"%PDF", etat=document.etat_des_signatures(), par="test")
        with transaction.atomic():
            jouer(signature, "signer", conseiller)
            transaction.set_rollback(True)
        assert octets(Document.objects.get()) == b"%PDF"
