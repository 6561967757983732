import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dossier.demonstration.peuplement import Peuplement
from participants.models import Participant
from plie.lots import analyser


class Command(BaseCommand):
    help = "Remplit une base vide d’un PLIE inventé et crédible (démonstration et mesures)."

    def add_arguments(self, parser):
        parser.add_argument("--participants", type=int, default=300, help="nombre de personnes (300 par défaut)")
        parser.add_argument("--graine", type=int, default=1, help="graine du hasard : même graine, même PLIE")

    def handle(self, *args, participants, graine, **options):
        if settings.PRODUCTION:
            raise CommandError("Pas de données inventées en production : PLIE_MODE=demonstration.")
        if Participant.objects.exists():
            raise CommandError(
                "La base contient déjà des personnes : la démonstration ne s’ajoute qu’à une base vide."
            )
        debut = time.monotonic()
        Peuplement(participants, graine).executer(lambda faits: self._dire(faits, participants))
        analyser()
        self.stdout.write(f"\n{participants} personnes en {time.monotonic() - debut:.0f} s.")

    def _dire(self, faits, total):
        self.stdout.write(f"\r{faits} personnes sur {total}", ending="")
        self.stdout.flush()
