from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("dossier.urls")),
    path("", include("entretiens.urls")),
    path("", include("participants.urls")),
    path("", include("documents.urls")),
    path("prescriptions/", include("prescriptions.urls")),
    path("orientations/", include("prescriptions.urls_orientations")),
    path("territoire/", include("territoire.urls")),
    path("delais/", include("delais.urls")),
    path("alertes/", include("notifications.urls")),
    path("compte/", include("comptes.urls")),
    path("admin/", admin.site.urls),
]
if settings.DEMONSTRATION or settings.TEST:
    from notifications import views as notifications
    from plie.style import style

    urlpatterns += [
        path("style/", style, name="style"),
        path("courriels/", notifications.courriels, name="courriels"),
        path("courriels/<uuid:identifiant>/", notifications.un_courriel, name="courriel"),
    ]
handler400 = "plie.erreurs.mauvaise_demande"
handler403 = "plie.erreurs.interdit"
handler404 = "plie.erreurs.introuvable"
