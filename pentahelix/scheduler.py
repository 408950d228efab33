"""The process beside the web server: `flask scheduler`.

A job is a tick that asks the data what is owed, never an alarm for an instant, so that down time, a moved
date or a new rule come out right by themselves. Jobs live in memory; what keeps them from being done twice
is in the database, so that any number of schedulers may run.
"""

from __future__ import annotations

import os
import secrets
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask
from sqlalchemy import delete, select

from pentahelix import clock
from pentahelix.config import Settings
from pentahelix.logs import log
from pentahelix.mail import delivery, masking
from pentahelix.models import Attempt, Heartbeat, LinkRequest, SignIn, Submission, Token
from pentahelix.services import attempts, coverage, doors, reminders
from pentahelix.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from apscheduler.schedulers.base import BaseScheduler

HEARTBEAT = "scheduler"

#: So often, in seconds, it is asked whether the clock was set back, and by how much that is no correction.
WATCH = 5
CORRECTION = 30

#: Set once the process is told to end: long jobs finish what they are at and begin nothing more.
STOP = threading.Event()


@dataclass(frozen=True)
class Job:
    """Something to look at again and again."""

    name: str
    run: Callable[[], object]
    every: timedelta


def beat() -> None:
    """Tell /healthz that the scheduler lives."""
    with unit_of_work("scheduler:beat") as session:
        row = session.scalar(select(Heartbeat).filter_by(name=HEARTBEAT))
        if row is None:
            session.add(Heartbeat(name=HEARTBEAT, at=clock.now()))
        else:
            row.at = clock.now()


def forget() -> None:
    """Drop what is kept for a time only: forms' keys, failed tries, sessions and links long over."""
    now = clock.now()
    with unit_of_work("scheduler:forget") as session:
        session.execute(delete(Submission).where(Submission.made_at < now - timedelta(days=90)))
        session.execute(delete(Attempt).where(Attempt.made_at < now - attempts.KEPT))
        session.execute(delete(SignIn).where(SignIn.ends_at < now - timedelta(days=90)))
        session.execute(delete(Token).where(Token.expires_at < now - timedelta(days=90)))
        session.execute(delete(LinkRequest).where(LinkRequest.made_at < now - timedelta(days=90)))


def jobs(settings: Settings) -> list[Job]:
    tick = timedelta(seconds=settings.tick)
    return [
        Job("beat", beat, tick),
        Job("doors", doors.answer_requests, tick),
        Job("remind", reminders.tick, tick),
        Job("snapshot", coverage.tick, tick),
        *_deliverers(settings, tick),
        Job("forget", forget, timedelta(hours=6)),
        Job("tidy", masking.tidy, timedelta(hours=1)),
    ]


def _deliverers(settings: Settings, tick: timedelta) -> list[Job]:
    """Each with its own connection and claims, so that a mail server that is silent does not hold up all."""
    process = f"{os.getpid()}-{secrets.token_hex(8)}"
    return [
        Job(
            name := f"deliver-{number}",
            partial(delivery.deliver_due, settings, f"{process}-{name}", lambda: not STOP.is_set()),
            tick,
        )
        for number in range(1, settings.mail_deliverers + 1)
    ]


def run(app: Flask) -> None:
    """Run all jobs until SIGTERM or SIGINT."""
    # Here, for the web server asks this module for the name of the heartbeat only.
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler
    from apscheduler.triggers.interval import IntervalTrigger

    settings: Settings = app.extensions["settings"]
    all_jobs = jobs(settings)
    clockwork = BackgroundScheduler(
        timezone="UTC",
        # A thread each: deliverers that wait for a silent server keep none of the others from running.
        executors={"default": ThreadPoolExecutor(len(all_jobs))},
        # The library's own default would drop a job that is a second late.
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    for job in all_jobs:
        clockwork.add_job(
            _guarded(app, job), IntervalTrigger(seconds=int(job.every.total_seconds())), id=job.name
        )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: STOP.set())
    _guarded(app, all_jobs[0])()
    clockwork.start()
    log.info("scheduler", jobs=[job.name for job in all_jobs], tick=settings.tick)
    hands = Hands()
    while not STOP.wait(WATCH):
        if hands.were_set_back():
            log.warning("clock_set_back")
            run_now(clockwork)
    clockwork.shutdown(wait=True)


class Hands:
    """The system's clock, beside one that only ever runs on."""

    def __init__(self) -> None:
        self._ahead = self._seconds()

    def were_set_back(self) -> bool:
        """Whether they were, by more than a correction, since this was last asked."""
        before, self._ahead = self._ahead, self._seconds()
        return self._ahead < before - CORRECTION

    @staticmethod
    def _seconds() -> float:
        return clock.system_seconds() - clock.monotonic()


def run_now(clockwork: BaseScheduler) -> None:
    """Let all jobs run and count from here: each would wait for an instant that is far off again."""
    now = datetime.fromtimestamp(clock.system_seconds(), UTC)
    for job in clockwork.get_jobs():
        job.modify(next_run_time=now)


def _guarded(app: Flask, job: Job) -> Callable[[], None]:
    """A job whose failure is told and leaves the others alone."""

    def guarded() -> None:
        with app.app_context():
            try:
                job.run()
            except Exception:
                log.exception("job", job=job.name)

    return guarded
