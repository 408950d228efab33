"""The coverage matrix: the state of a cell on the days at the edge of the rule, sums, gaps."""

from datetime import datetime, timedelta

import pytest

from pentahelix import clock as system
from pentahelix.queries import coverage
from pentahelix.queries.coverage_rule import Cell, Reason
from pentahelix.vocabulary import (
    AgreementStatus,
    Answer,
    CellState,
    ContributionStage,
    FollowUpStatus,
    GuidanceStatus,
    Helix,
    InvitationRole,
    InvolvementRole,
    MeetingStatus,
    Regency,
)
from tests import factories as make

pytestmark = pytest.mark.both_engines

LONG_AGO = datetime.fromisoformat("2026-11-01T00:00+07:00")

EMPTY, PROSPECT, BOUND, ALIVE, AT_RISK = (
    CellState.EMPTY,
    CellState.PROSPECT,
    CellState.BOUND,
    CellState.ALIVE,
    CellState.AT_RISK,
)


def day(number):
    return system.today() + timedelta(days=number)


def cell_of(cluster, helix=Helix.INDUSTRY):
    return next(
        cell
        for row in coverage.matrix().rows
        if row.cluster.id == cluster.id
        for cell in row.cells
        if cell.helix == helix
    )


def bind(cast, **values):
    """Kemasindo, for another year."""
    return make.agreement(cast.lebak, partners=(cast.kemasindo,), **values)


def test_a_side_without_a_partner_is_empty(cast):
    assert cell_of(cast.lebak, Helix.MEDIA) == Cell(cast.lebak.id, Helix.MEDIA)


@pytest.mark.parametrize(
    ("since", "ended", "state"),
    [(0, None, PROSPECT), (1, None, EMPTY), (-9, 0, PROSPECT), (-9, -1, EMPTY), (-9, 1, PROSPECT)],
)
def test_a_partner_counts_from_the_first_to_the_last_day_of_its_involvement(cast, since, ended, state):
    ended_on = None if ended is None else day(ended)
    make.involvement(cast.lebak, make.partner(helix=Helix.MEDIA), since=day(since), ended_on=ended_on)
    assert cell_of(cast.lebak, Helix.MEDIA).state is state


def test_an_archived_partner_does_not_count(cast, session):
    cast.kemasindo.archived_at = system.now()
    session.flush()
    assert cell_of(cast.lebak).state is EMPTY


def test_partners_without_an_agreement_are_explored_and_counted(cast):
    make.involvement(cast.lebak, make.partner(), role=InvolvementRole.PROSPECT)
    expected = Cell(cast.lebak.id, Helix.INDUSTRY, PROSPECT, partners=2, prospects=1, number=2)
    assert cell_of(cast.lebak) == expected


def test_the_furthest_agreement_in_process_is_named_where_nobody_is_bound(cast):
    bind(cast, status=AgreementStatus.LEGAL_REVIEW)
    bind(cast, status=AgreementStatus.DRAFT)
    assert cell_of(cast.lebak).in_process is AgreementStatus.LEGAL_REVIEW
    bind(cast)
    assert cell_of(cast.lebak).in_process is None


@pytest.mark.parametrize(
    ("status", "starts", "ends", "state", "number"),
    [
        (AgreementStatus.SIGNED, -9, 31, BOUND, None),
        (AgreementStatus.SIGNED, -9, 30, AT_RISK, 30),
        (AgreementStatus.SIGNED, -9, 0, AT_RISK, 0),
        (AgreementStatus.SIGNED, -9, -1, PROSPECT, 1),
        (AgreementStatus.SIGNED, -9, None, BOUND, None),
        (AgreementStatus.SIGNED, 0, 31, BOUND, None),
        (AgreementStatus.SIGNED, 1, 31, PROSPECT, 1),
        (AgreementStatus.RENEWED, -9, 31, BOUND, None),
        (AgreementStatus.RENEWED, -9, -1, PROSPECT, 1),
        (AgreementStatus.COMPLETED, -9, 31, PROSPECT, 1),
        (AgreementStatus.TERMINATED, -9, 31, PROSPECT, 1),
        (AgreementStatus.AWAITING_SIGNATURE, -9, 31, PROSPECT, 1),
    ],
)
def test_it_binds_from_its_first_to_its_last_day_and_is_a_risk_when_30_are_left(
    cast, status, starts, ends, state, number
):
    signed = {
        "signed_on": day(-9),
        "starts_on": day(starts),
        "ends_on": None if ends is None else day(ends),
        "is_open_ended": ends is None,
    }
    ended = {"terminated_on": day(0)} if status is AgreementStatus.TERMINATED else {}
    bind(cast, status=status, **signed, **ended)
    cell = cell_of(cast.lebak)
    assert (cell.state, cell.number) == (state, number)
    assert cell.reason is (Reason.ENDING if state is AT_RISK else None)


def test_c23_an_agreement_ends_with_its_last_day_in_banten(cast, clock):
    bind(cast, ends_on=system.today().replace(year=2027, day=25))
    told = []
    for instant in ("2027-11-25T23:59+07:00", "2027-11-26T00:01+07:00", "2027-11-26T06:00+07:00"):
        clock.set(instant)
        told.append(cell_of(cast.lebak).state)
    assert told == [AT_RISK, PROSPECT, PROSPECT]


@pytest.mark.parametrize(
    ("status", "archived", "state"),
    [
        (AgreementStatus.SIGNED, False, BOUND),
        (AgreementStatus.AWAITING_SIGNATURE, False, BOUND),
        (AgreementStatus.LEGAL_REVIEW, False, AT_RISK),
        (AgreementStatus.ABANDONED, False, AT_RISK),
        (AgreementStatus.SIGNED, True, AT_RISK),
    ],
)
def test_a_successor_that_is_signed_or_awaits_it_takes_the_risk_away(cast, status, archived, state):
    ending = bind(cast, ends_on=day(12))
    later = {"starts_on": day(13)} if status is AgreementStatus.SIGNED else {}
    bind(cast, status=status, renews_id=ending.id, archived_at=system.now() if archived else None, **later)
    assert cell_of(cast.lebak).state is state


def test_a_successor_for_other_clusters_is_known_to_the_coordinator_of_this_one(cast, acting_as):
    ending = bind(cast, ends_on=day(12))
    make.agreement(cast.pandeglang, renews_id=ending.id)
    with acting_as(cast.lilis):
        assert cell_of(cast.lebak).state is BOUND


def test_the_agreement_that_ends_first_is_named(cast):
    bind(cast, ends_on=day(20))
    bind(cast, ends_on=day(12))
    bind(cast)
    assert cell_of(cast.lebak).number == 12


def test_it_counts_in_every_cluster_that_it_covers_for_each_party_that_is_a_partner_there(cast):
    make.involvement(cast.pandeglang, cast.kemasindo)
    third = make.cluster()
    make.involvement(third, cast.kemasindo)
    media = make.partner(cast.lebak, helix=Helix.MEDIA)
    make.agreement(cast.lebak, cast.pandeglang, partners=(cast.kemasindo, media))
    assert cell_of(cast.lebak).state is BOUND
    assert cell_of(cast.lebak, Helix.MEDIA).state is BOUND
    assert cell_of(cast.pandeglang).state is BOUND
    # The one is no partner in Pandeglang, the other in no agreement there; the third cluster is not covered.
    assert cell_of(cast.pandeglang, Helix.MEDIA).state is PROSPECT
    assert cell_of(third).state is PROSPECT


@pytest.mark.parametrize(
    ("due", "status", "state"),
    [
        (-8, FollowUpStatus.NOT_STARTED, AT_RISK),
        (-8, FollowUpStatus.IN_PROGRESS, AT_RISK),
        (-7, FollowUpStatus.NOT_STARTED, BOUND),
        (-30, FollowUpStatus.DONE, BOUND),
        (-30, FollowUpStatus.CANCELLED, BOUND),
    ],
)
def test_an_open_follow_up_is_a_risk_when_it_is_more_than_7_days_late(cast, due, status, state):
    bind(cast)
    completed = day(0) if status is FollowUpStatus.DONE else None
    make.follow_up(
        cast.lebak,
        cast.lilis,
        partner=cast.kemasindo,
        due_on=day(due),
        status=status,
        completed_on=completed,
    )
    assert cell_of(cast.lebak).state is state


def test_the_late_ones_are_counted_on_any_partner_of_the_cell_and_on_nobody_else(cast):
    bind(cast)
    late = {"due_on": day(-8)}
    prospect = make.partner(cast.lebak)
    make.follow_up(cast.lebak, cast.lilis, partner=prospect, **late)
    make.follow_up(cast.lebak, cast.lilis, partner=cast.kemasindo, **late)
    make.follow_up(cast.lebak, cast.lilis, partner=cast.kemasindo, archived_at=system.now(), **late)
    make.follow_up(cast.lebak, cast.lilis, **late)
    make.follow_up(cast.pandeglang, cast.ujang, partner=cast.kemasindo, **late)
    cell = cell_of(cast.lebak)
    assert (cell.reason, cell.number) == (Reason.LATE, 2)


def test_the_end_of_an_agreement_is_named_before_what_is_late(cast):
    bind(cast, ends_on=day(30))
    make.follow_up(cast.lebak, cast.lilis, partner=cast.kemasindo, due_on=day(-40))
    cell = cell_of(cast.lebak)
    assert (cell.reason, cell.number) == (Reason.ENDING, 30)


# ── activity ────────────────────────────────────────────────────────────────────────────────────────────────


def at(number, wall="12:00", offset="+07:00"):
    return datetime.fromisoformat(f"{day(number)}T{wall}{offset}")


@pytest.mark.parametrize(
    ("starts_at", "state"),
    [
        ((-91, "23:59"), BOUND),
        ((-90, "00:00"), ALIVE),
        ((0, "23:59"), ALIVE),
        ((1, "00:00"), BOUND),
    ],
)
def test_a_cell_is_alive_by_what_was_done_from_90_days_ago_until_today(cast, starts_at, state):
    bind(cast)
    make.meeting(cast.lebak, present=(cast.hendrik,), starts_at=at(*starts_at))
    assert cell_of(cast.lebak).state is state


def test_the_day_of_a_meeting_is_that_of_its_cluster(cast):
    """Half past midnight in Jayapura is still the day before in Banten."""
    bind(cast)
    cast.lebak.timezone = "Asia/Jayapura"
    make.meeting(cast.lebak, present=(cast.hendrik,), starts_at=at(-90, "00:30", "+09:00"))
    assert cell_of(cast.lebak).state is ALIVE


@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize(
    ("status", "state"),
    [(MeetingStatus.HELD, ALIVE), (MeetingStatus.PLANNED, BOUND), (MeetingStatus.CANCELLED, BOUND)],
)
def test_only_a_recorded_meeting_counts(cast, status, state, archived):
    bind(cast)
    gone = system.now() if archived else None
    make.meeting(cast.lebak, present=(cast.hendrik,), status=status, archived_at=gone)
    assert cell_of(cast.lebak).state is (BOUND if archived else state)


def test_a_meeting_counts_where_somebody_was_present_in_that_cluster(cast):
    bind(cast)
    make.meeting(cast.lebak, cast.kemasindo)
    make.meeting(cast.pandeglang, present=(cast.hendrik,))
    assert cell_of(cast.lebak).state is BOUND


def test_what_is_done_with_an_unbound_partner_does_not_make_the_cell_alive(cast):
    bind(cast)
    other = make.partner(cast.lebak)
    make.meeting(cast.lebak, present=(make.affiliation(other),))
    make.contribution(cast.lebak, other, stage=ContributionStage.DELIVERED)
    assert cell_of(cast.lebak).state is BOUND


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"attended": True}, ALIVE),
        ({"attended": False, "role": InvitationRole.SPEAKER}, BOUND),
        ({"attended": None}, BOUND),
        ({"attended": None, "answer": Answer.ATTENDING}, BOUND),
        # Nobody kept the list: who was to speak has spoken.
        ({"attended": None, "role": InvitationRole.SPEAKER}, ALIVE),
        ({"attended": None, "role": InvitationRole.SPEAKER, "answer": Answer.DECLINED}, BOUND),
        ({"attended": None, "role": InvitationRole.SPEAKER, "uninvited_at": LONG_AGO}, BOUND),
    ],
)
def test_a_held_session_counts_for_who_was_there_or_spoke(cast, values, state):
    bind(cast)
    held = make.guidance(cast.lebak, status=GuidanceStatus.HELD, starts_at=at(-3))
    make.invitation(held, cast.hendrik, **values)
    assert cell_of(cast.lebak).state is state


@pytest.mark.parametrize("status", [GuidanceStatus.PLANNED, GuidanceStatus.CANCELLED])
def test_a_session_that_was_not_held_does_not_count(cast, status):
    bind(cast)
    make.invitation(make.guidance(cast.lebak, status=status, starts_at=at(-3)), cast.hendrik, attended=True)
    assert cell_of(cast.lebak).state is BOUND


@pytest.mark.parametrize(
    ("stage", "delivered", "state"),
    [
        (ContributionStage.DELIVERED, -90, ALIVE),
        (ContributionStage.DELIVERED, -91, BOUND),
        (ContributionStage.ADOPTED, 0, ALIVE),
        (ContributionStage.DELIVERED, 1, BOUND),
        (ContributionStage.IN_PROGRESS, 0, BOUND),
    ],
)
def test_a_contribution_counts_on_the_day_of_its_delivery(cast, stage, delivered, state):
    bind(cast)
    make.contribution(cast.lebak, cast.kemasindo, stage=stage, delivered_on=day(delivered))
    assert cell_of(cast.lebak).state is state


def test_invitations_calls_plans_and_what_is_archived_are_no_activity(cast):
    bind(cast)
    archived = {"archived_at": system.now()}
    make.contribution(cast.lebak, cast.kemasindo, stage=ContributionStage.DELIVERED, **archived)
    held = make.guidance(cast.lebak, status=GuidanceStatus.HELD, starts_at=at(-3), **archived)
    make.invitation(held, cast.hendrik, attended=True)
    make.invitation(make.guidance(cast.lebak), cast.hendrik, answer=Answer.ATTENDING)
    make.contact_log(cast.lebak, cast.kemasindo, cast.lilis)
    make.follow_up(cast.lebak, cast.lilis, partner=cast.kemasindo)
    assert cell_of(cast.lebak).state is BOUND


def test_risk_is_said_before_life(cast):
    bind(cast, ends_on=day(5))
    make.meeting(cast.lebak, present=(cast.hendrik,))
    assert cell_of(cast.lebak).state is AT_RISK


def test_the_province_chooses_the_days(cast, session):
    for key, value in (("at_risk_days", 5), ("late_days", 1), ("alive_days", 2)):
        make.setting(key, value)
    bind(cast, ends_on=day(6))
    make.meeting(cast.lebak, present=(cast.hendrik,), starts_at=at(-3))
    late = make.follow_up(cast.lebak, cast.lilis, partner=cast.kemasindo, due_on=day(-1))
    assert cell_of(cast.lebak).state is BOUND
    late.due_on = day(-2)
    session.flush()
    assert cell_of(cast.lebak).reason is Reason.LATE


# ── the whole ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_title_counts_what_is_bound_and_each_partner_once(cast):
    make.involvement(cast.pandeglang, cast.kemasindo)
    make.school(cast.lebak)
    make.school(cast.lebak, archived_at=system.now())
    bind(cast)
    make.agreement(cast.pandeglang, partners=(cast.badak,), ends_on=day(3))
    matrix = coverage.matrix()
    assert (matrix.bound, matrix.total, matrix.schools, matrix.partners) == (2, 10, 1, 2)
    assert matrix.bound_by_helix == dict.fromkeys(Helix, 0) | {Helix.INDUSTRY: 1, Helix.MEDIA: 1}
    assert matrix.states == {EMPTY: 7, PROSPECT: 1, BOUND: 1, ALIVE: 0, AT_RISK: 1}
    assert matrix.by_regency == {Regency.PANDEGLANG: (1, 5), Regency.LEBAK: (1, 5)}
    assert [row.bound for row in matrix.rows] == [1, 1]


def test_older_clusters_come_first_and_archived_ones_not_at_all(cast, session):
    older = make.cluster(begins=day(-900))
    make.partner(make.cluster(archived_at=system.now()))
    matrix = coverage.matrix()
    assert [row.cluster.id for row in matrix.rows] == [older.id, cast.lebak.id, cast.pandeglang.id]
    assert matrix.partners == 2


def test_gaps_begin_with_the_cluster_that_has_least_and_with_what_is_empty(cast):
    bind(cast)
    older = make.cluster(begins=day(-900))
    gaps = coverage.matrix().gaps
    assert [(gap.cluster.id, gap.cell.helix) for gap in gaps[:5]] == [(older.id, helix) for helix in Helix]
    # Pandeglang explores with media, and that comes after all that is empty there.
    assert [gap.cell.helix for gap in gaps[5:10]] == [
        Helix.INDUSTRY,
        Helix.UNIVERSITY,
        Helix.COMMUNITY,
        Helix.GOVERNMENT,
        Helix.MEDIA,
    ]
    assert {gap.cluster.id for gap in gaps[10:]} == {cast.lebak.id}
    assert [(gap.cluster.id, gap.cell.helix) for gap in coverage.matrix().gap_per_cluster] == [
        (older.id, Helix.INDUSTRY),
        (cast.pandeglang.id, Helix.INDUSTRY),
        (cast.lebak.id, Helix.UNIVERSITY),
    ]


def test_a_coordinator_sees_the_own_rows(cast, acting_as):
    make.school(cast.pandeglang)
    bind(cast)
    with acting_as(cast.lilis):
        matrix = coverage.matrix()
        assert [row.cluster.id for row in matrix.rows] == [cast.lebak.id]
        assert (matrix.bound, matrix.total, matrix.schools, matrix.partners) == (1, 5, 0, 1)


def test_it_asks_two_statements_however_much_there_is(cast, session, statements):
    def asked():
        session.expire_all()
        with statements() as ran:
            coverage.matrix()
        return len(ran)

    few = asked()
    for _ in range(4):
        cluster = make.cluster()
        make.agreement(cluster, partners=(make.partner(cluster), make.partner(cluster)))
    assert few == asked() == 2


def test_an_empty_province_is_no_error(session):
    matrix = coverage.matrix()
    assert (matrix.total, matrix.bound, matrix.gaps, matrix.by_regency) == (0, 0, [], {})


def test_cells_newly_at_risk_are_those_that_a_day_made_so(cast, session):
    bind(cast, ends_on=day(30))
    make.agreement(cast.pandeglang, partners=(cast.badak,), ends_on=day(29))
    [(cluster, cell)] = coverage.newly_at_risk(day(-1))
    assert (cluster, cell.helix, cell.number) == (cast.lebak, Helix.INDUSTRY, 30)
    assert [cluster for cluster, _cell in coverage.newly_at_risk(day(-2))] == [cast.lebak, cast.pandeglang]
    assert coverage.newly_at_risk(day(0)) == []
