"""Une signature tracée sur le pad : un chemin SVG, reçu, reconnu, puis ramené au cadre du document."""

import re

CHEMIN = re.compile(r"M ?-?\d[MLQHVChvlqc0-9 ,.\-]{0,60000}")  # ce que le pad écrit, rien d’autre
# Des couples x y, et « h.1 » pour un point.
POINT, DEPLACEMENT = re.compile(r"(-?\d*\.?\d+)[ ,](-?\d*\.?\d+)"), re.compile(r"h-?\d*\.?\d+")
LARGEUR, HAUTEUR, GROSSISSEMENT = 184, 70, 0.55  # ce qu’il occupe au plus dans sa case, et son échelle au plus


def est_un_trace(texte):
    """Faux pour un nom tapé, ou pour tout ce qu’un pad n’écrit pas."""
    return bool(CHEMIN.fullmatch(texte))


def a_l_echelle(trace):
    """Ramène un chemin SVG du cadre du pad (600 × 260) à celui du PDF (200 × 80) : centré, agrandi s’il est petit."""
    points = [(float(x), float(y)) for x, y in POINT.findall(DEPLACEMENT.sub("", trace))]
    if not points:
        return ""
    (gauche, droite), (haut, bas) = ((min(axe), max(axe)) for axe in zip(*points, strict=True))
    echelle = min(LARGEUR / max(droite - gauche, 1), HAUTEUR / max(bas - haut, 1), GROSSISSEMENT)
    dx, dy = 100 - (gauche + droite) / 2 * echelle, 40 - (haut + bas) / 2 * echelle
    return POINT.sub(lambda p: f"{float(p[1]) * echelle + dx:.1f} {float(p[2]) * echelle + dy:.1f}", trace)
