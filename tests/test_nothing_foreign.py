"""Nothing of another cluster reaches a coordinator, nor a partner contact: on no page, file, or refusal.

Every text of every row that only the other cluster sees is overwritten with words that occur nowhere else.
Then everything is opened that the two can open, asked for those words and for those rows, and the forms are
sent with the other cluster's rows in their choices.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Enum, String, inspect, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from pentahelix import models as m
from pentahelix.extensions import Entity
from pentahelix.paths import OF_CONTACT, PATHS
from pentahelix.vocabulary import Answer, MeetingStatus, OutboxState
from tests import factories as make
from tests.cast import Cast
from tests.clients import Fields
from tests.world import MISSING, Found, Values, World, in_other_states, named, text_of, world

__all__ = ["world"]

#: What is looked for; `ASKED` is typed into searches, whose boxes show it again.
ASKED = "rahasia7f3a"
SECRET = "bocor7f3a"
#: The name of an organisation, which some places tell on purpose.
TOLD = "terbuka7f3a"

#: Where the name of another cluster's partner is told, by the rules.
TELLS_PARTNERS = {
    "partners.alike": "duplicates are looked for in all clusters; name, side and regency are told",
    "partners.new": "the same, after pressing save",
    "coverage.cell": "an empty cell names up to three partners of the same regency",
}

#: Columns whose form is prescribed.
PRESCRIBED = {
    "timezone", "npsn", "nib", "npwp", "link", "website", "area_code", "language", "password_hash",
    "phone", "district_code", "theme", "sha256", "stored_as", "media_type", "key", "message_id", "uid",
}  # fmt: skip


@pytest.fixture(params=["coordinator"])
def planted(request: pytest.FixtureRequest, world: World, cast: Cast, session: Session) -> World:
    """The world, in which the other cluster has more of everything, also with a partner that both have.

    What is hidden depends on who looks: a contact may see what their organisation signed and gave anywhere,
    and whom they can ask there.
    """
    pandeglang, both = cast.pandeglang, cast.kemasindo
    make.involvement(pandeglang, both)
    in_other_states(pandeglang, cast.badak, cast.siti, cast.ujang)
    make.contact_log(pandeglang, both, cast.ujang)
    make.contribution(pandeglang, both)
    make.follow_up(pandeglang, cast.ujang, partner=both)
    make.obligation(make.agreement(pandeglang, partners=(both,)))
    make.meeting(pandeglang, both, present=(cast.hendrik,), status=MeetingStatus.HELD)
    theirs = make.guidance(pandeglang)
    for person in (cast.siti, cast.hendrik):
        make.invitation(theirs, person, answer=Answer.DECLINED)
    make.document(theirs)
    for state in (OutboxState.PARKED, OutboxState.SENT, OutboxState.REFUSED):
        mail = make.mail(cluster_id=pandeglang.id, state=state)
        mail.subject = mail.error = f"{ASKED} {SECRET}"
        mail.recipient, mail.content = f"{SECRET}@contoh.example", make.letter(SECRET, SECRET)
    foreign: Any = frozenset({pandeglang.id})
    contact_id: Any = cast.hendrik.contact_id
    own: Any = frozenset({cast.lebak.id})
    for entity in PATHS:
        key = entity.__table__.c.get("id")
        if key is not None:
            hidden = PATHS[entity](foreign) & ~PATHS[entity](own)
            if request.param == "contact" and entity in OF_CONTACT:
                hidden &= ~OF_CONTACT[entity](contact_id)
            for row in session.scalars(select(entity).where(hidden)).all():
                _overwrite(row)
    if request.param == "coordinator":
        _overwrite(cast.ujang)
    session.commit()
    return world


#: Columns that say by being filled in which kind of row it is.
TELLING = {"office", "guest_name", "guest_organisation", "delegate_name"}


def _overwrite(row: Entity) -> None:
    for attribute in inspect(type(row)).column_attrs:
        column, name = attribute.columns[0], attribute.key
        is_text = isinstance(column.type, String) and not isinstance(column.type, Enum)
        if not is_text or name in PRESCRIBED or (name in TELLING and getattr(row, name) is None):
            continue
        text = f"{ASKED} {TOLD if isinstance(row, m.Partner) and name == 'name' else SECRET}"
        if name in ("email", "delegate_email"):
            text = f"{SECRET}.{id(row)}@contoh.example"
        setattr(row, name, text)


def leaks(answer: TestResponse, endpoint: str) -> list[str]:
    text = f"{text_of(answer)}{answer.headers}".lower()
    return [
        word for word in (SECRET, TOLD) if word in text and not (word == TOLD and endpoint in TELLS_PARTNERS)
    ]


#: What the query of an address may name.
NAMED = ("cluster", "partner", "contact", "agreement", "guidance", "meeting", "product", "owner")


def addresses(world: World) -> Iterator[tuple[str, str]]:
    """Every page and file: as it stands, asked for the words, and asked for the other cluster's rows."""
    foreign = world.values["foreign"] | {"owner_id": world.values["foreign"]["user_id"]}
    for rule in world.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        for noun in named(rule):
            yield rule.endpoint, world.address(rule, "GET", "own", **noun)
            if rule.arguments:
                yield rule.endpoint, world.address(rule, "GET", "foreign", **noun)
        if rule.arguments:
            continue
        asked: Values = {"q": ASKED, "name": ASKED, "partner": foreign["partner_id"]}
        yield rule.endpoint, world.address(rule, "GET", "own", **asked)
        for name in NAMED:
            asked = dict.fromkeys((name, f"{name}_id"), foreign[f"{name}_id"])
            yield rule.endpoint, world.address(rule, "GET", "own", **asked)


@pytest.mark.parametrize(
    ("planted", "who"), [("coordinator", "coordinator"), ("contact", "contact")], indirect=["planted"]
)
def test_no_page_and_no_file_tells_anything_of_another_cluster(planted: World, who: str) -> None:
    client, seen = planted.client(who), 0
    found: dict[str, list[str]] = {}
    for endpoint, address in addresses(planted):
        answer = client.get(address)
        if told := leaks(answer, endpoint):
            found[address] = told
        seen += answer.status_code == 200
        answer.close()
    assert found == {}, "\n".join(f"{address}: {told}" for address, told in found.items())
    assert seen > (300 if who == "coordinator" else 10)


def test_the_words_are_really_there(planted: World) -> None:
    """Else the test above would find nothing whatever is told: the admin sees them wherever they stand."""
    client = planted.client("admin")
    for address in (
        f"/partners?q={ASKED}", "/meetings", "/guidance", "/follow-ups", "/contributions", "/agreements",
        "/contacts", "/clusters", "/outbox", f"/search?q={ASKED}", "/meetings/4", "/follow-ups/export.xlsx",
    ):  # fmt: skip
        answer = client.get(address)
        text = text_of(answer).lower()
        assert SECRET in text or TOLD in text, f"{address} ({answer.status_code})"


# ---------------------------------------------------------------------------- what is chosen in a form

#: What the fields of forms that hold a number, or several, point at, by the end of their names.
POINTS_AT = (
    ("partner_id", "partner_id"), ("partner_ids", "partner_id"), ("cluster_id", "cluster_id"),
    ("cluster_ids", "cluster_id"), ("school_id", "school_id"), ("school_ids", "school_id"),
    ("product_id", "product_id"), ("guidance_id", "guidance_id"), ("agreement_id", "agreement_id"),
    ("parent_id", "agreement_id"), ("contact_id", "contact_id"), ("user_id", "user_id"),
    ("user_ids", "user_id"), ("affiliation_ids", "affiliation_id"), ("speaker_ids", "affiliation_id"),
    ("participant_ids", "affiliation_id"), ("attended_ids", "invitation_id"), ("done_ids", "follow_up_id"),
    ("successor_id", "affiliation_id"), ("owner", "user_id"), ("party_id", "partner_id"),
)  # fmt: skip


def pointers(found: Found) -> Iterator[tuple[str, str]]:
    for name in sorted(found.form.names):
        for end, what in POINTS_AT:
            if name == end or name.endswith((f"_{end}", f"-{end}")):
                yield name, what
                break


def test_a_foreign_choice_is_refused_like_one_that_does_not_exist(planted: World) -> None:
    different: dict[str, tuple[int, int]] = {}
    tried: set[str] = set()
    for found in planted.forms():
        if found.who not in ("coordinator", "contact"):
            continue
        for name, what in pointers(found):
            number = str(planted.values["foreign"][what])
            foreign, missing = (_sent(planted, found, {name: chosen}) for chosen in (number, str(MISSING)))
            if leaks(foreign, found.endpoint) or (
                planted.told(foreign, number, MISSING) != planted.told(missing, number, MISSING)
            ):
                different[f"{found.endpoint} {name}"] = (foreign.status_code, missing.status_code)
            tried.add(name)
    assert different == {}
    assert len(tried) > 12, tried


def _sent(world: World, found: Found, chosen: Fields) -> TestResponse:
    world.fresh()
    world.touched = True
    client = world.client(found.who)
    fields: Fields = {**found.form.fields, **client.envelope(), **chosen}
    return client.post(found.action, data=fields)
