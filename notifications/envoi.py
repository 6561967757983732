"""Bail, envoi, marque : ce que fait le worker de la boîte d’envoi (5-qualité, « Outbox »)."""

import datetime
import logging
import smtplib

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone

from notifications.models import BAIL, ESSAIS, PANNE, REFUSEE, Envoi
from reglages.lecture import structure

logger = logging.getLogger(__name__)
LOT = 50
MARGE = datetime.timedelta(minutes=1)  # on ne commence plus un envoi quand le bail finit si tôt
ATTENTE_MAXIMALE = datetime.timedelta(hours=4)
COMPOSEURS = {}  # genre → fonction(envoi) rendant (texte, html ou "")
DEFINITIF = 500  # un code SMTP à partir de là : le serveur ne voudra jamais


class LettreImpossible(Exception):
    """Ce qui compose ce genre de lettre a échoué ; dit quelle erreur, jamais son texte (DP3)."""


DU_MESSAGE = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
    ValueError,
    LettreImpossible,
)


def composer(genre):
    """Décorateur : ce genre d’envoi a sa propre lettre, composée au moment de partir."""

    def inscrire(fonction):
        COMPOSEURS[genre] = fonction
        return fonction

    return inscrire


def envoyer_en_attente(lot=LOT):
    """Bail, envoi, marque : un envoi tué entre l’envoi et la marque repart avec le même Message-ID. Rend le nombre parti."""
    partis, poste = 0, get_connection()
    try:
        while envois := _prendre(lot, bail := timezone.now() + BAIL):
            try:
                while envois and timezone.now() <= bail - MARGE:
                    panne = _envoyer(envois.pop(0), poste)
                    partis += panne is None
                    if panne and not isinstance(panne, DU_MESSAGE):
                        return partis  # le serveur ne répond plus : les suivants attendront le prochain passage
                if envois:
                    return partis
            finally:
                _rendre(envois)
    finally:
        poste.close()
    return partis


def _prendre(lot, bail):
    with transaction.atomic():
        file = Envoi.objects.a_envoyer()
        if connection.features.has_select_for_update_skip_locked:
            file = file.select_for_update(skip_locked=True, of=("self",))
        cles = list(file.values_list("pk", flat=True)[:lot])
        Envoi.objects.filter(pk__in=cles).update(libre_le=bail)
    return list(Envoi.objects.filter(pk__in=cles).select_related("destinataire").order_by("cree_le"))


def _rendre(envois):
    """Pas essayés, quoi qu’il soit arrivé aux autres : ils redeviennent libres."""
    Envoi.objects.filter(pk__in=[envoi.pk for envoi in envois]).update(libre_le=timezone.now())


def _envoyer(envoi, poste):
    """Rend None si le courriel est parti, sinon la panne. L’essai se compte avant : une lettre qui tue n’en a que vingt-cinq."""
    envoi.essais += 1
    Envoi.objects.filter(pk=envoi.pk).update(essais=envoi.essais)
    try:
        message = _message(envoi, poste)
    except Exception as panne:  # n’importe quel code compose une lettre : sa faute n’est qu’à elle
        impossible = LettreImpossible(type(panne).__name__)
        _remettre(envoi, impossible)
        return impossible
    try:
        poste.open()
        message.send()
    except (OSError, ValueError) as panne:  # smtplib n’a que des OSError ; ValueError : adresse ou titre impossibles
        poste.close()
        _remettre(envoi, panne)
        return panne
    Envoi.objects.filter(pk=envoi.pk).update(envoye_le=timezone.now(), erreur="")
    return None


def _message(envoi, poste):
    texte, html = COMPOSEURS.get(envoi.genre, composer_une_annonce)(envoi)
    message = EmailMultiAlternatives(
        subject=envoi.titre,
        body=texte,
        to=[envoi.adresse],
        headers={"Message-ID": envoi.identifiant_de_message},
        connection=poste,
    )
    if html:
        message.attach_alternative(html, "text/html")
    return message


def composer_une_annonce(envoi):
    """Le titre et un lien, rien de plus : le détail, qui peut nommer une personne, se lit dans l’application."""
    adresse = adresse_publique(envoi.lien or "/alertes/")
    contexte = contexte_commun() | {
        "titre": envoi.titre,
        "destinataire": envoi.destinataire.get_full_name() if envoi.destinataire else "",
        "acte": {"texte": "Ouvrir dans l’application", "url": adresse},
    }
    return render_to_string("courriels/envoi.txt", contexte), render_to_string("courriels/envoi.html", contexte)


def contexte_commun():
    return {"structure": {"nom": structure().nom, "sous_titre": ""}}


def adresse_publique(chemin):
    return settings.ADRESSE_PUBLIQUE.rstrip("/") + chemin


def _remettre(envoi, panne):
    """Repart plus tard, de plus en plus tard (trois jours en tout) ; un refus définitif attend que quelqu’un le voie."""
    attente = min(datetime.timedelta(minutes=2**envoi.essais), ATTENTE_MAXIMALE)
    champs = {"libre_le": timezone.now() + attente, "erreur": _en_clair(panne)}
    if _est_definitif(panne):
        champs["essais"] = ESSAIS
    Envoi.objects.filter(pk=envoi.pk).update(**champs)
    logger.warning("Courriel %s non parti (essai %s) : %s", envoi.pk, envoi.essais, type(panne).__name__)


def _est_definitif(panne):
    if isinstance(panne, smtplib.SMTPRecipientsRefused):
        return all(code >= DEFINITIF for code, _ in panne.recipients.values())
    return isinstance(panne, ValueError)


def _en_clair(panne):
    if _est_definitif(panne):
        return REFUSEE
    if isinstance(panne, LettreImpossible):
        return f"Lettre impossible à composer ({panne})."
    if isinstance(panne, DU_MESSAGE):
        return f"Refusé pour le moment ({type(panne).__name__})."
    return f"{PANNE} ({type(panne).__name__})."
