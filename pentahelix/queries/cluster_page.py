"""One cluster with everything that belongs to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, Select, String, case, func, literal, select, union_all

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
from pentahelix.prepared import NOW, TODAY, prepared
from pentahelix.queries import agreements
from pentahelix.queries.clusters import coordinating
from pentahelix.queries.page import Rows
from pentahelix.rules import involved
from pentahelix.scope import live, or_404
from pentahelix.vocabulary import GuidanceStatus, Helix, InvolvementRole, MeetingStatus, ProductStage

#: Of each side, and of schools, products, people, meetings and sessions, the page of a cluster shows so many.
SHOWN_PARTNERS = 6
SHOWN = 12
SHOWN_MEETINGS = 5


class PartnerName(NamedTuple):
    id: int
    name: str
    role: InvolvementRole

    @property
    def is_prospect(self) -> bool:
        return self.role == InvolvementRole.PROSPECT


class Side(NamedTuple):
    """One side of the partnership: how many partners, and the first of them."""

    helix: Helix
    total: int
    partners: tuple[PartnerName, ...]


class PersonName(NamedTuple):
    id: int
    name: str
    position: str | None
    phone: str | None
    email: str | None


class SchoolName(NamedTuple):
    id: int
    name: str
    role_in_cluster: str | None
    district: str | None


class ProductName(NamedTuple):
    id: int
    name: str
    stage: ProductStage


class Member(NamedTuple):
    user: User | PersonName
    school: School | SchoolName | None


class Led(NamedTuple):
    """A product and the school that leads it."""

    product: ProductName
    school: SchoolName | None


class Event(NamedTuple):
    """A meeting or a session that is to come."""

    id: int
    title: str
    starts_at: datetime
    ends_at: datetime | None
    place: str | None
    zone: str

    @property
    def day(self) -> date:
        return clock.local(self.starts_at, self.zone).date()


@dataclass(frozen=True)
class ClusterPage:
    """A cluster as its page shows it. Of what there is more of than SHOWN, one more than that is here."""

    cluster: Cluster
    schools: tuple[SchoolName, ...]
    products: tuple[Led, ...]
    members: tuple[Member, ...]
    sides: tuple[Side, ...]
    #: the next ones
    meetings: tuple[Event, ...]
    sessions: tuple[Event, ...]
    #: agreements that bind somebody today, and those still in process
    in_force: int
    in_process: int
    #: contributions, whatever their stage
    given: int

    @property
    def partners(self) -> int:
        return sum(side.total for side in self.sides)


def one(cluster_id: int) -> ClusterPage:
    """A cluster that one may see, in five statements; else 404."""
    rows = db.session.execute(*_head(cluster_id)).all()
    head = or_404(rows[0] if rows else None)
    cluster = head.Cluster
    return ClusterPage(
        cluster=cluster,
        in_force=head.in_force,
        in_process=head.in_process,
        given=head.given,
        schools=tuple(SchoolName(*row) for row in db.session.execute(*_schools_of(cluster_id))),
        products=tuple(
            Led(ProductName(*row[:3]), _school(row[3:]))
            for row in db.session.execute(*_products_of(cluster_id))
        ),
        members=tuple(
            Member(PersonName(*row[4:9]), _school(row[9:])) for row in rows if row.user_id is not None
        ),
        sides=_sides(cluster),
        **_coming(cluster),
    )


#: What SchoolName is made of.
_SCHOOL = (School.id, School.name, School.role_in_cluster, School.district)


def _school(row: Sequence[Any]) -> SchoolName | None:
    """None where no school stands beside, or none in sight."""
    return SchoolName(*row) if row[0] is not None else None


@prepared
def _head(cluster_id: int) -> Select[Any]:
    """The cluster, what there is of it, and beside it each of those who coordinate it with their school."""
    people = _members(cluster_id).limit(SHOWN + 1).subquery()
    return (
        select(
            Cluster,
            _agreements(agreements.in_force(TODAY)).label("in_force"),
            _agreements(Agreement.status.in_(agreements.IN_PROCESS)).label("in_process"),
            _contributions().label("given"),
            User.id.label("user_id"),
            User.name,
            User.position,
            User.phone,
            User.email,
            *_SCHOOL,
        )
        .select_from(Cluster)
        .outerjoin(User, User.id.in_(select(people.c.id)))
        .outerjoin(School, School.id == User.school_id)
        .where(Cluster.id == cluster_id)
        .order_by(*_BY_NAME)
    )


@prepared
def _schools_of(cluster_id: int) -> Rows:
    return (
        select(*_SCHOOL)
        .where(School.cluster_id == cluster_id, live(School))
        .order_by(School.sort_name, School.id)
        .limit(SHOWN + 1)
    )


@prepared
def _products_of(cluster_id: int) -> Rows:
    return (
        select(Product.id, Product.name, Product.stage, *_SCHOOL)
        .outerjoin(School, School.id == Product.lead_school_id)
        .where(Product.cluster_id == cluster_id, live(Product))
        .order_by(Product.sort_name, Product.id)
        .limit(SHOWN + 1)
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


#: Coordinators with an account first.
_BY_NAME = (User.email.is_(None), User.sort_name, User.id)


def members_of(cluster_id: int) -> list[Member]:
    """Those who coordinate a cluster, by name, with the school that they come from; with an account first."""
    return [Member(user, school) for user, school in db.session.execute(*_all_members(cluster_id))]


@prepared
def _all_members(cluster_id: int) -> Rows:
    return _members(cluster_id).with_only_columns(User, School).outerjoin(School, School.id == User.school_id)


def _members(cluster_id: int) -> Select[Any]:
    return (
        select(User.id)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.cluster_id == cluster_id, live(Membership), *coordinating())
        .order_by(*_BY_NAME)
    )


def _coming(cluster: Cluster) -> dict[str, tuple[Event, ...]]:
    """The next meetings and sessions."""
    found: dict[str, list[Event]] = {"meetings": [], "sessions": []}
    for noun, number, title, starts_at, ends_at, place in db.session.execute(*_planned(cluster.id)):
        found[noun].append(Event(number, title, starts_at, ends_at, place, cluster.timezone))
    return {noun: tuple(events) for noun, events in found.items()}


@prepared
def _planned(cluster_id: int) -> CompoundSelect[Any]:
    def next_of(key: str, noun: Any, title: Any, planned: StrEnum) -> Any:
        return select(
            select(literal(key, String), noun.id, title, noun.starts_at, noun.ends_at, noun.place)
            .where(noun.cluster_id == cluster_id, noun.status == planned, noun.starts_at >= NOW, live(noun))
            .order_by(noun.starts_at, noun.id)
            .limit(SHOWN_MEETINGS)
            .subquery()
        )

    return union_all(
        next_of("meetings", Meeting, Meeting.title, MeetingStatus.PLANNED),
        next_of("sessions", GuidanceSession, GuidanceSession.topic, GuidanceStatus.PLANNED),
    ).order_by("starts_at", "id")


def _sides(cluster: Cluster) -> tuple[Side, ...]:
    """All five, in one statement."""
    rows = db.session.execute(*_first_of_each_side(cluster.id, clock.today(cluster.timezone))).all()
    return tuple(
        Side(
            helix,
            next((row.total for row in rows if row.helix == helix), 0),
            tuple(PartnerName(row.id, row.name, row.role) for row in rows if row.helix == helix),
        )
        for helix in Helix
    )


@prepared
def _first_of_each_side(cluster_id: int, today: date) -> Select[Any]:
    """Those bound come before prospects."""
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
        .where(ClusterPartner.cluster_id == cluster_id, live(Partner), involved(today))
        .subquery()
    )
    return (
        select(involvements)
        .where(involvements.c.place <= SHOWN_PARTNERS)
        .order_by(involvements.c.helix, involvements.c.place)
    )
