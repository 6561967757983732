from django import forms
from django.contrib import admin, messages

from comptes import second_facteur
from comptes.models import Role, RoleAttribue, Utilisateur
from plie.administration import EnLigne, FormeVersionnee, ModeleAdmin


class RolesEnLigne(forms.BaseInlineFormSet):
    def clean(self):
        """Sans administrateur au compte ouvert, plus personne ne pourrait en nommer un."""
        super().clean()
        gardes = {f.cleaned_data.get("role") for f in self.forms if f.is_valid() and not f.cleaned_data.get("DELETE")}
        autres = Utilisateur.objects.ayant_role(Role.ADMINISTRATEUR).exclude(pk=self.instance.pk)
        if not (self.instance.is_active and Role.ADMINISTRATEUR in gardes or autres.exists()):
            raise forms.ValidationError("Il faut au moins un administrateur au compte ouvert.")


class RoleEnLigne(EnLigne):
    model = RoleAttribue
    formset = RolesEnLigne
    fields = ["role", "antenne"]


class CompteForm(FormeVersionnee):
    def clean_email(self):
        """Une adresse, un compte : la casse ne les distingue pas."""
        adresse = self.cleaned_data["email"].lower()
        if Utilisateur.objects.filter(email__iexact=adresse).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Un compte existe déjà à cette adresse.")
        return adresse


@admin.register(Utilisateur)
class UtilisateurAdmin(ModeleAdmin):
    """Un compte se ferme, il ne se supprime pas. Personne n’y choisit le mot de passe d’un autre."""

    form = CompteForm
    fields = ["email", "civilite", "prenom", "nom", "telephone", "is_active", "version_lue"]
    list_display = ["nom", "prenom", "email", "ses_roles", "is_active"]
    list_filter = ["is_active", "attributions__role"]
    search_fields = ["nom", "prenom", "email"]
    inlines = [RoleEnLigne]
    actions = ["retirer_le_second_facteur"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("attributions")

    @admin.display(description="rôles")
    def ses_roles(self, compte):
        return ", ".join(sorted({a.get_role_display() for a in compte.attributions.all()}))

    def save_model(self, request, obj, form, change):
        if not change:
            obj.set_unusable_password()
            messages.info(request, "La personne choisit son mot de passe par « Mot de passe oublié », à la connexion.")
        super().save_model(request, obj, form, change)

    @admin.action(description="Retirer le second facteur (téléphone perdu)")
    def retirer_le_second_facteur(self, request, comptes):
        for compte in comptes:
            second_facteur.retirer(compte, par=request.user)
        messages.success(request, "Retiré : ces personnes en mettront un autre en place à leur prochaine connexion.")
