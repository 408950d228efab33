"""Days by our clock: the zone of a cluster, and inside a select its today and so many days before one."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Function, case, cast, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Cluster
from pentahelix.presentation import ZONE_LETTERS


def zone_of(cluster_id: int) -> str:
    """That of a cluster in sight."""
    return db.session.scalars(select(Cluster.timezone).where(Cluster.id == cluster_id)).one()


def today_in(zone: ColumnElement[str] | Any) -> ColumnElement[date]:
    """The calendar day now in the zone that a column names; outside Indonesia that of the province."""
    here = clock.today()
    elsewhere = {name: day for name in ZONE_LETTERS if (day := clock.today(name)) != here}
    if not elsewhere:
        # For all but two hours of the day there is but one day from Sabang to Merauke.
        return literal(here, Date)
    days: ColumnElement[date] = case(
        {name: literal(day, Date) for name, day in elsewhere.items()}, value=zone, else_=literal(here, Date)
    )
    return days


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
