"""The list of partners: who they are, when one last spoke, what comes next, what binds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    Agreement,
    AgreementCluster,
    AgreementParty,
    Cluster,
    ClusterPartner,
    Contact,
    FollowUp,
    Partner,
    PartnerTag,
    Tag,
)
from pentahelix.prepared import TODAY, Prepared, prepared
from pentahelix.queries import agreements
from pentahelix.queries.agreements import Standing
from pentahelix.queries.page import REACH, SIZE, Page, within
from pentahelix.queries.partner_list import (
    Filters,
    Sort,
    Status,
    in_cluster,
    involved_today,
    is_open,
    listed_by,
    of_helix,
    of_status,
    order_of,
)
from pentahelix.queries.words import matching
from pentahelix.rules import Day
from pentahelix.scope import live
from pentahelix.services import settings
from pentahelix.services.settings import Province
from pentahelix.sorting import sort_key
from pentahelix.vocabulary import (
    AgreementKind,
    AgreementStatus,
    Helix,
    InvolvementRole,
    LastContactKind,
    Regency,
)

__all__ = ["Filters", "Sort", "Status"]


@dataclass(frozen=True)
class AgreementBadge:
    """The agreement that says most: in force before in process before expired."""

    kind: AgreementKind
    status: AgreementStatus
    standing: Standing
    ends_on: date | None


@dataclass(frozen=True)
class PartnerRow:
    """One line of the list. In several clusters the latest contact and the earliest step count."""

    partner: Partner
    contact: Contact | None
    position: str | None
    role: InvolvementRole
    since: date
    has_ended: bool
    last_contact_on: date | None
    last_contact_kind: LastContactKind | None
    is_cold: bool
    step_id: int | None
    step_title: str | None
    step_due_on: date | None
    step_zone: str | None
    agreement: AgreementBadge | None
    tags: str | None

    @property
    def is_late(self) -> bool:
        """The next step was due by yesterday, on the calendar of its cluster."""
        return self.step_due_on is not None and self.step_due_on < clock.today(
            self.step_zone or clock.PROVINCE_ZONE
        )


@dataclass(frozen=True)
class Facets:
    """How many rows each press of a chip would show, and what else can be chosen."""

    found: int
    everybody: int
    attention: int
    helices: dict[Helix, int]
    tags: dict[str, int]
    #: id and short name
    clusters: list[tuple[int, str]]


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
    """Page `number` of the list with the counts of its chips; too high a number shows the last page."""
    province = settings.province()
    facets = _facets(filters, province.cold_days)
    total = min(facets.found, REACH)
    number = within(number, total)
    rows = _read(_rows(filters, province.cold_days, SIZE, (number - 1) * SIZE), province)
    return PartnerList(Page(rows, number, total, facets.found <= REACH), facets)


def everyone(filters: Filters) -> list[PartnerRow]:
    """All rows of the list, for a spreadsheet: read in one statement, so that none comes twice."""
    province = settings.province()
    return _read(_rows(filters, province.cold_days), province)


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


def badge(agreement: Agreement, has_successor: bool, today: date, ending_days: int) -> AgreementBadge:
    derived = agreements.standing_of(agreement, has_successor, today, ending_days)
    return AgreementBadge(agreement.kind, agreement.status, derived, agreement.ends_on)


# ── the counts of the chips ─────────────────────────────────────────────────────────────────────────────────


@prepared
def _counts(filters: Filters, cold_days: int) -> CompoundSelect[Any]:
    """All of them in one statement: what is counted, of which, its name, how many."""
    listed = listed_by(filters, cold_days)
    helix, status = of_helix(listed, filters.helix), of_status(listed, filters.status)
    within_reach = select(listed.c.id).where(helix, status).limit(REACH + 1).subquery()
    nothing = literal("", String)

    def count(what: str, among: Any, *criteria: ColumnElement[bool]) -> Any:
        numbered = select(literal(what, String), nothing, nothing, func.count())
        return numbered.select_from(among).where(*criteria)

    return union_all(
        count("found", within_reach),
        count("everybody", listed, of_status(listed, None)),
        count("attention", listed, helix, of_status(listed, Status.ATTENTION)),
        select(literal("helix", String), cast(listed.c.helix, String), nothing, func.count())
        .where(status)
        .group_by(listed.c.helix),
        select(literal("tag", String), Tag.name, nothing, func.count())
        .join(PartnerTag, PartnerTag.tag_id == Tag.id)
        .group_by(Tag.name),
        select(literal("cluster", String), cast(Cluster.id, String), Cluster.short_name, literal(0)).where(
            live(Cluster)
        ),
    )


def _facets(filters: Filters, cold_days: int) -> Facets:
    counted: Sequence[Any] = db.session.execute(*_counts(filters, cold_days)).all()
    single = {what: number for what, key, _name, number in counted if not key}
    several = [(what, key, name, number) for what, key, name, number in counted if key]
    clusters = [(int(key), name) for what, key, name, _number in several if what == "cluster"]
    tags = {key: number for what, key, _name, number in several if what == "tag"}
    helices = {Helix(key): number for what, key, _name, number in several if what == "helix"}
    return Facets(
        found=single["found"],
        everybody=single["everybody"],
        attention=single["attention"],
        helices=dict.fromkeys(Helix, 0) | helices,
        tags=dict(sorted(tags.items())),
        clusters=sorted(clusters, key=lambda cluster: sort_key(cluster[1])),
    )


# ── the rows ────────────────────────────────────────────────────────────────────────────────────────────────


@prepared
def _rows(
    filters: Filters, cold_days: int, limit: int | None = None, offset: int | None = None
) -> Select[Any]:
    """The rows of one page are chosen first; the rest is looked up for these alone."""
    listed = listed_by(filters, cold_days)
    wanted = (
        select(listed)
        .where(of_helix(listed, filters.helix), of_status(listed, filters.status))
        .order_by(*order_of(listed, filters.sort))
        .limit(limit)
        .offset(offset)
        .subquery("wanted")
    )
    step, there, best = aliased(FollowUp), aliased(Cluster), aliased(Agreement)
    return (
        select(
            Partner,
            wanted,
            Affiliation.position,
            Contact,
            _kind_of_last_contact(filters.cluster_id, wanted).label("kind"),
            step.id.label("step_id"),
            step.title.label("step_title"),
            step.due_on.label("step_due_on"),
            there.timezone.label("step_zone"),
            best,
            agreements.has_successor(best).label("has_successor"),
            tags_of_partner().label("tags"),
        )
        .join(wanted, wanted.c.id == Partner.id)
        .outerjoin(Affiliation, Affiliation.id == _first_contact())
        .outerjoin(Contact, Contact.id == Affiliation.contact_id)
        .outerjoin(step, step.id == next_step_of_partner(filters.cluster_id))
        .outerjoin(there, there.id == step.cluster_id)
        .outerjoin(best, best.id == _best_agreement(filters.cluster_id, TODAY))
        .order_by(*order_of(wanted, filters.sort))
    )


def tags_of_partner() -> Any:
    """In one text, beside a partner."""
    return (
        select(func.aggregate_strings(Tag.name, ", "))
        .join(PartnerTag, PartnerTag.tag_id == Tag.id)
        .where(PartnerTag.partner_id == Partner.id)
        .correlate(Partner)
        .scalar_subquery()
    )


def next_step_of_partner(cluster_id: int | None = None) -> Any:
    """The id of the open follow-up with the earliest due date, beside a partner."""
    earliest = aliased(FollowUp)
    return (
        select(earliest.id)
        .where(earliest.partner_id == Partner.id, is_open(earliest))
        .where(in_cluster(cluster_id, earliest.cluster_id))
        .order_by(earliest.due_on, earliest.id)
        .limit(1)
        .correlate(Partner)
        .scalar_subquery()
    )


def _first_contact() -> Any:
    """The primary one of those who work there, else who has been there longest."""
    seat, person = aliased(Affiliation), aliased(Contact)
    return (
        select(seat.id)
        .join(person, person.id == seat.contact_id)
        .where(seat.partner_id == Partner.id, seat.ends.is_(None), live(person), person.erased_at.is_(None))
        .order_by(seat.is_primary.desc(), seat.id)
        .limit(1)
        .correlate(Partner)
        .scalar_subquery()
    )


def _kind_of_last_contact(cluster_id: int | None, wanted: Any) -> Any:
    latest = aliased(ClusterPartner)
    return (
        select(latest.last_contact_kind)
        .where(latest.partner_id == Partner.id, latest.last_contact_on == wanted.c.last_contact_on)
        .where(in_cluster(cluster_id, latest.cluster_id))
        .order_by(latest.id)
        .limit(1)
        .correlate(Partner, wanted)
        .scalar_subquery()
    )


def _best_agreement(cluster_id: int | None, today: Day) -> Any:
    one, covered = aliased(Agreement), aliased(AgreementCluster)
    holds, in_process = agreements.in_force(today, one), one.status.in_(agreements.IN_PROCESS)
    covers = exists(
        select(covered.id)
        .where(covered.agreement_id == one.id, covered.cluster_id == cluster_id)
        .correlate(one)
    )
    return (
        select(one.id)
        .join(AgreementParty, AgreementParty.agreement_id == one.id)
        .where(AgreementParty.partner_id == Partner.id, live(one))
        .where(or_(holds, in_process, one.status == AgreementStatus.SIGNED))
        .where(true() if cluster_id is None else covers)
        .order_by(
            case((holds, 0), (or_(in_process, one.starts_on > today), 1), else_=2),
            one.ends_on.desc().nulls_first(),
            one.id.desc(),
        )
        .limit(1)
        .correlate(Partner)
        .scalar_subquery()
    )


def _read(rows: Prepared, province: Province) -> list[PartnerRow]:
    today = clock.today()
    return [_row(row, today, province.ending_days) for row in db.session.execute(*rows)]


def _row(row: Any, today: date, ending_days: int) -> PartnerRow:
    best = _agreement_of(row)
    return PartnerRow(
        partner=row.Partner,
        contact=row.Contact,
        position=row.position,
        role=InvolvementRole.PARTNER if row.is_partner else InvolvementRole.PROSPECT,
        since=row.since,
        has_ended=not row.is_live,
        last_contact_on=row.last_contact_on,
        last_contact_kind=row.kind,
        is_cold=bool(row.is_cold) and not row.Partner.is_archived,
        step_id=row.step_id,
        step_title=row.step_title,
        step_due_on=row.step_due_on,
        step_zone=row.step_zone,
        agreement=None if best is None else badge(best, row.has_successor, today, ending_days),
        tags=row.tags,
    )


def _agreement_of(row: Sequence[Any]) -> Agreement | None:
    return next((value for value in row if isinstance(value, Agreement)), None)
