"""The index of words behind search: one folded row per record, written with the record itself."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, delete, event, inspect, insert
from sqlalchemy.orm import Session, UOWTransaction

from pentahelix import models as m
from pentahelix.extensions import Entity
from pentahelix.folding import fold

#: What people find a record by.
SEARCHED: dict[type[Entity], Sequence[str]] = {
    m.Cluster: ("name", "short_name", "focus"),
    m.School: ("name", "npsn", "district"),
    m.Product: ("name", "description"),
    m.Partner: ("name", "org_type", "area", "address", "email", "phone", "nib", "npwp", "description", "potential"),
    m.Contact: ("name", "email", "phone"),
    m.Meeting: ("title", "place", "agenda", "notes", "decisions"),
    m.FollowUp: ("title", "result"),
    m.Agreement: ("title", "number_first", "number_second", "objective"),
    m.GuidanceSession: ("topic", "place"),
    m.Contribution: ("title", "description"),
}


def listen() -> None:
    """Keep the index from now on; saying it twice is saying it once."""
    if not event.contains(Session, "after_flush", _after_flush):
        event.listen(Session, "after_flush", _after_flush)


def noun(entity: type[Entity]) -> str:
    return entity.__tablename__


def _after_flush(session: Session, _context: UOWTransaction) -> None:
    written = [row for row in session.new if type(row) in SEARCHED]
    written += [row for row in session.dirty if type(row) in SEARCHED and _words_changed(row)]
    gone = [row for row in session.deleted if type(row) in SEARCHED]
    if not written and not gone:
        return
    table: Table = m.SearchText.__table__  # type: ignore[assignment]
    connection = session.connection()
    for row in (*written, *gone):
        connection.execute(
            delete(table).where(table.c.noun == noun(type(row)), table.c.object_id == row.id)
        )
    if written:
        connection.execute(
            insert(table),
            [
                {"noun": noun(type(row)), "object_id": row.id, "folded": folded(row)}
                for row in written
            ],
        )


def folded(row: Entity) -> str:
    """The words of a record as they are searched."""
    values = (getattr(row, name) for name in SEARCHED[type(row)])
    words: str = fold(" ".join(str(value) for value in values if value))
    return words


def _words_changed(row: Entity) -> bool:
    state: Any = inspect(row)
    return any(state.attrs[name].history.has_changes() for name in SEARCHED[type(row)])

