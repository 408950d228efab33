"""The trail as people read it: who changed what, when, what stood there before and what after.

A change is one unit of work, however many rows it touched. Pages follow one another by (time, id), newest
first. What a row points at is named as far as the reader may see it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)

from pentahelix import clock, models as m
from pentahelix.columns import LARGEST_ID
from pentahelix.extensions import Entity, db
from pentahelix.prepared import Prepared, prepared
from pentahelix.queries import trail_values
from pentahelix.queries.page import Rows
from pentahelix.queries.trail_values import Reference
from pentahelix.queries.trail_words import field_label, noun_label
from pentahelix.services.settings import LABELS as SETTINGS
from pentahelix.vocabulary import ActorKind, AuditAction, ReminderKind

#: Entries a page.
SIZE = 50

#: A row of these, read on the page of a partner, contact or agreement, may belong to somebody else's cluster.
CROSSING: tuple[type[Entity], ...] = (m.ClusterPartner, m.ContactLog, m.Affiliation, m.AgreementCluster)

_AFFILIATION: Any = select(m.Affiliation.id, cast(m.Contact.name, String)).join(
    m.Contact, m.Contact.id == m.Affiliation.contact_id
)
_PARTY: Any = (
    select(
        m.AgreementParty.id,
        cast(func.coalesce(m.AgreementParty.office, m.Partner.name, m.School.name), String),
    )
    .outerjoin(m.Partner, m.Partner.id == m.AgreementParty.partner_id)
    .outerjoin(m.School, m.School.id == m.AgreementParty.school_id)
)
_NAMED: tuple[tuple[Any, Any], ...] = (
    (m.Cluster, m.Cluster.name),
    (m.School, m.School.name),
    (m.Product, m.Product.name),
    (m.User, m.User.name),
    (m.Partner, m.Partner.name),
    (m.Contact, m.Contact.name),
    (m.Tag, m.Tag.name),
    (m.Agreement, m.Agreement.title),
    (m.Obligation, m.Obligation.title),
    (m.GuidanceSession, m.GuidanceSession.topic),
    (m.Meeting, m.Meeting.title),
    (m.FollowUp, m.FollowUp.title),
    (m.Contribution, m.Contribution.title),
    (m.Document, m.Document.title),
    (m.Setting, m.Setting.key),
    (m.Holiday, m.Holiday.name),
    (m.ReminderRule, m.ReminderRule.kind),
)
#: What a row is called, by its noun: the select of (id, name). Rows without a name of their own are left out.
NAMES: dict[str, Select[Any]] = {
    **{entity.__tablename__: select(entity.id, cast(name, String)) for entity, name in _NAMED},
    "affiliation": _AFFILIATION,
    "agreement_party": _PARTY,
}

Names = dict[Reference, str]
Cursor = tuple[datetime, int]


@dataclass(frozen=True)
class Filters:
    user_id: int | None = None
    kind: ActorKind | None = None
    noun: str | None = None
    action: AuditAction | None = None
    #: in the province's zone
    day: date | None = None

    @property
    def is_narrowed(self) -> bool:
        return self != Filters()


@dataclass(frozen=True)
class Value:
    """A field before and after, in words; None where nothing stood."""

    label: str
    before: str | None
    after: str | None
    #: gone on the person's request; that something stood there is all that is left
    is_erased: bool = False


@dataclass(frozen=True)
class Entry:
    """One row that a change touched."""

    action: AuditAction
    noun: str
    object_id: int
    noun_label: str
    #: none where the row has no name of its own, or is out of the reader's sight
    name: str | None
    values: tuple[Value, ...]


@dataclass
class Change:
    """One unit of work."""

    at: datetime
    actor_kind: ActorKind
    actor_name: str
    actor_user_id: int | None
    #: the account was closed since
    actor_is_closed: bool
    subject_noun: str
    subject_id: int
    subject_label: str
    subject_name: str | None
    entries: list[Entry] = field(default_factory=list)

    @property
    def actor(self) -> str:
        """Who it was, in words: a person by name, everything else by its kind."""
        if self.actor_kind == ActorKind.USER and self.actor_name:
            return self.actor_name
        kind = str(ActorKind(self.actor_kind).label)
        # The name of a job is for the log.
        is_told = self.actor_name and self.actor_kind != ActorKind.SCHEDULER
        return f"{kind}: {self.actor_name}" if is_told else kind


@dataclass(frozen=True)
class Trail:
    changes: Sequence[Change]
    #: where the next, older page begins; None at the end
    older: str | None
    is_first: bool


def whole(filters: Filters, before: str | None) -> Trail:
    begin, end = (
        clock.at(day, time(0), clock.PROVINCE_ZONE) if day else None
        for day in (filters.day, filters.day and filters.day + timedelta(days=1))
    )
    place = _cursor(before)
    return _page(_whole(filters, begin, end, *place), is_first=place[0] is None)


@prepared
def _whole(
    filters: Filters, begin: datetime | None, end: datetime | None, at: datetime | None, number: int | None
) -> Rows:
    criteria: list[ColumnElement[bool]] = []
    if filters.user_id is not None:
        criteria.append(m.AuditEntry.actor_user_id == filters.user_id)
    if filters.kind is not None:
        criteria.append(m.AuditEntry.actor_kind == filters.kind)
    if filters.noun is not None:
        criteria.append(m.AuditEntry.noun == filters.noun)
    if filters.action is not None:
        criteria.append(m.AuditEntry.action == filters.action)
    if begin is not None:
        criteria += [m.AuditEntry.at >= begin, m.AuditEntry.at < end]
    return _entries(criteria, at, number)


def of_record(noun: str, object_id: int, before: str | None = None) -> Trail:
    """What happened to a record and to the rows that are read on its page."""
    place = _cursor(before)
    return _page(_of_record(noun, object_id, *place), is_first=place[0] is None)


@prepared
def _of_record(noun: str, object_id: int, at: datetime | None, number: int | None) -> Rows:
    mine = or_(
        and_(m.AuditEntry.subject_noun == noun, m.AuditEntry.subject_id == object_id),
        and_(m.AuditEntry.noun == noun, m.AuditEntry.object_id == object_id),
    )
    # The loader criteria of the reader's scope narrow these subqueries.
    foreign = [
        or_(
            m.AuditEntry.noun != entity.__tablename__,
            m.AuditEntry.object_id.in_(select(entity.id)),  # type: ignore[attr-defined]
        )
        for entity in CROSSING
    ]
    return _entries([mine, *foreign], at, number)


def last_change(noun: str, ids: Iterable[int]) -> dict[int, tuple[str, datetime]]:
    """Who last touched each of some rows of one noun, and when."""
    rows = db.session.execute(*_touches(noun, tuple(ids)))
    return {
        object_id: (name or str(ActorKind(kind).label), instant) for object_id, kind, name, instant in rows
    }


@prepared
def _touches(noun: str, ids: tuple[int, ...]) -> Rows:
    return (
        select(m.AuditEntry.object_id, m.AuditEntry.actor_kind, m.AuditEntry.actor_name, m.AuditEntry.at)
        .where(m.AuditEntry.noun == noun, m.AuditEntry.object_id.in_(ids))
        .order_by(m.AuditEntry.at, m.AuditEntry.id)
    )


def cursor(text: str | None) -> Cursor | None:
    """Where a page begins; what is none is the newest."""
    instant, _tilde, number = (text or "").partition("~")
    try:
        at, last = datetime.fromisoformat(instant), int(number)
        return (at.astimezone(UTC), last) if at.utcoffset() is not None and 0 <= last <= LARGEST_ID else None
    except (ValueError, OverflowError):
        return None


def _cursor(before: str | None) -> Cursor | tuple[None, None]:
    return cursor(before) or (None, None)


def _entries(criteria: list[ColumnElement[bool]], at: datetime | None, number: int | None) -> Rows:
    if at is not None:
        older = and_(m.AuditEntry.at == at, m.AuditEntry.id < number)
        criteria = [*criteria, or_(m.AuditEntry.at < at, older)]
    return (
        select(m.AuditEntry, m.User.deactivated_at)
        .outerjoin(m.User, m.User.id == m.AuditEntry.actor_user_id)
        .where(*criteria)
        .order_by(m.AuditEntry.at.desc(), m.AuditEntry.id.desc())
        .limit(SIZE + 1)
    )


def _page(entries: Prepared, *, is_first: bool) -> Trail:
    rows = db.session.execute(*entries).all()
    shown, more = rows[:SIZE], rows[SIZE:]
    older = f"{shown[-1][0].at.isoformat()}~{shown[-1][0].id}" if more else None
    changes = _changes([(entry, closed is not None) for entry, closed in shown])
    return Trail(changes, older, is_first)


def _changes(rows: list[tuple[m.AuditEntry, bool]]) -> list[Change]:
    values: dict[int, list[m.AuditValue]] = defaultdict(list)
    for value in db.session.scalars(*_values(tuple(entry.id for entry, _closed in rows))):
        values[value.entry_id].append(value)
    names = _names(_references([entry for entry, _closed in rows], values))
    changes: dict[str, Change] = {}
    for entry, closed in rows:
        change = changes.get(entry.change_id)
        if change is None:
            change = changes[entry.change_id] = Change(
                at=entry.at,
                actor_kind=entry.actor_kind,
                actor_name=names.get(who, "") if (who := _contact(entry)) else entry.actor_name,
                actor_user_id=entry.actor_user_id,
                actor_is_closed=closed,
                subject_noun=entry.subject_noun,
                subject_id=entry.subject_id,
                subject_label=noun_label(entry.subject_noun),
                subject_name=names.get((entry.subject_noun, entry.subject_id)),
            )
        change.entries.append(_entry(entry, values[entry.id], names))
    return list(changes.values())


def _entry(entry: m.AuditEntry, kept: list[m.AuditValue], names: Names) -> Entry:
    noun, action = entry.noun, AuditAction(entry.action)
    found = {value.field: value for value in kept}
    values = []
    for name in trail_values.order(noun):
        if name not in entry.digests or (name == "archived_at" and action in _BY_THEIR_WORD):
            continue
        value = found.get(name)
        before, after = (value.before, value.after) if value else (None, None)
        if action == AuditAction.CREATED and after in ("false", "", "0"):
            continue
        if trail_values.reference(noun, name, after) == (entry.subject_noun, entry.subject_id):
            # The record on whose page this stands.
            continue
        values.append(
            Value(
                field_label(noun, name),
                trail_values.words(noun, name, before, names),
                trail_values.words(noun, name, after, names),
                is_erased=value is None,
            )
        )
    return Entry(
        action, noun, entry.object_id, noun_label(noun), names.get((noun, entry.object_id)), tuple(values)
    )


#: The word of the action says all that the date would.
_BY_THEIR_WORD = (AuditAction.ARCHIVED, AuditAction.RESTORED)


def _references(entries: list[m.AuditEntry], values: dict[int, list[m.AuditValue]]) -> set[Reference]:
    wanted: set[Reference] = set()
    for entry in entries:
        wanted |= {(entry.noun, entry.object_id), (entry.subject_noun, entry.subject_id)}
        if who := _contact(entry):
            wanted.add(who)
        for value in values[entry.id]:
            for text in (value.before, value.after):
                if points_at := trail_values.reference(entry.noun, value.field, text):
                    wanted.add(points_at)
    return wanted


def _contact(entry: m.AuditEntry) -> Reference | None:
    """The partner contact who did it, whose name today is told."""
    prefix, _colon, number = entry.actor_name.partition(":")
    if entry.actor_kind not in (ActorKind.CONTACT, ActorKind.LINK) or prefix != "c" or not number.isdecimal():
        return None
    return m.Contact.__tablename__, int(number)


def _names(wanted: set[Reference]) -> Names:
    """The names of rows of any noun, in one statement, as far as they are in the reader's sight."""
    ids: dict[str, list[int]] = defaultdict(list)
    for noun, object_id in wanted:
        ids[noun].append(object_id)
    nouns = tuple(sorted(ids.keys() & NAMES.keys()))
    if not nouns:
        return {}
    rows = db.session.execute(_named(nouns), {noun: ids[noun] for noun in nouns})
    names = {(noun, object_id): name for object_id, name, noun in rows}
    return {key: _label(key[0], name) for key, name in names.items()}


def _label(noun: str, name: str) -> str:
    if noun == "setting":
        return str(SETTINGS.get(name, name))
    return str(ReminderKind(name).label) if noun == "reminder_rule" else name


@lru_cache(maxsize=256)
def _named(nouns: tuple[str, ...]) -> Select[Any]:
    """Of rows of these nouns, which are given by noun: id, name and noun."""
    parts = (
        NAMES[noun]
        .where(NAMES[noun].selected_columns[0].in_(bindparam(noun, type_=Integer(), expanding=True)))
        .add_columns(literal(noun))
        for noun in nouns
    )
    return select(union_all(*parts).subquery())


@prepared
def _values(entry_ids: tuple[int, ...]) -> Select[Any]:
    return select(m.AuditValue).where(m.AuditValue.entry_id.in_(entry_ids))
