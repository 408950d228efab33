"""Which agreements a list shows, and in which order: filters, states, sorts, and what sleeps."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Self

from flask_babel import lazy_gettext as _l
from sqlalchemy import CTE, ColumnElement, String, and_, case, cast, exists, func, or_, select

from pentahelix.models import (
    Agreement,
    AgreementCluster,
    AgreementParty,
    Obligation,
    Partner,
)
from pentahelix.queries import agreements
from pentahelix.queries.agreements import IN_PROCESS
from pentahelix.queries.coverage_rule import PARTY, Span, activities, under_agreements
from pentahelix.queries.words import found, matching
from pentahelix.rules import Day
from pentahelix.scope import live
from pentahelix.services.settings import Province
from pentahelix.vocabulary import (
    AgreementKind,
    AgreementStatus,
    Word,
)


class State(Word):
    """What a list may be narrowed to: how agreements stand today, and how far those in process are."""

    IN_FORCE = "in_force", _l("Berlaku")
    ENDING = "ending", _l("Akan berakhir")
    EXPIRED = "expired", _l("Kedaluwarsa")
    IN_PROCESS = "in_process", _l("Dalam proses")
    ASLEEP = "asleep", _l("Tidur")
    NOT_BEGUN = "not_begun", _l("Belum mulai")
    DRAFT = "draft", AgreementStatus.DRAFT.label
    IN_DISCUSSION = "in_discussion", AgreementStatus.IN_DISCUSSION.label
    LEGAL_REVIEW = "legal_review", AgreementStatus.LEGAL_REVIEW.label
    AWAITING_SIGNATURE = "awaiting_signature", AgreementStatus.AWAITING_SIGNATURE.label
    COMPLETED = "completed", AgreementStatus.COMPLETED.label
    RENEWED = "renewed", AgreementStatus.RENEWED.label
    TERMINATED = "terminated", AgreementStatus.TERMINATED.label
    ABANDONED = "abandoned", AgreementStatus.ABANDONED.label
    ARCHIVED = "archived", _l("Diarsipkan")


#: Those that have a chip with their number.
CHIPS = (State.IN_FORCE, State.ENDING, State.EXPIRED, State.IN_PROCESS, State.ASLEEP)
#: Counted too, for the Kabid's button.
COUNTED = (*CHIPS, State.LEGAL_REVIEW)


class Sort(StrEnum):
    """A minus turns it round. "near": in force by their end, then in process, then what is over."""

    NEAR = "near"
    TITLE = "title"
    TITLE_DOWN = "-title"
    KIND = "kind"
    KIND_DOWN = "-kind"
    END = "end"
    END_DOWN = "-end"


@dataclass(frozen=True)
class Filters:
    """Which agreements a list shows; archived ones alone or not at all."""

    typed: str = ""
    state: State | None = None
    kind: AgreementKind | None = None
    cluster_id: int | None = None
    partner_id: int | None = None
    sort: Sort = Sort.NEAR

    @property
    def is_narrowed(self) -> bool:
        return bool(self.typed or self.state or self.kind or self.cluster_id or self.partner_id)


@dataclass(frozen=True)
class Bounds:
    """The days that states count with."""

    today: date
    ending_until: date
    awake: Span

    @classmethod
    def on(cls, today: date, province: Province) -> Self:
        return cls(
            today,
            today + timedelta(days=province.ending_days),
            Span.of(today - timedelta(days=province.alive_days), today),
        )


def asleep(today: Day, span: Span, one_by_one: bool) -> ColumnElement[bool]:
    """In force for that long, and so long nothing happened: between its partners and its clusters no meeting
    or session and no contribution, of what it owes nothing was fulfilled.

    All that happened is looked up once; `one_by_one`, where few agreements are asked about, beside each.
    """

    def happened_to(done: Any) -> ColumnElement[bool]:
        theirs = under_agreements(done)
        if one_by_one:
            return exists(theirs.where(PARTY.c.agreement_id == Agreement.id).correlate(Agreement))
        return Agreement.id.in_(theirs.with_only_columns(PARTY.c.agreement_id))

    fulfilled = select(Obligation.agreement_id).where(Obligation.fulfilled_on >= span.first, live(Obligation))
    return and_(
        agreements.in_force(today),
        Agreement.starts_on < span.first,
        Agreement.id.not_in(fulfilled),
        ~or_(*map(happened_to, activities(span))),
    )


def listed_by(filters: Filters, bounds: Bounds, *states: State | None) -> CTE:
    """One row an agreement that matches all but the state, with what it is today, each as 0 or 1.

    ASLEEP is dear: it is told where it is among the `states` that are asked about.
    """
    today = bounds.today
    holds = agreements.in_force(today)
    told = {
        State.IN_FORCE: holds,
        State.ENDING: and_(holds, agreements.ending(bounds.ending_until)),
        State.EXPIRED: and_(Agreement.status == AgreementStatus.SIGNED, Agreement.ends_on < today),
        State.IN_PROCESS: Agreement.status.in_(IN_PROCESS),
        State.NOT_BEGUN: and_(Agreement.status.in_(agreements.BINDING), Agreement.starts_on > today),
    }
    if State.ASLEEP in states:
        few = bool(filters.typed or filters.cluster_id or filters.partner_id)
        told[State.ASLEEP] = asleep(today, bounds.awake, one_by_one=few)
    return (
        select(
            Agreement.id,
            Agreement.status,
            Agreement.kind,
            Agreement.ends_on,
            func.lower(Agreement.title).label("title"),
            case((live(Agreement), 0), else_=1).label(State.ARCHIVED.value),
            *(case((criterion, 1), else_=0).label(state.value) for state, criterion in told.items()),
        )
        .where(*_narrowed(filters))
        .cte("listed")
        # Whoever asks about a state more than once would find it out each time.
        .prefix_with("MATERIALIZED")
    )


def of_state(listed: CTE, state: State | None) -> ColumnElement[bool]:
    if state == State.ARCHIVED:
        return listed.c.archived == 1
    kept = listed.c.archived == 0
    if state is None:
        return kept
    if state.value in listed.c:
        return and_(kept, listed.c[state.value] == 1)
    return and_(kept, listed.c.status == AgreementStatus(state.value))


def order_of(listed: Any, sort: Sort) -> list[ColumnElement[Any]]:
    """The id is always the last key; nobody is lost or doubled between two pages."""
    places = {kind.value: place for place, kind in enumerate(AgreementKind)}
    kind, end = case(places, value=cast(listed.c.kind, String)), listed.c.ends_on
    place = case(
        (listed.c.in_force == 1, 0), (listed.c.in_process == 1, 1), (listed.c.not_begun == 1, 2),
        (listed.c.expired == 1, 3), else_=4,
    )  # fmt: skip
    # What is over is told from the latest; what is to come from the nearest.
    ahead, past = case((place < 3, end)), case((place >= 3, end))
    keys: dict[Sort, list[ColumnElement[Any]]] = {
        Sort.NEAR: [place, ahead.asc().nulls_last(), past.desc().nulls_last()],
        Sort.TITLE: [listed.c.title],
        Sort.TITLE_DOWN: [listed.c.title.desc()],
        Sort.KIND: [kind, listed.c.title],
        Sort.KIND_DOWN: [kind.desc(), listed.c.title],
        Sort.END: [end.asc().nulls_last(), listed.c.title],
        Sort.END_DOWN: [end.desc().nulls_last(), listed.c.title],
    }
    return [*keys[sort], listed.c.id]


def _narrowed(filters: Filters) -> list[ColumnElement[bool]]:
    criteria: list[ColumnElement[bool]] = []
    if filters.typed:
        theirs = AgreementParty.partner_id.in_(found(Partner, filters.typed))
        criteria.append(or_(matching(Agreement, filters.typed), _with(theirs)))
    if filters.kind:
        criteria.append(Agreement.kind == filters.kind)
    if filters.cluster_id is not None:
        covered = select(AgreementCluster.agreement_id).where(
            AgreementCluster.cluster_id == filters.cluster_id
        )
        criteria.append(Agreement.id.in_(covered))
    if filters.partner_id is not None:
        criteria.append(_with(AgreementParty.partner_id == filters.partner_id))
    return criteria


def _with(party: ColumnElement[bool]) -> ColumnElement[bool]:
    return Agreement.id.in_(select(AgreementParty.agreement_id).where(party))
