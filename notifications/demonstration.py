"""En démonstration, les courriels vont dans un dossier et se lisent à /courriels/."""

import email
import email.policy
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend

from plie.historique import cle


class CourrielsEnDossier(BaseEmailBackend):
    def send_messages(self, email_messages):
        dossier = Path(settings.COURRIELS)
        dossier.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            (dossier / f"{cle()}.eml").write_bytes(message.message().as_bytes())
        return len(email_messages)


def courriels_envoyes(limite=50):
    """Les derniers courriels partis, du plus récent au plus ancien : (identifiant, message)."""
    fichiers = sorted(Path(settings.COURRIELS).glob("*.eml"), reverse=True)
    return [(f.stem, _lire(f)) for f in fichiers[:limite]]


def courriel(identifiant):
    """Un courriel par son identifiant (clé UUID), ou None."""
    fichier = Path(settings.COURRIELS) / f"{identifiant}.eml"
    return _lire(fichier) if fichier.is_file() else None


def _lire(fichier):
    return email.message_from_bytes(fichier.read_bytes(), policy=email.policy.default)
