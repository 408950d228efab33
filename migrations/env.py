"""How `flask db` migrates: the whole way in one transaction, on both engines."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app
from sqlalchemy import Connection, Engine, TypeDecorator
from sqlalchemy.exc import OperationalError, SQLAlchemyError

import pentahelix.models  # noqa: F401 (fills the metadata)
from pentahelix import ddl, readiness
from pentahelix.database import WRITE
from pentahelix.extensions import Entity

#: How often a migration asks again for a lock that it did not get in three seconds.
TRIES = 3


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Look away from what ddl.py makes."""
    return kind not in ("table", "index") or name not in ddl.LEFT_ALONE


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write down the plain type: a migration must not change when ours do."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


OPTIONS: dict[str, Any] = {
    "target_metadata": Entity.metadata,
    "include_name": include_name,
    "render_item": render_item,
    "compare_type": True,
}


@contextmanager
def foreign_keys_held_back(connection: Connection) -> Iterator[None]:
    """SQLite alters a table by making it anew; what points to it is looked at once, at the end."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def refuse_broken_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
        raise RuntimeError(f"the migration leaves {len(broken)} references to nothing: {broken[:3]}")


def migrate(connection: Connection) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    context.configure(connection=connection, render_as_batch=is_sqlite, transactional_ddl=True, **OPTIONS)
    with context.begin_transaction():
        if not is_sqlite:
            # Nobody waits behind a migration that itself waits; the work itself may take its time.
            connection.exec_driver_sql("SET LOCAL lock_timeout = '3s'")
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        context.run_migrations()
        refuse_broken_references(connection)


def _connected(engine: Engine) -> Connection:
    with readiness.told_in_one_line():
        try:
            return engine.connect()
        except SQLAlchemyError as error:
            raise readiness.Unanswered(error) from None


def online() -> None:
    engine = current_app.extensions["migrate"].db.engine.execution_options(**{WRITE: True})
    for tries_left in reversed(range(TRIES)):
        with _connected(engine) as connection, foreign_keys_held_back(connection):
            try:
                migrate(connection)
                return
            except OperationalError as error:
                if not tries_left or getattr(error.orig, "sqlstate", None) != "55P03":
                    raise


def offline() -> None:
    """`flask db upgrade --sql` prints the statements for the database of the settings."""
    url = current_app.extensions["migrate"].db.engine.url
    context.configure(url=url.render_as_string(hide_password=False), literal_binds=True, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    offline()
else:
    online()
