"""The list of clusters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from pentahelix.extensions import db
from pentahelix.models import (
    Cluster,
    ClusterPartner,
    Membership,
    Partner,
    School,
    User,
)
from pentahelix.prepared import prepared
from pentahelix.queries.days import today_in
from pentahelix.queries.page import REACH, SIZE, Page, within
from pentahelix.queries.words import matching
from pentahelix.rules import involved
from pentahelix.scope import live
from pentahelix.sorting import sort_key
from pentahelix.vocabulary import Helix, Regency, Role


@dataclass(frozen=True)
class Filters:
    """Which clusters a list shows; archived ones alone or not at all."""

    typed: str = ""
    regency: Regency | None = None
    archived: bool = False

    @property
    def is_narrowed(self) -> bool:
        return bool(self.typed or self.regency or self.archived)


@dataclass(frozen=True)
class ClusterRow:
    """A cluster with what its line in a list names."""

    cluster: Cluster
    schools: int
    partners: Mapping[Helix, int]
    coordinators: Sequence[str]


def none_yet() -> bool:
    """Whether nobody has made one, as in an installation that has just begun."""
    return db.session.scalar(select(Cluster.id).limit(1)) is None


@dataclass(frozen=True)
class ClusterList:
    """One page; how many clusters there are in each regency, and how many are in the archive."""

    page: Page
    regencies: Mapping[Regency, int]
    archived: int


class Sort(StrEnum):
    NAME = "name"
    NAME_DOWN = "-name"
    REGENCY = "regency"
    REGENCY_DOWN = "-regency"


#: The keys of each order; the id comes last.
SORTS: Mapping[Sort, Sequence[ColumnElement[Any]]] = {
    Sort.NAME: (Cluster.sort_name.asc(),),
    Sort.NAME_DOWN: (Cluster.sort_name.desc(),),
    Sort.REGENCY: (Cluster.regency.asc(), Cluster.sort_name.asc()),
    Sort.REGENCY_DOWN: (Cluster.regency.desc(), Cluster.sort_name.asc()),
}


def index(filters: Filters, sort: Sort, number: int) -> ClusterList:
    """Two statements: one counts, one reads."""
    counts = _counts(filters.typed)
    regencies = {regency: count for (regency, gone), count in counts.items() if gone == filters.archived}
    regencies = {regency: regencies[regency] for regency in Regency if regency in regencies}
    found = regencies.get(filters.regency, 0) if filters.regency else sum(regencies.values())
    total = min(found, REACH)
    number = within(number, total)
    rows = db.session.execute(*_rows(filters, sort, (number - 1) * SIZE)).all()
    archived = sum(count for (_regency, gone), count in counts.items() if gone)
    return ClusterList(Page([_row(row) for row in rows], number, total, found <= REACH), regencies, archived)


def _counts(typed: str) -> dict[tuple[Regency, bool], int]:
    rows = db.session.execute(*_by_regency(typed))
    return {(regency, bool(gone)): count for regency, gone, count in rows}


@prepared
def _by_regency(typed: str) -> Select[Any]:
    gone = case((live(Cluster), 0), else_=1)
    return select(Cluster.regency, gone, func.count()).where(*_holding(typed)).group_by(Cluster.regency, gone)


def _holding(typed: str) -> list[ColumnElement[bool]]:
    return [matching(Cluster, typed)] if typed else []


@prepared
def _rows(filters: Filters, sort: Sort, offset: int) -> Select[Any]:
    """The rows of the page are chosen first; the rest is looked up for these alone."""
    wanted = select(Cluster.id).where(
        ~live(Cluster) if filters.archived else live(Cluster), *_holding(filters.typed)
    )
    if filters.regency:
        wanted = wanted.where(Cluster.regency == filters.regency)
    page = wanted.order_by(*SORTS[sort], Cluster.id).limit(SIZE).offset(offset).subquery()
    partners = (
        select(ClusterPartner.cluster_id, *(_of_side(helix) for helix in Helix))
        .join(Partner, Partner.id == ClusterPartner.partner_id)
        .join(Cluster, Cluster.id == ClusterPartner.cluster_id)
        .where(ClusterPartner.cluster_id.in_(select(page.c.id)))
        .where(live(Partner), involved(today_in(Cluster.timezone)))
        .group_by(ClusterPartner.cluster_id)
        .subquery()
    )
    counts = [func.coalesce(partners.c[helix.value], 0) for helix in Helix]
    return (
        select(Cluster, _schools(), _coordinators(), *counts)
        .join(page, page.c.id == Cluster.id)
        .outerjoin(partners, partners.c.cluster_id == Cluster.id)
        .order_by(*SORTS[sort], Cluster.id)
    )


def _of_side(helix: Helix) -> Any:
    return func.count(case((Partner.helix == helix, 1))).label(helix.value)


def _schools() -> Any:
    return (
        select(func.count())
        .select_from(School)
        .where(School.cluster_id == Cluster.id, live(School))
        .correlate(Cluster)
        .scalar_subquery()
    )


def _coordinators() -> Any:
    """The names in one text, a line each, after a sign of who has no account."""
    silent = case((User.email.is_(None), "1"), else_="0")
    return (
        select(func.aggregate_strings(silent + User.name, "\n"))
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.cluster_id == Cluster.id, live(Membership), *coordinating())
        .correlate(Cluster)
        .scalar_subquery()
    )


def coordinating() -> list[ColumnElement[bool]]:
    return [User.role == Role.COORDINATOR, User.deactivated_at.is_(None)]


def _row(row: Sequence[Any]) -> ClusterRow:
    cluster, schools, names, *counts = row
    return ClusterRow(
        cluster=cluster,
        schools=schools,
        partners=dict(zip(Helix, counts, strict=True)),
        coordinators=_names(names or ""),
    )


def _names(lines: str) -> list[str]:
    """By name, those with an account first."""
    marked = sorted(lines.splitlines(), key=lambda line: (line[0], sort_key(line[1:])))
    return [line[1:] for line in marked]
