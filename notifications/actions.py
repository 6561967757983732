"""Dire quelque chose à quelqu’un : la seule façon, pour toute l’application."""

import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from journal.actions import sceau
from notifications.models import Canal, Envoi
from notifications.tasks import envoyer
from plie.taches import lancer


@transaction.atomic
def prevenir(destinataires, *, genre, objet, occasion, titre, texte="", lien="", courriel=True, le=None):
    """Écrit ce que des utilisateurs doivent apprendre, dans la transaction de l’acte qui le cause.

    `occasion` distingue deux annonces du même genre sur le même objet (échéance d’un rappel, version de la ligne) ;
    la même annonce ne s’écrit qu’une fois. Aucune donnée personnelle dans `titre` : il sort par courriel, avec un lien.
    `texte` ne se lit que dans l’application. Un compte fermé ne reçoit rien.
    """
    participant_id = getattr(objet, "participant_id", None)
    annonces = [Annonce(u, genre, objet.pk, occasion, titre, texte, lien, participant_id) for u in set(destinataires)]
    prevenir_en_lot(annonces, courriel=courriel, le=le)


@dataclass(frozen=True)
class Annonce:
    """Une chose à dire à une personne ; les mêmes mots que `prevenir`."""

    destinataire: object
    genre: str
    objet_id: object
    occasion: object
    titre: str
    texte: str = ""
    lien: str = ""
    participant_id: object = None


@transaction.atomic
def prevenir_en_lot(annonces, *, courriel=True, le=None):
    """Comme `prevenir`, pour beaucoup d’annonces (liste d’Annonce) en une seule écriture."""
    maintenant, canaux = le or timezone.now(), [Canal.APPLICATION, *([Canal.COURRIEL] if courriel else [])]
    lignes = [
        Envoi(
            genre=annonce.genre,
            objet_id=annonce.objet_id,
            occasion=str(annonce.occasion),
            canal=canal,
            adresse=annonce.destinataire.email,
            destinataire=annonce.destinataire,
            participant_id=annonce.participant_id,
            titre=_une_ligne(annonce.titre),
            texte=annonce.texte,
            lien=annonce.lien,
            cree_le=maintenant,
            libre_le=maintenant,
        )
        # Toujours dans le même ordre : deux actes simultanés qui préviennent les mêmes ne se bloquent pas l’un l’autre.
        for annonce in sorted(annonces, key=lambda a: (a.destinataire.email, str(a.objet_id)))
        if annonce.destinataire.is_active
        for canal in canaux
    ]
    Envoi.objects.bulk_create(lignes, ignore_conflicts=True, batch_size=1000)
    if courriel and lignes:
        lancer(envoyer)


def ecrire_sur_son_compte(utilisateur, *, genre, occasion, titre, texte=""):
    """Un courriel au titulaire d’un compte, sur ce compte ; un par genre, occasion et minute au plus."""
    qui = {"objet_id": utilisateur.pk, "adresse": utilisateur.email, "destinataire": utilisateur}
    _ecrire(genre=genre, occasion=occasion, titre=titre, texte=texte, **qui)


def n_ecrire_a_personne(adresse, *, genre, occasion, titre):
    """Le même travail pour une adresse sans compte : répondre plus vite dirait qu’elle n’en a pas (AU4).

    La ligne, déjà close, ne garde de l’adresse que de quoi n’en écrire qu’une par minute, comme pour un compte.
    """
    qui = {"objet_id": uuid.UUID(sceau(adresse.lower())[:32]), "adresse": "", "envoye_le": timezone.now()}
    _ecrire(genre=genre, occasion=occasion, titre=titre, **qui)


def _ecrire(*, occasion, titre, **champs):
    maintenant = timezone.now()
    ligne = Envoi(
        occasion=f"{occasion[:40]} {maintenant:%Y-%m-%dT%H:%M}",
        canal=Canal.COURRIEL,
        titre=_une_ligne(titre),
        cree_le=maintenant,
        libre_le=maintenant,
        **champs,
    )
    Envoi.objects.bulk_create([ligne], ignore_conflicts=True)
    lancer(envoyer)


def marquer_lues(utilisateur, alertes=None):
    """Marque lues `alertes` (QuerySet), ou toutes celles de `utilisateur`."""
    alertes = Envoi.objects.alertes_de(utilisateur) if alertes is None else alertes
    alertes.non_lues().update(lu_le=timezone.now())


def renvoyer(envoi):
    """Remet en file un courriel abandonné, à l’adresse que son destinataire a maintenant."""
    if envoi.destinataire:
        envoi.adresse = envoi.destinataire.email
    envoi.essais, envoi.erreur, envoi.libre_le = 0, "", timezone.now()
    try:
        with transaction.atomic():
            envoi.save(update_fields=["adresse", "essais", "erreur", "libre_le"])
    except IntegrityError:  # la même chose lui a déjà été dite à sa nouvelle adresse
        envoi.delete()
    lancer(envoyer)


def _une_ligne(titre):
    return " ".join(titre.split())[:160]
