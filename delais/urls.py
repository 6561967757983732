app_name = "delais"
urlpatterns = []
