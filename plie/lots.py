"""Écrire beaucoup de lignes d’un coup : un ordre préparé, répété par le pilote, sans reconstruire le SQL à chaque ligne.

Trois fois plus rapide que `bulk_create` pour les grands lots (démonstration, reprise), sur les deux bases.
"""

from django.db import DEFAULT_DB_ALIAS, connections


def inserer(objets):
    """Insère des objets d’un même modèle dont la clé est posée ou automatique. Rend la liste reçue."""
    if not objets:
        return objets
    connection, meta = connections[DEFAULT_DB_ALIAS], objets[0]._meta
    champs = [c for c in meta.concrete_fields if c is not meta.auto_field]
    colonnes = ", ".join(connection.ops.quote_name(c.column) for c in champs)
    marques = ", ".join(["%s"] * len(champs))
    ordre = f"INSERT INTO {connection.ops.quote_name(meta.db_table)} ({colonnes}) VALUES ({marques})"
    with connection.cursor() as curseur:
        curseur.executemany(
            ordre, [[c.get_db_prep_save(c.pre_save(o, True), connection) for c in champs] for o in objets]
        )
    for objet in objets:
        objet._state.adding, objet._state.db = False, connection.alias
    return objets


def copier_dans_l_historique(objets, *, auteur, motif, le):
    """Ajoute la première version de chaque objet à son historique, à partir de la ligne qui vient d’être insérée.

    La date est `_history_date` de l’objet s’il en porte une, sinon `le` (datetime).
    """
    if not objets:
        return
    connection = connections[DEFAULT_DB_ALIAS]
    modele, historique = objets[0]._meta, objets[0].history.model._meta
    nommer = connection.ops.quote_name
    copies = [c.column for c in modele.concrete_fields if c.column in {h.column for h in historique.concrete_fields}]
    ajoutes = ["history_date", "history_change_reason", "history_type", "history_user_id"]
    date = historique.get_field("history_date")
    ordre = (
        f"INSERT INTO {nommer(historique.db_table)} ({', '.join(map(nommer, copies + ajoutes))}) "
        f"SELECT {', '.join(map(nommer, copies))}, %s, %s, '+', %s FROM {nommer(modele.db_table)} "
        f"WHERE {nommer(modele.pk.column)} = %s"
    )
    if connection.vendor == "postgresql":  # un paramètre nul dans un SELECT n’a pas de type
        ordre = ordre.replace("%s, %s, '+', %s", "%s::timestamptz, %s::text, '+', %s::uuid")
    auteur = modele.pk.get_db_prep_save(auteur.pk, connection) if auteur else None
    with connection.cursor() as curseur:
        curseur.executemany(
            ordre,
            [
                (
                    date.get_db_prep_save(getattr(o, "_history_date", le), connection),
                    motif or None,
                    auteur,
                    modele.pk.get_db_prep_save(o.pk, connection),
                )
                for o in objets
            ],
        )
