"""De quoi fabriquer en mémoire des fichiers honnêtes et des fichiers piégés ; le corpus en fait la liste."""

import io
import struct
import zipfile
import zlib

import pillow_heif
import pypdf
from PIL import Image, PngImagePlugin

# --- PDF ---------------------------------------------------------------------------------------------------------


def pdf(*objets, catalogue="", page="", pages=1, entete=b"%PDF-1.7\n", trailer=""):
    """Un PDF fait à la main. Objets : 1 catalogue, 2 pages, 3 texte, puis `objets` (4, 5…), puis les pages."""
    texte = b"BT /F1 12 Tf 72 720 Td (Attestation) Tj ET"
    premier = 4 + len(objets)
    kids = " ".join(f"{premier + n} 0 R" for n in range(pages))
    corps = [
        f"<< /Type /Catalog /Pages 2 0 R {catalogue} >>".encode(),
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(texte), texte),
        *(o if isinstance(o, bytes) else o.encode() for o in objets),
        *[f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R {page} >>".encode()] * pages,
    ]
    sortie, positions = bytearray(entete), []
    for numero, objet in enumerate(corps, 1):
        positions.append(len(sortie))
        sortie += b"%d 0 obj\n%s\nendobj\n" % (numero, objet)
    debut = len(sortie)
    sortie += b"xref\n0 %d\n0000000000 65535 f \n" % (len(corps) + 1)
    sortie += b"".join(b"%010d 00000 n \n" % position for position in positions)
    sortie += f"trailer\n<< /Size {len(corps) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{debut}\n%%EOF\n".encode()
    return bytes(sortie)


def flux(octets, entrees):
    return f"<< {entrees} /Length {len(octets)} >>\nstream\n".encode() + octets + b"\nendstream"


def action(objet):
    return lambda: pdf(objet, catalogue="/OpenAction 4 0 R")


def annotation(objet):
    return lambda: pdf(f"<< /Type /Annot /Rect [0 0 9 9] {objet} >>", page="/Annots [4 0 R]")


def gonflable(taille, niveaux=1):
    """`taille` octets nuls, compressés une ou plusieurs fois."""
    presse = zlib.compressobj(9)
    octets = b"".join(presse.compress(bytes(1 << 20)) for _ in range(taille >> 20)) + presse.flush()
    for _ in range(niveaux - 1):
        octets = zlib.compress(octets, 9)
    return octets


def pdf_chiffre(secret):
    ecrivain = pypdf.PdfWriter(clone_from=io.BytesIO(pdf()))
    ecrivain.encrypt(user_password=secret, owner_password="proprietaire", algorithm="AES-256")
    sortie = io.BytesIO()
    ecrivain.write(sortie)
    return sortie.getvalue()


def pdf_a_objets_compresses(*objets, bourre=b""):
    """Objets rangés dans un flux compressé, et table de références elle-même compressée (PDF 1.5)."""
    pages = "<< /Type /Pages /Kids [4 0 R] /Count 1 >>", "null", "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"
    corps = [o.encode() for o in ("<< /Type /Catalog /Pages 2 0 R /OpenAction 5 0 R >>", *pages, *objets)]
    positions = [sum(len(o) + 1 for o in corps[:n]) for n in range(len(corps))]
    index = " ".join(f"{n} {p}" for n, p in enumerate(positions, 1)).encode() + b"\n"
    paquet = zlib.compress(index + b"\n".join(corps) + bourre, 9)
    numero = len(corps) + 1
    sortie = bytearray(b"%PDF-1.7\n")
    ou_paquet = len(sortie)
    entrees = f"/Type /ObjStm /N {len(corps)} /First {len(index)} /Filter /FlateDecode"
    sortie += b"%d 0 obj\n%s\nendobj\n" % (numero, flux(paquet, entrees))
    ou_table = len(sortie)
    table = struct.pack(">BIH", 0, 0, 65535)
    table += b"".join(struct.pack(">BIH", 2, numero, rang) for rang in range(len(corps)))
    table += struct.pack(">BIH", 1, ou_paquet, 0) + struct.pack(">BIH", 1, ou_table, 0)
    entrees = f"/Type /XRef /Size {numero + 2} /W [1 4 2] /Root 1 0 R"
    sortie += b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (numero + 1, flux(table, entrees), ou_table)
    return bytes(sortie)


def pdf_revise(ancien, nouveau):
    """Un objet 4 remplacé par une mise à jour : l’ancien reste écrit dans le fichier."""
    base = pdf(ancien)
    position = len(base)
    ajout = f"4 0 obj\n{nouveau}\nendobj\n"
    table = (
        f"xref\n4 1\n{position:010d} 00000 n \ntrailer\n<< /Size 6 /Root 1 0 R /Prev {base.rfind(b'xref', 0, -20)} >>"
    )
    return base + f"{ajout}{table}\nstartxref\n{position + len(ajout)}\n%%EOF\n".encode()


def pages_en_cascade():
    """Sept étages de dix renvois vers l’étage du dessous : dix millions de pages dans deux kilo-octets."""
    etages = [f"<< /Type /Pages /Kids [{f'{n + 1} 0 R ' * 10}] /Count 10000000 >>" for n in range(4, 11)]
    return pdf(*etages, "<< /Type /Page /MediaBox [0 0 9 9] >>").replace(b"/Kids [12 0 R]", b"/Kids [ 4 0 R]")


# --- Images ------------------------------------------------------------------------------------------------------

ORIENTATION, LIEU = 0x0112, 0x8825


def image(format="JPEG", mode="RGB", taille=(120, 80), **options):
    sortie = io.BytesIO()
    couleur = {"CMYK": (0, 90, 90, 0), "RGBA": (200, 30, 30, 120), "L": 120, "1": 1, "I;16": 40_000}.get(
        mode, (200, 30, 30)
    )
    vue = Image.new("RGB" if mode == "P" else mode, taille, couleur)
    (vue.quantize(8) if mode == "P" else vue).save(sortie, format, **options)
    return sortie.getvalue()


def photo_situee(orientation=1):
    donnees = Image.Exif()
    donnees[ORIENTATION] = orientation
    donnees[0x010F] = "Marque du telephone"
    donnees.get_ifd(LIEU)[1] = "N"
    donnees.get_ifd(LIEU)[2] = (51.0, 2.0, 3.0)
    return image(exif=donnees)


def photo_double():
    """Ce que rendent beaucoup de téléphones : la photo et sa vignette dans un même JPEG (MPO)."""
    return image("MPO", save_all=True, append_images=[Image.new("RGB", (60, 40), "blue")])


def heic(taille=(120, 80)):
    pillow_heif.register_heif_opener()
    return image("HEIF", taille=taille)


def png_de_taille(largeur, hauteur):
    """Un PNG qui annonce ces dimensions, quelles que soient ses données."""
    octets = bytearray(image("PNG"))
    octets[16:24] = struct.pack(">II", largeur, hauteur)
    octets[29:33] = struct.pack(">I", zlib.crc32(octets[12:29]))
    return bytes(octets)


def jpeg_de_taille(largeur, hauteur):
    octets = bytearray(image())
    cadre = octets.find(b"\xff\xc0")
    octets[cadre + 5 : cadre + 9] = struct.pack(">HH", hauteur, largeur)
    return bytes(octets)


def heic_de_taille(largeur, hauteur):
    octets = bytearray(heic())
    etendue = octets.find(b"ispe")
    octets[etendue + 8 : etendue + 16] = struct.pack(">II", largeur, hauteur)
    return bytes(octets)


def png_bavard(texte):
    annexes = PngImagePlugin.PngInfo()
    annexes.add_text("Comment", texte, zip=len(texte) > 10_000)
    return image("PNG", pnginfo=annexes)


# --- Documents de traitement de texte ------------------------------------------------------------------------------

TYPE_ODT = "application/vnd.oasis.opendocument.text"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPE_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
XML = '<?xml version="1.0" encoding="UTF-8"?>'


def archive(entrees, compression=zipfile.ZIP_DEFLATED):
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w", compression) as zip_:
        for nom, contenu in entrees:
            zip_.writestr(zipfile.ZipInfo(nom), contenu, zipfile.ZIP_STORED if nom == "mimetype" else compression)
    return sortie.getvalue()


def docx(*entrees, corps="<w:p/>", type_=TYPE_DOCX, renvois="", entete=XML):
    types = f'<Override PartName="/word/document.xml" ContentType="{type_}"/>'
    base = [
        ("[Content_Types].xml", f"{XML}<Types>{types}</Types>"),
        ("_rels/.rels", f"{XML}<Relationships/>"),
        ("word/document.xml", f"{entete}<w:document {W}><w:body>{corps}</w:body></w:document>"),
        ("word/_rels/document.xml.rels", f"{XML}<Relationships>{renvois}</Relationships>"),
    ]
    return archive([*base, *entrees])


def renvoi(genre, cible):
    return f'<Relationship Id="r1" Type="{OFFICE}/{genre}" Target="{cible}" TargetMode="External"/>'


def odt(*entrees, corps="", mimetype=TYPE_ODT, manifeste=""):
    espaces = " ".join(
        f'xmlns:{court}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for court, long in (("office", "office"), ("text", "text"), ("draw", "drawing"), ("script", "script"))
    )
    contenu = f'{XML}<office:document-content {espaces} xmlns:xlink="http://www.w3.org/1999/xlink">{corps}</office:document-content>'
    return archive(
        [
            ("mimetype", mimetype),
            ("content.xml", contenu),
            ("META-INF/manifest.xml", f'{XML}<manifest xmlns="urn:m">{manifeste}</manifest>'),
            *entrees,
        ]
    )


def docx_chiffre():
    """Le drapeau « chiffré » posé sur chaque entrée, comme le fait une archive à mot de passe."""
    octets = bytearray(docx())
    for signature, decalage in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = octets.find(signature)
        while position >= 0:
            octets[position + decalage] |= 1
            position = octets.find(signature, position + 4)
    return bytes(octets)


def docx_replie():
    """Deux entrées de la table des matières pointent les mêmes octets."""
    octets = bytearray(docx(("word/a.xml", "<a/>"), ("word/b.xml", "<a/>")))
    tables = [n for n in range(len(octets)) if octets[n : n + 4] == b"PK\x01\x02"]
    octets[tables[-1] + 42 : tables[-1] + 46] = octets[tables[-2] + 42 : tables[-2] + 46]
    return bytes(octets)


def docx_menteur(rang):
    """L’entrée de ce rang annonce une autre somme de contrôle que la sienne."""
    octets = bytearray(docx(("word/media/1.png", image("PNG"))))
    table = [n for n in range(len(octets)) if octets[n : n + 4] == b"PK\x01\x02"][rang]
    octets[table + 16] ^= 0xFF
    return bytes(octets)
