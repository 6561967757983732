from django.urls import path

from entretiens import views, views_demarches, views_documents, views_rendez_vous

app_name = "entretiens"
urlpatterns = [
    path("participants/<uuid:participant>/entretiens/nouveau/", views.nouveau, name="nouveau"),
    path("participants/<uuid:participant>/rendez-vous/nouveau/", views_rendez_vous.rendez_vous, name="rendez_vous"),
    path("participants/<uuid:participant>/demarches/nouvelle/", views_demarches.nouvelle, name="demarche_nouvelle"),
    path("entretiens/livret.pdf", views_documents.livret, name="livret"),
    path("entretiens/<uuid:pk>/", views.detail, name="detail"),
    path("entretiens/<uuid:pk>/brouillon/", views.brouillon, name="brouillon"),
    path("entretiens/<uuid:pk>/clore/", views.clore, name="clore"),
    path("entretiens/<uuid:pk>/signer/", views_documents.signer, name="signer"),
    path("entretiens/<uuid:pk>/synthese.pdf", views_documents.synthese, name="synthese"),
    path("entretiens/<uuid:pk>/corriger/", views.corriger, name="corriger"),
    path("rendez-vous/<uuid:pk>/", views_rendez_vous.detail, name="rendez_vous_detail"),
    path("rendez-vous/<uuid:pk>/deplacer/", views_rendez_vous.deplacer, name="deplacer"),
    path("rendez-vous/<uuid:pk>/noter/", views_rendez_vous.noter, name="noter"),
    path("rendez-vous/<uuid:pk>/ouvrir/", views.ouvrir, name="ouvrir"),
    path("rendez-vous/<uuid:pk>/convocation.pdf", views_rendez_vous.convocation, name="convocation"),
    path("demarches/<uuid:pk>/regler/", views_demarches.regler, name="demarche"),
]
