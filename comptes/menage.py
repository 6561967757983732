"""Ce qui n’a plus d’usage s’efface de soi-même : sessions échues, jetons servis, codes passés."""

import datetime
import time

from django.core.management import call_command
from django.utils import timezone

from comptes.models import CodeServi, JetonFormulaire
from comptes.second_facteur import PERIODE

JETONS = datetime.timedelta(days=7)  # bien après qu’une page ouverte a pu renvoyer son formulaire
CODES = datetime.timedelta(days=1)


def faire():
    call_command("clearsessions")
    JetonFormulaire.objects.filter(consomme_le__lt=timezone.now() - JETONS).delete()
    CodeServi.objects.filter(pas__lt=int(time.time() - CODES.total_seconds()) // PERIODE).delete()
