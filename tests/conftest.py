"""What every test stands on: a real database, a clock that stands still, a cast, no way out to the world."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask, g
from sqlalchemy import event
from sqlalchemy.orm import Session

from pentahelix import audit, clock as system, passwords
from pentahelix.extensions import db
from pentahelix.models import Contact, User
from pentahelix.scope import ALL, set_scope
from pentahelix.services import doors
from pentahelix.unit_of_work import write
from pentahelix.vocabulary import ActorKind
from tests import network
from tests.cast import Cast
from tests.clients import Client
from tests.engines import Engines, pytest_generate_tests
from tests.sign_in import principal_of, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["pytest_generate_tests"]

#: A Tuesday morning in Banten.
NOW = "2026-11-24T07:00+07:00"


#: The files that take longest, the longest first, so that no core ends up alone with one of them.
LONGEST = (
    "test_pages.py", "test_languages.py", "test_hostile_forms.py", "test_access.py", "test_serve.py",
    "test_twice.py", "test_session_ends.py", "test_guidance_machine.py", "test_writers.py",
    "test_nothing_foreign.py", "test_two_people.py", "test_deliverers.py", "test_schedulers.py",
    "test_benchmarks.py", "test_statements.py", "test_assets.py",
)  # fmt: skip
TURN = {name: turn for turn, name in enumerate(LONGEST)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: TURN.get(item.path.name, len(TURN)))


class Clock:
    """`clock.set("2026-12-27T23:30+07:00")`: it is that now, until it is set again."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.set(NOW)

    def set(self, instant: str | datetime) -> None:
        self._stack.close()
        self._stack.enter_context(system.frozen(instant))


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    with ExitStack() as stack:
        yield Clock(stack)


@pytest.fixture(autouse=True)
def _no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    network.guard(monkeypatch)


@pytest.fixture(autouse=True)
def _cheap_passwords() -> None:
    # For each test: an application that one of them makes may have made them dear again.
    passwords.configure(time_cost=1, memory_kib=8, parallelism=1)


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    engines = Engines()
    yield engines
    engines.close()


@pytest.fixture
def app(request: pytest.FixtureRequest, engines: Engines) -> Flask:
    """An application on an empty, migrated database: SQLite, or what `both_engines` says."""
    database = engines[getattr(request, "param", "sqlite")]
    database.reset()
    return database.app


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The test's own session, in an application context, over all clusters. Requests never share it."""
    with app.app_context(), audit.acting(audit.Actor(ActorKind.COMMAND, None, "test")):
        set_scope(db.session(), ALL)
        yield db.session()
        db.session.rollback()


@pytest.fixture
def cast(session: Session) -> Cast:
    """Rudi, Aminah, Lilis and Ujang with their clusters and partners (see `tests/cast.py`)."""
    return Cast.enter(session)


@pytest.fixture
def client(app: Flask) -> Client:
    """A visitor's browser; `sign_in(client, cast.lilis)` makes it hers."""
    return new_client(app)


@pytest.fixture
def browser_of(app: Flask, session: Session) -> Callable[[User | Contact], Client]:
    """`browser_of(cast.lilis)`: her browser, signed in; ask again for a second one."""

    def signed_in(user: User | Contact) -> Client:
        client = new_client(app)
        sign_in(client, user)
        return client

    return signed_in


@pytest.fixture
def acting_as(app: Flask, session: Session) -> Callable[[User], AbstractContextManager[Session]]:
    """`with acting_as(cast.lilis) as hers:` the writing part of a request of hers, without a page.

    Inside, the database session is her own, in her scope, and changes are in her name; entities are read
    from it anew. What the test made is committed before, what is done inside at its end, unless it raised.
    """

    @contextmanager
    def acting(user: User) -> Iterator[Session]:
        person = principal_of(user)
        session.commit()
        named = audit.Actor(ActorKind.USER, person.user_id, person.name)
        # A second application context, so that the request does not share this test's session.
        try:
            with app.app_context(), app.test_request_context(method="POST"), audit.acting(named):
                g.principal = person
                set_scope(db.session(), person.scope)
                write()
                yield db.session()
                db.session.commit()
        finally:
            # Whatever the test's session has read meanwhile is of before.
            session.rollback()
            session.expire_all()

    return acting


@pytest.fixture
def scheduled(app: Flask, session: Session) -> Callable[[Callable[[], object]], None]:
    """`scheduled(coverage.tick)`: the scheduler does that once, on what the test has made so far."""

    def run(job: Callable[[], object]) -> None:
        session.commit()
        with app.app_context():
            job()
        session.rollback()
        session.expire_all()

    return run


@pytest.fixture
def tick(scheduled: Callable[[Callable[[], object]], None]) -> Callable[[], None]:
    """The scheduler looks once at the links that were asked for."""
    return lambda: scheduled(doors.answer_requests)


@pytest.fixture
def statements(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """`with statements() as ran:` what the database was asked meanwhile, transactions aside."""
    with app.app_context():
        engine = db.engine

    @contextmanager
    def listening() -> Iterator[list[str]]:
        ran: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
                ran.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield ran
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return listening


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """`figure("T1: 300 mails, 0 lost")`: what was measured, told at the end of the run."""

    def tell(line: str) -> None:
        request.node.user_properties.append(("figure", line))

    return tell


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Chromium; here rather than beside its tests, since a process can have but one."""
    from playwright.sync_api import sync_playwright

    from tests.browser.server import CHROMIUM

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--no-default-browser-check",
            ],
        )
        yield browser
        browser.close()


def new_client(app: Flask) -> Client:
    return Client(app, app.response_class, use_cookies=True)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tell what was measured; say aloud that, and why, the browser tests did not run."""
    reports = [report for group in terminalreporter.stats.values() for report in group]
    told = [
        line
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, line in report.user_properties
        if name == "figure"
    ]
    if told:
        terminalreporter.section("what was measured")
    for line in sorted(told) + _time_of_faults(reports):
        terminalreporter.write_line(line)
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        if report.nodeid.startswith("tests/browser/"):
            reason = report.longrepr[2].removeprefix("Skipped: ")
            reasons[reason] = reasons.get(reason, 0) + 1
    for reason, number in reasons.items():
        terminalreporter.write_line(f"{number} browser tests did not run: {reason}", yellow=True)


def _time_of_faults(reports: list[Any]) -> list[str]:
    """How long the tests of faults took, one after the other: three minutes in all, large 25, are given."""
    seconds: Counter[str] = Counter()
    for report in reports:
        # Among them are also the tests that were not chosen, which took no time.
        if hasattr(report, "duration") and report.nodeid.startswith("tests/faults/"):
            seconds[report.nodeid.rpartition("::")[2]] += report.duration
    if not seconds:
        return []
    [(longest, most)] = seconds.most_common(1)
    total = sum(seconds.values())
    return [f"Faults: {len(seconds)} tests, {total:.0f} s in all, longest {longest}, {most:.0f} s"]
