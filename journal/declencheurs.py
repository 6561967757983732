"""Les déclencheurs qui ferment le journal, sur SQLite et sur PostgreSQL."""

TABLES = ("journal_ligne", "journal_bloc", "journal_lignescellee")
COLONNES = ("id", "le", "auteur_id", "tache", "acte", "objet_type", "objet_id", "participant_id", "champs",
            "empreinte", "motif")  # fmt: skip
REFUS = "le journal ne se modifie pas"


def poser(schema_editor):
    """Refuse UPDATE, DELETE (et TRUNCATE sur PostgreSQL) ; seule l’adresse d’une ligne peut devenir vide."""
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
        yield f"DROP TRIGGER IF EXISTS {table}_sans_delete"
        yield f"DROP TRIGGER IF EXISTS {table}_sans_update"


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
