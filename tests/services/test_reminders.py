"""Letters about sessions that come and invitations without an answer: who gets them, when, and when not."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from pentahelix import clock as system
from pentahelix.holidays import Calendar
from pentahelix.models import GuidanceSession, Invitation, OptOut, OutboxMessage, Reminder
from pentahelix.refusals import Refused
from pentahelix.services import guidance as sessions, reminder_rules, reminders
from pentahelix.services.reminder_rules import Wish
from pentahelix.vocabulary import (
    Answer,
    GuidanceStatus,
    MailKind,
    MailTopic,
    ReminderKind,
    ReminderState,
)
from tests import factories as make
from tests.outbox import plain, posted
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines

LETTERS = (MailKind.GUIDANCE_REMINDER, MailKind.NO_ANSWER)


def at(text, zone="+07:00"):
    return datetime.fromisoformat(text + zone).astimezone(UTC)


@pytest.fixture
def tick(scheduled, session, clock):
    """`tick("2026-12-01T08:00")`: a scheduler looks at that time in Banten; the letters there are by now."""

    def tick(when=None, zone="+07:00"):
        if when:
            clock.set(when + zone)
        scheduled(reminders.tick)
        return [(mail.kind, mail.object_id) for mail in posted(session, *LETTERS)]

    return tick


@pytest.fixture
def planned(session, cast, tick):
    """The rules are as old as this Tuesday, the 24th; the session is on Thursday, 3 December, at nine."""
    tick()
    return make.guidance(cast.lebak, topic="Kemasan", starts_at=at("2026-12-03T09:00"))


def invited(guidance, person, **values):
    return make.invitation(guidance, person, mailed_sequence=guidance.sequence, **values)


def decisions(session):
    rows = session.scalars(select(Reminder).order_by(Reminder.id))
    return [(row.key.split(":", 2)[-1], row.state, row.reason) for row in rows]


# ── who and when ────────────────────────────────────────────────────────────────────────────────────────────


def test_whoever_comes_is_reminded_at_eight_three_worked_days_before_and_one(session, cast, planned, tick):
    row = invited(planned, cast.hendrik, answer=Answer.ATTENDING)
    assert tick("2026-11-30T07:59") == []
    assert tick("2026-11-30T08:00") == [("guidance_reminder", row.id)]
    assert tick("2026-12-02T07:59") == [("guidance_reminder", row.id)]
    assert tick("2026-12-02T08:00") == [("guidance_reminder", row.id)] * 2
    assert tick("2026-12-03T08:59") == [("guidance_reminder", row.id)] * 2
    first = posted(session, MailKind.GUIDANCE_REMINDER)[0]
    assert first.key == f"guidance_reminder:{row.id}:0:3"
    assert first.valid_until == planned.starts_at
    assert "Dapatkah" not in plain(first)


def test_the_silent_are_asked_on_the_last_day_only_and_those_who_declined_are_left_alone(
    session, cast, planned, tick
):
    other = make.affiliation(cast.kemasindo, make.contact())
    third = make.affiliation(cast.kemasindo, make.contact())
    silent = invited(planned, cast.hendrik, invited_at=at("2026-12-01T15:00"))
    invited(planned, other, answer=Answer.DECLINED)
    standing_in = invited(planned, third, answer=Answer.REPRESENTED, delegate_name="Maya")
    assert tick("2026-11-30T08:05") == [("guidance_reminder", standing_in.id)]
    tick("2026-12-02T08:00")
    mails = posted(session, MailKind.GUIDANCE_REMINDER)[1:]
    assert {mail.object_id: "Dapatkah" in plain(mail) for mail in mails} == {
        silent.id: True,
        standing_in.id: False,
    }


def test_an_invitation_without_an_answer_is_spoken_of_once_two_days_later(session, cast, tick):
    tick()
    guidance = make.guidance(cast.lebak, starts_at=at("2026-12-22T09:00"))
    row = invited(guidance, cast.hendrik, invited_at=at("2026-12-01T15:00"))
    assert tick("2026-12-03T07:59") == []
    assert tick("2026-12-03T08:00") == [("no_answer", row.id)]
    assert tick("2026-12-08T08:00") == [("no_answer", row.id)]
    (mail,) = posted(session, MailKind.NO_ANSWER)
    assert mail.valid_until == at("2026-12-21T09:00")


def test_what_falls_on_days_of_rest_is_sent_on_the_next_worked_day_under_the_same_key(session, cast, tick):
    tick()
    guidance = make.guidance(cast.lebak, starts_at=at("2026-12-22T09:00"))
    row = invited(guidance, cast.hendrik, invited_at=at("2026-12-03T15:00"))
    assert tick("2026-12-05T09:00") == []
    assert tick("2026-12-06T23:30") == []
    assert tick("2026-12-07T08:00") == [("no_answer", row.id)]
    assert session.scalars(select(Reminder)).one().nominal_on == date(2026, 12, 5)
    make.holiday(date(2026, 12, 7))
    reminder_rules.choose(cast.lebak.id, ReminderKind.QUIET_DAYS, Wish(False, ()))
    reminder_rules.choose(cast.lebak.id, ReminderKind.NO_ANSWER, Wish(True, (5,)))
    assert tick("2026-12-08T08:00") == [("no_answer", row.id)]


def test_a_cluster_that_does_not_rest_is_reminded_on_a_saturday(session, cast, tick):
    tick()
    reminder_rules.choose(cast.lebak.id, ReminderKind.QUIET_DAYS, Wish(False, ()))
    guidance = make.guidance(cast.lebak, starts_at=at("2026-12-22T09:00"))
    row = invited(guidance, cast.hendrik, invited_at=at("2026-12-03T15:00"))
    assert tick("2026-12-05T08:00") == [("no_answer", row.id)]


def test_less_than_a_day_before_the_start_nobody_is_asked_for_an_answer(session, cast, tick):
    tick()
    reminder_rules.choose(cast.lebak.id, ReminderKind.GUIDANCE, Wish(False, (1,)))
    near = make.guidance(cast.lebak, starts_at=at("2026-12-04T07:30"))
    invited(near, cast.hendrik, invited_at=at("2026-12-01T15:00"))
    assert tick("2026-12-03T08:00") == []
    assert decisions(session) == [("0", ReminderState.SKIPPED, "too_late")]
    assert tick("2026-12-03T09:00") == []


def test_exactly_a_day_before_is_not_too_late(session, cast, tick):
    tick()
    reminder_rules.choose(cast.lebak.id, ReminderKind.GUIDANCE, Wish(False, (1,)))
    near = make.guidance(cast.lebak, starts_at=at("2026-12-04T08:00"))
    row = invited(near, cast.hendrik, invited_at=at("2026-12-01T15:00"))
    assert tick("2026-12-03T08:00") == [("no_answer", row.id)]


def test_who_is_asked_by_the_sessions_own_reminder_is_not_asked_twice(session, cast, tick):
    tick()
    guidance = make.guidance(cast.lebak, starts_at=at("2026-12-04T09:00"))
    row = invited(guidance, cast.hendrik, invited_at=at("2026-12-01T15:00"))
    assert tick("2026-12-03T08:00") == [("guidance_reminder", row.id)]
    assert (f"{row.id}:0", ReminderState.SKIPPED, "superseded") in [
        (row_key.split("invitation:")[-1], state, reason)
        for row_key, state, reason in session.execute(select(Reminder.key, Reminder.state, Reminder.reason))
    ]


# ── the clocks ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Asia/Jakarta", "2026-12-02T08:00+07:00"),
        ("Asia/Makassar", "2026-12-02T07:00+07:00"),
        ("Asia/Jayapura", "2026-12-02T06:00+07:00"),
    ],
)
def test_eight_is_eight_on_the_clocks_of_the_cluster(session, cast, tick, zone, first):
    cast.lebak.timezone = zone
    tick()
    guidance = make.guidance(cast.lebak, starts_at=at("2026-12-03T09:00"))
    invited(guidance, cast.hendrik, invited_at=at("2026-12-01T23:30"))
    instant = datetime.fromisoformat(first)
    assert tick((instant - timedelta(minutes=1)).isoformat(), "") == []
    assert len(tick(first, "")) == 1


@pytest.mark.parametrize(
    ("starts", "days"),
    [
        # Christmas and the joint leave after it lie between; so does the turn of the year.
        ("2026-12-28T09:00", ["2026-12-21", "2026-12-23"]),
        ("2027-01-04T09:00", ["2026-12-29", "2026-12-31"]),
        # Idul Fitri in March 2027.
        ("2027-03-16T09:00", None),
    ],
)
def test_over_long_holidays_worked_days_are_counted(session, cast, tick, starts, days):
    from pentahelix.holidays import Calendar

    tick()
    guidance = make.guidance(cast.lebak, starts_at=at(starts))
    invited(guidance, cast.hendrik, answer=Answer.ATTENDING)
    worked = Calendar()
    expected = days or [
        str(worked.working_days_before(guidance.starts_at.date(), number)) for number in (3, 1)
    ]
    sent = []
    day = date(2026, 12, 14) if days else date(2027, 2, 20)
    while day < guidance.starts_at.date():
        before = len(sent)
        if len(tick(f"{day}T23:30")) > before:
            sent.append(str(day))
        day += timedelta(days=1)
    assert sent == expected


@pytest.mark.parametrize(
    "today",
    ["2026-12-20T09:00", "2026-12-26T09:00", "2026-12-27T23:30", "2026-12-31T23:30", "2027-03-13T08:00"],
)
def test_no_silent_person_is_written_to_on_days_of_rest(session, cast, tick, today):
    tick()
    guidance = make.guidance(cast.lebak, starts_at=at("2027-04-20T09:00"))
    invited(guidance, cast.hendrik, invited_at=at(today) - timedelta(days=2))
    is_worked = date.fromisoformat(today[:10]).isoformat() == "2026-12-31"
    assert len(tick(today)) == (1 if is_worked else 0)


# ── what is not owed ────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_older_than_the_rules_is_reminded_of(session, cast, tick):
    guidance = make.guidance(cast.lebak, starts_at=at("2026-11-26T09:00"))
    invited(guidance, cast.hendrik, invited_at=at("2026-11-16T09:00"), answer=Answer.ATTENDING)
    other = make.affiliation(cast.kemasindo, make.contact())
    invited(
        make.guidance(cast.lebak, starts_at=at("2026-12-20T09:00")), other, invited_at=at("2026-11-16T09:00")
    )
    assert tick() == []
    assert tick("2026-11-24T23:00") == []
    assert len(tick("2026-11-25T08:00")) == 1


def test_who_was_just_invited_or_has_just_answered_is_not_reminded_of_it(session, cast, planned, tick):
    row = invited(planned, cast.hendrik, invited_at=at("2026-11-30T10:00"))
    assert tick("2026-11-30T10:01") == []
    row.answer, row.answered_at = Answer.ATTENDING, at("2026-12-02T11:00")
    assert tick("2026-12-02T11:01") == []
    assert decisions(session) == []


def test_after_a_night_without_a_scheduler_only_the_nearest_reminder_goes_out(session, cast, planned, tick):
    row = invited(planned, cast.hendrik, answer=Answer.ATTENDING)
    assert tick("2026-12-02T15:00") == [("guidance_reminder", row.id)]
    assert decisions(session) == [
        (f"0:3:i:{row.id}", ReminderState.SKIPPED, "superseded"),
        (f"0:1:i:{row.id}", ReminderState.CARRIED, None),
    ]


def test_what_could_not_go_out_before_the_start_is_written_down_as_too_late(session, cast, planned, tick):
    row = invited(planned, cast.hendrik, answer=Answer.ATTENDING)
    assert tick("2026-12-03T09:00") == []
    assert (f"0:1:i:{row.id}", ReminderState.SKIPPED, "too_late") in decisions(session)


def test_who_wants_no_reminders_gets_none_which_is_written_down(session, cast, planned, tick):
    row = invited(planned, cast.hendrik, answer=Answer.ATTENDING)
    session.add(OptOut(contact_id=cast.hendrik.contact_id, topic=MailTopic.REMINDERS, made_at=system.now()))
    assert tick("2026-11-30T08:00") == []
    assert decisions(session) == [(f"0:3:i:{row.id}", ReminderState.SKIPPED, "opted_out")]


def test_who_has_no_address_and_who_was_uninvited_get_nothing(session, cast, planned, tick):
    nobody = make.affiliation(cast.kemasindo, make.contact(email=None))
    gone = make.affiliation(cast.kemasindo, make.contact())
    invited(planned, nobody, answer=Answer.ATTENDING)
    invited(planned, gone, answer=Answer.ATTENDING, uninvited_at=system.now())
    assert tick("2026-12-02T08:00") == []


def test_a_cluster_that_switched_the_kind_off_or_chose_other_days(session, cast, planned, tick):
    invited(planned, cast.hendrik, answer=Answer.ATTENDING)
    reminder_rules.choose(cast.lebak.id, ReminderKind.GUIDANCE, Wish(True, (2,)))
    assert tick("2026-11-30T08:00") == []
    assert len(tick("2026-12-01T08:00")) == 1
    reminder_rules.choose(cast.lebak.id, ReminderKind.GUIDANCE, Wish(False, (2,)))
    reminder_rules.choose(cast.lebak.id, ReminderKind.GUIDANCE, Wish(True, (2, 1)))
    assert len(tick("2026-12-02T07:59")) == 1
    assert len(tick("2026-12-02T08:00")) == 2


# ── the cases ───────────────────────────────────────────────────────────────────────────────────────────────


def test_c57_however_often_one_looks_a_reminder_is_one_mail(session, cast, planned, tick):
    row = invited(planned, cast.hendrik, answer=Answer.ATTENDING)
    for _ in range(5):
        found = tick("2026-11-30T08:00")
    assert found == [("guidance_reminder", row.id)]
    assert len(decisions(session)) == 1


def test_c59_a_moved_session_is_reminded_of_at_its_new_time_only(session, cast, clock, tick):
    tick()
    by = principal_of(cast.lilis)
    guidance = _plan(cast, by, date(2026, 12, 3))
    (row,) = session.scalars(select(Invitation).where(Invitation.guidance_id == guidance.id))
    with pytest.raises(Refused) as no:
        sessions.reschedule(guidance, date(2026, 11, 17), TEN, NOON)
    assert no.value.field == "day"
    sessions.reschedule(guidance, date(2026, 11, 26), TEN, NOON)
    row.answer, row.answered_at = Answer.ATTENDING, system.now()
    assert tick("2026-11-24T12:00") == []
    assert tick("2026-11-25T08:00") == [("guidance_reminder", row.id)]
    assert tick("2026-11-25T23:30") == [("guidance_reminder", row.id)]
    sessions.cancel(session.get_one(GuidanceSession, guidance.id), "Banjir")
    assert tick("2026-12-02T08:00") == [("guidance_reminder", row.id)]


def test_c60_what_moved_is_over_or_was_put_away_is_silent(session, cast, clock, tick):
    tick()
    by = principal_of(cast.lilis)
    moved, held, of_archived = (_plan(cast, by, date(2026, 12, 3)) for _ in range(3))
    apart = make.partner(cast.lebak)
    person = make.affiliation(apart, make.contact())
    invited(of_archived, person, answer=Answer.ATTENDING)
    for row in session.scalars(select(Invitation)):
        row.answer, row.answered_at = Answer.ATTENDING, system.now()
    clock.set("2026-12-02T07:59:59+07:00")
    sessions.reschedule(moved, date(2027, 1, 7), TEN, NOON)
    held.status = GuidanceStatus.HELD
    apart.archived_at = of_archived.archived_at = system.now()
    assert tick("2026-12-02T08:00") == []
    assert tick("2026-12-03T09:00") == []
    (row,) = session.scalars(select(Invitation).where(Invitation.guidance_id == moved.id))
    row.answer, row.answered_at = Answer.ATTENDING, system.now()
    assert tick("2027-01-06T08:00") == [("guidance_reminder", row.id)]


def test_a_changed_place_does_not_remind_twice_of_the_same_day(session, cast, clock, tick):
    tick()
    by = principal_of(cast.lilis)
    guidance = _plan(cast, by, date(2026, 12, 3))
    (row,) = session.scalars(select(Invitation).where(Invitation.guidance_id == guidance.id))
    row.answer, row.answered_at = Answer.ATTENDING, system.now()
    assert tick("2026-11-30T08:00") == [("guidance_reminder", row.id)]
    clock.set("2026-11-30T09:00+07:00")
    guidance = session.get_one(GuidanceSession, guidance.id)
    sessions.edit(
        guidance,
        sessions.DetailsWish(topic=guidance.topic, place="Aula lain"),
    )
    assert tick("2026-11-30T10:00") == [("guidance_reminder", row.id)]
    assert tick("2026-12-02T08:00") == [("guidance_reminder", row.id)] * 2


TEN, NOON = time(10), time(12)


def _plan(cast, by, day):
    wish = sessions.GuidanceWish(
        cluster_id=cast.lebak.id,
        topic="Kemasan",
        day=day,
        starts=TEN,
        ends=NOON,
        place="Aula",
        participant_ids=(cast.hendrik.id,),
    )
    return sessions.plan(wish, by)


# ── one that fails, and what comes ──────────────────────────────────────────────────────────────────────────


def test_one_that_fails_stops_no_other(session, cast, planned, tick, monkeypatch, capsys):
    other = make.affiliation(cast.kemasindo, make.contact())
    bad, good = (invited(planned, person, answer=Answer.ATTENDING) for person in (cast.hendrik, other))
    bad_id, mail = bad.id, reminders._mail

    def torn(invitation, letter):
        if invitation.id == bad_id:
            raise RuntimeError("torn")
        return mail(invitation, letter)

    monkeypatch.setattr(reminders, "_mail", torn)
    assert tick("2026-11-30T08:00") == [("guidance_reminder", good.id)]
    assert "torn" in capsys.readouterr().out
    monkeypatch.undo()
    assert len(tick("2026-11-30T08:01")) == 2


def upcoming(guidance):
    return reminders.upcoming(guidance, Calendar())


def test_a_session_tells_which_reminders_will_go_out_to_how_many(session, cast, planned, tick):
    other = make.affiliation(cast.kemasindo, make.contact())
    invited(planned, cast.hendrik, answer=Answer.ATTENDING)
    invited(planned, other, invited_at=system.now())
    session.flush()
    found = [(each.kind.value, each.sends_at, each.people) for each in upcoming(planned)]
    assert found == [
        ("no_answer", at("2026-11-26T08:00"), 1),
        ("guidance", at("2026-11-30T08:00"), 1),
        ("guidance", at("2026-12-02T08:00"), 2),
    ]
    tick("2026-12-02T08:00")
    assert upcoming(session.get_one(GuidanceSession, planned.id)) == []


@pytest.mark.parametrize(("when", "most"), [("2026-11-24T07:00", 26), ("2026-11-24T13:00", 9)])
def test_a_tick_with_nothing_to_do_asks_little(session, cast, planned, tick, statements, when, most):
    with statements() as ran:
        tick(when)
    # One of them is the test's own.
    assert len(ran) <= most
    assert session.scalar(select(OutboxMessage.id)) is None
