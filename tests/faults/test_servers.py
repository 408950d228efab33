"""Whatever a mail server does, each mail gets the right one of four outcomes (T3)."""

import socket
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.config import Settings
from pentahelix.mail import delivery
from pentahelix.mail.compose import compose
from pentahelix.mail.recipients import Recipient
from pentahelix.models import OutboxMessage
from pentahelix.vocabulary import MailFault, MailKind, OutboxState
from tests import factories as make
from tests.cast import Cast
from tests.faults.odd_server import DOT, GREETING, MIDDLE, Act, Odd, OddServer
from tests.mail.posting import SECONDS, deliver, found, letter, people, post
from tests.network import free_port
from tests.sizes import sized

MAILS = sized(5, 20)

#: Where each mail takes its time, fewer, and by some deliverers at once.
SLOW_MAILS, CROWD = sized((2, 2), (20, 4))

Becomes = tuple[OutboxState, MailFault | None]

SENT = (OutboxState.SENT, None)
REFUSED = (OutboxState.REFUSED, MailFault.ADDRESS)
NOT_NOW = (OutboxState.QUEUED, MailFault.NOT_NOW)
TURNED_AWAY = (OutboxState.QUEUED, MailFault.SERVER_REFUSES)
UNKNOWN = (OutboxState.UNKNOWN, MailFault.UNKNOWN)

#: Steps before a mail: if they fail the server was not reached, and one mail a round is tried.
BEFORE = (GREETING, "EHLO")

CASES: list[tuple[str, Act, Becomes]] = [
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
    *[(step, Odd.DRIPS, NOT_NOW) for step in (GREETING, "EHLO", "MAIL", "RCPT", "DATA")],
    *[(step, Odd.FALTERS, NOT_NOW) for step in ("EHLO", "MAIL", "RCPT")],
    *[(DOT, odd, UNKNOWN) for odd in (Odd.SILENT, Odd.RESET, Odd.DRIPS, Odd.FALTERS)],
    # so short a mail has left us whole, with its dot, when the server breaks off
    (MIDDLE, Odd.RESET, UNKNOWN),
    ("MAIL", "Hello?", NOT_NOW),
    (DOT, "Hello?", UNKNOWN),
    # taken, whatever comes then
    (DOT, Odd.CLOSES, SENT),
    ("QUIT", Odd.RESET, SENT),
    ("QUIT", Odd.SILENT, SENT),
    ("QUIT", Odd.DRIPS, SENT),
    ("QUIT", "500 What?", SENT),
    ("RSET", Odd.RESET, SENT),
    ("RSET", "421 One a connection", SENT),
    ("RCPT", "251 User not local; will forward", SENT),
]


NAMES = {
    SENT: "sent",
    REFUSED: "refused for good",
    NOT_NOW: "not now",
    TURNED_AWAY: "not now, and about us",
    UNKNOWN: "unknown",
}


@pytest.mark.parametrize("becomes", NAMES, ids=list(NAMES.values()))
def test_t3_each_fault_of_a_server_is_told_apart(
    app: Flask, session: Session, figure: Callable[[str], None], becomes: Becomes
) -> None:
    acts = [(step, act) for step, act, outcome in CASES if outcome == becomes]
    tried = 0
    for step, act in acts:
        tried += _is_told(app, session, step, act, becomes)
        session.execute(delete(OutboxMessage))
        session.commit()
    figure(f"T3, {NAMES[becomes]}: {tried} mails, 0 lost, 0 doubled, {len(acts)} faults told so")


def _is_told(app: Flask, session: Session, step: str, act: Act, becomes: Becomes) -> int:
    """A server does this at that step; how many mails were tried."""
    case = f"{step}: {act}"
    is_slow = act in (Odd.SILENT, Odd.DRIPS)
    mails = SLOW_MAILS if is_slow else MAILS
    # Who does not reach the server tries no further mail in its round.
    crowd = CROWD if is_slow and step not in BEFORE else 1
    post(session, people(mails))
    begun = clock.monotonic()
    with OddServer.open({step: act}) as server, ThreadPoolExecutor(crowd) as pool:
        tried = sum(pool.map(lambda each: deliver(app, server.url, f"deliverer-{each}"), range(crowd)))
    assert tried == (1 if step in BEFORE else mails), case
    outcomes = [(mail.state, mail.fault) for mail in found(session).values() if mail.attempt]
    assert outcomes == [becomes] * tried, case
    copies = Counter(to for to, _content in server.mails)
    assert max(copies.values(), default=1) == 1, case
    # A mail is given up on after connecting, two commands and the data; and leave is taken.
    assert clock.monotonic() - begun < mails * 4 * SECONDS + 5, case
    if becomes == SENT:
        expected = [(each, letter(number)) for number, each in enumerate(people(mails))]
        assert sorted(server.mails) == sorted(expected), case
    return tried


@pytest.mark.parametrize("fault", ["refuses", "has no name", "is nowhere"])
def test_t3_a_server_that_is_not_there_is_asked_for_one_mail_a_round_and_loses_none(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, figure: Callable[[str], None], fault: str
) -> None:
    url = f"smtp://127.0.0.1:{free_port()}"
    if fault == "has no name":
        monkeypatch.setattr(socket, "getaddrinfo", _knows_nobody)
        url = "smtp://surat.banten.example:25"
    if fault == "is nowhere":
        monkeypatch.setattr(socket.socket, "connect", _finds_no_way)
    post(session, people(20))
    assert deliver(app, url) == 1
    states = Counter((mail.state, mail.fault) for mail in found(session).values())
    assert states == {NOT_NOW: 1, (OutboxState.QUEUED, None): 19}
    figure(f"T3, not now: 20 mails, 0 lost, 0 doubled, 1 tried, server that {fault}")


def _knows_nobody(*_: object, **__: object) -> None:
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


def _finds_no_way(*_: object) -> None:
    raise OSError("Network is unreachable")


def test_t3_nobody_waits_while_fewer_servers_are_silent_than_deliverers_run(
    app: Flask, session: Session, figure: Callable[[str], None]
) -> None:
    """With the time-outs of the house, under which a silent server is waited for for ten minutes."""
    mails, silent = sized(20, 200), 2
    settings = Settings.for_tests()
    held = people(silent)
    post(session, people(mails + silent))
    arrivals: dict[str, float] = defaultdict(lambda: float("inf"))
    begun = clock.monotonic()

    def taken(recipient: str) -> str | Odd:
        if recipient in held:
            return Odd.SILENT
        arrivals[recipient] = clock.monotonic() - begun
        return "250 Taken"

    def work(url: str, name: str) -> None:
        with app.app_context():
            delivery.deliver_due(Settings.for_tests(mail_url=url), name)

    with OddServer.open({DOT: taken}) as server:
        crew = [Thread(target=work, args=(server.url, f"deliverer-{each}")) for each in range(silent + 1)]
        for each in crew:
            each.start()
        # Whoever is not held goes home when nothing is left, long before the silent ones are given up.
        while sum(each.is_alive() for each in crew) > silent:
            for each in crew:
                each.join(0.05)
            assert clock.monotonic() - begun < settings.mail_data_seconds / 2
        waited = max(arrivals[each] for each in people(mails + silent)[silent:])
    for each in crew:
        each.join()
    figure(f"T3: {mails} mails waited ≤ {waited:.1f} s, {silent} of {silent + 1} deliverers held by silence")
    assert waited <= 60


def test_t3_a_long_mail_that_was_broken_off_in_its_middle_has_not_arrived(
    app: Flask, session: Session
) -> None:
    post(session, people(1), content=b"Subject: x\r\n\r\n" + b"Baris\r\n" * 4_000_000)
    with OddServer.open({MIDDLE: Odd.RESET}) as server:
        deliver(app, server.url, mail_command_seconds=5)
    assert [(mail.state, mail.fault) for mail in found(session).values()] == [NOT_NOW]


def test_t3_a_server_that_takes_mails_and_closes_gets_none_twice(
    app: Flask, session: Session, figure: Callable[[str], None]
) -> None:
    post(session, people(20))
    with OddServer.open({DOT: Odd.CLOSES}) as server:
        assert deliver(app, server.url) == 20
        assert deliver(app, server.url) == 0
    assert len(server.mails) == 20
    figure("T3: 20 mails, 0 lost, 0 doubled, 250 and then closed")


def test_t3_long_lines_and_letters_of_any_kind_travel_as_seven_bits(
    app: Flask, session: Session, cast: Cast, figure: Callable[[str], None]
) -> None:
    expected = {}
    for number, to in enumerate(people(20)):
        long = f"Ruang praktik {number} – Ñandú 日本 😀 " * (30 + number)
        meeting = make.meeting(cast.lebak, title=long[:900], decisions=long)
        about = {"meeting": meeting, "cluster": cast.lebak, "zone": cast.lebak.timezone, "by": cast.lilis}
        content = compose(MailKind.MINUTES, Recipient("hendrik@mitra.example", "Hendrik"), about).content
        assert max(len(line) for line in content.split(b"\r\n")) <= 998
        assert content.isascii()
        post(session, [to], content=content)
        expected[to] = content
    with OddServer.open() as server:
        deliver(app, server.url)
    assert dict(server.mails) == expected
    figure(f"T3: {len(server.mails)} mails, 0 lost, 0 doubled, byte for byte, 8 bits and long lines")
