"""Les réglages de l’application en mode « test », sur un dossier de données jetable propre à ce processus."""

import atexit
import os
import shutil
import tempfile

os.environ["PLIE_MODE"] = "test"
os.environ["PLIE_DONNEES"] = tempfile.mkdtemp(prefix="plie-tests-")
atexit.register(shutil.rmtree, os.environ["PLIE_DONNEES"], ignore_errors=True)
# Les commandes lancées par un test (gunicorn, manage.py) prennent les réglages de tout le monde.
os.environ["DJANGO_SETTINGS_MODULE"] = "plie.settings"

from plie.settings import *  # noqa: E402, F403
