"""The letters of guidance sessions, as somebody reads them."""

import re
from datetime import date, time
from html import unescape

import pytest
from sqlalchemy import select

from pentahelix.mail import invitations as letters
from pentahelix.models import Affiliation, Contact, GuidanceSession, Invitation, OutboxMessage
from pentahelix.scope import OfContact
from pentahelix.services import guidance as sessions, invitations, opt_outs
from pentahelix.services.guidance import DetailsWish, GuidanceWish
from pentahelix.services.invitations import AnswerWish
from pentahelix.vocabulary import Answer, Language, MailKind, MailTopic, MeetingMode, OutboxState, Salutation
from tests import factories as make
from tests.mail.posting import deliver
from tests.outbox import REPLY_TO, answering, html, opened, plain, posted, settle
from tests.post_office import PostOffice
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines


@pytest.fixture
def lilis(session, cast):
    cast.lilis.phone, cast.lilis.position = "+6281200000147", "Koordinator Teaching Factory"
    return principal_of(cast.lilis)


@pytest.fixture
def write_to(session, cast, lilis):
    """`write_to(language="en")`: Hendrik, so described, is invited; the invitation comes back."""

    def written(person=None, **planned):
        hendrik = session.get_one(Contact, cast.hendrik.contact_id)
        for name, value in {"salutation": Salutation.BAPAK, **(person or {})}.items():
            setattr(hendrik, name, value)
        wish = {
            "cluster_id": cast.lebak.id,
            "topic": "Desain kemasan keripik pisang",
            "day": date(2026, 11, 26),
            "starts": time(9),
            "ends": time(11, 30),
            "place": "SMKN 1 Warunggunung, ruang TeFa",
            "participant_ids": (cast.hendrik.id,),
        }
        guidance = sessions.plan(GuidanceWish(**wish | planned), lilis)
        return session.scalars(
            select(Invitation).where(
                Invitation.guidance_id == guidance.id, Invitation.affiliation_id == cast.hendrik.id
            )
        ).one()

    return written


def of(session, invitation, kind):
    """The only letter of a kind about an invitation."""
    (mail,) = [mail for mail in posted(session, kind) if mail.object_id == invitation.id]
    return mail


def session_of(session, invitation):
    return session.get_one(GuidanceSession, invitation.guidance_id)


def unlinked(text):
    return re.sub(r"/u/[\w-]{43}", "/u/…", text)


def body(mail):
    """The text part up to the foot, which is the same in every mail."""
    return unlinked(plain(mail)).split("\n-- \n")[0].strip()


# ---------------------------------------------------------------------------- the invitation

INDONESIAN = """\
Yth. Bapak Hendrik Sasmita
CV Kemasindo Lebak

Klaster Teaching Factory Kuliner Lebak mengundang Bapak untuk mendampingi \
24 siswa dan guru pada bimbingan teknis berikut.

Desain kemasan keripik pisang
Waktu: Kamis, 26 November 2026, 09.00–11.30 WIB
Tempat: SMKN 1 Warunggunung, ruang TeFa
Peta: https://www.google.com/maps/search/?api=1&query=SMKN%201%20Warunggunung%2C%20ruang%20TeFa
Narasumber: Dr. Yusuf Maulana, Politeknik Ciujung

Dapatkah Bapak hadir?

Ya, saya hadir: http://localhost/u/…?answer=attending
Usulkan waktu lain: http://localhost/u/…?answer=proposed
Tidak dapat hadir: http://localhost/u/…?answer=declined

Tautan membuka halaman jawaban; belum ada yang terkirim sebelum Bapak menekan “Kirim jawaban”. \
Tanpa akun, tanpa kata sandi.
Jawaban dapat diubah sampai acara dimulai.
Yang dihitung hanya jawaban melalui tautan ini, bukan balasan surel atau kalender.
Tautan ini pribadi; mohon tidak diteruskan.

Hormat kami,
Lilis Nurhayati Agustin, S.E.
Koordinator Teaching Factory · 0812-0000-0147"""

ENGLISH = """\
Dear Mr Hendrik Sasmita
CV Kemasindo Lebak

Klaster Teaching Factory Kuliner Lebak invites you to accompany \
24 students and teachers at the following technical guidance.

Desain kemasan keripik pisang
Time: Thursday, 26 November 2026, 09:00–11:30 WIB
Place: SMKN 1 Warunggunung, ruang TeFa
Map: https://www.google.com/maps/search/?api=1&query=SMKN%201%20Warunggunung%2C%20ruang%20TeFa
Speaker: Dr. Yusuf Maulana, Politeknik Ciujung

Can you attend?

Yes, I will attend: http://localhost/u/…?answer=attending
Propose another time: http://localhost/u/…?answer=proposed
Cannot attend: http://localhost/u/…?answer=declined

The links open the answer page; nothing is sent until you press “Send answer”. \
No account, no password.
Your answer can be changed until the session begins.
Only an answer through this link counts, not a reply by e-mail or calendar.
This link is personal; please do not forward it.

Kind regards,
Lilis Nurhayati Agustin, S.E.
Koordinator Teaching Factory · 0812-0000-0147"""


@pytest.mark.parametrize(
    ("language", "subject", "text"),
    [
        (
            Language.ID,
            "[Mohon konfirmasi] Desain kemasan keripik pisang, Kamis, 26 November 2026",
            INDONESIAN,
        ),
        (
            Language.EN,
            "[Please confirm] Desain kemasan keripik pisang, Thursday, 26 November 2026",
            ENGLISH,
        ),
    ],
)
def test_an_invitation_says_who_invites_to_what_when_and_where(
    session, cast, write_to, language, subject, text
):
    polytechnic = make.partner(cast.lebak, name="Politeknik Ciujung")
    yusuf = make.affiliation(polytechnic, make.contact(name="Dr. Yusuf Maulana"))
    invitation = write_to({"language": language}, capacity=24, speaker_ids=(yusuf.id,))
    mail = of(session, invitation, MailKind.INVITATION)
    assert opened(mail)["Subject"] == mail.subject == subject
    assert body(mail) == text


def test_the_three_buttons_open_the_page_with_that_answer_chosen(session, write_to):
    mail = of(session, write_to(), MailKind.INVITATION)
    links = re.findall(r'(?s)<a [^>]*href="(http://localhost/u/[^"]+)"[^>]*>\s*(.*?)\s*</a>', html(mail))
    (raw,) = {address.split("/u/")[1].split("?")[0] for address, _words in links}
    assert [(address.split("?")[1], words) for address, words in links] == [
        ("answer=attending", "Ya, saya hadir"),
        ("answer=proposed", "Usulkan waktu lain"),
        ("answer=declined", "Tidak dapat hadir"),
    ]
    # For whom no button works, the plain address; and it is the link of the text part.
    assert f"http://localhost/u/{raw}\n" in re.sub(r"<[^>]+>", "\n", html(mail))
    assert raw in plain(mail)


def test_whoever_speaks_is_invited_as_such(session, cast, write_to):
    invitation = write_to(speaker_ids=(cast.hendrik.id,))
    assert "Klaster Teaching Factory Kuliner Lebak mengundang Bapak sebagai narasumber" in plain(
        of(session, invitation, MailKind.INVITATION)
    )


def test_whose_form_of_address_is_unknown_is_written_to_as_both(session, write_to):
    letter = plain(of(session, write_to({"salutation": None}), MailKind.INVITATION))
    assert "Yth. Bapak/Ibu Hendrik Sasmita" in letter
    assert "Dapatkah Bapak/Ibu hadir?" in letter


def test_an_online_session_has_a_link_and_no_map(session, write_to):
    planned = {"place": None, "link": "https://rapat.example/abc", "mode": MeetingMode.ONLINE}
    mail = of(session, write_to(**planned), MailKind.INVITATION)
    assert "Tautan daring: https://rapat.example/abc" in plain(mail)
    assert "maps" not in plain(mail) + html(mail)


@pytest.mark.parametrize(
    "name",
    [
        "Dr. H. Ma'mun Nu'man, S.Pd., M.M.",
        "Prof. Ir. Siti Nur'aini, Ph.D., IPU",
        "R.A. Kartika-Dewi",
        "I Gusti Ngurah B. 2nd",
        "Sumiyati",
        "Ana Diặ",
    ],
)
def test_c02_names_stand_in_the_letter_as_they_are_and_one_address_gets_it(app, session, write_to, name):
    mail = of(session, write_to({"name": name}), MailKind.INVITATION)
    assert f"Yth. Bapak {name}\n" in plain(mail)
    assert f"Yth. Bapak {name}" in unescape(html(mail))
    session.commit()
    with PostOffice.open() as office:
        deliver(app, office.url)
    (arrived,) = office.mails
    (to,) = arrived.message["To"].addresses
    assert (to.display_name, to.addr_spec) == (name, mail.recipient)
    assert (arrived.to, arrived.content) == (mail.recipient, mail.content)


@pytest.mark.parametrize(
    "email", ["pic+smk@example.org", "O'Neil@example.org", "HUMAS@Example.ORG", "a" * 64 + "@example.org"]
)
def test_c34_a_link_that_went_to_an_odd_address_takes_the_answer(app, session, client, write_to, email):
    invitation = write_to({"email": email})
    session.commit()
    with PostOffice.open() as office:
        deliver(app, office.url)
    (mail,) = office.mails
    assert (mail.to, mail.message["To"].addresses[0].addr_spec) == (email, email)
    link = mail.link("Ya, saya hadir").removeprefix("http://localhost")
    assert client.post(link, data={"answer": "attending"}).status_code == 303
    assert invitation.answer == Answer.ATTENDING


def test_what_somebody_typed_is_text_and_no_markup(session, cast, write_to):
    topic = "Kemasan <b>tebal</b> & </title> 'murah'"
    invitation = write_to({"name": "Budi <i>2</i>"}, topic=topic, place="Aula <x>")
    invitations.answer(
        invitation, AnswerWish(Answer.PROPOSED, "<script>1</script>", date(2026, 12, 1), time(13))
    )
    sessions.cancel(session_of(session, invitation), "<u>Hujan</u>")
    for mail in posted(session):
        for typed in ("<b>tebal", "<i>2", "<x>", "<script>", "<u>Hujan", "& </title> 'murah'"):
            assert typed not in html(mail)
    assert topic in plain(posted(session)[0])


def test_c05_a_topic_of_a_thousand_letters_is_whole(session, write_to):
    topic = "Pengemasan " * 90 + "selesai"
    mail = of(session, write_to(topic=topic), MailKind.INVITATION)
    assert topic in plain(mail)
    assert str(opened(mail)["Subject"]).startswith("[Mohon konfirmasi] Pengemasan")
    assert topic in " ".join(str(opened(mail)["Subject"]).split())


def test_c29_an_hour_of_the_east_is_told_by_the_clocks_there(session, cast, lilis):
    jayapura = make.cluster(timezone="Asia/Jayapura")
    make.involvement(jayapura, cast.kemasindo)
    wish = GuidanceWish(
        cluster_id=jayapura.id,
        topic="Sagu",
        day=date(2026, 11, 26),
        starts=time(9),
        ends=time(10),
        participant_ids=(cast.hendrik.id,),
    )
    sessions.plan(wish, lilis)
    (mail,) = posted(session)
    assert "Waktu: Kamis, 26 November 2026, 09.00–10.00 WIT\n" in plain(mail)


def test_c29_a_coordinator_elsewhere_reads_their_own_hour_beside_it(session, cast, write_to):
    make.user(cast.lebak, email="yohana@dinas.example", timezone="Asia/Jayapura")
    invitation = write_to()
    invitations.answer(invitation, AnswerWish(Answer.PROPOSED, "Audit", date(2026, 12, 1), time(9)))
    letters_by_reader = {mail.recipient: plain(mail) for mail in posted(session, MailKind.PROPOSAL)}
    assert "09.00–11.30 WIB (11.00–13.30 WIT)" in letters_by_reader["yohana@dinas.example"]
    assert "WIT" not in letters_by_reader[cast.lilis.email]


# ---------------------------------------------------------------------------- what comes after it


def test_a_letter_that_only_tells_asks_nothing(session, write_to):
    invitation = write_to()
    invitations.answer(invitation, AnswerWish(Answer.ATTENDING))
    guidance = session_of(session, invitation)
    sessions.edit(guidance, DetailsWish(topic=guidance.topic, place="Aula"))
    letters.guidance_reminder(invitation, "reminder:1", with_question=False)
    for kind in (MailKind.PLACE_CHANGED, MailKind.GUIDANCE_REMINDER):
        mail = of(session, invitation, kind)
        assert "Dapatkah" not in plain(mail) + html(mail)
        assert "Lihat atau ubah jawaban: http://localhost/u/" in plain(mail)


def test_the_place_that_changed_asks_whoever_is_still_silent(session, write_to):
    invitation = write_to()
    guidance = session_of(session, invitation)
    sessions.edit(guidance, DetailsWish(topic=guidance.topic, place="Aula"))
    assert "Dapatkah Bapak hadir?" in plain(of(session, invitation, MailKind.PLACE_CHANGED))


def test_the_scheduler_s_letters_come_once_under_its_key(session, write_to, clock):
    invitation = write_to()
    guidance = session_of(session, invitation)
    first = letters.no_answer(invitation, "no_answer:1:0")
    assert first is not None
    assert letters.no_answer(invitation, "no_answer:1:0") is None
    mail = of(session, invitation, MailKind.NO_ANSWER)
    assert mail.valid_until == guidance.starts_at
    assert "Kami belum menerima jawaban Bapak" in plain(mail)
    asked = letters.guidance_reminder(invitation, "guidance:1", with_question=True)
    assert asked is not None
    assert "Dapatkah" in plain(of(session, invitation, MailKind.GUIDANCE_REMINDER))


def test_reminders_that_come_by_themselves_can_be_stopped_and_nothing_else(session, write_to):
    invitation = write_to()
    invitations.nudge(session_of(session, invitation))
    letters.no_answer(invitation, "a")
    letters.guidance_reminder(invitation, "b", with_question=True)
    stoppable = {mail.kind for mail in posted(session) if opened(mail)["List-Unsubscribe"]}
    assert stoppable == {"no_answer", "guidance_reminder"}
    mail = of(session, invitation, MailKind.NO_ANSWER)
    raw = opened(mail)["List-Unsubscribe"].strip("<>").rsplit("/", 1)[1]
    subscription = opt_outs.of_link(raw)
    assert subscription is not None
    assert subscription.topic is MailTopic.REMINDERS
    assert raw in plain(mail)


def test_a_reminder_names_who_comes_instead(session, write_to):
    invitation = write_to()
    invitations.answer(invitation, AnswerWish(Answer.REPRESENTED, delegate_name="Maya"))
    letters.guidance_reminder(invitation, "guidance:1", with_question=False)
    assert "Bapak diwakili oleh Maya." in plain(of(session, invitation, MailKind.GUIDANCE_REMINDER))


@pytest.mark.parametrize(
    "kind", [MailKind.TIME_CHANGED, MailKind.PLACE_CHANGED, MailKind.CANCELLED, MailKind.UNINVITED]
)
def test_whoever_sends_somebody_else_is_asked_to_tell_them_what_changed(session, write_to, kind):
    invitation = write_to()
    guidance = session_of(session, invitation)
    invitations.answer(invitation, AnswerWish(Answer.REPRESENTED, delegate_name="Maya"))
    if kind == MailKind.TIME_CHANGED:
        sessions.reschedule(guidance, date(2026, 12, 2), time(9), time(10))
    elif kind == MailKind.PLACE_CHANGED:
        sessions.edit(guidance, DetailsWish(topic=guidance.topic, place="Aula"))
    elif kind == MailKind.CANCELLED:
        sessions.cancel(guidance, None)
    else:
        invitations.uninvite(invitation)
    said = "Mohon sampaikan juga kepada Maya, yang mewakili Bapak."
    mail = of(session, invitation, kind)
    assert said in plain(mail)
    assert said in html(mail)
    assert said not in plain(of(session, invitation, MailKind.INVITATION))


@pytest.mark.parametrize("mailbox", [REPLY_TO, ""])
def test_only_an_entry_that_mail_can_take_back_is_said_to_be_gone(
    app, session, monkeypatch, write_to, mailbox
):
    settle(app, monkeypatch, mail_reply_to=mailbox)
    invitation = write_to()
    sessions.cancel(session_of(session, invitation), None)
    for text in (
        plain(of(session, invitation, MailKind.CANCELLED)),
        html(of(session, invitation, MailKind.CANCELLED)),
    ):
        assert ("Undangan kalender ikut terhapus." in text) is bool(mailbox)
        assert ("mohon hapus di sana" in text) is not bool(mailbox)


def test_whoever_signs_without_a_telephone_is_reached_by_mail(session, cast, write_to):
    cast.lilis.phone = None
    mail = of(session, write_to(), MailKind.INVITATION)
    assert f"Koordinator Teaching Factory · {cast.lilis.email}" in plain(mail)
    assert f"Koordinator Teaching Factory · {cast.lilis.email}" in html(mail)


def test_a_question_is_good_until_the_session_begins_and_a_cancellation_for_ever(session, write_to):
    invitation = write_to()
    asked = of(session, invitation, MailKind.INVITATION)
    assert asked.valid_until == session_of(session, invitation).starts_at
    sessions.cancel(session_of(session, invitation), None)
    assert of(session, invitation, MailKind.CANCELLED).valid_until is None


def test_a_contact_who_may_not_be_mailed_any_more_gets_not_even_a_cancellation(session, write_to):
    invitation = write_to()
    session.get_one(
        Contact, session.get_one(Affiliation, invitation.affiliation_id).contact_id
    ).archived_at = invitation.invited_at
    sessions.cancel(session_of(session, invitation), None)
    assert posted(session, MailKind.CANCELLED) == []
    assert invitation.mailed_sequence == 0


def test_whoever_speaks_elsewhere_is_named_to_somebody_who_answers_by_a_link(app, session, cast, write_to):
    """In the scope of a link only one invitation is seen; the speakers are told to everybody invited."""
    yusuf = make.affiliation(cast.kemasindo, make.contact(name="Dr. Yusuf Maulana"))
    invitation = write_to(speaker_ids=(yusuf.id,))
    number, person = invitation.id, cast.hendrik.contact_id
    with answering(app, OfContact(person)) as theirs:
        invitations.answer(
            theirs.scalars(select(Invitation).where(Invitation.id == number)).one(),
            AnswerWish(Answer.REPRESENTED, delegate_name="Maya", delegate_email="maya@x.example"),
        )
    assert "Dr. Yusuf Maulana" in plain(posted(session, MailKind.DELEGATE)[0])


# ---------------------------------------------------------------------------- every kind

#: The others speak of the calendar entry that their reader has.
WITH_ENTRY = {"invitation", "time_changed", "place_changed", "cancelled", "uninvited"}


def test_every_kind_of_letter_names_the_session_and_fits_its_reader(session, cast, write_to, clock):
    invitation = write_to()
    guidance = session_of(session, invitation)
    proposed = AnswerWish(Answer.PROPOSED, "Audit", date(2026, 12, 1), time(13))
    invitations.nudge(guidance)
    letters.no_answer(invitation, "a")
    letters.guidance_reminder(invitation, "b", with_question=True)
    invitations.answer(invitation, proposed)
    invitations.keep(invitation)
    sessions.edit(guidance, DetailsWish(topic=guidance.topic, place="Aula"))
    sessions.reschedule(guidance, date(2026, 12, 2), time(9), time(10))
    clock.set("2026-12-01T10:00+07:00")
    invitations.answer(
        invitation, AnswerWish(Answer.REPRESENTED, delegate_name="Maya", delegate_email="maya@x.example")
    )
    invitations.uninvite(invitation)
    invitations.invite(guidance, [cast.hendrik.id])
    sessions.cancel(guidance, "Hujan")
    session.commit()
    mails = posted(session)
    assert {mail.kind for mail in mails} == {
        "invitation", "time_changed", "place_changed", "time_kept", "cancelled", "uninvited", "nudge",
        "no_answer", "guidance_reminder", "delegate", "proposal", "late_answer",
    }  # fmt: skip
    for mail in mails:
        assert guidance.topic in mail.subject, mail.kind
        assert guidance.topic in plain(mail), mail.kind
        assert guidance.topic in unescape(html(mail)), mail.kind
        assert "\n\n\n" not in plain(mail), mail.kind
        personal = mail.recipient_contact_id == cast.hendrik.contact_id and mail.kind not in (
            "cancelled",
            "uninvited",
        )
        assert ("/u/" in plain(mail)) is ("/u/" in html(mail)) is personal, mail.kind
        assert ("text/calendar" in mail.content.decode()) is (mail.kind in WITH_ENTRY), mail.kind
    # Only the last word is still to be sent.
    assert [mail.kind for mail in mails if mail.state == OutboxState.QUEUED] == ["cancelled"]
    assert len({mail.key for mail in mails}) == len(mails)
    assert session.scalars(select(OutboxMessage.is_secret).distinct()).all() == [False]
