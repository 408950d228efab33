"""The coverage matrix in plain Python, said from the words of the rule alone: reads every row, asks no SQL.

It shares nothing with the programme but the entities. What it says is what the pages must say.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from pentahelix import models as m

HELICES = ("industry", "university", "community", "media", "government")
NOT_YET_SIGNED = ("draft", "in_discussion", "legal_review", "awaiting_signature")


@dataclass(frozen=True)
class TwinCell:
    state: str
    partners: int
    bound_partners: int
    prospects: int
    reason: str | None = None
    number: int | None = None
    in_process: str | None = None


class Twin:
    """All rows, and how the cells of all clusters stand by them on `day`."""

    def __init__(
        self, session: Session, day: date, *, at_risk_days: int = 30, late_days: int = 7, alive_days: int = 90
    ) -> None:
        self.day = day
        self.at_risk_days, self.late_days, self.alive_days = at_risk_days, late_days, alive_days

        def rows(entity):
            return list(session.scalars(select(entity).order_by(entity.id)))

        self.clusters = {row.id: row for row in rows(m.Cluster)}
        self.partners = {row.id: row for row in rows(m.Partner)}
        self.affiliations = {row.id: row for row in rows(m.Affiliation)}
        self.meetings = {row.id: row for row in rows(m.Meeting)}
        self.sessions = {row.id: row for row in rows(m.GuidanceSession)}
        self.involvements = rows(m.ClusterPartner)
        self.agreements = rows(m.Agreement)
        self.parties = {(row.agreement_id, row.partner_id) for row in rows(m.AgreementParty)}
        self.covered = {(row.agreement_id, row.cluster_id) for row in rows(m.AgreementCluster)}
        self.follow_ups = rows(m.FollowUp)
        self.attendances = rows(m.Attendance)
        self.invitations = rows(m.Invitation)
        self.contributions = rows(m.Contribution)
        self.schools = rows(m.School)

    def cells(self) -> dict[tuple[int, str], TwinCell]:
        return {
            (cluster_id, helix): self.cell(cluster_id, helix)
            for cluster_id, cluster in self.clusters.items()
            if cluster.archived_at is None
            for helix in HELICES
        }

    def cell(self, cluster_id: int, helix: str) -> TwinCell:
        roles = self._partners_of_the_cell(cluster_id, helix)
        in_force = [
            agreement
            for agreement in self.agreements
            if self._holds(agreement) and self._concerns(agreement, cluster_id, roles)
        ]
        bound = {who for who in roles for agreement in in_force if (agreement.id, who) in self.parties}
        prospects = sum(role == "prospect" for role in roles.values())
        counts = (len(roles), len(bound), prospects)

        if not roles:
            return TwinCell("empty", *counts)
        if not in_force:
            furthest = self._furthest_in_process(cluster_id, roles)
            return TwinCell("prospect", *counts, number=len(roles), in_process=furthest)
        left = [self._days_left(agreement) for agreement in in_force if self._ends_soon(agreement)]
        if left:
            return TwinCell("at_risk", *counts, reason="ending", number=min(left))
        late = sum(self._is_very_late(follow_up, cluster_id, roles) for follow_up in self.follow_ups)
        if late:
            return TwinCell("at_risk", *counts, reason="late", number=late)
        if any(self._is_recent(day) for who, day in self._activities(cluster_id) if who in bound):
            return TwinCell("alive", *counts)
        return TwinCell("bound", *counts)

    def gaps(self) -> list[tuple[int, str]]:
        """Fewest bound sides of the cluster first, empty before prospect, older cluster first."""
        cells = self.cells()
        unbound = [key for key, cell in cells.items() if cell.state in ("empty", "prospect")]
        bound_sides = {
            cluster_id: 5 - sum(key[0] == cluster_id for key in unbound) for cluster_id in self.clusters
        }

        def order(key):
            cluster_id, helix = key
            return (
                bound_sides[cluster_id],
                ("empty", "prospect").index(cells[key].state),
                self.clusters[cluster_id].begins,
                cluster_id,
                HELICES.index(helix),
            )

        return sorted(unbound, key=order)

    def number_of_partners(self) -> int:
        return len(
            {
                who
                for cluster_id, cluster in self.clusters.items()
                if cluster.archived_at is None
                for helix in HELICES
                for who in self._partners_of_the_cell(cluster_id, helix)
            }
        )

    def number_of_schools(self) -> int:
        return sum(
            school.archived_at is None and self.clusters[school.cluster_id].archived_at is None
            for school in self.schools
        )

    # ── partners of the cell ────────────────────────────────────────────────────────────────────────────

    def _partners_of_the_cell(self, cluster_id: int, helix: str) -> dict[int, str]:
        found = {}
        for row in self.involvements:
            partner = self.partners[row.partner_id]
            has_begun = row.since <= self.day
            has_ended = row.ended_on is not None and row.ended_on < self.day
            is_here = row.cluster_id == cluster_id and has_begun and not has_ended
            if is_here and partner.helix == helix and partner.archived_at is None:
                found[row.partner_id] = row.role
        return found

    # ── agreements ──────────────────────────────────────────────────────────────────────────────────────

    def _concerns(self, agreement: m.Agreement, cluster_id: int, roles: dict[int, str]) -> bool:
        is_party = any((agreement.id, who) in self.parties for who in roles)
        return is_party and (agreement.id, cluster_id) in self.covered

    def _holds(self, agreement: m.Agreement) -> bool:
        if agreement.archived_at is not None or agreement.status not in ("signed", "renewed"):
            return False
        assert agreement.starts_on is not None
        if agreement.starts_on > self.day:
            return False
        return agreement.ends_on is None or agreement.ends_on >= self.day

    def _days_left(self, agreement: m.Agreement) -> int:
        assert agreement.ends_on is not None
        return (agreement.ends_on - self.day).days

    def _ends_soon(self, agreement: m.Agreement) -> bool:
        if agreement.ends_on is None or self._days_left(agreement) > self.at_risk_days:
            return False
        followed = [
            other
            for other in self.agreements
            if other.renews_id == agreement.id
            and other.archived_at is None
            and other.status in ("signed", "awaiting_signature")
        ]
        return not followed

    def _furthest_in_process(self, cluster_id: int, roles: dict[int, str]) -> str | None:
        statuses = {
            str(agreement.status)
            for agreement in self.agreements
            if agreement.archived_at is None and self._concerns(agreement, cluster_id, roles)
        }
        reached = [status for status in NOT_YET_SIGNED if status in statuses]
        return reached[-1] if reached else None

    # ── follow-ups ──────────────────────────────────────────────────────────────────────────────────────

    def _is_very_late(self, follow_up: m.FollowUp, cluster_id: int, roles: dict[int, str]) -> bool:
        return (
            follow_up.cluster_id == cluster_id
            and follow_up.partner_id in roles
            and follow_up.archived_at is None
            and follow_up.status in ("not_started", "in_progress")
            and (self.day - follow_up.due_on).days > self.late_days
        )

    # ── activities ──────────────────────────────────────────────────────────────────────────────────────

    def _is_recent(self, day: date) -> bool:
        return self.day - timedelta(days=self.alive_days) <= day <= self.day

    def _activities(self, cluster_id: int) -> Iterator[tuple[int, date]]:
        for attendance in self.attendances:
            meeting = self.meetings[attendance.meeting_id]
            if meeting.cluster_id != cluster_id or meeting.status != "held" or meeting.archived_at:
                continue
            if attendance.affiliation_id is not None:
                yield self._employer(attendance.affiliation_id), self._day(cluster_id, meeting.starts_at)
        for invitation in self.invitations:
            guidance = self.sessions[invitation.guidance_id]
            if guidance.cluster_id != cluster_id or guidance.status != "held" or guidance.archived_at:
                continue
            if invitation.attended or self._spoke(invitation):
                yield self._employer(invitation.affiliation_id), self._day(cluster_id, guidance.starts_at)
        for contribution in self.contributions:
            if contribution.cluster_id != cluster_id or contribution.archived_at:
                continue
            if contribution.stage in ("delivered", "adopted"):
                yield contribution.partner_id, contribution.delivered_on

    @staticmethod
    def _spoke(invitation: m.Invitation) -> bool:
        """Nobody kept the list, and they were to speak."""
        is_known = invitation.attended is not None
        stayed_away = invitation.answer == "declined" or invitation.uninvited_at is not None
        return invitation.role == "speaker" and not is_known and not stayed_away

    def _employer(self, affiliation_id: int) -> int:
        partner_id: int = self.affiliations[affiliation_id].partner_id
        return partner_id

    def _day(self, cluster_id: int, instant: datetime) -> date:
        return instant.astimezone(ZoneInfo(self.clusters[cluster_id].timezone)).date()
