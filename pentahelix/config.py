"""The settings of an installation: environment variables named PHX_…, read once into one frozen object."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Literal, Self, get_args

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "PHX_"

#: What a demo or a test signs cookies with; production refuses it.
DEMO_SECRET = "only-for-the-demo-never-for-production"  # noqa: S105

#: Whose mails nobody takes; production refuses it.
NO_SENDER = "pentahelix@localhost.example"

Env = Literal["demo", "production", "test"]


class NotReady(Exception):
    """Why the application must not start, as one line for its operator."""


def _hidden() -> Any:
    """A text that stands in no log and no traceback."""
    return field(default="", repr=False)


def _seconds(default: float) -> Any:
    return field(default=default, metadata={"fits": lambda given: given > 0, "limits": "more than 0"})


def _count(default: int, allowed: range) -> Any:
    limits = f"from {allowed[0]} to {allowed[-1]}"
    return field(default=default, metadata={"fits": allowed.__contains__, "limits": limits})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting, documented where it stands. The name of its variable is PHX_ and its own in capitals."""

    #: demo shows invented data and signs in by one press; test is for the suite.
    env: Env = "production"
    #: Signs cookies; at least 32 characters: `python -c 'import secrets; print(secrets.token_hex())'`
    secret_key: str = _hidden()
    #: Older keys, separated by spaces, that still open what they signed.
    secret_key_fallbacks: str = _hidden()
    #: sqlite:////absolute/path.db or postgresql://user:password@host/name
    database_url: str = _hidden()
    #: The address that people type, without a path: links in mails begin with it, and only it is answered.
    base_url: str = "http://127.0.0.1:8000"
    #: smtp://user:password@host:587 or smtps://…:465 (TLS from the first byte); empty in the demo: mails are
    #: then kept for its mailbox. smtp:// is encrypted by STARTTLS wherever the server offers it, and must be
    #: where a password is sent. The host is written as in the server's certificate, which is verified.
    mail_url: str = _hidden()
    #: The sender of every mail: "pentahelix@dinas.example" or "Pentahelix <pentahelix@dinas.example>";
    #: production has one of its own.
    mail_from: str = NO_SENDER
    #: A mailbox that a person reads: answers to mails and to calendar entries go there. It is of the domain
    #: of `mail_from`, by whose signature mail programs believe who invites.
    mail_reply_to: str = ""
    #: How long the mail server may take: to be reached and to greet, for a command, for its word after the
    #: whole mail. A claim on a mail outlives connect + 2 × command + data by a quarter.
    mail_connect_seconds: float = _seconds(10)
    mail_command_seconds: float = _seconds(60)
    mail_data_seconds: float = _seconds(600)
    #: How long a mail that may or may not have arrived waits before it is sent once more.
    mail_unknown_seconds: float = _seconds(15 * 60)
    #: How many mails are sent at the same time, so that one silent server does not hold up all.
    mail_deliverers: int = _count(2, range(1, 21))
    #: The folder of uploaded documents.
    documents: Path = Path("var/documents")
    #: The largest file that may be uploaded, in megabytes of 1024 × 1024 bytes.
    upload_megabytes: int = _count(10, range(1, 101))
    #: How many reverse proxies stand before the application; 0 believes no X-Forwarded header.
    trusted_proxies: int = _count(0, range(6))
    #: Seconds between two looks of the scheduler at what is owed; 0: 1 in demo and test, else 15.
    tick_seconds: int = _count(0, range(301))
    #: Tests only: the instant from which the clock runs on, and the system's time (seconds) then.
    clock: datetime | None = None
    clock_started: float | None = None

    def __post_init__(self) -> None:
        url = self.base_url
        if not url.startswith(("http://", "https://")) or url.count("/") > 2 + url.endswith("/"):
            raise _refused("base_url", "must look like https://pentahelix.example, without a path.")
        object.__setattr__(self, "base_url", url.rstrip("/"))
        if self.env not in get_args(Env):
            raise _refused("env", f"must be one of {', '.join(get_args(Env))}.")
        if self.database and not _names_a_database(self.database):
            # Not repeated: there is a password in it.
            raise _refused(
                "database_url", "must look like postgresql://user:password@host/name or sqlite:////path.db."
            )
        for sender in ("mail_from", "mail_reply_to"):
            given = getattr(self, sender)
            if given and not all(parseaddr(given)[1].rpartition("@")):
                raise _refused(sender, "must be an address, like pentahelix@dinas.example.")
        if self.clock is not None and self.clock.tzinfo is None:
            raise _refused("clock", "needs a zone, like 2026-11-24T07:00+07:00.")
        for setting in fields(self):
            limits = setting.metadata
            if limits and not limits["fits"](getattr(self, setting.name)):
                raise _refused(setting.name, f"must be {limits['limits']}.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read PHX_… variables; an unknown or impossible one raises NotReady, naming it."""
        known = {PREFIX + setting.name.upper(): setting for setting in fields(cls)}
        unknown = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
        if unknown:
            raise NotReady(f"Unknown setting {unknown[0]}. Known are: {', '.join(sorted(known))}.")
        given: dict[str, Any] = {}
        for name, setting in known.items():
            if name in environment:
                try:
                    given[setting.name] = _READ.get(setting.type, str)(environment[name])
                except ValueError:
                    raise _refused(setting.name, f"{environment[name]!r} is not understood.") from None
        return cls(**given)

    @classmethod
    def for_tests(cls, **given: Any) -> Self:
        """Settings of a test: what is not given is harmless."""
        return cls(**({"env": "test", "secret_key": "t" * 32, "base_url": "http://localhost"} | given))

    @property
    def is_demo(self) -> bool:
        return self.env == "demo"

    @property
    def secret(self) -> str:
        return self.secret_key or ("" if self.env == "production" else DEMO_SECRET)

    @property
    def database(self) -> str:
        """The address of the database for SQLAlchemy, with the driver that we ship."""
        url = self.database_url
        if not url and self.env != "production":
            url = f"sqlite:///{Path('var/demo/pentahelix.db').absolute()}"
        return url.replace("postgresql://", "postgresql+psycopg://", 1).replace(
            "postgres://", "postgresql+psycopg://", 1
        )

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def hosts(self) -> list[str]:
        """The names under which this installation is asked for; any other Host header is refused."""
        name = self.base_url.split("://", 1)[1].rsplit(":", 1)[0]
        return [name] if self.env == "production" else [name, "localhost", "127.0.0.1"]

    @property
    def mail_domain(self) -> str:
        return domain_of(self.mail_from)

    @property
    def upload_bytes(self) -> int:
        return self.upload_megabytes * 1024 * 1024

    @property
    def tick(self) -> int:
        return self.tick_seconds or (15 if self.env == "production" else 1)


def domain_of(mailbox: str) -> str:
    """ "dinas.example", of "Pentahelix <pentahelix@Dinas.example>"."""
    return parseaddr(mailbox)[1].rpartition("@")[2].lower()


#: How what is no text is read.
_READ: dict[object, Callable[[str], Any]] = {
    int: int,
    float: float,
    Path: Path,
    datetime | None: datetime.fromisoformat,
    float | None: float,
}


def _names_a_database(url: str) -> bool:
    try:
        return make_url(url).get_backend_name() in ("postgresql", "sqlite")
    except (ArgumentError, ValueError):
        return False


def _refused(setting: str, reason: str) -> NotReady:
    return NotReady(f"{PREFIX}{setting.upper()}: {reason}")
