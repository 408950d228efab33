"""T7: a form sent twice, eight times at once or a day later makes one record, and gets the same answer.

Every route that takes a form is in it by itself: `fillings` finds out how its form is filled in.
"""

from collections.abc import Callable
from datetime import timedelta
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
from tests.conftest import Clock
from tests.engines import Engines
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

OTHER = "Isi yang lain sama sekali"

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


def tried(world: World, rule: Rule, saved: Saved, clock: Clock) -> list[str]:
    """What is wrong with sending the form of a route more than once."""
    app, now = world.app, system.now()
    wrong: list[str] = []

    def expect(what: str, answers: list[Answer], wanted: Answer, rows: Rows) -> None:
        if set(answers) != {wanted}:
            wrong.append(f"{rule.endpoint}, {what}: {sorted(map(str, set(answers)))} instead of {wanted}")
        if more := {name: number - rows[name] for name, number in count(app).items() if number != rows[name]}:
            wrong.append(f"{rule.endpoint}, {what}: {more} more rows")

    filling = world.found(rule)
    if isinstance(filling, str):
        return [
            f"{rule.endpoint}: nobody could fill it in ({filling}); give `fillings.World` a row in the state"
            " that it wants, or `fillings.GIVEN` what its fields mean"
        ]
    first, once = Answer.of(filling.answer), count(app)
    expect("again", [Answer.of(filling.send(world.client(filling.person)))], first, once)
    saved.put_back()
    eight = at_once(world, filling)
    if rule.endpoint in COUNTED:
        # Of those who change a password at once, some still give the old one.
        eight = [answer for answer in eight if answer.status not in (422, 429)]
    expect("eight at once", eight, eight[0]._replace(status=first.status), once)
    clock.set(now + timedelta(days=1))
    late = world.client_tomorrow(filling.person)
    expect("a day later", [Answer.of(filling.send(late))], eight[0], once)
    for name in filling.texts if "submission_id" in filling.form.names else ():
        other = filling.send(late, **{name: OTHER})
        if other.status_code == 422:
            continue
        expect("with other text", [Answer.of(other)], Answer(409, None), once)
        if OTHER not in other.text:
            wrong.append(f"{rule.endpoint}, with other text: what was typed is lost")
        break
    clock.set(now)
    saved.put_back()
    return wrong


@pytest.mark.both_engines
def test_t7_a_form_that_is_sent_more_than_once_makes_one_record(
    app: Flask, session: Session, world: World, engines: Engines, clock: Clock, figure: Callable[[str], None]
) -> None:
    saved = Saved(app, session, engines)
    wrong: list[str] = []
    rules = posts(app)
    if db.engine.dialect.name == "postgresql":
        # Small, those that make something or lock; large, all of them.
        some = [rule for rule in rules if rule.endpoint.endswith("new") or rule.endpoint in LOCKED]
        rules = sized(some, rules)
    for rule in rules:
        wrong += tried(world, rule, saved, clock)
    figure(f"T7: {len(rules)} routes, {db.engine.dialect.name}: {len(wrong)} wrong")
    assert not wrong, "\n".join(["", *wrong])
