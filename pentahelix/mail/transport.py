"""The conversation with the mail server: one mail, one recipient, one of four outcomes.

The mail library is used for its configuration and its connection alone: it knows no time-outs, checks no
certificate, and takes an error while hanging up for a mail that did not arrive.
"""

import io
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import parseaddr
from enum import Enum, auto
from threading import Timer
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from flask_mail import Connection, Mail

from pentahelix.config import NotReady, Settings
from pentahelix.mail.recipients import on_the_wire
from pentahelix.vocabulary import MailFault

PORTS = {"smtp": 587, "smtps": 465}
UNREADABLE = "PHX_MAIL_URL must look like smtp://user:password@host:587 or smtps://…."

#: All commands of a mail together may take so many times what one may.
COMMANDS = 2

#: Enhanced status codes (RFC 3463) that speak of the recipient …
ADDRESS_STATUS = re.compile(r"5\.[12]\.\d+")
#: … and those that speak of us all the same: policy, our own address.
OUR_STATUS = re.compile(r"5\.7\.\d+|5\.1\.[78]\b")

#: To RCPT: not understood, out of order, not signed in. Nobody's address is wrong.
OUR_CODES = frozenset({500, 502, 503, 530, 535})

#: "Service not available, closing transmission channel": also to whoever sent enough on one connection.
CLOSING = 421

Reply = tuple[int, bytes]


class Verdict(Enum):
    ACCEPTED = auto()
    #: the address is wrong, and will be
    REFUSED = auto()
    NOT_NOW = auto()
    #: broken off after the final dot: it may have arrived
    UNKNOWN = auto()


@dataclass(frozen=True)
class Outcome:
    verdict: Verdict
    fault: MailFault | None = None
    #: the server's, or those of the error
    words: str | None = None
    #: whether there was a server to talk to; if not, no other mail need be tried now
    reached: bool = True


def longest(settings: Settings) -> float:
    """Seconds after which a mail has an outcome, however slowly the server talks."""
    return (
        settings.mail_connect_seconds + COMMANDS * settings.mail_command_seconds + settings.mail_data_seconds
    )


class _WholeLines(io.BufferedReader):
    """What the server says, of which a line without its end is none: "250" may be half of anything."""

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        return line if line.endswith(b"\n") or len(line) == size else b""


class _Conversation(smtplib.SMTP):
    """The library takes for an answer what has arrived of one when the line breaks."""

    def __init__(self, line: "Line", *args: Any, **kwargs: Any) -> None:
        # Before the greeting, so that whoever greets without end is cut as well.
        line.host = self
        super().__init__(*args, **kwargs)

    def getreply(self) -> Reply:
        if self.file is None and self.sock is not None:
            self.file = _WholeLines(self.sock.makefile("rb", buffering=0))
        return super().getreply()


class _EncryptedConversation(_Conversation, smtplib.SMTP_SSL):
    """The same from the first byte encrypted."""


class Line(Connection):
    """A connection to the mail server: opened for the first mail, used for all that follow.

    smtp:// is encrypted by STARTTLS wherever the server offers it, and must be where a password is sent;
    smtps:// is encrypted from the first byte. The certificate is verified in either case.
    """

    def __init__(self, settings: Settings) -> None:
        mail = Mail()
        mail.state = mail.init_mail(configuration(settings))
        super().__init__(mail)
        self._settings = settings
        self._mail = "MAIL", f"FROM:<{on_the_wire(parseaddr(settings.mail_from)[1])}>"
        #: whether the server may still have the beginning of another mail in mind
        self._is_midway = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.hang_up()

    def send(self, recipient: str, content: bytes) -> Outcome:  # type: ignore[override]
        """Give the server `content`, byte for byte, for `recipient`."""
        with self._at_most(longest(self._settings)):
            begun = self._begun()
            try:
                host = self.host or self.configure_host()
            except OSError as error:
                self.drop()
                return _unreached(error)
            try:
                refusal = self._announce(host, recipient, begun)
                if refusal is None:
                    # An error here means that the end, with the final dot, has not left us.
                    host.send(_as_data(content))
            except OSError as error:
                self.drop()
                return Outcome(Verdict.NOT_NOW, MailFault.NOT_NOW, _said(error))
            outcome = refusal or self._answer(host)
            self._is_midway = outcome.verdict != Verdict.ACCEPTED
            return outcome

    def hang_up(self) -> None:
        """Take leave; what goes wrong now changes nothing for the mails that were sent."""
        if self.host is not None:
            with suppress(OSError), self._at_most(self._settings.mail_connect_seconds):
                self.host.quit()
        self.drop()

    def drop(self) -> None:
        host, self.host = self.host, None
        if host is not None:
            host.close()

    def configure_host(self) -> smtplib.SMTP:
        """A connection that is ready for mails. Every error is an OSError, those of smtplib and TLS too."""
        settings, mail = self._settings, self.mail
        # Without a name the library asks the network for ours, which may take long.
        name = urlsplit(settings.base_url).hostname
        timeout = settings.mail_connect_seconds
        if mail.use_ssl:
            context = ssl.create_default_context()
            host: smtplib.SMTP = _EncryptedConversation(
                self, mail.server, mail.port, local_hostname=name, timeout=timeout, context=context
            )
        else:
            host = _Conversation(self, mail.server, mail.port, local_hostname=name, timeout=timeout)
        self._is_midway = False
        assert host.sock is not None
        host.sock.settimeout(settings.mail_command_seconds)
        host.ehlo_or_helo_if_needed()
        if not mail.use_ssl and (mail.username or host.has_extn("starttls")):
            host.starttls(context=ssl.create_default_context())
        if mail.username:
            host.login(mail.username, mail.password or "")
        return host

    def _begun(self) -> Reply | None:
        """What the server says to one more mail on the open connection; hung up, if it takes none on it."""
        if self.host is not None:
            with suppress(OSError):
                if not self._is_midway or self.host.rset()[0] == 250:
                    reply = self.host.docmd(*self._mail)
                    if reply[0] != CLOSING:
                        return reply
            self.drop()
        return None

    def _announce(self, host: smtplib.SMTP, recipient: str, begun: Reply | None) -> Outcome | None:
        """Say what comes; None if the server wants it."""
        # Not through the library's own commands, which read addresses anew and may change them.
        for (verb, argument), wanted in (
            (self._mail, (250,)),
            (("RCPT", f"TO:<{on_the_wire(recipient)}>"), (250, 251)),
            (("DATA", ""), (354,)),
        ):
            code, words = begun if begun and verb == "MAIL" else host.docmd(verb, argument)
            if code not in wanted:
                return _turned_down(verb, code, words)
        return None

    def _answer(self, host: smtplib.SMTP) -> Outcome:
        """What the server says to the whole mail."""
        assert host.sock is not None
        try:
            host.sock.settimeout(self._settings.mail_data_seconds)
            code, words = host.getreply()
            if host.sock is not None:
                host.sock.settimeout(self._settings.mail_command_seconds)
        except OSError as error:
            self.drop()
            return Outcome(Verdict.UNKNOWN, MailFault.UNKNOWN, _said(error))
        if 200 <= code < 300:
            return Outcome(Verdict.ACCEPTED)
        if 400 <= code < 600:
            return _turned_down(".", code, words)
        return Outcome(Verdict.UNKNOWN, MailFault.UNKNOWN, _told(code, words))

    @contextmanager
    def _at_most(self, seconds: float) -> Iterator[None]:
        """Cut the line after so long: a server that says one letter a second never runs into a time-out."""
        cut = Timer(seconds, self._cut)
        cut.daemon = True
        cut.start()
        try:
            yield
        finally:
            cut.cancel()

    def _cut(self) -> None:
        host = self.host
        if host is not None and host.sock is not None:
            with suppress(OSError):
                host.sock.shutdown(2)


def configuration(settings: Settings) -> dict[str, object]:
    """PHX_MAIL_URL and PHX_MAIL_FROM in the words of the mail library."""
    try:
        url = urlsplit(settings.mail_url)
        port = url.port
    except ValueError:
        raise NotReady(UNREADABLE) from None
    if url.scheme not in PORTS or not url.hostname:
        raise NotReady(UNREADABLE)
    return {
        "MAIL_SERVER": url.hostname,
        "MAIL_PORT": port or PORTS[url.scheme],
        "MAIL_USERNAME": unquote(url.username) if url.username else None,
        "MAIL_PASSWORD": unquote(url.password) if url.password else None,
        "MAIL_USE_SSL": url.scheme == "smtps",
        "MAIL_DEFAULT_SENDER": settings.mail_from,
    }


def _as_data(content: bytes) -> bytes:
    """A line that begins with a dot gets another one, which the server takes away (RFC 5321, 4.5.2)."""
    stuffed = (b"." if content.startswith(b".") else b"") + content.replace(b"\n.", b"\n..")
    return stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n")


def _turned_down(verb: str, code: int, words: bytes) -> Outcome:
    told = _told(code, words)
    if not 500 <= code < 600:
        return Outcome(Verdict.NOT_NOW, MailFault.NOT_NOW, told)
    status = words.decode(errors="replace")
    about_us = bool(OUR_STATUS.match(status)) or (verb == "RCPT" and code in OUR_CODES)
    about_them = verb == "RCPT" or (verb in ("DATA", ".") and bool(ADDRESS_STATUS.match(status)))
    if about_them and not about_us:
        return Outcome(Verdict.REFUSED, MailFault.ADDRESS, told)
    return Outcome(Verdict.NOT_NOW, MailFault.SERVER_REFUSES, told)


def _unreached(error: OSError) -> Outcome:
    refuses = isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500
    fault = MailFault.SERVER_REFUSES if refuses else MailFault.NOT_NOW
    return Outcome(Verdict.NOT_NOW, fault, _said(error), reached=False)


def _told(code: int, words: bytes) -> str:
    return f"{code} {words.decode(errors='replace')}"


def _said(error: OSError) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return _told(error.smtp_code, words if isinstance(words, bytes) else words.encode())
    return f"{type(error).__name__}: {error}"
