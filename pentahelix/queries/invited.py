"""Who is invited to a session, what they answered and what was mailed to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import joinedload

from pentahelix.extensions import db
from pentahelix.models import Affiliation, Contact, GuidanceSession, Invitation, OutboxMessage, Partner, User
from pentahelix.prepared import prepared
from pentahelix.queries import outbox
from pentahelix.queries.page import Rows
from pentahelix.scope import or_404
from pentahelix.vocabulary import Answer, Basis, Helix, InvitationRole, MailKind, OutboxState

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


@dataclass(frozen=True)
class Mail:
    """The last mail to somebody about the session."""

    kind: MailKind
    state: OutboxState
    at: datetime


class Invited(NamedTuple):
    """Somebody who is invited; without a contact where their partner has left the reader's clusters."""

    id: int
    affiliation_id: int
    version: int
    role: InvitationRole
    answer: Answer
    answered_at: datetime | None
    invited_at: datetime
    uninvited_at: datetime | None
    #: the number of the session's state that the last mail told them; None for whoever never got any
    mailed_sequence: int | None
    nudged_at: datetime | None
    whatsapp_at: datetime | None
    note: str | None
    proposed_starts_at: datetime | None
    delegate_name: str | None
    attended: bool | None
    contact_id: int | None
    contact_name: str | None
    email: str | None
    phone: str | None
    basis: Basis | None
    #: nobody mails whoever is restricted, erased or archived
    restricted_at: datetime | None
    erased_at: datetime | None
    archived_at: datetime | None
    partner_id: int | None
    partner_name: str | None
    helix: Helix | None
    is_fictitious: bool | None
    #: the name of who wrote the answer down for them
    on_behalf: str | None
    mail_kind: str | None
    mail_state: OutboxState | None
    mail_at: datetime | None
    #: when mail to their present address was refused for good
    refused_at: datetime | None

    @property
    def name(self) -> str:
        return self.contact_name or "–"

    @property
    def mail(self) -> Mail | None:
        if self.mail_kind is None or self.mail_state is None or self.mail_at is None:
            return None
        return Mail(MailKind(self.mail_kind), self.mail_state, self.mail_at)

    @property
    def is_speaker(self) -> bool:
        return self.role == InvitationRole.SPEAKER

    @property
    def is_invited(self) -> bool:
        return self.uninvited_at is None

    @property
    def takes_part(self) -> bool:
        """Whoever declined or was un-invited may be invited again."""
        return self.is_invited and self.answer != Answer.DECLINED

    @property
    def came(self) -> bool:
        """As it was kept; before that whether they said that they would."""
        return (self.is_invited and self.answer in COMING) if self.attended is None else self.attended

    @property
    def was_refused(self) -> bool:
        """Mail does not reach them any more."""
        return self.refused_at is not None or self.mail_state == OutboxState.REFUSED


#: The first columns of `Invited`, by their names.
OF_INVITATION = Invited._fields[: Invited._fields.index("contact_id")]


def everybody_of(guidance_id: int) -> list[Invited]:
    """Whoever was ever invited, with the last mail to them, in one statement."""
    return [Invited._make(row) for row in db.session.execute(*_everybody_of(guidance_id))]


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
            *(getattr(Invitation, name) for name in OF_INVITATION),
            *(Contact.id, Contact.name, Contact.email, Contact.phone, Contact.basis),
            *(Contact.restricted_at, Contact.erased_at, Contact.archived_at),
            *(Partner.id, Partner.name, Partner.helix, Partner.is_fictitious, User.name),
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
