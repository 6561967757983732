"""Un hasard qui se rejoue : mêmes tirages et mêmes clés pour une même graine et un même jour."""

import datetime
import random
import uuid

from plie.instants import a


class Hasard(random.Random):
    def cle(self, moment):
        """Une clé UUIDv7 datée de `moment` (datetime), tirée de la graine : les démonstrations se comparent."""
        valeur = int(moment.timestamp() * 1000) << 80 | 0x7 << 76 | self.getrandbits(12) << 64
        return uuid.UUID(int=valeur | 0b10 << 62 | self.getrandbits(62))

    def pese(self, poids):
        """Une clé de `poids` ({choix: poids})."""
        return self.choices(list(poids), weights=list(poids.values()))[0]


def a_heure(jour, heure, minute=0):
    """datetime à Paris, le `jour` (date) à `heure`:`minute`."""
    return a(jour, datetime.time(heure, minute))


def jour_ouvre(jour):
    """`jour`, ou le lundi qui suit."""
    return jour + datetime.timedelta({5: 2, 6: 1}.get(jour.weekday(), 0))
