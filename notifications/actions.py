"""Dire quelque chose à quelqu’un : la seule façon, pour toute l’application."""

from django.db import transaction
from django.utils import timezone

from notifications.models import Canal, Envoi
from notifications.tasks import envoyer
from plie.taches import lancer


@transaction.atomic
def prevenir(destinataires, *, genre, objet, occasion, titre, texte="", lien="", courriel=True, le=None):
    """Écrit ce que des utilisateurs doivent apprendre, dans la transaction de l’acte qui le cause.

    `occasion` distingue deux annonces du même genre sur le même objet (échéance d’un rappel, version de la ligne).
    La même annonce ne s’écrit qu’une fois. Aucune donnée personnelle dans `titre` : il sort par courriel.
    """
    maintenant, lignes = le or timezone.now(), []
    for utilisateur in dict.fromkeys(destinataires):
        for canal in (Canal.APPLICATION, Canal.COURRIEL) if courriel else (Canal.APPLICATION,):
            lignes.append(
                Envoi(
                    genre=genre,
                    objet_id=objet.pk,
                    occasion=str(occasion),
                    canal=canal,
                    adresse=utilisateur.email,
                    destinataire=utilisateur,
                    participant_id=getattr(objet, "participant_id", None),
                    titre=titre,
                    texte=texte,
                    lien=lien,
                    cree_le=maintenant,
                    libre_le=maintenant,
                )
            )
    Envoi.objects.bulk_create(lignes, ignore_conflicts=True)
    if courriel and lignes:
        lancer(envoyer)


def marquer_lues(utilisateur, maintenant=None):
    Envoi.objects.alertes_de(utilisateur).non_lues().update(lu_le=maintenant or timezone.now())
