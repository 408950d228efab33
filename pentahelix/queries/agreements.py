"""How an agreement stands on a day: what is derived from its dates, in Python and in SQL."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from pentahelix.models import Agreement, AgreementStep
from pentahelix.paths import table
from pentahelix.rules import Day
from pentahelix.vocabulary import AgreementKind, AgreementStatus, Word

IN_PROCESS = (
    AgreementStatus.DRAFT,
    AgreementStatus.IN_DISCUSSION,
    AgreementStatus.LEGAL_REVIEW,
    AgreementStatus.AWAITING_SIGNATURE,
)
#: Binding from its start to its end; a renewed one holds until its own end.
BINDING = (AgreementStatus.SIGNED, AgreementStatus.RENEWED)
#: A successor in one of these takes the worry about the end away.
SUCCEEDING = (AgreementStatus.SIGNED, AgreementStatus.AWAITING_SIGNATURE)
#: As long as its successor is one of these, there is no other one.
FOLLOWING = tuple(status for status in AgreementStatus if status != AgreementStatus.ABANDONED)


class Standing(Word):
    IN_FORCE = "in_force", _l("Berlaku")
    ENDING = "ending", _l("Akan berakhir")
    NOT_BEGUN = "not_begun", _l("Belum mulai")
    IN_PROCESS = "in_process", _l("Dalam proses")
    EXPIRED = "expired", _l("Kedaluwarsa")
    OVER = "over", _l("Selesai")


def standing(
    status: AgreementStatus,
    starts_on: date | None,
    ends_on: date | None,
    *,
    has_successor: bool,
    today: date,
    ending_days: int,
) -> Standing:
    """What an agreement is today. The last day counts; without an end it is in force for good."""
    if status in IN_PROCESS:
        return Standing.IN_PROCESS
    if status not in BINDING:
        return Standing.OVER
    if starts_on and starts_on > today:
        return Standing.NOT_BEGUN
    if ends_on and ends_on < today:
        return Standing.EXPIRED if status == AgreementStatus.SIGNED else Standing.OVER
    is_near = ends_on is not None and ends_on <= today + timedelta(days=ending_days)
    return Standing.ENDING if is_near and not has_successor else Standing.IN_FORCE


def standing_of(agreement: Any, has_successor: bool, today: date, ending_days: int) -> Standing:
    return standing(
        agreement.status,
        agreement.starts_on,
        agreement.ends_on,
        has_successor=has_successor,
        today=today,
        ending_days=ending_days,
    )


@dataclass(frozen=True)
class AgreementBadge:
    """An agreement in a few words."""

    kind: AgreementKind
    status: AgreementStatus
    standing: Standing
    ends_on: date | None


def badge(agreement: Any, has_successor: bool, today: date, ending_days: int) -> AgreementBadge:
    """`agreement`: an agreement, or a row of its columns."""
    derived = standing_of(agreement, has_successor, today, ending_days)
    return AgreementBadge(agreement.kind, agreement.status, derived, agreement.ends_on)


def in_force(today: Day, agreement: Any = Agreement) -> ColumnElement[bool]:
    """The twin of `standing` in SQL: IN_FORCE or ENDING."""
    return and_(
        agreement.status.in_(BINDING),
        agreement.starts_on <= today,
        or_(agreement.ends_on.is_(None), agreement.ends_on >= today),
    )


def ending(until: Day) -> ColumnElement[bool]:
    """Of one in force: it ends by that day, and nothing follows."""
    return and_(Agreement.ends_on <= until, ~has_successor())


def has_successor(agreement: Any = Agreement) -> ColumnElement[bool]:
    """Whether one that renews it is signed or awaits its signature, be it for other clusters than one's own.

    How an agreement stands does not depend on who looks at it.
    """
    return _is_renewed_by(agreement, SUCCEEDING)


def is_followed(agreement: Any = Agreement) -> ColumnElement[bool]:
    """Whether one that renews it was begun, be it for other clusters than one's own: there is one at most."""
    return _is_renewed_by(agreement, FOLLOWING)


def _is_renewed_by(agreement: Any, statuses: Collection[AgreementStatus]) -> ColumnElement[bool]:
    """On the table, which no scope narrows."""
    following = table(Agreement).alias("following")
    return exists(
        select(following.c.id)
        .where(
            following.c.renews_id == agreement.id,
            following.c.status.in_(statuses),
            following.c.archived_at.is_(None),
        )
        .correlate(agreement)
    )


def successor(agreement: Any = Agreement) -> Any:
    """The id of the one in sight that is to follow it and is not signed yet, if there is one."""
    following = aliased(Agreement)
    return (
        select(func.max(following.id))
        .where(
            following.renews_id == agreement.id,
            following.status.in_(IN_PROCESS),
            following.archived_at.is_(None),
        )
        .correlate(agreement)
        .scalar_subquery()
    )


def submitter(agreement_id: Any) -> Select[int | None]:
    """The user who brought it into the legal review, the last time that it went there."""
    return (
        select(AgreementStep.user_id)
        .where(
            AgreementStep.agreement_id == agreement_id,
            AgreementStep.to_status == AgreementStatus.LEGAL_REVIEW,
        )
        .order_by(AgreementStep.taken_at.desc(), AgreementStep.id.desc())
        .limit(1)
    )


def awaits(user_id: int | None) -> ColumnElement[bool]:
    """Whether a user is asked to decide about it: it is in legal review, where somebody else brought it."""
    by = submitter(Agreement.id).correlate(Agreement).scalar_subquery()
    return and_(
        Agreement.status == AgreementStatus.LEGAL_REVIEW,
        Agreement.archived_at.is_(None),
        or_(by.is_(None), by != user_id),
    )
