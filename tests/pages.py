"""Every page that the demo's people can open, found by itself.

A walk begins at each GET route, with rows that differ from each other, and goes where the links, the filters
and the searches of the pages lead. A new route is walked from the day on which it is registered.

    for role, url, response in all_pages(app, session):
        …

`Walk` also sends the forms that it meets: with nonsense, which is refused, and as they should be filled in.
"""

import shutil
from atexit import register
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from pathlib import Path
from re import findall, split
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit
from uuid import uuid4

from flask import Flask
from sqlalchemy import Enum, inspect, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule
from werkzeug.test import TestResponse

from pentahelix import audit, clock, logs, passwords
from pentahelix.demo import accounts, loader
from pentahelix.extensions import Entity, db
from pentahelix.models import Archivable, Contact, OutboxMessage, User
from pentahelix.permissions import PERMISSIONS
from pentahelix.scope import ALL, set_scope
from pentahelix.services import tokens
from pentahelix.unit_of_work import write
from pentahelix.vocabulary import ActorKind, Helix, Language, MailFault, OutboxState, Role, TokenPurpose
from tests.clients import Client, Fields, PageForm, forms_of
from tests.engines import SqliteDatabase, folder_in_memory
from tests.sign_in import sign_in

VISITOR = "visitor"
#: A contact in the portal, who has no role.
PARTNER = "partner"
ROLES = (VISITOR, Role.COORDINATOR, Role.KABID, Role.ADMIN, PARTNER)

#: Pages behind a link that let somebody in.
DOORS = {
    "accounts.new_password": TokenPurpose.PASSWORD,
    "portal.enter": TokenPurpose.SIGN_IN,
    "reply.show": TokenPurpose.INVITATION,
    "optout.show": TokenPurpose.UNSUBSCRIBE,
}

#: Pages that a browser gets to see only after it has asked for a link; they have tests of their own.
BEHIND_AN_ACT = {"portal.code", "portal.choose"}

#: What is asked of pages that answer to a query only.
QUERIES = {
    "guidance.check": {"cluster_id": "1"},
    "meetings.suggest": {"q": "k"},
    "partners.alike": {"name": "k"},
    "search.index": {"q": "k"},
}

#: What routes call a table otherwise than by its name.
SPOKEN = {"guidance_session": "guidance", "outbox_message": "message"}

#: What documents hang on, by the noun with which their address begins.
OWNERS = {
    "agreements": "agreement_id",
    "contributions": "contribution_id",
    "meetings": "meeting_id",
    "guidance": "guidance_id",
}

#: Addresses that are built of more than the keys of one table.
BUILT: dict[frozenset[str], list[dict[str, Any]]] = {
    frozenset({"cluster_id", "helix"}): [
        {"cluster_id": cluster_id, "helix": helix.value} for cluster_id in (1, 8) for helix in Helix
    ],
    frozenset({"noun", "owner_id"}): [{"noun": noun, "owner_id": 1} for noun in OWNERS],
}

#: The page of examples, which has tests of its own; mails and files as such, which are in the language of
#: whoever wrote them.
APART = {
    "static", "style.show", "documents.file", "outbox.html", "mailbox.html", "mailbox.source",
    "mailbox.calendar", "mailbox.attachment", "guidance.calendar", "portal.calendar_file",
    "reply.calendar_file",
}  # fmt: skip

#: Columns of the demo's tables that are written in words.
PROSE = frozenset(
    {
        "address", "agenda", "decisions", "description", "district", "dropped_reason", "evidence", "focus",
        "funding", "kecamatan", "line", "location", "name", "note", "notes", "number_party1",
        "number_party2", "objective", "org_type",
        "output", "owner_unit", "position", "potential", "result", "role_in_cluster", "scope", "short_name",
        "title", "unit", "valuation_basis",
    }
)  # fmt: skip
GREEK = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "αβψδεφγηιξκλμνοπϙρστθωςχυζΑΒΨΔΕΦΓΗΙΞΚΛΜΝΟΠϘΡΣΤΘΩϹΧΥΖ",
)
SCRIBBLE = "Ωραίο σχόλιο"

#: What people type where it does not belong.
NONSENSE = ("", "ζζζ", "31/02/2026", "-1", "9" * 25, "7" * 20_001)

ENVELOPE = {"csrf_token", "submission_id", "version", "drawn"}


class Visit(NamedTuple):
    role: str
    url: str
    response: TestResponse


def all_pages(app: Flask, session: Session) -> Iterator[Visit]:
    """What every GET route answers to each role: pages, files, fragments, and a page that does not exist."""
    return Walk(app, session).pages()


@contextmanager
def demo(at: str, *, in_greek: bool = False) -> Iterator[tuple[Flask, Session]]:
    """The application with the data of the demo, loaded at an instant, some of it put away.

    `in_greek` writes the data in other letters than the interface, so that what a page says by itself can be
    told from what people have entered.
    """
    folder = folder_in_memory("pentahelix-pages-")
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        stack.enter_context(clock.frozen(at))
        database = SqliteDatabase(folder, env="demo")
        stack.callback(database.close)
        # What belongs to the process is of the suite, whatever the demo's settings say.
        logs.configure(quiet=True)
        passwords.configure(time_cost=1, memory_kib=8, parallelism=1)
        stack.enter_context(database.app.app_context())
        loaded = LOADED.get((at, in_greek))
        if loaded is not None:
            database.close()
            shutil.copytree(loaded, folder, dirs_exist_ok=True)
        else:
            loader.load(clock.today(), rows_in_greek if in_greek else accounts.rows)
        stack.enter_context(audit.acting(audit.Actor(ActorKind.COMMAND, None, SCRIBBLE)))
        set_scope(db.session(), ALL)
        if loaded is None:
            put_some_away(db.session())
            LOADED[at, in_greek] = _kept(database, folder)
        yield database.app, db.session()


#: By instant and letters what was loaded once in this process, which takes seconds.
LOADED: dict[tuple[str, bool], Path] = {}


def _kept(database: SqliteDatabase, folder: Path) -> Path:
    """A copy of the data and the documents that stays until the process ends."""
    kept = folder_in_memory("pentahelix-loaded-")
    register(shutil.rmtree, kept, ignore_errors=True)
    database.close()
    return shutil.copytree(folder, kept, dirs_exist_ok=True)


def put_some_away(session: Session) -> None:
    """Archive the last row of each kind and let two mails come to rest: such pages are walked, too."""
    # Written from the first statement on: a scheduler may be writing beside.
    write()
    mails = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id).limit(2))
    for mail, state, fault in zip(
        mails,
        (OutboxState.REFUSED, OutboxState.PARKED),
        (MailFault.ADDRESS, MailFault.SERVER_REFUSES),
        strict=False,
    ):
        mail.state, mail.fault, mail.attempt, mail.error = state, fault, 1, "550 5.1.1 User unknown"
    for mapper in Entity.registry.mappers:
        if issubclass(mapper.class_, Archivable):
            rows = session.scalars(select(mapper.class_).order_by(mapper.primary_key[0].desc()).limit(1))
            for row in rows:
                row.archived_at = clock.now()
    session.commit()


def rows_in_greek(table: str) -> list[dict[str, str]]:
    return [
        {column: _in_greek(value) if column in PROSE else value for column, value in row.items()}
        for row in accounts.rows(table)
    ]


def _in_greek(text: str) -> str:
    """What stands in braces is filled in by the loader."""
    return "".join(
        part if part.startswith("{") else part.translate(GREEK) for part in split(r"(\{\w+\})", text)
    )


@dataclass
class Walk:
    app: Flask
    session: Session
    language: Language = Language.ID
    #: how many addresses of one route are opened: by each role of its own accord; by all, led there by links
    chosen: int = 6
    most_led: int = 12
    #: what is typed where it does not belong
    nonsense: tuple[str, ...] = NONSENSE
    #: forms by the route that they are sent to: who found them, on which page, and how they were
    forms: dict[str, tuple[str, str, PageForm]] = field(default_factory=dict)
    #: what was asked of each route by links
    led: dict[str, set[object]] = field(default_factory=lambda: defaultdict(set))

    examples: dict[frozenset[str], list[dict[str, int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.routes = self.app.url_map.bind("localhost")
        self.people = {role: self._person(role) for role in ROLES if role != VISITOR}

    # ---------------------------------------------------------------------------- looking

    def pages(self) -> Iterator[Visit]:
        for role in ROLES:
            client = self.client(role)
            yield Visit(role, "/no-such-page", client.get("/no-such-page"))
            for visit in self._role(role, client):
                self._keep_forms(visit)
                yield visit

    def addresses(self) -> dict[str, list[str]]:
        """By role the addresses that show a page, each for the first role that opens it: for browsers."""
        shown: dict[str, list[str]] = defaultdict(list)
        for role, url, response in self.pages():
            known = any(url in addresses for addresses in shown.values())
            if not known and response.status_code < 500 and _is_page(response):
                shown[role].append(url)
        return shown

    def _role(self, role: str, client: Client) -> Iterator[Visit]:
        waiting = deque(self._chosen(role))
        seen = set(waiting)
        while waiting:
            url = waiting.popleft()
            response = client.get(url)
            yield Visit(role, url, response)
            for link in _links(url, response):
                if link not in seen and self._leads_on(link):
                    seen.add(link)
                    waiting.append(link)

    def _leads_on(self, link: str) -> bool:
        """Whether nobody has asked like this yet, of a page of which not enough was asked already."""
        endpoint, likeness = self.endpoint(link), _likeness(link)
        if endpoint is None or endpoint in APART or likeness in self.led[endpoint]:
            return False
        if len(self.led[endpoint]) >= (self.most_led if not _is_file(link) else 2):
            return False
        self.led[endpoint].add(likeness)
        return True

    def _chosen(self, role: str) -> Iterator[str]:
        for rule in sorted(self.app.url_map.iter_rules(), key=lambda rule: rule.rule):
            if "GET" not in (rule.methods or ()) or rule.endpoint in APART or not self._may(role, rule):
                continue
            if not rule.arguments:
                query = QUERIES.get(rule.endpoint)
                yield self.routes.build(rule.endpoint) + (f"?{urlencode(query)}" if query else "")
            elif rule.endpoint in DOORS:
                if role == VISITOR:
                    yield self.routes.build(rule.endpoint, {"token": self._token(DOORS[rule.endpoint])})
            else:
                for values in self._examples(frozenset(rule.arguments))[
                    : 1 if _is_file(rule.rule) else self.chosen
                ]:
                    yield self.routes.build(rule.endpoint, values)

    def _may(self, role: str, rule: Rule) -> bool:
        needed = getattr(self.app.view_functions[rule.endpoint], "permission", None)
        role_kept = None if role == PARTNER else role
        return needed is None or (role != VISITOR and role_kept in PERMISSIONS[needed])

    def _token(self, purpose: TokenPurpose) -> str:
        """A new link: of the first invitation, of the coordinator's password or morning mail."""
        number = 1 if purpose == TokenPurpose.INVITATION else 0
        # Written from its first statement on: a scheduler may be writing beside.
        self.session.commit()
        write()
        raw = tokens.make(purpose, object_id=number, user_id=self.people[Role.COORDINATOR].id)
        self.session.commit()
        return raw

    def _examples(self, names: frozenset[str]) -> list[dict[str, Any]]:
        """For a route about partner_id and log_id: of some entries of the log, which differ, both keys."""
        if names in BUILT:
            return BUILT[names]
        if names not in self.examples:
            found = (_different(self.session, mapper.class_, names) for mapper in Entity.registry.mappers)
            self.examples[names] = next((rows for rows in found if rows is not None), [])
        return self.examples[names]

    # ---------------------------------------------------------------------------- sending

    def refused(self) -> Iterator[Visit]:
        """What forms answer to nonsense, to a missing token, to a record that has changed meanwhile."""
        for role, url, form in self.forms.values():
            client = self.client(role)
            as_found: Fields = {**form.fields, **client.envelope()}
            yield self._send(client, role, url, {**as_found, "csrf_token": ""})
            if "version" in form.names:
                scribbled = {
                    name: SCRIBBLE for name in form.names if form.kinds[name] in ("text", "textarea")
                }
                yield self._send(client, role, url, {**as_found, **scribbled, "version": "0"})
            written = [name for name in form.names if name not in ENVELOPE and form.kinds[name] != "hidden"]
            hidden = [name for name in form.names if form.kinds[name] == "hidden" and name not in ENVELOPE]
            for nonsense in self.nonsense if written else ():
                yield self._send(client, role, url, {**as_found, **dict.fromkeys(written, nonsense)})
            if hidden:
                yield self._send(client, role, url, {**as_found, **dict.fromkeys(hidden, "ζζζ")})

    def accepted(self) -> Iterator[Visit]:
        """The pages after a form was filled in as it should be, with their notices; then the same again."""
        last = ("sign_out", "deactivate", "password")
        for _endpoint, (role, url, form) in sorted(
            self.forms.items(), key=lambda found: any(word in found[0] for word in last)
        ):
            client = self.client(role)
            fields: Fields = {**form.fields, **client.envelope()}
            for name, options in form.options.items():
                if not fields.get(name) and len(options) > 1:
                    fields[name] = next(filter(None, options), "")
            for visit in self._try(client, role, url, form, fields):
                yield visit
                if visit.response.status_code in (302, 303):
                    target = urljoin(url, visit.response.location)
                    yield Visit(role, f"{target} after {visit.url}", client.get(target))
            again = {**fields, "submission_id": str(uuid4())}
            yield self._send(client, role, url, again)

    def _try(self, client: Client, role: str, url: str, form: PageForm, fields: Fields) -> Iterator[Visit]:
        """Write into the empty and the wrong fields one plausible thing after the other."""
        free = {
            name for name in form.names - ENVELOPE if form.kinds[name] not in ("hidden", "checkbox", "radio")
        }
        wrong = {name for name in free if name not in form.options and not any(form.fields.get(name, []))}
        for text in plausible():
            fields |= dict.fromkeys(wrong, text)
            visit = self._send(client, role, url, fields)
            yield visit
            wrong = {name for shown in forms_of(visit.response) for name in shown.wrong} & free
            if visit.response.status_code != 422 or not wrong:
                return

    def _send(self, client: Client, role: str, url: str, fields: Fields) -> Visit:
        return Visit(role, f"POST {url}", client.post(url, data=fields))

    def _keep_forms(self, visit: Visit) -> None:
        if visit.response.mimetype != "text/html":
            return
        for form in forms_of(visit.response):
            url = urljoin(visit.url, form.action)
            endpoint = self.endpoint(url, "POST")
            if form.method == "post" and endpoint:
                self.forms.setdefault(endpoint, (visit.role, url, form))

    # ---------------------------------------------------------------------------- who, and where

    def client(self, role: str) -> Client:
        """A new browser of somebody with that role."""
        client = Client(self.app, self.app.response_class, use_cookies=True)
        if role == VISITOR:
            with client.session_transaction() as cookie:
                cookie["language"] = str(self.language)
        else:
            person = self.people[role]
            person.language = self.language
            if isinstance(person, User):
                person.deactivated_at = None
            self.session.flush()
            sign_in(client, person)
        return client

    def _person(self, role: str) -> User | Contact:
        if role == PARTNER:
            emails = [account["email"] for account in accounts.all_accounts() if account["role"] == PARTNER]
            return self.session.scalars(select(Contact).where(Contact.email.in_(emails))).one()
        return self.session.scalars(
            select(User)
            .where(User.role == Role(role), User.email.is_not(None), User.deactivated_at.is_(None))
            .order_by(User.id)
            .limit(1)
        ).one()

    def endpoint(self, url: str, method: str = "GET") -> str | None:
        """The route of an address of ours; None where none answers."""
        try:
            return str(self.routes.match(urlsplit(url).path, method=method)[0])
        except (HTTPException, RequestRedirect):
            return None


def plausible() -> tuple[str, ...]:
    """One of them fits most fields."""
    today = clock.today()
    return (
        SCRIBBLE, today.isoformat(), (today + timedelta(days=6)).isoformat(), "09:00", "11:00", "5",
        "walk@contoh.example", "081200000099", "https://contoh.example",
    )  # fmt: skip


def _links(url: str, response: TestResponse) -> Iterator[str]:
    """Where a page leads: its links, its searches, its redirection, as far as these are addresses of ours."""
    found = [response.location] if response.location else []
    if response.mimetype == "text/html":
        found += [
            unescape(href) for href in findall(r'<a\b[^>]*\shref="([^"]*)"', response.get_data(as_text=True))
        ]
        for form in forms_of(response):
            if form.method == "get":
                query = {name: values or ["k"] for name, values in form.fields.items()}
                filled = {name: [value or "k" for value in values] for name, values in query.items()}
                found.append(f"{form.action or urlsplit(url).path}?{urlencode(filled, doseq=True)}")
    for href in found:
        parts = urlsplit(urljoin(url, href))
        if parts.scheme == "" and parts.netloc == "" and parts.path:
            yield parts._replace(fragment="").geturl()


def _is_file(path: str) -> bool:
    return "." in urlsplit(path).path


def _likeness(url: str) -> object:
    """Two addresses of one route are alike where they ask the same, numbers and names aside."""
    return frozenset(
        (name, value if value.isalpha() and len(value) < 20 else "")
        for name, value in parse_qsl(urlsplit(url).query)
    )


def _is_page(response: TestResponse) -> bool:
    """Whether it is a whole page, not a part that a script asks for."""
    return response.mimetype == "text/html" and b"<html" in response.get_data()


def _different(session: Session, entity: type[Entity], names: frozenset[str]) -> list[dict[str, int]] | None:
    """Rows by their keys `names`: the first, and each with a word, or an empty column, that is new.

    None where the entity has no such keys.
    """
    mapper = inspect(entity)
    key, table = mapper.primary_key[0], SPOKEN.get(entity.__tablename__, entity.__tablename__)
    keys: dict[str, Any] = {}
    if len(names) == 1:
        keys[f"{table.replace('_', '')}_id"] = key
    else:
        # What hangs on something else is spoken of by its last word: the log of a partner.
        keys |= {column.name: column for column in mapper.columns if column.foreign_keys}
        keys[f"{table.split('_')[-1]}_id"] = key
    if len(mapper.primary_key) > 1 or not names <= keys.keys():
        return None
    columns = [column for column in mapper.columns if isinstance(column.type, Enum) or column.nullable]
    different: list[dict[str, int]] = []
    known: set[tuple[str, object]] = set()
    for row in session.execute(select(*mapper.columns).order_by(key)).mappings():
        traits = {
            (column.name, row[column] if isinstance(column.type, Enum) else row[column] is None)
            for column in columns
        }
        found = {name: row[keys[name]] for name in names}
        if not traits <= known and None not in found.values():
            known |= traits
            different.append(found)
    return different
