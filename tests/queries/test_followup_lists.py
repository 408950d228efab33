"""Lists of follow-ups: which, in which order, at which cost."""

from datetime import date, timedelta

import pytest

from pentahelix.models import FollowUp
from pentahelix.queries import followups
from pentahelix.queries.followups import SORTS, Filters, State
from pentahelix.vocabulary import FollowUpStatus, Priority
from tests import factories as make

pytestmark = pytest.mark.both_engines

TODAY = date(2026, 11, 24)


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def titles(found) -> list[str]:
    return [row.title for row in found.page.items]


@pytest.fixture
def several(cast):
    """One in each state."""
    give = {
        "late": {"due_on": day(-4)},
        "today": {"due_on": TODAY},
        "begun": {"due_on": day(3), "status": FollowUpStatus.IN_PROGRESS},
        "done": {"due_on": day(-9), "status": FollowUpStatus.DONE, "completed_on": day(-10)},
        "cancelled": {"due_on": day(-5), "status": FollowUpStatus.CANCELLED},
        "archived": {"due_on": day(-2), "archived_at": make.clock.now()},
    }
    return {
        title: make.follow_up(cast.lebak, cast.lilis, title=title, **values) for title, values in give.items()
    }


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (State.OPEN, ["late", "today", "begun"]),
        (State.LATE, ["late"]),
        (State.DONE, ["done"]),
        (State.CANCELLED, ["cancelled"]),
        (State.ARCHIVED, ["archived"]),
    ],
)
def test_a_state_shows_what_is_in_it_and_nothing_else(several, state, shown):
    assert titles(followups.index(Filters(state=state), "due", 1)) == shown


def test_late_ones_are_counted_whatever_the_list_shows(several):
    assert followups.index(Filters(state=State.DONE), "due", 1).late == 1


def test_a_list_is_narrowed_by_owner_cluster_partner_priority_and_day(cast, session):
    asep = make.user(cast.lebak)
    wanted = make.follow_up(
        cast.lebak, asep, partner=cast.kemasindo, priority=Priority.HIGH, due_on=day(2), title="wanted"
    )
    for other in (
        {"owner": cast.lilis},
        {"partner": None},
        {"priority": Priority.LOW},
        {"due_on": day(3)},
    ):
        owner = other.pop("owner", asep)
        given = {"partner": cast.kemasindo, "priority": Priority.HIGH, "due_on": day(2)}
        make.follow_up(cast.lebak, owner, **given | other)
    make.follow_up(cast.pandeglang, cast.ujang)
    chosen = Filters(
        owner_id=asep.id,
        cluster_id=cast.lebak.id,
        partner_id=cast.kemasindo.id,
        priority=Priority.HIGH,
        due_on=day(2),
    )
    page = followups.index(chosen, "due", 1).page
    assert [row.id for row in page.items] == [wanted.id]


@pytest.mark.parametrize("sort", SORTS)
def test_c102_each_row_is_on_one_page_whatever_the_order(cast, session, sort):
    """Ninety-five that are due on one day: each id once over all pages, in each order."""
    for number in range(95):
        make.follow_up(
            cast.lebak,
            cast.lilis,
            partner=cast.kemasindo if number % 3 else None,
            due_on=day(7),
            title="same",
        )
    pages = [followups.index(Filters(), sort, number).page for number in range(1, 5)]
    ids = [row.id for page in pages for row in page.items]
    assert len(ids) == len(set(ids)) == 95
    assert pages[0].total == 95


@pytest.mark.parametrize("sort", ["partner", "-partner"])
def test_what_has_no_partner_stands_at_the_end_either_way(cast, session, sort):
    make.follow_up(cast.lebak, cast.lilis, title="without")
    make.follow_up(cast.lebak, cast.lilis, title="with", partner=cast.kemasindo)
    assert titles(followups.index(Filters(), sort, 1)) == ["with", "without"]


@pytest.mark.parametrize(("sort", "first"), [("priority", "high"), ("-priority", "low")])
def test_priorities_are_in_their_order_and_not_in_that_of_the_alphabet(cast, session, sort, first):
    for priority in Priority:
        make.follow_up(cast.lebak, cast.lilis, title=priority.value, priority=priority)
    assert titles(followups.index(Filters(), sort, 1))[0] == first


def test_late_goes_by_the_clocks_of_the_cluster(cast, session, clock):
    """At 23.30 in Jakarta it is tomorrow in Jayapura."""
    clock.set("2026-11-24T23:30+07:00")
    east = make.cluster(timezone="Asia/Jayapura")
    make.follow_up(east, make.user(east), title="east", due_on=TODAY)
    make.follow_up(cast.lebak, cast.lilis, title="west", due_on=TODAY)
    found = followups.index(Filters(state=State.LATE), "due", 1)
    assert titles(found) == ["east"]
    assert found.page.items[0].late
    assert [row.late for row in followups.index(Filters(), "due", 1).page.items] == [True, False]


def test_c98_an_export_has_each_row_once_and_reads_them_in_one_statement(cast, session, statements):
    for _ in range(120):
        make.follow_up(cast.lebak, cast.lilis, due_on=day(7))
    session.commit()
    with statements() as ran:
        rows = followups.export(Filters(), "due")
    assert len({row.follow_up.id for row in rows}) == len(rows) == 120
    assert len(ran) == 1


def test_one_brings_all_that_its_page_names_in_one_statement(cast, session, statements):
    row = make.follow_up(cast.lebak, cast.lilis, partner=cast.kemasindo, meeting=make.meeting(cast.lebak))
    session.commit()
    row_id = row.id
    session.expunge_all()
    with statements() as ran:
        found = followups.one(row_id)
        named = (found.owner.name, found.partner.name, found.cluster.name, found.meeting.title)
    assert all(named)
    assert found.assigned_by is None
    assert len(ran) == 1


def test_the_partner_of_another_cluster_is_none_here(cast, session):
    assert followups.partner_of(cast.lebak.id, cast.kemasindo.id) == cast.kemasindo
    assert followups.partner_of(cast.lebak.id, cast.badak.id) is None
    assert followups.partner_of(cast.lebak.id, None) is None


def test_a_list_costs_the_same_with_two_hundred_rows(cast, session, statements):
    make.follow_up(cast.lebak, cast.lilis, partner=cast.kemasindo)
    session.commit()
    with statements() as few:
        followups.index(Filters(), "due", 1)
    session.add_all(
        FollowUp(cluster_id=cast.lebak.id, owner_user_id=cast.lilis.id, title="x", due_on=day(number))
        for number in range(200)
    )
    session.commit()
    with statements() as many:
        assert len(followups.index(Filters(), "due", 1).page.items) == 25
    assert len(many) == len(few) == 2
