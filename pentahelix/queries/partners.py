"""The list of partners: who they are, when one last spoke, what comes next, what binds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import (
    Cluster,
    ClusterPartner,
    Contact,
    Partner,
    PartnerTag,
    Tag,
)
from pentahelix.paths import table
from pentahelix.prepared import prepared
from pentahelix.queries.page import REACH, SIZE, Page, within
from pentahelix.queries.partner_lines import (
    CONTACT,
    PartnerRow,
    clusters_of,
    line,
    lines_of,
    tags_of,
)
from pentahelix.queries.partner_list import (
    Filters,
    Sort,
    Status,
    in_cluster,
    involved_today,
    listed_by,
    of_helix,
    of_status,
    order_of,
)
from pentahelix.queries.words import matching
from pentahelix.scope import live
from pentahelix.services import settings
from pentahelix.sorting import sort_key
from pentahelix.vocabulary import (
    Helix,
    Regency,
)

__all__ = ["Filters", "Sort", "Status"]


class SheetRow(NamedTuple):
    """A line with all that is known of the partner and of the contact, and its tags in one text."""

    line: PartnerRow
    partner: Partner
    contact: Contact | None
    #: by their short names
    clusters: str | None
    tags: str | None


@dataclass(frozen=True)
class Facets:
    """How many rows each press of a chip would show, and what else can be chosen."""

    found: int
    everybody: int
    attention: int
    helices: dict[Helix, int]
    tags: dict[str, int]
    #: id and short name
    clusters: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class PartnerList:
    page: Page
    facets: Facets


@dataclass(frozen=True)
class PartnerChoice:
    """One line of a picker."""

    id: int
    name: str
    helix: Helix
    area: str | None
    regency: Regency | None


def index(filters: Filters, number: int) -> PartnerList:
    """Page `number` of the list with the counts of its chips; too high a number shows the last page.

    Two statements, and a third where the number was too high.
    """
    province = settings.province()
    number = within(number, REACH)
    rows = _page(filters, province.cold_days, number)
    found = rows[0].found
    total = min(found, REACH)
    if number != within(number, total):
        number = within(number, total)
        rows = _page(filters, province.cold_days, number)
    today = clock.today()
    lines = [line(row, today, province.ending_days) for row in rows if row.id is not None]
    return PartnerList(Page(lines, number, total, found <= REACH), _facets(rows[0]))


def everyone(filters: Filters) -> list[SheetRow]:
    """All rows of the list, for a spreadsheet: read in one statement, so that none comes twice."""
    province, today = settings.province(), clock.today()
    return [
        SheetRow(
            line(row, today, province.ending_days),
            row.whole_partner,
            row.whole_contact,
            row.clusters,
            row.tags,
        )
        for row in db.session.execute(*_all(filters, province.cold_days))
    ]


def suggest(typed: str, limit: int = 10, cluster_id: int | None = None) -> list[PartnerChoice]:
    """Partners of today by the beginnings of words, those called so first; none where nothing is typed."""
    begins = Partner.sort_name.startswith(sort_key(typed), autoescape=True)
    involved = (
        select(ClusterPartner.partner_id)
        .join(Cluster)
        .where(involved_today(), in_cluster(cluster_id, ClusterPartner.cluster_id))
    )
    rows = db.session.scalars(
        select(Partner)
        .where(matching(Partner, typed), live(Partner), Partner.id.in_(involved))
        .order_by(case((begins, 0), else_=1), Partner.sort_name, Partner.id)
        .limit(limit)
    )
    return [PartnerChoice(row.id, row.name, row.helix, row.area, row.regency) for row in rows]


# ── the counts of the chips, and what else can be chosen ────────────────────────────────────────────────────


def _counts(listed: CTE, filters: Filters) -> CTE:
    """Of all that is listed, in one row."""
    helix, status = of_helix(listed, filters.helix), of_status(listed, filters.status)

    def count(name: str, *criteria: ColumnElement[bool]) -> Any:
        return func.count(case((and_(*criteria), 1))).label(name)

    return select(
        count("found", helix, status),
        count("everybody", of_status(listed, None)),
        count("attention", helix, of_status(listed, Status.ATTENTION)),
        *(count(of_them.value, status, listed.c.helix == of_them) for of_them in Helix),
    ).cte("counts")


def _facets(counted: Any) -> Facets:
    choices = db.session.execute(*_choices()).all()
    tags = {name: number for key, name, number in choices if key is None}
    return Facets(
        found=counted.found,
        everybody=counted.everybody,
        attention=counted.attention,
        helices={helix: getattr(counted, helix.value) for helix in Helix},
        tags=dict(sorted(tags.items())),
        clusters=_by_name(tuple((key, name) for key, name, _number in choices if key is not None)),
    )


@prepared
def _choices() -> CompoundSelect[Any]:
    """Each tag with how many partners bear it, and each cluster with its id."""
    tag = table(Tag)
    return union_all(
        select(cast(null(), Integer).label("id"), tag.c.name, func.count())
        .select_from(PartnerTag)
        .join(tag, tag.c.id == PartnerTag.tag_id)
        .group_by(tag.c.name),
        select(Cluster.id, Cluster.short_name, literal(0)).where(live(Cluster)),
    )


@lru_cache(100)
def _by_name(clusters: tuple[tuple[int, str], ...]) -> tuple[tuple[int, str], ...]:
    return tuple(sorted(clusters, key=lambda cluster: sort_key(cluster[1])))


# ── the rows ────────────────────────────────────────────────────────────────────────────────────────────────


def _page(filters: Filters, cold_days: int, number: int) -> Sequence[Any]:
    return db.session.execute(*_some(filters, cold_days, SIZE, (number - 1) * SIZE)).all()


@prepared
def _some(filters: Filters, cold_days: int, limit: int, offset: int) -> Select[Any]:
    """The counts of the chips, beside each row of one page; one row without a partner, if there is no other.

    Who is listed is found once for both. The rows of the page are chosen first; the rest is looked up for
    these alone.
    """
    listed = listed_by(filters, cold_days)
    counts = _counts(listed, filters)
    wanted = _wanted(listed, filters).limit(limit).offset(offset).subquery("wanted")
    lines = lines_of(counts.outerjoin(wanted, true()), wanted, filters)
    return lines.add_columns(*counts.c)


@prepared
def _all(filters: Filters, cold_days: int) -> Select[Any]:
    wanted = _wanted(listed_by(filters, cold_days), filters).subquery("wanted")
    partner, contact = aliased(Partner, name="whole_partner"), aliased(Contact, name="whole_contact")
    return (
        lines_of(wanted, wanted, filters)
        .join(partner, partner.id == wanted.c.id)
        .outerjoin(contact, contact.id == CONTACT.c.id)
        .add_columns(
            partner,
            contact,
            clusters_of(partner.id).label("clusters"),
            tags_of(partner.id).label("tags"),
        )
    )


def _wanted(listed: CTE, filters: Filters) -> Select[Any]:
    return (
        select(listed)
        .where(of_helix(listed, filters.helix), of_status(listed, filters.status))
        .order_by(*order_of(listed, filters.sort))
    )
