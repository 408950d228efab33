"""A person's data are erased: of what told who they were nothing is left anywhere, and the history stands."""

from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, text

from pentahelix import clock as system
from pentahelix.extensions import db
from pentahelix.mail import invitations as letters
from pentahelix.models import (
    Affiliation,
    Attempt,
    AuditEntry,
    AuditValue,
    Contact,
    LinkRequest,
    OutboxMessage,
    Partner,
    SearchText,
    SignIn,
    Token,
)
from pentahelix.queries import contacts
from pentahelix.refusals import WrongState
from pentahelix.services import erasure, opt_outs, tokens
from pentahelix.services.contacts import ContactWish, edit, make as take_down
from pentahelix.vocabulary import (
    Answer,
    AttemptKind,
    InvitationRole,
    MailKind,
    MailTopic,
    OutboxState,
    Salutation,
    TokenPurpose,
)
from tests import factories as make

pytestmark = pytest.mark.both_engines

NAME, EMAIL, PHONE = "Qorisandro Wexbula", "qoris@wexbula.example", "+6281277700441"
#: each stands nowhere else
TELLING = (
    "Qorisandro", "qorisandro", "wexbula", "81277700441", "ekstensi-991", "Jabatanzul",
    "Namalama", "lama@zorbil.example", "Catatanzap", "Delgatrix", "wakil@yumna.example", "Perambanzoq",
    "Awalnyazet",
)  # fmt: skip


@pytest.fixture
def guidance(cast):
    starts = system.now() + timedelta(days=9)
    return make.guidance(
        cast.lebak, topic="Desain kemasan", starts_at=starts, organiser_user_id=cast.lilis.id
    )


@pytest.fixture
def person(session, cast, acting_as):
    """Taken down by a coordinator under another name, and corrected."""
    with acting_as(cast.lilis) as hers:
        first = ContactWish("Namalama", position="Awalnyazet", email="lama@zorbil.example")
        contact = take_down(hers.get_one(Partner, cast.kemasindo.id), first)
        edit(
            contact,
            hers.scalars(select(Affiliation).where(Affiliation.contact_id == contact.id)).one(),
            ContactWish(NAME, Salutation.BAPAK, "Jabatanzul", None, EMAIL, PHONE, "ekstensi-991"),
        )
        contact_id = contact.id
    return session.get_one(Contact, contact_id)


@pytest.fixture
def seat(session, person):
    return session.scalars(select(Affiliation).where(Affiliation.contact_id == person.id)).one()


@pytest.fixture
def invitation(guidance, seat):
    return make.invitation(guidance, seat, role=InvitationRole.SPEAKER)


@pytest.fixture
def everywhere(session, cast, person, seat, guidance, invitation, client):
    """What the product makes of them by the paths that it has, and mails of each kind that names them."""
    raw = tokens.make(TokenPurpose.INVITATION, object_id=invitation.id)
    letters.invitation(invitation)
    opt_outs.make_link(person, MailTopic.REMINDERS)
    session.commit()
    said = {"answer": "represented", "note": "Catatanzap", "delegate_name": "Delgatrix"}
    sent = client.post(f"/u/{raw}", data=said | {"delegate_email": "wakil@yumna.example"})
    assert sent.status_code == 303
    session.rollback()
    meeting = make.meeting(cast.lebak, title="Membahas label", present=(seat,))
    letter = make.letter(f"Yth. {NAME}, Delgatrix", f"Untuk {NAME}")
    about = {"object_noun": "invitation", "object_id": invitation.id, "content": letter}
    to = {"recipient_contact_id": person.id, "recipient": EMAIL}
    for state in (OutboxState.SENT, OutboxState.QUEUED, OutboxState.SENDING, OutboxState.PARKED):
        make.mail(**about, **to, state=state, subject=f"Untuk {NAME}", error=f"550 {EMAIL}")
    make.mail(recipient=EMAIL.title(), kind=MailKind.SIGN_IN, is_secret=True, state=OutboxState.SENT)
    hers = {"recipient_user_id": cast.lilis.id, "recipient": cast.lilis.email, "state": OutboxState.SENT}
    make.mail(**about, **hers, kind=MailKind.LATE_ANSWER, subject=f"{NAME} diwakili")
    make.mail(**hers, kind=MailKind.DIGEST, content=letter)
    make.mail(**hers, kind=MailKind.MINUTES, object_noun="meeting", object_id=meeting.id, content=letter)
    other = make.invitation(guidance, cast.hendrik)
    make.mail(object_noun="invitation", object_id=other.id, state=OutboxState.SENT, content=letter)
    session.add(LinkRequest(purpose=TokenPurpose.SIGN_IN, email=EMAIL, made_at=system.now()))
    session.add(Attempt(kind=AttemptKind.SIGN_IN, subject=EMAIL, network="10.0.0.0/24", made_at=system.now()))
    session.add(
        SignIn(
            contact_id=person.id,
            principal=f"c:{person.id}",
            digest="0" * 64,
            made_at=system.now(),
            ends_at=system.now() + timedelta(hours=1),
            device="Perambanzoq",
        )
    )
    session.commit()
    return raw


def erase(session, acting_as, admin, person):
    with acting_as(admin) as his:
        erasure.erase(his.get_one(Contact, person.id))


def dumped(session):
    """Every row of every table as text, also those that an engine keeps for its index; mails as they read."""
    found = []
    for name in inspect(session.connection()).get_table_names():
        quoted = session.connection().dialect.identifier_preparer.quote(name)
        for row in session.execute(text(f"SELECT * FROM {quoted}")):
            found += [value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in row]
    for content in session.scalars(select(OutboxMessage.content).where(OutboxMessage.content.is_not(None))):
        mail = message_from_bytes(content, policy=policy.default)
        found += [str(value) for value in mail.values()]
        found += [(part.get_payload(decode=True) or b"").decode("latin-1") for part in mail.walk()]
    return "\n".join(found)


def hits(session):
    dump = dumped(session)
    return [word for word in TELLING if word.lower() in dump.lower()]


# ---------------------------------------------------------------------------- nothing is left


def test_t20_nothing_that_told_who_they_were_is_left_in_any_table(
    session, cast, acting_as, person, everywhere
):
    assert hits(session) == list(TELLING)
    erase(session, acting_as, cast.rudi, person)
    assert hits(session) == []


def test_nothing_is_left_in_the_file_nor_among_the_documents(
    app, session, cast, acting_as, person, everywhere
):
    erase(session, acting_as, cast.rudi, person)
    paths = list(Path(app.extensions["settings"].documents).rglob("*"))
    if session.connection().dialect.name == "sqlite":
        session.commit()
        with db.engine.connect() as connection:
            # What waits to be written into the file is written.
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        paths.append(Path(db.engine.url.database))
    for path in filter(Path.is_file, paths):
        content = path.read_bytes().lower()
        assert [word for word in TELLING if word.lower().encode() in content] == [], path


def test_each_field_of_a_contact_is_emptied_or_tells_nothing():
    """A new one belongs into `erasure.PERSONAL`, or here because nobody is known by it."""
    stays = {
        "id", "sort_name", "language", "basis", "basis_since", "restricted_at", "erased_at", "archived_at",
        "version",
    }  # fmt: skip
    assert set(Contact.__table__.columns.keys()) == stays | set(erasure.PERSONAL[Contact])


def test_an_address_that_is_somebody_else_s_as_well_keeps_its_doors(
    session, cast, acting_as, person, everywhere
):
    session.get_one(Contact, cast.hendrik.contact_id).email = EMAIL.upper()
    session.commit()
    erase(session, acting_as, cast.rudi, person)
    assert session.scalar(select(func.count()).select_from(LinkRequest)) == 1
    assert session.scalar(select(func.count()).where(Attempt.subject == EMAIL)) == 1


# ---------------------------------------------------------------------------- what stands


def test_the_person_is_nobody_works_nowhere_and_is_invited_to_nothing(
    session, cast, acting_as, person, seat, invitation, everywhere
):
    seat.is_primary, cast.hendrik.is_primary = False, False
    session.flush()
    seat.is_primary = True
    erase(session, acting_as, cast.rudi, person)
    assert (person.name, person.sort_name, person.salutation) == (
        "Narahubung terhapus",
        "narahubung terhapus",
        None,
    )
    assert person.erased_at == system.now()
    assert seat.ends is not None
    assert (seat.position, seat.is_primary) == (None, False)
    assert seat.partner_id == cast.kemasindo.id
    assert invitation.uninvited_at == system.now()
    # That they answered, and how, is history.
    assert (invitation.answer, invitation.delegate_name) == (Answer.REPRESENTED, "Wakil terhapus")
    assert [one.name for one in contacts.of_partners([cast.kemasindo.id])] == ["Hendrik Sasmita"]


def test_what_was_not_sent_never_is_and_what_was_stays_as_a_fact(
    session, cast, acting_as, person, everywhere
):
    erase(session, acting_as, cast.rudi, person)
    to_them = select(OutboxMessage).where(OutboxMessage.recipient_contact_id == person.id)
    mails = session.scalars(to_them).all()
    assert {(mail.recipient, mail.subject, mail.content, mail.error) for mail in mails} == {
        ("", "", None, None)
    }
    assert {mail.state for mail in mails} == {OutboxState.SENT, OutboxState.OBSOLETE}
    hers = session.scalars(
        select(OutboxMessage).where(OutboxMessage.recipient_user_id == cast.lilis.id)
    ).all()
    assert {mail.recipient for mail in hers} == {cast.lilis.email}
    assert {mail.content for mail in hers} == {None}


def test_no_door_of_theirs_opens(session, cast, acting_as, person, everywhere, client, browser_of):
    his = browser_of(person)
    assert his.get("/portal").status_code == 200
    session.rollback()
    erase(session, acting_as, cast.rudi, person)
    assert client.get(f"/u/{everywhere}").status_code == 404
    assert his.get("/portal").status_code == 303
    assert session.scalars(select(Token.id).where(Token.revoked_at.is_(None))).all() == []
    assert session.scalars(select(SignIn.device).where(SignIn.contact_id == person.id)).all() == [None, None]


def test_the_trail_tells_that_it_was_done_and_by_whom_without_what_stood_there(
    session, cast, acting_as, person, everywhere
):
    mine = (AuditEntry.noun == "contact", AuditEntry.object_id == person.id)
    before = session.scalar(select(func.count()).where(*mine))
    erase(session, acting_as, cast.rudi, person)
    entries = session.scalars(select(AuditEntry).where(*mine).order_by(AuditEntry.id)).all()
    assert len(entries) == before + 1
    assert entries[-1].actor_name == cast.rudi.name
    assert set(entries[-1].digests) == {*erasure.PERSONAL[Contact], "erased_at"}
    fields = session.scalars(select(AuditValue.field).where(AuditValue.entry_id == entries[-1].id)).all()
    assert fields == ["erased_at"]


def test_other_people_s_values_of_the_trail_stay(session, cast, acting_as, person):
    session.get_one(Contact, cast.hendrik.contact_id).phone = "+6281234567890"
    session.commit()
    erase(session, acting_as, cast.rudi, person)
    assert "+6281234567890" in session.scalars(select(AuditValue.after)).all()


def test_twice_is_refused(session, cast, acting_as, person):
    erase(session, acting_as, cast.rudi, person)
    with pytest.raises(WrongState, match="sudah dihapus"):
        erase(session, acting_as, cast.rudi, person)


def test_words_of_others_and_of_the_house_stay(session, cast, acting_as, person, seat):
    log = make.contact_log(
        cast.lebak, cast.kemasindo, cast.lilis, contact_id=person.id, line="Pak Qorisandro menelepon"
    )
    erase(session, acting_as, cast.rudi, person)
    session.refresh(log)
    assert (log.line, log.contact_id) == ("Pak Qorisandro menelepon", person.id)
    found = session.scalars(
        select(SearchText.folded).where(SearchText.noun == "contact", SearchText.object_id == person.id)
    )
    assert [line.split() for line in found] == [["narahubung", "terhapus"]]
