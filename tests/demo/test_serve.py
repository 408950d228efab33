"""`make demo`, as one starts it: it says where it is, keeps its data, and stops when told."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path
from threading import Event
from urllib.parse import urlencode

import pytest

from pentahelix import clock
from tests.network import free_port

ROOT = Path(__file__).parents[2]


def _command(port: int, *more: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "pentahelix", "demo", "serve", "--port", str(port), *more]


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONUNBUFFERED": "1",
        "PHX_ENV": "demo",
        "PHX_DATABASE_URL": f"sqlite:///{folder}/pentahelix.db",
        "PHX_DOCUMENTS": str(folder / "documents"),
    }


@contextmanager
def _running(folder: Path, port: int, *more: str) -> Iterator[tuple[str, int]]:
    """What the demo printed until it was ready, and its process; then it is told to stop, as by Ctrl-C."""
    process = subprocess.Popen(
        _command(port, *more),
        env=_environment(folder),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    told = ""
    try:
        for line in process.stdout:
            told += line
            if "Ctrl-C" in line:
                break
        assert "Ctrl-C" in told, told
        yield told, process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=40)
    assert process.returncode == 0


def _take_up_changed_code(demo: int) -> None:
    """The web worker is another one then; there is one scheduler, as before."""
    before, source = _family(demo), ROOT / "wsgi.py"
    assert sorted(before.values()) == ["scheduler", "web", "web"]
    pause, deadline, stood = Event(), clock.monotonic() + 60, source.stat()
    try:
        os.utime(source, ns=(stood.st_atime_ns, stood.st_mtime_ns + 10**9))
        while len(_family(demo)) < 3 or _family(demo) == before:
            assert clock.monotonic() < deadline
            pause.wait(0.1)
    finally:
        os.utime(source, ns=(stood.st_atime_ns, stood.st_mtime_ns))
    after = _family(demo)
    assert sorted(after.values()) == ["scheduler", "web", "web"]
    assert len(after.keys() & before.keys()) == 2


def _family(pid: int) -> dict[int, str]:
    """The processes that it has started, and those that they have started, with what each runs."""
    found: dict[int, str] = {}
    # Whoever has ended meanwhile is none of them any more.
    with suppress(FileNotFoundError, ProcessLookupError):
        for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            found |= {child: "scheduler" if b"scheduler" in words else "web"} | _family(child)
    return found


def _documents(folder: Path) -> set[Path]:
    return {path for path in (folder / "documents").rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


def test_a_newcomer_starts_it_signs_in_by_one_press_and_finds_the_data_again(folder: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with _running(folder, port) as (told, _pid):
        assert address in told
        assert f"{address}/mailbox" in told
        accounts = json.loads((folder / "accounts.json").read_text(encoding="utf-8"))
        assert [account["role"] for account in accounts] == [
            "admin",
            "kabid",
            "coordinator",
            "coordinator",
            "partner",
        ]
        assert [account["password"] is None for account in accounts] == [False] * 4 + [True]
        for account in accounts:
            assert account["email"] in told
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        page = browser.open(f"{address}/sign-in").read().decode()
        press = {
            name: re.search(rf'name="{name}" value="([^"]+)"', page[page.index("/sign-in/demo") :])[1]  # type: ignore[index]
            for name in ("csrf_token", "submission_id", "user")
        }
        today = browser.open(f"{address}/sign-in/demo", urlencode(press).encode()).read().decode()
        assert "Selamat" in today
        assert "data contoh" in today.lower()
        mails = browser.open(f"{address}/mailbox").read().decode()
        letters = re.findall(r'href="(/mailbox/\d+)"', mails)
        assert letters
        # In the morning the digest of the day stands above the invitations.
        pages = (browser.open(f"{address}{letter}/html").read().decode() for letter in letters)
        assert any(f'href="{address}/u/' in page for page in pages)
        with browser.open(f"{address}/healthz") as health:
            assert json.loads(health.read())["scheduler"] == "ok"
    port = free_port()
    with _running(folder, port, "--reload") as (told, pid):
        assert "Loading" not in told
        _take_up_changed_code(pid)
    papers = _documents(folder)
    assert papers
    with _running(folder, port, "--reset") as (told, _pid):
        assert "Loading" in told
    # Those of the last time are gone, not beside the new ones.
    assert len(_documents(folder)) == len(papers)
    assert not _documents(folder) & papers


def test_a_taken_port_gives_one_clear_line(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        tried = subprocess.run(
            _command(port),
            env=_environment(folder),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert tried.returncode == 1
    assert tried.stderr.splitlines() == [
        f"Error: Port {port} is taken. Choose another one: make demo PORT={port + 1}"
    ]
