"""Numbered pages of a list, whose cost does not grow with the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select

from pentahelix.extensions import db
from pentahelix.prepared import Prepared, kept

#: A select whose rows have several columns.
Rows = Select[*tuple[Any, ...]]
#: What a list goes by, one after the other.
Order = tuple[ColumnElement[Any], ...]

SIZE = 25
#: Rows within which a list can be leafed through and is counted exactly; beyond it, one narrows it down.
REACH = 1_000


@dataclass(frozen=True)
class Page:
    """One page of a list. `total` is exact, or REACH where there are more rows than that."""

    items: Sequence[Any]
    number: int
    total: int
    total_is_exact: bool = True

    @property
    def pages(self) -> int:
        return pages_of(self.total)

    @property
    def first(self) -> int:
        return (self.number - 1) * SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.items) - 1


def paginate(rows: Prepared, number: int, *, scalars: bool = True) -> Page:
    """Page `number` of `rows`, which are ordered with the id as their last key; too high shows the last.

    Two statements: one counts (at most REACH + 1 rows), one reads.
    """
    statement, values = rows
    total = db.session.scalar(_counted(statement), values) or 0
    exact, total = total <= REACH, min(total, REACH)
    number = within(number, total)
    result = db.session.execute(_one_page(statement), {**values, "page_offset": (number - 1) * SIZE})
    found: Any = result.scalars() if scalars else result
    return Page(found.all(), number, total, exact)


@kept
def _counted(statement: Select[Any]) -> Select[int]:
    ids = statement.order_by(None).with_only_columns(_key(statement)).limit(REACH + 1).subquery()
    return select(func.count()).select_from(ids)


@kept
def _one_page(statement: Select[Any]) -> Select[Any]:
    return statement.limit(SIZE).offset(bindparam("page_offset", type_=Integer()))


def pages_of(total: int) -> int:
    return max(1, -(-total // SIZE))


def within(number: int, total: int) -> int:
    """Page `number` of so many rows; too high is the last."""
    return min(max(number, 1), pages_of(total))


def _key(statement: Select[Any]) -> Any:
    return statement.column_descriptions[0]["entity"].id


def page_number(text: str | None) -> int:
    """The page that an address asks for; what is no number is the first."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else 1
