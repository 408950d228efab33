"""Statements that are put together once and run with other values ever after.

To put a select together takes SQLAlchemy longer than the database needs to answer it. So a function that
builds one is marked with `@prepared` and called like any other; what it gives back is to be executed:

    @prepared
    def _of(cluster_id: int, status: Status | None) -> Select[Partner]:
        …

    db.session.scalars(*_of(cluster.id, filters.status))

The function itself runs once for each shape of its arguments. Words of a vocabulary, flags, classes and what
is absent or empty make the shape; of numbers, texts, days, instants and collections it gets a placeholder,
which stands in the select wherever the value would, but of which nothing can be computed. The day and the
instant of the run are `TODAY` and `NOW`: whoever asks the clock or the database while building is refused.
"""

import inspect
from collections.abc import Callable, Collection, Hashable
from contextvars import ContextVar
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import BindParameter, Date, Executable, Integer, Numeric, String
from sqlalchemy.types import TypeEngine

from pentahelix import clock
from pentahelix.columns import UtcDateTime
from pentahelix.extensions import Entity, db

#: A statement and the values to run it with.
Prepared = tuple[Any, dict[str, Any]]
P = ParamSpec("P")
S = TypeVar("S")
E = TypeVar("E", bound=Executable)
R = TypeVar("R")

#: The calendar day in the province, and the instant, at which a statement runs.
TODAY: BindParameter[date] = BindParameter("clock_today", type_=Date(), callable_=lambda: clock.today())
NOW: BindParameter[datetime] = BindParameter("clock_now", type_=UtcDateTime(), callable_=lambda: clock.now())

#: The first that fits: a datetime is a date, too.
TYPES: tuple[tuple[type, TypeEngine[Any]], ...] = (
    (str, String()),
    (datetime, UtcDateTime()),
    (date, Date()),
    (int, Integer()),
    (Decimal, Numeric()),
)
#: So many are kept of each; a list with all of its filters and orders has more shapes than anybody uses.
MOST_SHAPES = 100
#: So many values of a collection have a placeholder each. More of them are expanded into the statement when
#: it runs, whose text has then to be put together again each time.
FEW = 4
VALUES = tuple(kind for kind, _type in TYPES)
COLLECTIONS = (tuple, list, set, frozenset)


class _Placeholder(BindParameter[Any]):
    """Stands for a value that is there, whatever it is."""

    inherit_cache = True

    def __bool__(self) -> bool:
        return True


_building: ContextVar[bool] = ContextVar("building", default=False)


def is_building() -> bool:
    """Whether a statement is being put together, which is then kept: nothing may be read into it."""
    return _building.get()


def prepared(build: Callable[P, S]) -> Callable[P, tuple[S, dict[str, Any]]]:
    """Let `build` give its statement, or several of them, and the values to run it with; see above."""
    known: dict[Hashable, S] = {}
    signature = inspect.signature(build)
    names = tuple(signature.parameters)

    @wraps(build)
    def statement_and_values(*args: P.args, **kwargs: P.kwargs) -> tuple[S, dict[str, Any]]:
        given = dict(zip(names, args, strict=False)) | kwargs
        values: dict[str, Any] = {}
        key = (
            db.engine.dialect.name,
            clock.days_differ(),
            *(_shape(name, value, values) for name, value in given.items()),
        )
        # Held by a name of its own: another thread may be emptying what is known.
        statement = known.get(key)
        if statement is None:
            if len(known) >= MOST_SHAPES:
                known.clear()
            told = _building.set(True)
            try:
                with clock.unasked():
                    statement = build(**{name: _stand_in(name, value) for name, value in given.items()})  # type: ignore[call-arg]
            finally:
                _building.reset(told)
            known[key] = statement
        return statement, values

    return statement_and_values


def placeholders(name: str, number: int, type_: TypeEngine[Any]) -> Any:
    """What stands in a statement for `number` values, to be given to `in_`."""
    if number > FEW:
        return _Placeholder(name, type_=type_, expanding=True)
    return [_Placeholder(f"{name}_{place}", type_=type_) for place in range(number)]


def each(name: str, values: Collection[Any]) -> dict[str, Any]:
    """The values of these placeholders."""
    if len(values) > FEW:
        return {name: list(values)}
    return {f"{name}_{place}": value for place, value in enumerate(values)}


def kept(make: Callable[[E], R]) -> Callable[[E], R]:
    """Let `make` make something of a statement once, for as long as that statement is kept."""
    known: WeakKeyDictionary[E, R] = WeakKeyDictionary()

    @wraps(make)
    def made(statement: E) -> R:
        if statement not in known:
            known[statement] = make(statement)
        return known[statement]

    return made


def _is_value(value: object) -> bool:
    return isinstance(value, VALUES) and not isinstance(value, (bool, Enum)) and value != ""


def _is_values(value: object) -> bool:
    return isinstance(value, COLLECTIONS) and bool(value) and all(_is_value(one) for one in value)


def _shape(name: str, value: Any, values: dict[str, Any]) -> Hashable:
    """What of `value` makes the statement another one; the rest goes into `values`."""
    if _is_value(value):
        values[name] = value
        return name
    if _is_values(value):
        values |= each(name, value)
        return name, min(len(value), FEW + 1)
    if parts := _parts(name, value):
        return (type(value), *(_shape(part, one, values) for part, one in parts.items()))
    if isinstance(value, Entity):
        raise TypeError(f"{name}: a statement that is kept must not know a row; give its id")
    return (name, tuple(value) if isinstance(value, (list, set, dict)) else value)


def _stand_in(name: str, value: Any) -> Any:
    """What `build` gets instead of `value`."""
    if _is_value(value):
        return _Placeholder(name, type_=_type_of(value))
    if _is_values(value):
        return placeholders(name, len(value), _type_of(next(iter(value))))
    if parts := _parts(name, value):
        stand_ins = [_stand_in(part, one) for part, one in parts.items()]
        if isinstance(value, dict):
            return dict(zip(value, stand_ins, strict=True))
        return replace(value, **dict(zip(_fields(type(value)), stand_ins, strict=True)))
    return value


def _parts(name: str, value: Any) -> dict[str, Any]:
    """What is taken apart, by the names of the placeholders: the fields of a dataclass, a dictionary."""
    if isinstance(value, dict):
        return {f"{name}_{key}".replace("/", "_"): one for key, one in value.items()}
    return {f"{name}_{field}": getattr(value, field) for field in _fields(type(value))}


def _fields(kind: type) -> tuple[str, ...]:
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
    return _FIELDS[kind]


_FIELDS: dict[type, tuple[str, ...]] = {}


def _type_of(value: object) -> TypeEngine[Any]:
    return next(type_ for kind, type_ in TYPES if isinstance(value, kind))
