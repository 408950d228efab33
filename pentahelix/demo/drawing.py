"""Drawing invented rows: words, people, days and clusters out of one source of chance."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, Table, func, select

from pentahelix import models as m
from pentahelix.extensions import Entity
from pentahelix.search_index import SEARCHED, folded
from pentahelix.vocabulary import LastContactKind

CHUNK = 5_000
SYLLABLES = [
    "ka", "li", "ma", "ya", "ci", "ban", "ten", "ra", "sa",
    "le", "bak", "mul", "ta", "tu", "li", "war", "gu",
]  # fmt: skip

#: The first cluster is a busy one, and as large in every province: every seventh among the first so many rows
#: is its own. What its people look at can then be compared between provinces.
EVERY = 7
BUSY_PARTNERS = 2_000
BUSY_ACTIVITIES = 4_000

Row = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """How many rows. Activities are two parts meetings, two parts follow-ups, one part log entries."""

    partners: int
    contacts: int
    clusters: int
    activities: int


class Drawing:
    def __init__(self, connection: Connection, size: Size, random: Random, today: date) -> None:
        self.connection = connection
        self.size = size
        self.random = random
        self.today = today
        #: cluster → its partners; partner → its affiliations
        self.partners_of: dict[int, list[int]] = defaultdict(list)
        self.affiliations_of: dict[int, list[int]] = defaultdict(list)
        self.last_contact: dict[tuple[int, int], tuple[date, LastContactKind]] = {}

    def _cluster(self, number: int, busy: int) -> int:
        """The cluster whose row `number` is: the first one, or one of the others in turn."""
        others = self.size.clusters - 1
        if others == 0 or (number % EVERY == 0 and number <= busy):
            return 1
        return number % others + 2

    def _cluster_and_partner(self, number: int, busy: int = BUSY_ACTIVITIES) -> tuple[int, int]:
        cluster_id = self._cluster(number, busy)
        return cluster_id, self.random.choice(self.partners_of[cluster_id] or [1])

    def _spoke(self, cluster_id: int, partner_id: int, day: date, kind: LastContactKind) -> None:
        before = self.last_contact.get((cluster_id, partner_id))
        if before is None or before[0] < day:
            self.last_contact[cluster_id, partner_id] = (day, kind)

    def _any(self, number: int) -> int:
        return self.random.randint(1, number)

    def _ago(self, least: int, most: int) -> date:
        return self.today - timedelta(days=self.random.randint(least, most))

    def _word(self, syllables: int) -> str:
        return "".join(self.random.choice(SYLLABLES) for _ in range(syllables)).capitalize()

    def _digest(self) -> str:
        return self.random.randbytes(32).hex()

    def _person(self) -> str:
        return f"{self._word(2)} {self._word(3)}"

    def _move_sequences(self) -> None:
        """Let the next row of each table get a number that is free."""
        for table in Entity.metadata.sorted_tables:
            if "id" in table.c:
                highest = select(func.coalesce(func.max(table.c.id), 1)).scalar_subquery()
                sequence = func.pg_get_serial_sequence(f'"{table.name}"', "id")
                self.connection.execute(select(func.setval(sequence, highest)))

    def _insert(self, entity: type[Entity], rows: Iterable[Row]) -> None:
        table = entity.__table__
        assert isinstance(table, Table)
        chunk: list[Row] = []
        for row in rows:
            chunk.append(row)
            if len(chunk) == CHUNK:
                self._write(entity, table, chunk)
                chunk = []
        if chunk:
            self._write(entity, table, chunk)

    def _write(self, entity: type[Entity], table: Table, rows: list[Row]) -> None:
        self.connection.execute(table.insert(), rows)
        if entity not in SEARCHED:
            return
        words = m.SearchText.__table__
        assert isinstance(words, Table)
        self.connection.execute(
            words.insert(),
            [{"noun": table.name, "object_id": row["id"], "folded": folded(entity, row)} for row in rows],
        )
