"""The monthly picture of the matrix: once a month, by the calendar of Banten, however many look."""

import threading
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pentahelix import clock as system, scheduler
from pentahelix.models import AuditEntry, CoverageSnapshot
from pentahelix.queries.coverage_rule import Reason
from pentahelix.services import coverage
from pentahelix.unit_of_work import unit_of_work
from pentahelix.vocabulary import CellState, Helix
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.both_engines


@pytest.fixture
def tick(scheduled):
    """The scheduler looks once."""
    return lambda: scheduled(coverage.tick)


def taken(session: Session) -> dict[date, int]:
    """How many cells were written down on which day."""
    session.rollback()
    counted = select(CoverageSnapshot.taken_on, func.count()).group_by(CoverageSnapshot.taken_on)
    return dict(session.execute(counted.order_by(CoverageSnapshot.taken_on)).all())


def test_all_cells_are_written_down_as_they_stand(cast: Cast, session, tick):
    make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=date(2026, 12, 6))
    make.cluster(archived_at=system.now())
    tick()
    rows = session.scalars(select(CoverageSnapshot)).all()
    assert {(row.cluster_id, row.helix) for row in rows} == {
        (cluster.id, helix) for cluster in (cast.lebak, cast.pandeglang) for helix in Helix
    }
    [lebak] = [row for row in rows if (row.cluster_id, row.helix) == (cast.lebak.id, Helix.INDUSTRY)]
    assert (lebak.state, lebak.reason, lebak.number) == (CellState.AT_RISK, Reason.ENDING, 12)
    assert (lebak.partners, lebak.bound_partners) == (1, 1)
    [media] = [row for row in rows if (row.cluster_id, row.helix) == (cast.pandeglang.id, Helix.MEDIA)]
    assert (media.state, media.reason, media.number) == (CellState.PROSPECT, None, 1)


def test_it_is_taken_at_the_first_look_of_a_month_in_banten_and_not_again(cast, session, tick, clock):
    moments = [
        "2026-11-24T07:00+07:00",
        "2026-11-30T23:59+07:00",
        # Still November in UTC.
        "2026-12-01T00:01+07:00",
        "2026-12-01T00:02+07:00",
        "2026-12-31T23:59+07:00",
        # The scheduler was down over the turn of the year.
        "2027-01-09T10:00+07:00",
        "2027-01-10T10:00+07:00",
        "2027-02-01T00:00+07:00",
    ]
    for moment in moments:
        clock.set(moment)
        tick()
    assert taken(session) == {
        date(2026, 11, 24): 10,
        date(2026, 12, 1): 10,
        date(2027, 1, 9): 10,
        date(2027, 2, 1): 10,
    }


def test_a_clock_that_was_set_back_takes_no_second_one(cast, session, tick, clock):
    clock.set("2026-12-05T07:00+07:00")
    tick()
    clock.set("2026-12-03T07:00+07:00")
    tick()
    assert taken(session) == {date(2026, 12, 5): 10}


def test_two_schedulers_at_once_take_one(app: Flask, cast, session):
    session.commit()
    gate = threading.Barrier(2)
    failures: list[BaseException] = []

    def look() -> None:
        try:
            with app.app_context():
                gate.wait(10)
                coverage.tick()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert taken(session) == {date(2026, 11, 24): 10}


def test_two_schedulers_between_which_midnight_falls_take_one(app: Flask, cast, session):
    """Both have looked before either has written, one of them on the next day."""
    session.commit()
    failures: list[BaseException] = []

    def take(today: date) -> None:
        try:
            with app.app_context(), unit_of_work(coverage.JOB):
                coverage.take_snapshot(today)
        except BaseException as error:
            failures.append(error)

    with app.app_context(), unit_of_work(coverage.JOB):
        coverage.take_snapshot(date(2026, 12, 1))
        # It looks, and waits at its first row until the one above has committed.
        second = threading.Thread(target=take, args=(date(2026, 12, 2),))
        second.start()
        second.join(0.3)
        assert second.is_alive()
    second.join(30)
    assert failures == []
    assert taken(session) == {date(2026, 12, 1): 10}


def test_who_comes_second_finds_its_rows_there_and_leaves_them(cast, session):
    """Where both have looked before either has written."""
    first = CoverageSnapshot(
        cluster_id=cast.lebak.id,
        month=date(2026, 11, 1),
        taken_on=date(2026, 11, 23),
        helix=Helix.INDUSTRY,
        state=CellState.ALIVE,
        partners=7,
        bound_partners=7,
    )
    session.add(first)
    session.flush()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(coverage, "is_taken", lambda _today: False)
        coverage.take_snapshot(date(2026, 11, 24))
    session.refresh(first)
    assert first.partners == 7
    session.commit()
    assert taken(session) == {date(2026, 11, 23): 1, date(2026, 11, 24): 9}


def test_a_look_at_a_month_that_is_taken_costs_one_statement_and_writes_nothing(
    app: Flask, cast, session, tick, statements
):
    tick()
    before = session.scalar(select(func.count()).select_from(AuditEntry))
    with statements() as ran:
        tick()
    [look] = [statement for statement in ran if "coverage_snapshot" in statement]
    assert look.startswith("SELECT EXISTS")
    assert len(ran) == 1
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == before


def test_a_province_without_clusters_is_looked_at_and_left(session, tick):
    tick()
    assert taken(session) == {}
    make.cluster()
    tick()
    assert taken(session) == {date(2026, 11, 24): 5}


def test_many_clusters_are_written_in_parts(session, tick, monkeypatch):
    monkeypatch.setattr(coverage, "CHUNK", 4)
    for _ in range(3):
        make.cluster()
    tick()
    assert taken(session) == {date(2026, 11, 24): 15}


def test_the_scheduler_looks_at_each_tick(app: Flask):
    settings = app.extensions["settings"]
    [job] = [job for job in scheduler.jobs(settings) if job.run == coverage.tick]
    assert job.every.total_seconds() == settings.tick
