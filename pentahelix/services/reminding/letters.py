"""Reminders that are a letter each: of a session that comes, of an invitation that nobody has answered.

Both go to the invited at eight by the clocks of the cluster. Nothing is said that the person has been told,
or has said, since: a reminder whose hour lies before the invitation, or before the answer, is not owed.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select

from pentahelix import clock, rules
from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    Contact,
    GuidanceSession,
    Invitation,
    OptOut,
    OutboxMessage,
    Partner,
    Reminder,
)
from pentahelix.prepared import prepared
from pentahelix.queries.page import Rows
from pentahelix.scope import live
from pentahelix.services.reminding.book import (
    LONGEST_REST,
    OPTED_OUT,
    SUPERSEDED,
    TOO_LATE,
    Book,
    later,
)
from pentahelix.vocabulary import Answer, GuidanceStatus, MailKind, MailTopic, ReminderKind

HOUR = time(8)
ONE_DAY = timedelta(days=1)

#: Of sessions that began without a reminder that was due, it is written down for so long.
TOLD_AFTER = timedelta(days=2)

COMING = (Answer.ATTENDING, Answer.REPRESENTED)

#: After these there is nothing to remind of for the moment.
_TELLING = (
    MailKind.INVITATION,
    MailKind.TIME_CHANGED,
    MailKind.PLACE_CHANGED,
    MailKind.TIME_KEPT,
    MailKind.NUDGE,
)


@dataclass(frozen=True)
class Letter:
    """One reminder to one person, whether its hour has come or not."""

    kind: ReminderKind
    cluster_id: int
    guidance_id: int
    topic: str
    invitation_id: int
    contact_id: int
    name: str
    #: the session's, that the person knows
    sequence: int
    #: days before the session, or after the invitation
    days: int
    nominal_on: date
    sends_at: datetime
    starts_at: datetime
    #: what was made, said or told before this instant is not gone back upon
    since: datetime
    asks: bool
    #: what was decided about the same invitation before, by its keys
    decided: Collection[str]
    #: they asked for no reminders
    is_silenced: bool

    @property
    def key(self) -> str:
        if self.kind == ReminderKind.NO_ANSWER:
            return f"invitation:{self.invitation_id}:{self.sequence}"
        return f"session:{self.guidance_id}:{self.sequence}:{self.days}:i:{self.invitation_id}"

    @property
    def is_owed(self) -> bool:
        return self.sends_at >= self.since

    def is_over(self, now: datetime) -> bool:
        if self.kind == ReminderKind.NO_ANSWER:
            return now > self.starts_at - ONE_DAY
        return now >= self.starts_at

    @property
    def row(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "kind": self.kind,
            "cluster_id": self.cluster_id,
            "contact_id": self.contact_id,
            "object_noun": "invitation",
            "object_id": self.invitation_id,
            "nominal_on": self.nominal_on,
        }


def all_of(book: Book, *narrowed: ColumnElement[bool]) -> list[Letter]:
    """What people are, were or will be reminded of about sessions to come, in one statement."""
    rows = db.session.execute(_invited(clock.now() - TOLD_AFTER).where(*narrowed))
    return [letter for row in rows for letter in _letters(book, row)]


def of_guidance(book: Book, guidance_id: int) -> list[Letter]:
    """The same about one session."""
    rows = db.session.execute(*_invited_to(guidance_id, clock.now() - TOLD_AFTER))
    return [letter for row in rows for letter in _letters(book, row)]


@prepared
def _invited_to(guidance_id: int, since: datetime) -> Rows:
    return _invited(since).where(Invitation.guidance_id == guidance_id)


def due(letters: Iterable[Letter]) -> Iterator[tuple[Letter, str | None]]:
    """What is owed now and has no key, with the reason where it is not to be sent.

    Of several days that have come, only the nearest to the session is; and where the session's own reminder
    asks, the unanswered invitation is not spoken of besides.
    """
    now = clock.now()
    come = [letter for letter in letters if letter.is_owed and letter.sends_at <= now]
    nearest: dict[tuple[ReminderKind, int], int] = {}
    for letter in come:
        place = letter.kind, letter.invitation_id
        nearest[place] = min(letter.days, nearest.get(place, letter.days))
    for letter in come:
        if letter.key in letter.decided:
            continue
        asked_anyhow = (
            letter.kind == ReminderKind.NO_ANSWER and (ReminderKind.GUIDANCE, letter.invitation_id) in nearest
        )
        if asked_anyhow or letter.days != nearest[letter.kind, letter.invitation_id]:
            yield letter, SUPERSEDED
        elif letter.is_over(now):
            yield letter, TOO_LATE
        elif letter.is_silenced:
            yield letter, OPTED_OUT
        else:
            yield letter, None


def coming(letters: Collection[Letter]) -> list[Letter]:
    """What will be sent if nothing changes until then."""
    asked = {
        letter.invitation_id: letter.sends_at
        for letter in letters
        if letter.kind == ReminderKind.GUIDANCE and letter.asks and letter.is_owed
    }
    return [
        letter
        for letter in letters
        if letter.is_owed
        and letter.sends_at > clock.now()
        and not letter.is_over(letter.sends_at)
        and letter.key not in letter.decided
        and not letter.is_silenced
        and not (
            letter.kind == ReminderKind.NO_ANSWER
            and letter.sends_at >= asked.get(letter.invitation_id, letter.starts_at)
        )
    ]


# ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _letters(book: Book, row: Row[Any]) -> Iterator[Letter]:
    zone = book.zones.get(row.cluster_id)
    if zone is None:
        return

    def letter(kind: ReminderKind, days: int, nominal_on: date, sends_on: date, since: datetime) -> Letter:
        return Letter(
            kind,
            row.cluster_id,
            row.guidance_id,
            row.topic,
            row.invitation_id,
            row.contact_id,
            row.name,
            row.sequence if row.mailed_sequence is None else row.mailed_sequence,
            days,
            nominal_on,
            clock.at(sends_on, HOUR, zone),
            row.starts_at,
            since,
            asks=row.answer == Answer.NONE,
            decided=(row.decided or "").split("\n"),
            is_silenced=row.is_silenced,
        )

    is_silent = row.answer == Answer.NONE
    if rule := book.on(row.cluster_id, ReminderKind.GUIDANCE):
        starts_on = clock.local(row.starts_at, zone).date()
        since = later(rule.made_at, row.invited_at, row.told_at, row.answered_at)
        for days in (min(rule.days),) if is_silent else rule.days:
            # Worked days are counted, so the day is never one of rest.
            day = book.calendar.working_days_before(starts_on, days)
            yield letter(ReminderKind.GUIDANCE, days, day, day, since)
    if is_silent and (rule := book.on(row.cluster_id, ReminderKind.NO_ANSWER)):
        nominal_on = clock.local(row.invited_at, zone).date() + timedelta(days=rule.days[0])
        sends_on = book.sends_on(row.cluster_id, nominal_on, before=False)
        since = later(rule.made_at, row.invited_at, row.told_at)
        yield letter(ReminderKind.NO_ANSWER, rule.days[0], nominal_on, sends_on, since)


def _invited(since: datetime) -> Rows:
    """Those who may be mailed, to sessions that began after `since` or are to come."""
    told_at = (
        select(func.max(OutboxMessage.made_at))
        .where(
            OutboxMessage.object_noun == "invitation",
            OutboxMessage.object_id == Invitation.id,
            OutboxMessage.kind.in_(_TELLING),
        )
        .scalar_subquery()
    )
    decided = (
        select(func.aggregate_strings(Reminder.key, "\n"))
        .where(Reminder.object_noun == "invitation", Reminder.object_id == Invitation.id)
        .scalar_subquery()
    )
    silenced = exists().where(OptOut.contact_id == Contact.id, OptOut.topic == MailTopic.REMINDERS)
    return (
        select(
            Invitation.id.label("invitation_id"),
            Invitation.answer,
            Invitation.answered_at,
            Invitation.invited_at,
            Invitation.mailed_sequence,
            GuidanceSession.id.label("guidance_id"),
            GuidanceSession.cluster_id,
            GuidanceSession.topic,
            GuidanceSession.sequence,
            GuidanceSession.starts_at,
            Contact.id.label("contact_id"),
            Contact.name,
            told_at.label("told_at"),
            decided.label("decided"),
            silenced.label("is_silenced"),
        )
        .join(GuidanceSession, GuidanceSession.id == Invitation.guidance_id)
        .join(Affiliation, Affiliation.id == Invitation.affiliation_id)
        .join(Contact, Contact.id == Affiliation.contact_id)
        .join(Partner, Partner.id == Affiliation.partner_id)
        .where(*_to_come(since), Contact.email.is_not(None), rules.contactable(Contact), live(Partner))
        .order_by(GuidanceSession.starts_at, Invitation.id)
    )


def _to_come(since: datetime) -> Iterator[ColumnElement[bool]]:
    yield GuidanceSession.status == GuidanceStatus.PLANNED
    yield live(GuidanceSession)
    yield GuidanceSession.starts_at > since
    yield Invitation.uninvited_at.is_(None)
    yield Invitation.answer.in_((Answer.NONE, *COMING))


def soon(book: Book) -> ColumnElement[bool]:
    """Only what may be due by now: the further future is left in the tables."""
    most, least = book.days(ReminderKind.GUIDANCE), book.days(ReminderKind.NO_ANSWER)
    # Twice as many days as are worked, and the longest holidays.
    horizon = clock.now() + timedelta(days=2 * max(most, default=0)) + LONGEST_REST
    asked = clock.now() - timedelta(days=min(least, default=0) - 1)
    return or_(
        GuidanceSession.starts_at < horizon,
        and_(Invitation.answer == Answer.NONE, Invitation.invited_at < asked),
    )
