from django import forms
from django.contrib import admin

from journal.models import Ligne
from plie.administration import ModeleAdmin, PaginationBornee


@admin.register(Ligne)
class LigneAdmin(ModeleAdmin):
    """Le journal se lit, rien de plus."""

    form = forms.ModelForm
    paginator = PaginationBornee
    list_display = ["le", "auteur", "tache", "acte", "objet_type", "objet_id", "adresse"]
    list_filter = ["acte"]
    list_select_related = ["auteur"]
    search_fields = ["objet_id__exact", "participant_id__exact"]
    search_help_text = "L’identifiant d’un objet ou d’une personne, tel qu’il est dans son adresse."

    def get_queryset(self, request):
        return super().get_queryset(request).visibles_par(request.user)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
