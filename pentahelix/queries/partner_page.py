"""The page of one partner, and what is at stake when it is put away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import aliased

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
    Obligation,
    Partner,
    User,
)
from pentahelix.prepared import prepared
from pentahelix.queries import agreements, outbox
from pentahelix.queries.contacts import ContactChoice
from pentahelix.queries.partners import AgreementBadge, badge, next_step_of_partner, tags_of_partner
from pentahelix.scope import live
from pentahelix.services import settings
from pentahelix.vocabulary import (
    GIVEN_CONTRIBUTIONS,
    Basis,
    ContributionForm,
    ContributionKind,
    ContributionStage,
    GuidanceStatus,
    ObligationStatus,
)


@dataclass(frozen=True)
class Involvement:
    """The partner in a cluster in sight."""

    row: ClusterPartner
    cluster: Cluster
    is_cold: bool

    @property
    def has_ended(self) -> bool:
        return self.row.ended_on is not None and self.row.ended_on < clock.today(self.cluster.timezone)


@dataclass(frozen=True)
class NextStep:
    follow_up: FollowUp
    owner: User
    zone: str


@dataclass(frozen=True)
class Seat:
    """Somebody who works there."""

    contact: Contact
    affiliation: Affiliation
    #: when a mail to their present address was turned away, if the last one was
    refused_at: datetime | None


@dataclass(frozen=True)
class AgreementLine:
    agreement: Agreement
    badge: AgreementBadge
    fulfilled: int
    owed: int
    #: what is due next of what is not fulfilled
    next: Obligation | None


@dataclass(frozen=True)
class Given:
    """Contributions of this year, delivered ones by their day; the three forms are never added up."""

    year: int
    values: dict[ContributionForm, int]
    hours: float
    #: kind and stage → how many
    counts: Sequence[tuple[ContributionKind, ContributionStage, int]]


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
                seat.affiliation.id,
                seat.contact.id,
                seat.contact.name,
                seat.affiliation.position,
                self.partner.id,
                seat.affiliation.is_primary,
            )
            for seat in self.seats
            if seat.contact.basis != Basis.WITHDRAWN and seat.contact.restricted_at is None
        ]

    @property
    def last_contact(self) -> ClusterPartner | None:
        """The latest of all clusters in sight."""
        spoken = [one.row for one in self.involvements if one.row.last_contact_on is not None]
        return max(spoken, key=lambda row: (row.last_contact_on or date.min, row.id), default=None)

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
    partner, step, tags = rows[0].Partner, rows[0].FollowUp, rows[0].tags
    involvements = {row.ClusterPartner: row.Cluster for row in rows}
    zones = {cluster.id: cluster.timezone for cluster in involvements.values()}
    has_more = rows[0].has_agreements or rows[0].has_contributions
    year = today.replace(month=1, day=1), today.replace(month=12, day=31)
    more = db.session.execute(*_signed_and_given(partner_id, *year)).all() if has_more else []
    return PartnerPage(
        partner=partner,
        involvements=[
            _involvement(row, cluster, province.cold_days) for row, cluster in involvements.items()
        ],
        step=NextStep(step, rows[0].User, zones.get(step.cluster_id, clock.PROVINCE_ZONE)) if step else None,
        tags=sorted(tags.split(", ")) if tags else [],
        seats=[
            Seat(contact, affiliation, refused_at)
            for contact, affiliation, refused_at in dict.fromkeys(
                (row.Contact, row.Affiliation, row.refused_at) for row in rows
            )
            if contact and affiliation
        ],
        agreements=_agreements(more, today, province.ending_days),
        given=_given(more, today.year),
    )


@prepared
def _head(partner_id: int) -> Select[Any]:
    """The partner in each cluster in sight, beside each person who works there: a handful of rows."""
    return (
        select(
            Partner,
            ClusterPartner,
            Cluster,
            FollowUp,
            User,
            Affiliation,
            Contact,
            outbox.refused_at_of_contact().label("refused_at"),
            tags_of_partner().label("tags"),
            exists().where(AgreementParty.partner_id == Partner.id).label("has_agreements"),
            exists().where(Contribution.partner_id == Partner.id).label("has_contributions"),
        )
        .join(ClusterPartner, ClusterPartner.partner_id == Partner.id)
        .join(Cluster, Cluster.id == ClusterPartner.cluster_id)
        .outerjoin(FollowUp, FollowUp.id == next_step_of_partner())
        .outerjoin(User, User.id == FollowUp.owner_user_id)
        .outerjoin(Affiliation, and_(Affiliation.partner_id == Partner.id, Affiliation.ends.is_(None)))
        .outerjoin(
            Contact,
            and_(Contact.id == Affiliation.contact_id, live(Contact), Contact.erased_at.is_(None)),
        )
        .where(Partner.id == partner_id)
        .order_by(
            ClusterPartner.since,
            ClusterPartner.id,
            Affiliation.is_primary.desc(),
            Contact.sort_name,
            Contact.id,
        )
    )


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


def _involvement(row: ClusterPartner, cluster: Cluster, cold_days: int) -> Involvement:
    today = clock.today(cluster.timezone)
    return Involvement(row, cluster, rules.is_cold(row, today, cluster.cold_after_days or cold_days))


@prepared
def _signed_and_given(partner_id: int, first: date, last: date) -> Select[Any]:
    """Each agreement with what it owes, beside each kind of contribution of the year: a handful of rows."""
    every, soonest = aliased(Obligation), aliased(Obligation)
    owed = select(func.count(every.id)).where(every.agreement_id == Agreement.id, live(every))
    next_owed = (
        select(soonest.id)
        .where(
            soonest.agreement_id == Agreement.id,
            soonest.status != ObligationStatus.FULFILLED,
            live(soonest),
        )
        .order_by(soonest.due_on, soonest.id)
        .limit(1)
        .correlate(Agreement)
        .scalar_subquery()
    )
    given = _given_between(partner_id, first, last).subquery()
    return (
        select(
            Agreement,
            agreements.has_successor().label("has_successor"),
            owed.where(every.status == ObligationStatus.FULFILLED).scalar_subquery().label("fulfilled"),
            owed.scalar_subquery().label("owed"),
            Obligation,
            given,
        )
        .select_from(Partner)
        .outerjoin(AgreementParty, AgreementParty.partner_id == Partner.id)
        .outerjoin(Agreement, and_(Agreement.id == AgreementParty.agreement_id, live(Agreement)))
        .outerjoin(Obligation, Obligation.id == next_owed)
        .outerjoin(given, true())
        .where(Partner.id == partner_id)
        .order_by(Agreement.ends_on.desc().nulls_first(), Agreement.id.desc())
    )


def _agreements(rows: Sequence[Any], today: date, ending_days: int) -> list[AgreementLine]:
    """The most telling first."""
    lines = {
        row.Agreement.id: AgreementLine(
            row.Agreement,
            badge(row.Agreement, row.has_successor, today, ending_days),
            row.fulfilled,
            row.owed,
            row.Obligation,
        )
        for row in rows
        if row.Agreement is not None
    }
    order = list(agreements.Standing)
    return sorted(lines.values(), key=lambda line: order.index(line.badge.standing))


def _given_between(partner_id: int, first: date, last: date) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Contribution.kind,
            Contribution.stage,
            Contribution.form,
            func.count().label("number"),
            func.sum(Contribution.value).label("value"),
            func.sum(Contribution.hours).label("hours"),
        )
        .where(
            Contribution.partner_id == partner_id,
            live(Contribution),
            or_(
                Contribution.stage.in_(
                    (ContributionStage.PROPOSED, ContributionStage.AGREED, ContributionStage.IN_PROGRESS)
                ),
                and_(
                    Contribution.stage.in_(GIVEN_CONTRIBUTIONS),
                    Contribution.delivered_on >= first,
                    Contribution.delivered_on <= last,
                ),
            ),
        )
        .group_by(Contribution.kind, Contribution.stage, Contribution.form)
    )


def _given(rows: Sequence[Any], year: int) -> Given | None:
    groups = {(row.kind, row.stage, row.form): row for row in rows if row.kind is not None}
    if not groups:
        return None
    values: dict[ContributionForm, int] = {}
    counts: dict[tuple[ContributionKind, ContributionStage], int] = {}
    hours = 0.0
    for (kind, stage, form), row in groups.items():
        counts[kind, stage] = counts.get((kind, stage), 0) + row.number
        if stage in GIVEN_CONTRIBUTIONS:
            hours += float(row.hours or 0)
            if row.value is not None:
                values[form] = values.get(form, 0) + int(row.value)
    kinds, stages, forms = list(ContributionKind), list(ContributionStage), list(ContributionForm)
    ordered = sorted(counts.items(), key=lambda item: (kinds.index(item[0][0]), stages.index(item[0][1])))
    return Given(
        year,
        dict(sorted(values.items(), key=lambda item: forms.index(item[0]))),
        hours,
        [(kind, stage, number) for (kind, stage), number in ordered],
    )
