"""The list of meetings, one of them, and what the form offers; the number of statements does not grow."""

from datetime import date, timedelta

import pytest

from pentahelix import clock
from pentahelix.models import Attendance, Contact
from pentahelix.queries import meeting_form, meetings as lists
from pentahelix.queries.meetings import Filters
from pentahelix.vocabulary import Basis, FollowUpStatus, MeetingKind, MeetingStatus
from tests import factories as make
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines


def titles(filters=Filters(), sort="near", number=1):  # noqa: B008
    return [row.meeting.title for row in lists.index(filters, sort, number).items]


@pytest.fixture
def some(cast):
    """One of each state, in Lebak, and one in Pandeglang."""
    now = clock.now()
    make.meeting(cast.lebak, title="Kemarin", starts_at=now - timedelta(days=1))
    make.meeting(cast.lebak, title="Dahulu", starts_at=now - timedelta(days=90), kind=MeetingKind.SIGNING)
    make.meeting(cast.lebak, title="Lusa", starts_at=now + timedelta(days=2), status=MeetingStatus.PLANNED)
    make.meeting(cast.lebak, title="Besok", starts_at=now + timedelta(days=1), status=MeetingStatus.PLANNED)
    make.meeting(
        cast.lebak, title="Terlewat", starts_at=now - timedelta(hours=2), status=MeetingStatus.PLANNED
    )
    make.meeting(cast.lebak, title="Batal", starts_at=now + timedelta(days=3), status=MeetingStatus.CANCELLED)
    make.meeting(cast.lebak, title="Diarsipkan", archived_at=now)
    make.meeting(cast.pandeglang, cast.badak, title="Siaran", starts_at=now - timedelta(days=5))
    return cast


def test_what_is_to_come_stands_first_and_the_nearest_of_it(some):
    assert titles() == ["Besok", "Lusa", "Batal", "Terlewat", "Kemarin", "Siaran", "Dahulu"]


def test_a_list_can_be_sorted_by_time_and_title(some):
    assert titles(sort="-when")[0] == "Batal"
    assert titles(sort="when")[0] == "Dahulu"
    assert titles(sort="title")[0] == "Batal"


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(status=MeetingStatus.PLANNED), {"Besok", "Lusa", "Terlewat"}),
        (Filters(kind=MeetingKind.SIGNING), {"Dahulu"}),
        (Filters(archived=True), {"Diarsipkan"}),
        (Filters(typed="kema"), {"Kemarin"}),
        (Filters(typed="badak radio"), {"Siaran"}),
        (Filters(typed="%"), set()),
    ],
)
def test_a_list_can_be_narrowed(some, filters, expected):
    assert set(titles(filters)) == expected


def test_a_list_can_be_narrowed_to_a_partner_and_a_cluster(some):
    assert titles(Filters(partner_id=some.badak.id)) == ["Siaran"]
    assert titles(Filters(cluster_id=some.pandeglang.id)) == ["Siaran"]


def test_a_line_names_partners_and_counts_who_was_there_and_what_is_open(session, cast):
    meeting = make.meeting(cast.lebak, cast.kemasindo, present=(cast.hendrik, cast.lilis))
    make.follow_up(cast.lebak, cast.lilis, meeting=meeting)
    make.follow_up(
        cast.lebak,
        cast.lilis,
        meeting=meeting,
        status=FollowUpStatus.DONE,
        completed_on=date(2026, 11, 24),
    )
    (row,) = lists.index(Filters(), "near", 1).items
    assert [partner.name for partner in row.partners] == ["CV Kemasindo Lebak"]
    assert (row.present, row.open_items) == (2, 1)


def test_a_plan_whose_hour_has_come_waits_to_be_recorded(some):
    assert [row.meeting.title for row in lists.index(Filters(), "near", 1).items if row.is_overdue] == [
        "Terlewat"
    ]


def test_each_meeting_stands_on_one_page(session, cast):
    for _number in range(60):
        make.meeting(cast.lebak, title="Sama", starts_at=clock.now() - timedelta(days=1))
    for sort in lists.SORTS:
        seen = [row.meeting.id for number in (1, 2, 3) for row in lists.index(Filters(), sort, number).items]
        assert len(seen) == len(set(seen)) == 60


def test_the_page_of_a_meeting_tells_who_was_there_in_the_words_of_then(session, cast):
    meeting = make.meeting(cast.lebak, cast.kemasindo, present=(cast.hendrik, cast.lilis))
    session.add(Attendance(meeting_id=meeting.id, guest_name="Sumiyati"))
    cast.hendrik.ends = date(2026, 11, 1)
    person = session.get(Contact, cast.hendrik.contact_id)
    make.affiliation(make.partner(cast.lebak), person, position="Konsultan")
    session.flush()
    session.expire_all()
    page = lists.one(meeting.id)
    assert [(who.name, who.position, who.organisation) for who in page.contacts] == [
        ("Hendrik Sasmita", "Direktur", "CV Kemasindo Lebak"),
        ("Sumiyati", None, None),
    ]
    assert [who.name for who in page.ours] == [cast.lilis.name]


def test_somebody_out_of_ones_sight_is_not_named_and_not_left_out(session, cast, acting_as):
    meeting = make.meeting(cast.lebak, present=(cast.siti,))
    meeting_id = meeting.id
    with acting_as(cast.lilis):
        assert [who.name for who in lists.people_of(meeting_id)] == ["–"]


# ---------------------------------------------------------------------------- what the form offers


def test_ours_are_the_members_and_the_kabid(cast):
    cast.ujang.deactivated_at = clock.now()
    dewi = make.user(cast.lebak, name="Dewi")
    gone = make.user(cast.lebak, name="Mantan")
    gone.deactivated_at = clock.now()
    offered = {person.name: person.cluster_ids for person in meeting_form.colleagues([cast.lebak.id])}
    assert offered == {
        name: frozenset({cast.lebak.id}) for name in (cast.aminah.name, cast.lilis.name, dewi.name)
    }
    again = meeting_form.colleagues([cast.lebak.id], also=[gone.id, None])
    assert gone.name in {person.name for person in again}


def test_the_clusters_begin_with_the_one_looked_at(session, cast):
    both = make.user(cast.lebak, cast.pandeglang, chosen_cluster_id=cast.pandeglang.id)
    assert meeting_form.clusters(principal_of(both))[0].id == cast.pandeglang.id


def test_at_most_ten_partners_are_suggested(session, cast):
    for number in range(12):
        make.partner(cast.lebak, name=f"Politeknik {number}")
    assert len(meeting_form.suggest("poli")) == 10
    assert meeting_form.suggest("") == []
    assert meeting_form.suggest("'\"*") == []


def test_what_the_last_meeting_left_open_comes_back_and_nothing_older(session, cast):
    older = make.meeting(cast.lebak, cast.kemasindo, starts_at=clock.now() - timedelta(days=9))
    make.follow_up(cast.lebak, cast.lilis, meeting=older, title="Lama")
    last = make.meeting(cast.lebak, cast.kemasindo, starts_at=clock.now() - timedelta(days=2))
    make.follow_up(cast.lebak, cast.lilis, meeting=last, title="Nanti", due_on=date(2026, 12, 1))
    make.follow_up(cast.lebak, cast.lilis, meeting=last, title="Terlambat", due_on=date(2026, 11, 20))
    make.follow_up(
        cast.lebak, cast.lilis, meeting=last, status=FollowUpStatus.DONE, completed_on=date(2026, 11, 23)
    )
    make.meeting(cast.lebak, cast.kemasindo, status=MeetingStatus.PLANNED)
    open_items = meeting_form.unfinished([cast.kemasindo.id])
    assert [(item.title, item.is_late) for item in open_items] == [("Terlambat", True), ("Nanti", False)]
    assert meeting_form.unfinished([]) == []


def test_an_item_of_a_meeting_with_two_partners_is_shown_once(session, cast):
    other = make.partner(cast.lebak)
    last = make.meeting(cast.lebak, cast.kemasindo, other)
    make.follow_up(cast.lebak, cast.lilis, meeting=last)
    assert len(meeting_form.unfinished([cast.kemasindo.id, other.id])) == 1


def test_who_was_written_down_is_offered_again_though_they_have_left(session, cast):
    meeting = make.meeting(cast.lebak, present=(cast.hendrik,))
    cast.hendrik.ends = date(2026, 11, 1)
    session.get(Contact, cast.hendrik.contact_id).basis = Basis.WITHDRAWN
    session.flush()
    assert [choice.name for choice in meeting_form.written_down(meeting.id)] == ["Hendrik Sasmita"]
