"""Un fichier déposé : accepté seulement si son extension, ses premiers octets et sa lecture disent la même chose.

La lecture se fait dans un processus à part, borné en temps et en mémoire (`participants.lecture`, promesse FI1).
"""

import hashlib
import logging
import re
import socket
import struct
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings

from plie.confinement import Interrompu, Ouvrier

logger = logging.getLogger(__name__)

MEMOIRE = 768 * 1024 * 1024  # octets : une image de 40 millions de points, et ses copies de travail
DELAI = 20  # secondes
LONGUEUR_NOM = 100  # caractères, et deux fois plus d’octets
ACCEPTES = "PDF, photo JPEG, PNG ou HEIC, ou document ODT ou DOCX"
REFAIRE = "Refaites le fichier, ou joignez une photo nette du document."

TYPES = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "odt": "application/vnd.oasis.opendocument.text",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
EXTENSIONS = {"jpeg": "jpg", "jpe": "jpg", "heif": "heic"} | {nom: nom for nom in (*TYPES, "heic")}
CONSEILS = {
    "doc": "Enregistrez-le au format DOCX ou PDF, puis joignez-le.",
    "docm": "Il peut contenir des macros (des programmes). Enregistrez-le au format PDF, puis joignez-le.",
    "zip": "Joignez un par un les fichiers qu’il contient.",
    "gif": "Enregistrez l’image au format JPEG ou PNG, puis joignez-la.",
    "xlsx": "Imprimez la feuille au format PDF, puis joignez-la.",
}
CONSEILS |= dict.fromkeys(("webp", "bmp", "tif", "tiff", "avif"), CONSEILS["gif"])
CONSEILS |= dict.fromkeys(("xls", "xlsm", "ods", "csv"), CONSEILS["xlsx"])
CONSEILS |= dict.fromkeys(("rar", "7z", "gz", "tar"), CONSEILS["zip"])
NATURES = (  # premiers octets, ce que l’on en dit, extensions qui leur vont
    (rb"%PDF-[12]\.\d", "un PDF", {"pdf"}),
    (rb"\xff\xd8\xff", "une photo JPEG", {"jpg"}),
    (rb"\x89PNG\r\n\x1a\n", "une image PNG", {"png"}),
    (rb"....ftyp(?:hei[cxms]|hev[cx]|mif1)", "une photo HEIC", {"heic"}),
    (rb"....ftypavi[fs]", "une image AVIF", set()),
    (rb"PK\x03\x04", "une archive ou un document de traitement de texte", {"odt", "docx"}),
    (rb"MZ|\x7fELF|#!|\xca\xfe\xba\xbe", "un programme", set()),
    (rb"GIF8[79]a", "une image GIF", set()),
    (rb"RIFF....WEBP", "une image WebP", set()),
    (rb"II\*\0|MM\0\*", "une image TIFF", set()),
    (rb"BM", "une image BMP", set()),
    (rb"\xd0\xcf\x11\xe0", "un ancien document Office, ou un document protégé par un mot de passe", set()),
    (rb"\{\\rtf", "un document RTF", set()),
    (rb"Rar!|7z\xbc\xaf|\x1f\x8b", "une archive", set()),
    (rb"(?:\xef\xbb\xbf)?\s*<", "une page web ou un fichier XML", set()),
)
RAISONS = {
    "delai": f"Ce fichier est trop compliqué à lire. {REFAIRE}",
    "memoire": f"Ce fichier est trop compliqué à lire. {REFAIRE}",
    "erreur": f"Ce fichier est incomplet ou abîmé. {REFAIRE}",
    "occupe": "D’autres fichiers sont en cours de vérification. Réessayez dans un instant.",
    "arret": "La vérification du fichier s’est arrêtée. Réessayez ; si cela recommence, prévenez l’administrateur.",
}

QUARANTAINE = "quarantaine"  # l’antivirus n’a pas répondu : la pièce est gardée, et ne sort pas avant son verdict

_ouvrier = Ouvrier("participants.lecture")


class FichierRefuse(Exception):
    """Le fichier ne peut pas entrer ; le texte dit pourquoi et quoi faire, à la personne qui le dépose."""


@dataclass(frozen=True)
class FichierValide:
    nom: str  # sûr à afficher et à proposer au téléchargement ; jamais un chemin
    extension: str
    type_mime: str
    contenu: bytes  # ce qu’il faut garder : redessiné pour une image, inchangé sinon
    sha256: str
    antivirus: str = "non_verifie"  # EtatAntivirus, ou QUARANTAINE
    pages: int | None = None
    dimensions: tuple[int, int] | None = None

    @property
    def taille(self):
        return len(self.contenu)

    def champs(self):
        """Ce que la ligne qui garde ce fichier en dit."""
        return {nom: getattr(self, nom) for nom in ("nom", "type_mime", "taille", "sha256", "antivirus")}


def valider(nom, contenu, *, delai=DELAI, memoire=MEMOIRE):
    """Rend un FichierValide.

    nom: celui qu’annonce le navigateur ; contenu: octets, ou fichier ouvert en lecture. À appeler hors de toute
    transaction : lire un fichier et attendre l’antivirus prennent des secondes, et la base attendrait aussi.
    Lève FichierRefuse, avec une phrase pour la personne.
    """
    nom = nom_sur(nom)
    contenu = _lire(contenu)
    extension = _extension(nom)
    _nature(contenu, extension)
    demande = {"extension": extension, "taille_maximale": settings.TAILLE_MAXIMALE_FICHIER}
    try:
        reponse, redessine = _ouvrier.demander(demande, contenu, delai=delai, memoire=memoire)
    except Interrompu as interruption:
        logger.warning("Fichier %s non lu : %s", extension, interruption)
        raise FichierRefuse(RAISONS[interruption.cause]) from None
    if "refus" in reponse:
        raise FichierRefuse(reponse["refus"])
    garde, extension = redessine or contenu, reponse["extension"]
    return FichierValide(
        nom=f"{nom.rpartition('.')[0]}.{extension}",
        extension=extension,
        type_mime=TYPES[extension],
        contenu=garde,
        sha256=hashlib.sha256(garde).hexdigest(),
        antivirus=_analyser(garde),
        pages=reponse.get("pages"),
        dimensions=tuple(reponse["dimensions"]) if "dimensions" in reponse else None,
    )


def _lire(contenu):
    limite = settings.TAILLE_MAXIMALE_FICHIER
    taille = getattr(contenu, "size", None)
    if not isinstance(contenu, bytes | bytearray | memoryview):
        contenu = b"" if taille and taille > limite else contenu.read(limite + 1)
    contenu = bytes(contenu)
    taille = max(taille or 0, len(contenu))
    if taille > limite:
        permis = limite // 1024 // 1024
        mesure = f"plus de {permis}" if taille == limite + 1 else f"{taille / 1024 / 1024:.1f}".replace(".", ",")
        raise FichierRefuse(
            f"Ce fichier pèse {mesure} Mo ; la limite est de {permis} Mo. "
            "Une photo : envoyez-la en « taille moyenne », ou reprenez-la en qualité plus basse. "
            "Un document numérisé : refaites-le en 150 points par pouce, en gris."
        )
    if not contenu:
        raise FichierRefuse(
            "Ce fichier est vide. Vérifiez qu’il s’ouvre sur votre appareil, puis joignez-le de nouveau."
        )
    return contenu


def _extension(nom):
    annoncee = nom.rpartition(".")[2].lower() if "." in nom else ""
    if not annoncee:
        raise FichierRefuse(f"Le nom de ce fichier n’a pas d’extension (« .pdf », « .jpg »…). Acceptés : {ACCEPTES}.")
    if annoncee not in EXTENSIONS:
        conseil = CONSEILS.get(annoncee, "Enregistrez-le au format PDF, ou joignez une photo du document.")
        raise FichierRefuse(f"Les fichiers « .{annoncee} » ne sont pas acceptés. {conseil} Acceptés : {ACCEPTES}.")
    return EXTENSIONS[annoncee]


def _nature(contenu, extension):
    reconnus = [(dit, vont) for motif, dit, vont in NATURES if re.match(motif, contenu[:64], re.S)]
    description, extensions = reconnus[0] if reconnus else ("d’un autre genre", set())
    if extension in extensions:
        return
    raise FichierRefuse(
        f"Ce fichier s’appelle « .{extension} », mais son contenu est {description}. "
        "Enregistrez-le de nouveau au bon format, sans changer son nom à la main."
    )


# --- Nom ---------------------------------------------------------------------------------------------------------

RESERVES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])$", re.I)


def nom_sur(nom):
    """Un nom sûr à afficher, à écrire et à proposer : sans chemin, sans caractère caché, un seul point, 100 signes."""
    nom = unicodedata.normalize("NFC", nom or "").replace("\\", "/").rpartition("/")[2]
    nom = "".join(_signe(signe) for signe in nom)
    nom = re.sub(r"\s+", " ", nom).strip().rstrip(" .")
    racine, point, extension = nom.rpartition(".")
    if not point:
        racine, extension = nom, ""
    extension = re.sub(r"[^A-Za-z0-9]", "", extension)[:10].lower()
    racine = re.sub(r"\.(?=\S)", "-", racine).strip(" .-=+@~")  # « facture.exe.pdf » ne montre qu’une extension
    if RESERVES.match(racine):
        racine = f"fichier-{racine}"
    place = LONGUEUR_NOM - len(extension) - 1
    racine = racine[:place].encode()[: place * 2].decode(errors="ignore").strip(" .")
    return f"{racine or 'document'}.{extension}" if extension else racine or "document"


def _signe(signe):
    categorie = unicodedata.category(signe)
    if categorie.startswith("Z"):
        return " "
    if categorie.startswith("C"):  # commandes, sens d’écriture, demi-codes, signes privés
        return ""
    return "-" if signe in '<>:"|?*%;`$' else signe


# --- Antivirus ---------------------------------------------------------------------------------------------------


class EtatAntivirus(StrEnum):
    SAIN = "sain"
    INFECTE = "infecte"
    NON_VERIFIE = "non_verifie"


class AntivirusInjoignable(Exception):
    """ClamAV est réglé mais ne répond pas : la pièce reste en quarantaine, l’analyse est à reprendre."""


def antivirus(contenu):
    """Rend l’EtatAntivirus de ces octets : « non vérifié » si aucun antivirus n’est réglé (ANTIVIRUS).

    Lève AntivirusInjoignable. Le réglage vaut « hôte:port », ou « unix:/chemin/de/la/prise ».
    """
    if not settings.ANTIVIRUS:
        return EtatAntivirus.NON_VERIFIE
    try:
        with _prise(settings.ANTIVIRUS) as prise:
            prise.sendall(b"zINSTREAM\0")
            for debut in range(0, len(contenu), 1 << 16):
                morceau = contenu[debut : debut + (1 << 16)]
                prise.sendall(struct.pack("!I", len(morceau)) + morceau)
            prise.sendall(struct.pack("!I", 0))
            reponse = b""
            while not reponse.endswith(b"\0") and (suite := prise.recv(4096)):
                reponse += suite
    except OSError as panne:
        raise AntivirusInjoignable(type(panne).__name__) from None
    verdict = reponse.rstrip(b"\0\n")
    if verdict == b"stream: OK":
        return EtatAntivirus.SAIN
    if verdict.startswith(b"stream: ") and verdict.endswith(b" FOUND"):
        return EtatAntivirus.INFECTE
    raise AntivirusInjoignable("réponse inattendue")


def _analyser(contenu):
    try:
        etat = antivirus(contenu)
    except AntivirusInjoignable as panne:
        logger.warning("Antivirus injoignable (%s) : pièce en quarantaine.", panne)
        return QUARANTAINE
    if etat == EtatAntivirus.INFECTE:
        raise FichierRefuse("L’antivirus a trouvé un virus dans ce fichier. Demandez une photo du document.")
    return etat


@contextmanager
def _prise(adresse):
    if not adresse.startswith("unix:"):
        hote, _, port = adresse.rpartition(":")
        with socket.create_connection((hote, int(port)), timeout=DELAI) as prise:
            yield prise
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as prise:
        prise.settimeout(DELAI)
        prise.connect(adresse.removeprefix("unix:"))
        yield prise
