"""Days that the calendar of public holidays has wrong: added to it, or worked all the same."""

from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from pentahelix.extensions import db
from pentahelix.holidays import Calendar
from pentahelix.models import Holiday
from pentahelix.presentation import day_long
from pentahelix.refusals import Refused
from pentahelix.vocabulary import HolidayEffect


def add(day: date, name: str) -> Holiday:
    """Nobody works on `day` from now on."""
    row = _row(day)
    known = row.name if row else Calendar().holiday_name(day)
    if known and (row is None or row.effect == HolidayEffect.ADDED):
        raise Refused("day", _("%(day)s sudah hari libur: %(name)s.", day=day_long(day), name=known))
    row = row or Holiday(day=day)
    row.effect, row.name = HolidayEffect.ADDED, name
    db.session.add(row)
    db.session.flush()
    return row


def make_working(day: date) -> str | None:
    """`day` is worked from now on.

    Returns the name that had been added to the calendar and is gone, which `add` brings back; a day of the
    calendar itself is brought back by `restore`.
    """
    row = _row(day)
    added = row.name if row is not None and row.effect == HolidayEffect.ADDED else None
    computed = Calendar().holiday_name(day)
    if row is None and computed:
        db.session.add(Holiday(day=day, effect=HolidayEffect.REMOVED, name=computed))
    elif row is not None and added:
        if computed:
            row.effect, row.name = HolidayEffect.REMOVED, computed
        else:
            db.session.delete(row)
    db.session.flush()
    return added


def restore(day: date) -> None:
    """`day` is again what the calendar says."""
    if (row := _row(day)) is not None and row.effect == HolidayEffect.REMOVED:
        db.session.delete(row)
    db.session.flush()


def _row(day: date) -> Holiday | None:
    return db.session.scalars(select(Holiday).where(Holiday.day == day)).first()
