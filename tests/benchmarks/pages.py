"""The pages that are measured: as whom, at which address, and how dear each may be."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Partner, User
from pentahelix.scope import ALL, set_scope
from pentahelix.services import tokens
from pentahelix.unit_of_work import write
from pentahelix.vocabulary import Role, TokenPurpose
from tests.benchmarks.data import NOW, application
from tests.sign_in import cookie_of


@dataclass(frozen=True)
class Goal:
    """At most so many times the bare view, so many statements, and times as long in a large province."""

    ratio: float
    statements: int
    growth: float = 1.1
    #: bytes of HTML, as it is and compressed
    html: tuple[int, int] | None = None


LIST = Goal(3.0, 6, html=(30_000, 5_000))
RECORD = Goal(2.5, 9)
DAY = Goal(3.0, 10)
DOOR = Goal(2.0, 4)
SEARCH = Goal(3.0, 6)
ONE_HIT = Goal(3.0, 6, growth=2.0)
MATRIX_50 = Goal(7.0, 5, growth=1.3)
MATRIX_400 = Goal(35.0, 5, growth=1.3)

#: Of a first visit, with everything that the page names: bytes on the wire, files.
FIRST_LOAD = (40_000, 6)

COORDINATOR, KABID, NOBODY = "coordinator", "Kabid", "nobody"

#: A partner of the first cluster with contacts, an agreement that holds, and a history; see `demo/large.py`.
PARTNER = 14
AGREEMENT = PARTNER // 2
#: The first cluster's next session, to which thirty are invited.
SESSION = INVITATION = 1


@dataclass(frozen=True)
class Page:
    name: str
    who: str
    #: `{hit}` is a word that finds one partner, `{token}` a personal link
    address: str
    goal: Goal
    #: how many clusters there are
    clusters: int = 400


PAGES = [
    Page("Hari ini", COORDINATOR, "/today", DAY),
    Page("Jadwal", COORDINATOR, "/agenda", DAY),
    Page("Menunggu Anda", COORDINATOR, "/waiting", DAY),
    Page("Partners", COORDINATOR, "/partners", LIST),
    Page("Partners, filtered", COORDINATOR, "/partners?helix=industry", LIST),
    Page("Partners of all clusters", KABID, "/partners", LIST),
    Page("A partner", COORDINATOR, f"/partners/{PARTNER}", RECORD),
    Page("Meeting form", COORDINATOR, "/meetings/new", RECORD),
    Page("Session, 30 answers", COORDINATOR, f"/guidance/{SESSION}", RECORD),
    Page("Personal link", NOBODY, "/u/{token}", DOOR),
    Page("Sign-in", NOBODY, "/sign-in", DOOR),
    Page("Agreements", COORDINATOR, "/agreements", LIST),
    Page("An agreement", COORDINATOR, f"/agreements/{AGREEMENT}", RECORD),
    Page("Follow-ups", COORDINATOR, "/follow-ups", LIST),
    Page("Contributions", COORDINATOR, "/contributions", LIST),
    Page("A cluster", COORDINATOR, "/clusters/1", RECORD),
    Page("A cell", KABID, "/coverage/1/industry", RECORD),
    Page("Search, one hit", COORDINATOR, "/search?q={hit}", ONE_HIT),
    Page("Search, many hits", COORDINATOR, "/search?q=cv", SEARCH),
    Page("Coverage, 400 clusters", KABID, "/coverage", MATRIX_400),
    Page("Coverage, 50 clusters", KABID, "/coverage", MATRIX_50, clusters=50),
]


class Visitors:
    """Those who ask for the pages of one database, in this process; the servers take the same cookies."""

    def __init__(self, url: str, **settings: object) -> None:
        self.app: Flask = application(url, **settings)
        with self.app.app_context(), clock.frozen(NOW):
            session = db.session()
            set_scope(session, ALL)
            coordinator = session.get_one(User, 1)
            kabid = session.scalars(select(User).where(User.role == Role.KABID)).one()
            self.cookies = {
                COORDINATOR: "=".join(cookie_of(self.app, coordinator)),
                KABID: "=".join(cookie_of(self.app, kabid)),
                NOBODY: "",
            }
            self.words = {"hit": _words_of(session, PARTNER), "token": _link(session)}
            db.session.remove()

    def address(self, page: Page) -> str:
        return page.address.format(**self.words)

    def statements(self, page: Page) -> int:
        """How often the page asks the database, transactions aside, once whatever it keeps is kept."""
        client = self.app.test_client(use_cookies=False)
        headers = {"Cookie": self.cookies[page.who]} if page.who != NOBODY else {}
        with clock.frozen(NOW):
            client.get(self.address(page), headers=headers)
            with self._heard() as ran:
                answer = client.get(self.address(page), headers=headers)
        assert answer.status_code == 200, f"{page.name}: {answer.status}"
        return len(ran)

    def close(self) -> None:
        with self.app.app_context():
            db.engine.dispose()

    @contextmanager
    def _heard(self) -> Iterator[list[str]]:
        ran: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
                ran.append(statement)

        with self.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield ran
        finally:
            event.remove(engine, "before_cursor_execute", note)


def _words_of(session: Session, partner_id: int) -> str:
    """Name and number, which no other partner has."""
    return session.get_one(Partner, partner_id).name.partition(" ")[2].replace(" ", "+")


def _link(session: Session) -> str:
    write()
    raw = tokens.make(TokenPurpose.INVITATION, object_id=INVITATION)
    session.commit()
    return raw
