"""The words and which may follow which."""

from itertools import product
from typing import Any

import pytest

from pentahelix import vocabulary
from pentahelix.services.contributions import STAGES
from pentahelix.transitions import (
    AGREEMENT,
    CONTRIBUTION,
    FOLLOW_UP,
    GUIDANCE,
    MEETING,
    IllegalStep,
    advance,
    possible,
)
from pentahelix.vocabulary import (
    GIVEN_CONTRIBUTIONS,
    AgreementStatus,
    Channel,
    ContributionStage,
    FollowUpStatus,
    GuidanceStatus,
    LastContactKind,
    MeetingStatus,
    Regency,
    Word,
)

TABLES: list[Any] = [AGREEMENT, CONTRIBUTION, FOLLOW_UP, MEETING, GUIDANCE]
WORDS = [kind for kind in vars(vocabulary).values() if isinstance(kind, type) and issubclass(kind, Word)]


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.__name__)
def test_a_word_is_stored_in_english_and_has_a_label_of_its_own(app, kind) -> None:
    with app.test_request_context():
        labels = [str(word.label) for word in kind]
    assert all(labels)
    assert len(set(labels)) == len(labels)
    assert [kind(word.value) for word in kind] == list(kind)


@pytest.mark.parametrize("table", TABLES)
def test_a_step_is_taken_if_and_only_if_the_table_has_it(table) -> None:
    states: Any = type(next(iter(table)))
    for state, wanted in product(states, states):
        if wanted in possible(table, state):
            assert advance(table, state, wanted) is wanted
        else:
            with pytest.raises(IllegalStep):
                advance(table, state, wanted)


@pytest.mark.parametrize("table", TABLES)
def test_no_step_leads_back_to_where_one_stands(table) -> None:
    assert not [state for state, next_ones in table.items() if state in next_ones]


@pytest.mark.parametrize(
    ("state", "following"),
    [
        ("draft", ("in_discussion", "abandoned")),
        ("in_discussion", ("legal_review", "abandoned")),
        ("legal_review", ("awaiting_signature", "in_discussion", "abandoned")),
        ("awaiting_signature", ("signed", "abandoned")),
        ("signed", ("completed", "terminated", "renewed")),
        ("completed", ()),
        ("renewed", ()),
        ("terminated", ()),
        ("abandoned", ()),
    ],
)
def test_an_agreement_goes_its_way_and_its_buttons_stand_in_that_order(state, following) -> None:
    assert possible(AGREEMENT, AgreementStatus(state)) == following


def test_a_contribution_goes_one_stage_on_or_back_and_is_dropped_only_before_it_is_given() -> None:
    for before, stage, after in zip((None, *STAGES), STAGES, (*STAGES[1:], None), strict=False):
        out = None if stage in GIVEN_CONTRIBUTIONS else ContributionStage.DROPPED
        assert possible(CONTRIBUTION, stage) == tuple(to for to in (after, before, out) if to), stage
    assert possible(CONTRIBUTION, ContributionStage.DROPPED) == ()


def test_a_follow_up_is_closed_from_either_open_state_and_opened_again_into_either() -> None:
    not_started, in_progress, done, cancelled = FollowUpStatus
    assert possible(FOLLOW_UP, not_started) == (done, in_progress, cancelled)
    assert possible(FOLLOW_UP, in_progress) == (done, not_started, cancelled)
    assert possible(FOLLOW_UP, done) == possible(FOLLOW_UP, cancelled) == (in_progress, not_started)


@pytest.mark.parametrize(("table", "status"), [(MEETING, MeetingStatus), (GUIDANCE, GuidanceStatus)])
def test_what_is_planned_is_held_or_cancelled_and_either_is_its_end(table, status) -> None:
    assert possible(table, status.PLANNED) == (status.HELD, status.CANCELLED)
    assert possible(table, status.HELD) == possible(table, status.CANCELLED) == ()


def test_every_channel_of_the_log_is_a_kind_of_last_contact() -> None:
    assert {str(channel) for channel in Channel} <= {str(kind) for kind in LastContactKind}


@pytest.mark.parametrize(
    ("area", "regency"),
    [("36.02.14", Regency.LEBAK), ("36.73", Regency.KOTA_SERANG), ("31.71", None), (None, None)],
)
def test_an_area_lies_in_a_regency_of_banten_or_in_none(area, regency) -> None:
    assert Regency.of(area) is regency
