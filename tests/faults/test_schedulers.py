"""T4: several schedulers at once make exactly the mails that an independent model says, none twice.

The world is drawn at random and stands still; the schedulers look at it at random moments of some weeks, by
threads that come and go as they like, and as processes while a morning begins.
"""

import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from pentahelix import clock as system, create_app, models as m, scheduler
from pentahelix.config import Settings
from pentahelix.extensions import db
from pentahelix.mail import outbox
from pentahelix.mail.compose import Composed
from pentahelix.services import reminder_rules, reminders
from pentahelix.vocabulary import (
    Answer,
    LastContactKind,
    MailKind,
    OutboxState,
    ReminderKind,
    ReminderState,
    Role,
)
from tests import factories as make
from tests.engines import engine_of
from tests.faults import model
from tests.post_office import PostOffice
from tests.sizes import sized

pytestmark = pytest.mark.both_engines

#: The rules are made on a Thursday evening; six weekends, Christmas and the turn of the year follow.
BEGUN = datetime(2026, 11, 26, 14, tzinfo=UTC)
WEEKS = 6

#: How often somebody looks meanwhile.
LOOKS = sized(45, 90)

#: Worlds, by what they are drawn with, and how many schedulers look at them.
WORLDS = sized([(1, 2), (2, 5)], [(1, 2), (2, 5), (3, 2), (4, 5), (5, 2), (6, 5)])

DAYS = {
    "guidance": ([3, 1], [2], [5, 3, 1]),
    "no_answer": ([2], [1], [4]),
    "agreement_ends": ([180, 90, 30], [60, 20, 7]),
    "obligation": ([30, 7, -1], [10, -3]),
    "follow_up_late": ([1], [3]),
    "escalation": ([7], [2]),
    "partner_silent": ([90], [60]),
}


@pytest.fixture(autouse=True)
def _quick_letters(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What stands in them is not asked here, and takes most of the time; and threads take turns often."""
    number = iter(range(1, 1_000_000))
    monkeypatch.setattr(
        outbox, "compose", lambda *_a, **_k: Composed("x", f"<{next(number)}@localhost.example>", b"x")
    )
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.parametrize(("seed", "schedulers"), WORLDS)
def test_t4_schedulers_at_once_make_what_the_model_says_and_nothing_twice(
    app: Flask, session: Session, clock, figure: Callable[[str], None], seed: int, schedulers: int
) -> None:
    dice = Random(seed)
    clock.set(BEGUN)
    world = _drawn(session, dice)
    session.commit()
    moments = _moments(dice)
    for moment in moments:
        clock.set(moment)
        _at_once(app, schedulers if dice.random() < 0.7 else 1)
    expected = model.run(world, moments)
    session.expire_all()
    assert _letters(session) == sorted(expected.letters)
    assert _digests(session) == expected.digests
    assert len(expected.letters) > 10
    assert len(expected.digests) > 20
    told = f"{schedulers} schedulers, world {seed}, {len(moments)} looks"
    figure(f"T4, {engine_of(app)}: {_told(expected)}, {told}")


def _told(expected: model.Sent) -> str:
    return f"{len(expected.letters)} letters and {len(expected.digests)} digests, 0 lost, 0 doubled, 0 others"


def _at_once(app: Flask, number: int) -> None:
    start, failures = threading.Barrier(number), []

    def look() -> None:
        start.wait()
        with app.app_context():
            try:
                reminders.tick()
            except Exception as error:
                failures.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=look) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


# ── as processes ────────────────────────────────────────────────────────────────────────────────────────────

_processes = get_context("forkserver")


@pytest.mark.parametrize("schedulers", sized([2], [2, 5]))
def test_t4_processes_that_look_while_a_morning_begins_send_what_the_model_says_and_nothing_twice(
    app: Flask, session: Session, clock, tmp_path: Path, figure: Callable[[str], None], schedulers: int
) -> None:
    clock.set(BEGUN)
    world = _drawn(session, Random(schedulers))
    session.commit()
    morning = datetime.fromisoformat("2026-12-03T06:30+07:00")
    before, log = morning - timedelta(seconds=5), tmp_path / "looks"
    with PostOffice.open() as office:
        given = {
            "database_url": app.config["SQLALCHEMY_DATABASE_URI"],
            "mail_url": office.url,
            "tick_seconds": 1,
            "clock": before,
            "clock_started": system.system_seconds(),
        }
        crew = [_processes.Process(target=_schedule, args=(given, log)) for _ in range(schedulers)]
        for each in crew:
            each.start()
        try:
            assert _soon(lambda: _have_looked(log, schedulers, morning) and _all_are_sent(session))
        finally:
            for each in crew:
                os.kill(each.pid or 0, signal.SIGTERM)
                each.join(60)
    assert [each.exitcode for each in crew] == [0] * schedulers
    expected = model.run(world, [before, morning])
    assert _letters(session) == sorted(expected.letters)
    assert _digests(session) == expected.digests
    assert min(len(expected.letters), len(expected.digests)) > 1
    copies = Counter(mail.message["Message-ID"] for mail in office.mails)
    assert list(copies.values()) == [1] * (len(expected.letters) + len(expected.digests))
    figure(f"T4, {engine_of(app)}: {_told(expected)}, {schedulers} processes `flask scheduler`")


def _schedule(given: dict[str, Any], log: Path) -> None:
    """`flask scheduler`, which writes down when it has looked at what is owed."""
    app = create_app(Settings.for_tests(**given))
    look = reminders.tick

    def tick() -> None:
        begun = system.now()
        look()
        with log.open("a") as file:
            file.write(f"{os.getpid()} {begun.isoformat()}\n")

    reminders.tick = tick
    scheduler.run(app)


def _have_looked(log: Path, number: int, morning: datetime) -> bool:
    """Each of them, twice since then."""
    looks = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
    since = Counter(pid for pid, begun in looks if datetime.fromisoformat(begun) > morning)
    return len(since) == number and min(since.values()) >= 2


def _all_are_sent(session: Session) -> bool:
    session.rollback()
    return set(session.scalars(select(m.OutboxMessage.state))) == {OutboxState.SENT}


def _soon(holds: Callable[[], bool]) -> bool:
    pause, deadline = threading.Event(), system.monotonic() + 120
    while not holds():
        if system.monotonic() > deadline:
            return False
        pause.wait(0.1)
    return True


# ── what is there ───────────────────────────────────────────────────────────────────────────────────────────


def _letters(session: Session) -> list[tuple[str, int, int]]:
    found = []
    rows = session.scalars(select(m.Reminder).where(m.Reminder.object_noun == "invitation"))
    for row in rows:
        if row.state == ReminderState.CARRIED:
            mail = session.get_one(m.OutboxMessage, row.message_id)
            assert mail.object_id == row.object_id
            days = row.key.split(":")[3] if row.kind == ReminderKind.GUIDANCE else None
            found.append((mail.kind, row.object_id, days))
    mails = session.scalars(
        select(m.OutboxMessage).where(
            m.OutboxMessage.kind.in_((MailKind.GUIDANCE_REMINDER, MailKind.NO_ANSWER))
        )
    ).all()
    assert len(mails) == len(found) == len({row.key for row in mails})
    return sorted((kind, number, int(days or _days_of(session, number))) for kind, number, days in found)


def _days_of(session: Session, invitation_id: int) -> int:
    cluster_id = session.scalars(
        select(m.GuidanceSession.cluster_id)
        .join(m.Invitation, m.Invitation.guidance_id == m.GuidanceSession.id)
        .where(m.Invitation.id == invitation_id)
    ).one()
    return reminder_rules.effective(cluster_id)[ReminderKind.NO_ANSWER].days[0]


def _digests(session: Session) -> dict[tuple[int, date], set[str]]:
    found = {}
    for mail in session.scalars(select(m.OutboxMessage).where(m.OutboxMessage.kind == MailKind.DIGEST)):
        _kind, _u, user_id, day = mail.key.split(":")
        rows = session.scalars(select(m.Reminder).where(m.Reminder.message_id == mail.id))
        assert (int(user_id), date.fromisoformat(day)) not in found
        found[int(user_id), date.fromisoformat(day)] = {row.key.replace(":u:", ":") for row in rows}
    return found


# ── the world ───────────────────────────────────────────────────────────────────────────────────────────────


def _moments(dice: Random) -> list[datetime]:
    """Most mornings, at no regular hours; now and then nobody looks for days."""
    moments: list[datetime] = []
    day = BEGUN.date()
    while len(moments) < LOOKS and (day - BEGUN.date()).days < 7 * WEEKS:
        if dice.random() < 0.8:
            for hour in sorted(dice.sample(range(-2, 16), dice.randint(1, 3))):
                instant = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(
                    hours=hour, minutes=dice.choice((0, 0, 29, 30, 59))
                )
                if instant > BEGUN:
                    moments.append(instant)
        day += timedelta(days=1)
    return sorted(set(moments))


def _drawn(session: Session, dice: Random) -> model.World:
    reminder_rules.begin()
    world = model.World({}, [], [], [], [], [], [])
    clusters = [make.cluster(timezone=zone) for zone in ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")]
    for cluster in clusters:
        world.clusters[cluster.id] = _rules(session, dice, cluster)
    users = [make.user(*dice.sample(clusters, dice.randint(1, 2))) for _ in range(4)]
    users += [make.user(role=Role.KABID), make.user(email=None)]
    users[1].timezone = "Asia/Jayapura"
    world.users = [
        model.User(
            user.id,
            [each.cluster_id for each in _memberships(session, user)],
            user.role == Role.KABID,
            user.timezone,
        )
        for user in users
        if user.email
    ]
    partners = [make.partner() for _ in clusters]
    for cluster, partner in zip(clusters, partners, strict=True):
        last = _day(dice, -120, -20)
        involvement = make.involvement(cluster, partner, since=last - timedelta(days=9))
        involvement.last_contact_on, involvement.last_contact_kind = last, LastContactKind.VISIT
        session.flush()
        world.involvements.append(model.Involvement(involvement.id, cluster.id, last))
    for _ in range(5):
        _session(dice, world, dice.choice(clusters), dice.choice(partners))
    for _ in range(5):
        covered = dice.sample(clusters, dice.randint(1, 2))
        signed, ends = _day(dice, -300, -1), _day(dice, 1, 200)
        signed_one = make.agreement(
            *covered, partners=(partners[0],), signed_on=signed, starts_on=signed, ends_on=ends
        )
        binds = [clusters[0].id] if clusters[0] in covered else []
        agreement = model.Agreement(signed_one.id, sorted(each.id for each in covered), binds, signed, ends)
        world.agreements.append(agreement)
        due = _day(dice, -3, 60)
        world.obligations.append((make.obligation(signed_one, due_on=due).id, agreement, due))
    for _ in range(8):
        cluster, owner = dice.choice(clusters), dice.choice(users)
        snoozed = _day(dice, 0, 14) if dice.random() < 0.3 else None
        due = _day(dice, -20, 40)
        follow_up = make.follow_up(cluster, owner, due_on=due, snoozed_until=snoozed)
        world.promises.append(model.Promise(follow_up.id, cluster.id, owner.id, due, snoozed))
    return world


def _rules(session: Session, dice: Random, cluster: m.Cluster) -> model.Cluster:
    rules = dict(model.DEFAULTS)
    for kind, choices in DAYS.items():
        if dice.random() < 0.5:
            days, is_on = dice.choice(choices), dice.random() < 0.8
            reminder_rules.choose(cluster.id, ReminderKind(kind), reminder_rules.Wish(is_on, tuple(days)))
            rules[kind] = days
            if not is_on:
                del rules[kind]
    quiet = dice.random() < 0.7
    reminder_rules.choose(cluster.id, ReminderKind.QUIET_DAYS, reminder_rules.Wish(quiet, ()))
    return model.Cluster(cluster.id, cluster.timezone, system.now(), rules, quiet)


def _session(dice: Random, world: model.World, cluster: m.Cluster, partner: m.Partner) -> None:
    starts_at = BEGUN + timedelta(days=dice.randint(1, 7 * WEEKS - 5), hours=dice.randint(-13, 8), minutes=15)
    row = make.guidance(cluster, starts_at=starts_at)
    found = model.Session(row.id, cluster.id, starts_at)
    for _ in range(4):
        answer = dice.choice(list(Answer)[:3] + [Answer.REPRESENTED, Answer.NONE])
        invited_at = BEGUN - timedelta(hours=dice.randint(0, 60))
        answered_at = None if answer == Answer.NONE else invited_at + timedelta(minutes=30)
        invitation = make.invitation(
            row,
            make.affiliation(partner, make.contact()),
            answer=answer,
            invited_at=invited_at,
            answered_at=answered_at,
            mailed_sequence=0,
            delegate_name="Maya" if answer == Answer.REPRESENTED else None,
        )
        found.invited.append(model.Invited(invitation.id, answer.value, invited_at, answered_at))
    world.sessions.append(found)


def _memberships(session: Session, user: m.User) -> list[m.Membership]:
    return list(session.scalars(select(m.Membership).where(m.Membership.user_id == user.id)))


def _day(dice: Random, first: int, last: int) -> date:
    return BEGUN.date() + timedelta(days=dice.randint(first, last))
