from django.contrib import admin

from participants.models import TypePiece
from plie.administration import ModeleAdmin


@admin.register(TypePiece)
class TypePieceAdmin(ModeleAdmin):
    list_display = ["libelle", "obligatoire", "validite_mois", "sensible", "ordre"]
    search_fields = ["libelle", "code"]

    def get_readonly_fields(self, request, obj=None):
        """Le code tient des règles (qui lit la synthèse signée, où va l’accord) : il ne change plus."""
        return ["code"] if obj else []
