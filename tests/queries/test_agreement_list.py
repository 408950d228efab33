"""The list of agreements: what it holds, in which order, what sleeps; statements do not grow with rows."""

from datetime import timedelta

import pytest

from pentahelix import clock
from pentahelix.models import AgreementScope, AgreementStep
from pentahelix.queries import agreement_list as lists
from pentahelix.queries.agreement_list import Filters, Sort, State
from pentahelix.queries.agreements import Standing
from pentahelix.vocabulary import (
    AgreementKind,
    AgreementStatus,
    ContributionKind,
    ContributionStage,
    GuidanceStatus,
    MeetingStatus,
    ObligationStatus,
)
from tests import factories as make

pytestmark = pytest.mark.both_engines


def days(number):
    return clock.today() + timedelta(days=number)


def titles(number=1, **filters):
    return [row.title for row in lists.index(Filters(**filters), number).page.items]


@pytest.fixture
def some(cast):
    """One of each standing in Lebak, and one in Pandeglang."""
    kept = {"partners": (cast.kemasindo,)}
    terminated = {"signed_on": days(-400), "starts_on": days(-400), "ends_on": days(400)}
    return {
        "berlaku": make.agreement(cast.lebak, title="Berlaku", **kept),
        "akan": make.agreement(cast.lebak, title="Akan berakhir", ends_on=days(25), **kept),
        "terbuka": make.agreement(
            cast.lebak, title="Terbuka", ends_on=None, is_open_ended=True, kind=AgreementKind.MOU, **kept
        ),
        "belum": make.agreement(cast.lebak, title="Belum mulai", starts_on=days(3), **kept),
        "lewat": make.agreement(cast.lebak, title="Lewat", ends_on=days(-1), **kept),
        "draf": make.agreement(cast.lebak, title="Draf", status=AgreementStatus.DRAFT, **kept),
        "telaah": make.agreement(cast.lebak, title="Telaah", status=AgreementStatus.LEGAL_REVIEW, **kept),
        "henti": make.agreement(
            cast.lebak, title="Henti", status=AgreementStatus.TERMINATED, terminated_on=days(-9),
            **terminated, **kept,
        ),
        "arsip": make.agreement(cast.lebak, title="Arsip", archived_at=clock.now(), **kept),
        "jauh": make.agreement(cast.pandeglang, title="Jauh", partners=(cast.badak,)),
    }  # fmt: skip


def test_in_force_by_their_end_come_first_then_in_process_then_what_is_over(some):
    assert titles() == [
        "Akan berakhir", "Berlaku", "Jauh", "Terbuka", "Draf", "Telaah", "Belum mulai", "Lewat", "Henti",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (State.IN_FORCE, {"Akan berakhir", "Berlaku", "Terbuka", "Jauh"}),
        (State.ENDING, {"Akan berakhir"}),
        (State.EXPIRED, {"Lewat"}),
        (State.NOT_BEGUN, {"Belum mulai"}),
        (State.IN_PROCESS, {"Draf", "Telaah"}),
        (State.DRAFT, {"Draf"}),
        (State.LEGAL_REVIEW, {"Telaah"}),
        (State.TERMINATED, {"Henti"}),
        (State.COMPLETED, set()),
        (State.ARCHIVED, {"Arsip"}),
    ],
)
def test_each_state_shows_its_own(some, state, found):
    assert set(titles(state=state)) == found


def test_what_the_list_calls_a_state_is_what_each_row_stands_at(some):
    for state in (State.IN_FORCE, State.ENDING, State.EXPIRED, State.NOT_BEGUN, State.IN_PROCESS):
        for row in lists.index(Filters(state=state), 1).page.items:
            assert row.standing.value == state or (state, row.standing) == (State.IN_FORCE, Standing.ENDING)


def test_the_chips_count_what_they_would_show(some):
    facets = lists.index(Filters(), 1).facets
    assert facets.everything == 9
    for state, number in facets.states.items():
        assert number == len(titles(state=state)), state
    of_mous = lists.index(Filters(kind=AgreementKind.MOU), 1).facets
    assert (of_mous.everything, of_mous.states[State.IN_FORCE]) == (1, 1)


def test_a_successor_that_awaits_its_signature_takes_the_worry_about_the_end_away(cast, some):
    make.agreement(cast.lebak, status=AgreementStatus.AWAITING_SIGNATURE, renews_id=some["akan"].id)
    assert titles(state=State.ENDING) == []
    assert "Akan berakhir" in titles(state=State.IN_FORCE)


def test_an_agreement_is_found_by_cluster_kind_partner_and_words_of_any_of_them(cast, some):
    assert titles(cluster_id=cast.pandeglang.id) == ["Jauh"]
    assert titles(kind=AgreementKind.MOU) == ["Terbuka"]
    assert titles(partner_id=cast.badak.id) == ["Jauh"]
    assert titles(typed="badak") == ["Jauh"]
    assert titles(typed="akan ber") == ["Akan berakhir"]
    assert titles(typed="tidak ada") == []
    assert lists.index(Filters(partner_id=cast.badak.id), 1).facets.partner == cast.badak.name


@pytest.mark.parametrize("sort", list(Sort))
def test_every_order_shows_everybody_once_over_all_pages(cast, sort):
    for _ in range(30):
        make.agreement(cast.lebak, partners=(cast.kemasindo, cast.badak), title="Sama")
    pages = [lists.index(Filters(sort=sort), number).page for number in (1, 2)]
    ids = [row.id for page in pages for row in page.items]
    assert (len(ids), len(set(ids))) == (30, 30)
    assert lists.index(Filters(sort=sort), 99).page.number == 2


def test_a_row_tells_its_partners_clusters_scope_and_what_was_owed(session, cast):
    agreement = make.agreement(cast.lebak, cast.pandeglang, partners=(cast.kemasindo, cast.badak))
    make.obligation(agreement, status=ObligationStatus.FULFILLED, fulfilled_on=days(-1))
    make.obligation(agreement)
    make.obligation(agreement, archived_at=clock.now())
    session.add(AgreementScope(agreement_id=agreement.id, kind=ContributionKind.PROMOTION))
    session.add(AgreementScope(agreement_id=agreement.id, kind=ContributionKind.GUEST_TEACHER))
    ((row, _signed_on, scope, _objective),) = lists.export(Filters())
    assert (row.fulfilled, row.owed) == (1, 2)
    assert [partner.name for partner in row.partners] == ["CV Kemasindo Lebak", "Radio Badak Pandeglang"]
    assert list(row.clusters) == ["Kuliner Lebak", "Olahan Laut Pandeglang"]
    assert scope == [ContributionKind.GUEST_TEACHER, ContributionKind.PROMOTION]


# ---------------------------------------------------------------------------- what sleeps


def sleeping(cast, **values):
    return make.agreement(cast.lebak, partners=(cast.kemasindo,), title="Tidur", **values)


def test_in_force_with_nothing_happening_sleeps(cast):
    sleeping(cast)
    assert titles(state=State.ASLEEP) == ["Tidur"]


def test_one_that_has_only_begun_or_is_not_in_force_does_not_sleep(cast):
    sleeping(cast, starts_on=days(-90))
    sleeping(cast, ends_on=days(-1))
    assert titles(state=State.ASLEEP) == []


@pytest.mark.parametrize("ago", [89, 91])
def test_a_meeting_a_session_or_a_contribution_within_ninety_days_wakes_it(session, cast, ago):
    for happen in (_meeting, _session, _contribution, _obligation):
        agreement = sleeping(cast)
        row = happen(cast, agreement, ago)
        assert titles(state=State.ASLEEP) == ([] if ago < 90 else ["Tidur"]), happen.__name__
        row.archived_at = clock.now()
        agreement.archived_at = clock.now()
        session.flush()


def test_what_is_only_planned_or_happens_elsewhere_wakes_nothing(cast):
    sleeping(cast)
    make.meeting(cast.lebak, present=(cast.hendrik,), status=MeetingStatus.PLANNED)
    guidance = make.guidance(cast.lebak, starts_at=clock.now() - timedelta(days=5))
    make.invitation(guidance, cast.hendrik)
    make.contribution(cast.lebak, cast.kemasindo, stage=ContributionStage.AGREED)
    make.meeting(cast.pandeglang, present=(cast.hendrik,))
    make.meeting(cast.lebak, present=(cast.siti,))
    assert titles(state=State.ASLEEP) == ["Tidur"]


def _meeting(cast, _agreement, ago):
    return make.meeting(
        cast.lebak, present=(cast.hendrik,), starts_at=clock.now() - timedelta(days=ago, hours=1)
    )


def _session(cast, _agreement, ago):
    starts_at = clock.now() - timedelta(days=ago)
    guidance = make.guidance(cast.lebak, starts_at=starts_at, status=GuidanceStatus.HELD)
    make.invitation(guidance, cast.hendrik, attended=True)
    return guidance


def _contribution(cast, _agreement, ago):
    return make.contribution(
        cast.lebak, cast.kemasindo, stage=ContributionStage.DELIVERED, delivered_on=days(-ago)
    )


def _obligation(_cast, agreement, ago):
    return make.obligation(agreement, status=ObligationStatus.FULFILLED, fulfilled_on=days(-ago))


# ---------------------------------------------------------------------------- what waits


def test_what_waits_for_a_decision_stands_by_its_wait_and_says_who_submitted_it(session, cast):
    review = {"status": AgreementStatus.LEGAL_REVIEW, "partners": (cast.kemasindo,)}
    for title, ago in (("Baru", 1), ("Lama", 9)):
        agreement = make.agreement(cast.lebak, title=title, **review)
        session.add(
            AgreementStep(
                agreement_id=agreement.id,
                user_id=cast.lilis.id,
                to_status=AgreementStatus.LEGAL_REVIEW,
                taken_at=clock.now() - timedelta(days=ago),
            )
        )
    make.agreement(cast.lebak, title="Arsip", archived_at=clock.now(), **review)
    make.agreement(cast.lebak, title="Draf", status=AgreementStatus.DRAFT)
    found = lists.awaited(cast.aminah.id)
    assert lists.awaited(cast.lilis.id) == []
    assert [(one.agreement.title, one.days) for one in found] == [("Lama", 9), ("Baru", 1)]
    assert found[0].submitted_by == cast.lilis
    assert [partner.name for partner in found[0].partners] == [cast.kemasindo.name]


# ---------------------------------------------------------------------------- limits


def test_a_coordinator_finds_her_own_only(cast, some, acting_as):
    with acting_as(cast.ujang):
        assert titles() == ["Jauh"]
        assert lists.index(Filters(), 1).facets.everything == 1
        assert titles(state=State.ASLEEP) == ["Jauh"]
        assert titles(typed="lebak") == []


@pytest.mark.parametrize("number", [1, 60])
def test_a_page_takes_three_statements_whatever_it_holds(cast, statements, number):
    for _ in range(number):
        agreement = make.agreement(cast.lebak, cast.pandeglang, partners=(cast.kemasindo, cast.badak))
        make.obligation(agreement)
    with statements() as ran:
        assert lists.index(Filters(typed="perjanjian"), 1).page.total == number
    assert len(ran) == 3
