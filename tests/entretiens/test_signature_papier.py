"""La synthèse signée sur papier, son PDF, et sa correction."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from comptes.models import Role
from documents import production
from documents.models import Document, Signature
from entretiens.models import Synthese
from journal.models import Acte, Ligne
from participants.models import Piece
from tests.documents.lecture import texte
from tests.entretiens.gestes import DEUX, envoi, ouvert, page_numerisee, posee, signer, url
from tests.factories import TypePieceFactory, UtilisateurFactory

pytestmark = pytest.mark.django_db


class TestPapier:
    @pytest.fixture(autouse=True)
    def _type(self):
        TypePieceFactory(code="synthese_signee", libelle="Synthèse d’entretien signée à la main")

    def joindre(self, client, entretien, contenu=None, nom="signee.pdf"):
        fichier = SimpleUploadedFile(nom, contenu or page_numerisee(), content_type="application/pdf")
        return signer(client, entretien, {"acte": "papier", "papier": fichier})

    def test_la_page_signee_vaut_pour_les_deux(self, connexion, clos):
        self.joindre(connexion(clos.conseiller), clos)
        piece = Piece.objects.get()
        assert set(Signature.objects.values_list("statut", "papier")) == {("papier_recu", piece.pk)}
        assert Document.objects.get().est_scelle
        assert "exemplaire papier" in texte(production.lire(Document.objects.get()))

    @pytest.mark.parametrize("page", ["detail", "signer"])
    def test_elle_se_rouvre_de_l_entretien_et_de_la_page_de_signature(self, connexion, clos, page):
        client = connexion(clos.conseiller)
        self.joindre(client, clos)
        adresse = reverse("participants:piece", args=[Piece.objects.get().pk])
        assertContains(client.get(url(page, clos)), f'href="{adresse}"')
        assert b"".join(client.get(adresse).streaming_content) == page_numerisee()

    def test_elle_complete_une_signature_a_l_ecran(self, connexion, clos):
        client = connexion(clos.conseiller)
        signer(client, clos, posee("conseiller"))
        self.joindre(client, clos)
        assert dict(Signature.objects.values_list("role", "statut")) == {
            "personne": "papier_recu",
            "conseiller": "signe",
        }

    def test_un_mauvais_fichier_est_refuse_avec_sa_raison(self, connexion, clos, fichiers):
        reponse = self.joindre(connexion(clos.conseiller), clos, b"MZ\x90\x00", "signee.pdf")
        assertContains(reponse, "son contenu est un programme", status_code=422)
        assert not Piece.objects.exists()

    def test_sans_fichier_cela_se_dit(self, connexion, clos):
        reponse = signer(connexion(clos.conseiller), clos, {"acte": "papier"})
        assertContains(reponse, "Joignez la page signée.", status_code=422)

    def test_une_seconde_page_ne_remplace_rien_et_ne_laisse_pas_de_fichier(self, connexion, clos, fichiers):
        client = connexion(clos.conseiller)
        self.joindre(client, clos)
        self.joindre(client, clos, page_numerisee(210))
        assert Piece.objects.count() == 1
        assert len([f for f in (fichiers / "pieces").rglob("*") if f.is_file()]) == 1


class TestPdf:
    def test_il_s_ouvre_avant_que_le_worker_ait_travaille_sans_rien_ecrire(self, connexion, clos):
        reponse = connexion(clos.conseiller).get(url("synthese", clos))
        assert reponse.content.startswith(b"%PDF")
        assert reponse["Content-Type"] == "application/pdf"
        document = Document.objects.get()
        assert reponse["Content-Disposition"] == f'inline; filename="synthese-{document.code}-1.pdf"'
        assert document.fichier == ""

    def test_sa_lecture_se_consigne(self, connexion, clos):
        connexion(clos.conseiller).get(url("synthese", clos))
        ligne = Ligne.objects.get(acte=Acte.LECTURE)
        assert (ligne.objet_id, ligne.participant_id) == (Document.objects.get().pk, clos.participant_id)

    def test_il_se_telecharge(self, connexion, clos):
        reponse = connexion(clos.conseiller).get(url("synthese", clos) + "?telecharger")
        assert reponse["Content-Disposition"].startswith("attachment")

    def test_le_responsable_le_lit(self, connexion, clos):
        assert connexion(UtilisateurFactory(role=Role.RESPONSABLE)).get(url("synthese", clos)).status_code == 200

    @pytest.mark.parametrize("version", ["2", "0", "abc", "-1"])
    def test_une_version_inconnue_n_existe_pas(self, connexion, clos, version):
        assert connexion(clos.conseiller).get(url("synthese", clos) + f"?version={version}").status_code == 404

    def test_s_il_ne_peut_pas_se_faire_une_phrase_le_dit(self, connexion, clos, monkeypatch):
        def occupe(*args, **kwargs):
            raise production.RenduImpossible("D’autres documents sont en cours de mise en page.")

        monkeypatch.setattr(production, "rendre_pdf", occupe)
        reponse = connexion(clos.conseiller).get(url("synthese", clos))
        assertContains(reponse, "D’autres documents sont en cours", status_code=503)
        assert not Ligne.objects.filter(acte=Acte.LECTURE).exists()

    def test_le_livret_est_au_nom_de_qui_le_remet(self, connexion, clos):
        reponse = connexion(clos.conseiller).get(reverse("entretiens:livret"))
        imprime = texte(reponse.content)
        assert "Mme Claire Vandamme" in imprime
        assert "30 jours au plus après le premier contact" in imprime
        assert "Cofinancé par" in imprime


class TestCorriger:
    def correction(self, entretien, **champs):
        entretien.refresh_from_db()
        return {
            "jeton": str(uuid.uuid4()),
            "version": str(entretien.version),
            "motif": "La date de la visite",
            "objectif": "Choisir deux pistes de métier",
            "point": "Les certificats de travail sont retrouvés.",
            "synthese": "Nadège cherche un poste en matinée.",
        } | champs

    @pytest.fixture
    def signe(self, connexion, clos):
        signer(connexion(clos.conseiller), clos, DEUX)
        return clos

    def test_une_nouvelle_version_a_signer_l_ancienne_reste_lisible(self, connexion, signe):
        client = connexion(signe.conseiller)
        reponse = client.post(url("corriger", signe), self.correction(signe))
        assertRedirects(reponse, url("signer", signe), fetch_redirect_response=False)
        nouvelle, ancienne = Synthese.objects.order_by("-numero")
        assert (nouvelle.numero, nouvelle.motif_correction) == (2, "La date de la visite")
        assert nouvelle.document.remplace == ancienne.document
        assert nouvelle.document.code != ancienne.document.code
        assert {s.statut for s in nouvelle.document.signatures.all()} == {"a_signer"}
        assert {s.statut for s in ancienne.document.signatures.all()} == {"signe"}
        neuf, vieux = (texte(client.get(url("synthese", signe) + f"?version={n}").content) for n in (2, 1))
        assert "Version 2. Elle remplace la version 1 du" in neuf
        assert "Pourquoi : La date de la visite" in neuf
        assert "en matinée" in neuf
        assert "en journée" in vieux
        assert "Signé à l'écran" in vieux
        assert texte(client.get(url("synthese", signe)).content) == neuf

    def test_les_demarches_et_le_rendez_vous_remis_y_restent(self, connexion, signe):
        connexion(signe.conseiller).post(url("corriger", signe), self.correction(signe))
        nouveau, ancien = (s.document.contenu["document"] for s in Synthese.objects.order_by("-numero"))
        assert nouveau["demarches"] == ancien["demarches"]
        assert nouveau["rdv"] == ancien["rdv"]

    @pytest.mark.parametrize(
        ("champs", "statut", "phrase"),
        [
            ({"motif": ""}, 422, "obligatoire"),
            ({"synthese": ""}, 422, "obligatoire"),
            ({"synthese": "Nadège cherche un poste en journée, entre 9 h et 16 h."}, 409, "Rien n’a changé"),
            ({"motif": "n° 2 88 03 59 123 456 78"}, 422, "sécurité sociale"),
        ],
    )
    def test_une_correction_incomplete_est_refusee_et_reste_a_l_ecran(self, connexion, signe, champs, statut, phrase):
        reponse = connexion(signe.conseiller).post(url("corriger", signe), self.correction(signe, **champs))
        assertContains(reponse, phrase, status_code=statut)
        assert Synthese.objects.count() == 1

    def test_un_double_clic_ne_fait_qu_une_version(self, connexion, signe):
        client, donnees = connexion(signe.conseiller), self.correction(signe)
        for _ in range(2):
            client.post(url("corriger", signe), donnees)
        assert Synthese.objects.count() == 2

    def test_deux_corrections_a_la_fois_la_seconde_garde_son_texte(self, connexion, signe):
        client = connexion(signe.conseiller)
        seconde = self.correction(signe, synthese="Le second texte.")
        client.post(url("corriger", signe), self.correction(signe))
        reponse = client.post(url("corriger", signe), seconde)
        assertContains(reponse, "Une autre correction vient d’être faite", status_code=409)
        assertContains(reponse, "Le second texte.", status_code=409)
        assertContains(reponse, "en matinée", status_code=409)
        assert Synthese.objects.count() == 2

    def test_une_erreur_de_saisie_n_efface_pas_la_correction_faite_entre_temps(self, connexion, signe):
        client, lue = connexion(signe.conseiller), self.correction(signe, synthese="Le second texte.", motif="")
        client.post(url("corriger", signe), self.correction(signe))
        page = client.post(url("corriger", signe), lue)
        assertContains(page, f'name="version" value="{lue["version"]}"', status_code=422)
        reponse = client.post(url("corriger", signe), lue | {"motif": "Relu", "version": page.context["version"]})
        assertContains(reponse, "Une autre correction vient d’être faite", status_code=409)
        suite = lue | {"motif": "Relu", "version": reponse.context["version"], "jeton": str(uuid.uuid4())}
        assert client.post(url("corriger", signe), suite).status_code == 302
        assert Synthese.objects.count() == 3

    def test_un_entretien_clos_sans_synthese_ne_se_corrige_pas(self, connexion):
        repris = ouvert(clos=True)
        client = connexion(repris.conseiller)
        for reponse in (
            client.get(url("corriger", repris), follow=True),
            client.post(url("corriger", repris), self.correction(repris), follow=True),
        ):
            assertContains(reponse, "pas de synthèse remise à corriger")

    def test_une_version_remplacee_ne_se_signe_plus(self, connexion, clos):
        client = connexion(clos.conseiller)
        client.post(url("corriger", clos), self.correction(clos))
        signer(client, clos, DEUX)
        nouvelle, ancienne = Synthese.objects.order_by("-numero")
        assert nouvelle.document.est_scelle
        assert not ancienne.document.a_une_signature
        assert not Signature.objects.a_signer().exists()

    def test_une_troisieme_version_remplace_la_deuxieme(self, connexion, signe):
        client = connexion(signe.conseiller)
        for n in (2, 3):
            client.post(url("corriger", signe), self.correction(signe, synthese=f"Texte {n}."))
        assert [s.document.numero_version for s in Synthese.objects.order_by("numero")] == [1, 2, 3]
        assert Document.objects.get(numero_version=3).contenu["document"]["remplace"]["version"] == 2

    def test_un_entretien_ouvert_ne_se_corrige_pas(self, connexion):
        entretien = ouvert()
        client = connexion(entretien.conseiller)
        assertRedirects(client.get(url("corriger", entretien)), url("detail", entretien))
        assert client.post(url("detail", entretien), envoi(entretien)).status_code == 302

    def test_la_page_de_lecture_montre_les_versions_et_leur_raison(self, connexion, signe):
        client = connexion(signe.conseiller)
        client.post(url("corriger", signe), self.correction(signe))
        page = client.get(url("detail", signe))
        assertContains(page, "La date de la visite")
        assertContains(page, "?version=1")
        assertContains(page, "à signer")

    def test_le_responsable_ne_corrige_pas(self, connexion, signe):
        assert connexion(UtilisateurFactory(role=Role.RESPONSABLE)).get(url("corriger", signe)).status_code == 403
