"""What a morning holds for the readers of the digest, asked for all of them at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    Agreement,
    AgreementCluster,
    Attendance,
    Cluster,
    Contact,
    FollowUp,
    GuidanceSession,
    Invitation,
    Meeting,
    OutboxMessage,
    Partner,
    Reminder,
)
from pentahelix.principal import Principal
from pentahelix.queries import agreements, coverage, followups, outbox, waiting
from pentahelix.queries.coverage_rule import Cell
from pentahelix.queries.followups import FollowUpRow
from pentahelix.queries.outbox import Mail
from pentahelix.queries.waiting import Proposal
from pentahelix.scope import live
from pentahelix.services.reminding import items
from pentahelix.services.reminding.book import Book
from pentahelix.services.reminding.items import Item
from pentahelix.services.reminding.readers import Reader
from pentahelix.vocabulary import (
    OPEN_FOLLOW_UPS,
    Answer,
    FollowUpStatus,
    GuidanceStatus,
    MeetingStatus,
    ReminderKind,
    Role,
)

ONE_DAY = timedelta(days=1)

#: Lines of one section; further ones are counted, further reminders told tomorrow.
SHOWN = 15

#: Mails belong to no scope: who asks for all of them is the admin.
_EVERYBODY = Principal("scheduler", "", Role.ADMIN)


@dataclass(frozen=True)
class Appointment:
    """A session or a meeting, by the clocks of its cluster."""

    event: GuidanceSession | Meeting
    zone: str
    day: date


@dataclass(frozen=True)
class Answered:
    invitation: Invitation
    guidance: GuidanceSession
    contact: Contact
    partner: Partner


@dataclass(frozen=True)
class AtRisk:
    """A cell of the coverage that was not at risk when the reader had the last digest."""

    cluster: Cluster
    cell: Cell


@dataclass
class Morning:
    """What one reader is told, in the order in which it is told."""

    proposals: list[Proposal] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    assigned: list[FollowUpRow] = field(default_factory=list)
    late: list[FollowUpRow] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    due: list[FollowUpRow] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)
    reminders: list[Item] = field(default_factory=list)
    undelivered: list[Mail] = field(default_factory=list)
    escalations: list[Item] = field(default_factory=list)
    at_risk: list[AtRisk] = field(default_factory=list)
    #: reminders that a nearer day overtook: not told, but decided
    overtaken: list[Item] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not any(
            (
                self.proposals,
                self.agreements,
                self.assigned,
                self.late,
                self.appointments,
                self.due,
                self.answers,
                self.reminders,
                self.undelivered,
                self.escalations,
                self.at_risk,
            )
        )


def of(book: Book, readers: Sequence[Reader]) -> dict[int, Morning]:
    """By the ids of the readers; eleven statements at most, however many they are.

    Each Kabid asks one more, for the agreements that wait for them, and the coverage four, for each day on
    which one of them had the last digest.
    """
    mornings = {reader.id: Morning() for reader in readers}
    if not readers:
        return mornings
    clusters = frozenset(cluster_id for reader in readers for cluster_id in reader.looks_at)
    _proposals(readers, mornings)
    _agreements(readers, mornings)
    _follow_ups(book, readers, mornings)
    _sessions(book, readers, mornings)
    _meetings(book, readers, mornings, clusters)
    _answers(readers, mornings)
    _reminders(book.narrowed(clusters), readers, mornings)
    _undelivered(readers, mornings, clusters)
    _at_risk(readers, mornings)
    return mornings


def _working_in(readers: Sequence[Reader]) -> dict[int, list[Reader]]:
    found: dict[int, list[Reader]] = {}
    for reader in readers:
        for cluster_id in reader.cluster_ids:
            found.setdefault(cluster_id, []).append(reader)
    return found


# ── waiting for a decision ──────────────────────────────────────────────────────────────────────────────────


def _proposals(readers: Sequence[Reader], mornings: dict[int, Morning]) -> None:
    working_in = _working_in(readers)
    for row in db.session.execute(waiting.proposals().where(GuidanceSession.cluster_id.in_(working_in))):
        found = Proposal._make(row)
        for reader in working_in.get(found.cluster_id, ()):
            mornings[reader.id].proposals.append(found)


def _agreements(readers: Sequence[Reader], mornings: dict[int, Morning]) -> None:
    kabids = [reader for reader in readers if reader.is_kabid]
    if not kabids:
        return
    covered = (
        select(Agreement, AgreementCluster.cluster_id)
        .join(AgreementCluster, AgreementCluster.agreement_id == Agreement.id)
        .order_by(Agreement.id)
    )
    for reader in kabids:
        rows = db.session.execute(covered.where(agreements.awaits(reader.id))).all()
        found = {agreement: None for agreement, cluster_id in rows if cluster_id in reader.everywhere}
        mornings[reader.id].agreements.extend(found)


# ── follow-ups: late, due today or tomorrow, assigned by others and not begun ───────────────────────────────


def _follow_ups(book: Book, readers: Sequence[Reader], mornings: dict[int, Morning]) -> None:
    by_id = {reader.id: reader for reader in readers}
    latest = max(reader.day for reader in readers) + ONE_DAY
    rows = db.session.execute(
        followups.rows()
        .where(
            FollowUp.owner_user_id.in_(by_id),
            FollowUp.status.in_(OPEN_FOLLOW_UPS),
            or_(FollowUp.due_on <= latest, _is_assigned()),
            live(FollowUp),
        )
        .order_by(FollowUp.due_on, FollowUp.id)
    )
    for row in (FollowUpRow(*row) for row in rows):
        follow_up = row.follow_up
        reader, cluster_id = by_id[follow_up.owner_user_id], follow_up.cluster_id
        if cluster_id not in reader.looks_at or items.sleeps(follow_up.snoozed_until, reader.day):
            continue
        morning, left = mornings[reader.id], (follow_up.due_on - reader.day).days
        rule = book.on(cluster_id, ReminderKind.FOLLOW_UP_LATE)
        if left < 0 and rule and -left >= rule.days[0]:
            morning.late.append(row)
        elif 0 <= left <= 1:
            morning.due.append(row)
        elif follow_up.status == FollowUpStatus.NOT_STARTED and _by_others(follow_up):
            morning.assigned.append(row)


def _is_assigned() -> ColumnElement[bool]:
    return and_(
        FollowUp.status == FollowUpStatus.NOT_STARTED,
        FollowUp.assigned_by_user_id.is_not(None),
        FollowUp.assigned_by_user_id != FollowUp.owner_user_id,
    )


def _by_others(follow_up: FollowUp) -> bool:
    return follow_up.assigned_by_user_id not in (None, follow_up.owner_user_id)


# ── today and tomorrow ──────────────────────────────────────────────────────────────────────────────────────


def _sessions(book: Book, readers: Sequence[Reader], mornings: dict[int, Morning]) -> None:
    working_in = _working_in(readers)
    wanted = select(GuidanceSession).where(
        GuidanceSession.status == GuidanceStatus.PLANNED,
        GuidanceSession.cluster_id.in_(set(working_in)),
        *_about_now(GuidanceSession.starts_at),
        live(GuidanceSession),
    )
    for guidance in db.session.scalars(wanted.order_by(GuidanceSession.starts_at, GuidanceSession.id)):
        found = _appointment(book, guidance)
        for reader in working_in[guidance.cluster_id]:
            if reader.day <= found.day <= reader.day + ONE_DAY:
                mornings[reader.id].appointments.append(found)


def _meetings(
    book: Book, readers: Sequence[Reader], mornings: dict[int, Morning], clusters: Iterable[int]
) -> None:
    """Of the clusters where one works, and others to which one is expected oneself."""
    by_id = {reader.id: reader for reader in readers}
    wanted = (
        select(Meeting, Attendance.user_id)
        .outerjoin(Attendance, and_(Attendance.meeting_id == Meeting.id, Attendance.user_id.in_(by_id)))
        .where(
            Meeting.status == MeetingStatus.PLANNED,
            Meeting.cluster_id.in_(set(clusters)),
            *_about_now(Meeting.starts_at),
            live(Meeting),
        )
        .order_by(Meeting.starts_at, Meeting.id)
    )
    expected: dict[Meeting, set[int | None]] = {}
    for meeting, user_id in db.session.execute(wanted):
        expected.setdefault(meeting, {meeting.chair_user_id}).add(user_id)
    for meeting, user_ids in expected.items():
        found = _appointment(book, meeting)
        for reader in readers:
            concerns = meeting.cluster_id in reader.cluster_ids or (
                reader.id in user_ids and meeting.cluster_id in reader.looks_at
            )
            if concerns and reader.day <= found.day <= reader.day + ONE_DAY:
                mornings[reader.id].appointments.append(found)
    for morning in mornings.values():
        morning.appointments.sort(key=lambda each: each.event.starts_at)


def _about_now(starts_at: Any) -> Iterator[ColumnElement[bool]]:
    """Wide enough for today and tomorrow on every clock."""
    yield starts_at > clock.now()
    yield starts_at < clock.now() + 3 * ONE_DAY


def _appointment(book: Book, event: GuidanceSession | Meeting) -> Appointment:
    zone = book.zones[event.cluster_id]
    return Appointment(event, zone, clock.local(event.starts_at, zone).date())


# ── answers, reminders, mails ───────────────────────────────────────────────────────────────────────────────


def _answers(readers: Sequence[Reader], mornings: dict[int, Morning]) -> None:
    """Those that hold, but for proposals, which wait for a decision, and what one entered oneself."""
    working_in = _working_in(readers)
    earliest: datetime = min(reader.since for reader in readers)
    rows = db.session.execute(
        select(Invitation, GuidanceSession, Contact, Partner)
        .join(GuidanceSession, GuidanceSession.id == Invitation.guidance_id)
        .join(Affiliation, Affiliation.id == Invitation.affiliation_id)
        .join(Contact, Contact.id == Affiliation.contact_id)
        .join(Partner, Partner.id == Affiliation.partner_id)
        .where(
            Invitation.answer.in_((Answer.ATTENDING, Answer.DECLINED, Answer.REPRESENTED)),
            Invitation.answered_at > earliest,
            Invitation.uninvited_at.is_(None),
            GuidanceSession.status == GuidanceStatus.PLANNED,
            GuidanceSession.cluster_id.in_(set(working_in)),
            GuidanceSession.starts_at > clock.now(),
            live(GuidanceSession),
        )
        .order_by(GuidanceSession.starts_at, Invitation.answered_at, Invitation.id)
    )
    for found in (Answered(*row) for row in rows):
        for reader in working_in[found.guidance.cluster_id]:
            invitation = found.invitation
            is_news = invitation.answered_at is not None and invitation.answered_at > reader.since
            if is_news and invitation.on_behalf_user_id != reader.id:
                mornings[reader.id].answers.append(found)


def _reminders(book: Book, readers: Sequence[Reader], mornings: dict[int, Morning]) -> None:
    found = items.come(book, items.all_of(book))
    if not found:
        return
    told_before = select(Reminder.user_id, Reminder.key).where(
        Reminder.user_id.in_([reader.id for reader in readers]),
        Reminder.nominal_on >= min(item.nominal_on for item in found),
    )
    decided: dict[int | None, set[str]] = {}
    for user_id, key in db.session.execute(told_before):
        decided.setdefault(user_id, set()).add(key)
    for reader in readers:
        theirs = [item for item in found if reader.is_told(item)]
        told, over = items.owed(theirs, decided.get(reader.id, set()), reader.id)
        morning = mornings[reader.id]
        morning.overtaken.extend(over)
        for item in told:
            (morning.reminders if item.to_coordinators else morning.escalations).append(item)
        # What there is no room for stays owed.
        del morning.reminders[SHOWN:], morning.escalations[SHOWN:]


def _undelivered(readers: Sequence[Reader], mornings: dict[int, Morning], clusters: frozenset[int]) -> None:
    admins = [reader for reader in readers if reader.is_admin]
    working_in = _working_in(readers)
    wanted = outbox.not_arrived(_EVERYBODY)
    if not admins:
        wanted = wanted.where(OutboxMessage.cluster_id.in_(clusters))
    for mail in (Mail(*row) for row in db.session.execute(wanted)):
        cluster_id = mail.message.cluster_id
        for reader in working_in.get(cluster_id, ()) if cluster_id else ():
            mornings[reader.id].undelivered.append(mail)
        for reader in admins:
            if cluster_id in reader.everywhere or (cluster_id is None and reader.everywhere):
                mornings[reader.id].undelivered.append(mail)


# ── the coverage ────────────────────────────────────────────────────────────────────────────────────────────


def _at_risk(readers: Sequence[Reader], mornings: dict[int, Morning]) -> None:
    """For the Kabid, in the order of the matrix. Coverage goes by the province's day."""
    kabids = [reader for reader in readers if reader.is_kabid]
    told_on = {reader.id: clock.local(reader.since, clock.PROVINCE_ZONE).date() for reader in kabids}
    news = {day: coverage.newly_at_risk(day) for day in set(told_on.values())}
    for reader in kabids:
        mornings[reader.id].at_risk.extend(
            AtRisk(cluster, cell)
            for cluster, cell in news[told_on[reader.id]]
            if cluster.id in reader.everywhere
        )
