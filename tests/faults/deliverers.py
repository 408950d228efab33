"""Deliverers as processes of their own, to be killed and stopped at any moment."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Event
from typing import Any, Self

from flask import Flask

from pentahelix import clock, create_app
from pentahelix.config import Settings
from pentahelix.mail import delivery

_processes = get_context("forkserver")
_processes.set_forkserver_preload(["tests.faults.deliverers"])


def nursery(given: dict[str, Any], orders: Connection) -> None:
    """Make an application once, and a deliverer of it in a few milliseconds for each order."""
    settings = Settings.for_tests(**given)
    app = create_app(settings)
    # Whoever dies is not waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while orders.recv():
        pid = os.fork()
        if pid == 0:
            _deliver(app, settings)
        orders.send(pid)


def _deliver(app: Flask, settings: Settings) -> None:
    """Look for mails that are due until somebody ends this process."""
    pause = Event()
    while True:
        with app.app_context():
            delivery.deliver_due(settings, f"process-{os.getpid()}")
        pause.wait(0.02)


class Deliverers:
    """Some at work on the database of `app`; whoever is killed has a successor."""

    def __init__(self, app: Flask, url: str, settings: dict[str, Any]) -> None:
        given = {
            "database_url": app.config["SQLALCHEMY_DATABASE_URI"],
            "mail_url": url,
            # Theirs goes on from where the clock of the test stands still.
            "clock": clock.now(),
            "clock_started": clock.system_seconds(),
        }
        self._orders, theirs = _processes.Pipe()
        self._nursery = _processes.Process(target=nursery, args=(given | settings, theirs), daemon=True)
        self._nursery.start()
        self.at_work: list[int] = []

    @classmethod
    @contextmanager
    def at(cls, app: Flask, url: str, number: int, **settings: Any) -> Iterator[Self]:
        crew = cls(app, url, settings)
        try:
            for _ in range(number):
                crew._hire()
            yield crew
        finally:
            for pid in crew.at_work:
                _kill(pid)
            crew._orders.send(False)
            crew._nursery.join()
            crew._nursery.close()
            crew._orders.close()

    def kill(self, number: int) -> None:
        """SIGKILL: without a word, wherever it is."""
        _kill(self.at_work.pop(number))
        self._hire()

    def stop(self, number: int) -> None:
        os.kill(self.at_work[number], signal.SIGSTOP)

    def go_on(self, number: int) -> None:
        os.kill(self.at_work[number], signal.SIGCONT)

    def _hire(self) -> None:
        self._orders.send(True)
        self.at_work.append(self._orders.recv())


def _kill(pid: int) -> None:
    pause = Event()
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        while True:
            os.kill(pid, 0)
            pause.wait(0.002)
