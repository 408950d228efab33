"""What binds a partner: agreements with what they owe, and what it gave and is to give."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, or_, select, true

from pentahelix.extensions import db
from pentahelix.models import Agreement, AgreementParty, Contribution, Obligation, Partner
from pentahelix.paths import table
from pentahelix.prepared import prepared
from pentahelix.queries import agreements
from pentahelix.queries.agreements import AgreementBadge, badge
from pentahelix.scope import live
from pentahelix.vocabulary import (
    GIVEN_CONTRIBUTIONS,
    ContributionForm,
    ContributionKind,
    ContributionStage,
    ObligationStatus,
)


class Owed(NamedTuple):
    title: str
    due_on: date


@dataclass(frozen=True)
class AgreementLine:
    id: int
    title: str
    number: str | None
    is_open_ended: bool
    badge: AgreementBadge
    fulfilled: int
    owed: int
    #: what is due next of what is not fulfilled
    next: Owed | None


@dataclass(frozen=True)
class Given:
    """Contributions of this year, delivered ones by their day; the three forms are never added up."""

    year: int
    values: dict[ContributionForm, int]
    hours: float
    #: kind and stage → how many
    counts: Sequence[tuple[ContributionKind, ContributionStage, int]]


def bonds_of(partner_id: int, today: date, ending_days: int) -> tuple[list[AgreementLine], Given | None]:
    """In one statement."""
    year = today.replace(month=1, day=1), today.replace(month=12, day=31)
    rows = db.session.execute(*_signed_and_given(partner_id, *year)).all()
    return _agreements(rows, today, ending_days), _given(rows, today.year)


@prepared
def _signed_and_given(partner_id: int, first: date, last: date) -> Select[*tuple[Any, ...]]:
    """Each agreement with what it owes, beside each kind of contribution of the year: a handful of rows."""
    obligation, party = table(Obligation), table(AgreementParty)
    every, soonest = obligation.alias(), obligation.alias()
    owed = select(func.count(every.c.id)).where(
        every.c.agreement_id == Agreement.id, every.c.archived_at.is_(None)
    )
    next_owed = (
        select(soonest.c.id)
        .where(
            soonest.c.agreement_id == Agreement.id,
            soonest.c.status != ObligationStatus.FULFILLED,
            soonest.c.archived_at.is_(None),
        )
        .order_by(soonest.c.due_on, soonest.c.id)
        .limit(1)
        .correlate(Agreement)
        .scalar_subquery()
    )
    given = _given_between(partner_id, first, last).subquery()
    return (
        select(
            Agreement.id,
            Agreement.title,
            Agreement.kind,
            Agreement.status,
            Agreement.number_first,
            Agreement.number_second,
            Agreement.starts_on,
            Agreement.ends_on,
            Agreement.is_open_ended,
            agreements.has_successor().label("has_successor"),
            owed.where(every.c.status == ObligationStatus.FULFILLED).scalar_subquery().label("fulfilled"),
            owed.scalar_subquery().label("owed"),
            obligation.c.title.label("next_title"),
            obligation.c.due_on.label("next_due_on"),
            given,
        )
        .select_from(Partner)
        .outerjoin(party, party.c.partner_id == Partner.id)
        .outerjoin(Agreement, and_(Agreement.id == party.c.agreement_id, live(Agreement)))
        .outerjoin(obligation, obligation.c.id == next_owed)
        .outerjoin(given, true())
        .where(Partner.id == partner_id)
        .order_by(Agreement.ends_on.desc().nulls_first(), Agreement.id.desc())
    )


def _agreements(rows: Sequence[Any], today: date, ending_days: int) -> list[AgreementLine]:
    """The most telling first."""
    lines = {row.id: _agreement(row, today, ending_days) for row in rows if row.id is not None}
    order = list(agreements.Standing)
    return sorted(lines.values(), key=lambda line: order.index(line.badge.standing))


def _agreement(row: Any, today: date, ending_days: int) -> AgreementLine:
    return AgreementLine(
        row.id,
        row.title,
        row.number_first or row.number_second,
        row.is_open_ended,
        badge(row, row.has_successor, today, ending_days),
        row.fulfilled,
        row.owed,
        Owed(row.next_title, row.next_due_on) if row.next_title else None,
    )


def _given_between(partner_id: int, first: date, last: date) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Contribution.kind.label("given_kind"),
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
    groups = {(row.given_kind, row.stage, row.form): row for row in rows if row.given_kind is not None}
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
