"""La production refuse de démarrer dans un état dangereux, la démonstration de servir d’autres machines (RE12)."""

import os
import subprocess
import sys

import pytest
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from plie import controles
from tests.factories import UtilisateurFactory

SAIN = {
    "PRODUCTION": True,
    "TEST": False,
    "DEMONSTRATION": False,
    "DEBUG": False,
    "SECRET_KEY": "k" * 60,
    "SEL_JOURNAL": "s" * 40,
    "ADRESSE_PUBLIQUE": "https://plie.exemple.test",
    "SECURE_SSL_REDIRECT": True,
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SECOND_FACTEUR_OBLIGATOIRE": True,
    "ALLOWED_HOSTS": ["plie.exemple.test"],
    "ACCOUNT_RATE_LIMITS": {"login_failed": "5/m/key"},
    "EMAIL_HOST": "smtp.exemple.test",
    "EMAIL_USE_TLS": True,
}
DANGERS = [
    ({"DEBUG": True}, "DEBUG"),
    ({"SECRET_KEY": "cle-de-demonstration-connue-de-tous-jamais-en-production"}, "connue de tous"),
    ({"SECRET_KEY": "courte"}, "trop courte"),
    ({"SEL_JOURNAL": "k" * 60}, "PLIE_SEL_JOURNAL"),
    ({"ADRESSE_PUBLIQUE": "http://plie.exemple.test"}, "https://"),
    ({"SECURE_SSL_REDIRECT": False}, "https://"),
    ({"SESSION_COOKIE_SECURE": False}, "témoins"),
    ({"CSRF_COOKIE_SECURE": False}, "témoins"),
    ({"SECOND_FACTEUR_OBLIGATOIRE": False}, "second facteur"),
    ({"ALLOWED_HOSTS": ["localhost"]}, "PLIE_HOTES"),
    ({"ALLOWED_HOSTS": ["*"]}, "PLIE_HOTES"),
    ({"ACCOUNT_RATE_LIMITS": False}, "essais"),
    ({"EMAIL_USE_TLS": False}, "courriels"),
]


@pytest.fixture
def production(settings, monkeypatch):
    for nom, valeur in SAIN.items():
        setattr(settings, nom, valeur)
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
    return settings


def test_re12_une_production_bien_reglee_demarre(production):
    assert list(controles.reproches()) == []


@pytest.mark.parametrize(("reglages", "phrase"), DANGERS, ids=lambda v: v if isinstance(v, str) else "-".join(v))
def test_re12_chaque_danger_a_sa_phrase(production, reglages, phrase):
    for nom, valeur in reglages.items():
        setattr(production, nom, valeur)
    [reproche] = controles.reproches()
    assert phrase in reproche


def test_re12_la_base_embarquee_est_reservee_a_la_demonstration(production, monkeypatch):
    monkeypatch.setitem(production.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    assert any("SQLite" in phrase for phrase in controles.reproches())


@pytest.mark.django_db
def test_re12_les_comptes_de_demonstration_ouverts_sont_refuses(production):
    assert list(controles.reproches_de_la_base()) == []
    compte = UtilisateurFactory(email="conseiller@plie.example")
    assert any("démonstration" in phrase for phrase in controles.reproches_de_la_base())
    compte.is_active = False
    compte.enregistrer(par="essai")
    assert list(controles.reproches_de_la_base()) == []


def test_les_commandes_le_disent_aussi(production):
    production.DEBUG = True
    assert [e.msg for e in controles.controler(None) if isinstance(e, checks.Error)] == list(controles.reproches())


def test_toutes_les_phrases_sont_dites_d_un_coup(production):
    production.DEBUG = True
    production.SECOND_FACTEUR_OBLIGATOIRE = False
    with pytest.raises(ImproperlyConfigured, match=r"(?s)Démarrage refusé.*DEBUG.*second facteur"):
        controles.exiger(avec_la_base=False)


class TestDemonstration:
    @pytest.fixture(autouse=True)
    def demonstration(self, settings):
        settings.TEST, settings.DEMONSTRATION, settings.ALLOWED_HOSTS = False, True, settings.HOTES_LOCAUX

    def test_elle_sert_cette_machine(self):
        assert list(controles.reproches()) == []

    @pytest.mark.parametrize("adresse", ["http://plie.exemple.test", "http://192.168.1.10:8000", "http://10.0.0.1"])
    def test_re12_une_adresse_publique_est_refusee(self, settings, adresse):
        settings.ADRESSE_PUBLIQUE = adresse
        assert [p.split()[0] for p in controles.reproches()] == ["PLIE_ADRESSE"]

    @pytest.mark.parametrize("ecoute", ["0.0.0.0", "192.168.1.10", "::"])
    def test_re12_ecouter_au_dela_de_cette_machine_est_refuse(self, monkeypatch, ecoute):
        monkeypatch.setenv("PLIE_ECOUTE", ecoute)
        assert [p.split()[0] for p in controles.reproches()] == ["PLIE_ECOUTE"]

    def test_re12_servir_un_autre_nom_est_refuse(self, settings):
        settings.ALLOWED_HOSTS = ["localhost", "plie.exemple.test"]
        assert [p.split()[0] for p in controles.reproches()] == ["PLIE_HOTES"]


@pytest.mark.lent
@pytest.mark.parametrize(
    "commande",
    [
        ["-c", "import plie.wsgi"],
        ["-m", "celery", "-A", "plie", "worker", "--without-gossip", "--without-mingle"],
        ["-m", "celery", "-A", "plie", "beat", "--pidfile="],
        ["manage.py", "migrate", "--plan"],
    ],
    ids=["web", "worker", "beat", "commande"],
)
def test_re12_aucun_processus_de_production_ne_demarre_sans_ses_secrets(commande, tmp_path, settings):
    propre = {nom: valeur for nom, valeur in os.environ.items() if not nom.startswith("PLIE_")}
    fini = subprocess.run(
        [sys.executable, *commande], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False,
        timeout=60,
        env=propre | {"PLIE_MODE": "production", "PLIE_DONNEES": str(tmp_path), "DJANGO_SETTINGS_MODULE": "plie.settings"},
    )  # fmt: skip
    assert fini.returncode != 0
    for phrase in ("PLIE_CLE_SECRETE", "PLIE_SEL_JOURNAL", "https://", "SQLite", "PLIE_HOTES"):
        assert phrase in fini.stderr


@pytest.mark.lent
def test_re12_la_demonstration_ne_demarre_pas_pour_d_autres_machines(tmp_path, settings):
    fini = subprocess.run(
        [sys.executable, "-c", "import plie.wsgi"], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False,
        env=os.environ | {"PLIE_MODE": "demonstration", "PLIE_DONNEES": str(tmp_path), "PLIE_ECOUTE": "0.0.0.0",
                          "PLIE_BASE": "", "PLIE_REDIS": "", "PLIE_HOTES": "", "DJANGO_SETTINGS_MODULE": "plie.settings"},
    )  # fmt: skip
    assert fini.returncode != 0
    assert "ne sert que cette machine" in fini.stderr
