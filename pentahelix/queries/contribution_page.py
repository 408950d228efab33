"""A contribution with what proves it and what hangs on it; and those that a product led to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Contribution, ContributionSchool, FollowUp, Partner, School, User
from pentahelix.prepared import prepared
from pentahelix.queries import documents
from pentahelix.queries.documents import DocumentLine
from pentahelix.queries.meetings import FollowUpLine
from pentahelix.queries.page import Rows
from pentahelix.scope import live, or_404
from pentahelix.vocabulary import DocumentKind

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
    def takes_confirmation(self) -> bool:
        """The school's: it was delivered, and none of its colleagues has said so yet."""
        given = self.contribution
        return given.is_given and not given.is_archived and given.school_confirmed_at is None

    @property
    def likely_day(self) -> date:
        """When it was delivered, if it is now: on the day that was expected, unless that lies ahead."""
        return min(self.contribution.delivered_on or self.today, self.today)

    @property
    def is_bare(self) -> bool:
        """Delivered, and nothing shows it."""
        evidence = (line for line in self.documents if line.document.kind == DocumentKind.EVIDENCE)
        return self.contribution.is_given and all(line.is_archived for line in evidence)


def one(contribution_id: int) -> ContributionPage:
    """A contribution that one may see, with all that its page names, in four statements; else 404."""
    found: Contribution | None = db.session.scalars(*_one(contribution_id)).first()
    contribution = or_404(found)
    return ContributionPage(
        contribution,
        db.session.scalars(*_schools_of(contribution_id)).all(),
        [FollowUpLine(*row) for row in db.session.execute(*_follow_ups_of(contribution_id))],
        documents.of(contribution),
    )


@prepared
def _one(contribution_id: int) -> Select[Contribution]:
    named = ("cluster", "partner", "agreement", "guidance", "product", "giver_contact", "school_user")
    return (
        select(Contribution)
        .where(Contribution.id == contribution_id)
        .options(*(joinedload(getattr(Contribution, name)) for name in named))
    )


def school_ids_of(contribution_id: int) -> list[int]:
    return list(db.session.scalars(*_school_ids_of(contribution_id)))


@prepared
def _school_ids_of(contribution_id: int) -> Select[int]:
    received = select(ContributionSchool.school_id)
    return received.where(ContributionSchool.contribution_id == contribution_id).order_by(
        ContributionSchool.id
    )


@prepared
def _schools_of(contribution_id: int) -> Select[School]:
    return (
        select(School)
        .join(ContributionSchool, ContributionSchool.school_id == School.id)
        .where(ContributionSchool.contribution_id == contribution_id)
        .order_by(School.sort_name, School.id)
    )


@prepared
def _follow_ups_of(contribution_id: int) -> Rows:
    return (
        select(FollowUp, User)
        .join(User, User.id == FollowUp.owner_user_id)
        .where(FollowUp.contribution_id == contribution_id, live(FollowUp))
        .order_by(FollowUp.due_on, FollowUp.id)
    )


@dataclass(frozen=True)
class Mentioned:
    """Contributions as the page of another record names them, the latest first; `total` counts all."""

    lines: Sequence[tuple[Contribution, Partner]] = ()
    total: int = 0


def of_product(product_id: int) -> Mentioned:
    rows = db.session.execute(*_of_product(product_id)).all()
    return Mentioned(
        [(contribution, partner) for contribution, partner, _total in rows], rows[0][2] if rows else 0
    )


@prepared
def _of_product(product_id: int) -> Rows:
    return (
        select(Contribution, Partner, func.count().over())
        .join(Partner, Partner.id == Contribution.partner_id)
        .where(Contribution.product_id == product_id, live(Contribution))
        .order_by(Contribution.delivered_on.desc().nulls_last(), Contribution.id.desc())
        .limit(SHOWN)
    )
