"""Agreements: who stands in them, what may still be changed, what follows and what is put away."""

from dataclasses import fields, replace
from datetime import date

import pytest
from sqlalchemy import select

from pentahelix import clock as system
from pentahelix.editing import Conflict, expect_version
from pentahelix.extensions import Entity
from pentahelix.models import (
    Agreement,
    AgreementCluster,
    AgreementParty,
    AgreementScope,
    AgreementStep,
    AuditEntry,
    AuditValue,
)
from pentahelix.refusals import Refused, WrongState
from pentahelix.services import agreements
from pentahelix.services.agreement_states import changeable
from pentahelix.services.agreement_terms import OF_AGREEMENTS
from pentahelix.services.agreements import AgreementWish, PartyWish
from pentahelix.vocabulary import (
    AgreementKind,
    AgreementStatus,
    ContributionKind,
    FollowUpSource,
    ObligationStatus,
    PartySide,
)
from tests import factories as make
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines

TODAY = date(2026, 11, 24)
FIRST, SECOND = PartySide.FIRST, PartySide.SECOND
DINAS = PartyWish(FIRST, office="Dinas Pendidikan Provinsi Banten")


@pytest.fixture
def lilis(cast):
    return principal_of(cast.lilis)


@pytest.fixture
def aminah(cast):
    return principal_of(cast.aminah)


@pytest.fixture
def both(cast):
    """An agreement in force that covers Lebak and Pandeglang, with a partner of each."""
    return make.agreement(cast.lebak, cast.pandeglang, partners=(cast.kemasindo, cast.badak))


def wish(cast, **values):
    given = {
        "kind": AgreementKind.PKS,
        "title": "Perjanjian Kerja Sama Desain Kemasan",
        "cluster_ids": (cast.lebak.id,),
        "parties": (DINAS, PartyWish(SECOND, partner_id=cast.kemasindo.id)),
    }
    return AgreementWish(**given | values)


def covered(session, agreement):
    rows = select(AgreementCluster.cluster_id).where(AgreementCluster.agreement_id == agreement.id)
    return set(session.scalars(rows))


def parties(session, agreement):
    rows = select(AgreementParty).where(AgreementParty.agreement_id == agreement.id)
    return list(session.scalars(rows.order_by(AgreementParty.id)))


def refusal(act, *args, **more):
    with pytest.raises(Refused) as no:
        act(*args, **more)
    return no.value.field


def steps(session, agreement):
    rows = select(AgreementStep).where(AgreementStep.agreement_id == agreement.id)
    return list(session.scalars(rows.order_by(AgreementStep.id)))


# ── making ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_one_is_a_draft_whose_first_step_names_its_maker(cast, session, lilis):
    made = agreements.make(wish(cast, scope=(ContributionKind.PRODUCT_DESIGN,)), lilis)
    (first,) = steps(session, made)
    assert (made.status, made.signed_on) == (AgreementStatus.DRAFT, None)
    assert (first.from_status, first.to_status) == (None, AgreementStatus.DRAFT)
    assert (first.user_id, first.taken_at) == (cast.lilis.id, system.now())
    assert [party.side for party in parties(session, made)] == [FIRST, SECOND]
    kinds = select(AgreementScope.kind).where(AgreementScope.agreement_id == made.id)
    assert list(session.scalars(kinds)) == [ContributionKind.PRODUCT_DESIGN]


def test_a_coordinator_makes_one_in_her_own_scope(cast, session, acting_as, lilis):
    with acting_as(cast.lilis):
        made = agreements.make(wish(cast), lilis).id
    assert covered(session, session.get_one(Agreement, made)) == {cast.lebak.id}


def test_a_cluster_of_others_is_no_choice(cast, acting_as, lilis):
    wanted = wish(cast, cluster_ids=(cast.lebak.id, cast.pandeglang.id))
    with acting_as(cast.lilis):
        assert refusal(agreements.make, wanted, lilis) == "cluster_ids"


def test_an_archived_cluster_is_no_choice_either(cast, session, lilis):
    cast.lebak.archived_at = system.now()
    session.flush()
    assert refusal(agreements.make, wish(cast), lilis) == "cluster_ids"


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("cluster_ids", {"cluster_ids": ()}),
        ("parties", {"parties": ()}),
        ("parties", {"parties": (DINAS,)}),
        ("parties", {"parties": (DINAS, PartyWish(SECOND, office="Bappeda"))}),
        ("parties", {"parties": (DINAS, PartyWish(SECOND))}),
        ("signed_on", {"signed_on": TODAY}),
        ("parent_id", {"parent_id": 0}),
    ],
)
def test_what_is_missing_is_named_at_its_field(cast, lilis, field, values):
    assert refusal(agreements.make, wish(cast, **values), lilis) == field


@pytest.mark.parametrize(
    "period",
    [
        {"starts_on": date(2027, 1, 1), "ends_on": date(2026, 1, 1)},
        {"ends_on": date(2027, 1, 1), "is_open_ended": True},
    ],
)
def test_c26_an_end_is_not_before_its_start_nor_beside_no_end(cast, lilis, period):
    assert refusal(agreements.make, wish(cast, **period), lilis) == "ends_on"


def test_c22_the_days_are_kept_as_they_were_written(cast, session, acting_as, lilis):
    # Late in the evening of the province it is another day in UTC.
    with system.frozen("2026-11-25T06:30+07:00"), acting_as(cast.lilis):
        term = {"starts_on": date(2027, 1, 1), "ends_on": date(2027, 12, 31)}
        made = agreements.make(wish(cast, **term), lilis).id
    kept = session.get_one(Agreement, made)
    assert (kept.starts_on, kept.ends_on) == (date(2027, 1, 1), date(2027, 12, 31))


# ── who stands in it ────────────────────────────────────────────────────────────────────────────────────────


def test_a_partner_works_with_one_of_the_clusters_at_least(cast, session, lilis):
    across = (cast.lebak.id, cast.pandeglang.id)
    both_partners = (DINAS, *(PartyWish(SECOND, partner_id=one.id) for one in (cast.kemasindo, cast.badak)))
    made = agreements.make(wish(cast, cluster_ids=across, parties=both_partners), lilis)
    assert len(parties(session, made)) == 3
    assert refusal(agreements.make, wish(cast, parties=both_partners), lilis) == "parties"


def test_whose_involvement_has_ended_is_no_party_any_more(cast, lilis):
    left = make.partner()
    make.involvement(cast.lebak, left, ended_on=date(2026, 11, 23))
    wanted = (DINAS, PartyWish(SECOND, partner_id=left.id))
    assert refusal(agreements.make, wish(cast, parties=wanted), lilis) == "parties"


def test_a_school_belongs_to_one_of_the_clusters(cast, session, lilis):
    own, foreign = make.school(cast.lebak), make.school(cast.pandeglang)
    second = PartyWish(SECOND, partner_id=cast.kemasindo.id)
    made = agreements.make(wish(cast, parties=(PartyWish(FIRST, school_id=own.id), second)), lilis)
    assert parties(session, made)[0].school_id == own.id
    wanted = wish(cast, parties=(PartyWish(FIRST, school_id=foreign.id), second))
    assert refusal(agreements.make, wanted, lilis) == "school_ids"


def test_nobody_stands_in_it_twice(cast, lilis):
    second = PartyWish(SECOND, partner_id=cast.kemasindo.id)
    twice = (DINAS, replace(DINAS, office="dinas pendidikan provinsi banten "), second)
    assert refusal(agreements.make, wish(cast, parties=twice), lilis) == "parties"
    on_both_sides = (replace(second, side=FIRST), second)
    assert refusal(agreements.make, wish(cast, parties=on_both_sides), lilis) == "parties"


# ── what stands above it ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("above", "below", "fits"),
    [
        (AgreementKind.MOU, AgreementKind.PKS, True),
        (AgreementKind.PKS, AgreementKind.IA, True),
        (AgreementKind.MOU, AgreementKind.IA, False),
        (AgreementKind.PKS, AgreementKind.PKS, False),
        (AgreementKind.IA, AgreementKind.MOU, False),
    ],
)
def test_a_pks_stands_under_a_memorandum_and_an_implementation_under_a_pks(cast, lilis, above, below, fits):
    parent = make.agreement(cast.lebak, kind=above)
    wanted = wish(cast, kind=below, parent_id=parent.id)
    if fits:
        assert agreements.make(wanted, lilis).parent_id == parent.id
    else:
        assert refusal(agreements.make, wanted, lilis) == "parent_id"


@pytest.mark.parametrize(
    "values", [{"archived_at": system.now()}, {"status": AgreementStatus.ABANDONED}], ids=["archived", "off"]
)
def test_nothing_is_put_under_what_is_put_away(cast, lilis, values):
    parent = make.agreement(cast.lebak, kind=AgreementKind.MOU, **values)
    assert refusal(agreements.make, wish(cast, parent_id=parent.id), lilis) == "parent_id"


def test_a_parent_of_other_clusters_is_no_choice(cast, acting_as, lilis):
    parent = make.agreement(cast.pandeglang, kind=AgreementKind.MOU)
    wanted = wish(cast, parent_id=parent.id)
    with acting_as(cast.lilis):
        assert refusal(agreements.make, wanted, lilis) == "parent_id"


def test_what_stands_above_others_keeps_its_kind(cast, lilis):
    parent = make.agreement(
        cast.lebak, partners=(cast.kemasindo,), kind=AgreementKind.MOU, status=AgreementStatus.DRAFT
    )
    agreements.make(wish(cast, parent_id=parent.id), lilis)
    wanted = replace(agreements.wish_of(parent), kind=AgreementKind.PKS)
    assert refusal(agreements.edit, parent, wanted) == "kind"


# ── editing ─────────────────────────────────────────────────────────────────────────────────────────────────


def of_status(cast, status):
    """One that has come so far; its dates are those of a year around today."""
    ended = {"terminated_on": TODAY} if status == AgreementStatus.TERMINATED else {}
    signed = {"signed_on": TODAY} if status in ("signed", "completed", "renewed", "terminated") else {}
    return make.agreement(
        cast.lebak,
        partners=(cast.kemasindo,),
        status=status,
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        **ended | signed,
    )


@pytest.mark.parametrize("status", list(AgreementStatus))
def test_the_same_wish_again_changes_nothing_but_the_version(cast, session, status):
    agreement = of_status(cast, status)
    before, version, there = agreements.wish_of(agreement), agreement.version, parties(session, agreement)
    agreements.edit(agreement, before)
    assert agreements.wish_of(agreement) == before
    assert agreement.version == version + 1
    assert parties(session, agreement) == there


#: Another value of each field, of a row that `of_status` made.
OTHER = {
    "kind": AgreementKind.MOU,
    "title": "Judul lain",
    "scope": (ContributionKind.PROMOTION,),
    "number_first": "421.5/014-SMKN1 WRG/XI/2026",
    "number_second": "007/PKS",
    "term_months": 24,
    "starts_on": date(2026, 2, 1),
    "ends_on": date(2027, 12, 31),
    "objective": "Tujuan lain",
    "scope_text": "Ruang lingkup lain",
    "funding": "Sesuai anggaran",
    "note": "Naskah asli di lemari",
    "signed_on": date(2026, 1, 2),
}
WRITING = {AgreementStatus.DRAFT, AgreementStatus.IN_DISCUSSION}
FILED = {"number_first", "number_second", "note"}
ONLY_WRITING = {"kind"}
ONLY_SIGNED = {"signed_on"}
#: Tried by tests of their own.
APART = {"cluster_ids", "parties", "parent_id", "is_open_ended"}


def may_change(status, name):
    if name in FILED:
        return True
    if status in WRITING:
        return name not in ONLY_SIGNED
    return status == AgreementStatus.SIGNED and name not in ONLY_WRITING


@pytest.mark.parametrize("status", list(AgreementStatus))
def test_what_is_reviewed_approved_or_over_is_settled_and_what_is_signed_moves_by_addendum(
    cast, session, status
):
    agreement = of_status(cast, status)
    for name, value in OTHER.items():
        wanted = replace(agreements.wish_of(agreement), **{name: value})
        if may_change(status, name):
            agreements.edit(agreement, wanted)
            assert getattr(agreements.wish_of(agreement), name) == value
        else:
            assert refusal(agreements.edit, agreement, wanted) == name
            assert not session.dirty
            assert not session.new


def test_every_field_is_settled_or_free_in_each_state():
    names = {field.name for field in fields(AgreementWish)}
    assert names == {*OTHER, *APART}, "say in OTHER what it becomes, and in FILED if it can always be changed"
    told = {name for status in AgreementStatus for name in changeable(status)}
    assert told == names


@pytest.mark.parametrize("status", list(AgreementStatus))
def test_who_stands_in_it_is_settled_with_the_text_but_who_signs_can_be_corrected(cast, session, status):
    agreement = of_status(cast, status)
    province, partner = agreements.wish_of(agreement).parties
    other = make.partner(cast.lebak)
    exchanged = replace(
        agreements.wish_of(agreement), parties=(province, PartyWish(SECOND, partner_id=other.id))
    )
    if status in WRITING:
        agreements.edit(agreement, exchanged)
        assert parties(session, agreement)[1].partner_id == other.id
    else:
        assert refusal(agreements.edit, agreement, exchanged) == "parties"
        named = replace(
            agreements.wish_of(agreement), parties=(province, replace(partner, signatory_name="Hendrik S."))
        )
        agreements.edit(agreement, named)
        assert parties(session, agreement)[1].signatory_name == "Hendrik S."


def test_an_addendum_moves_the_end_and_the_trail_tells_both_days(cast, session):
    agreement = of_status(cast, AgreementStatus.SIGNED)
    longer = replace(agreements.wish_of(agreement), ends_on=date(2028, 12, 31))
    agreements.edit(agreement, longer)
    moved = (
        select(AuditValue.before, AuditValue.after)
        .join(AuditEntry)
        .where(
            AuditEntry.noun == "agreement",
            AuditEntry.object_id == agreement.id,
            AuditValue.field == "ends_on",
        )
        .order_by(AuditValue.id.desc())
    )
    assert session.execute(moved).first() == ("2026-12-31", "2028-12-31")


def test_what_is_signed_keeps_an_end_or_none_at_all(cast):
    agreement = of_status(cast, AgreementStatus.SIGNED)
    now = agreements.wish_of(agreement)
    for wrong, field in (
        ({"ends_on": None}, "ends_on"),
        ({"is_open_ended": True}, "ends_on"),
        ({"ends_on": date(2025, 12, 31)}, "ends_on"),
        ({"starts_on": None}, "starts_on"),
        ({"signed_on": date(2026, 11, 25)}, "signed_on"),
    ):
        assert refusal(agreements.edit, agreement, replace(now, **wrong)) == field
    agreements.edit(agreement, replace(now, ends_on=None, is_open_ended=True))
    assert (agreement.ends_on, agreement.is_open_ended) == (None, True)


def test_an_archived_one_is_restored_before_it_is_edited(cast):
    agreement = make.agreement(cast.lebak, partners=(cast.kemasindo,), archived_at=system.now())
    with pytest.raises(WrongState):
        agreements.edit(agreement, agreements.wish_of(agreement))


def test_another_party_alone_counts_as_a_change_of_the_agreement(cast, session):
    agreement = of_status(cast, AgreementStatus.DRAFT)
    session.commit()
    version = agreement.version
    now = agreements.wish_of(agreement)
    agreements.edit(agreement, replace(now, parties=(*now.parties, PartyWish(FIRST, office="UPT"))))
    with pytest.raises(Conflict):
        expect_version(agreement, version)


# ── clusters of others ──────────────────────────────────────────────────────────────────────────────────────


def test_editing_keeps_clusters_and_parties_that_one_does_not_see(cast, session, acting_as, both):
    both.status, both.signed_on = AgreementStatus.DRAFT, None
    with acting_as(cast.lilis) as hers:
        mine = hers.get_one(Agreement, both.id)
        seen = agreements.wish_of(mine)
        assert seen.cluster_ids == (cast.lebak.id,)
        without = tuple(party for party in seen.parties if party.partner_id != cast.badak.id)
        agreements.edit(mine, replace(seen, title="Judul lain", parties=without))
    assert (both.title, covered(session, both)) == ("Judul lain", {cast.lebak.id, cast.pandeglang.id})
    assert {party.partner_id for party in parties(session, both)} == {None, cast.kemasindo.id, cast.badak.id}


def test_the_last_cluster_that_one_sees_cannot_be_taken_away(cast, acting_as, both):
    with acting_as(cast.lilis) as hers:
        mine = hers.get_one(Agreement, both.id)
        wanted = replace(agreements.wish_of(mine), cluster_ids=())
        assert refusal(agreements.edit, mine, wanted) == "cluster_ids"


def test_one_s_clusters_take_each_other_s_place(cast, session, acting_as, both):
    other = make.cluster()
    make.membership(cast.lilis, other)
    with acting_as(cast.lilis) as hers:
        mine = hers.get_one(Agreement, both.id)
        agreements.edit(mine, replace(agreements.wish_of(mine), cluster_ids=(other.id,)))
    assert covered(session, both) == {other.id, cast.pandeglang.id}


@pytest.mark.parametrize(
    "naming",
    [
        lambda cast, **its: make.guidance(cast.lebak, **its),
        lambda cast, **its: make.meeting(cast.lebak, **its),
        lambda cast, **its: make.follow_up(
            cast.lebak, cast.lilis, source_kind=FollowUpSource.AGREEMENT, **its
        ),
        lambda cast, **its: make.contribution(cast.lebak, cast.kemasindo, archived_at=system.now(), **its),
    ],
)
def test_a_cluster_whose_records_name_the_agreement_is_not_taken_away(cast, acting_as, both, naming):
    """Else they would go on telling its title to whom it concerns no more."""
    other = make.cluster()
    make.membership(cast.lilis, other)
    naming(cast, agreement_id=both.id)
    with acting_as(cast.lilis) as hers:
        mine = hers.get_one(Agreement, both.id)
        wanted = replace(agreements.wish_of(mine), cluster_ids=(other.id,))
        with pytest.raises(Refused, match=cast.lebak.short_name) as no:
            agreements.edit(mine, wanted)
    assert no.value.field == "cluster_ids"


def test_every_entity_that_may_name_an_agreement_and_stands_in_a_cluster_is_asked():
    both = {
        mapper.class_
        for mapper in Entity.registry.mappers
        if {"agreement_id", "cluster_id"} <= set(mapper.columns.keys())
    }
    assert set(OF_AGREEMENTS) == both - {AgreementCluster}, "add it to agreement_terms.OF_AGREEMENTS"


# ── what follows ────────────────────────────────────────────────────────────────────────────────────────────


def test_what_follows_is_a_draft_of_the_same(cast, session, lilis):
    agreement = of_status(cast, AgreementStatus.SIGNED)
    said = replace(
        agreements.wish_of(agreement),
        scope=(ContributionKind.PRODUCT_DESIGN,),
        number_first="1",
        objective="Kemasan yang laku",
        parties=tuple(replace(p, signatory_name="Siapa") for p in agreements.wish_of(agreement).parties),
    )
    agreements.edit(agreement, said)
    following = agreements.renew(agreement, lilis)
    assert agreements.wish_of(following) == replace(
        said,
        number_first=None,
        starts_on=None,
        ends_on=None,
        signed_on=None,
        parties=tuple(replace(party, signatory_name=None) for party in said.parties),
    )
    assert (following.renews_id, following.status) == (agreement.id, AgreementStatus.DRAFT)
    assert [step.to_status for step in steps(session, following)] == [AgreementStatus.DRAFT]
    assert agreement.status == AgreementStatus.SIGNED


def test_what_follows_covers_the_clusters_of_others_too(cast, session, acting_as, lilis, both):
    with acting_as(cast.lilis) as hers:
        following = agreements.renew(hers.get_one(Agreement, both.id), lilis).id
    made = session.get_one(Agreement, following)
    assert covered(session, made) == {cast.lebak.id, cast.pandeglang.id}
    assert len(parties(session, made)) == 3


def test_what_follows_covers_no_cluster_of_other_agreements(cast, session, lilis):
    make.agreement(cast.pandeglang, partners=(cast.badak,))
    following = agreements.renew(make.agreement(cast.lebak, partners=(cast.kemasindo,)), lilis)
    assert covered(session, following) == {cast.lebak.id}


def test_what_follows_covers_no_archived_cluster_and_there_is_none_without_a_live_one(
    cast, session, lilis, both
):
    alone = make.agreement(cast.pandeglang, partners=(cast.badak,))
    cast.pandeglang.archived_at = system.now()
    session.flush()
    assert covered(session, agreements.renew(both, lilis)) == {cast.lebak.id}
    with pytest.raises(WrongState):
        agreements.renew(alone, lilis)


@pytest.mark.parametrize("status", list(AgreementStatus))
def test_only_what_is_in_force_or_expired_is_renewed(cast, lilis, status):
    agreement = of_status(cast, status)
    if status == AgreementStatus.SIGNED:
        assert agreements.renew(agreement, lilis).renews_id == agreement.id
    else:
        with pytest.raises(WrongState):
            agreements.renew(agreement, lilis)


def test_the_expired_is_renewed_and_what_has_not_begun_is_not(cast, lilis):
    expired = make.agreement(cast.lebak, ends_on=date(2026, 11, 1))
    assert agreements.renew(expired, lilis)
    coming = make.agreement(cast.lebak, starts_on=date(2026, 11, 25))
    with pytest.raises(WrongState):
        agreements.renew(coming, lilis)
    away = make.agreement(cast.lebak, archived_at=system.now())
    with pytest.raises(WrongState):
        agreements.renew(away, lilis)


def test_one_follows_at_most(cast, session, lilis):
    agreement = make.agreement(cast.lebak, partners=(cast.kemasindo,))
    first = agreements.renew(agreement, lilis)
    with pytest.raises(WrongState):
        agreements.renew(agreement, lilis)
    first.status = AgreementStatus.ABANDONED
    session.flush()
    second = agreements.renew(agreement, lilis)
    agreements.archive(second)
    third = agreements.renew(agreement, lilis)
    with pytest.raises(WrongState):
        agreements.restore(second)
    agreements.archive(third)
    agreements.restore(second)
    assert not second.is_archived


def test_one_that_follows_in_another_cluster_counts_though_unseen(cast, session, acting_as, lilis):
    agreement = make.agreement(cast.lebak, partners=(cast.kemasindo,))
    make.agreement(cast.pandeglang, renews_id=agreement.id, status=AgreementStatus.DRAFT)
    with acting_as(cast.lilis) as hers, pytest.raises(WrongState):
        agreements.renew(hers.get_one(Agreement, agreement.id), lilis)


# ── putting away ────────────────────────────────────────────────────────────────────────────────────────────


def test_what_nothing_stands_on_is_put_away_at_once_and_restored(cast):
    agreement = make.agreement(cast.lebak, status=AgreementStatus.DRAFT)
    agreements.archive(agreement)
    assert agreement.archived_at == system.now()
    with pytest.raises(WrongState):
        agreements.archive(agreement)
    agreements.restore(agreement)
    assert (agreement.is_archived, agreement.status) == (False, AgreementStatus.DRAFT)


def test_what_is_in_force_is_put_away_once_that_was_said(cast):
    agreement = make.agreement(cast.lebak, kind=AgreementKind.MOU)
    child = make.agreement(cast.lebak, parent_id=agreement.id)
    make.agreement(cast.lebak, parent_id=agreement.id, status=AgreementStatus.ABANDONED)
    make.obligation(agreement)
    make.obligation(agreement, status=ObligationStatus.FULFILLED, fulfilled_on=TODAY)
    assert refusal(agreements.archive, agreement) is None
    stakes = agreements.stakes_of(agreement)
    assert (stakes.is_in_force, stakes.obligations, stakes.children) == (True, 1, (child,))
    agreements.archive(agreement, confirmed=True)
    assert agreement.is_archived


def test_its_term_an_obligation_and_what_stands_under_it_are_each_at_stake(cast):
    in_force = make.agreement(cast.lebak)
    owing = make.agreement(cast.lebak, status=AgreementStatus.DRAFT)
    make.obligation(owing)
    above = make.agreement(cast.lebak, kind=AgreementKind.MOU, status=AgreementStatus.DRAFT)
    make.agreement(cast.lebak, parent_id=above.id)
    for agreement in (in_force, owing, above):
        assert refusal(agreements.archive, agreement) is None
        assert not agreement.is_archived


def test_the_expired_has_nothing_at_stake(cast):
    assert not agreements.stakes_of(make.agreement(cast.lebak, ends_on=date(2026, 11, 23)))
