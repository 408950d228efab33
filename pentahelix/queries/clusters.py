"""Clusters: the one that a person looks at, the list of all, and one with everything that belongs to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import (
    Agreement,
    AgreementCluster,
    Cluster,
    ClusterPartner,
    Contribution,
    GuidanceSession,
    Meeting,
    Membership,
    Partner,
    Product,
    School,
    User,
)
from pentahelix.principal import Principal
from pentahelix.queries import agreements
from pentahelix.queries.days import today_in
from pentahelix.queries.page import REACH, SIZE, Page, within
from pentahelix.queries.words import matching
from pentahelix.rules import involved
from pentahelix.scope import live, or_404
from pentahelix.sorting import sort_key
from pentahelix.vocabulary import GuidanceStatus, Helix, InvolvementRole, MeetingStatus, Regency, Role

#: Of each side, and of schools, products, people, meetings and sessions, the page of a cluster shows so many.
SHOWN_PARTNERS = 5
SHOWN = 12
SHOWN_MEETINGS = 5


def chosen(person: Principal) -> Cluster | None:
    """The cluster last chosen, if it may still be seen; else the oldest of the person's; None without any."""
    return db.session.scalars(
        select(Cluster)
        .where(Cluster.archived_at.is_(None))
        .order_by(Cluster.id != (person.chosen_cluster_id or 0), Cluster.begins, Cluster.id)
        .limit(1)
    ).first()


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────────


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


@dataclass(frozen=True)
class ClusterList:
    """One page; how many clusters there are in each regency, and how many are in the archive."""

    page: Page
    regencies: Mapping[Regency, int]
    archived: int


#: Name of an order → its keys; the id comes last.
SORTS: Mapping[str, Sequence[ColumnElement[Any]]] = {
    "name": (Cluster.sort_name.asc(),),
    "-name": (Cluster.sort_name.desc(),),
    "regency": (Cluster.regency.asc(), Cluster.sort_name.asc()),
    "-regency": (Cluster.regency.desc(), Cluster.sort_name.asc()),
}


def index(filters: Filters, sort: str, number: int) -> ClusterList:
    """Two statements: one counts, one reads."""
    counts = _counts(filters.typed)
    regencies = {regency: count for (regency, gone), count in counts.items() if gone == filters.archived}
    regencies = {regency: regencies[regency] for regency in Regency if regency in regencies}
    found = regencies.get(filters.regency, 0) if filters.regency else sum(regencies.values())
    total = min(found, REACH)
    number = within(number, total)
    rows = db.session.execute(_rows(filters, sort, number)).all()
    archived = sum(count for (_regency, gone), count in counts.items() if gone)
    return ClusterList(Page([_row(row) for row in rows], number, total, found <= REACH), regencies, archived)


def _counts(typed: str) -> dict[tuple[Regency, bool], int]:
    gone = case((live(Cluster), 0), else_=1)
    rows = db.session.execute(
        select(Cluster.regency, gone, func.count()).where(*_holding(typed)).group_by(Cluster.regency, gone)
    )
    return {(regency, bool(gone)): count for regency, gone, count in rows}


def _holding(typed: str) -> list[ColumnElement[bool]]:
    return [matching(Cluster, typed)] if typed else []


def _rows(filters: Filters, sort: str, number: int) -> Select[Any]:
    """The rows of the page are chosen first; the rest is looked up for these alone."""
    wanted = select(Cluster.id).where(
        ~live(Cluster) if filters.archived else live(Cluster), *_holding(filters.typed)
    )
    if filters.regency:
        wanted = wanted.where(Cluster.regency == filters.regency)
    page = wanted.order_by(*SORTS[sort], Cluster.id).limit(SIZE).offset((number - 1) * SIZE).subquery()
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
        .where(Membership.cluster_id == Cluster.id, live(Membership), *_coordinating())
        .correlate(Cluster)
        .scalar_subquery()
    )


def _coordinating() -> list[ColumnElement[bool]]:
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


# ── one of them ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class PartnerName:
    id: int
    name: str
    role: InvolvementRole

    @property
    def is_prospect(self) -> bool:
        return self.role == InvolvementRole.PROSPECT


@dataclass(frozen=True)
class Side:
    """One side of the partnership: how many partners, and the first of them."""

    helix: Helix
    total: int
    partners: Sequence[PartnerName]


@dataclass(frozen=True)
class Member:
    user: User
    school: School | None


@dataclass(frozen=True)
class Led:
    """A product and the school that leads it."""

    product: Product
    school: School | None


@dataclass(frozen=True)
class ClusterPage:
    """A cluster as its page shows it. Of what there is more of than SHOWN, one more than that is here."""

    cluster: Cluster
    schools: Sequence[School]
    products: Sequence[Led]
    members: Sequence[Member]
    sides: Sequence[Side]
    #: the next ones, each with its day on the cluster's calendar
    meetings: Sequence[tuple[date, Meeting]]
    sessions: Sequence[tuple[date, GuidanceSession]]
    #: agreements that bind somebody today, and those still in process
    in_force: int
    in_process: int
    #: contributions, whatever their stage
    given: int

    @property
    def partners(self) -> int:
        return sum(side.total for side in self.sides)


def one(cluster_id: int) -> ClusterPage:
    """A cluster that one may see, in seven statements; else 404."""
    row = or_404(
        db.session.execute(
            select(
                Cluster,
                _agreements(agreements.in_force(clock.today())).label("in_force"),
                _agreements(Agreement.status.in_(agreements.IN_PROCESS)).label("in_process"),
                _contributions().label("given"),
            ).where(Cluster.id == cluster_id)
        ).first()
    )
    cluster = row.Cluster
    return ClusterPage(
        cluster=cluster,
        in_force=row.in_force,
        in_process=row.in_process,
        given=row.given,
        schools=db.session.scalars(
            select(School)
            .where(School.cluster_id == cluster_id, live(School))
            .order_by(School.sort_name, School.id)
            .limit(SHOWN + 1)
        ).all(),
        products=[
            Led(product, school)
            for product, school in db.session.execute(
                select(Product, School)
                .outerjoin(School, School.id == Product.lead_school_id)
                .where(Product.cluster_id == cluster_id, live(Product))
                .order_by(Product.sort_name, Product.id)
                .limit(SHOWN + 1)
            )
        ],
        members=members_of(cluster_id, SHOWN + 1),
        sides=_sides(cluster),
        meetings=_coming(cluster, Meeting, MeetingStatus.PLANNED),
        sessions=_coming(cluster, GuidanceSession, GuidanceStatus.PLANNED),
    )


def _agreements(such: ColumnElement[bool]) -> Any:
    """How many agreements of that kind cover a cluster, beside it."""
    return (
        select(func.count(Agreement.id))
        .join(AgreementCluster, AgreementCluster.agreement_id == Agreement.id)
        .where(AgreementCluster.cluster_id == Cluster.id, live(Agreement), such)
        .correlate(Cluster)
        .scalar_subquery()
    )


def _contributions() -> Any:
    return (
        select(func.count(Contribution.id))
        .where(Contribution.cluster_id == Cluster.id, live(Contribution))
        .correlate(Cluster)
        .scalar_subquery()
    )


def members_of(cluster_id: int, limit: int | None = None) -> list[Member]:
    """Those who coordinate a cluster, by name, with the school that they come from; with an account first."""
    rows = db.session.execute(
        select(User, School)
        .join(Membership, Membership.user_id == User.id)
        .outerjoin(School, School.id == User.school_id)
        .where(Membership.cluster_id == cluster_id, live(Membership), *_coordinating())
        .order_by(User.email.is_(None), User.sort_name, User.id)
        .limit(limit)
    )
    return [Member(user, school) for user, school in rows]


def _coming(cluster: Cluster, noun: Any, planned: StrEnum) -> list[tuple[date, Any]]:
    """The next meetings or sessions."""
    found = db.session.scalars(
        select(noun)
        .where(
            noun.cluster_id == cluster.id,
            noun.status == planned,
            noun.starts_at >= clock.now(),
            live(noun),
        )
        .order_by(noun.starts_at, noun.id)
        .limit(SHOWN_MEETINGS)
    )
    return [(clock.local(event.starts_at, cluster.timezone).date(), event) for event in found]


def _sides(cluster: Cluster) -> list[Side]:
    """All five, in one statement; those bound come before prospects."""
    prospects = case((ClusterPartner.role == InvolvementRole.PROSPECT, 1), else_=0)
    involvements = (
        select(
            Partner.id,
            Partner.name,
            Partner.helix,
            ClusterPartner.role,
            func.row_number()
            .over(partition_by=Partner.helix, order_by=(prospects, Partner.sort_name, Partner.id))
            .label("place"),
            func.count().over(partition_by=Partner.helix).label("total"),
        )
        .join(ClusterPartner, ClusterPartner.partner_id == Partner.id)
        .where(
            ClusterPartner.cluster_id == cluster.id, live(Partner), involved(clock.today(cluster.timezone))
        )
        .subquery()
    )
    rows = db.session.execute(
        select(involvements)
        .where(involvements.c.place <= SHOWN_PARTNERS)
        .order_by(involvements.c.helix, involvements.c.place)
    ).all()
    return [
        Side(
            helix,
            next((row.total for row in rows if row.helix == helix), 0),
            [PartnerName(row.id, row.name, row.role) for row in rows if row.helix == helix],
        )
        for helix in Helix
    ]
