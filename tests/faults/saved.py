"""A database as it was at one moment, put back in some milliseconds as often as one likes."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing

from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from pentahelix.extensions import db
from tests.engines import Engines, PostgresDatabase, SqliteDatabase


class Saved:
    """What was committed so far; `put_back` forgets all that was written since."""

    def __init__(self, app: Flask, session: Session, engines: Engines) -> None:
        self.app, self.session = app, session
        database = engines[db.engine.dialect.name]
        session.commit()
        if isinstance(database, SqliteDatabase):
            self.put_back = self._sqlite(database)
        else:
            self.put_back = self._postgresql(database)

    def _sqlite(self, database: SqliteDatabase) -> Callable[[], None]:
        saved = database.file.with_name("saved.db")
        with closing(sqlite3.connect(database.file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(database.file, saved)

        def put_back() -> None:
            self.session.rollback()
            database.close()
            for suffix in ("-wal", "-shm"):
                database.file.with_name(database.file.name + suffix).unlink(missing_ok=True)
            shutil.copyfile(saved, database.file)
            self.session.expire_all()

        return put_back

    def _postgresql(self, database: PostgresDatabase) -> Callable[[], None]:
        with db.engine.connect() as connection:
            rows = [
                (table, [dict(row) for row in connection.execute(select(table)).mappings()])
                for table in db.metadata.sorted_tables
            ]

        def put_back() -> None:
            self.session.rollback()
            database.reset()
            with database.database.connect() as connection:
                connection.execute(text("SET session_replication_role = replica"))
                for table, kept in rows:
                    if kept:
                        connection.execute(table.insert(), kept)
                connection.execute(text("SET session_replication_role = origin"))
            self.session.expire_all()

        return put_back
