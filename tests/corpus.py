"""Des fichiers honnêtes et des fichiers piégés, fabriqués en mémoire : rien de binaire n’entre dans le dépôt.

Chaque cas dit son verdict : accepté (`refus` vide), ou un morceau de la phrase de refus attendue.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from tests.faux_fichiers import (
    TYPE_ODT,
    XML,
    action,
    annotation,
    archive,
    docx,
    docx_chiffre,
    docx_menteur,
    docx_replie,
    flux,
    gonflable,
    heic,
    heic_de_taille,
    image,
    jpeg_de_taille,
    odt,
    pages_en_cascade,
    pdf,
    pdf_a_objets_compresses,
    pdf_chiffre,
    pdf_revise,
    photo_double,
    photo_situee,
    png_bavard,
    png_de_taille,
    renvoi,
)


@dataclass(frozen=True)
class Cas:
    titre: str
    nom: str
    fabrique: Callable[[], bytes]
    refus: str = ""

    def contenu(self):
        return _fabriquer(self.fabrique)


@cache
def _fabriquer(fabrique):
    return fabrique()


# --- Les cas -----------------------------------------------------------------------------------------------------

MO = 1 << 20
JS = "<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
LIEN = "<< /S /URI /URI (%s) >>"
PROGRAMME = b"MZ\x90\0\x03" + bytes(200)
PAGE_WEB = b"<!doctype html><script>alert(1)</script>"
ZIP = archive([("charge.class", b"x" * 50)])
MILLIARD = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
DDE = "<w:p><w:r><w:instrText>DDEA</w:instrText></w:r><w:r><w:instrText>UTO c:\\x.exe</w:instrText></w:r></w:p>"
EVENEMENT = '<office:scripts><script:event-listener script:language="x"/></office:scripts>'

HONNETES = [
    Cas("PDF d’une page", "attestation.pdf", pdf),
    Cas("PDF de trois pages", "bail.pdf", lambda: pdf(pages=3)),
    Cas("PDF suivi de blancs", "avis.pdf", lambda: pdf() + b"\r\n\0\0\n"),
    Cas("PDF avec un lien vers un site", "cv.pdf", annotation("/Subtype /Link /A " + LIEN % "https://exemple.fr")),
    Cas("PDF avec un formulaire simple", "cerfa.pdf", lambda: pdf(catalogue="/AcroForm << /Fields [] >>")),
    Cas("PDF qui s’ouvre à la page 1", "notice.pdf", lambda: pdf(catalogue="/OpenAction [4 0 R /Fit]")),
    Cas("PDF mis à jour", "bail.pdf", lambda: pdf_revise("<< /Ancien true >>", "<< /Nouveau true >>")),
    Cas("PDF qui parle de JavaScript", "cv.pdf", lambda: pdf("<< /Note (HTML/JavaScript, /Launch) >>")),
    Cas("PDF à objets compressés", "scan.pdf", lambda: pdf_a_objets_compresses("<< /S /GoTo /D [4 0 R /Fit] >>")),
    Cas("PDF de 10 Mo tout juste", "gros.pdf", lambda: pdf() + b"\n" * (10 * MO - len(pdf()))),
    Cas("photo", "photo.jpg", image),
    Cas("photo, extension longue et en capitales", "PHOTO.JPEG", image),
    Cas("photo en deux vues", "photo.jpg", photo_double),
    Cas("photo en gris", "scan.jpg", lambda: image(mode="L")),
    Cas("photo à quatre encres", "scan.jpg", lambda: image(mode="CMYK")),
    Cas("photo avec le lieu de prise de vue", "photo.jpg", photo_situee),
    Cas("photo tenue de côté", "photo.jpg", lambda: photo_situee(orientation=6)),
    Cas("photo suivie d’une archive", "photo.jpg", lambda: image() + ZIP),
    Cas("photo suivie d’une page web", "photo.jpg", lambda: image() + PAGE_WEB),
    Cas("photo avec un commentaire piégé", "photo.jpg", lambda: image(comment=b"<?php system($_GET[0]); ?>")),
    Cas("image transparente", "logo.png", lambda: image("PNG", "RGBA")),
    Cas("image à palette", "scan.png", lambda: image("PNG", "P")),
    Cas("image en 16 bits", "scan.png", lambda: image("PNG", "I;16")),
    Cas("image en noir et blanc", "scan.png", lambda: image("PNG", "1")),
    Cas("image avec un texte piégé", "scan.png", lambda: png_bavard("<script>alert(1)</script>")),
    Cas("image suivie d’un programme", "scan.png", lambda: image("PNG") + PROGRAMME),
    Cas("photo HEIC", "IMG_0001.HEIC", heic),
    Cas("ODT", "cv.odt", odt),
    Cas("ODT avec une image", "cv.odt", lambda: odt(("Pictures/1.png", image("PNG")))),
    Cas("ODT avec un réglage vide", "cv.odt", lambda: odt(("Configurations2/accelerator/current.xml", ""))),
    Cas("ODT avec un lien", "cv.odt", lambda: odt(corps='<text:a xlink:href="https://exemple.fr"/>')),
    Cas("DOCX", "cv.docx", docx),
    Cas("DOCX avec une image", "cv.docx", lambda: docx(("word/media/vbanniere.png", image("PNG")))),
    Cas("DOCX avec un lien", "cv.docx", lambda: docx(renvois=renvoi("hyperlink", "https://exemple.fr"))),
    Cas("DOCX d’après un modèle du poste", "cv.docx",
        lambda: docx(renvois=renvoi("attachedTemplate", "file:///C:\\Modeles\\lettre.dotx"))),
]  # fmt: skip

PIEGES = [
    # Taille et nom
    Cas("fichier vide", "cv.pdf", bytes, "vide"),
    Cas("plus de 10 Mo", "photo.jpg", lambda: image() + bytes(10 * MO), "limite est de 10 Mo"),
    Cas("sans extension", "attestation", pdf, "pas d’extension"),
    Cas("sans nom", "", pdf, "pas d’extension"),
    Cas("programme", "cv.exe", lambda: PROGRAMME, "« .exe » ne sont pas acceptés"),
    Cas("double extension", "cv.pdf.exe", pdf, "« .exe » ne sont pas acceptés"),
    Cas("sens d’écriture inversé", "cv\u202efdp.exe", pdf, "« .exe » ne sont pas acceptés"),
    Cas("page web", "cv.html", lambda: PAGE_WEB, "« .html » ne sont pas acceptés"),
    Cas("dessin SVG", "logo.svg", lambda: b"<svg/>", "« .svg » ne sont pas acceptés"),
    Cas("document à macros", "cv.docm", docx, "macros"),
    Cas("ancien document", "cv.doc", lambda: b"\xd0\xcf\x11\xe0" + bytes(99), "DOCX ou PDF"),
    Cas("archive", "pieces.zip", lambda: ZIP, "un par un"),
    Cas("image GIF", "scan.gif", lambda: image("GIF"), "JPEG ou PNG"),
    # Le contenu n’est pas ce que dit le nom
    Cas("programme renommé en PDF", "cv.pdf", lambda: PROGRAMME, "son contenu est un programme"),
    Cas("programme Linux renommé en photo", "photo.jpg", lambda: b"\x7fELF" + bytes(99), "un programme"),
    Cas("script renommé en PDF", "cv.pdf", lambda: b"#!/bin/sh\nrm -rf ~\n", "un programme"),
    Cas("page web renommée en PDF", "cv.pdf", lambda: PAGE_WEB, "une page web"),
    Cas("SVG renommé en PNG", "logo.png", lambda: b"<svg onload='alert(1)'/>", "une page web"),
    Cas("PNG renommé en JPEG", "photo.jpg", lambda: image("PNG"), "une image PNG"),
    Cas("JPEG renommé en PNG", "photo.png", image, "une photo JPEG"),
    Cas("GIF renommé en JPEG", "photo.jpg", lambda: image("GIF") + ZIP, "une image GIF"),
    Cas("PDF renommé en photo", "photo.jpg", pdf, "un PDF"),
    Cas("photo HEIC renommée en JPEG", "photo.jpg", heic, "une photo HEIC"),
    Cas("AVIF renommé en HEIC", "photo.heic", lambda: b"\0\0\0\x1cftypavif" + bytes(99), "une image AVIF"),
    Cas("texte renommé en PDF", "cv.pdf", lambda: b"Bonjour, voici mon CV.", "d’un autre genre"),
    Cas("DOCX à mot de passe", "cv.docx", lambda: b"\xd0\xcf\x11\xe0" + bytes(99), "mot de passe"),
    Cas("archive renommée en DOCX", "cv.docx", lambda: archive([("a.xml", "<a/>")]), "ne correspond pas à son nom"),
    Cas("DOCX renommé en ODT", "cv.odt", docx, "ne correspond pas à son nom"),
    Cas("ODT renommé en DOCX", "cv.docx", odt, "ne correspond pas à son nom"),
    Cas("tableur renommé en ODT", "cv.odt", lambda: odt(mimetype=TYPE_ODT[:-4] + "spreadsheet"), "ne correspond pas"),
    # Images
    Cas("JPEG coupé", "photo.jpg", lambda: image(taille=(900, 900))[:4000], "incomplet ou abîmé"),
    Cas("JPEG réduit à son entête", "photo.jpg", lambda: b"\xff\xd8\xff\xe0", "incomplet ou abîmé"),
    Cas("PNG coupé", "scan.png", lambda: image("PNG", taille=(900, 900))[:600], "incomplet ou abîmé"),
    Cas("HEIC coupé", "photo.heic", lambda: heic()[:200], "incomplet ou abîmé"),
    Cas("PNG de 48 millions de points", "scan.png", lambda: png_de_taille(8000, 6000), "40 millions"),
    Cas("PNG de 3 milliards de points", "scan.png", lambda: png_de_taille(60000, 50000), "40 millions"),
    Cas("PNG d’un point de haut", "scan.png", lambda: png_de_taille(40_000, 1), "40 millions"),
    Cas("JPEG de 4 milliards de points", "photo.jpg", lambda: jpeg_de_taille(65500, 65500), "40 millions"),
    Cas("HEIC de 48 millions de points", "photo.heic", lambda: heic_de_taille(8000, 6000), "40 millions"),
    Cas("PNG au commentaire qui gonfle", "scan.png", lambda: png_bavard("a" * (90 * MO)), "incomplet ou abîmé"),
    # PDF
    Cas("PDF coupé", "cv.pdf", lambda: pdf()[:300], "incomplet ou abîmé"),
    Cas("PDF réduit à son entête", "cv.pdf", lambda: b"%PDF-1.7\n%%EOF", "incomplet ou abîmé"),
    Cas("PDF sans page", "cv.pdf", lambda: pdf(pages=0), "incomplet ou abîmé"),
    Cas("PDF précédé d’une page web", "cv.pdf", lambda: PAGE_WEB + pdf(), "une page web"),
    Cas("PDF précédé d’une image", "cv.pdf", lambda: image("GIF") + pdf(), "une image GIF"),
    Cas("PDF et page web à la fois", "cv.pdf", lambda: pdf(entete=b"%PDF-1.7\n%" + PAGE_WEB + b"\n"), "cache autre"),
    Cas("PDF suivi d’une archive", "cv.pdf", lambda: pdf() + ZIP, "cache autre chose"),
    Cas("PDF suivi d’une archive déguisée", "cv.pdf", lambda: pdf() + ZIP + b"%%EOF", "cache autre chose"),
    Cas("PDF suivi d’un programme", "cv.pdf", lambda: pdf() + PROGRAMME, "cache autre chose"),
    Cas("PDF à mot de passe", "cv.pdf", lambda: pdf_chiffre("secret"), "mot de passe"),
    Cas("PDF protégé contre la copie", "cv.pdf", lambda: pdf_chiffre(""), "protégé contre la copie"),
    Cas("PDF à JavaScript", "cv.pdf", action(JS), "JavaScript"),
    Cas("PDF à JavaScript masqué", "cv.pdf", action("<< /S /J#61vaScript /J#53 (x) >>"), "JavaScript"),
    Cas("PDF à JavaScript nommé", "cv.pdf", lambda: pdf(catalogue="/Names << /JavaScript << >> >>"), "JavaScript"),
    Cas("PDF à JavaScript compressé", "cv.pdf", lambda: pdf_a_objets_compresses(JS), "JavaScript"),
    Cas("PDF à JavaScript abandonné", "cv.pdf", lambda: pdf_revise(JS, "<< /A 1 >>"), "JavaScript"),
    Cas("PDF à JavaScript au survol", "cv.pdf", annotation(f"/Subtype /Widget /AA << /E {JS} >>"), "JavaScript"),
    Cas("PDF qui lance un programme", "cv.pdf", action("<< /S /Launch /F (cmd.exe) >>"), "ouvrir un autre fichier"),
    Cas("PDF qui envoie des données", "cv.pdf", action("<< /S /SubmitForm /F (http://x) >>"), "envoyer des données"),
    Cas("PDF qui ouvre un autre fichier", "cv.pdf", action("<< /S /GoToR /F (//x/y) >>"), "ouvrir un autre fichier"),
    Cas("PDF au lien programmé", "cv.pdf", action(LIEN % "JavaScript:alert"), "ouvrir un autre fichier"),
    Cas("PDF au lien vers le disque", "cv.pdf", action(LIEN % "file:///etc/passwd"), "ouvrir un autre fichier"),
    Cas("PDF à contenu extérieur", "cv.pdf", lambda: pdf(flux(b"", "/F (//x/y)")), "ouvrir un autre fichier"),
    Cas("PDF avec fichier joint", "cv.pdf", lambda: pdf(flux(b"MZ", "/Type /EmbeddedFile")), "fichiers joints"),
    Cas("PDF avec fichier épinglé", "cv.pdf", annotation("/Subtype /FileAttachment"), "fichiers joints"),
    Cas("PDF à formulaire XFA", "cv.pdf", lambda: pdf(catalogue="/AcroForm << /XFA 4 0 R >>"), "XFA"),
    Cas("PDF à vidéo", "cv.pdf", annotation("/Subtype /RichMedia"), "vidéo"),
    Cas("PDF à son", "cv.pdf", action("<< /S /Sound >>"), "du son"),
    Cas("PDF qui gonfle", "cv.pdf", lambda: pdf(flux(gonflable(420 * MO), "/Filter /FlateDecode")), "énorme"),
    Cas("PDF qui gonfle deux fois", "cv.pdf",
        lambda: pdf(flux(gonflable(64 * MO, 2), "/Filter [/FlateDecode /FlateDecode]")), "énorme"),
    Cas("PDF aux objets qui gonflent", "cv.pdf",
        lambda: pdf_a_objets_compresses("<< >>", bourre=b" " * (90 * MO)), "énorme"),
    Cas("PDF à image géante", "cv.pdf",
        lambda: pdf(flux(b"", "/Subtype /Image /Width 60000 /Height 60000")), "énorme"),
    Cas("PDF de 301 pages", "cv.pdf", lambda: pdf(pages=301), "301 pages"),
    Cas("PDF de 10 millions de pages", "cv.pdf", pages_en_cascade, "énorme"),
    Cas("PDF aux tableaux emboîtés", "cv.pdf", lambda: pdf("[" * 30_000 + "]" * 30_000), "incomplet ou abîmé"),
    # Traitement de texte
    Cas("DOCX coupé", "cv.docx", lambda: docx()[:-30], "incomplet ou abîmé"),
    Cas("DOCX suivi d’un programme", "cv.docx", lambda: docx() + PROGRAMME, "cache autre chose"),
    Cas("DOCX au texte abîmé", "cv.docx", lambda: docx_menteur(0), "incomplet ou abîmé"),
    Cas("DOCX à l’image abîmée", "cv.docx", lambda: docx_menteur(-1), "incomplet ou abîmé"),
    Cas("DOCX à XML faux", "cv.docx", lambda: docx(corps="<w:p>"), "incomplet ou abîmé"),
    Cas("DOCX chiffré", "cv.docx", docx_chiffre, "mot de passe"),
    Cas("DOCX replié sur lui-même", "cv.docx", docx_replie, "énorme"),
    Cas("DOCX qui gonfle", "cv.docx", lambda: docx(("word/a.xml", b" " * (60 * MO))), "énorme"),
    Cas("DOCX de 3 000 entrées", "cv.docx", lambda: docx(*[(f"word/{n}.xml", "") for n in range(3000)]), "énorme"),
    Cas("DOCX aux entités multipliées", "cv.docx", lambda: docx(entete=XML + MILLIARD), "énorme"),
    Cas("DOCX aux noms doublés", "cv.docx", lambda: docx(("word/Document.xml", "<a/>")), "cache autre chose"),
    Cas("DOCX qui sort de son dossier", "cv.docx", lambda: docx(("../../x.xml", "<a/>")), "cache autre chose"),
    Cas("DOCX à macros", "cv.docx", lambda: docx(("word/vbaProject.bin", b"x")), "macros"),
    Cas("DOCM renommé", "cv.docx", lambda: docx(type_="application/vnd.ms-word.document.macroEnabled"), "macros"),
    Cas("DOCX à objet OLE", "cv.docx", lambda: docx(("word/embeddings/oleObject1.bin", b"x")), "ni du texte"),
    Cas("DOCX à contrôle ActiveX", "cv.docx", lambda: docx(corps="<w:control/>"), "ni du texte"),
    Cas("DOCX avec un programme dedans", "cv.docx", lambda: docx(("word/media/x.exe", PROGRAMME)), "ni du texte"),
    Cas("DOCX au modèle lointain", "cv.docx",
        lambda: docx(renvois=renvoi("attachedTemplate", "https://x/a.dotm")), "ailleurs"),
    Cas("DOCX à l’image lointaine", "cv.docx", lambda: docx(renvois=renvoi("image", "http://x/a.png")), "ailleurs"),
    Cas("DOCX à champ DDE coupé en deux", "cv.docx", lambda: docx(corps=DDE), "ailleurs"),
    Cas("ODT à macros", "cv.odt", lambda: odt(("Basic/Standard/Module1.xml", "<a/>")), "macros"),
    Cas("ODT à événement programmé", "cv.odt", lambda: odt(corps=EVENEMENT), "macros"),
    Cas("ODT au lien programmé", "cv.odt", lambda: odt(corps='<text:a xlink:href="vnd.sun.star.script:x"/>'), "macros"),
    Cas("ODT chiffré", "cv.odt", lambda: odt(manifeste="<encryption-data/>"), "mot de passe"),
    Cas("ODT à l’image lointaine", "cv.odt", lambda: odt(corps='<draw:image xlink:href="http://x/a.png"/>'), "ailleurs"),
    Cas("ODT à objet OLE", "cv.odt", lambda: odt(("Object 1", b"\xd0\xcf")), "ni du texte"),
]  # fmt: skip
