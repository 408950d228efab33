"""What the database does by itself: it refuses to rewrite the audit trail and keeps the index of words.

The statements are events of the metadata, so that `create_all` runs them, and are called by the first
migration. What they make is not known to Alembic; `LEFT_ALONE` tells its comparison to look away.

Alembic's batch mode drops a table and its triggers silently: never use it on the tables named here.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, MetaData, event

#: names of tables (SQLite keeps an FTS index in tables) and indexes that are made here
LEFT_ALONE = frozenset(
    {
        "ix_search_text_folded",
        "search_words",
        "search_words_config",
        "search_words_data",
        "search_words_docsize",
        "search_words_idx",
    }
)

#: Every trigger that must be there after any migration.
TRIGGERS = {
    "sqlite": {
        "audit_entry_no_update",
        "audit_entry_no_delete",
        "audit_entry_no_replace",
        "audit_value_no_update",
        "audit_value_no_replace",
        "search_text_after_insert",
        "search_text_after_update",
        "search_text_after_delete",
    },
    "postgresql": {
        "audit_entry_no_update",
        "audit_entry_no_delete",
        "audit_entry_no_truncate",
        "audit_value_no_update",
    },
}


# ---------------------------------------------------------------------------------------------------------
# The audit trail: entries are never changed nor removed, values go only by erasure


def _refusals_sqlite() -> Iterator[str]:
    for table, what in (
        ("audit_entry", "UPDATE"),
        ("audit_entry", "DELETE"),
        ("audit_value", "UPDATE"),
    ):
        yield (
            f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    # INSERT OR REPLACE removes a row without asking the triggers above.
    no_replace = (
        "CREATE TRIGGER {0}_no_replace BEFORE INSERT ON {0}"
        " WHEN EXISTS (SELECT 1 FROM {0} WHERE id = NEW.id)"
        " BEGIN SELECT RAISE(ABORT, '{0} is append-only'); END"
    )
    yield from map(no_replace.format, ("audit_entry", "audit_value"))


def _refusals_postgresql() -> Iterator[str]:
    yield (
        "CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$"
    )
    for table, what, each in (
        ("audit_entry", "UPDATE", "ROW"),
        ("audit_entry", "DELETE", "ROW"),
        ("audit_entry", "TRUNCATE", "STATEMENT"),
        ("audit_value", "UPDATE", "ROW"),
    ):
        yield (
            f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table}"
            f" FOR EACH {each} EXECUTE FUNCTION refuse_rewriting()"
        )


# ---------------------------------------------------------------------------------------------------------
# The index of words over search_text.folded


def _search_sqlite() -> Iterator[str]:
    """`search_words MATCH …` gives the rowids of search_text."""
    yield (
        "CREATE VIRTUAL TABLE search_words USING fts5("
        "folded, content='search_text', content_rowid='id', tokenize='unicode61', prefix='2 3')"
    )
    add = "INSERT INTO search_words (rowid, folded) VALUES (NEW.id, NEW.folded);"
    take = "INSERT INTO search_words (search_words, rowid, folded) VALUES ('delete', OLD.id, OLD.folded);"
    for when, what in (("INSERT", add), ("DELETE", take), ("UPDATE", take + " " + add)):
        yield (
            f"CREATE TRIGGER search_text_after_{when.lower()} AFTER {when} ON search_text BEGIN {what} END"
        )


def _search_postgresql() -> Iterator[str]:
    yield "CREATE INDEX ix_search_text_folded ON search_text USING gin (to_tsvector('simple', folded))"


# ---------------------------------------------------------------------------------------------------------
# Made with the tables, by the metadata or by a migration


def statements(dialect: str) -> list[str]:
    """In the order in which they must run, after all tables are there."""
    if dialect == "sqlite":
        return [*_refusals_sqlite(), *_search_sqlite()]
    return [*_refusals_postgresql(), *_search_postgresql()]


def undoing(dialect: str) -> list[str]:
    """Before the tables go; their triggers and indexes go with them."""
    if dialect == "sqlite":
        return ["DROP TABLE search_words"]
    triggers = sorted(TRIGGERS["postgresql"])
    drops = [f"DROP TRIGGER {name} ON {name.split('_no_')[0]}" for name in triggers]
    return [*drops, "DROP FUNCTION refuse_rewriting()"]


def forget(connection: Connection) -> None:
    """Let nothing of what was taken out of the index of words be left in its files."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT INTO search_words (search_words) VALUES ('optimize')")


def run(connection: Connection, wanted: list[str]) -> None:
    for statement in wanted:
        connection.exec_driver_sql(statement)


def _make(_metadata: MetaData, connection: Connection, **_options: Any) -> None:
    run(connection, statements(connection.dialect.name))


def _unmake(_metadata: MetaData, connection: Connection, **_options: Any) -> None:
    run(connection, undoing(connection.dialect.name))


def accompany(metadata: MetaData) -> None:
    """From now on they come and go with the tables of `metadata`."""
    event.listen(metadata, "after_create", _make)
    event.listen(metadata, "before_drop", _unmake)
