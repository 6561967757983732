from django.apps import AppConfig
from django.db.models.signals import post_migrate


class JournalConfig(AppConfig):
    name = "journal"
    verbose_name = "Journal"

    def ready(self):
        from journal import actions, declencheurs
        from plie import historique

        historique.OBSERVATEURS.append(actions.consigner_ecriture)
        historique.OBSERVATEURS_EN_MASSE.append(actions.consigner_ecritures)
        historique.OBSERVATEURS_DE_SUPPRESSION.append(actions.consigner_suppression)
        # SQLite refait une table pour en changer une colonne, et perd ainsi ses déclencheurs.
        post_migrate.connect(declencheurs.reposer, sender=self, dispatch_uid="journal.declencheurs")
