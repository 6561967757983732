app_name = "territoire"
urlpatterns = []
