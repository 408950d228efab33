"""T9: a robot that opens every link of every mail, as scanners do, changes nothing and uses nothing up.

It sends HEAD and GET to all links at once, follows what the pages lead to, and comes back after two minutes.
Whoever got the mail then still finds everything as it was.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes, policy
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from pentahelix import clock as system
from pentahelix.config import Settings
from pentahelix.extensions import db
from pentahelix.mail.outbox import SECRET
from pentahelix.models import Contact, OptOut, OutboxMessage, User
from pentahelix.services import doors, opt_outs
from pentahelix.vocabulary import Answer, MailKind, MailTopic
from tests import factories as make
from tests.conftest import new_client
from tests.letters import ACTS, Story


def links_of(content: bytes, address: str = Settings.for_tests().base_url) -> set[str]:
    """Every address in a mail that leads to this installation: headers, text, HTML, calendar."""
    message = message_from_bytes(content, policy=policy.default)
    texts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    texts += [str(value) for value in message.values()]
    base = re.escape(address)
    whole = "\n".join(unescape(text).replace("\r\n ", "") for text in texts)
    return {re.sub(rf"^{base}", "", found) or "/" for found in re.findall(rf"{base}[^\s\"'<>,;)\\]*", whole)}


#: Kinds with a personal link that takes an answer.
ASKING = {
    MailKind.INVITATION,
    MailKind.TIME_CHANGED,
    MailKind.PLACE_CHANGED,
    MailKind.TIME_KEPT,
    MailKind.NUDGE,
    MailKind.NO_ANSWER,
    MailKind.GUIDANCE_REMINDER,
}


#: Where somebody is let in, by the kinds of mail that are for nothing else.
DOORS = ("/password/new/", "/portal/enter/")

HENDRIK = "hendrik@kemasindo.example"
PASSWORD = "gerobak tarum nasi seribu"


def sent(kind: MailKind, story: Story, ask: Callable[[], object]) -> OutboxMessage:
    """The mail of a kind; a link into the portal holds only in the browser in which Hendrik `ask`s for it."""
    if kind == MailKind.SIGN_IN:
        db.session.commit()
        ask()
        doors.answer_requests()
    else:
        ACTS[kind](story)
    # Of now: what the scheduler does, as in asking for a link, leaves the test another session.
    db.session.commit()
    return db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)).one()


class Robot:
    """A scanner: no cookies kept, everything at once, every link of every page too."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.failures: list[str] = []

    def open_all(self, links: set[str]) -> None:
        with ThreadPoolExecutor(8) as pool:
            found = set().union(*pool.map(self._open, sorted(links)))
            list(pool.map(self._open, sorted(found - links)))

    def _open(self, link: str) -> set[str]:
        browser = new_client(self.app)
        for method in ("HEAD", "GET", "GET"):
            page = browser.open(link, method=method)
            # 409: a sign-in link, which opens only in the browser that asked for it.
            if page.status_code >= 400 and page.status_code != 409:
                self.failures.append(f"{method} {link}: {page.status_code}")
        return set(_anchors(link, page.text))


def _anchors(link: str, page: str) -> Iterator[str]:
    for target in re.findall(r'<a[^>]*\shref="([^"]+)"', page):
        whole = urljoin(link, unescape(target))
        parts = urlsplit(whole)
        if not parts.scheme and not parts.netloc:
            yield whole.split("#")[0]


def database_hash() -> str:
    """Of every row of every table but the heartbeats."""
    told = hashlib.sha256()
    with db.engine.connect() as connection:
        for table in db.metadata.sorted_tables:
            for row in sorted(repr(tuple(row)) for row in connection.execute(table.select())):
                told.update(f"{table.name}:{row}".encode())
    return told.hexdigest()


def test_every_kind_of_mail_is_tried_or_known_to_be_made_elsewhere():
    assert set(ACTS) == set(MailKind)


@pytest.mark.parametrize("kind", ACTS)
def test_t9_a_scanner_changes_nothing_and_the_person_can_still_answer(
    kind, app, session, cast, clock, figure
):
    story, person = Story(cast), new_client(app)
    mail = sent(kind, story, lambda: person.fill("/portal/sign-in", email=HENDRIK))
    email, links = mail.recipient, links_of(mail.content)
    before = database_hash()
    robot = Robot(app)
    robot.open_all(links)
    robot.open_all(links)
    clock.set(system.now() + timedelta(minutes=2))
    robot.open_all(links)
    assert robot.failures == []
    assert database_hash() == before
    personal = [link for link in links if link.startswith("/u/")]
    assert bool(personal) == (kind in ASKING)
    for link in personal:
        assert new_client(app).post(link, data={"answer": "attending"}).status_code == 303
        assert story.invitation.answer == Answer.ATTENDING
    opening = [link for link in links if link.startswith(DOORS)]
    assert len(opening) == (kind in SECRET)
    if kind == MailKind.SIGN_IN:
        assert person.fill(*opening, form=opening[0]).location == "/portal"
        assert person.get("/portal").status_code == 200
    elif opening:
        chosen = person.fill(*opening, new_password=PASSWORD, again_password=PASSWORD)
        assert (chosen.status_code, chosen.location) == (303, "/sign-in")
        assert person.fill("/sign-in", email=email, password=PASSWORD).location == "/"
    figure(f"T9, {kind}: {9 * len(links)} openings, 0 answers lost, 0 rows changed, 0 tokens used")


@pytest.mark.parametrize("topic", MailTopic)
def test_t9_a_scanner_stops_no_mail(topic, app, session, cast, clock):
    person: User | Contact = cast.lilis
    if topic == MailTopic.REMINDERS:
        person = session.get_one(Contact, make.affiliation(cast.kemasindo).contact_id)
    link = urlsplit(opt_outs.make_link(person, topic)).path
    session.commit()
    before = database_hash()
    robot = Robot(app)
    robot.open_all({link})
    clock.set(system.now() + timedelta(minutes=2))
    robot.open_all({link})
    assert robot.failures == []
    assert database_hash() == before
    new_client(app).post(link, data={"List-Unsubscribe": "One-Click"})
    assert [row.topic for row in session.scalars(select(OptOut))] == [topic]
