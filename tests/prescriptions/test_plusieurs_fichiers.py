"""Recto et verso : une pièce a plusieurs fichiers, une case les montre tous, un verdict les juge ensemble."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from comptes.jetons import nouveau_jeton
from comptes.models import Role
from dossier import fiche, fil
from participants import actions
from participants.models import Piece
from prescriptions.actions import orienter
from prescriptions.listes import Verdict
from tests import faux_fichiers
from tests.prescriptions import dossiers
from tests.prescriptions.orientations import Decor
from tests.prescriptions.test_orientations_actions import valide

pytestmark = pytest.mark.django_db

LE_2_MAI, LE_3_MAI = datetime.date(2026, 5, 2), datetime.date(2026, 5, 3)


def recto_verso(decor, *dates):
    recto, verso = dates or (None, None)
    pieces = [(decor.identite_, valide("recto.pdf"), recto), (decor.identite_, valide("verso.pdf"), verso)]
    return orienter(**decor.demande(pieces=pieces))


def recto_verso_dans(ligne):
    qui, le = ligne.piece.deposee_par, ligne.piece.etablie_le
    faces, personne = (valide("recto.pdf"), valide("verso.pdf")), ligne.prescription.participant
    ligne.piece = actions.deposer(personne, ligne.type, *faces, par=qui, etablie_le=le)
    ligne.enregistrer(par="test")


def noms(ligne):
    return [feuille.nom for feuille in ligne.piece.feuilles]


def fichier(nom, contenu=None):
    return SimpleUploadedFile(nom, faux_fichiers.pdf() if contenu is None else contenu)


class TestOrienter:
    def test_deux_fichiers_d_un_meme_type_remplissent_la_meme_case(self):
        demande = recto_verso(Decor())
        assert noms(dossiers.ligne(demande, "identite")) == ["recto.pdf", "verso.pdf"]
        assert demande.participant.pieces.count() == 2

    @pytest.mark.parametrize("dates", [(LE_2_MAI, None), (None, LE_2_MAI), (LE_2_MAI, LE_3_MAI)])
    def test_la_premiere_date_donnee_date_la_piece(self, dates):
        assert dossiers.ligne(recto_verso(Decor(), *dates), "identite").piece.etablie_le == LE_2_MAI

    def test_un_autre_type_a_sa_propre_piece(self):
        decor = Decor()
        pieces = [(decor.identite_, valide("cni.pdf"), None), (decor.attestation, valide("rsa.pdf"), LE_2_MAI)]
        demande = orienter(**decor.demande(pieces=pieces))
        assert noms(dossiers.ligne(demande, "identite")) == ["cni.pdf"]
        assert noms(dossiers.ligne(demande, "attestation_rsa")) == ["rsa.pdf"]


class TestJoindre:
    def envoyer(self, connexion, demande, *televerses, cles=1):
        case = dossiers.ligne(demande, "identite")
        donnees = {"jeton": f"{case.pk}", "fichiers": televerses, "fichiers_type": [case.pk] * cles}
        adresse = reverse("prescriptions:joindre", args=[demande.pk])
        return connexion(demande.conseiller).post(adresse, donnees, follow=True)

    @pytest.mark.parametrize("cles", [1, 2])
    def test_le_conseiller_joint_les_deux_faces_d_un_geste(self, connexion, cles):
        demande = dossiers.demande("prise")
        reponse = self.envoyer(connexion, demande, fichier("recto.pdf"), fichier("verso.pdf"), cles=cles)
        assert noms(dossiers.ligne(demande, "identite")) == ["recto.pdf", "verso.pdf"]
        assertContains(reponse, "1\u00a0pièce jointe.")
        assertContains(reponse, "verso.pdf")

    def test_un_verso_refuse_retient_le_recto(self, connexion):
        demande = dossiers.demande("prise")
        avant = dossiers.ligne(demande, "identite").piece
        reponse = self.envoyer(connexion, demande, fichier("recto.pdf"), fichier("verso.pdf", b"MZ"))
        assertContains(reponse, "Pièce d’identité : ")
        assert dossiers.ligne(demande, "identite").piece == avant

    def test_trois_fichiers_et_deux_cases_ne_se_devinent_pas(self, connexion):
        demande = dossiers.demande("prise")
        reponse = self.envoyer(connexion, demande, *(fichier(f"{n}.pdf") for n in range(3)), cles=2)
        assertContains(reponse, "Dites quelle pièce est chaque fichier.")

    def test_remplacer_remplace_toutes_les_feuilles(self, connexion):
        demande = dossiers.demande("prise")
        self.envoyer(connexion, demande, fichier("recto.pdf"), fichier("verso.pdf"))
        dossiers.ligne(demande, "identite").joindre(
            actions.deposer(
                demande.participant,
                dossiers.ligne(demande, "identite").type,
                valide("tout.pdf"),
                par=demande.conseiller,
            ),
            par=demande.conseiller,
        )
        assert noms(dossiers.ligne(demande, "identite")) == ["tout.pdf"]

    def test_le_partenaire_joint_les_deux_faces_et_les_revoit(self, connexion):
        decor = Decor()
        demande = orienter(**decor.demande())
        case = dossiers.ligne(demande, "identite")
        donnees = {"jeton": nouveau_jeton(), "ligne": case.pk, "piece": [fichier("recto.pdf"), fichier("verso.pdf")]}
        navigateur = connexion(decor.agent)
        reponse = navigateur.post(reverse("orientations:joindre", args=[demande.pk]), donnees, follow=True)
        for piece in Piece.objects.all():
            assertContains(reponse, reverse("participants:piece", args=[piece.pk]))
        assert noms(dossiers.ligne(demande, "identite")) == ["recto.pdf", "verso.pdf"]

    def test_tout_ou_rien_un_disque_plein_au_verso_ne_garde_pas_le_recto(self, monkeypatch, fichiers):
        demande, ranger, passages = dossiers.demande("prise"), actions.ranger, []

        def plein(champ, extension, contenu):
            passages.append(1)
            if len(passages) == 2:
                raise OSError(28, "No space left on device")
            ranger(champ, extension, contenu)

        monkeypatch.setattr(actions, "ranger", plein)
        type_piece, avant = dossiers.ligne(demande, "identite").type, Piece.objects.count()
        with pytest.raises(OSError, match="space"):
            actions.deposer(
                demande.participant, type_piece, valide("recto.pdf"), valide("verso.pdf"), par=demande.conseiller
            )
        assert Piece.objects.count() == avant


class TestControler:
    @pytest.fixture
    def demande(self):
        demande = dossiers.demande("validee", verdict=Verdict.A_CONTROLER)
        recto_verso_dans(dossiers.ligne(demande, "identite"))
        return demande

    def test_toutes_les_feuilles_se_montrent_et_un_verdict_les_juge(self, connexion, demande):
        case = dossiers.ligne(demande, "identite")
        navigateur = connexion(dossiers.agent(Role.STATISTIQUES))
        adresse = reverse("prescriptions:controle", args=[demande.pk])
        reponse = navigateur.get(f"{adresse}?piece={case.pk}")
        for piece in case.piece.feuilles:
            assertContains(reponse, reverse("participants:apercu", args=[piece.pk]))
        navigateur.post(
            adresse,
            {"ligne": case.pk, "version": case.version, "verdict": "conforme", "points": case.type.points},
        )
        assert dossiers.ligne(demande, "identite").verdict == Verdict.CONFORME

    def test_une_feuille_infectee_ne_se_montre_plus(self, connexion, demande):
        verso = Piece.objects.get(nom="verso.pdf")
        verso.retiree_le = timezone.now()
        verso.enregistrer(par="antivirus")
        page = connexion(dossiers.agent(Role.STATISTIQUES)).get(reverse("prescriptions:controle", args=[demande.pk]))
        assertNotContains(page, "verso.pdf")

    def test_la_fiche_montre_le_verso(self, connexion, demande):
        assertContains(connexion(dossiers.agent(Role.RESPONSABLE)).get(demande.get_absolute_url()), "verso.pdf")

    def test_une_piece_de_sante_cache_aussi_son_verso(self, connexion, demande):
        case = dossiers.ligne(demande, "identite")
        case.type.sensible = True
        case.type.enregistrer(par="test")
        page = connexion(dossiers.agent(Role.ANIMATION)).get(demande.get_absolute_url())
        assertNotContains(page, "verso.pdf")

    def test_le_dossier_montre_la_piece_par_son_premier_fichier(self, demande):
        type_piece = dossiers.ligne(demande, "identite").type
        lecteur = dossiers.agent(Role.RESPONSABLE)
        deposees = fil.pieces_deposees(demande.participant, lecteur)
        montrees = {p.type: p.nom for p, *_ in fiche.pieces(deposees, lecteur)}
        assert montrees[type_piece] == "recto.pdf"


@pytest.mark.parametrize("adresse", ["prescriptions:detail", "prescriptions:controle"])
def test_les_versos_ne_coutent_pas_une_requete_chacun(connexion, django_assert_max_num_queries, adresse):
    demande = dossiers.demande("validee", verdict=Verdict.A_CONTROLER)
    navigateur, url = connexion(dossiers.agent(Role.STATISTIQUES)), reverse(adresse, args=[demande.pk])
    recto_verso_dans(dossiers.ligne(demande, "identite"))
    navigateur.get(url)
    with CaptureQueriesContext(connection) as avant:
        navigateur.get(url)
    for code in ("domicile", "attestation_rsa"):
        recto_verso_dans(dossiers.ligne(demande, code))
    with django_assert_max_num_queries(len(avant)):
        navigateur.get(url)
