"""C8: how long one waits after failed tries. A try counts before it is made, so `begin` is the failure."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from pentahelix import clock as system
from pentahelix.models import Attempt
from pentahelix.services import attempts
from pentahelix.services.attempts import Try
from pentahelix.vocabulary import AttemptKind

pytestmark = pytest.mark.both_engines

LILIS = "lilis@smkn1kalanganyar.example"


def at(network="203.0.113.0/24", subject=LILIS, *, known=False):
    return Try(AttemptKind.SIGN_IN, subject, network, known)


@pytest.fixture
def later(clock):
    return lambda **span: clock.set(system.now() + timedelta(**span))


def fail(times, attempt):
    for _ in range(times):
        assert attempts.begin(attempt) is None


def test_five_failures_are_free_and_the_sixth_try_waits_a_minute(session):
    fail(5, at())
    assert attempts.begin(at()) == timedelta(minutes=1)


def test_a_try_that_has_to_wait_is_not_counted(session):
    fail(5, at())
    for _ in range(3):
        attempts.begin(at())
    assert session.scalar(select(func.count(Attempt.id))) == 5


def test_each_further_failure_doubles_the_wait_up_to_a_quarter_of_an_hour(session, later):
    fail(5, at())
    waits = []
    for _ in range(6):
        wait = attempts.begin(at())
        waits.append(wait / timedelta(minutes=1))
        later(seconds=wait.total_seconds())
        fail(1, at())
    assert waits == [1, 2, 4, 8, 15, 15]


def test_five_failures_over_more_than_a_quarter_of_an_hour_are_nothing(session, later):
    for _ in range(12):
        fail(1, at())
        later(minutes=4)


def test_after_a_quiet_quarter_of_an_hour_it_begins_anew(session, later):
    fail(5, at())
    later(minutes=17)
    fail(5, at())
    assert attempts.begin(at()) == timedelta(minutes=1)


def test_another_account_and_another_network_do_not_wait(session):
    fail(5, at())
    assert attempts.begin(at(subject="ujang@smkpandeglang.example")) is None
    assert attempts.begin(at("198.51.100.0/24")) is None


def test_a_success_forgets_the_failures_of_its_place_only(session):
    fail(5, at())
    fail(5, at("198.51.100.0/24"))
    attempts.forget(at())
    session.commit()
    assert attempts.begin(at()) is None
    assert attempts.begin(at("198.51.100.0/24"))


def test_strangers_fail_twenty_times_an_hour_at_one_account_wherever_they_are(session, later):
    for number in range(20):
        fail(1, at(f"10.0.{number}.0/24"))
        later(minutes=1)
    assert attempts.begin(at("10.1.0.0/24")) == timedelta(minutes=40)
    later(minutes=40)
    assert attempts.begin(at("10.1.0.0/24")) is None


def test_the_owners_own_device_is_not_kept_out_by_strangers(session):
    for number in range(20):
        fail(1, at(f"10.0.{number}.0/24"))
    fail(5, at("203.0.113.0/24", "other@dinas.example"))
    assert attempts.begin(at()) is not None
    assert attempts.begin(at(known=True)) is None


def test_the_owners_own_device_waits_for_its_own_failures(session):
    fail(5, at(known=True))
    assert attempts.begin(at(known=True)) == timedelta(minutes=1)
    assert attempts.begin(at()) is None


def test_the_owners_own_failures_are_not_counted_among_those_of_strangers(session):
    for number in range(19):
        fail(1, at(f"10.0.{number}.0/24"))
    fail(1, at(known=True))
    fail(1, at("10.1.0.0/24"))
    assert attempts.begin(at("10.1.1.0/24"))


def test_one_network_fails_a_hundred_times_in_a_quarter_of_an_hour(session, later):
    for number in range(100):
        fail(1, at(subject=f"user{number}@dinas.example"))
    assert attempts.begin(at()) == timedelta(minutes=15)
    assert attempts.begin(at(known=True)) is None
    later(minutes=15)
    assert attempts.begin(at()) is None


def test_what_the_request_rolls_back_stays_counted(session):
    attempts.begin(at())
    session.rollback()
    assert session.scalar(select(func.count(Attempt.id))) == 1


def test_tries_are_not_kept_longer_than_a_day(session, later):
    fail(3, at())
    later(days=1, seconds=1)
    fail(1, at(subject="other@dinas.example"))
    assert session.scalar(select(func.count(Attempt.id))) == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (None, "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_a_network_is_what_one_person_commands(address, network):
    assert attempts.network_of(address) == network
