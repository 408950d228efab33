"""Who and which school is wanted elsewhere at the same hour; it warns and never blocks.

This sees across clusters. Of a session outside those of whoever asks it reveals the hours and nothing else,
and only about people and schools that they see anyway.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CompoundSelect, Select, String, and_, cast, literal, select, union_all

from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    Cluster,
    Contact,
    GuidanceSchool,
    GuidanceSession,
    Invitation,
    School,
)
from pentahelix.prepared import prepared
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
    names: dict[str, dict[int, str]] = {"contact": {}, "school": {}, "zone": {}}
    # Read in the asker's scope: an id that they made up names nobody.
    asked = _named(cluster_id, tuple(affiliation_ids), tuple(school_ids))
    for kind, number, name in db.session.execute(*asked):
        names[kind][number] = name
    zone, people, schools = names["zone"][cluster_id], names["contact"], names["school"]
    return of_these(zone, starts_at, ends_at, people, schools, but=but)


def of_these(
    zone: str,
    starts_at: datetime,
    ends_at: datetime,
    people: Mapping[int, str],
    schools: Mapping[int, str],
    *,
    but: int | None = None,
) -> list[Clash]:
    """The same of contacts and schools whose names the asker has read; one statement."""
    scope = db.session().info.get(SCOPE)
    asked = _elsewhere(starts_at, ends_at, but or 0, tuple(people), tuple(schools))
    with everything() as session:
        rows = session.execute(*asked).all() if people or schools else []
    found: dict[tuple[str, int, int], Clash] = {}
    for kind, who, guidance_id, cluster_id, topic, begins, ends in rows:
        told = not isinstance(scope, Clusters) or cluster_id in scope.ids
        found[kind, who, guidance_id] = Clash(
            kind,
            (people if kind == "contact" else schools)[who],
            begins,
            ends,
            zone,
            topic if told else None,
            guidance_id if told else None,
        )
    return sorted(found.values(), key=lambda clash: (clash.starts_at, clash.kind, clash.name))


@prepared
def _named(
    cluster_id: int, affiliation_ids: tuple[int, ...], school_ids: tuple[int, ...]
) -> CompoundSelect[Any]:
    """What people and schools are called, and in which zone the cluster lies: of what, its id, the text."""

    def of(kind: str, number: Any, text: Any) -> Select[Any]:
        return select(literal(kind, String), number, cast(text, String))

    return union_all(
        of("contact", Contact.id, Contact.name)
        .join(Affiliation, Affiliation.contact_id == Contact.id)
        .where(Affiliation.id.in_(affiliation_ids)),
        of("school", School.id, School.name).where(School.id.in_(school_ids)),
        of("zone", Cluster.id, Cluster.timezone).where(Cluster.id == cluster_id),
    )


@prepared
def _elsewhere(
    starts_at: datetime, ends_at: datetime, but: int, people: tuple[int, ...], schools: tuple[int, ...]
) -> CompoundSelect[Any]:
    """Over all clusters: whom and which school of these the sessions of that time have."""
    session = (
        GuidanceSession.id,
        GuidanceSession.cluster_id,
        GuidanceSession.topic,
        GuidanceSession.starts_at,
        GuidanceSession.ends_at,
    )
    then = and_(
        GuidanceSession.status == GuidanceStatus.PLANNED,
        live(GuidanceSession),
        GuidanceSession.starts_at < ends_at,
        GuidanceSession.ends_at > starts_at,
        GuidanceSession.id != but,
    )
    invited = (
        select(literal("contact", String), Affiliation.contact_id, *session)
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
        select(literal("school", String), GuidanceSchool.school_id, *session)
        .join(GuidanceSchool.guidance)
        .where(then, GuidanceSchool.school_id.in_(schools))
    )
    return union_all(invited, taking_part)
