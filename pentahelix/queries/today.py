"""What the day wants of a cluster, in the order of the page "Hari ini"."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import and_, exists, func, or_, select

from pentahelix import clock, rules
from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    Agreement,
    AgreementCluster,
    AgreementParty,
    Cluster,
    ClusterPartner,
    Contact,
    FollowUp,
    GuidanceSession,
    Meeting,
    Partner,
)
from pentahelix.paths import table
from pentahelix.prepared import NOW, TODAY, prepared
from pentahelix.principal import Principal
from pentahelix.queries import agreements, next_guidance, steps, waiting
from pentahelix.queries.next_guidance import NextGuidance
from pentahelix.queries.page import Rows
from pentahelix.queries.steps import Step
from pentahelix.queries.waiting import Proposal
from pentahelix.scope import live
from pentahelix.services import settings
from pentahelix.services.settings import Province
from pentahelix.vocabulary import (
    OPEN_FOLLOW_UPS,
    AgreementStatus,
    GuidanceStatus,
    Helix,
    LastContactKind,
    MeetingStatus,
)

#: Lines of one section; its count is that of all.
SHOWN = 5

T = TypeVar("T")


@dataclass(frozen=True)
class Section(Generic[T]):
    rows: Sequence[T] = ()
    total: int = 0

    @classmethod
    def of(cls, rows: Iterable[Any], make: Any) -> "Section[T]":
        """From rows whose last column is the number of all."""
        found = list(rows)
        return cls([make(*row[:-1]) for row in found], found[0][-1] if found else 0)


class EndingAgreement(NamedTuple):
    id: int
    title: str
    ends_on: date
    may_be_renewed: bool
    version: int
    has_ended: bool
    #: what is to follow it, still in process
    successor_id: int | None
    #: by their names
    partners: tuple[str, ...]
    #: the side of the first of them
    helix: Helix | None


class ColdPartner(NamedTuple):
    id: int
    name: str
    helix: Helix
    last_contact_on: date | None
    last_contact_kind: LastContactKind | None
    #: when it came to the cluster
    since: date
    #: the name of who is called first, and the number; an invented partner has none
    contact: str | None
    phone: str | None
    #: since the last contact
    days: int


class Event(StrEnum):
    """What a cluster's calendar holds."""

    GUIDANCE = "guidance"
    MEETING = "meeting"
    FOLLOW_UP = "follow_up"
    AGREEMENT = "agreement"


@dataclass(frozen=True)
class Today:
    day: date
    guidance: NextGuidance | None
    proposals: Section[Proposal]
    late: Section[Step]
    due: Section[Step]
    agreements: Section[EndingAgreement]
    cold: Section[ColdPartner]
    #: where nothing is urgent, the next day that holds something
    next: tuple[date, Event] | None = None
    #: as far as a day on which nothing is urgent has asked
    has_partners: bool = True

    @property
    def is_quiet(self) -> bool:
        sections = (self.proposals, self.late, self.due, self.agreements, self.cold)
        return not any(section.total for section in sections)


def of(cluster: Cluster, person: Principal) -> Today:
    """The page of `cluster` for `person`; six statements, one more on a quiet day."""
    day = clock.today(cluster.timezone)
    province = settings.province()
    late, due = _follow_ups(cluster, person, day)
    today = Today(
        day=day,
        guidance=next_guidance.of(cluster, day, province),
        proposals=_proposals(cluster),
        late=late,
        due=due,
        agreements=_agreements(cluster, province),
        cold=_cold(cluster, day, province),
    )
    if not today.is_quiet:
        return today
    coming, has_partners = _next(cluster, day)
    return replace(today, next=coming, has_partners=has_partners)


def _proposals(cluster: Cluster) -> Section[Proposal]:
    return Section.of(db.session.execute(*_proposed(cluster.id)), Proposal)


@prepared
def _proposed(cluster_id: int) -> Any:
    return (
        waiting.proposals()
        .add_columns(func.count().over())
        .where(GuidanceSession.cluster_id == cluster_id)
        .limit(SHOWN)
    )


def _follow_ups(cluster: Cluster, person: Principal, day: date) -> tuple[Section[Step], Section[Step]]:
    """Those late, one's own first, and those due today, in one statement."""
    found = steps.of(db.session.execute(*_open_by(day, cluster.id, person.user_id or 0)))

    def section(late: bool) -> Section[Step]:
        return Section.of((row for row in found if (row[0].due_on < day) is late), lambda step: step)

    return section(True), section(False)


@prepared
def _open_by(day: date, cluster_id: int, user_id: int) -> Rows:
    is_late = FollowUp.due_on < day
    mine_first = (FollowUp.owner_user_id != user_id, FollowUp.due_on, FollowUp.id)
    ranked = (
        steps.chosen(
            func.row_number().over(partition_by=is_late, order_by=mine_first).label("rank"),
            func.count().over(partition_by=is_late).label("total"),
        )
        .where(
            FollowUp.cluster_id == cluster_id,
            FollowUp.status.in_(OPEN_FOLLOW_UPS),
            FollowUp.due_on <= day,
            live(FollowUp),
        )
        .subquery()
    )
    return (
        steps.rows(ranked, ranked.c.total).where(ranked.c.rank <= SHOWN).order_by(ranked.c.rank, ranked.c.id)
    )


def _agreements(cluster: Cluster, province: Province) -> Section[EndingAgreement]:
    """In force and ending, or just ended, with nothing that follows. Agreements go by the province's day."""
    day = clock.today()
    ends_by, lapsed_since = (
        day + timedelta(days=province.ending_days),
        day - timedelta(days=province.lapsed_days),
    )
    found: dict[int, list[Any]] = {}
    for row in db.session.execute(*_ending(cluster.id, ends_by, lapsed_since)):
        found.setdefault(row.id, []).append(row)
    return Section(
        [_with_partners(rows, day) for rows in found.values()],
        next(iter(found.values()))[0].total if found else 0,
    )


def _with_partners(rows: Sequence[Any], day: date) -> EndingAgreement:
    """From its rows, each of which has one of its partners, if that is in sight."""
    id, title, ends_on, status, version, is_followed, successor_id, *_rest = rows[0]
    may_be_renewed = status == AgreementStatus.SIGNED and not is_followed
    partners = [(row.name, row.helix) for row in rows if row.name is not None]
    return EndingAgreement(
        *(id, title, ends_on, may_be_renewed, version, ends_on < day, successor_id),
        partners=tuple(name for name, _helix in partners),
        helix=partners[0][1] if partners else None,
    )


@prepared
def _ending(cluster_id: int, ends_by: date, lapsed_since: date) -> Rows:
    ending = and_(agreements.in_force(TODAY), Agreement.ends_on <= ends_by)
    lapsed = and_(
        Agreement.status == AgreementStatus.SIGNED,
        Agreement.ends_on >= lapsed_since,
        Agreement.ends_on < TODAY,
    )
    chosen = (
        select(Agreement.id, func.count().over().label("total"))
        .join(AgreementCluster, AgreementCluster.agreement_id == Agreement.id)
        .where(
            AgreementCluster.cluster_id == cluster_id,
            # What both of them say, by which they are found.
            Agreement.status.in_(agreements.BINDING),
            Agreement.ends_on.between(lapsed_since, ends_by),
            or_(ending, lapsed),
            ~agreements.has_successor(),
            live(Agreement),
        )
        .order_by(Agreement.ends_on, Agreement.id)
        .limit(SHOWN)
        .subquery()
    )
    # The parties of an agreement in sight are in sight; their partners need not be.
    party = table(AgreementParty)
    return (
        select(
            *(Agreement.id, Agreement.title, Agreement.ends_on, Agreement.status, Agreement.version),
            *(agreements.is_followed(), agreements.successor(), Partner.name, Partner.helix, chosen.c.total),
        )
        .join(chosen, chosen.c.id == Agreement.id)
        .outerjoin(party, party.c.agreement_id == Agreement.id)
        .outerjoin(Partner, Partner.id == party.c.partner_id)
        .order_by(Agreement.ends_on, Agreement.id, Partner.sort_name, Partner.id)
    )


def _cold(cluster: Cluster, day: date, province: Province) -> Section[ColdPartner]:
    warm_from = day - timedelta(days=cluster.cold_after_days or province.cold_days)

    def told(*values: Any) -> ColdPartner:
        *shown, own_phone, office_phone, is_fictitious, silent_since = values
        phone = None if is_fictitious else own_phone or office_phone
        return ColdPartner._make((*shown, phone, (day - silent_since).days))

    return Section.of(db.session.execute(*_silent(cluster.id, day, warm_from)), told)


@prepared
def _silent(cluster_id: int, day: date, warm_from: date) -> Rows:
    # The partner of an involvement in sight is in sight, and so are those who work there.
    partner, affiliation, contact = map(table, (Partner, Affiliation, Contact))
    silent = (
        select(
            ClusterPartner.id,
            func.coalesce(ClusterPartner.last_contact_on, ClusterPartner.since).label("since"),
        )
        .join(partner, partner.c.id == ClusterPartner.partner_id)
        .where(
            ClusterPartner.cluster_id == cluster_id,
            rules.cold(day, warm_from),
            partner.c.archived_at.is_(None),
        )
        .cte()
    )
    total = select(func.count()).select_from(silent).scalar_subquery()
    longest = (
        select(silent.c.id, silent.c.since, total.label("total"))
        .order_by(silent.c.since, silent.c.id)
        .limit(SHOWN)
        .subquery()
    )
    primary = and_(
        affiliation.c.partner_id == partner.c.id, affiliation.c.is_primary, affiliation.c.ends.is_(None)
    )
    may_be_called = and_(
        contact.c.id == affiliation.c.contact_id,
        rules.contactable(contact.c),
    )
    return (
        select(
            *(partner.c.id, partner.c.name, partner.c.helix),
            *(ClusterPartner.last_contact_on, ClusterPartner.last_contact_kind, ClusterPartner.since),
            *(contact.c.name, contact.c.phone, partner.c.phone, partner.c.is_fictitious),
            *(longest.c.since, longest.c.total),
        )
        .join(longest, longest.c.id == ClusterPartner.id)
        .join(partner, partner.c.id == ClusterPartner.partner_id)
        .outerjoin(affiliation, primary)
        .outerjoin(contact, may_be_called)
        .order_by(longest.c.since, longest.c.id)
    )


def _next(cluster: Cluster, day: date) -> tuple[tuple[date, Event] | None, bool]:
    """The next day after `day`, or later on it, that holds something; whether there are partners at all."""
    guidance, meeting, follow_up, agreement, has_partners = db.session.execute(
        *_next_of_each(cluster.id, day)
    ).one()
    found = [
        (guidance and clock.local(guidance, cluster.timezone).date(), Event.GUIDANCE),
        (meeting and clock.local(meeting, cluster.timezone).date(), Event.MEETING),
        (follow_up, Event.FOLLOW_UP),
        (agreement, Event.AGREEMENT),
    ]
    coming = min(((when, what) for when, what in found if when), default=None, key=lambda pair: pair[0])
    return coming, bool(has_partners)


@prepared
def _next_of_each(cluster_id: int, day: date) -> Rows:
    return select(
        select(func.min(GuidanceSession.starts_at))
        .where(
            GuidanceSession.cluster_id == cluster_id,
            GuidanceSession.status == GuidanceStatus.PLANNED,
            GuidanceSession.starts_at > NOW,
            live(GuidanceSession),
        )
        .scalar_subquery(),
        select(func.min(Meeting.starts_at))
        .where(
            Meeting.cluster_id == cluster_id,
            Meeting.status == MeetingStatus.PLANNED,
            Meeting.starts_at > NOW,
            live(Meeting),
        )
        .scalar_subquery(),
        select(func.min(FollowUp.due_on))
        .where(
            FollowUp.cluster_id == cluster_id,
            FollowUp.status.in_(OPEN_FOLLOW_UPS),
            FollowUp.due_on > day,
            live(FollowUp),
        )
        .scalar_subquery(),
        select(func.min(Agreement.ends_on))
        .join(AgreementCluster, AgreementCluster.agreement_id == Agreement.id)
        .where(
            AgreementCluster.cluster_id == cluster_id,
            agreements.in_force(TODAY),
            Agreement.ends_on > day,
            live(Agreement),
        )
        .scalar_subquery(),
        exists().where(ClusterPartner.cluster_id == cluster_id),
    )
