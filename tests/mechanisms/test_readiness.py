"""What stops a start, each with one clear line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pentahelix import readiness
from pentahelix.config import NotReady, Settings

GOOD = {
    "PHX_ENV": "production",
    "PHX_SECRET_KEY": "s" * 40,
    "PHX_DATABASE_URL": "sqlite:////dev/null/x.db",
    "PHX_BASE_URL": "https://pentahelix.example",
    "PHX_MAIL_URL": "smtp://mail.example:587",
    "PHX_MAIL_FROM": "pentahelix@dinas.example",
}


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"PHX_SECRET_KEY": ""}, "PHX_SECRET_KEY"),
        ({"PHX_SECRET_KEY": "short"}, "PHX_SECRET_KEY"),
        ({"PHX_DATABASE_URL": ""}, "PHX_DATABASE_URL"),
        ({"PHX_DATABASE_URL": "pentahelix.db"}, "PHX_DATABASE_URL"),
        ({"PHX_DATABASE_URL": "mysql://user:password@host/name"}, "PHX_DATABASE_URL"),
        ({"PHX_DATABASE_URL": "postgresql://user:password@host:port/name"}, "PHX_DATABASE_URL"),
        ({"PHX_BASE_URL": "http://pentahelix.example"}, "PHX_BASE_URL"),
        ({"PHX_BASE_URL": "https://pentahelix.example/app"}, "PHX_BASE_URL"),
        ({"PHX_MAIL_URL": ""}, "PHX_MAIL_URL"),
        ({"PHX_MAIL_URL": "smtp://mail.example:port"}, "PHX_MAIL_URL"),
        ({"PHX_MAIL_FROM": "pentahelix@localhost.example"}, "PHX_MAIL_FROM"),
        ({"PHX_MAIL_FROM": "Pentahelix"}, "PHX_MAIL_FROM"),
        ({"PHX_MAIL_REPLY_TO": "sekretariat"}, "PHX_MAIL_REPLY_TO"),
        ({"PHX_MAIL_REPLY_TO": "sekretariat@provinsi.example"}, "PHX_MAIL_REPLY_TO"),
        ({"PHX_MAIL_REPLY_TO": "sekretariat@surel.dinas.example"}, "PHX_MAIL_REPLY_TO"),
        ({"PHX_CLOCK": "2026-11-24T07:00+07:00"}, "PHX_CLOCK"),
        ({"PHX_CLOCK": "2026-11-24T07:00"}, "PHX_CLOCK"),
        ({"PHX_COLOUR": "red"}, "PHX_COLOUR"),
        ({"PHX_TRUSTED_PROXIES": "many"}, "PHX_TRUSTED_PROXIES"),
        ({"PHX_ENV": "live"}, "PHX_ENV"),
    ],
)
def test_a_wrong_setting_is_named(change: dict[str, str], names: str) -> None:
    with pytest.raises(NotReady, match=names):
        readiness.check_settings(Settings.from_environment(GOOD | change))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"PHX_MAIL_REPLY_TO": "sekretariat@dinas.example"},
        {
            "PHX_MAIL_FROM": "Pentahelix <pentahelix@Dinas.example>",
            "PHX_MAIL_REPLY_TO": "Sekretariat <sekretariat@dinas.example>",
        },
    ],
)
def test_good_settings_pass(change: dict[str, str]) -> None:
    readiness.check_settings(Settings.from_environment(GOOD | change))


def test_an_empty_environment_is_production_and_refused() -> None:
    with pytest.raises(NotReady):
        readiness.check_settings(Settings.from_environment({}))


def _start(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        env={"PATH": os.environ["PATH"], "HOME": "/dev/null"} | environment,
        cwd=Path(__file__).parent.parent.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_web_server_does_not_start_and_says_why_in_one_line() -> None:
    started = _start({}, "-c", "import wsgi")
    assert started.returncode == readiness.FOR_GOOD
    assert started.stderr.splitlines() == [
        "Pentahelix does not start: PHX_SECRET_KEY must be set, with at least 32 characters."
    ]


def test_a_database_behind_its_migrations_stops_the_start(tmp_path: Path) -> None:
    environment = GOOD | {
        "PHX_DATABASE_URL": f"sqlite:///{tmp_path}/x.db",
        "PHX_DOCUMENTS": str(tmp_path / "documents"),
    }
    started = _start(environment, "-c", "import wsgi")
    assert started.returncode == readiness.FOR_GOOD
    assert "flask --app pentahelix db upgrade" in started.stderr
    assert len(started.stderr.splitlines()) == 1


def test_a_folder_that_cannot_be_made_stops_the_start(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    started = _start(
        GOOD
        | {"PHX_DATABASE_URL": f"sqlite:///{tmp_path}/x.db", "PHX_DOCUMENTS": str(blocked / "documents")},
        "-c",
        "import wsgi",
    )
    assert started.returncode == readiness.FOR_GOOD
    assert "PHX_DOCUMENTS" in started.stderr
    assert len(started.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("command", "change", "names"),
    [
        ("--help", {"PHX_TYPO": "1"}, "PHX_TYPO"),
        ("user list", {"PHX_DATABASE_URL": ""}, "PHX_DATABASE_URL must be set."),
        ("db upgrade", {}, "PHX_DATABASE_URL: the database does not answer"),
        ("verify", {}, "PHX_DATABASE_URL: the database does not answer"),
        ("user add --admin", {"PHX_DATABASE_URL": "sqlite://"}, "flask --app pentahelix db upgrade"),
    ],
)
def test_a_command_that_cannot_run_says_why_in_one_line(
    command: str, change: dict[str, str], names: str
) -> None:
    started = _start(GOOD | change, "-m", "flask", "--app", "pentahelix", *command.split())
    away = "does not answer" in names
    assert started.returncode == (readiness.FOR_NOW if away else readiness.FOR_GOOD)
    (line,) = started.stderr.splitlines()
    assert names in line


def test_production_has_no_command_that_loads_or_clears_a_demo() -> None:
    started = _start(GOOD, "-m", "flask", "--app", "pentahelix", "demo", "serve", "--reset")
    assert started.returncode == 2
    assert "No such command 'demo'" in started.stderr


def test_gunicorn_ends_where_no_worker_will_ever_start() -> None:
    started = _start({}, "-m", "gunicorn", "--bind", "127.0.0.1:0", "wsgi:app")
    assert started.returncode != 0
    assert (started.stdout + started.stderr).count("Pentahelix does not start") == 1
