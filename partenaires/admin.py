from django.contrib import admin

from partenaires.models import Interlocuteur, Organisation
from plie.administration import EnLigne, ModeleAdmin


class InterlocuteurEnLigne(EnLigne):
    """Le compte rattaché ici ne verra que les demandes de cette organisation."""

    model = Interlocuteur
    fields = ["prenom", "nom", "fonction", "email", "telephone", "utilisateur"]
    autocomplete_fields = ["utilisateur"]


@admin.register(Organisation)
class OrganisationAdmin(ModeleAdmin):
    list_display = ["nom", "genre", "commune", "active"]
    list_filter = ["genre", "active"]
    list_select_related = ["commune"]
    search_fields = ["nom"]
    inlines = [InterlocuteurEnLigne]
