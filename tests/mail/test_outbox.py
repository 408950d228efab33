"""The outbox: a mail once under its key, in the transaction of what it tells."""

from datetime import timedelta
from threading import Barrier, Thread
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from pentahelix import clock as system
from pentahelix.mail import outbox
from pentahelix.mail.recipients import Recipient
from pentahelix.refusals import WrongState
from pentahelix.unit_of_work import unit_of_work
from pentahelix.vocabulary import MailKind, OutboxState
from tests import factories as make
from tests.cast import Cast
from tests.conftest import Clock
from tests.faults.odd_server import OddServer
from tests.letters import Story
from tests.mail.posting import deliver, found
from tests.outbox import opened, posted

pytestmark = pytest.mark.both_engines

TO = Recipient("hendrik@mitra.example", "Hendrik Gunawan")


def _post(cast: Cast, key: str = "minutes:1", **values: object) -> int | None:
    about = {
        "meeting": make.meeting(cast.lebak),
        "cluster": cast.lebak,
        "zone": cast.lebak.timezone,
        "by": cast.lilis,
    }
    return outbox.post(MailKind.MINUTES, TO, key, about, **values)  # type: ignore[arg-type]


def test_a_mail_exists_once_under_its_key(session: Session, cast: Cast) -> None:
    first = _post(cast)
    assert first is not None
    assert _post(cast) is None
    assert [mail.id for mail in posted(session)] == [first]


def test_of_two_who_write_one_key_at_the_same_moment_one_does(app: Flask, session: Session) -> None:
    # No entities: the writers may not read by this session.
    meeting = SimpleNamespace(title="Rapat", starts_at=system.now(), place=None, decisions=None)
    named = SimpleNamespace(name="Kuliner Lebak")
    about = {"meeting": meeting, "cluster": named, "by": named, "zone": "Asia/Jakarta"}
    session.rollback()
    ready, ids = Barrier(2), []

    def write() -> None:
        ready.wait()
        with app.app_context(), unit_of_work("scheduler:test"):
            ids.append(outbox.post(MailKind.MINUTES, TO, "minutes:1", about))

    writers = [Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len([number for number in ids if number is not None]) == 1
    assert len(posted(session)) == 1


def test_a_mail_lives_and_dies_with_what_it_tells(session: Session, cast: Cast) -> None:
    session.commit()
    _post(cast)
    session.rollback()
    assert posted(session) == []


def test_what_happened_before_is_entered_without_mails(session: Session, cast: Cast) -> None:
    with outbox.quiet():
        assert _post(cast) is None
    assert posted(session) == []
    assert _post(cast) is not None


def test_a_mail_may_go_from_now_on_until_it_is_no_longer_true(session: Session, cast: Cast) -> None:
    until = system.now() + timedelta(hours=1)
    _post(cast, valid_until=until)
    (mail,) = posted(session)
    assert (mail.state, mail.made_at) == (OutboxState.QUEUED, system.now())
    assert (mail.next_at, mail.valid_until) == (system.now(), until)


def test_only_what_still_waits_is_withdrawn(session: Session, cast: Cast) -> None:
    meeting = make.meeting(cast.lebak)
    about = {"kind": MailKind.MINUTES, "object_noun": "meeting", "object_id": meeting.id}
    mails = {state: make.mail(state=state, **about) for state in OutboxState}
    other = make.mail(kind=MailKind.DIGEST, object_noun="meeting", object_id=meeting.id)
    outbox.withdraw([MailKind.MINUTES], meeting)
    session.expire_all()
    changed = {state for state, mail in mails.items() if mail.state != state}
    assert changed == {OutboxState.QUEUED, OutboxState.UNKNOWN}
    assert other.state == OutboxState.QUEUED


@pytest.mark.parametrize(
    "state", [state for state in OutboxState if state not in (OutboxState.PARKED, OutboxState.REFUSED)]
)
def test_what_arrived_or_still_waits_is_not_sent_again(session: Session, state: OutboxState) -> None:
    mail = make.mail(state=state)
    with pytest.raises(WrongState):
        outbox.resend(mail)
    assert mail.state == state


def test_a_mail_whose_bytes_are_gone_is_not_sent_again(session: Session) -> None:
    mail = make.mail(state=OutboxState.PARKED, is_secret=True, content=None)
    with pytest.raises(WrongState):
        outbox.resend(mail)


def test_c50_a_topic_of_300_characters_is_sent_and_sent_again(
    app: Flask, session: Session, cast: Cast, clock: Clock
) -> None:
    story = Story(cast)
    story.guidance.topic = ("Desain kemasan, label, dan perizinan – " * 8)[:300].strip()
    story.move()
    (mail,) = posted(session, MailKind.TIME_CHANGED)
    assert "\n" not in mail.subject
    assert story.guidance.topic in mail.subject
    session.commit()
    with OddServer.open({"RCPT": "550 5.1.1 No such user"}) as server:
        deliver(app, server.url)
        (mail,) = posted(session, MailKind.TIME_CHANGED)
        assert mail.state == OutboxState.REFUSED
        outbox.resend(mail)
        session.commit()
        server.acts["RCPT"] = "250 Fine"
        deliver(app, server.url)
    assert found(session)[story.hendrik.email or ""].state in (OutboxState.SENT, OutboxState.OBSOLETE)
    (mail,) = posted(session, MailKind.TIME_CHANGED)
    assert mail.state == OutboxState.SENT
    assert server.mails[-1][1] == mail.content
    assert str(opened(mail)["Subject"]) == mail.subject
