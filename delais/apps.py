from django.apps import AppConfig


class DelaisConfig(AppConfig):
    name = "delais"
    verbose_name = "Délais"
