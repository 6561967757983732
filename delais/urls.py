from django.urls import path

from delais import views

app_name = "delais"
urlpatterns = [
    path("", views.liste, name="liste"),
    path("export/", views.export, name="export"),
]
