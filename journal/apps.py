from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "journal"
    verbose_name = "Journal"

    def ready(self):
        from journal.actions import consigner_ecriture, consigner_ecritures
        from plie import historique

        historique.OBSERVATEURS.append(consigner_ecriture)
        historique.OBSERVATEURS_EN_MASSE.append(consigner_ecritures)
