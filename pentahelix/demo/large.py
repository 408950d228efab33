"""Much invented data, the same for the same seed, for measuring how pages bear it.

Rows are written straight into the tables, past the services: half a million of them through a service would
take an hour. The trail therefore stays empty; the index of words and the last contacts are filled.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, Table, func, select

from pentahelix import clock, models as m
from pentahelix.database import WRITE
from pentahelix.extensions import Entity, db
from pentahelix.queries.agreements import IN_PROCESS
from pentahelix.search_index import SEARCHED, folded
from pentahelix.sorting import sort_key
from pentahelix.vocabulary import (
    GIVEN_CONTRIBUTIONS,
    AgreementKind,
    AgreementStatus,
    Channel,
    ContributionForm,
    ContributionKind,
    ContributionStage,
    FollowUpSource,
    FollowUpStatus,
    Helix,
    InvolvementRole,
    LastContactKind,
    MeetingKind,
    MeetingStatus,
    PartySide,
    Regency,
    Role,
)

CHUNK = 5_000
SYLLABLES = [
    "ka", "li", "ma", "ya", "ci", "ban", "ten", "ra", "sa",
    "le", "bak", "mul", "ta", "tu", "li", "war", "gu",
]  # fmt: skip
LEGAL_FORMS = {
    Helix.INDUSTRY: ("CV", "PT", "Toko"),
    Helix.UNIVERSITY: ("Universitas", "Politeknik", "Institut"),
    Helix.COMMUNITY: ("Komunitas", "Paguyuban", "Forum"),
    Helix.MEDIA: ("Radio", "Warta", "Kanal"),
    Helix.GOVERNMENT: ("Dinas", "Kecamatan", "Balai"),
}


@dataclass(frozen=True)
class Size:
    """How many rows. Activities are two parts meetings, two parts follow-ups, one part log entries."""

    partners: int
    contacts: int
    clusters: int
    activities: int


Row = dict[str, Any]


def fill(size: Size, *, seed: int, today: date) -> None:
    """Fill an empty database."""
    with db.engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        _Filler(connection, size, Random(seed), today).run()  # noqa: S311


class _Filler:
    def __init__(self, connection: Connection, size: Size, random: Random, today: date) -> None:
        self.connection = connection
        self.size = size
        self.random = random
        self.today = today
        #: cluster → its partners; partner → its affiliations
        self.partners_of: dict[int, list[int]] = defaultdict(list)
        self.affiliations_of: dict[int, list[int]] = defaultdict(list)
        self.last_contact: dict[tuple[int, int], tuple[date, LastContactKind]] = {}

    def run(self) -> None:
        self._insert(m.Cluster, self._clusters())
        self._insert(m.User, self._users())
        self._insert(
            m.Membership, ({"user_id": n, "cluster_id": n} for n in range(1, self.size.clusters + 1))
        )
        self._insert(m.Partner, self._partners())
        self._assign()
        self._insert(m.Contact, self._contacts())
        self._insert(m.Affiliation, self._affiliations())
        meetings = list(self._meetings(self.size.activities * 2 // 5))
        self._insert(m.Meeting, (meeting for meeting, _partner in meetings))
        self._insert(m.MeetingPartner, self._meeting_partners(meetings))
        self._insert(m.Attendance, self._attendances(meetings))
        self._insert(m.FollowUp, self._follow_ups(self.size.activities * 2 // 5))
        self._insert(m.ContactLog, self._log(self.size.activities // 5))
        self._insert(m.Agreement, self._agreements())
        self._insert(m.AgreementParty, self._parties())
        self._insert(m.AgreementCluster, self._covered())
        self._insert(m.Contribution, self._contributions())
        self._insert(m.ClusterPartner, self._involvements())
        if self.connection.dialect.name == "postgresql":
            self._move_sequences()

    # ── what there is ────────────────────────────────────────────────────────────────────────────────────

    def _clusters(self) -> Iterator[Row]:
        regencies = list(Regency)
        for number in range(1, self.size.clusters + 1):
            name = f"Klaster {self._word(2)} {number}"
            yield {
                "id": number,
                "name": f"{name} Teaching Factory",
                "sort_name": sort_key(f"{name} Teaching Factory"),
                "short_name": name,
                "regency": regencies[number % len(regencies)],
                "begins": self._ago(200, 900),
                "is_pilot": number == 1,
                "timezone": "Asia/Jakarta",
                "version": 1,
            }

    def _users(self) -> Iterator[Row]:
        for number in range(1, self.size.clusters + 1):
            name = self._person()
            yield {
                "id": number,
                "role": Role.COORDINATOR,
                "name": name,
                "sort_name": sort_key(name),
                "email": f"koordinator{number}@contoh.example",
                "chosen_cluster_id": number,
                "language": "id",
                "theme": "system",
                "timezone": "Asia/Jakarta",
                "version": 1,
            }

    def _partners(self) -> Iterator[Row]:
        helices = list(Helix)
        for number in range(1, self.size.partners + 1):
            helix = helices[number % len(helices)]
            name = f"{self.random.choice(LEGAL_FORMS[helix])} {self._word(3)} {self._word(2)} {number}"
            regency = self.random.choice(list(Regency))
            yield {
                "id": number,
                "name": name,
                "sort_name": sort_key(name),
                "helix": helix,
                "area_code": f"{regency}.{number % 20 + 1:02}",
                "email": f"mitra{number}@contoh.example",
                "is_fictitious": True,
                "version": 1,
            }

    def _assign(self) -> None:
        for partner_id in range(1, self.size.partners + 1):
            for cluster_id in {partner_id % self.size.clusters + 1, self._any(self.size.clusters)}:
                self.partners_of[cluster_id].append(partner_id)

    def _contacts(self) -> Iterator[Row]:
        for number in range(1, self.size.contacts + 1):
            name = self._person()
            yield {
                "id": number,
                "name": name,
                "sort_name": sort_key(name),
                "email": f"narahubung{number}@contoh.example",
                "phone": f"+628100{number:07}",
                "language": "id",
                "basis": "public_task",
                "version": 1,
            }

    def _affiliations(self) -> Iterator[Row]:
        for number in range(1, self.size.contacts + 1):
            partner_id = (number - 1) % self.size.partners + 1
            self.affiliations_of[partner_id].append(number)
            yield {
                "id": number,
                "contact_id": number,
                "partner_id": partner_id,
                "position": "Manajer",
                "is_primary": number <= self.size.partners,
                "version": 1,
            }

    def _meetings(self, number: int) -> Iterator[tuple[Row, int]]:
        for meeting_id in range(1, number + 1):
            cluster_id, partner_id = self._cluster_and_partner(meeting_id)
            day = self._ago(-20, 700)
            held = day <= self.today
            if held:
                self._spoke(cluster_id, partner_id, day, LastContactKind.MEETING)
            starts_at = clock.at(day, time(9), "Asia/Jakarta")
            yield (
                {
                    "id": meeting_id,
                    "cluster_id": cluster_id,
                    "chair_user_id": cluster_id,
                    "title": f"Rapat {self._word(3)} {meeting_id}",
                    "kind": self.random.choice(list(MeetingKind)),
                    "mode": "in_person",
                    "starts_at": starts_at,
                    "ends_at": starts_at + timedelta(hours=2),
                    "status": MeetingStatus.HELD if held else MeetingStatus.PLANNED,
                    "notes": " ".join(self._word(3) for _ in range(20)),
                    "received_at": starts_at,
                    "version": 1,
                },
                partner_id,
            )

    def _meeting_partners(self, meetings: Iterable[tuple[Row, int]]) -> Iterator[Row]:
        return ({"meeting_id": meeting["id"], "partner_id": partner_id} for meeting, partner_id in meetings)

    def _attendances(self, meetings: Iterable[tuple[Row, int]]) -> Iterator[Row]:
        for meeting, partner_id in meetings:
            yield {"meeting_id": meeting["id"], "user_id": meeting["chair_user_id"], "affiliation_id": None}
            for affiliation_id in self.affiliations_of[partner_id][:1]:
                yield {"meeting_id": meeting["id"], "user_id": None, "affiliation_id": affiliation_id}

    def _follow_ups(self, number: int) -> Iterator[Row]:
        for follow_up_id in range(1, number + 1):
            cluster_id, partner_id = self._cluster_and_partner(follow_up_id)
            done = follow_up_id % 5 != 0
            due_on = self._ago(-30, 400) if done else self._ago(-30, 12)
            yield {
                "id": follow_up_id,
                "cluster_id": cluster_id,
                "partner_id": partner_id,
                "owner_user_id": cluster_id,
                "source_kind": FollowUpSource.NONE,
                "position": 0,
                "title": f"Kirim {self._word(3)} {follow_up_id}",
                "due_on": due_on,
                "status": FollowUpStatus.DONE if done else FollowUpStatus.NOT_STARTED,
                "completed_on": due_on if done else None,
                "priority": "medium",
                "version": 1,
            }

    def _log(self, number: int) -> Iterator[Row]:
        for entry_id in range(1, number + 1):
            cluster_id, partner_id = self._cluster_and_partner(entry_id)
            day = self._ago(0, 500)
            channel = self.random.choice(list(Channel))
            self._spoke(cluster_id, partner_id, day, LastContactKind(channel.value))
            yield {
                "id": entry_id,
                "cluster_id": cluster_id,
                "partner_id": partner_id,
                "user_id": cluster_id,
                "channel": channel,
                "contacted_on": day,
                "line": f"Membicarakan {self._word(3)}",
                "version": 1,
            }

    def _agreements(self) -> Iterator[Row]:
        """One for every second partner; each sixth of them is still on its way."""
        for number in range(1, self.size.partners // 2 + 1):
            starts_on = self._ago(30, 700)
            ends_on = starts_on + timedelta(days=self.random.randint(365, 1400))
            is_signed = number % 6 != 0
            yield {
                "id": number,
                "kind": self.random.choice(list(AgreementKind)),
                "status": AgreementStatus.SIGNED if is_signed else self.random.choice(IN_PROCESS),
                "title": f"Kerja sama {self._word(3)} {number}",
                "signed_on": starts_on if is_signed else None,
                "starts_on": starts_on if is_signed else None,
                "ends_on": ends_on if is_signed else None,
                "is_open_ended": False,
                "version": 1,
            }

    def _parties(self) -> Iterator[Row]:
        for number in range(1, self.size.partners // 2 + 1):
            for side, office, partner_id in (
                (PartySide.FIRST, "Dinas Pendidikan", None),
                (PartySide.SECOND, None, number * 2),
            ):
                yield {
                    "agreement_id": number,
                    "office": office,
                    "partner_id": partner_id,
                    "side": side,
                    "version": 1,
                }

    def _covered(self) -> Iterator[Row]:
        for number in range(1, self.size.partners // 2 + 1):
            yield {"agreement_id": number, "cluster_id": (number * 2) % self.size.clusters + 1}

    def _contributions(self) -> Iterator[Row]:
        """As many as partners: most were given, the others are promised."""
        stages = list(ContributionStage)
        for number in range(1, self.size.partners + 1):
            cluster_id, partner_id = self._cluster_and_partner(number)
            stage = ContributionStage.DELIVERED if number % 3 else stages[number // 3 % len(stages)]
            is_given = stage in GIVEN_CONTRIBUTIONS
            day = self._ago(1, 500) if is_given else self._ago(-60, 0)
            if is_given:
                self._spoke(cluster_id, partner_id, day, LastContactKind.CONTRIBUTION)
            yield {
                "id": number,
                "cluster_id": cluster_id,
                "partner_id": partner_id,
                "kind": self.random.choice(list(ContributionKind)),
                "form": self.random.choice(list(ContributionForm)),
                "title": f"Kontribusi {self._word(3)} {number}",
                "stage": stage,
                "stage_reason": "Dibatalkan mitra" if stage == ContributionStage.DROPPED else None,
                "value": self._any(100) * 100_000,
                "valuation_basis": "taksiran",
                "delivered_on": day,
                "version": 1,
            }

    def _involvements(self) -> Iterator[Row]:
        for cluster_id, partner_ids in self.partners_of.items():
            for partner_id in partner_ids:
                day, kind = self.last_contact.get((cluster_id, partner_id), (None, None))
                yield {
                    "cluster_id": cluster_id,
                    "partner_id": partner_id,
                    "role": InvolvementRole.PARTNER if partner_id % 4 else InvolvementRole.PROSPECT,
                    "since": self._ago(100, 900),
                    "last_contact_on": day,
                    "last_contact_kind": kind,
                }

    # ── how it is drawn ──────────────────────────────────────────────────────────────────────────────────

    def _cluster_and_partner(self, number: int) -> tuple[int, int]:
        cluster_id = number % self.size.clusters + 1
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
