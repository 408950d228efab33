"""What every question about reminders needs: the clusters with their rules and clocks, the worked days."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from pentahelix import clock, holidays
from pentahelix.database import unless_there
from pentahelix.extensions import db
from pentahelix.holidays import Calendar
from pentahelix.models import Cluster, Reminder
from pentahelix.scope import live
from pentahelix.services import reminder_rules
from pentahelix.services.reminder_rules import Rule, Rules
from pentahelix.vocabulary import ReminderKind, ReminderState

#: No rest is longer: what falls on one of its days is told before the first or after the last.
LONGEST_REST = timedelta(days=21)

#: Why something is not carried; the words stand in the rows.
SUPERSEDED = "superseded"  #: a nearer day of the same rule has come
TOO_LATE = "too_late"  #: nothing may be said any more: it begins
OPTED_OUT = "opted_out"  #: they asked for no reminders


@dataclass(frozen=True)
class Book:
    """The live clusters that one sees, as their rules and clocks stand now."""

    rules: dict[int, Rules]
    zones: dict[int, str]
    names: dict[int, str]
    calendar: Calendar

    @classmethod
    def opened(cls, cluster_id: int | None = None) -> "Book":
        """Three statements, however many clusters there are."""
        wanted = select(Cluster.id, Cluster.timezone, Cluster.short_name).where(live(Cluster))
        if cluster_id is not None:
            wanted = wanted.where(Cluster.id == cluster_id)
        rows = db.session.execute(wanted.order_by(Cluster.id)).all()
        rules = reminder_rules.of_all(row.id for row in rows)
        zones = {row.id: row.timezone for row in rows}
        names = {row.id: row.short_name for row in rows}
        return cls({**rules}, zones, names, holidays.calendar(db.session()))

    @classmethod
    def of(cls, cluster: Cluster, calendar: Calendar) -> "Book":
        """Of one cluster, live or not, that was read already; one statement."""
        rules = reminder_rules.effective(cluster.id)
        zones, names = {cluster.id: cluster.timezone}, {cluster.id: cluster.short_name}
        return cls({cluster.id: rules}, zones, names, calendar)

    def narrowed(self, cluster_ids: Collection[int]) -> "Book":
        """The same for some of the clusters."""
        rules = {each: rules for each, rules in self.rules.items() if each in cluster_ids}
        return replace(self, rules=rules, zones={each: self.zones[each] for each in rules})

    def on(self, cluster_id: int, kind: ReminderKind) -> Rule | None:
        """The rule, if it is switched on."""
        rule = self.rules[cluster_id][kind] if cluster_id in self.rules else None
        return rule if rule is not None and rule.is_on else None

    def using(self, kind: ReminderKind) -> Iterator[tuple[int, Rule]]:
        """The clusters where `kind` is switched on."""
        for cluster_id, rules in self.rules.items():
            if rules[kind].is_on:
                yield cluster_id, rules[kind]

    def days(self, kind: ReminderKind) -> list[int]:
        """The days that some cluster has; empty where it is switched off everywhere."""
        return sorted({day for _cluster_id, rule in self.using(kind) for day in rule.days})

    def today(self, cluster_id: int) -> date:
        return clock.today(self.zones[cluster_id])

    def works(self, cluster_id: int, day: date) -> bool:
        """Whether the cluster is mailed on that day."""
        return not self.on(cluster_id, ReminderKind.QUIET_DAYS) or self.calendar.is_working_day(day)

    def sends_on(self, cluster_id: int, nominal_on: date, *, before: bool) -> date:
        """The day on which what falls on `nominal_on` is really sent: not on one of rest."""
        if self.works(cluster_id, nominal_on):
            return nominal_on
        move = self.calendar.previous_working_day if before else self.calendar.next_working_day
        return move(nominal_on)


def record(rows: Iterable[dict[str, Any]]) -> set[str]:
    """Write down what was decided, once for all: the keys that nobody had written before."""
    values = [{"state": ReminderState.CARRIED, "made_at": clock.now()} | row for row in rows]
    if not values:
        return set()
    written: set[str] = set()
    for start in range(0, len(values), 500):
        statement = unless_there(db.session.connection(), Reminder, values[start : start + 500], "key")
        written.update(db.session.scalars(statement.returning(Reminder.key)))
    return written


def skipped(row: dict[str, Any], reason: str) -> dict[str, Any]:
    return row | {"state": ReminderState.SKIPPED, "reason": reason}


def later(*instants: datetime | None) -> datetime:
    return max(instant for instant in instants if instant is not None)
