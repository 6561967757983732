"""Réglages, tous tirés de l’environnement : voir docs/exploitation.md.

PLIE_MODE vaut « demonstration » (par défaut), « production » ou « test ».
"""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
MODE = os.environ.get("PLIE_MODE", "demonstration")
DEMONSTRATION, PRODUCTION, TEST = (m == MODE for m in ("demonstration", "production", "test"))
if not (DEMONSTRATION or PRODUCTION or TEST):
    raise ImproperlyConfigured("PLIE_MODE vaut « demonstration », « production » ou « test ».")
DONNEES = Path(os.environ.get("PLIE_DONNEES", BASE_DIR / "donnees")).resolve()
DONNEES.mkdir(parents=True, exist_ok=True)
PORT = int(os.environ.get("PORT", "8000"))

CLE_CONNUE = "cle-de-demonstration-connue-de-tous-jamais-en-production"
SECRET_KEY = os.environ.get("PLIE_CLE_SECRETE", CLE_CONNUE)
DEBUG = False
HOTES_LOCAUX = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = os.environ.get("PLIE_HOTES", "").split() or HOTES_LOCAUX
if DEMONSTRATION and set(ALLOWED_HOSTS) - set(HOTES_LOCAUX):
    raise ImproperlyConfigured("La démonstration ne sert que cette machine : retirer PLIE_HOTES.")
if TEST:
    ALLOWED_HOSTS = [*HOTES_LOCAUX, "testserver"]
# Mandataires HTTPS devant le web : c’est d’eux seuls que vient l’adresse du client (journal, essais de mot de passe).
MANDATAIRES = int(os.environ.get("PLIE_MANDATAIRES", "1" if PRODUCTION else "0"))
CSRF_TRUSTED_ORIGINS = [f"https://{hote}" for hote in ALLOWED_HOSTS] if PRODUCTION else []

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "plie.administration.AdministrationConfig",
    "django_htmx",
    "template_partials",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "simple_history",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "plie",
    "reglages",
    "territoire",
    "journal",
    "comptes",
    "partenaires",
    "notifications",
    "participants",
    "documents",
    "horloges",
    "parcours",
    "entretiens",
    "prescriptions",
    "delais",
    "dossier",
]
MIDDLEWARE = [
    "plie.entetes.EntetesMiddleware",
    "journal.middleware.JournalMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "comptes.middleware.SessionMiddleware",
    "comptes.middleware.ConnexionRequise",
    "comptes.middleware.SecondFacteurMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "plie.erreurs.RefusMiddleware",
]
ROOT_URLCONF = "plie.urls"
WSGI_APPLICATION = "plie.wsgi.application"
CHARGEURS = [
    (
        "template_partials.loader.Loader",
        [
            (
                "django.template.loaders.cached.Loader",
                [
                    "django.template.loaders.filesystem.Loader",
                    "django.template.loaders.app_directories.Loader",
                ],
            ),
        ],
    )
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": CHARGEURS,
            "builtins": ["template_partials.templatetags.partials", "plie.templatetags.interface"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "dossier.contexte.cadre",
            ],
        },
    }
]


def base_de_donnees(adresse):
    """PostgreSQL par son adresse ; sinon SQLite, avec les réglages mesurés dans 5-qualité (« Built first », 7)."""
    if not adresse:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DONNEES / "plie.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
            "CONN_MAX_AGE": 60,
            "TEST": {"NAME": DONNEES / f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'seul')}.sqlite3"},
        }
    morceaux = urlsplit(adresse)
    options = dict(couple.split("=", 1) for couple in morceaux.query.split("&") if couple)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(morceaux.path.lstrip("/")),
        "USER": unquote(morceaux.username or ""),
        "PASSWORD": unquote(morceaux.password or ""),
        "HOST": unquote(options.get("host", morceaux.hostname or "")),
        "PORT": morceaux.port or "",
        "CONN_MAX_AGE": 600,  # les requêtes préparées durent autant que la connexion
        "CONN_HEALTH_CHECKS": True,
        # Nos jointures sont écrites dans le bon ordre : les permuter toutes coûte plus que les faire ; compiler aussi.
        "OPTIONS": {
            "options": "-c join_collapse_limit=4 -c jit=off -c random_page_cost=1.1",
            "server_side_binding": True,
            "prepare_threshold": 3,
        },
    }


DATABASES = {"default": base_de_donnees(os.environ.get("PLIE_BASE"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Comptes
AUTH_USER_MODEL = "comptes.Utilisateur"
AUTHENTICATION_BACKENDS = ["comptes.connexion.ConnexionBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SECOND_FACTEUR_OBLIGATOIRE = os.environ.get("PLIE_SECOND_FACTEUR", "oui" if PRODUCTION else "non") == "oui"
MOT_DE_PASSE_CONNU = "demonstration"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15 if PRODUCTION else 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "prenom", "nom")},
    },
    {"NAME": "comptes.mots_de_passe.MotsConnusValidator"},
]
ACCOUNT_ADAPTER = "notifications.acces.CompteAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_USER_DISPLAY = "comptes.connexion.nom_affiche"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_FORMS = {"reset_password": "notifications.acces.DemandeForm"}
PASSWORD_RESET_TIMEOUT = 2 * 3600  # secondes
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
# Par client, et par couple (compte, client) ; les compteurs sont en base (AU3). « key » : voir comptes/connexion.py.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}
if DEMONSTRATION:  # tout le monde y arrive de la même machine, avec le même mot de passe
    ACCOUNT_RATE_LIMITS |= {"login": "600/m/ip", "login_failed": "600/m/ip,10/m/key"}
if TEST:
    ACCOUNT_RATE_LIMITS = False
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_partage",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}
MFA_ADAPTER = "comptes.second_facteur.SecondFacteurAdapter"
MFA_FORMS = {
    "authenticate": "comptes.second_facteur.CodeForm",
    "reauthenticate": "comptes.second_facteur.ConfirmationForm",
    "activate_totp": "comptes.second_facteur.ActivationForm",
}
MFA_TOTP_ISSUER = "PLIE du Dunkerquois"
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True  # un compte s’ouvre dans l’administration, à une adresse professionnelle connue
MFA_SUPPORTED_TYPES = ["totp"]  # les codes de secours sont les nôtres : leur empreinte seule est en base
SESSION_INACTIVITE = 30 * 60  # secondes (AU6)
SESSION_DUREE_MAXIMALE = 12 * 3600
SESSION_COOKIE_AGE = SESSION_DUREE_MAXIMALE
SESSION_COOKIE_NAME = "plie_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_COOKIE_NAME = "plie_csrf"
CSRF_FAILURE_VIEW = "plie.erreurs.jeton_perdu"

# Langue, dates
LANGUAGE_CODE = "fr"
USE_I18N = True
TIME_ZONE = "Europe/Paris"
USE_TZ = True

# Fichiers et feuilles
STATIC_URL = "/static/"
STATIC_ROOT = DONNEES / "statiques"
_NPM = BASE_DIR / "node_modules"
STATICFILES_DIRS = [BASE_DIR / "static"] + [
    (f"npm/{paquet}", _NPM / paquet)
    for paquet in (
        "@tabler/core/dist",
        "@fontsource-variable/atkinson-hyperlegible-next",
        "signature_pad/dist",
        "tom-select/dist",
    )
    if (_NPM / paquet).is_dir()
]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DONNEES / "fichiers"},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TEST
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = TEST
TAILLE_MAXIMALE_FICHIER = 10 * 1024 * 1024  # octets (FI1)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o640
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False
FORM_RENDERER = "plie.champs.Rendu"

# Entêtes (BR1, BR2)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "frame-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if PRODUCTION:
    SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^sante/$"]

# Courriels
DEFAULT_FROM_EMAIL = os.environ.get("PLIE_EXPEDITEUR", "PLIE du Dunkerquois <plie@plie.example>")
COURRIELS = DONNEES / "courriels"
if PRODUCTION:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = os.environ.get("PLIE_SMTP", "localhost")
    EMAIL_PORT = int(os.environ.get("PLIE_SMTP_PORT", "587"))
    EMAIL_HOST_USER = os.environ.get("PLIE_SMTP_COMPTE", "")
    EMAIL_HOST_PASSWORD = os.environ.get("PLIE_SMTP_MOT_DE_PASSE", "")
    EMAIL_USE_TLS = True
    EMAIL_TIMEOUT = 15
elif DEMONSTRATION:
    EMAIL_BACKEND = "notifications.demonstration.CourrielsEnDossier"
ADRESSE_PUBLIQUE = os.environ.get("PLIE_ADRESSE", f"http://127.0.0.1:{PORT}")

# Travaux
_FILE = DONNEES / "file"
OPTIONS_REDIS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 2,
    "visibility_timeout": 600,
    "max_retries": 1,  # une page n’attend pas un courtier éteint (RE5) ; le worker, lui, se reconnecte de lui-même
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
OPTIONS_FILE = {
    "data_folder_in": str(_FILE / "messages"),
    "data_folder_out": str(_FILE / "messages"),
    "control_folder": str(_FILE / "controle"),
    "store_processed": False,
}
if os.environ.get("PLIE_REDIS"):
    CELERY_BROKER_URL = os.environ["PLIE_REDIS"]
    CELERY_BROKER_TRANSPORT_OPTIONS = OPTIONS_REDIS
else:
    for sous_dossier in ("messages", "controle"):
        (_FILE / sous_dossier).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT = "plie.file_embarquee:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = OPTIONS_FILE
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DONNEES / "beat")
CELERY_BEAT_SCHEDULE = {
    "envoyer-ce-qui-attend": {"task": "notifications.envoyer", "schedule": 15 if DEMONSTRATION else 60},
    "rappels": {"task": "delais.rappels", "schedule": 60 if DEMONSTRATION else 900},
    "documents-a-produire": {"task": "documents.produire_en_attente", "schedule": 60},
    "accords-a-verser": {"task": "prescriptions.verser_accords", "schedule": 60},
    "cases-a-ouvrir": {"task": "prescriptions.ouvrir_les_cases_manquantes", "schedule": 300},
    "sceller-le-journal": {"task": "journal.sceller", "schedule": 300},
    "menage": {"task": "comptes.menage", "schedule": 3600},
    "depots-abandonnes": {"task": "prescriptions.jeter_les_depots_abandonnes", "schedule": 3600},
    "analyses-a-reprendre": {"task": "participants.reprendre_analyses", "schedule": 300},
    "registre-des-delais": {"task": "delais.bilans", "schedule": 60 if DEMONSTRATION else 1800},
    "base-a-analyser": {"task": "dossier.analyser_la_base", "schedule": 21600},
    "battement": {"task": "dossier.battre", "schedule": 15},
}

# Historique, journal
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True
SIMPLE_HISTORY_REVERT_DISABLED = True
SEL_JOURNAL = os.environ.get("PLIE_SEL_JOURNAL", SECRET_KEY)
ANTIVIRUS = os.environ.get("PLIE_CLAMAV", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"court": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "court"}},
    "root": {"handlers": ["console"], "level": "WARNING" if TEST else "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}
SILENCED_SYSTEM_CHECKS = ["security.W019"]  # SAMEORIGIN : l’aperçu d’une pièce s’affiche dans nos propres pages
if TEST:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
