from datetime import date

from pentahelix.holidays import Amendment, Calendar, calendar
from pentahelix.models import Holiday
from pentahelix.vocabulary import HolidayEffect

CHRISTMAS = date(2026, 12, 25)


def test_a_public_holiday_has_its_name_in_both_languages():
    assert Calendar().holiday_name(CHRISTMAS) == "Hari Raya Natal"
    assert Calendar().holiday_name(CHRISTMAS, "en") == "Christmas Day"


def test_joint_leave_is_not_worked():
    assert not Calendar().is_working_day(date(2026, 12, 24))
    assert "Cuti Bersama" in (Calendar().holiday_name(date(2026, 12, 24)) or "")


def test_the_year_2026_has_seventeen_holidays_and_eight_days_of_joint_leave():
    assert len(Calendar().of_year(2026)) == 17 + 8


def test_a_weekend_is_not_worked_and_has_no_name():
    saturday = date(2026, 11, 28)
    assert not Calendar().is_working_day(saturday)
    assert Calendar().holiday_name(saturday) is None


def test_an_added_day_is_a_holiday():
    election = date(2026, 11, 25)
    calendar = Calendar([Amendment(election, "Pemilihan kepala daerah")])
    assert calendar.holiday_name(election) == "Pemilihan kepala daerah"
    assert calendar.holiday_name(election, "en") == "Pemilihan kepala daerah"
    assert not calendar.is_working_day(election)
    assert election in calendar.of_year(2026)


def test_a_removed_day_is_worked():
    calendar = Calendar([Amendment(date(2026, 12, 24), None)])
    assert calendar.is_working_day(date(2026, 12, 24))
    assert date(2026, 12, 24) not in calendar.of_year(2026)


def test_an_added_weekend_does_not_make_a_worked_day_of_it_when_removed():
    assert not Calendar([Amendment(date(2026, 11, 28), None)]).is_working_day(date(2026, 11, 28))


def test_a_worked_day_is_its_own_next_and_previous():
    tuesday = date(2026, 11, 24)
    assert Calendar().next_working_day(tuesday) == tuesday
    assert Calendar().previous_working_day(tuesday) == tuesday


def test_long_holidays_are_passed_over():
    # Thursday is joint leave, Friday is Christmas, then a weekend.
    assert Calendar().next_working_day(date(2026, 12, 24)) == date(2026, 12, 28)
    assert Calendar().previous_working_day(date(2026, 12, 27)) == date(2026, 12, 23)


def test_working_days_are_counted_back_over_a_weekend():
    assert Calendar().working_days_before(date(2026, 11, 24), 1) == date(2026, 11, 23)
    assert Calendar().working_days_before(date(2026, 11, 24), 3) == date(2026, 11, 19)


def test_the_days_of_the_moon_say_that_they_are_estimated():
    assert "(perkiraan)" in (Calendar().holiday_name(date(2027, 3, 10)) or "")


def test_the_days_that_an_administrator_amended_are_read(session):
    session.add(Holiday(day=date(2026, 11, 25), effect=HolidayEffect.ADDED, name="Pemilihan kepala daerah"))
    session.add(Holiday(day=date(2026, 12, 24), effect=HolidayEffect.REMOVED, name="Cuti bersama dibatalkan"))
    session.flush()
    amended = calendar(session)
    assert amended.holiday_name(date(2026, 11, 25)) == "Pemilihan kepala daerah"
    assert amended.is_working_day(date(2026, 12, 24))
