"""Links that act in their reader's name are shown to nobody else, and not kept for long."""

from datetime import timedelta
from hashlib import sha256

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from pentahelix import clock as system
from pentahelix.mail import masking
from pentahelix.mail.compose import Attachment, compose
from pentahelix.mail.recipients import Recipient
from pentahelix.vocabulary import MailKind, OutboxState
from tests import factories as make
from tests.cast import Cast
from tests.conftest import Clock
from tests.faults.odd_server import OddServer
from tests.letters import Story
from tests.mail.posting import deliver
from tests.outbox import opened, posted

pytestmark = pytest.mark.both_engines

TOKEN = "Ab3-_" * 8 + "Xyz"


@pytest.mark.parametrize(
    "address",
    [
        f"https://pentahelix.example/u/{TOKEN}",
        f"http://127.0.0.1:8000/u/{TOKEN}?answer=declined",
        f"https://pentahelix.example/unsubscribe/{TOKEN}",
        f"https://pentahelix.example/password/new/{TOKEN}",
        f"https://pentahelix.example/portal/enter/{TOKEN}#top",
        f"https://pentahelix.example/u/{TOKEN}/calendar.ics",
    ],
)
def test_every_link_with_a_token_is_masked(address: str) -> None:
    assert masking.PERSONAL_LINK.sub(masking.MASK, f'<a href="{address}">Ya</a> {address}.') == (
        '<a href="[tautan pribadi]">Ya</a> [tautan pribadi]'
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://pentahelix.example/guidance/12",
        "https://www.google.com/maps/search/?api=1&query=SMKN%201",
        f"https://pentahelix.example/u/{TOKEN}longer",
        "https://rapat.example/j/" + "x" * 42,
    ],
)
def test_other_links_stay(address: str) -> None:
    assert masking.PERSONAL_LINK.sub(masking.MASK, address) == address


def test_a_letter_is_shown_whole_but_for_its_links(session: Session, cast: Cast) -> None:
    Story(cast)
    (mail,) = posted(session, MailKind.INVITATION)
    shown, whole = masking.shown(mail), masking.shown(mail, reveal=True)
    assert shown is not None
    assert whole is not None
    assert "/u/" in whole.plain
    assert "/u/" in whole.html
    assert whole.source.encode() == mail.content
    for text in (shown.plain, shown.html, shown.source):
        assert "/u/" not in text
    assert shown.plain.count(masking.MASK) == whole.plain.count("/u/")
    # Its acts are still told, and lead nowhere.
    assert "Ya, saya hadir" in shown.html
    assert masking.MASK in shown.html
    assert f'href="{masking.MASK}"' not in shown.html
    assert shown.subject == whole.subject == mail.subject
    assert shown.calendar == whole.calendar
    assert "BEGIN:VEVENT" in (shown.calendar or "")
    assert [(part.name, part.media_type) for part in shown.attachments] == [("invite.ics", "application/ics")]


def test_what_a_mail_says_in_its_headers_is_masked_too_and_papers_stay(session: Session, cast: Cast) -> None:
    stop = f"http://localhost/unsubscribe/{TOKEN}"
    paper = Attachment("notula rapat.pdf", b"%PDF-1.7\x00\xff", "application/pdf")
    about = {
        "meeting": make.meeting(cast.lebak),
        "cluster": cast.lebak,
        "zone": cast.lebak.timezone,
        "by": cast.lilis,
    }
    to = Recipient("hendrik@mitra.example", "Hendrik")
    content = compose(MailKind.MINUTES, to, about, attachments=[paper], unsubscribe=stop).content
    copy = masking.masked(content)
    assert TOKEN.encode() in content
    assert TOKEN.encode() not in copy
    assert masking.masked(copy) == copy
    shown = masking.shown(make.mail(content=copy))
    assert shown is not None
    assert shown.attachments == (paper,)
    assert opened(make.mail(content=copy))["List-Unsubscribe"] == f"<{masking.MASK}>"


def test_a_mail_that_lets_somebody_in_is_shown_in_the_demo_alone(session: Session) -> None:
    mail = make.mail(kind=MailKind.SIGN_IN, is_secret=True)
    assert masking.shown(mail) is None
    assert masking.shown(mail, reveal=True) is not None


def test_a_mail_whose_bytes_are_gone_is_not_shown(session: Session) -> None:
    assert masking.shown(make.mail(content=None), reveal=True) is None


# ---------------------------------------------------------------------------- what is kept


def _tidy(app: Flask) -> None:
    with app.app_context():
        masking.tidy()


def test_48_hours_after_it_was_sent_a_copy_without_links_stays_and_the_digest_of_the_original(
    app: Flask, session: Session, cast: Cast, clock: Clock
) -> None:
    Story(cast)
    (mail,) = posted(session, MailKind.INVITATION)
    whole = mail.content or b""
    session.commit()
    with OddServer.open() as server:
        deliver(app, server.url)
    clock.set(system.now() + timedelta(hours=47, minutes=59))
    _tidy(app)
    (mail,) = posted(session, MailKind.INVITATION)
    assert mail.content == whole
    session.rollback()
    clock.set(system.now() + timedelta(minutes=1))
    for _ in range(2):
        _tidy(app)
        (mail,) = posted(session, MailKind.INVITATION)
        assert mail.content == masking.masked(whole)
        assert mail.content != whole
        assert mail.content_sha256 == sha256(whole).hexdigest()
        assert mail.state == OutboxState.SENT
        session.rollback()


def test_tidying_much_takes_as_many_rounds_as_it_needs_and_then_asks_two_questions(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, statements
) -> None:
    monkeypatch.setattr(masking, "BATCH", 2)
    link = f"Subject: x\r\n\r\nhttps://pentahelix.example/u/{TOKEN}\r\n".encode()
    for _ in range(5):
        make.mail(state=OutboxState.SENT, content=link)
    session.commit()
    _tidy(app)
    assert all(TOKEN.encode() not in (mail.content or b"") for mail in posted(session))
    session.rollback()
    with statements() as ran:
        _tidy(app)
    assert len(ran) == 2


@pytest.mark.parametrize(
    "state", [OutboxState.SENT, OutboxState.REFUSED, OutboxState.PARKED, OutboxState.OBSOLETE]
)
def test_of_a_mail_that_lets_somebody_in_nothing_stays_once_it_is_at_rest(
    app: Flask, session: Session, state: OutboxState
) -> None:
    make.mail(is_secret=True, state=state)
    make.mail(state=OutboxState.PARKED)
    session.commit()
    _tidy(app)
    secret, other = posted(session)
    assert secret.content is None
    assert other.content == make.LETTER


def test_an_expired_link_is_dropped_with_its_mail_and_the_demo_keeps_its_own(
    app: Flask, session: Session, clock: Clock
) -> None:
    until = system.now() + timedelta(minutes=10)
    waiting = make.mail(is_secret=True, valid_until=until)
    kept = make.mail(is_secret=True, valid_until=until, state=OutboxState.KEPT)
    session.commit()
    _tidy(app)
    assert [bool(mail.content) for mail in posted(session)] == [True, True]
    session.rollback()
    clock.set(until)
    _tidy(app)
    contents = {mail.id: mail.content for mail in posted(session)}
    assert contents[waiting.id] is None
    assert contents[kept.id] is not None
