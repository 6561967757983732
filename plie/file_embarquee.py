"""La file de messages sans Redis : celle de kombu sur disque, dont chaque fichier paraît d’un coup.

Le transport « filesystem » de kombu crée ses fichiers puis les écrit ; un worker qui passe entre les deux lit un
message vide et s’arrête. Ici, on écrit à côté et l’on renomme. Se branche par CELERY_BROKER_TRANSPORT.
"""

import os
import time
import uuid
from pathlib import Path

from kombu.transport import filesystem
from kombu.utils.json import dumps


def paraitre(fichier, contenu):
    """Écrit `contenu` (JSON) sous un nom que personne ne cherche, puis le pose sous son vrai nom."""
    brouillon = fichier.with_name(f".{uuid.uuid4()}")
    brouillon.write_text(dumps(contenu))
    os.replace(brouillon, fichier)


class Channel(filesystem.Channel):
    def _put(self, queue, payload, **kwargs):
        # L’heure en tête du nom : les messages se lisent dans l’ordre, même après un redémarrage de la machine.
        paraitre(Path(self.data_folder_out) / f"{time.time_ns():020d}_{uuid.uuid4()}.{queue}.msg", payload)

    def _queue_bind(self, exchange, routing_key, pattern, queue):
        liaison = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with (self.control_folder / ".verrou").open("w") as verrou:
            filesystem.lock(verrou, filesystem.LOCK_EX)
            connues = self.get_table(exchange)
            if liaison not in connues:
                paraitre(self._exchange_file(exchange), [liaison, *connues])


class Transport(filesystem.Transport):
    Channel = Channel
