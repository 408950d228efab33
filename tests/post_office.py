"""A real mail server on loopback that keeps what it is given, for tests that play whoever reads mail."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from threading import Condition
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.network import free_port

#: How long a mail may take from the act that makes it, in seconds.
PATIENCE = 20


@dataclass(frozen=True)
class Mail:
    """A mail as it arrived; `to` is the address of the envelope."""

    to: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=default)

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def plain(self) -> str:
        return self._body("plain")

    @property
    def html(self) -> str:
        return self._body("html")

    @property
    def calendar(self) -> str | None:
        """The calendar part, as the mail programs of the invited read it."""
        parts = [part for part in self.message.walk() if part.get_content_type() == "text/calendar"]
        return parts[0].get_content() if parts else None

    def link(self, text: str) -> str:
        """The address behind a link of the HTML part, by its words."""
        found = re.findall(r'(?s)<a\b[^>]*?href="([^"]+)"[^>]*>(.*?)</a>', self.html)
        fitting = [
            unescape(address) for address, words in found if text in unescape(re.sub(r"<[^>]+>", "", words))
        ]
        assert fitting, f"no link {text!r} in “{self.subject}”"
        return fitting[0]

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part is not None, f"no {kind} part"
        return str(part.get_content())


class PostOffice:
    """Takes every mail; `letter` waits for one."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self._arrived = Condition()
        port = free_port()
        self.url = f"smtp://127.0.0.1:{port}"
        self._server = Controller(self, hostname="127.0.0.1", port=port)

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Self]:
        office = cls()
        office._server.start()
        try:
            yield office
        finally:
            office._server.stop()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        with self._arrived:
            self.mails += [Mail(address, content) for address in envelope.rcpt_tos]
            self._arrived.notify_all()
        return "250 Message accepted"

    def letter(self, to: str, subject: str, *, after: int = 0) -> Mail:
        """The newest mail to `to` whose subject has `subject` in it, among those beyond the first `after`."""

        def found() -> Mail | None:
            fitting = [mail for mail in self.mails[after:] if mail.to == to and subject in mail.subject]
            return fitting[-1] if fitting else None

        with self._arrived:
            self._arrived.wait_for(lambda: found() is not None, PATIENCE)
            mail = found()
        assert mail is not None, f"no mail “{subject}” to {to}; there are {self._told()}"
        return mail

    def _told(self) -> list[str]:
        return [f"{mail.to}: {mail.subject}" for mail in self.mails]
