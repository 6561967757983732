from django.contrib import admin

from plie.administration import ModeleAdmin
from prescriptions.models import Critere


@admin.register(Critere)
class CritereAdmin(ModeleAdmin):
    list_display = ["libelle", "du", "au", "sensible", "ordre"]
    search_fields = ["libelle", "code"]
    filter_horizontal = ["types"]
