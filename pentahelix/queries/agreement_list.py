"""The list of agreements: with whom, how each stands today, until when, what was owed and what was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import String, case, cast, func, null, select
from sqlalchemy.orm import aliased

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import (
    Agreement,
    AgreementParty,
    AgreementScope,
    AgreementStep as Step,
    Cluster,
    Obligation,
    Partner,
    User,
)
from pentahelix.paths import table
from pentahelix.prepared import Prepared, prepared
from pentahelix.queries import agreements
from pentahelix.queries.agreement_filters import (
    CHIPS,
    COUNTED,
    Bounds,
    Filters,
    Sort,
    State,
    listed_by,
    of_state,
    order_of,
)
from pentahelix.queries.agreements import Standing
from pentahelix.queries.coverage_rule import COVERED, PARTY
from pentahelix.queries.page import REACH, SIZE, Page, Rows, within
from pentahelix.scope import live
from pentahelix.services import settings
from pentahelix.services.settings import Province
from pentahelix.sorting import sort_key
from pentahelix.vocabulary import (
    AgreementKind,
    AgreementStatus,
    ContributionKind,
    Helix,
    ObligationStatus,
)

__all__ = ["CHIPS", "Filters", "Sort", "State"]

#: Between texts that the database joins; nobody types it.
BETWEEN = "\x1f"
#: Named beside the states whose number each chip tells.
FOUND, EVERYTHING = "found", "everything"
#: On the table, which no scope narrows: what is asked of it stands beside an agreement in sight.
OWED = table(Obligation)


class Named(NamedTuple):
    """A partner, as its name stands in a row."""

    name: str
    helix: Helix


class AgreementRow(NamedTuple):
    """An agreement in the list: values only, so that what is drawn of it may be kept."""

    id: int
    title: str
    kind: AgreementKind
    status: AgreementStatus
    standing: Standing
    number_first: str | None
    number_second: str | None
    starts_on: date | None
    ends_on: date | None
    is_open_ended: bool
    terminated_on: date | None
    is_archived: bool
    fulfilled: int
    owed: int
    #: by name; those in sight
    partners: tuple[Named, ...]
    #: short names of the clusters in sight, where these are several
    clusters: tuple[str, ...]


class Exported(NamedTuple):
    """What a spreadsheet tells of an agreement beside its row."""

    row: AgreementRow
    signed_on: date | None
    scope: Sequence[ContributionKind]
    objective: str | None


@dataclass(frozen=True)
class Facets:
    """How many rows each chip would show; `everything` is what is not archived."""

    found: int
    everything: int
    states: Mapping[State, int]
    #: id and short name
    clusters: Sequence[tuple[int, str]]
    #: of the partner that the list is narrowed to, where they are in sight
    partner: str | None


@dataclass(frozen=True)
class AgreementList:
    page: Page
    facets: Facets


@dataclass(frozen=True)
class Awaited:
    """An agreement that waits for the Kabid: who submitted it, and when."""

    agreement: Agreement
    submitted_at: datetime | None
    submitted_by: User | None
    partners: Sequence[Partner]
    clusters: Sequence[str]

    @property
    def days(self) -> int | None:
        """How long it has waited, on the calendar of the province."""
        if self.submitted_at is None:
            return None
        return (clock.today() - clock.local(self.submitted_at, clock.PROVINCE_ZONE).date()).days


def index(filters: Filters, number: int) -> AgreementList:
    """Page `number` with the counts of its chips, in three statements; too high a number is the last page."""
    province, today = settings.province(), clock.today()
    bounds = Bounds.on(today, province)
    facets = _facets(filters, bounds)
    total = min(facets.found, REACH)
    number = within(number, total)
    several = len(facets.clusters) > 1
    rows = _read(_rows(filters, bounds, several, SIZE, (number - 1) * SIZE), today, province)
    return AgreementList(Page([row for row, _found in rows], number, total, facets.found <= REACH), facets)


def export(filters: Filters) -> list[Exported]:
    """All rows of the list, for a spreadsheet: read in one statement, so that none comes twice."""
    province, today = settings.province(), clock.today()
    rows = _read(_rows(filters, Bounds.on(today, province), several=True), today, province)
    return [
        Exported(row, signed_on=found.signed_on, scope=_kinds(found.scope), objective=found.objective)
        for row, found in rows
    ]


def awaited(user_id: int | None) -> list[Awaited]:
    """What a Kabid is asked to decide, the longest wait first."""
    rows = db.session.execute(*_awaited(user_id)).all()
    partners: dict[int, dict[int, Partner]] = {}
    for agreement, _taken_at, _user, partner, _clusters in rows:
        partners.setdefault(agreement.id, {}).update({partner.id: partner} if partner else {})
    first = {row[0].id: row for row in reversed(rows)}
    return [
        Awaited(agreement, taken_at, user, list(partners[number].values()), _split(clusters))
        for number in partners
        for agreement, taken_at, user, _partner, clusters in [first[number]]
    ]


@prepared
def _awaited(user_id: int | None) -> Rows:
    last = (
        select(func.max(Step.id))
        .where(Step.agreement_id == Agreement.id, Step.to_status == AgreementStatus.LEGAL_REVIEW)
        .correlate(Agreement)
        .scalar_subquery()
    )
    return (
        select(Agreement, Step.taken_at, User, Partner, _clusters_of().label("clusters"))
        .outerjoin(Step, Step.id == last)
        .outerjoin(User, User.id == Step.user_id)
        .outerjoin(AgreementParty, AgreementParty.agreement_id == Agreement.id)
        .outerjoin(Partner, Partner.id == AgreementParty.partner_id)
        .where(agreements.awaits(user_id))
        .order_by(Step.taken_at, Agreement.id, Partner.sort_name, Partner.id)
    )


# ── the counts of the chips ─────────────────────────────────────────────────────────────────────────────────


@prepared
def _counts(filters: Filters, bounds: Bounds) -> Rows:
    """All of them in one statement, which says the same of every cluster in sight."""
    listed = listed_by(filters, bounds, *COUNTED, filters.state)
    numbers = {FOUND: filters.state, EVERYTHING: None} | {state.value: state for state in COUNTED}
    counted = select(
        *(func.count(case((of_state(listed, state), 1))).label(name) for name, state in numbers.items())
    ).subquery("counted")
    partner = select(Partner.name).where(Partner.id == filters.partner_id).scalar_subquery()
    return (
        select(counted, partner.label("partner"), Cluster.id, Cluster.short_name)
        .select_from(counted)
        .outerjoin(Cluster, live(Cluster))
    )


def _facets(filters: Filters, bounds: Bounds) -> Facets:
    rows = db.session.execute(*_counts(filters, bounds)).all()
    counted = rows[0]._mapping
    clusters = [(row.id, row.short_name) for row in rows if row.id is not None]
    return Facets(
        found=counted[FOUND],
        everything=counted[EVERYTHING],
        states={state: counted[state.value] for state in COUNTED},
        clusters=sorted(clusters, key=lambda cluster: sort_key(cluster[1])),
        partner=counted["partner"],
    )


# ── the rows ────────────────────────────────────────────────────────────────────────────────────────────────


def _read(rows: Prepared, today: date, province: Province) -> list[tuple[AgreementRow, Any]]:
    """The rows of one page are chosen first; a row comes once a partner, and is folded here."""
    partners: dict[int, list[Named]] = {}
    firsts: dict[int, Any] = {}
    for row in db.session.execute(*rows):
        firsts.setdefault(row.id, row)
        theirs = partners.setdefault(row.id, [])
        if row.name is not None:
            theirs.append(Named(row.name, row.helix))
    return [(_row(row, partners[number], today, province), row) for number, row in firsts.items()]


@prepared
def _rows(
    filters: Filters, bounds: Bounds, several: bool, limit: int | None = None, offset: int | None = None
) -> Rows:
    """`several`: whether clusters are named; in sight of one alone, it is that one."""
    listed = listed_by(filters, bounds, filters.state)
    wanted = (
        select(listed)
        .where(of_state(listed, filters.state))
        .order_by(*order_of(listed, filters.sort))
        .limit(limit)
        .offset(offset)
        .subquery("wanted")
    )
    owed = select(func.count()).where(OWED.c.agreement_id == Agreement.id, OWED.c.archived_at.is_(None))
    fulfilled = owed.where(OWED.c.status == ObligationStatus.FULFILLED)
    return (
        select(
            Agreement.id,
            Agreement.title,
            Agreement.kind,
            Agreement.status,
            Agreement.number_first,
            Agreement.number_second,
            Agreement.starts_on,
            Agreement.ends_on,
            Agreement.is_open_ended,
            Agreement.terminated_on,
            (~live(Agreement)).label("is_archived"),
            agreements.has_successor().label("has_successor"),
            owed.correlate(Agreement).scalar_subquery().label("owed"),
            fulfilled.correlate(Agreement).scalar_subquery().label("fulfilled"),
            (_clusters_of() if several else null()).label("clusters"),
            Partner.name,
            Partner.helix,
            *(() if limit else (Agreement.signed_on, Agreement.objective, _scope_of().label("scope"))),
        )
        .join(wanted, wanted.c.id == Agreement.id)
        .outerjoin(PARTY, PARTY.c.agreement_id == Agreement.id)
        .outerjoin(Partner, Partner.id == PARTY.c.partner_id)
        .order_by(*order_of(wanted, filters.sort), Partner.sort_name, Partner.id)
    )


def _row(row: Any, partners: Sequence[Named], today: date, province: Province) -> AgreementRow:
    standing = agreements.standing_of(row, row.has_successor, today, province.ending_days)
    return AgreementRow(
        row.id,
        row.title,
        row.kind,
        row.status,
        standing,
        row.number_first,
        row.number_second,
        row.starts_on,
        row.ends_on,
        row.is_open_ended,
        row.terminated_on,
        row.is_archived,
        row.fulfilled,
        row.owed,
        tuple(partners),
        tuple(_split(row.clusters)),
    )


def _clusters_of() -> Any:
    """The short names of its clusters in one text, beside an agreement."""
    return (
        select(func.aggregate_strings(Cluster.short_name, BETWEEN))
        .join(COVERED, COVERED.c.cluster_id == Cluster.id)
        .where(COVERED.c.agreement_id == Agreement.id)
        .correlate(Agreement)
        .scalar_subquery()
    )


def _scope_of() -> Any:
    one = aliased(AgreementScope)
    return (
        select(func.aggregate_strings(cast(one.kind, String), BETWEEN))
        .where(one.agreement_id == Agreement.id)
        .correlate(Agreement)
        .scalar_subquery()
    )


def _kinds(text: str | None) -> list[ContributionKind]:
    there = set(_split(text))
    return [kind for kind in ContributionKind if kind.value in there]


def _split(text: str | None) -> list[str]:
    names = text.split(BETWEEN) if text else []
    return sorted(names, key=sort_key) if len(names) > 1 else names
