"""What a partner contact sees of the cooperation: agreements since they were signed, and contributions.

Both are of the organisations where the contact works today; see `paths.OF_CONTACT`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import joinedload, selectinload

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Agreement, AgreementParty, Contribution, Obligation, Partner, School
from pentahelix.prepared import TODAY, prepared
from pentahelix.queries import agreements
from pentahelix.queries.agreements import AgreementBadge, badge
from pentahelix.queries.page import Page, Rows, paginate
from pentahelix.scope import everything
from pentahelix.services import settings
from pentahelix.services.obligations import is_late
from pentahelix.vocabulary import GIVEN_CONTRIBUTIONS, ContributionForm, ObligationStatus, PartySide


@dataclass(frozen=True)
class Owed:
    """An obligation as it stands on `today`."""

    obligation: Obligation
    today: date

    @property
    def is_fulfilled(self) -> bool:
        return self.obligation.status == ObligationStatus.FULFILLED

    @property
    def is_late(self) -> bool:
        return is_late(self.obligation, self.today)


@dataclass(frozen=True)
class Signed:
    """An agreement that was signed once: how it stands, who is on each side, what each side owes."""

    agreement: Agreement
    badge: AgreementBadge
    parties: Mapping[PartySide, Sequence[str]]
    obligations: Mapping[PartySide, Sequence[Owed]]

    @property
    def owed(self) -> int:
        return sum(map(len, self.obligations.values()))

    @property
    def fulfilled(self) -> int:
        return sum(owed.is_fulfilled for side in self.obligations.values() for owed in side)


@dataclass(frozen=True)
class Contributions:
    """One page of them. `totals` are of what was delivered or adopted, by form, and never added up."""

    page: Page
    totals: Mapping[ContributionForm, int]
    #: delivered or adopted ones whose value nobody stated
    unvalued: int


def signed(number: int) -> Page:
    """Page `number` of the agreements: those that bind today first; five statements and the settings."""
    today, ending_days = clock.today(), settings.province().ending_days
    page = paginate(_signed(), number, scalars=False)
    parties = _parties([agreement.id for agreement, _followed in page.items])
    return replace(
        page,
        items=[
            Signed(
                agreement,
                badge(agreement, followed, today, ending_days),
                {side: parties.get((agreement.id, side), []) for side in PartySide},
                _by_side(agreement.obligations, today),
            )
            for agreement, followed in page.items
        ],
    )


@prepared
def _signed() -> Rows:
    binds = case((agreements.in_force(TODAY), 0), else_=1)
    return (
        select(Agreement, agreements.has_successor())
        .order_by(binds, Agreement.ends_on.desc().nulls_first(), Agreement.id.desc())
        .options(selectinload(Agreement.obligations))
    )


def contributed(number: int) -> Contributions:
    """Page `number`, the latest first, what is still to come before it; three statements."""
    page = paginate(_contributed(), number)
    rows = db.session.execute(*_totals()).all()
    totals = {form: int(value) for form, value, _unvalued in rows if value is not None}
    return Contributions(
        page,
        {form: totals[form] for form in ContributionForm if form in totals},
        sum(unvalued for _form, _value, unvalued in rows),
    )


@prepared
def _contributed() -> Select[Any]:
    return (
        select(Contribution)
        .order_by(Contribution.delivered_on.desc().nulls_first(), Contribution.id.desc())
        .options(joinedload(Contribution.cluster), joinedload(Contribution.partner))
    )


@prepared
def _totals() -> Rows:
    unvalued = func.count() - func.count(Contribution.value)
    return (
        select(Contribution.form, func.sum(Contribution.value), unvalued)
        .where(Contribution.stage.in_(GIVEN_CONTRIBUTIONS))
        .group_by(Contribution.form)
    )


# ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _parties(agreement_ids: Sequence[int]) -> dict[tuple[int, PartySide], list[str]]:
    """Who is on each side. Beyond what a contact sees; it tells the names of the parties and nothing else."""
    if not agreement_ids:
        return {}
    with everything() as session:
        rows = session.execute(*_sides(tuple(agreement_ids))).all()
    found: dict[tuple[int, PartySide], list[str]] = {}
    for agreement_id, side, name in rows:
        found.setdefault((agreement_id, side), []).append(name)
    return found


@prepared
def _sides(agreement_ids: tuple[int, ...]) -> Rows:
    name = func.coalesce(AgreementParty.office, Partner.name, School.name)
    return (
        select(AgreementParty.agreement_id, AgreementParty.side, name)
        .outerjoin(Partner, Partner.id == AgreementParty.partner_id)
        .outerjoin(School, School.id == AgreementParty.school_id)
        .where(AgreementParty.agreement_id.in_(agreement_ids))
        .order_by(AgreementParty.id)
    )


def _by_side(obligations: Sequence[Obligation], today: date) -> dict[PartySide, list[Owed]]:
    """By due date; a side that owes nothing is left out."""
    ordered = sorted(obligations, key=lambda obligation: (obligation.due_on, obligation.id))
    sides = {side: [Owed(one, today) for one in ordered if one.side == side] for side in PartySide}
    return {side: owed for side, owed in sides.items() if owed}
