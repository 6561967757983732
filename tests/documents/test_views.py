"""Vérifier un document : public, muet sur la personne, la même réponse pour tout ce qui n’existe pas."""

import pytest
from django.core.cache import cache
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from documents.models import Document
from documents.views import ESSAIS_PAR_MINUTE
from tests.entretiens.gestes import clore, ouvert
from tests.factories import DocumentFactory, SignatureFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _compteur_neuf():
    cache.clear()
    yield
    cache.clear()


def verifier(client, code):
    return client.get(reverse("documents:verifier", args=[code]))


@pytest.fixture
def document():
    clore(ouvert(synthese="CANARI-TEXTE"), notes="CANARI-NOTES")
    return Document.objects.get()


class TestVerifier:
    def test_sans_compte_on_apprend_ce_que_c_est_et_de_quand(self, client, document):
        page = verifier(client, document.code)
        assertContains(page, "Synthèse d’entretien, version 1")
        assertContains(page, "C’est la version qui vaut aujourd’hui.")
        assertContains(page, "Pas encore signé")

    def test_elle_ne_dit_rien_de_la_personne_ni_du_contenu(self, client, document):
        page = verifier(client, document.code).content.decode()
        participant = document.participant
        for prive in (
            participant.nom,
            participant.prenom,
            participant.numero,
            "Vandamme",
            "CANARI",
            "cuisine",
            str(participant.pk),
        ):
            assert prive not in page, prive

    @pytest.mark.parametrize(
        ("signees", "phrase"), [(1, "1\u00a0signature sur 2"), (2, "Signé : 2\u00a0signatures sur 2")]
    )
    def test_elle_compte_les_signatures(self, client, document, signees, phrase):
        for signature in list(document.signatures.all())[:signees]:
            signature.signer(par=document.fige_par, accord=True, nom_tape="X")
        assertContains(verifier(client, document.code), phrase)

    def test_un_accord_n_a_qu_une_signature(self, client):
        accord = DocumentFactory(genre="accord")
        SignatureFactory(document=accord).signer(par=accord.fige_par, accord=True, nom_tape="X")
        assertContains(verifier(client, accord.code), "Signé : 1\u00a0signature sur 1")

    def test_un_document_remplace_le_dit(self, client, document):
        DocumentFactory(participant=document.participant, remplace=document, numero_version=2)
        assertContains(verifier(client, document.code), "la version 2 le remplace")

    def test_le_code_se_recopie_comme_on_le_lit(self, client, document):
        lisible = f"{document.code[:5]}-{document.code[5:]}".lower().replace("1", "l").replace("0", "o")
        assert verifier(client, lisible).status_code == 200

    @pytest.mark.parametrize("code", ["AAAAAAAAAA", "ZZZZZ-ZZZZZ", "court", "UUUUUUUUUU", "x" * 60, "<script>", "é"])
    def test_tout_code_qui_ne_mene_a_rien_a_la_meme_reponse(self, client, document, code):
        inconnu, autre = verifier(client, code), verifier(client, "0123456789")
        assert inconnu.status_code == autre.status_code == 404
        assert sans_nonce(inconnu) == sans_nonce(autre)

    def test_trop_d_essais_en_une_minute_attendent(self, client, document):
        for _ in range(ESSAIS_PAR_MINUTE):
            verifier(client, "AAAAAAAAAA")
        assert verifier(client, document.code).status_code == 429

    def test_on_le_tape_aussi(self, client, document):
        assertContains(client.get(reverse("documents:verification")), "Code du document")
        reponse = client.get(reverse("documents:verification"), {"code": " 7K3M9 QXT4D "})
        assertRedirects(reponse, reverse("documents:verifier", args=["7K3M9QXT4D"]), target_status_code=404)

    def test_verifier_coute_peu(self, client, document, django_assert_max_num_queries):
        """Deux lectures, et le compteur d’essais, tenu en base."""
        with django_assert_max_num_queries(14):
            verifier(client, document.code)


def sans_nonce(reponse):
    """Les octets de la page, sans ce qui change à chaque requête."""
    nonce = reponse.wsgi_request.csp_nonce
    jeton = reponse.context["csrf_token"]
    return reponse.content.decode().replace(str(nonce), "").replace(str(jeton), "")
