"""T7: a form sent twice, eight times at once or a day later makes one record, and gets the same answer.

Every route that takes a form is in it by itself: `fillings` finds out how its form is filled in.
"""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from itertools import product
from threading import Barrier, Thread
from typing import Any, NamedTuple

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from pentahelix import clock as system
from pentahelix.extensions import db
from tests.cast import Cast
from tests.clients import forms_of, words
from tests.conftest import Clock
from tests.engines import Engines, engine_of
from tests.faults.fillings import Filling, World
from tests.faults.saved import Saved
from tests.sizes import sized

AT_ONCE = 8

#: What is written down about the sending itself, and who came in by which door.
BOOKS = {"attempt", "heartbeat", "link_request", "sign_in", "submission", "token"}

#: What is not asked here, and why.
APART = {
    "accounts.new_password": "its link works once",
    "accounts.sign_in": "each device has its own",
    "accounts.sign_in_demo": "in the demo only",
    "accounts.sign_out": "whoever sends it again is signed out",
    "accounts.sign_out_everywhere": "whoever sends it again is signed out",
    "portal.choose": "stands behind the link of a mail",
    "portal.code": "stands behind the link of a mail",
    "portal.enter": "its link works once",
    "guidance.whatsapp": "shows a fresh link each time, since none is kept that could be shown again",
    "reminders.preview": "says what would happen, and keeps nothing",
}
#: Counted by address and network, with a claim or without: of eight at once some are told to wait.
COUNTED = {"accounts.forgot", "portal.sign_in", "accounts.password"}

#: What is sent without a claim: there a lock of the row lets one wait for the other.
LOCKED = {"accounts.password", "reply.show"}

#: Whose form has texts, of which none can be sent differently under the same key, and why.
SAME_TEXT = {"reply.show": "a personal link takes no key: what is said last counts, and the history has both"}

#: Whose texts are not on the page to which the refusal leads, and why.
UNSEEN = {
    "accounts.forgot": "whoever asks for a link is told the same, whatever the address",
    "portal.answer": "it leads to the list, from which one press leads to the answer as it is kept",
    "reminders.cluster": "days that a cluster leaves to the province are not kept",
}

#: What is written first and then, of whatever kind a field takes.
TEXTS = (
    ("Isi yang pertama", "Isi yang lain sama sekali"),
    ("pertama@contoh.example", "lain@contoh.example"),
    ("13", "17"),
)

Rows = dict[str, int]


class Answer(NamedTuple):
    status: int
    location: str | None

    @classmethod
    def of(cls, response: TestResponse) -> "Answer":
        return cls(response.status_code, response.headers.get("Location"))


@pytest.fixture
def world(app: Flask, session: Session, cast: Cast) -> World:
    return World(app, session, cast)


def posts(app: Flask) -> list[Rule]:
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    return sorted((rule for rule in rules if rule.endpoint not in APART), key=lambda rule: rule.endpoint)


def count(app: Flask) -> Rows:
    """How many rows there are of everything that is no bookkeeping."""
    tables = [table for table in db.metadata.sorted_tables if table.name not in BOOKS]
    with app.app_context(), db.engine.connect() as connection:
        counts = select(*(select(func.count()).select_from(table).scalar_subquery() for table in tables))
        return dict(zip((table.name for table in tables), connection.execute(counts).one(), strict=True))


def at_once(world: World, filling: Filling) -> list[Answer]:
    clients = [world.client(filling.person) for _ in range(AT_ONCE)]
    start, answers = Barrier(AT_ONCE), []

    def send(client: Any) -> None:
        start.wait()
        answers.append(Answer.of(filling.send(client)))

    threads = [Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def reads(page: TestResponse, text: str) -> bool:
    """Whether a person does, in its words or in a form of it."""
    fields = ((form.kinds[name], values) for form in forms_of(page) for name, values in form.fields.items())
    return text in words(page) or any(kind != "hidden" and text in values for kind, values in fields)


class Trials:
    """Sends the form of one route after the other more than once, and gathers what is wrong with that."""

    def __init__(self, world: World, saved: Saved, clock: Clock) -> None:
        self.world, self.saved, self.clock = world, saved, clock
        #: of each, which route and what
        self.lost: list[str] = []
        self.doubled: list[str] = []
        self.same_text: set[str] = set()
        self.unseen: set[str] = set()

    def of(self, rule: Rule) -> None:
        world, now = self.world, system.now()
        filling = world.found(rule)
        if isinstance(filling, str):
            self.lost.append(
                f"{rule.endpoint}: nobody could fill it in ({filling}); give `fillings.World` a row in the"
                " state that it wants, or `fillings.GIVEN` what its fields mean"
            )
            return
        first, once = Answer.of(filling.answer), count(world.app)
        self._expect(rule, "again", [Answer.of(filling.send(world.client(filling.person)))], first, once)
        self.saved.put_back()
        eight = at_once(world, filling)
        if rule.endpoint in COUNTED:
            # Of those who change a password at once, some still give the old one.
            eight = [answer for answer in eight if answer.status not in (422, 429)]
        self._expect(rule, "eight at once", eight, eight[0]._replace(status=first.status), once)
        self.clock.set(now + timedelta(days=1))
        late = world.client_tomorrow(filling.person)
        self._expect(rule, "a day later", [Answer.of(filling.send(late))], eight[0], once)
        self.clock.set(now)
        self.saved.put_back()
        if filling.texts:
            self._with_other_text(rule, filling)

    def _with_other_text(self, rule: Rule, filling: Filling) -> None:
        """Under the same key it is refused; what was kept before is shown, and what was typed is not lost."""
        is_asked = False
        for name, (text, other) in product(
            filling.texts, TEXTS if "submission_id" in filling.form.names else ()
        ):
            client = self.world.client(filling.person)
            first, once = filling.send(client, **{name: text}), count(self.world.app)
            again = filling.send(client, **{name: other})
            is_taken = first.status_code == filling.answer.status_code and again.status_code != 422
            if is_taken:
                is_asked = True
                self._expect(rule, "with other text", [Answer.of(again)], Answer(409, None), once)
                if other not in again.text:
                    self.lost.append(f"{rule.endpoint}: what was typed under the same key")
                if f'href="{first.location}"' not in unescape(again.text):
                    self.lost.append(f"{rule.endpoint}: the way to what was kept under the key")
                is_taken = reads(client.get(first.location), text)
            self.saved.put_back()
            if is_taken:
                return
        (self.unseen if is_asked else self.same_text).add(rule.endpoint)

    def _expect(self, rule: Rule, what: str, answers: list[Answer], wanted: Answer, rows: Rows) -> None:
        if set(answers) != {wanted}:
            told = sorted(map(str, set(answers)))
            self.doubled.append(f"{rule.endpoint}, {what}: {told} instead of {wanted}")
        now = count(self.world.app)
        if more := {name: number - rows[name] for name, number in now.items() if number != rows[name]}:
            self.doubled.append(f"{rule.endpoint}, {what}: {more} more rows")


@pytest.mark.both_engines
def test_t7_a_form_that_is_sent_more_than_once_makes_one_record(
    app: Flask, session: Session, world: World, engines: Engines, clock: Clock, figure: Callable[[str], None]
) -> None:
    trials = Trials(world, Saved(app, session, engines), clock)
    rules = posts(app)
    if db.engine.dialect.name == "postgresql":
        # Small, those that make something or lock; large, all of them.
        some = [rule for rule in rules if rule.endpoint.endswith("new") or rule.endpoint in LOCKED]
        rules = sized(some, rules)
    for rule in rules:
        trials.of(rule)
    lost, doubled = trials.lost, trials.doubled
    figure(
        f"T7, {engine_of(app)}: {len(rules)} forms sent 11 times, {len(lost)} lost, {len(doubled)} doubled"
    )
    assert not lost + doubled, "\n".join(["", *lost, *doubled])
    routes = {rule.endpoint for rule in rules}
    assert trials.same_text == SAME_TEXT.keys() & routes, "give `TEXTS` what a field takes, or say why"
    assert trials.unseen == UNSEEN.keys() & routes, "show it there, or say why"
