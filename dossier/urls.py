from django.urls import path

from dossier.views import historique, journee, liste, modifier, participant, recherche, sante

app_name = "dossier"
urlpatterns = [
    path("", journee.journee, name="journee"),
    path("sante/", sante.sante, name="sante"),
    path("recherche/", recherche.recherche, name="recherche"),
    path("participants/", liste.participants, name="participants"),
    path("participants/export/", liste.export, name="export"),
    path("participants/<uuid:pk>/", participant.participant, name="participant"),
    path("participants/<uuid:pk>/modifier/", modifier.modifier, name="modifier"),
    path("participants/<uuid:pk>/historique/", historique.historique, name="historique"),
]
