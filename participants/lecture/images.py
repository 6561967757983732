"""Photos et images : redessinées pixel par pixel, donc sans lieu de prise de vue ni rien de caché derrière."""

import io

import pillow_heif
from PIL import Image, ImageOps, JpegImagePlugin, MpoImagePlugin, PngImagePlugin  # noqa: F401 — lecteurs chargés avant l’enfermement

from participants.lecture import Refus

pillow_heif.register_heif_opener(thumbnails=False)
pillow_heif.options.DECODE_THREADS = 1

PIXELS_MAXIMAUX = 40_000_000
COTE_MAXIMAL = 30_000
FORMATS = {"jpg": ("JPEG",), "png": ("PNG",), "heic": ("HEIF",)}
MODES_PNG = ("1", "L", "LA", "RGB", "RGBA")
QUALITES = (90, 80, 65)  # de la plus fidèle à la plus légère, tant que la limite de taille est dépassée

Image.MAX_IMAGE_PIXELS = PIXELS_MAXIMAUX


def lire(contenu, *, extension, taille_maximale):
    """Rend ({"extension", "dimensions"}, octets redessinés). Une photo HEIC devient un JPEG."""
    try:
        image = Image.open(io.BytesIO(contenu), formats=FORMATS[extension])
    except Image.DecompressionBombError:
        raise Refus(_trop_de_pixels()) from None
    _mesurer(*image.size)
    image.load()
    image = ImageOps.exif_transpose(image)
    sortie = "png" if extension == "png" else "jpg"
    octets = _png(image) if sortie == "png" else _jpeg(image, taille_maximale)
    if len(octets) > taille_maximale:
        raise Refus("Cette image est trop lourde une fois ouverte. Réduisez-la de moitié, puis joignez-la de nouveau.")
    return {"extension": sortie, "dimensions": image.size}, octets


def _mesurer(largeur, hauteur):
    if largeur * hauteur > PIXELS_MAXIMAUX or max(largeur, hauteur) > COTE_MAXIMAL:
        raise Refus(_trop_de_pixels(largeur, hauteur))


def _trop_de_pixels(largeur=0, hauteur=0):
    mesure = f" ({largeur} × {hauteur})" if largeur else ""
    return (
        f"Cette image a trop de points{mesure} : la limite est de 40 millions. "
        "Sur un téléphone, choisissez une résolution plus basse, ou envoyez-vous la photo en « taille moyenne »."
    )


def _jpeg(image, taille_maximale):
    image = _nue(image, "L" if image.mode in ("L", "1") else "RGB")
    for qualite in QUALITES:
        octets = _ecrire(image, "JPEG", quality=qualite, optimize=True)
        if len(octets) <= taille_maximale:
            break
    return octets


def _png(image):
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode.startswith("I"):  # 16 bits par point : un numériseur ; 8 suffisent à lire un document
        image = image.point(lambda valeur: valeur / 256).convert("L")
    return _ecrire(_nue(image, image.mode if image.mode in MODES_PNG else "RGB"), "PNG", optimize=False)


def _nue(image, mode):
    """L’image sans ses annexes : EXIF, commentaires, profil, vignettes."""
    if image.mode in ("RGBA", "LA") and mode in ("RGB", "L"):
        fond = Image.new("RGB", image.size, "white")
        fond.paste(image.convert("RGB"), mask=image.getchannel("A"))
        image = fond
    image = image.convert(mode) if image.mode != mode else image.copy()
    image.info = {}
    return image


def _ecrire(image, format, **options):
    sortie = io.BytesIO()
    image.save(sortie, format, **options)
    return sortie.getvalue()
