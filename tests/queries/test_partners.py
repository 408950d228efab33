"""The list of partners: what a row tells, which rows there are, in which order."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from pentahelix import clock as system, rules
from pentahelix.models import ClusterPartner
from pentahelix.queries import partners
from pentahelix.queries.agreements import Standing
from pentahelix.queries.partners import Filters, Sort, Status
from pentahelix.vocabulary import (
    AgreementKind,
    AgreementStatus,
    FollowUpStatus,
    Helix,
    InvolvementRole,
    LastContactKind,
    Regency,
)
from tests import factories as make

pytestmark = pytest.mark.both_engines

TODAY = date(2026, 11, 24)


def _spoke(partner, cluster, day, kind=LastContactKind.MEETING):
    return make.involvement(cluster, partner, last_contact_on=day, last_contact_kind=kind)


def _listed(**filters):
    return [row.partner.name for row in partners.index(Filters(**filters), 1).page.items]


def _row(**filters):
    (row,) = partners.index(Filters(**filters), 1).page.items
    return row


# ── what a row tells ────────────────────────────────────────────────────────────────────────────────────────


def test_the_primary_contact_stands_beside_the_partner_else_who_has_been_there_longest(cast, session):
    cast.hendrik.is_primary = False
    make.affiliation(cast.kemasindo, make.contact(name="Putri"), position="Desainer")
    row = _row(typed="kemasindo")
    assert (row.contact.name, row.position) == ("Hendrik Sasmita", "Direktur")
    make.affiliation(cast.kemasindo, make.contact(name="Sumiyati"), is_primary=True)
    assert _row(typed="kemasindo").contact.name == "Sumiyati"


def test_whoever_left_or_is_archived_is_nobody_to_speak_to(cast, session):
    cast.hendrik.ends = date(2026, 10, 1)
    make.affiliation(cast.kemasindo, make.contact(name="Putri", archived_at=system.now()), is_primary=True)
    assert _row(typed="kemasindo").contact is None


def test_the_next_step_is_the_open_follow_up_that_is_due_first(cast, session):
    for title, due_on, status in (
        ("Kelak", date(2026, 12, 24), FollowUpStatus.NOT_STARTED),
        ("Dahulu", date(2026, 11, 26), FollowUpStatus.IN_PROGRESS),
        ("Batal", date(2026, 11, 1), FollowUpStatus.CANCELLED),
    ):
        make.follow_up(
            cast.lebak, cast.lilis, partner=cast.kemasindo, title=title, due_on=due_on, status=status
        )
    make.follow_up(
        cast.lebak, cast.lilis, partner=cast.kemasindo, due_on=date(2026, 1, 1), archived_at=system.now()
    )
    row = _row(typed="kemasindo")
    assert (row.step_title, row.step_due_on, row.is_late) == ("Dahulu", date(2026, 11, 26), False)


@pytest.mark.parametrize(
    ("zone", "now", "late"),
    [
        ("Asia/Jakarta", "2026-11-24T23:30+07:00", False),
        ("Asia/Jayapura", "2026-11-24T23:30+07:00", True),
        ("Asia/Jakarta", "2026-11-25T00:30+07:00", True),
    ],
)
def test_a_step_is_late_from_the_day_after_in_the_zone_of_its_cluster(session, clock, zone, now, late):
    klaster = make.cluster(timezone=zone)
    mitra = make.partner(klaster)
    _spoken = make.contact_log(klaster, mitra, make.user(klaster))
    make.follow_up(klaster, make.user(klaster), partner=mitra, due_on=TODAY)
    clock.set(now)
    assert _row().is_late == late
    listed = partners.index(Filters(status=Status.ATTENTION), 1)
    assert bool([row for row in listed.page.items if row.is_late]) == late


def test_in_several_clusters_the_latest_contact_and_the_earliest_step_count(cast, session):
    make.involvement(
        cast.pandeglang,
        cast.kemasindo,
        last_contact_on=date(2026, 11, 20),
        last_contact_kind=LastContactKind.VISIT,
    )
    make.follow_up(
        cast.pandeglang, cast.ujang, partner=cast.kemasindo, title="Pandeglang", due_on=date(2026, 12, 1)
    )
    make.follow_up(cast.lebak, cast.lilis, partner=cast.kemasindo, title="Lebak", due_on=date(2026, 12, 2))
    everywhere = _row(typed="kemasindo")
    assert (everywhere.last_contact_on, everywhere.last_contact_kind) == (
        date(2026, 11, 20),
        LastContactKind.VISIT,
    )
    assert (everywhere.step_title, everywhere.is_cold) == ("Pandeglang", False)
    here = _row(typed="kemasindo", cluster_id=cast.lebak.id)
    assert (here.last_contact_on, here.step_title, here.is_cold) == (None, "Lebak", True)


def test_a_coordinator_sees_the_contacts_and_steps_of_own_clusters_only(cast, session, acting_as):
    make.involvement(
        cast.pandeglang, cast.kemasindo, last_contact_on=TODAY, last_contact_kind=LastContactKind.VISIT
    )
    make.follow_up(cast.pandeglang, cast.ujang, partner=cast.kemasindo)
    make.agreement(cast.pandeglang, partners=(cast.kemasindo,))
    make.tag(cast.badak, name="radio")
    with acting_as(cast.lilis):
        found = partners.index(Filters(), 1)
        (row,) = found.page.items
        assert (row.last_contact_on, row.step_id, row.agreement) == (None, None, None)
        assert (found.facets.tags, len(found.facets.clusters)) == ({}, 1)
        assert partners.index(Filters(cluster_id=cast.pandeglang.id), 1).page.items == []


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ([], None),
        ([{"ends_on": date(2028, 3, 14)}], Standing.IN_FORCE),
        ([{"ends_on": date(2026, 12, 6)}], Standing.ENDING),
        ([{"ends_on": date(2026, 11, 1)}], Standing.EXPIRED),
        ([{"status": AgreementStatus.LEGAL_REVIEW}], Standing.IN_PROCESS),
        ([{"status": AgreementStatus.ABANDONED}], None),
        (
            [{"status": AgreementStatus.COMPLETED, "signed_on": TODAY, "starts_on": TODAY, "ends_on": TODAY}],
            None,
        ),
        ([{"archived_at": system.now()}], None),
        ([{"status": AgreementStatus.DRAFT}, {"ends_on": date(2026, 11, 1)}], Standing.IN_PROCESS),
        ([{"ends_on": date(2026, 12, 6)}, {"status": AgreementStatus.DRAFT}], Standing.ENDING),
        ([{"ends_on": date(2026, 12, 6)}, {"ends_on": date(2028, 3, 14)}], Standing.IN_FORCE),
    ],
)
def test_the_agreement_that_says_most_is_the_badge(cast, session, given, shown):
    for values in given:
        make.agreement(cast.lebak, partners=(cast.kemasindo,), **values)
    badge = _row(typed="kemasindo").agreement
    assert (badge and badge.standing) == shown


def test_in_one_cluster_only_agreements_that_cover_it_count(cast, session):
    make.agreement(cast.pandeglang, partners=(cast.kemasindo,), kind=AgreementKind.MOU)
    assert _row(typed="kemasindo").agreement.kind == AgreementKind.MOU
    assert _row(typed="kemasindo", cluster_id=cast.lebak.id).agreement is None


# ── who is listed ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_search_finds_by_the_partner_or_by_a_person_who_works_there(cast, session):
    assert _listed(typed="kemas") == ["CV Kemasindo Lebak"]
    assert _listed(typed="sasmita") == ["CV Kemasindo Lebak"]
    cast.hendrik.ends = date(2026, 11, 1)
    assert _listed(typed="sasmita") == []


@pytest.mark.parametrize("typed", ["%", "_", "50%", "A_B", "\\"])
def test_c99_a_percent_sign_does_not_list_all(cast, typed):
    assert _listed(typed=typed) == []


def test_c03_a_name_with_a_number_is_found_and_sorted_where_a_person_expects(cast, session):
    for name in ("CV 10 Saudara", "CV 3 Saudara Jaya", "CV Angkasa"):
        make.partner(cast.lebak, name=name)
    assert _listed(typed="3 saudara") == ["CV 3 Saudara Jaya"]
    assert _listed(sort=Sort.NAME, cluster_id=cast.lebak.id)[:3] == [
        "CV 3 Saudara Jaya",
        "CV 10 Saudara",
        "CV Angkasa",
    ]


def _one_of_each(cast):
    _spoke(make.partner(name="Mitra"), cast.lebak, TODAY)
    make.involvement(cast.lebak, make.partner(name="Calon"), role=InvolvementRole.PROSPECT, since=TODAY)
    make.involvement(cast.lebak, make.partner(name="Dingin"), since=date(2026, 8, 25))
    _spoke(make.partner(name="Lalu"), cast.lebak, TODAY).ended_on = date(2026, 11, 23)
    _spoke(make.partner(name="Hari terakhir"), cast.lebak, TODAY).ended_on = TODAY
    _spoke(make.partner(name="Arsip", archived_at=system.now()), cast.lebak, TODAY)
    late = make.partner(name="Terlambat")
    _spoke(late, cast.lebak, TODAY)
    make.follow_up(cast.lebak, cast.lilis, partner=late, due_on=date(2026, 11, 23))
    make.involvement(make.cluster(archived_at=system.now()), make.partner(name="Klaster arsip"))


@pytest.mark.parametrize(
    ("status", "names"),
    [
        (None, {"Mitra", "Calon", "Dingin", "Hari terakhir", "Terlambat"}),
        (Status.PARTNER, {"Mitra", "Dingin", "Hari terakhir", "Terlambat"}),
        (Status.PROSPECT, {"Calon"}),
        (Status.ENDED, {"Lalu", "Klaster arsip"}),
        (Status.ARCHIVED, {"Arsip"}),
        (Status.ATTENTION, {"Dingin", "Terlambat"}),
        (Status.COLD, {"Dingin"}),
    ],
)
def test_a_status_narrows_to_whoever_is_in_it(cast, session, status, names):
    _one_of_each(cast)
    known = {"CV Kemasindo Lebak", "Radio Badak Pandeglang"}
    assert set(_listed(status=status)) - known == names


def test_by_helix_district_and_tag(cast, session):
    make.tag(cast.kemasindo, name="kemasan")
    make.tag(cast.badak, name="siaran")
    assert _listed(helix=Helix.MEDIA) == ["Radio Badak Pandeglang"]
    assert _listed(regency=Regency.LEBAK) == ["CV Kemasindo Lebak"]
    assert _listed(tag="siaran") == ["Radio Badak Pandeglang"]
    assert _listed(tag="siaran", helix=Helix.INDUSTRY) == []


def test_each_chip_tells_how_many_its_press_would_show(cast, session):
    _one_of_each(cast)
    facets = partners.index(Filters(cluster_id=cast.lebak.id), 1).facets
    assert (facets.everybody, facets.attention, facets.found) == (6, 3, 6)
    assert facets.helices == {**dict.fromkeys(Helix, 0), Helix.INDUSTRY: 6}
    narrowed = partners.index(
        Filters(cluster_id=cast.lebak.id, status=Status.ATTENTION, helix=Helix.MEDIA), 1
    )
    assert (narrowed.facets.found, narrowed.facets.attention, narrowed.facets.everybody) == (0, 0, 6)
    assert narrowed.facets.helices[Helix.INDUSTRY] == 3


@pytest.mark.parametrize(
    ("own_days", "days_ago", "cold"), [(None, 90, False), (None, 91, True), (30, 31, True)]
)
def test_cold_is_longer_ago_than_the_cluster_or_the_province_says(session, own_days, days_ago, cold):
    klaster = make.cluster(cold_after_days=own_days)
    involvement = _spoke(make.partner(), klaster, TODAY - timedelta(days=days_ago))
    assert _row().is_cold == cold == rules.is_cold(involvement, TODAY, own_days or 90)


def test_the_provinces_own_number_of_days_counts(session):
    make.setting("cold_days", 10)
    _spoke(make.partner(), make.cluster(), TODAY - timedelta(days=11))
    assert _row().is_cold


def test_without_any_contact_the_beginning_counts(session):
    make.involvement(make.cluster(), make.partner(), since=TODAY - timedelta(days=90))
    assert not _row().is_cold


# ── in which order ──────────────────────────────────────────────────────────────────────────────────────────


def test_longest_ago_comes_first_and_never_is_longest_of_all(cast, session):
    for name, day in (("Kemarin", date(2026, 11, 23)), ("Lama", date(2026, 1, 5))):
        _spoke(make.partner(name=name), cast.lebak, day)
    assert _listed(cluster_id=cast.lebak.id) == ["CV Kemasindo Lebak", "Lama", "Kemarin"]
    assert _listed(cluster_id=cast.lebak.id, sort=Sort.LATEST) == ["Kemarin", "Lama", "CV Kemasindo Lebak"]


@pytest.mark.parametrize("sort", [Sort.STEP, Sort.STEP_DOWN])
def test_whoever_has_no_step_stands_last_either_way(cast, session, sort):
    make.follow_up(cast.pandeglang, cast.ujang, partner=cast.badak)
    assert _listed(sort=sort)[-1] == "CV Kemasindo Lebak"


def test_the_helices_keep_their_order(cast, session):
    for helix in reversed(Helix):
        make.partner(cast.lebak, name=helix.value, helix=helix)
    listed = _listed(sort=Sort.HELIX, cluster_id=cast.lebak.id)
    assert [name for name in listed if name in set(Helix)] == [helix.value for helix in Helix]


@pytest.mark.parametrize("sort", Sort)
def test_c102_walking_all_pages_meets_each_partner_once(cast, session, sort):
    for number in range(95):
        make.partner(cast.lebak, name="Sama namanya" if number % 2 else f"Mitra {number}")
    seen = []
    for page in range(1, 5):
        seen += [row.partner.id for row in partners.index(Filters(sort=sort), page).page.items]
    assert len(seen) == len(set(seen)) == 97
    again = [row.partner.id for row in partners.index(Filters(sort=sort), 2).page.items]
    assert again == seen[25:50]


def test_beyond_reach_the_total_is_not_exact_and_the_pages_end(cast, session, monkeypatch):
    monkeypatch.setattr(partners, "REACH", 30)
    for _number in range(40):
        make.partner(cast.lebak)
    page = partners.index(Filters(), 99).page
    assert (page.total, page.total_is_exact, page.number, len(page.items)) == (30, False, 2, 17)


def test_c98_the_spreadsheet_has_every_row_once(cast, session):
    for _number in range(60):
        make.partner(cast.lebak)
    rows = partners.everyone(Filters())
    assert len({row.partner.id for row in rows}) == len(rows) == 62


# ── pickers ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_c65_a_picker_offers_at_most_ten_of_ones_own_and_nothing_for_nothing(cast, session, acting_as):
    for number in range(15):
        make.partner(cast.pandeglang, name=f"Kelompok Nelayan {number}")
    with acting_as(cast.ujang):
        assert len(partners.suggest("k")) == 10
        assert [one.name for one in partners.suggest("kem")] == []
        assert partners.suggest("") == partners.suggest("%") == []
    with acting_as(cast.lilis):
        assert [one.name for one in partners.suggest("kem")] == ["CV Kemasindo Lebak"]


def test_a_picker_leaves_out_whom_one_no_longer_works_with(cast, session):
    involvement = session.scalars(
        select(ClusterPartner).where(ClusterPartner.partner_id == cast.kemasindo.id)
    ).one()
    involvement.ended_on = date(2026, 11, 23)
    cast.badak.archived_at = system.now()
    assert partners.suggest("kem") == partners.suggest("radio") == []


def test_a_picker_puts_first_what_begins_with_the_typed_word(cast, session):
    for name in ("Toko Lebak Jaya", "Lebak Jaya", "Agen Lebak"):
        make.partner(cast.lebak, name=name)
    assert next(one.name for one in partners.suggest("lebak", cluster_id=cast.lebak.id)) == "Lebak Jaya"
    assert partners.suggest("lebak", cluster_id=cast.pandeglang.id) == []
