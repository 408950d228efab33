"""The list of meetings, and one of them with everybody who was there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import joinedload

from pentahelix import clock, rules
from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    Attendance,
    Cluster,
    Contact,
    FollowUp,
    Meeting,
    MeetingPartner,
    OutboxMessage,
    Partner,
    School,
    User,
)
from pentahelix.paths import table
from pentahelix.prepared import NOW, prepared
from pentahelix.queries.page import Order, Page, Rows, paginate
from pentahelix.queries.words import found, matching
from pentahelix.scope import live, or_404
from pentahelix.vocabulary import OPEN_FOLLOW_UPS, Helix, MailKind, MeetingKind, MeetingStatus, OutboxState


@dataclass(frozen=True)
class Filters:
    """Which meetings a list shows; archived ones alone or not at all."""

    typed: str = ""
    status: MeetingStatus | None = None
    kind: MeetingKind | None = None
    cluster_id: int | None = None
    partner_id: int | None = None
    archived: bool = False


@dataclass(frozen=True)
class PartnerName:
    id: int
    name: str
    helix: Helix


@dataclass(frozen=True)
class MeetingRow:
    """A meeting with what its line in a list names. `open_items` are its follow-ups that wait."""

    meeting: Meeting
    cluster: Cluster
    open_items: int
    present: int
    partners: Sequence[PartnerName]

    @property
    def is_ahead(self) -> bool:
        return self.meeting.status == MeetingStatus.PLANNED and self.meeting.starts_at >= clock.now()

    @property
    def is_overdue(self) -> bool:
        return is_overdue(self.meeting)


@dataclass(frozen=True)
class Person:
    """Somebody at a meeting, in the words of then; the ids are None where nothing may be linked.

    A contact carries the employer of that day, whoever employs them now.
    """

    name: str
    position: str | None = None
    organisation: str | None = None
    contact_id: int | None = None
    partner_id: int | None = None
    user_id: int | None = None
    is_left_alone: bool = False


@dataclass(frozen=True)
class FollowUpLine:
    follow_up: FollowUp
    owner: User


class MinutesSent(NamedTuple):
    """To how many people the minutes were mailed, in whichever version, and when last."""

    people: int
    at: datetime | None


@dataclass(frozen=True)
class MeetingPage:
    meeting: Meeting
    partners: Sequence[PartnerName]
    people: Sequence[Person]
    follow_ups: Sequence[FollowUpLine]
    minutes: MinutesSent

    @property
    def day(self) -> date:
        return clock.local(self.meeting.starts_at, self.meeting.cluster.timezone).date()

    @property
    def is_overdue(self) -> bool:
        return is_overdue(self.meeting)

    @property
    def contacts(self) -> list[Person]:
        return [person for person in self.people if person.user_id is None]

    @property
    def ours(self) -> list[Person]:
        return [person for person in self.people if person.user_id is not None]


def is_overdue(meeting: Meeting) -> bool:
    """It was planned, its hour has come, and nobody has recorded it."""
    return meeting.status == MeetingStatus.PLANNED and meeting.starts_at < clock.now()


_ahead = and_(Meeting.status == MeetingStatus.PLANNED, Meeting.starts_at >= NOW)

#: Name of an order → its keys; the id comes last. No key is ever empty.
SORTS: Mapping[str, Order] = {
    # What is to come, the nearest first; then what was, the latest first.
    "near": (
        case((_ahead, 0), else_=1),
        case((_ahead, Meeting.starts_at)).asc().nulls_last(),
        Meeting.starts_at.desc(),
    ),
    "when": (Meeting.starts_at.asc(),),
    "-when": (Meeting.starts_at.desc(),),
    "title": (func.lower(Meeting.title).asc(),),
    "-title": (func.lower(Meeting.title).desc(),),
}


def index(filters: Filters, sort: str, number: int) -> Page:
    """One page of meetings, as MeetingRows."""
    page = paginate(_listed(filters, SORTS[sort]), number, scalars=False)
    beside = _beside([meeting.id for meeting, _cluster in page.items])
    rows = [MeetingRow(meeting, cluster, *beside[meeting.id]) for meeting, cluster in page.items]
    return replace(page, items=rows)


@prepared
def _listed(filters: Filters, order: Order) -> Rows:
    return (
        select(Meeting, Cluster)
        .join(Cluster, Cluster.id == Meeting.cluster_id)
        .where(*_chosen(filters))
        .order_by(*order, Meeting.id.desc())
    )


def _beside(meeting_ids: Sequence[int]) -> dict[int, tuple[int, int, list[PartnerName]]]:
    """What a line tells beside its meeting: follow-ups that wait, people who were there, partners."""
    found: dict[int, tuple[int, int, list[PartnerName]]] = {}
    rows = db.session.execute(*_told(tuple(meeting_ids)))
    for meeting_id, open_count, present_count, partner_id, name, helix in rows:
        partners = found.setdefault(meeting_id, (open_count, present_count, []))[2]
        if partner_id is not None:
            partners.append(PartnerName(partner_id, name, helix))
    return found


@prepared
def _told(meeting_ids: tuple[int, ...]) -> Rows:
    open_items = (
        select(func.count(FollowUp.id))
        .where(FollowUp.meeting_id == Meeting.id, live(FollowUp), FollowUp.status.in_(OPEN_FOLLOW_UPS))
        .scalar_subquery()
    )
    present = select(func.count(Attendance.id)).where(Attendance.meeting_id == Meeting.id).scalar_subquery()
    return (
        select(Meeting.id, open_items, present, Partner.id, Partner.name, Partner.helix)
        .outerjoin(MeetingPartner, MeetingPartner.meeting_id == Meeting.id)
        .outerjoin(Partner, Partner.id == MeetingPartner.partner_id)
        .where(Meeting.id.in_(meeting_ids))
        .order_by(MeetingPartner.id)
    )


def _chosen(filters: Filters) -> list[ColumnElement[bool]]:
    criteria = [~live(Meeting) if filters.archived else live(Meeting)]
    if filters.typed:
        criteria.append(or_(matching(Meeting, filters.typed), _with(found(Partner, filters.typed))))
    if filters.partner_id is not None:
        criteria.append(_with([filters.partner_id]))
    wanted = {
        Meeting.status: filters.status,
        Meeting.kind: filters.kind,
        Meeting.cluster_id: filters.cluster_id,
    }
    return criteria + [column == value for column, value in wanted.items() if value is not None]


def _with(partner_ids: Any) -> ColumnElement[bool]:
    return exists().where(MeetingPartner.meeting_id == Meeting.id, MeetingPartner.partner_id.in_(partner_ids))


def one(meeting_id: int) -> MeetingPage:
    """A meeting that one may see, with everything that its page names; else 404."""
    meeting, *minutes = or_404(db.session.execute(*_one(meeting_id)).first())
    return MeetingPage(
        meeting,
        _beside([meeting.id])[meeting.id][2],
        people_of(meeting.id),
        follow_ups_of(meeting.id),
        MinutesSent._make(minutes),
    )


@prepared
def _one(meeting_id: int) -> Rows:
    named = ("cluster", "chair", "minute_taker", "agreement")
    mail = OutboxMessage
    # A user and a contact may have the same number.
    person = func.coalesce(mail.recipient_contact_id, -mail.recipient_user_id)
    minutes = (
        select(func.count(person.distinct()), func.max(mail.made_at))
        .where(
            mail.object_noun == Meeting.__tablename__,
            mail.object_id == meeting_id,
            mail.kind == MailKind.MINUTES,
            mail.state.not_in((OutboxState.REFUSED, OutboxState.OBSOLETE)),
        )
        .subquery()
    )
    return (
        select(Meeting, *minutes.c)
        .join(minutes, true())
        .where(Meeting.id == meeting_id)
        .options(*(joinedload(getattr(Meeting, name)) for name in named))
    )


def follow_ups_of(meeting_id: int) -> list[FollowUpLine]:
    return [FollowUpLine(*row) for row in db.session.execute(*_follow_ups_of(meeting_id))]


@prepared
def _follow_ups_of(meeting_id: int) -> Rows:
    return (
        select(FollowUp, User)
        .join(User, User.id == FollowUp.owner_user_id)
        .where(FollowUp.meeting_id == meeting_id, live(FollowUp))
        .order_by(FollowUp.position, FollowUp.id)
    )


def people_of(meeting_id: int) -> list[Person]:
    """Who was there: contacts as they were written down, then guests, then ours."""
    people: list[Person] = []
    rows = db.session.execute(*_people_of(meeting_id))
    for attendance, affiliation, contact, partner, user, school in rows:
        if user is not None:
            people.append(Person(user.name, user.position, school, user_id=user.id))
        elif attendance.guest_name is not None:
            people.append(Person(attendance.guest_name, organisation=attendance.guest_organisation))
        elif contact is not None:
            people.append(
                Person(
                    contact.name,
                    affiliation.position,
                    partner.name,
                    contact.id,
                    partner.id,
                    is_left_alone=rules.is_left_alone(contact),
                )
            )
        else:
            # Of a partner that has left the reader's clusters: somebody was there, no more is told.
            people.append(Person("–"))
    return people


@prepared
def _people_of(meeting_id: int) -> Rows:
    school = table(School)
    return (
        select(Attendance, Affiliation, Contact, Partner, User, school.c.name)
        .outerjoin(Affiliation, Affiliation.id == Attendance.affiliation_id)
        .outerjoin(Contact, Contact.id == Affiliation.contact_id)
        .outerjoin(Partner, Partner.id == Affiliation.partner_id)
        .outerjoin(User, User.id == Attendance.user_id)
        .outerjoin(school, school.c.id == User.school_id)
        .where(Attendance.meeting_id == meeting_id)
        .order_by(
            Attendance.user_id.is_not(None), Attendance.guest_name.is_not(None), Partner.id, Attendance.id
        )
    )
