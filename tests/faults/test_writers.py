"""T13: eight people write at once through a real server of two processes, while somebody reads at length.

Each adds to the log of a partner, and now and then changes the one product that all of them change. Nobody is
told that the database is locked, and of what was accepted nothing is lost.
"""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import AuditEntry, AuditValue, ContactLog, FollowUp, Product
from tests import factories as make
from tests.cast import Cast
from tests.conftest import NOW, new_client
from tests.engines import engine_of
from tests.network import free_port
from tests.sign_in import cookie_of
from tests.sizes import LARGE, sized

ROOT = Path(__file__).resolve().parents[2]

WRITERS, WRITES = 8, sized(60, 500)
#: Every so many-th write is a change of the product that all change.
SHARED = 10
Changes = list[tuple[str | None, str]]

LOGGED = select(func.count()).select_from(ContactLog)
#: What is exported meanwhile, again and again.
BIG = sized(300, 3_000)


#: Two processes, which know of each other by the database alone, with room for everybody.
GUNICORN = ("--worker-class", "gthread", "--workers", "2", "--threads", "5", "--no-control-socket")


@contextmanager
def server(app: Flask, log: Path, served: Path) -> Iterator[int]:
    """Gunicorn as an operator starts it, on the database of `app`; its port.

    In `served` stands who of its processes answered each request, and what that asked for.
    """
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PHX_")} | {
        "PHX_ENV": "test",
        "PHX_SECRET_KEY": app.config["SECRET_KEY"],
        "PHX_DATABASE_URL": str(app.config["SQLALCHEMY_DATABASE_URI"]),
        "PHX_BASE_URL": f"http://127.0.0.1:{port}",
        "PHX_DOCUMENTS": str(log.parent / "documents"),
        "PHX_CLOCK": NOW,
    }
    gunicorn = Path(sys.executable).parent / "gunicorn"
    told = ("--access-logfile", str(served), "--access-logformat", "%(p)s %(m)s")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(gunicorn), "wsgi:app", "--bind", f"127.0.0.1:{port}", *GUNICORN, *told],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
        )
        try:
            pause, deadline = Event(), clock.monotonic() + 60
            while not _answers(port):
                assert process.poll() is None, log.read_text()
                assert clock.monotonic() < deadline, log.read_text()
                pause.wait(0.05)
            yield port
        finally:
            process.terminate()
            process.wait(20)


def _answers(port: int) -> bool:
    with suppress(OSError), closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("GET", "/sign-in")
        return connection.getresponse().status == 200
    return False


class Writer(Thread):
    """One of eight, at a browser of her own."""

    def __init__(self, number: int, port: int, cookie: str, token: str, product: int, partner: int) -> None:
        super().__init__()
        self.number, self.token, self.product, self.partner = number, token, product, partner
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = cookie
        self.version = "1"
        self.logged: list[str] = []
        self.changed: list[str] = []
        self.refused = 0
        self.seconds: list[float] = []
        self.failures: list[str] = []

    def run(self) -> None:
        try:
            for write in range(WRITES):
                said = f"{self.number}-{write}"
                if write % SHARED == 0:
                    # Over a new connection, which the other process may take.
                    self.connection.close()
                    self._change(said)
                else:
                    self._log(said)
        except Exception as error:
            self.failures.append(repr(error))
        finally:
            self.connection.close()

    def _log(self, said: str) -> None:
        fields = {"channel": "visit", "contacted_on": NOW[:10], "line": said}
        status, _page = self._post(f"/partners/{self.partner}/log", fields)
        if status == 303:
            self.logged.append(said)
        else:
            self.failures.append(f"log: {status}")

    def _change(self, said: str) -> None:
        """As often as somebody else was earlier, from the page that says so."""
        while True:
            fields = {
                "name": "Keripik",
                "stage": "recipe_trial",
                "description": said,
                "version": self.version,
            }
            status, page = self._post(f"/products/{self.product}/edit", fields)
            if status == 409:
                self.refused += 1
                found = re.search(r'name="version"[^>]* value="(\d+)"', page)
                assert found, page
                self.version = found.group(1)
                continue
            if status == 303:
                self.version = str(int(self.version) + 1)
                self.changed.append(said)
            else:
                self.failures.append(f"change: {status}")
            return

    def _post(self, address: str, fields: dict[str, str]) -> tuple[int, str]:
        body = urlencode(fields | {"csrf_token": self.token, "submission_id": str(uuid4())})
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        begun = clock.monotonic()
        self.connection.request("POST", address, body, headers)
        response = self.connection.getresponse()
        page = response.read().decode()
        self.seconds.append(clock.monotonic() - begun)
        return response.status, page


class Reader(Thread):
    """Exports a long list again and again."""

    def __init__(self, port: int, cookie: str) -> None:
        super().__init__()
        self.port, self.cookie, self.enough = port, cookie, Event()
        self.statuses: list[int] = []

    def run(self) -> None:
        while not self.enough.wait(2):
            with closing(HTTPConnection("127.0.0.1", self.port, timeout=120)) as connection:
                connection.request("GET", "/follow-ups/export.xlsx", headers={"Cookie": self.cookie})
                response = connection.getresponse()
                response.read()
                self.statuses.append(response.status)


@pytest.mark.both_engines
def test_t13_eight_writers_at_once_lose_nothing_and_wait_for_nobody(
    app: Flask, session: Session, cast: Cast, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    people = [make.user(cast.lebak) for _ in range(WRITERS + 1)]
    product = make.product(cast.lebak, name="Keripik")
    product_id, partner_id = product.id, cast.kemasindo.id
    _much_to_read(session, cast)
    hands = [_hand(app, person) for person in people]
    log, served = tmp_path / "gunicorn.log", tmp_path / "served"
    with server(app, log, served) as port, _long_look() as look:
        writers = [
            Writer(number, port, cookie, token, product_id, partner_id)
            for number, (cookie, token) in enumerate(hands[1:])
        ]
        reader = Reader(port, hands[0][0])
        seen = look.scalar(LOGGED)
        for thread in (reader, *writers):
            thread.start()
        for writer in writers:
            while writer.is_alive():
                writer.join(1)
                # One long look at a list, from before the first write until after the last.
                assert look.scalar(LOGGED) == seen
        reader.enough.set()
        reader.join()
    session.rollback()
    session.expire_all()
    seconds = sorted(second for writer in writers for second in writer.seconds)
    p99 = seconds[len(seconds) * 99 // 100]
    accepted = Counter(one for writer in writers for one in (*writer.logged, *writer.changed))
    kept = Counter(map(str, session.scalars(select(ContactLog.line))))
    told = _told_of(session, product_id)
    kept.update(after for _before, after in told)
    locked, lost, doubled = log.read_text().count("locked"), accepted - kept, kept - accepted
    figure(
        f"T13, {engine_of(app)}: {WRITERS * WRITES} writes, {lost.total()} lost, {doubled.total()} doubled,"
        f" {locked} locked, {sum(writer.refused for writer in writers)} refused for another's change,"
        f" {len(reader.statuses)} exports meanwhile; p50 {seconds[len(seconds) // 2] * 1000:.0f} ms,"
        f" p99 {p99 * 1000:.0f} ms, the slowest {seconds[-1] * 1000:.0f} ms"
    )
    assert [failure for writer in writers for failure in writer.failures] == []
    assert (lost, doubled, locked) == (Counter(), Counter(), 0)
    assert accepted.total() == WRITERS * WRITES
    assert set(reader.statuses) == {200}
    _both_processes_wrote(served)
    _changes_follow_each_other(session, product_id, told)
    if LARGE:
        assert p99 < 1


@contextmanager
def _long_look() -> Iterator[Connection]:
    """A transaction that reads and goes on seeing the database as it was at its first look."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def _both_processes_wrote(served: Path) -> None:
    """Each of them its share: of one alone nobody else's lock is met."""
    wrote = Counter(line.split()[0] for line in served.read_text().splitlines() if line.endswith("POST"))
    assert len(wrote) == 2
    assert min(wrote.values()) > wrote.total() / 10, wrote


def _told_of(session: Session, product_id: int) -> Changes:
    """What the trail tells of the product's description, before and after each change."""
    found = session.execute(
        select(AuditValue.before, AuditValue.after)
        .join(AuditEntry, AuditEntry.id == AuditValue.entry_id)
        .where(
            AuditEntry.noun == "product",
            AuditEntry.object_id == product_id,
            AuditValue.field == "description",
        )
        .order_by(AuditEntry.id)
    )
    return [(before, str(after)) for before, after in found]


def _changes_follow_each_other(session: Session, product_id: int, told: Changes) -> None:
    """Each was made upon the one before it."""
    assert [before for before, _after in told] == [None, *(after for _before, after in told)][:-1]
    product = session.get_one(Product, product_id)
    assert (product.description, product.version) == (told[-1][1], len(told) + 1)


def _hand(app: Flask, person: object) -> tuple[str, str]:
    """Cookie and token of somebody who is signed in."""
    client = new_client(app)
    name, value = cookie_of(app, person)  # type: ignore[arg-type]
    client.set_cookie(name, value)
    token = client.token()
    cookie = client.get_cookie(name)
    assert cookie is not None
    return f"{name}={cookie.value}", token


def _much_to_read(session: Session, cast: Cast) -> None:
    one = make.follow_up(cast.lebak, cast.lilis)
    session.commit()
    same = {column.name: getattr(one, column.name) for column in FollowUp.__table__.c if column.name != "id"}
    with db.engine.begin() as connection:
        connection.execute(
            insert(FollowUp), [same | {"title": f"Hubungi mitra {each}"} for each in range(BIG)]
        )
