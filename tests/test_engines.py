"""The ground that the other tests stand on."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from pentahelix import clock
from pentahelix.models import Membership, Partner
from tests import factories as make

pytestmark = pytest.mark.both_engines


@pytest.mark.parametrize("time", ["first", "second"])
def test_a_test_finds_nothing_of_the_one_before(session, time):
    assert session.scalar(select(func.count(Partner.id))) == 0
    make.partner(make.cluster(), name="Dapur Ibu Iis")
    session.commit()
    assert session.scalar(select(func.count(Partner.id))) == 1


def test_what_the_database_refuses_is_refused_here(session):
    session.add(Membership(user_id=4711, cluster_id=4711))
    with pytest.raises(IntegrityError):
        session.flush()


def test_it_is_a_tuesday_morning_in_banten(session):
    assert clock.local(clock.now(), "Asia/Jakarta").isoformat() == "2026-11-24T07:00:00+07:00"


def test_the_clock_can_be_set(clock):
    from pentahelix.clock import today

    clock.set("2026-12-31T23:30+07:00")
    assert today().isoformat() == "2026-12-31"
    assert today("UTC").isoformat() == "2026-12-31"
    clock.set("2027-01-01T00:30+07:00")
    assert (today().isoformat(), today("UTC").isoformat()) == ("2027-01-01", "2026-12-31")
