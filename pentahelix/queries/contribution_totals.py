"""What contributions add up to: by form, never across forms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)

from pentahelix.extensions import db
from pentahelix.models import Cluster, Contribution, Partner
from pentahelix.prepared import prepared
from pentahelix.queries.contribution_filters import BARE, PROVEN, Filters, beyond_totals, year_of
from pentahelix.vocabulary import GIVEN_CONTRIBUTIONS, ContributionForm, ContributionKind, Helix


class By(StrEnum):
    """What the totals are told by."""

    CLUSTER = "cluster"
    HELIX = "helix"
    KIND = "kind"
    YEAR = "year"


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

    @property
    def figures(self) -> tuple[tuple[ContributionForm, int | None, int], ...]:
        """Each form with its value and how many nobody valued."""
        return tuple((form, self.values.get(form), self.unvalued.get(form, 0)) for form in ContributionForm)

    def add(self, group: "Group") -> None:
        assert group.form is not None
        if group.valued:
            self.values[group.form] = self.values.get(group.form, 0) + int(group.value)
        if group.number > group.valued:
            self.unvalued[group.form] = self.unvalued.get(group.form, 0) + group.number - group.valued
        self.hours += group.hours or 0
        self.number += group.number
        self.proven += group.proven
        self.bare += group.bare


class Told(StrEnum):
    """What a row of the statement behind the totals tells."""

    SUMS = "sums"
    FOUND = "found"
    CLUSTER = "cluster"
    KIND = "kind"
    YEAR = "year"


class Group(NamedTuple):
    """What was delivered of one form; or a number alone, or something to choose by its key and name."""

    told: str
    #: what it is told by: the short name of a cluster, a word, a year; the id of a cluster to choose
    key: str
    name: str | None
    form: ContributionForm | None
    number: int
    value: int
    valued: int
    hours: Decimal | None
    proven: int
    bare: int


@dataclass(frozen=True)
class Totals:
    """Of what the list shows: how many, and what was delivered, all of it and apart."""

    found: int
    given: Sums
    #: clusters by name, years latest first, words as in the vocabulary
    told: Sequence[tuple[Any, Sums]]
    #: what there is of these in all that matches but for cluster, helix, kind, form, stage and year
    clusters: Mapping[int, str]
    kinds: Sequence[ContributionKind]
    #: of the deliveries, the latest first
    years: Sequence[int]

    @property
    def rows(self) -> tuple[tuple[Any, ...], ...]:
        """What was delivered apart, as values that a table is drawn from."""
        return tuple((key, one.figures, one.hours, one.number) for key, one in self.told)


def totals(filters: Filters, by: By = By.HELIX) -> Totals:
    """In one statement, whose rows do not grow with the list."""
    groups: dict[str, list[Group]] = {told: [] for told in Told}
    for row in db.session.execute(*_groups(filters, by)):
        groups[row[0]].append(Group._make(row))
    given, apart = Sums(), dict[str, Sums]()
    for group in groups[Told.SUMS]:
        given.add(group)
        apart.setdefault(group.key, Sums()).add(group)
    named = sorted(groups[Told.CLUSTER], key=lambda group: (group.name or "").casefold())
    kinds = {group.key for group in groups[Told.KIND]}
    (found,) = groups[Told.FOUND]
    return Totals(
        found=found.number,
        given=given,
        told=_in_their_order(apart, by),
        clusters={int(group.key): group.name or "" for group in named},
        kinds=[kind for kind in ContributionKind if kind.value in kinds],
        years=sorted((int(group.key) for group in groups[Told.YEAR]), reverse=True),
    )


def _in_their_order(apart: Mapping[str, Sums], by: By) -> list[tuple[Any, Sums]]:
    if by is By.YEAR:
        return [(int(year), apart[year]) for year in sorted(apart, reverse=True)]
    if by is By.CLUSTER:
        return [(name, apart[name]) for name in sorted(apart, key=str.casefold)]
    words: Iterable[Helix | ContributionKind] = Helix if by is By.HELIX else ContributionKind
    return [(word, apart[word]) for word in words if word in apart]


@prepared
def _groups(filters: Filters, by: By) -> CompoundSelect[Any]:
    """What a Group is made of, over one look at all that may count."""
    every = (
        select(
            Contribution.cluster_id,
            Cluster.short_name,
            Partner.helix,
            Contribution.kind,
            Contribution.form,
            Contribution.stage,
            year_of().label("year"),
            Contribution.value,
            Contribution.hours,
            _number(PROVEN).label("proven"),
            _number(BARE).label("bare"),
        )
        .join(Partner, Partner.id == Contribution.partner_id)
        .join(Cluster, Cluster.id == Contribution.cluster_id)
        .where(*beyond_totals(filters))
        .cte("every")
        # Asked several times below, and to be found out once.
        .prefix_with("MATERIALIZED")
    ).c
    keys = {By.CLUSTER: every.short_name, By.HELIX: every.helix, By.KIND: every.kind, By.YEAR: every.year}
    key, nothing, nought = cast(keys[by], String), cast(null(), String), literal_column("0", Integer)
    sums = (
        select(
            literal(Told.SUMS.value, String),
            key,
            nothing,
            every.form,
            func.count(),
            func.coalesce(func.sum(every.value), 0),
            func.count(every.value),
            func.sum(every.hours),
            func.sum(every.proven),
            func.sum(every.bare),
        )
        .where(every.stage.in_(GIVEN_CONTRIBUTIONS), *_wanted(filters, every))
        .group_by(key, every.form)
    )

    def told(what: Told, key: Any, name: Any = nothing, number: Any = nought) -> Select[Any]:
        return select(literal(what.value, String), key, name, nothing, number, *([nought] * 5))

    found = told(Told.FOUND, nothing, number=func.count()).select_from(every.form.table)
    return union_all(
        sums,
        found.where(*_wanted(filters, every)),
        told(Told.CLUSTER, cast(every.cluster_id, String), every.short_name).distinct(),
        told(Told.KIND, cast(every.kind, String)).distinct(),
        told(Told.YEAR, cast(every.year, String)).where(every.year.is_not(None)).distinct(),
    )


def _number(criterion: ColumnElement[bool]) -> ColumnElement[int]:
    return case((criterion, 1), else_=0)


def _wanted(filters: Filters, every: Any) -> list[ColumnElement[bool]]:
    named = ("cluster_id", "helix", "kind", "form", "stage", "year")
    wanted = {name: getattr(filters, name) for name in named}
    return [every[name] == value for name, value in wanted.items() if value is not None]
