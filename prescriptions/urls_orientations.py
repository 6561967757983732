from django.urls import path

from prescriptions import views_orientations as views

app_name = "orientations"
urlpatterns = [
    path("", views.liste, name="liste"),
    path("nouvelle/", views.nouvelle, name="nouvelle"),
    path("export/", views.export, name="export"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/joindre/", views.joindre, name="joindre"),
]
