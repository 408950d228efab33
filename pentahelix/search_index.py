"""The index of words behind search: one folded row per record, written with the record itself."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, delete, event, insert, inspect
from sqlalchemy.orm import Session, UOWTransaction

from pentahelix import areas, identifiers, models as m, phones
from pentahelix.extensions import Entity
from pentahelix.folding import fold

#: What people find a record by, what it is called first.
SEARCHED: dict[type[Entity], Sequence[str]] = {
    m.Cluster: ("name", "short_name", "focus"),
    m.School: ("name", "npsn", "district"),
    m.Product: ("name", "description"),
    m.Partner: (
        "name", "org_type", "area_code", "area", "address", "email", "phone", "nib", "npwp", "description",
        "potential",
    ),
    m.Contact: ("name", "email", "phone"),
    m.Meeting: ("title", "place", "agenda", "notes", "decisions"),
    m.FollowUp: ("title", "result"),
    m.Agreement: ("title", "number_first", "number_second", "objective"),
    m.GuidanceSession: ("topic", "place"),
    m.Contribution: ("title", "description"),
    m.User: ("name", "position", "email"),
}  # fmt: skip

#: What is kept otherwise than people write it is found in either form.
WRITTEN: Mapping[str, Callable[[str], str | None]] = {
    "area_code": areas.district_name,
    "phone": phones.show,
    "npwp": identifiers.show_npwp,
}


def listen() -> None:
    """Keep the index from now on; saying it twice is saying it once."""
    if not event.contains(Session, "after_flush", _after_flush):
        event.listen(Session, "after_flush", _after_flush)


def noun(entity: type[Entity]) -> str:
    return str(entity.__tablename__)


def folded(entity: type[Entity], values: Mapping[str, Any]) -> str:
    """The words of a record as they are searched: one line of those that it is called by, one of the rest."""
    name, *rest = SEARCHED[entity]
    return "\n".join(fold(" ".join(_spellings(names, values))) for names in ([name], rest))


def _spellings(names: Sequence[str], values: Mapping[str, Any]) -> list[str]:
    given = [(name, str(values[name])) for name in names if values.get(name)]
    shown = [WRITTEN[name](value) or "" for name, value in given if name in WRITTEN]
    return [value for _name, value in given] + shown


def _after_flush(session: Session, _context: UOWTransaction) -> None:
    written = [row for row in session.new if type(row) in SEARCHED]
    written += [row for row in session.dirty if type(row) in SEARCHED and _words_changed(row)]
    gone = [row for row in session.deleted if type(row) in SEARCHED]
    if not written and not gone:
        return
    table: Table = m.SearchText.__table__  # type: ignore[assignment]
    connection = session.connection()
    for row in (*written, *gone):
        connection.execute(delete(table).where(table.c.noun == noun(type(row)), table.c.object_id == row.id))
    if written:
        connection.execute(
            insert(table),
            [
                {"noun": noun(type(row)), "object_id": row.id, "folded": folded(type(row), _values(row))}
                for row in written
            ],
        )


def _values(row: Entity) -> dict[str, Any]:
    return {name: getattr(row, name) for name in SEARCHED[type(row)]}


def _words_changed(row: Entity) -> bool:
    state: Any = inspect(row)
    return any(state.attrs[name].history.has_changes() for name in SEARCHED[type(row)])
