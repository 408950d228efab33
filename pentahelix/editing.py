"""A form sent twice, and two people at one record."""

import hashlib
from collections.abc import Iterable
from uuid import UUID

from flask import g, request
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import attributes
from werkzeug.exceptions import HTTPException

from pentahelix import clock, principal, unit_of_work
from pentahelix.extensions import db
from pentahelix.models import Submission

#: Fields of a posted form that are not what the person typed.
ENVELOPE = frozenset({"csrf_token", "submission_id", "version", "drawn"})


class Conflict(Exception):
    """The record was changed by somebody else after this person's form was drawn."""


class AlreadyDone(Exception):
    """The same form with the same content was sent before; its answer stands."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


class SentDifferently(Exception):
    """The same form was sent before with another content, which led to `location`."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


def expect_version(entity: object, version: int | None) -> None:
    """Refuse to change `entity` unless it still has the `version` that the person's form was drawn from.

    The number is set as if it had been read, so that the UPDATE itself asks for it; assigning it plainly
    would only be one more change.
    """
    if version is None or entity.version != version:  # type: ignore[attr-defined]
        raise Conflict
    attributes.set_committed_value(entity, "version", version)


def touch(entity: object) -> None:
    """Count a change of `entity` though only its children change: the form that draws it draws them too."""
    attributes.flag_modified(entity, "id")


def begin(submission_id: UUID) -> None:
    """Begin the writing part of a request as the first and only one with this form's key.

    A second request with the same key waits here for the first one's end and then gets its answer.
    """
    unit_of_work.write()
    person = principal.current()
    key = {
        "key": submission_id,
        "principal": person.id if person else "",
        "route": _route(),
    }
    submission = Submission(**key, digest=digest(), made_at=clock.now())
    db.session.add(submission)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        earlier = db.session.scalars(select(Submission).filter_by(**key)).one()
        location = earlier.result or request.path
        if earlier.digest == digest():
            raise AlreadyDone(location) from None
        raise SentDifferently(location) from None
    g.submission = submission


def was_sent(submission_id: UUID) -> bool:
    """Whether this person sent this form before; what it made then must not be held against it now."""
    return _earlier(submission_id) is not None


def answered_before() -> Submission | None:
    """What came of this request's form when this person sent it before, whatever its record is by now."""
    try:
        return _earlier(UUID(request.form.get("submission_id", "")))
    except (ValueError, HTTPException):
        return None


def _earlier(submission_id: UUID) -> Submission | None:
    person = principal.current()
    key = {"key": submission_id, "principal": person.id if person else "", "route": _route()}
    return db.session.scalars(select(Submission).filter_by(**key)).one_or_none()


def _route() -> str:
    """Where the form was sent to; behind a link its pattern, since the path would open the door."""
    if request.url_rule is not None and "token" in (request.view_args or {}):
        return request.url_rule.rule
    return request.path[:200]


def digest() -> str:
    """SHA-256 of what the person typed and chose, files by their content."""
    told = hashlib.sha256()
    for name, value in sorted(_typed()):
        told.update(f"{len(name)}:{name}{len(value)}:{value}".encode())
    for name, file in sorted(request.files.items(multi=True), key=lambda item: item[0]):
        file.stream.seek(0)
        told.update(name.encode() + hashlib.sha256(file.stream.read()).digest())
        file.stream.seek(0)
    return told.hexdigest()


def _typed() -> Iterable[tuple[str, str]]:
    return (
        (name, value)
        for name, value in request.form.items(multi=True)
        # A digest as quick as this one would give a password away.
        if name not in ENVELOPE and "password" not in name
    )
