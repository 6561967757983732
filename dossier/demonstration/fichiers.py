"""De petites pièces inventées : PDF d’une page et photos, distinctes pour chaque personne."""

import hashlib
import io
import unicodedata

from django.core.files.storage import default_storage
from PIL import Image, ImageDraw, ImageFont

LARGEUR, HAUTEUR = 595, 842


def pdf(titre, lignes):
    """Octets d’un PDF d’une page, écrit à la main : un titre, des lignes, la mention « spécimen »."""
    dessin = [f"BT /F2 16 Tf 60 760 Td ({_texte(titre)}) Tj ET", "0.6 w 60 748 m 535 748 l S"]
    for rang, ligne in enumerate(lignes):
        dessin.append(f"BT /F1 12 Tf 60 {715 - 22 * rang} Td ({_texte(ligne)}) Tj ET")
    dessin.append(f"BT /F1 9 Tf 60 60 Td ({_texte('Spécimen de démonstration, sans valeur.')}) Tj ET")
    flux = "\n".join(dessin).encode("cp1252", "replace")
    police = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica%s /Encoding /WinAnsiEncoding >>"
    objets = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>" % (LARGEUR, HAUTEUR),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(flux), flux),
        police % b"",
        police % b"-Bold",
    ]
    sortie, positions = io.BytesIO(b""), []
    sortie.write(b"%PDF-1.4\n")
    for numero, objet in enumerate(objets, 1):
        positions.append(sortie.tell())
        sortie.write(b"%d 0 obj\n%s\nendobj\n" % (numero, objet))
    table = sortie.tell()
    sortie.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objets) + 1))
    for position in positions:
        sortie.write(b"%010d 00000 n \n" % position)
    sortie.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objets) + 1, table))
    return sortie.getvalue()


def photo(titre, lignes):
    """Octets d’un JPEG : une carte photographiée."""
    titre, lignes = _sans_accents(titre), [_sans_accents(ligne) for ligne in lignes]
    image = Image.new("RGB", (640, 420), (226, 232, 234))
    dessin, police = ImageDraw.Draw(image), ImageFont.load_default(22)
    dessin.rounded_rectangle((24, 24, 616, 396), 18, fill=(248, 249, 246), outline=(120, 134, 142), width=2)
    dessin.rectangle((48, 96, 188, 276), fill=(203, 212, 216))
    dessin.ellipse((88, 116, 148, 176), fill=(150, 164, 172))
    dessin.chord((68, 186, 168, 316), 180, 360, fill=(150, 164, 172))
    dessin.text((48, 44), titre, font=ImageFont.load_default(26), fill=(22, 35, 43))
    for rang, ligne in enumerate(lignes):
        dessin.text((214, 104 + 38 * rang), ligne, font=police, fill=(22, 35, 43))
    dessin.text(
        (48, 350),
        _sans_accents("Spécimen de démonstration, sans valeur."),
        font=ImageFont.load_default(16),
        fill=(90, 100, 108),
    )
    sortie = io.BytesIO()
    image.save(sortie, "JPEG", quality=70)
    return sortie.getvalue()


def ranger(chemin, contenu):
    """Écrit `contenu` sous `chemin` ; rend les champs d’une Piece qui en dépendent."""
    if default_storage.exists(chemin):
        default_storage.delete(chemin)
    default_storage.save(chemin, io.BytesIO(contenu))
    return {"fichier": chemin, "taille": len(contenu), "sha256": hashlib.sha256(contenu).hexdigest()}


def _texte(texte):
    return texte.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _sans_accents(texte):
    """La police de Pillow n’a pas les lettres accentuées."""
    plat = unicodedata.normalize("NFKD", texte.replace("’", "'").replace("œ", "oe"))
    return plat.encode("ascii", "ignore").decode()
