"""The agenda: sessions, meetings, follow-ups and obligations due and agreements that end, by day."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import accumulate, groupby
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

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
from pentahelix.paths import table
from pentahelix.prepared import prepared
from pentahelix.principal import Principal
from pentahelix.queries import agreements, steps
from pentahelix.queries.page import Rows
from pentahelix.queries.steps import Step
from pentahelix.scope import live
from pentahelix.vocabulary import (
    OPEN_FOLLOW_UPS,
    AgreementKind,
    GuidanceStatus,
    MeetingStatus,
    ObligationStatus,
    PartySide,
)

WEEKS = 4
ONE_DAY = timedelta(days=1)

#: Follow-ups of one day that are listed; the rest is counted.
SHOWN = 5
#: Named one by one, so that what is due is found in the index of these and not among all that ever was.
OWED = (ObligationStatus.NOT_STARTED, ObligationStatus.PARTIAL)
#: Of four weeks, meetings, sessions, agreements and obligations each are read: more than any cluster has.
MOST = 300
#: As much as one reads at once; where four weeks hold more, there are fewer days on a page.
LINES = 120

T = TypeVar("T")


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


class Appointment(NamedTuple):
    """A meeting or a guidance session."""

    is_meeting: bool
    id: int
    title: str
    place: str | None
    starts_at: datetime
    ends_at: datetime | None
    status: MeetingStatus | GuidanceStatus
    #: by its short name
    cluster: str
    zone: str

    @property
    def day(self) -> date:
        return clock.local(self.starts_at, self.zone).date()

    @property
    def is_held(self) -> bool:
        return self.status in (MeetingStatus.HELD, GuidanceStatus.HELD)


class Ending(NamedTuple):
    """An agreement that ends."""

    id: int
    title: str
    kind: AgreementKind
    ends_on: date


class Owed(NamedTuple):
    """What is still owed on a day, and by which agreement."""

    title: str
    side: PartySide
    due_on: date
    agreement_id: int
    agreement: str


class AgendaDay(NamedTuple):
    day: date
    holiday: str | None
    appointments: tuple[Appointment, ...]
    agreements: tuple[Ending, ...]
    obligations: tuple[Owed, ...]
    follow_ups: tuple[Step, ...]
    #: follow-ups due on that day, listed or not
    due: int

    @property
    def lines(self) -> int:
        return sum(map(len, (self.appointments, self.agreements, self.obligations, self.follow_ups)))

    @property
    def is_empty(self) -> bool:
        return not self.lines


@dataclass(frozen=True)
class Agenda:
    """Four weeks from a Monday on, or as many days of them as can be read at once."""

    who: Who
    today: date
    days: Sequence[AgendaDay]

    @property
    def first(self) -> date:
        return self.days[0].day

    @property
    def is_cut(self) -> bool:
        return len(self.days) < 7 * WEEKS

    @property
    def last(self) -> date:
        return self.days[-1].day

    @property
    def weeks(self) -> list[Sequence[AgendaDay]]:
        return [tuple(days) for _monday, days in groupby(self.days, lambda one: monday(one.day))]

    def shown(self, week: Sequence[AgendaDay]) -> list[AgendaDay]:
        """Today, and whatever other day of `week` has something to tell."""
        return [day for day in week if not day.is_empty or day.holiday or day.day == self.today]

    @property
    def passed(self) -> int:
        """How many lines stand above today, where today is one of these days."""
        if not self.first <= self.today <= self.last:
            return 0
        return sum(day.lines for day in self.days if day.day < self.today)

    def total(self, kind: str) -> int:
        """How many sessions, meetings, follow-ups, agreements or obligations these days hold."""
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
    """The agenda from the week of `start`, by default this one; six statements.

    Where that is too much to read, it begins with `start` itself, or today, and ends sooner.
    """
    today = clock.today(cluster.timezone if cluster and who is Who.CLUSTER else person.timezone)
    # What goes on from a page that ended sooner begins on a day of its own.
    first = start if start and who is Who.ALL else monday(start or today)
    last = first + timedelta(days=7 * WEEKS - 1)
    calendar = holidays.calendar(db.session())
    whose = Whose(who, cluster.id if cluster else None, person.user_id, person.cluster_ids)
    sessions = [Appointment(False, *row) for row in _read(_sessions, whose, first, last)]
    meetings = [Appointment(True, *row) for row in _read(_meetings, whose, first, last)]
    agreed = [Ending._make(row) for row in db.session.execute(*_agreements(whose, first, last))]
    owing = [Owed._make(row) for row in db.session.execute(*_obligations(whose, first, last))]
    appointments = _by_day(sorted(sessions + meetings, key=attrgetter("starts_at")), "day")
    ending, owed = _by_day(agreed, "ends_on"), _by_day(owing, "due_on")
    due_steps = steps.of(db.session.execute(*_follow_ups(whose, first, last)))
    listed = _by_day((step for step, _due in due_steps), "due_on")
    due = {step.due_on: number for step, number in due_steps}
    days = [
        AgendaDay(
            day,
            calendar.holiday_name(day, person.language),
            tuple(appointments.get(day, ())),
            tuple(ending.get(day, ())),
            tuple(owed.get(day, ())),
            tuple(listed.get(day, ())),
            due.get(day, 0),
        )
        for day in (first + timedelta(days=number) for number in range(7 * WEEKS))
    ]
    known = min(
        _known(sessions, "day", last),
        _known(meetings, "day", last),
        _known(agreed, "ends_on", last),
        _known(owing, "due_on", last),
    )
    return Agenda(who, today, _readable(days, known, start or today))


def _known(found: Sequence[Any], day: str, last: date) -> date:
    """The last day of which everything was read."""
    return last if len(found) < MOST else min(last, getattr(found[-1], day) - ONE_DAY)


def _readable(days: Sequence[AgendaDay], known: date, wanted: date) -> Sequence[AgendaDay]:
    """All of them, or as many whole ones from `wanted` on as can be read at once."""
    if known == days[-1].day and sum(day.lines for day in days) <= LINES:
        return days
    whole = [day for day in days if day.day <= known] or days[:1]
    begun = [day for day in whole if day.day >= wanted] or whole
    lines = accumulate(day.lines for day in begun)
    return [day for day, so_far in zip(begun, lines, strict=True) if so_far <= LINES] or begun[:1]


def _by_day(found: Iterable[T], day: str) -> dict[date, list[T]]:
    """What stands on each day, in its order; `day` is the name of where that is told."""
    days: dict[date, list[T]] = {}
    for one in found:
        days.setdefault(getattr(one, day), []).append(one)
    return days


def _read(statement: Any, whose: Whose, first: date, last: date) -> Iterable[Any]:
    """Appointments in the order of their hours; one day more at each end, since zones differ."""
    return db.session.execute(*statement(whose, _midnight(first - ONE_DAY), _midnight(last + 2 * ONE_DAY)))


#: An appointment in sight is that of a cluster in sight.
_CLUSTER = table(Cluster)


@prepared
def _meetings(whose: Whose, start: datetime, end: datetime) -> Rows:
    return (
        select(
            *(Meeting.id, Meeting.title, Meeting.place, Meeting.starts_at, Meeting.ends_at, Meeting.status),
            *(_CLUSTER.c.short_name, _CLUSTER.c.timezone),
        )
        .join(_CLUSTER, _CLUSTER.c.id == Meeting.cluster_id)
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
        select(
            *(GuidanceSession.id, GuidanceSession.topic, GuidanceSession.place),
            *(GuidanceSession.starts_at, GuidanceSession.ends_at, GuidanceSession.status),
            *(_CLUSTER.c.short_name, _CLUSTER.c.timezone),
        )
        .join(_CLUSTER, _CLUSTER.c.id == GuidanceSession.cluster_id)
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
def _agreements(whose: Whose, first: date, last: date) -> Rows:
    return (
        select(Agreement.id, Agreement.title, Agreement.kind, Agreement.ends_on)
        .where(
            Agreement.status.in_(agreements.BINDING),
            Agreement.ends_on.between(first, last),
            Agreement.id.in_(_covered(whose)),
            live(Agreement),
        )
        .order_by(Agreement.ends_on, Agreement.id)
        .limit(MOST)
    )


@prepared
def _obligations(whose: Whose, first: date, last: date) -> Rows:
    """Those of agreements that bind, and are not fulfilled."""
    # The agreement of an obligation in sight is in sight.
    agreement = table(Agreement)
    return (
        select(Obligation.title, Obligation.side, Obligation.due_on, agreement.c.id, agreement.c.title)
        .join(agreement, agreement.c.id == Obligation.agreement_id)
        .where(
            agreement.c.status.in_(agreements.BINDING),
            Obligation.due_on.between(first, last),
            Obligation.status.in_(OWED),
            Obligation.agreement_id.in_(_covered(whose)),
            live(Obligation),
            agreement.c.archived_at.is_(None),
        )
        .order_by(Obligation.due_on, Obligation.id)
        .limit(MOST)
    )


def _covered(whose: Whose) -> Select[int]:
    """The agreements of their clusters, by id."""
    mine = AgreementCluster.cluster_id.in_(whose.cluster_ids)
    return select(AgreementCluster.agreement_id).where(_of(whose, AgreementCluster.cluster_id, mine))


@prepared
def _follow_ups(whose: Whose, first: date, last: date) -> Rows:
    """Open ones, the first of each day, with the number of all that are due on it."""
    ranked = (
        steps.chosen(
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
        steps.rows(ranked, ranked.c.due)
        .where(ranked.c.rank <= SHOWN)
        .order_by(ranked.c.due_on, ranked.c.rank)
    )


def _of(whose: Whose, cluster_id: Any, mine: ColumnElement[bool]) -> ColumnElement[bool]:
    if whose.who is Who.ALL:
        return true()
    if whose.who is Who.ME:
        return mine
    return false() if whose.cluster_id is None else cluster_id == whose.cluster_id


def _midnight(day: date) -> datetime:
    return clock.at(day, time.min, clock.PROVINCE_ZONE)
