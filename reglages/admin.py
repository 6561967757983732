from django.contrib import admin

from plie.administration import ModeleAdmin
from reglages.lecture import oublier
from reglages.models import Reglage, Structure


class ReglageAdminDeBase(ModeleAdmin):
    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        oublier()


@admin.register(Structure)
class StructureAdmin(ReglageAdminDeBase):
    fields = ["nom", "association", "adresse", "telephone", "version_lue"]

    def has_add_permission(self, request):
        return super().has_add_permission(request) and not Structure.objects.exists()


@admin.register(Reglage)
class ReglageAdmin(ReglageAdminDeBase):
    """Un réglage change par une ligne de plus, à partir d’un jour : les règles du passé restent celles du passé."""

    list_display = ["code", "valeur", "du"]
    list_filter = ["code"]
    fields = ["code", "valeur", "du", "version_lue"]
