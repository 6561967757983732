"""Les adresses de /compte/, en français ; les noms sont ceux qu’allauth attend."""

from allauth.account import views as compte
from allauth.mfa.base import views as facteur
from django.urls import path, re_path

from comptes import views

urlpatterns = [
    path("connexion/", compte.login, name="account_login"),
    path("deconnexion/", compte.logout, name="account_logout"),
    path("ferme/", compte.account_inactive, name="account_inactive"),
    path("confirmer/", compte.reauthenticate, name="account_reauthenticate"),
    path("mot-de-passe/", compte.password_change, name="account_change_password"),
    path("mot-de-passe/oublie/", compte.password_reset, name="account_reset_password"),
    path("mot-de-passe/oublie/envoye/", compte.password_reset_done, name="account_reset_password_done"),
    re_path(  # le jeton contient lui-même un tiret
        r"^mot-de-passe/nouveau/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[0-9A-Za-z-]+)/$",
        compte.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "mot-de-passe/nouveau/fait/",
        compte.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("second-facteur/", facteur.index, name="mfa_index"),
    path("second-facteur/code/", facteur.authenticate, name="mfa_authenticate"),
    path("second-facteur/confirmer/", facteur.reauthenticate, name="mfa_reauthenticate"),
    path("second-facteur/activer/", views.ActivationView.as_view(), name="mfa_activate_totp"),
    path("second-facteur/retirer/", views.RetraitView.as_view(), name="mfa_deactivate_totp"),
    path("second-facteur/secours/", views.NouveauxCodesView.as_view(), name="mfa_generate_recovery_codes"),
    path("brouillons/<slug:ecran>/<str:objet>/", views.brouillon, name="brouillon"),
]
