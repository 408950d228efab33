"""The pages of the coverage matrix: the whole, its gaps, one cell, and what is taken away from it."""

import re
from datetime import date
from html import unescape
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from pentahelix import clock as system
from pentahelix.models import Cluster
from pentahelix.vocabulary import FollowUpSource, Helix, Regency, Role, Salutation
from tests import factories as make, remembered
from tests.clients import words
from tests.provinces import EIGHT, a_province

LONG_NAME = "Pengolahan Hasil Laut dan Minuman Herbal Tradisional " + "Terpadu " * 10


@pytest.fixture
def kabid(session, browser_of):
    return browser_of(
        make.user(role=Role.KABID, salutation=Salutation.IBU, name="Dra. Aminah Fatmawati, M.Pd.")
    )


@pytest.fixture
def eight(session):
    made = remembered.enter(session, "eight", lambda: {str(cluster.id): cluster for cluster in a_province()})
    return list(made.values())


@pytest.fixture
def hers(eight, browser_of):
    """The browser of a coordinator of the first and the fifth cluster."""
    return browser_of(make.user(eight[0], eight[4], name="Lilis Nurhayati Agustin, S.E."))


def names_of_cells(page):
    """What a person who listens hears of each cell, in their order."""
    return [
        unescape(name) for name in re.findall(r'class="cell cell-\w+"[^>]*aria-label="([^"]+)"', page.text)
    ]


def links(page, text):
    """Where the links of that text lead."""
    found = re.findall(
        r'<a [^>]*href="([^"]+)"[^>]*>(?:<svg.*?</svg>)?([^<]*)(?:<span class="sr">[^<]*</span>)?</a>',
        page.text,
    )
    return [unescape(address) for address, said in found if unescape(said) == text]


# ── the matrix ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_title_is_the_answer_and_the_line_under_it_says_of_what_and_when(eight, kabid):
    said = words(kabid.get("/coverage"))
    assert "28 dari 40 sisi kemitraan sudah terikat" in said
    assert (
        "Provinsi Banten · 8 klaster · 8 SMK · 34 mitra · per Selasa, 24 November 2026, pukul 07.00 WIB"
        in said
    )


def test_the_kabid_opens_on_the_matrix(eight, kabid):
    assert kabid.get("/").location == "/coverage"


def test_each_cell_is_a_link_whose_name_says_all_of_it(eight, kabid):
    page = kabid.get("/coverage")
    names = names_of_cells(page)
    assert len(names) == 40
    assert names[:5] == [
        "Olahan Kuliner Lebak, DUDI: aktif, 1 mitra",
        "Olahan Kuliner Lebak, Perguruan tinggi: aktif, 1 mitra",
        "Olahan Kuliner Lebak, Komunitas / UMKM: aktif, 1 mitra",
        "Olahan Kuliner Lebak, Media: berisiko, habis 12 hari",
        "Olahan Kuliner Lebak, Pemerintah: terikat, 1 mitra",
    ]
    assert "Kriya Bambu Tangerang, Perguruan tinggi: berisiko, 1 terlambat" in names
    assert "Agrowisata Serang, Media: kosong" in names
    assert f'href="/coverage/{eight[0].id}/media"' in page.text


def test_an_agreement_in_process_stands_beside_the_partners_of_a_prospect(kabid, session):
    a_province(["n----"])
    assert (
        names_of_cells(kabid.get("/coverage"))[0]
        == "Olahan Kuliner Lebak, DUDI: penjajakan, 1 mitra, telaah hukum"
    )


def test_where_only_some_of_the_partners_are_bound_the_cell_says_how_many(kabid, session):
    (lebak,) = a_province(["a----"])
    make.partner(lebak, helix=Helix.INDUSTRY)
    assert names_of_cells(kabid.get("/coverage"))[0].endswith("DUDI: aktif, 1 dari 2 mitra")


def test_an_agreement_on_its_last_day_ends_today(kabid, session, clock):
    a_province(["x----"])
    clock.set("2026-12-06T09:00+07:00")
    assert names_of_cells(kabid.get("/coverage"))[0].endswith("DUDI: berisiko, habis hari ini")


def test_rows_columns_and_legend_are_counted(eight, kabid):
    said = words(kabid.get("/coverage"))
    assert "Klaster terikat 7 dari 8 5 dari 8 6 dari 8 4 dari 8 6 dari 8 28 /40" in said
    assert "17 Aktif kegiatan ≤ 90 hari 8 Terikat ada perjanjian 3 Berisiko habis/terlambat" in said
    assert "6 Penjajakan ada calon 6 Kosong tanpa mitra" in said


def test_the_rule_stands_there_with_the_thresholds_of_the_province(eight, kabid):
    make.setting("alive_days", 120)
    make.setting("at_risk_days", 45)
    said = words(kabid.get("/coverage"))
    assert "kegiatan ≤ 120 hari" in said
    assert "dalam 120 hari terakhir" in said
    assert "habis dalam 45 hari" in said
    assert "terlambat lebih dari 7 hari" in said


def test_the_panel_names_one_gap_a_cluster_and_links_to_all(eight, kabid):
    page = kabid.get("/coverage")
    panel = page.text.partition('class="rank"')[2].partition("</ol>")[0]
    named = re.findall(r'class="strong">([^<]+)<', panel)
    assert named == [
        "Agrowisata Serang",
        "Perawatan Mesin Cilegon",
        "Mebel Kota Tangerang",
        "Busana Tangsel",
        "Kriya Bambu Tangerang",
    ]
    assert links(page, "Semua 12") == ["/coverage/gaps"]


def test_an_empty_side_counts_who_could_fill_it_in_its_regency(eight, kabid):
    make.partner(helix=Helix.UNIVERSITY, area_code="36.04.12")
    make.partner(helix=Helix.UNIVERSITY, area_code="36.04")
    make.partner(helix=Helix.UNIVERSITY, area_code="36.01")
    assert "Agrowisata Serang Perguruan tinggi · 2 calon" in words(kabid.get("/coverage"))


def test_the_map_counts_each_regency_and_leads_to_its_clusters(eight, kabid):
    page = kabid.get("/coverage")
    tiles = re.findall(r'class="tile tile-(\d)"><a href="([^"]+)"', page.text)
    assert len(tiles) == 8
    assert tiles[0] == ("2", f"/coverage?regency={Regency.KOTA_CILEGON}")
    assert "Kab. Serang 1 dari 5" in words(page)

    lebak = kabid.get("/coverage?regency=36.02")
    assert "5 dari 5 sisi kemitraan sudah terikat" in words(lebak)
    assert "Kabupaten Lebak · 1 klaster · per" in words(lebak)
    assert len(names_of_cells(lebak)) == 5
    assert "Kab. Serang 1 dari 5" in words(lebak)


def test_a_regency_without_a_cluster_says_so(kabid, session):
    a_province(["aaaaa"])
    said = words(kabid.get("/coverage?regency=36.04"))
    assert "Belum ada klaster di Kabupaten Serang." in said
    assert "Kab. Serang belum ada klaster" in said
    assert kabid.get("/coverage?regency=99.99").status_code == 200


def test_a_province_without_clusters_says_what_will_stand_here_and_begins(kabid):
    page = kabid.get("/coverage")
    assert "Belum ada klaster" in words(page)
    assert links(page, "Buat klaster pertama") == ["/clusters/new"]
    assert "Unduh XLSX" not in words(page)


def test_one_cluster_is_one_row(kabid, session):
    a_province(["a-p--"])
    page = kabid.get("/coverage")
    assert "1 dari 5 sisi kemitraan sudah terikat" in words(page)
    assert len(names_of_cells(page)) == 5


def test_a_full_matrix_has_no_panel_of_gaps(kabid, session):
    a_province(["aaaaa"])
    assert "Celah terbesar" not in words(kabid.get("/coverage"))
    assert "Semua sisi kemitraan terikat" in words(kabid.get("/coverage/gaps"))


def test_a_coordinator_sees_the_own_rows_alone(hers, eight):
    page = hers.get("/coverage")
    assert "8 dari 10 sisi kemitraan sudah terikat" in words(page)
    assert "Klaster Anda · 2 klaster" in words(page)
    assert "Gula Aren Pandeglang" not in page.text
    assert "Menurut wilayah" not in words(page)
    assert "Gula Aren Pandeglang" not in hers.get("/coverage/gaps").text
    assert hers.get(f"/coverage/{eight[1].id}/media").status_code == 404


def test_a_coordinator_of_one_cluster_reads_its_name(eight, browser_of):
    page = browser_of(make.user(eight[1])).get("/coverage")
    assert "Klaster Teaching Factory Gula Aren Pandeglang · 1 klaster" in words(page)


def test_c05_a_long_name_stands_there_whole(kabid, session):
    make.cluster(name=LONG_NAME, short_name=LONG_NAME.strip(), regency=Regency.LEBAK)
    for address in ("/coverage", "/coverage/gaps"):
        assert LONG_NAME.strip() in words(kabid.get(address))


@pytest.mark.parametrize("number", [1, 12])
def test_the_matrix_asks_as_often_for_twelve_clusters_as_for_one(kabid, session, statements, number):
    a_province([EIGHT[index % 8] for index in range(number)])
    with statements() as ran:
        assert kabid.get("/coverage").status_code == 200
    assert len(ran) == 5


# ── the gaps ────────────────────────────────────────────────────────────────────────────────────────────────


def test_all_gaps_are_ranked_with_what_comes_next(eight, kabid):
    page = kabid.get("/coverage/gaps")
    assert "12 sisi kemitraan belum terikat" in words(page)
    order = re.findall(r'href="/coverage/(\d+)/(\w+)"', page.text)
    assert order[:3] == [
        (str(eight[7].id), "university"), (str(eight[7].id), "media"), (str(eight[7].id), "industry"),
    ]  # fmt: skip
    assert f"/follow-ups/new?cluster={eight[7].id}&helix=university" in links(page, "Tugaskan tindak lanjut")


def test_a_coordinator_finds_a_partner_for_an_empty_side(hers, eight):
    page = hers.get("/coverage/gaps")
    assert links(page, "Cari mitra") == [
        f"/partners/new?cluster={eight[4].id}&helix={helix}" for helix in ("community", "media")
    ]


def test_a_gap_that_somebody_works_on_names_the_follow_up(eight, kabid):
    owner = make.user(eight[7])
    make.follow_up(
        eight[7], owner, title="Cari politeknik", source_kind=FollowUpSource.CELL, helix=Helix.UNIVERSITY
    )
    assert "Cari politeknik Sel., 1 Des." in words(kabid.get("/coverage/gaps"))
    said = words(kabid.get(f"/coverage/{eight[7].id}/university"))
    assert "Cari politeknik" in said
    assert "Belum ditugaskan" not in said


def test_gaps_come_in_pages_of_twenty_five(kabid, session):
    a_province(["-----"] * 6)
    assert "1–25 dari 30 celah" in words(kabid.get("/coverage/gaps"))
    assert "26–30 dari 30 celah" in words(kabid.get("/coverage/gaps?page=9"))


@pytest.mark.parametrize("number", [1, 30])
def test_the_gaps_ask_as_often_for_thirty_clusters_as_for_one(kabid, session, statements, number):
    a_province(["p-p-b"] * number)
    with statements() as ran:
        assert kabid.get("/coverage/gaps").status_code == 200
    assert len(ran) == 6


def test_without_a_cluster_no_side_is_said_to_be_bound(kabid):
    said = words(kabid.get("/coverage/gaps"))
    assert "Belum ada klaster" in said
    assert "terikat" not in said.partition("Belum ada klaster")[0]
    assert "Semua sisi kemitraan terikat" not in said


# ── a cell ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_cell_at_risk_by_an_end_names_the_agreement_and_who_is_behind_it(hers, session, eight):
    page = hers.get(f"/coverage/{eight[0].id}/media")
    said = words(page)
    assert "Media: berisiko, habis 12 hari" in said
    assert "Perjanjian habis 12 hari lagi, belum ada penerusnya." in said
    assert "12 hari lagi · 6 Desember 2026" in said
    assert re.search(r"Perpanjang kerja sama dengan Mitra \d+ Belum ditugaskan kepada siapa pun\.", said)
    assert links(page, "Cakupan") == ["/coverage"]


def test_a_cell_at_risk_by_what_is_late_names_it_and_done_is_its_button(eight, kabid):
    page = kabid.get(f"/coverage/{eight[3].id}/university")
    assert "1 tindak lanjut terlambat lebih dari 7 hari." in words(page)
    assert "Terlambat 30 hari · Minggu, 25 Oktober 2026 · Neneng Sulastri" in words(page)
    assert page.text.count("btn-1") == 1
    assert re.search(r'<button class="btn btn-1 btn-s"[^>]*>.*?Selesai', page.text)


def test_an_empty_cell_leads_to_the_form_of_a_partner_and_names_whom_to_ask(hers, eight):
    near = make.partner(eight[0], helix=Helix.COMMUNITY, name="Forum UMKM Cilegon", area_code="36.72.03")
    make.partner(eight[1], helix=Helix.COMMUNITY, name="Paguyuban Perajin Merak", area_code="36.72")
    page = hers.get(f"/coverage/{eight[4].id}/community")
    assert links(page, "Tambah mitra") == [f"/partners/new?cluster={eight[4].id}&helix=community"]
    assert links(page, "Forum UMKM Cilegon") == [f"/partners/{near.id}"]
    assert "Paguyuban Perajin Merak" in words(page)
    assert not links(page, "Paguyuban Perajin Merak")


def test_the_kabid_assigns_what_the_cell_asks_for(eight, kabid):
    (address,) = links(kabid.get(f"/coverage/{eight[4].id}/community"), "Tugaskan tindak lanjut")
    assert parse_qs(urlsplit(address).query) == {
        "cluster": [str(eight[4].id)], "helix": ["community"], "title": ["Cari mitra"],
    }  # fmt: skip
    assert kabid.get(address).status_code == 200


def test_once_it_is_assigned_done_is_the_kabid_s_button_and_assigning_comes_second(kabid, eight, session):
    address = f"/coverage/{eight[4].id}/community"
    assert re.search(r'<a class="btn btn-1"[^>]*>.*?Tugaskan', kabid.get(address).text)
    make.follow_up(
        eight[4], make.user(eight[4]), helix=Helix.COMMUNITY, source_kind=FollowUpSource.CELL, title="Cari"
    )
    page = kabid.get(address)
    assert page.text.count("btn-1") == 1
    assert re.search(r'<button class="btn btn-1 btn-s"[^>]*>.*?Selesai', page.text)
    assert links(page, "Tugaskan tindak lanjut")


def test_what_the_state_asks_for_stays_the_primary_button_of_who_can_do_it(hers, eight, session):
    make.follow_up(
        eight[4], make.user(eight[4]), helix=Helix.COMMUNITY, source_kind=FollowUpSource.CELL, title="Cari"
    )
    page = hers.get(f"/coverage/{eight[4].id}/community")
    assert page.text.count("btn-1") == 1
    assert re.search(r'<a class="btn btn-1"[^>]*>.*?Tambah mitra', page.text)


def test_what_the_state_asks_for_has_the_one_primary_button_beside_it(hers, eight):
    page = hers.get(f"/coverage/{eight[0].id}/media").text
    head, _card, card = page.partition('<section class="card next">')
    assert "btn-1" not in head
    assert card.partition("</section>")[0].count("btn-1") == 1
    assert page.count("Perpanjang kerja sama dengan") == 1


def test_a_prospect_is_proposed_to_and_an_agreement_in_process_is_pushed(kabid, session):
    proposed, pushed = a_province(["p----", "n----"])
    assert "Ajukan kerja sama dengan Mitra" in words(kabid.get(f"/coverage/{proposed.id}/industry"))
    said = words(kabid.get(f"/coverage/{pushed.id}/industry"))
    assert "Dorong kerja sama dengan Mitra" in said
    assert "Kerja sama dalam proses: telaah hukum." in said


def test_a_bound_side_is_met_again(hers, eight):
    page = hers.get(f"/coverage/{eight[0].id}/government")
    assert "tidak ada kegiatan dalam 90 hari terakhir" in words(page)
    assert links(page, "Rencanakan bimtek")[0].startswith(f"/guidance/new?cluster={eight[0].id}&partner=")
    assert links(page, "Rencanakan rapat")[0].startswith("/meetings/new?plan=1&cluster=")
    for address in (*links(page, "Rencanakan bimtek"), *links(page, "Rencanakan rapat")):
        assert hers.get(address).status_code == 200


def test_a_living_side_names_what_was_done_together_last(eight, kabid):
    said = words(kabid.get(f"/coverage/{eight[0].id}/industry"))
    assert re.search(r"Kegiatan terakhir Rapat \d+ 24 November 2026 · Mitra \d+", said)


def test_the_partners_of_a_cell_are_listed_with_agreement_contact_and_step(eight, kabid):
    late = words(kabid.get(f"/coverage/{eight[3].id}/university"))
    assert re.search(
        r"Mitra \d+ PKS sampai 29 Des\. 2027 belum pernah Tindak lanjut \d+ Terlambat 30 hari", late
    )


def test_a_cell_asks_as_often_for_twenty_partners_as_for_one(kabid, session, statements):
    (lebak,) = a_province(["l----"])

    def asked():
        with statements() as ran:
            assert kabid.get(f"/coverage/{lebak.id}/industry").status_code == 200
        return len(ran)

    few = asked()
    owner = make.user(lebak)
    for _ in range(20):
        partner = make.partner(lebak, helix=Helix.INDUSTRY)
        make.agreement(lebak, partners=(partner,))
        make.follow_up(lebak, owner, partner=partner)
    assert asked() == few <= 16


def test_what_is_no_cell_does_not_exist(kabid, session, eight):
    assert kabid.get(f"/coverage/{eight[0].id}/akademisi").status_code == 404
    assert kabid.get("/coverage/987654/media").status_code == 404
    session.get(Cluster, eight[0].id).archived_at = system.now()
    assert kabid.get(f"/coverage/{eight[0].id}/media").status_code == 404
    assert len(names_of_cells(kabid.get("/coverage"))) == 35


def test_the_page_of_a_cluster_shows_its_five_cells(hers, eight):
    page = hers.get(f"/clusters/{eight[0].id}")
    assert names_of_cells(page)[3] == "Media: berisiko, habis 12 hari"
    assert f'href="/coverage/{eight[0].id}/media"' in page.text


# ── taken away ──────────────────────────────────────────────────────────────────────────────────────────────


def test_c97_the_workbook_holds_the_matrix_each_cell_and_the_rule(eight, kabid):
    answer = kabid.get("/coverage.xlsx")
    assert "cakupan-2026-11-24.xlsx" in answer.headers["Content-Disposition"]
    book = CalamineWorkbook.from_filelike(BytesIO(answer.data))
    assert book.sheet_names == ["Cakupan", "Sisi kemitraan", "Aturan"]

    matrix = book.get_sheet_by_name("Cakupan").to_python()
    assert matrix[0][:4] == ["Klaster", "Kabupaten/kota", "DUDI", "Perguruan tinggi"]
    assert matrix[1] == [
        "Klaster Teaching Factory Olahan Kuliner Lebak", "Kabupaten Lebak", "Aktif · 1 mitra",
        "Aktif · 1 mitra", "Aktif · 1 mitra", "Berisiko · habis 12 hari", "Terikat · 1 mitra", 5,
    ]  # fmt: skip
    assert matrix[-1] == [
        "Klaster terikat",
        "",
        "7 dari 8",
        "5 dari 8",
        "6 dari 8",
        "4 dari 8",
        "6 dari 8",
        28,
    ]

    cells = book.get_sheet_by_name("Sisi kemitraan").to_python()
    assert len(cells) == 41
    assert cells[4][2:9] == [
        "Media", "Berisiko", "Perjanjian habis 12 hari lagi, belum ada penerusnya.", 1, 1, 12, "",
    ]  # fmt: skip

    rule = dict(book.get_sheet_by_name("Aturan").to_python())
    assert rule["Aktif: kegiatan terakhir paling lama"] == "90 hari"
    assert rule["Per"] == "Selasa, 24 November 2026, 07.00 WIB"


def test_c96_a_name_that_looks_like_a_formula_is_text(kabid, session):
    make.cluster(name='=HYPERLINK("http://x")', short_name="=1+1")
    book = CalamineWorkbook.from_filelike(BytesIO(kabid.get("/coverage.xlsx").data))
    assert book.get_sheet_by_name("Cakupan").to_python()[1][0] == '=HYPERLINK("http://x")'


def test_a_coordinator_takes_away_the_own_rows_alone(hers, eight):
    book = CalamineWorkbook.from_filelike(BytesIO(hers.get("/coverage.xlsx").data))
    assert len(book.get_sheet_by_name("Cakupan").to_python()) == 4
    text = PdfReader(BytesIO(hers.get("/coverage.pdf").data)).pages[0].extract_text()
    assert "Perawatan Mesin Cilegon" in text
    assert "Gula Aren" not in text


@pytest.mark.parametrize(("number", "pages"), [(1, 1), (8, 1), (12, 1), (13, 1), (60, 4)])
def test_c108_the_paper_is_one_page_for_a_province_of_twelve_clusters(kabid, session, number, pages):
    a_province([*EIGHT, *["-p-p-"] * number][:number])
    answer = kabid.get("/coverage.pdf")
    assert answer.mimetype == "application/pdf"
    paper = PdfReader(BytesIO(answer.data))
    assert len(paper.pages) == pages
    for place, page in enumerate(paper.pages, 1):
        text = page.extract_text()
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (842, 595)
        assert f"Halaman {place} dari {pages}" in text
        assert "Komunitas / UMKM" in text or place == pages


def test_the_paper_says_what_the_page_says(eight, kabid):
    answer = kabid.get("/coverage.pdf")
    paper = PdfReader(BytesIO(answer.data))
    text = " ".join(paper.pages[0].extract_text().replace("\u200b", "").split())
    for said in (
        "28 dari 40 sisi kemitraan sudah terikat", "per Selasa, 24 November 2026, pukul 07.00 WIB",
        "Olahan Kuliner Lebak", "habis 12 hari", "7 dari 8", "28/40", "17 Aktif", "Celah terbesar",
        "Menurut wilayah", "Pandeglang", "Dicetak oleh Dra. Aminah Fatmawati, M.Pd.",
    ):  # fmt: skip
        assert said in text
    assert "28 dari 40" in paper.metadata.title
    assert b"pdfuaid:part" in answer.data


def test_everything_can_be_taken_away_from_an_empty_province(kabid):
    assert kabid.get("/coverage.xlsx").status_code == 200
    assert kabid.get("/coverage.pdf").status_code == 200
    assert kabid.get("/coverage/gaps").status_code == 200


def test_c23_the_last_day_of_an_agreement_counts_by_the_provinces_calendar(kabid, session, clock):
    (lebak,) = a_province(["-----"])
    partner = make.partner(lebak, helix=Helix.MEDIA)
    make.agreement(lebak, partners=(partner,), ends_on=date(2026, 11, 25))
    clock.set("2026-11-25T23:59+07:00")
    assert "1 dari 5 sisi" in words(kabid.get("/coverage"))
    clock.set("2026-11-26T00:01+07:00")
    assert "0 dari 5 sisi" in words(kabid.get("/coverage"))
