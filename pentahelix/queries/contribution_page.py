"""A contribution with what proves it and what hangs on it; and those that a product or a session led to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Contribution, ContributionSchool, FollowUp, Partner, School, User
from pentahelix.queries import documents
from pentahelix.queries.documents import DocumentLine
from pentahelix.queries.meetings import FollowUpLine
from pentahelix.scope import get_or_404, live
from pentahelix.vocabulary import GIVEN_CONTRIBUTIONS, DocumentKind

#: How many the page of a product names; the list has them all.
SHOWN = 5


@dataclass(frozen=True)
class ContributionPage:
    contribution: Contribution
    #: that received it
    schools: Sequence[School]
    follow_ups: Sequence[FollowUpLine]
    documents: Sequence[DocumentLine]

    @property
    def today(self) -> date:
        return clock.today(self.zone)

    @property
    def zone(self) -> str:
        return self.contribution.cluster.timezone

    @property
    def is_given(self) -> bool:
        return self.contribution.stage in GIVEN_CONTRIBUTIONS

    @property
    def is_proven(self) -> bool:
        given = self.contribution
        return given.giver_confirmed_at is not None and given.school_confirmed_at is not None

    @property
    def takes_confirmation(self) -> bool:
        """The school's: it was delivered, and none of its colleagues has said so yet."""
        given = self.contribution
        return self.is_given and not given.is_archived and given.school_confirmed_at is None

    @property
    def likely_day(self) -> date:
        """When it was delivered, if it is now: on the day that was expected, unless that lies ahead."""
        return min(self.contribution.delivered_on or self.today, self.today)

    @property
    def is_bare(self) -> bool:
        """Delivered, and nothing shows it."""
        evidence = (line for line in self.documents if line.document.kind == DocumentKind.EVIDENCE)
        return self.is_given and all(line.is_archived for line in evidence)


def one(contribution_id: int) -> ContributionPage:
    """A contribution that one may see, with all that its page names, in four statements; else 404."""
    named = ("cluster", "partner", "agreement", "guidance", "product", "giver_contact", "school_user")
    contribution = get_or_404(
        Contribution, contribution_id, *(joinedload(getattr(Contribution, name)) for name in named)
    )
    return ContributionPage(
        contribution,
        _schools_of(contribution_id),
        _follow_ups_of(contribution_id),
        documents.of(contribution),
    )


def school_ids_of(contribution_id: int) -> list[int]:
    received = select(ContributionSchool.school_id).where(
        ContributionSchool.contribution_id == contribution_id
    )
    return list(db.session.scalars(received.order_by(ContributionSchool.id)))


def _schools_of(contribution_id: int) -> Sequence[School]:
    return db.session.scalars(
        select(School)
        .join(ContributionSchool, ContributionSchool.school_id == School.id)
        .where(ContributionSchool.contribution_id == contribution_id)
        .order_by(School.sort_name, School.id)
    ).all()


def _follow_ups_of(contribution_id: int) -> list[FollowUpLine]:
    rows = db.session.execute(
        select(FollowUp, User)
        .join(User, User.id == FollowUp.owner_user_id)
        .where(FollowUp.contribution_id == contribution_id, live(FollowUp))
        .order_by(FollowUp.due_on, FollowUp.id)
    )
    return [FollowUpLine(*row) for row in rows]


@dataclass(frozen=True)
class Mentioned:
    """Contributions as the page of another record names them, the latest first; `total` counts all."""

    lines: Sequence[tuple[Contribution, Partner]] = ()
    total: int = 0


def of_product(product_id: int) -> Mentioned:
    return _mentioned(Contribution.product_id == product_id, SHOWN)


def of_guidance(guidance_id: int) -> Mentioned:
    return _mentioned(Contribution.guidance_id == guidance_id)


def _mentioned(criterion: Any, most: int | None = None) -> Mentioned:
    rows = db.session.execute(
        select(Contribution, Partner, func.count().over())
        .join(Partner, Partner.id == Contribution.partner_id)
        .where(criterion, live(Contribution))
        .order_by(Contribution.delivered_on.desc().nulls_last(), Contribution.id.desc())
        .limit(most)
    ).all()
    return Mentioned(
        [(contribution, partner) for contribution, partner, _total in rows], rows[0][2] if rows else 0
    )
