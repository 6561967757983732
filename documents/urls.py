from django.urls import path

from documents import views

app_name = "documents"
urlpatterns = [
    path("verifier/", views.verification, name="verification"),
    path("verifier/<str:code>/", views.verifier, name="verifier"),
]
