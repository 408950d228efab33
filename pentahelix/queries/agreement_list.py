"""The list of agreements: with whom, how each stands today, until when, what was owed and what was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import (
    Agreement,
    AgreementCluster,
    AgreementParty,
    AgreementScope,
    AgreementStep as Step,
    Cluster,
    Obligation,
    Partner,
    User,
)
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
from pentahelix.queries.page import REACH, SIZE, Page, Rows, within
from pentahelix.scope import live
from pentahelix.services import settings
from pentahelix.services.settings import Province
from pentahelix.sorting import sort_key
from pentahelix.vocabulary import (
    AgreementStatus,
    ContributionKind,
    ObligationStatus,
)

__all__ = ["CHIPS", "Filters", "Sort", "State"]

#: Between texts that the database joins; nobody types it.
BETWEEN = "\x1f"


@dataclass(frozen=True)
class AgreementRow:
    agreement: Agreement
    standing: Standing
    fulfilled: int
    owed: int
    #: by name; those in sight
    partners: Sequence[Partner]
    #: short names of the clusters in sight
    clusters: Sequence[str]
    scope: Sequence[ContributionKind]


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
    rows = _read(_rows(filters, bounds, SIZE, (number - 1) * SIZE), today, province)
    return AgreementList(Page(rows, number, total, facets.found <= REACH), facets)


def export(filters: Filters) -> list[AgreementRow]:
    """All rows of the list, for a spreadsheet: read in one statement, so that none comes twice."""
    province, today = settings.province(), clock.today()
    return _read(_rows(filters, Bounds.on(today, province)), today, province)


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
def _counts(filters: Filters, bounds: Bounds) -> CompoundSelect[Any]:
    """All of them in one statement: what is counted, of which, its name, how many."""
    listed = listed_by(filters, bounds)
    within_reach = select(listed.c.id).where(of_state(listed, filters.state)).limit(REACH + 1).subquery()
    nothing = literal("", String)

    def count(what: str, key: str, among: Any, *criteria: ColumnElement[bool]) -> Any:
        numbered = select(literal(what, String), literal(key, String), nothing, func.count())
        return numbered.select_from(among).where(*criteria)

    return union_all(
        count("found", "", within_reach),
        count("everything", "", listed, of_state(listed, None)),
        *(count("state", state.value, listed, of_state(listed, state)) for state in COUNTED),
        select(literal("cluster", String), cast(Cluster.id, String), Cluster.short_name, literal(0)).where(
            live(Cluster)
        ),
        select(literal("partner", String), cast(Partner.id, String), Partner.name, literal(0)).where(
            Partner.id == (filters.partner_id or 0)
        ),
    )


def _facets(filters: Filters, bounds: Bounds) -> Facets:
    counted: Sequence[Any] = db.session.execute(*_counts(filters, bounds)).all()
    single = {what: number for what, key, _name, number in counted if not key}
    named = {(what, key): name for what, key, name, _number in counted if name}
    clusters = [(int(key), name) for (what, key), name in named.items() if what == "cluster"]
    return Facets(
        found=single["found"],
        everything=single["everything"],
        states={State(key): number for what, key, _name, number in counted if what == "state"},
        clusters=sorted(clusters, key=lambda cluster: sort_key(cluster[1])),
        partner=named.get(("partner", str(filters.partner_id))),
    )


# ── the rows ────────────────────────────────────────────────────────────────────────────────────────────────


def _read(rows: Prepared, today: date, province: Province) -> list[AgreementRow]:
    """The rows of one page are chosen first; a row comes once a partner, and is folded here."""
    partners: dict[int, dict[int, Partner]] = {}
    firsts: dict[int, Any] = {}
    for row in db.session.execute(*rows):
        firsts.setdefault(row.Agreement.id, row)
        theirs = partners.setdefault(row.Agreement.id, {})
        if row.Partner is not None:
            theirs[row.Partner.id] = row.Partner
    return [_row(row, partners[number], today, province) for number, row in firsts.items()]


@prepared
def _rows(
    filters: Filters, bounds: Bounds, limit: int | None = None, offset: int | None = None
) -> Select[Any]:
    listed = listed_by(filters, bounds)
    wanted = (
        select(listed)
        .where(of_state(listed, filters.state))
        .order_by(*order_of(listed, filters.sort))
        .limit(limit)
        .offset(offset)
        .subquery("wanted")
    )
    owed = select(func.count(Obligation.id)).where(Obligation.agreement_id == Agreement.id, live(Obligation))
    fulfilled = owed.where(Obligation.status == ObligationStatus.FULFILLED)
    return (
        select(
            Agreement,
            Partner,
            agreements.has_successor().label("has_successor"),
            owed.correlate(Agreement).scalar_subquery().label("owed"),
            fulfilled.correlate(Agreement).scalar_subquery().label("fulfilled"),
            _clusters_of().label("clusters"),
            _scope_of().label("scope"),
        )
        .join(wanted, wanted.c.id == Agreement.id)
        .outerjoin(AgreementParty, AgreementParty.agreement_id == Agreement.id)
        .outerjoin(Partner, Partner.id == AgreementParty.partner_id)
        .order_by(*order_of(wanted, filters.sort), Partner.sort_name, Partner.id)
    )


def _row(row: Any, partners: Mapping[int, Partner], today: date, province: Province) -> AgreementRow:
    agreement = row.Agreement
    kinds = set(_split(row.scope))
    return AgreementRow(
        agreement=agreement,
        standing=agreements.standing_of(agreement, row.has_successor, today, province.ending_days),
        fulfilled=row.fulfilled,
        owed=row.owed,
        partners=list(partners.values()),
        clusters=_split(row.clusters),
        scope=[kind for kind in ContributionKind if kind.value in kinds],
    )


def _clusters_of() -> Any:
    """The short names of its clusters in one text, beside an agreement."""
    return (
        select(func.aggregate_strings(Cluster.short_name, BETWEEN))
        .join(AgreementCluster, AgreementCluster.cluster_id == Cluster.id)
        .where(AgreementCluster.agreement_id == Agreement.id)
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


def _split(text: str | None) -> list[str]:
    return sorted(text.split(BETWEEN), key=sort_key) if text else []
