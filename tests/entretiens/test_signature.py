"""Signer : à l’écran, sur papier, ou dire pourquoi non. Ce qui est signé ne change plus."""

import re

import pytest
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from documents import production
from documents.models import Document, Signature
from entretiens import actions
from journal.models import Acte, Ligne
from tests.documents.lecture import texte
from tests.entretiens.gestes import DEUX, TRACE, clore, conseillere, ouvert, posee, signer, sous_les_yeux, url

pytestmark = pytest.mark.django_db


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
