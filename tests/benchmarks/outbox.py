"""Mails a second out of the outbox, as the scheduler sends them, beside a loop that only sends them."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from smtplib import SMTP
from time import perf_counter
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import func, select

from pentahelix import clock, scheduler
from pentahelix.extensions import db
from pentahelix.mail import invitations as letters
from pentahelix.models import Invitation, OutboxMessage
from pentahelix.unit_of_work import unit_of_work
from pentahelix.vocabulary import GuidanceStatus, OutboxState
from tests.benchmarks.data import NOW, application
from tests.post_office import PostOffice

Mails = list[tuple[str, bytes]]


def beside(url: str, rounds: int, number: int) -> tuple[list[float], list[float]]:
    """Mails a second, by round, of ours and of the bare loop: the same mails to the same server in turn."""
    ours, bare = [], []
    with _post_office() as address, clock.frozen(NOW):
        app = application(url, mail_url=address)
        with app.app_context():
            for each in range(rounds):
                mails = _write(each * number, number)
                ours.append(number / _deliver(app, number * (each + 1)))
                bare.append(number / _send(address, mails))
            db.session.remove()
            db.engine.dispose()
    return ours, bare


@contextmanager
def _post_office() -> Iterator[str]:
    """In a process of its own, as a mail server is."""
    processes = get_context("spawn")
    orders, theirs = processes.Pipe()
    process = processes.Process(target=_open_office, args=(theirs,), daemon=True)
    process.start()
    try:
        yield orders.recv()
    finally:
        orders.send("close")
        process.join()


def _open_office(orders: Connection) -> None:
    with PostOffice.open() as office:
        orders.send(office.url)
        orders.recv()


def _write(first: int, number: int) -> Mails:
    """Put invitations to sessions to come into the outbox, with all that belongs to them."""
    with unit_of_work("command:bench") as session:
        before = session.scalar(select(func.coalesce(func.max(OutboxMessage.id), 0)))
        open_ones = select(Invitation).join(Invitation.guidance)
        for invitation in session.scalars(
            open_ones.where(Invitation.guidance.has(status=GuidanceStatus.PLANNED))
            .order_by(Invitation.id)
            .offset(first)
            .limit(number)
        ).all():
            letters.invitation(invitation)
        session.flush()
        rows: Sequence[OutboxMessage] = session.scalars(
            select(OutboxMessage).where(OutboxMessage.id > before)
        ).all()
        assert len(rows) == number
        return [(row.recipient, row.content or b"") for row in rows]


def _deliver(app: Flask, sent: int) -> float:
    """Seconds that the scheduler's deliverers take until nothing is due."""
    jobs = [job for job in scheduler.jobs(app.extensions["settings"]) if job.name.startswith("deliver-")]

    def run(job: scheduler.Job) -> None:
        with app.app_context():
            job.run()

    began = perf_counter()
    with ThreadPoolExecutor(len(jobs)) as threads:
        list(threads.map(run, jobs))
    spent = perf_counter() - began
    with unit_of_work("command:bench") as session:
        of_those = select(func.count()).where(OutboxMessage.state == OutboxState.SENT)
        assert session.scalar(of_those) == sent, "not all mails were sent"
    return spent


def _send(address: str, mails: Mails) -> float:
    server = urlsplit(address)
    began = perf_counter()
    with SMTP(server.hostname or "", server.port or 0) as line:
        for recipient, content in mails:
            line.sendmail("pentahelix@localhost.example", [recipient], content)
    return perf_counter() - began
