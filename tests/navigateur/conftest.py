"""Le navigateur des tests : Chromium du système, sur un vrai serveur et une vraie base.

    pytestmark = pytest.mark.navigateur          # en tête de chaque fichier

    def test_ma_regle(ouvrir, conseiller):
        page = ouvrir("/participants/", par=conseiller)               # ou taille="telephone", par=None
        page.get_by_role("link", name="Ouvrir").click()
        accessible(page)                                              # from tests.navigateur.accessibilite

À la fin de chaque test : aucune erreur de console, aucune violation de CSP, aucune requête vers un tiers.
Un test qui provoque exprès une erreur l’annonce : `incidents.attendre("status of 403")`.
"""

import os
import re
import shutil
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.test import Client

TAILLES = {"ordinateur": (1366, 768), "telephone": (390, 844)}
ARGUMENTS = [
    "--no-sandbox",  # les tests tournent aussi sous root, dans un conteneur
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ECOUTER_CSP = """
document.addEventListener("securitypolicyviolation", (e) =>
  window.signalerViolation(`${e.violatedDirective} : ${e.blockedURI} (${e.sourceFile || location.pathname})`));
"""


class EnCours:
    """Les requêtes que le serveur du test traite encore : vider la base sous l’une d’elles est un interblocage."""

    def __init__(self):
        self._nombre = 0
        self._condition = threading.Condition()

    def commencer(self, **_):
        self._compter(1)

    def finir(self, **_):
        self._compter(-1)

    def _compter(self, de):
        with self._condition:
            self._nombre += de
            self._condition.notify_all()

    def attendre_le_calme(self, secondes=30):
        with self._condition:
            assert self._condition.wait_for(lambda: self._nombre <= 0, secondes), "une requête ne finit pas"


class Incidents(list):
    """Ce que le navigateur a reproché aux pages pendant le test."""

    def __init__(self):
        super().__init__()
        self.attendus = []

    def attendre(self, motif):
        """Déclare une erreur voulue par le test : une expression cherchée dans le texte de l’incident."""
        self.attendus.append(motif)

    def restants(self):
        return [texte for texte in self if not any(re.search(motif, texte) for motif in self.attendus)]


@pytest.fixture(scope="session")
def _playwright():
    from playwright.sync_api import sync_playwright

    # La boucle d’événements de Playwright vit dans ce fil : Django croirait le test asynchrone.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        yield playwright
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def navigateur(_playwright):
    chromium = os.environ.get("PLIE_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        pytest.fail("Chromium est introuvable : make installation, ou PLIE_CHROMIUM=/chemin.", pytrace=False)
    navigateur = _playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
    yield navigateur
    navigateur.close()


@pytest.fixture
def incidents():
    return Incidents()


@pytest.fixture
def en_cours():
    compte = EnCours()
    request_started.connect(compte.commencer)
    request_finished.connect(compte.finir)
    yield compte
    request_started.disconnect(compte.commencer)
    request_finished.disconnect(compte.finir)


@pytest.fixture
def contexte(navigateur, live_server, incidents, en_cours):
    """contexte(taille, par=utilisateur, javascript=True) : une session de navigateur, déjà signée si `par` est donné."""
    ouverts = []

    def _contexte(taille="ordinateur", *, par=None, javascript=True):
        largeur, hauteur = TAILLES[taille]
        contexte = navigateur.new_context(
            base_url=live_server.url,
            viewport={"width": largeur, "height": hauteur},
            has_touch=taille == "telephone",
            locale="fr-FR",
            timezone_id="Europe/Paris",
            reduced_motion="reduce",
            java_script_enabled=javascript,
        )
        contexte.set_default_timeout(45_000)  # une machine chargée n’est pas une faute
        contexte.expose_binding("signalerViolation", lambda _, texte: incidents.append(f"CSP : {texte}"))
        contexte.add_init_script(ECOUTER_CSP)
        contexte.on("console", lambda m: incidents.append(f"console : {m.text}") if m.type == "error" else None)
        contexte.on("weberror", lambda e: incidents.append(f"script : {e.error}"))
        contexte.on("request", lambda r: _refuser_tiers(r.url, live_server.url, incidents))
        if par:
            client = Client(HTTP_USER_AGENT="Tests")
            client.force_login(par)
            jeton = client.cookies[settings.SESSION_COOKIE_NAME].value
            contexte.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": jeton, "url": live_server.url}])
        ouverts.append(contexte)
        return contexte

    yield _contexte
    restants = incidents.restants()
    for ouvert in ouverts:
        ouvert.set_offline(True)  # une page qui se ferme envoie son brouillon : ici, plus personne ne l’attend
        ouvert.close()
    en_cours.attendre_le_calme()
    assert not restants, "\n".join(restants)


def _refuser_tiers(adresse, chez_nous, incidents):
    morceaux = urlsplit(adresse)
    if morceaux.scheme in ("http", "https", "ws", "wss") and morceaux.netloc != urlsplit(chez_nous).netloc:
        incidents.append(f"tiers : {adresse}")


@pytest.fixture
def ouvrir(contexte):
    """ouvrir(adresse, par=utilisateur, taille="ordinateur") : une page chargée, dans sa propre session."""

    def _ouvrir(adresse="/", *, par=None, taille="ordinateur", javascript=True):
        page = contexte(taille, par=par, javascript=javascript).new_page()
        page.goto(adresse)
        return page

    return _ouvrir


@pytest.fixture
def capturer():
    """capturer(page, "nom") : l’image du guide, écrite seulement par « make captures »."""
    dossier = os.environ.get("PLIE_CAPTURES")

    def _capturer(page, nom, **options):
        if dossier:
            Path(dossier).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(dossier) / f"{nom}.png", animations="disabled", caret="hide", **options)

    return _capturer
