"""What the day wants of a cluster, in the order of the page "Hari ini"."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import ScalarSelect, and_, func, or_, select

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
    Invitation,
    Meeting,
    Partner,
)
from pentahelix.prepared import NOW, TODAY, prepared
from pentahelix.principal import Principal
from pentahelix.queries import agreements, followups, waiting
from pentahelix.queries.followups import FollowUpRow
from pentahelix.queries.page import Rows
from pentahelix.queries.waiting import Proposal
from pentahelix.scope import live
from pentahelix.services import settings
from pentahelix.services.invitations import BETWEEN_NUDGES
from pentahelix.services.settings import Province
from pentahelix.vocabulary import (
    OPEN_FOLLOW_UPS,
    AgreementStatus,
    Answer,
    Basis,
    GuidanceStatus,
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


@dataclass(frozen=True)
class NextGuidance:
    guidance: GuidanceSession
    day: date
    attending: int  #: also those who are represented
    declined: int
    proposed: int
    silent: int
    #: of the silent, those who have an address and were not reminded by hand for a day
    to_nudge: int


@dataclass(frozen=True)
class EndingAgreement:
    agreement: Agreement
    partners: Sequence[Partner]
    has_ended: bool
    #: what is to follow it, still in process
    successor_id: int | None


@dataclass(frozen=True)
class ColdPartner:
    involvement: ClusterPartner
    partner: Partner
    contact: Contact | None
    #: since the last contact
    days: int

    @property
    def phone(self) -> str | None:
        """The number to call; an invented partner has none."""
        if self.partner.is_fictitious:
            return None
        return (self.contact and self.contact.phone) or self.partner.phone


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
    late: Section[FollowUpRow]
    due: Section[FollowUpRow]
    agreements: Section[EndingAgreement]
    cold: Section[ColdPartner]
    #: where nothing is urgent, the next day that holds something
    next: tuple[date, Event] | None = None

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
        guidance=_next_guidance(cluster, day, province),
        proposals=_proposals(cluster),
        late=late,
        due=due,
        agreements=_agreements(cluster, province),
        cold=_cold(cluster, day, province),
    )
    return replace(today, next=_next(cluster, day)) if today.is_quiet else today


def _next_guidance(cluster: Cluster, day: date, province: Province) -> NextGuidance | None:
    horizon = clock.at(day + timedelta(days=province.upcoming_days + 1), time.min, cluster.timezone)
    row = db.session.execute(*_coming(cluster.id, horizon, clock.now() - BETWEEN_NUDGES)).first()
    if row is None:
        return None
    guidance, *answers = row
    return NextGuidance(guidance, clock.local(guidance.starts_at, cluster.timezone).date(), *answers)


@prepared
def _coming(cluster_id: int, horizon: datetime, nudged_by: datetime) -> Rows:
    return (
        select(
            GuidanceSession,
            _invited(Answer.ATTENDING, Answer.REPRESENTED),
            _invited(Answer.DECLINED),
            _invited(Answer.PROPOSED),
            _invited(Answer.NONE),
            _to_nudge(nudged_by),
        )
        .where(
            GuidanceSession.cluster_id == cluster_id,
            GuidanceSession.status == GuidanceStatus.PLANNED,
            GuidanceSession.ends_at > NOW,
            GuidanceSession.starts_at < horizon,
            live(GuidanceSession),
        )
        .order_by(GuidanceSession.starts_at, GuidanceSession.id)
        .limit(1)
    )


def _invited(*answers: Answer) -> ScalarSelect[int]:
    return (
        select(func.count(Invitation.id))
        .where(
            Invitation.guidance_id == GuidanceSession.id,
            Invitation.uninvited_at.is_(None),
            Invitation.answer.in_(answers),
        )
        .scalar_subquery()
    )


def _to_nudge(nudged_by: datetime) -> ScalarSelect[int]:
    """In SQL what `invitations.may_be_nudged` says of one person."""
    return (
        select(func.count(Invitation.id))
        .join(Affiliation, Affiliation.id == Invitation.affiliation_id)
        .join(Contact, Contact.id == Affiliation.contact_id)
        .where(
            Invitation.guidance_id == GuidanceSession.id,
            Invitation.uninvited_at.is_(None),
            Invitation.answer == Answer.NONE,
            GuidanceSession.starts_at > NOW,
            or_(Invitation.nudged_at.is_(None), Invitation.nudged_at <= nudged_by),
            Contact.email.is_not(None),
            Contact.basis != Basis.WITHDRAWN,
            Contact.restricted_at.is_(None),
            Contact.erased_at.is_(None),
            live(Contact),
        )
        .scalar_subquery()
    )


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


def _follow_ups(
    cluster: Cluster, person: Principal, day: date
) -> tuple[Section[FollowUpRow], Section[FollowUpRow]]:
    """Those late, one's own first, and those due today, in one statement."""
    found = db.session.execute(*_open_by(day, cluster.id, person.user_id or 0)).all()
    late, due = (
        Section[FollowUpRow].of((row for row in found if (row[0].due_on < day) is wanted), FollowUpRow)
        for wanted in (True, False)
    )
    return late, due


@prepared
def _open_by(day: date, cluster_id: int, user_id: int) -> Rows:
    is_late = FollowUp.due_on < day
    mine_first = (FollowUp.owner_user_id != user_id, FollowUp.due_on, FollowUp.id)
    ranked = (
        select(
            FollowUp.id,
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
        followups.rows()
        .add_columns(ranked.c.total)
        .join(ranked, ranked.c.id == FollowUp.id)
        .where(ranked.c.rank <= SHOWN)
        .order_by(ranked.c.rank)
    )


def _agreements(cluster: Cluster, province: Province) -> Section[EndingAgreement]:
    """In force and ending, or just ended, with nothing that follows. Agreements go by the province's day."""
    day = clock.today()
    ends_by, lapsed_since = (
        day + timedelta(days=province.ending_days),
        day - timedelta(days=province.lapsed_days),
    )
    rows = db.session.execute(*_ending(cluster.id, ends_by, lapsed_since)).all()
    partners: dict[tuple[Agreement, int | None], list[Partner]] = {}
    for agreement, partner, successor_id, _total in rows:
        partners.setdefault((agreement, successor_id), []).extend([partner] if partner else [])
    found = [
        EndingAgreement(agreement, parties, agreement.ends_on < day, successor_id)
        for (agreement, successor_id), parties in partners.items()
        if agreement.ends_on
    ]
    return Section(found, rows[0].total if rows else 0)


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
            or_(ending, lapsed),
            ~agreements.has_successor(),
            live(Agreement),
        )
        .order_by(Agreement.ends_on, Agreement.id)
        .limit(SHOWN)
        .subquery()
    )
    return (
        select(Agreement, Partner, agreements.successor(), chosen.c.total)
        .join(chosen, chosen.c.id == Agreement.id)
        .outerjoin(AgreementParty, AgreementParty.agreement_id == Agreement.id)
        .outerjoin(Partner, Partner.id == AgreementParty.partner_id)
        .order_by(Agreement.ends_on, Agreement.id, Partner.sort_name, Partner.id)
    )


def _cold(cluster: Cluster, day: date, province: Province) -> Section[ColdPartner]:
    warm_from = day - timedelta(days=cluster.cold_after_days or province.cold_days)

    def told(involvement: ClusterPartner, partner: Partner, contact: Contact | None) -> ColdPartner:
        silent_since = involvement.last_contact_on or involvement.since
        return ColdPartner(involvement, partner, contact, (day - silent_since).days)

    return Section.of(db.session.execute(*_silent(cluster.id, day, warm_from)), told)


@prepared
def _silent(cluster_id: int, day: date, warm_from: date) -> Rows:
    may_be_called = and_(
        Contact.id == Affiliation.contact_id,
        Contact.basis != Basis.WITHDRAWN,
        Contact.restricted_at.is_(None),
        live(Contact),
    )
    return (
        select(ClusterPartner, Partner, Contact, func.count().over())
        .join(Partner, Partner.id == ClusterPartner.partner_id)
        .outerjoin(
            Affiliation,
            and_(Affiliation.partner_id == Partner.id, Affiliation.is_primary, Affiliation.ends.is_(None)),
        )
        .outerjoin(Contact, may_be_called)
        .where(ClusterPartner.cluster_id == cluster_id, rules.cold(day, warm_from), live(Partner))
        .order_by(func.coalesce(ClusterPartner.last_contact_on, ClusterPartner.since), ClusterPartner.id)
        .limit(SHOWN)
    )


def _next(cluster: Cluster, day: date) -> tuple[date, Event] | None:
    """The next day after `day`, or later on it, that holds something."""
    guidance, meeting, follow_up, agreement = db.session.execute(*_next_of_each(cluster.id, day)).one()
    found = [
        (guidance and clock.local(guidance, cluster.timezone).date(), Event.GUIDANCE),
        (meeting and clock.local(meeting, cluster.timezone).date(), Event.MEETING),
        (follow_up, Event.FOLLOW_UP),
        (agreement, Event.AGREEMENT),
    ]
    return min(((when, what) for when, what in found if when), default=None, key=lambda pair: pair[0])


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
    )
