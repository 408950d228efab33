"""The coverage matrix as it stood in each month: history cannot be made up later."""

from datetime import date
from typing import Any

from sqlalchemy import exists, select

from pentahelix import clock
from pentahelix.database import unless_there
from pentahelix.extensions import db
from pentahelix.models import Cluster, CoverageSnapshot
from pentahelix.queries import coverage
from pentahelix.queries.coverage_rule import Cell
from pentahelix.scope import live
from pentahelix.unit_of_work import looking, unit_of_work

JOB = "scheduler:snapshot"

#: Rows of one INSERT: both engines bear only so many values.
CHUNK = 500


def tick() -> None:
    """Take this month's unless it is taken: the first tick of a month by the province's calendar does."""
    today = clock.today()
    with looking() as session:
        is_due = not is_taken(today) and session.scalar(select(exists().where(live(Cluster))))
    if is_due:
        with unit_of_work(JOB):
            take_snapshot(today)


def is_taken(today: date) -> bool:
    """Whether there is one of the month of `today`; one look into an index."""
    taken = exists().where(CoverageSnapshot.month == today.replace(day=1))
    return bool(db.session.scalar(select(taken)))


def take_snapshot(today: date) -> None:
    """Write down all cells as they stand, once a month.

    Of two that do it at once one does, be it on two days: the other one's cells are there already.
    """
    if is_taken(today):
        return
    connection, once = db.session.connection(), ("month", "cluster_id", "helix")
    rows = [_row(cell, today) for cell in coverage.matrix(today).cells]
    for start in range(0, len(rows), CHUNK):
        db.session.execute(unless_there(connection, CoverageSnapshot, rows[start : start + CHUNK], *once))


def _row(cell: Cell, today: date) -> dict[str, Any]:
    return {
        "cluster_id": cell.cluster_id,
        "month": today.replace(day=1),
        "taken_on": today,
        "helix": cell.helix,
        "state": cell.state,
        "reason": cell.reason,
        "number": cell.number,
        "partners": cell.partners,
        "bound_partners": cell.bound_partners,
    }
