from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class HorlogesConfig(AppConfig):
    name = "horloges"
    verbose_name = "Horloges"

    def ready(self):
        autodiscover_modules("horloges")
