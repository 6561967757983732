"""Écrire beaucoup de lignes d’un coup : préparées par colonne, et confiées d’un trait au pilote de la base.

Bien plus rapide que `bulk_create` pour les grands lots (démonstration, reprise, journal), sur les deux bases.
"""

import datetime
import functools
import json
import operator
import uuid

from django.db import DEFAULT_DB_ALIAS, connections, models

# La classe qu’un champ rend sans la changer quand il prépare une valeur ; la plus précise d’abord.
DEJA_PRETE = {
    models.CharField: str,
    models.TextField: str,
    models.BooleanField: bool,
    models.IntegerField: int,
    models.UUIDField: uuid.UUID,
    models.DateTimeField: datetime.datetime,
    models.DateField: datetime.date,
}
VIDE = type(None)


def inserer(objets):
    """Insère des objets d’un même modèle dont la clé est posée ou automatique. Rend la liste reçue."""
    if not objets:
        return objets
    modele = type(objets[0])
    _inserer_colonnes(modele, [_lire(champ, objets) for champ in _champs(modele)])
    for objet in objets:
        objet._state.adding, objet._state.db = False, DEFAULT_DB_ALIAS
    return objets


def inserer_valeurs(modele, lignes):
    """Insère des lignes données par leurs valeurs, dans l’ordre des champs du modèle (clé automatique mise à part)."""
    if lignes := list(lignes):
        _inserer_colonnes(modele, list(zip(*lignes, strict=True)))


def _lire(champ, objets):
    if type(champ).pre_save is models.Field.pre_save:
        return list(map(operator.attrgetter(champ.attname), objets))
    return [champ.pre_save(objet, True) for objet in objets]


def _inserer_colonnes(modele, colonnes):
    connexion, champs = connections[DEFAULT_DB_ALIAS], _champs(modele)
    nommer, noms = connexion.ops.quote_name, [c.column for c in _champs(modele)]
    cible = f"{nommer(modele._meta.db_table)} ({', '.join(map(nommer, noms))})"
    lignes = zip(*(_preparer(c, v, connexion) for c, v in zip(champs, colonnes, strict=True)), strict=True)
    with connexion.cursor() as curseur:
        if connexion.vendor == "postgresql":
            # `copy` est au pilote : sans cela, un double ne serait pas l’IntegrityError que les appelants attendent.
            with connexion.wrap_database_errors, curseur.copy(f"COPY {cible} FROM STDIN") as copie:
                for ligne in lignes:
                    copie.write_row(ligne)
        else:
            marques = ", ".join(["%s"] * len(champs))
            curseur.executemany(f"INSERT INTO {cible} VALUES ({marques})", list(lignes))


def _champs(modele):
    return [c for c in modele._meta.concrete_fields if c is not modele._meta.auto_field]


def _preparer(champ, valeurs, connexion):
    """Les valeurs telles que la base les prend, sans détour quand toutes sont déjà d’une classe que le champ ne change pas."""
    classe = classe_deja_prete(champ)
    if not set(map(type, valeurs)) <= {classe, VIDE}:
        return [None if v is None else champ.get_db_prep_save(v, connexion) for v in valeurs]
    if connexion.vendor == "postgresql" or classe in (str, bool, int):
        return valeurs
    if classe is uuid.UUID:
        return [v and v.hex for v in valeurs]
    return [v and champ.get_db_prep_value(v, connexion, prepared=True) for v in valeurs]


@functools.cache
def classe_deja_prete(champ):
    """La classe des valeurs que `champ` ne change pas en les préparant, ou None ; celle d’une clé étrangère est la clé."""
    cible = champ.target_field if champ.is_relation else champ
    return next((classe for genre, classe in DEJA_PRETE.items() if isinstance(cible, genre)), None)


@functools.cache
def champs_et_classes(modele):
    """[(champ, son attribut, sa classe déjà prête)] des colonnes du modèle."""
    return [(champ, champ.attname, classe_deja_prete(champ)) for champ in modele._meta.concrete_fields]


def copier_dans_l_historique(objets, *, auteur, motif, le):
    """Ajoute la première version de chaque objet à son historique, à partir de la ligne qui vient d’être insérée.

    La date est `_history_date` de l’objet s’il en porte une, sinon `le` (datetime).
    """
    if not objets:
        return
    connexion = connections[DEFAULT_DB_ALIAS]
    modele, historique = objets[0]._meta, objets[0].history.model._meta
    nommer, date = connexion.ops.quote_name, historique.get_field("history_date")
    copies = [c.column for c in modele.concrete_fields if c.column in {h.column for h in historique.concrete_fields}]
    ajoutes = ["history_date", "history_change_reason", "history_type", "history_user_id"]
    cles = [modele.pk.get_db_prep_save(o.pk, connexion) for o in objets]
    dates = [date.get_db_prep_save(getattr(o, "_history_date", le), connexion) for o in objets]
    if connexion.vendor == "postgresql":
        faits = (
            f"unnest(%s::{modele.pk.db_type(connexion)}[], %s::timestamptz[]) WITH ORDINALITY AS fait(cle, le, rang)"
        )
        valeurs, types = [cles, dates], ("::text", "::uuid")  # un paramètre nul dans un SELECT n’a pas de type
    else:
        lus = "json_extract(value, '$[0]') AS cle, json_extract(value, '$[1]') AS le, key AS rang"
        faits = f"(SELECT {lus} FROM json_each(%s)) AS fait"
        valeurs, types = [json.dumps(list(zip(cles, dates, strict=True)))], ("", "")
    ordre = (
        f"INSERT INTO {nommer(historique.db_table)} ({', '.join(map(nommer, copies + ajoutes))}) "
        f"SELECT {', '.join(f'ligne.{nommer(nom)}' for nom in copies)}, fait.le, %s{types[0]}, '+', %s{types[1]} "
        f"FROM {faits} JOIN {nommer(modele.db_table)} AS ligne ON ligne.{nommer(modele.pk.column)} = fait.cle ORDER BY fait.rang"
    )
    auteur = modele.pk.get_db_prep_save(auteur.pk, connexion) if auteur else None
    with connexion.cursor() as curseur:
        curseur.execute(ordre, [motif or None, auteur, *valeurs])


def analyser():
    """La base recompte ses tables pour choisir ses index : après un grand lot, et SQLite de temps en temps (PostgreSQL
    le fait de lui-même). Quelques dizaines de millisecondes.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as curseur:
        if curseur.db.vendor == "sqlite":
            curseur.execute("PRAGMA analysis_limit = 1000")
        curseur.execute("ANALYZE")
