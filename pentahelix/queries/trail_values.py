"""What the trail keeps as text, read as what it means: words of a vocabulary, days, sums, names."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from flask_babel import gettext as _, pgettext
from sqlalchemy import JSON, Boolean, Column, Date, Enum

from pentahelix import areas, clock, phones, presentation
from pentahelix.columns import Thousandths, UtcDateTime
from pentahelix.extensions import Entity

#: (noun, id)
Reference = tuple[str, int]

RUPIAH = frozenset({("product", "price"), ("contribution", "value")})
AREAS = frozenset({"area_code", "district_code"})


@cache
def _columns(noun: str) -> Mapping[str, Column[Any]]:
    table = Entity.metadata.tables.get(noun)
    return {} if table is None else {column.name: column for column in table.columns}


def order(noun: str) -> list[str]:
    """The fields of a noun as its entity lists them."""
    return list(_columns(noun))


def reference(noun: str, field: str, text: str | None) -> Reference | None:
    """The row that a value points at."""
    column = _columns(noun).get(field)
    if column is None or text is None or not column.foreign_keys or not text.isdecimal():
        return None
    (key,) = column.foreign_keys
    return key.column.table.name, int(text)


def words(noun: str, field: str, text: str | None, names: Mapping[Reference, str]) -> str | None:
    """A value as a person reads it. Whatever it cannot make out it shows as it was kept."""
    if text is None:
        return None
    if points_at := reference(noun, field, text):
        return names.get(points_at) or f"#{text}"
    column = _columns(noun).get(field)
    try:
        return _read(noun, field, text, column)
    except ValueError:
        return text


def _read(noun: str, field: str, text: str, column: Column[Any] | None) -> str:
    kind = column.type if column is not None else None
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return str(kind.enum_class(text).label)  # type: ignore[attr-defined]
    if isinstance(kind, UtcDateTime):
        instant = datetime.fromisoformat(text)
        day = presentation.day_long(instant, clock.PROVINCE_ZONE)
        return f"{day}, {presentation.clock_time(instant, clock.PROVINCE_ZONE)}"
    if isinstance(kind, Date):
        return presentation.day_long(date.fromisoformat(text))
    if isinstance(kind, Boolean):
        return str(_("ya") if text == "true" else pgettext("fact", "tidak"))
    if isinstance(kind, Thousandths):
        return presentation.number(float(json.loads(text)))
    if isinstance(kind, JSON):
        given = json.loads(text)
        return ", ".join(map(str, given)) or "–" if isinstance(given, list) else text
    if (noun, field) in RUPIAH:
        return presentation.rupiah(int(text))
    if field in AREAS:
        return areas.name_of(text) or text
    return phones.show(text) if field == "phone" else text
