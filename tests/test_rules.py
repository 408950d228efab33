"""A rule in Python and its twin in SQL say the same of the same row."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from pentahelix import clock as system, rules
from pentahelix.mail.recipients import mailable, may_be_mailed
from pentahelix.models import ClusterPartner, Contact, FollowUp
from pentahelix.vocabulary import Basis, FollowUpStatus, LastContactKind
from tests import factories as make

pytestmark = pytest.mark.both_engines

TODAY = date(2026, 11, 24)


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


@pytest.mark.parametrize(
    ("status", "due", "late"),
    [
        (FollowUpStatus.NOT_STARTED, -1, True),
        (FollowUpStatus.IN_PROGRESS, -30, True),
        (FollowUpStatus.NOT_STARTED, 0, False),
        (FollowUpStatus.NOT_STARTED, 1, False),
        (FollowUpStatus.DONE, -1, False),
        (FollowUpStatus.CANCELLED, -1, False),
    ],
)
def test_late_is_open_and_due_before_today(cast, session, status, due, late):
    completed = day(0) if status is FollowUpStatus.DONE else None
    row = make.follow_up(cast.lebak, cast.lilis, status=status, due_on=day(due), completed_on=completed)
    assert rules.is_late(row, TODAY) is late
    assert session.scalars(select(FollowUp).where(rules.late(TODAY))).all() == ([row] if late else [])


@pytest.mark.parametrize(
    ("since", "last_contact", "ended", "cold"),
    [
        (-365, -91, None, True),
        (-365, -90, None, False),
        (-365, None, None, True),
        (-90, None, None, False),
        (-365, 3, None, False),
        (-365, -91, -1, False),
        (-365, -91, 0, True),
        (5, None, None, False),
    ],
)
def test_cold_is_more_than_90_days_of_silence_in_an_involvement_of_today(
    cast, session, since, last_contact, ended, cold
):
    row = make.involvement(
        cast.lebak,
        make.partner(),
        since=day(since),
        ended_on=None if ended is None else day(ended),
        last_contact_on=None if last_contact is None else day(last_contact),
        last_contact_kind=None if last_contact is None else LastContactKind.MEETING,
    )
    assert rules.is_cold(row, TODAY, 90) is cold
    found = session.scalars(
        select(ClusterPartner).where(ClusterPartner.id == row.id, rules.cold(TODAY, day(-90)))
    ).all()
    assert found == ([row] if cold else [])


@pytest.mark.parametrize(
    ("values", "may"),
    [
        ({}, True),
        ({"basis": Basis.CONSENT}, True),
        ({"basis": Basis.WITHDRAWN}, False),
        ({"restricted_at": system.now}, False),
        ({"erased_at": system.now}, False),
        ({"archived_at": system.now}, False),
    ],
)
def test_whoever_withdrew_was_restricted_erased_or_put_away_is_not_written_to(session, values, may):
    row = make.contact(**{name: value() if callable(value) else value for name, value in values.items()})
    assert may_be_mailed(row) is may
    assert session.scalars(select(Contact).where(mailable())).all() == ([row] if may else [])
