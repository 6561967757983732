"""Les déclencheurs qui ferment le journal, sur SQLite et sur PostgreSQL."""

from django.db import connections, transaction

TABLES = ("journal_ligne", "journal_bloc", "journal_lignescellee")
COLONNES = ("id", "le", "auteur_id", "tache", "acte", "objet_type", "objet_id", "participant_id", "champs",
            "empreinte", "motif")  # fmt: skip
CLES = {  # ce qui, repris par un INSERT OR REPLACE, effacerait une ligne sans passer par DELETE (SQLite)
    "journal_ligne": (("id",),),
    "journal_bloc": (("id",), ("numero",)),
    "journal_lignescellee": (("id",), ("ligne_id",), ("bloc_id", "rang")),
}
REFUS = "le journal ne se modifie pas"


def reposer(sender, using, **_):
    """Après chaque `migrate` : les déclencheurs sont là, quoi que les migrations aient fait des tables."""
    base = connections[using]
    if set(TABLES) <= set(base.introspection.table_names()):
        with transaction.atomic(using), base.cursor() as curseur:
            for ordre in (*_RETIRER[base.vendor](), *_POSER[base.vendor]()):
                curseur.execute(ordre)


def poser(schema_editor):
    """Refuse UPDATE, DELETE (et TRUNCATE sur PostgreSQL) ; seule l’adresse d’une ligne peut devenir vide."""
    retirer(schema_editor)
    for ordre in _POSER[schema_editor.connection.vendor]():
        schema_editor.execute(ordre, params=None)


def retirer(schema_editor):
    """Réservé à `conservation`, au retour arrière d’une migration et à la remise à zéro des tests."""
    for ordre in _RETIRER[schema_editor.connection.vendor]():
        schema_editor.execute(ordre, params=None)


def _poser_sqlite():
    for table in TABLES:
        yield (
            f"CREATE TRIGGER {table}_sans_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{REFUS}'); END"
        )
        deja = " OR ".join(
            f"EXISTS (SELECT 1 FROM {table} WHERE " + " AND ".join(f"{c} = NEW.{c}" for c in cle) + ")"
            for cle in CLES[table]
        )
        yield (
            f"CREATE TRIGGER {table}_sans_replace BEFORE INSERT ON {table} "
            f"WHEN {deja} BEGIN SELECT RAISE(ABORT, '{REFUS}'); END"
        )
        if table != "journal_ligne":
            yield (
                f"CREATE TRIGGER {table}_sans_update BEFORE UPDATE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUS}'); END"
            )
    changees = " OR ".join(f"NEW.{c} IS NOT OLD.{c}" for c in COLONNES)
    yield (
        "CREATE TRIGGER journal_ligne_sans_update BEFORE UPDATE ON journal_ligne "
        f"WHEN NEW.adresse IS NOT NULL OR {changees} BEGIN SELECT RAISE(ABORT, '{REFUS}'); END"
    )


def _retirer_sqlite():
    for table in TABLES:
        for evenement in ("delete", "update", "replace"):
            yield f"DROP TRIGGER IF EXISTS {table}_sans_{evenement}"


def _poser_postgresql():
    changees = " OR ".join(f"NEW.{c}::text IS DISTINCT FROM OLD.{c}::text" for c in COLONNES)
    yield (
        "CREATE OR REPLACE FUNCTION journal_fige() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{REFUS}'; END $$"
    )
    yield (
        "CREATE OR REPLACE FUNCTION journal_adresse_seule() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NEW.adresse IS NOT NULL OR {changees} THEN RAISE EXCEPTION '{REFUS}'; END IF; RETURN NEW; END $$"
    )
    for table in TABLES:
        update = "journal_adresse_seule" if table == "journal_ligne" else "journal_fige"
        yield (f"CREATE TRIGGER {table}_sans_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {update}()")
        yield (
            f"CREATE TRIGGER {table}_sans_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION journal_fige()"
        )
        yield (
            f"CREATE TRIGGER {table}_sans_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION journal_fige()"
        )


def _retirer_postgresql():
    for table in TABLES:
        for evenement in ("update", "delete", "truncate"):
            yield f"DROP TRIGGER IF EXISTS {table}_sans_{evenement} ON {table}"
    yield "DROP FUNCTION IF EXISTS journal_fige()"
    yield "DROP FUNCTION IF EXISTS journal_adresse_seule()"


_POSER = {"sqlite": _poser_sqlite, "postgresql": _poser_postgresql}
_RETIRER = {"sqlite": _retirer_sqlite, "postgresql": _retirer_postgresql}
