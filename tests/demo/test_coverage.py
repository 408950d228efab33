"""How the eight clusters of the demo stand: every state, both reasons, on whatever day they are loaded."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from pentahelix.models import FollowUp, Partner
from pentahelix.queries import coverage
from pentahelix.queries.coverage_rule import Reason
from pentahelix.vocabulary import AgreementStatus, CellState, Helix

TODAY = date(2026, 11, 24)

EMPTY, PROSPECT, BOUND = CellState.EMPTY, CellState.PROSPECT, CellState.BOUND
ALIVE, AT_RISK = CellState.ALIVE, CellState.AT_RISK

#: Industry, university, community, media, government; the same on whatever day it is loaded.
MATRIX = {
    "Kuliner Lebak": (AT_RISK, AT_RISK, PROSPECT, ALIVE, PROSPECT),
    "Gula Aren Pandeglang": (ALIVE, BOUND, PROSPECT, ALIVE, ALIVE),
    "Bandeng Kota Serang": (ALIVE, ALIVE, BOUND, ALIVE, ALIVE),
    "Kriya Bambu Tangerang": (ALIVE, AT_RISK, ALIVE, BOUND, EMPTY),
    "Perawatan Mesin Cilegon": (ALIVE, ALIVE, EMPTY, EMPTY, BOUND),
    "Busana Tangsel": (BOUND, PROSPECT, ALIVE, ALIVE, PROSPECT),
    "Mebel Kota Tangerang": (AT_RISK, EMPTY, BOUND, PROSPECT, ALIVE),
    "Agrowisata Serang": (PROSPECT, EMPTY, PROSPECT, EMPTY, BOUND),
}


def states() -> dict[str, tuple[CellState, ...]]:
    rows = coverage.matrix().rows
    return {row.cluster.short_name: tuple(cell.state for cell in row.cells) for row in rows}


def test_lebak_stands_as_expected_on_the_day_of_loading(loaded: Session) -> None:
    lebak = next(row for row in coverage.matrix().rows if row.cluster.is_pilot)
    industry, university, community, media, government = lebak.cells
    assert (industry.state, industry.reason, industry.number) == (AT_RISK, Reason.ENDING, 25)
    assert (university.state, university.reason) == (AT_RISK, Reason.LATE)
    late = loaded.scalars(
        select(FollowUp).join(Partner).where(Partner.helix == Helix.UNIVERSITY, FollowUp.due_on < TODAY)
    ).all()
    assert TODAY - timedelta(days=30) in {each.due_on for each in late}
    assert (community.state, community.partners, community.prospects, community.bound_partners) == (
        PROSPECT,
        6,
        1,
        0,
    )
    assert media.state == ALIVE
    assert (government.state, government.in_process) == (PROSPECT, AgreementStatus.LEGAL_REVIEW)
    assert lebak.bound == 3


def test_the_eight_clusters_show_every_state_and_both_reasons(loaded: Session) -> None:
    matrix = coverage.matrix()
    assert states() == MATRIX
    assert [row.cluster.short_name for row in matrix.rows] == list(MATRIX)
    assert len({row.cluster.regency for row in matrix.rows}) == 8
    invented = [row for row in matrix.rows if not row.cluster.is_pilot]
    cells = [cell for row in invented for cell in row.cells]
    assert {cell.state for cell in cells} == set(CellState)
    assert {cell.reason for cell in cells if cell.reason} == set(Reason)
    assert [row.bound for row in invented] == [4, 5, 4, 3, 3, 3, 1]
    assert (matrix.bound, matrix.total) == (26, 40)
