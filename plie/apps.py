from django.apps import AppConfig


class PlieConfig(AppConfig):
    name = "plie"
    verbose_name = "PLIE"

    def ready(self):
        from plie import controles  # noqa: F401  (inscrit les vérifications)
