"""Whom and what a cell of the coverage matrix is made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Date, String, Text, cast, literal, null, or_, select, union_all

from pentahelix import clock
from pentahelix.columns import UtcDateTime
from pentahelix.extensions import db
from pentahelix.models import (
    Agreement,
    AgreementCluster,
    AgreementParty,
    Cluster,
    ClusterPartner,
    Contribution,
    FollowUp,
    GuidanceSession,
    Meeting,
    Partner,
)
from pentahelix.prepared import prepared
from pentahelix.queries import agreements, coverage_rule, followups
from pentahelix.queries.agreements import AgreementBadge, Standing
from pentahelix.queries.coverage_rule import Span
from pentahelix.queries.followups import FollowUpRow
from pentahelix.queries.page import Rows
from pentahelix.rules import involved
from pentahelix.scope import live
from pentahelix.services.settings import Province
from pentahelix.vocabulary import (
    OPEN_FOLLOW_UPS,
    AgreementKind,
    AgreementStatus,
    Helix,
    InvolvementRole,
    LastContactKind,
)


class ActivityKind(StrEnum):
    MEETING = "meeting"
    GUIDANCE = "guidance"
    CONTRIBUTION = "contribution"


class SidePartner(NamedTuple):
    """A partner of the cell, and its involvement there."""

    id: int
    name: str
    role: InvolvementRole
    last_contact_on: date | None
    last_contact_kind: LastContactKind | None


class Paper(NamedTuple):
    """What is told of an agreement itself."""

    id: int
    title: str
    kind: AgreementKind
    status: AgreementStatus
    starts_on: date | None
    ends_on: date | None
    renews_id: int | None


@dataclass(frozen=True)
class CellAgreement:
    """An agreement of partners of the cell: in force, in process, not begun or expired."""

    agreement: Paper
    partners: Sequence[SidePartner]
    badge: AgreementBadge
    is_in_force: bool
    #: it makes the cell at risk
    is_ending: bool
    days_left: int | None


@dataclass(frozen=True)
class CellPartner:
    partner: SidePartner
    #: the one that says most
    agreement: CellAgreement | None
    next_step: FollowUpRow | None

    @property
    def is_bound(self) -> bool:
        return self.agreement is not None and self.agreement.is_in_force


@dataclass(frozen=True)
class Activity:
    """What was done together last, on a day of the cluster's calendar."""

    kind: ActivityKind
    id: int
    title: str
    day: date
    partner: SidePartner


#: By their ids, in the order of their names.
Partners = dict[int, SidePartner]


@prepared
def of_side(day: date, cluster_id: int, helix: Helix) -> Rows:
    """What SidePartner is made of."""
    return (
        select(
            Partner.id,
            Partner.name,
            ClusterPartner.role,
            ClusterPartner.last_contact_on,
            ClusterPartner.last_contact_kind,
        )
        .join(ClusterPartner, ClusterPartner.partner_id == Partner.id)
        .where(ClusterPartner.cluster_id == cluster_id, involved(day), Partner.helix == helix, live(Partner))
        .order_by(Partner.sort_name, Partner.id)
    )


def _ids(day: date, cluster_id: int, helix: Helix) -> Any:
    here = coverage_rule.partners_on(day, cluster_id)
    return select(here.c.partner_id).where(here.c.helix == helix)


@prepared
def open_steps(day: date, cluster_id: int, helix: Helix) -> Rows:
    return (
        followups.rows()
        .where(
            FollowUp.cluster_id == cluster_id,
            FollowUp.partner_id.in_(_ids(day, cluster_id, helix)),
            FollowUp.status.in_(OPEN_FOLLOW_UPS),
            live(FollowUp),
        )
        .order_by(FollowUp.due_on, FollowUp.id)
    )


@prepared
def _signed_or_begun(day: date, cluster_id: int, helix: Helix) -> Rows:
    """What Paper is made of, whether something follows it, and each of the partners."""
    return (
        select(
            Agreement.id,
            Agreement.title,
            Agreement.kind,
            Agreement.status,
            Agreement.starts_on,
            Agreement.ends_on,
            Agreement.renews_id,
            agreements.has_successor(),
            AgreementParty.partner_id,
        )
        .join(AgreementCluster, AgreementCluster.agreement_id == Agreement.id)
        .join(AgreementParty, AgreementParty.agreement_id == Agreement.id)
        .where(
            AgreementCluster.cluster_id == cluster_id,
            AgreementParty.partner_id.in_(_ids(day, cluster_id, helix)),
            or_(
                agreements.in_force(day),
                Agreement.status.in_((AgreementStatus.SIGNED, *agreements.IN_PROCESS)),
            ),
            live(Agreement),
        )
        .order_by(Agreement.ends_on.nulls_last(), Agreement.id, AgreementParty.id)
    )


def agreements_of(
    day: date, province: Province, cluster_id: int, helix: Helix, partners: Partners
) -> list[CellAgreement]:
    parties: dict[tuple[Paper, bool], list[SidePartner]] = {}
    for *paper, has_successor, partner_id in db.session.execute(*_signed_or_begun(day, cluster_id, helix)):
        parties.setdefault((Paper(*paper), has_successor), []).append(partners[partner_id])
    return [
        _agreement(paper, with_whom, has_successor, day, province)
        for (paper, has_successor), with_whom in parties.items()
    ]


def _agreement(
    paper: Paper, with_whom: list[SidePartner], has_successor: bool, day: date, province: Province
) -> CellAgreement:
    badge = agreements.badge(paper, has_successor, day, province.ending_days)
    holds = badge.standing in (Standing.IN_FORCE, Standing.ENDING)
    days_left = None if paper.ends_on is None else (paper.ends_on - day).days
    ends = holds and not has_successor and days_left is not None and days_left <= province.at_risk_days
    return CellAgreement(paper, with_whom, badge, holds, ends, days_left)


def partners_of(
    partners: Partners, agreed: Sequence[CellAgreement], follow_ups: Sequence[FollowUpRow]
) -> list[CellPartner]:
    of_partner: dict[int, list[CellAgreement]] = {}
    for each in agreed:
        for partner in each.partners:
            of_partner.setdefault(partner.id, []).append(each)
    steps: dict[int | None, FollowUpRow] = {}
    for row in follow_ups:
        steps.setdefault(row.follow_up.partner_id, row)
    found = [
        CellPartner(partner, _best(of_partner.get(partner.id, ())), steps.get(partner.id))
        for partner in partners.values()
    ]
    return sorted(found, key=lambda each: not each.is_bound)


def _best(agreed: Iterable[CellAgreement]) -> CellAgreement | None:
    """In force before on its way before expired, the one that lasts longest; as in the list of partners."""

    def rank(each: CellAgreement) -> tuple[int, int, date, int]:
        standing, ends_on = each.badge.standing, each.agreement.ends_on
        place = 0 if each.is_in_force else 2 if standing == Standing.EXPIRED else 1
        return -place, ends_on is None, ends_on or date.max, each.agreement.id

    return max(agreed, key=rank, default=None)


def last_activity(day: date, cluster: Cluster, here: Sequence[CellPartner]) -> Activity | None:
    those = [each for each in here if each.is_bound] or here
    partner_of = {each.partner.id: each.partner for each in those}
    if not partner_of:
        return None
    rows = db.session.execute(*_latest_of_each(Span.of(None, day), cluster.id, list(partner_of)))
    found = [
        Activity(
            ActivityKind(kind),
            number,
            title,
            on or clock.local(at, cluster.timezone).date(),
            partner_of[partner_id],
        )
        for kind, number, title, at, on, partner_id in rows
    ]
    return max(found, key=lambda activity: activity.day, default=None)


@prepared
def _latest_of_each(span: Span, cluster_id: int, partner_ids: list[int]) -> CompoundSelect[Any]:
    """The last meeting, session and contribution: at most three rows."""
    no_instant, no_day = cast(null(), UtcDateTime), cast(null(), Date)
    nouns: Sequence[tuple[ActivityKind, Any, Any, Any, Any]] = (
        (ActivityKind.MEETING, Meeting, Meeting.title, Meeting.starts_at, no_day),
        (ActivityKind.GUIDANCE, GuidanceSession, GuidanceSession.topic, GuidanceSession.starts_at, no_day),
        (ActivityKind.CONTRIBUTION, Contribution, Contribution.title, no_instant, Contribution.delivered_on),
    )
    found = []
    for done, (kind, noun, title, at, on) in zip(
        coverage_rule.activities(span, cluster_id), nouns, strict=True
    ):
        _cluster_id, partner_id = done.selected_columns
        when = on if noun is Contribution else at
        last = (
            done.with_only_columns(
                literal(kind.value, String).label("kind"),
                noun.id.label("id"),
                cast(title, Text).label("title"),
                at.label("at"),
                on.label("on"),
                partner_id.label("partner_id"),
                maintain_column_froms=True,
            )
            .where(partner_id.in_(partner_ids))
            .order_by(when.desc(), noun.id.desc(), partner_id)
            .limit(1)
        )
        found.append(select(last.subquery()))
    return union_all(*found)
