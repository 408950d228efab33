"""The guidance sessions of the demo, with who was invited and what they answered."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial

from sqlalchemy import select

from pentahelix import audit
from pentahelix.demo.books import Books, Row
from pentahelix.mail import outbox
from pentahelix.models import GuidanceSession, Invitation
from pentahelix.services import guidance, invitations
from pentahelix.vocabulary import Answer, GuidanceStatus, InvitationRole, MeetingMode

#: A session is planned so many days before it takes place; the next one of Lebak, on the fourth before today.
LEAD = 14
INVITED = -4

#: The one whose invitations were really mailed.
MAILED = "G09"

THURSDAY = 3


class Guidance:
    def __init__(self, books: Books) -> None:
        self.books = books
        self.answers: dict[str, list[Row]] = defaultdict(list)
        for row in self.books.rows("invitations"):
            self.answers[row["session_key"]].append(row)

    def plan(self) -> None:
        for row in self.books.rows("guidance_sessions"):
            day = self._day_of(row)
            made = INVITED if row["status"] == GuidanceStatus.PLANNED else int(row["offset_days"]) - LEAD
            self.books.plan(made, partial(self._plan, row, day))
            for answer in self.answers[row["session_key"]]:
                if answer["answer"] != Answer.NONE:
                    answered = partial(self._answer, row, answer, day)
                    self.books.plan(int(answer["answered_offset_days"]), answered, time(10))
            starts = time.fromisoformat(row["start_time"])
            if row["status"] == GuidanceStatus.HELD:
                ended = (_starts(row) + timedelta(minutes=int(row["duration_minutes"]))).time()
                self.books.plan_at(day, ended, partial(self._hold, row))
            elif row["status"] == GuidanceStatus.CANCELLED:
                self.books.plan_at(day - timedelta(days=1), starts, partial(self._cancel, row))

    def _plan(self, row: Row, day: date) -> None:
        starts = _starts(row)
        speakers = tuple(key for key in row["facilitator_contact_keys"].split("|") if key)
        invited = [answer["contact_key"] for answer in self.answers[row["session_key"]]]
        wish = guidance.GuidanceWish(
            cluster_id=self.books.clusters[self._cluster(row)].id,
            topic=row["title"],
            day=day,
            starts=starts.time(),
            ends=(starts + timedelta(minutes=int(row["duration_minutes"]))).time(),
            mode=MeetingMode(row["mode"]),
            place=row["location"] or None,
            partner_id=self.books.partners[row["partner_key"]].id,
            school_ids=tuple(self.books.schools[key].id for key in row["school_keys"].split("|") if key),
            speaker_ids=self._affiliations(speakers),
            participant_ids=self._affiliations(key for key in invited if key not in speakers),
        )
        mailing = nullcontext() if row["session_key"] == MAILED else outbox.quiet()
        with self.books.by(self.books.coordinators[self._cluster(row)]) as person, mailing:
            session = guidance.plan(wish, person)
            self.books.belongs_to(session, row["agreement_key"])
        self.books.guidance[row["session_key"]] = session
        keys = {affiliation.id: key for key, affiliation in self.books.affiliations.items()}
        for invitation in self._invitations(session):
            self.books.invitations[row["session_key"], keys[invitation.affiliation_id]] = invitation

    def _answer(self, row: Row, answer: Row, day: date) -> None:
        proposed = answer["proposed_offset_days"]
        wish = invitations.AnswerWish(
            answer=Answer(answer["answer"]),
            note=answer["note"] or None,
            # It moves with its session.
            proposed_day=day + timedelta(days=int(proposed) - int(row["offset_days"])) if proposed else None,
            proposed_starts=time.fromisoformat(answer["proposed_time"]) if proposed else None,
        )
        contact = self.books.contacts[answer["contact_key"]]
        with outbox.quiet(), audit.acting(audit.contact(contact.id)):
            invitations.answer(self.books.invitations[row["session_key"], answer["contact_key"]], wish)

    def _hold(self, row: Row) -> None:
        session = self.books.guidance[row["session_key"]]
        teachers, students = int(row["teachers"]), int(row["students"])
        with self.books.by(self.books.coordinators[self._cluster(row)]):
            guidance.record(
                session,
                guidance.OutcomeWish(
                    attended_ids=frozenset(
                        invitation.id
                        for invitation in self._invitations(session)
                        if invitation.role == InvitationRole.SPEAKER
                    ),
                    teachers=teachers,
                    students=students,
                    outcome=row["output"] or None,
                    rating=Decimal(row["score_1_to_5"]),
                    # Everybody who took part was asked.
                    raters=teachers + students,
                    note=row["note"] or None,
                ),
            )

    def _cancel(self, row: Row) -> None:
        with self.books.by(self.books.coordinators[self._cluster(row)]):
            guidance.cancel(self.books.guidance[row["session_key"]], row["note"] or None)

    # ── days, places, people ──────────────────────────────────────────────────────────────────────────────

    def _day_of(self, row: Row) -> date:
        """A session without an offset is on the first worked Thursday after the day of loading."""
        if row["offset_days"]:
            return self.books.working_day(int(row["offset_days"]))
        day = self.books.today + timedelta(days=1)
        while day.weekday() != THURSDAY or not self.books.holidays.is_working_day(day):
            day += timedelta(days=1)
        return day

    def _cluster(self, row: Row) -> str:
        return self.books.cluster_of[row["partner_key"]]

    def _affiliations(self, keys: Iterable[str]) -> tuple[int, ...]:
        return tuple(self.books.affiliations[key].id for key in keys)

    def _invitations(self, session: GuidanceSession) -> Sequence[Invitation]:
        found = select(Invitation).where(Invitation.guidance_id == session.id).order_by(Invitation.id)
        return self.books.session.scalars(found).all()


def _starts(row: Row) -> datetime:
    """On no day in particular: hours are added to it."""
    return datetime.combine(date.min, time.fromisoformat(row["start_time"]))
