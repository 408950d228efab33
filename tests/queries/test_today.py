"""What the day wants of a cluster: each section by its rule, on days that are hard on calendars."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from pentahelix import clock as clocks
from pentahelix.extensions import db
from pentahelix.models import Affiliation, ClusterPartner, Invitation
from pentahelix.queries import today
from pentahelix.queries.today import SHOWN, Event
from pentahelix.services import invitations
from pentahelix.vocabulary import (
    AgreementStatus,
    Answer,
    Basis,
    FollowUpStatus,
    GuidanceStatus,
    Helix,
    LastContactKind,
    MeetingStatus,
)
from tests import factories as make
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines

#: A Thursday, a Saturday, days around the year's end, a Saturday before holidays in March, late at night.
DAYS = (
    "2026-11-26T07:00+07:00",
    "2026-11-28T07:00+07:00",
    "2026-12-20T07:00+07:00",
    "2026-12-27T07:00+07:00",
    "2026-12-31T07:00+07:00",
    "2027-03-13T07:00+07:00",
    "2026-12-31T23:30+07:00",
)


@pytest.fixture
def warm(cast, session):
    """The cast, whose one partner has just been spoken to."""
    speak_to(cast.lebak, cast.kemasindo, 0, session)
    return cast


def speak_to(cluster, partner, days_ago, session):
    row = session.scalars(
        select(ClusterPartner).filter_by(cluster_id=cluster.id, partner_id=partner.id)
    ).one()
    row.last_contact_on = clocks.today() - timedelta(days=days_ago)
    row.last_contact_kind = LastContactKind.MEETING
    session.flush()


def page_of(cast, user=None):
    return today.of(cast.lebak, principal_of(user or cast.lilis))


def day(number: int) -> date:
    return clocks.today() + timedelta(days=number)


def at(number: int, hour: int):
    return clocks.at(day(number), time(hour), "Asia/Jakarta")


# ── the days ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("instant", DAYS)
def test_yesterday_is_late_today_is_due_and_tomorrow_is_neither(warm, clock, instant, session):
    clock.set(instant)
    speak_to(warm.lebak, warm.kemasindo, 0, session)
    for number in (-1, 0, 1):
        make.follow_up(warm.lebak, warm.lilis, due_on=day(number), title=str(number))
    page = page_of(warm)
    assert [row.title for row in page.late.rows] == ["-1"]
    assert [row.title for row in page.due.rows] == ["0"]


@pytest.mark.parametrize("instant", DAYS)
def test_the_next_session_stands_there_from_fourteen_days_before_until_its_end(warm, clock, instant, session):
    clock.set(instant)
    speak_to(warm.lebak, warm.kemasindo, 0, session)
    for number, shown in ((15, False), (14, True), (0, True)):
        guidance = make.guidance(
            warm.lebak, starts_at=at(number, 23), ends_at=at(number, 23) + timedelta(minutes=45)
        )
        page = page_of(warm)
        assert (page.guidance is not None) is shown, number
        if shown:
            assert (page.guidance.id, page.guidance.day) == (guidance.id, day(number))
    clock.set(guidance.ends_at)
    assert page_of(warm).guidance.id != guidance.id


def test_the_silent_who_can_be_reminded_are_counted_as_one_press_would_mail_them(warm, session, acting_as):
    guidance = make.guidance(warm.lebak, starts_at=at(2, 9), ends_at=at(2, 11))

    def invite(email="k@mitra.example", *, invitation=(), **values):
        affiliation = make.affiliation(warm.kemasindo, make.contact(email=email, **values))
        return make.invitation(guidance, affiliation, **dict(invitation))

    invite()
    invite(invitation={"nudged_at": clocks.now() - timedelta(hours=25)})
    invite(invitation={"nudged_at": clocks.now() - timedelta(hours=23)})
    invite(invitation={"answer": Answer.ATTENDING})
    invite(invitation={"uninvited_at": clocks.now()})
    invite(None)
    invite(basis=Basis.WITHDRAWN, basis_since=clocks.today())
    found = page_of(warm).guidance
    assert (found.silent, found.to_nudge) == (5, 2)
    people = joinedload(Invitation.affiliation).joinedload(Affiliation.contact)
    rows = session.scalars(select(Invitation).options(joinedload(Invitation.guidance), people))
    assert sum(invitations.may_be_nudged(row) for row in rows) == found.to_nudge


def test_c23_an_agreement_ends_with_its_last_day_and_not_with_that_of_utc(warm, clock, session):
    """It ends on 25 November 2027: in force at 23.59 WIB, ended at 00.01, and at 06.00 (in UTC the 25th)."""
    agreement = make.agreement(warm.lebak, partners=(warm.kemasindo,), ends_on=date(2027, 11, 25))
    for instant, has_ended in (
        ("2027-11-25T23:59+07:00", False),
        ("2027-11-26T00:01+07:00", True),
        ("2027-11-26T06:00+07:00", True),
    ):
        clock.set(instant)
        (row,) = page_of(warm).agreements.rows
        assert (row.id, row.has_ended) == (agreement.id, has_ended)


def test_late_at_night_the_day_is_that_of_the_cluster(cast, clock, session):
    clock.set("2026-12-31T23:30+07:00")
    cast.lebak.timezone = "Asia/Jayapura"
    make.follow_up(cast.lebak, cast.lilis, due_on=date(2026, 12, 31), title="late there")
    make.follow_up(cast.lebak, cast.lilis, due_on=date(2027, 1, 1), title="due there")
    page = page_of(cast)
    assert page.day == date(2027, 1, 1)
    assert [row.title for row in page.late.rows] == ["late there"]
    assert [row.title for row in page.due.rows] == ["due there"]


# ── sessions and proposals ──────────────────────────────────────────────────────────────────────────────────


def test_the_strip_counts_answers_the_represented_among_those_who_attend(warm):
    guidance = make.guidance(warm.lebak)
    answers = [
        Answer.ATTENDING,
        Answer.REPRESENTED,
        Answer.DECLINED,
        Answer.PROPOSED,
        Answer.NONE,
        Answer.NONE,
    ]
    more = {Answer.REPRESENTED: {"delegate_name": "Wakil"}, Answer.PROPOSED: {"proposed_starts_at": at(4, 9)}}
    for answer in answers:
        make.invitation(guidance, make.affiliation(warm.kemasindo), answer=answer, **more.get(answer, {}))
    make.invitation(guidance, make.affiliation(warm.kemasindo), uninvited_at=clocks.now())
    strip = page_of(warm).guidance
    assert (strip.attending, strip.declined, strip.proposed, strip.silent) == (2, 1, 1, 2)


@pytest.mark.parametrize(
    "values",
    [
        {"status": GuidanceStatus.CANCELLED},
        {"status": GuidanceStatus.HELD},
        {"archived_at": datetime(2026, 11, 1, tzinfo=UTC)},
    ],
)
def test_a_session_that_is_no_longer_planned_is_not_next(warm, values):
    make.guidance(warm.lebak, **values)
    assert page_of(warm).guidance is None


def test_proposals_wait_until_their_session_begins(warm, clock):
    guidance = make.guidance(warm.lebak, starts_at=at(20, 9))
    make.invitation(guidance, warm.hendrik, answer=Answer.PROPOSED, proposed_starts_at=at(21, 9))
    (proposal,) = page_of(warm).proposals.rows
    assert (proposal.contact, proposal.partner) == ("Hendrik Sasmita", warm.kemasindo.name)
    clock.set(guidance.starts_at)
    assert page_of(warm).proposals.total == 0


# ── follow-ups ──────────────────────────────────────────────────────────────────────────────────────────────


def test_late_ones_are_mine_first_then_the_latest_and_five_at_most(warm):
    asep = make.user(warm.lebak)
    for number in range(1, 8):
        make.follow_up(warm.lebak, asep, due_on=day(-10 * number), title=f"asep {number}")
    make.follow_up(warm.lebak, warm.lilis, due_on=day(-1), title="mine, one day")
    make.follow_up(warm.lebak, warm.lilis, due_on=day(-2), title="mine, two days")
    late = page_of(warm).late
    assert [row.title for row in late.rows] == [
        "mine, two days",
        "mine, one day",
        "asep 7",
        "asep 6",
        "asep 5",
    ]
    assert (len(late.rows), late.total) == (SHOWN, 9)


def test_what_is_closed_archived_or_of_another_cluster_is_not_late(warm):
    make.follow_up(warm.lebak, warm.lilis, due_on=day(-1), status=FollowUpStatus.DONE, completed_on=day(0))
    make.follow_up(warm.lebak, warm.lilis, due_on=day(-1), archived_at=clocks.now())
    make.follow_up(warm.pandeglang, warm.ujang, due_on=day(-1))
    assert page_of(warm).late.total == 0


# ── agreements ──────────────────────────────────────────────────────────────────────────────────────────────

SIGNED = {"signed_on": date(2025, 1, 1), "starts_on": date(2025, 1, 1)}


@pytest.mark.parametrize(
    ("ends", "status", "shown"),
    [
        (90, AgreementStatus.SIGNED, True),
        (91, AgreementStatus.SIGNED, False),
        (0, AgreementStatus.SIGNED, True),
        (-30, AgreementStatus.SIGNED, True),
        (-31, AgreementStatus.SIGNED, False),
        (-1, AgreementStatus.RENEWED, False),
        (10, AgreementStatus.COMPLETED, False),
    ],
)
def test_an_agreement_is_named_from_90_days_before_its_end_to_30_after(warm, ends, status, shown):
    make.agreement(warm.lebak, partners=(warm.kemasindo,), ends_on=day(ends), status=status, **SIGNED)
    assert page_of(warm).agreements.total == int(shown)


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (AgreementStatus.DRAFT, True),
        (AgreementStatus.LEGAL_REVIEW, True),
        (AgreementStatus.AWAITING_SIGNATURE, False),
        (AgreementStatus.SIGNED, False),
    ],
)
def test_a_successor_that_is_signed_or_awaits_it_takes_the_worry_away(warm, status, shown):
    old = make.agreement(warm.lebak, partners=(warm.kemasindo,), ends_on=day(10), title="old")
    make.agreement(warm.lebak, status=status, renews_id=old.id, title="new")
    assert [row.title for row in page_of(warm).agreements.rows] == (["old"] if shown else [])


def test_an_open_end_never_ends(warm):
    make.agreement(warm.lebak, partners=(warm.kemasindo,), ends_on=None, is_open_ended=True)
    assert page_of(warm).agreements.total == 0


def test_an_agreement_names_all_its_partners_and_counts_once(warm):
    other = make.partner(warm.lebak, name="Aneka Rasa", helix=Helix.COMMUNITY)
    speak = make.agreement(warm.lebak, partners=(warm.kemasindo, other), ends_on=day(10))
    section = page_of(warm).agreements
    assert section.total == 1
    assert section.rows[0].id == speak.id
    assert section.rows[0].partners == ("Aneka Rasa", "CV Kemasindo Lebak")
    assert section.rows[0].helix is Helix.COMMUNITY


# ── partners gone cold ──────────────────────────────────────────────────────────────────────────────────────


def test_partners_go_cold_by_the_rule_of_their_cluster(warm, session):
    speak_to(warm.lebak, warm.kemasindo, 91, session)
    (cold,) = page_of(warm).cold.rows
    assert (cold.id, cold.days) == (warm.kemasindo.id, 91)
    warm.lebak.cold_after_days = 120
    assert page_of(warm).cold.total == 0


def test_the_longest_silence_comes_first_and_five_at_most(warm, session):
    for number in range(7):
        partner = make.partner(warm.lebak, name=str(number))
        speak_to(warm.lebak, partner, 100 + number, session)
    cold = page_of(warm).cold
    assert [row.name for row in cold.rows] == ["6", "5", "4", "3", "2"]
    assert cold.total == 7


@pytest.mark.parametrize(
    ("partner", "contact", "phone"),
    [
        ({}, {"phone": "+6281200000012"}, "+6281200000012"),
        ({"phone": "+62252200001"}, {}, "+62252200001"),
        ({"is_fictitious": True}, {"phone": "+6281200000012"}, None),
        ({}, {"phone": "+6281200000012", "basis": Basis.WITHDRAWN}, None),
    ],
)
def test_a_cold_partner_is_called_where_it_may_be(warm, session, partner, contact, phone):
    silent = make.partner(warm.lebak, **partner)
    make.affiliation(silent, make.contact(**contact), is_primary=True)
    (row,) = page_of(warm).cold.rows
    assert (row.id, row.phone) == (silent.id, phone)


@pytest.mark.parametrize("since", ["restricted_at", "erased_at", "archived_at"])
def test_a_cold_partner_does_not_name_whom_nobody_may_speak_to(warm, since):
    person = make.contact(phone="+6281200000012", **{since: clocks.now()})
    make.affiliation(make.partner(warm.lebak), person, is_primary=True)
    (row,) = page_of(warm).cold.rows
    assert (row.contact, row.phone) == (None, None)


# ── a quiet day ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_quiet_day_names_the_next_one_that_holds_something(warm):
    assert (page_of(warm).is_quiet, page_of(warm).next) == (True, None)
    make.agreement(warm.lebak, ends_on=day(200))
    assert page_of(warm).next == (day(200), Event.AGREEMENT)
    make.follow_up(warm.lebak, warm.lilis, due_on=day(20))
    assert page_of(warm).next == (day(20), Event.FOLLOW_UP)
    make.meeting(warm.lebak, status=MeetingStatus.PLANNED, starts_at=at(19, 9))
    assert page_of(warm).next == (day(19), Event.MEETING)
    make.guidance(warm.lebak, starts_at=at(18, 9))
    assert page_of(warm).next == (day(18), Event.GUIDANCE)


def test_a_day_that_wants_something_is_not_quiet(warm):
    make.follow_up(warm.lebak, warm.lilis, due_on=day(-1))
    page = page_of(warm)
    assert (page.is_quiet, page.next) == (False, None)


# ── cost and fence ──────────────────────────────────────────────────────────────────────────────────────────


def cost(cast, person, statements) -> int:
    """Statements of the page, the cluster itself being there already."""
    db.session.refresh(cast.lebak)
    with statements() as ran:
        today.of(cast.lebak, person)
    return len(ran)


def test_the_page_costs_the_same_on_a_full_day_and_one_more_on_a_quiet_one(warm, session, statements):
    person = principal_of(warm.lilis)
    session.commit()
    assert cost(warm, person, statements) == 7
    make.follow_up(warm.lebak, warm.lilis, due_on=day(-1))
    session.commit()
    few = cost(warm, person, statements)
    for number in range(40):
        partner = make.partner(warm.lebak)
        make.follow_up(warm.lebak, warm.lilis, partner=partner, due_on=day(-number))
        make.agreement(warm.lebak, partners=(partner,), ends_on=day(number))
        make.invitation(
            make.guidance(warm.lebak),
            make.affiliation(partner),
            answer=Answer.PROPOSED,
            proposed_starts_at=at(5, 9),
        )
    session.commit()
    assert cost(warm, person, statements) == few == 6
