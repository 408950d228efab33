"""What the form of a meeting offers: own clusters, their people, partners and who can be met there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, or_, select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    Attendance,
    Cluster,
    ClusterPartner,
    Contact,
    FollowUp,
    Meeting,
    MeetingPartner,
    Membership,
    Partner,
    User,
)
from pentahelix.prepared import prepared
from pentahelix.principal import Principal
from pentahelix.queries.contacts import ContactChoice
from pentahelix.queries.page import Rows
from pentahelix.queries.partners import suggest as suggest_partners
from pentahelix.scope import live
from pentahelix.vocabulary import OPEN_FOLLOW_UPS, Helix, MeetingStatus, Role

SUGGESTED = 10


@dataclass(frozen=True)
class ClusterChoice:
    id: int
    name: str
    timezone: str


@dataclass(frozen=True)
class Colleague:
    """Somebody of ours; the Kabid belongs to every cluster."""

    id: int
    name: str
    cluster_ids: frozenset[int]


@dataclass(frozen=True)
class PartnerChoice:
    id: int
    name: str
    helix: Helix
    is_archived: bool
    cluster_ids: frozenset[int]


@dataclass(frozen=True)
class Unfinished:
    """A follow-up that the last meeting with a partner left open."""

    id: int
    title: str
    owner: str
    owner_id: int
    due_on: date
    is_late: bool
    partner_id: int


@dataclass(frozen=True)
class WhoWasThere:
    partner_ids: list[int]
    affiliation_ids: list[int]
    user_ids: list[int]
    guests: list[tuple[str, str | None]]


def who_was_there(meeting_id: int) -> WhoWasThere:
    rows = db.session.scalars(*_attendances(meeting_id)).all()
    return WhoWasThere(
        list(db.session.scalars(*_partner_ids(meeting_id))),
        [row.affiliation_id for row in rows if row.affiliation_id is not None],
        [row.user_id for row in rows if row.user_id is not None],
        [(row.guest_name, row.guest_organisation) for row in rows if row.guest_name is not None],
    )


@prepared
def _attendances(meeting_id: int) -> Select[Attendance]:
    return select(Attendance).where(Attendance.meeting_id == meeting_id).order_by(Attendance.id)


@prepared
def _partner_ids(meeting_id: int) -> Select[int]:
    return (
        select(MeetingPartner.partner_id)
        .where(MeetingPartner.meeting_id == meeting_id)
        .order_by(MeetingPartner.id)
    )


def clusters(person: Principal) -> list[ClusterChoice]:
    """The person's clusters, the one that they look at first."""
    return [ClusterChoice(*row) for row in db.session.execute(*_clusters(person.chosen_cluster_id or 0))]


@prepared
def _clusters(first_id: int) -> Rows:
    return (
        select(Cluster.id, Cluster.short_name, Cluster.timezone)
        .where(live(Cluster))
        .order_by(Cluster.id != first_id, Cluster.begins, Cluster.id)
    )


def cluster(cluster_id: int) -> ClusterChoice:
    return ClusterChoice(*db.session.execute(*_cluster(cluster_id)).one())


@prepared
def _cluster(cluster_id: int) -> Rows:
    return select(Cluster.id, Cluster.short_name, Cluster.timezone).where(Cluster.id == cluster_id)


def colleagues(cluster_ids: Sequence[int], also: Iterable[int | None] = ()) -> list[Colleague]:
    """Members of the clusters and the Kabid, by name; `also` those who were written down before."""
    written = tuple(number for number in also if number is not None)
    found: dict[int, tuple[str, set[int]]] = {}
    for user_id, name, role, cluster_id in db.session.execute(*_colleagues(tuple(cluster_ids), written)):
        _name, theirs = found.setdefault(user_id, (name, set()))
        theirs |= set(cluster_ids) if role == Role.KABID else {cluster_id} - {None}
    return [Colleague(user_id, name, frozenset(theirs)) for user_id, (name, theirs) in found.items()]


@prepared
def _colleagues(cluster_ids: tuple[int, ...], also: tuple[int, ...]) -> Rows:
    return (
        select(User.id, User.name, User.role, Membership.cluster_id)
        .outerjoin(
            Membership,
            (Membership.user_id == User.id)
            & Membership.cluster_id.in_(cluster_ids)
            & Membership.archived_at.is_(None),
        )
        .where(
            or_(
                User.deactivated_at.is_(None) & or_(Membership.id.is_not(None), User.role == Role.KABID),
                User.id.in_(also),
            )
        )
        .order_by(User.sort_name, User.id)
    )


def partners(partner_ids: Sequence[int]) -> list[PartnerChoice]:
    """The partners of these ids that one may see, in this order."""
    if not partner_ids:
        return []
    rows = db.session.execute(*_partners(tuple(partner_ids))).all()
    of_clusters: dict[int, set[int]] = {}
    for row in rows:
        of_clusters.setdefault(row.id, set()).add(row.cluster_id)
    found = {
        row.id: PartnerChoice(
            row.id, row.name, row.helix, row.archived_at is not None, frozenset(of_clusters[row.id])
        )
        for row in rows
    }
    return [found[number] for number in dict.fromkeys(partner_ids) if number in found]


@prepared
def _partners(partner_ids: tuple[int, ...]) -> Rows:
    return (
        select(Partner.id, Partner.name, Partner.helix, Partner.archived_at, ClusterPartner.cluster_id)
        .outerjoin(ClusterPartner, ClusterPartner.partner_id == Partner.id)
        .where(Partner.id.in_(partner_ids))
    )


def suggest(typed: str) -> list[PartnerChoice]:
    """At most ten partners by the words of their names, and in which clusters one meets them."""
    return partners([choice.id for choice in suggest_partners(typed, SUGGESTED)])


def partners_of(affiliation_ids: Sequence[int]) -> list[int]:
    """The partners at which these affiliations are."""
    if not affiliation_ids:
        return []
    return list(db.session.scalars(*_partners_of(tuple(affiliation_ids))))


@prepared
def _partners_of(affiliation_ids: tuple[int, ...]) -> Select[int]:
    return select(Affiliation.partner_id).where(Affiliation.id.in_(affiliation_ids)).distinct()


def written_down(meeting_id: int) -> list[ContactChoice]:
    """The contacts that a meeting names already, also those who have left their employer since."""
    return [ContactChoice(*row) for row in db.session.execute(*_written_down(meeting_id))]


@prepared
def _written_down(meeting_id: int) -> Rows:
    return (
        select(
            Affiliation.id,
            Contact.id,
            Contact.name,
            Affiliation.position,
            Affiliation.partner_id,
            Affiliation.is_primary,
        )
        .join(Attendance, Attendance.affiliation_id == Affiliation.id)
        .join(Contact, Contact.id == Affiliation.contact_id)
        .where(Attendance.meeting_id == meeting_id)
        .order_by(Attendance.id)
    )


def unfinished(partner_ids: Sequence[int]) -> list[Unfinished]:
    """What the last recorded meeting with each partner left open, the earliest due first."""
    if not partner_ids:
        return []
    found: dict[int, Unfinished] = {}
    for follow_up, owner, zone, partner_id in db.session.execute(*_unfinished(tuple(partner_ids))):
        found.setdefault(
            follow_up.id,
            Unfinished(
                follow_up.id,
                follow_up.title,
                owner,
                follow_up.owner_user_id,
                follow_up.due_on,
                follow_up.due_on < clock.today(zone),
                partner_id,
            ),
        )
    return list(found.values())


@prepared
def _unfinished(partner_ids: tuple[int, ...]) -> Rows:
    held = (
        select(
            MeetingPartner.partner_id,
            Meeting.id.label("meeting_id"),
            func.row_number()
            .over(
                partition_by=MeetingPartner.partner_id,
                order_by=(Meeting.starts_at.desc(), Meeting.id.desc()),
            )
            .label("place"),
        )
        .join(Meeting, Meeting.id == MeetingPartner.meeting_id)
        .where(
            MeetingPartner.partner_id.in_(partner_ids),
            Meeting.status == MeetingStatus.HELD,
            live(Meeting),
        )
        .subquery()
    )
    return (
        select(FollowUp, User.name, Cluster.timezone, held.c.partner_id)
        .join(held, (held.c.meeting_id == FollowUp.meeting_id) & (held.c.place == 1))
        .join(User, User.id == FollowUp.owner_user_id)
        .join(Cluster, Cluster.id == FollowUp.cluster_id)
        .where(live(FollowUp), FollowUp.status.in_(OPEN_FOLLOW_UPS))
        .order_by(FollowUp.due_on, FollowUp.id)
    )
