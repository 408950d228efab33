"""The calendar part of mails, read by two parsers that did not write it."""

import re
from datetime import UTC, date, datetime, time, timedelta

import icalendar
import pytest
import vobject
from sqlalchemy import select

from pentahelix.mail import calendar
from pentahelix.models import Contact, Invitation
from pentahelix.services import guidance as sessions, invitations
from pentahelix.services.guidance import GuidanceWish
from pentahelix.services.invitations import AnswerWish
from pentahelix.vocabulary import Answer, Language, MailKind
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


def test_c45_the_method_stands_in_the_header_and_in_the_calendar_alike(session, guidance):
    message = opened(posted(session)[0])
    assert message.get_content_type() == "multipart/mixed"
    alternative, attached = message.iter_parts()
    assert alternative.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in alternative.iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    part = list(alternative.iter_parts())[2]
    assert part.get_param("method") == "REQUEST"
    assert part.get_content_charset() == "utf-8"
    assert part["Content-Transfer-Encoding"] in ("base64", "quoted-printable")
    assert re.findall(r"^METHOD:(\w+)", part.get_content(), re.MULTILINE) == ["REQUEST"]
    assert attached.get_filename() == "invite.ics"
    assert attached.get_payload(decode=True) == part.get_payload(decode=True)


def test_lines_end_and_fold_as_the_standard_says(session, guidance):
    raw = next(
        part for part in opened(posted(session)[0]).walk() if part.get_content_type() == "text/calendar"
    ).get_payload(decode=True)
    lines = raw.split(b"\r\n")
    assert lines.pop() == b""
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(len(line) for line in lines) <= 75


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


def test_where_nobody_reads_answers_the_entry_is_only_published(app, session, monkeypatch, guidance, cast):
    settle(app, monkeypatch, mail_reply_to="")
    other = make.affiliation(cast.kemasindo, make.contact())
    invitations.invite(guidance, [other.id])
    mail = posted(session)[-1]
    part = next(part for part in opened(mail).walk() if part.get_content_type() == "text/calendar")
    assert part.get_param("method") == "PUBLISH"
    whole, event = read(entry(mail))
    assert whole.method.value == "PUBLISH"
    assert "attendee" not in event.contents


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


# ---------------------------------------------------------------------------- field by field


def content_lines(raw):
    """The lines of a calendar object, unfolded: name, parameters, value (RFC 5545 §3.1)."""
    for line in raw.decode().replace("\r\n ", "").split("\r\n")[:-1]:
        shape = re.fullmatch(r'([A-Z-]+)((?:;[A-Z-]+=(?:"[^"]*"|[^;:,"]*))*):(.*)', line)
        assert shape, f"no content line: {line!r}"
        params = re.findall(r';([A-Z-]+)=("[^"]*"|[^;]*)', shape[2])
        assert len(params) == len(dict(params)), "each at most once"
        yield shape[1], dict(params), shape[3]


def calendar_parts(mail):
    """The bytes of the part that mail programs read, and of the file."""
    parts = [
        part
        for part in opened(mail).walk()
        if part.get_content_type() in ("text/calendar", "application/ics")
    ]
    return parts, [part.get_payload(decode=True) for part in parts]


@pytest.mark.parametrize("language", list(Language))
def test_t11_every_field_of_an_entry_is_as_the_standards_say(
    session, cast, a_mailbox, lilis, clock, language, figure
):
    """RFC 5545, 5546 and 6047: asked, moved three times, called off; read line by line without a library."""
    contact = session.get_one(Contact, cast.hendrik.contact_id)
    contact.language, contact.name = (
        language,
        "Prof. Dr. H. Hendrik “Kemas” Sasmita, S.T.; M.M., IPU: " + "Ž" * 40,
    )
    wish = GuidanceWish(
        cluster_id=cast.lebak.id,
        topic="Desain kemasan; label, mutu " + "é" * 80,
        day=date(2026, 11, 26),
        starts=time(9),
        ends=time(11, 30),
        place="SMKN 1 Warunggunung, ruang TeFa",
        description="Bawa contoh \\ kemasan;\nparkir di depan aula.",
        participant_ids=(cast.hendrik.id,),
    )
    guidance = sessions.plan(wish, lilis)
    for number, day in enumerate((date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 1))):
        clock.set(f"2026-11-24T07:0{number + 1}+07:00")
        sessions.reschedule(guidance, day, time(9), time(10))
    clock.set("2026-11-24T07:05+07:00")
    sessions.cancel(guidance, None)
    session.commit()
    mails = posted(session)
    assert len(mails) == 5

    stamps = []
    for sequence, mail in enumerate(mails):
        last = sequence == 4
        method = "CANCEL" if last else "REQUEST"
        parts, (inner, file) = calendar_parts(mail)
        assert [part.get_content_type() for part in parts] == ["text/calendar", "application/ics"]
        assert inner == file
        assert dict(parts[0]["Content-Type"].params) == {
            "method": method,
            "charset": "utf-8",
            "component": "VEVENT",
        }
        assert all(part["Content-Transfer-Encoding"] in ("base64", "quoted-printable") for part in parts)
        assert all(len(line) <= 75 for line in inner.split(b"\r\n"))
        for line in inner.split(b"\r\n"):
            line.decode()  # no letter is cut in two by a fold
        assert inner.endswith(b"END:VCALENDAR\r\n")
        assert inner.count(b"\n") == inner.count(b"\r\n")

        lines = list(content_lines(inner))
        frame = [(name, value) for name, _params, value in lines if name in ("BEGIN", "END")]
        assert frame == [("BEGIN", "VCALENDAR"), ("BEGIN", "VEVENT"), ("END", "VEVENT"), ("END", "VCALENDAR")]
        names = [name for name, _params, _value in lines]
        begin = names.index("BEGIN", 1)
        assert sorted(names[1:begin]) == ["METHOD", "PRODID", "VERSION"]
        of_event = names[begin + 1 : -2]
        assert len(of_event) == len(set(of_event)), "each at most once"
        fields = {name: (params, value) for name, params, value in lines}
        assert fields["METHOD"] == ({}, method)
        assert fields["VERSION"] == ({}, "2.0")
        assert fields["UID"] == ({}, str(guidance.uid))
        assert fields["SEQUENCE"] == ({}, str(sequence))
        assert fields["STATUS"] == ({}, "CANCELLED" if last else "CONFIRMED")
        # In UTC, which needs no VTIMEZONE: 09.00 WIB is 02.00 there on every day of the year.
        day = ("20261126", "20261127", "20261130", "20261201", "20261201")[sequence]
        assert fields["DTSTART"] == ({}, f"{day}T020000Z")
        assert fields["DTEND"] == ({}, f"{day}T{'043000' if sequence == 0 else '030000'}Z")
        assert re.fullmatch(r"\d{8}T\d{6}Z", fields["DTSTAMP"][1])
        stamps.append(fields["DTSTAMP"][1])
        assert fields["SUMMARY"][1].startswith("Desain kemasan\\; label\\, mutu é")
        assert fields["LOCATION"] == ({}, "SMKN 1 Warunggunung\\, ruang TeFa")
        assert fields["DESCRIPTION"][1].startswith("Bawa contoh \\\\ kemasan\\;\\nparkir di depan aula.")
        assert fields["ORGANIZER"][1] == f"mailto:{REPLY_TO}"
        params, value = fields["ATTENDEE"]
        assert value == f"mailto:{contact.email}"
        assert params.pop("CN").startswith('"Prof. Dr. H. Hendrik “Kemas” Sasmita, S.T.; M.M., IPU: Ž')
        asked = {} if last else {"RSVP": "TRUE"}
        assert params == {
            "CUTYPE": "INDIVIDUAL",
            "ROLE": "REQ-PARTICIPANT",
            "PARTSTAT": "NEEDS-ACTION",
            **asked,
        }
    assert stamps == sorted(set(stamps)), "a version each"
    figure(f"T11: 5 entries in {language}, each field as RFC 5545, 5546 and 6047 say")
