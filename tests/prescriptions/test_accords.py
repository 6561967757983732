"""L’accord signé à l’écran remplit sa case : un document du registre, versé une seule fois, qu’une panne ne perd pas."""

import datetime

import pytest
from django.urls import reverse

from comptes.models import Role
from documents import production
from documents.models import Document, GenreDocument
from documents.rendu import RenduImpossible
from participants.models import Piece
from prescriptions import accords
from prescriptions.actions import orienter
from prescriptions.listes import MoyenAccord, Verdict
from prescriptions.models import Prescription
from prescriptions.tasks import verser_accords
from tests import factories as f
from tests.documents.lecture import texte
from tests.prescriptions import dossiers
from tests.prescriptions.test_orientations_actions import valide

pytestmark = pytest.mark.django_db

AUJOURD_HUI = datetime.date.today()
TRACE = "M60 190Q80 80 120.5 30L400 200"


def signer(decor, pose=TRACE, **champs):
    accord = {"le": AUJOURD_HUI, "moyen": MoyenAccord.SIGNE, "trace": pose}
    return orienter(**decor.demande(accord=accord, **champs))


def case(demande):
    return demande.lignes.select_related("type", "piece").get(type__code="accord_signe")


@pytest.fixture
def panne(monkeypatch):
    """La mise en page ne répond plus, tant que le test ne la rétablit pas."""

    def refuser(*args, **options):
        raise RenduImpossible("occupé")

    monkeypatch.setattr(production, "rendre_pdf", refuser)
    return monkeypatch


class TestSigner:
    def test_la_signature_a_l_ecran_remplit_la_case_d_une_piece_a_controler(self, decor):
        demande = signer(decor)
        ligne = case(demande)
        assert ligne.verdict == Verdict.A_CONTROLER
        assert ligne.est_fournie
        assert ligne.piece.nom == f"accord-signe-a-l-ecran-{demande.accord_document.code}.pdf"
        assert (ligne.piece.deposee_par, ligne.piece.etablie_le) == (decor.agent, AUJOURD_HUI)
        assert ligne.piece.document == demande.accord_document

    def test_le_document_dit_qui_a_accepte_quoi_devant_qui(self, decor):
        demande = signer(decor)
        with case(demande).piece.fichier.open("rb") as fichier:
            lu = texte(fichier.read())
        for attendu in (
            "Coralie Delplanque",
            "transmises au PLIE, par Mission locale de Dunkerque,",
            demande.numero,
            "Maud Ferrand",
            "Signé à l'écran",
        ):
            assert attendu in lu

    def test_le_registre_porte_la_signature(self, decor):
        document = signer(decor).accord_document
        signature = document.signatures.get()
        assert (document.genre, document.est_scelle) == (GenreDocument.ACCORD, True)
        assert (signature.role, signature.trace, signature.accord) == ("personne", TRACE, True)

    def test_sans_script_le_nom_tape_signe_le_document(self, decor):
        signature = signer(decor, "Coralie Delplanque").accord_document.signatures.get()
        assert (signature.trace, signature.nom_tape) == ("", "Coralie Delplanque")

    @pytest.mark.parametrize("moyen", [MoyenAccord.PAPIER, MoyenAccord.VIVE_VOIX])
    def test_un_autre_accord_ne_fait_pas_de_document(self, decor, moyen):
        demande = orienter(**decor.demande(accord={"le": AUJOURD_HUI, "moyen": moyen, "trace": "Maud Ferrand"}))
        assert demande.accord_document is None
        assert case(demande).piece is None
        assert not Document.objects.exists()

    def test_le_papier_joint_garde_sa_case_et_l_accord_va_au_dossier(self, decor):
        demande = signer(decor, pieces=[(decor.accord_signe, valide("papier.pdf"), None)])
        assert case(demande).piece.nom == "papier.pdf"
        assert demande.participant.pieces.count() == 2

    def test_une_orientation_annulee_ne_laisse_pas_d_accord(self, decor, monkeypatch):
        monkeypatch.setattr("prescriptions.actions.annoncer", lambda *a, **k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            signer(decor)
        assert not Document.objects.exists()
        assert not Piece.objects.exists()


class TestEcran:
    def test_le_texte_lu_a_l_ecran_est_celui_du_document(self, connexion, decor):
        navigateur = connexion(decor.agent)
        lu = accords.texte_lu(decor.organisation)
        assert lu in navigateur.get(reverse("orientations:nouvelle")).content.decode()
        navigateur.post(
            reverse("orientations:nouvelle"),
            decor.formulaire(accord_moyen="signe", signature_trace=TRACE, vu="papier"),
        )
        assert Prescription.objects.get().accord_document.contenu["document"]["texte"] == lu

    def test_un_conseiller_lit_un_autre_texte(self, connexion, decor):
        page = connexion(decor.conseiller).get(reverse("prescriptions:nouvelle")).content.decode()
        assert accords.texte_lu(None) in page

    def test_deux_envois_du_meme_formulaire_ne_font_qu_un_accord(self, connexion, decor):
        navigateur = connexion(decor.agent)
        formulaire = decor.formulaire(accord_moyen="signe", signature_trace=TRACE)
        for _ in range(2):
            navigateur.post(reverse("orientations:nouvelle"), formulaire)
        assert (Document.objects.count(), Piece.objects.count()) == (1, 1)

    def test_qui_controle_ouvre_l_accord(self, connexion, decor):
        piece = case(signer(decor)).piece
        reponse = connexion(f.UtilisateurFactory(role=Role.STATISTIQUES)).get(
            reverse("participants:piece", args=[piece.pk])
        )
        assert b"".join(reponse.streaming_content).startswith(b"%PDF")


class TestPannes:
    def test_une_mise_en_page_en_panne_n_empeche_pas_d_orienter_et_l_accord_est_repris_par_plage(self, decor, panne):
        demande = signer(decor)
        assert case(demande).piece is None
        verser_accords()
        assert case(demande).piece is None
        panne.undo()
        verser_accords()
        assert case(demande).piece.document == demande.accord_document

    def test_verser_deux_fois_n_a_qu_un_effet(self, decor):
        document = signer(decor).accord_document
        accords.verser(Document.objects.get())
        accords.verser(document)  # lu avant le premier versement
        document.piece = None
        accords.verser(document)
        verser_accords()
        assert Piece.objects.count() == 1

    def test_un_accord_impossible_n_arrete_pas_les_suivants(self, decor, panne):
        mauvais = signer(decor)
        bon = signer(decor, identite=decor.identite(prenom="Yonas"))
        panne.undo()
        verser = accords.lire

        def essayer(document):
            if document.pk == mauvais.accord_document_id:
                raise OSError(28, "No space left on device")
            return verser(document)

        panne.setattr(accords, "lire", essayer)
        verser_accords()
        assert (case(mauvais).piece, case(bon).piece is None) == (None, False)

    def test_un_papier_joint_pendant_la_panne_garde_sa_case(self, decor, panne):
        demande = signer(decor)
        ligne = case(demande)
        papier = f.PieceFactory(participant=demande.participant, type=decor.accord_signe)
        ligne.joindre(papier, par=decor.conseiller)
        panne.undo()
        verser_accords()
        assert case(demande).piece == papier
        assert not Document.objects.a_verser().exists()

    def test_une_demande_close_pendant_la_panne_ne_rouvre_pas_sa_case(self, decor, panne):
        demande = signer(decor)
        demande.classer_sans_suite(par=decor.conseiller, motif="emploi")
        panne.undo()
        verser_accords()
        assert case(demande).piece is None
        assert Document.objects.get().piece.participant == demande.participant

    def test_sans_le_type_de_piece_rien_ne_casse(self, decor, panne):
        decor.accord_signe.code = "autre"
        decor.accord_signe.enregistrer(par="test")
        signer(decor)
        panne.undo()
        verser_accords()
        assert Document.objects.a_verser().exists()

    def test_l_accord_verse_en_dernier_fait_repartir_la_demande(self, decor):
        demande, statistiques = dossiers.demande("validee"), dossiers.agent(Role.STATISTIQUES)
        ligne = f.LignePieceFactory(prescription=demande, type=decor.accord_signe)
        demande.accord_trace = TRACE
        demande.accord_document = accords.figer_l_accord(demande, par=statistiques)
        demande.enregistrer(par=statistiques)
        demande.renvoyer(par=statistiques, motifs=[], pieces=[(ligne, "absente", "")])
        verser_accords()
        demande.refresh_from_db()
        assert demande.statut == "a_controler"
