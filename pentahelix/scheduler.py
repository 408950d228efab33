"""The process beside the web server: `flask scheduler`.

A job is a tick that asks the data what is owed, never an alarm for an instant, so that down time, a moved
date or a new rule come out right by themselves. Jobs live in memory; what keeps them from being done twice
is in the database, so that any number of schedulers may run.
"""

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask
from sqlalchemy import delete, select

from pentahelix import clock
from pentahelix.config import Settings
from pentahelix.logs import log
from pentahelix.models import Attempt, Heartbeat, SignIn, Submission
from pentahelix.unit_of_work import unit_of_work

HEARTBEAT = "scheduler"


@dataclass(frozen=True)
class Job:
    """Something to look at again and again."""

    name: str
    run: Callable[[], None]
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
    """Drop what is kept for a time only: forms' keys, failed tries, sessions long over."""
    now = clock.now()
    with unit_of_work("scheduler:forget") as session:
        session.execute(delete(Submission).where(Submission.made_at < now - timedelta(days=90)))
        session.execute(delete(Attempt).where(Attempt.made_at < now - timedelta(days=1)))
        session.execute(delete(SignIn).where(SignIn.ends_at < now - timedelta(days=90)))


def jobs(settings: Settings) -> list[Job]:
    tick = timedelta(seconds=settings.tick)
    return [
        Job("beat", beat, tick),
        Job("forget", forget, timedelta(hours=6)),
    ]


def run(app: Flask) -> None:
    """Run all jobs until SIGTERM or SIGINT."""
    settings: Settings = app.extensions["settings"]
    clockwork = BackgroundScheduler(
        timezone="UTC",
        # The library's own default would drop a job that is a second late.
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    for job in jobs(settings):
        clockwork.add_job(
            _guarded(app, job), IntervalTrigger(seconds=int(job.every.total_seconds())), id=job.name
        )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _guarded(app, jobs(settings)[0])()
    clockwork.start()
    log.info("scheduler", jobs=[job.name for job in jobs(settings)], tick=settings.tick)
    stop.wait()
    clockwork.shutdown(wait=True)


def _guarded(app: Flask, job: Job) -> Callable[[], None]:
    """A job whose failure is told and leaves the others alone."""

    def guarded() -> None:
        with app.app_context():
            try:
                job.run()
            except Exception:
                log.exception("job", job=job.name)

    return guarded
