"""The one statement and its twin in plain Python say the same of any world."""

from datetime import date

import pytest
from hypothesis import HealthCheck, event, given, settings
from sqlalchemy.orm import Session

from pentahelix.queries import coverage
from pentahelix.queries.coverage_rule import Cell
from tests.coverage_twin import Twin, TwinCell
from tests.coverage_worlds import World, worlds

TODAY = date(2026, 11, 24)

any_world = given(world=worlds(TODAY))


def calmly(max_examples: int):
    """Each world is taken back before the next, so that the one session of a test serves all of them."""
    return settings(
        max_examples=max_examples,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


def _told(cell: Cell) -> TwinCell:
    return TwinCell(
        cell.state,
        cell.partners,
        cell.bound_partners,
        cell.prospects,
        cell.reason,
        cell.number,
        cell.in_process,
    )


def _agree(session: Session, world: World) -> None:
    try:
        world.write(session)
        at_risk_days, late_days, alive_days = world.thresholds
        twin = Twin(session, TODAY, at_risk_days=at_risk_days, late_days=late_days, alive_days=alive_days)
        expected = twin.cells()
        matrix = coverage.matrix()
        cells = {(cell.cluster_id, cell.helix.value): cell for cell in matrix.cells}
        assert {key: _told(cell) for key, cell in cells.items()} == expected
        bound = [cell for cell in expected.values() if cell.state in ("bound", "alive", "at_risk")]
        assert (matrix.bound, matrix.total) == (len(bound), len(expected))
        assert [(gap.cluster.id, gap.cell.helix) for gap in matrix.gaps] == twin.gaps()
        assert matrix.partners == twin.number_of_partners()
        assert matrix.schools == twin.number_of_schools()
        for cell in expected.values():
            event(f"{cell.state} {cell.reason or ''}")
    finally:
        session.rollback()


@calmly(100)
@any_world
def test_the_matrix_is_what_its_twin_says(session: Session, world: World) -> None:
    _agree(session, world)


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
@calmly(20)
@any_world
def test_it_is_so_on_the_other_engine(session: Session, world: World) -> None:
    _agree(session, world)
