"""Inscrire une personne, déposer ses pièces."""

import logging

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from notifications.actions import prevenir
from participants import fichiers, numeros
from participants.fichiers import QUARANTAINE, AntivirusInjoignable, EtatAntivirus
from participants.models import MotDeRecherche, Participant, Piece
from participants.rangement import fichiers_ou_rien, ranger

logger = logging.getLogger(__name__)


@transaction.atomic
def inscrire(identite, *, par, antenne=None):
    """Crée la personne et son index de recherche. `identite` : champs de Participant. Rend le participant."""
    numero = numeros.suivant(Participant, f"{timezone.localdate().year}-", chiffres=5)
    participant = Participant(numero=numero, antenne=antenne, **identite).enregistrer(par=par)
    indexer(participant)
    return participant


@transaction.atomic
def corriger(participant, identite, *, par, motif=""):
    """Donne à la personne les valeurs de `identite` ; n’écrit rien si rien ne change. Rend le participant."""
    participant.verrouiller()
    for champ, valeur in identite.items():
        setattr(participant, champ, valeur)
    if participant.champs_modifies():
        participant.enregistrer(par=par, motif=motif)
        indexer(participant)
    return participant


def indexer(participant):
    """Refait les mots de recherche de la personne ; à appeler quand un de ses noms change."""
    MotDeRecherche.objects.filter(participant=participant).delete()
    MotDeRecherche.objects.bulk_create(participant.mots_de_recherche())


def deposer(participant, type, fichier, *suites, par, etablie_le=None):
    """Range une pièce : un FichierValide, vérifié avant la transaction, et ses `suites` (verso, page suivante).

    etablie_le: date lue sur la pièce. Rend la Piece qui tient la case. Lève FichierRefuse quand le disque est plein ;
    rien n’est alors gardé.
    """
    with fichiers_ou_rien(), transaction.atomic():
        commun = {"participant": participant, "type": type}
        piece = _ranger(fichier, par, **commun, etablie_le=etablie_le, nombre_de_fichiers=1 + len(suites))
        for suite in suites:
            _ranger(suite, par, **commun, suite_de=piece)
        return piece


def _ranger(fichier, par, **champs):
    piece = Piece(deposee_par=par, **fichier.champs(), **champs)
    ranger(piece.fichier, fichier.extension, fichier.contenu)
    return piece.enregistrer(par=par)


def reprendre_analyses():
    """Redemande à l’antivirus le verdict des pièces en quarantaine. Rend le nombre de pièces jugées."""
    jugees = 0
    for piece in list(Piece.objects.filter(antivirus=QUARANTAINE).select_related("type").order_by("deposee_le", "pk")):
        try:
            with piece.fichier.open("rb") as fichier:
                etat = fichiers.antivirus(fichier.read())
        except AntivirusInjoignable:
            break
        except FileNotFoundError:
            logger.error("Pièce %s : le fichier manque, elle reste en quarantaine.", piece.pk)
            continue
        jugees += _juger(piece, etat)
    return jugees


@transaction.atomic
def _juger(piece, etat):
    """Écrit le verdict une fois ; un fichier infecté est retiré, et qui l’a donné l’apprend. Rend vrai s’il est écrit."""
    piece.verrouiller()
    if piece.antivirus != QUARANTAINE:
        return False
    piece.antivirus = etat
    if etat == EtatAntivirus.INFECTE:
        piece.retiree_le = timezone.now()
        prevenir(
            [piece.deposee_par],
            genre="fichier_infecte",
            objet=piece,
            occasion=piece.pk,
            titre="Un fichier que vous avez joint était infecté",
            texte=f"{piece.type.libelle} : l’antivirus l’a retiré. Redonnez cette pièce, depuis un autre appareil.",
            lien=reverse("dossier:journee"),
        )
    piece.enregistrer(par="antivirus")
    return True
