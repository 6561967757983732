from django.contrib import admin

from plie.administration import EnLigne, ModeleAdmin
from territoire.models import Antenne, CodePostal, Commune, Secteur


class CodePostalEnLigne(EnLigne):
    model = CodePostal
    fields = ["code"]


@admin.register(Commune)
class CommuneAdmin(ModeleAdmin):
    list_display = ["nom", "insee", "population", "adherente_du", "adherente_au"]
    search_fields = ["nom", "insee"]
    inlines = [CodePostalEnLigne]


@admin.register(Antenne)
class AntenneAdmin(ModeleAdmin):
    list_display = ["nom", "telephone", "ouverte"]


@admin.register(Secteur)
class SecteurAdmin(ModeleAdmin):
    list_display = ["commune", "antenne", "du", "au"]
    list_filter = ["antenne"]
    list_select_related = ["commune", "antenne"]
