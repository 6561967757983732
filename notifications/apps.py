from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "Notifications"

    def ready(self):
        from notifications import acces  # noqa: F401  (ses lettres s’inscrivent, dans le worker aussi)
