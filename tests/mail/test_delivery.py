"""Out of the outbox: each mail once, to whom it is for, whatever becomes of the others."""

from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from pentahelix import clock as system, scheduler
from pentahelix.config import Settings
from pentahelix.database import WRITE
from pentahelix.extensions import db
from pentahelix.mail import delivery, outbox, transport
from pentahelix.mail.transport import Outcome, Verdict
from pentahelix.vocabulary import MailFault, MailKind, OutboxState
from tests import factories as make
from tests.cast import Cast
from tests.conftest import Clock
from tests.faults.odd_server import Odd, OddServer
from tests.mail.posting import deliver, found, hurried, letter, people, post
from tests.post_office import PostOffice

pytestmark = pytest.mark.both_engines

ACCEPTED = Outcome(Verdict.ACCEPTED)


def _states(session: Session) -> list[OutboxState]:
    return [mail.state for mail in found(session).values()]


# ---------------------------------------------------------------------------- what goes out


def test_what_is_due_is_sent_once_byte_for_byte_and_in_order(app: Flask, session: Session) -> None:
    post(session, people(3))
    with PostOffice.open() as office:
        assert deliver(app, office.url) == 3
        assert deliver(app, office.url) == 0
    assert [(mail.to, mail.content) for mail in office.mails] == [
        (recipient, letter(number)) for number, recipient in enumerate(people(3))
    ]
    for mail in found(session).values():
        assert (mail.state, mail.attempt, mail.sent_at) == (OutboxState.SENT, 1, system.now())
        assert (mail.owner, mail.lease_until, mail.fault, mail.error) == (None, None, None, None)


def test_a_mail_costs_one_commit(app: Flask, session: Session) -> None:
    post(session, people(5))
    commits = []

    def count(connection: Connection) -> None:
        if connection.get_execution_options().get(WRITE):
            commits.append(connection)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "commit", count)
    try:
        with PostOffice.open() as office:
            assert deliver(app, office.url) == 5
    finally:
        event.remove(engine, "commit", count)
    # The first one is that of the first claim.
    assert len(commits) == 1 + 5


def test_without_a_mail_server_mails_are_kept_and_not_sent(app: Flask, session: Session) -> None:
    post(session, people(2), is_secret=True)
    assert deliver(app, "") == 2
    assert _states(session) == [OutboxState.KEPT] * 2
    assert all(mail.content for mail in found(session).values())


def test_a_secret_mail_leaves_no_bytes_once_it_is_sent(app: Flask, session: Session) -> None:
    post(session, people(1), is_secret=True)
    with PostOffice.open() as office:
        deliver(app, office.url)
    assert len(office.mails) == 1
    (mail,) = found(session).values()
    assert (mail.state, mail.content) == (OutboxState.SENT, None)
    assert len(mail.content_sha256) == 64


# ---------------------------------------------------------------------------- when


def test_c56_a_mail_for_tomorrow_waits_alone_and_costs_an_idle_tick_one_question(
    app: Flask, session: Session, clock: Clock, statements
) -> None:
    tomorrow = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
    post(session, ["besok@mitra.example"], next_at=tomorrow)
    post(session, ["kini@mitra.example"])
    with PostOffice.open() as office:
        assert deliver(app, office.url) == 1
        with statements() as ran:
            assert deliver(app, office.url) == 0
        assert len(ran) == 1
        clock.set("2026-11-25T06:00+07:00")
        assert deliver(app, office.url) == 1
        assert deliver(app, office.url) == 0
    assert [mail.to for mail in office.mails] == ["kini@mitra.example", "besok@mitra.example"]


def test_c57_any_number_of_deliverers_send_each_mail_once(app: Flask, session: Session) -> None:
    post(session, people(40))
    with PostOffice.open() as office:
        deliverers = [Thread(target=deliver, args=(app, office.url, f"d{number}")) for number in range(6)]
        for deliverer in deliverers:
            deliverer.start()
        for deliverer in deliverers:
            deliverer.join()
    assert sorted(mail.to for mail in office.mails) == sorted(people(40))
    assert set(_states(session)) == {OutboxState.SENT}


def test_every_scheduler_has_deliverers_of_its_own_and_none_begins_a_mail_once_it_is_told_to_end(
    app: Flask, session: Session
) -> None:
    post(session, people(1))
    with OddServer.open() as server:
        settings = hurried(server.url, mail_deliverers=3)
        ours, theirs = (
            [job for job in scheduler.jobs(settings) if job.name.startswith("deliver-")] for _ in range(2)
        )
        assert [job.name for job in ours] == ["deliver-1", "deliver-2", "deliver-3"]
        owners = {job.run.args[1] for job in [*ours, *theirs]}  # type: ignore[attr-defined]
        assert len(owners) == 6
        scheduler.STOP.set()
        try:
            with app.app_context():
                ours[0].run()
            assert server.mails == []
        finally:
            scheduler.STOP.clear()
        with app.app_context():
            ours[0].run()
        assert len(server.mails) == 1


# ---------------------------------------------------------------------------- what becomes of it


def test_c52_one_refused_address_and_one_busy_mailbox_hold_up_nobody(
    app: Flask, session: Session, clock: Clock
) -> None:
    people_ = people(5)
    answers = {people_[2]: "550 5.1.1 No such user", people_[3]: "451 4.3.0 Later"}
    post(session, people_)

    def answer(said: str) -> str:
        return next((reply for address, reply in answers.items() if address in said), "250 Fine")

    with OddServer.open({"RCPT": answer}) as server:
        assert deliver(app, server.url) == 5
        mails = found(session)
        assert [mails[each].state.value for each in people_] == ["sent", "sent", "refused", "queued", "sent"]
        assert (mails[people_[2]].fault, mails[people_[2]].error) == ("address", "550 5.1.1 No such user")
        assert (mails[people_[3]].fault, mails[people_[3]].error) == ("not_now", "451 4.3.0 Later")
        assert timedelta(seconds=48) <= mails[people_[3]].next_at - system.now() <= timedelta(seconds=72)
        answers.clear()
        clock.set("2026-11-24T07:02+07:00")
        assert deliver(app, server.url) == 1
    assert sorted(recipient for recipient, _ in server.mails) == sorted(
        [people_[0], people_[1], people_[3], people_[4]]
    )


def test_c53_a_server_that_blocks_us_marks_no_address_and_the_queue_is_kept(
    app: Flask, session: Session, clock: Clock
) -> None:
    post(session, people(3))
    with OddServer.open({"RCPT": "550 5.7.1 blocked by RBL"}) as server:
        assert deliver(app, server.url) == 3
        for mail in found(session).values():
            assert (mail.state, mail.fault) == (OutboxState.QUEUED, MailFault.SERVER_REFUSES)
        server.acts["RCPT"] = "250 Fine"
        clock.set("2026-11-24T07:02+07:00")
        assert deliver(app, server.url) == 3
    assert set(_states(session)) == {OutboxState.SENT}
    assert {mail.fault for mail in found(session).values()} == {None}


def test_tries_go_on_ever_more_rarely_for_48_hours_and_then_a_person_is_asked(
    app: Flask, session: Session, clock: Clock
) -> None:
    post(session, people(1))
    waits = []
    with OddServer.open({"MAIL": "451 4.7.1 Greylisted"}) as server:
        while (mail := found(session)[people(1)[0]]).state == OutboxState.QUEUED:
            clock.set(mail.next_at)
            assert deliver(app, server.url) == 1
            waits.append((found(session)[people(1)[0]].next_at - system.now()) / timedelta(minutes=1))
    assert mail.state == OutboxState.PARKED
    assert (mail.fault, mail.error) == (MailFault.GAVE_UP, "451 4.7.1 Greylisted")
    nominal = [1, 5, 15, 60] + [240] * 11
    assert [round(wait / target, 1) for wait, target in zip(waits, nominal, strict=False)] == [
        pytest.approx(1, abs=0.21)
    ] * len(nominal)
    assert sum(nominal) < 48 * 60 < sum(nominal) + 240


def test_a_mail_that_may_have_arrived_waits_and_is_sent_twice_more_and_then_a_person_is_asked(
    app: Flask, session: Session, clock: Clock
) -> None:
    post(session, people(1))
    with OddServer.open({".": Odd.RESET}) as server:
        for unknowns in (1, 2, 3):
            assert deliver(app, server.url) == 1
            (mail,) = found(session).values()
            assert mail.unknowns == unknowns
            assert mail.fault == MailFault.UNKNOWN
            if unknowns < 3:
                assert mail.state == OutboxState.UNKNOWN
                assert mail.next_at == system.now() + timedelta(minutes=15)
                assert deliver(app, server.url) == 0
                clock.set(mail.next_at)
    assert mail.state == OutboxState.PARKED
    assert server.mails == [(people(1)[0], letter(0))] * 3


def test_a_mail_that_ends_its_deliverer_comes_to_rest(app: Flask, session: Session, clock: Clock) -> None:
    post(session, people(2), content=letter(0))
    settings = hurried("smtp://127.0.0.1:1")
    for _ in range(3):
        with app.app_context():
            # Claimed by somebody who never comes back.
            assert delivery.claim_next(settings, "doomed")
        clock.set(system.now() + delivery.lease(settings) + timedelta(minutes=16))
        with app.app_context():
            delivery.claim_next(settings, "doomed")
        clock.set(system.now() + delivery.lease(settings) + timedelta(minutes=16))
    with app.app_context():
        assert delivery.claim_next(settings, "doomed") is None
    assert _states(session) == [OutboxState.PARKED] * 2
    assert {mail.fault for mail in found(session).values()} == {MailFault.UNKNOWN}


def test_a_mail_that_cannot_even_be_tried_does_not_hold_up_the_next(app: Flask, session: Session) -> None:
    post(session, ["dua@@salah", "ñandú@ sini.example", *people(1)])
    with OddServer.open() as server:
        assert deliver(app, server.url) == 3
    assert found(session)[people(1)[0]].state == OutboxState.SENT
    assert found(session)["ñandú@ sini.example"].state == OutboxState.UNKNOWN


def test_a_mail_that_is_not_understood_comes_to_rest_and_the_next_is_sent(
    app: Flask, session: Session
) -> None:
    post(session, ["asing@mitra.example"], kind="telegram")
    post(session, people(1))
    with OddServer.open() as server:
        assert deliver(app, server.url) == 1
    assert found(session)["asing@mitra.example"].state == OutboxState.PARKED
    assert found(session)[people(1)[0]].state == OutboxState.SENT


def test_where_no_server_is_reached_one_mail_is_tried_a_round(app: Flask, session: Session) -> None:
    post(session, people(3))
    assert deliver(app, "smtp://127.0.0.1:1") == 1
    states = found(session)
    assert [states[each].attempt for each in people(3)] == [1, 0, 0]
    assert {mail.state for mail in states.values()} == {OutboxState.QUEUED}
    assert states[people(3)[0]].fault == MailFault.NOT_NOW


# ---------------------------------------------------------------------------- claims


def test_a_claim_that_ran_out_settles_nothing_any_more(app: Flask, session: Session, clock: Clock) -> None:
    post(session, people(1))
    settings = hurried("smtp://127.0.0.1:1", mail_unknown_seconds=1)
    with app.app_context():
        late = delivery.claim_next(settings, "late")
        assert late is not None
        clock.set(system.now() + delivery.lease(settings))
        # The lease is over: the mail may have arrived, and waits for that.
        assert delivery.claim_next(settings, "other") is None
        delivery.settle(late, {"state": OutboxState.REFUSED})
        assert _states(session) == [OutboxState.UNKNOWN]
        clock.set(system.now() + timedelta(seconds=1))
        other = delivery.claim_next(settings, "other")
        assert other is not None
        assert (other.attempt, late.attempt) == (2, 1)
        delivery.settle(late, {"state": OutboxState.REFUSED})
        (mail,) = found(session).values()
        assert (mail.state, mail.owner) == (OutboxState.SENDING, "other")
        delivery.settle(other, delivery.consequence(ACCEPTED, other, settings))
    assert _states(session) == [OutboxState.SENT]


def test_a_claim_outlives_the_slowest_server() -> None:
    settings = Settings.for_tests()
    assert delivery.lease(settings).total_seconds() > transport.longest(settings) >= 10 + 60 + 600


def test_no_transaction_is_open_while_the_server_talks(app: Flask, session: Session) -> None:
    post(session, people(1))
    with OddServer.open({"DATA": Odd.SILENT}) as server:
        deliverer = Thread(target=deliver, args=(app, server.url), kwargs={"mail_command_seconds": 5})
        deliverer.start()
        assert server.waiting.wait(5)
        # On SQLite this would wait for its turn, and fail, if the deliverer were within a transaction.
        post(session, ["lain@mitra.example"])
        assert deliverer.is_alive()
    deliverer.join()


def test_a_deliverer_ends_its_round_when_the_outcome_cannot_be_kept(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(session, people(3))

    def full(*_: object) -> None:
        raise OperationalError("UPDATE outbox_message", {}, Exception("database or disk is full"))

    with OddServer.open() as server:
        with monkeypatch.context() as patched:
            patched.setattr(delivery, "_write", full)
            assert deliver(app, server.url) == 1
        assert len(server.mails) == 1
        assert deliver(app, server.url) == 2
    assert len(server.mails) == 3


def test_what_is_wrong_with_the_next_mail_does_not_undo_what_became_of_this_one(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(session, people(2))
    claim, claims = delivery._claim, []

    def once(*given: Any) -> delivery.Claim | None:
        claims.append(given)
        if len(claims) == 2:
            raise OperationalError("UPDATE outbox_message", {}, Exception("canceled"))
        return claim(*given)

    monkeypatch.setattr(delivery, "_claim", once)
    with OddServer.open() as server:
        assert deliver(app, server.url) == 1
        mails = found(session)
        assert [mails[each].state.value for each in people(2)] == ["sent", "queued"]
        assert deliver(app, server.url) == 1
    assert [recipient for recipient, _ in server.mails] == people(2)


def test_a_mail_is_settled_before_leave_is_taken(app: Flask, session: Session) -> None:
    post(session, people(1))
    seen = []

    def look(_said: str) -> str:
        with app.app_context(), db.engine.connect() as connection:
            seen.append(connection.scalar(text("SELECT state FROM outbox_message")))
        return "221 Bye"

    with OddServer.open({"QUIT": look}) as server:
        deliver(app, server.url)
    assert seen == [OutboxState.SENT]


# ---------------------------------------------------------------------------- what no longer holds


def test_what_no_longer_holds_is_laid_aside_and_the_rest_is_sent(
    app: Flask, session: Session, cast: Cast, clock: Clock
) -> None:
    past = system.now() + timedelta(minutes=1)
    post(session, ["lewat@mitra.example"], valid_until=past)
    post(session, [cast.ujang.email or ""], recipient_user_id=cast.ujang.id, kind=MailKind.DIGEST)
    post(session, people(1))
    cast.ujang.deactivated_at = system.now()
    session.commit()
    clock.set(past)
    with OddServer.open() as server:
        assert deliver(app, server.url) == 1
    assert [recipient for recipient, _ in server.mails] == people(1)
    mails = found(session)
    assert mails["lewat@mitra.example"].state == mails[cast.ujang.email or ""].state == OutboxState.OBSOLETE


# ---------------------------------------------------------------------------- once more, by hand


def test_a_parked_mail_is_sent_again_as_the_same_mail(app: Flask, session: Session) -> None:
    (mail,) = post(session, people(1), state=OutboxState.PARKED, attempt=16, unknowns=3)
    outbox.resend(mail)
    assert (mail.state, mail.attempt, mail.unknowns) == (OutboxState.QUEUED, 0, 0)
    session.commit()
    with OddServer.open() as server:
        assert deliver(app, server.url) == 1
    assert server.mails == [(people(1)[0], letter(0))]
    assert make.mail(key="other").message_id != mail.message_id
