"""The mailbox of the demo: every mail, whoever it went to, open to whoever tries the demo out.

Registered nowhere else: it shows the links that let people in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import defer

from pentahelix.models import Contact, OutboxMessage, User
from pentahelix.queries.outbox import Mail
from pentahelix.queries.trail import cursor
from pentahelix.scope import everything

SIZE = 25


@dataclass(frozen=True)
class Reader:
    """Somebody whom mails went to."""

    address: str
    name: str
    mails: int


@dataclass(frozen=True)
class MailboxPage:
    mails: Sequence[Mail]
    readers: Sequence[Reader]
    #: whose mails alone are shown
    reader: Reader | None
    #: where the older ones begin (`?before=`)
    next: str | None
    is_first: bool


def index(address: str, before: str | None) -> MailboxPage:
    """The newest mails, those to `address` alone if anything went there; two statements."""
    with everything() as session:
        readers = [Reader(*row) for row in session.execute(_readers())]
        reader = next((one for one in readers if one.address == address), None)
        listed = _mails().options(defer(OutboxMessage.content))
        if reader:
            listed = listed.where(OutboxMessage.recipient == reader.address)
        if place := cursor(before):
            listed = listed.where(_after(*place))
        mails = [Mail(*row) for row in session.execute(listed.limit(SIZE + 1))]
        session.expunge_all()
    more, mails = len(mails) > SIZE, mails[:SIZE]
    last = mails[-1].message if more else None
    return MailboxPage(
        mails=mails,
        readers=readers,
        reader=reader,
        next=f"{last.made_at.isoformat()}~{last.id}" if last else None,
        is_first=place is None,
    )


def one(message_id: int) -> Mail | None:
    """A mail with its bytes."""
    with everything() as session:
        row = session.execute(_mails().where(OutboxMessage.id == message_id)).first()
        session.expunge_all()
    return Mail(*row) if row else None


def _mails() -> Any:
    return (
        select(
            OutboxMessage,
            func.coalesce(User.name, Contact.name),
            func.coalesce(User.language, Contact.language),
        )
        .outerjoin(User, User.id == OutboxMessage.recipient_user_id)
        .outerjoin(Contact, Contact.id == OutboxMessage.recipient_contact_id)
        .order_by(OutboxMessage.made_at.desc(), OutboxMessage.id.desc())
    )


def _readers() -> Any:
    """A mailbox that several share bears the name of one of them."""
    name = func.coalesce(func.min(User.name), func.min(Contact.name), OutboxMessage.recipient)
    return (
        select(OutboxMessage.recipient, name, func.count(OutboxMessage.id))
        .outerjoin(User, User.id == OutboxMessage.recipient_user_id)
        .outerjoin(Contact, Contact.id == OutboxMessage.recipient_contact_id)
        .group_by(OutboxMessage.recipient)
        .order_by(name, OutboxMessage.recipient)
    )


def _after(at: Any, number: int) -> ColumnElement[bool]:
    return or_(OutboxMessage.made_at < at, and_(OutboxMessage.made_at == at, OutboxMessage.id < number))
