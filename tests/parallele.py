"""Faire la même chose à plusieurs, en même temps, chacun avec sa propre connexion à la base."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connections


def en_parallele(nombre, acte):
    """Lance `acte(rang)` dans `nombre` fils qui partent ensemble ; rend leurs résultats, une exception en étant un."""
    depart = threading.Barrier(nombre)

    def faire(rang):
        depart.wait()
        try:
            return acte(rang)
        except Exception as erreur:
            return erreur
        finally:
            connections.close_all()

    with ThreadPoolExecutor(nombre) as fils:
        return list(fils.map(faire, range(nombre)))
