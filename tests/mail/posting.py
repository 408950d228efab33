"""Mails for the tests of their delivery, and a deliverer that is in a hurry."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from pentahelix.config import Settings
from pentahelix.mail import delivery, validity
from pentahelix.models import OutboxMessage
from pentahelix.vocabulary import MailKind
from tests import factories as make

#: So long a server may be silent.
SECONDS = 0.3


def letter(number: int) -> bytes:
    return (
        f"Message-ID: <{number}@localhost.example>\r\nSubject: Notula {number}\r\n\r\nSurel {number}.\r\n"
    ).encode()


def post(
    session: Session, recipients: Sequence[str], *, first: int = 0, **values: Any
) -> list[OutboxMessage]:
    """A mail to each, without conditions, in this order, numbered from `first`; committed."""
    mails = []
    for number, recipient in enumerate(recipients, first):
        content = values.get("content", letter(number))
        given = {
            "kind": MailKind.MINUTES,
            "recipient": recipient,
            "content": content,
            "content_sha256": sha256(content).hexdigest(),
        }
        mails.append(make.mail(**given | values))
    session.commit()
    return mails


def people(number: int) -> list[str]:
    return [f"orang{each}@mitra.example" for each in range(number)]


def hurried(url: str, **settings: Any) -> Settings:
    given = {
        "mail_url": url,
        "mail_connect_seconds": SECONDS,
        "mail_command_seconds": SECONDS,
        "mail_data_seconds": SECONDS,
    }
    return Settings.for_tests(**given | settings)


def deliver(app: Flask, url: str, owner: str = "one", **settings: Any) -> int:
    """One round."""
    with app.app_context():
        return delivery.deliver_due(hurried(url, **settings), owner)


def holds(session: Session, mail: OutboxMessage) -> bool:
    """Whether it still does, as a deliverer asks."""
    session.flush()
    return validity.holds(session.connection(), mail.id)


def found(session: Session) -> dict[str, OutboxMessage]:
    """Every mail as it stands now, by its recipient."""
    session.rollback()
    rows = session.scalars(select(OutboxMessage).execution_options(populate_existing=True))
    return {row.recipient: row for row in rows}
