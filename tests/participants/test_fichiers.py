"""Les fichiers déposés : ce qui entre, ce qui est refusé et pourquoi, ce qui est redessiné (FI1)."""

import hashlib
import io
import re
import socketserver
import threading

import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from participants import fichiers
from participants.fichiers import AntivirusInjoignable, EtatAntivirus, FichierRefuse, antivirus, nom_sur, valider
from tests.corpus import HONNETES, PIEGES
from tests.faux_fichiers import heic, image, pdf, photo_situee

titres = {"ids": lambda cas: cas.titre}


def ouvrir(fichier):
    return Image.open(io.BytesIO(fichier.contenu))


# --- Le corpus -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cas", HONNETES, **titres)
def test_fi1_un_fichier_honnete_entre(cas):
    fichier = valider(cas.nom, cas.contenu())
    assert fichier.type_mime == fichiers.TYPES[fichier.extension]
    assert fichier.nom.endswith(f".{fichier.extension}")
    assert fichier.sha256 == hashlib.sha256(fichier.contenu).hexdigest()
    assert 0 < fichier.taille <= 10 * 1024 * 1024
    assert (fichier.pages is not None) == (fichier.extension == "pdf")
    assert (fichier.dimensions is not None) == (fichier.extension in ("jpg", "png"))


@pytest.mark.parametrize("cas", PIEGES, **titres)
def test_fi1_un_fichier_piege_est_refuse_avec_sa_raison(cas):
    with pytest.raises(FichierRefuse) as refus:
        valider(cas.nom, cas.contenu())
    assert cas.refus in str(refus.value)


@pytest.mark.parametrize("cas", PIEGES, **titres)
def test_fi1_un_refus_dit_aussi_quoi_faire_en_mots_simples(cas):
    with pytest.raises(FichierRefuse) as refus:
        valider(cas.nom, cas.contenu())
    phrase = str(refus.value)
    assert len(re.findall(r"[.](?: |$)", phrase)) >= 2
    assert phrase[0].isupper()
    assert not re.search(r"Error|Exception|None|\b[a-z]+_[a-z]+\b|  ", phrase)


def test_fi1_le_corpus_compte_au_moins_soixante_pieges_distincts():
    assert len({(cas.nom.rpartition(".")[2], hashlib.sha256(cas.contenu()).digest()) for cas in PIEGES}) >= 60
    assert len({cas.titre for cas in HONNETES + PIEGES}) == len(HONNETES + PIEGES)


@pytest.mark.parametrize("cas", [c for c in HONNETES if re.search(r"(pdf|odt|docx)$", c.nom)], **titres)
def test_fi1_un_document_accepte_est_garde_octet_pour_octet(cas):
    assert valider(cas.nom, cas.contenu()).contenu == cas.contenu()


@pytest.mark.parametrize("cas", [c for c in HONNETES if not re.search(r"(pdf|odt|docx)$", c.nom)], **titres)
def test_fi1_une_image_acceptee_est_redessinee_sans_rien_derriere(cas):
    fichier = valider(cas.nom, cas.contenu())
    vue = ouvrir(fichier)
    vue.load()
    assert vue.format == {"jpg": "JPEG", "png": "PNG"}[fichier.extension]
    assert not vue.getexif()
    assert not {"comment", "exif", "Comment", "icc_profile", "xmp"} & vue.info.keys()
    assert not re.search(rb"PK\x03\x04|MZ\x90|<script|<\?php|telephone", fichier.contenu)


# --- Images ---------------------------------------------------------------------------------------------------------


def test_fi1_une_photo_perd_le_lieu_de_prise_de_vue():
    assert b"Marque du telephone" in photo_situee()
    assert b"Exif" not in valider("photo.jpg", photo_situee()).contenu


def test_fi1_une_photo_tenue_de_cote_est_remise_droite():
    assert valider("photo.jpg", photo_situee()).dimensions == (120, 80)
    droite = valider("photo.jpg", photo_situee(orientation=6))
    assert droite.dimensions == ouvrir(droite).size == (80, 120)


def test_fi1_une_photo_heic_devient_un_jpeg_que_tout_le_monde_ouvre():
    fichier = valider("IMG_0001.HEIC", heic())
    assert (fichier.nom, fichier.type_mime, ouvrir(fichier).format) == ("IMG_0001.jpg", "image/jpeg", "JPEG")


def test_fi1_la_transparence_et_les_couleurs_restent():
    assert ouvrir(valider("logo.png", image("PNG", "RGBA"))).convert("RGBA").getpixel((5, 5)) == (200, 30, 30, 120)
    assert ouvrir(valider("scan.png", image("PNG", "I;16"))).getpixel((5, 5)) == 40_000 // 256
    rouge = ouvrir(valider("photo.jpg", image(quality=95))).getpixel((5, 5))
    assert all(abs(a - b) < 6 for a, b in zip(rouge, (200, 30, 30), strict=True))


def test_fi1_une_photo_que_la_copie_alourdit_est_allegee_plutot_que_refusee(settings):
    bruit = Image.effect_noise((900, 900), 100).convert("RGB")
    sortie = io.BytesIO()
    bruit.save(sortie, "JPEG", quality=60)
    settings.TAILLE_MAXIMALE_FICHIER = len(sortie.getvalue()) + 50_000
    assert valider("photo.jpg", sortie.getvalue()).taille <= settings.TAILLE_MAXIMALE_FICHIER


def test_fi1_une_photo_de_quarante_millions_de_points_passe():
    assert valider("plan.png", image("PNG", "L", taille=(8000, 5000))).dimensions == (8000, 5000)


# --- Ce que l’on reçoit d’un formulaire --------------------------------------------------------------------------------


def test_fi1_un_fichier_de_formulaire_se_valide_comme_des_octets():
    depose = SimpleUploadedFile("bail.pdf", pdf(pages=3), content_type="image/png")
    assert valider(depose.name, depose) == valider("bail.pdf", pdf(pages=3))
    assert valider("bail.pdf", pdf(pages=3)).pages == 3


def test_fi1_un_fichier_trop_gros_n_est_meme_pas_lu():
    class Depose:
        size = 12_900_000

        def read(self, *_):
            raise AssertionError("lu")

    with pytest.raises(FichierRefuse, match="pèse 12,3 Mo ; la limite est de 10 Mo.*taille moyenne"):
        valider("photo.jpg", Depose())


def test_fi1_une_taille_mensongere_ne_fait_pas_entrer_un_fichier_trop_gros():
    depose = SimpleUploadedFile("photo.jpg", image() + bytes(10 * 1024 * 1024))
    depose.size = 10
    with pytest.raises(FichierRefuse, match="plus de 10 Mo ; la limite est de 10 Mo"):
        valider("photo.jpg", depose)


def test_fi1_une_lecture_trop_longue_est_coupee_et_la_suivante_passe():
    lourd = image("PNG", "L", taille=(8000, 5000))
    with pytest.raises(FichierRefuse, match="trop compliqué"):
        valider("plan.png", lourd, delai=0.05)
    assert valider("bail.pdf", pdf()).pages == 1


def test_fi1_une_lecture_trop_gourmande_est_coupee_et_la_suivante_passe():
    with pytest.raises(FichierRefuse, match="trop compliqué"):
        valider("plan.png", image("PNG", "RGB", taille=(8000, 5000)), memoire=16 << 20)
    assert valider("bail.pdf", pdf()).pages == 1


def test_dp3_un_fichier_illisible_est_journalise_sans_son_nom(caplog):
    with pytest.raises(FichierRefuse):
        valider("Anissa Belkhiri.jpg", b"\xff\xd8\xff\xe0")
    assert "Fichier jpg non lu" in caplog.text
    assert "Belkhiri" not in caplog.text


# --- Noms -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recu", "garde"),
    [
        ("Attestation d’hébergement (2026).pdf", "Attestation d’hébergement (2026).pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\x\\cv.pdf", "cv.pdf"),
        ("cv.exe\0.pdf", "cv-exe.pdf"),
        ("facture.exe.pdf", "facture-exe.pdf"),
        ("photo\u202egpj.pdf", "photogpj.pdf"),
        ("cv\u200b\ufeff.pdf", "cv.pdf"),
        ("ligne\r\nContent-Type: x.pdf", "ligneContent-Type- x.pdf"),
        ("CON.pdf", "fichier-CON.pdf"),
        ("com1.PDF", "fichier-com1.pdf"),
        ("nul.tar.pdf", "nul-tar.pdf"),
        (".pdf", "document.pdf"),
        ("…pdf", "…pdf"),
        ("", "document"),
        (None, "document"),
        ("..", "document"),
        (".htaccess.png", "htaccess.png"),
        ("-rf.pdf", "rf.pdf"),
        ("=cmd()!A1.pdf", "cmd()!A1.pdf"),
        ('a<b>"c"|d?.pdf', "a-b--c--d.pdf"),
        ("cv.pdf . .", "cv.pdf"),
        ("M. Łęcki, avis.pdf", "M. Łęcki, avis.pdf"),
        ("e\u0301cole.pdf", "école.pdf"),
        ("مريم.pdf", "مريم.pdf"),
        ("a" * 300 + ".pdf", "a" * 96 + ".pdf"),
        ("cv.JPEG", "cv.jpeg"),
    ],
)
def test_fi1_un_nom_garde_son_sens_et_perd_ses_pieges(recu, garde):
    assert nom_sur(recu) == garde


@given(st.text(max_size=400))
def test_fi1_aucun_nom_ne_devient_un_chemin_ni_ne_cache_un_caractere(nom):
    sur = nom_sur(nom)
    assert sur
    assert len(sur) <= 100
    assert len(sur.encode()) <= 255
    assert not re.search(r'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069/\\<>:"|?*]', sur)
    assert not sur.startswith((".", "-", "=", "+", "@", " "))
    assert not re.search(r"\.\S*\.", sur)
    assert nom_sur(sur) == sur


@pytest.mark.parametrize("nom", ["../../cv.pdf", "cv.exe\0.pdf", "CON.pdf", "a" * 300 + ".pdf", "facture.exe.pdf"])
def test_fi1_un_mauvais_nom_n_empeche_pas_un_bon_fichier(nom):
    assert valider(nom, pdf()).nom == nom_sur(nom)


# --- Antivirus -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def clamav(settings):
    """clamav(réponse) : un faux ClamAV qui répond cela ; rend la liste de ce qu’il a reçu."""
    serveurs = []

    def _ouvrir(reponse):
        recus = []

        class Analyse(socketserver.StreamRequestHandler):
            def handle(self):
                assert self.rfile.read(10) == b"zINSTREAM\0"
                contenu = b""
                while taille := int.from_bytes(self.rfile.read(4)):
                    contenu += self.rfile.read(taille)
                recus.append(contenu)
                self.wfile.write(reponse)

        serveur = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Analyse)
        threading.Thread(target=serveur.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        serveurs.append(serveur)
        settings.ANTIVIRUS = f"127.0.0.1:{serveur.server_address[1]}"
        return recus

    yield _ouvrir
    for serveur in serveurs:
        serveur.shutdown()
        serveur.server_close()


def test_fi1_sans_antivirus_regle_un_fichier_est_dit_non_verifie(settings):
    settings.ANTIVIRUS = ""
    assert antivirus(b"x") == EtatAntivirus.NON_VERIFIE == "non_verifie"


@pytest.mark.parametrize(
    ("reponse", "etat"), [(b"stream: OK\0", "sain"), (b"stream: Eicar-Test-Signature FOUND\0", "infecte")]
)
def test_fi1_l_antivirus_recoit_tout_le_fichier_et_son_verdict_est_rendu(clamav, reponse, etat):
    recus = clamav(reponse)
    contenu = bytes(range(256)) * 1000
    assert antivirus(contenu) == etat
    assert recus == [contenu]


@pytest.mark.parametrize(
    "reponse", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: OK FOUND OK\0", b"autre: OK\0"]
)
def test_fi1_une_reponse_douteuse_laisse_le_fichier_en_quarantaine(clamav, reponse):
    clamav(reponse)
    with pytest.raises(AntivirusInjoignable):
        antivirus(b"x")


def test_fi1_un_antivirus_eteint_laisse_le_fichier_en_quarantaine(settings, tmp_path):
    for adresse in ("127.0.0.1:1", f"unix:{tmp_path}/absent"):
        settings.ANTIVIRUS = adresse
        with pytest.raises(AntivirusInjoignable):
            antivirus(b"x")


def test_le_pdf_que_nous_remettons_peut_nous_revenir():
    """Signé à la main, numérisé ou renvoyé tel quel : notre propre document passe notre contrôle."""
    from documents.rendu import composer, rendre_pdf
    from tests.documents.exemples import STRUCTURE, synthese

    contexte = {"structure": STRUCTURE, "document": synthese()}
    octets = rendre_pdf(composer("entretiens/documents/synthese.html", contexte), code="7K3M9QXT4D", version=1)
    assert valider("synthese.pdf", octets).pages == len(pypdf.PdfReader(io.BytesIO(octets)).pages) == 2
