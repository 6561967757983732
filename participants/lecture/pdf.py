"""PDF : gardés tels quels, car une pièce est une preuve ; donc refusés dès qu’ils portent autre chose que des pages.

Neutraliser reviendrait à réécrire le document : son empreinte changerait, et une signature qu’il porte tomberait.
"""

import io
import re
import zlib

import pypdf
from pypdf.errors import LimitReachedError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from participants.lecture import BOMBE, Refus

PAGES_MAXIMALES = 300
OBJETS_MAXIMAUX = 100_000
DEPLOYE_MAXIMAL = 400_000_000  # octets, tous flux ensemble
PIXELS_MAXIMAUX = 120_000_000  # par image : une feuille A0 numérisée en 300 points par pouce
MORCEAU = 1 << 20

REIMPRIMER = "Ouvrez-le, choisissez « Imprimer », puis « Enregistrer au format PDF », et joignez le fichier obtenu."
ABIME = "Ce PDF est incomplet ou abîmé. Téléchargez-le ou numérisez-le de nouveau, puis joignez-le."
DOUBLE = f"Ce fichier cache autre chose derrière le PDF : il est refusé par sécurité. {REIMPRIMER}"
PROGRAMME = f"Ce PDF contient un programme (JavaScript) : il est refusé par sécurité. {REIMPRIMER}"
LANCEMENT = f"Ce PDF peut ouvrir un autre fichier ou envoyer des données : il est refusé par sécurité. {REIMPRIMER}"
JOINT = f"Ce PDF contient d’autres fichiers joints : il est refusé par sécurité. {REIMPRIMER}"
FORMULAIRE = f"Ce PDF est un formulaire animé (XFA), que l’on ne peut pas garder tel quel. {REIMPRIMER}"
MULTIMEDIA = f"Ce PDF contient du son, de la vidéo ou de la 3D. {REIMPRIMER}"
VERROUILLE = (
    "Ce PDF est protégé par un mot de passe : personne ne pourrait l’ouvrir au contrôle. "
    "Enregistrez-le sans mot de passe, ou imprimez-le et numérisez-le, puis joignez-le."
)
RESTREINT = f"Ce PDF est protégé contre la copie : il ne pourrait pas être contrôlé. {REIMPRIMER}"

CLES = {
    "/JS": PROGRAMME,
    "/JavaScript": PROGRAMME,
    "/XFA": FORMULAIRE,
    "/EF": JOINT,
    "/EmbeddedFiles": JOINT,
    "/RichMediaContent": MULTIMEDIA,
}
GENRES = {  # valeurs de /S, /Type et /Subtype
    "/JavaScript": PROGRAMME,
    "/Launch": LANCEMENT,
    "/GoToR": LANCEMENT,
    "/GoToE": LANCEMENT,
    "/ImportData": LANCEMENT,
    "/SubmitForm": LANCEMENT,
    "/EmbeddedFile": JOINT,
    "/FileAttachment": JOINT,
    "/RichMedia": MULTIMEDIA,
    "/Rendition": MULTIMEDIA,
    "/Movie": MULTIMEDIA,
    "/Sound": MULTIMEDIA,
    "/3D": MULTIMEDIA,
}
ADRESSE_ACTIVE = re.compile(r"\s*(javascript|file|data|vbscript):", re.I)
EN_CLAIR = {  # ce qu’un objet abandonné par une modification peut encore montrer à un autre lecteur
    re.compile(rb"/S\s*/JavaScript\b"): PROGRAMME,
    re.compile(rb"/S\s*/Launch\b"): LANCEMENT,
    re.compile(rb"/Type\s*/EmbeddedFile\b"): JOINT,
}


def lire(contenu, *, extension, taille_maximale):
    """Rend ({"extension", "pages"}, b"") : le contenu ne change pas."""
    _refuser_double_nature(contenu)
    lecteur = pypdf.PdfReader(io.BytesIO(contenu))
    if lecteur.is_encrypted:
        raise Refus(RESTREINT if lecteur.decrypt("") else VERROUILLE)
    _parcourir(lecteur)
    for motif, raison in EN_CLAIR.items():
        if motif.search(contenu):
            raise Refus(raison)
    try:
        pages = len(lecteur.pages)
    except LimitReachedError:
        raise Refus(BOMBE) from None
    if pages == 0:
        raise Refus(ABIME)
    if pages > PAGES_MAXIMALES:
        raise Refus(f"Ce PDF a {pages} pages ; la limite est de {PAGES_MAXIMALES}. Ne joignez que les pages utiles.")
    return {"extension": "pdf", "pages": pages}, b""


def _refuser_double_nature(contenu):
    """Un même fichier peut être lu comme PDF par l’un et comme page web ou archive par l’autre."""
    fin = contenu.rfind(b"%%EOF")
    if fin < 0:
        raise Refus(ABIME)
    if contenu[fin + 5 :].strip(b"\r\n\t \0"):
        raise Refus(DOUBLE)
    if re.search(rb"<\s*(!doctype|html|script|svg|body|\?php)", contenu[:2048], re.I):
        raise Refus(DOUBLE)
    if contenu.find(b"PK\x05\x06", -70_000 if len(contenu) > 70_000 else 0) >= 0:
        raise Refus(DOUBLE)


def _parcourir(lecteur):
    """Passe sur chaque objet vivant ; rien n’est dessiné, les flux ne sont déployés que pour les mesurer."""
    references = [IndirectObject(n, generation, lecteur) for generation, ns in lecteur.xref.items() for n in ns]
    references += [IndirectObject(n, 0, lecteur) for n in lecteur.xref_objStm]
    if len(references) > OBJETS_MAXIMAUX:
        raise Refus(BOMBE)
    deploye = 0
    try:
        for reference in references:
            objet = reference.get_object()
            _inspecter(objet)
            if isinstance(objet, StreamObject):
                deploye += _mesurer(objet)
            if deploye > DEPLOYE_MAXIMAL:
                raise Refus(BOMBE)
    except LimitReachedError:
        raise Refus(BOMBE) from None
    _inspecter(lecteur.trailer)


def _inspecter(objet):
    a_voir = [objet]
    while a_voir:
        objet = a_voir.pop()
        if isinstance(objet, ArrayObject):
            a_voir += objet
        elif isinstance(objet, DictionaryObject):
            for cle in objet:
                if cle in CLES:
                    raise Refus(CLES[cle])
            for cle in ("/S", "/Type", "/Subtype"):
                if (genre := _valeur(objet, cle)) in GENRES:
                    raise Refus(GENRES[genre])
            if ADRESSE_ACTIVE.match(str(_valeur(objet, "/URI"))):
                raise Refus(LANCEMENT)
            a_voir += objet.values()  # valeurs brutes : une référence est vue à son tour, jamais suivie ici


def _valeur(objet, cle):
    """La valeur d’une clé, référence suivie ; "" si elle manque."""
    try:
        return objet[cle]
    except KeyError:
        return ""


def _mesurer(flux):
    """Octets qu’occuperait le flux une fois déployé ; s’arrête à la limite."""
    if "/F" in flux:
        raise Refus(LANCEMENT)  # son contenu serait lu dans un autre fichier
    pixels = int(_valeur(flux, "/Width") or 0) * int(_valeur(flux, "/Height") or 0)
    if _valeur(flux, "/Subtype") == "/Image" and pixels > PIXELS_MAXIMAUX:
        raise Refus(BOMBE)
    filtres = _valeur(flux, "/Filter")
    filtres = [str(f.get_object()) for f in filtres] if isinstance(filtres, ArrayObject) else [str(filtres)]
    if len(filtres) != len(set(filtres)):
        raise Refus(BOMBE)  # compressé deux fois de la même façon : aucun logiciel honnête ne fait cela
    if filtres[:1] in (["/LZWDecode"], ["/RunLengthDecode"]):
        return len(flux.get_data())  # borné par pypdf à 75 Mo
    if filtres[:1] not in (["/FlateDecode"], ["/Fl"]):
        return len(flux._data)
    return _deployer(flux._data)


def _deployer(octets):
    gonfleur, total = zlib.decompressobj(), 0
    while octets and not gonfleur.eof and total <= DEPLOYE_MAXIMAL:
        try:
            total += len(gonfleur.decompress(octets, MORCEAU))
        except zlib.error:
            break  # une fin abîmée n’empêche pas de lire la page
        octets = gonfleur.unconsumed_tail
    return total
