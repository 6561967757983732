from django.urls import path

from territoire import views

app_name = "territoire"
urlpatterns = [path("communes/", views.communes, name="communes")]
