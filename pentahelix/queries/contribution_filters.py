"""Which contributions are listed and added up."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, exists, extract, or_

from pentahelix.models import Contribution, Document, Partner
from pentahelix.paths import table
from pentahelix.queries.words import found, matching
from pentahelix.scope import live
from pentahelix.vocabulary import (
    GIVEN_CONTRIBUTIONS,
    ContributionForm,
    ContributionKind,
    ContributionStage,
    DocumentKind,
    Helix,
)


class Proof(StrEnum):
    """What is asked of those that were delivered."""

    PROVEN = "proven"
    BARE = "bare"


@dataclass(frozen=True)
class Filters:
    """Which contributions a list shows; archived ones alone or not at all. `year` is that of the delivery."""

    typed: str = ""
    cluster_id: int | None = None
    helix: Helix | None = None
    kind: ContributionKind | None = None
    form: ContributionForm | None = None
    stage: ContributionStage | None = None
    year: int | None = None
    partner_id: int | None = None
    product_id: int | None = None
    proof: Proof | None = None
    archived: bool = False

    @property
    def is_narrowed(self) -> bool:
        return self != Filters()


def has_evidence() -> ColumnElement[bool]:
    """Some document of that kind whose newest version is not archived.

    On the table, which no scope narrows: what proves a contribution in sight is in sight.
    """
    evidence = table(Document).alias("evidence")
    newer = table(Document).alias("newer")
    return exists().where(
        evidence.c.contribution_id == Contribution.id,
        evidence.c.kind == DocumentKind.EVIDENCE,
        evidence.c.archived_at.is_(None),
        ~exists().where(newer.c.replaces_id == evidence.c.id),
    )


_given = Contribution.stage.in_(GIVEN_CONTRIBUTIONS)
CONFIRMED = and_(Contribution.giver_confirmed_at.is_not(None), Contribution.school_confirmed_at.is_not(None))
PROVEN = and_(_given, CONFIRMED)
BARE = and_(_given, ~has_evidence())


def year_of() -> ColumnElement[int]:
    return extract("year", Contribution.delivered_on).cast(Integer)


def within_totals(filters: Filters) -> list[ColumnElement[bool]]:
    """What the totals are told by: `_wanted` says the same of them."""
    wanted: dict[Any, Any] = {
        Contribution.cluster_id: filters.cluster_id,
        Partner.helix: filters.helix,
        Contribution.kind: filters.kind,
        Contribution.form: filters.form,
        Contribution.stage: filters.stage,
        year_of(): filters.year,
    }
    return [column == value for column, value in wanted.items() if value is not None]


def beyond_totals(filters: Filters) -> list[ColumnElement[bool]]:
    criteria = [~live(Contribution) if filters.archived else live(Contribution)]
    if filters.typed:
        by_giver = Contribution.partner_id.in_(found(Partner, filters.typed))
        criteria.append(or_(matching(Contribution, filters.typed), by_giver))
    if filters.partner_id is not None:
        criteria.append(Contribution.partner_id == filters.partner_id)
    if filters.product_id is not None:
        criteria.append(Contribution.product_id == filters.product_id)
    if filters.proof is not None:
        criteria.append(PROVEN if filters.proof is Proof.PROVEN else BARE)
    return criteria
