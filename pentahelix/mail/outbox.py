"""The outbox: a mail is a row, written in the transaction of what it tells, under a key that exists once.

The decision to send is thereby made exactly once; `delivery` does the rest.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from pentahelix import clock
from pentahelix.database import unless_there
from pentahelix.extensions import Entity, db
from pentahelix.mail.compose import Attachment, CalendarPart, compose
from pentahelix.mail.recipients import Recipient
from pentahelix.models import OutboxMessage
from pentahelix.refusals import WrongState
from pentahelix.vocabulary import MailKind, OutboxState

#: Their links let somebody in: shown on no page, and gone once they are settled.
SECRET = frozenset({MailKind.ACCOUNT, MailKind.PASSWORD, MailKind.SIGN_IN})

#: Not sent yet, and nobody is at it.
WAITING = (OutboxState.QUEUED, OutboxState.UNKNOWN)

#: Came to rest without having arrived, as far as we know.
UNDELIVERED = (OutboxState.PARKED, OutboxState.REFUSED)


_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


@contextmanager
def quiet() -> Iterator[None]:
    """Mail nobody about what is done inside: it happened before, and is only entered now."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def post(
    kind: MailKind,
    to: Recipient,
    key: str,
    context: dict[str, Any],
    *,
    about: Entity | None = None,
    cluster_id: int | None = None,
    #: the SEQUENCE of the session that it speaks of
    sequence: int | None = None,
    #: not after
    valid_until: datetime | None = None,
    calendar: CalendarPart | None = None,
    attachments: Sequence[Attachment] = (),
    thread: str | None = None,
    unsubscribe: str | None = None,
) -> int | None:
    """Put a mail into the outbox; its id, or None where `key` exists already (or it is `quiet`).

    The row lives and dies with the transaction around it.
    """
    if _quiet.get():
        return None
    if db.session.scalar(select(OutboxMessage.id).where(OutboxMessage.key == key)) is not None:
        return None
    mail = compose(
        kind,
        to,
        context,
        calendar=calendar,
        attachments=attachments,
        thread=thread,
        unsubscribe=unsubscribe,
    )
    now = clock.now()
    row = {
        "recipient_user_id": to.user_id,
        "recipient_contact_id": to.contact_id,
        "cluster_id": cluster_id,
        "key": key,
        "message_id": mail.message_id,
        "kind": kind,
        "object_noun": about.__tablename__ if about else None,
        "object_id": about.id if about else None,  # type: ignore[attr-defined]
        "sequence": sequence,
        "recipient": to.email,
        "subject": mail.subject[:1000],
        "content": mail.content,
        "content_sha256": hashlib.sha256(mail.content).hexdigest(),
        "is_secret": kind in SECRET,
        "state": OutboxState.QUEUED,
        "attempt": 0,
        "unknowns": 0,
        "next_at": now,
        "valid_until": valid_until,
        "made_at": now,
    }
    statement = unless_there(db.session.connection(), OutboxMessage, row, "key")
    return db.session.scalar(statement.returning(OutboxMessage.id))


def withdraw(kinds: Iterable[MailKind], about: Entity) -> None:
    """What waits to be sent about `about` is no longer true and stays here."""
    db.session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.kind.in_(list(kinds)),
            OutboxMessage.object_noun == about.__tablename__,
            OutboxMessage.object_id == about.id,  # type: ignore[attr-defined]
            OutboxMessage.state.in_(WAITING),
        )
        .values(state=OutboxState.OBSOLETE)
        .execution_options(synchronize_session=False)
    )


def resend(message: OutboxMessage) -> None:
    """Queue what came to rest undelivered once more: the same mail, byte for byte, under the same Message-ID.

    Not one that let somebody in: its bytes are gone.
    """
    queued = db.session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.id == message.id,
            OutboxMessage.state.in_(UNDELIVERED),
            OutboxMessage.content.is_not(None),
        )
        .values(state=OutboxState.QUEUED, attempt=0, unknowns=0, next_at=clock.now(), fault=None, error=None)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    ).first()
    if queued is None:
        raise WrongState(_l("Surel ini tidak dapat dikirim ulang."))
    db.session.refresh(message)
