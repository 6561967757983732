"""Mesurer une adresse : des requêtes en série, puis quatre clients à la fois. Sur cette machine seulement."""

import http.client
import itertools
import statistics
import threading
import time
from dataclasses import dataclass

ECHAUFFEMENT, SERIE, CHARGE = 10, 200, 3  # requêtes, requêtes, secondes


@dataclass
class Mesure:
    mediane: float  # ms
    p95: float  # ms
    octets: int
    debit: float  # requêtes par seconde, à quatre clients
    statut: int


def demander(port, chemin, cookie, *, corps=None, entetes=None):
    """Une requête sur une connexion neuve ; rend (statut, octets, en-têtes, contenu)."""
    connexion = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    tous = {"Cookie": cookie, **(entetes or {})}
    if corps is not None:
        tous["Content-Type"] = "application/x-www-form-urlencoded"
    connexion.request("POST" if corps is not None else "GET", chemin, body=corps, headers=tous)
    reponse = connexion.getresponse()
    contenu = reponse.read()
    connexion.close()
    return reponse.status, len(contenu), reponse.headers, contenu


def mesurer(port, chemin, cookie, *, serie=SERIE, charge=CHARGE, **options):
    """Médiane et p95 de `serie` requêtes après échauffement, puis débit à quatre clients pendant `charge` secondes.

    `corps` en liste : envoyés tour à tour, pour que chaque envoi change quelque chose.
    """
    corps = options.pop("corps", None)
    tour = itertools.cycle(corps if isinstance(corps, list) else [corps])
    for _ in range(ECHAUFFEMENT):
        statut, octets, *_ = demander(port, chemin, cookie, corps=next(tour), **options)
    durees = []
    for _ in range(serie):
        envoi = next(tour)
        debut = time.perf_counter()
        demander(port, chemin, cookie, corps=envoi, **options)
        durees.append((time.perf_counter() - debut) * 1000)
    durees.sort()
    return Mesure(
        statistics.median(durees),
        durees[int(len(durees) * 0.95) - 1],
        octets,
        _debit(port, chemin, cookie, charge, options) if charge else 0,
        statut,
    )


def _debit(port, chemin, cookie, charge, options):
    fin, faites = time.monotonic() + charge, [0] * 4

    def client(rang):
        while time.monotonic() < fin:
            demander(port, chemin, cookie, **options)
            faites[rang] += 1

    fils = [threading.Thread(target=client, args=(rang,)) for rang in range(4)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    return sum(faites) / charge
