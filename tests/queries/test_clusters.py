"""Lists of clusters, schools and products, and one of each: right, in scope, and of one cost."""

from datetime import timedelta

import pytest

from pentahelix import clock
from pentahelix.queries import cluster_page, clusters, coordinators, products, schools
from pentahelix.queries.clusters import Filters, Sort
from pentahelix.vocabulary import Helix, InvolvementRole, MeetingStatus, ProductStage, Regency
from tests import factories as make

pytestmark = pytest.mark.both_engines


def names(found) -> list[str]:
    return [row.cluster.short_name for row in found.page.items]


# ── the list of clusters ────────────────────────────────────────────────────────────────────────────────────


def test_a_line_counts_schools_and_the_partners_of_each_side_and_names_who_coordinates(cast):
    make.school(cast.lebak)
    make.school(cast.lebak, archived_at=clock.now())
    make.partner(cast.lebak, helix=Helix.MEDIA)
    make.partner(cast.lebak, helix=Helix.MEDIA, archived_at=clock.now())
    over, to_come = make.partner(helix=Helix.MEDIA), make.partner(helix=Helix.MEDIA)
    make.involvement(cast.lebak, over, ended_on=clock.today() - timedelta(days=1))
    make.involvement(cast.lebak, to_come, since=clock.today() + timedelta(days=1))
    make.involvement(cast.lebak, make.partner(helix=Helix.GOVERNMENT), role=InvolvementRole.PROSPECT)
    make.user(cast.lebak, name="Dr. Asep Suhendar")
    make.user(cast.lebak, name="Pensiunan", deactivated_at=clock.now())
    row = next(
        row for row in clusters.index(Filters(), Sort.NAME, 1).page.items if row.cluster.id == cast.lebak.id
    )
    assert row.schools == 1
    assert row.partners == {
        Helix.INDUSTRY: 1,
        Helix.UNIVERSITY: 0,
        Helix.COMMUNITY: 0,
        Helix.MEDIA: 1,
        Helix.GOVERNMENT: 1,
    }
    assert list(row.coordinators) == ["Dr. Asep Suhendar", "Lilis Nurhayati Agustin, S.E."]


def test_a_cluster_without_anything_is_a_line_of_noughts(session):
    make.cluster()
    (row,) = clusters.index(Filters(), Sort.NAME, 1).page.items
    assert (row.schools, sum(row.partners.values()), row.coordinators) == (0, 0, [])


def test_it_is_narrowed_by_words_regency_and_archive_and_counts_what_each_press_would_show(cast):
    make.cluster(name="Klaster Gula Aren", short_name="Gula Aren", regency=Regency.PANDEGLANG, focus="nira")
    make.cluster(short_name="Dulu", regency=Regency.LEBAK, archived_at=clock.now())
    found = clusters.index(Filters(), Sort.NAME, 1)
    assert found.regencies == {Regency.PANDEGLANG: 2, Regency.LEBAK: 1}
    assert (found.page.total, found.archived) == (3, 1)
    assert names(clusters.index(Filters(typed="nira"), Sort.NAME, 1)) == ["Gula Aren"]
    assert len(names(clusters.index(Filters(regency=Regency.PANDEGLANG), Sort.NAME, 1))) == 2
    assert names(clusters.index(Filters(regency=Regency.SERANG), Sort.NAME, 1)) == []
    assert names(clusters.index(Filters(archived=True), Sort.NAME, 1)) == ["Dulu"]


@pytest.mark.parametrize("sort", clusters.SORTS)
def test_c102_each_cluster_comes_once_in_every_order(session, sort):
    """All in one regency, and yet each on one page only; a number too high shows the last page."""
    for number in range(60):
        make.cluster(short_name=f"Sama {number}", name=f"Sama {number}", regency=Regency.SERANG)
    walked = [
        row.cluster.id
        for number in (1, 2, 3)
        for row in clusters.index(Filters(), Sort(sort), number).page.items
    ]
    assert len(walked) == len(set(walked)) == 60
    assert clusters.index(Filters(), Sort(sort), 99).page.number == 3


def test_a_coordinator_sees_ones_own(cast, acting_as):
    with acting_as(cast.ujang):
        found = clusters.index(Filters(), Sort.NAME, 1)
        assert names(found) == ["Olahan Laut Pandeglang"]
        assert found.regencies == {Regency.PANDEGLANG: 1}


def test_two_statements_whatever_there_is(cast, statements):
    with statements() as few:
        clusters.index(Filters(), Sort.NAME, 1)
    for number in range(40):
        cluster = make.cluster()
        make.user(cluster)
        make.school(cluster)
        make.partner(cluster, name=f"Mitra {number}")
    with statements() as many:
        assert clusters.index(Filters(), Sort.NAME, 1).page.total == 42
    assert len(few) == len(many) == 2


# ── the chosen one ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_page_of_a_cluster_shows_what_belongs_to_it(cast):
    school = make.school(cast.lebak, name="SMKN 1 Kalanganyar")
    make.school(cast.pandeglang)
    make.product(cast.lebak, name="Keripik", lead_school_id=school.id)
    make.product(cast.lebak, name="Dulu", archived_at=clock.now())
    cast.lilis.school_id = school.id
    ahead = clock.now() + timedelta(days=3)
    make.meeting(cast.lebak, title="Nanti", status=MeetingStatus.PLANNED, starts_at=ahead)
    make.meeting(cast.lebak, title="Batal", status=MeetingStatus.CANCELLED, starts_at=ahead)
    make.meeting(cast.lebak, title="Lewat")
    page = cluster_page.one(cast.lebak.id)
    assert [s.name for s in page.schools] == ["SMKN 1 Kalanganyar"]
    assert [(led.product.name, led.school.name) for led in page.products] == [
        ("Keripik", "SMKN 1 Kalanganyar")
    ]
    assert [(m.user.name, m.school.name) for m in page.members] == [(cast.lilis.name, "SMKN 1 Kalanganyar")]
    assert [(meeting.day.isoformat(), meeting.title) for meeting in page.meetings] == [
        ("2026-11-27", "Nanti")
    ]


def test_a_side_names_partners_before_prospects_and_six_of_all(cast):
    for number in range(7):
        make.partner(cast.lebak, name=f"Mitra {number}", helix=Helix.MEDIA)
    prospect = make.partner(name="Aaa", helix=Helix.MEDIA)
    make.involvement(cast.lebak, prospect, role=InvolvementRole.PROSPECT)
    page = cluster_page.one(cast.lebak.id)
    media = next(side for side in page.sides if side.helix == Helix.MEDIA)
    assert [partner.name for partner in media.partners] == [f"Mitra {number}" for number in range(6)]
    assert (media.total, page.partners) == (8, 9)
    assert [side.helix for side in page.sides] == list(Helix)


def test_a_coordinators_school_elsewhere_is_not_told(cast, acting_as):
    cast.lilis.school_id = make.school(cast.pandeglang).id
    with acting_as(cast.lilis):
        (member,) = cluster_page.one(cast.lebak.id).members
        assert member.school is None


def test_five_statements_whatever_there_is(cast, statements):
    lebak_id = cast.lebak.id
    with statements() as few:
        cluster_page.one(lebak_id)
    for number in range(60):
        make.partner(cast.lebak, name=f"Mitra {number}")
    for _ in range(20):
        make.school(cast.lebak)
        make.product(cast.lebak)
        make.meeting(cast.lebak, status=MeetingStatus.PLANNED, starts_at=clock.now() + timedelta(days=2))
    with statements() as many:
        page = cluster_page.one(lebak_id)
    assert len(few) == len(many) == 5
    assert len(page.schools) == len(page.products) == cluster_page.SHOWN + 1


# ── schools, products, people ───────────────────────────────────────────────────────────────────────────────


def test_schools_are_listed_by_cluster_word_and_archive(cast):
    make.school(cast.lebak, name="SMKN 1 Kalanganyar", npsn="20601234", district="Kalanganyar")
    make.school(cast.lebak, name="SMKN 2 Cibadak")
    make.school(cast.pandeglang, name="SMKN 3 Labuan")
    make.school(cast.lebak, name="SMKN Dulu", archived_at=clock.now())

    def listed(**filters) -> list[str]:
        return [row.school.name for row in schools.index(schools.Filters(**filters), "name", 1).items]

    assert listed() == ["SMKN 1 Kalanganyar", "SMKN 2 Cibadak", "SMKN 3 Labuan"]
    assert listed(cluster_id=cast.lebak.id) == ["SMKN 1 Kalanganyar", "SMKN 2 Cibadak"]
    assert listed(typed="20601234") == ["SMKN 1 Kalanganyar"]
    assert listed(archived=True) == ["SMKN Dulu"]


def test_products_are_listed_by_cluster_stage_word_and_archive(cast):
    school = make.school(cast.lebak)
    make.product(
        cast.lebak, name="Emping", price=28_000, lead_school_id=school.id, stage=ProductStage.PRODUCTION
    )
    make.product(cast.lebak, name="Opak")
    make.product(cast.pandeglang, name="Otak-otak", price=9_000)

    def listed(sort="name", **filters) -> list[str]:
        return [row.product.name for row in products.index(products.Filters(**filters), sort, 1).items]

    assert listed() == ["Emping", "Opak", "Otak-otak"]
    assert listed("-price") == ["Emping", "Otak-otak", "Opak"]
    assert listed("price") == ["Otak-otak", "Emping", "Opak"]
    assert listed(stage=ProductStage.PRODUCTION) == ["Emping"]
    assert listed(cluster_id=cast.pandeglang.id) == ["Otak-otak"]
    assert listed(typed="otak") == ["Otak-otak"]


@pytest.mark.parametrize(("lists", "factory"), [(schools, make.school), (products, make.product)])
def test_c102_every_order_of_the_lists_walks_each_row_once(cast, lists, factory):
    """Rows alike in everything but their id stand on one page each."""
    for number in range(60):
        factory(cast.lebak, name=f"Sama {number:02}")
    for sort in lists.SORTS:
        walked = [
            (row.school if lists is schools else row.product).id
            for number in (1, 2, 3)
            for row in lists.index(lists.Filters(), sort, number).items
        ]
        assert len(walked) == len(set(walked)) == 60


def test_a_school_names_its_products_and_people(cast):
    school = make.school(cast.lebak)
    make.product(cast.lebak, name="Emping", lead_school_id=school.id)
    make.user(name="Bu Guru", email=None, school_id=school.id)
    page = schools.one(school.id)
    assert page.cluster.id == cast.lebak.id
    assert [product.name for product in page.products] == ["Emping"]
    assert [user.name for user in page.people] == ["Bu Guru"]


def test_the_archived_school_that_leads_a_product_may_go_on_leading_it(cast):
    old = make.school(cast.lebak, name="B", archived_at=clock.now())
    new = make.school(cast.lebak, name="A")
    assert [s.id for s in schools.of_cluster(cast.lebak.id)] == [new.id]
    assert [s.id for s in schools.of_cluster(cast.lebak.id, old.id)] == [new.id, old.id]


def test_c65_the_picker_of_coordinators_offers_ten_who_are_not_there_yet(cast):
    """An empty word and a % offer no more than ten, never the Kabid, the admin or who is there already."""
    for number in range(15):
        make.user(name=f"Guru {number:02}")
    make.user(name="Guru Tutup", deactivated_at=clock.now())

    def offered(typed: str) -> list[str]:
        return [member.user.name for member in coordinators.others(cast.lebak.id, typed)]

    assert len(offered("")) == 10
    assert offered("guru 07") == ["Guru 07"]
    assert offered("%") == []
    assert offered("tutup") == offered("lilis") == offered("aminah") == []
    assert offered("ujang") == ["Ujang Permana, S.Pd."]
