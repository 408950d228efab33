"""A year's holidays as the administrator sees them: those of the calendar, and who changed which."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select

from pentahelix.extensions import db
from pentahelix.holidays import Calendar
from pentahelix.models import Holiday
from pentahelix.prepared import prepared
from pentahelix.queries import trail
from pentahelix.vocabulary import HolidayEffect


@dataclass(frozen=True)
class HolidayRow:
    day: date
    name: str
    #: none where it is as the calendar says
    effect: HolidayEffect | None
    changed_by: str | None = None
    changed_at: datetime | None = None

    @property
    def is_holiday(self) -> bool:
        return self.effect != HolidayEffect.REMOVED


def of_year(year: int, language: str) -> list[HolidayRow]:
    """All days that are or were holidays, in order."""
    rows = {day: HolidayRow(day, name, None) for day, name in Calendar().of_year(year, language).items()}
    amended = db.session.scalars(*_amended(date(year, 1, 1), date(year, 12, 31))).all()
    changed = trail.last_change("holiday", [row.id for row in amended])
    for row in amended:
        computed = rows.get(row.day)
        name = computed.name if computed and row.effect == HolidayEffect.REMOVED else row.name
        rows[row.day] = HolidayRow(row.day, name, row.effect, *changed.get(row.id, (None, None)))
    return [rows[day] for day in sorted(rows)]


@prepared
def _amended(first: date, last: date) -> Select[Holiday]:
    return select(Holiday).where(Holiday.day.between(first, last))
