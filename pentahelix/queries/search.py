"""One search over all nouns: a few hits of each, the best first, in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from math import inf
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Date,
    Select,
    String,
    and_,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from pentahelix import models as m
from pentahelix.columns import UtcDateTime
from pentahelix.extensions import db
from pentahelix.prepared import prepared
from pentahelix.queries.page import Page, paginate
from pentahelix.queries.words import ELSEWHERE, Words, ranked, words_of
from pentahelix.scope import live
from pentahelix.search_index import noun

#: Of each noun so many hits are shown; its own list has the rest.
SHOWN = 5

#: What a hit tells beside its title, by the type of its column.
FACTS: Mapping[str, Any] = {
    "word": String(),
    "about": String(),
    "where": String(),
    "day": Date(),
    "moment": UtcDateTime(),
    "zone": String(),
}


@dataclass(frozen=True)
class Hit:
    """A record that was found. What its noun does not tell is None."""

    noun: str
    id: int
    title: str
    #: how well it was found (`words.ranked`); less is better
    place: int
    #: its helix, kind, status or stage, as stored
    word: str | None
    #: whom or what it belongs to
    about: str | None
    #: an area code, a place or a cluster
    where: str | None
    day: date | None
    moment: datetime | None
    zone: str | None

    @property
    def by_name(self) -> bool:
        """Found by what it is called, not by what is written in it."""
        return self.place < ELSEWHERE


@dataclass(frozen=True)
class Group:
    """The best hits of one noun, and how many there are in all."""

    noun: str
    hits: Sequence[Hit]
    total: int


@dataclass(frozen=True)
class _Noun:
    """How records of one kind are shown: their title, their facts, and what these are joined from."""

    entity: Any
    title: Any
    facts: Mapping[str, Any]
    joins: Sequence[tuple[Any, ColumnElement[bool]]] = field(default_factory=tuple)
    only: Sequence[ColumnElement[bool]] = field(default_factory=tuple)


def _cluster_of(entity: Any) -> tuple[Any, ColumnElement[bool]]:
    return m.Cluster, m.Cluster.id == entity.cluster_id


def _seat(column: Any) -> Any:
    """What the place says at which a contact works today, the primary one first."""
    return (
        select(column)
        .select_from(m.Affiliation)
        .join(m.Partner, m.Partner.id == m.Affiliation.partner_id)
        .where(m.Affiliation.contact_id == m.Contact.id, m.Affiliation.ends.is_(None))
        .order_by(m.Affiliation.is_primary.desc(), m.Affiliation.id)
        .limit(1)
        .correlate(m.Contact)
        .scalar_subquery()
    )


#: In the order in which the page shows them, among those that are found equally well.
NOUNS: Sequence[_Noun] = (
    _Noun(
        m.Partner,
        m.Partner.name,
        {"word": m.Partner.helix, "about": m.Partner.area, "where": m.Partner.area_code},
    ),
    _Noun(
        m.Contact,
        m.Contact.name,
        {"word": m.Contact.basis, "about": _seat(m.Affiliation.position), "where": _seat(m.Partner.name)},
        only=[m.Contact.erased_at.is_(None)],
    ),
    _Noun(m.Cluster, m.Cluster.name, {"where": m.Cluster.regency}),
    _Noun(
        m.School,
        m.School.name,
        {"about": m.School.district, "where": m.Cluster.short_name},
        [_cluster_of(m.School)],
    ),
    _Noun(
        m.Product,
        m.Product.name,
        {"word": m.Product.stage, "where": m.Cluster.short_name},
        [_cluster_of(m.Product)],
    ),
    _Noun(
        m.Meeting,
        m.Meeting.title,
        {
            "word": m.Meeting.status,
            "moment": m.Meeting.starts_at,
            "zone": m.Cluster.timezone,
            "where": m.Cluster.short_name,
        },
        [_cluster_of(m.Meeting)],
    ),
    _Noun(
        m.FollowUp,
        m.FollowUp.title,
        {
            "word": m.FollowUp.status,
            "day": m.FollowUp.due_on,
            "about": m.User.name,
            "where": m.Cluster.short_name,
            "zone": m.Cluster.timezone,
        },
        [_cluster_of(m.FollowUp), (m.User, m.User.id == m.FollowUp.owner_user_id)],
    ),
    _Noun(
        m.Agreement,
        m.Agreement.title,
        {
            "word": m.Agreement.status,
            "about": func.coalesce(m.Agreement.number_first, m.Agreement.number_second),
            "day": m.Agreement.ends_on,
        },
    ),
    _Noun(
        m.GuidanceSession,
        m.GuidanceSession.topic,
        {
            "word": m.GuidanceSession.status,
            "moment": m.GuidanceSession.starts_at,
            "zone": m.Cluster.timezone,
            "where": m.Cluster.short_name,
        },
        [_cluster_of(m.GuidanceSession)],
    ),
    _Noun(
        m.Contribution,
        m.Contribution.title,
        {"word": m.Contribution.stage, "about": m.Partner.name, "where": m.Cluster.short_name},
        [_cluster_of(m.Contribution), (m.Partner, m.Partner.id == m.Contribution.partner_id)],
    ),
)


def find(typed: str) -> list[Group]:
    """What holds every word of `typed` and is in scope, archived rows aside; best found nouns first."""
    words = words_of(typed)
    if words is None:
        return []
    rows: dict[str, list[Any]] = {}
    for row in db.session.execute(*_best(typed, words)):
        rows.setdefault(row.noun, []).append(row)
    # Sorting keeps the order of NOUNS where two are found equally well.
    groups = [_group(rows[word]) for each in NOUNS if (word := noun(each.entity)) in rows]
    return sorted(groups, key=lambda group: group.hits[0].place)


@prepared
def _best(typed: str, words: Words) -> CompoundSelect[Any]:
    found = ranked(typed, words)
    return union_all(*(select(_hits(each, found).limit(SHOWN).subquery()) for each in NOUNS))


def page_of(word: str, typed: str, number: int) -> Page:
    """Page `number` of all hits of one noun."""
    words = words_of(typed)
    if words is None:
        return Page([], 1, 0)
    entity = next(each.entity for each in NOUNS if noun(each.entity) == word)
    page = paginate(_all(entity, typed, words), number, scalars=False)
    return replace(page, items=[_hit(row) for row in page.items])


@prepared
def _all(entity: Any, typed: str, words: Words) -> Select[Any]:
    return _hits(next(each for each in NOUNS if each.entity is entity), ranked(typed, words))


def _hits(each: _Noun, found: CTE) -> Select[Any]:
    """The hits of one noun, the best first, each with the number of all.

    Of those that are found equally well, what has a day goes by it, the latest first: a name that is in a
    hundred meetings finds the last of them.
    """
    entity: Any = each.entity
    day = each.facts.get("moment", each.facts.get("day"))
    statement: Select[Any] = (
        select(
            entity.id.label("id"),
            literal(noun(entity), String()).label("noun"),
            cast(each.title, String()).label("title"),
            found.c.place,
            found.c.rank,
            func.count().over().label("total"),
            *(_fact(each.facts.get(name), kind).label(name) for name, kind in FACTS.items()),
        )
        .select_from(found)
        .join(entity, and_(entity.id == found.c.object_id, found.c.noun == noun(entity)))
        .where(live(entity), *each.only)
        .order_by(
            found.c.place, *([day.desc().nulls_last()] if day is not None else []), found.c.rank, entity.id
        )
    )
    for target, condition in each.joins:
        statement = statement.join(target, condition)
    return statement


def _fact(column: Any, kind: Any) -> Any:
    if column is None:
        return cast(null(), kind)
    return cast(column, kind) if isinstance(kind, String) else column


def _group(rows: list[Any]) -> Group:
    rows.sort(key=_order)
    return Group(rows[0].noun, [_hit(row) for row in rows], rows[0].total)


def _order(row: Any) -> tuple[Any, ...]:
    """As the statement has it; the parts of a union come in no order."""
    age = -row.moment.timestamp() if row.moment else -row.day.toordinal() if row.day else inf
    return row.place, age, row.rank, row.id


def _hit(row: Any) -> Hit:
    return Hit(row.noun, row.id, row.title, row.place, *(getattr(row, name) for name in FACTS))
