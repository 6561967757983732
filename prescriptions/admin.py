from django.contrib import admin

from plie.administration import FormeVersionnee, ModeleAdmin
from prescriptions.models import Critere


class CritereForm(FormeVersionnee):
    def clean(self):
        """Un critère discret se trahirait par sa pièce : elle l’est aussi, sauf si elle est demandée à tous."""
        donnees = super().clean()
        nues = [t.libelle for t in donnees.get("types", []) if not (t.sensible or t.obligatoire)]
        if donnees.get("sensible") and nues:
            self.add_error("types", f"À dire aussi « donnée de santé ou discrète », d’abord : {', '.join(nues)}.")
        return donnees


@admin.register(Critere)
class CritereAdmin(ModeleAdmin):
    form = CritereForm
    list_display = ["libelle", "du", "au", "sensible", "ordre"]
    search_fields = ["libelle", "code"]
    filter_horizontal = ["types"]
