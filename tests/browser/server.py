"""Gunicorn and the scheduler as an operator starts them, with the clock of the stories."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event
from typing import Self

from pentahelix import clock
from tests.engines import SqliteDatabase, folder_in_memory
from tests.network import free_port

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

CHROMIUM = next(
    filter(
        None,
        map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")),
    ),
    None,
)

#: A Tuesday morning.
STORY_CLOCK = "2026-11-24T07:00+07:00"

SECRET = "signs-the-cookies-of-the-browser-tests"


class Server:
    """A web server and a scheduler that share a database with the test."""

    def __init__(self, folder: Path, clock_at: str = STORY_CLOCK, **settings: str) -> None:
        self.folder = folder
        self.clock_at = clock_at
        self.settings = settings
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.database = SqliteDatabase(folder, base_url=self.address, secret_key=SECRET, **settings)
        self._processes: list[subprocess.Popen[bytes]] = []

    @classmethod
    @contextmanager
    def running(cls, clock_at: str = STORY_CLOCK, **settings: str) -> Iterator[Self]:
        """`settings` are further ones of both processes, as in `mail_url="smtp://127.0.0.1:2525"`."""
        folder = folder_in_memory("pentahelix-server-")
        server = cls(folder, clock_at, **settings)
        try:
            server.start()
            yield server
        finally:
            server.stop()
            server.database.close()
            shutil.rmtree(folder)

    def start(self) -> None:
        self._start(
            "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread",
            "--threads", "8", "--no-control-socket",
        )  # fmt: skip
        self._start("flask", "--app", "wsgi", "scheduler")
        self._wait_until_ready()

    def stop(self) -> None:
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()

    def health(self) -> tuple[int, dict[str, object]] | None:
        """What /healthz answers, or None while nobody answers."""
        with (
            suppress(OSError, HTTPException, ValueError),
            closing(HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection,
        ):
            connection.request("GET", "/healthz")
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        return None

    def log(self) -> str:
        return "\n".join(file.read_text() for file in sorted(self.folder.glob("*.log")))

    def _start(self, program: str, *arguments: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PHX_")}
        environment |= {
            "PHX_ENV": "test",
            "PHX_SECRET_KEY": SECRET,
            "PHX_DATABASE_URL": f"sqlite:///{self.database.file}",
            "PHX_BASE_URL": self.address,
            "PHX_DOCUMENTS": str(self.folder / "documents"),
            "PHX_CLOCK": self.clock_at,
            # Both processes agree on when it was that: when the database was made.
            "PHX_CLOCK_STARTED": str(self.database.template.stat().st_mtime),
        }
        environment |= {f"PHX_{name.upper()}": value for name, value in self.settings.items()}
        with (self.folder / f"{program}.log").open("ab") as log:
            self._processes.append(
                subprocess.Popen(
                    [str(BIN / program), *arguments], cwd=ROOT, env=environment, stdout=log, stderr=log
                )
            )

    def _wait_until_ready(self) -> None:
        """Until both processes have said that they are well, for at most 30 seconds."""
        pause = Event()
        deadline = clock.monotonic() + 30
        while clock.monotonic() < deadline:
            health = self.health()
            if health and health[0] == 200:
                return
            if any(process.poll() is not None for process in self._processes):
                break
            pause.wait(0.05)
        said = self.log()
        self.stop()
        raise AssertionError(f"the server did not become ready, {self.health()}:\n{said}")
