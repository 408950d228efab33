"""`flask demo serve`: database, data, web server and scheduler in one command, until Ctrl-C."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from urllib.error import URLError

import click
from flask import Flask
from sqlalchemy import select
from sqlalchemy.engine import make_url

from pentahelix import clock, migrations
from pentahelix.demo import accounts
from pentahelix.extensions import db
from pentahelix.models import Cluster
from pentahelix.unit_of_work import unit_of_work

#: Seconds that the parts may take to answer, and to stop.
PATIENCE = 30


def serve(app: Flask, *, port: int, reset: bool, reload: bool) -> None:
    """Run the demo on `port` until SIGINT or SIGTERM; a second run finds the data of the first."""
    _refuse_taken(port)
    database = Path(make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database or "")
    folder = database.parent
    folder.mkdir(parents=True, exist_ok=True)
    if reset:
        _clear(database, app.extensions["settings"].documents)
    address = f"http://127.0.0.1:{port}"
    # The mails that are loaded with the data carry links, too.
    app.extensions["settings"] = replace(app.extensions["settings"], base_url=address)
    _prepare(app)
    accounts.write_file(folder)
    environment = os.environ | {
        "PHX_BASE_URL": address,
        "PHX_CLOCK_STARTED": str(clock.system_seconds()) if os.environ.get("PHX_CLOCK") else "",
    }
    environment = {name: value for name, value in environment.items() if value}
    web = [
        "-m",
        "gunicorn",
        "--bind",
        f"127.0.0.1:{port}",
        "--worker-class",
        "gthread",
        "--log-level",
        "warning",
    ]
    web += ["--reload"] if reload else ["--workers", "2"]
    parts = [
        _start([*web, "--threads", "4", "wsgi:app"], environment, folder / "web.log"),
        _start(["-m", "flask", "--app", "pentahelix", "scheduler"], environment, folder / "scheduler.log"),
    ]
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    try:
        _wait_for(address, parts, folder)
        _announce(address, folder, has_mailbox="mailbox" in app.blueprints)
        _until(told, parts, folder)
    finally:
        _stop(parts)


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise click.ClickException(
                f"Port {port} is taken. Choose another one: make demo PORT={port + 1}"
            ) from None


def _clear(database: Path, documents: Path) -> None:
    """Take the database away, and the documents that it knows: beside them may lie those of others."""
    if database.exists():
        # One that was never migrated knows none.
        with closing(sqlite3.connect(database)) as connection, suppress(sqlite3.Error):
            for (key,) in connection.execute("SELECT storage_key FROM document"):
                (documents / key).unlink(missing_ok=True)
    for leftover in database.parent.glob(f"{database.name}*"):
        leftover.unlink()


def _prepare(app: Flask) -> None:
    from pentahelix.demo import loader

    with app.app_context():
        migrations.upgrade(app)
        with unit_of_work("command:demo") as session:
            empty = session.scalar(select(Cluster.id).limit(1)) is None
        if empty:
            click.echo("Loading the pilot cluster …")
            loader.load(clock.today())
        db.session.remove()
        db.engine.dispose()


def _start(arguments: list[str], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as lines:
        # A group of its own: Ctrl-C reaches only us, and we stop the parts in order.
        return subprocess.Popen(  # noqa: S603
            [sys.executable, *arguments],
            env=environment,
            cwd=Path(__file__).parents[2],
            start_new_session=True,
            stdout=lines,
            stderr=lines,
        )


def _wait_for(address: str, parts: list[subprocess.Popen[bytes]], folder: Path) -> None:
    deadline = clock.monotonic() + PATIENCE
    while clock.monotonic() < deadline:
        if any(part.poll() is not None for part in parts):
            break
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except (URLError, OSError):
            pass
        clock.pause(0.1)
    raise click.ClickException(f"The demo did not start; its logs are in {folder}.")


def _announce(address: str, folder: Path, *, has_mailbox: bool) -> None:
    click.echo(f"\n  Pentahelix  {address}")
    if has_mailbox:
        click.echo(f"  Mailbox     {address}/mailbox")
    click.echo()
    for account in accounts.read_file(folder):
        password = account["password"] or "(asks for a link at /portal/sign-in; it comes into the mailbox)"
        click.echo(f"  {account['role']:<12} {account['email']:<44} {password}")
    click.echo("\n  The sign-in page has a button for each of them. Ctrl-C stops the demo.\n")


def _until(told: threading.Event, parts: list[subprocess.Popen[bytes]], folder: Path) -> None:
    while not told.wait(0.2):
        if any(part.poll() is not None for part in parts):
            raise click.ClickException(f"A part of the demo stopped; its logs are in {folder}.")


def _stop(parts: list[subprocess.Popen[bytes]]) -> None:
    for part in parts:
        if part.poll() is None:
            part.terminate()
    for part in parts:
        try:
            part.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            part.kill()
