"""ODT et DOCX : des archives de fichiers XML. Gardés tels quels, refusés s’ils portent plus qu’un texte et ses images."""

import io
import re
import zipfile
from xml.parsers import expat

from participants.lecture import BOMBE, Refus

ENTREES_MAXIMALES = 2_000
DEPLOYE_MAXIMAL = 150_000_000  # octets, toutes entrées ensemble
RAPPORT_MAXIMAL = 200  # un XML ordinaire se comprime 10 à 30 fois
MORCEAU = 1 << 20

EN_PDF = "Ouvrez-le, choisissez « Exporter » ou « Enregistrer sous », format PDF, et joignez le PDF."
ABIME = f"Ce document est incomplet ou abîmé. {EN_PDF}"
AUTRE_NATURE = f"Le contenu de ce fichier ne correspond pas à son nom. {EN_PDF}"
MACROS = f"Ce document contient des macros (des programmes) : il est refusé par sécurité. {EN_PDF}"
VERROUILLE = f"Ce document est protégé par un mot de passe : personne ne pourrait l’ouvrir au contrôle. {EN_PDF}"
OBJET = f"Ce document contient un élément qui n’est ni du texte ni une image. {EN_PDF}"
AILLEURS = f"Ce document va chercher une partie de son contenu ailleurs : il est refusé par sécurité. {EN_PDF}"
CACHE = f"Ce fichier cache autre chose derrière le document : il est refusé par sécurité. {EN_PDF}"

MACRO = re.compile(r"(^|/)vba(project|data)|^(basic|scripts)/", re.I)
ADMIS = re.compile(
    r"(^|/)mimetype$|(^|/)layout-cache$|^ObjectReplacements/[^/]+$|/$"
    r"|\.(xml|rels|rdf|png|jpe?g|gif|bmp|tiff?|webp|emf|wmf|svg|svm|[ot]tf|odttf)$|(^|/)printerSettings\d*\.bin$",
    re.I,
)
XML = re.compile(r"\.(xml|rels|rdf)$", re.I)
ODT = b"application/vnd.oasis.opendocument.text"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
DDE = re.compile(r"\bDDE(AUTO)?\b", re.I)
MODELE_LOCAL = re.compile(r"file:///[a-z]:|[^:/\\]+$", re.I)  # « créé d’après tel modèle » : jamais chargé d’ailleurs
ADRESSE = re.compile(r"\s*[a-z][a-z0-9+.-]*:|\s*//", re.I)


def lire_odt(contenu, *, extension, taille_maximale):
    """Rend ({"extension"}, b"") : le contenu ne change pas."""
    with _ouvrir(contenu) as archive:
        entrees = archive.infolist()
        if entrees[0].filename != "mimetype" or archive.read(entrees[0]) != ODT:
            raise Refus(AUTRE_NATURE)
        _exiger(archive, "content.xml")
        _verifier(archive, _balise_odt)
    return {"extension": "odt"}, b""


def lire_docx(contenu, *, extension, taille_maximale):
    """Rend ({"extension"}, b"") : le contenu ne change pas."""
    with _ouvrir(contenu) as archive:
        _exiger(archive, "[Content_Types].xml", "word/document.xml")
        types = archive.read("[Content_Types].xml").decode("utf-8", "replace")
        if "macroEnabled" in types:
            raise Refus(MACROS)
        if DOCX not in types:
            raise Refus(AUTRE_NATURE)
        _verifier(archive, _balise_docx)
    return {"extension": "docx"}, b""


def _ouvrir(contenu):
    if contenu[-22:-18] != b"PK\x05\x06":  # la table des matières finit le fichier, sans commentaire derrière
        raise Refus(CACHE if b"PK\x05\x06" in contenu else ABIME)
    try:
        archive = zipfile.ZipFile(io.BytesIO(contenu))
    except zipfile.BadZipFile:
        raise Refus(ABIME) from None
    entrees = archive.infolist()
    if not entrees or len(entrees) > ENTREES_MAXIMALES:
        raise Refus(BOMBE if entrees else ABIME)
    for entree in entrees:
        _controler(entree)
    if len({e.filename.lower() for e in entrees}) != len(entrees):
        raise Refus(CACHE)  # deux entrées du même nom : chaque logiciel lirait la sienne
    _refuser_recouvrement(entrees)
    if sum(e.file_size for e in entrees) > DEPLOYE_MAXIMAL:
        raise Refus(BOMBE)
    return archive


def _controler(entree):
    nom = entree.filename
    if entree.flag_bits & 1:
        raise Refus(VERROUILLE)
    if MACRO.search(nom):
        raise Refus(MACROS)
    if nom.startswith(("/", "\\")) or ".." in nom.split("/") or "\\" in nom or ":" in nom:
        raise Refus(CACHE)
    if not ADMIS.search(nom):
        raise Refus(OBJET)
    if entree.file_size > MORCEAU and entree.file_size > RAPPORT_MAXIMAL * max(entree.compress_size, 1):
        raise Refus(BOMBE)


def _refuser_recouvrement(entrees):
    """Des entrées qui se partagent les mêmes octets : la bombe qui se multiplie sans peser, ou un préfixe caché."""
    fin = 0
    for entree in sorted(entrees, key=lambda e: e.header_offset):
        if entree.header_offset < fin or (fin == 0 and entree.header_offset):
            raise Refus(BOMBE if fin else CACHE)
        fin = entree.header_offset + 30 + len(entree.filename.encode()) + entree.compress_size


def _exiger(archive, *noms):
    presents = set(archive.namelist())
    if not presents.issuperset(noms):
        raise Refus(AUTRE_NATURE)


def _verifier(archive, balise):
    """Déploie chaque entrée, sans la garder, et lit chaque XML : ses balises, ses champs, ses renvois."""
    for entree in archive.infolist():
        try:
            with archive.open(entree) as flux:
                if XML.search(entree.filename) and entree.file_size:  # LibreOffice en laisse un vide
                    _lire_xml(flux, balise)
                else:
                    while flux.read(MORCEAU):
                        pass
        except (zipfile.BadZipFile, expat.ExpatError, EOFError):
            raise Refus(ABIME) from None


def _lire_xml(flux, balise):
    champs = []
    lecteur = expat.ParserCreate(namespace_separator=" ")
    dans_un_champ = False

    def entrer(nom, attributs):
        nonlocal dans_un_champ
        dans_un_champ = nom.endswith((" instrText", " delInstrText"))
        champs.extend(valeur for cle, valeur in attributs.items() if cle.endswith(" instr"))
        balise(*nom.rpartition(" ")[::2], {cle.rpartition(" ")[2]: valeur for cle, valeur in attributs.items()})

    def ecrire(texte):
        if dans_un_champ:
            champs.append(texte)

    def annoncer(nom, systeme, public, interne):
        if interne:
            raise Refus(BOMBE)  # des entités définies dans le fichier : elles se multiplient à la lecture

    lecteur.StartElementHandler = entrer
    lecteur.CharacterDataHandler = ecrire
    lecteur.StartDoctypeDeclHandler = annoncer
    while morceau := flux.read(MORCEAU):
        lecteur.Parse(morceau, False)
    lecteur.Parse(b"", True)
    if DDE.search("".join(champs)):
        raise Refus(AILLEURS)


def _balise_docx(espace, nom, attributs):
    if nom == "Relationship" and attributs.get("TargetMode") == "External":
        genre, cible = attributs.get("Type", ""), attributs.get("Target", "")
        local = genre.endswith("/attachedTemplate") and MODELE_LOCAL.match(cible)
        if not local and not genre.endswith("/hyperlink"):
            raise Refus(AILLEURS)
    elif nom in ("altChunk", "control", "OLEObject"):
        raise Refus(OBJET)


def _balise_odt(espace, nom, attributs):
    if ":script:" in espace or espace.endswith("/script") or nom in ("event-listener", "dde-source"):
        raise Refus(MACROS if nom != "dde-source" else AILLEURS)
    if nom == "dde-connection-decl":
        raise Refus(AILLEURS)
    if nom == "encryption-data":
        raise Refus(VERROUILLE)
    if nom in ("object-ole", "applet", "plugin", "floating-frame"):
        raise Refus(OBJET)
    cible = attributs.get("href", "")
    if cible.lower().startswith(("vnd.sun.star.script:", "macro:")):
        raise Refus(MACROS)
    if nom in ("image", "object", "section-source", "fill-image") and ADRESSE.match(cible):
        raise Refus(AILLEURS)
