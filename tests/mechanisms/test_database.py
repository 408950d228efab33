"""How transactions begin on SQLite, and end on PostgreSQL."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from pentahelix import database
from pentahelix.extensions import db

on_postgresql = pytest.mark.parametrize("app", ["postgresql"], indirect=True)


def test_whoever_may_not_write_in_time_is_told_and_waits_as_long_for_everything_else(app, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT", 30)
    with app.app_context(), closing(sqlite3.connect(db.engine.url.database, isolation_level=None)) as other:
        writing = db.engine.execution_options(**{database.WRITE: True})
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="database is locked"), writing.connect() as connection:
            connection.execute(text("SELECT 1"))
        other.execute("COMMIT")
        with writing.connect() as connection:
            assert connection.scalar(text("PRAGMA busy_timeout")) == 30
            with pytest.raises(sqlite3.OperationalError, match="database is locked"):
                other.execute("PRAGMA busy_timeout = 0").connection.execute("BEGIN IMMEDIATE")


@on_postgresql
def test_what_is_planned_is_kept_after_what_was_only_read(app):
    asked = text("SELECT count(*) FROM pg_prepared_statements")
    with app.app_context(), db.engine.connect() as connection:
        for _ in range(8):
            kept = connection.scalar(asked)
            connection.rollback()
    assert kept == 1


@on_postgresql
def test_what_was_changed_is_rolled_back(app):
    with app.app_context(), db.engine.connect() as connection:
        connection.execute(text("INSERT INTO tag (name, version) VALUES ('halal', 1)"))
        connection.rollback()
        assert connection.scalar(text("SELECT count(*) FROM tag WHERE name = 'halal'")) == 0
