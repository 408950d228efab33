"""The list of contributions, what it adds up to, one of them; statements do not grow with rows."""

from datetime import date
from decimal import Decimal

import pytest

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import ContributionSchool, Document
from pentahelix.queries import (
    contribution_form,
    contribution_list as lists,
    contribution_page as pages,
    guidance as sessions,
)
from pentahelix.queries.contribution_filters import Filters, Proof
from pentahelix.queries.contribution_totals import By, totals as totals_of
from pentahelix.vocabulary import (
    AgreementStatus,
    ContributionForm as Form,
    ContributionKind as Kind,
    ContributionStage as Stage,
    DocumentKind,
    FollowUpSource,
    GuidanceStatus,
    Helix,
)
from tests import factories as make

pytestmark = pytest.mark.both_engines

#: The three statements of every page: who asks, what waits for them, the cluster in the bar.
FRAME = 3


def evidence(contribution, **values):
    given = {
        "contribution_id": contribution.id,
        "kind": DocumentKind.EVIDENCE,
        "title": "Foto",
        "file_name": "foto.pdf",
        "content_type": "application/pdf",
        "size": 1,
        "sha256": "0" * 64,
        "storage_key": f"{contribution.id}-{values}",
        "uploaded_at": clock.now(),
    }
    row = Document(**given | values)
    db.session.add(row)
    db.session.flush()
    return row


def titles(filters=Filters(), sort="-when", number=1):  # noqa: B008
    found = totals_of(filters).found
    return [row.title for row in lists.index(filters, sort, number, found).items]


def sums(filters=Filters()):  # noqa: B008
    given = totals_of(filters).given
    return given.values, given.hours, given.number


@pytest.fixture
def some(cast):
    """In Lebak one of each form delivered or in use, one not valued, two not there yet."""
    lebak, kemasindo, now = cast.lebak, cast.kemasindo, clock.now()
    campus = make.partner(lebak, name="Politeknik Ciujung", helix=Helix.UNIVERSITY)
    both = {"giver_confirmed_at": now, "school_confirmed_at": now}
    rows = (
        ("Kajian", campus, Form.IN_KIND, Stage.ADOPTED, date(2026, 8, 6), 6_000_000, 10, both),
        ("Mesin", kemasindo, Form.IN_KIND, Stage.DELIVERED, date(2025, 6, 5), 8_500_000, None, both),
        ("Penyuluhan", kemasindo, Form.IN_KIND, Stage.DELIVERED, date(2026, 7, 7), None, "2.5", {}),
        ("Pembelian", kemasindo, Form.SALE, Stage.DELIVERED, date(2026, 10, 23), 27_750_000, None, {}),
        ("Hibah", campus, Form.CASH, Stage.DELIVERED, date(2026, 9, 1), 0, None, {}),
        ("Rencana", campus, Form.CASH, Stage.AGREED, date(2026, 12, 1), 90_000_000, 99, {}),
        ("Gagasan", kemasindo, Form.IN_KIND, Stage.PROPOSED, None, 1_000_000, None, {}),
    )
    for title, partner, form, stage, day, value, hours, more in rows:
        made = make.contribution(
            lebak, partner, title=title, form=form, stage=stage, delivered_on=day, value=value,
            valuation_basis="taksiran", hours=hours and Decimal(hours),
            kind=Kind.MARKET_ACCESS if form is Form.SALE else Kind.PROMOTION, **more,
        )  # fmt: skip
        if title == "Kajian":
            evidence(made)
    make.contribution(
        cast.pandeglang, cast.badak, title="Siaran", stage=Stage.DELIVERED, delivered_on=date(2026, 11, 1),
        value=600_000, valuation_basis="tarif", kind=Kind.PROMOTION,
    )  # fmt: skip
    make.contribution(lebak, kemasindo, title="Disimpan", stage=Stage.DELIVERED, archived_at=now, value=5)
    return cast


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_latest_delivery_stands_first_and_what_has_no_day_last(some):
    assert titles() == [
        "Rencana", "Siaran", "Pembelian", "Hibah", "Kajian", "Penyuluhan", "Mesin", "Gagasan",
    ]  # fmt: skip


def test_it_sorts_by_title_partner_value_and_stage(some):
    assert titles(sort="title")[:2] == ["Gagasan", "Hibah"]
    assert titles(sort="partner")[-1] == "Siaran"
    assert titles(sort="-value")[0] == "Rencana"
    # Nought is a value, nothing is none.
    assert titles(sort="value")[0] == "Hibah"
    assert titles(sort="value")[-1] == titles(sort="-value")[-1] == "Penyuluhan"
    assert titles(sort="stage")[0] == "Gagasan"


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(helix=Helix.UNIVERSITY), {"Kajian", "Hibah", "Rencana"}),
        (Filters(kind=Kind.MARKET_ACCESS), {"Pembelian"}),
        (Filters(form=Form.CASH), {"Hibah", "Rencana"}),
        (Filters(stage=Stage.PROPOSED), {"Gagasan"}),
        (Filters(year=2025), {"Mesin"}),
        (Filters(proof=Proof.PROVEN), {"Kajian", "Mesin"}),
        (Filters(proof=Proof.BARE), {"Mesin", "Penyuluhan", "Pembelian", "Hibah", "Siaran"}),
        (Filters(archived=True), {"Disimpan"}),
        (Filters(typed="kaj"), {"Kajian"}),
        (Filters(typed="politeknik"), {"Kajian", "Hibah", "Rencana"}),
        (Filters(typed="tidak ada"), set()),
    ],
)
def test_it_is_narrowed(some, filters, expected):
    assert set(titles(filters)) == expected


def test_it_is_narrowed_to_a_cluster_a_partner_and_a_product(some):
    product = make.product(some.lebak)
    make.contribution(some.lebak, some.kemasindo, title="Bagi produk", product_id=product.id)
    assert titles(Filters(cluster_id=some.pandeglang.id)) == ["Siaran"]
    assert titles(Filters(partner_id=some.badak.id)) == ["Siaran"]
    assert titles(Filters(product_id=product.id)) == ["Bagi produk"]


def test_a_coordinator_lists_and_sums_up_their_own_clusters(some, acting_as):
    with acting_as(some.ujang):
        assert titles() == ["Siaran"]
        assert sums() == ({Form.IN_KIND: 600_000}, 0, 1)
        assert totals_of(Filters()).clusters == {some.pandeglang.id: "Olahan Laut Pandeglang"}


def test_evidence_is_a_document_of_that_kind_whose_newest_version_is_not_archived(some):
    def bare():
        return "Mesin" in titles(Filters(proof=Proof.BARE))

    (row,) = [row for row in lists.export(Filters(), "when") if row.contribution.title == "Mesin"]
    evidence(row.contribution, kind=DocumentKind.MATERIAL, title="Bahan")
    assert bare()
    first = evidence(row.contribution)
    assert not bare()
    second = evidence(row.contribution, replaces_id=first.id, version_no=2, archived_at=clock.now())
    assert bare()
    assert pages.one(row.contribution.id).is_bare
    second.archived_at = None
    db.session.flush()
    assert not bare()
    assert not pages.one(row.contribution.id).is_bare


# ── totals ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_three_totals_over_what_was_delivered_never_added_up(some):
    given = totals_of(Filters(cluster_id=some.lebak.id)).given
    assert given.values == {Form.IN_KIND: 14_500_000, Form.SALE: 27_750_000, Form.CASH: 0}
    assert given.unvalued == {Form.IN_KIND: 1}
    assert (given.hours, given.number, given.proven, given.bare) == (Decimal("12.5"), 5, 2, 4)


def test_the_totals_are_of_what_the_list_shows(some):
    assert sums(Filters(year=2025)) == ({Form.IN_KIND: 8_500_000}, 0, 1)
    assert sums(Filters(form=Form.SALE)) == ({Form.SALE: 27_750_000}, 0, 1)
    assert sums(Filters(stage=Stage.ADOPTED)) == ({Form.IN_KIND: 6_000_000}, 10, 1)
    assert sums(Filters(stage=Stage.AGREED)) == ({}, 0, 0)
    assert sums(Filters(partner_id=some.badak.id)) == ({Form.IN_KIND: 600_000}, 0, 1)
    assert sums(Filters(proof=Proof.PROVEN)) == ({Form.IN_KIND: 14_500_000}, 10, 2)
    assert sums(Filters(typed="kajian")) == ({Form.IN_KIND: 6_000_000}, 10, 1)


def test_they_are_told_by_cluster_side_kind_and_year(some):
    def told(by):
        return [(key, one.values) for key, one in totals_of(Filters(), by).told]

    assert told(By.YEAR) == [
        (2026, {Form.IN_KIND: 6_600_000, Form.SALE: 27_750_000, Form.CASH: 0}),
        (2025, {Form.IN_KIND: 8_500_000}),
    ]
    assert told(By.CLUSTER)[1] == ("Olahan Laut Pandeglang", {Form.IN_KIND: 600_000})
    assert [key for key, _values in told(By.HELIX)] == [Helix.INDUSTRY, Helix.UNIVERSITY, Helix.MEDIA]
    assert told(By.KIND)[0] == (Kind.MARKET_ACCESS, {Form.SALE: 27_750_000})
    totals = totals_of(Filters())
    assert totals.years == [2026, 2025]
    assert totals.kinds == [Kind.MARKET_ACCESS, Kind.PROMOTION]


def test_a_filter_leaves_the_other_years_and_clusters_to_choose_from(some):
    totals = totals_of(Filters(year=2025, cluster_id=some.lebak.id))
    assert totals.years == [2026, 2025]
    assert len(totals.clusters) == 2


def test_nothing_adds_up_to_nothing(cast):
    assert sums() == ({}, 0, 0)


def test_statements_do_not_grow_with_the_list(cast, statements):
    def asked(rows):
        for number in range(rows):
            partner = make.partner(cast.lebak)
            evidence(make.contribution(cast.lebak, partner, stage=Stage.DELIVERED, value=number))
        db.session.expire_all()
        with statements() as ran:
            totals = totals_of(Filters(), By.KIND)
            page = lists.index(Filters(), "-when", 1, totals.found)
            assert all(row.partner and row.cluster and not row.is_bare for row in page.items)
        return len(ran)

    assert asked(1) == asked(60) <= 6 - FRAME


# ── one of them ─────────────────────────────────────────────────────────────────────────────────────────────


def test_statements_do_not_grow_with_what_hangs_on_one(cast, statements):
    made = make.contribution(
        cast.lebak, cast.kemasindo, stage=Stage.DELIVERED, school_user_id=cast.lilis.id,
        product_id=make.product(cast.lebak).id, guidance_id=make.guidance(cast.lebak).id,
        agreement_id=make.agreement(cast.lebak).id, giver_contact_id=cast.hendrik.contact_id,
    )  # fmt: skip

    def asked(rows):
        for number in range(rows):
            evidence(made, title=f"Foto {rows} {number}")
            school = make.school(cast.lebak)
            db.session.add(ContributionSchool(contribution_id=made.id, school_id=school.id))
            make.follow_up(
                cast.lebak, cast.lilis, source_kind=FollowUpSource.CONTRIBUTION, contribution_id=made.id
            )
        db.session.flush()
        number = made.id
        db.session.expire_all()
        with statements() as ran:
            page = pages.one(number)
            given = page.contribution
            named = (given.cluster, given.partner, given.product, given.guidance, given.agreement)
            assert all(named)
            assert given.giver_contact.name == "Hendrik Sasmita"
            assert all(line.uploaded_by is None for line in page.documents)
        return len(ran), len(page.schools), len(page.follow_ups), len(page.documents)

    one, many = asked(1), asked(60)
    assert one[0] == many[0] == 4
    assert many[1:] == (61, 61, 61)


def test_another_record_names_its_contributions_in_one_statement(cast, statements):
    product, guidance = make.product(cast.lebak), make.guidance(cast.lebak)
    for day in range(1, 8):
        make.contribution(
            cast.lebak, cast.kemasindo, title=f"Hari {day}", stage=Stage.DELIVERED,
            delivered_on=date(2026, 11, day), product_id=product.id, guidance_id=guidance.id,
        )  # fmt: skip
    make.contribution(cast.lebak, cast.kemasindo, product_id=product.id, archived_at=clock.now())
    with statements() as ran:
        named = pages.of_product(product.id)
    assert len(ran) == 1
    assert [given.title for given, _partner in named.lines] == [f"Hari {day}" for day in (7, 6, 5, 4, 3)]
    assert named.total == 7
    with statements() as ran:
        mentioned = sessions.one(guidance.id).given
    assert len(ran) == 3
    assert [given.title for given, _partner in mentioned] == [f"Hari {day}" for day in (7, 6, 5, 4, 3, 2, 1)]
    assert pages.of_product(0) == pages.Mentioned([], 0)


# ── what the form offers ────────────────────────────────────────────────────────────────────────────────────


def test_the_form_offers_what_is_of_the_cluster_today(cast):
    lebak, now = cast.lebak, clock.now()
    gone = make.partner(name="Sudah pergi")
    make.involvement(lebak, gone, ended_on=date(2026, 1, 1), since=date(2025, 1, 1))
    product = make.product(lebak)
    make.product(lebak, archived_at=now)
    make.product(cast.pandeglang)
    session = make.guidance(lebak)
    make.guidance(lebak, status=GuidanceStatus.CANCELLED)
    agreement = make.agreement(lebak, partners=(cast.kemasindo,))
    make.agreement(cast.pandeglang, partners=(cast.badak,), status=AgreementStatus.DRAFT)
    assert [one.id for one in contribution_form.partners(lebak.id)] == [cast.kemasindo.id]
    assert gone.id in {one.id for one in contribution_form.partners(lebak.id, gone.id)}
    assert [one.id for one in contribution_form.products(lebak.id)] == [product.id]
    assert [one.id for one in contribution_form.sessions(lebak.id)] == [session.id]
    assert [(one.id, name) for one, name in contribution_form.agreements(lebak.id)] == [
        (agreement.id, "CV Kemasindo Lebak")
    ]
    assert contribution_form.only_party(agreement.id) == cast.kemasindo.id
    assert contribution_form.homes(cast.kemasindo.id, None) == {lebak.id}
    assert contribution_form.homes(None, agreement.id) == {lebak.id}
    assert contribution_form.homes(None, None) is None
