"""Contributions: from the proposal to the use, what proves them, and what they may not be."""

from datetime import date
from decimal import Decimal
from types import MappingProxyType

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from pentahelix import clock as system
from pentahelix.extensions import db
from pentahelix.models import ClusterPartner, Contribution, ContributionSchool
from pentahelix.refusals import Refused, WrongState
from pentahelix.services import contributions
from pentahelix.services.contributions import ContributionWish
from pentahelix.vocabulary import (
    ContributionForm,
    ContributionKind,
    ContributionStage as Stage,
    LastContactKind,
)
from tests import factories as make

pytestmark = pytest.mark.both_engines

TODAY = date(2026, 11, 24)
TOMORROW = date(2026, 11, 25)
PAST = date(2026, 11, 3)
PLAIN = MappingProxyType(
    {
        "kind": ContributionKind.PROMOTION,
        "form": ContributionForm.IN_KIND,
        "title": "Foto produk untuk katalog",
    }
)


def wish(cast, **values):
    return ContributionWish(
        **{"cluster_id": cast.lebak.id, "partner_id": cast.kemasindo.id, **PLAIN, **values}
    )


def last_contact(partner, cluster):
    row = db.session.scalars(
        select(ClusterPartner).where(
            ClusterPartner.partner_id == partner.id, ClusterPartner.cluster_id == cluster.id
        )
    ).one()
    return row.last_contact_on, row.last_contact_kind


def schools(contribution):
    rows = select(ContributionSchool.school_id).where(ContributionSchool.contribution_id == contribution.id)
    return set(db.session.scalars(rows))


def delivered(cast, **values):
    return contributions.make(wish(cast, stage=Stage.DELIVERED, delivered_on=PAST, **values))


# ---------------------------------------------------------------------------- making and changing


def test_what_was_really_given_is_kept_as_it_was_told(cast):
    school, product = make.school(cast.lebak), make.product(cast.lebak)
    made = contributions.make(
        wish(
            cast,
            quantity=Decimal("7.5"),
            unit="jam",
            hours=Decimal("7.5"),
            value=2_250_000,
            valuation_basis="tarif setempat",
            product_id=product.id,
            school_ids=(school.id,),
        ),
    )
    assert (made.stage, made.quantity, made.value) == (Stage.PROPOSED, Decimal("7.5"), 2_250_000)
    assert schools(made) == {school.id}


def test_an_empty_value_is_not_nought(cast):
    assert contributions.make(wish(cast)).value is None
    assert contributions.make(wish(cast, value=0, valuation_basis="nota")).value == 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"value": 4_500_000}, "valuation_basis"),
        ({"quantity": Decimal(3)}, "unit"),
        ({"stage": Stage.DELIVERED}, "delivered_on"),
        ({"stage": Stage.DELIVERED, "delivered_on": TOMORROW}, "delivered_on"),
        ({"stage": Stage.ADOPTED}, "delivered_on"),
        ({"stage": Stage.DROPPED}, "stage_reason"),
    ],
)
def test_what_is_missing_is_asked_for_at_its_field(cast, values, field):
    with pytest.raises(Refused, check=lambda no: no.field == field):
        contributions.make(wish(cast, **values))


def test_what_is_only_expected_may_lie_ahead(cast):
    made = contributions.make(wish(cast, delivered_on=TOMORROW))
    assert made.delivered_on == TOMORROW
    contributions.edit(made, wish(cast, delivered_on=date(2027, 1, 5)))
    assert made.delivered_on == date(2027, 1, 5)


def test_the_day_is_that_of_the_cluster(cast, clock):
    clock.set("2026-11-24T22:30+07:00")
    east = make.cluster(timezone="Asia/Jayapura")
    make.involvement(east, cast.kemasindo)
    late = wish(cast, cluster_id=east.id, stage=Stage.DELIVERED, delivered_on=TOMORROW)
    assert contributions.make(late).delivered_on == TOMORROW


def test_only_what_belongs_to_the_cluster_and_the_partner_is_named(cast):
    other = make.partner(cast.lebak)
    session_of_other = make.guidance(cast.lebak, partner_id=other.id)
    for values, field in (
        ({"partner_id": cast.badak.id}, "partner_id"),
        ({"product_id": make.product(cast.pandeglang).id}, "product_id"),
        ({"product_id": make.product(cast.lebak, archived_at=system.now()).id}, "product_id"),
        ({"guidance_id": make.guidance(cast.pandeglang, partner_id=cast.kemasindo.id).id}, "guidance_id"),
        ({"guidance_id": session_of_other.id}, "guidance_id"),
        ({"agreement_id": make.agreement(cast.pandeglang, partners=(cast.kemasindo,)).id}, "agreement_id"),
        ({"agreement_id": make.agreement(cast.lebak, partners=(other,)).id}, "agreement_id"),
        ({"school_ids": (make.school(cast.pandeglang).id,)}, "school_ids"),
    ):
        with pytest.raises(Refused, check=lambda no, field=field: no.field == field):
            contributions.make(wish(cast, **values))


def test_a_session_fits_if_the_partner_gives_it_or_somebody_of_it_is_invited(cast):
    given, visited = make.guidance(cast.lebak, partner_id=cast.kemasindo.id), make.guidance(cast.lebak)
    make.invitation(visited, cast.hendrik)
    for guidance in (given, visited):
        assert contributions.make(wish(cast, guidance_id=guidance.id)).guidance_id == guidance.id


def test_what_was_named_before_may_stay_though_it_would_not_be_offered_any_more(cast):
    product, agreement = make.product(cast.lebak), make.agreement(cast.lebak, partners=(cast.kemasindo,))
    named = {"product_id": product.id, "agreement_id": agreement.id}
    made = contributions.make(wish(cast, **named))
    product.archived_at = agreement.archived_at = system.now()
    contributions.edit(made, wish(cast, title="Lain", **named))
    assert (made.title, made.product_id, made.agreement_id) == ("Lain", product.id, agreement.id)


def test_for_another_cluster_nobody_records(cast, acting_as):
    with pytest.raises(NoResultFound), acting_as(cast.ujang):
        contributions.make(wish(cast))


def test_an_archived_cluster_takes_none(cast):
    cast.lebak.archived_at = system.now()
    with pytest.raises(WrongState):
        contributions.make(wish(cast))


def test_schools_come_and_go_and_count_as_a_change(cast, session):
    first, second = make.school(cast.lebak), make.school(cast.lebak)
    made = contributions.make(wish(cast, school_ids=(first.id,)))
    before = made.version
    contributions.edit(made, wish(cast, school_ids=(second.id,)))
    assert (schools(made), made.version) == ({second.id}, before + 1)


# ---------------------------------------------------------------------------- its stages


def test_it_goes_forward_one_stage_at_a_time(cast):
    made = contributions.make(wish(cast))
    for stage in (Stage.AGREED, Stage.IN_PROGRESS):
        contributions.advance(made, stage)
    contributions.advance(made, Stage.DELIVERED, on=PAST)
    contributions.advance(made, Stage.ADOPTED)
    assert (made.stage, made.delivered_on) == (Stage.ADOPTED, PAST)


@pytest.mark.parametrize(
    ("begin", "to"),
    [
        (Stage.PROPOSED, Stage.DELIVERED),
        (Stage.AGREED, Stage.ADOPTED),
        (Stage.PROPOSED, Stage.PROPOSED),
        (Stage.DELIVERED, Stage.DROPPED),
        (Stage.DROPPED, Stage.PROPOSED),
    ],
)
def test_no_stage_is_jumped_over_and_what_was_given_or_dropped_is_not_undone(cast, begin, to):
    made = make.contribution(cast.lebak, cast.kemasindo, stage=begin, stage_reason="x")
    with pytest.raises(WrongState):
        contributions.advance(made, to, reason="x", on=PAST)


def test_delivering_needs_a_day_that_has_come(cast):
    made = make.contribution(cast.lebak, cast.kemasindo, stage=Stage.IN_PROGRESS)
    for day in (None, TOMORROW):
        with pytest.raises(Refused, check=lambda no: no.field == "delivered_on"):
            contributions.advance(made, Stage.DELIVERED, on=day)
    contributions.advance(made, Stage.DELIVERED, on=TODAY)
    assert made.delivered_on == TODAY


def test_the_expected_day_serves_if_it_has_come(cast):
    made = make.contribution(cast.lebak, cast.kemasindo, stage=Stage.IN_PROGRESS, delivered_on=PAST)
    contributions.advance(made, Stage.DELIVERED)
    assert made.delivered_on == PAST


def test_going_back_to_delivered_keeps_the_day_it_was_given(cast):
    made = make.contribution(cast.lebak, cast.kemasindo, stage=Stage.ADOPTED, delivered_on=PAST)
    contributions.advance(made, Stage.DELIVERED, reason="Belum jadi dipakai", on=TODAY)
    assert (made.stage, made.delivered_on) == (Stage.DELIVERED, PAST)


@pytest.mark.parametrize(("begin", "to"), [(Stage.AGREED, Stage.PROPOSED), (Stage.AGREED, Stage.DROPPED)])
def test_back_and_out_need_a_reason_which_goes_with_the_next_step_forward(cast, begin, to):
    made = make.contribution(cast.lebak, cast.kemasindo, stage=begin)
    with pytest.raises(Refused, check=lambda no: no.field == "reason"):
        contributions.advance(made, to)
    contributions.advance(made, to, reason="Anggaran belum turun")
    assert (made.stage, made.stage_reason) == (to, "Anggaran belum turun")
    if to is Stage.PROPOSED:
        contributions.advance(made, Stage.AGREED)
        assert made.stage_reason is None


def test_what_the_page_offers_next_and_before(cast):
    expected = {
        Stage.PROPOSED: (Stage.AGREED, None),
        Stage.IN_PROGRESS: (Stage.DELIVERED, Stage.AGREED),
        Stage.ADOPTED: (None, Stage.DELIVERED),
        Stage.DROPPED: (None, None),
    }
    for stage, around in expected.items():
        made = make.contribution(cast.lebak, cast.kemasindo, stage=stage, stage_reason="x")
        assert (contributions.next_stage(made), contributions.stage_before(made)) == around


# ---------------------------------------------------------------------------- what proves it


def test_the_schools_confirmation_names_a_colleague_of_the_cluster_and_the_moment(cast):
    made = delivered(cast)
    teacher = make.user(cast.lebak, name="Ratna")
    contributions.confirm_by_school(made, teacher.id)
    assert (made.school_user_id, made.school_confirmed_at) == (teacher.id, system.now())
    contributions.unconfirm_by_school(made)
    assert (made.school_user_id, made.school_confirmed_at) == (None, None)
    with pytest.raises(WrongState):
        contributions.unconfirm_by_school(made)


def test_who_confirmed_first_stays_until_that_is_taken_back(cast):
    made = delivered(cast)
    teacher = make.user(cast.lebak, name="Ratna")
    contributions.confirm_by_school(made, teacher.id)
    with pytest.raises(WrongState):
        contributions.confirm_by_school(made, cast.lilis.id)
    assert made.school_user_id == teacher.id


def test_somebody_from_elsewhere_confirms_nothing(cast):
    made = delivered(cast)
    gone = make.user(cast.lebak, deactivated_at=system.now())
    for user in (cast.ujang, cast.aminah, gone):
        with pytest.raises(Refused, check=lambda no: no.field == "user_id"):
            contributions.confirm_by_school(made, user.id)


def test_the_giver_confirms_by_one_of_its_people_and_that_is_a_contact(cast):
    made = delivered(cast)
    assert last_contact(cast.kemasindo, cast.lebak) == (PAST, LastContactKind.CONTRIBUTION)
    with pytest.raises(Refused, check=lambda no: no.field == "contact_id"):
        contributions.confirm_by_giver(made, cast.siti.contact_id)
    contributions.confirm_by_giver(made, cast.hendrik.contact_id)
    assert made.giver_contact_id == cast.hendrik.contact_id
    assert last_contact(cast.kemasindo, cast.lebak) == (TODAY, LastContactKind.CONTRIBUTION)


def test_what_is_not_delivered_is_not_confirmed(cast):
    made = contributions.make(wish(cast))
    with pytest.raises(WrongState):
        contributions.confirm_by_school(made, cast.lilis.id)
    with pytest.raises(WrongState):
        contributions.confirm_by_giver(made, cast.hendrik.contact_id)


def test_who_gave_it_stays_once_it_is_confirmed(cast):
    made, other = delivered(cast), make.partner(cast.lebak)
    contributions.confirm_by_school(made, cast.lilis.id)
    changed = wish(cast, partner_id=other.id, delivered_on=PAST)
    with pytest.raises(Refused, check=lambda no: no.field == "partner_id"):
        contributions.edit(made, changed)
    contributions.unconfirm_by_school(made)
    contributions.edit(made, changed)
    assert last_contact(other, cast.lebak) == (PAST, LastContactKind.CONTRIBUTION)
    assert last_contact(cast.kemasindo, cast.lebak) == (None, None)


def test_going_back_from_delivered_takes_both_confirmations_and_the_contact_away(cast):
    made = delivered(cast)
    contributions.confirm_by_school(made, cast.lilis.id)
    contributions.confirm_by_giver(made, cast.hendrik.contact_id)
    contributions.advance(made, Stage.IN_PROGRESS, reason="Barang dikembalikan")
    assert (made.school_confirmed_at, made.giver_confirmed_at) == (None, None)
    assert (made.school_user_id, made.giver_contact_id) == (None, None)
    assert last_contact(cast.kemasindo, cast.lebak) == (None, None)


# ---------------------------------------------------------------------------- putting away


def test_what_is_archived_counts_no_more_and_is_not_changed_until_it_is_restored(cast):
    made = delivered(cast)
    contributions.archive(made)
    assert last_contact(cast.kemasindo, cast.lebak) == (None, None)
    for act in (
        lambda: contributions.archive(made),
        lambda: contributions.edit(made, wish(cast, delivered_on=PAST)),
        lambda: contributions.advance(made, Stage.ADOPTED),
        lambda: contributions.confirm_by_school(made, cast.lilis.id),
        lambda: contributions.unconfirm_by_school(made),
    ):
        with pytest.raises(WrongState):
            act()
    contributions.restore(made)
    assert last_contact(cast.kemasindo, cast.lebak) == (PAST, LastContactKind.CONTRIBUTION)
    assert db.session.scalars(select(Contribution)).one().archived_at is None
