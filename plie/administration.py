"""L’administration : référentiels et comptes, pour le rôle administrateur, par notre propre page de connexion."""

from functools import update_wrapper

from django import forms
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.functional import cached_property

ROLE = "administrateur"
REFUS = "L’administration est réservée au rôle administrateur."


class AdministrationConfig(AdminConfig):
    default_site = "plie.administration.Administration"


class Administration(admin.AdminSite):
    site_header = site_title = "Administration du PLIE"
    index_title = "Référentiels et comptes"
    enable_nav_sidebar = True

    def has_permission(self, request):
        return request.user.is_authenticated and request.user.a_role(ROLE)

    def admin_view(self, view, cacheable=False):
        """403 pour qui est connecté sans le rôle : Django renverrait en boucle vers la connexion."""
        protegee = super().admin_view(view, cacheable)

        def _vue(request, *args, **kwargs):
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied(REFUS)
            return protegee(request, *args, **kwargs)

        return update_wrapper(_vue, protegee)

    def login(self, request, extra_context=None):
        return redirect("account_login")

    def logout(self, request, extra_context=None):
        return redirect("account_logout")

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")

    def register(self, model_or_iterable, admin_class=None, **options):
        """Seuls nos écrans : les bibliothèques inscrivent d’elles-mêmes des modèles que personne n’a à toucher."""
        if admin_class and issubclass(admin_class, ModeleAdmin):
            super().register(model_or_iterable, admin_class, **options)


class FormeVersionnee(forms.ModelForm):
    """Deux administrateurs sur la même fiche : le second le sait avant d’écraser (RE1)."""

    version_lue = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["version_lue"] = self.instance.version

    def clean(self):
        donnees = super().clean()
        if not self.instance._state.adding and donnees.get("version_lue") != self.instance.version:
            self.data = self.data.copy()
            self.data[self.add_prefix("version_lue")] = self.instance.version
            raise ValidationError(
                "Cette fiche a été modifiée pendant que vous la remplissiez. Votre saisie est gardée ci-dessous : "
                "enregistrez de nouveau pour remplacer, ou rouvrez la fiche pour voir ce qui a changé."
            )
        return donnees


class ModeleAdmin(admin.ModelAdmin):
    """Écrit par `enregistrer(par=…)` ; ne supprime rien : un référentiel se ferme, avec une date."""

    form = FormeVersionnee
    list_per_page = 50
    show_full_result_count = False

    def has_module_permission(self, request):
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request, obj=None):
        return self.admin_site.has_permission(request)

    has_add_permission = has_module_permission
    has_change_permission = has_view_permission

    def has_delete_permission(self, request, obj=None):
        return False

    def get_object(self, request, object_id, from_field=None):
        """À l’envoi, la fiche est tenue : deux administrateurs passent l’un après l’autre, le second voit le refus."""
        obj = super().get_object(request, object_id, from_field)
        if obj is not None and request.method == "POST" and self.has_change_permission(request, obj):
            obj.verrouiller()
        return obj

    def save_model(self, request, obj, form, change):
        obj.enregistrer(par=request.user)

    def save_related(self, request, form, formsets, change):
        for champ in form.instance._meta.many_to_many:
            if champ.name in form.changed_data:
                form.instance.relier(champ.name, form.cleaned_data[champ.name], par=request.user)
        for formset in formsets:
            self.save_formset(request, form, formset, change)

    def save_formset(self, request, form, formset, change):
        ecrits = formset.save(commit=False)  # dit aussi ce qui est à retirer
        for objet in formset.deleted_objects:
            objet.supprimer(par=request.user)
        for objet in ecrits:
            objet.enregistrer(par=request.user)

    def log_addition(self, request, obj, message):
        """L’historique et le journal disent déjà qui ; la trace de Django garderait des noms après l’effacement."""

    log_change = log_addition

    def history_view(self, request, object_id, extra_context=None):
        """Les versions de la fiche, de la plus récente à la plus ancienne."""
        obj = self.get_object(request, object_id)
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        versions = obj.history.select_related("history_user").order_by("-history_date", "-history_id")[:100]
        contexte = self.admin_site.each_context(request) | {"object": obj, "opts": self.opts, "versions": versions}
        return render(request, "admin/historique.html", contexte | {"title": f"Historique : {obj}"})


class PaginationBornee(Paginator):
    """Au-delà de 10 000 lignes on ne compte plus : compter coûterait plus que lire la page."""

    MAXIMUM = 10_000

    @cached_property
    def count(self):
        return self.object_list[: self.MAXIMUM].count()


class EnLigne(admin.TabularInline):
    """Des lignes d’une fiche, que l’administrateur peut aussi retirer."""

    extra = 0

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Les choix se lisent une fois par page, et non une fois par ligne."""
        champ = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name not in self.get_autocomplete_fields(request):
            champ.choices = list(champ.choices)
        return champ

    def has_view_permission(self, request, obj=None):
        return self.admin_site.has_permission(request)

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request, obj=None):
        return self.admin_site.has_permission(request)
