"""What an agreement is on a day, in Python and in SQL."""

from datetime import date

import pytest
from sqlalchemy import select

from pentahelix.models import Agreement
from pentahelix.queries.agreements import Standing, has_successor, in_force, standing
from pentahelix.vocabulary import AgreementStatus
from tests import factories as make

pytestmark = pytest.mark.both_engines

TODAY = date(2026, 11, 24)
SIGNED, RENEWED = AgreementStatus.SIGNED, AgreementStatus.RENEWED
LAST_YEAR = date(2025, 11, 24)


@pytest.mark.parametrize(
    ("status", "starts_on", "ends_on", "expected"),
    [
        (SIGNED, LAST_YEAR, date(2028, 3, 14), Standing.IN_FORCE),
        (SIGNED, TODAY, date(2028, 3, 14), Standing.IN_FORCE),
        (SIGNED, LAST_YEAR, None, Standing.IN_FORCE),
        (SIGNED, LAST_YEAR, date(2027, 2, 23), Standing.IN_FORCE),
        (SIGNED, LAST_YEAR, date(2027, 2, 22), Standing.ENDING),
        (SIGNED, LAST_YEAR, TODAY, Standing.ENDING),
        (SIGNED, LAST_YEAR, date(2026, 11, 23), Standing.EXPIRED),
        (SIGNED, date(2026, 11, 25), date(2028, 3, 14), Standing.NOT_BEGUN),
        (RENEWED, LAST_YEAR, date(2026, 12, 1), Standing.ENDING),
        (RENEWED, LAST_YEAR, date(2026, 11, 23), Standing.OVER),
        (AgreementStatus.LEGAL_REVIEW, None, None, Standing.IN_PROCESS),
        (AgreementStatus.AWAITING_SIGNATURE, None, None, Standing.IN_PROCESS),
        (AgreementStatus.COMPLETED, LAST_YEAR, date(2028, 3, 14), Standing.OVER),
        (AgreementStatus.ABANDONED, None, None, Standing.OVER),
    ],
)
def test_it_stands_alike_in_python_and_in_sql(session, status, starts_on, ends_on, expected):
    signed = status in (SIGNED, RENEWED, AgreementStatus.COMPLETED)
    row = make.agreement(
        make.cluster(),
        status=status,
        signed_on=LAST_YEAR if signed else None,
        starts_on=starts_on,
        ends_on=ends_on,
        is_open_ended=signed and ends_on is None,
    )
    assert standing(status, starts_on, ends_on, has_successor=False, today=TODAY, ending_days=90) == expected
    binds = session.scalars(select(Agreement.id).where(in_force(TODAY))).all()
    assert (row.id in binds) == (expected in (Standing.IN_FORCE, Standing.ENDING))


def test_a_successor_on_its_way_to_signature_takes_the_worry_away(session):
    klaster = make.cluster()
    ending = make.agreement(klaster, ends_on=date(2026, 12, 6))
    assert session.scalars(select(Agreement.id).where(has_successor())).all() == []
    make.agreement(klaster, status=AgreementStatus.DRAFT, renews_id=ending.id)
    assert session.scalars(select(Agreement.id).where(has_successor())).all() == []
    make.agreement(klaster, status=AgreementStatus.AWAITING_SIGNATURE, renews_id=ending.id)
    assert session.scalars(select(Agreement.id).where(has_successor())).all() == [ending.id]
    told = standing(SIGNED, LAST_YEAR, date(2026, 12, 6), has_successor=True, today=TODAY, ending_days=90)
    assert told == Standing.IN_FORCE
