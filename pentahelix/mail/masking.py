"""Mails as they are shown and kept: without the links that act in their reader's name.

A personal link is an address of which one part is a token, whatever page it leads to.
"""

import base64
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP

from sqlalchemy import or_, select, update

from pentahelix import clock
from pentahelix.mail.compose import Attachment
from pentahelix.mail.delivery import AT_REST, NEVER
from pentahelix.models import OutboxMessage
from pentahelix.unit_of_work import unit_of_work
from pentahelix.vocabulary import OutboxState

#: `secrets.token_urlsafe(32)` makes 43 characters.
PERSONAL_LINK = re.compile(r"""https?://[^\s<>"']*/[\w-]{43}(?![\w-])[^\s<>"']*""", re.ASCII)
MASK = "[tautan pribadi]"

#: What was written stays as it was written: headers folded anew would be read and encoded anew, too.
AS_WRITTEN = SMTP.clone(refold_source="none")

#: Headers in which such a link may stand; the others, which need not be understood, are not looked into.
LINKING = ("Subject", "List-Unsubscribe")

#: How many copies one round of `tidy` masks in one transaction.
BATCH = 100


@dataclass(frozen=True)
class Shown:
    subject: str
    plain: str
    html: str
    calendar: str | None
    #: the whole message as it travels
    source: str
    attachments: tuple[Attachment, ...]


def shown(message: OutboxMessage, *, reveal: bool = False) -> Shown | None:
    """Its parts; None where the bytes are gone. `reveal` is for the demo's mailbox, where nobody is real.

    Nothing of a mail that lets somebody in, either.
    """
    if message.content is None or (message.is_secret and not reveal):
        return None
    content = message.content if reveal else masked(message.content)
    mail = _parsed(content)
    calendars = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    return Shown(
        subject=str(mail["Subject"]).strip(),
        plain=_body(mail, "plain"),
        # What leads nowhere is no link.
        html=_body(mail, "html").replace(f'href="{MASK}"', ""),
        calendar=_text(calendars[0]) if calendars else None,
        source=content.decode(errors="replace"),
        attachments=tuple(
            Attachment(part.get_filename() or "", _bytes(part), part.get_content_type())
            for part in mail.iter_attachments()
        ),
    )


def masked(content: bytes) -> bytes:
    """The same message with every personal link masked; once more changes nothing."""
    mail = _parsed(content)
    for name in LINKING:
        if PERSONAL_LINK.search(value := mail[name] or ""):
            mail.replace_header(name, PERSONAL_LINK.sub(MASK, value).strip())
    for part in mail.walk():
        if part.get_content_maintype() == "text" or part.get_content_type() == "application/ics":
            _mask(part)
    return mail.as_bytes()


def tidy() -> None:
    """Keep no link for longer than needed: neither what lets somebody in nor what was sent long ago."""
    with unit_of_work("scheduler:tidy") as session:
        over = OutboxMessage.valid_until <= clock.now()
        session.execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.is_secret,
                OutboxMessage.content.is_not(None),
                or_(OutboxMessage.state.in_(AT_REST), over & (OutboxMessage.state != OutboxState.KEPT)),
            )
            .values(content=None)
            .execution_options(synchronize_session=False)
        )
    while _mask_some():
        pass


def _mask_some() -> int:
    """Mask the oldest copies that are due for it; how many those were."""
    with unit_of_work("scheduler:tidy") as session:
        due = (
            select(OutboxMessage)
            .where(OutboxMessage.state == OutboxState.SENT, OutboxMessage.next_at <= clock.now())
            .order_by(OutboxMessage.next_at, OutboxMessage.id)
            .limit(BATCH)
        )
        messages = session.scalars(due).all()
        for message in messages:
            if message.content is not None:
                message.content = masked(message.content)
            message.next_at = NEVER
        return len(messages)


def _mask(part: EmailMessage) -> None:
    charset = part.get_content_charset("utf-8")
    text = _bytes(part).decode(charset, errors="replace")
    if not PERSONAL_LINK.search(text):
        return
    del part["Content-Transfer-Encoding"]
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(base64.encodebytes(PERSONAL_LINK.sub(MASK, text).encode(charset)).decode())


def _parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, EmailMessage, policy=AS_WRITTEN)


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return _text(part) if part else ""


def _text(part: MIMEPart) -> str:
    text = _bytes(part).decode(part.get_content_charset("utf-8"), errors="replace")
    return text.replace("\r\n", "\n")


def _bytes(part: MIMEPart) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
