"""Public holidays and joint leave of Indonesia, and which days are worked.

Computed ahead by a library, so days of the moon calendar carry "(perkiraan)" until the government has fixed
them; what an administrator adds or removes goes before it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from pentahelix.models import Holiday
from pentahelix.prepared import prepared
from pentahelix.vocabulary import HolidayEffect

ONE_DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True)
class Amendment:
    """A day that somebody declared to be a holiday (with its name), or declared not to be one (no name)."""

    day: date
    name: str | None


class Calendar:
    """The days of one province: those of the library, amended."""

    def __init__(self, amendments: Iterable[Amendment] = ()) -> None:
        self._amended = {amendment.day: amendment.name for amendment in amendments}

    def holiday_name(self, day: date, language: str = "id") -> str | None:
        """What is celebrated on `day`; an added day keeps the one name that it was given."""
        if day in self._amended:
            return self._amended[day]
        return _computed(day.year, language).get(day)

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < SATURDAY and self.holiday_name(day) is None

    def next_working_day(self, day: date) -> date:
        """`day` itself when it is worked, else the first worked day after it."""
        while not self.is_working_day(day):
            day += ONE_DAY
        return day

    def previous_working_day(self, day: date) -> date:
        """`day` itself when it is worked, else the last worked day before it."""
        while not self.is_working_day(day):
            day -= ONE_DAY
        return day

    def working_days_before(self, day: date, count: int) -> date:
        """The day from which `count` worked days are left until `day`."""
        for _ in range(count):
            day = self.previous_working_day(day - ONE_DAY)
        return day

    def of_year(self, year: int, language: str = "id") -> dict[date, str]:
        """All holidays of a year in order, as amended."""
        days = {
            **_computed(year, language),
            **{day: name for day, name in self._amended.items() if day.year == year},
        }
        return {day: name for day, name in sorted(days.items()) if name is not None}


def calendar(session: Session) -> Calendar:
    """The days as the administrators have amended them."""
    return Calendar(
        Amendment(row.day, row.name if row.effect == HolidayEffect.ADDED else None)
        for row in session.scalars(*_amended())
    )


@prepared
def _amended() -> Select[Holiday]:
    return select(Holiday)


@lru_cache(maxsize=64)
def _computed(year: int, language: str) -> Mapping[date, str]:
    # The library takes half a second to import: whoever needs no holiday does not wait for it.
    from holidays import country_holidays

    days = country_holidays(
        "ID", years=year, categories=("public", "government"), language="id" if language == "id" else "en_US"
    )
    return dict(days.items())
