"""The list of contributions, and what they add up to: by form, never across forms."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, exists, extract, func, or_, select
from sqlalchemy.orm import aliased

from pentahelix.extensions import db
from pentahelix.models import Cluster, Contribution, Document, Partner, Product
from pentahelix.prepared import prepared
from pentahelix.queries.page import Order, Page, Rows, paginate
from pentahelix.queries.words import found, matching
from pentahelix.scope import live
from pentahelix.vocabulary import (
    GIVEN_CONTRIBUTIONS,
    ContributionForm,
    ContributionKind,
    ContributionStage,
    DocumentKind,
    Helix,
)


class Proof(StrEnum):
    """What is asked of those that were delivered."""

    PROVEN = "proven"
    BARE = "bare"


class By(StrEnum):
    """What the totals are told by."""

    CLUSTER = "cluster"
    HELIX = "helix"
    KIND = "kind"
    YEAR = "year"


@dataclass(frozen=True)
class Filters:
    """Which contributions a list shows; archived ones alone or not at all. `year` is that of the delivery."""

    typed: str = ""
    cluster_id: int | None = None
    helix: Helix | None = None
    kind: ContributionKind | None = None
    form: ContributionForm | None = None
    stage: ContributionStage | None = None
    year: int | None = None
    partner_id: int | None = None
    product_id: int | None = None
    proof: Proof | None = None
    archived: bool = False

    @property
    def is_narrowed(self) -> bool:
        return self != Filters()


@dataclass(frozen=True)
class ContributionRow:
    contribution: Contribution
    partner: Partner
    cluster: Cluster
    product: Product | None
    has_evidence: bool

    @property
    def is_bare(self) -> bool:
        """Delivered, and nothing shows it."""
        return self.contribution.is_given and not self.has_evidence


def has_evidence() -> ColumnElement[bool]:
    """Some document of that kind whose newest version is not archived."""
    newer = aliased(Document)
    return exists().where(
        Document.contribution_id == Contribution.id,
        Document.kind == DocumentKind.EVIDENCE,
        live(Document),
        ~exists().where(newer.replaces_id == Document.id),
    )


_given = Contribution.stage.in_(GIVEN_CONTRIBUTIONS)
_proven = and_(
    _given, Contribution.giver_confirmed_at.is_not(None), Contribution.school_confirmed_at.is_not(None)
)

_stage = case({stage: place for place, stage in enumerate(ContributionStage)}, value=Contribution.stage)

#: Name of an order → its keys; the id comes last. Whatever is empty stands at the end.
SORTS: Mapping[str, Order] = {
    "when": (Contribution.delivered_on.asc().nulls_last(),),
    "-when": (Contribution.delivered_on.desc().nulls_last(),),
    "title": (func.lower(Contribution.title).asc(),),
    "-title": (func.lower(Contribution.title).desc(),),
    "partner": (Partner.sort_name.asc(), Contribution.delivered_on.desc().nulls_last()),
    "-partner": (Partner.sort_name.desc(), Contribution.delivered_on.desc().nulls_last()),
    "value": (Contribution.value.asc().nulls_last(),),
    "-value": (Contribution.value.desc().nulls_last(),),
    "stage": (_stage.asc(), Contribution.delivered_on.desc().nulls_last()),
    "-stage": (_stage.desc(), Contribution.delivered_on.desc().nulls_last()),
}


def index(filters: Filters, sort: str, number: int) -> Page:
    """One page of contributions, as ContributionRows; two statements."""
    page = paginate(_sorted(filters, SORTS[sort]), number, scalars=False)
    return replace(page, items=[ContributionRow(*row) for row in page.items])


def export(filters: Filters, sort: str) -> list[ContributionRow]:
    """The whole list, in one statement."""
    return [ContributionRow(*row) for row in db.session.execute(*_sorted(filters, SORTS[sort]))]


@prepared
def _sorted(filters: Filters, order: Order) -> Rows:
    rows = (
        select(Contribution, Partner, Cluster, Product, has_evidence())
        .join(Partner, Partner.id == Contribution.partner_id)
        .join(Cluster, Cluster.id == Contribution.cluster_id)
        .outerjoin(Product, Product.id == Contribution.product_id)
        .where(*_beyond_totals(filters), *_within_totals(filters))
    )
    return rows.order_by(*order, Contribution.id.desc())


def _year() -> ColumnElement[int]:
    return extract("year", Contribution.delivered_on).cast(Integer)


def _within_totals(filters: Filters) -> list[ColumnElement[bool]]:
    """What the totals are told by: `_wants` says the same of them."""
    wanted: dict[Any, Any] = {
        Contribution.cluster_id: filters.cluster_id,
        Partner.helix: filters.helix,
        Contribution.kind: filters.kind,
        Contribution.form: filters.form,
        Contribution.stage: filters.stage,
        _year(): filters.year,
    }
    return [column == value for column, value in wanted.items() if value is not None]


def _beyond_totals(filters: Filters) -> list[ColumnElement[bool]]:
    criteria = [~live(Contribution) if filters.archived else live(Contribution)]
    if filters.typed:
        by_giver = Contribution.partner_id.in_(found(Partner, filters.typed))
        criteria.append(or_(matching(Contribution, filters.typed), by_giver))
    if filters.partner_id is not None:
        criteria.append(Contribution.partner_id == filters.partner_id)
    if filters.product_id is not None:
        criteria.append(Contribution.product_id == filters.product_id)
    if filters.proof is not None:
        criteria.append(_proven if filters.proof is Proof.PROVEN else and_(_given, ~has_evidence()))
    return criteria


# ---------------------------------------------------------------------------------------------------------
# Totals


@dataclass
class Sums:
    """Over what was delivered: rupiah of each form for itself, and hours."""

    values: dict[ContributionForm, int] = field(default_factory=dict)
    #: how many of a form nobody valued, which is not nought
    unvalued: dict[ContributionForm, int] = field(default_factory=dict)
    hours: Decimal = Decimal(0)
    number: int = 0
    proven: int = 0
    #: without evidence
    bare: int = 0

    def add(self, group: "Group") -> None:
        if group.valued:
            self.values[group.form] = self.values.get(group.form, 0) + group.value
        if group.number > group.valued:
            self.unvalued[group.form] = self.unvalued.get(group.form, 0) + group.number - group.valued
        self.hours += group.hours
        self.number += group.number
        self.proven += group.proven
        self.bare += group.bare


@dataclass(frozen=True)
class Group:
    """Contributions alike in all that the totals are told by."""

    cluster_id: int
    cluster: str
    helix: Helix
    kind: ContributionKind
    form: ContributionForm
    stage: ContributionStage
    #: of the delivery; none where no day is known
    year: int | None
    number: int
    value: int
    valued: int
    hours: Decimal
    proven: int
    bare: int


@dataclass(frozen=True)
class Totals:
    """All that matches but for cluster, helix, kind, form, stage and year; and of that what matches these."""

    groups: Sequence[Group]
    chosen: Sequence[Group]

    @property
    def clusters(self) -> dict[int, str]:
        named = {group.cluster_id: group.cluster for group in self.groups}
        return dict(sorted(named.items(), key=lambda pair: pair[1].casefold()))

    @property
    def years(self) -> list[int]:
        """The latest first."""
        return sorted({group.year for group in self.groups if group.year is not None}, reverse=True)

    @property
    def kinds(self) -> list[ContributionKind]:
        there = {group.kind for group in self.groups}
        return [kind for kind in ContributionKind if kind in there]

    @property
    def given(self) -> Sums:
        sums = Sums()
        for group in _delivered(self.chosen):
            sums.add(group)
        return sums

    def told_by(self, by: By) -> list[tuple[Any, Sums]]:
        """What was delivered, apart: clusters by name, years latest first, words as in the vocabulary."""
        key: Callable[[Group], Any] = {
            By.CLUSTER: lambda group: group.cluster,
            By.HELIX: lambda group: group.helix,
            By.KIND: lambda group: group.kind,
            By.YEAR: lambda group: group.year,
        }[by]
        found: dict[Any, Sums] = {}
        for group in _delivered(self.chosen):
            found.setdefault(key(group), Sums()).add(group)
        if by is By.YEAR:
            return sorted(found.items(), reverse=True)
        if by is By.CLUSTER:
            return sorted(found.items(), key=lambda pair: pair[0].casefold())
        order = list(Helix if by is By.HELIX else ContributionKind)
        return sorted(found.items(), key=lambda pair: order.index(pair[0]))


def totals(filters: Filters) -> Totals:
    """In one statement, whose rows do not grow with the list."""
    groups = [_group(*row) for row in db.session.execute(*_alike(filters))]
    return Totals(groups, [group for group in groups if _wants(filters, group)])


@prepared
def _alike(filters: Filters) -> Rows:
    year = _year().label("year")
    alike = (
        Contribution.cluster_id,
        Cluster.short_name,
        Partner.helix,
        Contribution.kind,
        Contribution.form,
        Contribution.stage,
        year,
    )
    return (
        select(
            *alike,
            func.count(Contribution.id),
            func.coalesce(func.sum(Contribution.value), 0),
            func.count(Contribution.value),
            func.sum(Contribution.hours),
            func.count(case((_proven, Contribution.id))),
            func.count(case((and_(_given, ~has_evidence()), Contribution.id))),
        )
        .join(Partner, Partner.id == Contribution.partner_id)
        .join(Cluster, Cluster.id == Contribution.cluster_id)
        .where(*_beyond_totals(filters))
        .group_by(*alike)
    )


def _group(*row: Any) -> Group:
    cluster_id, cluster, helix, kind, form, stage, year, number, value, valued, hours, proven, bare = row
    return Group(
        cluster_id, cluster, helix, kind, form, stage, year, number, int(value), valued,
        hours or Decimal(0), proven, bare,
    )  # fmt: skip


def _wants(filters: Filters, group: Group) -> bool:
    named = ("cluster_id", "helix", "kind", "form", "stage", "year")
    return all(getattr(filters, name) in (None, getattr(group, name)) for name in named)


def _delivered(groups: Iterable[Group]) -> Iterable[Group]:
    return (group for group in groups if group.stage in GIVEN_CONTRIBUTIONS)
