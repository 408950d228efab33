"""What an entry of a timeline tells: columns that are the same of every source, so that they make a union."""

from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Function,
    Integer,
    Select,
    String,
    Text,
    cast,
    literal,
    null,
    select,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from pentahelix.columns import UtcDateTime


class Source(IntEnum):
    """The higher number stands first where two entries have the same time."""

    BEGAN = 1
    JOINED = 2
    AGREEMENT = 3
    CONTRIBUTION = 4
    MAIL = 5
    FOLLOW_UP = 6
    GUIDANCE = 7
    MEETING = 8
    LOG = 9
    LEFT = 10
    ENDED = 11
    WHATSAPP = 12
    ANSWER = 13


#: Dated by a calendar day, not by an instant.
DAYS = frozenset(
    {
        Source.BEGAN,
        Source.JOINED,
        Source.CONTRIBUTION,
        Source.FOLLOW_UP,
        Source.LOG,
        Source.LEFT,
        Source.ENDED,
    }
)

#: What each entry may tell beside its source, id and time; what it does not tell is NULL.
TOLD: dict[str, Any] = {
    "title": Text,
    "text": Text,
    "word": String,
    "ref": Integer,
    "cluster": String,
    "zone": String,
    "user_id": Integer,
    "user": String,
    "contact_id": Integer,
    "contact": String,
    "number": BigInteger,
    "thousandths": BigInteger,
    "detail": String,
    "language": String,
    "other_at": UtcDateTime,
}

Sources = dict[Source, Select[Any]]


class noon(Function[datetime]):  # noqa: N801
    """Noon of a day in UTC, which is the evening of the same day all over Indonesia.

    So what is dated by its day alone stands above what had an hour on that day.
    """

    inherit_cache = True

    def __init__(self, day: Any) -> None:
        super().__init__("noon", day, type_=UtcDateTime())


@compiles(noon, "sqlite")
def _sqlite(element: noon, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)} || ' 12:00:00.000000')"


@compiles(noon, "postgresql")
def _postgresql(element: noon, compiler: SQLCompiler, **kw: Any) -> str:
    day = compiler.process(element.clauses, **kw)
    return f"(CAST({day} AS TIMESTAMP) AT TIME ZONE 'UTC' + INTERVAL '12 hours')"


def entries(source: Source, row_id: Any, at: Any, **told: Any) -> Select[Any]:
    columns = [literal(int(source)).label("source"), row_id.label("id"), at.label("at")]
    columns += [told.get(name, cast(null(), kind)).label(name) for name, kind in TOLD.items()]
    return select(*columns)


def word(column: Any) -> ColumnElement[str]:
    # Vocabularies differ from source to source: the union carries the stored word.
    return type_coerce(column, String)
