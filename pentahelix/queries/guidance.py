"""A guidance session with everybody who is invited and what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    Contact,
    FollowUp,
    GuidanceSchool,
    GuidanceSession,
    Invitation,
    OutboxMessage,
    Partner,
    School,
    User,
)
from pentahelix.queries.meetings import FollowUpLine
from pentahelix.scope import get_or_404, live
from pentahelix.vocabulary import (
    Answer,
    Basis,
    GuidanceStatus,
    InvitationRole,
    MailKind,
    OutboxState,
)

COMING = (Answer.ATTENDING, Answer.REPRESENTED)

#: Mails to the invited themselves; those about them to coordinators and delegates are other people's.
TO_THE_INVITED = (
    MailKind.INVITATION,
    MailKind.TIME_CHANGED,
    MailKind.PLACE_CHANGED,
    MailKind.TIME_KEPT,
    MailKind.CANCELLED,
    MailKind.UNINVITED,
    MailKind.NUDGE,
    MailKind.NO_ANSWER,
    MailKind.GUIDANCE_REMINDER,
)


@dataclass(frozen=True)
class Answers:
    """How many answered what; `attending` counts those who are represented too."""

    attending: int = 0
    declined: int = 0
    proposed: int = 0
    silent: int = 0

    @property
    def invited(self) -> int:
        return self.attending + self.declined + self.proposed + self.silent

    @classmethod
    def of(cls, answers: Iterable[Answer]) -> "Answers":
        given = list(answers)
        return cls(
            sum(answer in COMING for answer in given),
            given.count(Answer.DECLINED),
            given.count(Answer.PROPOSED),
            given.count(Answer.NONE),
        )


def is_overdue(guidance: GuidanceSession) -> bool:
    """It was planned, it is over, and nobody has recorded what came of it."""
    return guidance.status == GuidanceStatus.PLANNED and guidance.ends_at <= clock.now()


@dataclass(frozen=True)
class Mail:
    """The last mail to somebody about the session."""

    kind: MailKind
    state: OutboxState
    at: datetime


@dataclass(frozen=True)
class Invited:
    """Somebody who is invited; without a contact where their partner has left the reader's clusters."""

    invitation: Invitation
    affiliation: Affiliation | None
    contact: Contact | None
    partner: Partner | None
    on_behalf: User | None
    mail: Mail | None = None

    @property
    def name(self) -> str:
        return self.contact.name if self.contact else "–"

    @property
    def is_speaker(self) -> bool:
        return self.invitation.role == InvitationRole.SPEAKER

    @property
    def is_invited(self) -> bool:
        return self.invitation.uninvited_at is None

    @property
    def takes_part(self) -> bool:
        """Whoever declined or was un-invited may be invited again."""
        return self.is_invited and self.invitation.answer != Answer.DECLINED

    @property
    def came(self) -> bool:
        """As it was kept; before that whether they said that they would."""
        kept = self.invitation.attended
        return (self.is_invited and self.invitation.answer in COMING) if kept is None else kept

    @property
    def is_withdrawn(self) -> bool:
        return self.contact is not None and self.contact.basis == Basis.WITHDRAWN

    @property
    def is_undelivered(self) -> bool:
        return self.mail is not None and self.mail.state == OutboxState.REFUSED

    @property
    def proposal(self) -> tuple[datetime, datetime] | None:
        """When it would begin and end by their wish; the length stays that of the session."""
        guidance, starts_at = self.invitation.guidance, self.invitation.proposed_starts_at
        if starts_at is None or self.invitation.answer != Answer.PROPOSED:
            return None
        return starts_at, starts_at + (guidance.ends_at - guidance.starts_at)


@dataclass(frozen=True)
class GuidancePage:
    guidance: GuidanceSession
    #: who was ever invited; proposals first, then those who owe an answer
    everybody: Sequence[Invited]
    schools: Sequence[School]
    follow_ups: Sequence[FollowUpLine]

    @property
    def zone(self) -> str:
        return self.guidance.cluster.timezone

    @property
    def day(self) -> date:
        return clock.local(self.guidance.starts_at, self.zone).date()

    @property
    def invited(self) -> list[Invited]:
        return [one for one in self.everybody if one.is_invited]

    @property
    def uninvited(self) -> list[Invited]:
        return [one for one in self.everybody if not one.is_invited]

    @property
    def speakers(self) -> list[Invited]:
        return [one for one in self.invited if one.is_speaker]

    @property
    def answers(self) -> Answers:
        return Answers.of(one.invitation.answer for one in self.invited)

    @property
    def attended(self) -> list[Invited]:
        return [one for one in self.everybody if one.invitation.attended]

    @property
    def has_begun(self) -> bool:
        return self.guidance.starts_at <= clock.now()

    @property
    def is_overdue(self) -> bool:
        return is_overdue(self.guidance)


def one(guidance_id: int) -> GuidancePage:
    """A session that one may see, with everything that its page names, in five statements; else 404."""
    named = ("cluster", "partner", "agreement", "organiser")
    guidance = get_or_404(
        GuidanceSession, guidance_id, *(joinedload(getattr(GuidanceSession, name)) for name in named)
    )
    return GuidancePage(guidance, everybody_of(guidance), schools_of(guidance_id), follow_ups_of(guidance_id))


def everybody_of(guidance: GuidanceSession) -> list[Invited]:
    rows = db.session.execute(
        select(Invitation, Affiliation, Contact, Partner, User)
        .outerjoin(Affiliation, Affiliation.id == Invitation.affiliation_id)
        .outerjoin(Contact, Contact.id == Affiliation.contact_id)
        .outerjoin(Partner, Partner.id == Affiliation.partner_id)
        .outerjoin(User, User.id == Invitation.on_behalf_user_id)
        .where(Invitation.guidance_id == guidance.id)
        .order_by(
            case({Answer.PROPOSED: 0, Answer.NONE: 1, Answer.DECLINED: 2}, value=Invitation.answer, else_=3),
            Contact.sort_name.asc().nulls_last(),
            Invitation.id,
        )
    ).all()
    mails = last_mails([invitation.id for invitation, *_rest in rows])
    return [Invited(*row, mails.get(row[0].id)) for row in rows]


def last_mails(invitation_ids: Sequence[int]) -> dict[int, Mail]:
    """By invitation the last mail that its person was sent, or is about to be."""
    mine = (
        select(
            OutboxMessage.object_id,
            OutboxMessage.kind,
            OutboxMessage.state,
            func.coalesce(OutboxMessage.sent_at, OutboxMessage.made_at).label("at"),
            func.row_number()
            .over(partition_by=OutboxMessage.object_id, order_by=OutboxMessage.id.desc())
            .label("place"),
        )
        .where(
            OutboxMessage.object_noun == Invitation.__tablename__,
            OutboxMessage.object_id.in_(invitation_ids),
            OutboxMessage.kind.in_(TO_THE_INVITED),
            OutboxMessage.recipient_contact_id.is_not(None),
            OutboxMessage.state != OutboxState.OBSOLETE,
        )
        .subquery()
    )
    rows = db.session.execute(
        select(mine.c.object_id, mine.c.kind, mine.c.state, mine.c.at).where(mine.c.place == 1)
    )
    return {number: Mail(MailKind(kind), state, at) for number, kind, state, at in rows}


def schools_of(guidance_id: int) -> Sequence[School]:
    return db.session.scalars(
        select(School)
        .join(GuidanceSchool, GuidanceSchool.school_id == School.id)
        .where(GuidanceSchool.guidance_id == guidance_id)
        .order_by(School.sort_name, School.id)
    ).all()


def follow_ups_of(guidance_id: int) -> list[FollowUpLine]:
    rows = db.session.execute(
        select(FollowUp, User)
        .join(User, User.id == FollowUp.owner_user_id)
        .where(FollowUp.guidance_id == guidance_id, live(FollowUp))
        .order_by(FollowUp.position, FollowUp.id)
    )
    return [FollowUpLine(*row) for row in rows]


def invitation(invitation_id: int) -> Invitation:
    """An invitation to a session that one may see, with session, cluster and contact; else 404."""
    person = joinedload(Invitation.affiliation)
    return get_or_404(
        Invitation,
        invitation_id,
        joinedload(Invitation.guidance).joinedload(GuidanceSession.cluster),
        person.joinedload(Affiliation.contact),
        person.joinedload(Affiliation.partner),
    )


def mailed(guidance_id: int) -> tuple[int, int]:
    """How many are invited, and to how many of them a mail went out."""
    rows = db.session.execute(
        select(func.count(Invitation.id), func.count(Invitation.mailed_sequence)).where(
            Invitation.guidance_id == guidance_id, Invitation.uninvited_at.is_(None)
        )
    ).one()
    return rows[0], rows[1]
