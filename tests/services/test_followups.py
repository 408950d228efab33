"""Follow-ups: who may own one, what each step asks for, and what is kept of it."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from pentahelix.clock import now
from pentahelix.models import AuditEntry, AuditValue, FollowUp
from pentahelix.refusals import Refused, WrongState
from pentahelix.services import followups
from pentahelix.services.followups import FollowUpWish
from pentahelix.vocabulary import FollowUpSource, FollowUpStatus, Helix, Priority
from tests import factories as make
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines

NEXT_WEEK = date(2026, 12, 1)


@pytest.fixture
def lilis(cast):
    return principal_of(cast.lilis)


@pytest.fixture
def aminah(cast):
    return principal_of(cast.aminah)


@pytest.fixture
def asep(cast):
    """A colleague of Lilis."""
    return make.user(cast.lebak, name="Asep Suhendar")


@pytest.fixture
def label(cast):
    """Lilis owes somebody a label."""
    return make.follow_up(cast.lebak, cast.lilis, title="Kirim contoh label")


def wish(cast, owner, **values):
    given = {"cluster_id": cast.lebak.id, "title": "Kirim contoh label", "due_on": NEXT_WEEK}
    return FollowUpWish(**given | {"owner_user_id": owner.id} | values)


# ── making ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_made_for_oneself_is_assigned_by_nobody(cast, lilis):
    made = followups.make(wish(cast, cast.lilis, partner_id=cast.kemasindo.id), lilis)
    assert (made.owner_user_id, made.assigned_by_user_id) == (cast.lilis.id, None)
    assert (made.status, made.priority) == (FollowUpStatus.NOT_STARTED, Priority.MEDIUM)


def test_one_made_for_somebody_else_names_who_assigned_it(cast, aminah):
    made = followups.make(wish(cast, cast.lilis), aminah)
    assert made.assigned_by_user_id == cast.aminah.id


def test_it_keeps_where_it_came_from(cast, lilis):
    meeting = make.meeting(cast.lebak)
    of_meeting = wish(cast, cast.lilis, source_kind=FollowUpSource.MEETING, meeting_id=meeting.id, position=2)
    made = followups.make(of_meeting, lilis)
    assert (made.source_kind, made.meeting_id, made.position) == (FollowUpSource.MEETING, meeting.id, 2)
    of_cell = wish(cast, cast.lilis, source_kind=FollowUpSource.CELL, helix=Helix.MEDIA)
    assert followups.make(of_cell, lilis).helix == Helix.MEDIA


@pytest.mark.parametrize("kind", ["meeting", "guidance", "agreement", "contribution"])
def test_what_it_comes_from_belongs_to_its_cluster(cast, lilis, kind):
    source = {
        "meeting": lambda cluster, partner: make.meeting(cluster),
        "guidance": lambda cluster, partner: make.guidance(cluster),
        "agreement": lambda cluster, partner: make.agreement(cluster),
        "contribution": make.contribution,
    }[kind]
    own, foreign = source(cast.lebak, cast.kemasindo), source(cast.pandeglang, cast.badak)

    def made(row):
        asked = wish(cast, cast.lilis, source_kind=FollowUpSource(kind), **{f"{kind}_id": row.id})
        return followups.make(asked, lilis)

    assert getattr(made(own), f"{kind}_id") == own.id
    with pytest.raises(Refused) as refused:
        made(foreign)
    assert refused.value.field == "cluster_id"


def test_owners_are_the_members_of_the_cluster_and_the_kabid_by_name(cast, asep, session):
    make.user(cast.lebak, name="Sudah pindah", deactivated_at=now())
    make.user(name="Bukan anggota")
    assert followups.owners_of(cast.lebak.id) == [cast.aminah, asep, cast.lilis]


def test_whose_membership_was_taken_away_owns_nothing_new(cast, asep, session):
    left = make.user(name="Pernah anggota")
    make.membership(left, cast.lebak).archived_at = now()
    assert left not in followups.owners_of(cast.lebak.id)


def test_somebody_of_another_cluster_cannot_own_it(cast, lilis):
    with pytest.raises(Refused) as no:
        followups.make(wish(cast, cast.ujang), lilis)
    assert no.value.field == "owner_user_id"


def test_the_partner_must_be_or_have_been_in_the_cluster(cast, aminah, session):
    with pytest.raises(Refused) as no:
        followups.make(wish(cast, cast.lilis, partner_id=cast.badak.id), aminah)
    assert no.value.field == "partner_id"
    left = make.partner()
    make.involvement(cast.lebak, left, since=date(2025, 1, 1), ended_on=date(2026, 1, 1))
    assert followups.make(wish(cast, cast.lilis, partner_id=left.id), aminah).partner_id == left.id


def test_the_partner_can_be_taken_away(cast, lilis):
    label = make.follow_up(cast.lebak, cast.lilis, partner=cast.kemasindo)
    followups.edit(label, wish(cast, cast.lilis, due_on=label.due_on), None, lilis)
    assert label.partner_id is None


def test_nothing_new_is_made_in_an_archived_cluster(cast, aminah, session):
    cast.lebak.archived_at = now()
    with pytest.raises(WrongState):
        followups.make(wish(cast, cast.lilis), aminah)


def test_a_coordinator_makes_none_for_another_cluster(cast, acting_as, lilis):
    cluster_id, ujang_id = cast.pandeglang.id, cast.ujang.id
    foreign = FollowUpWish(cluster_id, "x", ujang_id, NEXT_WEEK)
    with acting_as(cast.lilis), pytest.raises(NoResultFound):
        followups.make(foreign, lilis)


# ── changing ────────────────────────────────────────────────────────────────────────────────────────────────


def test_another_due_date_needs_a_reason_which_stays_in_the_trail(cast, label, lilis, session):
    moved = wish(cast, cast.lilis, due_on=date(2026, 12, 15))
    with pytest.raises(Refused) as no:
        followups.edit(label, moved, None, lilis)
    assert no.value.field == "reason"
    session.rollback()

    row = make.follow_up(cast.lebak, cast.lilis)
    followups.edit(row, moved, "Menunggu surat balasan", lilis)
    assert (row.due_on, row.due_reason) == (date(2026, 12, 15), "Menunggu surat balasan")
    followups.edit(row, wish(cast, cast.lilis, due_on=date(2026, 12, 20)), "Libur", lilis)
    reasons = session.scalars(
        select(AuditValue.after)
        .join(AuditEntry, AuditEntry.id == AuditValue.entry_id)
        .where(
            AuditEntry.noun == "follow_up", AuditEntry.object_id == row.id, AuditValue.field == "due_reason"
        )
        .order_by(AuditValue.id)
    ).all()
    assert reasons == ["Menunggu surat balasan", "Libur"]


def test_whatever_else_changes_needs_no_reason(cast, label, lilis):
    followups.edit(
        label, wish(cast, cast.lilis, title="Kirim dua contoh", priority=Priority.HIGH), None, lilis
    )
    assert (label.title, label.priority, label.due_reason) == ("Kirim dua contoh", Priority.HIGH, None)


def test_editing_keeps_the_source(cast, lilis):
    row = make.follow_up(cast.lebak, cast.lilis, meeting=make.meeting(cast.lebak))
    followups.edit(row, wish(cast, cast.lilis), None, lilis)
    assert (row.source_kind, row.meeting_id is not None) == (FollowUpSource.MEETING, True)


@pytest.mark.parametrize("way", ["reassigning", "editing"])
def test_handing_it_over_begins_anew_and_names_who_did_it(cast, label, lilis, asep, way):
    followups.begin(label)
    followups.snooze(label, date(2026, 11, 30))
    if way == "reassigning":
        followups.reassign(label, asep.id, lilis)
    else:
        followups.edit(label, wish(cast, asep, due_on=label.due_on), None, lilis)
    assert (label.owner_user_id, label.assigned_by_user_id) == (asep.id, cast.lilis.id)
    assert (label.status, label.snoozed_until) == (FollowUpStatus.NOT_STARTED, None)


def test_taking_it_over_oneself_is_assigned_by_nobody(cast, lilis, asep):
    row = make.follow_up(cast.lebak, asep, assigned_by_user_id=cast.aminah.id)
    followups.reassign(row, cast.lilis.id, lilis)
    assert row.assigned_by_user_id is None


def test_it_is_not_handed_to_somebody_outside_the_cluster(cast, label, aminah):
    with pytest.raises(Refused) as no:
        followups.reassign(label, cast.ujang.id, aminah)
    assert no.value.field == "owner_user_id"
    followups.reassign(label, cast.aminah.id, aminah)
    assert label.owner_user_id == cast.aminah.id


# ── done and back ───────────────────────────────────────────────────────────────────────────────────────────


def test_done_keeps_the_day_of_the_cluster_and_the_result(cast, clock):
    clock.set("2026-11-24T22:30+07:00")
    cast.lebak.timezone = "Asia/Jayapura"
    row = make.follow_up(cast.lebak, cast.lilis)
    followups.done(row, "Dua contoh terkirim")
    assert (row.status, row.result) == (FollowUpStatus.DONE, "Dua contoh terkirim")
    assert row.completed_on == date(2026, 11, 25)


def test_done_needs_no_result(label):
    followups.done(label, None)
    assert (label.status, label.result) == (FollowUpStatus.DONE, None)


@pytest.mark.parametrize("before", [FollowUpStatus.NOT_STARTED, FollowUpStatus.IN_PROGRESS])
def test_undoing_leads_back_to_the_state_before(cast, before):
    row = make.follow_up(cast.lebak, cast.lilis, status=before)
    followups.done(row, "Terkirim")
    followups.reopen(row, before)
    assert (row.status, row.completed_on, row.result) == (before, None, "Terkirim")


def test_a_cancelled_one_keeps_why_and_can_be_opened_again(label):
    followups.cancel(label, "Mitra mundur")
    assert (label.status, label.result) == (FollowUpStatus.CANCELLED, "Mitra mundur")
    followups.reopen(label)
    assert label.status == FollowUpStatus.IN_PROGRESS


ACTS = {
    "done": lambda row, by: followups.done(row, None),
    "begin": lambda row, by: followups.begin(row),
    "cancel": lambda row, by: followups.cancel(row, "x"),
    "snooze": lambda row, by: followups.snooze(row, date(2026, 11, 25)),
    "reassign": lambda row, by: followups.reassign(row, by.user_id, by),
    "edit": lambda row, by: followups.edit(
        row, FollowUpWish(row.cluster_id, "x", row.owner_user_id, row.due_on), None, by
    ),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
@pytest.mark.parametrize("status", [FollowUpStatus.DONE, FollowUpStatus.CANCELLED])
def test_what_is_closed_is_opened_before_anything_else(cast, lilis, act, status):
    completed = NEXT_WEEK if status is FollowUpStatus.DONE else None
    row = make.follow_up(cast.lebak, cast.lilis, status=status, completed_on=completed)
    with pytest.raises(WrongState):
        act(row, lilis)


@pytest.mark.parametrize(
    "act", [*ACTS.values(), lambda row, by: followups.archive(row)], ids=[*ACTS, "archive"]
)
def test_what_is_archived_is_restored_before_anything_else(cast, lilis, act):
    row = make.follow_up(cast.lebak, cast.lilis, archived_at=now())
    with pytest.raises(WrongState):
        act(row, lilis)


def test_what_is_open_cannot_be_opened(label):
    with pytest.raises(WrongState):
        followups.reopen(label)


def test_archived_and_restored_it_is_as_before(label):
    followups.archive(label)
    assert label.is_archived
    followups.restore(label)
    assert (label.is_archived, label.status) == (False, FollowUpStatus.NOT_STARTED)


# ── snoozing ────────────────────────────────────────────────────────────────────────────────────────────────


def test_snoozing_moves_neither_the_due_date_nor_the_lateness(cast):
    row = make.follow_up(cast.lebak, cast.lilis, due_on=date(2026, 11, 20))
    followups.snooze(row, date(2026, 12, 8))
    assert (row.snoozed_until, row.due_on) == (date(2026, 12, 8), date(2026, 11, 20))
    followups.snooze(row, None)
    assert row.snoozed_until is None


@pytest.mark.parametrize("until", [date(2026, 11, 24), date(2026, 11, 1), date(2026, 12, 9)])
def test_snoozing_reaches_from_tomorrow_to_the_province_s_limit(label, until):
    with pytest.raises(Refused) as no:
        followups.snooze(label, until)
    assert no.value.field == "until"


def test_the_limit_of_snoozing_is_a_setting(label):
    make.setting("snooze_days", 3)
    followups.snooze(label, date(2026, 11, 27))
    with pytest.raises(Refused):
        followups.snooze(label, date(2026, 11, 28))


# ── the fence ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_coordinator_does_not_even_see_those_of_another_cluster(cast, acting_as):
    row_id = make.follow_up(cast.pandeglang, cast.ujang).id
    with acting_as(cast.lilis) as hers:
        assert hers.get(FollowUp, row_id) is None


def test_the_trail_names_who_did_it(cast, acting_as, session):
    row_id = make.follow_up(cast.lebak, cast.lilis).id
    with acting_as(cast.lilis) as hers:
        followups.done(hers.get(FollowUp, row_id), None)
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.noun == "follow_up").order_by(AuditEntry.id.desc())
    ).first()
    assert entry.actor_user_id == cast.lilis.id
