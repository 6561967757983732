from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from bench.plancher.models import Ligne

LITTERAL = "\n".join(f"<p class='bloc'>Paragraphe littéral numéro {n}, assez long pour peser.</p>" for n in range(400))


class LigneForm(forms.ModelForm):
    class Meta:
        model = Ligne
        fields = ["nom", "prenom", "naissance", "telephone", "adresse", "commune", "note"]


@login_required
def page(request):
    """Plancher A : session, utilisateur, une requête, une page de 30 ko surtout littérale."""
    return render(request, "page.html", {"ligne": Ligne.objects.first(), "litteral": LITTERAL})


@login_required
def liste(request):
    """Plancher B : 82 lignes de six colonnes."""
    return render(request, "liste.html", {"lignes": Ligne.objects.order_by("id")[:82]})


@csrf_exempt
@login_required
def ecrire(request):
    """Plancher POST : huit champs, un UPDATE, une redirection."""
    form = LigneForm(request.POST, instance=Ligne.objects.first())
    if form.is_valid():
        form.save()
    return HttpResponseRedirect("/a/")


urlpatterns = [path("a/", page), path("b/", liste), path("post/", ecrire)]
