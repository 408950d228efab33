"""The minutes go to everybody who was there and may be mailed, once a version of the meeting."""

import email
from email.policy import default

import pytest
from sqlalchemy import select

from pentahelix import clock as clocks
from pentahelix.mail.compose import Attachment
from pentahelix.models import Attendance, Contact, Meeting, OutboxMessage, User
from pentahelix.refusals import WrongState
from pentahelix.services import minutes
from pentahelix.vocabulary import Basis, Language, MailKind, MeetingStatus
from tests import factories as make
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines

PAPERS = {
    "id": Attachment("Notula.pdf", b"%PDF-id", "application/pdf"),
    "en": Attachment("Minutes.pdf", b"%PDF-en", "application/pdf"),
}


@pytest.fixture
def meeting(cast, session):
    """Hendrik and Wulan were there, Lilis and a guest; Wulan has no address."""
    session.get_one(Contact, cast.hendrik.contact_id).email = "hendrik@mitra.example"
    wulan = make.affiliation(cast.kemasindo, make.contact(name="Wulan", email=None))
    row = make.meeting(
        cast.lebak, present=(cast.hendrik, wulan, cast.lilis), title="Akses pasar", decisions="Titip jual"
    )
    session.add(Attendance(meeting_id=row.id, guest_name="Sumiyati"))
    session.flush()
    return row


def send(acting_as, cast, meeting_id):
    with acting_as(cast.lilis) as hers:
        return minutes.send(hers.get_one(Meeting, meeting_id), PAPERS, principal_of(cast.lilis))


def mails(session):
    return session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()


def test_each_of_those_present_gets_one_mail_with_the_paper(cast, session, acting_as, meeting):
    assert send(acting_as, cast, meeting.id) == 2
    mine, theirs = sorted(mails(session), key=lambda mail: mail.recipient_contact_id is not None)
    assert (mine.recipient_user_id, theirs.recipient_contact_id) == (cast.lilis.id, cast.hendrik.contact_id)
    assert (theirs.kind, theirs.cluster_id) == (MailKind.MINUTES, cast.lebak.id)
    assert (theirs.object_noun, theirs.object_id) == ("meeting", meeting.id)
    letter = email.message_from_bytes(theirs.content, policy=default)
    assert letter["Subject"] == "Notula: Akses pasar, Selasa, 24 November 2026"
    assert "Titip jual" in letter.get_body(("plain",)).get_content()
    (paper,) = letter.iter_attachments()
    assert (paper.get_filename(), paper.get_content_type()) == ("Notula.pdf", "application/pdf")
    assert paper.get_content() == b"%PDF-id"


def test_everybody_reads_it_in_their_own_language(cast, session, acting_as, meeting):
    session.get_one(User, cast.lilis.id).language = Language.EN
    session.flush()
    send(acting_as, cast, meeting.id)
    papers = {
        mail.recipient_user_id: next(
            email.message_from_bytes(mail.content, policy=default).iter_attachments()
        ).get_content()
        for mail in mails(session)
    }
    assert papers == {cast.lilis.id: b"%PDF-en", None: b"%PDF-id"}


def test_who_cannot_be_mailed_is_told_with_the_reason(cast, session, acting_as, meeting):
    withdrawn = make.contact(
        name="Rina", email="rina@mitra.example", basis=Basis.WITHDRAWN, basis_since=clocks.today()
    )
    session.add(
        Attendance(meeting_id=meeting.id, affiliation_id=make.affiliation(cast.kemasindo, withdrawn).id)
    )
    with acting_as(cast.lilis) as hers:
        found = {one.name: one.obstacle for one in minutes.readers(hers.get_one(Meeting, meeting.id))}
    assert found == {
        "Hendrik Sasmita": None,
        "Lilis Nurhayati Agustin, S.E.": None,
        "Wulan": "belum punya alamat surel",
        "Rina": "tidak boleh disurati",
        "Sumiyati": "tamu, alamat surelnya tidak dicatat",
    }


def test_a_second_press_mails_only_those_who_have_not_got_it(cast, session, acting_as, meeting):
    send(acting_as, cast, meeting.id)
    assert send(acting_as, cast, meeting.id) == 0
    session.scalars(select(Contact).where(Contact.name == "Wulan")).one().email = "wulan@mitra.example"
    assert send(acting_as, cast, meeting.id) == 1
    assert len(mails(session)) == 3
    with acting_as(cast.lilis) as hers:
        sent = [one.sent for one in minutes.readers(hers.get_one(Meeting, meeting.id)) if one.to]
    assert [one.made_at for one in sent] == [clocks.now()] * 3


def test_corrected_minutes_may_be_sent_again(cast, session, acting_as, meeting):
    send(acting_as, cast, meeting.id)
    meeting.decisions = "Titip jual dua minggu"
    assert send(acting_as, cast, meeting.id) == 2


def test_a_person_who_was_there_for_two_partners_gets_one(cast, session, acting_as, meeting):
    elsewhere = make.affiliation(make.partner(cast.lebak), session.get_one(Contact, cast.hendrik.contact_id))
    session.add(Attendance(meeting_id=meeting.id, affiliation_id=elsewhere.id))
    assert send(acting_as, cast, meeting.id) == 2


@pytest.mark.parametrize(
    "values", [{"status": MeetingStatus.PLANNED}, {"status": MeetingStatus.CANCELLED}, {"archived_at": True}]
)
def test_there_are_no_minutes_of_what_was_not_held_and_none_go_out_of_the_archive(cast, values):
    given = values | ({"archived_at": clocks.now()} if "archived_at" in values else {})
    with pytest.raises(WrongState):
        minutes.must_be_sendable(make.meeting(cast.lebak, **given))


def test_two_statements_tell_who_will_get_it(cast, session, statements, meeting):
    for _ in range(20):
        person = make.affiliation(cast.kemasindo, make.contact())
        session.add(Attendance(meeting_id=meeting.id, affiliation_id=person.id))
    session.flush()
    with statements() as ran:
        minutes.readers(meeting)
    assert len(ran) == 2
