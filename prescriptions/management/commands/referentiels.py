from django.core.management.base import BaseCommand

from prescriptions import referentiels as prescriptions
from territoire import referentiels as territoire


class Command(BaseCommand):
    help = (
        "Ajoute les référentiels de départ qui manquent (communes, pièces, critères) ; ne change rien à ce qui est là."
    )

    def handle(self, *args, **options):
        self.stdout.write(f"{territoire.charger() + prescriptions.charger()} ligne(s) de référentiel ajoutée(s).")
