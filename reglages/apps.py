from django.apps import AppConfig


class ReglagesConfig(AppConfig):
    name = "reglages"
    verbose_name = "Réglages"
