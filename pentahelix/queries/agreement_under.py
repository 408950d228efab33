"""What names an agreement: follow-ups, contributions, sessions and meetings, read in one statement."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CompoundSelect, Date, Select, String, cast, literal, null, select, union_all

from pentahelix import clock
from pentahelix.columns import UtcDateTime
from pentahelix.extensions import db
from pentahelix.models import Cluster, Contribution, FollowUp, GuidanceSession, Meeting, Partner, User
from pentahelix.prepared import prepared
from pentahelix.scope import live
from pentahelix.vocabulary import (
    OPEN_FOLLOW_UPS,
    ContributionStage,
    FollowUpStatus,
    GuidanceStatus,
    MeetingStatus,
    Word,
)

#: How many sessions, meetings, contributions and follow-ups its page shows, the latest of each.
SHOWN = 20


class Under(StrEnum):
    FOLLOW_UP = "follow_up"
    CONTRIBUTION = "contribution"
    GUIDANCE = "guidance"
    MEETING = "meeting"


WORDS: dict[Under, type[Word]] = {
    Under.FOLLOW_UP: FollowUpStatus,
    Under.CONTRIBUTION: ContributionStage,
    Under.GUIDANCE: GuidanceStatus,
    Under.MEETING: MeetingStatus,
}


@dataclass(frozen=True)
class Line:
    """Something that names the agreement; `day` or `at` is when, `who` the owner or the giver."""

    noun: Under
    id: int
    title: str
    word: Word
    day: date | None
    at: datetime | None
    zone: str
    who: str | None

    @property
    def is_open(self) -> bool:
        return self.word in OPEN_FOLLOW_UPS


def under_of(agreement_id: int) -> dict[Under, list[Line]]:
    """The latest of each kind that names it, in one statement."""
    lines: dict[Under, list[Line]] = {noun: [] for noun in Under}
    for noun, number, title, word, day, at, zone, who in db.session.execute(*_latest(agreement_id)):
        kind = Under(noun)
        lines[kind].append(Line(kind, number, title, WORDS[kind](word), day, at, zone, who))
    lines[Under.FOLLOW_UP].sort(key=lambda line: (not line.is_open, line.day or date.max, line.id))
    for kind in (Under.GUIDANCE, Under.MEETING):
        lines[kind].sort(key=lambda line: (line.at or clock.now(), line.id), reverse=True)
    return lines


@prepared
def _latest(agreement_id: int) -> CompoundSelect[Any]:
    parts = (
        _part(Under.FOLLOW_UP, FollowUp, FollowUp.title, FollowUp.status, day=FollowUp.due_on, who=User.name)
        .join(User, User.id == FollowUp.owner_user_id),
        _part(
            Under.CONTRIBUTION, Contribution, Contribution.title, Contribution.stage,
            day=Contribution.delivered_on, who=Partner.name,
        ).outerjoin(Partner, Partner.id == Contribution.partner_id),
        _part(
            Under.GUIDANCE, GuidanceSession, GuidanceSession.topic, GuidanceSession.status,
            at=GuidanceSession.starts_at,
        ),
        _part(Under.MEETING, Meeting, Meeting.title, Meeting.status, at=Meeting.starts_at),
    )  # fmt: skip
    entities: tuple[Any, ...] = (FollowUp, Contribution, GuidanceSession, Meeting)
    chosen: list[Any] = [
        select(
            part.where(entity.agreement_id == agreement_id, live(entity))
            .order_by(entity.id.desc())
            .limit(SHOWN)
            .subquery()
        )
        for part, entity in zip(parts, entities, strict=True)
    ]
    return union_all(*chosen)


def _part(
    noun: Under, entity: Any, title: Any, word: Any, *, day: Any = None, at: Any = None, who: Any = None
) -> Select[Any]:
    return select(
        literal(noun.value, String).label("noun"),
        entity.id.label("id"),
        title.label("title"),
        cast(word, String).label("word"),
        (cast(null(), Date) if day is None else day).label("day"),
        (cast(null(), UtcDateTime) if at is None else at).label("at"),
        Cluster.timezone.label("zone"),
        (cast(null(), String) if who is None else who).label("who"),
    ).join(Cluster, Cluster.id == entity.cluster_id)
