"""Signer : à l’écran, sur papier, ou dire pourquoi non. Ce qui est signé ne change plus."""

import io
import re
import uuid

import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from comptes.models import Role
from documents import production
from documents.models import Document, Signature
from entretiens import actions
from entretiens.models import Synthese
from journal.models import Acte, Ligne
from participants.models import Piece
from tests.documents.lecture import texte
from tests.entretiens.gestes import TRACE, clore, conseillere, creneau, envoi, ouvert, sous_les_yeux, url
from tests.factories import TypePieceFactory, UtilisateurFactory

pytestmark = pytest.mark.django_db


def page_numerisee(largeur=200):
    """Un PDF d’une page, comme le rend un copieur."""
    redacteur, sortie = pypdf.PdfWriter(), io.BytesIO()
    redacteur.add_blank_page(width=largeur, height=280)
    redacteur.write(sortie)
    return sortie.getvalue()


@pytest.fixture
def clos():
    entretien = ouvert()
    clore(entretien, rdv=creneau())
    return entretien


def posee(role, **champs):
    champs = {"accord": "oui", "mot": "", "trace": TRACE, "nom": ""} | champs
    return {f"{role}_{nom}": valeur for nom, valeur in champs.items() if valeur is not None}


def signer(client, entretien, donnees, **options):
    """Envoie ce que porte l’écran de signature ouvert à l’instant."""
    return client.post(url("signer", entretien), sous_les_yeux(entretien) | donnees, **options)


DEUX = posee("personne", mot="Je voudrais aussi essayer le périscolaire.") | posee("conseiller")


class TestEcran:
    def test_ce_qui_est_decide_se_lit_en_clair(self, connexion, clos):
        page = connexion(clos.conseiller).get(url("signer", clos))
        for phrase in (
            "Ce que je fais",
            "Visiter la cuisine",
            "On se revoit le",
            "Nadège Boutoille et Claire Vandamme",
        ):
            assertContains(page, phrase)

    def test_l_ecran_partage_n_a_ni_menu_ni_recherche(self, connexion, clos):
        page = connexion(clos.conseiller).get(url("signer", clos))
        assertNotContains(page, 'class="barre"')
        assertNotContains(page, 'id="recherche"')

    def test_le_texte_complet_se_lit_aussi_sans_les_notes(self, connexion):
        entretien = ouvert()
        clore(entretien, notes="CANARI-NOTES")
        client = connexion(entretien.conseiller)
        page = client.get(url("signer", entretien))
        assertContains(page, "Synthèse de l’entretien")
        assertContains(page, "Nadège cherche un poste en journée")
        assertNotContains(page, "CANARI")

    def test_chaque_identifiant_de_la_page_est_unique(self, connexion, clos):
        ids = re.findall(r'\sid="([^"]+)"', connexion(clos.conseiller).get(url("signer", clos)).content.decode())
        assert sorted(set(ids)) == sorted(ids)

    def test_ce_qui_manque_dit_aussi_l_avis_de_la_personne(self, connexion, clos):
        page = connexion(clos.conseiller).get(url("signer", clos))
        for quoi in ("l’avis", "la signature"):
            assertContains(page, f"il manque {quoi} de Mme Nadège Boutoille")

    def test_c_est_notre_phrase_qui_reproche_jamais_la_bulle_du_navigateur(self, connexion, clos):
        page = connexion(clos.conseiller).get(url("signer", clos)).content.decode()
        assert "novalidate" in re.search(r"<form[^>]*data-sceller[^>]*>", page)[0]

    def test_rien_n_est_coche_d_avance_pour_la_personne(self, connexion, clos):
        cases = connexion(clos.conseiller).get(url("signer", clos)).context["cases"]
        assert [form["accord"].value() for _, form in cases] == [None, "oui"]

    def test_un_entretien_ouvert_n_a_rien_a_signer(self, connexion):
        entretien = ouvert()
        assertRedirects(connexion(entretien.conseiller).get(url("signer", entretien)), url("detail", entretien))


class TestSigner:
    def test_les_deux_signent_et_c_est_scelle(self, connexion, clos):
        reponse = signer(connexion(clos.conseiller), clos, DEUX, follow=True)
        assertRedirects(reponse, url("detail", clos))
        assertContains(reponse, "Synthèse scellée")
        personne, conseiller = Signature.objects.order_by("-role")
        assert (personne.statut, personne.accord, personne.trace) == ("signe", True, TRACE)
        assert personne.mot == "Je voudrais aussi essayer le périscolaire."
        assert personne.signee_par == conseiller.signee_par == clos.conseiller

    def test_le_pdf_est_refait_avec_les_traces_et_son_empreinte_change(self, connexion, clos):
        document = Document.objects.get()
        production.produire(document)
        avant = document.sha256
        signer(connexion(clos.conseiller), clos, DEUX)
        production.produire_en_attente()
        document = Document.objects.get()
        assert document.sha256 not in ("", avant)
        imprime = texte(production.lire(document))
        assert "Lu et approuvé. Signé à l'écran." in imprime
        assert "Je voudrais aussi essayer le périscolaire." in imprime

    def test_le_nom_tape_vaut_un_trace(self, connexion, clos):
        donnees = posee("personne", trace="", nom="Nadège Boutoille") | posee("conseiller")
        signer(connexion(clos.conseiller), clos, donnees)
        assert Document.objects.get().est_scelle
        assert "Nadège Boutoille" in texte(production.lire(Document.objects.get()))

    def test_pas_d_accord_se_signe_et_s_imprime(self, connexion, clos):
        signer(connexion(clos.conseiller), clos, posee("personne", accord="non") | posee("conseiller"))
        assert Signature.objects.get(role="personne").accord is False

    def test_qui_n_est_pas_d_accord_n_a_pas_approuve(self, connexion, clos):
        signer(connexion(clos.conseiller), clos, posee("personne", accord="non") | posee("conseiller"))
        imprime = texte(production.lire(Document.objects.get()))
        assert imprime.count("Lu et approuvé. Signé à l'écran.") == 1  # la conseillère
        assert "Lu. Signé à l'écran." in imprime

    def test_la_personne_peut_signer_d_abord(self, connexion, clos):
        client = connexion(clos.conseiller)
        reponse = signer(client, clos, posee("personne"), follow=True)
        assertContains(reponse, "Il reste à signer : Mme Claire Vandamme.")
        signer(client, clos, posee("conseiller"))
        assert Document.objects.get().est_scelle

    @pytest.mark.parametrize(
        ("donnees", "phrase"),
        [
            ({}, "Il manque une signature"),
            (posee("personne", accord=None), "Choisissez « D’accord »"),
            (posee("personne", trace="M1 1h.1"), "trop court"),
            (posee("personne", trace="M0 0<script>"), "n’a pas pu être lu"),
            (posee("personne", mot="2 88 03 59 123 456 78"), "numéro de sécurité sociale"),
        ],
        ids=["rien", "sans avis", "un point", "autre chose", "un NIR"],
    )
    def test_une_signature_incomplete_est_refusee_et_le_reste_garde(self, connexion, clos, donnees, phrase):
        reponse = signer(connexion(clos.conseiller), clos, donnees)
        assertContains(reponse, phrase, status_code=422)
        assert not Signature.objects.filter(statut="signe").exists()

    def test_un_refus_rend_le_trace_le_nom_le_mot_et_le_texte_choisi(self, connexion, clos):
        envoi = posee("personne", accord=None, mot="Je relirai.") | posee("conseiller", trace="", nom="C. Vandamme")
        reponse = signer(connexion(clos.conseiller), clos, envoi | {"texte": "complet"})
        for rendu in (
            f'value="{TRACE}"',
            "Je relirai.",
            'value="C. Vandamme"',
            'id="texte-complet" form="sceller" checked',
        ):
            assertContains(reponse, rendu, status_code=422)

    def test_un_double_clic_ne_signe_qu_une_fois_et_ne_casse_rien(self, connexion, clos):
        client = connexion(clos.conseiller)
        signer(client, clos, DEUX)
        avant = list(Signature.objects.order_by("pk").values_list("signee_le", "version"))
        reponse = signer(client, clos, DEUX, follow=True)
        assertRedirects(reponse, url("detail", clos))
        assert list(Signature.objects.order_by("pk").values_list("signee_le", "version")) == avant

    def test_le_conseiller_ne_signe_que_pour_lui(self, connexion, clos):
        collegue = conseillere(clos.participant.antenne, "Samira", "Duhoux")
        client = connexion(collegue)
        page = client.get(url("signer", clos))
        assertContains(page, "Mme Claire Vandamme signera dans sa propre session.")
        signer(client, clos, DEUX)
        assert dict(Signature.objects.values_list("role", "statut")) == {"personne": "signe", "conseiller": "a_signer"}

    def test_lire_pour_signer_se_consigne(self, connexion, clos):
        connexion(clos.conseiller).get(url("signer", clos))
        assert Ligne.objects.filter(acte=Acte.LECTURE, objet_id=Document.objects.get().pk).exists()


class TestVersionLue:
    """On ne signe, ne refuse et ne joint que pour le texte que l’on a sous les yeux."""

    @pytest.fixture
    def corrigee(self, clos):
        """Ouverte à l’écran, puis corrigée d’un autre poste. Rend l’envoi préparé sur la version lue."""
        lue = sous_les_yeux(clos)
        clos.refresh_from_db()
        textes = {"objectif": clos.objectif, "point": clos.point, "synthese": "Elle quitte la formation."}
        actions.corriger(clos, textes, par=clos.conseiller, version=clos.version, motif="La fin")
        return lue

    @pytest.mark.parametrize(
        "acte",
        [DEUX, {"acte": "refuser", "motif": "parti"}, {"acte": "papier"}],
        ids=["signer", "refuser", "papier"],
    )
    def test_une_version_corrigee_apres_la_lecture_se_relit_avant(self, connexion, clos, corrigee, acte):
        reponse = connexion(clos.conseiller).post(url("signer", clos), corrigee | acte)
        assertContains(reponse, "Elle quitte la formation.", status_code=409)
        assertContains(reponse, "corrigée entre-temps", status_code=409)
        assert set(Signature.objects.values_list("statut", flat=True)) == {"a_signer"}
        lu = Ligne.objects.filter(acte=Acte.LECTURE, objet_id=Document.objects.get(numero_version=2).pk)
        assert lu.exists()

    def test_le_mot_tape_reste_mais_ni_l_avis_ni_le_trace(self, connexion, clos, corrigee):
        reponse = connexion(clos.conseiller).post(url("signer", clos), corrigee | DEUX)
        assertContains(reponse, "essayer le périscolaire", status_code=409)
        assertNotContains(reponse, TRACE, status_code=409)
        personne = next(form for s, form in reponse.context["cases"] if s.role == "personne")
        assert personne["accord"].value() is None

    def test_un_envoi_qui_ne_dit_pas_ce_qui_est_lu_ne_signe_rien(self, connexion, clos):
        assert connexion(clos.conseiller).post(url("signer", clos), DEUX).status_code == 409
        assert not Signature.objects.filter(statut="signe").exists()

    def test_les_trois_formulaires_portent_la_version_montree(self, connexion, clos):
        page = connexion(clos.conseiller).get(url("signer", clos))
        assertContains(page, f'name="document" value="{sous_les_yeux(clos)["document"]}"', count=3)


class TestRefus:
    def test_la_raison_est_gardee_et_l_entretien_reste_clos(self, connexion, clos):
        client = connexion(clos.conseiller)
        signer(client, clos, posee("conseiller"))
        signer(client, clos, {"acte": "refuser", "motif": "pas_d_accord"})
        document = Document.objects.get()
        assert document.est_signe
        assert not document.est_scelle
        imprime = texte(production.lire(document))
        assert "Non signé" in imprime
        assert "n'est pas d'accord avec le texte" in imprime

    def test_un_refus_seul_se_dit_refus_et_nomme_qui_reste(self, connexion, clos):
        reponse = signer(connexion(clos.conseiller), clos, {"acte": "refuser", "motif": "pas_d_accord"}, follow=True)
        dits = [str(message) for message in reponse.context["messages"]]
        assert dits == [f"Refus noté. Il reste à signer : {Signature.objects.get(statut='a_signer').nom}."]

    def test_ce_qui_se_signe_se_lit_en_entier_en_clair_aussi(self, connexion, clos):
        reponse = connexion(clos.conseiller).get(url("signer", clos))
        assertContains(reponse, clos.synthese)

    def test_un_refus_sans_raison_est_refuse(self, connexion, clos):
        reponse = signer(connexion(clos.conseiller), clos, {"acte": "refuser", "motif": ""})
        assertContains(reponse, "Choisissez une raison.", status_code=422)

    def test_une_raison_inventee_est_refusee(self, connexion, clos):
        reponse = signer(connexion(clos.conseiller), clos, {"acte": "refuser", "motif": "caprice"})
        assert reponse.status_code == 422

    def test_elle_peut_encore_signer_apres(self, connexion, clos):
        client = connexion(clos.conseiller)
        signer(client, clos, {"acte": "refuser", "motif": "parti"})
        signer(client, clos, DEUX)
        signature = Signature.objects.get(role="personne")
        assert (signature.statut, signature.motif_refus) == ("signe", "")

    def test_on_ne_refuse_pas_ce_qui_est_signe(self, connexion, clos):
        client = connexion(clos.conseiller)
        signer(client, clos, DEUX)
        signer(client, clos, {"acte": "refuser", "motif": "parti"})
        assert Signature.objects.get(role="personne").statut == "signe"


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
