"""L’unique façon de confier un travail au worker."""

import logging
import time

from django.db import transaction
from kombu.exceptions import KombuError

logger = logging.getLogger(__name__)
SILENCE = 10  # secondes sans frapper à la porte d’un courtier qui vient de ne pas répondre
_muet_jusqu_a = 0.0


def lancer(tache, pk=None):
    """Confie `tache` (une tâche Celery, avec la clé d’un objet au plus) au worker, après la validation en base.

    Le courtier peut être éteint : l’acte est fait, la page répond, et le travail sera retrouvé par plage
    au prochain passage de beat (promesse RE5). Rien n’est donc levé ici.
    """
    transaction.on_commit(lambda: _publier(tache, pk), robust=True)


def _publier(tache, pk):
    global _muet_jusqu_a
    if time.monotonic() < _muet_jusqu_a:
        return
    try:
        tache.apply_async(args=[str(pk)] if pk else [], retry=False)
    except (KombuError, OSError) as panne:
        _muet_jusqu_a = time.monotonic() + SILENCE
        logger.warning(
            "Tâche %s non confiée au courtier (%s) : elle sera reprise par plage.", tache.name, type(panne).__name__
        )
