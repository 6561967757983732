from django.apps import AppConfig


class DossierConfig(AppConfig):
    name = "dossier"
    verbose_name = "Dossier"

    def ready(self):
        from dossier import battements  # noqa: F401 : branche le pouls de beat
