"""Named column types: what a column means, said once.

All of them keep the old value of a change (`active_history`), because the audit trail tells what was before.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    Uuid,
    literal,
)
from sqlalchemy.orm import MappedColumn, mapped_column

# ---------------------------------------------------------------------------------------------------------
# Types of our own


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Takes aware values only and gives aware UTC back, also on SQLite, which forgets zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"an instant needs a zone, {value.isoformat()} has none")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Vocabulary(Enum):
    """A word of a vocabulary; see `words`."""

    class Comparator(Enum.Comparator):
        def in_(self, other: Any) -> Any:
            """Some words that are named in the code stand in the statement one by one.

            SQLAlchemy would expand them, and so put the text of the statement together at each run.
            """
            if not isinstance(other, (tuple, list, set, frozenset)) or not all(
                isinstance(one, str) for one in other
            ):
                return super().in_(other)
            return super().in_([literal(word, self.type) for word in sorted(other)])

    comparator_factory = Comparator


class Thousandths(TypeDecorator[Decimal]):
    """A decimal with at most three places, kept as an integer: exact on both engines, sums stay exact."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        return None if value is None else round(Decimal(value) * 1000)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / 1000


# ---------------------------------------------------------------------------------------------------------
# Annotated columns

kept = partial(mapped_column, active_history=True)

Id = Annotated[int, mapped_column(Integer, primary_key=True)]
LARGEST_ID = 2**31 - 1
RandomId = Annotated[UUID, kept(Uuid)]

Utc = Annotated[datetime, kept(UtcDateTime)]
Day = Annotated[date, kept(Date)]
Flag = Annotated[bool, kept(Boolean)]
Count = Annotated[int, kept(Integer)]
#: whole rupiah
Rupiah = Annotated[int, kept(BigInteger)]
#: at most three decimal places
Quantity = Annotated[Decimal, kept(Thousandths)]

#: a word of the programme's own making: a route, a purpose, a field's name
Keyword = Annotated[str, kept(String(80))]
ShortText = Annotated[str, kept(String(200))]
#: titles of agreements run to several lines
Title = Annotated[str, kept(String(1000))]
LongText = Annotated[str, kept(Text)]
#: orders alike on both engines: by code points, whatever the database's collation
SortText = Annotated[str, kept(String(400).with_variant(String(400, collation="C"), "postgresql"))]

#: E.164, "+6281200000012"
Phone = Annotated[str, kept(String(16))]
Email = Annotated[str, kept(String(254))]
Url = Annotated[str, kept(String(2000))]
#: "36.02" or "36.02.14", codes of the ministry of home affairs
AreaCode = Annotated[str, kept(String(13))]
#: "Asia/Jakarta"
ZoneName = Annotated[str, kept(String(64))]
#: SHA-256 in hexadecimal
Digest = Annotated[str, kept(String(64))]
Bytes = Annotated[bytes, kept(LargeBinary)]
#: NULL is NULL, never the JSON word "null"
Json = Annotated[Any, kept(JSON(none_as_null=True))]


def fk(target: str, *, ondelete: str | None = None, index: bool = True, **options: Any) -> MappedColumn[Any]:
    """A reference. `index=False` where an index or a unique key of the table already begins with it."""
    return kept(ForeignKey(target, ondelete=ondelete), index=index, **options)


def words(vocabulary: type[StrEnum], *, check: str | None = None, **options: Any) -> MappedColumn[Any]:
    """A word of a vocabulary, stored as its English value and held to it by a CHECK.

    The CHECK is named after the vocabulary; `check` names it where a table has two columns of one vocabulary.
    """
    word = Vocabulary(
        vocabulary,
        name=check or vocabulary.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )
    return kept(word, **options)
