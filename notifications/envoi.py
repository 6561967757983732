"""Bail, envoi, marque : ce que fait le worker de la boîte d’envoi (5-qualité, « Outbox »)."""

import datetime
import logging
import smtplib

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone

from notifications.models import BAIL, Envoi

logger = logging.getLogger(__name__)
LOT = 50


def envoyer_en_attente(lot=LOT):
    """Bail, envoi, marque : un envoi tué entre l’envoi et la marque repart avec le même Message-ID. Rend le nombre parti."""
    partis = 0
    while envois := _prendre(lot):
        for envoi in envois:
            partis += _envoyer(envoi)
    return partis


def _prendre(lot):
    with transaction.atomic():
        file = Envoi.objects.a_envoyer()
        if connection.features.has_select_for_update_skip_locked:
            file = file.select_for_update(skip_locked=True)
        cles = list(file.values_list("pk", flat=True)[:lot])
        Envoi.objects.filter(pk__in=cles).update(libre_le=timezone.now() + BAIL, essais=F("essais") + 1)
    return list(Envoi.objects.filter(pk__in=cles).select_related("destinataire").order_by("cree_le"))


def _envoyer(envoi):
    contexte = {"envoi": envoi, "adresse": settings.ADRESSE_PUBLIQUE + envoi.lien if envoi.lien else ""}
    message = EmailMultiAlternatives(
        subject=envoi.titre,
        body=render_to_string("courriels/envoi.txt", contexte),
        to=[envoi.adresse],
        headers={"Message-ID": envoi.identifiant_de_message},
    )
    message.attach_alternative(render_to_string("courriels/envoi.html", contexte), "text/html")
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as panne:
        attente = datetime.timedelta(minutes=2**envoi.essais)
        Envoi.objects.filter(pk=envoi.pk).update(
            libre_le=timezone.now() + attente, erreur=type(panne).__name__ + " : envoi refusé ou serveur injoignable"
        )
        logger.warning("Courriel %s non parti (essai %s) : %s", envoi.pk, envoi.essais, type(panne).__name__)
        return 0
    Envoi.objects.filter(pk=envoi.pk).update(envoye_le=timezone.now(), erreur="")
    return 1
