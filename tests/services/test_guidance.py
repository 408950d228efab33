"""Guidance sessions: what planning, moving, calling off and recording leave behind, and whom they mail."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from pentahelix import clock as system
from pentahelix.models import ClusterPartner, GuidanceSchool, Invitation, InvitationAnswer
from pentahelix.refusals import Refused, WrongState
from pentahelix.services import guidance as sessions, invitations
from pentahelix.services.guidance import DetailsWish, GuidanceWish, OutcomeWish
from pentahelix.services.invitations import AnswerWish
from pentahelix.vocabulary import (
    Answer,
    GuidanceStatus,
    InvitationRole,
    LastContactKind,
    MailKind,
    OutboxState,
)
from tests import factories as make
from tests.outbox import plain, posted
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines

THURSDAY = date(2026, 11, 26)


@pytest.fixture
def lilis(cast):
    return principal_of(cast.lilis)


def wish(cast, **values):
    """Thursday, nine to half past eleven, with Hendrik."""
    given = {
        "cluster_id": cast.lebak.id,
        "topic": "Desain kemasan keripik pisang",
        "day": THURSDAY,
        "starts": time(9),
        "ends": time(11, 30),
        "place": "SMKN 1 Warunggunung, ruang TeFa",
        "participant_ids": (cast.hendrik.id,),
    }
    return GuidanceWish(**given | values)


def details(guidance, **values):
    """A session as it is, but for `values`."""
    given = {
        "topic": guidance.topic,
        "place": guidance.place,
        "link": guidance.link,
        "capacity": guidance.capacity,
    }
    return DetailsWish(**given | values)


def invited(session, guidance):
    return session.scalars(
        select(Invitation).where(Invitation.guidance_id == guidance.id).order_by(Invitation.id)
    ).all()


def schools(session, guidance):
    return set(
        session.scalars(select(GuidanceSchool.school_id).where(GuidanceSchool.guidance_id == guidance.id))
    )


def kinds(session):
    return [(mail.kind, mail.sequence) for mail in posted(session)]


def someone(cast, **values):
    """Another person of Kemasindo."""
    return make.affiliation(cast.kemasindo, make.contact(**values))


# ---------------------------------------------------------------------------- planning


def test_a_planned_session_invites_its_speakers_and_participants_and_mails_them(session, cast, lilis):
    speaker = someone(cast, name="Dr. Yusuf Maulana")
    school = make.school(cast.lebak)
    guidance = sessions.plan(
        wish(cast, speaker_ids=(speaker.id,), school_ids=(school.id,), partner_id=cast.kemasindo.id), lilis
    )
    session.commit()
    assert guidance.status is GuidanceStatus.PLANNED
    assert guidance.starts_at == datetime.fromisoformat("2026-11-26T09:00+07:00")
    assert guidance.ends_at == datetime.fromisoformat("2026-11-26T11:30+07:00")
    assert guidance.organiser_user_id == cast.lilis.id
    assert schools(session, guidance) == {school.id}
    assert [(row.affiliation_id, row.role, row.mailed_sequence) for row in invited(session, guidance)] == [
        (speaker.id, InvitationRole.SPEAKER, 0),
        (cast.hendrik.id, InvitationRole.PARTICIPANT, 0),
    ]
    assert kinds(session) == [("invitation", 0)] * 2
    assert "Dr. Yusuf Maulana, CV Kemasindo Lebak" in plain(posted(session)[1])


def test_who_speaks_is_not_invited_a_second_time_as_a_participant(session, cast, lilis):
    guidance = sessions.plan(wish(cast, speaker_ids=(cast.hendrik.id,)), lilis)
    assert [row.role for row in invited(session, guidance)] == [InvitationRole.SPEAKER]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"day": date(2026, 11, 23)}, "day"),
        ({"day": date(2026, 11, 24), "starts": time(6, 50)}, "starts"),
        ({"ends": time(9)}, "ends"),
        ({"ends": time(8)}, "ends"),
    ],
)
def test_c26_a_session_begins_later_than_now_and_ends_after_it_began(session, cast, lilis, values, field):
    with pytest.raises(Refused) as no:
        sessions.plan(wish(cast, **values), lilis)
    assert no.value.field == field


def test_c25_the_limit_is_told_in_the_zone_of_the_field(session, cast, lilis):
    with pytest.raises(Refused) as no:
        sessions.plan(wish(cast, day=date(2026, 11, 24), starts=time(6, 50)), lilis)
    assert "07.00 WIB" in str(no.value.message)


def test_only_what_belongs_to_the_cluster_takes_part(session, cast, lilis):
    make.agreement(cast.lebak)
    school, agreement = make.school(cast.pandeglang), make.agreement(cast.pandeglang)
    for values, field in (
        ({"school_ids": (school.id,)}, "school_ids"),
        ({"speaker_ids": (cast.siti.id,)}, "speaker_ids"),
        ({"participant_ids": (cast.siti.id,)}, "participant_ids"),
        ({"partner_id": cast.badak.id}, "partner_id"),
        ({"agreement_id": agreement.id}, "agreement_id"),
        ({"organiser_user_id": cast.ujang.id}, "organiser_user_id"),
    ):
        with pytest.raises(Refused) as no:
            sessions.plan(wish(cast, **values), lilis)
        assert no.value.field == field


def test_whoever_works_in_the_cluster_may_organise_it(session, cast, lilis):
    asep = make.user(cast.lebak, name="Asep Suhendar")
    assert sessions.plan(wish(cast, organiser_user_id=asep.id), lilis).organiser_user_id == asep.id
    asep.deactivated_at = system.now()
    with pytest.raises(Refused) as no:
        sessions.plan(wish(cast, organiser_user_id=asep.id), lilis)
    assert no.value.field == "organiser_user_id"


def test_the_kabid_who_works_in_no_cluster_organises_what_she_plans(session, cast):
    assert sessions.plan(wish(cast), principal_of(cast.aminah)).organiser_user_id == cast.aminah.id


def test_for_another_cluster_nobody_plans(session, cast, acting_as):
    ujang = principal_of(cast.ujang)
    theirs = GuidanceWish(
        cluster_id=cast.lebak.id, topic="Bukan klasternya", day=THURSDAY, starts=time(9), ends=time(10)
    )
    with pytest.raises(NoResultFound), acting_as(cast.ujang):
        sessions.plan(theirs, ujang)


def test_an_archived_cluster_plans_nothing(session, cast, lilis):
    cast.lebak.archived_at = system.now()
    with pytest.raises(WrongState):
        sessions.plan(wish(cast), lilis)


# ---------------------------------------------------------------------------- changing what it is


def test_c37_a_typo_in_the_topic_mails_nobody_and_keeps_the_answers(session, cast, lilis):
    guidance = sessions.plan(wish(cast), lilis)
    (invitation,) = invited(session, guidance)
    invitations.answer(invitation, AnswerWish(Answer.ATTENDING))
    before = kinds(session)
    sessions.edit(guidance, details(guidance, topic="Desain kemasan", capacity=24))
    session.commit()
    assert (guidance.topic, guidance.sequence) == ("Desain kemasan", 0)
    assert invitation.answer is Answer.ATTENDING
    assert kinds(session) == before


def test_c37_another_hour_does_ask_again(session, cast, lilis):
    guidance = sessions.plan(wish(cast), lilis)
    (invitation,) = invited(session, guidance)
    invitations.answer(invitation, AnswerWish(Answer.ATTENDING))
    sessions.reschedule(guidance, THURSDAY, time(13), time(15))
    assert invitation.answer is Answer.NONE


def test_another_place_is_told_once_and_keeps_the_answers(session, cast, lilis):
    guidance = sessions.plan(wish(cast), lilis)
    (invitation,) = invited(session, guidance)
    invitations.answer(invitation, AnswerWish(Answer.ATTENDING))
    sessions.edit(guidance, details(guidance, place="Aula SMKN 1 Kalanganyar"))
    session.commit()
    assert (guidance.sequence, invitation.answer) == (1, Answer.ATTENDING)
    assert kinds(session) == [("invitation", 0), ("place_changed", 1)]
    letter = plain(posted(session)[-1])
    assert "Aula SMKN 1 Kalanganyar" in letter
    assert "Dapatkah" not in letter


def test_a_new_speaker_is_invited_and_one_taken_out_is_un_invited(session, cast, lilis):
    old, new = someone(cast), someone(cast)
    guidance = sessions.plan(wish(cast, speaker_ids=(old.id,)), lilis)
    sessions.edit(guidance, details(guidance, speaker_ids=(new.id,)))
    session.commit()
    rows = {row.affiliation_id: row for row in invited(session, guidance)}
    assert rows[old.id].uninvited_at is not None
    assert rows[new.id].role is InvitationRole.SPEAKER
    assert [mail.kind for mail in posted(session)] == ["invitation", "invitation", "uninvited", "invitation"]
    assert rows[cast.hendrik.id].mailed_sequence == 0


def test_after_it_began_the_speakers_stay(session, cast, lilis, clock):
    guidance = sessions.plan(wish(cast), lilis)
    clock.set("2026-11-26T10:00+07:00")
    with pytest.raises(Refused) as no:
        sessions.edit(guidance, details(guidance, speaker_ids=(someone(cast).id,)))
    assert no.value.field == "speaker_ids"
    sessions.edit(guidance, details(guidance, place="Aula"))
    assert guidance.sequence == 0
    assert kinds(session) == [("invitation", 0)]


def test_a_cancelled_session_is_not_edited(session, cast, lilis):
    guidance = sessions.plan(wish(cast), lilis)
    sessions.cancel(guidance, None)
    with pytest.raises(WrongState):
        sessions.edit(guidance, details(guidance, topic="Lain"))


# ---------------------------------------------------------------------------- another time


def test_another_time_asks_everybody_again_also_who_declined_and_keeps_the_history(session, cast, lilis):
    other = someone(cast)
    guidance = sessions.plan(wish(cast, participant_ids=(cast.hendrik.id, other.id)), lilis)
    first, second = invited(session, guidance)
    invitations.answer(first, AnswerWish(Answer.DECLINED, "Dinas luar"))
    invitations.answer(second, AnswerWish(Answer.PROPOSED, "Audit pabrik", date(2026, 12, 1), time(13)))
    sessions.reschedule(guidance, THURSDAY, time(13), time(15))
    session.commit()
    assert guidance.sequence == 1
    assert [(row.answer, row.note, row.proposed_starts_at) for row in (first, second)] == [
        (Answer.NONE, None, None)
    ] * 2
    history = session.scalars(select(InvitationAnswer).order_by(InvitationAnswer.id)).all()
    assert [(row.answer, row.sequence) for row in history] == [(Answer.DECLINED, 0), (Answer.PROPOSED, 0)]
    moved = posted(session, MailKind.TIME_CHANGED)
    assert [mail.sequence for mail in moved] == [1, 1]
    assert all("Dapatkah Bapak/Ibu hadir?" in plain(mail) for mail in moved)
    # The proposal lapses, and so does its mail.
    assert [mail.state for mail in posted(session, MailKind.PROPOSAL)] == [OutboxState.OBSOLETE]


def test_a_moved_session_tells_the_old_and_the_new_time(session, cast, lilis):
    guidance = sessions.plan(wish(cast), lilis)
    sessions.reschedule(guidance, date(2026, 12, 1), time(13), time(15))
    letter = plain(posted(session, MailKind.TIME_CHANGED)[0])
    assert "Waktu semula: Kamis, 26 November 2026, 09.00–11.30 WIB" in letter
    assert "Waktu baru: Selasa, 1 Desember 2026, 13.00–15.00 WIB" in letter


def test_c59_a_time_in_the_past_is_refused_at_its_field_and_mails_nobody(session, cast, lilis):
    guidance = sessions.plan(wish(cast), lilis)
    for day, starts, field in (
        (date(2026, 11, 17), time(9), "day"),
        (date(2026, 11, 24), time(6), "starts"),
    ):
        with pytest.raises(Refused) as no:
            sessions.reschedule(guidance, day, starts, time(10))
        assert no.value.field == field
    assert guidance.sequence == 0
    assert kinds(session) == [("invitation", 0)]


def test_c60_what_waits_to_be_mailed_of_the_old_time_stays_here(session, cast, lilis, clock):
    guidance = sessions.plan(wish(cast), lilis)
    (invitation,) = invited(session, guidance)
    invitations.nudge(guidance)
    sessions.reschedule(guidance, date(2026, 12, 22), time(9), time(10))
    session.commit()
    waiting = [mail.kind for mail in posted(session) if mail.state == OutboxState.QUEUED]
    assert waiting == ["time_changed"]
    assert invitation.mailed_sequence == 1


def test_the_time_that_stands_is_no_other_time(session, cast, lilis):
    guidance = sessions.plan(wish(cast), lilis)
    with pytest.raises(Refused):
        sessions.reschedule(guidance, THURSDAY, time(9), time(11, 30))
    assert guidance.sequence == 0


def test_a_session_that_nobody_held_can_still_be_moved_ahead(session, cast, lilis, clock):
    guidance = sessions.plan(wish(cast), lilis)
    clock.set("2026-11-27T08:00+07:00")
    sessions.reschedule(guidance, date(2026, 12, 1), time(9), time(10))
    assert guidance.sequence == 1


# ---------------------------------------------------------------------------- calling off


def test_a_cancellation_goes_to_who_was_mailed_and_to_who_declined_and_to_nobody_else(session, cast, lilis):
    declined, gone, unreachable = someone(cast), someone(cast), someone(cast, email=None)
    everybody = (cast.hendrik.id, declined.id, gone.id, unreachable.id)
    guidance = sessions.plan(wish(cast, participant_ids=everybody), lilis)
    rows = {row.affiliation_id: row for row in invited(session, guidance)}
    invitations.answer(rows[declined.id], AnswerWish(Answer.DECLINED))
    invitations.uninvite(rows[gone.id])
    sessions.cancel(guidance, "Narasumber berhalangan")
    session.commit()
    assert (guidance.status, guidance.sequence) == (GuidanceStatus.CANCELLED, 2)
    told = posted(session, MailKind.CANCELLED)
    assert {mail.object_id for mail in told} == {rows[cast.hendrik.id].id, rows[declined.id].id}
    assert {mail.sequence for mail in told} == {2}
    assert all("Alasan: Narasumber berhalangan" in plain(mail) for mail in told)
    assert rows[unreachable.id].mailed_sequence is None
    assert guidance.note == "Narasumber berhalangan"


def test_the_cancellation_tells_whom_to_call(session, cast, lilis):
    cast.lilis.phone = "+6281200000147"
    sessions.cancel(sessions.plan(wish(cast), lilis), None)
    letter = plain(posted(session, MailKind.CANCELLED)[0])
    assert letter.count("Lilis Nurhayati Agustin, S.E.") == letter.count("0812-0000-0147") == 1
    assert "Alasan" not in letter


def test_a_session_is_cancelled_once(session, cast, lilis):
    guidance = sessions.plan(wish(cast), lilis)
    sessions.cancel(guidance, None)
    with pytest.raises(WrongState):
        sessions.cancel(guidance, None)
    with pytest.raises(WrongState):
        sessions.reschedule(guidance, date(2026, 12, 1), time(9), time(10))
    assert guidance.sequence == 1


# ---------------------------------------------------------------------------- recording


def test_a_recorded_session_keeps_who_came_and_is_a_contact_with_their_partner(session, cast, lilis, clock):
    absent = make.affiliation(make.partner(cast.lebak), make.contact())
    guidance = sessions.plan(wish(cast, participant_ids=(cast.hendrik.id, absent.id)), lilis)
    came, stayed = invited(session, guidance)
    clock.set("2026-11-26T12:00+07:00")
    outcome = OutcomeWish(frozenset({came.id}), 3, 21, "Tiga desain", Decimal("4.5"), 24, "Lancar")
    sessions.record(guidance, outcome)
    session.commit()
    assert guidance.status is GuidanceStatus.HELD
    assert (guidance.teachers, guidance.students, guidance.rating) == (3, 21, Decimal("4.5"))
    assert (came.attended, stayed.attended) == (True, False)
    involvements = session.scalars(
        select(ClusterPartner).where(ClusterPartner.cluster_id == cast.lebak.id).order_by(ClusterPartner.id)
    ).all()
    assert [(row.last_contact_on, row.last_contact_kind) for row in involvements] == [
        (THURSDAY, LastContactKind.GUIDANCE),
        (None, None),
    ]


def test_a_held_session_can_be_corrected(session, cast, lilis, clock):
    guidance = sessions.plan(wish(cast), lilis)
    clock.set("2026-11-26T12:00+07:00")
    sessions.record(guidance, OutcomeWish(frozenset(), students=20))
    sessions.record(guidance, OutcomeWish(frozenset(), students=21))
    assert (guidance.status, guidance.students) == (GuidanceStatus.HELD, 21)
    with pytest.raises(WrongState):
        sessions.reschedule(guidance, date(2026, 12, 1), time(9), time(10))


def test_nothing_is_recorded_before_it_began(session, cast, lilis):
    guidance = sessions.plan(wish(cast), lilis)
    with pytest.raises(WrongState):
        sessions.record(guidance, OutcomeWish(frozenset()))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"rating": Decimal("4.5")}, "raters"),
        ({"raters": 3}, "raters"),
        ({"rating": Decimal("5.1"), "raters": 3}, "rating"),
        ({"attended_ids": frozenset({999})}, "attended_ids"),
    ],
)
def test_an_outcome_must_make_sense(session, cast, lilis, clock, values, field):
    guidance = sessions.plan(wish(cast), lilis)
    clock.set("2026-11-26T12:00+07:00")
    with pytest.raises(Refused) as no:
        sessions.record(guidance, OutcomeWish(**{"attended_ids": frozenset()} | values))
    assert no.value.field == field


def test_an_archived_session_changes_nothing_until_it_is_restored(session, cast, lilis):
    guidance = sessions.plan(wish(cast), lilis)
    sessions.archive(guidance)
    assert not sessions.takes_answers(guidance)
    for act in (
        lambda: sessions.edit(guidance, details(guidance)),
        lambda: sessions.reschedule(guidance, THURSDAY, time(13), time(15)),
        lambda: sessions.cancel(guidance, None),
        lambda: sessions.archive(guidance),
        lambda: invitations.invite(guidance, [someone(cast).id]),
    ):
        with pytest.raises(WrongState):
            act()
    sessions.restore(guidance)
    assert sessions.takes_answers(guidance)


def test_nothing_is_recorded_of_what_is_archived(session, cast, lilis, clock):
    guidance = sessions.plan(wish(cast), lilis)
    sessions.archive(guidance)
    clock.set(guidance.ends_at)
    with pytest.raises(WrongState):
        sessions.record(guidance, OutcomeWish(frozenset()))


def test_a_session_takes_answers_until_it_begins(session, cast, lilis, clock):
    guidance = sessions.plan(wish(cast), lilis)
    clock.set(guidance.starts_at - timedelta(seconds=1))
    assert sessions.takes_answers(guidance)
    clock.set(guidance.starts_at)
    assert not sessions.takes_answers(guidance)
