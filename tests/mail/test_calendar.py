"""The calendar part of mails, read by two parsers that did not write it.

Each of its fields stands in `test_calendar_fields.py`.
"""

from datetime import UTC, date, datetime, time, timedelta

import icalendar
import pytest
import vobject
from sqlalchemy import select

from pentahelix.mail import calendar
from pentahelix.models import Invitation
from pentahelix.services import guidance as sessions, invitations
from pentahelix.services.guidance import GuidanceWish
from pentahelix.services.invitations import AnswerWish
from pentahelix.vocabulary import Answer, MailKind
from tests import factories as make
from tests.outbox import REPLY_TO, entry, opened, posted, settle
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines

NINE = datetime(2026, 11, 26, 2, tzinfo=UTC)


@pytest.fixture
def lilis(cast):
    return principal_of(cast.lilis)


@pytest.fixture
def a_mailbox(app, session, monkeypatch):
    """Somebody reads the answers that calendar programs send."""
    settle(app, monkeypatch, mail_reply_to=REPLY_TO)


@pytest.fixture
def guidance(a_mailbox, cast, lilis):
    return sessions.plan(
        GuidanceWish(
            cluster_id=cast.lebak.id,
            topic="Desain kemasan; label, dan “mutu”",
            day=date(2026, 11, 26),
            starts=time(9),
            ends=time(11, 30),
            place="SMKN 1 Warunggunung, ruang TeFa",
            description="Bawa contoh kemasan.\nParkir di depan aula.",
            participant_ids=(cast.hendrik.id,),
        ),
        lilis,
    )


@pytest.fixture
def hendrik(session, guidance):
    return session.scalars(select(Invitation)).one()


def read(text):
    """The one event of a calendar object, by vobject; icalendar must read the same."""
    whole = vobject.readOne(text)
    event = whole.vevent
    (second,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert second.decoded("dtstart") == event.dtstart.value
    assert second.decoded("dtend") == event.dtend.value
    assert str(second["uid"]) == event.uid.value
    assert str(second["summary"]) == event.summary.value
    assert "method" not in event.contents
    return whole, event


def test_an_invitation_asks_one_person_and_names_the_hour_in_utc(session, cast, guidance):
    whole, event = read(entry(posted(session)[0]))
    assert whole.method.value == "REQUEST"
    assert event.dtstart.value == NINE
    assert event.dtend.value == NINE + timedelta(hours=2, minutes=30)
    assert event.summary.value == "Desain kemasan; label, dan “mutu”"
    assert event.location.value == "SMKN 1 Warunggunung, ruang TeFa"
    assert event.description.value.startswith("Bawa contoh kemasan.\nParkir di depan aula.\n\n")
    assert (event.status.value, event.sequence.value) == ("CONFIRMED", "0")
    assert event.organizer.value == f"mailto:{REPLY_TO}"
    (attendee,) = event.contents["attendee"]
    assert attendee.value == f"mailto:{cast.hendrik.contact.email}"
    assert {name: values for name, values in attendee.params.items() if name != "CN"} == {
        "RSVP": ["TRUE"],
        "PARTSTAT": ["NEEDS-ACTION"],
        "ROLE": ["REQ-PARTICIPANT"],
        "CUTYPE": ["INDIVIDUAL"],
    }


def test_c43_the_hour_needs_no_zone(session, guidance):
    text = entry(posted(session)[0])
    assert "DTSTART:20261126T020000Z" in text
    assert "TZID" not in text


@pytest.mark.parametrize("zone", ["Asia/Makassar", "Asia/Jayapura"])
def test_c29_the_entry_is_right_in_every_zone(session, cast, lilis, a_mailbox, zone):
    cluster = make.cluster(timezone=zone)
    make.involvement(cluster, cast.kemasindo)
    wish = GuidanceWish(
        cluster_id=cluster.id, topic="Kemasan", day=date(2026, 11, 26), starts=time(11), ends=time(12)
    )
    guidance = sessions.plan(wish, lilis)
    _whole, event = read(calendar.published(guidance))
    hours = {"Asia/Makassar": 3, "Asia/Jayapura": 2}
    assert event.dtstart.value == datetime(2026, 11, 26, hours[zone], tzinfo=UTC)


def test_c46_a_session_that_moves_three_times_and_is_cancelled_is_one_entry(
    session, guidance, hendrik, clock
):
    for number, day in enumerate((date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 1))):
        clock.set(f"2026-11-24T07:0{number + 1}+07:00")
        sessions.reschedule(guidance, day, time(9), time(10))
    clock.set("2026-11-24T07:05+07:00")
    sessions.cancel(guidance, None)
    session.commit()
    read_all = [read(entry(mail)) for mail in posted(session)]
    events = [event for _whole, event in read_all]
    assert [whole.method.value for whole, _event in read_all] == ["REQUEST"] * 4 + ["CANCEL"]
    assert {event.uid.value for event in events} == {str(guidance.uid)}
    assert [event.sequence.value for event in events] == ["0", "1", "2", "3", "4"]
    stamps = [event.dtstamp.value for event in events]
    assert stamps == sorted(set(stamps))
    assert [event.status.value for event in events] == ["CONFIRMED"] * 4 + ["CANCELLED"]


def test_c47_a_cancellation_says_what_and_whose_it_cancels(session, cast, guidance):
    sessions.cancel(guidance, "Hujan")
    (mail,) = posted(session, MailKind.CANCELLED)
    part = next(part for part in opened(mail).walk() if part.get_content_type() == "text/calendar")
    assert part.get_param("method") == "CANCEL"
    whole, event = read(entry(mail))
    assert (whole.method.value, event.status.value) == ("CANCEL", "CANCELLED")
    assert event.uid.value == str(guidance.uid)
    assert (event.dtstart.value, event.dtend.value) == (guidance.starts_at, guidance.ends_at)
    assert event.organizer.value == f"mailto:{REPLY_TO}"
    assert [one.value for one in event.contents["attendee"]] == [f"mailto:{cast.hendrik.contact.email}"]


def test_an_un_invited_person_loses_the_entry_alone(session, guidance, hendrik):
    invitations.uninvite(hendrik)
    whole, event = read(entry(posted(session, MailKind.UNINVITED)[0]))
    assert (whole.method.value, event.status.value, event.sequence.value) == ("CANCEL", "CANCELLED", "1")


def test_whoever_proposed_the_new_time_is_not_asked_by_the_calendar_either(session, guidance, hendrik):
    invitations.answer(hendrik, AnswerWish(Answer.PROPOSED, "Audit", date(2026, 12, 1), time(13)))
    invitations.accept(hendrik)
    _whole, event = read(entry(posted(session, MailKind.TIME_CHANGED)[0]))
    params = event.attendee.params
    assert params["PARTSTAT"] == ["ACCEPTED"]
    assert "RSVP" not in params


def test_no_link_of_a_person_stands_in_a_calendar(session, guidance):
    assert "/u/" not in entry(posted(session)[0])


def test_a_name_with_commas_and_quotes_stays_one_person(session, cast, guidance):
    prof = make.affiliation(
        cast.kemasindo,
        make.contact(name="Dr. H. Ma'mun \"Nu'man\", S.Pd.; M.M.", email="mamun@mitra.example"),
    )
    invitations.invite(guidance, [prof.id])
    _whole, event = read(entry(posted(session)[-1]))
    assert [one.value for one in event.contents["attendee"]] == ["mailto:mamun@mitra.example"]


def test_a_download_asks_nobody_and_tells_what_holds_now(session, guidance):
    whole, event = read(calendar.published(guidance))
    assert (whole.method.value, event.status.value) == ("PUBLISH", "CONFIRMED")
    assert "attendee" not in event.contents
    sessions.cancel(guidance, None)
    _whole, event = read(calendar.published(guidance))
    assert (event.status.value, event.uid.value) == ("CANCELLED", str(guidance.uid))


def test_c68_the_entry_s_id_is_random_and_of_the_session_alone(session, cast, guidance, lilis):
    """Not computable from a person, a number or another entry."""
    _whole, event = read(entry(posted(session)[0]))
    assert event.uid.value == str(guidance.uid)
    assert guidance.uid.version == 4
    assert "@" not in event.uid.value
