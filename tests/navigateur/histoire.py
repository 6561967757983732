"""Les gens de l’histoire, leur navigateur, et les gestes qui reviennent : se connecter, signer, montrer un écran."""

import datetime
import io

from django.conf import settings
from django.utils import timezone
from pypdf import PdfReader

from dossier.demonstration.fichiers import pdf, photo
from tests.navigateur.accessibilite import violations
from tests.navigateur.conftest import TAILLES

PERSONNE = "Nadège Boutoille"
SPECIMEN = ["BOUTOILLE Nadège", "née le 14 mars 1988", "8 rue de l’Exemple, 59760 Grande-Synthe"]
FAUX_PDF = {"name": "releve.pdf", "mimeType": "application/pdf", "buffer": b"MZ\x90\x00" + bytes(2000)}


def photo_de(nom):
    return {"name": f"{nom}.jpg", "mimeType": "image/jpeg", "buffer": photo(nom.capitalize(), SPECIMEN)}


def pdf_de(nom):
    return {"name": f"{nom}.pdf", "mimeType": "application/pdf", "buffer": pdf(nom.capitalize(), SPECIMEN)}


def jour_ouvre(dans):
    """Un jour de semaine, au moins `dans` jours plus tard."""
    jour = timezone.localdate() + datetime.timedelta(dans)
    return jour + datetime.timedelta(max(0, 7 - jour.weekday()) if jour.weekday() > 4 else 0)


class Histoire:
    """Chacun y a sa session, ouverte par la page de connexion ; les violations d’axe s’y amassent."""

    def __init__(self, ouvrir, capturer):
        self.ouvrir, self.capturer, self.fautes = ouvrir, capturer, []

    def session(self, role, *, montrer=False):
        page = self.ouvrir("/compte/connexion/")
        page.get_by_label("Adresse e-mail").fill(f"{role}@plie.example")
        page.get_by_label("Mot de passe", exact=True).fill(settings.MOT_DE_PASSE_CONNU)
        if montrer:
            self.montrer(page, "connexion")
        page.get_by_role("button", name="Se connecter").click()
        page.wait_for_url("**/")
        return page

    def montrer(self, page, nom):
        """Un écran qui compte : sans violation, sans débordement, en image aux deux tailles."""
        self.fautes += [f"{nom} : {v}" for v in violations(page)]
        page.evaluate("scrollTo(0, 0)")
        self.capturer(page, nom)
        largeur, hauteur = TAILLES["telephone"]
        page.set_viewport_size({"width": largeur, "height": hauteur})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.fautes.append(f"{nom} : la page déborde au téléphone")
        page.evaluate("scrollTo(0, 0)")
        self.capturer(page, f"{nom}-telephone")
        largeur, hauteur = TAILLES["ordinateur"]
        page.set_viewport_size({"width": largeur, "height": hauteur})


def cliquer(cadre, texte, role="button", **options):
    """Un bouton (ou un lien) par son nom, dans une page ou une partie de page, et la page qui suit."""
    with getattr(cadre, "page", cadre).expect_navigation():
        cadre.get_by_role(role, name=texte, **options).first.click()


def cocher(page, texte):
    """Une case ou un choix d’un clic, par son étiquette : c’est elle que l’on voit et que l’on touche."""
    page.locator("label", has_text=texte).first.click()


def signer(page, cadre):
    """Une signature à la souris, dans le cadre donné."""
    toile = cadre.locator("[data-pad-encre]")
    toile.scroll_into_view_if_needed()
    boite = toile.bounding_box()
    milieu = boite["y"] + boite["height"] / 2
    page.mouse.move(boite["x"] + 40, milieu)
    page.mouse.down()
    for pas in range(1, 9):
        page.mouse.move(boite["x"] + 40 + pas * 18, milieu + (18 if pas % 2 else -22))
    page.mouse.up()
    cadre.get_by_text("Signature posée").wait_for()


def texte_du_pdf(page, adresse):
    """Le document tel que remis, dans la session de la page."""
    reponse = page.context.request.get(adresse)
    assert reponse.ok
    assert reponse.headers["content-type"] == "application/pdf"
    return "\n".join(feuille.extract_text() for feuille in PdfReader(io.BytesIO(reponse.body())).pages)
