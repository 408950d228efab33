"""The coverage matrix: how each cluster stands with each of the five sides, and where the gaps are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Select, exists, func, select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Cluster, ClusterPartner, Partner, School
from pentahelix.prepared import prepared
from pentahelix.queries.coverage_rule import Bounds, Cell, cell_of, cells, cells_on
from pentahelix.queries.page import Rows
from pentahelix.rules import Day, involved
from pentahelix.scope import live
from pentahelix.services import settings
from pentahelix.services.settings import Province
from pentahelix.vocabulary import CellState, Helix, Regency

#: In the order of the matrix.
SIDES = tuple(Helix)


class Named(NamedTuple):
    """What the matrix says of a cluster."""

    id: int
    name: str
    short_name: str
    regency: Regency
    is_pilot: bool


class Row(NamedTuple):
    """A cluster with its five cells, in the order of SIDES."""

    cluster: Named
    cells: tuple[Cell, ...]
    #: how many of them are
    bound: int


class Gap(NamedTuple):
    """An unbound cell."""

    cluster: Named
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
        sides = zip(*(row.cells for row in self.rows), strict=True)
        bound = [sum(cell.is_bound for cell in side) for side in sides] or [0] * len(SIDES)
        return dict(zip(SIDES, bound, strict=True))

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
        """All, the one that matters most first: those of whom least is bound, empty ones, older ones."""
        ranked = sorted(
            (row.bound, cell.state is not CellState.EMPTY, age, side)
            for age, row in enumerate(self.rows)
            for side, cell in enumerate(row.cells)
            if not cell.is_bound
        )
        return [
            Gap(self.rows[age].cluster, self.rows[age].cells[side]) for _bound, _begun, age, side in ranked
        ]

    @cached_property
    def gap_per_cluster(self) -> Sequence[Gap]:
        """The first of each cluster."""
        first: dict[int, Gap] = {}
        for gap in self.gaps:
            first.setdefault(gap.cluster.id, gap)
        return list(first.values())


def matrix(day: date | None = None) -> Matrix:
    """The clusters in sight, as they stand today, or with today's records on another day.

    Two statements."""
    day = day or clock.today()
    province = settings.province()
    found = db.session.execute(*_clusters_with_cells(day, Bounds.on(day, province))).all()
    schools, partners = found[0][:2] if found else (0, 0)
    rows = [_row(day, list(beside)) for _cluster_id, beside in groupby(found, key=itemgetter(2))]
    return Matrix(province, day, clock.now(), rows, schools, partners)


def _row(day: date, beside: Sequence[Any]) -> Row:
    """Of what stands beside one cluster in the rows of the statement."""
    cluster = Named(*beside[0][2:7])
    found = {row[8]: cell_of(day, *row[7:]) for row in beside if row[8]}
    five = tuple(found.get(helix) or Cell(cluster.id, helix) for helix in SIDES)
    return Row(cluster, five, sum(cell.is_bound for cell in five))


def cells_of(cluster_id: int) -> Sequence[Cell]:
    """The five cells of a cluster in sight, today."""
    found = cells_on(clock.today(), settings.province(), cluster_id)
    return [found.get((cluster_id, helix)) or Cell(cluster_id, helix) for helix in SIDES]


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


@prepared
def _clusters_with_cells(day: date, bounds: Bounds) -> Rows:
    """Each cluster beside each of its cells that are not empty; before it how much there is in all."""
    beside = cells(bounds).subquery()
    return (
        select(
            _schools(),
            _partners(day),
            Cluster.id,
            Cluster.name,
            Cluster.short_name,
            Cluster.regency,
            Cluster.is_pilot,
            beside,
        )
        .outerjoin(beside, beside.c.cluster_id == Cluster.id)
        .where(live(Cluster))
        .order_by(Cluster.begins, Cluster.id)
    )


def _schools() -> Any:
    return (
        select(func.count(School.id))
        .join(Cluster, Cluster.id == School.cluster_id)
        .where(live(School), live(Cluster))
        .scalar_subquery()
    )


def _partners(day: Day) -> Any:
    """Each once, in however many clusters."""
    involvements = (
        select(ClusterPartner.id)
        .join(Cluster, Cluster.id == ClusterPartner.cluster_id)
        .where(ClusterPartner.partner_id == Partner.id, involved(day), live(Cluster))
        .correlate(Partner)
    )
    return select(func.count(Partner.id)).where(live(Partner), exists(involvements)).scalar_subquery()
