"""Ce qui est silencieux en développement est bruyant ici : voir chaque fixture automatique.

Le réseau (boucle locale exceptée), les variables de gabarit absentes et les avertissements échouent :
options de pytest dans pyproject.toml.
"""

import logging
import os
import random
import shutil
from collections import Counter

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.db.transaction import Atomic
from django.test import Client, TransactionTestCase
from simple_history.signals import post_create_historical_record

from journal import actions as journal
from journal import declencheurs
from journal.models import Acte
from reglages.lecture import oublier

GRAINE = 20261123
FICHIERS = ("application/pdf", "application/vnd.", "application/octet-stream", "image/")
SANS_PERSONNE = {"/entretiens/livret.pdf"}
DOSSIERS = {"dossier:participant", "dossier:historique"}
REMISES = {Acte.LECTURE, Acte.TELECHARGEMENT, Acte.EXPORT}
FIXTURES_DE_BASE = {"db", "transactional_db", "live_server", "django_db_setup"}


def pytest_addoption(parser):
    parser.addoption("--avec-base", action="store_true", help="seulement les tests qui lisent une base ou un service")


def pytest_collection_modifyitems(config, items):
    """Les plus longs d’abord : aucun exécutant n’en attend un seul à la fin.

    Lire un gabarit, un fichier, un entête ou un script donne la même chose sur les deux bases : la seconde fois n’apprend rien.
    """
    items.sort(key=lambda item: not item.get_closest_marker("lent"))
    if not config.getoption("--avec-base"):
        return
    marques = ("django_db", "postgresql", "redis")
    garde = [
        i for i in items
        if not i.get_closest_marker("une_fois")
        and (any(map(i.get_closest_marker, marques)) or FIXTURES_DE_BASE & set(i.fixturenames))
    ]  # fmt: skip
    config.hook.pytest_deselected(items=[i for i in items if i not in set(garde)])
    items[:] = garde


def pytest_runtest_setup(item):
    """Un test choisi qui ne peut pas tourner échoue : il ne se saute jamais."""
    for marque, variable in (("postgresql", "PLIE_BASE"), ("redis", "PLIE_REDIS")):
        if item.get_closest_marker(marque) and not os.environ.get(variable):
            pytest.fail(f"Ce test demande {variable} : make services.", pytrace=False)


@pytest.fixture(autouse=True)
def ordre_non_garanti(monkeypatch):
    """Un queryset sans ordre sort mélangé : compter sur l’ordre de la base échoue dès aujourd’hui."""
    hasard, lire = random.Random(GRAINE), QuerySet._fetch_all

    def _fetch_all(self):
        nouveau = self._result_cache is None
        lire(self)
        if nouveau and len(self._result_cache) > 1 and not self.ordered:
            hasard.shuffle(self._result_cache)

    monkeypatch.setattr(QuerySet, "_fetch_all", _fetch_all)


@pytest.fixture(autouse=True)
def on_commit_immediat(monkeypatch):
    """Les rappels `on_commit` partent quand l’acte se termine, bien que le test garde sa transaction ouverte."""
    sortir, inscrire = Atomic.__exit__, BaseDatabaseWrapper.on_commit

    def __exit__(self, type_, valeur, trace):
        sortir(self, type_, valeur, trace)
        if type_ is None:
            _partir(transaction.get_connection(self.using))

    def on_commit(self, func, robust=False):
        inscrire(self, func, robust)
        _partir(self)

    monkeypatch.setattr(Atomic, "__exit__", __exit__)
    monkeypatch.setattr(BaseDatabaseWrapper, "on_commit", on_commit)


def _partir(connexion):
    """Comme Django après un vrai COMMIT, s’il ne reste d’ouvertes que les transactions du test lui-même."""
    du_test = connexion.atomic_blocks and all(bloc._from_testcase for bloc in connexion.atomic_blocks)
    if not du_test or connexion.needs_rollback:
        return
    rappels, connexion.run_on_commit = connexion.run_on_commit, []
    for _, rappel, robuste in rappels:
        try:
            rappel()
        except Exception:
            if not robuste:
                raise
            logging.getLogger("django.db.backends.base").exception("Rappel on_commit en échec")


@pytest.fixture(autouse=True)
def rien_hors_du_journal():
    """DP1, sur toute la suite : une écriture historisée, un fichier remis ou un dossier montré, sans ligne au journal, échoue."""
    versions, lignes, lues = Counter(), Counter(), []
    composer, demander = journal._ligne, Client.request

    def _ligne(acte, par, objet, *reste):
        assert par, "Une ligne du journal a toujours un auteur."
        lues.append(acte)
        if objet is not None:
            lignes[objet._meta.label, objet.pk] += 1
        return composer(acte, par, objet, *reste)

    def _version(sender, instance, **_):
        versions[instance._meta.label, instance.pk] += 1

    def _request(self, **demande):
        deja, reponse = len(lues), demander(self, **demande)
        remis = reponse.get("Content-Type", "").startswith(FICHIERS) and reponse.status_code == 200
        if remis and demande.get("PATH_INFO") not in SANS_PERSONNE:
            assert set(lues[deja:]) & REMISES, f"{demande['PATH_INFO']} : un fichier remis sans ligne au journal"
        page = reponse.status_code == 200 and not demande["PATH_INFO"].startswith(settings.STATIC_URL)
        if page and getattr(reponse.resolver_match, "view_name", "") in DOSSIERS:
            assert Acte.LECTURE in lues[deja:], f"{demande['PATH_INFO']} : un dossier montré sans ligne au journal"
        return reponse

    post_create_historical_record.connect(_version, weak=False)
    with pytest.MonkeyPatch.context() as pose:  # à soi : un test peut défaire les siens avant la fin
        pose.setattr(journal, "_ligne", _ligne)
        pose.setattr(Client, "request", _request)
        yield
    post_create_historical_record.disconnect(_version)
    muettes = versions - lignes
    assert not muettes, f"Écrit sans ligne au journal : {muettes}"


@pytest.fixture(autouse=True, scope="session")
def journal_remis_a_zero():
    """Après un test à vraies transactions la base est vidée ; le journal, fermé à l’effacement, s’ouvre le temps de l’être."""
    vider = TransactionTestCase._fixture_teardown

    def _fixture_teardown(self):
        with connection.schema_editor() as editeur:
            declencheurs.retirer(editeur)
        try:
            vider(self)
        finally:
            with connection.schema_editor() as editeur:
                declencheurs.poser(editeur)

    TransactionTestCase._fixture_teardown = _fixture_teardown
    yield
    TransactionTestCase._fixture_teardown = vider


@pytest.fixture(autouse=True)
def fichiers():
    """Le dossier des pièces et documents, vide au début de chaque test."""
    dossier = settings.DONNEES / "fichiers"
    yield dossier
    shutil.rmtree(dossier, ignore_errors=True)


@pytest.fixture(autouse=True)
def reglages_relus():
    """Les réglages se gardent trente secondes en mémoire : ceux d’un test ne passent pas au suivant."""
    yield
    oublier()


@pytest.fixture
def connexion(client):
    """connexion(utilisateur) : le client de test, signé."""

    def _connexion(utilisateur):
        client.force_login(utilisateur)
        return client

    return _connexion


@pytest.fixture
def sur_postgresql():
    """Pour ce qui diffère d’une base à l’autre."""
    return connection.vendor == "postgresql"
