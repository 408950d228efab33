"""/healthz tells what nobody looks at."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from pentahelix import clock as system, room, scheduler
from pentahelix.blueprints.health import views
from pentahelix.config import Settings
from pentahelix.models import OutboxMessage, User
from pentahelix.room import Room
from pentahelix.vocabulary import MailFault, OutboxState
from tests.cast import Cast
from tests.clients import Client, words
from tests.conftest import Clock

pytestmark = pytest.mark.both_engines

#: More megabytes than a disk has.
ENDLESS = 10**12


def _mail(state: OutboxState, key: str) -> OutboxMessage:
    return OutboxMessage(
        key=key,
        message_id=f"<{key}@pentahelix.example>",
        kind="digest",
        recipient="lilis@smkn1kalanganyar.example",
        subject="x",
        content_sha256="0" * 64,
        state=state,
        next_at=system.now(),
        made_at=system.now(),
    )


def test_without_a_scheduler_it_is_not_well(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 503
    told = answer.json
    assert told is not None
    assert told.pop("disk_free_megabytes") > 0
    assert told == {
        "database": "ok",
        "scheduler": "silent",
        "disk": "ok",
        "scheduler_heartbeat_age": None,
        "outbox_oldest_age": None,
        "outbox_parked": 0,
        "outbox_turned_away": 0,
    }


def test_it_is_well_while_the_scheduler_beats_and_tells_when_it_falls_silent(
    app: Flask, client: Client, clock: Clock
) -> None:
    for _ in range(2):
        with app.app_context():
            scheduler.beat()
    assert client.get("/healthz").status_code == 200
    clock.set("2026-11-24T07:05+07:00")
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["scheduler_heartbeat_age"] == 300


def test_it_counts_parked_mails_and_the_age_of_the_oldest_one_waiting(
    client: Client, session: Session, clock: Clock
) -> None:
    session.add_all([_mail(OutboxState.QUEUED, "a"), _mail(OutboxState.PARKED, "b")])
    session.commit()
    clock.set("2026-11-24T07:01+07:00")
    answer = client.get("/healthz")
    assert answer.json is not None
    assert (answer.json["outbox_oldest_age"], answer.json["outbox_parked"]) == (60, 1)


def test_a_mail_that_waits_for_its_next_try_is_as_late_as_before(
    client: Client, session: Session, clock: Clock
) -> None:
    tried = _mail(OutboxState.QUEUED, "a")
    tried.attempt, tried.next_at = 4, system.now() + timedelta(hours=1)
    session.add(tried)
    session.commit()
    clock.set("2026-11-24T07:30+07:00")
    answer = client.get("/healthz")
    assert answer.json is not None
    assert answer.json["outbox_oldest_age"] == 1800


def test_a_mail_for_tomorrow_is_not_late_and_one_that_the_server_turned_away_is_told(
    client: Client, session: Session, clock: Clock
) -> None:
    away = _mail(OutboxState.QUEUED, "a")
    away.fault, away.next_at = MailFault.SERVER_REFUSES, system.now() + timedelta(hours=1)
    session.add(away)
    session.commit()
    answer = client.get("/healthz")
    assert answer.json is not None
    assert (answer.json["outbox_oldest_age"], answer.json["outbox_turned_away"]) == (None, 1)


def test_a_database_that_is_away_is_told_without_its_insides(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("SELECT 1", {}, Exception("connection refused by 10.0.0.1"))

    monkeypatch.setattr(views, "_facts", away)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (503, {"database": "away"})


@pytest.mark.parametrize(
    ("short_below", "full_below", "told", "status"),
    [(1, 0, "ok", 200), (ENDLESS, 0, "short", 200), (ENDLESS, ENDLESS, "full", 503)],
)
def test_it_tells_when_the_disk_is_nearly_full_and_is_not_well_when_it_is(
    app: Flask,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    short_below: int,
    full_below: int,
    told: str,
    status: int,
) -> None:
    with app.app_context():
        scheduler.beat()
    monkeypatch.setattr(room, "SHORT_BELOW", short_below)
    monkeypatch.setattr(room, "FULL_BELOW", full_below)
    answer = client.get("/healthz")
    assert answer.json is not None
    assert (answer.json["disk"], answer.status_code) == (told, status)


def test_the_admin_alone_reads_at_the_bell_that_the_disk_is_nearly_full(
    cast: Cast, browser_of: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    rudi, lilis = browser_of(cast.rudi), browser_of(cast.lilis)
    assert "Ruang simpan" not in words(rudi.get("/waiting"))
    monkeypatch.setattr(room, "SHORT_BELOW", ENDLESS)
    for page in ("/waiting", "/outbox"):
        assert "Ruang simpan hampir habis" in words(rudi.get(page))
        assert "Ruang simpan" not in words(lilis.get(page))
    assert "1 hal menunggu Anda" in words(rudi.get("/waiting"))


def test_the_fuller_disk_counts_and_one_that_takes_no_further_file_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a folder that is not made yet, the disk of what it will be made in."""
    here = Settings.for_tests(
        documents=tmp_path / "not" / "yet", database_url=f"sqlite:///{tmp_path / 'a.db'}"
    )
    free = room.megabytes(here)
    assert abs(free - shutil.disk_usage(tmp_path).free // room.MEGABYTE) < 100
    of_processes = replace(here, documents=Path("/proc"))
    assert room.megabytes(of_processes) == 0
    assert room.of(of_processes) == Room.FULL
