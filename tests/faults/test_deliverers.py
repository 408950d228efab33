"""Deliverers that are killed or stopped at any moment lose no mail, and send hardly one twice (T1, T2)."""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from queue import Queue
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.models import OutboxMessage
from pentahelix.vocabulary import OutboxState
from tests.engines import engine_of
from tests.faults.deliverers import DOOMS, Deliverers, Order, kill, see_dead
from tests.faults.odd_server import DOT, GREETING, WELL, OddServer
from tests.mail.posting import found, letter, people, post
from tests.post_office import PostOffice
from tests.sizes import LARGE, sized

pytestmark = pytest.mark.both_engines

#: Seconds; a lease is then 1.25 × (connect + 2 × command + data), which is 2.5.
HURRY = {
    "mail_connect_seconds": 0.8,
    "mail_command_seconds": 0.4,
    "mail_data_seconds": 0.4,
    "mail_unknown_seconds": 0.2,
}
LEASE = 2.5

#: Within how many seconds the next mail must have gone, and all must have come to rest.
PATIENCE = 60

#: Whoever comes the next day, and is in no hurry, finds every claim lapsed and every mail due.
NEXT_DAY = Order(
    later=timedelta(days=1),
    settings={
        "mail_connect_seconds": 10,
        "mail_command_seconds": 60,
        "mail_data_seconds": 600,
        "mail_unknown_seconds": 0.01,
    },
)

AT_REST = (OutboxState.SENT, OutboxState.PARKED)

#: The steps of a delivery, each with whether who dies at it has sent the mail and not kept that. The last two
#: leave their mail due, for others to find.
STEPS = {
    "after the claim": False,
    GREETING: False,
    "EHLO": False,
    "MAIL": False,
    "RCPT": False,
    "DATA": False,
    "half a mail": False,
    DOT: True,
    "the 250 received": True,
    "before the commit": True,
    "after the commit": False,
    "before QUIT": False,
    "QUIT": False,
    "in the claim": False,
    "before the claim": False,
}


@dataclass(frozen=True)
class Count:
    sent: int
    #: neither sent nor before a person
    lost: int
    #: may have arrived, did not, and a person is asked
    parked: int
    extra: int
    #: copies that differ from what was put into the outbox, its Message-ID included
    other: int
    #: copies that no lapsed claim explains
    unexplained: int

    def __str__(self) -> str:
        return (
            f"{self.sent} mails, {self.lost} lost, {self.extra} doubled, {self.other} not the same bytes,"
            f" {self.parked} parked unsent"
        )


def _wait_until(holds: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    pause, deadline = Event(), clock.monotonic() + seconds
    while not holds():
        if clock.monotonic() > deadline:
            return False
        pause.wait(0.01)
    return True


def _has(office: PostOffice, mails: int) -> bool:
    return len(office.mails) >= mails


def _number(session: Session, condition: ColumnElement[bool]) -> int:
    """Of the mails of which that holds now; no transaction stays open in which this was read."""
    session.rollback()
    number = session.scalars(select(func.count(OutboxMessage.id)).where(condition)).one()
    session.rollback()
    return number


def _all_come_to_rest(session: Session, crew: Deliverers) -> bool:
    crew.relieve(2, NEXT_DAY)
    return _wait_until(lambda: not _number(session, OutboxMessage.state.not_in(AT_REST)))


def _count(session: Session, mails: Iterable[tuple[str, bytes]], expected: dict[str, bytes]) -> Count:
    arrived = list(mails)
    copies = Counter(to for to, _ in arrived)
    rows = found(session)
    unsent = [rows[to].state for to in expected if not copies[to]]
    return Count(
        sent=len(copies),
        lost=sum(state != OutboxState.PARKED for state in unsent),
        parked=sum(state == OutboxState.PARKED for state in unsent),
        extra=sum(number - 1 for number in copies.values()),
        other=sum(content != expected[to] for to, content in arrived),
        unexplained=sum(max(0, number - 1 - rows[to].unknowns) for to, number in copies.items()),
    )


def _letters(number: int) -> dict[str, bytes]:
    return {to: letter(each) for each, to in enumerate(people(number))}


def test_t1_deliverers_that_are_killed_at_any_moment_lose_no_mail(
    app: Flask, session: Session, request: pytest.FixtureRequest, figure: Callable[[str], None]
) -> None:
    number, kills = sized((300, 30), (2000, 200))
    chance = random.Random(request.node.name)
    expected = _letters(number)
    post(session, list(expected))
    pause, begun = Event(), clock.monotonic()
    with PostOffice.open() as office, Deliverers.at(app, office.url, 2, **HURRY) as crew:
        for each in range(kills):
            # Some mails further on, and then at any moment of the next one.
            wanted = (each + 1) * number // (kills + 20)
            assert _wait_until(partial(_has, office, wanted))
            pause.wait(chance.uniform(0, 0.02))
            crew.kill(chance.randrange(2))
        assert _all_come_to_rest(session, crew)
    count = _count(session, [(mail.to, mail.content) for mail in office.mails], expected)
    seconds = clock.monotonic() - begun
    figure(f"T1, {engine_of(app)}: {count}, {kills} killed, {seconds:.0f} s")
    assert (count.lost, count.other, count.unexplained) == (0, 0, 0)
    assert count.extra <= kills
    if LARGE:
        assert seconds <= 60


def test_t1_a_deliverer_that_is_killed_at_a_certain_step_sends_a_mail_twice_only_between_dot_and_commit(
    app: Flask, session: Session, figure: Callable[[str], None]
) -> None:
    times = sized(3, 50)
    expected = _letters(times * len(STEPS))
    recipients = iter(expected)
    victims: dict[str, list[str]] = {}
    with OddServer.open() as server, Deliverers.at(app, server.url, 0) as crew:
        for step in STEPS:
            victims[step] = [next(recipients) for _ in range(times)]
            for to in victims[step]:
                post(session, [to], content=expected[to])
                _die_at(step, crew, server)
        server.acts = WELL
        assert _all_come_to_rest(session, crew)
    assert set(STEPS) - set(WELL) == set(DOOMS)
    copies = Counter(to for to, _ in server.mails)
    for step, is_sent in STEPS.items():
        assert {copies[to] for to in victims[step]} == {2 if is_sent else 1}, step
    count = _count(session, server.mails, expected)
    figure(f"T1, {engine_of(app)}: {count}, {times} killed at each of {len(STEPS)} steps")
    assert (count.lost, count.parked, count.other, count.unexplained) == (0, 0, 0, 0)


def test_t1_a_mail_that_was_only_claimed_when_its_deliverer_was_killed_goes_out_once_and_later(
    app: Flask, session: Session
) -> None:
    expected = _letters(2)
    first, second = expected
    post(session, list(expected))
    with PostOffice.open() as office, Deliverers.at(app, office.url, 0) as crew:
        # By the commit that keeps what became of the first one, the second is claimed.
        see_dead(crew.hire(Order("after the commit")))
        rows = found(session)
        assert (rows[first].state, rows[second].state) == (OutboxState.SENT, OutboxState.SENDING)
        assert [mail.to for mail in office.mails] == [first]
        assert _all_come_to_rest(session, crew)
    assert [(mail.to, mail.content) for mail in office.mails] == list(expected.items())
    assert found(session)[second].unknowns == 1


def _die_at(step: str, crew: Deliverers, server: OddServer) -> None:
    """A deliverer is begun and dies there; of what a server hears, the server sees to it."""
    born: Queue[int] = Queue()

    def strike(_said: str) -> str:
        kill(born.get())
        return "421 Too late"

    server.acts = {**WELL, step: strike} if step in WELL else WELL
    pid = crew.hire(Order(step))
    born.put(pid)
    see_dead(pid)


def test_t2_deliverers_that_stand_still_for_longer_than_their_claim_settle_nothing_late(
    app: Flask, session: Session, request: pytest.FixtureRequest, figure: Callable[[str], None]
) -> None:
    rounds, mails = sized((2, 40), (15, 60))
    chance = random.Random(request.node.name)
    letters = _letters(4 * rounds * mails)
    recipients, turn = list(letters), 0
    late: list[str] = []
    pause = Event()
    with PostOffice.open() as office, Deliverers.at(app, office.url, 3, **HURRY) as crew:
        # Who stands still in the middle of a commit keeps its claim, and settles nothing late: that round is
        # made up for by another one.
        while turn < rounds or len(late) < rounds:
            assert turn < 4 * rounds, "hardly a claim was ever taken away"
            before = len(office.mails)
            post(session, recipients[turn * mails :][:mails], first=turn * mails)
            assert _wait_until(partial(_has, office, before + 1))
            pause.wait(chance.uniform(0, 0.02))
            stopped = chance.sample(range(3), 2)
            owners = _stopped_at_work(session, crew, stopped)
            pause.wait(LEASE)
            # Where one of them stands in the middle of a commit, nobody can take its claim.
            _wait_until(partial(_hold_nothing, session, owners), 2)
            for each in stopped:
                crew.go_on(each)
            # Whoever held a claim that was taken away tells that what it settled changed no row.
            assert _wait_until(lambda: crew.told("mail_late") == crew.told("mail_lapsed"))
            late, turn = crew.told("mail_late"), turn + 1
        assert _all_come_to_rest(session, crew)
    expected = {to: letters[to] for to in recipients[: turn * mails]}
    count = _count(session, [(mail.to, mail.content) for mail in office.mails], expected)
    figure(f"T2, {engine_of(app)}: {count}, {2 * turn} stopped, {len(late)} late settles changed 0 rows")
    assert (count.lost, count.other, count.unexplained) == (0, 0, 0)
    assert count.extra <= 2 * turn


def _stopped_at_work(session: Session, crew: Deliverers, chosen: list[int]) -> list[str]:
    """They stand still, and one of them at least with a claim in its hands; by which names they claim."""
    pause = Event()
    while True:
        owners = [crew.stop(each) for each in chosen]
        if not _hold_nothing(session, owners):
            return owners
        assert _number(session, OutboxMessage.state == OutboxState.QUEUED), "nobody was met at work"
        for each in chosen:
            crew.go_on(each)
        pause.wait(0.005)


def _hold_nothing(session: Session, owners: list[str]) -> bool:
    return not _number(session, OutboxMessage.owner.in_(owners))
