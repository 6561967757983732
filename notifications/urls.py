from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.alertes, name="alertes"),
    path("lues/", views.lues, name="lues"),
    path("<uuid:pk>/lue/", views.lue, name="lue"),
]
