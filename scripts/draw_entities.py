"""Draws docs/entities.md, the entities and what points to what, from models.py and its metadata.

Run it after changing models.py: `python -m scripts.draw_entities`.
"""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Enum, Table, UniqueConstraint

from pentahelix import models
from pentahelix.extensions import Entity as Base

PICTURE = Path(__file__).parent.parent / "docs" / "entities.md"

HEAD = """# The entities

Drawn from the metadata by `scripts/draw_entities.py`; do not edit by hand. One picture a chapter of
`pentahelix/models.py`; entities of other chapters stand in it without their columns. `PK` is the key, `FK` a
reference, `UK` unique by itself. What is not marked "optional" must be there.
"""

CHAPTER = re.compile(r"^# =+\n# (\d+ .+)\n", re.MULTILINE)
CLASS = re.compile(r"^class (\w+)\(.*Entity\):", re.MULTILINE)

Entity = type[Base]


def chapters() -> list[tuple[str, list[Entity]]]:
    """The banners of models.py, each with the entities under it."""
    _, *parts = CHAPTER.split(inspect.getsource(models))
    return [
        (title, [getattr(models, name) for name in CLASS.findall(body)])
        for title, body in zip(parts[::2], parts[1::2], strict=True)
    ]


def drawing() -> str:
    names = {entity.__table__: entity.__name__ for _, entities in chapters() for entity in entities}
    parts = [HEAD]
    for title, entities in chapters():
        lines = [line for entity in entities for line in _entity(entity)]
        lines += [line for entity in entities for line in _references(entity, names)]
        facts = [f"- **{entity.__name__}**: {_what_it_is(entity)}" for entity in entities]
        parts.append("\n".join([f"## {title}\n", *facts, "\n```mermaid", "erDiagram", *lines, "```\n"]))
    return "\n".join(parts)


def _what_it_is(entity: Entity) -> str:
    return (inspect.getdoc(entity) or "").split("\n\n")[0].replace("\n", " ")


def _entity(entity: Entity) -> Iterator[str]:
    yield f"    {entity.__name__} {{"
    for column in _table(entity).columns:
        marks = ", ".join(_marks(column))
        optional = '"optional"' if column.nullable else ""
        yield "        " + " ".join(filter(None, (_kind(column), column.name, marks, optional)))
    yield "    }"


def _kind(column: Column[Any]) -> str:
    kind = column.type
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return kind.enum_class.__name__
    return type(kind).__name__


def _marks(column: Column[Any]) -> Iterator[str]:
    if column.primary_key:
        yield "PK"
    if column.foreign_keys:
        yield "FK"
    if _is_unique(column):
        yield "UK"


def _is_unique(column: Column[Any]) -> bool:
    keys = (key for key in column.table.constraints if isinstance(key, UniqueConstraint))
    return any(list(key.columns) == [column] for key in keys)


def _references(entity: Entity, names: dict[Any, str]) -> Iterator[str]:
    """From many of `entity` (or one, where the column is unique) to one of another, or to none."""
    for column in _table(entity).columns:
        for reference in column.foreign_keys:
            start = "|o" if _is_unique(column) else "}o"
            end = "o|" if column.nullable else "||"
            yield f"    {entity.__name__} {start}--{end} {names[reference.column.table]} : {column.name}"


def _table(entity: Entity) -> Table:
    assert isinstance(entity.__table__, Table)
    return entity.__table__


if __name__ == "__main__":
    PICTURE.write_text(drawing(), encoding="utf-8")
    print(f"drawn: {PICTURE}")
