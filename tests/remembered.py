"""What many tests begin with: written row by row, trail and index too, once a process; then put in as it was.

To write it takes longer than most tests do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, TextClause, exists, insert, select, text
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import AuditEntry
from pentahelix.unit_of_work import write
from tests import factories as make


@dataclass(frozen=True)
class Scene:
    """Its rows by table, and who of it has which number."""

    rows: list[tuple[Table, list[dict[str, Any]]]]
    numbers: dict[str, tuple[type[Any], int]]
    #: lets no counter of the database give a number of these rows again
    counted: TextClause | None


#: By name, database, instant and hash of the password: what makes one different from another.
SCENES: dict[tuple[str, str, datetime, str], Scene] = {}


def enter(session: Session, name: str, written: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """What `written` makes, by name, committed. Two that make different things have two names."""
    session.commit()
    write()
    if session.scalar(select(exists().select_from(AuditEntry))):
        # Among others who are there already everybody gets other numbers.
        made = written()
        session.commit()
        return made
    key = name, str(session.get_bind().engine.url), clock.now(), make.password_hash()
    if key in SCENES:
        scene = SCENES[key]
        for table, its_rows in scene.rows:
            session.connection().execute(insert(table), its_rows)
        if scene.counted is not None:
            session.connection().execute(scene.counted)
        made = {who: session.get_one(*which) for who, which in scene.numbers.items()}
    else:
        before = {table for table, _rows in _filled(session)}
        made = written()
        session.flush()
        rows = [filled for filled in _filled(session) if filled[0] not in before]
        numbers = {who: (type(entity), entity.id) for who, entity in made.items()}
        SCENES[key] = Scene(rows, numbers, _counted(session, rows))
    session.commit()
    return made


def _filled(session: Session) -> list[tuple[Table, list[dict[str, Any]]]]:
    """Every table in which something stands."""
    found = (
        (table, [dict(row) for row in session.connection().execute(select(table)).mappings()])
        for table in db.metadata.sorted_tables
    )
    return [(table, rows) for table, rows in found if rows]


def _counted(session: Session, rows: list[tuple[Table, list[dict[str, Any]]]]) -> TextClause | None:
    if session.get_bind().dialect.name != "postgresql":
        return None
    highest = {table.name: max(row["id"] for row in rows) for table, rows in rows if "id" in table.c}
    counters = ((f"pg_get_serial_sequence('{name}', 'id')", number) for name, number in highest.items())
    return text(
        "SELECT "
        + ", ".join(f"setval({counter}, greatest(nextval({counter}), {n}))" for counter, n in counters)
    )
