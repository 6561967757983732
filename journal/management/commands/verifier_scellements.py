from django.core.management.base import BaseCommand, CommandError

from journal.scellement import verifier


class Command(BaseCommand):
    help = "Vérifie la chaîne des scellements du journal ; sort en erreur au premier défaut trouvé."

    def handle(self, *args, **options):
        defauts = verifier()
        for defaut in defauts:
            self.stderr.write(f"Ligne {defaut.ligne_id} : {defaut.raison}.")
        if defauts:
            raise CommandError(f"{len(defauts)} défaut(s) dans le journal.")
        self.stdout.write("Journal sain.")
