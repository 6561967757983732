"""Crée la base du plancher et imprime le cookie de session d’un compte."""

import datetime
import os

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.plancher.settings"
import django  # noqa: E402

django.setup()
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from bench.plancher.models import Ligne  # noqa: E402

call_command("migrate", run_syncdb=True, verbosity=0)
compte, _ = get_user_model().objects.get_or_create(username="plancher")
if not Ligne.objects.exists():
    Ligne.objects.bulk_create(
        Ligne(nom=f"Nom{n}", prenom="Prénom", naissance=datetime.date(1980, 1, 1), telephone="06 39 98 00 00",
              adresse="1 rue de l’Exemple", commune="Dunkerque") for n in range(200)
    )  # fmt: skip
client = Client()
client.force_login(compte)
print(client.cookies["sessionid"].value)
