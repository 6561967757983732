"""Ce qui n’a plus d’usage s’efface de soi-même : sessions échues, jetons servis, codes passés, brouillons oubliés."""

import datetime
import time

from django.core.management import call_command
from django.utils import timezone

from comptes.models import Brouillon, CodeServi, JetonFormulaire
from comptes.second_facteur import PERIODE
from reglages.lecture import valeur

JETONS = datetime.timedelta(days=7)  # bien après qu’une page ouverte a pu renvoyer son formulaire
CODES = datetime.timedelta(days=1)


def faire():
    call_command("clearsessions")
    JetonFormulaire.objects.filter(consomme_le__lt=timezone.now() - JETONS).delete()
    _jeter_les_brouillons_oublies()
    CodeServi.objects.filter(pas__lt=int(time.time() - CODES.total_seconds()) // PERIODE).delete()


def _jeter_les_brouillons_oublies():
    """Sans objet, il parle de quelqu’un qui n’a pas de dossier : il part avec les fichiers de la même saisie (DP4)."""
    for sans_objet, reglage in ((True, "garde_des_depots"), (False, "garde_des_brouillons")):
        limite = timezone.now() - datetime.timedelta(days=valeur(reglage))
        Brouillon.objects.filter(objet_id__isnull=sans_objet, enregistre_le__lt=limite).delete()
