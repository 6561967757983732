"""Chaque réponse porte ses entêtes de sécurité : pages, erreurs, fichiers, redirections (BR1, BR2)."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from comptes.models import Role
from plie.historique import cle
from tests.factories import UtilisateurFactory

pytestmark = [pytest.mark.django_db, pytest.mark.une_fois]
ATTENDUS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
}
PERMIS = re.compile(r"'self'|'none'|'nonce-[\w+/=-]+'|data:|blob:")


@pytest.fixture
def panne(monkeypatch):
    """La page des alertes tombe en panne."""

    def casser(*_):
        raise ZeroDivisionError("Nadège Boutoille")

    monkeypatch.setattr("notifications.models.EnvoiQuerySet.alertes_de", casser)


def demander(nom, client, signe):
    demandes = {
        "page": lambda: signe.get("/alertes/"),
        "connexion": lambda: client.get(reverse("account_login")),
        "vers la connexion": lambda: client.get("/alertes/"),
        "401": lambda: client.get("/alertes/", headers={"Accept": "application/json"}),
        "403": lambda: signe.get("/admin/"),
        "jeton perdu": lambda: Client(enforce_csrf_checks=True).post(reverse("account_login")),
        "404": lambda: signe.get("/nulle-part/"),
        "404 d’un objet": lambda: signe.post(reverse("notifications:lue", args=[cle()])),
        "405": lambda: signe.get("/alertes/lues/"),
        "400": lambda: signe.get("/alertes/", HTTP_HOST="ailleurs.example"),
        "publique": lambda: client.get("/verifier/"),
        "santé": lambda: client.get("/sante/"),
        "feuille": lambda: client.get("/static/css/theme.css"),
        "feuille absente": lambda: client.get("/static/rien.css"),
        "administration": lambda: Client().get("/admin/"),
        "déconnexion": lambda: signe.post(reverse("account_logout")),
    }
    return demandes[nom]() if nom else list(demandes)


@pytest.mark.parametrize("nom", demander(None, None, None))
def test_br2_tous_les_entetes_sur_toutes_les_reponses(client, nom):
    signe = Client()
    signe.force_login(UtilisateurFactory(role=Role.CONSEILLER))
    reponse = demander(nom, client, signe)
    verifier(reponse, statique=nom == "feuille")
    reponse.close()


def test_br2_sur_une_panne_aussi_et_elle_ne_dit_rien_de_ce_qui_l_a_causee(panne):
    signe = Client(raise_request_exception=False)
    signe.force_login(UtilisateurFactory())
    reponse = signe.get("/alertes/")
    assert reponse.status_code == 500
    assert "Boutoille" not in reponse.content.decode()
    verifier(reponse)


def verifier(reponse, statique=False):
    for nom, valeur in ATTENDUS.items():
        assert reponse.headers.get(nom) == valeur, nom
    if not statique:
        assert reponse.headers["Cache-Control"] == "no-store, private"
    politique = reponse.headers["Content-Security-Policy"]
    directives = dict(d.strip().split(" ", 1) for d in politique.split(";"))
    assert directives["default-src"] == directives["object-src"] == directives["base-uri"] == "'none'"
    assert {"script-src", "style-src", "form-action", "frame-ancestors", "connect-src"} <= set(directives)
    for sources in directives.values():
        for source in sources.split():
            assert PERMIS.fullmatch(source), "rien d’inline, ni d’un autre site"


def test_br1_le_nombre_de_la_politique_est_celui_de_la_page_et_change_a_chaque_fois(client):
    nonces = set()
    for _ in range(2):
        page = client.get(reverse("account_login"))
        [nonce] = set(re.findall(r"'nonce-([^']+)'", page.headers["Content-Security-Policy"]))
        assert set(re.findall(r'nonce="([^"]+)"', page.content.decode())) == {nonce}
        nonces.add(nonce)
    assert len(nonces) == 2


def test_les_temoins_ne_se_lisent_pas_d_un_script_et_ne_voyagent_pas(client):
    reponse = client.post(reverse("account_login"), {"login": UtilisateurFactory(password="x").email, "password": "x"})
    temoin = reponse.cookies["plie_session"]
    assert temoin["httponly"]
    assert temoin["samesite"] == "Lax"
    assert not temoin["max-age"], "fermer le navigateur ferme la session"


def test_en_production_tout_passe_par_https(settings):
    """Les réglages de production, sans démarrer : voir test_controles."""
    source = (settings.BASE_DIR / "plie/settings.py").read_text()
    production = source[source.index("if PRODUCTION:\n    SECURE") :]
    for reglage in ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS"):
        assert reglage in production[:500]
