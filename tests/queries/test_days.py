"""Days inside a select: by our clock, in the zone of each cluster."""

from datetime import date

import pytest
from sqlalchemy import literal, select

from pentahelix.models import Cluster
from pentahelix.queries.days import days_before, today_in
from tests import factories as make

pytestmark = pytest.mark.both_engines


@pytest.mark.parametrize(
    ("now", "here", "far"),
    [
        ("2026-11-24T07:00+07:00", date(2026, 11, 24), date(2026, 11, 24)),
        ("2026-12-31T23:30+07:00", date(2026, 12, 31), date(2027, 1, 1)),
        ("2026-12-31T22:30+07:00", date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_today_is_that_of_the_clusters_zone(session, clock, now, here, far):
    make.cluster(name="Garam", timezone="Asia/Jakarta")
    make.cluster(name="Sagu", timezone="Asia/Jayapura")
    clock.set(now)
    days = dict(iter(session.execute(select(Cluster.name, today_in(Cluster.timezone)))))
    assert days == {"Garam": here, "Sagu": far}


def test_so_many_days_before(session):
    make.cluster(cold_after_days=30)
    day = session.scalars(select(days_before(literal(date(2027, 1, 12)), Cluster.cold_after_days))).one()
    assert day == date(2026, 12, 13)
