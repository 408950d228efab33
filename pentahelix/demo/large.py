"""Much invented data, the same for the same seed, for measuring how pages bear it.

Rows are written straight into the tables, past the services: half a million of them through a service would
take an hour. The trail therefore stays empty; the index of words and the last contacts are filled.
"""

from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from random import Random

from pentahelix import clock, models as m
from pentahelix.database import WRITE
from pentahelix.demo.drawing import BUSY_PARTNERS, Row, Size
from pentahelix.demo.large_guidance import GuidanceDrawing
from pentahelix.extensions import db
from pentahelix.queries.agreements import IN_PROCESS
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
    ObligationStatus,
    PartySide,
    Regency,
    Role,
)

LEGAL_FORMS = {
    Helix.INDUSTRY: ("CV", "PT", "Toko"),
    Helix.UNIVERSITY: ("Universitas", "Politeknik", "Institut"),
    Helix.COMMUNITY: ("Komunitas", "Paguyuban", "Forum"),
    Helix.MEDIA: ("Radio", "Warta", "Kanal"),
    Helix.GOVERNMENT: ("Dinas", "Kecamatan", "Balai"),
}


__all__ = ["Size", "fill"]


def fill(size: Size, *, seed: int, today: date) -> None:
    """Fill an empty database."""
    with db.engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        _Filler(connection, size, Random(seed), today).run()  # noqa: S311


class _Filler(GuidanceDrawing):
    """In the order in which tables refer to each other."""

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
        self._insert(m.AgreementStep, self._steps())
        self._insert(m.Obligation, self._obligations())
        self._insert(m.Contribution, self._contributions())
        sessions = list(self._sessions(self.size.activities // 50))
        self._insert(m.GuidanceSession, (guidance for guidance, _invited in sessions))
        invitations = list(self._invitations(sessions))
        self._insert(m.Invitation, invitations)
        self._insert(m.InvitationAnswer, self._answers(invitations))
        self._insert(m.Token, self._links(invitations))
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
        """A coordinator of each cluster, by its number, and after them the Kabid."""
        for number in range(1, self.size.clusters + 2):
            is_coordinator = number <= self.size.clusters
            name = self._person()
            yield {
                "id": number,
                "role": Role.COORDINATOR if is_coordinator else Role.KABID,
                "name": name,
                "sort_name": sort_key(name),
                "email": f"koordinator{number}@contoh.example" if is_coordinator else "kabid@contoh.example",
                "chosen_cluster_id": number if is_coordinator else None,
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
            others = {self.random.randint(2, self.size.clusters)} if self.size.clusters > 1 else set()
            for cluster_id in {self._cluster(partner_id, BUSY_PARTNERS), *others}:
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
                "assigned_by_user_id": self.size.clusters + 1 if follow_up_id % 4 == 0 else None,
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
            yield {"agreement_id": number, "cluster_id": self._cluster(number * 2, BUSY_PARTNERS)}

    def _steps(self) -> Iterator[Row]:
        for number in range(1, self.size.partners // 2 + 1):
            for step, day in enumerate((60, 30)):
                yield {
                    "agreement_id": number,
                    "user_id": self._cluster(number * 2, BUSY_PARTNERS),
                    "from_status": (None, AgreementStatus.DRAFT)[step],
                    "to_status": (AgreementStatus.DRAFT, AgreementStatus.IN_DISCUSSION)[step],
                    "taken_at": clock.at(self._ago(day, day), time(10), "Asia/Jakarta"),
                }

    def _obligations(self) -> Iterator[Row]:
        """Two of each agreement, the first of them fulfilled."""
        for number in range(1, self.size.partners + 1):
            is_fulfilled = number % 2 != 0
            due_on = self._ago(30, 300) if is_fulfilled else self._ago(-400, -30)
            yield {
                "agreement_id": (number + 1) // 2,
                "side": PartySide.SECOND,
                "title": f"Kewajiban {self._word(3)} {number}",
                "due_on": due_on,
                "status": ObligationStatus.FULFILLED if is_fulfilled else ObligationStatus.NOT_STARTED,
                "fulfilled_on": due_on if is_fulfilled else None,
                "version": 1,
            }

    def _contributions(self) -> Iterator[Row]:
        """As many as partners: most were given, the others are promised."""
        stages = list(ContributionStage)
        for number in range(1, self.size.partners + 1):
            cluster_id, partner_id = self._cluster_and_partner(number, BUSY_PARTNERS)
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
