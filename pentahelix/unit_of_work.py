"""Commit or roll back, once, at the edge.

An unsafe request that is answered below 400 commits; everything else rolls back, so that a GET changes
nothing and a refused form leaves nothing behind. Services flush and never commit. Such a request has a
reading part (who asks, may they, is it valid) and, after `write`, a writing part; slow work stands between
the two, where no transaction is open.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, g, request, session as cookie
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from pentahelix import audit
from pentahelix.database import WRITE
from pentahelix.extensions import db
from pentahelix.scope import ALL, set_scope
from pentahelix.templating import Templates
from pentahelix.vocabulary import ActorKind

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Unsaved(Exception):
    """The database did not take what a request wanted to keep; nothing of it is half done."""


class Pentahelix(Flask):
    """The application, whose requests are units of work."""

    jinja_environment = Templates

    def dispatch_request(self) -> Response:
        if request.method in SAFE_METHODS:
            return self.make_response(super().dispatch_request())
        flashes_before = list(cookie.get("_flashes", []))
        try:
            response = self.make_response(super().dispatch_request())
            if response.status_code < 400:
                if submission := g.get("submission"):
                    submission.result = response.location
                db.session.commit()
            else:
                db.session.rollback()
        except SQLAlchemyError as error:
            # What this request told the reader is not true: it may not turn up on the next page.
            db.session.rollback()
            if flashes_before:
                cookie["_flashes"] = flashes_before
            else:
                cookie.pop("_flashes", None)
            raise Unsaved from error
        return response


def write() -> None:
    """End the reading part and begin the writing part; once it has begun, do nothing.

    What was read is read again when it is next touched, now under the writer's lock (SQLite) or as others
    have committed it since (PostgreSQL).
    """
    if not is_writing():
        db.session.rollback()
        db.session.connection(execution_options={WRITE: True})


def is_writing() -> bool:
    return db.session().in_transaction() and bool(db.session.connection().get_execution_options().get(WRITE))


@contextmanager
def unit_of_work(actor: str) -> Iterator[Session]:
    """One unit of work of a job or a command, over all clusters, by `actor` ("scheduler:tick")."""
    kind, _, name = actor.partition(":")
    with audit.acting(audit.Actor(ActorKind(kind), None, name)):
        db.session.remove()
        set_scope(db.session(), ALL)
        write()
        try:
            yield db.session()
            db.session.commit()
        finally:
            db.session.remove()


@contextmanager
def looking() -> Iterator[Session]:
    """What a job reads before it knows whether there is anything to write, over all clusters."""
    db.session.remove()
    set_scope(db.session(), ALL)
    try:
        yield db.session()
    finally:
        db.session.remove()


@contextmanager
def apart(**info: Any) -> Iterator[Session]:
    """A short transaction of its own, kept whatever becomes of the request around it."""
    with Session(bind=db.engine.execution_options(**{WRITE: True}), info=info) as session:
        yield session
        session.commit()
