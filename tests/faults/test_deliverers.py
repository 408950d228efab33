"""Deliverers that are killed or stopped at any moment lose no mail, and send hardly one twice (T1, T2)."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Event

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.vocabulary import OutboxState
from tests.faults.deliverers import Deliverers
from tests.mail.posting import found, letter, people, post
from tests.post_office import PostOffice

#: Seconds; a lease is then 1.25 × (connect + 2 × command + data).
HURRY = {
    "mail_connect_seconds": 0.8,
    "mail_command_seconds": 0.4,
    "mail_data_seconds": 0.4,
    "mail_unknown_seconds": 0.2,
}
LEASE = 2.5

#: Within how many seconds all mails must have come to rest.
PATIENCE = 40

AT_REST = {OutboxState.SENT, OutboxState.PARKED}


@dataclass(frozen=True)
class Count:
    sent: int
    lost: int
    extra: int
    #: copies that differ from what was put into the outbox
    other: int

    def __str__(self) -> str:
        return f"{self.sent} mails, {self.lost} lost, {self.extra} extra copies, {self.other} not the same"


def _wait_until(holds: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    pause, deadline = Event(), clock.monotonic() + seconds
    while not holds():
        if clock.monotonic() > deadline:
            return False
        pause.wait(0.01)
    return True


def _has(office: PostOffice, mails: int) -> bool:
    return len(office.mails) >= mails


def _all_at_rest(session: Session) -> bool:
    return all(mail.state in AT_REST for mail in found(session).values())


def _count(session: Session, office: PostOffice, expected: dict[str, bytes]) -> Count:
    copies = Counter(mail.to for mail in office.mails)
    mails = found(session)
    return Count(
        sent=len(copies),
        lost=sum(not copies[to] and mails[to].state != OutboxState.PARKED for to in expected),
        extra=sum(number - 1 for number in copies.values()),
        other=sum(mail.content != expected[mail.to] for mail in office.mails),
    )


@pytest.mark.both_engines
def test_t1_deliverers_that_are_killed_at_any_moment_lose_no_mail(
    app: Flask, session: Session, request: pytest.FixtureRequest, figure: Callable[[str], None]
) -> None:
    sqlite = app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
    number, kills = (300, 30) if sqlite else (100, 10)
    chance = random.Random(request.node.name)
    expected = {to: letter(each) for each, to in enumerate(people(number))}
    post(session, list(expected))
    pause = Event()
    with PostOffice.open() as office, Deliverers.at(app, office.url, 2, **HURRY) as crew:
        for kill in range(kills):
            # Some mails further on, and then at any moment of the next one.
            wanted = (kill + 1) * number // (kills + 2)
            assert _wait_until(partial(_has, office, wanted))
            pause.wait(chance.uniform(0, 0.02))
            crew.kill(chance.randrange(2))
        assert _wait_until(lambda: _all_at_rest(session))
    count = _count(session, office, expected)
    figure(f"T1: {kills} killed, {count}")
    assert (count.lost, count.other) == (0, 0)
    assert count.extra <= kills
    assert {mail.message["Message-ID"] for mail in office.mails} == {
        f"<{each}@localhost.example>" for each in range(number)
    }


def test_t2_deliverers_that_stand_still_for_longer_than_their_claim_settle_nothing_late(
    app: Flask, session: Session, request: pytest.FixtureRequest, figure: Callable[[str], None]
) -> None:
    chance = random.Random(request.node.name)
    expected = {to: letter(each) for each, to in enumerate(people(60))}
    recipients = list(expected)
    pause, stops = Event(), 0
    with PostOffice.open() as office, Deliverers.at(app, office.url, 3, **HURRY) as crew:
        for third in range(3):
            before = len(office.mails)
            post(session, recipients[third * 20 :][:20], first=third * 20)
            assert _wait_until(partial(_has, office, before + 1))
            stopped = chance.sample(range(3), 2)
            for each in stopped:
                crew.stop(each)
            stops += len(stopped)
            pause.wait(LEASE + 0.3)
            for each in stopped:
                crew.go_on(each)
        assert _wait_until(lambda: _all_at_rest(session))
    count = _count(session, office, expected)
    figure(f"T2: {stops} stopped, {count}")
    assert (count.lost, count.other) == (0, 0)
    assert count.extra <= stops
