from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.alertes, name="alertes"),
    path("lues/", views.lues, name="lues"),
    path("<uuid:pk>/lue/", views.lue, name="lue"),
    path("non-partis/", views.non_partis, name="non_partis"),
    path("non-partis/<uuid:pk>/renvoyer/", views.renvoyer, name="renvoyer"),
]
