from django.apps import AppConfig


class PlancherConfig(AppConfig):
    name = "bench.plancher"
    label = "plancher"
