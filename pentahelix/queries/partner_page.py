"""The page of one partner, and what is at stake when it is put away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, exists, select, true

from pentahelix import clock, rules
from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    Agreement,
    AgreementParty,
    Cluster,
    ClusterPartner,
    Contact,
    Contribution,
    FollowUp,
    GuidanceSession,
    Invitation,
    Partner,
    User,
)
from pentahelix.paths import table
from pentahelix.prepared import prepared
from pentahelix.queries import agreements, outbox
from pentahelix.queries.contacts import ContactChoice
from pentahelix.queries.partner_bonds import AgreementLine, Given, bonds_of
from pentahelix.queries.partner_lines import next_step_of, tags_of
from pentahelix.scope import live
from pentahelix.services import settings
from pentahelix.vocabulary import (
    Basis,
    GuidanceStatus,
    InvolvementRole,
    LastContactKind,
)


class Place(NamedTuple):
    """A cluster, as one mentions it."""

    id: int
    short_name: str


class Involvement(NamedTuple):
    """The partner in a cluster in sight."""

    id: int
    cluster: Place
    role: InvolvementRole
    since: date
    ended_on: date | None
    last_contact_on: date | None
    last_contact_kind: LastContactKind | None
    is_cold: bool
    has_ended: bool


class NextStep(NamedTuple):
    id: int
    title: str
    due_on: date
    owner_id: int
    owner: str
    zone: str


class Person(NamedTuple):
    id: int
    name: str
    basis: Basis
    basis_since: date | None
    restricted_at: datetime | None
    phone: str | None
    email: str | None
    #: who is put away works nowhere
    is_archived: bool = False


class Seat(NamedTuple):
    """Somebody who works there."""

    contact: Person
    affiliation_id: int
    position: str | None
    is_primary: bool
    #: when a mail to their present address was turned away, if the last one was
    refused_at: datetime | None


@dataclass(frozen=True)
class PartnerPage:
    partner: Partner
    involvements: Sequence[Involvement]
    step: NextStep | None
    tags: Sequence[str]
    seats: Sequence[Seat]
    agreements: Sequence[AgreementLine]
    given: Given | None

    @property
    def present(self) -> list[Involvement]:
        return [involvement for involvement in self.involvements if not involvement.has_ended]

    @property
    def spoken_to(self) -> list[ContactChoice]:
        """Who may be written to."""
        return [
            ContactChoice(
                seat.affiliation_id,
                seat.contact.id,
                seat.contact.name,
                seat.position,
                self.partner.id,
                seat.is_primary,
            )
            for seat in self.seats
            if not rules.is_left_alone(seat.contact)
        ]

    @property
    def last_contact(self) -> Involvement | None:
        """Where the latest of all clusters in sight was."""
        spoken = [one for one in self.involvements if one.last_contact_on is not None]
        return max(spoken, key=lambda one: (one.last_contact_on or date.min, one.id), default=None)

    @property
    def is_cold(self) -> bool:
        """Cold in every cluster that works with it: who is spoken to in one of them is not."""
        return (
            not self.partner.is_archived and bool(self.present) and all(one.is_cold for one in self.present)
        )


@dataclass(frozen=True)
class Stakes:
    """What is still open between a partner and the clusters."""

    invitations: Sequence[tuple[str, datetime, str]]
    agreements: Sequence[Agreement]

    def __bool__(self) -> bool:
        return bool(self.invitations or self.agreements)


def page_of(partner_id: int) -> PartnerPage | None:
    """What its page shows; None where it is not in sight. Lists that are empty are not asked for."""
    province, today = settings.province(), clock.today()
    rows = db.session.execute(*_head(partner_id)).all()
    if not rows:
        return None
    first = rows[0]
    involvements = {row.involvement_id: row for row in rows}
    zones = {row.cluster_id: row.timezone for row in involvements.values()}
    has_more = first.has_agreements or first.has_contributions
    bound, given = bonds_of(partner_id, today, province.ending_days) if has_more else ([], None)
    return PartnerPage(
        partner=first.Partner,
        involvements=[_involvement(row, province.cold_days) for row in involvements.values()],
        step=_step(first, zones) if first.step_id else None,
        tags=sorted(first.tags.split(", ")) if first.tags else [],
        seats=list(dict.fromkeys(_seat(row) for row in rows if row.contact_id)),
        agreements=bound,
        given=given,
    )


@prepared
def _head(partner_id: int) -> Select[*tuple[Any, ...]]:
    """The partner in each cluster in sight, beside each person who works there: a handful of rows."""
    step, seat, party = table(FollowUp).alias("step"), table(Affiliation), table(AgreementParty)
    return (
        select(
            Partner,
            ClusterPartner.id.label("involvement_id"),
            ClusterPartner.role,
            ClusterPartner.since,
            ClusterPartner.ended_on,
            ClusterPartner.last_contact_on,
            ClusterPartner.last_contact_kind,
            Cluster.id.label("cluster_id"),
            Cluster.short_name,
            Cluster.timezone,
            Cluster.cold_after_days,
            step.c.id.label("step_id"),
            step.c.title.label("step_title"),
            step.c.due_on,
            step.c.cluster_id.label("step_cluster_id"),
            User.id.label("owner_id"),
            User.name.label("owner"),
            seat.c.id.label("affiliation_id"),
            seat.c.position,
            seat.c.is_primary,
            Contact.id.label("contact_id"),
            Contact.name.label("contact_name"),
            Contact.basis,
            Contact.basis_since,
            Contact.restricted_at,
            Contact.phone,
            Contact.email,
            outbox.refused_at_of_contact().label("refused_at"),
            tags_of(Partner.id).label("tags"),
            exists().where(party.c.partner_id == Partner.id).label("has_agreements"),
            exists().where(Contribution.partner_id == Partner.id).label("has_contributions"),
        )
        .join(ClusterPartner, ClusterPartner.partner_id == Partner.id)
        .join(Cluster, Cluster.id == ClusterPartner.cluster_id)
        .outerjoin(step, step.c.id == next_step_of(Partner.id))
        .outerjoin(User, User.id == step.c.owner_user_id)
        .outerjoin(seat, and_(seat.c.partner_id == Partner.id, seat.c.ends.is_(None)))
        .outerjoin(
            Contact,
            and_(Contact.id == seat.c.contact_id, live(Contact), Contact.erased_at.is_(None)),
        )
        .where(Partner.id == partner_id)
        .order_by(
            ClusterPartner.since,
            ClusterPartner.id,
            seat.c.is_primary.desc(),
            Contact.sort_name,
            Contact.id,
        )
    )


def _step(row: Any, zones: dict[int, str]) -> NextStep:
    zone = zones.get(row.step_cluster_id, clock.PROVINCE_ZONE)
    return NextStep(row.step_id, row.step_title, row.due_on, row.owner_id, row.owner, zone)


def _seat(row: Any) -> Seat:
    person = Person(
        row.contact_id,
        row.contact_name,
        row.basis,
        row.basis_since,
        row.restricted_at,
        row.phone,
        row.email,
    )
    return Seat(person, row.affiliation_id, row.position, row.is_primary, row.refused_at)


def stakes_of(partner_id: int) -> Stakes:
    invitations = db.session.execute(
        select(GuidanceSession.topic, GuidanceSession.starts_at, Cluster.timezone)
        .distinct()
        .join(Invitation, Invitation.guidance_id == GuidanceSession.id)
        .join(Affiliation, Affiliation.id == Invitation.affiliation_id)
        .join(Cluster, Cluster.id == GuidanceSession.cluster_id)
        .where(
            Affiliation.partner_id == partner_id,
            Invitation.uninvited_at.is_(None),
            GuidanceSession.status == GuidanceStatus.PLANNED,
            GuidanceSession.starts_at > clock.now(),
            live(GuidanceSession),
        )
        .order_by(GuidanceSession.starts_at)
    )
    in_force = db.session.scalars(
        select(Agreement)
        .join(AgreementParty, AgreementParty.agreement_id == Agreement.id)
        .where(AgreementParty.partner_id == partner_id, live(Agreement), agreements.in_force(clock.today()))
        .order_by(Agreement.ends_on, Agreement.id)
    )
    return Stakes([(row[0], row[1], row[2]) for row in invitations], in_force.all())


def clusters_to_choose() -> list[Cluster]:
    """Clusters in sight that are at work."""
    return list(db.session.scalars(*_clusters()))


def clusters_with(partner_id: int) -> list[Cluster]:
    """Those of them that work with a partner."""
    return list(db.session.scalars(*_clusters(partner_id, works_with=True)))


def clusters_without(partner_id: int) -> list[Cluster]:
    """Those of them that do not, or no longer."""
    return list(db.session.scalars(*_clusters(partner_id, works_with=False)))


@prepared
def _clusters(partner_id: int | None = None, works_with: bool | None = None) -> Select[Cluster]:
    there = exists().where(
        ClusterPartner.cluster_id == Cluster.id,
        ClusterPartner.partner_id == partner_id,
        ClusterPartner.ended_on.is_(None),
    )
    such = true() if works_with is None else there if works_with else ~there
    return select(Cluster).where(live(Cluster), such).order_by(Cluster.name, Cluster.id)


# ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _involvement(row: Any, cold_days: int) -> Involvement:
    today = clock.today(row.timezone)
    return Involvement(
        row.involvement_id,
        Place(row.cluster_id, row.short_name),
        row.role,
        row.since,
        row.ended_on,
        row.last_contact_on,
        row.last_contact_kind,
        is_cold=rules.is_cold(row, today, row.cold_after_days or cold_days),
        has_ended=row.ended_on is not None and row.ended_on < today,
    )
