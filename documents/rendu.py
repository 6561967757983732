"""Fabrique des documents remis aux personnes : un gabarit et des données donnent du HTML, puis un PDF/UA-1.

La mise en page se fait dans un processus à part (`documents.enfant`), borné en temps et en mémoire (promesse PD1).
"""

import logging
import unicodedata

from django.template.loader import render_to_string

from plie.confinement import Interrompu, Ouvrier

logger = logging.getLogger(__name__)

MEMOIRE = 768 * 1024 * 1024  # octets, au-delà de ce que l’ouvrier occupe au repos
DELAI = 30  # secondes
EMBLEMES = ("noir", "couleur")  # noir pour l’imprimante, couleur pour ce qui est remis à l’écran

RAISONS = {
    "delai": "La mise en page a dépassé le temps permis. Raccourcissez le texte, puis réessayez.",
    "memoire": "Ce document est trop volumineux. Raccourcissez le texte, puis réessayez.",
    "occupe": "D’autres documents sont en cours de mise en page. Réessayez dans un instant.",
    "arret": "La mise en page s’est arrêtée. Réessayez ; si cela recommence, prévenez l’administrateur.",
    "erreur": "Ce document n’a pas pu être mis en page. Prévenez l’administrateur.",
}
# Caractères de commande qu’un copier-coller apporte et qu’aucune police ne dessine.
SANS_COMMANDES = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])

_ouvrier = Ouvrier("documents.enfant")


class RenduImpossible(Exception):
    """Le PDF n’a pas pu être fait ; le texte est écrit pour être lu par l’utilisateur."""


def composer(modele, contexte):
    """Rend le HTML d’un document.

    modele: chemin du gabarit, par exemple « entretiens/documents/synthese.html » ; son entête dit quelles clés.
    contexte: `structure` et `document`, deux dictionnaires.
    Les lettres accentuées décomposées sont recomposées : les polices n’ont de dessin que pour celles-là.
    """
    return unicodedata.normalize("NFC", render_to_string(modele, contexte)).translate(SANS_COMMANDES)


def rendre_pdf(html, *, code, version, embleme="noir", delai=DELAI, memoire=MEMOIRE):
    """Rend les octets du PDF ; mêmes données, mêmes octets.

    code: les dix signes du document ; version: son numéro ; tous deux forment le code QR de chaque page.
    delai: secondes ; memoire: octets.
    Lève RenduImpossible.
    """
    if embleme not in EMBLEMES:
        raise ValueError(f"Emblème inconnu : {embleme}")
    demande = {"code": code, "version": version, "embleme": embleme}
    try:
        reponse, pdf = _ouvrier.demander(demande, html.encode("utf-8", "replace"), delai=delai, memoire=memoire)
    except Interrompu as interruption:
        logger.error("Document %s non rendu : %s", code, interruption)
        raise RenduImpossible(RAISONS[interruption.cause]) from None
    if reponse["refus"]:
        logger.warning("Document %s : %s adresse(s) refusée(s).", code, reponse["refus"])
    if reponse["sans_dessin"]:
        logger.warning("Document %s : %s caractère(s) sans police installée.", code, reponse["sans_dessin"])
    return pdf
