from django.core.management.base import BaseCommand

from delais.rappels import envoyer_rappels
from notifications.envoi import envoyer_en_attente
from plie.templatetags.interface import compte


class Command(BaseCommand):
    help = "Envoie ce qui est dû : les rappels de délais, puis la boîte d’envoi. Peut se lancer deux fois."

    def handle(self, *args, **options):
        rappelees = envoyer_rappels()
        partis = envoyer_en_attente()
        self.stdout.write(f"{compte(rappelees, 'délai rappelé')}, {compte(partis, 'courriel parti')}.")
