from django.urls import path

from prescriptions.views import controle, detail, instruction, liste, premier_contact, verbes
from prescriptions.views_orientations import nouvelle_interne

app_name = "prescriptions"
urlpatterns = [
    path("", liste.liste, name="liste"),
    path("nouvelle/", nouvelle_interne, name="nouvelle"),
    path("export/", liste.export, name="export"),
    path("acter-entree/", liste.acter_en_lot, name="acter_en_lot"),
    path("<uuid:pk>/", detail.detail, name="detail"),
    path("<uuid:pk>/controle/", controle.controle, name="controle"),
    path("<uuid:pk>/controle/annuler/", controle.annuler, name="annuler"),
    path("<uuid:pk>/avis/", instruction.avis, name="avis"),
    path("<uuid:pk>/criteres/", instruction.criteres, name="criteres"),
    path("<uuid:pk>/entree/", instruction.entree, name="entree"),
    path("<uuid:pk>/joindre/", instruction.joindre, name="joindre"),
    path("<uuid:pk>/promettre/", instruction.promettre, name="promettre"),
    path("<uuid:pk>/repondre/", instruction.repondre, name="repondre"),
    path("<uuid:pk>/premier-contact/", premier_contact.corriger, name="premier_contact"),
    path("<uuid:pk>/message/", instruction.message, name="message"),
    path("<uuid:pk>/acter-entree/", verbes.acter_entree, name="acter_entree"),
    *(path(f"<uuid:pk>/{nom.replace('_', '-')}/", verbes.verbe, {"nom": nom}, name=nom) for nom in verbes.VERBES),
]
