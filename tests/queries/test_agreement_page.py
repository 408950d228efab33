"""The page of an agreement: the tree, what stands under it; statements do not grow with rows."""

from datetime import date, timedelta

import pytest
from werkzeug.exceptions import NotFound

from pentahelix import clock
from pentahelix.models import Agreement, AgreementParty, AgreementScope
from pentahelix.queries import agreement_page as pages
from pentahelix.queries.agreement_under import Under
from pentahelix.vocabulary import (
    AgreementKind,
    AgreementStatus,
    ContributionKind,
    FollowUpSource,
    FollowUpStatus,
    ObligationStatus,
    PartySide,
)
from tests import factories as make

pytestmark = pytest.mark.both_engines


def days(number):
    return clock.today() + timedelta(days=number)


def test_the_tree_is_read_from_the_top_to_the_leaves(cast):
    mou = make.agreement(cast.lebak, kind=AgreementKind.MOU, title="MoU")
    pks = make.agreement(cast.lebak, parent_id=mou.id, title="PKS")
    ia = make.agreement(cast.lebak, kind=AgreementKind.IA, parent_id=pks.id, title="IA")
    make.agreement(cast.lebak, kind=AgreementKind.IA, parent_id=pks.id, archived_at=clock.now())
    make.agreement(cast.lebak, title="Lain")

    def tree(one):
        found = pages.one(one.id).tree
        below = [(depth, relative.agreement.title) for depth, relative in found.below]
        return [relative.agreement.title for relative in found.above], below

    assert tree(mou) == ([], [(1, "PKS"), (2, "IA")])
    assert tree(pks) == (["MoU"], [(1, "IA")])
    assert tree(ia) == (["MoU", "PKS"], [])


def test_before_and_after_are_the_ones_that_hold(cast):
    first = make.agreement(cast.lebak, ends_on=days(-10))
    make.agreement(cast.lebak, renews_id=first.id, status=AgreementStatus.ABANDONED)
    second = make.agreement(cast.lebak, renews_id=first.id, starts_on=days(-4))
    make.agreement(cast.lebak, renews_id=first.id, archived_at=clock.now())
    assert pages.one(first.id).tree.after.agreement == second
    assert pages.one(second.id).tree.before.agreement == first
    assert pages.one(second.id).tree.after is None


@pytest.mark.parametrize(
    ("ends", "starts", "gap"),
    [
        (date(2026, 12, 31), date(2027, 1, 1), 0),
        (date(2026, 12, 31), date(2027, 1, 31), 30),
        (date(2026, 12, 31), date(2026, 12, 1), -31),
        (None, date(2027, 1, 1), None),
        (date(2026, 12, 31), None, None),
    ],
)
def test_the_gap_is_the_days_on_which_neither_holds(ends, starts, gap):
    assert pages.gap_days(Agreement(ends_on=ends), Agreement(starts_on=starts)) == gap


@pytest.mark.parametrize(
    ("child_end", "parent_end", "outlives"), [(10, 5, True), (5, 5, False), (None, 5, True), (5, None, False)]
)
def test_a_child_that_ends_after_its_parent_is_told_on_both_pages(cast, child_end, parent_end, outlives):
    def ending(after):
        return {"ends_on": days(after)} if after else {"ends_on": None, "is_open_ended": True}

    parent = make.agreement(cast.lebak, kind=AgreementKind.MOU, **ending(parent_end))
    child = make.agreement(cast.lebak, parent_id=parent.id, **ending(child_end))
    assert pages.one(child.id).outlives == (parent if outlives else None)
    assert pages.one(parent.id).outlived_by == ([child] if outlives else [])


def test_parties_stand_by_side_and_name_and_a_foreign_one_has_none(session, cast, acting_as):
    agreement = make.agreement(cast.lebak, cast.pandeglang, partners=(cast.badak, cast.kemasindo))
    school = make.school(cast.lebak, name="SMKN 1 Kalanganyar")
    session.add(AgreementParty(agreement_id=agreement.id, side=PartySide.FIRST, school_id=school.id))
    number = agreement.id
    names = [party.name for party in pages.one(number).parties]
    assert names == ["Dinas Pendidikan", "SMKN 1 Kalanganyar", "CV Kemasindo Lebak", "Radio Badak Pandeglang"]
    with acting_as(cast.lilis):
        page = pages.one(number)
        assert [party.name for party in page.parties].count(None) == 1
        assert [cluster.short_name for cluster in page.clusters] == ["Kuliner Lebak"]


def test_obligations_are_counted_without_those_put_away(cast):
    agreement = make.agreement(cast.lebak)
    done = {"status": ObligationStatus.FULFILLED, "fulfilled_on": days(-1)}
    make.obligation(agreement, due_on=days(1), **done)
    late = make.obligation(agreement, due_on=days(-3), status=ObligationStatus.PARTIAL)
    make.obligation(agreement, due_on=days(9))
    make.obligation(agreement, archived_at=clock.now(), **done)
    page = pages.one(agreement.id)
    assert (page.fulfilled, len(page.owed), len(page.put_away)) == (1, 3, 1)
    assert page.next_owed == late


def test_what_names_it_stands_under_it(session, cast):
    agreement = make.agreement(cast.lebak)
    session.add(AgreementScope(agreement_id=agreement.id, kind=ContributionKind.PROMOTION))
    of_it = {"agreement_id": agreement.id}
    sourced = {"source_kind": FollowUpSource.AGREEMENT, **of_it}
    closed = make.follow_up(cast.lebak, cast.lilis, status=FollowUpStatus.DONE, due_on=days(-9),
                            completed_on=days(-9), **sourced)  # fmt: skip
    still = make.follow_up(cast.lebak, cast.lilis, due_on=days(3), **sourced)
    make.follow_up(cast.lebak, cast.lilis, archived_at=clock.now(), **sourced)
    make.follow_up(cast.lebak, cast.lilis)
    gift = make.contribution(cast.lebak, cast.kemasindo, **of_it)
    guidance = make.guidance(cast.lebak, **of_it)
    meeting = make.meeting(cast.lebak, **of_it)
    page = pages.one(agreement.id)
    assert list(page.scope) == [ContributionKind.PROMOTION]
    assert [line.id for line in page.under[Under.FOLLOW_UP]] == [still.id, closed.id]
    assert [line.is_open for line in page.under[Under.FOLLOW_UP]] == [True, False]
    assert [(line.id, line.who) for line in page.under[Under.CONTRIBUTION]] == [
        (gift.id, cast.kemasindo.name)
    ]
    (session_line,) = page.under[Under.GUIDANCE]
    assert (session_line.id, session_line.at, session_line.zone) == (
        guidance.id, guidance.starts_at, cast.lebak.timezone,
    )  # fmt: skip
    assert [line.id for line in page.under[Under.MEETING]] == [meeting.id]


def test_c65_what_hangs_on_a_foreign_cluster_is_not_told(cast, acting_as):
    agreement = make.agreement(cast.lebak, cast.pandeglang, partners=(cast.kemasindo,))
    make.follow_up(
        cast.pandeglang, cast.ujang, agreement_id=agreement.id, source_kind=FollowUpSource.AGREEMENT
    )
    foreign = make.agreement(cast.pandeglang, kind=AgreementKind.MOU)
    agreement.parent_id = foreign.id
    number, foreign_number = agreement.id, foreign.id
    with acting_as(cast.lilis):
        page = pages.one(number)
        assert page.under[Under.FOLLOW_UP] == []
        assert not page.tree
        with pytest.raises(NotFound):
            pages.one(foreign_number)


@pytest.mark.parametrize("number", [1, 60])
def test_a_record_takes_five_statements_whatever_stands_under_it(cast, statements, number):
    agreement = make.agreement(cast.lebak, kind=AgreementKind.MOU, partners=(cast.kemasindo,))
    for _ in range(number):
        make.obligation(agreement)
        make.follow_up(
            cast.lebak, cast.lilis, agreement_id=agreement.id, source_kind=FollowUpSource.AGREEMENT
        )
        make.contribution(cast.lebak, cast.kemasindo, agreement_id=agreement.id)
        child = make.agreement(cast.lebak, parent_id=agreement.id, partners=(cast.kemasindo,))
        make.agreement(cast.lebak, kind=AgreementKind.IA, parent_id=child.id)
    with statements() as ran:
        page = pages.one(agreement.id)
    assert (len(page.owed), len(page.tree.below)) == (number, 2 * number)
    assert len(ran) == 5
