"""Who and which school is wanted elsewhere at the same hour; it warns and never blocks.

This sees across clusters. Of a session outside those of whoever asks it reveals the hours and nothing else,
and only about people and schools that they see anyway.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Select, and_, select

from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    Contact,
    GuidanceSchool,
    GuidanceSession,
    Invitation,
    School,
)
from pentahelix.queries.days import zone_of
from pentahelix.scope import SCOPE, Clusters, everything, live
from pentahelix.vocabulary import Answer, GuidanceStatus


@dataclass(frozen=True)
class Clash:
    """Somebody or a school in another session; what it is is told inside the asker's clusters only."""

    kind: Literal["contact", "school"]
    #: of the person or the school
    name: str
    starts_at: datetime
    ends_at: datetime
    #: of the cluster for which it was asked
    zone: str
    title: str | None = None
    guidance_id: int | None = None
    meeting_id: int | None = None


def find(
    cluster_id: int,
    starts_at: datetime,
    ends_at: datetime,
    affiliation_ids: Iterable[int],
    school_ids: Iterable[int],
    *,
    but: int | None = None,
) -> list[Clash]:
    """What stands in the way of a session of the cluster at that time, in order of the hours.

    A person counts as one wherever they are employed. One session right after another is no clash. `but` is
    the session that it is asked for.
    """
    zone = zone_of(cluster_id)
    # Read in the asker's scope: an id that they made up names nobody.
    people = _named(
        select(Contact.id, Contact.name)
        .join(Affiliation, Affiliation.contact_id == Contact.id)
        .where(Affiliation.id.in_(affiliation_ids))
    )
    schools = _named(select(School.id, School.name).where(School.id.in_(school_ids)))
    scope = db.session().info.get(SCOPE)

    def sees(guidance: GuidanceSession) -> bool:
        return not isinstance(scope, Clusters) or guidance.cluster_id in scope.ids

    then = and_(
        GuidanceSession.status == GuidanceStatus.PLANNED,
        live(GuidanceSession),
        GuidanceSession.starts_at < ends_at,
        GuidanceSession.ends_at > starts_at,
        GuidanceSession.id != (but or 0),
    )
    found: dict[tuple[str, int, int], Clash] = {}
    for kind, who, name, guidance in _elsewhere(then, people, schools):
        told = sees(guidance)
        found[kind, who, guidance.id] = Clash(
            kind,
            name,
            guidance.starts_at,
            guidance.ends_at,
            zone,
            guidance.topic if told else None,
            guidance.id if told else None,
        )
    return sorted(found.values(), key=lambda clash: (clash.starts_at, clash.kind, clash.name))


def _named(found: Select[int, str]) -> dict[int, str]:
    return {number: name for number, name in db.session.execute(found)}  # noqa: C416


def _elsewhere(
    then: ColumnElement[bool], people: dict[int, str], schools: dict[int, str]
) -> Iterator[tuple[Literal["contact", "school"], int, str, GuidanceSession]]:
    """Over all clusters: whom and which school of these the sessions of `then` have."""
    invited = (
        select(Affiliation.contact_id, GuidanceSession)
        .select_from(Invitation)
        .join(Invitation.affiliation)
        .join(Invitation.guidance)
        .where(
            then,
            Affiliation.contact_id.in_(people),
            Invitation.uninvited_at.is_(None),
            Invitation.answer != Answer.DECLINED,
        )
    )
    taking_part = (
        select(GuidanceSchool.school_id, GuidanceSession)
        .join(GuidanceSchool.guidance)
        .where(then, GuidanceSchool.school_id.in_(schools))
    )
    with everything() as session:
        for contact_id, guidance in session.execute(invited):
            yield "contact", contact_id, people[contact_id], guidance
        for school_id, guidance in session.execute(taking_part):
            yield "school", school_id, schools[school_id], guidance
