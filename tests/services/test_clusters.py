"""The rules of clusters, schools, products and their people."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from pentahelix import clock
from pentahelix.models import Membership, User
from pentahelix.refusals import Refused, WrongState
from pentahelix.scope import OutOfScope
from pentahelix.services import clusters
from pentahelix.services.clusters import ClusterWish, ProductWish, SchoolWish
from pentahelix.vocabulary import ProductStage, Regency
from tests import factories as make
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines

SERANG = ClusterWish(
    "Klaster Teaching Factory Sate Bandeng Serang", "Sate Bandeng", Regency.SERANG, date(2026, 7, 1)
)


# ── clusters ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_cluster_is_made_and_changed(session):
    cluster = clusters.make(replace(SERANG, cold_after_days=60, is_pilot=True))
    assert (cluster.name, cluster.cold_after_days, cluster.is_pilot) == (SERANG.name, 60, True)
    assert cluster.timezone == clock.PROVINCE_ZONE
    clusters.edit(cluster, replace(SERANG, short_name="Bandeng"))
    assert (cluster.short_name, cluster.cold_after_days, cluster.is_pilot) == ("Bandeng", None, False)


@pytest.mark.parametrize("field", ["name", "short_name"])
def test_a_name_is_taken_once_in_the_province_whatever_its_case_and_also_in_the_archive(session, field):
    taken = clusters.make(SERANG)
    clusters.archive(taken)
    other = ClusterWish("Klaster Lain", "Lain", Regency.SERANG, date(2026, 7, 1))
    with pytest.raises(Refused) as no:
        clusters.make(replace(other, **{field: getattr(SERANG, field).upper()}))
    assert no.value.field == field
    assert clusters.edit(taken_again(taken), SERANG) is taken


def taken_again(cluster):
    clusters.restore(cluster)
    return cluster


def test_what_is_archived_is_changed_no_more_until_it_is_restored(cast):
    school, product = make.school(cast.lebak), make.product(cast.lebak)
    for row in (school, product, cast.lebak):
        clusters.archive(row)
        first = row.archived_at
        with pytest.raises(WrongState):
            clusters.archive(row)
        assert row.archived_at == first
    with pytest.raises(WrongState):
        clusters.edit(cast.lebak, SERANG)
    with pytest.raises(WrongState):
        clusters.add_school(cast.lebak, SchoolWish("SMKN 9"))
    with pytest.raises(WrongState):
        clusters.add_product(cast.lebak, ProductWish("Dodol"))
    for row in (school, product):
        clusters.restore(row)
    with pytest.raises(WrongState):
        clusters.edit_school(school, SchoolWish("SMKN 9"))
    with pytest.raises(WrongState):
        clusters.edit_product(product, ProductWish("Dodol"))
    clusters.restore(cast.lebak)
    assert clusters.edit_school(school, SchoolWish("SMKN 9")).name == "SMKN 9"


# ── schools and products ────────────────────────────────────────────────────────────────────────────────────


def test_the_code_of_a_district_brings_its_name_along(cast):
    school = clusters.add_school(cast.lebak, SchoolWish("SMKN 9", district_code="36.02.14"))
    assert school.district == "Rangkasbitung"
    clusters.edit_school(school, SchoolWish("SMKN 9", district="Cikande"))
    assert (school.district_code, school.district) == (None, "Cikande")


def test_two_schools_of_a_cluster_have_two_names_but_two_clusters_may_each_have_one(cast):
    clusters.add_school(cast.lebak, SchoolWish("SMKN 1 Contoh"))
    clusters.add_school(cast.pandeglang, SchoolWish("SMKN 1 Contoh"))
    other = clusters.add_school(cast.lebak, SchoolWish("SMKN 2 Contoh"))
    with pytest.raises(Refused) as no:
        clusters.edit_school(other, SchoolWish("smkn 1 contoh"))
    assert no.value.field == "name"


def test_a_product_is_led_by_a_school_of_its_cluster(cast):
    own, foreign = make.school(cast.lebak), make.school(cast.pandeglang)
    wish = ProductWish("Dodol", price=15_000, stage=ProductStage.MARKET_TEST, lead_school_id=own.id)
    product = clusters.add_product(cast.lebak, wish)
    assert (product.price, product.stage, product.lead_school_id) == (15_000, "market_test", own.id)
    with pytest.raises(Refused) as no:
        clusters.edit_product(product, replace(wish, lead_school_id=foreign.id))
    assert no.value.field == "lead_school_id"


def test_nobody_adds_to_a_cluster_of_others(cast, acting_as):
    lebak, pandeglang = cast.lebak.id, cast.pandeglang
    assert pandeglang.archived_at is None
    with pytest.raises(OutOfScope), acting_as(cast.lilis):
        clusters.add_product(pandeglang, ProductWish("Dodol"))
    with acting_as(cast.lilis) as hers:
        own = hers.get(type(pandeglang), lebak)
        assert clusters.add_product(own, ProductWish("Dodol")).cluster_id == lebak


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_last_choice_is_kept(cast, session):
    clusters.choose(cast.lebak, principal_of(cast.aminah))
    assert session.get(User, cast.aminah.id).chosen_cluster_id == cast.lebak.id
    clusters.archive(cast.pandeglang)
    with pytest.raises(WrongState):
        clusters.choose(cast.pandeglang, principal_of(cast.aminah))


def test_who_worked_in_a_cluster_before_gets_the_same_row_back(cast, session):
    clusters.join(cast.pandeglang, cast.lilis.id)
    assert principal_of(cast.lilis).cluster_ids == {cast.lebak.id, cast.pandeglang.id}
    clusters.leave(cast.pandeglang, cast.lilis.id)
    clusters.leave(cast.pandeglang, cast.lilis.id)
    assert principal_of(cast.lilis).cluster_ids == {cast.lebak.id}
    clusters.join(cast.pandeglang, cast.lilis.id)
    rows = session.scalars(select(Membership).where(Membership.user_id == cast.lilis.id)).all()
    assert len(rows) == 2
    assert all(row.archived_at is None for row in rows)


def test_only_coordinators_with_an_open_account_join(cast):
    closed = make.user(deactivated_at=clock.now())
    for user in (cast.aminah, cast.rudi, closed):
        with pytest.raises(WrongState):
            clusters.join(cast.lebak, user.id)
