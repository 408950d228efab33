"""The same of everything three times: one's own, another cluster's, put away; and who may ask for it.

`World.ask` asks one address for one person; `World.forms` are all forms that post somewhere, found by opening
every page. Names of rows are those of the routes' parameters.
"""

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from zipfile import ZipFile, is_zipfile

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from pentahelix import clock, models as m
from pentahelix.blueprints.admin.views import RECORDS
from pentahelix.cookies import Cookies
from pentahelix.extensions import db
from pentahelix.models import SignIn, User
from pentahelix.services import tokens
from pentahelix.vocabulary import (
    AgreementStatus,
    Answer,
    ContributionStage,
    FollowUpStatus,
    MeetingStatus,
    OutboxState,
    Role,
    TokenPurpose,
)
from tests import factories as make
from tests.cast import Cast
from tests.clients import Client, PageForm, forms_of
from tests.conftest import new_client
from tests.engines import Engines, SqliteDatabase
from tests.pages import OWNERS, QUERIES
from tests.sign_in import cookie_of

MISSING = 999_999

Values = dict[str, object]

#: What the trail of a record is about, by the noun in its address.
TRAILS = {
    "partner": "partner_id",
    "cluster": "cluster_id",
    "school": "school_id",
    "product": "product_id",
    "contact": "contact_id",
    "agreement": "agreement_id",
    "contribution": "contribution_id",
    "guidance_session": "guidance_id",
    "meeting": "meeting_id",
    "follow_up": "follow_up_id",
    "user": "user_id",
}

#: Presses that are about one's own row of the query, too.
PRESSED = {"contacts.new": "partner", "partners.resume": "cluster"}

#: New with every answer: keys of a submission, and what proves that a form is ours.
RANDOM = re.compile(
    r'(?<="csrf_token")([^>]*value=")[^"]*|()[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}', re.ASCII
)


@dataclass(frozen=True)
class Found:
    """A form that posts: to which route, who found it, on which page, and how it was."""

    endpoint: str
    who: str
    page: str
    #: where it posts to
    action: str
    form: PageForm


@dataclass
class World:
    app: Flask
    values: dict[str, Values]
    #: rows of one's own in other states than those of `values["own"]`
    others: list[Values]
    #: endpoint → the token that its address takes
    tokens: dict[str, str]
    people: dict[str, User | m.Contact]
    cookies: dict[str, tuple[str, str]]
    restore: Callable[[], None]
    touched: bool = field(default=False)

    def client(self, who: str) -> Client:
        client = new_client(self.app)
        if who in self.cookies:
            client.set_cookie(*self.cookies[who])
        return client

    def fresh(self) -> None:
        """On from here on a database in which nobody has done anything yet."""
        if self.touched:
            self.restore()
            self.touched = False

    def address(self, rule: Rule, method: str, whose: str, /, **other: object) -> str:
        values = {name: self.values[whose].get(name) for name in rule.arguments}
        if "noun" in values:
            key, nouns = ("owner_id", OWNERS) if "owner_id" in values else ("object_id", TRAILS)
            values["noun"] = noun = str(other.get("noun", next(iter(nouns))))
            values[key] = self.values[whose][nouns[noun]]
        if method == "POST" and rule.endpoint in PRESSED:
            asked = PRESSED[rule.endpoint]
            values[asked] = self.values["own"][f"{asked}_id"]
        elif method != "POST":
            values |= QUERIES.get(rule.endpoint, {})
        values |= other
        if "token" in values and "token" not in other:
            values["token"] = "wrong" if whose == "missing" else self.tokens[rule.endpoint]
        with self.app.test_request_context():
            return self.app.url_map.bind("localhost").build(
                rule.endpoint, values, method=method if method in (rule.methods or ()) else None
            )

    def ask(self, rule: Rule, method: str, who: str, whose: str, /, **other: object) -> TestResponse:
        """The answer to `who`, on a database in which nobody has asked anything yet."""
        self.fresh()
        address = self.address(rule, method, whose, **other)
        client = self.client(who)
        answer = client.press(address) if method == "POST" else client.open(address, method=method)
        answer.get_data()
        answer.close()
        # What is refused is rolled back; a visitor's tries are counted nevertheless.
        self.touched = method == "POST" and (answer.status_code < 400 or who not in self.cookies)
        return answer

    def told(self, answer: TestResponse, *typed: object) -> tuple[int, str, list[tuple[str, str]]]:
        """All that an answer tells: status, text, headers; not what was `typed` to get it, nor accidents."""
        words = "|".join(re.escape(str(one)) for one in typed)
        said = re.compile(rf"(?<!\d)(?:{words})(?!\d)" if typed else "(?!)")

        def bare(text: str) -> str:
            text = text.replace(answer.headers["X-Request-ID"], "")
            return said.sub("…", RANDOM.sub(r"\1", text))

        headers = []
        for name, value in answer.headers:
            if name == "Content-Length":
                # What was typed may be longer or shorter where it is said again.
                assert int(value) == len(answer.data)
            elif name not in ("X-Request-ID", "Date"):
                headers.append((name, bare(self._cookie(value) if name == "Set-Cookie" else value)))
        return answer.status_code, bare(text_of(answer)), sorted(headers)

    def _cookie(self, line: str) -> str:
        """A cookie as its header sets it, ours opened; of its end only whether it is past."""
        value, *attributes = re.sub(r"Expires=(?!Thu, 01 Jan 1970)[^;]*", "Expires=later", line).split("; ")
        name, _, content = value.partition("=")
        signer = Cookies().get_signing_serializer(self.app)
        if name == self.app.config["SESSION_COOKIE_NAME"] and content and signer:
            kept: dict[str, object] = signer.loads(content)
            value = str(sorted((key, word if key != "csrf_token" else "") for key, word in kept.items()))
        return f"{value} {sorted(attributes)}"

    def forms(self) -> list[Found]:
        """Every form that posts, once a route and a set of fields; the fullest of a route first."""
        if not FOUND:
            FOUND.extend(sorted(self._found(), key=lambda one: (one.endpoint, -len(one.form.names))))
            LINKS.update(self.tokens)
        return [self._with_links_of_now(one) for one in FOUND]

    def _with_links_of_now(self, found: Found) -> Found:
        before, now = LINKS.get(found.endpoint), self.tokens.get(found.endpoint)
        if not before or not now:
            return found
        page, action = (address.replace(before, now) for address in (found.page, found.action))
        return replace(found, page=page, action=action)

    def _found(self) -> Iterator[Found]:
        known: set[object] = set()
        for who in ("coordinator", "kabid", "admin", "contact", "visitor"):
            client = self.client(who)
            for page in self._pages(who):
                for form in forms_of(client.get(page)):
                    action = urljoin(page, form.action)
                    endpoint = self.endpoint(action)
                    likeness = endpoint, frozenset(form.names)
                    if form.method == "post" and endpoint and likeness not in known:
                        known.add(likeness)
                        yield Found(endpoint, who, page, action, form)

    def _pages(self, who: str) -> Iterator[str]:
        rules = [rule for rule in self.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
        for rule in sorted(rules, key=lambda rule: rule.rule):
            if "." in rule.rule.rpartition("/")[2] or rule.endpoint == "static":
                continue
            yield self.address(rule, "GET", "own")
            if who == "coordinator":
                for other in (*self.others, self.values["archived"]):
                    if values := {name: other[name] for name in rule.arguments if name in other}:
                        yield self.address(rule, "GET", "own", **values)

    def endpoint(self, url: str) -> str | None:
        try:
            routes = self.app.url_map.bind("localhost")
            return str(routes.match(urlsplit(url).path, method="POST")[0])
        except HTTPException:
            return None


def named(rule: Rule) -> list[Values]:
    """Each noun that the address can hold; of another, that it holds none."""
    if "noun" not in rule.arguments:
        return [{}]
    listed = re.search(r"<any\((.+)\):noun>", rule.rule)
    return [{"noun": noun} for noun in (listed[1].split(",") if listed else RECORDS)]


def text_of(answer: TestResponse) -> str:
    """Everything that can be read in an answer, files opened."""
    content = answer.get_data()
    if is_zipfile(BytesIO(content)):
        with ZipFile(BytesIO(content)) as file:
            return " ".join(file.read(name).decode(errors="replace") for name in file.namelist())
    if content.startswith(b"%PDF"):
        return " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    return content.decode(errors="replace").replace("\r\n ", "")


#: Forms of the world, which is the same in every test; kept, since finding them takes seconds.
FOUND: list[Found] = []
#: The links by which some of them were found; each world has its own.
LINKS: dict[str, str] = {}


def _one_of_each(cluster: m.Cluster, partner: m.Partner, affiliation: m.Affiliation, user: User) -> Values:
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
        "message_id": make.mail(
            cluster_id=cluster.id, state=OutboxState.PARKED, content=make.letter(whole=True)
        ).id,
        "entry_id": log.id,
        "user_id": user.id,
        "agreement_id": agreement.id,
        "owner_id": agreement.id,
        "obligation_id": make.obligation(agreement).id,
        "contribution_id": make.contribution(cluster, partner).id,
        "document_id": make.document(agreement).id,
        "helix": "media",
        "object_id": partner.id,
    }


def in_other_states(
    cluster: m.Cluster, partner: m.Partner, affiliation: m.Affiliation, user: User
) -> list[Values]:
    """What other steps can be taken from than from those of `_one_of_each`."""
    now, hour = clock.now(), timedelta(hours=1)
    asked = make.guidance(cluster)
    begun = make.guidance(cluster, starts_at=now - 3 * hour)
    done = make.follow_up(cluster, user, status=FollowUpStatus.DONE, completed_on=clock.today())
    delivered = make.contribution(cluster, partner, stage=ContributionStage.DELIVERED)
    confirmed = make.contribution(
        cluster,
        partner,
        stage=ContributionStage.DELIVERED,
        school_confirmed_at=now,
        school_user_id=user.id,
    )
    agreements = [
        make.agreement(cluster, partners=(partner,), status=status)
        for status in (AgreementStatus.AWAITING_SIGNATURE, AgreementStatus.SIGNED, AgreementStatus.DRAFT)
    ]
    snoozed = make.follow_up(
        cluster, user, status=FollowUpStatus.IN_PROGRESS, snoozed_until=clock.today() + timedelta(days=2)
    )
    proposed = make.invitation(
        asked, affiliation, answer=Answer.PROPOSED, proposed_starts_at=asked.starts_at + 24 * hour
    )
    return [
        {"guidance_id": asked.id, "invitation_id": proposed.id},
        {"guidance_id": begun.id, "invitation_id": make.invitation(begun, affiliation).id},
        {"meeting_id": make.meeting(cluster, status=MeetingStatus.PLANNED, starts_at=now + hour).id},
        {"meeting_id": make.meeting(cluster, status=MeetingStatus.PLANNED, starts_at=now - hour).id},
        {"followup_id": done.id},
        {"followup_id": snoozed.id},
        {"contribution_id": delivered.id},
        {"contribution_id": confirmed.id},
        *(Values(agreement_id=one.id, owner_id=one.id) for one in agreements),
    ]


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
    old = _one_of_each(put_away, old_partner, make.affiliation(old_partner, make.contact()), colleague)
    # What is archived lies in the coordinator's own cluster; only the archived cluster itself is another one.
    of_lebak = _one_of_each(cast.lebak, old_partner, make.affiliation(old_partner, make.contact()), colleague)
    archived = of_lebak | {"cluster_id": old["cluster_id"]}
    make.membership(cast.lilis, put_away)
    _archive(archived)
    holiday = make.holiday(clock.today())
    in_an_hour = clock.now() + timedelta(hours=1)
    values: dict[str, Values] = {
        "own": _one_of_each(cast.lebak, cast.kemasindo, cast.hendrik, cast.lilis),
        "foreign": _one_of_each(cast.pandeglang, cast.badak, cast.siti, cast.ujang),
        "archived": archived,
        "missing": dict.fromkeys(archived, MISSING) | {"helix": "media"},
    }
    others = in_other_states(cast.lebak, cast.kemasindo, cast.hendrik, cast.lilis)
    contact = session.get_one(m.Contact, cast.hendrik.contact_id)
    people: dict[str, User | m.Contact] = {
        "coordinator": cast.lilis,
        "kabid": cast.aminah,
        "admin": cast.rudi,
        "contact": contact,
        "second coordinator": colleague,
        "second kabid": make.user(role=Role.KABID),
        "second admin": make.user(role=Role.ADMIN),
        "second contact": contact,
    }
    cookies = {who: cookie_of(app, person) for who, person in people.items()}
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
            # of an attachment
            "number": 0 if whose != "missing" else MISSING,
            "filename": "css/pentahelix.css" if whose != "missing" else "nothing.css",
        }

    sign_ins = {
        who: session.scalars(select(SignIn.id).where(SignIn.user_id == people[who].id)).one()
        for who in ("coordinator", "kabid")
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

    return World(app, values, others, links, people, cookies, restore)
