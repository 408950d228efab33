"""Whatever a mail server does, each mail gets the right one of four outcomes (T3)."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.mail.compose import compose
from pentahelix.mail.recipients import Recipient
from pentahelix.vocabulary import MailFault, MailKind, OutboxState
from tests import factories as make
from tests.cast import Cast
from tests.faults.odd_server import DOT, GREETING, MIDDLE, Act, Odd, OddServer
from tests.mail.posting import SECONDS, deliver, found, letter, people, post

MAILS = 5

SENT = (OutboxState.SENT, None)
REFUSED = (OutboxState.REFUSED, MailFault.ADDRESS)
NOT_NOW = (OutboxState.QUEUED, MailFault.NOT_NOW)
TURNED_AWAY = (OutboxState.QUEUED, MailFault.SERVER_REFUSES)
UNKNOWN = (OutboxState.UNKNOWN, MailFault.UNKNOWN)

#: Steps before a mail: if they fail the server was not reached, and one mail a round is tried.
BEFORE = (GREETING, "EHLO")

CASES: list[tuple[str, Act, tuple[OutboxState, MailFault | None]]] = [
    # not now
    (GREETING, "421 4.3.2 Too busy", NOT_NOW),
    ("EHLO", "421 4.3.2 Too busy", NOT_NOW),
    ("MAIL", "451 4.3.0 Later", NOT_NOW),
    ("RCPT", "450 4.2.1 Mailbox busy", NOT_NOW),
    ("RCPT", "452 4.2.2 Mailbox full", NOT_NOW),
    ("DATA", "451 4.3.0 Later", NOT_NOW),
    (DOT, "451 4.3.0 Later", NOT_NOW),
    (DOT, "421 4.3.2 Shutting down", NOT_NOW),
    # for good, about the address
    ("RCPT", "550 No such user", REFUSED),
    ("RCPT", "550 5.1.1 No such user", REFUSED),
    ("RCPT", "553 5.1.3 Bad address", REFUSED),
    ("RCPT", "552 5.2.2 Mailbox full", REFUSED),
    ("DATA", "550 5.1.1 No such user", REFUSED),
    (DOT, "550 5.1.1 No such user", REFUSED),
    # for good, and about us
    (GREETING, "554 5.7.1 We do not like you", TURNED_AWAY),
    ("EHLO", "550 Access denied", TURNED_AWAY),
    ("MAIL", "550 5.1.0 Sender refused", TURNED_AWAY),
    ("MAIL", "530 5.7.0 Sign in first", TURNED_AWAY),
    ("RCPT", "550 5.7.1 blocked by RBL", TURNED_AWAY),
    ("RCPT", "550 5.1.8 Sender unknown", TURNED_AWAY),
    ("RCPT", "503 Out of order", TURNED_AWAY),
    ("DATA", "554 No valid recipients", TURNED_AWAY),
    (DOT, "550 5.7.1 Message looks like spam", TURNED_AWAY),
    (DOT, "552 5.3.4 Message too big", TURNED_AWAY),
    (DOT, "554 Transaction failed", TURNED_AWAY),
    # silent, broken off, talking for ever: before the final dot it cannot have arrived, after it it may
    *[(step, Odd.SILENT, NOT_NOW) for step in (GREETING, "EHLO", "MAIL", "RCPT", "DATA")],
    *[(step, Odd.RESET, NOT_NOW) for step in (GREETING, "EHLO", "MAIL", "RCPT", "DATA")],
    *[(step, Odd.DRIPS, NOT_NOW) for step in ("MAIL", "RCPT", "DATA")],
    *[(DOT, odd, UNKNOWN) for odd in (Odd.SILENT, Odd.RESET, Odd.DRIPS)],
    # so short a mail has left us whole, with its dot, when the server breaks off
    (MIDDLE, Odd.RESET, UNKNOWN),
    ("MAIL", "Hello?", NOT_NOW),
    (DOT, "Hello?", UNKNOWN),
    # taken, whatever comes then
    (DOT, Odd.CLOSES, SENT),
    ("QUIT", Odd.RESET, SENT),
    ("QUIT", Odd.SILENT, SENT),
    ("QUIT", "500 What?", SENT),
    ("RSET", Odd.RESET, SENT),
    ("RSET", "421 One a connection", SENT),
    ("RCPT", "251 User not local; will forward", SENT),
]


@pytest.mark.parametrize(
    ("step", "act", "becomes"), CASES, ids=[f"{step}-{str(act)[:20]}" for step, act, _ in CASES]
)
def test_t3_each_fault_of_a_server_is_told_apart(
    app: Flask, session: Session, step: str, act: Act, becomes: tuple[OutboxState, MailFault | None]
) -> None:
    mails = 1 if act == Odd.DRIPS else 2 if act == Odd.SILENT else MAILS
    post(session, people(mails))
    begun = clock.monotonic()
    with OddServer.open({step: act}) as server:
        tried = deliver(app, server.url)
    assert tried == (1 if step in BEFORE else mails)
    outcomes = [(mail.state, mail.fault) for mail in found(session).values() if mail.attempt]
    assert outcomes == [becomes] * tried
    # A mail is given up on after connecting, two commands and the data; and leave is taken.
    assert clock.monotonic() - begun < mails * 4 * SECONDS + 5
    if becomes == SENT:
        assert server.mails == [(each, letter(number)) for number, each in enumerate(people(mails))]


def test_t3_a_long_mail_that_was_broken_off_in_its_middle_has_not_arrived(
    app: Flask, session: Session
) -> None:
    post(session, people(1), content=b"Subject: x\r\n\r\n" + b"Baris\r\n" * 4_000_000)
    with OddServer.open({MIDDLE: Odd.RESET}) as server:
        deliver(app, server.url, mail_command_seconds=5)
    assert [(mail.state, mail.fault) for mail in found(session).values()] == [NOT_NOW]


def test_t3_a_server_that_takes_mails_and_closes_gets_none_twice(app: Flask, session: Session) -> None:
    post(session, people(20))
    with OddServer.open({DOT: Odd.CLOSES}) as server:
        assert deliver(app, server.url) == 20
        assert deliver(app, server.url) == 0
    assert len(server.mails) == 20


def test_t3_long_lines_and_letters_of_any_kind_travel_as_seven_bits(
    app: Flask, session: Session, cast: Cast
) -> None:
    long = "Ruang praktik – Ñandú 日本 😀 " * 60
    meeting = make.meeting(cast.lebak, title=long[:900], decisions=long)
    about = {"meeting": meeting, "cluster": cast.lebak, "zone": cast.lebak.timezone, "by": cast.lilis}
    mail = compose(MailKind.MINUTES, Recipient("hendrik@mitra.example", "Hendrik"), about)
    assert max(len(line) for line in mail.content.split(b"\r\n")) <= 998
    assert mail.content.isascii()
    post(session, people(1), content=mail.content)
    with OddServer.open() as server:
        deliver(app, server.url)
    assert server.mails == [(people(1)[0], mail.content)]
