"""Who gets which answer from which address: `tests/access.md` is the list; every cell of it is compared.

The list is complete: a route without a row fails, and so does a row without a route. When an answer was
changed on purpose, read what this test wrote to var/access.md, and copy it over `tests/access.md`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule

from pentahelix import clock, logs, models as m
from pentahelix.extensions import db
from pentahelix.permissions import is_by_link, is_public
from pentahelix.services import tokens
from pentahelix.vocabulary import Answer, GuidanceStatus, TokenPurpose
from tests import factories as make
from tests.cast import Cast
from tests.engines import application
from tests.world import MISSING, Values, World, named, world

__all__ = ["world"]

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

#: What stands between the tables of the list.
DEMO = """## Demo

What only the demonstration has: a mailbox in which everybody reads every mail, signing in by one press."""
LINKS = """## Personal links

Whoever holds one, signed in or not, gets what the link opens: `own` is good, the others tell what has become
of it or of the session that it asks about. A link of another kind opens nothing."""

#: Where one signs in: there is nothing for whoever is in.
SIGN_IN = {"accounts.sign_in", "portal.sign_in", "portal.code", "portal.enter", "portal.choose"}

#: What no route of ours takes.
UNKNOWN_METHODS = ("PUT", "DELETE", "PATCH")


def _routes(app: Flask) -> list[tuple[Rule, str]]:
    pairs = [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    return sorted(pairs, key=lambda pair: (_shown(pair[0]), pair[1]))


def _by_noun(app: Flask) -> list[tuple[Rule, str, Values]]:
    """The same, with each noun where an address holds one."""
    asked = [(rule, method, noun) for rule, method in _routes(app) for noun in named(rule)]
    return sorted(asked, key=lambda one: (_shown(one[0], one[2]), one[1]))


def _shown(rule: Rule, noun: Values | None = None) -> str:
    """The address with its parameters in braces; assets without the digest of the folder."""
    parts = rule.rule.split("/")
    if rule.endpoint == "static":
        parts[2] = "{digest}"
    shown = "/".join(re.sub(r"<(?:.*:)?(\w+)>", r"{\1}", part) for part in parts)
    return shown.replace("{noun}", str(noun["noun"])) if noun else shown


def _observed(world: World, but: Flask | None = None) -> str:
    """The table of every address, those of the application `but` left out."""
    heads = [f"{who}: {whose}" if (who, whose) != COLUMNS[0] else who for who, whose in COLUMNS]
    lines = [
        f"| method | address | {' | '.join(heads)} |",
        f"|---|---|{'---|' * len(heads)}",
    ]
    for rule, method, noun in _by_noun(world.app):
        if but and rule.endpoint in but.view_functions:
            continue
        answers = []
        for who, whose in COLUMNS:
            # Who is signed out is sent to sign in, whatever there is, unless everybody may look.
            untold = who == "visitor" and not is_public(world.app.view_functions[rule.endpoint])
            if whose != "own" and (not rule.arguments or untold):
                answers.append("")
            else:
                answers.append(str(world.ask(rule, method, who, whose, **noun).status_code))
        lines.append(f"| {method} | {_shown(rule, noun)} | {' | '.join(answers)} |")
    return "\n".join(lines) + "\n"


@contextmanager
def _demo(world: World) -> Iterator[World]:
    """The same rows, shown by the demonstration."""
    demo = application(env="demo", database_url=world.app.config["SQLALCHEMY_DATABASE_URI"])
    logs.configure(quiet=True)

    def leave() -> None:
        with demo.app_context():
            db.engine.dispose()

    def restore() -> None:
        leave()
        world.restore()

    yield replace(world, app=demo, restore=restore)
    leave()


def _table(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("|")]


def test_no_address_on_the_list_fails() -> None:
    assert [line for line in _table(LIST.read_text(encoding="utf-8")) if "| 500 |" in line] == []


def test_every_cell_of_the_list_is_what_is_answered(world: World, cast: Cast, session: Session) -> None:
    observed = _observed(world)
    with _demo(world) as demo:
        observed += f"\n{DEMO}\n\n{_observed(demo, but=world.app)}\n{LINKS}\n\n"
        demo.fresh()
    observed += _observed_links(world, cast, session)
    OBSERVED.parent.mkdir(exist_ok=True)
    OBSERVED.write_text(_introduction() + observed, encoding="utf-8")
    assert _table(observed) == _table(LIST.read_text(encoding="utf-8")), (
        f"compare {OBSERVED} with {LIST}; copy it over if every change is meant"
    )


def _introduction() -> str:
    return LIST.read_text(encoding="utf-8").split("| method |")[0] if LIST.exists() else ""


def test_what_is_foreign_and_what_is_missing_cannot_be_told_apart(world: World) -> None:
    """Nor can one's own where nobody is signed in, who is led back to the address that was typed."""
    for rule, method, noun in _by_noun(world.app):
        if not rule.arguments or is_public(world.app.view_functions[rule.endpoint]):
            continue
        for who in ("coordinator", "contact", "visitor"):
            kinds = ("own", "foreign", "missing") if who == "visitor" else ("foreign", "missing")
            answers = [world.ask(rule, method, who, whose, **noun) for whose in kinds]
            told = [world.told(answer, answer.request.path) for answer in answers]
            for one in told:
                assert one == told[-1], f"{method} {_shown(rule, noun)} for {who}"


#: Which row an address may name in its query, by the parameter.
IN_QUERIES = {
    "agreement": "agreement_id", "at": "affiliation_id", "but": "guidance_id", "cluster": "cluster_id",
    "cluster_id": "cluster_id", "contribution": "contribution_id", "from": "affiliation_id",
    "guidance": "guidance_id", "meeting": "meeting_id", "owner": "user_id", "parent": "agreement_id",
    "participant_ids": "affiliation_id", "partner": "partner_id", "product": "product_id",
    "replaces": "document_id", "school_ids": "school_id", "speaker_ids": "affiliation_id",
}  # fmt: skip
#: Parameters that name no row, but a word, a day, a place to go on from.
WORDS = {
    "act", "answer", "back", "before", "by", "day", "due", "ends", "form", "function", "helix", "kind",
    "lang", "name", "next", "nib", "noun", "npwp", "page", "plan", "priority", "proof", "q", "regency",
    "sort", "stage", "starts", "state", "status", "tag", "theme", "title", "to", "who", "whose", "world",
    "year",
}  # fmt: skip
#: Without which a page does not read the others.
FIRST = {"followups.index": {"whose": "all"}, "followups.export": {"whose": "all"}}


def test_a_query_that_names_something_foreign_is_answered_like_one_that_names_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: set[str] = set()

    class Noted(ImmutableMultiDict[str, str]):
        def __contains__(self, key: object) -> bool:
            read.add(str(key))
            return super().__contains__(key)

        def __getitem__(self, key: str) -> str:
            read.add(key)
            return super().__getitem__(key)

        def getlist(self, key: str, *args: Any) -> list[Any]:
            read.add(key)
            return super().getlist(key, *args)

    monkeypatch.setattr(world.app.request_class, "parameter_storage_class", Noted)
    asked, tried = set(), set()
    for rule, method in _routes(world.app):
        if method != "GET" or rule.endpoint == "static":
            continue
        first = FIRST.get(rule.endpoint, {})
        for who in ("coordinator", "contact"):
            read.clear()
            world.ask(rule, "GET", who, "own", **first)
            for name in sorted(read & IN_QUERIES.keys()):
                numbers = world.values["foreign"][IN_QUERIES[name]], MISSING
                foreign, missing = (
                    world.told(world.ask(rule, "GET", who, "own", **first | {name: one}), *numbers)
                    for one in numbers
                )
                assert foreign == missing, f"{_shown(rule)}?{name}= for {who}"
                tried.add(name)
            asked |= read
    assert asked - IN_QUERIES.keys() == WORDS, "say above which of them names a row, and which names none"
    assert tried == IN_QUERIES.keys()


def test_a_head_is_a_get_without_its_body(world: World) -> None:
    for rule, method in _routes(world.app):
        if method == "GET":
            for who, whose in (("coordinator", "own"), ("coordinator", "foreign")):
                head, get = (world.ask(rule, one, who, whose) for one in ("HEAD", "GET"))
                assert head.status_code == get.status_code, f"HEAD {_shown(rule)} of {whose}"
                assert head.get_data() == b""


def test_methods_that_no_route_takes_tell_nothing_of_what_is_there(world: World) -> None:
    """The same answer for one's own, a foreign and a missing row, and nothing is changed."""
    before = _dump(world)
    # Each address with one of them, in turn: what refuses them does not look at the address.
    methods = cycle(UNKNOWN_METHODS)
    for rule in {rule.rule: rule for rule in world.app.url_map.iter_rules()}.values():
        if rule.endpoint == "static":
            continue
        method = next(methods)
        for who in ("visitor", "coordinator", "contact"):
            kinds = ("own", "foreign", "missing") if rule.arguments else ("own",)
            told = {world.ask(rule, method, who, whose).status_code for whose in kinds}
            assert told == {401 if who == "visitor" else 405}, f"{method} {rule} for {who}: {told}"
    assert _dump(world) == before


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


#: In which state a personal link can be, and what then stands in the table.
def _links(world: World, cast: Cast, session: Session) -> dict[str, dict[str, str]]:
    """By the beginning of the route, by the state of the link, its token."""
    past, soon = clock.now() - timedelta(minutes=1), clock.now() + timedelta(minutes=9)
    own, foreign = world.values["own"]["invitation_id"], world.values["foreign"]["invitation_id"]
    begun = make.guidance(cast.lebak, starts_at=clock.now() - timedelta(hours=1))
    cancelled = make.guidance(cast.lebak, status=GuidanceStatus.CANCELLED)
    put_away = make.guidance(cast.lebak, archived_at=clock.now())
    answered = make.guidance(cast.lebak)
    about: dict[str, Any] = {
        "own": own,
        "another's": foreign,
        "answered": make.invitation(answered, cast.hendrik, answer=Answer.ATTENDING).id,
        "begun": make.invitation(begun, cast.hendrik).id,
        "called off": make.invitation(cancelled, cast.hendrik).id,
        "archived": make.invitation(put_away, cast.hendrik).id,
        "uninvited": make.invitation(make.guidance(cast.lebak), cast.hendrik, uninvited_at=clock.now()).id,
    }
    purposes: dict[str, tuple[TokenPurpose, dict[str, Any]]] = {
        "/u": (TokenPurpose.INVITATION, {"object_id": own}),
        "/unsubscribe": (TokenPurpose.UNSUBSCRIBE, {"object_id": 0, "user_id": cast.lilis.id}),
        "/password": (TokenPurpose.PASSWORD, {"user_id": cast.lilis.id, "expires_at": soon}),
        "/portal": (TokenPurpose.SIGN_IN, {"object_id": 1, "expires_at": soon}),
    }
    made: dict[str, dict[str, str]] = {
        route: {
            "own": tokens.make(purpose, **facts),
            "used": _marked(session, tokens.make(purpose, **facts), used_at=past),
            "expired": _marked(session, tokens.make(purpose, **facts), expires_at=past),
            "revoked": _marked(session, tokens.make(purpose, **facts), revoked_at=past),
            "wrong": "wrong",
        }
        for route, (purpose, facts) in purposes.items()
    }
    made["/u"] |= {state: tokens.make(TokenPurpose.INVITATION, object_id=one) for state, one in about.items()}
    # A link is good for its own purpose alone.
    for route in made:
        made[route]["of another kind"] = made["/unsubscribe" if route == "/u" else "/u"]["own"]
    session.commit()
    return made


def _marked(session: Session, raw: str, **values: Any) -> str:
    session.flush()
    token = session.scalars(select(m.Token).where(m.Token.digest == tokens.digest(raw))).one()
    for name, value in values.items():
        setattr(token, name, value)
    return raw


def _observed_links(world: World, cast: Cast, session: Session) -> str:
    links = _links(world, cast, session)
    heads = list(dict.fromkeys(state for states in links.values() for state in states))
    lines = [f"| method | address | {' | '.join(heads)} |", f"|---|---|{'---|' * len(heads)}"]
    for rule, method in _routes(world.app):
        if "token" not in rule.arguments:
            continue
        states = next(states for route, states in links.items() if rule.rule.startswith(f"{route}/"))
        answers = []
        for state in heads:
            if state in states:
                client, address = (
                    world.client("visitor"),
                    world.address(rule, method, "own", token=states[state]),
                )
                answer = client.press(address) if method == "POST" else client.get(address)
                answers.append(str(answer.status_code))
            else:
                answers.append("")
        lines.append(f"| {method} | {_shown(rule)} | {' | '.join(answers)} |")
    return "\n".join(lines) + "\n"


def test_no_get_changes_a_row(world: World) -> None:
    before = _dump(world)
    for rule, method in _routes(world.app):
        if method == "GET":
            for who in ("visitor", "coordinator", "kabid", "admin", "contact"):
                world.ask(rule, method, who, "own")
    assert _dump(world) == before
