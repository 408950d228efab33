"""Lists of follow-ups, and one of them with all that it hangs on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import joinedload

from pentahelix import clock, rules
from pentahelix.extensions import db
from pentahelix.models import (
    Agreement,
    AgreementCluster,
    AgreementParty,
    Cluster,
    ClusterPartner,
    Contribution,
    FollowUp,
    GuidanceSession,
    Meeting,
    Partner,
    User,
)
from pentahelix.prepared import prepared
from pentahelix.queries.days import today_in
from pentahelix.queries.page import REACH, SIZE, Order, Page, Rows, within
from pentahelix.scope import live, or_404
from pentahelix.vocabulary import OPEN_FOLLOW_UPS, FollowUpSource, FollowUpStatus, Helix, Priority


class Whose(StrEnum):
    MINE = "mine"
    CLUSTER = "cluster"
    ALL = "all"


class State(StrEnum):
    OPEN = "open"
    LATE = "late"
    DONE = "done"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


@dataclass(frozen=True)
class Filters:
    """Which follow-ups a list shows: those of `owner_id`, of a cluster, or all that one sees."""

    state: State = State.OPEN
    cluster_id: int | None = None
    owner_id: int | None = None
    partner_id: int | None = None
    priority: Priority | None = None
    due_on: date | None = None


@dataclass(frozen=True)
class FollowUpRow:
    """A follow-up with what its line in a list names. `late` is told by the clocks of its cluster."""

    follow_up: FollowUp
    owner: User
    partner: Partner | None
    cluster: Cluster
    meeting: Meeting | None

    @property
    def late(self) -> bool:
        return rules.is_late(self.follow_up, clock.today(self.cluster.timezone))

    @property
    def days_left(self) -> int:
        return (self.follow_up.due_on - clock.today(self.cluster.timezone)).days


class Listed(NamedTuple):
    """A follow-up in the list: values only, so that what is drawn of it may be kept."""

    id: int
    title: str
    status: FollowUpStatus
    priority: Priority
    due_on: date
    completed_on: date | None
    is_archived: bool
    source_kind: FollowUpSource
    guidance_id: int | None
    agreement_id: int | None
    contribution_id: int | None
    cluster_id: int
    helix: Helix | None
    owner_id: int
    owner: str
    #: those that are in sight
    partner_id: int | None
    partner: str | None
    meeting_id: int | None
    meeting_starts_at: datetime | None
    #: by its short name
    cluster: str
    #: by the clocks of the cluster, in whose place its zone stands in a row of the statement
    today: date

    @property
    def late(self) -> bool:
        return rules.is_late(self, self.today)


@dataclass(frozen=True)
class FollowUpList:
    page: Page
    #: how many of the same choice are late, whatever the page shows
    late: int


_priority = case({Priority.HIGH: 0, Priority.MEDIUM: 1, Priority.LOW: 2}, value=FollowUp.priority)

#: Name of an order → its keys; the id comes last. Whatever is empty stands at the end.
SORTS: Mapping[str, Order] = {
    "due": (FollowUp.due_on.asc(), _priority.asc()),
    "-due": (FollowUp.due_on.desc(), _priority.asc()),
    "priority": (_priority.asc(), FollowUp.due_on.asc()),
    "-priority": (_priority.desc(), FollowUp.due_on.asc()),
    "owner": (User.sort_name.asc(), FollowUp.due_on.asc()),
    "-owner": (User.sort_name.desc(), FollowUp.due_on.asc()),
    "partner": (Partner.sort_name.asc().nulls_last(), FollowUp.due_on.asc()),
    "-partner": (Partner.sort_name.desc().nulls_last(), FollowUp.due_on.asc()),
    "done": (FollowUp.completed_on.asc().nulls_last(),),
    "-done": (FollowUp.completed_on.desc().nulls_last(),),
}


def index(filters: Filters, sort: str, number: int) -> FollowUpList:
    """Page `number` of the list, in two statements."""
    late, found = db.session.execute(*_counts(filters)).one()
    total = min(found, REACH)
    number = within(number, total)
    rows = db.session.execute(*_listed(filters, SORTS[sort], (number - 1) * SIZE))
    today = cache(clock.today)
    items = [Listed._make((*values, today(zone))) for *values, zone in rows]
    return FollowUpList(Page(items, number, total, found <= REACH), late)


def export(filters: Filters, sort: str) -> list[FollowUpRow]:
    """The whole list, in one statement."""
    return [FollowUpRow(*row) for row in db.session.execute(*_sorted(filters, SORTS[sort]))]


@prepared
def _counts(filters: Filters) -> Rows:
    """How many of the choice are late, and how many there are in its state, at most REACH + 1."""
    found = select(FollowUp.id).join(Cluster, Cluster.id == FollowUp.cluster_id)
    chosen = found.where(*_chosen(filters), _in_state(filters.state)).limit(REACH + 1).subquery()
    number = select(func.count()).select_from(chosen).scalar_subquery()
    return found.with_only_columns(func.count(FollowUp.id), number, maintain_column_froms=True).where(
        *_chosen(filters), _in_state(State.LATE)
    )


def one(followup_id: int) -> FollowUp:
    """A follow-up that one may see, with everything that its page names; else 404."""
    found: FollowUp | None = db.session.scalars(*_one(followup_id)).first()
    return or_404(found)


@prepared
def _one(followup_id: int) -> Select[FollowUp]:
    named = ("cluster", "partner", "owner", "assigned_by", "meeting", "guidance", "agreement", "contribution")
    return (
        select(FollowUp)
        .where(FollowUp.id == followup_id)
        .options(*(joinedload(getattr(FollowUp, name)) for name in named))
    )


def partner_of(cluster_id: int, partner_id: int | None) -> Partner | None:
    """A partner that is, or was, involved in a cluster."""
    return db.session.scalars(*_partner_of(cluster_id, partner_id)).first()


@prepared
def _partner_of(cluster_id: int, partner_id: int | None) -> Select[Partner]:
    return (
        select(Partner)
        .join(ClusterPartner, ClusterPartner.partner_id == Partner.id)
        .where(ClusterPartner.cluster_id == cluster_id, Partner.id == partner_id, live(Partner))
    )


def partner_named(partner_id: int | None) -> Partner | None:
    """The partner that a list is narrowed to, for its chip."""
    return None if partner_id is None else db.session.scalars(*_partner(partner_id)).first()


@prepared
def _partner(partner_id: int) -> Select[Partner]:
    return select(Partner).where(Partner.id == partner_id)


def clusters() -> list[Cluster]:
    """Where a follow-up may be made, by name."""
    return list(db.session.scalars(*_clusters()))


@prepared
def _clusters() -> Select[Cluster]:
    return select(Cluster).where(live(Cluster)).order_by(Cluster.sort_name, Cluster.id)


def clusters_of(partner_id: int) -> set[int]:
    """Where a partner is, or was, involved, as far as one sees."""
    return set(db.session.scalars(*_clusters_of(partner_id)))


@prepared
def _clusters_of(partner_id: int) -> Select[int]:
    return select(ClusterPartner.cluster_id).where(ClusterPartner.partner_id == partner_id)


def clusters_of_source(source: Meeting | GuidanceSession | Agreement | Contribution) -> set[int]:
    """Where a follow-up of it may stand, as far as one sees: its cluster, or all that an agreement covers."""
    if not isinstance(source, Agreement):
        return {source.cluster_id}
    covered = select(AgreementCluster.cluster_id).where(AgreementCluster.agreement_id == source.id)
    return set(db.session.scalars(covered))


def partner_of_source(source: Meeting | GuidanceSession | Agreement | Contribution) -> Partner | None:
    """Whom an agreement with one partner is with, or who gives a contribution; of an event one chooses."""
    if isinstance(source, Contribution):
        return db.session.scalars(select(Partner).where(Partner.id == source.partner_id)).first()
    if not isinstance(source, Agreement):
        return None
    partners = db.session.scalars(
        select(Partner)
        .join(AgreementParty, AgreementParty.partner_id == Partner.id)
        .where(AgreementParty.agreement_id == source.id)
        .limit(2)
    ).all()
    return partners[0] if len(partners) == 1 else None


def rows() -> Rows:
    """What FollowUpRow is made of."""
    return (
        select(FollowUp, User, Partner, Cluster, Meeting)
        .join(User, User.id == FollowUp.owner_user_id)
        .join(Cluster, Cluster.id == FollowUp.cluster_id)
        .outerjoin(Partner, Partner.id == FollowUp.partner_id)
        .outerjoin(Meeting, Meeting.id == FollowUp.meeting_id)
    )


@prepared
def _sorted(filters: Filters, order: Order) -> Rows:
    return _in_order(rows(), filters, order)


@prepared
def _listed(filters: Filters, order: Order, offset: int) -> Rows:
    """What Listed is made of."""
    shown = rows().with_only_columns(
        FollowUp.id,
        FollowUp.title,
        FollowUp.status,
        FollowUp.priority,
        FollowUp.due_on,
        FollowUp.completed_on,
        ~live(FollowUp),
        FollowUp.source_kind,
        FollowUp.guidance_id,
        FollowUp.agreement_id,
        FollowUp.contribution_id,
        FollowUp.cluster_id,
        FollowUp.helix,
        User.id,
        User.name,
        Partner.id,
        Partner.name,
        Meeting.id,
        Meeting.starts_at,
        Cluster.short_name,
        Cluster.timezone,
        maintain_column_froms=True,
    )
    return _in_order(shown, filters, order).limit(SIZE).offset(offset)


def _in_order(rows: Rows, filters: Filters, order: Order) -> Rows:
    return rows.where(*_chosen(filters), _in_state(filters.state)).order_by(*order, FollowUp.id)


def _chosen(filters: Filters) -> list[ColumnElement[bool]]:
    wanted = {
        FollowUp.cluster_id: filters.cluster_id,
        FollowUp.owner_user_id: filters.owner_id,
        FollowUp.partner_id: filters.partner_id,
        FollowUp.priority: filters.priority,
        FollowUp.due_on: filters.due_on,
    }
    return [column == value for column, value in wanted.items() if value is not None]


def _in_state(state: State) -> ColumnElement[bool]:
    if state is State.ARCHIVED:
        return ~live(FollowUp)
    criterion = {
        State.OPEN: FollowUp.status.in_(OPEN_FOLLOW_UPS),
        State.LATE: rules.late(today_in(Cluster.timezone)),
        State.DONE: FollowUp.status == FollowUpStatus.DONE,
        State.CANCELLED: FollowUp.status == FollowUpStatus.CANCELLED,
    }[state]
    return live(FollowUp) & criterion
