"""How each form is filled in so that it is accepted, found out by filling it in.

`World` has something of everything in each of its states. `World.found(rule)` looks for a person who may, a
row that allows it and a page that has the form, writes what its fields ask for, and sends it until it is
accepted.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import unescape
from io import BytesIO
from itertools import islice
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule
from werkzeug.test import TestResponse

from pentahelix import clock, models as m
from pentahelix.extensions import db
from pentahelix.permissions import PERMISSIONS
from pentahelix.services import tokens
from pentahelix.vocabulary import (
    AgreementStatus,
    Answer,
    ContributionStage,
    FollowUpStatus,
    HolidayEffect,
    MeetingStatus,
    OutboxState,
    Role,
    TokenPurpose,
)
from tests import factories as make, files
from tests.cast import PASSWORD, Cast
from tests.clients import Client, Fields, PageForm, forms_of
from tests.conftest import new_client
from tests.sign_in import cookie_of, sign_in

VISITOR, PARTNER = "visitor", "partner"

#: Stands for the id of a partner of the coordinator's.
PARTNER_OF_HERS = "{partner}"

#: Fields that mean more than their type says, by route and name; None leaves one out.
GIVEN: dict[str, Fields] = {
    "accounts.password": {"current_password": PASSWORD},
    "accounts.sign_in": {"email": "lilis@smkn1kalanganyar.example", "password": PASSWORD},
    "agreements.new": {"partner_ids": PARTNER_OF_HERS},
    "agreements.send_back": {"comment": "Lengkapi"},
    "meetings.new": {"partner_ids": PARTNER_OF_HERS},
    "meetings.record": {"partner_ids": PARTNER_OF_HERS},
    "partners.log": {"channel": "visit"},
}

#: Buttons that send a form elsewhere than it says.
ELSEWHERE = {"agreements.send_back": "agreements.approve"}

#: What is asked of a page so that it has its form.
QUERIES = {"contacts.move": {"q": "k"}, "contacts.new": {"partner": PARTNER_OF_HERS}}

Values = dict[str, Any]

IN_PROCESS = (
    AgreementStatus.DRAFT,
    AgreementStatus.LEGAL_REVIEW,
    AgreementStatus.AWAITING_SIGNATURE,
    AgreementStatus.SIGNED,
)


@dataclass
class Filling:
    """A form that was accepted once, with the answer."""

    person: str
    address: str
    fields: Fields
    form: PageForm
    answer: TestResponse = field(init=False)

    @property
    def texts(self) -> list[str]:
        """Where somebody writes words; long ones first, since a short one may want a number."""
        written = [name for name in self.form.names if self.form.kinds[name] in ("textarea", "text")]
        return sorted(written, key=lambda name: (self.form.kinds[name] == "text", name != "name", name))

    def send(self, client: Client, **other: Any) -> TestResponse:
        fields = {
            # A file is read to its end by each sending.
            name: (BytesIO(value), "naskah.pdf") if isinstance(value, bytes) else value
            for name, value in (self.fields | other | {"csrf_token": client.token()}).items()
        }
        return client.post(self.address, data=fields)


class World:
    def __init__(self, app: Flask, session: Session, cast: Cast) -> None:
        self.app, self.session, self.cast = app, session, cast
        self.routes = app.url_map.bind("localhost")
        contact = session.get_one(m.Contact, cast.hendrik.contact_id)
        self.people: dict[str, m.User | m.Contact] = {
            Role.COORDINATOR: cast.lilis,
            Role.KABID: cast.aminah,
            Role.ADMIN: cast.rudi,
            PARTNER: contact,
        }
        self.tokens = self._tokens()
        self.rows = list(self._rows())
        self._pages_seen: dict[tuple[str, str], list[tuple[str, PageForm]]] = {}
        self.cookies = {person: cookie_of(app, row) for person, row in self.people.items()}
        session.commit()

    def found(self, rule: Rule) -> Filling | str:
        """A filling that was accepted just now, or why there is none."""
        told: list[str] = []
        for person in self._persons(rule):
            client = self.client(person)
            for address, form in self._forms(person, client, rule):
                filling = self._tried(client, person, rule, address, form, told)
                if filling is not None:
                    return filling
        return "; ".join(told[-3:]) or "no page shows its form"

    def client(self, person: str) -> Client:
        """Their browser, in which they signed in before anything was sent."""
        client = new_client(self.app)
        if person in self.cookies:
            client.set_cookie(*self.cookies[person])
        return client

    def client_tomorrow(self, person: str) -> Client:
        """The same browser a day later; the portal lets its people in for half a day only."""
        client = self.client(person)
        if person == PARTNER:
            sign_in(client, self.people[person])
        return client

    # ------------------------------------------------------------------------------------------ filling in

    def _meant(self, fields: Fields) -> Fields:
        theirs = str(self.cast.kemasindo.id)
        return {name: theirs if value == PARTNER_OF_HERS else value for name, value in fields.items()}

    def _tried(
        self, client: Client, person: str, rule: Rule, address: str, form: PageForm, told: list[str]
    ) -> Filling | None:
        fields: Fields = {**form.fields, **client.envelope(), **self._meant(GIVEN.get(rule.endpoint, {}))}
        for name, options in form.options.items():
            several = form.kinds[name] == "radio" or (form.kinds[name] == "checkbox" and len(options) > 1)
            if several and not any(fields.get(name, [])):
                fields[name] = options[0]
        asked: Counter[str] = Counter()
        while max(asked.values(), default=0) < 4:
            filling = Filling(person, address, dict(fields), form)
            answer = filling.answer = filling.send(client)
            if answer.status_code < 400:
                return filling
            wrong = {name for shown in forms_of(answer) for name in shown.wrong}
            told.append(f"{person} {address}: {answer.status_code} {sorted(wrong)} {_errors(answer)}")
            ask = {name for name in wrong if form.kinds.get(name, "hidden") != "hidden"}
            if answer.status_code != 422 or not ask:
                return None
            for name in ask:
                offered = form.options.get(name)
                fields[name] = offered[-1] if offered else _plausible(name, form.kinds[name], asked[name])
            asked.update(ask)
        return None

    def _forms(self, person: str, client: Client, rule: Rule) -> Iterator[tuple[str, PageForm]]:
        """Each row's form, as its page shows it on a world in which nothing was sent yet."""
        for row in self._fitting(rule):
            values = {name: row[name] for name in rule.arguments}
            address = self.routes.build(rule.endpoint, values)
            says = self.routes.build(ELSEWHERE.get(rule.endpoint, rule.endpoint), values)
            found = (
                (target.replace(says, address), form)
                for page in self._pages(rule, address, row)
                for target, form in self._shown(person, client, page)
                if urlsplit(target).path == says
            )
            yield from islice(found, 1)

    def _shown(self, person: str, client: Client, page: str) -> list[tuple[str, PageForm]]:
        if (person, page) not in self._pages_seen:
            answer = client.get(page)
            forms = forms_of(answer) if answer.mimetype == "text/html" else []
            self._pages_seen[person, page] = [
                (urljoin(page, form.action or page), form) for form in forms if form.method == "post"
            ]
        return self._pages_seen[person, page]

    def _pages(self, rule: Rule, address: str, row: Values) -> Iterator[str]:
        """Where the form may stand: at its own address, above it, on the page of what the row hangs on."""
        if "GET" in (rule.methods or ()):
            query = self._meant(QUERIES.get(rule.endpoint, {}))
            yield address + (f"?{urlencode(query)}" if query else "")
            return
        path = address.rpartition("/")[0]
        while path:
            if self._answers(path):
                yield path
            path = path.rpartition("/")[0]
        for other in self.app.url_map.iter_rules():
            if other.endpoint.endswith(".show") and other.arguments and other.arguments <= row.keys():
                yield self.routes.build(other.endpoint, {name: row[name] for name in other.arguments})
        yield from ("/profile", "/today", "/password/forgot")

    def _answers(self, path: str) -> bool:
        try:
            self.routes.match(path, method="GET")
        except (HTTPException, RequestRedirect):
            return False
        return True

    def _fitting(self, rule: Rule) -> Iterator[Values]:
        if rule.endpoint in self.tokens:
            yield {"token": self.tokens[rule.endpoint]}
        known: list[Values] = []
        for row in self.rows:
            values = {name: row[name] for name in rule.arguments if name in row}
            if len(values) == len(rule.arguments) and values not in known:
                known.append(values)
                yield row

    def _persons(self, rule: Rule) -> list[str]:
        needed = getattr(self.app.view_functions[rule.endpoint], "permission", None)
        if needed is None:
            return [VISITOR, PARTNER, Role.COORDINATOR]
        return [
            role for role in (*Role, PARTNER) if (role if role != PARTNER else None) in PERMISSIONS[needed]
        ]

    # ------------------------------------------------------------------------------------------ what is there

    def _rows(self) -> Iterator[Values]:
        """Of each noun one in every state that forms ask for, by the names of the routes."""
        cast, lebak = self.cast, self.cast.lebak
        today, now = clock.today(), clock.now()
        yield {"cluster_id": lebak.id, "helix": "media", "partner_id": cast.kemasindo.id,
               "contact_id": cast.hendrik.contact_id, "affiliation_id": cast.hendrik.id}  # fmt: skip
        second = make.partner(lebak, name="Koperasi Kalanganyar")
        away = make.cluster(archived_at=now)
        yield {"cluster_id": away.id}
        colleague = make.user(lebak)
        yield {"user_id": colleague.id}
        yield {"user_id": make.user(lebak, deactivated_at=now).id}
        yield {"user_id": make.user(lebak, password_hash=None).id}
        make.user()
        self.session.flush()
        person = make.affiliation(cast.kemasindo, make.contact(), position="Staf")
        yield {"contact_id": person.contact_id, "affiliation_id": person.id, "partner_id": cast.kemasindo.id}
        quiet = make.affiliation(cast.kemasindo, make.contact(restricted_at=now))
        yield {"contact_id": quiet.contact_id}
        ended = make.partner(name="CV Pernah")
        make.involvement(lebak, ended, ended_on=today - timedelta(days=9))
        yield {"partner_id": ended.id, "cluster_id": lebak.id}
        for archived_at in (None, now):
            gone = make.partner(lebak, archived_at=archived_at)
            of_gone = make.affiliation(gone, make.contact(archived_at=archived_at))
            yield {"partner_id": gone.id, "contact_id": of_gone.contact_id, "affiliation_id": of_gone.id,
                   "cluster_id": lebak.id}  # fmt: skip
            log = make.contact_log(lebak, cast.kemasindo, cast.lilis, archived_at=archived_at)
            yield {"partner_id": cast.kemasindo.id, "log_id": log.id}
            yield {"school_id": make.school(lebak, archived_at=archived_at).id, "cluster_id": lebak.id}
            yield {"product_id": make.product(lebak, archived_at=archived_at).id}
            yield from self._agreements(second, archived_at)
            yield from self._contributions(second, archived_at)
            for status in FollowUpStatus:
                done = today if status == FollowUpStatus.DONE else None
                row = make.follow_up(
                    lebak, cast.lilis, status=status, completed_on=done, archived_at=archived_at
                )
                yield {"followup_id": row.id, "follow_up_id": row.id}
            for standing, days in ((MeetingStatus.PLANNED, 1), (MeetingStatus.HELD, -1)):
                meeting = make.meeting(
                    lebak,
                    present=(cast.hendrik,),
                    status=standing,
                    starts_at=now + timedelta(days=days),
                    archived_at=archived_at,
                )
                yield {"meeting_id": meeting.id, "noun": "meetings", "owner_id": meeting.id}
            yield from self._sessions(archived_at)
        snoozed = make.follow_up(lebak, cast.lilis, snoozed_until=today + timedelta(days=3))
        yield {"followup_id": snoozed.id, "follow_up_id": snoozed.id}
        yield {"message_id": make.mail(cluster_id=lebak.id, state=OutboxState.PARKED).id}
        holiday = make.holiday(today + timedelta(days=9))
        make.holiday(date(2026, 12, 25), effect=HolidayEffect.REMOVED, name="Natal")
        for day in (holiday.day, date(2026, 12, 25), date(2026, 1, 1)):
            yield {"day": day.isoformat()}
        sign_in(new_client(self.app), cast.lilis)
        for number in self.session.scalars(select(m.SignIn.id)):
            yield {"sign_in_id": number}

    def _agreements(self, partner: m.Partner, archived_at: Any) -> Iterator[Values]:
        lebak = self.cast.lebak
        for status in IN_PROCESS:
            row = make.agreement(lebak, partners=(partner,), status=status, archived_at=archived_at)
            if status == AgreementStatus.LEGAL_REVIEW:
                step = {"from_status": AgreementStatus.IN_DISCUSSION, "to_status": status}
                taken = {"user_id": self.cast.lilis.id, "taken_at": clock.now()}
                db.session.add(m.AgreementStep(agreement_id=row.id, **step, **taken))
            values = {"agreement_id": row.id, "noun": "agreements", "owner_id": row.id}
            obligation = make.obligation(row, archived_at=archived_at)
            put_away = make.obligation(row, archived_at=clock.now())
            yield values | {"obligation_id": obligation.id}
            yield values | {"obligation_id": put_away.id}
            if status == AgreementStatus.SIGNED:
                for away in (None, clock.now()):
                    yield values | {"document_id": make.document(row, archived_at=away).id}

    def _contributions(self, partner: m.Partner, archived_at: Any) -> Iterator[Values]:
        for stage in ContributionStage:
            reason = "Ditunda" if stage == ContributionStage.DROPPED else None
            for confirmed_at in (None, clock.now()):
                row = make.contribution(
                    self.cast.lebak,
                    partner,
                    stage=stage,
                    stage_reason=reason,
                    school_confirmed_at=confirmed_at,
                    archived_at=archived_at,
                )
                yield {"contribution_id": row.id, "noun": "contributions", "owner_id": row.id}

    def _sessions(self, archived_at: Any) -> Iterator[Values]:
        cast, now = self.cast, clock.now()
        for days in (5, -2):
            guidance = make.guidance(
                cast.lebak, starts_at=now + timedelta(days=days), archived_at=archived_at
            )
            for answer in (Answer.NONE, Answer.ATTENDING, Answer.PROPOSED):
                who = (
                    cast.hendrik
                    if answer == Answer.NONE
                    else make.affiliation(cast.kemasindo, make.contact())
                )
                invitation = make.invitation(
                    guidance,
                    who,
                    answer=answer,
                    mailed_sequence=0,
                    proposed_starts_at=now + timedelta(days=6) if answer == Answer.PROPOSED else None,
                )
                yield {"guidance_id": guidance.id, "invitation_id": invitation.id, "noun": "guidance",
                       "owner_id": guidance.id}  # fmt: skip

    def _tokens(self) -> dict[str, str]:
        cast = self.cast
        guidance = make.guidance(cast.lebak)
        invitation = make.invitation(guidance, cast.hendrik)
        facts: dict[str, tuple[TokenPurpose, Values]] = {
            "reply.show": (TokenPurpose.INVITATION, {"object_id": invitation.id}),
            "optout.show": (TokenPurpose.UNSUBSCRIBE, {"object_id": 0, "user_id": cast.lilis.id}),
        }
        return {endpoint: tokens.make(purpose, **values) for endpoint, (purpose, values) in facts.items()}


def _plausible(name: str, kind: str, attempt: int) -> Any:
    """What a field of that type asks for; another thing where the first was refused."""
    today = clock.today()
    known: dict[str, list[Any]] = {
        "npsn": ["20600123"],
        "password": ["sandi-baru-yang-panjang-sekali"],
        "email": ["baru@contoh.example"],
    }
    by_kind: dict[str, list[Any]] = {
        "date": [(today + timedelta(days=6)).isoformat(), today.isoformat(), "2026-11-01"],
        "time": ["11:00" if name == "ends" else "09:00"],
        "file": [files.pdf()],
    }
    words: list[Any] = ["Coba", "5", "https://contoh.example"]
    given = by_kind.get(kind) or next((known[word] for word in known if word in name), words)
    return given[min(attempt, len(given) - 1)]


def _errors(answer: TestResponse) -> list[str]:
    return [unescape(found) for found in re.findall(r"error[^>]*>([^<]{4,200})", answer.text)][:5]
