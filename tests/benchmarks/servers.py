"""Gunicorn as an operator starts it, one worker each, and requests with a connection each."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from time import perf_counter

from pentahelix import clock
from tests.benchmarks.data import KEPT, NOW, ROOT, SECRET
from tests.network import free_port

#: Seconds until a server must have answered.
PATIENCE = 60

#: The compressions that the browsers of today take.
ACCEPTED = "gzip, br, zstd"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes


class Server:
    """Gunicorn on a port of its own."""

    def __init__(self, module: str, environment: Mapping[str, str], port: int) -> None:
        self.port = port
        # Started as an operator does it, from compiled code.
        foreign = ("PHX_", "PYTHONDONTWRITEBYTECODE")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        KEPT.mkdir(parents=True, exist_ok=True)
        self.log = KEPT / f"{module.partition(':')[0]}.log"
        self.began = perf_counter()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-m", "gunicorn", module, "--bind", f"127.0.0.1:{port}",
                    "--no-control-socket", "--config", "python:tests.benchmarks.installed",
                ],
                cwd=ROOT, env=kept | dict(environment), stdout=log, stderr=log,
            )  # fmt: skip

    def wait_for(self, path: str) -> float:
        """Seconds from its start until it answered."""
        while perf_counter() - self.began < PATIENCE and self.process.poll() is None:
            try:
                answer = fetch(self.port, request(self.port, path))
            except OSError:
                clock.pause(0.005)
                continue
            if answer.status == 200:
                return perf_counter() - self.began
            break
        raise RuntimeError(f"{path} was not answered:\n{self.log.read_text()}")

    @property
    def worker(self) -> int:
        """The number of the process that answers."""
        master = self.process.pid
        return int(Path(f"/proc/{master}/task/{master}/children").read_text().split()[0])

    @property
    def worked(self) -> float:
        """Seconds for which that process has had a core."""
        return int(Path(f"/proc/{self.worker}/schedstat").read_text().split()[0]) / 1e9

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)


def ours(url: str, *, real: bool = False) -> Server:
    """The application on the database at `url`: at the instant of the data, or `real`ly as in production."""
    port = free_port()
    environment = {
        "PHX_ENV": "production",
        "PHX_SECRET_KEY": SECRET,
        "PHX_DATABASE_URL": url,
        "PHX_BASE_URL": f"{'https' if real else 'http'}://127.0.0.1:{port}",
        "PHX_MAIL_URL": "smtp://127.0.0.1:25",
        "PHX_MAIL_FROM": "pentahelix@contoh.example",
        "PHX_MAIL_REPLY_TO": "pentahelix@contoh.example",
        "PHX_DOCUMENTS": str(KEPT / "documents"),
    }
    if real:
        return Server("wsgi:app", environment, port)
    return Server("tests.benchmarks.served:app", environment | {"PHX_CLOCK": NOW}, port)


def bare(url: str) -> Server:
    return Server("tests.benchmarks.bare:app", {"BARE_DATABASE_URL": url}, free_port())


@contextmanager
def both(url: str) -> Iterator[tuple[Server, Server]]:
    """Ours and the bare one, at the same time, on the same database."""
    pair = ours(url), bare(url)
    try:
        pair[0].wait_for("/sign-in")
        pair[1].wait_for("/")
        yield pair
    finally:
        for server in pair:
            server.stop()


def request(port: int, path: str, cookie: str = "", accepted: str = ACCEPTED) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Accept: text/html",
        "Connection: close",
        *([f"Accept-Encoding: {accepted}"] if accepted else []),
        *([f"Cookie: {cookie}"] if cookie else []),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def exchange(port: int, asked: bytes) -> bytes:
    """Everything that comes back over one connection."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
        line.sendall(asked)
        parts = []
        while part := line.recv(65_536):
            parts.append(part)
    return b"".join(parts)


def fetch(port: int, asked: bytes) -> Answer:
    head, _, body = exchange(port, asked).partition(b"\r\n\r\n")
    first, _, rest = head.partition(b"\r\n")
    headers = BytesParser().parsebytes(rest, headersonly=True)
    if headers.get("Transfer-Encoding") == "chunked":
        body = _unchunked(body)
    return Answer(int(first.split()[1]), headers, body)


def _unchunked(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        whole, body = whole + body[: int(size, 16)], body[int(size, 16) + 2 :]
    return whole


@dataclass(frozen=True)
class Round:
    """Seconds that an answer took, on average, and those that the workers worked for it."""

    page: float
    bare: float
    page_worked: float
    bare_worked: float

    @property
    def ratio(self) -> float:
        return self.page / self.bare

    @property
    def worked_ratio(self) -> float:
        """The same where others keep the machine busy; what PostgreSQL works is left out."""
        return self.page_worked / self.bare_worked


def race(page: tuple[Server, bytes], bare: tuple[Server, bytes], rounds: int, requests: int) -> list[Round]:
    """Both requests, in turn."""
    for server, asked in (page, bare) * 3:
        exchange(server.port, asked)
    ran = []
    for _ in range(rounds):
        spent = [0.0, 0.0]
        before = [server.worked for server, _asked in (page, bare)]
        for _ in range(requests):
            for side, (server, asked) in enumerate((page, bare)):
                began = perf_counter()
                exchange(server.port, asked)
                spent[side] += perf_counter() - began
        worked = [server.worked - begun for (server, _asked), begun in zip((page, bare), before, strict=True)]
        ran.append(Round(*(each / requests for each in spent + worked)))
    return ran
