"""Who gets which answer from which address: `tests/access.md` is the list; every cell of it is compared.

The list is complete: a route without a row fails, and so does a row without a route. When an answer was
changed on purpose, read what this test wrote to var/access.md, and copy it over `tests/access.md`.
"""

import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from pentahelix import clock, models as m
from pentahelix.extensions import db
from pentahelix.models import SignIn, User
from pentahelix.permissions import is_by_link, is_public
from pentahelix.services import tokens
from pentahelix.vocabulary import AgreementStatus, OutboxState, TokenPurpose
from tests import factories as make
from tests.cast import Cast
from tests.clients import Client
from tests.conftest import new_client
from tests.engines import Engines, SqliteDatabase
from tests.sign_in import cookie_of

LIST = Path(__file__).parent / "access.md"
OBSERVED = Path(__file__).parent.parent / "var" / "access.md"

#: Column heads: who asks, for what. What is a visitor's own is what the link in the address opens.
COLUMNS = (
    ("visitor", "own"),
    ("visitor", "missing"),
    ("coordinator", "own"),
    ("coordinator", "foreign"),
    ("coordinator", "archived"),
    ("coordinator", "missing"),
    ("kabid", "own"),
    ("kabid", "archived"),
    ("kabid", "missing"),
    ("admin", "own"),
    ("admin", "archived"),
    ("admin", "missing"),
    ("contact", "own"),
    ("contact", "foreign"),
    ("contact", "archived"),
    ("contact", "missing"),
)

MISSING = 999_999

#: Where one signs in: there is nothing for whoever is in.
SIGN_IN = {"accounts.sign_in", "portal.sign_in", "portal.code", "portal.enter", "portal.choose"}

Values = dict[str, object]


@dataclass
class World:
    """The same of everything: one's own, another cluster's, archived. Names are those of the routes."""

    app: Flask
    values: dict[str, Values]
    #: endpoint → the token that its address takes
    tokens: dict[str, str]
    cookies: dict[str, tuple[str, str]]
    restore: Callable[[], None]
    touched: bool = field(default=False)

    def client(self, who: str) -> Client:
        client = new_client(self.app)
        if who in self.cookies:
            client.set_cookie(*self.cookies[who])
        return client

    def address(self, rule: Rule, method: str, whose: str) -> str:
        values = {name: self.values[whose].get(name) for name in rule.arguments}
        if "owner_id" in values:
            values["noun"] = "agreements"
        if "token" in values:
            values["token"] = "wrong" if whose == "missing" else self.tokens[rule.endpoint]
        with self.app.test_request_context():
            return self.app.url_map.bind("localhost").build(rule.endpoint, values, method=method)

    def ask(self, rule: Rule, method: str, who: str, whose: str) -> TestResponse:
        """The answer to `who`, on a database in which nobody has asked anything yet."""
        if self.touched:
            self.restore()
        address = self.address(rule, method, whose)
        client = self.client(who)
        answer = client.press(address) if method == "POST" else client.open(address, method=method)
        answer.get_data()
        answer.close()
        self.touched = method == "POST"
        return answer


def _one_of_each(cast: Cast, cluster: object, partner: object, affiliation: object, user: User) -> Values:
    assert isinstance(cluster, type(cast.lebak))
    assert isinstance(partner, type(cast.kemasindo))
    assert isinstance(affiliation, type(cast.hendrik))
    meeting = make.meeting(cluster)
    guidance = make.guidance(cluster)
    follow_up = make.follow_up(cluster, user, partner=partner)
    log = make.contact_log(cluster, partner, user)
    agreement = make.agreement(cluster, partners=(partner,), status=AgreementStatus.LEGAL_REVIEW)
    return {
        "cluster_id": cluster.id,
        "school_id": make.school(cluster).id,
        "product_id": make.product(cluster).id,
        "partner_id": partner.id,
        "contact_id": affiliation.contact_id,
        "affiliation_id": affiliation.id,
        "meeting_id": meeting.id,
        "guidance_id": guidance.id,
        "invitation_id": make.invitation(guidance, affiliation).id,
        "followup_id": follow_up.id,
        "follow_up_id": follow_up.id,
        "log_id": log.id,
        "message_id": make.mail(cluster_id=cluster.id, state=OutboxState.PARKED).id,
        "entry_id": log.id,
        "user_id": user.id,
        "agreement_id": agreement.id,
        "owner_id": agreement.id,
        "obligation_id": make.obligation(agreement).id,
        "contribution_id": make.contribution(cluster, partner).id,
        "document_id": make.document(agreement).id,
        "helix": "media",
        "noun": "partner",
        "object_id": partner.id,
    }


def _archive(values: Values) -> None:
    archivable: tuple[tuple[Any, str], ...] = (
        (m.School, "school_id"),
        (m.Product, "product_id"),
        (m.Partner, "partner_id"),
        (m.Contact, "contact_id"),
        (m.Meeting, "meeting_id"),
        (m.GuidanceSession, "guidance_id"),
        (m.FollowUp, "follow_up_id"),
        (m.ContactLog, "log_id"),
        (m.Agreement, "agreement_id"),
        (m.Obligation, "obligation_id"),
        (m.Contribution, "contribution_id"),
        (m.Document, "document_id"),
        (m.Cluster, "cluster_id"),
    )
    for entity, name in archivable:
        row = db.session.get(entity, values[name])
        assert row is not None
        row.archived_at = clock.now()


@pytest.fixture
def world(app: Flask, session: Session, cast: Cast, engines: Engines, tmp_path: Path) -> World:
    colleague = make.user(cast.lebak)
    put_away = make.cluster()
    old_partner = make.partner(cast.lebak, put_away)
    old = _one_of_each(cast, put_away, old_partner, make.affiliation(old_partner, make.contact()), colleague)
    # What is archived lies in the coordinator's own cluster; only the archived cluster itself is another one.
    of_lebak = _one_of_each(
        cast, cast.lebak, old_partner, make.affiliation(old_partner, make.contact()), colleague
    )
    archived = of_lebak | {"cluster_id": old["cluster_id"]}
    make.membership(cast.lilis, put_away)
    _archive(archived)
    holiday = make.holiday(clock.today())
    in_an_hour = clock.now() + timedelta(hours=1)
    values: dict[str, Values] = {
        "own": _one_of_each(cast, cast.lebak, cast.kemasindo, cast.hendrik, cast.lilis),
        "foreign": _one_of_each(cast, cast.pandeglang, cast.badak, cast.siti, cast.ujang),
        "archived": archived,
        "missing": dict.fromkeys(archived, MISSING) | {"noun": "partner", "helix": "media"},
    }
    people = {"coordinator": cast.lilis, "kabid": cast.aminah, "admin": cast.rudi}
    contact = session.get_one(m.Contact, cast.hendrik.contact_id)
    cookies = {who: cookie_of(app, user) for who, user in people.items()} | {
        "contact": cookie_of(app, contact)
    }
    tokens_of: dict[str, tuple[TokenPurpose, dict[str, Any]]] = {
        "reply.": (TokenPurpose.INVITATION, {"object_id": values["own"]["invitation_id"]}),
        "optout.": (TokenPurpose.UNSUBSCRIBE, {"object_id": 0, "user_id": cast.lilis.id}),
        "accounts.": (TokenPurpose.PASSWORD, {"user_id": cast.lilis.id, "expires_at": in_an_hour}),
        "portal.": (TokenPurpose.SIGN_IN, {"object_id": 1, "expires_at": in_an_hour}),
    }
    links = {
        rule.endpoint: tokens.make(purpose, **facts)
        for rule in app.url_map.iter_rules()
        if "token" in rule.arguments
        for beginning, (purpose, facts) in tokens_of.items()
        if rule.endpoint.startswith(beginning)
    }
    for whose in values:
        values[whose] |= {
            "holiday_id": holiday.id if whose != "missing" else MISSING,
            "day": clock.today().isoformat(),
            "email": "lilis@smkn1kalanganyar.example",
            "filename": "css/pentahelix.css" if whose != "missing" else "nothing.css",
        }

    sign_ins = {
        who: session.scalars(select(SignIn.id).where(SignIn.user_id == user.id)).one()
        for who, user in people.items()
    }
    values["own"]["sign_in_id"] = values["archived"]["sign_in_id"] = sign_ins["coordinator"]
    values["foreign"]["sign_in_id"] = sign_ins["kabid"]
    values["missing"]["sign_in_id"] = MISSING
    session.commit()

    database = engines["sqlite"]
    assert isinstance(database, SqliteDatabase)
    snapshot = tmp_path / "snapshot.db"
    with closing(sqlite3.connect(database.file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(database.file, snapshot)

    def restore() -> None:
        session.rollback()
        database.close()
        for suffix in ("-wal", "-shm"):
            database.file.with_name(database.file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(snapshot, database.file)

    return World(app, values, links, cookies, restore)


def _routes(app: Flask) -> list[tuple[Rule, str]]:
    pairs = [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    return sorted(pairs, key=lambda pair: (_shown(pair[0]), pair[1]))


def _shown(rule: Rule) -> str:
    """The address with its parameters in braces; assets without the digest of the folder."""
    parts = rule.rule.split("/")
    if rule.endpoint == "static":
        parts[2] = "{digest}"
    return "/".join(re.sub(r"<(?:.*:)?(\w+)>", r"{\1}", part) for part in parts)


def _observed(world: World) -> str:
    heads = [f"{who}: {whose}" if (who, whose) != COLUMNS[0] else who for who, whose in COLUMNS]
    lines = [
        f"| method | address | {' | '.join(heads)} |",
        f"|---|---|{'---|' * len(heads)}",
    ]
    for rule, method in _routes(world.app):
        answers = []
        for who, whose in COLUMNS:
            # Who is signed out is sent to sign in, whatever there is: only a link tells its holder more.
            untold = who == "visitor" and "token" not in rule.arguments
            if whose != "own" and (not rule.arguments or untold):
                answers.append("")
            else:
                answers.append(str(world.ask(rule, method, who, whose).status_code))
        lines.append(f"| {method} | {_shown(rule)} | {' | '.join(answers)} |")
    return "\n".join(lines) + "\n"


def _table(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("|")]


def test_no_address_on_the_list_fails() -> None:
    assert [line for line in _table(LIST.read_text(encoding="utf-8")) if "| 500 |" in line] == []


def test_every_cell_of_the_list_is_what_is_answered(world: World) -> None:
    observed = _observed(world)
    OBSERVED.parent.mkdir(exist_ok=True)
    OBSERVED.write_text(_introduction() + observed, encoding="utf-8")
    assert _table(observed) == _table(LIST.read_text(encoding="utf-8")), (
        f"compare {OBSERVED} with {LIST}; copy it over if every change is meant"
    )


def _introduction() -> str:
    return LIST.read_text(encoding="utf-8").split("| method |")[0] if LIST.exists() else ""


def test_what_is_foreign_and_what_is_missing_cannot_be_told_apart(world: World) -> None:
    for rule, method in _routes(world.app):
        if not rule.arguments or is_public(world.app.view_functions[rule.endpoint]):
            continue
        foreign = _bare(world.ask(rule, method, "coordinator", "foreign"))
        missing = _bare(world.ask(rule, method, "coordinator", "missing"))
        assert foreign == missing, f"{method} {_shown(rule)}"


def _bare(answer: TestResponse) -> tuple[int, str, list[tuple[str, str]]]:
    headers = [
        (name, value) for name, value in answer.headers if name not in ("X-Request-ID", "Date", "Set-Cookie")
    ]
    return answer.status_code, answer.text.replace(answer.headers["X-Request-ID"], ""), sorted(headers)


def test_a_post_without_a_token_changes_nothing(world: World, session: Session) -> None:
    before = _dump(world)
    for rule, method in _routes(world.app):
        if method != "POST":
            continue
        # A personal link is its own proof; what it may do has tests of its own.
        if is_by_link(world.app.view_functions[rule.endpoint]):
            continue
        answer = world.client("coordinator").post(world.address(rule, method, "own"), data={})
        # Who is signed in already is sent on from the doors, whatever they send.
        allowed = {303} if rule.endpoint in SIGN_IN else {404, 409, 422}
        assert answer.status_code in allowed, f"{method} {_shown(rule)} answered {answer.status_code}"
    assert _dump(world) == before


def _dump(world: World) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the database, by table."""
    with world.app.app_context(), db.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(table.select())]
            for table in db.metadata.sorted_tables
        }


def test_no_get_changes_a_row(world: World) -> None:
    before = _dump(world)
    for rule, method in _routes(world.app):
        if method == "GET":
            for who in ("visitor", "coordinator", "kabid", "admin", "contact"):
                world.ask(rule, method, who, "own")
    assert _dump(world) == before
