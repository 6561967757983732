app_name = "orientations"
urlpatterns = []
