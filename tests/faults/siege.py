"""Every form of the application, open and rightly filled in, to be sent with one thing wrong.

The database is put back after whatever changed it, so that each request meets the same form.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from re import DOTALL, findall
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from pentahelix import clock, models as m
from pentahelix.demo import accounts
from pentahelix.extensions import db
from pentahelix.services import sign_ins, tokens
from pentahelix.unit_of_work import write
from pentahelix.vocabulary import AgreementStatus, HolidayEffect, Language, Role, TokenPurpose
from tests import factories as make
from tests.clients import Client, Fields, PageForm, forms_of
from tests.faults import hostile
from tests.pages import DOORS, ENVELOPE, PARTNER, ROLES, VISITOR, Visit, Walk, plausible
from tests.sign_in import DEVICE, cookie_of

#: Pages that show a form which stands neither on the page of its own address nor on the one above.
SHOWN_ON = {
    "accounts.end_session": "/profile/sessions",
    "accounts.sign_out_everywhere": "/profile/sessions",
    "admin.holiday_restore": "/admin/holidays",
    "contacts.lift": "/contacts/{restricted}",
    "contacts.move": "/contacts/1/move?q=k",
    "contacts.new": "/contacts/new?partner=1",
    "followups.wake": "/follow-ups/{asleep}",
    "admin.user_invite": "/admin/users/{asked}",
    "admin.user_reactivate": "/admin/users/{gone}",
    "agreements.archive_obligation": "/obligations/{obligation}/edit",
    "agreements.terminate": "/agreements/{signed}/terminate",
    "agreements.restore": "/agreements/{agreement}",
    "agreements.restore_obligation": "/agreements/{signed}",
    "contributions.confirm": "/contributions/{delivered}",
    "contributions.drop": "/contributions/{proposed}/drop",
    "contributions.restore": "/contributions/{contribution}",
    "documents.restore": "/agreements/{signed}",
    "guidance.restore": "/guidance/{guidance}",
    "partners.resume": "/partners/{left}",
    "reply.show": "/u/{invited}",
    "portal.choose": "/portal/choose",
    "portal.code": "/portal/code",
    "portal.enter": "/portal/enter/{entering}",
}

#: What is written where not everything is right; a name alone is of every form.
KNOWN = {
    "current_password": accounts.PASSWORD,
    "new_password": "gula-aren-emping-melinjo",
    "again_password": "gula-aren-emping-melinjo",
    "held": "",
    "held_path": "",
    "partner_query": "",
    "nib": "",
    "npwp": "",
    "district": "",
    "ends_on": "2029-11-24",
    "on": "2026-11-24",
    "code": "abcd2345",
    "contributions.new.guidance_id": "",
    "contributions.edit.guidance_id": "",
    "accounts.sign_in.email": "admin@dinas.example",
    "accounts.sign_in.password": accounts.PASSWORD,
    "agreements.new.partner_ids": "1",
    "agreements.new.parent_id": "",
    "contributions.new.agreement_id": "",
    "meetings.record.day": "2026-11-20",
    "partners.log.channel": "telephone",
}

#: The address that two contacts share, and what a browser keeps that asked for a link to it.
SHARED, BROWSER = "bersama@contoh.example", "peramban"
ASKED = {"browser": BROWSER, "email": SHARED, "next": ""}
DOORS_OF_PORTAL = {"portal.choose", "portal.code", "portal.enter"}

TYPED_IN = frozenset({"text", "textarea", "search", "tel", "email", "date", "time", "url", "number"})


@dataclass
class Open:
    """A form in a state in which it takes what is sent."""

    endpoint: str
    role: str
    url: str
    form: PageForm
    #: how it should be filled in
    good: Fields
    #: what the form shows again of that, where it is refused for another reason
    shown: PageForm | None = None
    #: whether it is taken when filled in so
    is_taken: bool = False

    @property
    def names(self) -> list[str]:
        return sorted(self.form.names - ENVELOPE)

    def is_typed(self, name: str) -> bool:
        return self.form.kinds.get(name) in TYPED_IN


class Siege(Walk):
    """Finds the forms; sends them; puts back what they changed."""

    def __init__(self, app: Flask, session: Session) -> None:
        super().__init__(app, session)
        self.pages_seen: set[tuple[str, str]] = set()
        self.known = self._prepare()
        self.cookies: dict[str, tuple[str, str]] = {
            role: cookie_of(app, person) for role, person in self.people.items()
        }
        self.file = db.engine.url.database or ""
        self.kept = sqlite3.connect(":memory:", check_same_thread=False)
        self.watch = sqlite3.connect(self.file, check_same_thread=False)
        self.keep()

    def close(self) -> None:
        self.kept.close()
        self.watch.close()

    # ---------------------------------------------------------------------------- the database

    def keep(self) -> None:
        """As it is now, it will be put back."""
        self.session.commit()
        self.watch.backup(self.kept)
        self.seen = self._version()

    def has_changed(self) -> bool:
        return self._version() != self.seen

    def put_back(self) -> None:
        if self.has_changed():
            self.session.rollback()
            with sqlite3.connect(self.file, timeout=10) as file:
                self.kept.backup(file)
            file.close()
            self.session.expire_all()
            self.seen = self._version()

    def _version(self) -> int:
        """A number that changes whenever somebody commits."""
        return int(self.watch.execute("PRAGMA data_version").fetchone()[0])

    def speak(self, language: Language) -> None:
        """Let everybody read in `language`."""
        self.put_back()
        self.session.rollback()
        write()
        self.language = language
        for person in [*self.session.scalars(select(m.User)), *self.session.scalars(select(m.Contact))]:
            person.language = language
        self.keep()

    # ---------------------------------------------------------------------------- the people

    def client(self, role: str) -> Client:
        client = Client(self.app, self.app.response_class, use_cookies=True)
        if role in self.cookies:
            client.set_cookie(*self.cookies[role])
        else:
            with client.session_transaction() as cookie:
                cookie["language"] = str(self.language)
                if role in DOORS_OF_PORTAL:
                    cookie["portal"] = ASKED
        return client

    def come_in_again(self) -> None:
        """End the sessions that the forms were found in; from here on everybody has another one."""
        self.put_back()
        self.session.rollback()
        write()
        found_in = update(m.SignIn).where(m.SignIn.device == DEVICE)
        self.session.execute(found_in.values(revoked_at=clock.now()))
        self.cookies = {role: cookie_of(self.app, person) for role, person in self.people.items()}
        self.keep()

    def _prepare(self) -> dict[str, Any]:
        """States that the demo does not have: what was put away, went to sleep, waits for a word."""
        self.session.commit()
        write()
        now, today = clock.now(), clock.today()
        lilis = self.people[Role.COORDINATOR]
        assert isinstance(lilis, m.User)
        cluster = self.session.scalars(
            select(m.Cluster).join(m.Membership).where(m.Membership.user_id == lilis.id).limit(1)
        ).one()
        partner, contact = make.partner(cluster), self.people[PARTNER]
        assert isinstance(contact, m.Contact)
        place = make.affiliation(partner, make.contact(email=SHARED))
        make.affiliation(partner, make.contact(email=SHARED))
        left = make.partner()
        make.involvement(cluster, left, ended_on=today - timedelta(days=9))
        agreement = make.agreement(cluster, partners=(partner,), archived_at=now)
        signed = make.agreement(cluster, partners=(partner,))
        make.obligation(signed, archived_at=now)
        obligation = make.obligation(signed)
        make.document(signed, archived_at=now)
        make.agreement(cluster, partners=(partner,), status=AgreementStatus.LEGAL_REVIEW)
        make.holiday(date(today.year, 12, 25), effect=HolidayEffect.REMOVED)
        request = m.LinkRequest(purpose=TokenPurpose.SIGN_IN, email=SHARED, made_at=now, handled_at=now)
        self.session.add(request)
        self.session.flush()
        soon, browser = now + timedelta(hours=1), tokens.digest(BROWSER)
        links = {
            "entering": tokens.make(
                TokenPurpose.SIGN_IN,
                object_id=request.id,
                expires_at=soon,
                browser_digest=browser,
                code=KNOWN["code"],
            ),
            "invited": tokens.make(
                TokenPurpose.INVITATION,
                object_id=make.invitation(make.guidance(cluster), place).id,
            ),
        }
        # Of the same browser, used a moment ago.
        arrived = tokens.make(TokenPurpose.SIGN_IN, object_id=request.id, browser_digest=browser)
        link = tokens.find(TokenPurpose.SIGN_IN, arrived)
        assert link is not None
        link.used_at = now
        for _ in range(2):
            sign_ins.begin(lilis, "another device")
        made = {
            "asleep": make.follow_up(cluster, lilis, snoozed_until=today + timedelta(days=3)).id,
            "asked": make.user(cluster, password_hash=None).id,
            "gone": make.user(cluster, deactivated_at=now).id,
            "agreement": agreement.id,
            "signed": signed.id,
            "obligation": obligation.id,
            "delivered": make.contribution(cluster, partner, stage="delivered").id,
            "proposed": make.contribution(cluster, partner).id,
            "contribution": make.contribution(cluster, partner, archived_at=now).id,
            "guidance": make.guidance(cluster, archived_at=now).id,
            "left": left.id,
            "restricted": make.affiliation(partner, make.contact(restricted_at=now)).contact_id,
        }
        self.session.commit()
        return made | links

    # ---------------------------------------------------------------------------- the forms

    def find(self) -> dict[str, Open]:
        """By its route each form that posts, from the first page that shows it."""
        for rule in self.post_routes():
            for role, url in self._where(rule):
                if rule.endpoint in self.forms:
                    break
                if (role, url) not in self.pages_seen:
                    self.pages_seen.add((role, url))
                    self._keep_forms(Visit(role, url, self.client(role).get(url)))
        return {endpoint: self._filled(endpoint) for endpoint in sorted(self.forms)}

    def post_routes(self) -> list[Rule]:
        rules = (rule for rule in self.app.url_map.iter_rules() if "POST" in (rule.methods or ()))
        return sorted(rules, key=lambda rule: rule.rule)

    def _where(self, rule: Rule) -> Iterator[tuple[str, str]]:
        """Who may meet the form where: on its own address, on the page above, or as it is told here."""
        if rule.endpoint in SHOWN_ON:
            page = SHOWN_ON[rule.endpoint].format(**self.known)
            roles = (
                [rule.endpoint]
                if rule.endpoint in DOORS_OF_PORTAL
                else [r for r in ROLES if self._may(r, rule)]
            )
            yield from ((role, page) for role in roles)
            return
        for role in ROLES:
            if not self._may(role, rule):
                continue
            if rule.endpoint in DOORS:
                found = [{"token": self._token(DOORS[rule.endpoint])}] if role == VISITOR else []
            else:
                found = self._examples(frozenset(rule.arguments)) if rule.arguments else [{}]
            for values in found:
                url = self.routes.build(rule.endpoint, values, method="POST")
                while url and self.endpoint(url) is None:
                    url = url.rpartition("/")[0]
                yield role, url or "/today"

    def _token(self, purpose: TokenPurpose) -> str:
        raw = super()._token(purpose)
        if hasattr(self, "kept"):
            self.keep()
        return raw

    def _keep_forms(self, visit: Visit) -> None:
        """Also what a button of a form sends elsewhere."""
        super()._keep_forms(visit)
        if visit.response.mimetype != "text/html":
            return
        found = findall(r"<form\b.*?</form>", visit.response.get_data(as_text=True), DOTALL)
        for form, markup in zip(forms_of(visit.response), found, strict=False):
            for action in findall(r'formaction="([^"]*)"', markup):
                url = urljoin(visit.url, action)
                if endpoint := self.endpoint(url, "POST"):
                    self.forms.setdefault(endpoint, (visit.role, url, form))

    def _filled(self, endpoint: str) -> Open:
        """The form as it should be filled in: found out by trying."""
        role, url, form = self.forms[endpoint]
        fields: Fields = {n: v for n, v in form.fields.items() if n not in ("csrf_token", "submission_id")}
        known = {
            name.removeprefix(f"{endpoint}."): value
            for name, value in KNOWN.items()
            if name in form.names or name.startswith(f"{endpoint}.")
        }
        fields |= {name: [value] for name, value in known.items()}
        for name in form.names - known.keys():
            if form.kinds[name] in ("radio", "select") and not any(form.fields.get(name) or ()):
                fields[name] = [next(filter(None, form.options[name]), "")]
        opened = Open(endpoint, role, url, form, fields)
        if not opened.names:
            opened.is_taken = self.send(opened, {}).status_code < 400
            return opened
        free = form.names - ENVELOPE - known.keys() - {n for n in form.names if form.kinds[n] == "hidden"}
        wrong = {name for name in free if name not in form.options and not any(form.fields.get(name) or ())}
        for text in plausible():
            for name in wrong:
                fields[name] = [next(filter(None, form.options.get(name, ())), text)]
            answer = self.send(opened, {})
            opened.is_taken = answer.status_code < 400
            wrong = free & hostile.told(answer.get_data(as_text=True)).keys()
            if opened.is_taken or not wrong:
                break
        # A personal link asks for no token.
        opened.shown = self.form_in(opened, self.send(opened, {"csrf_token": [""], "answer": [""]}))
        return opened

    # ---------------------------------------------------------------------------- sending

    def send(
        self,
        to: Open,
        changed: Mapping[str, hostile.Sent],
        *,
        client: Client | None = None,
        afresh: bool = True,
    ) -> TestResponse:
        """The form as it should be, but for what is `changed`; `afresh`, nobody has sent anything yet."""
        if afresh:
            self.put_back()
        client = client or self.client(to.role)
        fields: dict[str, Any] = {**to.good, **client.envelope(), **changed}
        sent = hostile.body({name: value for name, value in fields.items() if value is not None})
        return client.post(to.url, data=sent, content_type="application/x-www-form-urlencoded")

    def form_in(self, of: Open, answer: TestResponse) -> PageForm | None:
        """The form as it stands in the answer."""
        if answer.mimetype != "text/html":
            return None
        for form in forms_of(answer):
            path = urlsplit(urljoin(of.url, form.action)).path
            if form.method == "post" and (path == urlsplit(of.url).path or form.names == of.form.names):
                return form
        return None


def fields_of(answer: TestResponse) -> MultiDict[str, str]:
    """Everything that the forms of a page would send."""
    return MultiDict([(n, v) for form in forms_of(answer) for n, vs in form.fields.items() for v in vs])
