"""What one line of the list of partners tells, and how it is found."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, Subquery, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from pentahelix import clock
from pentahelix.models import (
    Affiliation,
    Agreement,
    AgreementCluster,
    AgreementParty,
    Cluster,
    ClusterPartner,
    Contact,
    FollowUp,
    PartnerTag,
    Tag,
)
from pentahelix.paths import table
from pentahelix.prepared import TODAY
from pentahelix.queries import agreements
from pentahelix.queries.agreements import AgreementBadge, badge
from pentahelix.queries.partner_list import PARTNER, Filters, in_cluster, involved_today, is_open, order_of
from pentahelix.rules import Day
from pentahelix.vocabulary import (
    AgreementStatus,
    Basis,
    Helix,
    InvolvementRole,
    LastContactKind,
)

SEAT, CONTACT = table(Affiliation), table(Contact)
#: What a line tells of what `listed_by` finds; by the rest the list is counted and ordered.
TOLD = (
    *("id", "helix", "archived_at", "due_on"),
    *("since", "last_contact_on", "is_live", "is_partner", "is_cold"),
)


class PartnerName(NamedTuple):
    """What a line tells of the partner itself."""

    id: int
    name: str
    helix: Helix
    is_archived: bool
    is_fictitious: bool


class ContactName(NamedTuple):
    """Who is spoken to there, and how."""

    name: str
    basis: Basis
    restricted_at: datetime | None
    phone: str | None
    email: str | None
    #: as pages ask of every contact; who is archived is not named
    is_archived: bool = False


class PartnerRow(NamedTuple):
    """One line of the list. In several clusters the latest contact and the earliest step count.

    It holds values only, so that it is drawn once.
    """

    partner: PartnerName
    contact: ContactName | None
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
    #: for how many days the next step has been due, on the calendar of its cluster
    days_late: int
    #: the one that says most: in force before in process before expired
    agreement: AgreementBadge | None

    @property
    def is_late(self) -> bool:
        return self.days_late > 0


# ── how it is found ─────────────────────────────────────────────────────────────────────────────────────────


def lines_of(source: Any, wanted: Subquery, filters: Filters) -> Select[Any]:
    """What a line tells of each partner in `wanted`, in order.

    These are in sight, and so is whoever works there, and a step that was found in sight: all of that is read
    from its tables.
    """
    step, there, best = table(FollowUp).alias("step"), table(Cluster).alias("there"), aliased(Agreement)
    return (
        select(
            *(wanted.c[name] for name in TOLD),
            PARTNER.c.name,
            PARTNER.c.is_fictitious,
            SEAT.c.position,
            CONTACT.c.name.label("contact_name"),
            CONTACT.c.basis,
            CONTACT.c.restricted_at,
            CONTACT.c.phone,
            CONTACT.c.email,
            _kind_of_last_contact(filters.cluster_id, wanted).label("last_contact_kind"),
            step.c.id.label("step_id"),
            step.c.title.label("step_title"),
            there.c.timezone.label("step_zone"),
            best.kind,
            best.status,
            best.starts_on,
            best.ends_on,
            agreements.has_successor(best).label("has_successor"),
        )
        .select_from(source)
        .outerjoin(PARTNER, PARTNER.c.id == wanted.c.id)
        .outerjoin(SEAT, SEAT.c.id == _first_contact(wanted))
        .outerjoin(CONTACT, CONTACT.c.id == SEAT.c.contact_id)
        .outerjoin(step, step.c.id == next_step_of(wanted.c.id, filters.cluster_id))
        .outerjoin(there, there.c.id == step.c.cluster_id)
        .outerjoin(best, best.id == _best_agreement(wanted, filters.cluster_id, TODAY))
        .order_by(*order_of(wanted, filters.sort))
    )


def tags_of(partner_id: Any) -> Any:
    """In one text, beside a partner in sight."""
    link, tag = table(PartnerTag), table(Tag)
    return (
        select(func.aggregate_strings(tag.c.name, ", "))
        .join(link, link.c.tag_id == tag.c.id)
        .where(link.c.partner_id == partner_id)
        .correlate_except(link, tag)
        .scalar_subquery()
    )


def clusters_of(partner_id: Any) -> Any:
    """Those of its involvements today that are in sight, in one text."""
    return (
        select(func.aggregate_strings(Cluster.short_name, ", "))
        .join(ClusterPartner, ClusterPartner.cluster_id == Cluster.id)
        .where(ClusterPartner.partner_id == partner_id, involved_today())
        .correlate_except(Cluster, ClusterPartner)
        .scalar_subquery()
    )


def next_step_of(partner_id: Any, cluster_id: int | None = None) -> Any:
    """The id of the open follow-up with the earliest due date, beside a partner."""
    earliest = aliased(FollowUp)
    return (
        select(earliest.id)
        .where(earliest.partner_id == partner_id, is_open(earliest))
        .where(in_cluster(cluster_id, earliest.cluster_id))
        .order_by(earliest.due_on, earliest.id)
        .limit(1)
        .correlate_except(earliest)
        .scalar_subquery()
    )


def _first_contact(wanted: Subquery) -> Any:
    """The primary one of those who work there, else who has been there longest."""
    seat, person = SEAT.alias(), CONTACT.alias()
    return (
        select(seat.c.id)
        .join(person, person.c.id == seat.c.contact_id)
        .where(seat.c.partner_id == wanted.c.id, seat.c.ends.is_(None))
        .where(person.c.archived_at.is_(None), person.c.erased_at.is_(None))
        .order_by(seat.c.is_primary.desc(), seat.c.id)
        .limit(1)
        .correlate(wanted)
        .scalar_subquery()
    )


def _kind_of_last_contact(cluster_id: int | None, wanted: Subquery) -> Any:
    latest = aliased(ClusterPartner)
    return (
        select(latest.last_contact_kind)
        .where(latest.partner_id == wanted.c.id, latest.last_contact_on == wanted.c.last_contact_on)
        .where(in_cluster(cluster_id, latest.cluster_id))
        .order_by(latest.id)
        .limit(1)
        .correlate(wanted)
        .scalar_subquery()
    )


def _best_agreement(wanted: Subquery, cluster_id: int | None, today: Day) -> Any:
    """Of those in sight; in one cluster, of those that cover it."""
    entity, party, covered = aliased(Agreement), table(AgreementParty), table(AgreementCluster)
    # What covers a cluster in sight is in sight: there, each agreement of the partner is looked up by itself.
    one = entity if cluster_id is None else table(Agreement).alias().c
    holds, in_process = agreements.in_force(today, one), one.status.in_(agreements.IN_PROCESS)
    found = (
        select(one.id)
        .join(party, party.c.agreement_id == one.id)
        .where(party.c.partner_id == wanted.c.id, one.archived_at.is_(None))
        .where(or_(holds, in_process, one.status == AgreementStatus.SIGNED))
    )
    if cluster_id is not None:
        covers = and_(covered.c.agreement_id == one.id, covered.c.cluster_id == cluster_id)
        found = found.join(covered, covers)
    return (
        found.order_by(
            case((holds, 0), (or_(in_process, one.starts_on > today), 1), else_=2),
            one.ends_on.desc().nulls_first(),
            one.id.desc(),
        )
        .limit(1)
        .correlate(wanted)
        .scalar_subquery()
    )


def line(row: Any, today: date, ending_days: int) -> PartnerRow:
    is_archived = row.archived_at is not None
    zone = row.step_zone or clock.PROVINCE_ZONE
    return PartnerRow(
        partner=PartnerName(row.id, row.name, row.helix, is_archived, row.is_fictitious),
        contact=row.contact_name
        and ContactName(row.contact_name, row.basis, row.restricted_at, row.phone, row.email),
        position=row.position,
        role=InvolvementRole.PARTNER if row.is_partner else InvolvementRole.PROSPECT,
        since=row.since,
        has_ended=not row.is_live,
        last_contact_on=row.last_contact_on,
        last_contact_kind=row.last_contact_kind,
        is_cold=bool(row.is_cold) and not is_archived,
        step_id=row.step_id,
        step_title=row.step_title,
        step_due_on=row.due_on,
        step_zone=row.step_zone,
        days_late=max(0, (clock.today(zone) - row.due_on).days) if row.due_on else 0,
        agreement=badge(row, row.has_successor, today, ending_days) if row.status else None,
    )
