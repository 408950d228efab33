"""Mails as they lie in the outbox, and whoever answers one of them, without a page."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from pentahelix import audit
from pentahelix.extensions import db
from pentahelix.models import OutboxMessage
from pentahelix.scope import Scope, set_scope
from pentahelix.unit_of_work import write
from pentahelix.vocabulary import ActorKind, MailKind

#: A mailbox that a person reads.
REPLY_TO = "sekretariat@dinas.example"


def posted(session: Session, *kinds: MailKind) -> list[OutboxMessage]:
    """What was put into the outbox, in its order; of some kinds only, where they are named."""
    found = select(OutboxMessage).order_by(OutboxMessage.id)
    if kinds:
        found = found.where(OutboxMessage.kind.in_(kinds))
    return list(session.scalars(found.execution_options(populate_existing=True)))


def opened(mail: OutboxMessage) -> EmailMessage:
    assert mail.content is not None
    message = message_from_bytes(mail.content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def plain(mail: OutboxMessage) -> str:
    return _body(mail, "plain")


def html(mail: OutboxMessage) -> str:
    return _body(mail, "html")


def entry(mail: OutboxMessage) -> str:
    """The calendar part, as a mail program reads it."""
    parts = [part for part in opened(mail).walk() if part.get_content_type() == "text/calendar"]
    return str(parts[0].get_content()).replace("\r\n", "\n")


def settle(app: Flask, monkeypatch: Any, **settings: Any) -> None:
    """Other settings for this test."""
    changed = replace(app.extensions["settings"], **settings)
    monkeypatch.setitem(app.extensions, "settings", changed)


@contextmanager
def answering(app: Flask, scope: Scope) -> Iterator[Session]:
    """The writing part of a request behind a link (OfInvitation) or in the portal (OfContact)."""
    db.session.commit()
    try:
        with app.app_context(), audit.acting(audit.Actor(ActorKind.LINK, None, "tautan")):
            set_scope(db.session(), scope)
            write()
            yield db.session()
            db.session.commit()
    finally:
        # Whatever the test's session has read meanwhile is of before.
        db.session.rollback()
        db.session.expire_all()


def _body(mail: OutboxMessage, kind: str) -> str:
    part: Any = opened(mail).get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n")
