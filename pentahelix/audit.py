"""The trail of every change: who, when, what was before and what after.

It is written from `after_flush`, when new rows have their ids, on the session's own connection, so that it
is kept or lost together with the change. `audit_entry` holds who, when, what and salted digests of the
values, and nobody may change it; `audit_value` holds the values themselves, whose rows go only when a
person's data are erased. All entries of one unit of work share a change id.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from flask import has_request_context, request
from sqlalchemy import event, insert, inspect
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, UOWTransaction

from pentahelix import clock, models as m, principal
from pentahelix.extensions import Entity
from pentahelix.vocabulary import ActorKind, AuditAction

#: What the machinery keeps for itself. Everything else that is stored is in the trail.
UNTRACKED: frozenset[type[Entity]] = frozenset(
    {
        m.AuditEntry,
        m.AuditValue,
        m.SignIn,
        m.Attempt,
        m.Token,
        m.LinkRequest,
        m.Submission,
        m.OutboxMessage,
        m.Reminder,
        m.Heartbeat,
        m.SearchText,
        m.CoverageSnapshot,
    }
)

#: A row that is read on the page of another one: entity → (noun of that one, column that names it).
#: A document hangs on one of several.
SUBJECTS: dict[type[Entity], tuple[tuple[type[Entity], str], ...]] = {
    m.ClusterPartner: ((m.Partner, "partner_id"),),
    m.PartnerTag: ((m.Partner, "partner_id"),),
    m.ContactLog: ((m.Partner, "partner_id"),),
    m.Affiliation: ((m.Contact, "contact_id"),),
    m.School: ((m.Cluster, "cluster_id"),),
    m.Membership: ((m.User, "user_id"),),
    m.MeetingPartner: ((m.Meeting, "meeting_id"),),
    m.Attendance: ((m.Meeting, "meeting_id"),),
    m.AgreementParty: ((m.Agreement, "agreement_id"),),
    m.AgreementCluster: ((m.Agreement, "agreement_id"),),
    m.AgreementScope: ((m.Agreement, "agreement_id"),),
    m.AgreementStep: ((m.Agreement, "agreement_id"),),
    m.Obligation: ((m.Agreement, "agreement_id"),),
    m.Invitation: ((m.GuidanceSession, "guidance_id"),),
    m.InvitationAnswer: ((m.Invitation, "invitation_id"),),
    m.GuidanceSchool: ((m.GuidanceSession, "guidance_id"),),
    m.ContributionSchool: ((m.Contribution, "contribution_id"),),
    m.Document: (
        (m.Agreement, "agreement_id"),
        (m.GuidanceSession, "guidance_id"),
        (m.Meeting, "meeting_id"),
        (m.Contribution, "contribution_id"),
    ),
}

#: Columns that say nothing about the world.
_BOOKKEEPING = frozenset({"id", "version"})


class Untraceable(Exception):
    """A statement would change tracked rows without passing through the session."""


@dataclass(frozen=True)
class Actor:
    """Who changes something: a user, a contact, a link, the scheduler, a command, or a visitor."""

    kind: ActorKind
    user_id: int | None
    #: of a contact "c:12": a line that nobody may change may not keep a name that has to go on request
    name: str


#: (field, before, after, salt)
Change = tuple[str, str | None, str | None, str]

_acting: ContextVar[Actor | None] = ContextVar("actor", default=None)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Let changes be by `actor`, who is not the person signed in: a job, a command, the owner of a link."""
    token = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(token)


def actor() -> Actor:
    if explicit := _acting.get():
        return explicit
    if person := principal.current():
        if person.user_id is None:
            return Actor(ActorKind.CONTACT, None, person.id)
        return Actor(ActorKind.USER, person.user_id, person.name)
    return Actor(ActorKind.VISITOR, None, "")


def contact(contact_id: int) -> Actor:
    """A partner contact behind a personal link."""
    return Actor(ActorKind.LINK, None, f"c:{contact_id}")


def listen() -> None:
    """Write the trail from now on, for every session; saying it twice is saying it once."""
    if not event.contains(Session, "after_flush", _after_flush):
        event.listen(Session, "after_flush", _after_flush)
        event.listen(Session, "do_orm_execute", _refuse_bulk_changes)


def _refuse_bulk_changes(state: ORMExecuteState) -> None:
    if not (state.is_update or state.is_delete or state.is_insert) or state.bind_mapper is None:
        return
    entity = state.bind_mapper.class_
    if entity not in UNTRACKED:
        raise Untraceable(f"a bulk change of {entity.__name__} would leave no trail")


def _after_flush(session: Session, _context: UOWTransaction) -> None:
    entries: list[dict[str, Any]] = []
    values: list[list[Change]] = []
    for action, rows in (
        (AuditAction.CREATED, session.new),
        (AuditAction.CHANGED, session.dirty),
        (AuditAction.REMOVED, session.deleted),
    ):
        for row in rows:
            if type(row) in UNTRACKED:
                continue
            changes = [
                (name, before, after, secrets.token_hex(16)) for name, before, after in _changes(row, action)
            ]
            if changes or action != AuditAction.CHANGED:
                entries.append(_entry(session, row, _act(action, changes), changes))
                values.append(changes)
    if not entries:
        return
    connection = session.connection()
    ids = connection.scalars(
        insert(m.AuditEntry.__table__).returning(m.AuditEntry.__table__.c.id, sort_by_parameter_order=True),  # type: ignore[arg-type]
        entries,
    ).all()
    details = [
        {"entry_id": entry_id, "field": name, "before": before, "after": after, "salt": salt}
        for entry_id, changes in zip(ids, values, strict=True)
        for name, before, after, salt in changes
    ]
    if details:
        connection.execute(insert(m.AuditValue.__table__), details)  # type: ignore[arg-type]


def _act(action: AuditAction, changes: list[Change]) -> AuditAction:
    """Archiving and restoring have their own words."""
    for field, before, after, _salt in changes:
        if action == AuditAction.CHANGED and field == "archived_at" and (before is None) != (after is None):
            return AuditAction.RESTORED if after is None else AuditAction.ARCHIVED
    return action


def _changes(row: Entity, action: AuditAction) -> Iterator[tuple[str, str | None, str | None]]:
    """(field, before, after) of each column whose value tells something, as text."""
    state = inspect(row)
    mapper: Mapper[Any] = state.mapper
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        if attribute.key in _BOOKKEEPING or column.info.get("audit") is False:
            continue
        history = state.attrs[attribute.key].history
        if action == AuditAction.REMOVED:
            before, after = state.dict.get(attribute.key), None
        elif action == AuditAction.CREATED:
            before, after = None, state.dict.get(attribute.key)
        elif history.has_changes():
            before = history.deleted[0] if history.deleted else None
            after = history.added[0] if history.added else None
        else:
            continue
        if before != after:
            yield attribute.key, _text(before), _text(after)


def _entry(session: Session, row: Any, action: AuditAction, changes: list[Change]) -> dict[str, Any]:
    by = actor()
    subject_noun, subject_id = _subject(row)
    return {
        "change_id": session.info.setdefault("change_id", str(uuid4())),
        "at": clock.now(),
        "actor_kind": by.kind,
        "actor_user_id": by.user_id,
        "actor_name": by.name,
        "route": (request.endpoint or "") if has_request_context() else "",
        "action": action,
        "noun": row.__tablename__,
        "object_id": row.id,
        "subject_noun": subject_noun,
        "subject_id": subject_id,
        "digests": {
            name: [_digest(salt, before), _digest(salt, after)] for name, before, after, salt in changes
        },
    }


def _subject(row: Any) -> tuple[str, int]:
    """The record on whose page the row is read: itself, unless it hangs on another one."""
    for subject, column in SUBJECTS.get(type(row), ()):
        if (subject_id := getattr(row, column)) is not None:
            return subject.__tablename__, subject_id
    return row.__tablename__, row.id


def _text(value: Any) -> str | None:
    """`value` as it is kept: instants and days in ISO 8601, lists and objects as text."""
    if value is None or isinstance(value, str):
        return None if value is None else str(value)
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _digest(salt: str, value: str | None) -> str | None:
    return None if value is None else hashlib.sha256(f"{salt}:{value}".encode()).hexdigest()


@event.listens_for(Session, "after_transaction_end")
def _next_change(session: Session, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop("change_id", None)
