"""En démonstration, les courriels vont dans un dossier et se lisent à /courriels/."""

import email
import email.policy
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from plie.historique import cle


class CourrielsEnDossier(BaseEmailBackend):
    def send_messages(self, email_messages):
        dossier = Path(settings.COURRIELS)
        dossier.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            nom = cle()
            (dossier / f"{nom}.part").write_bytes(message.message().as_bytes())
            os.replace(dossier / f"{nom}.part", dossier / f"{nom}.eml")  # personne n’en lit la moitié
        return len(email_messages)


@dataclass(frozen=True)
class Courriel:
    subject: str
    to: str
    le: datetime
    corps: str


def courriels_envoyes(limite=50):
    """Les derniers courriels partis, du plus récent au plus ancien : (identifiant, Courriel)."""
    fichiers = sorted(Path(settings.COURRIELS).glob("*.eml"), reverse=True)
    return [(f.stem, _lire(f)) for f in fichiers[:limite]]


def courriel(identifiant):
    """Un courriel par son identifiant (clé UUID), ou None."""
    fichier = Path(settings.COURRIELS) / f"{identifiant}.eml"
    return _lire(fichier) if fichier.is_file() else None


def _lire(fichier):
    message = email.message_from_bytes(fichier.read_bytes(), policy=email.policy.default)
    corps = message.get_body(preferencelist=("plain", "html"))
    return Courriel(
        subject=str(message["Subject"]),
        to=str(message["To"]),
        le=datetime.fromtimestamp(fichier.stat().st_mtime, timezone.get_current_timezone()),
        corps=corps.get_content() if corps else "",
    )
