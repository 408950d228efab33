"""A guidance session with everybody who is invited and what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, func, literal, select, union_all
from sqlalchemy.orm import joinedload

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    Contact,
    Contribution,
    Document,
    FollowUp,
    GuidanceSchool,
    GuidanceSession,
    Invitation,
    OutboxMessage,
    Partner,
    School,
    User,
)
from pentahelix.prepared import prepared
from pentahelix.queries import documents, outbox
from pentahelix.queries.documents import DocumentLine
from pentahelix.queries.meetings import FollowUpLine
from pentahelix.queries.page import Rows
from pentahelix.scope import live, or_404
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
    #: mail to their present address was refused for good
    is_out_of_reach: bool = False

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
    def was_refused(self) -> bool:
        """Mail does not reach them any more."""
        return self.is_out_of_reach or (self.mail is not None and self.mail.state == OutboxState.REFUSED)

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
    documents: Sequence[DocumentLine]
    #: contributions that came from it, the latest first
    given: Sequence[tuple[Contribution, Partner]]

    @property
    def zone(self) -> str:
        return self.guidance.cluster.timezone

    @property
    def day(self) -> date:
        return clock.local(self.guidance.starts_at, self.zone).date()

    @cached_property
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
    """A session that one may see, with everything that its page names, in three statements; else 404."""
    found: GuidanceSession | None = db.session.scalars(*_one(guidance_id)).first()
    guidance = or_404(found)
    rows = db.session.execute(*_beside(guidance_id)).all()
    return GuidancePage(
        guidance,
        everybody_of(guidance),
        schools=[school for school, *_rest in rows if school],
        follow_ups=[FollowUpLine(one, user) for _school, one, _document, user, *_rest in rows if one],
        documents=documents.lines_of((one, user) for _s, _f, one, user, *_rest in rows if one),
        given=[(one, partner) for *_rest, one, partner in rows if one and partner],
    )


@prepared
def _one(guidance_id: int) -> Select[GuidanceSession]:
    named = ("cluster", "partner", "agreement", "organiser")
    return (
        select(GuidanceSession)
        .where(GuidanceSession.id == guidance_id)
        .options(*(joinedload(getattr(GuidanceSession, name)) for name in named))
    )


@prepared
def _beside(guidance_id: int) -> Rows:
    """What hangs on a session: each row has a school, a follow-up, a document or a contribution."""
    parts = union_all(
        select(literal("school", String).label("what"), GuidanceSchool.school_id.label("id")).where(
            GuidanceSchool.guidance_id == guidance_id
        ),
        *(
            select(literal(entity.__tablename__, String), entity.id).where(
                entity.guidance_id == guidance_id, live(entity)
            )
            for entity in (FollowUp, Contribution)
        ),
        select(literal("document", String), Document.id).where(Document.guidance_id == guidance_id),
    ).subquery("parts")

    def part(entity: Any) -> ColumnElement[bool]:
        return and_(parts.c.what == entity.__tablename__, parts.c.id == entity.id)

    whose = func.coalesce(FollowUp.owner_user_id, Document.uploaded_by_user_id)
    return (
        select(School, FollowUp, Document, User, Contribution, Partner)
        .select_from(parts)
        .outerjoin(School, part(School))
        .outerjoin(FollowUp, part(FollowUp))
        .outerjoin(Document, part(Document))
        .outerjoin(User, User.id == whose)
        .outerjoin(Contribution, part(Contribution))
        .outerjoin(Partner, Partner.id == Contribution.partner_id)
        .order_by(
            *(School.sort_name, School.id),
            *(FollowUp.position, FollowUp.id),
            Document.id,
            *(Contribution.delivered_on.desc().nulls_last(), Contribution.id.desc()),
        )
    )


def everybody_of(guidance: GuidanceSession) -> list[Invited]:
    """Whoever was ever invited, with the last mail to them, in one statement."""
    rows = db.session.execute(*_everybody_of(guidance.id))
    return [
        Invited(
            *(invitation, affiliation, contact, partner, on_behalf),
            mail=Mail(MailKind(kind), state, at) if kind else None,
            is_out_of_reach=refused_at is not None,
        )
        for invitation, affiliation, contact, partner, on_behalf, kind, state, at, refused_at in rows
    ]


@prepared
def _everybody_of(guidance_id: int) -> Rows:
    # The last mail that each was sent, or is about to be.
    last = (
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
            OutboxMessage.object_id.in_(select(Invitation.id).where(Invitation.guidance_id == guidance_id)),
            OutboxMessage.kind.in_(TO_THE_INVITED),
            OutboxMessage.recipient_contact_id.is_not(None),
            OutboxMessage.state != OutboxState.OBSOLETE,
        )
        .subquery("last")
    )
    return (
        select(
            *(Invitation, Affiliation, Contact, Partner, User),
            *(last.c.kind, last.c.state, last.c.at, outbox.refused_at_of_contact()),
        )
        .outerjoin(Affiliation, Affiliation.id == Invitation.affiliation_id)
        .outerjoin(Contact, Contact.id == Affiliation.contact_id)
        .outerjoin(Partner, Partner.id == Affiliation.partner_id)
        .outerjoin(User, User.id == Invitation.on_behalf_user_id)
        .outerjoin(last, and_(last.c.object_id == Invitation.id, last.c.place == 1))
        .where(Invitation.guidance_id == guidance_id)
        .order_by(
            case({Answer.PROPOSED: 0, Answer.NONE: 1, Answer.DECLINED: 2}, value=Invitation.answer, else_=3),
            Contact.sort_name.asc().nulls_last(),
            Invitation.id,
        )
    )


def schools_of(guidance_id: int) -> Sequence[School]:
    return db.session.scalars(*_schools_of(guidance_id)).all()


@prepared
def _schools_of(guidance_id: int) -> Select[School]:
    return (
        select(School)
        .join(GuidanceSchool, GuidanceSchool.school_id == School.id)
        .where(GuidanceSchool.guidance_id == guidance_id)
        .order_by(School.sort_name, School.id)
    )


def invitation(invitation_id: int) -> Invitation:
    """An invitation to a session that one may see, with session, cluster and contact; else 404."""
    found: Invitation | None = db.session.scalars(*_invitation(invitation_id)).first()
    return or_404(found)


@prepared
def _invitation(invitation_id: int) -> Select[Invitation]:
    person = joinedload(Invitation.affiliation)
    return (
        select(Invitation)
        .where(Invitation.id == invitation_id)
        .options(
            joinedload(Invitation.guidance).joinedload(GuidanceSession.cluster),
            person.joinedload(Affiliation.contact),
            person.joinedload(Affiliation.partner),
        )
    )


def mailed(guidance_id: int) -> tuple[int, int]:
    """How many are invited, and to how many of them a mail went out."""
    rows = db.session.execute(*_mailed(guidance_id)).one()
    return rows[0], rows[1]


@prepared
def _mailed(guidance_id: int) -> Rows:
    return select(func.count(Invitation.id), func.count(Invitation.mailed_sequence)).where(
        Invitation.guidance_id == guidance_id, Invitation.uninvited_at.is_(None)
    )
