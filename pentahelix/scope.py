"""Which rows a person sees and may change, decided in this one place.

Each session has a scope, set once when it begins. Every ORM statement of that session is narrowed to the
scope by loader criteria; each flush is checked against it. A session without a scope may not touch a scoped
entity at all; statements that are not ORM statements, which criteria do not reach, are refused. What must
see across clusters says so by name: `with everything() as session:`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from flask import abort
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Executable,
    Integer,
    Select,
    event,
    false,
    inspect,
    select,
)
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql.util import ClauseAdapter

from pentahelix.extensions import Entity, db
from pentahelix.paths import OF_CONTACT, OF_INVITATION, OPENS, PATHS, table
from pentahelix.prepared import FEW, each, is_building, placeholders, prepared


@dataclass(frozen=True)
class All:
    """Everything: the Kabid, the admin, jobs and commands."""


@dataclass(frozen=True)
class Clusters:
    """What hangs on some clusters: a coordinator's own."""

    ids: frozenset[int]


@dataclass(frozen=True)
class OfContact:
    """A partner contact's own: the sessions that they are invited to, and what stands on those; of the
    organisations where they work today, what was signed and what was contributed."""

    id: int


@dataclass(frozen=True)
class OfInvitation:
    """One invitation and what stands on it: whoever holds its personal link."""

    id: int


Scope = All | Clusters | OfContact | OfInvitation
Narrow = Clusters | OfContact | OfInvitation
E = TypeVar("E", bound=Entity)
T = TypeVar("T")
ALL = All()
SCOPE = "scope"


class OutOfScope(Exception):
    """Somebody wrote to a row outside their scope, or a session that has none asked for a scoped one."""


#: What a scope is of, as a statement knows it: what it is in fact is said when the statement runs.
_ID: BindParameter[int] = BindParameter("scope_id", type_=Integer())
#: Scopes that make the same statements of the same ones: of one kind, of as many clusters.
Kind = tuple[type[Narrow], int]


def _kind(scope: Narrow) -> Kind:
    return type(scope), min(len(scope.ids), FEW + 1) if isinstance(scope, Clusters) else 1


@cache
def _criterion(kind: Kind, entity: type[Entity]) -> ColumnElement[bool]:
    what, number = kind
    if what is Clusters:
        return PATHS[entity](placeholders("scope_ids", number, Integer()))
    paths = OF_CONTACT if what is OfContact else OF_INVITATION
    return paths[entity](_ID) if entity in paths else false()


def _values(scope: Narrow) -> dict[str, Any]:
    return each("scope_ids", sorted(scope.ids)) if isinstance(scope, Clusters) else {"scope_id": scope.id}


# ── Setting and leaving a scope ─────────────────────────────────────────────────────────────────────────────


def set_scope(session: Session, scope: Scope) -> None:
    """Set what `session` sees, once and for all."""
    if session.info.setdefault(SCOPE, scope) != scope:
        raise OutOfScope("a session keeps the scope that it began with")


@contextmanager
def everything() -> Iterator[Session]:
    """A session over all clusters, on the connection of this request: it sees what the request has flushed.

    It may flush and never commits. For named functions whose tests tell what they reveal.
    """
    outer = db.session()
    outer.flush()
    session = Session(bind=outer.connection(), info={SCOPE: ALL})
    try:
        yield session
        session.flush()
    finally:
        session.close()


def live(entity: Any) -> ColumnElement[bool]:
    """Not archived."""
    criterion: ColumnElement[bool] = entity.archived_at.is_(None)
    return criterion


def get_or_404(entity: type[E], object_id: int, *options: Any) -> E:
    """The row, if it is in scope; what is foreign and what does not exist look the same."""
    statement, values = _one(entity, object_id)
    asked = statement.options(*options) if options else statement
    found: E | None = db.session.scalars(asked, values).first()
    return or_404(found)


@prepared
def _one(entity: Any, object_id: int) -> Select[Any]:
    return select(entity).where(entity.id == object_id)


def or_404(found: T | None) -> T:
    """What a statement found of one thing, if it found it in scope."""
    if found is None:
        abort(404)
    return found


# ── Keeping to it ───────────────────────────────────────────────────────────────────────────────────────────


def listen() -> None:
    """Hold every session to its scope from now on; saying it twice is saying it once."""
    if not event.contains(Session, "do_orm_execute", _narrow):
        event.listen(Session, "do_orm_execute", _narrow)
        event.listen(Session, "before_flush", _guard_openings)
        event.listen(Session, "after_flush", _guard)


class _Narrowing(LoaderCriteriaOption):
    """A loader criterion that also follows an alias into the ON clause of a join.

    SQLAlchemy adapts one to an alias in WHERE only; in a join it would be said of the table itself, and the
    alias would show everything.
    """

    _traverse_internals = LoaderCriteriaOption._traverse_internals

    def _gen_cache_key(self, anon_map: Any, bindparams: Any) -> tuple[Any, ...]:
        # There is one of each, which holds no values: no need to look at what it is made of.
        return (_Narrowing, id(self))

    def _resolve_where_criteria(self, ext_info: Any) -> ColumnElement[bool]:
        criterion = super()._resolve_where_criteria(ext_info)
        if ext_info.is_aliased_class:
            criterion = ClauseAdapter(ext_info.selectable).traverse(criterion)
        return criterion


@cache
def _criteria(kind: Kind) -> tuple[_Narrowing, ...]:
    return tuple(
        _Narrowing(entity, _criterion(kind, entity), include_aliases=True, propagate_to_loaders=False)
        for entity in PATHS
    )


#: What is asked again and again is narrowed once for each kind of scope.
_NARROWED: WeakKeyDictionary[Executable, dict[Kind, Executable]] = WeakKeyDictionary()


def _narrow(state: ORMExecuteState) -> None:
    if is_building():
        raise RuntimeError("a statement that is kept must not depend on what the database says")
    scope = state.session.info.get(SCOPE)
    if not state.is_orm_statement:
        if isinstance(scope, Narrow):
            raise OutOfScope("no criterion reaches a statement that is not an ORM statement")
        return
    if scope is None:
        for mapper in state.all_mappers:
            if mapper.class_ in PATHS:
                raise OutOfScope(f"a session without a scope asked for {mapper.class_.__name__}")
    elif isinstance(scope, Narrow) and not state.is_column_load:
        kind, known = _kind(scope), _NARROWED.setdefault(state.statement, {})
        if kind not in known:
            known[kind] = state.statement.options(*_criteria(kind))
        state.statement = known[kind]
        asked = state.parameters if isinstance(state.parameters, Mapping) else {}
        state.parameters = {**asked, **_values(scope)}


def _guard_openings(session: Session, _context: UOWTransaction, _instances: object) -> None:
    scope = session.info.get(SCOPE)
    if not isinstance(scope, Narrow):
        return
    for row in session.new:
        if type(row) in OPENS:
            column, entity = OPENS[type(row)]
            if (target := getattr(row, column)) is not None:
                _require(session, scope, entity, {target})


def _guard(session: Session, _context: UOWTransaction) -> None:
    """Written and not yet kept, each row must lie in the scope, and have lain there."""
    scope = session.info.get(SCOPE)
    if isinstance(scope, All):
        return
    touched: dict[type[Entity], set[int]] = {}
    for row in (*session.new, *session.dirty):
        if type(row) not in PATHS:
            continue
        if scope is None:
            raise OutOfScope(f"a session without a scope wrote {type(row).__name__}")
        touched.setdefault(type(row), set()).add(row.id)
    for row in (*session.dirty, *session.deleted):
        if isinstance(scope, Clusters) and "cluster_id" in inspect(row).attrs and type(row) in PATHS:
            history = inspect(row).attrs["cluster_id"].history
            before = (*history.deleted, *history.unchanged)
            if any(cluster_id not in scope.ids for cluster_id in before):
                raise OutOfScope(f"{type(row).__name__} of another cluster")
    for entity, ids in touched.items():
        assert scope is not None
        _require(session, scope, entity, ids)


def _require(session: Session, scope: Narrow, entity: type[Entity], ids: set[int]) -> None:
    column = table(entity).c.id
    own = select(column).where(column.in_(ids), _criterion(_kind(scope), entity))
    seen = set(session.connection().scalars(own, _values(scope)))
    if ids - seen:
        raise OutOfScope(f"{entity.__name__} of another cluster")
