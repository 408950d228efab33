"""Invitations and their answers: who is asked, what is kept of what they say, who is told at once."""

from datetime import date, datetime, time, timedelta
from urllib.parse import unquote

import pytest
from sqlalchemy import func, select

from pentahelix import clock as system
from pentahelix.mail import invitations as letters, outbox
from pentahelix.models import (
    AuditEntry,
    ClusterPartner,
    Contact,
    Invitation,
    InvitationAnswer,
    OutboxMessage,
    Token,
)
from pentahelix.refusals import Refused, WrongState
from pentahelix.scope import OfContact, OfInvitation
from pentahelix.services import guidance as sessions, invitations, meetings
from pentahelix.services.guidance import GuidanceWish, OutcomeWish
from pentahelix.services.invitations import AnswerWish
from pentahelix.vocabulary import (
    Answer,
    Basis,
    InvitationRole,
    LastContactKind,
    MailKind,
    MeetingStatus,
    OutboxState,
)
from tests import factories as make
from tests.outbox import answering, opened, plain, posted
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines

THURSDAY = date(2026, 11, 26)
TUESDAY = date(2026, 12, 1)
ATTENDING = AnswerWish(Answer.ATTENDING)
PROPOSED = AnswerWish(Answer.PROPOSED, "Kamis ada audit pabrik.", TUESDAY, time(13))


@pytest.fixture
def lilis(cast):
    return principal_of(cast.lilis)


@pytest.fixture
def guidance(cast, lilis):
    """On Thursday from nine to half past eleven, with Hendrik, who is mailed."""
    return sessions.plan(
        GuidanceWish(
            cluster_id=cast.lebak.id,
            topic="Desain kemasan keripik pisang",
            day=THURSDAY,
            starts=time(9),
            ends=time(11, 30),
            place="SMKN 1 Warunggunung",
            participant_ids=(cast.hendrik.id,),
        ),
        lilis,
    )


@pytest.fixture
def hendrik(session, guidance):
    return session.scalars(select(Invitation)).one()


@pytest.fixture
def someone(cast):
    """`someone(email=None)`: another person of Kemasindo."""
    return lambda **values: make.affiliation(cast.kemasindo, make.contact(**values))


def kinds(session):
    return [mail.kind for mail in posted(session)]


def history(session, invitation):
    rows = session.scalars(
        select(InvitationAnswer)
        .where(InvitationAnswer.invitation_id == invitation.id)
        .order_by(InvitationAnswer.id)
    )
    return [(row.answer, row.sequence, row.on_behalf_user_id) for row in rows]


def last_contact(session, cluster, partner):
    row = session.scalars(
        select(ClusterPartner).where(
            ClusterPartner.cluster_id == cluster.id, ClusterPartner.partner_id == partner.id
        )
    ).one()
    return row.last_contact_on, row.last_contact_kind


# ---------------------------------------------------------------------------- inviting


def test_whoever_is_invited_later_is_mailed_alone(session, guidance, hendrik, someone):
    (new,) = invitations.invite(guidance, [someone().id])
    assert [mail.object_id for mail in posted(session)] == [hendrik.id, new.id]
    assert guidance.sequence == 0


def test_whoever_is_invited_already_stays_so_at_most_as_a_speaker(session, guidance, hendrik, cast):
    invitations.answer(hendrik, ATTENDING)
    again = invitations.invite(guidance, [cast.hendrik.id], role=InvitationRole.SPEAKER)
    assert again == []
    assert (hendrik.role, hendrik.answer) == (InvitationRole.SPEAKER, Answer.ATTENDING)
    assert kinds(session) == ["invitation"]


def test_each_mail_has_a_link_of_its_own_and_only_its_digest_is_kept(session, guidance, hendrik):
    invitations.nudge(guidance)
    links = [word for mail in posted(session) for word in plain(mail).split() if "/u/" in word]
    raws = {link.split("/u/")[1].split("?")[0] for link in links}
    assert len(raws) == 2
    assert {invitations.of_link(raw) for raw in raws} == {hendrik.id}
    assert session.scalar(select(func.count()).select_from(Token)) == 2
    assert not raws & set(session.scalars(select(Token.digest)))
    assert session.scalars(select(Token.expires_at)).all() == [None, None]


def test_no_letter_is_signed_by_whoever_works_here_no_more(session, guidance, cast, someone):
    name, cast.lilis.deactivated_at = cast.lilis.name, system.now()
    invitations.invite(guidance, [someone().id])
    before, after = posted(session, MailKind.INVITATION)
    assert name in plain(before)
    assert name not in plain(after)


@pytest.mark.parametrize(
    "values",
    [{"basis": Basis.WITHDRAWN}, {"restricted_at": datetime.fromisoformat("2026-01-01T00:00Z")}],
)
def test_whoever_is_to_be_left_alone_is_not_invited(session, guidance, someone, values):
    with pytest.raises(Refused) as no:
        invitations.invite(guidance, [someone(name="Yayah", **values).id])
    assert "Yayah" in str(no.value.message)


def test_whoever_has_no_address_is_invited_without_a_mail(session, guidance, someone):
    (quiet,) = invitations.invite(guidance, [someone(email=None).id])
    assert quiet.mailed_sequence is None
    assert len(kinds(session)) == 1
    invitations.uninvite(quiet)
    assert len(kinds(session)) == 1


def test_whoever_left_or_was_put_away_is_not_invited(session, guidance, cast, someone):
    left = make.affiliation(cast.kemasindo, make.contact(), ends=date(2026, 11, 23))
    away = someone(archived_at=system.now())
    ended = make.partner()
    make.involvement(cast.lebak, ended, ended_on=date(2026, 11, 23))
    for affiliation in (left, away, make.affiliation(ended), cast.siti):
        with pytest.raises(Refused):
            invitations.invite(guidance, [affiliation.id])


def test_on_their_last_day_there_somebody_is_still_invited(session, guidance, cast):
    leaving = make.affiliation(cast.kemasindo, ends=date(2026, 11, 24))
    assert len(invitations.invite(guidance, [leaving.id])) == 1


def test_nobody_is_invited_to_what_has_begun(session, guidance, someone, clock):
    clock.set("2026-11-26T09:00+07:00")
    with pytest.raises(WrongState):
        invitations.invite(guidance, [someone().id])


def test_in_a_quiet_house_nobody_is_mailed_and_no_link_is_made(session, guidance, someone):
    before = session.scalar(select(func.count()).select_from(Token))
    with outbox.quiet():
        (invitation,) = invitations.invite(guidance, [someone().id])
    assert invitation.mailed_sequence is None
    assert session.scalar(select(func.count()).select_from(Token)) == before


def test_c39_whoever_declined_is_invited_again_in_the_same_row(session, guidance, hendrik, cast):
    invitations.answer(hendrik, AnswerWish(Answer.DECLINED, "Dinas luar"))
    (again,) = invitations.invite(guidance, [cast.hendrik.id])
    session.commit()
    assert again is hendrik
    assert session.scalars(select(Invitation)).all() == [hendrik]
    assert (hendrik.answer, hendrik.note, hendrik.answered_at) == (Answer.NONE, None, None)
    assert history(session, hendrik) == [(Answer.DECLINED, 0, None)]
    assert [(mail.kind, mail.sequence) for mail in posted(session, MailKind.INVITATION)] == [
        ("invitation", 0),
        ("invitation", 1),
    ]


def test_whoever_was_un_invited_is_invited_again_in_the_same_row(session, guidance, hendrik, cast):
    invitations.uninvite(hendrik)
    invitations.invite(guidance, [cast.hendrik.id])
    session.commit()
    assert hendrik.uninvited_at is None
    assert [(mail.kind, mail.sequence) for mail in posted(session)] == [
        ("invitation", 0),
        ("uninvited", 1),
        ("invitation", 2),
    ]
    assert hendrik.mailed_sequence == 2


def test_un_inviting_one_person_mails_nobody_else_now_or_later(session, guidance, hendrik, someone):
    (other,) = invitations.invite(guidance, [someone().id])
    invitations.uninvite(other)
    session.commit()
    assert (guidance.sequence, hendrik.mailed_sequence, other.mailed_sequence) == (1, 0, 1)
    assert [(mail.kind, mail.object_id) for mail in posted(session)] == [
        ("invitation", hendrik.id),
        ("invitation", other.id),
        ("uninvited", other.id),
    ]
    # What waits for the other one holds still.
    assert posted(session)[0].state is OutboxState.QUEUED
    assert invitations.nudge(guidance) == 1
    assert (posted(session)[-1].object_id, posted(session)[-1].sequence) == (hendrik.id, 0)


def test_one_cannot_be_un_invited_twice(session, guidance, hendrik):
    invitations.uninvite(hendrik)
    with pytest.raises(WrongState):
        invitations.uninvite(hendrik)


def test_whoever_was_un_invited_is_not_reminded(session, guidance, hendrik):
    assert invitations.may_be_nudged(hendrik)
    invitations.uninvite(hendrik)
    assert not invitations.may_be_nudged(hendrik)
    assert invitations.nudge(guidance, only=hendrik) == 0


# ---------------------------------------------------------------------------- reminding by hand


def test_the_silent_are_reminded_at_most_once_in_a_day(session, guidance, hendrik, someone, clock):
    (answered, unreachable) = invitations.invite(guidance, [someone().id, someone(email=None).id])
    invitations.answer(answered, ATTENDING)
    assert invitations.nudge(guidance) == 1
    assert invitations.nudge(guidance) == 0
    clock.set("2026-11-25T06:59+07:00")
    assert invitations.nudge(guidance) == 0
    clock.set("2026-11-25T07:00+07:00")
    assert invitations.nudge(guidance) == 1
    assert {mail.object_id for mail in posted(session, MailKind.NUDGE)} == {hendrik.id}
    assert unreachable.nudged_at is None


def test_one_of_the_silent_can_be_reminded_alone(session, guidance, hendrik, someone):
    (other,) = invitations.invite(guidance, [someone().id])
    assert invitations.nudge(guidance, only=other) == 1
    assert [mail.object_id for mail in posted(session, MailKind.NUDGE)] == [other.id]


def test_whoever_got_an_address_since_is_reminded_by_the_invitation_itself(session, guidance, someone):
    (late,) = invitations.invite(guidance, [someone(name="Sumiyati", email=None).id])
    contact = session.scalars(select(Contact).where(Contact.name == "Sumiyati")).one()
    contact.email = "sumiyati@mitra.example"
    invitations.nudge(guidance, only=late)
    assert [mail.kind for mail in posted(session) if mail.object_id == late.id] == ["invitation"]
    assert late.mailed_sequence == 0


# ---------------------------------------------------------------------------- answering


@pytest.mark.parametrize("scope", [OfInvitation, OfContact])
def test_whoever_holds_the_link_or_is_in_the_portal_answers(app, session, cast, guidance, hendrik, scope):
    mine = OfInvitation(hendrik.id) if scope is OfInvitation else OfContact(cast.hendrik.contact_id)
    number = hendrik.id
    with answering(app, mine) as theirs:
        invitation = theirs.scalars(select(Invitation).where(Invitation.id == number)).one()
        invitations.answer(invitation, PROPOSED)
    assert hendrik.answer is Answer.PROPOSED
    assert hendrik.proposed_starts_at == datetime.fromisoformat("2026-12-01T13:00+07:00")
    assert history(session, hendrik) == [(Answer.PROPOSED, 0, None)]
    assert last_contact(session, cast.lebak, cast.kemasindo) == (date(2026, 11, 24), LastContactKind.ANSWER)
    assert [mail.recipient for mail in posted(session, MailKind.PROPOSAL)] == [cast.lilis.email]


def test_c36_a_coordinator_answers_on_behalf_and_it_is_marked_so_and_is_no_contact(
    session, cast, guidance, hendrik, acting_as, lilis
):
    number = hendrik.id
    with acting_as(cast.lilis) as hers:
        invitations.answer(hers.get_one(Invitation, number), ATTENDING, on_behalf_of=lilis)
    assert (hendrik.answer, hendrik.on_behalf_user_id) == (Answer.ATTENDING, cast.lilis.id)
    assert history(session, hendrik) == [(Answer.ATTENDING, 0, cast.lilis.id)]
    assert last_contact(session, cast.lebak, cast.kemasindo) == (None, None)


def test_a_change_of_mind_is_possible_until_the_start(session, guidance, hendrik, clock):
    invitations.answer(hendrik, ATTENDING)
    clock.set("2026-11-26T08:59+07:00")
    invitations.answer(hendrik, AnswerWish(Answer.DECLINED))
    assert hendrik.answer is Answer.DECLINED
    assert [row[0] for row in history(session, hendrik)] == [Answer.ATTENDING, Answer.DECLINED]


def test_c40_an_answer_after_the_end_is_not_kept_and_mails_nobody(session, guidance, hendrik, clock):
    clock.set("2026-11-26T12:00+07:00")
    before = kinds(session)
    with pytest.raises(WrongState) as no:
        invitations.answer(hendrik, AnswerWish(Answer.DECLINED))
    assert "sudah dimulai" in str(no.value.message)
    assert (hendrik.answer, hendrik.attended) == (Answer.NONE, None)
    assert history(session, hendrik) == []
    assert kinds(session) == before
    sessions.record(guidance, OutcomeWish(frozenset({hendrik.id})))
    with pytest.raises(WrongState):
        invitations.answer(hendrik, AnswerWish(Answer.DECLINED))
    assert hendrik.attended is True


def test_a_cancelled_session_and_one_who_is_un_invited_take_no_answer(session, guidance, hendrik):
    invitations.uninvite(hendrik)
    with pytest.raises(WrongState):
        invitations.answer(hendrik, ATTENDING)
    sessions.cancel(guidance, None)
    with pytest.raises(WrongState):
        invitations.answer(hendrik, ATTENDING)


@pytest.mark.parametrize(
    "wish",
    [
        ATTENDING,
        PROPOSED,
        AnswerWish(Answer.REPRESENTED, delegate_name="Maya", delegate_email="maya@x.example"),
    ],
)
def test_the_same_answer_twice_changes_nothing_new(session, guidance, hendrik, clock, wish):
    invitations.answer(hendrik, wish)
    session.commit()
    before = (hendrik.answered_at, hendrik.version, kinds(session), len(history(session, hendrik)))
    entries = session.scalar(select(func.count()).select_from(AuditEntry))
    clock.set("2026-11-24T07:05+07:00")
    invitations.answer(hendrik, wish)
    session.commit()
    assert (hendrik.answered_at, hendrik.version, kinds(session), len(history(session, hendrik))) == before
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == entries


def test_whoever_confirms_what_was_said_for_them_has_answered_themselves(
    session, cast, guidance, hendrik, lilis
):
    invitations.answer(hendrik, ATTENDING, on_behalf_of=lilis)
    invitations.answer(hendrik, ATTENDING)
    assert hendrik.on_behalf_user_id is None
    assert last_contact(session, cast.lebak, cast.kemasindo)[1] is LastContactKind.ANSWER
    # And a coordinator who writes it down once more does not take that away.
    invitations.answer(hendrik, ATTENDING, on_behalf_of=lilis)
    assert hendrik.on_behalf_user_id is None


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (AnswerWish(Answer.NONE), "answer"),
        (AnswerWish(Answer.PROPOSED, "Audit", None, time(13)), "proposed_day"),
        (AnswerWish(Answer.PROPOSED, "Audit", TUESDAY, None), "proposed_starts"),
        (AnswerWish(Answer.PROPOSED, None, TUESDAY, time(13)), "note"),
        (AnswerWish(Answer.PROPOSED, "Audit", date(2026, 11, 23), time(13)), "proposed_day"),
        (AnswerWish(Answer.PROPOSED, "Audit", date(2026, 11, 24), time(6)), "proposed_starts"),
        (AnswerWish(Answer.PROPOSED, "Audit", THURSDAY, time(9)), "proposed_starts"),
        (AnswerWish(Answer.REPRESENTED), "delegate_name"),
    ],
)
def test_half_an_answer_is_refused_at_its_field(session, guidance, hendrik, wish, field):
    with pytest.raises(Refused) as no:
        invitations.answer(hendrik, wish)
    assert no.value.field == field
    assert hendrik.answer is Answer.NONE


def test_what_belongs_to_another_answer_is_forgotten(session, guidance, hendrik):
    invitations.answer(hendrik, AnswerWish(Answer.REPRESENTED, delegate_name="Maya"))
    invitations.answer(hendrik, AnswerWish(Answer.ATTENDING, delegate_name="Maya", proposed_day=TUESDAY))
    assert (hendrik.delegate_name, hendrik.proposed_starts_at) == (None, None)


def test_an_answer_that_another_time_made_void_was_still_a_contact(session, cast, guidance, hendrik):
    invitations.answer(hendrik, ATTENDING)
    sessions.reschedule(guidance, TUESDAY, time(9), time(10))
    meeting = make.meeting(cast.lebak, cast.kemasindo, status=MeetingStatus.HELD)
    meetings.archive(meeting)
    assert last_contact(session, cast.lebak, cast.kemasindo) == (date(2026, 11, 24), LastContactKind.ANSWER)


# ---------------------------------------------------------------------------- who is told at once


def test_a_proposal_is_told_to_the_coordinators_of_the_cluster_but_not_to_who_wrote_it_down(
    session, cast, guidance, hendrik, lilis
):
    neneng = make.user(cast.lebak, email="neneng@dinas.example")
    make.user(cast.lebak, email="lama@dinas.example", deactivated_at=system.now())
    make.user(cast.lebak, email=None)
    invitations.answer(hendrik, PROPOSED, on_behalf_of=lilis)
    (mail,) = posted(session, MailKind.PROPOSAL)
    assert (mail.recipient, mail.cluster_id) == (neneng.email, cast.lebak.id)
    letter = plain(mail)
    assert "Hendrik Sasmita (CV Kemasindo Lebak) mengusulkan waktu lain: Selasa, 1 Desember 2026" in letter
    assert "Kamis ada audit pabrik." in letter
    assert f"/guidance/{guidance.id}" in letter
    assert "/u/" not in letter


@pytest.mark.parametrize(
    "wish", [AnswerWish(Answer.DECLINED), AnswerWish(Answer.REPRESENTED, delegate_name="Maya")]
)
def test_a_no_or_a_delegate_later_than_48_hours_before_is_told_at_once(
    session, guidance, hendrik, clock, wish
):
    clock.set("2026-11-24T09:00+07:00")
    invitations.answer(hendrik, wish)
    assert posted(session, MailKind.LATE_ANSWER) == []
    invitations.answer(hendrik, ATTENDING)
    clock.set("2026-11-24T09:01+07:00")
    invitations.answer(hendrik, wish)
    assert len(posted(session, MailKind.LATE_ANSWER)) == 1


def test_a_late_yes_waits_for_the_morning(session, guidance, hendrik, clock):
    clock.set("2026-11-26T08:00+07:00")
    invitations.answer(hendrik, ATTENDING)
    assert posted(session, MailKind.LATE_ANSWER) == []


def test_another_answer_overtakes_the_proposal_that_waits_to_be_told(session, guidance, hendrik):
    invitations.answer(hendrik, PROPOSED)
    invitations.answer(hendrik, ATTENDING)
    assert [mail.state for mail in posted(session, MailKind.PROPOSAL)] == [OutboxState.OBSOLETE]


def test_whoever_answers_is_not_asked_by_the_reminder_that_waits(session, guidance, hendrik):
    letters.guidance_reminder(hendrik, "guidance_reminder:asks", with_question=True)
    invitations.answer(hendrik, ATTENDING)
    letters.guidance_reminder(hendrik, "guidance_reminder:tells", with_question=False)
    invitations.answer(hendrik, AnswerWish(Answer.ATTENDING, "Berdua"))
    states = [mail.state for mail in posted(session, MailKind.GUIDANCE_REMINDER)]
    assert states == [OutboxState.OBSOLETE, OutboxState.QUEUED]


def test_the_delegate_gets_the_details_without_a_link_and_without_a_question(session, guidance, hendrik):
    invitations.answer(
        hendrik, AnswerWish(Answer.REPRESENTED, delegate_name="Maya", delegate_email="maya@x.example")
    )
    (mail,) = posted(session, MailKind.DELEGATE)
    assert (mail.recipient, mail.recipient_contact_id) == ("maya@x.example", None)
    letter = plain(mail)
    assert "Yth. Bapak/Ibu Maya" in letter
    assert "Kamis, 26 November 2026, 09.00–11.30 WIB" in letter
    assert "/u/" not in letter
    assert "Dapatkah" not in letter
    # A word more about it is no reason to write to her again.
    invitations.answer(
        hendrik,
        AnswerWish(
            Answer.REPRESENTED, "Maya fotografer kami", delegate_name="Maya", delegate_email="maya@x.example"
        ),
    )
    assert len(posted(session, MailKind.DELEGATE)) == 1


def test_a_delegate_without_an_address_is_not_mailed(session, guidance, hendrik):
    invitations.answer(hendrik, AnswerWish(Answer.REPRESENTED, delegate_name="Maya"))
    assert posted(session, MailKind.DELEGATE) == []


# ---------------------------------------------------------------------------- proposals


def test_an_accepted_proposal_moves_the_session_and_its_proposer_counts_as_attending(
    session, guidance, hendrik, someone
):
    (other,) = invitations.invite(guidance, [someone().id])
    invitations.answer(other, ATTENDING)
    invitations.answer(hendrik, PROPOSED)
    invitations.accept(hendrik)
    session.commit()
    assert guidance.starts_at == datetime.fromisoformat("2026-12-01T13:00+07:00")
    assert guidance.ends_at - guidance.starts_at == timedelta(hours=2, minutes=30)
    assert (hendrik.answer, hendrik.proposed_starts_at) == (Answer.ATTENDING, None)
    assert (other.answer, guidance.sequence) == (Answer.NONE, 1)
    agreed, asked = posted(session, MailKind.TIME_CHANGED)
    assert (agreed.object_id, asked.object_id) == (hendrik.id, other.id)
    assert "Dapatkah" not in plain(agreed)
    assert "sesuai usulan Bapak/Ibu" in plain(agreed)
    assert "Dapatkah" in plain(asked)


def test_whoever_proposed_the_same_time_is_not_asked_either(session, guidance, hendrik, someone):
    same, another = invitations.invite(guidance, [someone().id, someone().id])
    invitations.answer(hendrik, PROPOSED)
    invitations.answer(same, PROPOSED)
    invitations.answer(another, AnswerWish(Answer.PROPOSED, "Lebih sore", TUESDAY, time(15)))
    assert invitations.accept(hendrik) == 1
    assert [one.answer for one in (hendrik, same, another)] == [
        Answer.ATTENDING,
        Answer.ATTENDING,
        Answer.NONE,
    ]


def test_a_proposal_that_is_over_by_now_is_not_accepted(session, guidance, hendrik, clock):
    invitations.answer(hendrik, AnswerWish(Answer.PROPOSED, "Lebih awal", date(2026, 11, 24), time(13)))
    clock.set("2026-11-24T13:30+07:00")
    with pytest.raises(WrongState):
        invitations.accept(hendrik)


def test_only_a_proposal_that_is_open_is_accepted_or_put_aside(session, guidance, hendrik):
    for act in (invitations.accept, invitations.keep):
        with pytest.raises(WrongState):
            act(hendrik)


def test_a_proposal_that_is_not_taken_opens_the_question_again(session, guidance, hendrik):
    invitations.answer(hendrik, PROPOSED)
    invitations.keep(hendrik)
    session.commit()
    assert (hendrik.answer, guidance.sequence) == (Answer.NONE, 0)
    (mail,) = posted(session, MailKind.TIME_KEPT)
    assert "Dapatkah" in plain(mail)
    assert mail.sequence == 0
    assert history(session, hendrik) == [(Answer.PROPOSED, 0, None)]


# ---------------------------------------------------------------------------- by WhatsApp


def test_a_whatsapp_text_has_the_hour_and_a_fresh_link(session, guidance, someone):
    person = someone(name="Tati Nurhayati", email=None, phone="+6281234567890")
    (invitation,) = invitations.invite(guidance, [person.id])
    prepared = invitations.whatsapp(invitation)
    session.commit()
    assert "Kamis, 26 November 2026, 09.00–11.30 WIB" in prepared.text
    raw = prepared.text.split("/u/")[1].split()[0]
    assert invitations.of_link(raw) == invitation.id
    assert prepared.url is not None
    assert prepared.url.startswith("https://wa.me/6281234567890?text=")
    assert unquote(prepared.url.split("text=")[1]) == prepared.text
    assert invitation.whatsapp_at == system.now()


def test_c55_whoever_cannot_be_mailed_any_more_is_invited_by_whatsapp(session, guidance, hendrik, cast):
    """A refused address warns on the page and forbids nothing; the message stands in for the mail."""
    posted(session)[0].state = OutboxState.REFUSED
    session.flush()
    assert "/u/" in invitations.whatsapp(hendrik).text


def test_demo_contacts_and_landlines_have_no_chat(session, guidance, someone, cast):
    landline, mobile = someone(phone="+62252200001"), someone(phone="+6281234567890")
    first, second = invitations.invite(guidance, [landline.id, mobile.id])
    assert invitations.whatsapp(first).url is None
    cast.kemasindo.is_fictitious = True
    assert invitations.whatsapp(second).url is None


def test_a_whatsapp_text_is_in_the_language_of_the_reader(session, guidance, someone):
    (invitation,) = invitations.invite(guidance, [someone(language="en").id])
    assert "Thursday" in invitations.whatsapp(invitation).text


# ---------------------------------------------------------------------------- whose they are


def test_what_stands_in_the_outbox_belongs_to_the_cluster_of_the_session(session, cast, guidance, hendrik):
    invitations.answer(hendrik, PROPOSED)
    assert {(mail.cluster_id, mail.object_noun, mail.object_id) for mail in posted(session)} == {
        (cast.lebak.id, "invitation", hendrik.id)
    }


def test_all_mails_of_a_session_are_one_conversation(session, guidance, hendrik):
    invitations.answer(hendrik, PROPOSED)
    assert len({opened(mail)["References"] for mail in posted(session)}) == 1
    assert session.scalars(select(OutboxMessage.subject)).first() == (
        "[Mohon konfirmasi] Desain kemasan keripik pisang, Kamis, 26 November 2026"
    )
