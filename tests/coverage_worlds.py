"""Small worlds drawn at random for the coverage matrix: every day in them stands at an edge of the rule."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from sqlalchemy.orm import Session

from pentahelix import models as m

LONG_AGO = datetime.fromisoformat("2026-01-01T00:00+07:00")
NUMBERED = {"version": 1}

#: Days of the province's three thresholds: agreements end, follow-ups are late, activities are recent.
THRESHOLDS = [(30, 7, 90), (10, 0, 3)]

ZONES = ["Asia/Jakarta", "Asia/Jayapura"]
CLOCKS = [time(0, 0), time(1, 30), time(12, 0), time(23, 59)]
HELICES = ["industry", "media"]


@dataclass
class World:
    """Rows by their tables, in the order in which they are written."""

    day: date
    thresholds: tuple[int, int, int]
    rows: dict[Any, list[dict[str, Any]]] = field(default_factory=dict)
    #: clusters and partners between which something was signed
    signed: list[tuple[int, int]] = field(default_factory=list)

    def add(self, entity: Any, **values: Any) -> int:
        rows = self.rows.setdefault(entity, [])
        rows.append({"id": len(rows) + 1} | values)
        return len(rows)

    def write(self, session: Session) -> None:
        for entity, rows in self.rows.items():
            session.execute(entity.__table__.insert(), rows)

    def days(self, number: int) -> date:
        return self.day + timedelta(days=number)


def worlds(day: date) -> st.SearchStrategy[World]:
    """By a die, so that every edge is as likely as another; drawn choice by choice, most cells were empty."""
    return st.randoms(use_true_random=True).map(lambda dice: _drawn(dice, day))


def _some(dice: Random, choices: Sequence[Any]) -> list[Any]:
    return dice.sample(choices, dice.choice([0, 1, 1, 2]))


def _pair(dice: Random, world: World, clusters: list[int], partners: list[int]) -> tuple[int, int]:
    """A cluster and a partner, mostly such that what they do together may change a state."""
    if world.signed and dice.random() < 0.8:
        return dice.choice(world.signed)
    return dice.choice(clusters), dice.choice(partners)


def _rarely(dice: Random, how_often: float = 0.15) -> datetime | None:
    """When it was archived or taken back, if it was."""
    return LONG_AGO if dice.random() < how_often else None


def _drawn(dice: Random, day: date) -> World:
    world = World(day, dice.choice(THRESHOLDS))
    _settings(world)
    clusters = _clusters(dice, world)
    partners = _partners(dice, world)
    _involvements(dice, world, clusters, partners)
    _agreements(dice, world, clusters, partners)
    _meetings(dice, world, clusters, partners)
    _sessions(dice, world, clusters, partners)
    _contributions(dice, world, clusters, partners)
    _follow_ups(dice, world, clusters, partners)
    return world


def _settings(world: World) -> None:
    for key, value in zip(("at_risk_days", "late_days", "alive_days"), world.thresholds, strict=True):
        world.add(m.Setting, key=key, value=value, **NUMBERED)


def _clusters(dice: Random, world: World) -> list[int]:
    for number in range(4):
        name = f"Klaster {number}"
        cluster_id = world.add(
            m.Cluster,
            name=name,
            sort_name=name,
            short_name=name,
            regency="36.02",
            begins=dice.choice([world.days(-400), world.days(-300)]),
            timezone=dice.choice(ZONES),
            archived_at=_rarely(dice),
            **NUMBERED,
        )
        world.add(
            m.School,
            cluster_id=cluster_id,
            name="SMKN 1",
            sort_name="smkn 1",
            archived_at=_rarely(dice),
            **NUMBERED,
        )
    return [row["id"] for row in world.rows[m.Cluster]]


def _partners(dice: Random, world: World) -> list[int]:
    """Each with one person, whose affiliation has the same id."""
    world.add(m.User, role="coordinator", name="Lilis", sort_name="lilis", **NUMBERED)
    for number in range(6):
        name = f"Mitra {number}"
        partner_id = world.add(
            m.Partner,
            name=name,
            sort_name=name,
            helix=dice.choice(HELICES),
            archived_at=_rarely(dice),
            **NUMBERED,
        )
        contact_id = world.add(m.Contact, name=name, sort_name=name, archived_at=_rarely(dice), **NUMBERED)
        world.add(m.Affiliation, contact_id=contact_id, partner_id=partner_id, **NUMBERED)
    return [row["id"] for row in world.rows[m.Partner]]


def _involvements(dice: Random, world: World, clusters: list[int], partners: list[int]) -> None:
    for cluster_id in clusters:
        for partner_id in partners:
            since = dice.choice([-400, -400, -400, -1, 0, 1, None])
            if since is None:
                continue
            ends = [None, None, None, *(number for number in (-1, 0, 1) if number >= since)]
            ended = dice.choice(ends)
            world.add(
                m.ClusterPartner,
                cluster_id=cluster_id,
                partner_id=partner_id,
                role=dice.choice(["partner", "prospect"]),
                since=world.days(since),
                ended_on=None if ended is None else world.days(ended),
            )


def _agreements(dice: Random, world: World, clusters: list[int], partners: list[int]) -> None:
    edge = world.thresholds[0]
    signed = ["signed", "signed", "signed", "renewed", "completed", "terminated"]
    unsigned = ["draft", "in_discussion", "legal_review", "awaiting_signature", "abandoned"]
    for number in range(8):
        status = dice.choice(signed * 3 + unsigned)
        starts = dice.choice([-400, -400, -400, 0, 1])
        ends = dice.choice([None, 500, 500, 500, *(end for end in (-1, 0, edge, edge + 1) if end >= starts)])
        dates: dict[str, Any] = {
            "signed_on": None,
            "starts_on": None,
            "ends_on": None,
            "is_open_ended": False,
        }
        if status in signed:
            dates = {
                "signed_on": world.days(-400),
                "starts_on": world.days(starts),
                "ends_on": None if ends is None else world.days(ends),
                "is_open_ended": ends is None,
            }
        agreement_id = world.add(
            m.Agreement,
            kind="pks",
            status=status,
            title=f"PKS {number}",
            renews_id=dice.choice([None, *range(1, number + 1)]),
            terminated_on=world.days(-1) if status == "terminated" else None,
            archived_at=_rarely(dice),
            **dates,
            **NUMBERED,
        )
        covered, parties = _some(dice, clusters), _some(dice, partners)
        if status in signed:
            world.signed += [(cluster_id, partner_id) for cluster_id in covered for partner_id in parties]
        for cluster_id in covered:
            world.add(m.AgreementCluster, agreement_id=agreement_id, cluster_id=cluster_id)
        for partner_id in [*parties, None]:
            world.add(
                m.AgreementParty,
                agreement_id=agreement_id,
                partner_id=partner_id,
                office=None if partner_id else "Dinas",
                side="second" if partner_id else "first",
                **NUMBERED,
            )


def _instant(dice: Random, world: World, cluster_id: int) -> datetime:
    """Near either end of what is recent, by the clocks of the cluster."""
    edge = -world.thresholds[2]
    day = world.days(dice.choice([edge - 1, edge, -1, 0, 1]))
    zone = world.rows[m.Cluster][cluster_id - 1]["timezone"]
    return datetime.combine(day, dice.choice(CLOCKS), ZoneInfo(zone))


def _meetings(dice: Random, world: World, clusters: list[int], partners: list[int]) -> None:
    for number in range(4):
        cluster_id, partner_id = _pair(dice, world, clusters, partners)
        starts_at = _instant(dice, world, cluster_id)
        meeting_id = world.add(
            m.Meeting,
            cluster_id=cluster_id,
            title=f"Rapat {number}",
            status=dice.choice(["held", "held", "held", "planned", "cancelled"]),
            starts_at=starts_at,
            received_at=starts_at,
            archived_at=_rarely(dice, 0.3),
            **NUMBERED,
        )
        present = dice.choice([[partner_id], [partner_id], _some(dice, partners)])
        for invited_id in {partner_id, *present}:
            world.add(m.MeetingPartner, meeting_id=meeting_id, partner_id=invited_id)
        for affiliation_id in [*present, None]:
            guest = None if affiliation_id else "Tamu"
            world.add(m.Attendance, meeting_id=meeting_id, affiliation_id=affiliation_id, guest_name=guest)


def _sessions(dice: Random, world: World, clusters: list[int], partners: list[int]) -> None:
    for number in range(4):
        cluster_id, partner_id = _pair(dice, world, clusters, partners)
        starts_at = _instant(dice, world, cluster_id)
        guidance_id = world.add(
            m.GuidanceSession,
            cluster_id=cluster_id,
            partner_id=partner_id,
            uid=UUID(int=number + 1),
            topic=f"Bimtek {number}",
            status=dice.choice(["held", "held", "held", "planned", "cancelled"]),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            archived_at=_rarely(dice, 0.3),
            **NUMBERED,
        )
        for affiliation_id in {partner_id, *_some(dice, partners)}:
            world.add(
                m.Invitation,
                guidance_id=guidance_id,
                affiliation_id=affiliation_id,
                role=dice.choice(["speaker", "participant"]),
                attended=dice.choice([True, False, None, None]),
                answer=dice.choice(["none", "attending", "declined"]),
                answered_at=LONG_AGO,
                invited_at=LONG_AGO,
                uninvited_at=_rarely(dice, 0.3),
                **NUMBERED,
            )


def _contributions(dice: Random, world: World, clusters: list[int], partners: list[int]) -> None:
    edge = -world.thresholds[2]
    for number in range(4):
        stage = dice.choice(["delivered", "delivered", "adopted", "in_progress", "dropped"])
        cluster_id, partner_id = _pair(dice, world, clusters, partners)
        world.add(
            m.Contribution,
            cluster_id=cluster_id,
            partner_id=partner_id,
            kind="guest_teacher",
            form="in_kind",
            title=f"Guru tamu {number}",
            stage=stage,
            stage_reason="Batal" if stage == "dropped" else None,
            delivered_on=world.days(dice.choice([edge - 1, edge, 0, 1])),
            archived_at=_rarely(dice, 0.3),
            **NUMBERED,
        )


def _follow_ups(dice: Random, world: World, clusters: list[int], partners: list[int]) -> None:
    edge = -world.thresholds[1]
    for number in range(4):
        status = dice.choice(["not_started", "not_started", "in_progress", "done", "cancelled"])
        cluster_id, partner_id = _pair(dice, world, clusters, partners)
        world.add(
            m.FollowUp,
            cluster_id=cluster_id,
            partner_id=dice.choice([partner_id, partner_id, None]),
            owner_user_id=1,
            source_kind="none",
            title=f"Tindak lanjut {number}",
            due_on=world.days(dice.choice([edge - 1, edge - 1, edge, 5])),
            status=status,
            completed_on=world.day if status == "done" else None,
            archived_at=_rarely(dice, 0.3),
            **NUMBERED,
        )
