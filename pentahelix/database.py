"""How both engines are spoken to: one kind of transaction for reading, one for writing."""

import sqlite3
from contextlib import suppress
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, Insert, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from pentahelix import clock

#: The execution option of a connection that is about to write.
WRITE = "write"

#: How long a writer waits for another one, in milliseconds.
BUSY_TIMEOUT = 10_000

#: Statements that a connection to PostgreSQL keeps prepared: all that a worker runs again and again.
MOST_PREPARED = 500

#: Of each connection to PostgreSQL. By itself it plans for a disk that turns, and lets no JOIN after the
#: eighth come before the others: so it read whole tables to find a few rows. Plans may be dear, being kept.
SETTINGS = {
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
    "random_page_cost": "1.1",
    "join_collapse_limit": "11",
    "from_collapse_limit": "11",
    "jit": "off",
}

#: Where a connection remembers whether its transaction changes anything.
CHANGES = "changes"


def engine_options(url: str) -> dict[str, Any]:
    """What `create_engine` is told beside the address."""
    # An error is logged without the values: mails carry links that let people in.
    if url.startswith("sqlite"):
        # isolation_level None: the driver begins nothing by itself, see `prepare`.
        timeout = BUSY_TIMEOUT / 1000
        return {
            "hide_parameters": True,
            "connect_args": {"isolation_level": None, "timeout": timeout},
        }
    return {
        "hide_parameters": True,
        "pool_pre_ping": True,
        "connect_args": {
            "options": " ".join(f"-c {name}={value}" for name, value in SETTINGS.items()),
            "connect_timeout": 5,
        },
    }


def unless_there(connection: Connection, table: Any, values: Any, *key: str) -> Insert:
    """An INSERT that does nothing where `key` is taken, be it at this very moment by another process."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return insert(table).values(values).on_conflict_do_nothing(index_elements=key)


def prepare(engine: Engine) -> None:
    """Teach an engine to begin and end transactions the way its database wants it."""
    if engine.dialect.name == "sqlite":
        _in_turn(engine)
    else:
        _planned_once(engine)


def _planned_once(engine: Engine) -> None:
    """Keep the statements that PostgreSQL has prepared from one request to the next.

    To plan a statement takes PostgreSQL several times as long as to run it. Its driver prepares what it sees
    for the sixth time, but forgets all of it with each ROLLBACK, by which every page that was only read ends.
    So what has only read is ended by a COMMIT.
    """

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _entry: ConnectionPoolEntry) -> None:
        connection.prepared_max = MOST_PREPARED

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.info[CHANGES] = bool(connection.get_execution_options().get(WRITE))

    @event.listens_for(engine, "before_cursor_execute")
    def _note(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("SELECT", "WITH")):
            connection.info[CHANGES] = True

    @event.listens_for(engine, "rollback")
    def _rollback(connection: Connection) -> None:
        raw = connection.connection.dbapi_connection
        if raw is not None and not connection.info.get(CHANGES, True):
            # That a connection is gone is told by the rollback itself, which follows.
            with suppress(Exception):
                raw.commit()


def _in_turn(engine: Engine) -> None:
    """Let those who write to a SQLite file wait for each other.

    A transaction that reads and then writes fails at once when somebody else wrote in between, whatever the
    busy time-out; one that says from the first statement that it will write waits for its turn. So the
    writing part of a request asks for BEGIN IMMEDIATE (`unit_of_work.write`), everything else for BEGIN.
    """

    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            # What was erased does not stay behind in the file.
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    # Within a process writers wait in turn: SQLite's own waiting is by lot, and the unlucky wait too long.
    turn = Lock()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(WRITE):
            connection.exec_driver_sql("BEGIN")
            return
        connection.info["turn"] = turn.acquire(timeout=BUSY_TIMEOUT / 1000)
        try:
            _begin_to_write(connection)
        except BaseException:
            _pass_on(connection)
            raise

    @event.listens_for(engine, "commit")
    @event.listens_for(engine, "rollback")
    def _pass_on(connection: Connection | ConnectionPoolEntry) -> None:
        if connection.info.pop("turn", False):
            turn.release()

    # Whoever was dropped without either gives the turn back with the connection.
    @event.listens_for(engine, "reset")
    def _reset(_connection: DBAPIConnection, entry: ConnectionPoolEntry, _state: Any) -> None:
        _pass_on(entry)


def _begin_to_write(connection: Connection) -> None:
    """Ask for the lock every millisecond, as all processes do, so that each is let in as soon as the others.

    SQLite's own waiting asks ever more seldom: who has just come is let in before who has waited for longest.
    """
    raw: Any = connection.connection.dbapi_connection
    until = clock.monotonic() + BUSY_TIMEOUT / 1000
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while clock.monotonic() < until:
            try:
                raw.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    break
            clock.pause(0.001)
        # Once more, so that what is wrong is told as every error of the database.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")
