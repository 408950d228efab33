"""The coverage matrix: how each cluster stands with each of the five sides, and where the gaps are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Select, func, select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Cluster, School
from pentahelix.prepared import prepared
from pentahelix.queries.coverage_rule import Cell, cells_on, partners_on
from pentahelix.queries.page import Rows
from pentahelix.rules import Day
from pentahelix.scope import live
from pentahelix.services import settings
from pentahelix.services.settings import Province
from pentahelix.vocabulary import CellState, Helix, Regency


@dataclass(frozen=True)
class Row:
    """A cluster with its five cells, in the order of Helix."""

    cluster: Cluster
    cells: tuple[Cell, ...]

    @property
    def bound(self) -> int:
        return sum(cell.is_bound for cell in self.cells)


@dataclass(frozen=True)
class Gap:
    """An unbound cell."""

    cluster: Cluster
    cell: Cell


@dataclass(frozen=True)
class Matrix:
    province: Province
    day: date
    #: the instant at which it was read
    at: datetime
    #: older clusters first
    rows: Sequence[Row]
    schools: int
    #: each once, in however many clusters
    partners: int

    @cached_property
    def cells(self) -> Sequence[Cell]:
        return [cell for row in self.rows for cell in row.cells]

    @cached_property
    def bound(self) -> int:
        return sum(row.bound for row in self.rows)

    @cached_property
    def total(self) -> int:
        return len(self.rows) * len(Helix)

    @cached_property
    def bound_by_helix(self) -> dict[Helix, int]:
        bound = Counter(cell.helix for cell in self.cells if cell.is_bound)
        return {helix: bound[helix] for helix in Helix}

    @cached_property
    def states(self) -> dict[CellState, int]:
        """How many cells are in each state."""
        found = Counter(cell.state for cell in self.cells)
        return {state: found[state] for state in CellState}

    @cached_property
    def by_regency(self) -> dict[Regency, tuple[int, int]]:
        """Where there are clusters: how many of their cells are bound, of how many."""
        found: dict[Regency, tuple[int, int]] = {}
        for row in self.rows:
            bound, total = found.get(row.cluster.regency, (0, 0))
            found[row.cluster.regency] = bound + row.bound, total + len(row.cells)
        return {regency: found[regency] for regency in Regency if regency in found}

    @cached_property
    def gaps(self) -> Sequence[Gap]:
        """All, the one that matters most first."""
        helices = list(Helix)

        def rank(numbered: tuple[int, Row, Cell]) -> tuple[int, bool, int, int]:
            age, row, cell = numbered
            return row.bound, cell.state != CellState.EMPTY, age, helices.index(cell.helix)

        unbound = (
            (age, row, cell) for age, row in enumerate(self.rows) for cell in row.cells if not cell.is_bound
        )
        return [Gap(row.cluster, cell) for _age, row, cell in sorted(unbound, key=rank)]

    @cached_property
    def gap_per_cluster(self) -> Sequence[Gap]:
        """The first of each cluster."""
        first: dict[int, Gap] = {}
        for gap in self.gaps:
            first.setdefault(gap.cluster.id, gap)
        return list(first.values())


def matrix(day: date | None = None) -> Matrix:
    """The clusters in sight, as they stand today, or with today's records on another day.

    Three statements."""
    day = day or clock.today()
    province = settings.province()
    found = db.session.execute(*_all_with_counts(day)).all()
    clusters = [cluster for cluster, _schools, _partners in found]
    schools, partners = found[0][1:] if found else (0, 0)
    cells = cells_on(day, province)
    rows = [
        Row(cluster, tuple(cells.get((cluster.id, helix)) or Cell(cluster.id, helix) for helix in Helix))
        for cluster in clusters
    ]
    return Matrix(province, day, clock.now(), rows, schools, partners)


def cells_of(cluster_id: int) -> Sequence[Cell]:
    """The five cells of a cluster in sight, today."""
    found = cells_on(clock.today(), settings.province(), cluster_id)
    return [found.get((cluster_id, helix)) or Cell(cluster_id, helix) for helix in Helix]


def newly_at_risk(since: date) -> list[tuple[Cluster, Cell]]:
    """Cells that are at risk today and, by the same records, were not on the day `since`.

    In the order of the matrix; two statements where none is at risk, else four.
    """
    province = settings.province()

    def at_risk(day: date) -> dict[tuple[int, Helix], Cell]:
        cells = cells_on(day, province)
        return {key: cell for key, cell in cells.items() if cell.state == CellState.AT_RISK}

    now = at_risk(clock.today())
    if not now:
        return []
    before = at_risk(since)
    return [
        (cluster, now[cluster.id, helix])
        for cluster in _clusters()
        for helix in Helix
        if (cluster.id, helix) in now.keys() - before.keys()
    ]


def _clusters() -> Sequence[Cluster]:
    """Those in sight, the older ones first."""
    return db.session.scalars(*_all_clusters()).all()


@prepared
def _all_clusters() -> Select[Cluster]:
    return select(Cluster).where(live(Cluster)).order_by(Cluster.begins, Cluster.id)


# ── what else the title names ───────────────────────────────────────────────────────────────────────────────


@prepared
def _all_with_counts(day: date) -> Rows:
    """The clusters, and beside each how many schools and partners there are in all."""
    return (
        select(Cluster, _schools(), _partners(day)).where(live(Cluster)).order_by(Cluster.begins, Cluster.id)
    )


def _schools() -> Any:
    return (
        select(func.count(School.id))
        .join(Cluster, Cluster.id == School.cluster_id)
        .where(live(School), live(Cluster))
        .scalar_subquery()
    )


def _partners(day: Day) -> Any:
    here = partners_on(day)
    return (
        select(func.count(here.c.partner_id.distinct()))
        .join(Cluster, Cluster.id == here.c.cluster_id)
        .where(live(Cluster))
        .scalar_subquery()
    )
