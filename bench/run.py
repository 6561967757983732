"""Le banc : deux planchers, puis chaque page de l’histoire, sur SQLite et PostgreSQL, à 300 et 10 000 personnes.

    python bench/run.py [--personnes 300 10000] [--bases sqlite postgresql] [--serie 200] [--sortie bench/resultats.md]

Les rapports au plancher se lisent dans un même passage ; les millisecondes dépendent de la machine.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

RACINE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(RACINE))

from bench.mesure import demander, mesurer  # noqa: E402
from outils.services import port_libre, suivre_le_parent  # noqa: E402

OBJECTIFS = {"A4": ("A", 4, 12), "A5": ("A", 5, 15), "B2": ("B", 2, 8), "P5": ("P", 5, None)}


def base_neuve(adresse, nom):
    """Crée la base `nom` à côté de celle de `adresse` ; rend son adresse."""
    import psycopg

    with psycopg.connect(adresse, autocommit=True) as connexion:
        connexion.execute(f'DROP DATABASE IF EXISTS "{nom}"')
        connexion.execute(f'CREATE DATABASE "{nom}"')
    morceaux = urlsplit(adresse)
    return urlunsplit(morceaux._replace(path=f"/{nom}"))


class Serveur:
    """gunicorn, deux workers synchrones, sur un port libre de la boucle locale."""

    def __init__(self, application, environnement):
        self.port = port_libre()
        environnement = {**environnement, "PORT": str(self.port), "PLIE_PROCESSUS": "2"}
        commande = [sys.executable, "-m", "gunicorn", application, "-c", str(RACINE / "gunicorn.conf.py")]
        self.processus = subprocess.Popen(commande, cwd=RACINE, env=environnement, preexec_fn=suivre_le_parent)
        for _ in range(100):
            try:
                demander(self.port, "/", "")
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"{application} ne répond pas.")

    def arreter(self):
        self.processus.terminate()
        self.processus.wait(20)


def plancher(dossier, base, serie):
    environnement = {**os.environ, "PLANCHER_SQLITE": str(Path(dossier) / "plancher.sqlite3"), "PLIE_DONNEES": dossier}
    environnement.pop("PLIE_BASE", None)
    if base:
        environnement["PLANCHER_BASE"] = base_neuve(base, "plancher")
    semis = subprocess.run(
        [sys.executable, "-m", "bench.plancher.semer"],
        cwd=RACINE,
        env=environnement,
        check=True,
        capture_output=True,
        text=True,
    )
    cookie = f"sessionid={semis.stdout.split()[-1]}"
    serveur = Serveur("bench.plancher.wsgi", environnement)
    champs = "nom=Nom&prenom=P&naissance=1980-01-01&telephone=06&adresse=Rue&commune=Dunkerque&note=note"
    try:
        return {
            "A": mesurer(serveur.port, "/a/", cookie, serie=serie),
            "B": mesurer(serveur.port, "/b/", cookie, serie=serie),
            "P": mesurer(serveur.port, "/post/", cookie, serie=serie, charge=0, corps=champs),
        }
    finally:
        serveur.arreter()


def application(dossier, base, personnes, serie):
    """Remplit une base, sert l’application, mesure chaque page ; rend (durée du remplissage, pages mesurées)."""
    environnement = {**os.environ, "PLIE_MODE": "demonstration", "PLIE_DONNEES": dossier}
    environnement.pop("PLIE_BASE", None)
    environnement.pop("PLIE_REDIS", None)
    if base:
        environnement["PLIE_BASE"] = base_neuve(base, f"banc{personnes}")
    manage = [sys.executable, "manage.py"]
    silence = {"cwd": RACINE, "env": environnement, "check": True, "stdout": subprocess.DEVNULL}
    subprocess.run([*manage, "migrate", "-v", "0"], **silence)
    subprocess.run([sys.executable, "-m", "outils.preparation"], **silence)
    debut = time.monotonic()
    subprocess.run([*manage, "demo", "--participants", str(personnes)], **silence)
    duree = time.monotonic() - debut
    plan = subprocess.run(
        [sys.executable, "-m", "bench.pages"],
        cwd=RACINE,
        env=environnement,
        check=True,
        capture_output=True,
        text=True,
    )
    pages = json.loads(plan.stdout.splitlines()[-1])
    serveur = Serveur("plie.wsgi", environnement)
    try:
        return duree, [(page, _mesurer_page(serveur.port, page, serie)) for page in pages]
    finally:
        serveur.arreter()


def _mesurer_page(port, page, serie):
    if "corps" in page:
        entetes = {"X-CSRFToken": page["csrf"], "Referer": f"http://127.0.0.1:{port}/"}
        return mesurer(
            port, page["chemin"], page["cookie"], serie=serie, charge=0, corps=page["corps"], entetes=entetes
        )
    return mesurer(port, page["chemin"], page["cookie"], serie=serie)


def tableau(nom, personnes, duree, planchers, pages):
    a, b, p = (planchers[c] for c in "ABP")
    yield f"\n## {nom}, {personnes} personnes\n"
    yield (
        f"Plancher A {a.mediane:.1f} ms, B {b.mediane:.1f} ms, POST {p.mediane:.1f} ms. "
        f"Base remplie en {duree:.0f} s.\n"
    )
    yield "| Page | Médiane | p95 | Rapport | Objectif | Requêtes | Taille | À 4 clients |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for page, mesure in pages:
        lettre, facteur, requetes = OBJECTIFS[page["objectif"]]
        rapport = mesure.mediane / planchers[lettre].mediane
        tenu = rapport <= facteur and (requetes is None or page["requetes"] <= requetes) and mesure.statut < 400
        yield (
            f"| {page['nom']}{'' if tenu else ' ✗'} | {mesure.mediane:.1f} ms | {mesure.p95:.1f} ms | {rapport:.1f} × {lettre} "
            f"| {facteur} × {lettre}{f', {requetes} req.' if requetes else ''} | {page['requetes']} "
            f"| {mesure.octets / 1000:.0f} ko | {f'{mesure.debit:.0f}/s' if mesure.debit else ''} |"
        )


def main():
    lecteur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    lecteur.add_argument("--personnes", type=int, nargs="+", default=[300, 10000])
    lecteur.add_argument("--bases", nargs="+", default=["sqlite", "postgresql"])
    lecteur.add_argument("--serie", type=int, default=200)
    lecteur.add_argument("--sortie", type=Path, default=RACINE / "bench" / "resultats.md")
    options = lecteur.parse_args()
    lignes = [
        "# Résultats du banc\n",
        f"Passage du {datetime.now():%d/%m/%Y à %H:%M}, {os.cpu_count()} cœurs, Python {platform.python_version()}, "
        f"{options.serie} requêtes en série par page. ✗ : objectif de vitesse ou de requêtes non tenu. "
        "Le plancher garde les réglages nus de Django : une connexion à la base par requête.",
    ]
    for nom in options.bases:
        base = os.environ.get("PLIE_BASE") if nom == "postgresql" else None
        if nom == "postgresql" and not base:
            raise SystemExit("PostgreSQL n’est pas là : lancer « make bench », ou poser PLIE_BASE.")
        for personnes in options.personnes:
            with tempfile.TemporaryDirectory() as dossier:
                planchers = plancher(dossier, base, options.serie)
                duree, pages = application(dossier, base, personnes, options.serie)
            for ligne in tableau(
                {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[nom], personnes, duree, planchers, pages
            ):
                print(ligne)
                lignes.append(ligne)
    options.sortie.write_text("\n".join(lignes) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
