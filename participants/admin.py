from django.contrib import admin

from participants.models import TypePiece
from plie.administration import ModeleAdmin


@admin.register(TypePiece)
class TypePieceAdmin(ModeleAdmin):
    list_display = ["libelle", "obligatoire", "validite_mois", "sensible", "ordre"]
    search_fields = ["libelle", "code"]
