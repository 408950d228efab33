"""Days by our clock: the zone of a cluster, and inside a select its today and so many days before one."""

from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Date, Function, Select, case, cast, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Cluster
from pentahelix.prepared import TODAY, prepared
from pentahelix.presentation import ZONE_LETTERS


def zone_of(cluster_id: int) -> str:
    """That of a cluster in sight."""
    zone: str = db.session.scalars(*_zone_of(cluster_id)).one()
    return zone


@prepared
def _zone_of(cluster_id: int) -> Select[str]:
    return select(Cluster.timezone).where(Cluster.id == cluster_id)


def today_in(zone: ColumnElement[str] | Any) -> ColumnElement[date]:
    """The calendar day now in the zone that a column names; outside Indonesia that of the province."""
    if not clock.days_differ():
        # For all but two hours of the day there is but one day from Sabang to Merauke.
        return TODAY
    return case(_TODAY_IN, value=zone, else_=TODAY)


_TODAY_IN: dict[str, ColumnElement[date]] = {
    zone: BindParameter(f"clock_today_{zone[5:].lower()}", type_=Date(), callable_=partial(clock.today, zone))
    for zone in ZONE_LETTERS
}


class days_before(Function[date]):  # noqa: N801
    """`days_before(day, number)`, both of them columns or values."""

    inherit_cache = True

    def __init__(self, day: ColumnElement[date], number: ColumnElement[int] | int) -> None:
        super().__init__("days_before", day, number, type_=Date())


@compiles(days_before, "sqlite")
def _sqlite(element: days_before, compiler: SQLCompiler, **kw: Any) -> str:
    day, number = (compiler.process(argument, **kw) for argument in element.clauses)
    return f"date({day}, '-' || ({number}) || ' days')"


@compiles(days_before, "postgresql")
def _postgresql(element: days_before, compiler: SQLCompiler, **kw: Any) -> str:
    day, number = element.clauses
    return f"({compiler.process(cast(day, Date), **kw)} - ({compiler.process(number, **kw)}))"
