"""Mise en page des documents par WeasyPrint, dans l’ouvrier de `plie.confinement` : ni Django, ni base, ni réseau.

Tout ce qui peut entrer dans un document est lu au démarrage. Ensuite, une adresse qui n’est pas dans cette liste
n’existe pas : il n’y a ni chemin à résoudre, ni protocole à trier (promesse PD1).
"""

import base64
import io
import logging
import re
from pathlib import Path

import segno
from fontTools.ttLib import TTFont
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

ICI = Path(__file__).resolve().parent
FEUILLES = ICI / "feuilles"
POLICES = ICI.parent / "node_modules" / "@fontsource"
ADRESSE = "https://documents.invalid/"  # domaine réservé : il ne peut mener nulle part
POLICE = re.compile(r"url\(polices/([\w-]+\.woff)\)")
VARIANTE = "pdf/ua-1"
PAGES_SUPPOSEES = 12  # une règle par page pour son code QR (12 règles : 6 ms)
LOGO_MAXIMAL = 500_000  # octets
LOGO = re.compile(r"data:(image/(?:png|jpeg));base64,([A-Za-z0-9+/]+={0,2})")
SVG = "image/svg+xml"

atelier = None


def preparer():
    """Charge feuilles, polices et images, et rend une page à blanc ; lève une erreur s’il manque un fichier."""
    global atelier
    atelier = Atelier()


def traiter(demande, corps):
    """Rend ({"refus": adresses refusées, "sans_dessin": caractères qu’aucune police ne dessine}, octets du PDF).

    demande: code, version, embleme ; corps: le HTML.
    """
    return atelier.pdf(corps.decode(), **demande)


class Chargeur(URLFetcher):
    """Ne connaît que nos feuilles, nos polices, nos dessins, les codes QR et un logo porté par la page elle-même."""

    def __init__(self):
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self.connus = {f"{ADRESSE}{f.relative_to(FEUILLES)}": f.read_bytes() for f in FEUILLES.rglob("*.svg")}
        for police in POLICE.findall((FEUILLES / "document.css").read_text("utf-8")):
            fichier = POLICES / police.split("-")[0] / "files" / police
            self.connus[f"{ADRESSE}polices/{police}"] = _sans_compression(fichier)
        self.ouvrir("", 0)

    def ouvrir(self, code, version):
        """Un nouveau document commence : ses codes QR porteront ce code et cette version."""
        self.code, self.version = code, version
        self.refus, self.ferme = 0, False

    def fetch(self, url, headers=None):
        if not self.ferme:
            if url in self.connus:
                return URLFetcherResponse(url, self.connus[url], {"Content-Type": _genre(url)})
            if page := re.fullmatch(re.escape(ADRESSE) + r"qr/(\d{1,4})\.svg", url):
                svg = code_qr(f"PLIE1.{self.code}.{self.version}.{page[1]}")
                return URLFetcherResponse(url, svg, {"Content-Type": SVG})
            if len(url) < LOGO_MAXIMAL * 4 // 3 and (logo := LOGO.fullmatch(url)):
                return URLFetcherResponse(url, base64.b64decode(logo[2]), {"Content-Type": logo[1]})
        self.refus += 1
        raise ValueError("adresse refusée")


def _genre(url):
    return SVG if url.endswith(".svg") else "font/ttf"


def _sans_compression(police):
    """Octets TrueType d’une police WOFF. WeasyPrint saurait le faire, mais y écrirait l’heure : d’autres octets."""
    sortie = io.BytesIO()
    with TTFont(police, recalcBBoxes=False, recalcTimestamp=False) as fonte:
        fonte.flavor = fonte.flavorData = None
        fonte.save(sortie)
    return sortie.getvalue()


def code_qr(texte):
    """SVG du code, toujours 25 modules de côté : correction H (30 %), Q (25 %) au-delà de 20 signes.

    Le blanc de la page tient lieu de marge.
    """
    sortie = io.BytesIO()
    code = segno.make(texte, version=2, error="q", boost_error=True)
    code.save(sortie, kind="svg", border=0, omitsize=True, svgclass=None, lineclass=None)
    return sortie.getvalue()


class Oreille(logging.Handler):
    """WeasyPrint avale ses erreurs et rend un document où il manque un dessin ; elle les compte."""

    pannes = 0

    def emit(self, record):
        self.pannes += 1


class Atelier:
    """Garde au chaud ce qui sert à tous les documents : feuilles de style, polices, dessins."""

    def __init__(self):
        self.oreille = Oreille(logging.ERROR)
        logging.getLogger("weasyprint").addHandler(self.oreille)
        self.chargeur = Chargeur()
        self.fontes = FontConfiguration()
        feuilles = sorted(FEUILLES.glob("*.css"), key=lambda feuille: (feuille.name != "document.css", feuille.name))
        self.styles = [self._css(feuille.read_text("utf-8")) for feuille in feuilles]
        self.codes_habituels = self._codes_des_pages(PAGES_SUPPOSEES)
        self.images = self._dessins()
        if self.chargeur.refus or None in self.images.values():
            raise FileNotFoundError("une police ou un dessin manque")

    def pdf(self, html, code, version, embleme):
        """Mêmes données, mêmes octets. Un document plus long que prévu est mis en page une seconde fois."""
        self.chargeur.ouvrir(code, version)
        self.oreille.pannes = 0
        # Une copie par document : un logo ou un code QR gardé passerait chez la personne suivante.
        images = self.images | {f"{ADRESSE}embleme.svg": self.images[f"{ADRESSE}embleme-{embleme}.svg"]}
        mise_en_page = self._mettre_en_page(html, self.codes_habituels, images)
        if len(mise_en_page.pages) > PAGES_SUPPOSEES:
            mise_en_page = self._mettre_en_page(html, self._codes_des_pages(len(mise_en_page.pages)), images)
        self.chargeur.ferme = True  # tout est chargé : ce qui serait demandé à l’écriture est une pièce jointe
        mise_en_page.metadata.attachments = []
        octets = mise_en_page.write_pdf(pdf_variant=VARIANTE)
        if self.oreille.pannes and not self.chargeur.refus:
            raise ValueError("document incomplet")
        sans_dessin = sum(len(fonte.missing) for fonte in mise_en_page.fonts.values())
        return {"refus": self.chargeur.refus, "sans_dessin": sans_dessin}, octets

    def _mettre_en_page(self, html, codes, images):
        page_web = HTML(string=html, base_url=ADRESSE, url_fetcher=self.chargeur)
        styles = [*self.styles, codes]
        return page_web.render(stylesheets=styles, font_config=self.fontes, cache=images, pdf_variant=VARIANTE)

    def _css(self, texte):
        return CSS(string=texte, base_url=ADRESSE, font_config=self.fontes, url_fetcher=self.chargeur)

    def _codes_des_pages(self, pages):
        """Une règle par page : le code QR est le fond du coin bas droit, dessiné seulement si la page existe."""
        regle = "@page :nth(%d) { @bottom-right { background: url(qr/%d.svg) no-repeat 0 0 / 19mm 19mm } }"
        return self._css("\n".join(regle % (n, n) for n in range(1, pages + 1)))

    def _dessins(self):
        """Les dessins prêts à poser, par adresse ; la page d’essai charge aussi ce que WeasyPrint prend au vol."""
        adresses = [adresse for adresse in self.chargeur.connus if adresse.endswith(".svg")]
        page = "".join(f'<img src="{adresse}" alt="x">' for adresse in adresses)
        images = {}
        self._mettre_en_page(
            f"<html lang=fr><title>x</title><h1>x</h1>{page}", self.codes_habituels, images
        ).write_pdf(pdf_variant=VARIANTE)
        return {adresse: images[adresse] for adresse in adresses}
