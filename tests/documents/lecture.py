"""Relire un PDF rendu : son texte, ses codes QR, son balisage PDF/UA."""

import io
import re
import subprocess
import unicodedata

import pypdf
import zxingcpp
from PIL import Image


def clavier(texte):
    """Apostrophes et espaces d’imprimerie ramenées à celles du clavier."""
    texte = unicodedata.normalize("NFC", texte).replace("\u2060", "").replace("\u200e", "").replace("’", "'")
    return re.sub(r"[\s\u00a0\u202f]+", " ", texte)


def texte(pdf):
    """Le texte des pages, comme on le taperait."""
    return clavier("\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages))


def nombre_de_pages(pdf):
    return len(pypdf.PdfReader(io.BytesIO(pdf)).pages)


def vues(pdf, resolution=100):
    """Chaque page dessinée en gris par pdftoppm, comme le ferait un copieur."""
    commande = ["pdftoppm", "-gray", "-r", str(resolution), "-"]
    octets = subprocess.run(commande, input=pdf, capture_output=True, check=True).stdout
    images = []
    while octets:
        image = Image.open(io.BytesIO(octets))
        image.load()
        images.append(image)
        entete = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", octets)
        octets = octets[entete.end() + int(entete[1]) * int(entete[2]) :]
    return images


def codes_qr(pdf):
    """Le texte du code de chaque page ; une page sans code, ou avec deux, donne une liste qui le montre."""
    return [[code.text for code in zxingcpp.read_barcodes(vue)] for vue in vues(pdf)]


def defauts_de_balisage(pdf):
    """Liste des manquements à PDF/UA-1 que l’on sait constater."""
    lecteur = pypdf.PdfReader(io.BytesIO(pdf))
    racine = lecteur.trailer["/Root"]
    balises = list(_balises(racine["/StructTreeRoot"]))
    constats = {
        "pas d’identifiant PDF/UA-1": not re.search(
            r"pdfuaid:part\W+1", racine["/Metadata"].get_object().get_data().decode()
        ),
        "langue absente": racine.get("/Lang") != "fr",
        "titre absent": not lecteur.metadata.title,
        "titre non affiché": not racine["/ViewerPreferences"]["/DisplayDocTitle"],
        "non balisé": not racine["/MarkInfo"]["/Marked"],
        "titres sautés": _titres_sautes(balises),
        "figure sans texte": any(nom == "/Figure" and not noeud.get("/Alt") for nom, noeud in balises),
        "tableau sans en-tête": any(
            nom == "/Table" and "/TH" not in dict(_balises(noeud["/K"])) for nom, noeud in balises
        ),
        "police non incorporée": not all(_incorporee(police) for police in _polices(lecteur)),
    }
    return [defaut for defaut, constate in constats.items() if constate]


def _titres_sautes(balises):
    niveaux = [int(nom[2]) for nom, _ in balises if re.fullmatch(r"/H\d", nom)]
    return niveaux[:1] != [1] or 1 in niveaux[1:] or any(b > a + 1 for a, b in zip(niveaux, niveaux[1:], strict=False))


def _polices(lecteur):
    return [police for page in lecteur.pages for police in page["/Resources"]["/Font"].values()]


def _incorporee(police):
    descripteur = police["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
    return {"/FontFile2", "/FontFile3"} & descripteur.keys() and "/ToUnicode" in police.get_object()


def _balises(noeud):
    noeud = noeud.get_object() if hasattr(noeud, "get_object") else noeud
    if isinstance(noeud, list):
        for enfant in noeud:
            yield from _balises(enfant)
    elif isinstance(noeud, dict):
        if "/S" in noeud:
            yield noeud["/S"], noeud
        if "/K" in noeud:
            yield from _balises(noeud["/K"])
