"""Rules that are asked of a row in Python and of a table in SQL: each a pair, with one test for both.

A pair is a function of a row and the criterion that finds the same rows. Both are told which day it is in the
zone of the cluster. (That of agreements, in force or ending, stands in `queries.agreements`.)
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_

from pentahelix.models import ClusterPartner, FollowUp
from pentahelix.vocabulary import OPEN_FOLLOW_UPS, Basis

#: A day that is known, or one that the statement finds for each row (`queries.days.today_in`).
Day = date | ColumnElement[date]


# ── late: open and due before today ─────────────────────────────────────────────────────────────────────────


def is_late(follow_up: Any, today: date) -> bool:
    late: bool = follow_up.status in OPEN_FOLLOW_UPS and follow_up.due_on < today
    return late


def late(today: Day) -> ColumnElement[bool]:
    return and_(FollowUp.status.in_(OPEN_FOLLOW_UPS), FollowUp.due_on < today)


# ── cold: no contact for more than so many days; without any, the involvement's beginning counts ────────────


def is_cold(involvement: Any, today: date, after_days: int) -> bool:
    begun = involvement.since <= today and (involvement.ended_on is None or involvement.ended_on >= today)
    latest: date = involvement.last_contact_on or involvement.since
    return begun and latest < today - timedelta(days=after_days)


def cold(today: Day, warm_from: Day) -> ColumnElement[bool]:
    """`warm_from` is the earliest day of a contact that still keeps it warm: so many days before today."""
    return and_(
        involved(today), func.coalesce(ClusterPartner.last_contact_on, ClusterPartner.since) < warm_from
    )


def involved(today: Day) -> ColumnElement[bool]:
    """The involvement has begun and not ended."""
    return and_(ClusterPartner.since <= today, not_ended(today))


def not_ended(today: Day) -> ColumnElement[bool]:
    """The involvement holds, or will."""
    return or_(ClusterPartner.ended_on.is_(None), ClusterPartner.ended_on >= today)


# ── contacted: whoever may be called, written to, invited and offered ───────────────────────────────────────


def is_left_alone(person: Any) -> bool:
    """They withdrew their consent, or asked that their data be kept and not used.

    Such a person is shown greyed with the day; how they are reached stands on their own page alone.
    """
    return person.basis == Basis.WITHDRAWN or person.restricted_at is not None


def may_be_contacted(person: Any) -> bool:
    return not is_left_alone(person) and person.erased_at is None and person.archived_at is None


def contactable(person: Any) -> ColumnElement[bool]:
    """`person`: the entity of contacts, or the columns of their table."""
    return and_(
        person.basis != Basis.WITHDRAWN,
        person.restricted_at.is_(None),
        person.erased_at.is_(None),
        person.archived_at.is_(None),
    )
