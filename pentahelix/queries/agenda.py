"""The agenda: sessions, meetings, follow-ups and obligations due and agreements that end, by day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true

from pentahelix import clock, holidays
from pentahelix.extensions import db
from pentahelix.models import (
    Agreement,
    AgreementCluster,
    Attendance,
    Cluster,
    FollowUp,
    GuidanceSession,
    Meeting,
    Obligation,
)
from pentahelix.prepared import prepared
from pentahelix.principal import Principal
from pentahelix.queries import agreements, followups
from pentahelix.queries.followups import FollowUpRow
from pentahelix.queries.page import Rows
from pentahelix.scope import live
from pentahelix.vocabulary import (
    OPEN_FOLLOW_UPS,
    GuidanceStatus,
    MeetingStatus,
    ObligationStatus,
)

WEEKS = 4
WEEK = timedelta(days=7)
ONE_DAY = timedelta(days=1)

#: Follow-ups of one day that are listed; the rest is counted.
SHOWN = 5
#: Of one window, meetings, sessions, agreements and obligations each: more than any cluster has.
MOST = 300


class Who(StrEnum):
    """Whose agenda: the chosen cluster's, one's own, or that of all clusters one sees."""

    CLUSTER = "cluster"
    ME = "me"
    ALL = "all"


@dataclass(frozen=True)
class Whose:
    """Whose agenda, as a statement knows it."""

    who: Who
    cluster_id: int | None
    user_id: int | None
    cluster_ids: Collection[int]


@dataclass(frozen=True)
class Appointment:
    """A meeting or a guidance session."""

    event: Meeting | GuidanceSession
    cluster: Cluster

    @property
    def is_meeting(self) -> bool:
        return isinstance(self.event, Meeting)

    @property
    def title(self) -> str:
        return self.event.title if isinstance(self.event, Meeting) else self.event.topic

    @property
    def day(self) -> date:
        return clock.local(self.event.starts_at, self.cluster.timezone).date()

    @property
    def is_held(self) -> bool:
        return self.event.status in (MeetingStatus.HELD, GuidanceStatus.HELD)


@dataclass(frozen=True)
class DueObligation:
    """What is still owed on a day, and by which agreement."""

    obligation: Obligation
    agreement: Agreement


@dataclass
class AgendaDay:
    day: date
    holiday: str | None = None
    appointments: list[Appointment] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    obligations: list[DueObligation] = field(default_factory=list)
    follow_ups: list[FollowUpRow] = field(default_factory=list)
    #: follow-ups due on that day, listed or not
    due: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.appointments or self.agreements or self.obligations or self.follow_ups)


@dataclass(frozen=True)
class Agenda:
    """The weeks from the Monday `first` to the Sunday `last`, every day of them."""

    who: Who
    first: date
    today: date
    days: Sequence[AgendaDay]

    @property
    def last(self) -> date:
        return self.days[-1].day

    @property
    def weeks(self) -> list[Sequence[AgendaDay]]:
        return [self.days[start : start + 7] for start in range(0, len(self.days), 7)]

    def total(self, kind: str) -> int:
        """How many sessions, meetings, follow-ups, agreements or obligations these weeks hold."""
        if kind == "follow_ups":
            return sum(day.due for day in self.days)
        if kind == "agreements":
            return sum(len(day.agreements) for day in self.days)
        if kind == "obligations":
            return sum(len(day.obligations) for day in self.days)
        meetings = kind == "meetings"
        return sum(
            appointment.is_meeting is meetings for day in self.days for appointment in day.appointments
        )


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def of(person: Principal, who: Who, cluster: Cluster | None, start: date | None) -> Agenda:
    """The agenda from the week of `start`, by default this one; six statements."""
    today = clock.today(cluster.timezone if cluster and who is Who.CLUSTER else person.timezone)
    first = monday(start or today)
    calendar = holidays.calendar(db.session())
    days = {
        day: AgendaDay(day, calendar.holiday_name(day, person.language))
        for day in (first + timedelta(days=number) for number in range(7 * WEEKS))
    }
    last = first + timedelta(days=7 * WEEKS - 1)
    whose = Whose(who, cluster.id if cluster else None, person.user_id, person.cluster_ids)
    for appointment in _appointments(whose, first, last):
        if appointment.day in days:
            days[appointment.day].appointments.append(appointment)
    for agreement in db.session.scalars(*_agreements(whose, first, last)):
        days[agreement.ends_on].agreements.append(agreement)
    for obligation, agreement in db.session.execute(*_obligations(whose, first, last)):
        days[obligation.due_on].obligations.append(DueObligation(obligation, agreement))
    for *found, due in db.session.execute(*_follow_ups(whose, first, last)):
        row = FollowUpRow(*found)
        days[row.follow_up.due_on].follow_ups.append(row)
        days[row.follow_up.due_on].due = due
    return Agenda(who, first, today, list(days.values()))


def _appointments(whose: Whose, first: date, last: date) -> list[Appointment]:
    """In the order of their hours; one day more at each end, since zones differ."""
    start, end = _midnight(first - ONE_DAY), _midnight(last + 2 * ONE_DAY)
    found = [
        Appointment(*row)
        for statement in (_sessions(whose, start, end), _meetings(whose, start, end))
        for row in db.session.execute(*statement)
    ]
    return sorted(found, key=lambda appointment: appointment.event.starts_at)


@prepared
def _meetings(whose: Whose, start: datetime, end: datetime) -> Rows:
    return (
        select(Meeting, Cluster)
        .join(Cluster, Cluster.id == Meeting.cluster_id)
        .where(
            Meeting.starts_at >= start,
            Meeting.starts_at < end,
            Meeting.status != MeetingStatus.CANCELLED,
            live(Meeting),
            _of(
                whose,
                Meeting.cluster_id,
                or_(
                    Meeting.chair_user_id == whose.user_id,
                    Meeting.minute_taker_user_id == whose.user_id,
                    Meeting.id.in_(select(Attendance.meeting_id).where(Attendance.user_id == whose.user_id)),
                ),
            ),
        )
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(MOST)
    )


@prepared
def _sessions(whose: Whose, start: datetime, end: datetime) -> Rows:
    return (
        select(GuidanceSession, Cluster)
        .join(Cluster, Cluster.id == GuidanceSession.cluster_id)
        .where(
            GuidanceSession.starts_at >= start,
            GuidanceSession.starts_at < end,
            GuidanceSession.status != GuidanceStatus.CANCELLED,
            live(GuidanceSession),
            _of(whose, GuidanceSession.cluster_id, GuidanceSession.organiser_user_id == whose.user_id),
        )
        .order_by(GuidanceSession.starts_at, GuidanceSession.id)
        .limit(MOST)
    )


@prepared
def _agreements(whose: Whose, first: date, last: date) -> Select[Any]:
    return (
        select(Agreement)
        .where(
            Agreement.status.in_(agreements.BINDING),
            Agreement.ends_on.between(first, last),
            _covers(whose),
            live(Agreement),
        )
        .order_by(Agreement.ends_on, Agreement.id)
        .limit(MOST)
    )


@prepared
def _obligations(whose: Whose, first: date, last: date) -> Rows:
    """Those of signed agreements that are not fulfilled."""
    return (
        select(Obligation, Agreement)
        .join(Agreement, Agreement.id == Obligation.agreement_id)
        .where(
            Agreement.status.in_(agreements.BINDING),
            Obligation.due_on.between(first, last),
            Obligation.status != ObligationStatus.FULFILLED,
            _covers(whose),
            live(Obligation),
            live(Agreement),
        )
        .order_by(Obligation.due_on, Obligation.id)
        .limit(MOST)
    )


def _covers(whose: Whose) -> ColumnElement[bool]:
    mine = AgreementCluster.cluster_id.in_(whose.cluster_ids)
    theirs = _of(whose, AgreementCluster.cluster_id, mine)
    return Agreement.id.in_(select(AgreementCluster.agreement_id).where(theirs))


@prepared
def _follow_ups(whose: Whose, first: date, last: date) -> Rows:
    """Open ones, the first of each day, with the number of all that are due on it."""
    ranked = (
        select(
            FollowUp.id,
            func.row_number().over(partition_by=FollowUp.due_on, order_by=FollowUp.id).label("rank"),
            func.count().over(partition_by=FollowUp.due_on).label("due"),
        )
        .where(
            FollowUp.due_on.between(first, last),
            FollowUp.status.in_(OPEN_FOLLOW_UPS),
            live(FollowUp),
            _of(whose, FollowUp.cluster_id, FollowUp.owner_user_id == whose.user_id),
        )
        .subquery()
    )
    return (
        followups.rows()
        .add_columns(ranked.c.due)
        .join(ranked, ranked.c.id == FollowUp.id)
        .where(ranked.c.rank <= SHOWN)
        .order_by(FollowUp.due_on, ranked.c.rank)
    )


def _of(whose: Whose, cluster_id: Any, mine: ColumnElement[bool]) -> ColumnElement[bool]:
    if whose.who is Who.ALL:
        return true()
    if whose.who is Who.ME:
        return mine
    return false() if whose.cluster_id is None else cluster_id == whose.cluster_id


def _midnight(day: date) -> datetime:
    return clock.at(day, time.min, clock.PROVINCE_ZONE)
