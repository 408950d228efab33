"""The panel of one cell: facts, partners, what to do next, and whom it names outside one's clusters."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from pentahelix import clock as system
from pentahelix.models import ClusterPartner, Partner
from pentahelix.queries import coverage, coverage_cell
from pentahelix.queries.agreements import Standing
from pentahelix.queries.coverage_candidates import Candidate
from pentahelix.queries.coverage_next import NextStep, Step
from pentahelix.queries.coverage_parts import ActivityKind
from pentahelix.vocabulary import (
    AgreementStatus,
    CellState,
    ContributionStage,
    GuidanceStatus,
    Helix,
    InvolvementRole,
    LastContactKind,
)
from tests import factories as make

pytestmark = pytest.mark.both_engines


def day(number):
    return system.today() + timedelta(days=number)


def page_of(cluster, helix=Helix.INDUSTRY):
    return coverage_cell.cell(cluster.id, helix)


def bind(cast, *others, **values):
    return make.agreement(cast.lebak, partners=(cast.kemasindo, *others), **values)


def todo(cast, partner, due, **values):
    return make.follow_up(cast.lebak, cast.lilis, partner=partner, due_on=day(due), **values)


def met(session, cluster, partner, number):
    wanted = select(ClusterPartner).filter_by(cluster_id=cluster.id, partner_id=partner.id)
    involvement = session.scalars(wanted).one()
    involvement.last_contact_on, involvement.last_contact_kind = day(number), LastContactKind.VISIT
    session.flush()


def first_of(page):
    """The next step as a follow-up, or as a word with whom and what it is about."""
    step = page.next_step
    if step is None or step.follow_up:
        return step and step.follow_up.follow_up
    return step.step, step.partner and step.partner.id, step.agreement and step.agreement.id


# ── facts ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_shows_the_partners_with_their_agreements_contacts_and_steps_those_bound_first(cast, session):
    other = make.partner(cast.lebak, name="Aneka Boga")
    make.partner(cast.lebak, helix=Helix.MEDIA)
    agreement = bind(cast)
    bind(cast, status=AgreementStatus.DRAFT)
    met(session, cast.lebak, cast.kemasindo, -3)
    step, _later = todo(cast, cast.kemasindo, 2), todo(cast, cast.kemasindo, 9)
    page = page_of(cast.lebak)
    bound, unbound = page.partners
    assert (bound.partner.id, bound.agreement.agreement.id) == (cast.kemasindo.id, agreement.id)
    assert bound.is_bound
    assert bound.agreement.badge.standing is Standing.IN_FORCE
    assert bound.partner.last_contact_on == day(-3)
    assert bound.next_step.follow_up == step
    assert (unbound.partner.id, unbound.agreement, unbound.next_step) == (other.id, None, None)
    assert page.cell.state is CellState.BOUND
    assert page.day == system.today()


def test_the_panel_and_the_matrix_say_the_same_of_a_cell(cast):
    bind(cast, ends_on=day(12))
    row = next(row for row in coverage.matrix().rows if row.cluster.id == cast.lebak.id)
    assert tuple(page_of(cast.lebak, helix).cell for helix in Helix) == row.cells


def test_it_names_the_agreements_that_end_and_what_is_late(cast):
    later, first = bind(cast, ends_on=day(30)), bind(cast, ends_on=day(12))
    bind(cast, ends_on=day(31))
    late = todo(cast, cast.kemasindo, -8)
    todo(cast, cast.kemasindo, -7)
    todo(cast, cast.kemasindo, -40, archived_at=system.now())
    page = page_of(cast.lebak)
    assert [(each.agreement.id, each.days_left) for each in page.ending] == [(first.id, 12), (later.id, 30)]
    assert [row.follow_up for row in page.late] == [late]
    assert len(page.follow_ups) == 2


@pytest.mark.parametrize("kind", list(ActivityKind))
def test_the_last_activity_is_the_latest_of_meetings_sessions_and_contributions(cast, kind):
    bind(cast)
    days = dict.fromkeys(ActivityKind, -200) | {kind: -120}

    def noon(number):
        return datetime.fromisoformat(f"{day(number)}T12:00+07:00")

    meeting = noon(days[ActivityKind.MEETING])
    make.meeting(cast.lebak, present=(cast.hendrik,), starts_at=meeting, title="Rapat kemasan")
    session_at = noon(days[ActivityKind.GUIDANCE])
    held = make.guidance(cast.lebak, status=GuidanceStatus.HELD, starts_at=session_at, topic="Bimtek kemasan")
    make.invitation(held, cast.hendrik, attended=True)
    make.contribution(
        cast.lebak,
        cast.kemasindo,
        stage=ContributionStage.DELIVERED,
        delivered_on=day(days[ActivityKind.CONTRIBUTION]),
        title="Kemasan",
    )
    activity = page_of(cast.lebak).activity
    assert (activity.kind, activity.day, activity.partner.id) == (kind, day(-120), cast.kemasindo.id)


def test_in_a_bound_cell_the_activity_is_that_of_a_bound_partner(cast):
    other = make.partner(cast.lebak)
    make.contribution(cast.lebak, other, stage=ContributionStage.DELIVERED)
    assert page_of(cast.lebak).activity.partner.id == other.id
    bind(cast)
    assert page_of(cast.lebak).activity is None


# ── what to do next ─────────────────────────────────────────────────────────────────────────────────────────


def test_an_empty_cell_wants_a_partner(cast):
    assert first_of(page_of(cast.lebak, Helix.MEDIA)) == (Step.FIND_PARTNER, None, None)


def test_partners_without_an_agreement_want_one_with_whom_one_spoke_last(cast, session):
    assert first_of(page_of(cast.lebak)) == (Step.PROPOSE, cast.kemasindo.id, None)
    other = make.partner(cast.lebak)
    met(session, cast.lebak, other, -3)
    assert first_of(page_of(cast.lebak)) == (Step.PROPOSE, other.id, None)
    met(session, cast.lebak, cast.kemasindo, -2)
    assert first_of(page_of(cast.lebak)) == (Step.PROPOSE, cast.kemasindo.id, None)


def test_an_agreement_in_process_wants_to_be_pushed_the_furthest_first(cast):
    bind(cast, status=AgreementStatus.DRAFT)
    furthest = bind(cast, status=AgreementStatus.LEGAL_REVIEW)
    bind(cast, status=AgreementStatus.IN_DISCUSSION)
    page = page_of(cast.lebak)
    assert first_of(page) == (Step.PUSH, cast.kemasindo.id, furthest.id)
    assert page.in_process[0].agreement.id == furthest.id


def test_a_bound_cell_wants_something_done_together(cast, session):
    met(session, cast.lebak, make.partner(cast.lebak), -1)
    bind(cast)
    assert first_of(page_of(cast.lebak)) == (Step.PLAN, cast.kemasindo.id, None)


def test_what_ends_wants_to_be_renewed_and_a_renewal_begun_to_be_pushed(cast):
    ending = bind(cast, ends_on=day(12))
    assert first_of(page_of(cast.lebak)) == (Step.RENEW, cast.kemasindo.id, ending.id)
    successor = bind(cast, status=AgreementStatus.DRAFT, renews_id=ending.id)
    assert first_of(page_of(cast.lebak)) == (Step.PUSH, cast.kemasindo.id, successor.id)


def test_a_cell_that_is_alive_wants_nothing(cast):
    bind(cast)
    make.meeting(cast.lebak, present=(cast.hendrik,))
    assert page_of(cast.lebak).next_step is None


def test_an_open_follow_up_comes_before_the_step_of_the_state_and_both_are_told(cast):
    todo(cast, cast.kemasindo, -400, status="cancelled")
    earliest = todo(cast, cast.kemasindo, 3)
    todo(cast, cast.kemasindo, 9)
    page = page_of(cast.lebak)
    assert first_of(page) == earliest
    assert page.state_step == NextStep(step=Step.PROPOSE, partner=page.partners[0].partner)


def test_the_partner_whose_agreement_ends_comes_first(cast):
    other = make.partner(cast.lebak)
    on_other = todo(cast, other, 1)
    bind(cast, ends_on=day(12))
    assert first_of(page_of(cast.lebak)) == on_other
    on_reason = todo(cast, cast.kemasindo, 5)
    assert first_of(page_of(cast.lebak)) == on_reason


def test_what_is_late_is_itself_the_next_step(cast):
    bind(cast)
    todo(cast, cast.kemasindo, 1)
    late = todo(cast, make.partner(cast.lebak), -8)
    page = page_of(cast.lebak)
    assert first_of(page) == late
    assert page.state_step is None


# ── whom it names and to whom ───────────────────────────────────────────────────────────────────────────────


def test_a_cell_of_others_is_not_there_and_one_of_the_archive_neither(cast, session, acting_as):
    archived = make.cluster(archived_at=system.now())
    with acting_as(cast.lilis):
        assert page_of(cast.lebak).cluster.id == cast.lebak.id
        for cluster_id in (cast.pandeglang.id, 4711):
            with pytest.raises(NotFound):
                coverage_cell.cell(cluster_id, Helix.MEDIA)
    with pytest.raises(NotFound):
        page_of(archived)


def test_an_empty_cell_names_three_of_that_side_in_the_same_regency(cast):
    names = ["Radio D", "Radio A", "Radio C", "Radio B"]
    for name in names:
        make.partner(cast.pandeglang, name=name, helix=Helix.MEDIA, area_code="36.02.14")
    make.partner(cast.pandeglang, name="Aaa", helix=Helix.MEDIA, area_code="36.01.02")
    make.partner(cast.pandeglang, name="Aaa", helix=Helix.MEDIA)
    make.partner(cast.pandeglang, name="Aaa", helix=Helix.INDUSTRY, area_code="36.02.14")
    make.partner(name="Aaa", helix=Helix.MEDIA, area_code="36.02", archived_at=system.now())
    found = page_of(cast.lebak, Helix.MEDIA).candidates
    assert [candidate.name for candidate in found] == ["Radio A", "Radio B", "Radio C"]
    assert page_of(cast.lebak).candidates == []


def test_who_has_left_the_cluster_or_is_about_to_come_is_not_named(cast):
    for since, ended in ((-9, -1), (1, None)):
        partner = make.partner(helix=Helix.MEDIA, area_code="36.02.14")
        ended_on = None if ended is None else day(ended)
        make.involvement(cast.lebak, partner, since=day(since), ended_on=ended_on)
    page = page_of(cast.lebak, Helix.MEDIA)
    assert (page.cell.state, page.candidates) == (CellState.EMPTY, [])


def test_of_a_partner_elsewhere_a_coordinator_is_told_the_name_and_may_not_open_it(cast, acting_as):
    her_second = make.cluster()
    make.membership(cast.lilis, her_second)
    own = make.partner(her_second, name="Radio Lebak", helix=Helix.MEDIA, area_code="36.02.01")
    foreign = make.partner(
        cast.pandeglang,
        name="Radio Rangkas",
        helix=Helix.MEDIA,
        area_code="36.02.14",
        phone="+622522000001",
        address="Jalan Multatuli 1",
    )
    expected = [
        Candidate(own.id, "Radio Lebak", is_own=True),
        Candidate(foreign.id, "Radio Rangkas", is_own=False),
    ]
    with acting_as(cast.lilis) as hers:
        assert page_of(cast.lebak, Helix.MEDIA).candidates == expected
        assert hers.get(Partner, expected[1].id) is None
    everywhere = page_of(cast.lebak, Helix.MEDIA).candidates
    assert all(candidate.is_own for candidate in everywhere)


def test_it_asks_as_many_statements_for_many_partners_as_for_few(cast, session, statements):
    bind(cast)

    cluster_id = cast.lebak.id

    def asked(helix=Helix.INDUSTRY):
        session.commit()
        with statements() as ran:
            coverage_cell.cell(cluster_id, helix)
        return len(ran)

    few = asked()
    for _ in range(5):
        partner = make.partner(cast.lebak)
        bind(cast, partner)
        todo(cast, partner, 3)
        make.meeting(cast.lebak, present=(make.affiliation(partner),))
    assert asked() == few == 7
    assert asked(Helix.MEDIA) == 8


def test_prospects_are_told_by_their_role(cast):
    make.involvement(cast.lebak, make.partner(), role=InvolvementRole.PROSPECT, since=date(2026, 1, 1))
    page = page_of(cast.lebak)
    assert (page.cell.partners, page.cell.prospects) == (2, 1)
    assert {each.partner.role for each in page.partners} == set(InvolvementRole)
