"""Prépare la base et les feuilles avant de servir : migrations, fichiers statiques, et personnes fictives sur demande.

    .venv/bin/python -m outils.preparation [--demonstration]

Un seul démarrage de Django, et rien n’est refait de ce qui est à jour.
"""

import io
import os
import sys

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from outils.installation import RACINE, annoncer, empreinte

TEMOIN = ".installe"
# Des paquets npm, les pages ne prennent que les versions minifiées, leur plan de source (cité par elles) et les polices.
INUTILES = [
    *("libs", "cjs", "esm", "scss", "types", "plugins", "*.rtl.*", "*.esm.*", "*.ts", "*.md", "social"),
    *("tabler-*", "tabler.css*", "tabler.js*", "signature_pad.js*", "signature_pad.umd.js*", "signature_pad.min.js*"),
    *("tom-select.base*", "tom-select.popular*", "tom-select.complete.js*", "tom-select.css*", "tom-select.min.css*"),
    *("tom-select.bootstrap4*", "tom-select.bootstrap5.css*", "tom-select.default*"),
]


def migrer():
    executeur = MigrationExecutor(connection)
    if executeur.migration_plan(executeur.loader.graph.leaf_nodes()):
        annoncer("base de données")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("referentiels", stdout=io.StringIO())


def rassembler():
    """Les feuilles et scripts changent avec `static/`, avec les paquets npm ou avec les réglages."""
    sources = sorted(f for f in (RACINE / "static").rglob("*") if f.is_file())
    attendue = empreinte(
        *sources,
        RACINE / "package-lock.json",
        RACINE / "requirements/base.txt",
        RACINE / "plie/settings.py",
        et=str([str(f) for f in sources]),
    )
    temoin = settings.STATIC_ROOT / TEMOIN
    if temoin.exists() and temoin.read_text() == attendue:
        return
    annoncer("feuilles et scripts")
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=INUTILES)
    temoin.write_text(attendue)


def remplir():
    """Tout ou rien : une démonstration interrompue en chemin ne laisse pas une base à moitié pleine."""
    if apps.get_model("participants", "Participant").objects.exists():
        return
    annoncer("un PLIE fictif de 300 personnes")
    with transaction.atomic():
        call_command("demo")
    # L’histoire jusqu’à sa fin, sans attendre le premier passage de beat.
    call_command("rappels", stdout=io.StringIO())


def main(arguments):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plie.settings")
    django.setup()
    migrer()
    rassembler()
    if "--demonstration" in arguments:
        remplir()


if __name__ == "__main__":
    main(sys.argv[1:])
