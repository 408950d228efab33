"""What may be a mistake in a plan, and is said without forbidding it: days off, clashes, dead addresses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zlib import crc32

from flask_babel import get_locale, gettext as _

from pentahelix import clock, holidays, presentation
from pentahelix.extensions import db
from pentahelix.holidays import ONE_DAY, Calendar
from pentahelix.models import GuidanceSession
from pentahelix.queries import outbox
from pentahelix.queries.guidance_form import PersonChoice
from pentahelix.queries.meeting_form import ClusterChoice
from pentahelix.services import clashes
from pentahelix.services.clashes import Clash


@dataclass(frozen=True)
class DayOff:
    """A day on which nobody works: why, in a sentence, and the next one that is worked."""

    day: date
    why: str
    next: date


@dataclass(frozen=True)
class Warnings:
    off: DayOff | None = None
    clashes: Sequence[Clash] = ()
    #: whose address was refused for good
    undelivered: Sequence[PersonChoice] = ()

    @property
    def keys(self) -> frozenset[str]:
        """What tells one warning from another, so that each is shown once before the form goes through."""
        told = [f"off {self.off.day}"] if self.off else []
        told += [f"{c.kind} {c.name} {c.starts_at} {c.ends_at}" for c in self.clashes]
        told += [f"address {person.contact_id} {person.email}" for person in self.undelivered]
        return frozenset(f"{crc32(text.encode()):08x}" for text in told)

    def of(self, kind: str) -> list[Clash]:
        return [clash for clash in self.clashes if clash.kind == kind]


@dataclass(frozen=True)
class Plan:
    """As much of a plan as is known: what is missing is None or empty, and not looked into."""

    cluster: ClusterChoice
    day: date | None = None
    starts: time | None = None
    ends: time | None = None
    people: Sequence[PersonChoice] = ()
    school_ids: Sequence[int] = ()
    #: the session itself, where there is one already
    but: int | None = None

    def warnings(self) -> Warnings:
        return Warnings(
            day_off(self.day) if self.day else None,
            self._clashes(),
            undelivered(self.people),
        )

    def _clashes(self) -> Sequence[Clash]:
        if self.day is None or self.starts is None or self.ends is None or self.starts >= self.ends:
            return ()
        starts_at, ends_at = (
            clock.at(self.day, moment, self.cluster.timezone) for moment in (self.starts, self.ends)
        )
        people = [person.id for person in self.people]
        return clashes.find(self.cluster.id, starts_at, ends_at, people, self.school_ids, but=self.but)


def of_added(
    cluster: ClusterChoice,
    guidance: GuidanceSession,
    people: Sequence[PersonChoice],
    school_ids: Sequence[int] = (),
) -> Warnings:
    """Where people and schools are added to a session; that its own day is one off is not said again."""
    starts, ends = (clock.local(at, cluster.timezone) for at in (guidance.starts_at, guidance.ends_at))
    plan = Plan(cluster, starts.date(), starts.time(), ends.time(), people, school_ids, but=guidance.id)
    return replace(plan.warnings(), off=None)


def day_off(day: date, calendar: Calendar | None = None) -> DayOff | None:
    """None for a day that is worked."""
    calendar = calendar or holidays.calendar(db.session())
    if calendar.is_working_day(day):
        return None
    name = calendar.holiday_name(day, str(get_locale() or "id"))
    written = presentation.day(day)
    why = (
        _("%(day)s adalah %(holiday)s.", day=written, holiday=name)
        if name
        else _("%(day)s jatuh pada akhir pekan.", day=written)
    )
    return DayOff(day, why, calendar.next_working_day(day))


def next_working_day(day: date) -> date:
    """The first one after `day`."""
    return holidays.calendar(db.session()).next_working_day(day + ONE_DAY)


def undelivered(people: Iterable[PersonChoice]) -> list[PersonChoice]:
    mailed = [person for person in people if person.email]
    if not mailed:
        return []
    dead = outbox.undelivered([person.contact_id for person in mailed])
    return [person for person in mailed if person.contact_id in dead]


def overlapping(found: Iterable[Clash], starts_at: datetime, ends_at: datetime) -> list[Clash]:
    return [clash for clash in found if clash.starts_at < ends_at and starts_at < clash.ends_at]
