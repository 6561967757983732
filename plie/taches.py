"""L’unique façon de confier un travail au worker."""

import logging

from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def lancer(tache, pk=None):
    """Confie `tache` (une tâche Celery, avec la clé d’un objet au plus) au worker, après la validation en base.

    Le courtier peut être éteint : l’acte est fait, la page répond, et le travail sera retrouvé par plage
    au prochain passage de beat (promesse RE5). Rien n’est donc levé ici.
    """
    transaction.on_commit(lambda: _publier(tache, pk), robust=True)


def _publier(tache, pk):
    try:
        tache.apply_async(args=[str(pk)] if pk else [], retry=False)
    except (OperationalError, OSError) as panne:
        logger.warning("Tâche %s non confiée au courtier (%s) : elle sera reprise par plage.", tache.name, panne)
