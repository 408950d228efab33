"""What was mailed, and what did not arrive: the list, one mail, and whose address does not work.

Mails belong to no scope: each function here says itself whose it shows. A coordinator sees those of own
clusters, the admin all. Of a mail that lets somebody in, nobody sees more than that it was there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, true
from sqlalchemy.orm import aliased, defer

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.mail.outbox import UNDELIVERED, WAITING
from pentahelix.models import Contact, FollowUp, GuidanceSession, Invitation, Meeting, OutboxMessage, User
from pentahelix.paths import table
from pentahelix.prepared import NOW, prepared
from pentahelix.principal import Principal
from pentahelix.queries.page import Rows
from pentahelix.queries.trail import cursor
from pentahelix.queries.words import found
from pentahelix.search_index import noun
from pentahelix.vocabulary import Language, MailFault, MailKind, OutboxState, Role

SIZE = 25

#: Came to rest, and tells whether the address works.
TELLING = (OutboxState.SENT, OutboxState.KEPT, OutboxState.REFUSED)


@dataclass(frozen=True)
class Filters:
    typed: str = ""
    state: OutboxState | None = None
    kind: MailKind | None = None

    @property
    def are_set(self) -> bool:
        return bool(self.typed or self.state or self.kind)


@dataclass(frozen=True)
class Mail:
    """A mail and the person that it went to; their name and language are None of a bare address."""

    message: OutboxMessage
    name: str | None
    spoken: Language | None

    @property
    def language(self) -> Language:
        """That it is written in, which is its reader's."""
        return self.spoken or Language.ID

    @property
    def kind(self) -> MailKind:
        return MailKind(self.message.kind)

    @property
    def fault(self) -> MailFault | None:
        return MailFault(self.message.fault) if self.message.fault else None

    @property
    def is_troubled(self) -> bool:
        return self.message.state in UNDELIVERED

    @property
    def is_delayed(self) -> bool:
        """It waits for another try."""
        return self.message.state in WAITING and self.message.attempt > 0


#: So many tries take a quarter of an hour; who only wants to see whether we come again has taken it by then.
OFTEN = 3


@dataclass(frozen=True)
class Refusal:
    """The mail server takes none of our mails: how many wait for that, and what it said last."""

    waiting: int
    words: str | None
    #: of the last one: it turns us away, or again and again cannot be reached
    fault: str = MailFault.SERVER_REFUSES


@dataclass(frozen=True)
class OutboxPage:
    """The newest mails, or those before a place. `next`: where the older ones begin (`?before=`)."""

    mails: Sequence[Mail]
    #: shown above the others, where nothing is filtered
    troubled: Sequence[Mail]
    #: how many came to rest without having arrived
    trouble: int
    refusal: Refusal | None
    next: str | None
    is_first: bool


@dataclass(frozen=True)
class About:
    """What a mail speaks of."""

    noun: str
    id: int
    title: str


@dataclass(frozen=True)
class OneMail:
    mail: Mail
    about: About | None
    #: whom it went to, as far as the reader may open their page
    contact: Contact | None

    @property
    def is_over(self) -> bool:
        """What it says is of no use any more."""
        end = self.mail.message.valid_until
        return end is not None and end <= clock.now()

    @property
    def may_be_resent(self) -> bool:
        """It came to rest, its bytes are still there, and they go where the person is now."""
        return (
            self.mail.is_troubled
            and self.mail.message.content is not None
            and not self.is_over
            and not self.has_moved
        )

    @property
    def has_moved(self) -> bool:
        """The contact has another address by now, or none."""
        return self.contact is not None and self.contact.email != self.mail.message.recipient


def index(person: Principal, filters: Filters, before: str | None) -> OutboxPage:
    """One page of what `person` may see; three statements."""
    place, address = cursor(before), filters.typed.casefold()
    mails = [
        Mail(*row) for row in db.session.execute(*_listed(person, filters, address, *(place or (None, None))))
    ]
    more, mails = len(mails) > SIZE, mails[:SIZE]
    is_open = place is None and not filters.are_set
    trouble, waiting, *words = db.session.execute(*_trouble(person)).one()
    return OutboxPage(
        mails=mails,
        troubled=[Mail(*row) for row in db.session.execute(*_troubled(person))] if is_open else [],
        trouble=trouble,
        refusal=Refusal(waiting, *words) if waiting else None,
        next=_place(mails[-1].message) if more else None,
        is_first=place is None,
    )


@prepared
def _listed(
    person: Principal, filters: Filters, address: str, at: datetime | None, number: int | None
) -> Rows:
    listed: Rows = _mails(person).where(*_chosen(filters, address)).limit(SIZE + 1)
    if not filters.are_set:
        listed = listed.where(OutboxMessage.state.not_in(UNDELIVERED))
    if at is not None:
        same = and_(OutboxMessage.made_at == at, OutboxMessage.id < number)
        listed = listed.where(or_(OutboxMessage.made_at < at, same))
    return listed


@prepared
def _troubled(person: Principal) -> Rows:
    troubled: Rows = _mails(person).where(OutboxMessage.state.in_(UNDELIVERED)).limit(SIZE)
    return troubled


@prepared
def _trouble(person: Principal) -> Rows:
    """How many did not arrive, and the columns of Refusal, if there is one."""
    number = select(func.count(OutboxMessage.id)).where(
        OutboxMessage.state.in_(UNDELIVERED), *_theirs(person)
    )
    refusal, always = refusals().subquery(), select(literal(1)).subquery()
    return select(number.scalar_subquery(), *refusal.c).select_from(always).outerjoin(refusal, true())


def one(person: Principal, message_id: int) -> OneMail | None:
    """A mail that `person` may see."""
    row = db.session.execute(*_one(person, message_id)).first()
    if row is None:
        return None
    mail = Mail(*row)
    contact_id = mail.message.recipient_contact_id
    contact = db.session.scalars(*_contact(contact_id)).first() if contact_id else None
    return OneMail(mail, about(mail.message), contact)


@prepared
def _one(person: Principal, message_id: int) -> Rows:
    found: Rows = _mails(person).where(OutboxMessage.id == message_id)
    return found


@prepared
def _contact(contact_id: int) -> Select[Contact]:
    return select(Contact).where(Contact.id == contact_id)


def about(message: OutboxMessage) -> About | None:
    """What it speaks of, if one may see that; of an invitation its session."""
    spoken_of = (GuidanceSession, Meeting, FollowUp, Invitation)
    entity = next((entity for entity in spoken_of if noun(entity) == message.object_noun), None)
    row = entity and db.session.execute(*_title(entity, message.object_id)).first()
    told = GuidanceSession if entity is Invitation else entity
    return About(noun(told), row[0], row[1]) if told and row else None


@prepared
def _title(entity: Any, object_id: int | None) -> Rows:
    if entity is Invitation:
        return (
            select(GuidanceSession.id, GuidanceSession.topic)
            .join(Invitation, Invitation.guidance_id == GuidanceSession.id)
            .where(Invitation.id == object_id)
        )
    title = entity.topic if entity is GuidanceSession else entity.title
    return select(entity.id, title).where(entity.id == object_id)


def refusals() -> Any:
    """Whether the server takes no mail, whoever we write to: at most one row, the columns of Refusal."""
    waits = aliased(OutboxMessage)
    turned_away = or_(
        and_(waits.state.in_((*WAITING, OutboxState.PARKED)), waits.fault == MailFault.SERVER_REFUSES),
        and_(waits.state == OutboxState.QUEUED, waits.fault == MailFault.NOT_NOW, waits.attempt >= OFTEN),
    )
    number, last = (
        select(function(waits.id)).where(turned_away).scalar_subquery() for function in (func.count, func.max)
    )
    return select(number, OutboxMessage.error, OutboxMessage.fault).where(OutboxMessage.id == last)


def not_arrived(person: Principal) -> Any:
    """The mails that wait for a person, newest first: undelivered, and still worth delivering.

    One whose time is over says nothing any more, and one to an address that was corrected since is done with.
    """
    return _mails(person).where(*_is_undelivered())


def number_not_arrived(person: Principal) -> Select[int]:
    """How many these are."""
    return select(func.count()).select_from(OutboxMessage).where(*_theirs(person), *_is_undelivered())


def _is_undelivered() -> list[ColumnElement[bool]]:
    # As a table: whether somebody's address was corrected is the same whoever asks.
    contact = table(Contact).alias().c
    address = select(contact.email).where(contact.id == OutboxMessage.recipient_contact_id).scalar_subquery()
    return [
        OutboxMessage.state.in_(UNDELIVERED),
        or_(OutboxMessage.valid_until.is_(None), OutboxMessage.valid_until > NOW),
        or_(
            OutboxMessage.state == OutboxState.PARKED,
            OutboxMessage.recipient_contact_id.is_(None),
            address == OutboxMessage.recipient,
        ),
    ]


def undelivered(contact_ids: Iterable[int]) -> frozenset[int]:
    """Those of the contacts whose present address was refused for good, and has taken no mail since."""
    return frozenset(refused_at(contact_ids))


def refused_at(contact_ids: Iterable[int]) -> dict[int, datetime]:
    """When the mail was made that the present address of each of them refused."""
    ids = tuple(contact_ids)
    if not ids:
        return {}
    return {contact_id: at for contact_id, at in db.session.execute(*_refused_at(ids)) if at is not None}


@prepared
def _refused_at(contact_ids: tuple[int, ...]) -> Rows:
    return select(Contact.id, refused_at_of_contact()).where(Contact.id.in_(contact_ids))


def refused_at_of_contact() -> Any:
    """The same beside a contact, in the statement that reads it."""
    refused = case((OutboxMessage.state == OutboxState.REFUSED, OutboxMessage.made_at))
    return (
        select(refused)
        .where(
            OutboxMessage.recipient_contact_id == Contact.id,
            OutboxMessage.recipient == Contact.email,
            OutboxMessage.state.in_(TELLING),
        )
        .order_by(OutboxMessage.made_at.desc(), OutboxMessage.id.desc())
        .limit(1)
        .correlate(Contact)
        .scalar_subquery()
    )


# ---------------------------------------------------------------------------------------------------------


def _theirs(person: Principal) -> list[ColumnElement[bool]]:
    if person.role is Role.ADMIN:
        return []
    return [OutboxMessage.cluster_id.in_(person.cluster_ids)]


def _mails(person: Principal) -> Any:
    # Names are those of contacts whom the reader may see; of others the address stands alone.
    return (
        select(
            OutboxMessage,
            func.coalesce(User.name, Contact.name),
            func.coalesce(User.language, Contact.language),
        )
        .outerjoin(User, User.id == OutboxMessage.recipient_user_id)
        .outerjoin(Contact, Contact.id == OutboxMessage.recipient_contact_id)
        .where(*_theirs(person))
        .options(defer(OutboxMessage.content))
        .order_by(OutboxMessage.made_at.desc(), OutboxMessage.id.desc())
    )


def _chosen(filters: Filters, address: str) -> list[ColumnElement[bool]]:
    criteria: list[ColumnElement[bool]] = []
    if filters.typed:
        criteria.append(_mentions(filters.typed, address))
    if filters.state:
        criteria.append(OutboxMessage.state == filters.state)
    if filters.kind:
        criteria.append(OutboxMessage.kind == filters.kind)
    return criteria


def _mentions(typed: str, address: str) -> ColumnElement[bool]:
    """By the index of words: whom it went to, and the title of what it speaks of, which subjects repeat."""

    def speaks_of(entity: Any, ids: Any) -> ColumnElement[bool]:
        return and_(OutboxMessage.object_noun == noun(entity), OutboxMessage.object_id.in_(ids))

    sessions = found(GuidanceSession, typed)
    return or_(
        OutboxMessage.recipient == address,
        OutboxMessage.recipient_contact_id.in_(found(Contact, typed)),
        OutboxMessage.recipient_user_id.in_(found(User, typed)),
        speaks_of(GuidanceSession, sessions),
        speaks_of(Invitation, select(Invitation.id).where(Invitation.guidance_id.in_(sessions))),
        speaks_of(Meeting, found(Meeting, typed)),
        speaks_of(FollowUp, found(FollowUp, typed)),
    )


def _place(message: OutboxMessage) -> str:
    return f"{message.made_at.isoformat()}~{message.id}"
