"""Days and instants, also where the clocks are put forward and back."""

from datetime import UTC, date, datetime, time

import pytest

from pentahelix import clock

JAKARTA, JAYAPURA, LONDON = "Asia/Jakarta", "Asia/Jayapura", "Europe/London"


def test_the_day_depends_on_the_zone() -> None:
    with clock.frozen("2027-11-25T23:30+07:00"):
        assert clock.today(JAKARTA) == date(2027, 11, 25)
        assert clock.today(JAYAPURA) == date(2027, 11, 26)


def test_a_wall_time_of_banten_is_seven_hours_before_in_utc() -> None:
    assert clock.at(date(2026, 11, 26), time(9), JAKARTA) == datetime(2026, 11, 26, 2, tzinfo=UTC)


def test_a_time_that_the_clocks_skip_becomes_the_first_one_after() -> None:
    skipped = clock.at(date(2027, 3, 28), time(1, 30), LONDON)
    assert skipped == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)


def test_a_time_that_comes_twice_is_the_first_of_the_two() -> None:
    twice = clock.at(date(2027, 10, 31), time(1, 30), LONDON)
    assert twice == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_a_frozen_clock_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"), clock.frozen("2026-11-24T07:00"):
        pass


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is UTC
