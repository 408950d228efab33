"""What stops a start.

`wsgi.py` and `flask scheduler` ask for all of it; `create_app` does not, so that `flask db upgrade` runs.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from pentahelix import create_app, migrations
from pentahelix.config import NO_SENDER, NotReady, Settings, domain_of
from pentahelix.extensions import db
from pentahelix.mail import transport

#: With FOR_GOOD gunicorn ends; after any other status it starts the next worker, which fails as this one did.
FOR_NOW, FOR_GOOD = 1, 4


class Unanswered(NotReady):
    """The database is away, and may be back in a moment."""

    def __init__(self, error: SQLAlchemyError) -> None:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        super().__init__(f"PHX_DATABASE_URL: the database does not answer ({reason}).")


def ready_app() -> Flask:
    """The application, checked; where it may not start, one line on standard error and the end."""
    with told_in_one_line():
        settings = Settings.from_environment()
        check_settings(settings)
        app = create_app(settings)
        check_surroundings(app, settings)
    return app


def settings_of_command() -> Settings:
    """What a command is told by the environment; it needs no more than a database."""
    with told_in_one_line():
        settings = Settings.from_environment()
        _require_database(settings)
    return settings


def require_migrated() -> None:
    """End a command whose database is away or behind."""
    with told_in_one_line():
        require_newest()


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Where something may not start: one line on standard error, and an exit status that says how long."""
    try:
        yield
    except NotReady as reason:
        print(f"Pentahelix does not start: {reason}", file=sys.stderr)
        raise SystemExit(FOR_NOW if isinstance(reason, Unanswered) else FOR_GOOD) from None


def check_settings(settings: Settings) -> None:
    """Refuse what must never run in production."""
    if settings.mail_url:
        transport.configuration(settings)
    if settings.env != "production":
        return
    wanted: list[tuple[bool, str]] = [
        (len(settings.secret) >= 32, "PHX_SECRET_KEY must be set, with at least 32 characters."),
        (settings.https, "PHX_BASE_URL must be an https address in production."),
        (bool(settings.mail_url), "PHX_MAIL_URL must name a mail server."),
        (settings.mail_from != NO_SENDER, "PHX_MAIL_FROM must be set, to the sender of every mail."),
        (
            # It organises what calendars show, and is believed for the sender's signature.
            domain_of(settings.mail_reply_to) in ("", settings.mail_domain),
            "PHX_MAIL_REPLY_TO must be of the domain of PHX_MAIL_FROM.",
        ),
        (settings.clock is None, "PHX_CLOCK is for tests only."),
    ]
    for holds, reason in wanted:
        if not holds:
            raise NotReady(reason)
    _require_database(settings)


def _require_database(settings: Settings) -> None:
    if not settings.database:
        raise NotReady("PHX_DATABASE_URL must be set.")


def check_surroundings(app: Flask, settings: Settings) -> None:
    """Refuse a folder that cannot be written and a database that is away or behind its migrations."""
    try:
        settings.documents.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotReady(f"PHX_DOCUMENTS: {settings.documents} cannot be made ({error.strerror}).") from None
    if not os.access(settings.documents, os.W_OK):
        raise NotReady(f"PHX_DOCUMENTS: {settings.documents} cannot be written to.")
    with app.app_context():
        require_newest()


def require_newest() -> None:
    """Refuse a database that is away or does not fit this code."""
    wanted, present = migrations.newest(), None
    try:
        with db.engine.connect() as connection:
            if inspect(connection).has_table("alembic_version"):
                present = connection.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError as error:
        raise Unanswered(error) from None
    if present != wanted:
        at = f"at migration {present}" if present else "empty"
        raise NotReady(
            f"The database is {at}, the code at {wanted}: run `flask --app pentahelix db upgrade`."
        )
