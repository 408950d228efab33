"""Meetings: what is kept of them, what is refused, and what follows from them."""

from datetime import date, datetime, time

import pytest
from sqlalchemy import select

from pentahelix import clock as system
from pentahelix.editing import Conflict, expect_version
from pentahelix.models import Attendance, AuditEntry, ClusterPartner, FollowUp, Meeting, MeetingPartner
from pentahelix.refusals import Refused, WrongState
from pentahelix.services import meetings
from pentahelix.services.meetings import ActionItem, Guest, MeetingWish
from pentahelix.vocabulary import FollowUpSource, FollowUpStatus, LastContactKind, MeetingStatus
from tests import factories as make
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines

TODAY = date(2026, 11, 24)


@pytest.fixture
def lilis(cast):
    return principal_of(cast.lilis)


def wish(cast, **values):
    """A meeting this morning at six with Kemasindo and Hendrik of it."""
    given = {
        "cluster_id": cast.lebak.id,
        "day": TODAY,
        "starts": time(6),
        "partner_ids": (cast.kemasindo.id,),
        "affiliation_ids": (cast.hendrik.id,),
        "user_ids": (cast.lilis.id,),
    }
    return MeetingWish(**given | values)


def present(session, meeting):
    rows = session.scalars(
        select(Attendance).where(Attendance.meeting_id == meeting.id).order_by(Attendance.id)
    )
    return [(row.affiliation_id, row.user_id, row.guest_name, row.guest_organisation) for row in rows]


def partners(session, meeting):
    return set(
        session.scalars(select(MeetingPartner.partner_id).where(MeetingPartner.meeting_id == meeting.id))
    )


def follow_ups(session, meeting):
    return session.scalars(
        select(FollowUp).where(FollowUp.meeting_id == meeting.id).order_by(FollowUp.position)
    ).all()


def last_contact(session, cluster, partner):
    row = session.scalars(
        select(ClusterPartner).where(
            ClusterPartner.cluster_id == cluster.id, ClusterPartner.partner_id == partner.id
        )
    ).one()
    return row.last_contact_on, row.last_contact_kind


# ---------------------------------------------------------------------------- recording


def test_a_recorded_meeting_keeps_who_was_there_and_what_was_said(session, cast, lilis):
    meeting = meetings.record(
        wish(
            cast,
            notes="Contoh kemasan jadi.",
            decisions="Kertas kraf.",
            guests=(Guest("Sumiyati"), Guest("Ujang", "Desa Kanekes")),
        ),
        lilis,
    )
    session.commit()
    assert meeting.status is MeetingStatus.HELD
    assert (meeting.notes, meeting.decisions) == ("Contoh kemasan jadi.", "Kertas kraf.")
    assert present(session, meeting) == [
        (cast.hendrik.id, None, None, None),
        (None, cast.lilis.id, None, None),
        (None, None, "Sumiyati", None),
        (None, None, "Ujang", "Desa Kanekes"),
    ]


def test_a_meeting_is_with_the_chosen_partners_and_those_of_the_contacts_present(session, cast, lilis):
    radio = make.partner(cast.lebak)
    penyiar = make.affiliation(radio)
    meeting = meetings.record(wish(cast, affiliation_ids=(penyiar.id,)), lilis)
    assert partners(session, meeting) == {cast.kemasindo.id, radio.id}


@pytest.mark.parametrize(
    ("names", "title"),
    [
        (["A"], "Rapat dengan A"),
        (["A", "B"], "Rapat dengan A dan B"),
        (["A", "B", "C"], "Rapat dengan A dan 2 mitra lain"),
    ],
)
def test_a_meeting_without_a_title_is_named_after_its_partners(session, cast, lilis, names, title):
    chosen = tuple(make.partner(cast.lebak, name=name).id for name in names)
    assert meetings.record(wish(cast, partner_ids=chosen, affiliation_ids=()), lilis).title == title


def test_a_meeting_without_a_partner_needs_a_title(cast, lilis):
    alone = {"partner_ids": (), "affiliation_ids": ()}
    with pytest.raises(Refused) as no:
        meetings.record(wish(cast, **alone), lilis)
    assert no.value.field == "partner_ids"
    assert meetings.record(wish(cast, title="Rapat guru", **alone), lilis).title == "Rapat guru"


def test_a_partner_of_another_cluster_is_refused_by_name(cast, lilis):
    with pytest.raises(Refused, match="Radio Badak Pandeglang tidak terlibat"):
        meetings.record(wish(cast, partner_ids=(cast.badak.id,)), lilis)


def test_a_colleague_of_another_cluster_is_refused(cast, lilis):
    with pytest.raises(Refused) as no:
        meetings.record(wish(cast, user_ids=(cast.ujang.id,)), lilis)
    assert no.value.field == "user_ids"


def test_the_kabid_may_be_at_every_meeting(session, cast, lilis):
    meeting = meetings.record(wish(cast, user_ids=(cast.aminah.id,)), lilis)
    assert (None, cast.aminah.id, None, None) in present(session, meeting)


def test_an_archived_cluster_takes_no_meetings(session, cast, lilis):
    cast.lebak.archived_at = system.now()
    with pytest.raises(WrongState):
        meetings.record(wish(cast), lilis)


# ---------------------------------------------------------------------------- what follows


def test_action_items_become_follow_ups_of_the_first_partner(session, cast, lilis):
    items = (
        ActionItem("Kirim contoh label", cast.lilis.id, date(2026, 12, 1)),
        ActionItem("Hitung biaya cetak", cast.aminah.id, date(2026, 11, 27)),
    )
    meeting = meetings.record(wish(cast, items=items), lilis)
    first, second = follow_ups(session, meeting)
    assert (first.title, first.owner_user_id, first.due_on) == (
        "Kirim contoh label",
        cast.lilis.id,
        date(2026, 12, 1),
    )
    assert (first.partner_id, first.source_kind) == (cast.kemasindo.id, FollowUpSource.MEETING)
    assert (first.position, second.position) == (0, 1)
    assert (first.assigned_by_user_id, second.assigned_by_user_id) == (None, cast.lilis.id)


def test_what_was_ticked_of_the_last_meeting_is_done(session, cast, lilis):
    before = make.meeting(cast.lebak, cast.kemasindo)
    ticked = make.follow_up(cast.lebak, cast.lilis, meeting=before)
    left = make.follow_up(cast.lebak, cast.lilis, meeting=before)
    closed = make.follow_up(
        cast.lebak, cast.lilis, status=FollowUpStatus.DONE, completed_on=date(2026, 11, 1)
    )
    elsewhere = make.follow_up(cast.pandeglang, cast.ujang)
    meetings.record(wish(cast, done_ids=(ticked.id, closed.id, elsewhere.id)), lilis)
    assert (ticked.status, ticked.completed_on) == (FollowUpStatus.DONE, TODAY)
    assert (left.status, elsewhere.status) == (FollowUpStatus.NOT_STARTED, FollowUpStatus.NOT_STARTED)
    assert closed.completed_on == date(2026, 11, 1)


def test_the_partner_of_whoever_was_there_has_been_spoken_to(session, cast, lilis):
    absent = make.partner(cast.lebak)
    meetings.record(wish(cast, partner_ids=(absent.id,)), lilis)
    assert last_contact(session, cast.lebak, cast.kemasindo) == (TODAY, LastContactKind.MEETING)
    assert last_contact(session, cast.lebak, absent) == (None, None)


def test_the_last_contact_follows_what_becomes_of_the_meeting(session, cast, lilis):
    meeting = meetings.record(wish(cast), lilis)
    meetings.edit(meeting, wish(cast, day=date(2026, 11, 20)), lilis)
    assert last_contact(session, cast.lebak, cast.kemasindo)[0] == date(2026, 11, 20)
    meetings.archive(meeting)
    assert last_contact(session, cast.lebak, cast.kemasindo) == (None, None)
    meetings.restore(meeting)
    assert last_contact(session, cast.lebak, cast.kemasindo)[0] == date(2026, 11, 20)
    meetings.edit(meeting, wish(cast, affiliation_ids=()), lilis)
    assert last_contact(session, cast.lebak, cast.kemasindo) == (None, None)


def test_the_phones_clock_changes_no_date(session, cast, lilis):
    years_off = datetime.fromisoformat("2031-01-01T00:00+00:00")
    item = ActionItem("Kirim contoh", cast.lilis.id, date(2026, 12, 1))
    meeting = meetings.record(wish(cast, made_at=years_off, items=(item,)), lilis)
    session.commit()
    assert (meeting.made_at, meeting.received_at) == (years_off, system.now())
    assert meeting.starts_at == system.at(TODAY, time(6), "Asia/Jakarta")
    assert follow_ups(session, meeting)[0].due_on == date(2026, 12, 1)
    assert last_contact(session, cast.lebak, cast.kemasindo)[0] == TODAY


# ---------------------------------------------------------------------------- times


def test_hours_are_those_of_the_clusters_clocks(session, cast, lilis):
    cast.lebak.timezone = "Asia/Jayapura"
    meeting = meetings.record(wish(cast, starts=time(8), ends=time(9, 30)), lilis)
    assert meeting.starts_at == datetime.fromisoformat("2026-11-24T08:00+09:00")
    assert meeting.ends_at == datetime.fromisoformat("2026-11-24T09:30+09:00")


def test_c25_the_limit_that_an_error_names_is_in_the_zone_of_the_field(cast):
    """Ten minutes ago: the message says 07.00 WIB, as the field does."""
    with pytest.raises(Refused) as no:
        meetings.plan(wish(cast, starts=time(6, 50)))
    assert no.value.field == "starts"
    assert "Sel., 24 Nov., 07.00 WIB" in str(no.value.message)


def test_c25_a_meeting_planned_for_another_day_is_refused_at_the_day(cast):
    with pytest.raises(Refused) as no:
        meetings.plan(wish(cast, day=date(2026, 11, 23)))
    assert no.value.field == "day"


@pytest.mark.parametrize(("day", "starts", "field"), [(24, time(7, 1), "starts"), (25, time(6), "day")])
def test_a_recorded_meeting_cannot_lie_ahead(cast, lilis, day, starts, field):
    with pytest.raises(Refused) as no:
        meetings.record(wish(cast, day=date(2026, 11, day), starts=starts), lilis)
    assert no.value.field == field


@pytest.mark.parametrize("ends", [time(5), time(6)])
def test_c26_an_end_before_the_start_or_at_it_is_refused(cast, lilis, ends):
    """End before start, and a meeting of no minutes."""
    with pytest.raises(Refused) as no:
        meetings.record(wish(cast, ends=ends), lilis)
    assert no.value.field == "ends"
    assert "06.00 WIB" in str(no.value.message)


def test_c26_an_open_end_is_no_end(cast, lilis):
    assert meetings.record(wish(cast, ends=None), lilis).ends_at is None


# ---------------------------------------------------------------------------- planning


def test_a_planned_meeting_is_recorded_after(session, cast, lilis, clock):
    planned = meetings.plan(wish(cast, starts=time(9), agenda="Harga"))
    session.commit()
    assert planned.status is MeetingStatus.PLANNED
    assert last_contact(session, cast.lebak, cast.kemasindo) == (None, None)
    clock.set("2026-11-24T11:00+07:00")
    meetings.hold(planned, wish(cast, starts=time(9), agenda="Harga", notes="Sepakat."), lilis)
    session.commit()
    assert (planned.status, planned.notes) == (MeetingStatus.HELD, "Sepakat.")
    assert planned.received_at == system.now()
    assert last_contact(session, cast.lebak, cast.kemasindo) == (TODAY, LastContactKind.MEETING)


def test_a_planned_meeting_is_not_recorded_before_it_begins(cast, lilis):
    planned = meetings.plan(wish(cast, starts=time(9)))
    with pytest.raises(Refused):
        meetings.hold(planned, wish(cast, starts=time(9)), lilis)
    assert planned.status is MeetingStatus.PLANNED


def test_a_plan_whose_hour_has_passed_can_still_be_corrected(session, cast, lilis, clock):
    planned = meetings.plan(wish(cast, starts=time(9)))
    session.commit()
    clock.set("2026-11-24T10:00+07:00")
    meetings.edit(planned, wish(cast, starts=time(9), place="Aula"), lilis)
    assert planned.place == "Aula"
    with pytest.raises(Refused):
        meetings.edit(planned, wish(cast, starts=time(8)), lilis)


def test_a_cancelled_meeting_stays_cancelled(cast, lilis):
    planned = meetings.plan(wish(cast, starts=time(9)))
    meetings.cancel(planned)
    assert planned.status is MeetingStatus.CANCELLED
    for act in (
        lambda: meetings.cancel(planned),
        lambda: meetings.edit(planned, wish(cast), lilis),
        lambda: meetings.hold(planned, wish(cast), lilis),
    ):
        with pytest.raises(WrongState):
            act()


def test_a_recorded_meeting_is_neither_cancelled_nor_recorded_again(cast, lilis):
    meeting = meetings.record(wish(cast), lilis)
    for act in (lambda: meetings.cancel(meeting), lambda: meetings.hold(meeting, wish(cast), lilis)):
        with pytest.raises(WrongState):
            act()


# ---------------------------------------------------------------------------- editing


def test_editing_keeps_the_follow_ups_and_adds_new_ones_behind(session, cast, lilis):
    first = ActionItem("Kirim contoh label", cast.lilis.id, date(2026, 12, 1))
    meeting = meetings.record(wish(cast, items=(first,)), lilis)
    second = ActionItem("Hitung biaya", cast.lilis.id, date(2026, 12, 2))
    meetings.edit(meeting, wish(cast, items=(second,)), lilis)
    assert [(f.title, f.position) for f in follow_ups(session, meeting)] == [
        ("Kirim contoh label", 0),
        ("Hitung biaya", 1),
    ]


def test_an_item_that_the_meeting_has_already_is_not_made_twice(session, cast, lilis):
    item = ActionItem("Kirim contoh label", cast.lilis.id, date(2026, 12, 1))
    meeting = meetings.record(wish(cast, items=(item,)), lilis)
    meetings.edit(meeting, wish(cast, items=(item,), notes="Dilengkapi."), lilis)
    assert len(follow_ups(session, meeting)) == 1


def test_who_stays_at_a_meeting_keeps_the_row(session, cast, lilis):
    meeting = meetings.record(wish(cast, guests=(Guest("Sumiyati"),)), lilis)
    row_ids = dict(
        session.execute(
            select(Attendance.affiliation_id, Attendance.id).where(Attendance.meeting_id == meeting.id)
        ).all()
    )
    meetings.edit(meeting, wish(cast, user_ids=(), guests=(Guest("Ujang"),)), lilis)
    assert present(session, meeting) == [
        (cast.hendrik.id, None, None, None),
        (None, None, "Ujang", None),
    ]
    kept = session.scalar(select(Attendance.id).where(Attendance.affiliation_id == cast.hendrik.id))
    assert kept == row_ids[cast.hendrik.id]


def test_a_colleague_who_has_left_the_cluster_stays_in_the_minutes(session, cast, lilis):
    dewi = make.user(cast.lebak)
    meeting = meetings.record(wish(cast, user_ids=(dewi.id,), chair_user_id=dewi.id), lilis)
    for membership in session.scalars(select(make.m.Membership).filter_by(user_id=dewi.id)):
        membership.archived_at = system.now()
    session.flush()
    meetings.edit(meeting, wish(cast, user_ids=(dewi.id,), chair_user_id=dewi.id, notes="x"), lilis)
    assert (None, dewi.id, None, None) in present(session, meeting)
    with pytest.raises(Refused):
        meetings.record(wish(cast, user_ids=(dewi.id,)), lilis)


def test_a_change_of_who_was_there_counts_as_a_change_of_the_meeting(session, cast, lilis):
    meeting = meetings.record(wish(cast), lilis)
    session.commit()
    drawn_from = meeting.version
    meetings.edit(meeting, wish(cast, guests=(Guest("Sumiyati"),)), lilis)
    session.commit()
    with pytest.raises(Conflict):
        expect_version(meeting, drawn_from)


def test_an_edit_that_changes_nothing_leaves_no_trail(session, cast, lilis):
    meeting = meetings.record(wish(cast), lilis)
    session.commit()
    before = session.scalars(select(AuditEntry.id)).all()
    meetings.edit(meeting, wish(cast), lilis)
    session.commit()
    assert session.scalars(select(AuditEntry.id)).all() == before


def test_an_archived_meeting_is_not_changed(cast, lilis):
    meeting = meetings.record(wish(cast), lilis)
    meetings.archive(meeting)
    for act in (
        lambda: meetings.edit(meeting, wish(cast), lilis),
        lambda: meetings.archive(meeting),
    ):
        with pytest.raises(WrongState):
            act()
    meetings.restore(meeting)
    meetings.edit(meeting, wish(cast, notes="Lagi."), lilis)


# ---------------------------------------------------------------------------- in one's scope


def test_a_coordinator_records_in_their_own_cluster_only(session, cast, acting_as):
    with acting_as(cast.lilis) as hers:
        made = meetings.record(wish(cast), principal_of(cast.lilis))
        meeting_id = made.id
        assert hers.scalars(select(Meeting.id)).all() == [meeting_id]
    with pytest.raises(Refused), acting_as(cast.lilis):
        meetings.record(
            wish(cast, partner_ids=(cast.badak.id,), affiliation_ids=()), principal_of(cast.lilis)
        )
    with pytest.raises(Refused), acting_as(cast.lilis):
        meetings.record(wish(cast, partner_ids=(), affiliation_ids=(cast.siti.id,)), principal_of(cast.lilis))
