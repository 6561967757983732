"""Ce que la production exige, et la démonstration aussi : sans cela, rien ne démarre, et une phrase dit pourquoi (RE12)."""

import ipaddress
import os
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

CLE_MINIMALE = 50  # caractères


@checks.register(checks.Tags.security)
def controler(app_configs, **_):
    return [checks.Error(phrase, id=f"plie.E{rang:03}") for rang, phrase in enumerate(reproches(), 1)]


def exiger(avec_la_base=True):
    """À l’entrée de chaque processus. Lève ImproperlyConfigured avec toutes les phrases."""
    phrases = [*reproches(), *(reproches_de_la_base() if avec_la_base else ())]
    if phrases:
        raise ImproperlyConfigured("Démarrage refusé.\n" + "\n".join(f"- {phrase}" for phrase in phrases))


def reproches():
    """Les réglages dangereux, en phrases ; vide quand tout va bien."""
    if settings.PRODUCTION:
        yield from _secrets()
        yield from _chiffrement()
        yield from _acces()
    elif settings.DEMONSTRATION:
        yield from _en_demonstration()


def _secrets():
    if settings.SECRET_KEY == settings.CLE_CONNUE:
        yield "PLIE_CLE_SECRETE n’est pas posée : la clé par défaut est connue de tous."
    elif len(settings.SECRET_KEY) < CLE_MINIMALE:
        yield f"PLIE_CLE_SECRETE est trop courte : {CLE_MINIMALE} caractères au hasard au moins."
    if settings.SEL_JOURNAL in (settings.CLE_CONNUE, settings.SECRET_KEY):
        yield "PLIE_SEL_JOURNAL n’est pas posé : la clé secrète peut changer, le sel du journal jamais."


def _chiffrement():
    if not settings.ADRESSE_PUBLIQUE.startswith("https://") or not settings.SECURE_SSL_REDIRECT:
        yield "PLIE_ADRESSE doit commencer par https:// : sans chiffrement, mots de passe et dossiers se lisent en chemin."
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        yield "Les témoins de connexion doivent être réservés à HTTPS."
    if not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL) and settings.EMAIL_HOST != "localhost":
        yield "Les courriels partiraient sans chiffrement."


def _acces():
    if settings.DEBUG:
        yield "DEBUG montre le code et les données à qui provoque une erreur : le retirer."
    if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        yield "PLIE_BASE n’est pas posée : la base embarquée SQLite est réservée à la démonstration."
    if not settings.SECOND_FACTEUR_OBLIGATOIRE:
        yield "PLIE_SECOND_FACTEUR vaut « non » : en production, chaque rôle a un second facteur."
    if not set(settings.ALLOWED_HOSTS) - set(settings.HOTES_LOCAUX) or "*" in settings.ALLOWED_HOSTS:
        yield "PLIE_HOTES doit nommer le site servi, et lui seul."
    if not settings.ACCOUNT_RATE_LIMITS:
        yield "Les essais de mot de passe ne sont pas limités."


def _en_demonstration():
    adresses = {
        "PLIE_HOTES": settings.ALLOWED_HOSTS,
        "PLIE_ADRESSE": [urlsplit(settings.ADRESSE_PUBLIQUE).hostname or ""],
        "PLIE_ECOUTE": [os.environ.get("PLIE_ECOUTE", "127.0.0.1")],
    }
    for variable, hotes in adresses.items():
        if not all(map(_est_local, hotes)):
            yield f"{variable} : la démonstration, au mot de passe connu de tous, ne sert que cette machine."


def _est_local(hote):
    if hote in settings.HOTES_LOCAUX:
        return True
    try:
        return ipaddress.ip_address(hote.strip("[]")).is_loopback
    except ValueError:
        return False


def reproches_de_la_base():
    """Ce que seule la base dit ; muet si elle ne répond pas encore ou n’a pas ses tables."""
    if not settings.PRODUCTION:
        return
    comptes = apps.get_model(settings.AUTH_USER_MODEL)._base_manager.filter(
        is_active=True, email__endswith="@plie.example"
    )
    try:
        if comptes.exists():
            yield "La base contient des comptes de démonstration (@plie.example), au mot de passe connu : les fermer."
    except DatabaseError:
        return
