"""A mail as bytes, rendered once: what is stored is what every attempt sends.

The library's message class makes a new Message-ID a try and has no calendar part with a method, so a message
is the standard library's. Its structure is RFC 6047's:
mixed(alternative(plain, html, calendar), invite.ics, attachments).
"""

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, formataddr, parseaddr
from typing import Any

from flask import current_app, render_template

from pentahelix import clock
from pentahelix.config import Settings
from pentahelix.mail.recipients import Recipient, on_the_wire
from pentahelix.presentation import as_read_by
from pentahelix.services.settings import province
from pentahelix.vocabulary import MailKind

#: So much of a header's value stands on a line, which has 78 (RFC 5322, 2.1.1).
LINE = 70


@dataclass(frozen=True)
class CalendarPart:
    """An iCalendar object and the METHOD that it carries (REQUEST, CANCEL)."""

    text: str
    method: str


@dataclass(frozen=True)
class Attachment:
    name: str
    content: bytes
    #: "application/pdf"
    media_type: str


@dataclass(frozen=True)
class Composed:
    subject: str
    #: RFC 5322, with its angle brackets
    message_id: str
    content: bytes


class _Verbatim(str):
    """A header that goes out as it stands here.

    The library reads every value anew: what looks encoded in it (`=?…?=`) it decodes, line ends and all, and
    what has no blank to be folded at it encodes, so that no mail program finds the address in it.
    """

    def __new__(cls, name: str, value: str) -> "_Verbatim":
        if {"\r", "\n"} & set(value.replace(f"{SMTP.linesep} ", "")):
            raise ValueError("a header may not contain a linefeed")
        header = super().__new__(cls, value)
        header.name = name
        return header

    name: str

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def compose(
    kind: MailKind,
    to: Recipient,
    context: dict[str, Any],
    *,
    calendar: CalendarPart | None = None,
    attachments: Sequence[Attachment] = (),
    #: mails of one thread are shown as one conversation: a random id that they share
    thread: str | None = None,
    #: where one press ends mails of this kind (RFC 8058)
    unsubscribe: str | None = None,
) -> Composed:
    """Render `mail/<kind>.{subject,txt,html}` for `to`, in their language and by their clock."""
    settings: Settings = current_app.extensions["settings"]
    shown = {
        # whose name stands in the head, if the kind has any
        "cluster": None,
        **context,
        "to": to,
        "office": province().name,
        "settings": settings,
        "unsubscribe": unsubscribe,
    }
    with as_read_by(to.language, to.timezone):
        subject = " ".join(render_template(f"mail/{kind}.subject", **shown).split())
        plain = render_template(f"mail/{kind}.txt", **shown).strip() + "\n"
        html = render_template(f"mail/{kind}.html", subject=subject, **shown)
    message = EmailMessage(policy=SMTP)
    message_id = f"<{secrets.token_hex(16)}@{settings.mail_domain}>"
    for name, value in _headers(settings, to, subject, message_id, thread, unsubscribe):
        message[name] = value
    message.set_content(plain, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    if calendar:
        parameters = {"method": calendar.method, "component": "VEVENT"}
        message.add_alternative(calendar.text, subtype="calendar", cte="base64", params=parameters)
        attachments = [Attachment("invite.ics", calendar.text.encode(), "application/ics"), *attachments]
    for attachment in attachments:
        main, _, sub = attachment.media_type.partition("/")
        message.add_attachment(attachment.content, maintype=main, subtype=sub, filename=attachment.name)
    # What sets a body drops or moves the headers that speak of content.
    message["Content-Language"] = to.language
    # The library gives what just fits a line one of its own and leaves the header's name before it alone,
    # which some programs read as no subject or address, others as one that begins with a space.
    head, gap, body = message.as_bytes().partition(b"\r\n\r\n")
    content = re.sub(rb"(?m)^([\w-]+): ?\r\n ", rb"\1: ", head) + gap + body
    return Composed(subject, message_id, content)


def _headers(
    settings: Settings,
    to: Recipient,
    subject: str,
    message_id: str,
    thread: str | None,
    unsubscribe: str | None,
) -> Iterator[tuple[str, str]]:
    name, address = parseaddr(settings.mail_from)
    domain = settings.mail_domain
    yield "From", formataddr((name or "Pentahelix", address))
    yield "To", _Verbatim("To", _mailbox(to.name, on_the_wire(to.email)))
    yield "Subject", _subject(subject)
    yield "Date", format_datetime(clock.now())
    yield "Message-ID", message_id
    if settings.mail_reply_to:
        yield "Reply-To", settings.mail_reply_to
    if thread:
        for header in ("References", "In-Reply-To"):
            yield header, _Verbatim(header, f"<thread.{thread}@{domain}>")
    # Nobody's absence note is wanted, and no robot shall answer (RFC 3834).
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "OOF, AutoReply"
    yield "List-Id", _Verbatim("List-Id", f"Pentahelix <pentahelix.{domain}>")
    if unsubscribe:
        yield "List-Unsubscribe", _Verbatim("List-Unsubscribe", f"<{unsubscribe}>")
        yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"


def _mailbox(name: str, address: str) -> str:
    """A name with commas and dots in quotes; other letters, and what looks encoded or fills a line, encoded.

    Not as the library folds it, which may lose the quotes: the titles would then be further recipients.
    """
    name = " ".join(name.split())
    if not name:
        return address
    if len(name) <= LINE and "=?" not in name and name.isascii() and name.isprintable():
        shown = formataddr((name, address)).removesuffix(f" <{address}>")
    else:
        shown = _encoded("To", name)
    gap = " " if len(f"{shown} <{address}>") <= LINE else f"{SMTP.linesep} "
    return f"{shown}{gap}<{address}>"


def _subject(subject: str) -> str:
    if "=?" not in subject:
        return subject
    return _Verbatim("Subject", _encoded("Subject", subject))


def _encoded(header: str, text: str) -> str:
    return Header(text, "utf-8", header_name=header).encode(linesep=SMTP.linesep)
