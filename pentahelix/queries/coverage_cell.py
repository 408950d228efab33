"""One cell of the coverage matrix: what makes its state, whom it is made of, what to do next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Date,
    Select,
    String,
    Text,
    cast,
    literal,
    null,
    or_,
    select,
    union_all,
)

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
from pentahelix.queries import agreements, coverage_rule, followups, partners
from pentahelix.queries.agreements import Standing
from pentahelix.queries.coverage_candidates import Candidate, candidates
from pentahelix.queries.coverage_rule import Cell, Reason, Span
from pentahelix.queries.followups import FollowUpRow
from pentahelix.queries.page import Rows
from pentahelix.queries.partners import AgreementBadge
from pentahelix.scope import live, or_404
from pentahelix.services import settings
from pentahelix.services.settings import Province
from pentahelix.vocabulary import OPEN_FOLLOW_UPS, AgreementStatus, CellState, Helix


class Step(StrEnum):
    """What the state of a cell asks for."""

    FIND_PARTNER = "find_partner"
    PROPOSE = "propose"  #: an agreement to a partner
    PUSH = "push"  #: an agreement in process
    PLAN = "plan"  #: a session or a meeting with a partner
    RENEW = "renew"  #: an agreement that ends


class ActivityKind(StrEnum):
    MEETING = "meeting"
    GUIDANCE = "guidance"
    CONTRIBUTION = "contribution"


@dataclass(frozen=True)
class NextStep:
    """An open follow-up, or a step and what a link to it is filled with."""

    follow_up: FollowUpRow | None = None
    step: Step | None = None
    partner: Partner | None = None
    agreement: Agreement | None = None


@dataclass(frozen=True)
class CellAgreement:
    """An agreement of partners of the cell: in force, in process, not begun or expired."""

    agreement: Agreement
    partners: Sequence[Partner]
    badge: AgreementBadge
    is_in_force: bool
    #: it makes the cell at risk
    is_ending: bool
    days_left: int | None


@dataclass(frozen=True)
class CellPartner:
    partner: Partner
    involvement: ClusterPartner
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
    partner: Partner


@dataclass(frozen=True)
class CellPage:
    cluster: Cluster
    province: Province
    day: date
    cell: Cell
    #: those bound first
    partners: Sequence[CellPartner]
    #: those that end first come first
    agreements: Sequence[CellAgreement]
    #: open ones on these partners, those due first
    follow_ups: Sequence[FollowUpRow]
    #: of these, those that make the cell at risk
    late: Sequence[FollowUpRow]
    #: of the partners that are bound, where some are
    activity: Activity | None
    #: what comes first, and what the state alone asks for
    next_step: NextStep | None
    state_step: NextStep | None
    candidates: Sequence[Candidate]

    @property
    def ending(self) -> Sequence[CellAgreement]:
        """The agreements that make the cell at risk."""
        return [each for each in self.agreements if each.is_ending]

    @property
    def in_process(self) -> Sequence[CellAgreement]:
        """The furthest first."""
        return _in_process(self.agreements)


def cell(cluster_id: int, helix: Helix) -> CellPage:
    """A cell of a cluster that one may see, in seven statements, one more if it is empty; else 404."""
    cluster = or_404(db.session.scalars(*_live_cluster(cluster_id)).first())
    day, province = clock.today(), settings.province()
    found = coverage_rule.cells_on(day, province, cluster_id).get((cluster_id, helix)) or Cell(
        cluster_id, helix
    )
    involved = _involved(day, cluster_id, helix)
    follow_ups = _follow_ups(cluster_id, involved)
    agreed = _agreements(day, province, cluster_id, involved)
    here = _partners(involved, agreed, follow_ups)
    state_step = _state_step(found, here, agreed)
    return CellPage(
        cluster=cluster,
        province=province,
        day=day,
        cell=found,
        partners=here,
        agreements=agreed,
        follow_ups=follow_ups,
        late=[row for row in follow_ups if (day - row.follow_up.due_on).days > province.late_days],
        activity=_last_activity(day, cluster, here),
        next_step=_next_step(found, agreed, follow_ups) or state_step,
        state_step=state_step,
        candidates=candidates(cluster, helix) if found.state == CellState.EMPTY else [],
    )


@prepared
def _live_cluster(cluster_id: int) -> Select[Cluster]:
    return select(Cluster).where(Cluster.id == cluster_id, live(Cluster))


# ── whom and what it is made of ─────────────────────────────────────────────────────────────────────────────

Involved = dict[int, tuple[Partner, ClusterPartner]]


def _involved(day: date, cluster_id: int, helix: Helix) -> Involved:
    """The partners of the cell by name, under their ids."""
    rows = db.session.execute(*_of_side(day, cluster_id, helix))
    return {partner.id: (partner, involvement) for partner, involvement in rows}


@prepared
def _of_side(day: date, cluster_id: int, helix: Helix) -> Rows:
    here = coverage_rule.partners_on(day, cluster_id)
    return (
        select(Partner, ClusterPartner)
        .join(ClusterPartner, ClusterPartner.partner_id == Partner.id)
        .join(here, here.c.partner_id == Partner.id)
        .where(ClusterPartner.cluster_id == cluster_id, here.c.helix == helix)
        .order_by(Partner.sort_name, Partner.id)
    )


def _follow_ups(cluster_id: int, involved: Involved) -> list[FollowUpRow]:
    return [FollowUpRow(*row) for row in db.session.execute(*_open_steps(cluster_id, list(involved)))]


@prepared
def _open_steps(cluster_id: int, partner_ids: list[int]) -> Rows:
    return (
        followups.rows()
        .where(
            FollowUp.cluster_id == cluster_id,
            FollowUp.partner_id.in_(partner_ids),
            FollowUp.status.in_(OPEN_FOLLOW_UPS),
            live(FollowUp),
        )
        .order_by(FollowUp.due_on, FollowUp.id)
    )


@prepared
def _signed_or_begun(day: date, cluster_id: int, partner_ids: list[int]) -> Rows:
    return (
        select(Agreement, agreements.has_successor(), Partner)
        .join(AgreementCluster, AgreementCluster.agreement_id == Agreement.id)
        .join(AgreementParty, AgreementParty.agreement_id == Agreement.id)
        .join(Partner, Partner.id == AgreementParty.partner_id)
        .where(
            AgreementCluster.cluster_id == cluster_id,
            Partner.id.in_(partner_ids),
            or_(
                agreements.in_force(day),
                Agreement.status.in_((AgreementStatus.SIGNED, *agreements.IN_PROCESS)),
            ),
            live(Agreement),
        )
        .order_by(Agreement.ends_on.nulls_last(), Agreement.id, AgreementParty.id)
    )


def _agreements(day: date, province: Province, cluster_id: int, involved: Involved) -> list[CellAgreement]:
    rows = db.session.execute(*_signed_or_begun(day, cluster_id, list(involved)))
    parties: dict[tuple[Agreement, bool], list[Partner]] = {}
    for agreement, has_successor, partner in rows:
        parties.setdefault((agreement, has_successor), []).append(partner)
    return [
        _agreement(agreement, with_whom, has_successor, day, province)
        for (agreement, has_successor), with_whom in parties.items()
    ]


def _agreement(
    agreement: Agreement, with_whom: list[Partner], has_successor: bool, day: date, province: Province
) -> CellAgreement:
    badge = partners.badge(agreement, has_successor, day, province.ending_days)
    holds = badge.standing in (Standing.IN_FORCE, Standing.ENDING)
    days_left = None if agreement.ends_on is None else (agreement.ends_on - day).days
    ends = holds and not has_successor and days_left is not None and days_left <= province.at_risk_days
    return CellAgreement(agreement, with_whom, badge, holds, ends, days_left)


def _partners(
    involved: Involved, agreed: Sequence[CellAgreement], follow_ups: Sequence[FollowUpRow]
) -> list[CellPartner]:
    found = [
        CellPartner(
            partner,
            involvement,
            agreement=_best(each for each in agreed if partner in each.partners),
            next_step=next((row for row in follow_ups if row.partner == partner), None),
        )
        for partner, involvement in involved.values()
    ]
    return sorted(found, key=lambda each: not each.is_bound)


def _best(agreed: Iterable[CellAgreement]) -> CellAgreement | None:
    """In force before on its way before expired, the one that lasts longest; as in the list of partners."""

    def rank(each: CellAgreement) -> tuple[int, int, date, int]:
        standing, ends_on = each.badge.standing, each.agreement.ends_on
        place = 0 if each.is_in_force else 2 if standing == Standing.EXPIRED else 1
        return -place, ends_on is None, ends_on or date.max, each.agreement.id

    return max(agreed, key=rank, default=None)


def _last_activity(day: date, cluster: Cluster, here: Sequence[CellPartner]) -> Activity | None:
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


# ── what to do next ─────────────────────────────────────────────────────────────────────────────────────────


def _next_step(
    found: Cell, agreed: Sequence[CellAgreement], follow_ups: Sequence[FollowUpRow]
) -> NextStep | None:
    """The earliest follow-up on the partner that gives the reason, else on any; late ones come first."""
    reason = next((each.partners for each in agreed if each.is_ending), ())
    on_reason = (row for row in follow_ups if found.reason == Reason.ENDING and row.partner in reason)
    follow_up = next(chain(on_reason, follow_ups), None)
    return NextStep(follow_up=follow_up, partner=follow_up.partner) if follow_up else None


def _state_step(found: Cell, here: Sequence[CellPartner], agreed: Sequence[CellAgreement]) -> NextStep | None:
    """None where the state asks for nothing: alive, or at risk by what is late, which is the step itself."""
    if found.state == CellState.EMPTY:
        return NextStep(step=Step.FIND_PARTNER)
    if found.state == CellState.PROSPECT:
        furthest = next(iter(_in_process(agreed)), None)
        return _of(Step.PUSH, furthest) if furthest else NextStep(step=Step.PROPOSE, partner=_last_met(here))
    if found.state == CellState.BOUND:
        return NextStep(step=Step.PLAN, partner=_last_met([each for each in here if each.is_bound]))
    if found.reason == Reason.ENDING:
        ends = next(each for each in agreed if each.is_ending)
        begun = (each for each in _in_process(agreed) if each.agreement.renews_id == ends.agreement.id)
        successor = next(begun, None)
        return _of(Step.PUSH, successor) if successor else _of(Step.RENEW, ends)
    return None


def _of(step: Step, about: CellAgreement) -> NextStep:
    return NextStep(step=step, partner=about.partners[0], agreement=about.agreement)


def _in_process(agreed: Sequence[CellAgreement]) -> list[CellAgreement]:
    on_the_way = [each for each in agreed if each.agreement.status in agreements.IN_PROCESS]
    return sorted(
        on_the_way, key=lambda each: agreements.IN_PROCESS.index(each.agreement.status), reverse=True
    )


def _last_met(here: Sequence[CellPartner]) -> Partner:
    """The one with the latest contact; of those without any, the first by name."""
    return max(here, key=lambda each: each.involvement.last_contact_on or date.min).partner
