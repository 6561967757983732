"""Composer une fois les longues requêtes : leur SQL ne change pas d’un affichage à l’autre, seules leurs valeurs changent.

    @gardee(pk=UUIDField())
    def _lire(utilisateur, pk):
        return Participant.objects.visibles_par(utilisateur).filter(pk=pk)

    _lire(utilisateur, pk=cle)  # → une liste

L’ORM met plus de temps à écrire ces requêtes que la base à y répondre (docs/decisions/0012). Ce qui est gardé l’est
pour un jour : une règle qui lit la date du jour reste juste ; l’heure se lit par `Maintenant()`.
"""

import contextlib
import contextvars
import copy
import functools
import json
import re
import uuid
from collections import OrderedDict

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import DateTimeField, Expression
from django.utils import timezone

PLACES = 300  # requêtes gardées par processus, les plus récentes : une centaine de ko chacune
DEPENDANCES = []  # fonctions dont le résultat, comparable, entre dans chaque clé : des réglages lus en composant
SANS_LENDEMAIN = object()
MARQUES = re.compile("%%|%s")
_composees = OrderedDict()  # (fonction, clé) → Composee, la plus récente à la fin
_composition = contextvars.ContextVar("composition", default=False)


class Place:
    """Dans les paramètres d’une requête gardée : la valeur à mettre, connue à l’exécution."""

    def __init__(self, parametre):
        self.parametre = parametre

    def valeur(self, valeurs, connexion):
        return self.parametre.preparer(valeurs, connexion)


class Parametre(Expression):
    """Une valeur donnée à chaque exécution, au même endroit qu’une valeur ordinaire d’un filtre."""

    def __init__(self, nom, output_field):
        super().__init__(output_field=output_field)
        self.nom = nom

    def as_sql(self, compiler, connection):
        return "(%s)", [Place(self)]

    def preparer(self, valeurs, connexion):
        return self.output_field.get_db_prep_value(valeurs[self.nom], connexion)


class Liste(Parametre):
    """Plusieurs valeurs, pour un filtre `__in` : leur nombre ne change pas le SQL."""

    def as_sqlite(self, compiler, connection, **_):
        return "(SELECT value FROM json_each(%s))", [Place(self)]

    def as_postgresql(self, compiler, connection, **_):
        return f"(SELECT unnest(%s::{self.output_field.db_type(connection)}[]))", [Place(self)]

    def preparer(self, valeurs, connexion):
        preparees = [self.output_field.get_db_prep_value(v, connexion) for v in valeurs[self.nom]]
        return json.dumps(preparees) if connexion.vendor == "sqlite" else preparees


class Maintenant(Expression):
    """L’heure qu’il est quand la requête part, gardée ou non."""

    def __init__(self):
        super().__init__(output_field=DateTimeField())

    def as_sql(self, compiler, connection):
        return "%s", [Place(self) if _composition.get() else self.preparer({}, connection)]

    def preparer(self, _, connexion):
        return self.output_field.get_db_prep_value(timezone.now(), connexion)


def gardee(**champs):
    """Décore une fonction qui rend un QuerySet. `champs` : {nom: champ} des valeurs d’exécution ; [champ] pour une liste.

    Les autres arguments, comparables, font la clé : tout ce dont la forme de la requête dépend doit y être. Un argument
    qui a une `portee` (un utilisateur, un filtre) compte par elle : ses droits changés, la requête se compose à
    nouveau ; SANS_LENDEMAIN dit que cette forme ne reviendra pas (un nom cherché), et rien n’est gardé.
    La fonction décorée rend la liste des résultats.
    """
    parametres = {
        nom: Liste(nom, champ[0]) if isinstance(champ, list) else Parametre(nom, champ)
        for nom, champ in champs.items()
    }

    def decorer(composer):
        @functools.wraps(composer)
        def executer(*forme, **valeurs):
            if any(getattr(argument, "portee", argument) is SANS_LENDEMAIN for argument in forme):
                return list(composer(*forme, **valeurs))
            portees = tuple(getattr(argument, "portee", argument) for argument in forme)
            return _garder(executer, portees, lambda: composer(*forme, **parametres)).lire(valeurs)

        return executer

    return decorer


def _garder(fonction, portees, composer):
    """La requête gardée de cette forme, composée s’il le faut."""
    cle = (fonction, _circonstances(), portees)
    if (composee := _composees.pop(cle, None)) is None:
        if _composees and next(reversed(_composees))[1][0] != cle[1][0]:
            _composees.clear()  # celles d’hier ne serviront plus
        composee = Composee(composer())
        if cle != (fonction, _circonstances(), portees):  # un réglage relu, ou minuit, pendant la composition
            return composee
    _composees[cle] = composee
    while len(_composees) > PLACES:
        _composees.popitem(last=False)
    return composee


def _circonstances():
    """Ce qui vaut pour toutes les requêtes : le jour, et les réglages lus en composant."""
    return timezone.localdate(), *(lire() for lire in DEPENDANCES)


class Composee:
    """Un QuerySet et son SQL, écrit une fois."""

    def __init__(self, queryset):
        self.queryset = queryset
        with _en_composition():
            self.compilateur = queryset.query.get_compiler(using=DEFAULT_DB_ALIAS)
            try:
                self.sql, self.parametres = _figer(*self.compilateur.as_sql())
            except EmptyResultSet:
                self.sql = ""

    def lire(self, valeurs):
        if not self.sql:
            return []
        connexion, requete = connections[DEFAULT_DB_ALIAS], self.queryset._chain()
        prets = tuple(p.valeur(valeurs, connexion) if isinstance(p, Place) else p for p in self.parametres)
        compilateur = copy.copy(self.compilateur)
        compilateur.connection = connexion
        compilateur.as_sql = lambda *_, **__: (self.sql, prets)
        # Posé sur cette seule requête, qui ne sort pas d’ici : personne ne peut plus la restreindre.
        requete.query.get_compiler = lambda *_, **__: compilateur
        return list(requete)


def _figer(sql, parametres):
    """Sur PostgreSQL, écrit dans le SQL un état, un jour : le plan préparé sait alors combien de lignes ils retiennent.

    Les clés restent des paramètres : le même SQL, préparé une fois, sert à tous les comptes.
    """
    connexion = connections[DEFAULT_DB_ALIAS]
    if connexion.vendor != "postgresql":
        return sql, parametres
    from psycopg import sql as redaction

    connexion.ensure_connection()
    restants, gardes = iter(parametres), []

    def ecrire(trouve):
        if trouve[0] == "%%":
            return "%%"
        if isinstance(parametre := next(restants), Place | uuid.UUID):
            gardes.append(parametre)
            return "%s"
        return redaction.Literal(parametre).as_string(connexion.connection).replace("%", "%%")

    return MARQUES.sub(ecrire, sql), tuple(gardes)


@contextlib.contextmanager
def _en_composition():
    jeton = _composition.set(True)
    try:
        yield
    finally:
        _composition.reset(jeton)
