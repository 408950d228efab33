"""T11: calendar entries field by field, as RFC 5545, 5546 and 6047 say; read without a library."""

import re
from datetime import date, time
from email.message import MIMEPart
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from pentahelix.mail import calendar
from pentahelix.models import Contact, Invitation
from pentahelix.services import guidance as sessions, invitations
from pentahelix.services.guidance import DetailsWish, GuidanceWish
from pentahelix.services.invitations import AnswerWish
from pentahelix.vocabulary import Answer, Language, MailKind, MeetingMode
from tests.outbox import REPLY_TO, opened, plain, posted, settle
from tests.sign_in import principal_of

THURSDAY, TUESDAY = date(2026, 11, 26), date(2026, 12, 1)

HALL, ROOM = "SMKN 1 Warunggunung, ruang TeFa", "https://rapat.example/j/abc?sandi=1;2,3"
WHERE: dict[str, dict[str, Any]] = {
    "in person": {"place": HALL},
    "online": {"mode": MeetingMode.ONLINE, "link": ROOM},
    "both": {"mode": MeetingMode.HYBRID, "place": HALL, "link": ROOM},
}

#: What every entry says of its session; besides, who is asked, and where one meets online.
FIELDS = {
    "UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "LOCATION", "STATUS",
    "ORGANIZER",
}  # fmt: skip

ANSWERS = {
    Answer.ATTENDING: AnswerWish(Answer.ATTENDING),
    Answer.REPRESENTED: AnswerWish(Answer.REPRESENTED, delegate_name="Maya"),
    Answer.DECLINED: AnswerWish(Answer.DECLINED),
    Answer.PROPOSED: AnswerWish(Answer.PROPOSED, "Audit", TUESDAY, time(13)),
}


@pytest.fixture
def a_mailbox(app, session, monkeypatch):
    """Somebody reads the answers that calendar programs send."""
    settle(app, monkeypatch, mail_from="Pentahelix <pentahelix@dinas.example>", mail_reply_to=REPLY_TO)


@pytest.fixture
def plan(session, cast):
    """`plan(**WHERE["online"])`: a session to which Hendrik is invited, and his invitation."""

    def planned(**wish):
        given = {
            "cluster_id": cast.lebak.id,
            "topic": "Desain kemasan",
            "day": THURSDAY,
            "starts": time(9),
            "ends": time(11, 30),
            "description": "Bawa contoh kemasan.",
            "participant_ids": (cast.hendrik.id,),
        }
        guidance = sessions.plan(GuidanceWish(**given | wish), principal_of(cast.lilis))
        return guidance, session.scalars(
            select(Invitation).where(Invitation.guidance_id == guidance.id)
        ).one()

    return planned


# ---------------------------------------------------------------------------- how they are read


def content_lines(raw: bytes):
    """The lines of a calendar object, unfolded: name, parameters, value (RFC 5545 §3.1)."""
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    for line in raw.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no letter is cut in two by a fold
    for whole in raw.decode().replace("\r\n ", "").split("\r\n")[:-1]:
        shape = re.fullmatch(r'([A-Z-]+)((?:;[A-Z-]+=(?:"[^"]*"|[^;:,"]*))*):(.*)', whole)
        assert shape, f"no content line: {whole!r}"
        params = re.findall(r';([A-Z-]+)=("[^"]*"|[^;]*)', shape[2])
        assert len(params) == len(dict(params)), "each at most once"
        yield shape[1], dict(params), shape[3]


def fields_of(raw: bytes, method: str) -> dict[str, tuple[dict[str, str], str]]:
    """The fields of the one event in a calendar of that method, each of which stands there once."""
    lines = list(content_lines(raw))
    names = [name for name, _params, _value in lines]
    begin = names.index("BEGIN", 1)
    assert lines[0] == ("BEGIN", {}, "VCALENDAR")
    assert sorted(lines[1:begin]) == [
        ("METHOD", {}, method),
        ("PRODID", {}, "-//Pentahelix//Bimbingan teknis//ID"),
        ("VERSION", {}, "2.0"),
    ]
    assert lines[begin] == ("BEGIN", {}, "VEVENT")
    assert lines[-2:] == [("END", {}, "VEVENT"), ("END", {}, "VCALENDAR")]
    event = names[begin + 1 : -2]
    assert not {"BEGIN", "END", "METHOD"} & set(event)
    assert len(event) == len(set(event)), "each once"
    return {name: (params, value) for name, params, value in lines[begin + 1 : -2]}


def entry_of(mail, method: str) -> dict[str, tuple[dict[str, str], str]]:
    """The same of a mail, whose parts stand in each other as mail programs want them."""
    message = opened(mail)
    assert _nested(message) == (
        "multipart/mixed",
        [("multipart/alternative", ["text/plain", "text/html", "text/calendar"]), "application/ics"],
    )
    parts = [part for part in message.walk() if not part.is_multipart()]
    inner, file = parts[2:]
    assert dict(inner["Content-Type"].params) == {
        "method": method,
        "charset": "utf-8",
        "component": "VEVENT",
    }
    assert {part["Content-Transfer-Encoding"] for part in parts} <= {"base64", "quoted-printable"}
    assert (file.get_filename(), file.get_content_disposition()) == ("invite.ics", "attachment")
    raw = inner.get_payload(decode=True)
    assert isinstance(raw, bytes)
    assert file.get_payload(decode=True) == raw
    return fields_of(raw, method)


def _nested(part: MIMEPart) -> Any:
    kind = part.get_content_type()
    return (kind, [_nested(each) for each in part.iter_parts()]) if part.is_multipart() else kind


def in_utc(instant) -> str:
    return f"{instant:%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    return re.sub(r"([\\;,])", r"\\\1", text)


def check_session(fields, guidance, organiser=REPLY_TO) -> None:
    """What an entry says of its session, as it stands now."""
    assert fields["UID"] == ({}, str(guidance.uid))
    assert fields["SEQUENCE"] == ({}, str(guidance.sequence))
    assert fields["DTSTART"] == ({}, in_utc(guidance.starts_at))
    assert fields["DTEND"] == ({}, in_utc(guidance.ends_at))
    assert re.fullmatch(r"\d{8}T\d{6}Z", fields["DTSTAMP"][1])
    assert fields["SUMMARY"] == ({}, escaped(guidance.topic))
    assert fields["LOCATION"] == ({}, escaped(guidance.place or guidance.link))
    assert fields.get("URL") == (({}, guidance.link) if guidance.link else None)
    if guidance.link:
        assert (escaped(guidance.link) in fields["DESCRIPTION"][1]) is bool(guidance.place)
    assert fields["ORGANIZER"] == ({"CN": "Pentahelix"}, f"mailto:{organiser}")


# ---------------------------------------------------------------------------- each kind of mail that has one


def move(guidance, _invitation):
    sessions.reschedule(guidance, TUESDAY, time(13), time(15))


def go_elsewhere(guidance, _invitation):
    """To another place, online or not."""
    wish = {name: getattr(guidance, name) for name in ("topic", "mode", "description")}
    place = guidance.place and "Aula; lantai 2"
    sessions.edit(guidance, DetailsWish(**wish, place=place, link=guidance.link and f"{ROOM}&lagi"))


def invite_again(guidance, invitation):
    invitations.invite(guidance, [invitation.affiliation_id])


#: What becomes of a session after its invitation was answered so, the mail that it makes, and what that says
#: to the program of its reader: the method, the part that they take, whether they are asked.
MAILS = [
    (None, None, MailKind.INVITATION, "REQUEST", "NEEDS-ACTION", True),
    (Answer.DECLINED, invite_again, MailKind.INVITATION, "REQUEST", "NEEDS-ACTION", True),
    (Answer.ATTENDING, move, MailKind.TIME_CHANGED, "REQUEST", "NEEDS-ACTION", True),
    (
        Answer.PROPOSED,
        lambda _guidance, invitation: invitations.accept(invitation),
        MailKind.TIME_CHANGED,
        "REQUEST",
        "ACCEPTED",
        False,
    ),
    (None, go_elsewhere, MailKind.PLACE_CHANGED, "REQUEST", "NEEDS-ACTION", True),
    (Answer.ATTENDING, go_elsewhere, MailKind.PLACE_CHANGED, "REQUEST", "ACCEPTED", False),
    (Answer.REPRESENTED, go_elsewhere, MailKind.PLACE_CHANGED, "REQUEST", "ACCEPTED", False),
    (Answer.DECLINED, go_elsewhere, MailKind.PLACE_CHANGED, "REQUEST", "DECLINED", False),
    (Answer.PROPOSED, go_elsewhere, MailKind.PLACE_CHANGED, "REQUEST", "TENTATIVE", False),
    (
        Answer.DECLINED,
        lambda guidance, _invitation: sessions.cancel(guidance, "Hujan"),
        MailKind.CANCELLED,
        "CANCEL",
        "NEEDS-ACTION",
        False,
    ),
    (
        Answer.ATTENDING,
        lambda _guidance, invitation: invitations.uninvite(invitation),
        MailKind.UNINVITED,
        "CANCEL",
        "NEEDS-ACTION",
        False,
    ),
]


@pytest.mark.parametrize(
    ("answer", "act", "kind", "method", "part", "asked"),
    MAILS,
    ids=[f"{kind} after {answer or 'none'}" for answer, _act, kind, *_ in MAILS],
)
def test_t11_c45_each_mail_carries_one_whole_entry(
    session, cast, a_mailbox, plan, answer, act, kind, method, part, asked
):
    for where in WHERE.values():
        guidance, invitation = plan(**where)
        if answer:
            invitations.answer(invitation, ANSWERS[answer])
        if act:
            act(guidance, invitation)
        mail = posted(session, kind)[-1]
        fields = entry_of(mail, method)
        assert fields.keys() == FIELDS | {"ATTENDEE"} | ({"URL"} if guidance.link else set())
        check_session(fields, guidance)
        assert mail.sequence == guidance.sequence == bool(act)
        gone = method == "CANCEL"
        assert fields["STATUS"] == ({}, "CANCELLED" if gone else "CONFIRMED")
        # Who organises is believed for the signature of the domain that sends (DMARC).
        assert fields["ORGANIZER"][1].endswith("@" + opened(mail)["From"].addresses[0].domain)
        assert fields["ATTENDEE"] == (
            {
                "CN": '"Hendrik Sasmita"',
                "CUTYPE": "INDIVIDUAL",
                "ROLE": "REQ-PARTICIPANT",
                "PARTSTAT": part,
                **({"RSVP": "TRUE"} if asked else {}),
            },
            f"mailto:{cast.hendrik.contact.email}",
        )
        assert fields["DESCRIPTION"][1].startswith("Bawa contoh kemasan.")
        assert ("Jawaban yang dihitung" in fields["DESCRIPTION"][1]) is not gone


@pytest.mark.parametrize("where", WHERE.values(), ids=WHERE)
def test_t11_a_download_is_published_and_asks_nobody(session, client, a_mailbox, plan, where):
    guidance, _invitation = plan(**where)
    link = re.search(r"http://localhost(/u/[\w-]{43})", plain(posted(session)[0]))
    assert link
    for status in ("CONFIRMED", "CANCELLED"):
        file = client.get(f"{urlsplit(link[1]).path}/calendar.ics").get_data()
        fields = fields_of(file, "PUBLISH")
        assert fields.keys() == FIELDS | ({"URL"} if guidance.link else set())
        check_session(fields, guidance)
        assert fields["STATUS"] == ({}, status)
        assert file == calendar.published(guidance).encode()
        if status == "CONFIRMED":
            sessions.cancel(guidance, None)


def test_t11_where_nobody_reads_answers_the_entry_of_a_mail_is_only_published(
    app, session, monkeypatch, plan
):
    settle(app, monkeypatch, mail_from="Pentahelix <pentahelix@dinas.example>", mail_reply_to="")
    guidance, _invitation = plan(place=HALL)
    for status in ("CONFIRMED", "CANCELLED"):
        fields = entry_of(posted(session)[-1], "PUBLISH")
        assert fields.keys() == FIELDS
        check_session(fields, guidance, "pentahelix@dinas.example")
        assert fields["STATUS"] == ({}, status)
        if status == "CONFIRMED":
            sessions.cancel(guidance, None)


def test_t11_an_entry_of_which_nothing_more_is_known_has_no_empty_field(session, a_mailbox, plan):
    guidance, _invitation = plan(description=None)
    sessions.cancel(guidance, None)
    asked, gone = (
        entry_of(mail, method) for mail, method in zip(posted(session), ("REQUEST", "CANCEL"), strict=True)
    )
    assert asked.keys() == FIELDS - {"LOCATION"} | {"ATTENDEE"}
    assert gone.keys() == FIELDS - {"LOCATION", "DESCRIPTION"} | {"ATTENDEE"}


# ---------------------------------------------------------------------------- one entry for life


def test_t11_every_move_raises_the_sequence_that_its_mail_carries_and_nothing_lowers_it(
    session, a_mailbox, plan
):
    guidance, invitation = plan(**WHERE["both"])

    def edit(**changed):
        wish = {name: getattr(guidance, name) for name in ("topic", "mode", "description", "place", "link")}
        sessions.edit(guidance, DetailsWish(**wish | changed))

    def shift(starts, ends):
        sessions.reschedule(guidance, THURSDAY, starts, ends)

    seen = 1
    for act, kind in (
        (lambda: shift(time(9, 30), time(11, 30)), MailKind.TIME_CHANGED),
        (lambda: shift(time(9, 30), time(12)), MailKind.TIME_CHANGED),
        (lambda: edit(place="Aula"), MailKind.PLACE_CHANGED),
        (lambda: edit(link=f"{ROOM}&lagi"), MailKind.PLACE_CHANGED),
        (lambda: edit(topic="Label", description="Bawa pena."), None),
        (lambda: invitations.answer(invitation, ANSWERS[Answer.ATTENDING]), None),
        (lambda: edit(place=HALL, link=ROOM), MailKind.PLACE_CHANGED),
        (lambda: shift(time(9), time(11, 30)), MailKind.TIME_CHANGED),
        (lambda: sessions.cancel(guidance, None), MailKind.CANCELLED),
    ):
        act()
        new = posted(session)[seen:]
        assert [mail.kind for mail in new] == ([kind] if kind else [])
        seen += len(new)
        assert guidance.sequence == seen - 1
        for mail in new:
            check_session(entry_of(mail, "CANCEL" if kind == MailKind.CANCELLED else "REQUEST"), guidance)


@pytest.mark.parametrize("language", list(Language))
def test_t11_an_entry_that_moves_three_times_and_is_called_off_stays_one_whatever_is_written_in_it(
    session, cast, a_mailbox, plan, clock, language, figure
):
    contact = session.get_one(Contact, cast.hendrik.contact_id)
    contact.language, contact.name = (
        language,
        "Prof. Dr. H. Hendrik “Kemas” Sasmita, S.T.; M.M., IPU: " + "Ž" * 40,
    )
    guidance, _invitation = plan(
        topic="Desain kemasan; label, mutu " + "é" * 80,
        place=HALL,
        description="Bawa contoh \\ kemasan;\nparkir di depan aula.",
    )
    asked = [entry_of(posted(session)[-1], "REQUEST")]
    check_session(asked[0], guidance)
    for number, day in enumerate((date(2026, 11, 27), date(2026, 11, 30), TUESDAY)):
        clock.set(f"2026-11-24T07:0{number + 1}+07:00")
        sessions.reschedule(guidance, day, time(9), time(10))
        asked.append(entry_of(posted(session)[-1], "REQUEST"))
        check_session(asked[-1], guidance)
        # In UTC, which needs no VTIMEZONE: 09.00 WIB is 02.00 there on every day of the year.
        assert asked[-1]["DTSTART"] == ({}, f"{day:%Y%m%d}T020000Z")
    clock.set("2026-11-24T07:05+07:00")
    sessions.cancel(guidance, None)
    entries = [*asked, entry_of(posted(session)[-1], "CANCEL")]
    check_session(entries[-1], guidance)
    assert [fields["SEQUENCE"][1] for fields in entries] == ["0", "1", "2", "3", "4"]
    assert [fields["STATUS"][1] for fields in entries] == ["CONFIRMED"] * 4 + ["CANCELLED"]
    stamps = [fields["DTSTAMP"][1] for fields in entries]
    assert stamps == sorted(set(stamps)), "a version each"
    for fields in entries:
        assert fields["DESCRIPTION"][1].startswith("Bawa contoh \\\\ kemasan\\;\\nparkir di depan aula.")
        params, value = fields["ATTENDEE"]
        assert value == f"mailto:{contact.email}"
        assert params["CN"] == f'"{contact.name}"'
    figure(f"T11: 5 entries in {language}, each field as RFC 5545, 5546 and 6047 say")
