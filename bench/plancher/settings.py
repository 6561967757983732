"""Le plancher : ce que coûte une vue Django nue, pour juger nos pages en rapport et non en secondes (5-qualité)."""

import os
from pathlib import Path

os.environ.setdefault("PLIE_MODE", "demonstration")
from plie.settings import base_de_donnees  # noqa: E402

DOSSIER = Path(__file__).resolve().parent
SECRET_KEY = "plancher"
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "bench.plancher"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "bench.plancher.vues"
WSGI_APPLICATION = "bench.plancher.wsgi.application"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [DOSSIER]}]
# Une vue nue garde aussi les réglages nus de Django : une connexion par requête, rien de préparé.
DATABASES = {"default": base_de_donnees(os.environ.get("PLANCHER_BASE")) | {"CONN_MAX_AGE": 0}}
if "postgresql" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"] |= {"OPTIONS": {}, "CONN_HEALTH_CHECKS": False}
if "NAME" in DATABASES["default"] and "sqlite" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["NAME"] = os.environ["PLANCHER_SQLITE"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE, TIME_ZONE, USE_TZ = "fr", "Europe/Paris", True
