from django.urls import path

from participants import views

app_name = "participants"
urlpatterns = [
    path("pieces/<uuid:pk>/", views.piece, name="piece"),
    path("pieces/<uuid:pk>/apercu/", views.apercu, name="apercu"),
]
