"""The process beside the web server: what it does again and again; one failure stops nothing else."""

import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pentahelix import clock as system, scheduler
from pentahelix.models import Attempt, AuditEntry, Heartbeat, LinkRequest, SignIn, Submission, Token
from pentahelix.services import sign_ins, tokens
from pentahelix.vocabulary import AttemptKind, TokenPurpose
from tests.cast import Cast

pytestmark = pytest.mark.both_engines


def _count(session: Session, entity: type[object]) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(entity)) or 0


def test_what_is_kept_for_a_time_only_is_forgotten_and_nothing_else(
    app: Flask, session: Session, cast: Cast
) -> None:
    now = system.now()
    for key, age in (("11" * 16, 91), ("22" * 16, 89)):
        session.add(
            Submission(
                key=UUID(key), principal="u:1", route="/x", digest="0" * 64, made_at=now - timedelta(age)
            )
        )
    for hours in (25, 1):
        session.add(
            Attempt(
                kind=AttemptKind.SIGN_IN,
                subject="x",
                network="192.0.2.0/24",
                made_at=now - timedelta(hours=hours),
            )
        )
    sign_ins.begin(cast.lilis, "telepon")
    for days in (91, 89):
        then = now - timedelta(days)
        tokens.make(TokenPurpose.PASSWORD, user_id=cast.lilis.id, expires_at=then)
        session.add(LinkRequest(purpose=TokenPurpose.PASSWORD, email="x@dinas.example", made_at=then))
    tokens.make(TokenPurpose.INVITATION, object_id=1)
    session.commit()
    with app.app_context():
        scheduler.forget()
    assert [_count(session, entity) for entity in (Submission, Attempt, SignIn)] == [1, 1, 1]
    assert [_count(session, entity) for entity in (Token, LinkRequest)] == [2, 1]


def test_two_schedulers_beat_in_one_row_and_leave_no_trail(app: Flask, session: Session) -> None:
    before = _count(session, AuditEntry)
    for _ in range(3):
        with app.app_context():
            scheduler.beat()
    assert _count(session, Heartbeat) == 1
    assert _count(session, AuditEntry) == before


def test_a_job_that_fails_is_told_and_leaves_the_others_alone(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise RuntimeError("out of paper")

    scheduler._guarded(app, scheduler.Job("printer", fail, timedelta(seconds=1)))()
    told = capsys.readouterr().out
    assert "out of paper" in told
    assert "printer" in told


def test_a_clock_that_is_set_back_keeps_no_job_waiting(monkeypatch) -> None:
    """The library waits for the instant that it wrote down, which may be hours ahead then."""
    told, ran = [1_800_000_000.0], threading.Event()
    monkeypatch.setattr(system, "system_seconds", lambda: told[0])
    hands = scheduler.Hands()
    told[0] -= 20
    assert not hands.were_set_back()
    told[0] -= 3600
    assert hands.were_set_back()
    assert not hands.were_set_back()
    monkeypatch.undo()
    clockwork = BackgroundScheduler(timezone="UTC")
    # As it stands after the hour has come again.
    first = datetime.fromtimestamp(system.system_seconds() + 3600, UTC)
    clockwork.add_job(ran.set, IntervalTrigger(seconds=60), next_run_time=first)
    clockwork.start()
    try:
        scheduler.run_now(clockwork)
        assert ran.wait(5)
        [job] = clockwork.get_jobs()
        assert job.next_run_time < first
    finally:
        clockwork.shutdown()
