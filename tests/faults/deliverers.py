"""Deliverers as processes of their own, to be killed and stopped at any moment, or to die at a given one."""

import os
import shutil
import signal
import smtplib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event
from typing import Any, Self

import structlog
from flask import Flask

from pentahelix import clock, create_app
from pentahelix.config import Settings
from pentahelix.extensions import db
from pentahelix.mail import delivery, transport, validity

_processes = get_context("forkserver")
_processes.set_forkserver_preload(["tests.faults.deliverers"])

#: Seconds until whoever was to die must be dead.
PATIENCE = 20


@dataclass(frozen=True)
class Order:
    """For one more deliverer."""

    #: of `DOOMS`: where it dies; elsewhere it works until it is killed
    step: str = ""
    #: how far its clock is ahead
    later: timedelta = timedelta()
    #: what it does not have in common with the others
    settings: dict[str, Any] = field(default_factory=dict)


def nursery(given: dict[str, Any], log: Path, orders: Connection) -> None:
    """Make an application once, and a deliverer of it in a few milliseconds for each order."""
    settings = Settings.for_tests(**given)
    app = create_app(settings)
    structlog.configure(
        processors=[_noted_in(log)], wrapper_class=structlog.make_filtering_bound_logger("warning")
    )
    # What the first look costs is paid here, when nothing is due, and once.
    with app.app_context(), clock.frozen("2000-01-01T00:00Z"):
        delivery.claim_next(settings, "nursery")
        db.engine.dispose()
    # Whoever dies is not waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while order := orders.recv():
        pid = os.fork()
        if pid == 0:
            clock.start_at(clock.now() + order.later)
            if order.step in DOOMS:
                DOOMS[order.step]()
            _deliver(app, replace(settings, **order.settings))
            os._exit(0)
        orders.send(pid)


def _deliver(app: Flask, settings: Settings) -> None:
    """Look for mails that are due until somebody ends this process, or the run of the tests."""
    pause, nursery_id = Event(), os.getppid()
    while os.getppid() == nursery_id:
        with app.app_context():
            delivery.deliver_due(settings, f"process-{os.getpid()}")
        pause.wait(0.02)


def _noted_in(log: Path) -> Callable[[Any, str, Any], Any]:
    """A line "event message:attempt" for each warning."""

    def note(_logger: Any, _method: str, told: Any) -> Any:
        with log.open("a") as file:
            file.write(f"{told['event']} {told.get('message')}:{told.get('attempt')}\n")
        raise structlog.DropEvent

    return note


# ── who dies at a certain step ──────────────────────────────────────────────────────────────────────────────


def _die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _before(place: object, name: str) -> Callable[[], None]:
    """The step is begun by that function, and it does not come to that."""
    return lambda: setattr(place, name, _die)


def _after(place: Any, name: str) -> Callable[[], None]:
    """The step is that function, and nothing comes after it."""
    done = getattr(place, name)

    def last(*given: Any, **more: Any) -> None:
        done(*given, **more)
        _die()

    return lambda: setattr(place, name, last)


def _half_a_mail() -> None:
    """Of what is sent with a final dot, half leaves the house."""
    send = smtplib.SMTP.send

    def halve(self: smtplib.SMTP, said: Any) -> None:
        is_mail = said.endswith(b"\r\n.\r\n") if isinstance(said, bytes) else False
        send(self, said[: len(said) // 2] if is_mail else said)
        if is_mail:
            _die()

    setattr(smtplib.SMTP, "send", halve)  # noqa: B010


#: Steps of which no mail server knows; the others are those of the odd one.
DOOMS: dict[str, Callable[[], None]] = {
    "before the claim": _before(delivery, "claim_next"),
    "in the claim": _before(validity, "holds"),
    "after the claim": _before(delivery, "_send"),
    "half a mail": _half_a_mail,
    "the 250 received": _before(delivery, "_write"),
    "before the commit": _after(delivery, "_write"),
    "after the commit": _after(delivery, "settle"),
    "before QUIT": _before(transport.Line, "hang_up"),
}


# ── from the outside ────────────────────────────────────────────────────────────────────────────────────────


class Deliverers:
    """Some at work on the database of `app`; whoever is killed has a successor."""

    def __init__(self, app: Flask, url: str, folder: Path, settings: dict[str, Any]) -> None:
        given = {
            "database_url": app.config["SQLALCHEMY_DATABASE_URI"],
            "mail_url": url,
            # Theirs goes on from where the clock of the test stands still.
            "clock": clock.now(),
            "clock_started": clock.system_seconds(),
        }
        self._log = folder / "log"
        self._orders, theirs = _processes.Pipe()
        self._nursery = _processes.Process(
            target=nursery, args=(given | settings, self._log, theirs), daemon=True
        )
        self._nursery.start()
        self.at_work: list[int] = []

    @classmethod
    @contextmanager
    def at(cls, app: Flask, url: str, number: int, **settings: Any) -> Iterator[Self]:
        folder = Path(tempfile.mkdtemp(prefix="pentahelix-deliverers-"))
        crew = cls(app, url, folder, settings)
        try:
            crew.at_work = [crew.hire() for _ in range(number)]
            yield crew
        finally:
            for pid in crew.at_work:
                kill(pid)
            crew._orders.send(None)
            crew._nursery.join()
            crew._nursery.close()
            crew._orders.close()
            shutil.rmtree(folder)

    def hire(self, order: Order = Order()) -> int:
        """One more, whose number among the processes is told."""
        self._orders.send(order)
        pid: int = self._orders.recv()
        return pid

    def relieve(self, number: int, order: Order) -> None:
        """All at work go, and so many come."""
        for pid in self.at_work:
            kill(pid)
        self.at_work = [self.hire(order) for _ in range(number)]

    def kill(self, number: int) -> None:
        """SIGKILL: without a word, wherever it is."""
        kill(self.at_work.pop(number))
        self.at_work.append(self.hire())

    def stop(self, number: int) -> str:
        """SIGSTOP; by which name its claims are known."""
        os.kill(self.at_work[number], signal.SIGSTOP)
        return f"process-{self.at_work[number]}"

    def go_on(self, number: int) -> None:
        os.kill(self.at_work[number], signal.SIGCONT)

    def told(self, event: str) -> list[str]:
        """Of which mails and attempts they warned with that word."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return sorted(line.split()[1] for line in lines if line.startswith(f"{event} "))


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    see_dead(pid)


def see_dead(pid: int) -> None:
    """Wait until it is."""
    pause, deadline = Event(), clock.monotonic() + PATIENCE
    with suppress(ProcessLookupError):
        while clock.monotonic() < deadline:
            os.kill(pid, 0)
            pause.wait(0.002)
        raise AssertionError(f"process {pid} is alive")
