"""Clashes: who is wanted elsewhere at the same hour, and how much of that is told to whom."""

from datetime import datetime, timedelta

import pytest

from pentahelix import clock as system
from pentahelix.models import Contact, GuidanceSession
from pentahelix.services import clashes
from pentahelix.services.clashes import Clash
from pentahelix.vocabulary import Answer, GuidanceStatus
from tests import factories as make

pytestmark = pytest.mark.both_engines

HOUR = timedelta(hours=1)
LONG_AGO = datetime.fromisoformat("2026-11-01T00:00+07:00")


@pytest.fixture
def starts_at(clock):
    return system.now() + timedelta(days=2)


@pytest.fixture
def elsewhere(session, cast, starts_at):
    """A session in Pandeglang, two hours long, to which Hendrik is invited by another employer of his."""
    make.involvement(cast.pandeglang, cast.kemasindo)
    guidance = make.guidance(cast.pandeglang, topic="Label halal", starts_at=starts_at)
    person = session.get_one(Contact, cast.hendrik.contact_id)
    second_job = make.affiliation(make.partner(cast.pandeglang), person)
    return make.invitation(guidance, second_job)


def asked(cast, starts_at, *, people=(), schools=(), hours=2, **values):
    """For a session of Lebak that begins then."""
    return clashes.find(
        cast.lebak.id,
        starts_at,
        starts_at + hours * HOUR,
        [person.id for person in people],
        [school.id for school in schools],
        **values,
    )


def test_a_session_elsewhere_is_known_by_its_hours_and_by_nothing_else(
    session, cast, elsewhere, starts_at, acting_as
):
    session.commit()
    with acting_as(cast.lilis):
        found = asked(cast, starts_at + HOUR, people=[cast.hendrik])
    assert found == [
        Clash(
            kind="contact",
            name="Hendrik Sasmita",
            starts_at=starts_at,
            ends_at=starts_at + 2 * HOUR,
            zone="Asia/Jakarta",
            title=None,
            guidance_id=None,
            meeting_id=None,
        )
    ]


def test_one_s_own_session_is_named_and_can_be_linked(session, cast, starts_at, acting_as):
    guidance = make.guidance(cast.lebak, topic="Desain kemasan", starts_at=starts_at)
    make.invitation(guidance, cast.hendrik)
    session.commit()
    with acting_as(cast.lilis):
        (clash,) = asked(cast, starts_at, people=[cast.hendrik])
    assert (clash.title, clash.guidance_id) == ("Desain kemasan", guidance.id)


def test_the_kabid_sees_what_it_is(session, cast, elsewhere, starts_at, acting_as):
    session.commit()
    with acting_as(cast.aminah):
        (clash,) = asked(cast, starts_at, people=[cast.hendrik])
    assert clash.title == "Label halal"


def test_whom_one_does_not_see_one_is_told_nothing_about(session, cast, starts_at, acting_as):
    """An id that somebody made up names nobody, though that person is busy."""
    guidance = make.guidance(cast.pandeglang, starts_at=starts_at)
    make.invitation(guidance, cast.siti)
    school = make.school(cast.pandeglang)
    make.takes_part(guidance, school)
    session.commit()
    with acting_as(cast.lilis):
        assert asked(cast, starts_at, people=[cast.siti], schools=[school]) == []


@pytest.mark.parametrize(
    ("from_start", "clashing"),
    [
        (timedelta(hours=-2), False),
        (timedelta(hours=-2, minutes=-1), False),
        (timedelta(hours=-1, minutes=-59), True),
        (timedelta(hours=1, minutes=59), True),
        (timedelta(hours=2), False),
    ],
)
def test_right_before_and_right_after_is_no_clash(cast, elsewhere, starts_at, from_start, clashing):
    assert bool(asked(cast, starts_at + from_start, people=[cast.hendrik])) is clashing


def test_one_that_is_inside_another_clashes(cast, elsewhere, starts_at):
    assert asked(cast, starts_at - 3 * HOUR, hours=9, people=[cast.hendrik])
    assert asked(cast, starts_at + HOUR / 2, hours=1, people=[cast.hendrik])


@pytest.mark.parametrize("values", [{"answer": Answer.DECLINED}, {"uninvited_at": LONG_AGO}])
def test_whoever_does_not_come_there_is_free(session, cast, elsewhere, starts_at, values):
    for name, value in values.items():
        setattr(elsewhere, name, value)
    elsewhere.answered_at = system.now()
    session.flush()
    assert asked(cast, starts_at, people=[cast.hendrik]) == []


@pytest.mark.parametrize(
    "values",
    [
        {"status": GuidanceStatus.CANCELLED},
        {"status": GuidanceStatus.HELD},
        {"archived_at": LONG_AGO},
    ],
)
def test_what_does_not_take_place_is_in_nobody_s_way(session, cast, elsewhere, starts_at, values):
    for name, value in values.items():
        setattr(session.get_one(GuidanceSession, elsewhere.guidance_id), name, value)
    session.flush()
    assert asked(cast, starts_at, people=[cast.hendrik]) == []


def test_a_session_is_not_in_its_own_way(cast, starts_at):
    guidance = make.guidance(cast.lebak, starts_at=starts_at)
    make.invitation(guidance, cast.hendrik)
    assert asked(cast, starts_at, people=[cast.hendrik], but=guidance.id) == []


def test_a_school_cannot_be_in_two_sessions_at_once(session, cast, starts_at):
    school = make.school(cast.lebak, name="SMKN 1 Kalanganyar")
    guidance = make.guidance(cast.lebak, topic="Desain kemasan", starts_at=starts_at)
    make.takes_part(guidance, school)
    (clash,) = asked(cast, starts_at, schools=[school])
    assert (clash.kind, clash.name, clash.title) == ("school", "SMKN 1 Kalanganyar", "Desain kemasan")


def test_several_clashes_come_in_the_order_of_the_hours(cast, elsewhere, starts_at):
    later = make.guidance(cast.lebak, starts_at=starts_at + HOUR)
    make.invitation(later, cast.hendrik)
    found = asked(cast, starts_at, people=[cast.hendrik])
    assert [clash.starts_at for clash in found] == [starts_at, starts_at + HOUR]
