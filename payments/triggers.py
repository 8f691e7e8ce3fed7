"""The triggers by which the database itself keeps the ledger: every entry even and complete at commit, the past unchangeable.

Two forms of one rule. PostgreSQL looks at each new entry when its transaction commits (a deferred constraint trigger). SQLite has
no such triggers, but it has deferred foreign keys: a new entry puts a row into `payments_uneven` that points nowhere, the line
that makes the entry complete and even takes it away, and a transaction that leaves one cannot commit. Whatever rebuilds a table of
the ledger on SQLite (a migration that alters it) loses its triggers: call `remove` before and `install` after it. The proof
`ledger` complains when one is missing.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("payments_account", "payments_entry", "payments_line")
POSTGRES = {
    "ledger_entry_even": """
        CREATE FUNCTION ledger_entry_even() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
          fen numeric;
          lines bigint;
        BEGIN
          SELECT COALESCE(SUM(amount_fen), 0), COUNT(*) INTO fen, lines FROM payments_line WHERE entry_id = NEW.id;
          IF fen <> 0 OR lines <> NEW.line_count THEN
            RAISE EXCEPTION 'ledger: entry % sums to % fen in % lines of %', NEW.key, fen, lines, NEW.line_count
              USING ERRCODE = 'check_violation';
          END IF;
          RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER ledger_entry_even AFTER INSERT ON payments_entry
          DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_even();
    """,
    "ledger_entry_complete": """
        CREATE FUNCTION ledger_entry_complete() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
          full_entry bigint;
        BEGIN
          SELECT e.id INTO full_entry
          FROM (SELECT DISTINCT entry_id FROM fresh) f JOIN payments_entry e ON e.id = f.entry_id
          WHERE (SELECT COUNT(*) FROM payments_line l WHERE l.entry_id = e.id) > e.line_count LIMIT 1;
          IF FOUND THEN
            RAISE EXCEPTION 'ledger: entry % is complete, it takes no further line', full_entry
              USING ERRCODE = 'check_violation';
          END IF;
          RETURN NULL;
        END $$;
        CREATE TRIGGER ledger_entry_complete AFTER INSERT ON payments_line
          REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_complete();
    """,
    "ledger_kept": """
        CREATE FUNCTION ledger_kept() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'ledger: what is booked stays, % of % is refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'check_violation';
        END $$;
    """
    + "".join(
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_kept();"
        for table in TABLES
    ),
}
UNEVEN = (
    """
    CREATE TABLE IF NOT EXISTS payments_uneven (
      entry_id integer PRIMARY KEY CHECK (entry_id > 0),
      nowhere integer NOT NULL REFERENCES payments_uneven (entry_id) DEFERRABLE INITIALLY DEFERRED
    )
    """,
    # Without it every deletion would read the whole table for rows that point to the one deleted.
    "CREATE UNIQUE INDEX IF NOT EXISTS payments_uneven_nowhere ON payments_uneven (nowhere)",
)
SQLITE = {
    "payments_entry_begun": """
        AFTER INSERT ON payments_entry BEGIN
          INSERT INTO payments_uneven (entry_id, nowhere) VALUES (NEW.id, -NEW.id);
        END
    """,
    "payments_line_added": """
        AFTER INSERT ON payments_line BEGIN
          SELECT RAISE(ABORT, 'ledger: the entry is complete, it takes no further line')
          WHERE (SELECT COUNT(*) FROM payments_line WHERE entry_id = NEW.entry_id)
            > (SELECT line_count FROM payments_entry WHERE id = NEW.entry_id);
          DELETE FROM payments_uneven
          WHERE entry_id = NEW.entry_id
            AND (SELECT SUM(amount_fen) FROM payments_line WHERE entry_id = NEW.entry_id) = 0
            AND (SELECT COUNT(*) FROM payments_line WHERE entry_id = NEW.entry_id)
              = (SELECT line_count FROM payments_entry WHERE id = NEW.entry_id);
        END
    """,
    # INSERT OR REPLACE would put a row in another's place without a delete trigger being asked.
    "payments_entry_placed": """
        BEFORE INSERT ON payments_entry
        WHEN EXISTS (SELECT 1 FROM payments_entry WHERE id = NEW.id OR key = NEW.key) BEGIN
          SELECT RAISE(ABORT, 'ledger: the entry is booked already');
        END
    """,
    "payments_line_placed": """
        BEFORE INSERT ON payments_line
        WHEN EXISTS (
          SELECT 1 FROM payments_line
          WHERE id = NEW.id OR (entry_id = NEW.entry_id AND account_id = NEW.account_id)
        ) BEGIN
          SELECT RAISE(ABORT, 'ledger: the line is booked already');
        END
    """,
    **{
        f"{table}_kept_{verb.lower()}": f"""
        BEFORE {verb} ON {table} BEGIN
          SELECT RAISE(ABORT, 'ledger: what is booked stays, {verb} of {table} is refused');
        END
    """
        for table in TABLES
        for verb in ("UPDATE", "DELETE")
    },
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers in place; those that are there are put anew."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing waits for the commit while tables get triggers
            for statements in POSTGRES.values():
                cursor.execute(statements)
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            return
        for statement in UNEVEN:
            cursor.execute(statement)
        for name, body in SQLITE.items():
            cursor.execute(f"CREATE TRIGGER {name} {body}")


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: for a migration that alters the ledger's tables, and for tests of what then goes wrong."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for name in POSTGRES:
                cursor.execute(f"DROP FUNCTION IF EXISTS {name} CASCADE")
            return
        for name in SQLITE:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of triggers that ought to be there and are not, or that are switched off."""
    if connection.vendor == "postgresql":
        wanted = ["ledger_entry_even", "ledger_entry_complete", *(f"{table}_kept" for table in TABLES)]
        there = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    else:
        wanted = list(SQLITE)
        there = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(there)
        found: set[Any] = {name for (name,) in cursor.fetchall()}
    return [name for name in wanted if name not in found]
