"""The rule of a cell of the coverage matrix: one statement over involvements.

A cell is one side of one cluster on a day of the province. The first that fits: empty, without a partner;
prospect, with nobody bound; at risk; alive; bound. The twin in plain Python stands in the tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple, Self

from sqlalchemy import CTE, ColumnElement, Select, Subquery, and_, case, exists, func, or_, select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import (
    Affiliation,
    Agreement,
    AgreementCluster,
    AgreementParty,
    Attendance,
    Cluster,
    ClusterPartner,
    Contribution,
    FollowUp,
    GuidanceSession,
    Invitation,
    Meeting,
    Partner,
)
from pentahelix.paths import table
from pentahelix.prepared import prepared
from pentahelix.presentation import ZONE_LETTERS
from pentahelix.queries import agreements
from pentahelix.queries.partner_list import in_cluster
from pentahelix.rules import Day, involved
from pentahelix.scope import live
from pentahelix.services.settings import Province
from pentahelix.vocabulary import (
    GIVEN_CONTRIBUTIONS,
    OPEN_FOLLOW_UPS,
    AgreementStatus,
    Answer,
    CellState,
    GuidanceStatus,
    Helix,
    InvitationRole,
    InvolvementRole,
    MeetingStatus,
)

#: On the tables, which no scope narrows: each is joined to what is in sight.
PARTY, COVERED = table(AgreementParty), table(AgreementCluster)
PRESENT, INVITED = table(Attendance), table(Invitation)


class Reason(StrEnum):
    """Why a cell is at risk; where both hold, the first is named."""

    ENDING = "ending"
    LATE = "late"


class Cell(NamedTuple):
    """One side of one cluster."""

    cluster_id: int
    helix: Helix
    state: CellState = CellState.EMPTY
    partners: int = 0
    #: of these, those with an agreement in force …
    bound_partners: int = 0
    #: … and those whose involvement is that of a prospect
    prospects: int = 0
    reason: Reason | None = None
    #: at risk: days left, or follow-ups late; prospect: partners
    number: int | None = None
    #: prospect: how far the furthest of the agreements has come that are in process
    in_process: AgreementStatus | None = None

    @property
    def is_bound(self) -> bool:
        return self.bound_partners > 0


@dataclass(frozen=True)
class Span:
    """The days from `first` (None: ever) to `last`: when they begin and when they are over, by zone."""

    first: date | None
    last: date
    begin: dict[str, datetime]
    after: dict[str, datetime]

    @classmethod
    def of(cls, first: date | None, last: date) -> Self:
        return cls(first, last, _midnights(first) if first else {}, _midnights(last + timedelta(days=1)))


@dataclass(frozen=True)
class Bounds:
    """The days that the rule counts with."""

    day: date
    #: an agreement that ends by then is ending
    ending_until: date
    #: a follow-up that was due before is late enough
    late_before: date
    #: an activity of then makes alive
    active: Span

    @classmethod
    def on(cls, day: date, province: Province) -> Self:
        return cls(
            day,
            day + timedelta(days=province.at_risk_days),
            day - timedelta(days=province.late_days),
            Span.of(day - timedelta(days=province.alive_days), day),
        )


def cells_on(day: date, province: Province, cluster_id: int | None = None) -> dict[tuple[int, Helix], Cell]:
    """The cells that are not empty, of all clusters in sight or of one; one statement."""
    rows = db.session.execute(*_cells(Bounds.on(day, province), cluster_id))
    return {(row[0], row[1]): cell_of(day, *row) for row in rows}


@prepared
def _cells(bounds: Bounds, cluster_id: int | None) -> Select[Any]:
    return cells(bounds, cluster_id)


def cells(bounds: Bounds, cluster_id: int | None = None) -> Select[Any]:
    """Of each cell that is not empty what `cell_of` makes a Cell of."""
    facts = _facts(bounds, cluster_id)
    state = case(
        (facts.c.bound_partners == 0, CellState.PROSPECT.value),
        (or_(facts.c.ends_on.is_not(None), facts.c.late > 0), CellState.AT_RISK.value),
        (_is_active(facts, bounds, cluster_id), CellState.ALIVE.value),
        else_=CellState.BOUND.value,
    )
    return select(facts, state.label("state"))


def cell_of(day: date, cluster_id: int, helix: Helix, *facts: Any) -> Cell:
    return Cell(cluster_id, helix, *_standing(day, *facts))


@lru_cache(1000)
def _standing(
    day: date,
    partners: int,
    bound_partners: int,
    prospects: int,
    ends_on: date | None,
    progress: int | None,
    late: int,
    state: str,
) -> tuple[CellState, int, int, int, Reason | None, int | None, AgreementStatus | None]:
    """What follows the cluster and the side in a Cell; many have the same."""
    reason, number, in_process = None, None, None
    if state == CellState.AT_RISK and ends_on is not None:
        reason, number = Reason.ENDING, (ends_on - day).days
    elif state == CellState.AT_RISK:
        reason, number = Reason.LATE, int(late)
    elif state == CellState.PROSPECT:
        number = partners
        in_process = None if progress is None else agreements.IN_PROCESS[progress]
    return CellState(state), partners, bound_partners, prospects, reason, number, in_process


def _facts(bounds: Bounds, cluster_id: int | None) -> Subquery:
    """What the rule asks of the partners of each cell."""
    here = partners_on(bounds.day, cluster_id)
    agreed = _agreed(bounds, cluster_id)
    late = _late(bounds, cluster_id)

    def beside(found: Any) -> ColumnElement[bool]:
        return and_(found.c.cluster_id == here.c.cluster_id, found.c.partner_id == here.c.partner_id)

    return (
        select(
            here.c.cluster_id,
            here.c.helix,
            func.count().label("partners"),
            func.count(case((agreed.c.is_bound == 1, 1))).label("bound_partners"),
            func.count(case((here.c.role == InvolvementRole.PROSPECT, 1))).label("prospects"),
            func.min(agreed.c.ends_on).label("ends_on"),
            func.max(agreed.c.progress).label("progress"),
            func.coalesce(func.sum(late.c.number), 0).label("late"),
        )
        .select_from(here)
        .outerjoin(agreed, beside(agreed))
        .outerjoin(late, beside(late))
        .group_by(here.c.cluster_id, here.c.helix)
        .subquery("facts")
    )


def _is_active(facts: Subquery, bounds: Bounds, cluster_id: int | None) -> ColumnElement[bool]:
    """Whether some partner of the cell that is bound did something with the cluster.

    Asked last, of the cells alone that nothing else decides, each time until the first that is found: so it
    costs no more where more was done.
    """

    def by_bound_partners(done: Any) -> ColumnElement[bool]:
        where, whom = done.selected_columns
        return exists(
            done.join(
                ClusterPartner, and_(ClusterPartner.cluster_id == where, ClusterPartner.partner_id == whom)
            )
            .join(Partner, Partner.id == whom)
            .where(where == facts.c.cluster_id, Partner.helix == facts.c.helix)
            .where(involved(bounds.day), live(Partner), _is_bound(where, whom, bounds))
            .correlate(facts)
        )

    return or_(*map(by_bound_partners, activities(bounds.active, cluster_id)))


def _is_bound(where: Any, whom: Any, bounds: Bounds) -> ColumnElement[bool]:
    """Whether an agreement in force covers that cluster for that partner.

    One inside the other: the partner's few agreements are looked at, not the cluster's many or all in force.
    """
    covers = exists(
        select(COVERED.c.id)
        .where(COVERED.c.agreement_id == Agreement.id, COVERED.c.cluster_id == where)
        .correlate_except(COVERED)
    )
    holds = exists(
        select(Agreement.id)
        .where(Agreement.id == PARTY.c.agreement_id, agreements.in_force(bounds.day), live(Agreement), covers)
        .correlate_except(Agreement)
    )
    return exists(select(PARTY.c.id).where(PARTY.c.partner_id == whom, holds).correlate_except(PARTY))


def partners_on(day: Day, cluster_id: int | None = None) -> CTE:
    """The partners of all cells: live, in an involvement that has begun and not ended."""
    return (
        select(ClusterPartner.cluster_id, ClusterPartner.partner_id, ClusterPartner.role, Partner.helix)
        .join(Partner, Partner.id == ClusterPartner.partner_id)
        .where(involved(day), live(Partner), in_cluster(cluster_id, ClusterPartner.cluster_id))
        .cte("here")
    )


def _agreed(bounds: Bounds, cluster_id: int | None) -> Subquery:
    """What binds a partner in a cluster, when the first of it ends, how far the next has come."""
    holds = agreements.in_force(bounds.day)
    ends = and_(holds, agreements.ending(bounds.ending_until))
    places = {status: place for place, status in enumerate(agreements.IN_PROCESS)}
    return (
        select(
            AgreementCluster.cluster_id,
            AgreementParty.partner_id,
            _any(holds).label("is_bound"),
            func.min(case((ends, Agreement.ends_on))).label("ends_on"),
            func.max(case(places, value=Agreement.status)).label("progress"),
        )
        .join(Agreement, Agreement.id == AgreementCluster.agreement_id)
        .join(AgreementParty, AgreementParty.agreement_id == Agreement.id)
        .where(
            or_(holds, Agreement.status.in_(agreements.IN_PROCESS)),
            AgreementParty.partner_id.is_not(None),
            in_cluster(cluster_id, AgreementCluster.cluster_id),
            live(Agreement),
        )
        .group_by(AgreementCluster.cluster_id, AgreementParty.partner_id)
        .subquery("agreed")
    )


def _late(bounds: Bounds, cluster_id: int | None) -> Subquery:
    return (
        select(FollowUp.cluster_id, FollowUp.partner_id, func.count().label("number"))
        .where(
            FollowUp.partner_id.is_not(None),
            FollowUp.status.in_(OPEN_FOLLOW_UPS),
            FollowUp.due_on < bounds.late_before,
            in_cluster(cluster_id, FollowUp.cluster_id),
            live(FollowUp),
        )
        .group_by(FollowUp.cluster_id, FollowUp.partner_id)
        .subquery("late")
    )


def under_agreements(done: Any) -> Any:
    """`activities`, each beside the agreements of that partner that cover that cluster, in sight or not."""
    where, whom = done.selected_columns
    covers = and_(COVERED.c.agreement_id == PARTY.c.agreement_id, COVERED.c.cluster_id == where)
    return done.join(PARTY, PARTY.c.partner_id == whom).join(COVERED, covers)


def activities(span: Span, cluster_id: int | None = None) -> Sequence[Select[int, int]]:
    """Cluster and partner of what was done together in a span of days: meeting, session, contribution.

    Somebody of the partner was present; of a session without a list, whoever spoke and had not declined was.
    """
    spoke = and_(
        INVITED.c.attended.is_(None),
        INVITED.c.role == InvitationRole.SPEAKER,
        INVITED.c.answer != Answer.DECLINED,
        INVITED.c.uninvited_at.is_(None),
    )
    return (
        select(Meeting.cluster_id, Affiliation.partner_id)
        .join(Cluster, Cluster.id == Meeting.cluster_id)
        .join(PRESENT, PRESENT.c.meeting_id == Meeting.id)
        .join(Affiliation, Affiliation.id == PRESENT.c.affiliation_id)
        .where(
            Meeting.status == MeetingStatus.HELD,
            *_within(Meeting.starts_at, span),
            in_cluster(cluster_id, Meeting.cluster_id),
            live(Meeting),
        ),
        select(GuidanceSession.cluster_id, Affiliation.partner_id)
        .join(Cluster, Cluster.id == GuidanceSession.cluster_id)
        .join(INVITED, INVITED.c.guidance_id == GuidanceSession.id)
        .join(Affiliation, Affiliation.id == INVITED.c.affiliation_id)
        .where(
            GuidanceSession.status == GuidanceStatus.HELD,
            or_(INVITED.c.attended.is_(True), spoke),
            *_within(GuidanceSession.starts_at, span),
            in_cluster(cluster_id, GuidanceSession.cluster_id),
            live(GuidanceSession),
        ),
        select(Contribution.cluster_id, Contribution.partner_id).where(
            Contribution.stage.in_(GIVEN_CONTRIBUTIONS),
            Contribution.delivered_on <= span.last,
            *([Contribution.delivered_on >= span.first] if span.first else []),
            in_cluster(cluster_id, Contribution.cluster_id),
            live(Contribution),
        ),
    )


def _within(starts_at: Any, span: Span) -> list[ColumnElement[bool]]:
    """It began on one of these days by the clocks of its cluster; outside Indonesia by those of the province.

    The same bounds for all come first: they are what an index can be asked for. Midnight comes to Jayapura
    first and to Jakarta last.
    """
    criteria = [starts_at < span.after[clock.PROVINCE_ZONE], starts_at < _in_zone(span.after)]
    if span.first:
        criteria += [starts_at >= span.begin[clock.EASTERNMOST_ZONE], starts_at >= _in_zone(span.begin)]
    return criteria


def _midnights(day: date) -> dict[str, datetime]:
    return {zone: clock.at(day, time.min, zone) for zone in ZONE_LETTERS}


def _in_zone(instants: dict[str, datetime]) -> ColumnElement[datetime]:
    return case(instants, value=Cluster.timezone, else_=instants[clock.PROVINCE_ZONE])


def _any(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.max(case((condition, 1), else_=0))
