"""What to do next in a cell of the coverage matrix."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain

from pentahelix.queries import agreements
from pentahelix.queries.coverage_parts import CellAgreement, CellPartner, Paper, SidePartner
from pentahelix.queries.coverage_rule import Cell, Reason
from pentahelix.queries.followups import FollowUpRow
from pentahelix.vocabulary import CellState


class Step(StrEnum):
    """What the state of a cell asks for."""

    FIND_PARTNER = "find_partner"
    PROPOSE = "propose"  #: an agreement to a partner
    PUSH = "push"  #: an agreement in process
    PLAN = "plan"  #: a session or a meeting with a partner
    RENEW = "renew"  #: an agreement that ends


@dataclass(frozen=True)
class NextStep:
    """An open follow-up, or a step and what a link to it is filled with."""

    follow_up: FollowUpRow | None = None
    step: Step | None = None
    partner: SidePartner | None = None
    agreement: Paper | None = None


def next_step(
    found: Cell, agreed: Sequence[CellAgreement], follow_ups: Sequence[FollowUpRow]
) -> NextStep | None:
    """The earliest follow-up on the partner that gives the reason, else on any; late ones come first."""
    reason = next((each.partners for each in agreed if each.is_ending), ())
    with_whom = {partner.id for partner in reason} if found.reason == Reason.ENDING else ()
    on_reason = (row for row in follow_ups if row.follow_up.partner_id in with_whom)
    follow_up = next(chain(on_reason, follow_ups), None)
    return NextStep(follow_up=follow_up) if follow_up else None


def state_step(found: Cell, here: Sequence[CellPartner], agreed: Sequence[CellAgreement]) -> NextStep | None:
    """None where the state asks for nothing: alive, or at risk by what is late, which is the step itself."""
    if found.state == CellState.EMPTY:
        return NextStep(step=Step.FIND_PARTNER)
    if found.state == CellState.PROSPECT:
        furthest = next(iter(in_process(agreed)), None)
        return _of(Step.PUSH, furthest) if furthest else NextStep(step=Step.PROPOSE, partner=_last_met(here))
    if found.state == CellState.BOUND:
        return NextStep(step=Step.PLAN, partner=_last_met([each for each in here if each.is_bound]))
    if found.reason == Reason.ENDING:
        ends = next(each for each in agreed if each.is_ending)
        begun = (each for each in in_process(agreed) if each.agreement.renews_id == ends.agreement.id)
        successor = next(begun, None)
        return _of(Step.PUSH, successor) if successor else _of(Step.RENEW, ends)
    return None


def _of(step: Step, about: CellAgreement) -> NextStep:
    return NextStep(step=step, partner=about.partners[0], agreement=about.agreement)


def in_process(agreed: Sequence[CellAgreement]) -> list[CellAgreement]:
    on_the_way = [each for each in agreed if each.agreement.status in agreements.IN_PROCESS]
    return sorted(
        on_the_way, key=lambda each: agreements.IN_PROCESS.index(each.agreement.status), reverse=True
    )


def _last_met(here: Sequence[CellPartner]) -> SidePartner:
    """The one with the latest contact; of those without any, the first by name."""
    return max(here, key=lambda each: each.partner.last_contact_on or date.min).partner
