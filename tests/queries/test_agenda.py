"""The agenda: what stands on which day, whose it is, and what is a holiday."""

from datetime import date, datetime, time, timedelta

import pytest

from pentahelix import clock as clocks
from pentahelix.queries import agenda
from pentahelix.queries.agenda import SHOWN, WEEKS, Who
from pentahelix.vocabulary import (
    AgreementStatus,
    FollowUpStatus,
    GuidanceStatus,
    HolidayEffect,
    MeetingStatus,
    ObligationStatus,
)
from tests import factories as make
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines

MONDAY = date(2026, 11, 23)


def at(day: date, hour: int, zone: str = "Asia/Jakarta") -> datetime:
    return clocks.at(day, time(hour), zone)


def page_of(cast, who=Who.CLUSTER, start=None, user=None):
    return agenda.of(principal_of(user or cast.lilis), who, cast.lebak, start)


def on(page, day: date) -> list[str]:
    """What stands on a day, by title, in its order."""
    (found,) = (entry for entry in page.days if entry.day == day)
    return (
        [appointment.title for appointment in found.appointments]
        + [agreement.title for agreement in found.agreements]
        + [step.title for step in found.follow_ups]
    )


def everything(page) -> set[str]:
    return {title for entry in page.days for title in on(page, entry.day)}


# ── the days ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("instant", "first"),
    [
        ("2026-11-26T07:00+07:00", date(2026, 11, 23)),
        ("2026-11-28T07:00+07:00", date(2026, 11, 23)),
        ("2026-12-20T07:00+07:00", date(2026, 12, 14)),
        ("2026-12-27T07:00+07:00", date(2026, 12, 21)),
        ("2026-12-31T07:00+07:00", date(2026, 12, 28)),
        ("2027-03-13T07:00+07:00", date(2027, 3, 8)),
        ("2026-12-31T23:30+07:00", date(2026, 12, 28)),
    ],
)
def test_it_begins_with_the_monday_of_this_week_and_knows_which_day_it_is(cast, clock, instant, first):
    clock.set(instant)
    page = page_of(cast)
    assert (page.first, page.last) == (first, first + timedelta(days=7 * WEEKS - 1))
    assert page.today == date.fromisoformat(instant[:10])
    assert [len(week) for week in page.weeks] == [7] * WEEKS


def test_everything_of_a_day_stands_on_it_by_the_hour(cast):
    thursday = date(2026, 11, 26)
    make.follow_up(cast.lebak, cast.lilis, due_on=thursday, title="follow-up")
    make.agreement(cast.lebak, ends_on=thursday, title="agreement")
    make.meeting(cast.lebak, title="at two", starts_at=at(thursday, 14), status=MeetingStatus.PLANNED)
    make.guidance(cast.lebak, topic="at nine", starts_at=at(thursday, 9))
    make.meeting(cast.lebak, title="at eight", starts_at=at(thursday, 8), status=MeetingStatus.PLANNED)
    page = page_of(cast)
    assert on(page, thursday) == ["at eight", "at nine", "at two", "agreement", "follow-up"]
    totals = [page.total(kind) for kind in ("guidance", "meetings", "follow_ups", "agreements")]
    assert totals == [1, 2, 1, 1]


def test_a_meeting_stands_on_the_day_of_its_cluster_and_not_on_that_of_utc(cast, session):
    """At 06.00 in Jakarta it is still yesterday in UTC; at 23.30 there it is tomorrow in Jayapura."""
    make.meeting(cast.lebak, title="early", starts_at=at(MONDAY, 6))
    make.meeting(cast.lebak, title="late", starts_at=at(MONDAY, 23))
    east = make.cluster(timezone="Asia/Jayapura")
    make.meeting(east, title="east", starts_at=at(MONDAY, 23))
    page = page_of(cast, Who.ALL, user=cast.aminah)
    assert on(page, MONDAY) == ["early", "late"]
    assert on(page, MONDAY + timedelta(days=1)) == ["east"]


def test_the_first_and_the_last_hour_of_the_window_belong_to_it(cast):
    last = MONDAY + timedelta(days=7 * WEEKS - 1)
    for day, hour, title in (
        (MONDAY - timedelta(days=1), 23, "before"),
        (MONDAY, 0, "first"),
        (last, 23, "last"),
        (last + timedelta(days=1), 0, "after"),
    ):
        make.meeting(cast.lebak, title=title, starts_at=at(day, hour))
    assert everything(page_of(cast)) == {"first", "last"}


def test_an_obligation_stands_on_its_day_until_it_is_fulfilled(cast):
    pks = make.agreement(cast.lebak, partners=(cast.kemasindo,))

    def owed(title, agreement=pks, **values):
        make.obligation(agreement, title=title, due_on=date(2026, 11, 26), **values)

    owed("open")
    owed("begun", status=ObligationStatus.PARTIAL)
    owed("fulfilled", status=ObligationStatus.FULFILLED, fulfilled_on=date(2026, 11, 20))
    owed("archived", archived_at=clocks.now())
    owed("of a draft", make.agreement(cast.lebak, status=AgreementStatus.DRAFT))
    owed("of what is archived", make.agreement(cast.lebak, archived_at=clocks.now()))
    owed("elsewhere", make.agreement(cast.pandeglang))
    page = page_of(cast)
    (found,) = (entry for entry in page.days if entry.day == date(2026, 11, 26))
    assert [owed.title for owed in found.obligations] == ["open", "begun"]
    assert [owed.agreement_id for owed in found.obligations] == [pks.id, pks.id]
    assert (page.total("obligations"), found.is_empty) == (2, False)
    everywhere = page_of(cast, who=Who.ALL).total("obligations")
    assert (everywhere, page_of(cast, who=Who.ME).total("obligations")) == (3, 2)


def test_one_may_leaf_to_any_week(cast):
    make.follow_up(cast.lebak, cast.lilis, due_on=date(2027, 3, 11), title="in spring")
    page = page_of(cast, start=date(2027, 3, 13))
    assert page.first == date(2027, 3, 8)
    assert on(page, date(2027, 3, 11)) == ["in spring"]


def test_holidays_are_named_as_the_admin_has_amended_them(cast, session):
    make.holiday(date(2026, 11, 25), name="HUT Kabupaten Lebak")
    make.holiday(date(2026, 12, 25), name="x", effect=HolidayEffect.REMOVED)
    named = {entry.day: entry.holiday for entry in page_of(cast, start=date(2026, 12, 7)).days}
    assert "2026-12-25" not in {str(day) for day, name in named.items() if name}
    assert {entry.day: entry.holiday for entry in page_of(cast).days}[date(2026, 11, 25)] == (
        "HUT Kabupaten Lebak"
    )
    new_year = {entry.day: entry.holiday for entry in page_of(cast, start=date(2026, 12, 28)).days}
    assert "Tahun Baru" in new_year[date(2027, 1, 1)]


# ── which ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_cancelled_done_or_archived_is_left_out(cast):
    there = {"starts_at": at(MONDAY, 9)}
    make.meeting(cast.lebak, status=MeetingStatus.CANCELLED, **there)
    make.meeting(cast.lebak, archived_at=clocks.now(), **there)
    make.guidance(cast.lebak, status=GuidanceStatus.CANCELLED, **there)
    make.follow_up(cast.lebak, cast.lilis, due_on=MONDAY, status=FollowUpStatus.DONE, completed_on=MONDAY)
    make.agreement(
        cast.lebak, ends_on=MONDAY, status=AgreementStatus.TERMINATED, terminated_on=MONDAY, **SIGNED
    )
    assert everything(page_of(cast)) == set()


SIGNED = {"signed_on": date(2025, 1, 1), "starts_on": date(2025, 1, 1)}


def test_what_was_held_stays_and_says_so(cast):
    make.meeting(cast.lebak, starts_at=at(MONDAY, 9))
    (appointment,) = page_of(cast).days[0].appointments
    assert appointment.is_held


def test_one_s_own_agenda_holds_what_one_owns_attends_chairs_or_organises(cast):
    planned = {"starts_at": at(MONDAY, 9)}
    make.meeting(cast.lebak, title="attends", present=(cast.lilis,), **planned)
    make.meeting(cast.lebak, title="chairs", chair_user_id=cast.lilis.id, **planned)
    make.meeting(cast.lebak, title="takes minutes", minute_taker_user_id=cast.lilis.id, **planned)
    make.meeting(cast.lebak, title="of others", **planned)
    make.guidance(cast.lebak, topic="organises", organiser_user_id=cast.lilis.id, **planned)
    make.guidance(cast.lebak, topic="of others too", **planned)
    make.follow_up(cast.lebak, cast.lilis, title="owns", due_on=MONDAY)
    make.follow_up(cast.lebak, cast.aminah, title="of the Kabid", due_on=MONDAY)
    make.agreement(cast.lebak, title="of her cluster", ends_on=MONDAY)
    mine = everything(page_of(cast, Who.ME))
    assert mine == {"attends", "chairs", "takes minutes", "organises", "owns", "of her cluster"}


def test_a_cluster_s_agenda_holds_nothing_of_another(cast):
    for cluster, owner in ((cast.lebak, cast.lilis), (cast.pandeglang, cast.ujang)):
        make.follow_up(cluster, owner, title=cluster.short_name, due_on=MONDAY)
        make.agreement(cluster, title=f"PKS {cluster.short_name}", ends_on=MONDAY)
    assert everything(page_of(cast, user=cast.aminah)) == {"Kuliner Lebak", "PKS Kuliner Lebak"}
    assert len(everything(page_of(cast, Who.ALL, user=cast.aminah))) == 4


def test_without_a_cluster_there_is_nothing_to_show(cast):
    make.follow_up(cast.lebak, cast.lilis, due_on=MONDAY)
    assert everything(agenda.of(principal_of(cast.rudi), Who.CLUSTER, None, None)) == set()


def test_a_day_lists_so_many_follow_ups_and_counts_the_rest(cast):
    for _ in range(SHOWN + 3):
        make.follow_up(cast.lebak, cast.lilis, due_on=MONDAY)
    day = page_of(cast).days[0]
    assert (len(day.follow_ups), day.due) == (SHOWN, SHOWN + 3)


def test_it_costs_the_same_however_much_it_holds(cast, session, statements):
    def cost() -> int:
        person = principal_of(cast.lilis)
        session.commit()
        session.refresh(cast.lebak)
        with statements() as ran:
            agenda.of(person, Who.CLUSTER, cast.lebak, None)
        return len(ran)

    few = cost()
    for number in range(30):
        day = MONDAY + timedelta(days=number % 28)
        make.meeting(cast.lebak, starts_at=at(day, 9))
        make.guidance(cast.lebak, starts_at=at(day, 13))
        make.follow_up(cast.lebak, cast.lilis, partner=make.partner(cast.lebak), due_on=day)
        make.obligation(make.agreement(cast.lebak, ends_on=day), due_on=day)
    assert cost() == few == 6


# ── as much as one reads ────────────────────────────────────────────────────────────────────────────────────


def ends_of(cast, day: date, number: int) -> None:
    for _ in range(number):
        make.agreement(cast.lebak, ends_on=day)


def test_four_weeks_of_too_much_begin_today_and_end_with_the_last_whole_day_that_can_be_read(
    cast, monkeypatch
):
    monkeypatch.setattr(agenda, "LINES", 10)
    for number, entries in ((0, 4), (2, 6), (3, 4), (4, 1), (20, 1)):
        ends_of(cast, MONDAY + timedelta(days=number), entries)
    page = page_of(cast, Who.ALL, user=cast.aminah)
    assert (page.first, page.last, page.is_cut) == (date(2026, 11, 24), date(2026, 11, 26), True)
    assert page.total("agreements") == 10
    assert [[day.day.day for day in week] for week in page.weeks] == [[24, 25, 26]]
    on_from = page_of(cast, Who.ALL, start=date(2026, 11, 27), user=cast.aminah)
    assert (on_from.first, on_from.total("agreements"), on_from.is_cut) == (date(2026, 11, 27), 2, False)
    assert [len(week) for week in on_from.weeks] == [3, 7, 7, 7, 4]


def test_a_day_of_too_much_stands_alone_and_whole(cast, monkeypatch):
    monkeypatch.setattr(agenda, "LINES", 3)
    for number in (1, 2):
        ends_of(cast, MONDAY + timedelta(days=number), 4)
    page = page_of(cast, Who.ALL, user=cast.aminah)
    assert (page.first, page.last, page.total("agreements")) == (date(2026, 11, 24),) * 2 + (4,)


def test_what_could_not_be_read_whole_is_left_to_the_next_page(cast, monkeypatch):
    monkeypatch.setattr(agenda, "MOST", 5)
    tuesday = MONDAY + timedelta(days=1)
    for day in (tuesday, tuesday + timedelta(days=1), tuesday + timedelta(days=2)):
        for hour in (9, 13):
            make.meeting(cast.lebak, starts_at=at(day, hour))
    page = page_of(cast, Who.ALL, user=cast.aminah)
    assert (page.first, page.last, page.total("meetings")) == (tuesday, tuesday + timedelta(days=1), 4)
    later = page_of(cast, Who.ALL, start=page.last + timedelta(days=1), user=cast.aminah)
    assert later.total("meetings") == 2
