"""The settings of an installation: environment variables named PHX_…, read once into one frozen object."""

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "PHX_"

#: What a demo or a test signs cookies with; production refuses it.
DEMO_SECRET = "only-for-the-demo-never-for-production"  # noqa: S105


class NotReady(Exception):
    """Why the application must not start, as one line for its operator."""


class Settings(BaseSettings):
    """Every setting, documented where it stands. The name of its variable is PHX_ and its own in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    #: demo shows invented data and signs in by one press; test is for the suite.
    env: Literal["demo", "production", "test"] = "production"
    #: Signs cookies; at least 32 characters: `python -c 'import secrets; print(secrets.token_hex())'`
    secret_key: SecretStr = SecretStr("")
    #: Older keys, separated by spaces, that still open what they signed.
    secret_key_fallbacks: SecretStr = SecretStr("")
    #: sqlite:////absolute/path.db or postgresql://user:password@host/name
    database_url: SecretStr = SecretStr("")
    #: The address that people type, without a path: links in mails begin with it, and only it is answered.
    base_url: str = "http://127.0.0.1:8000"
    #: smtp://user:password@host:587 or smtps://…:465 (TLS from the first byte); empty in the demo: mails are
    #: then kept for its mailbox. smtp:// is encrypted by STARTTLS wherever the server offers it, and must be
    #: where a password is sent. The host is written as in the server's certificate, which is verified.
    mail_url: SecretStr = SecretStr("")
    #: The sender of every mail: "pentahelix@dinas.example" or "Pentahelix <pentahelix@dinas.example>".
    mail_from: str = "pentahelix@localhost.example"
    #: A mailbox that a person reads: answers to mails and to calendar entries go there.
    mail_reply_to: str = ""
    #: How long the mail server may take: to be reached and to greet, for a command, for its word after the
    #: whole mail. A claim on a mail outlives connect + 2 × command + data by a quarter.
    mail_connect_seconds: float = Field(10, gt=0)
    mail_command_seconds: float = Field(60, gt=0)
    mail_data_seconds: float = Field(600, gt=0)
    #: How long a mail that may or may not have arrived waits before it is sent once more.
    mail_unknown_seconds: float = Field(15 * 60, gt=0)
    #: How many mails are sent at the same time, so that one silent server does not hold up all.
    mail_deliverers: int = Field(2, ge=1, le=20)
    #: The folder of uploaded documents.
    documents: Path = Path("var/documents")
    #: The largest file that may be uploaded, in megabytes of 1024 × 1024 bytes.
    upload_megabytes: int = Field(10, ge=1, le=100)
    #: How many reverse proxies stand before the application; 0 believes no X-Forwarded header.
    trusted_proxies: int = Field(0, ge=0, le=5)
    #: Seconds between two looks of the scheduler at what is owed; 0: 1 in demo and test, else 15.
    tick_seconds: int = Field(0, ge=0, le=300)
    #: Tests only: the instant from which the clock runs on, and the system's time (seconds) then.
    clock: datetime | None = None
    clock_started: float | None = None

    @field_validator("base_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")) or value.count("/") > 2 + value.endswith("/"):
            raise ValueError("must look like https://pentahelix.example, without a path")
        return value.rstrip("/")

    @field_validator("clock")
    @classmethod
    def _clock_with_a_zone(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("needs a zone, like 2026-11-24T07:00+07:00")
        return value

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read PHX_… variables; an unknown or impossible one raises NotReady, naming it."""
        known = {PREFIX + name.upper() for name in cls.model_fields}
        unknown = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
        if unknown:
            raise NotReady(f"Unknown setting {unknown[0]}. Known are: {', '.join(sorted(known))}.")
        given = {name[len(PREFIX) :].lower(): value for name, value in environment.items() if name in known}
        try:
            return cls(**given)  # type: ignore[arg-type]
        except ValidationError as error:
            first = error.errors()[0]
            raise NotReady(f"{PREFIX}{str(first['loc'][0]).upper()}: {first['msg']}.") from None

    @classmethod
    def for_tests(cls, **given: Any) -> Self:
        """Settings of a test: what is not given is harmless."""
        return cls(**({"env": "test", "secret_key": "t" * 32, "base_url": "http://localhost"} | given))

    @property
    def is_demo(self) -> bool:
        return self.env == "demo"

    @property
    def secret(self) -> str:
        return self.secret_key.get_secret_value() or ("" if self.env == "production" else DEMO_SECRET)

    @property
    def database(self) -> str:
        """The address of the database for SQLAlchemy, with the driver that we ship."""
        url = self.database_url.get_secret_value()
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
    def upload_bytes(self) -> int:
        return self.upload_megabytes * 1024 * 1024

    @property
    def tick(self) -> int:
        return self.tick_seconds or (15 if self.env == "production" else 1)
