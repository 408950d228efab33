"""Reminders: what is owed now becomes mail, and what will be owed can be asked ahead.

Nothing is set for an instant. A tick asks the data what is owed and has no key yet, so that down time, a
moved date or a new rule come out right by themselves, and any number of schedulers may ask.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from pentahelix.extensions import db
from pentahelix.holidays import Calendar
from pentahelix.logs import log
from pentahelix.mail import digest, invitations as mails
from pentahelix.models import GuidanceSession, Invitation
from pentahelix.services import reminder_rules
from pentahelix.services.guidance_states import takes_answers
from pentahelix.services.reminding import letters
from pentahelix.services.reminding.book import Book, record, skipped
from pentahelix.services.reminding.letters import Letter
from pentahelix.unit_of_work import looking, unit_of_work
from pentahelix.vocabulary import MailKind, ReminderKind

JOB = "scheduler:remind"

#: There was nobody to mail after all, or the mail had been made before.
UNMAILED = "unmailed"


def tick() -> None:
    """Turn what is owed now into mails, each in a transaction of its own; one that fails stops no other."""
    with looking():
        unwritten = reminder_rules.unwritten()
    if unwritten:
        with unit_of_work(JOB):
            reminder_rules.begin()
    with looking():
        book = Book.opened()
        owed = list(letters.due(letters.all_of(book, letters.soon(book))))
    passed_over = [skipped(letter.row, reason) for letter, reason in owed if reason]
    if passed_over:
        with unit_of_work(JOB):
            record(passed_over)
    for letter, reason in owed:
        if reason is None:
            try:
                _send(book, letter)
            except Exception:
                log.exception("reminder", key=letter.key)
    digest.make_due(book)


def _send(book: Book, owed: Letter) -> None:
    """Ask once more, now that nobody else can write, and put the letter into the outbox with its key."""
    this_one = Invitation.id == owed.invitation_id
    with unit_of_work(JOB):
        for letter, reason in list(letters.due(letters.all_of(book, this_one))):
            if reason is None:
                invitation = db.session.scalars(
                    select(Invitation).where(this_one).options(joinedload(Invitation.guidance))
                ).one()
                message_id = _mail(invitation, letter)
                made = letter.row | {"message_id": message_id}
                record([made if message_id else skipped(letter.row, UNMAILED)])


def _mail(invitation: Invitation, letter: Letter) -> int | None:
    if letter.kind == ReminderKind.NO_ANSWER:
        key = f"{MailKind.NO_ANSWER}:{invitation.id}:{letter.sequence}"
        return mails.no_answer(invitation, key, valid_until=letter.starts_at - letters.ONE_DAY)
    key = f"{MailKind.GUIDANCE_REMINDER}:{invitation.id}:{letter.sequence}:{letter.days}"
    return mails.guidance_reminder(invitation, key, with_question=letter.asks, valid_until=letter.starts_at)


# ── looking ahead ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Upcoming:
    """A reminder of one session that will go out by itself."""

    kind: ReminderKind
    sends_at: datetime
    people: int


def upcoming(guidance: GuidanceSession, calendar: Calendar) -> list[Upcoming]:
    """What will go out about a session, to how many people, if nobody answers meanwhile; two statements.

    The session must come with its cluster.
    """
    if not takes_answers(guidance) or guidance.cluster.is_archived:
        return []
    found = letters.coming(letters.of_guidance(Book.of(guidance.cluster, calendar), guidance.id))
    numbers = Counter((letter.sends_at, letter.kind) for letter in found)
    return [Upcoming(kind, sends_at, people) for (sends_at, kind), people in sorted(numbers.items())]
