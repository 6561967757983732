"""Ce que la fabrique de PDF refuse : adresses étrangères, pièces jointes, documents trop longs ou trop gros (PD1)."""

import io
import logging
import re

import pypdf
import pytest

from documents.rendu import RenduImpossible
from tests.documents.exemples import LOGO
from tests.documents.gestes import CODE, GABARITS, brut, pdf
from tests.documents.lecture import texte

LOURD = "<table>" + "<tr><td>x</td></tr>" * 30_000 + "</table>"
ADRESSES = [
    "http://127.0.0.1/x.png",
    "https://documents.invalid/absent.svg",
    "https://documents.invalid/polices/../../settings.py",
    "https://documents.invalid/%2e%2e/enfant.py",
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "ftp://127.0.0.1/x",
    "//127.0.0.1/x",
    "data:image/svg+xml;base64,PHN2Zy8+",
    "data:text/html,x",
    "/etc/passwd",
]


@pytest.mark.parametrize("adresse", ADRESSES)
def test_pd1_aucune_adresse_etrangere_n_est_ouverte(adresse, caplog):
    brut(
        f'<link rel="stylesheet" href="{adresse}"><img src="{adresse}" alt="x"><p>Texte</p>'
        f"<style>@import url({adresse}); @font-face {{ font-family: X; src: url({adresse}) }}"
        f" p {{ background: url({adresse}); font-family: X }}</style>"
    )
    assert re.search(r"[45] adresse\(s\) refusée\(s\)", caplog.text)


@pytest.mark.parametrize("adresse", ["file:///etc/passwd", "croix.svg", "pictos/moi.svg", LOGO])
@pytest.mark.parametrize("balise", ['<link rel="attachment" href="{}">', '<a rel="attachment" href="{}">clic</a>'])
def test_pd1_aucun_fichier_n_est_joint_au_pdf(adresse, balise):
    octets = brut(balise.format(adresse))
    assert b"EmbeddedFile" not in octets
    lecteur = pypdf.PdfReader(io.BytesIO(octets))
    assert not list(lecteur.attachments)
    assert "/Names" not in lecteur.trailer["/Root"] or "/EmbeddedFiles" not in lecteur.trailer["/Root"]["/Names"]
    assert not [a for page in lecteur.pages for a in page.get("/Annots", []) if "/FS" in a.get_object()]


def test_pd1_un_document_ordinaire_n_essuie_aucun_refus(caplog):
    with caplog.at_level(logging.WARNING):
        for genre, exemple in GABARITS.items():
            pdf(exemple(), genre, logo=LOGO)
    assert caplog.records == []


@pytest.mark.lent
def test_pd1_trop_long_a_mettre_en_page_le_document_est_abandonne_a_l_heure():
    with pytest.raises(RenduImpossible, match="temps permis"):
        brut(LOURD, delai=1)
    assert texte(brut("<p>Suite</p>")).endswith("Suite ")


def test_pd1_trop_gros_pour_la_memoire_le_document_est_abandonne():
    with pytest.raises(RenduImpossible, match="trop volumineux"):
        brut(LOURD, memoire=8 << 20)
    assert "Suite" in texte(brut("<p>Suite</p>"))


def test_dp3_un_echec_est_journalise_sans_le_texte(caplog):
    with pytest.raises(RenduImpossible):
        brut("<p>Anissa Belkhiri</p>" + LOURD, memoire=8 << 20)
    assert f"Document {CODE} non rendu : memoire" in caplog.text
    assert "Belkhiri" not in caplog.text
