"""The coverage matrix on paper."""

from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask
from flask_babel import Babel, force_locale
from pypdf import PdfReader

from pentahelix.exports.coverage_pdf import Cell, CoverageData, Gap, Row, Tile, coverage

CELLS = [
    Cell("alive", "Aktif", "3 mitra"), Cell("bound", "Terikat", "1 mitra"), Cell("empty", "Kosong"),
    Cell("at_risk", "Berisiko", "habis 12 hari"), Cell("prospect", "Penjajakan", "2 mitra · telaah hukum"),
]  # fmt: skip
DATA = CoverageData(
    title="3 dari 5 sisi kemitraan sudah terikat",
    lead="Provinsi Banten · 1 klaster",
    sides=["DUDI", "Perguruan tinggi", "Komunitas / UMKM", "Media", "Pemerintah"],
    rows=[Row("Olahan Kuliner Lebak", "Kab. Lebak · percontohan", CELLS, 3)],
    sums=["1 dari 1", "1 dari 1", "0 dari 1", "1 dari 1", "0 dari 1"],
    total="3/5",
    legend=[("alive", "1 Aktif", "kegiatan ≤ 90 hari"), ("empty", "1 Kosong", "tanpa mitra")],
    gaps=[Gap(2, "Olahan Kuliner Lebak", "Komunitas / UMKM · 3 calon")],
    gaps_shown="1 dari 2",
    tiles=[Tile("Kab.", name, "3", step) for name, step in zip("ABCDEFGH", (0, 1, 2, 3) * 2, strict=True)],
)
LONG = "Pengolahan Kuliner Tradisional dan Minuman Herbal Terpadu Lebak Bagian Selatan dan Utara"


@pytest.fixture(autouse=True)
def page():
    app = Flask(__name__)
    Babel(app, default_locale="id")
    with app.test_request_context():
        yield


def pages(data):
    found = PdfReader(BytesIO(coverage(data))).pages
    return [" ".join(page.extract_text().replace("\u200b", "").split()) for page in found]


def with_rows(number, name="Klaster"):
    return replace(DATA, rows=[replace(DATA.rows[0], name=f"{name} {n:03}") for n in range(number)])


def test_every_word_stands_on_the_paper():
    (text,) = pages(DATA)
    for words in (
        DATA.title, DATA.lead, *DATA.sides, "Aktif 3 mitra", "Berisiko", "habis 12 hari", "Kosong",
        "telaah hukum", "3/5", "kegiatan ≤ 90 hari", "Komunitas / UMKM · 3 calon", "Menurut wilayah",
    ):  # fmt: skip
        assert words in text


@pytest.mark.parametrize("name", ["Klaster", LONG], ids=["short", "long"])
def test_twelve_clusters_fit_on_one_page_whatever_their_names(name):
    (text,) = pages(with_rows(12, name))
    assert all(f"{n:03}" in text for n in range(12))
    assert "Menurut wilayah" in text


def test_c108_the_head_stands_on_each_page_and_every_row_on_one_of_them():
    texts = pages(with_rows(60))
    assert len(texts) > 1
    assert all(f"Klaster {n:03}" in " ".join(texts) for n in range(60))
    for number, text in enumerate(texts, 1):
        assert f"Halaman {number} dari {len(texts)}" in text
        assert "Klaster 0" not in text or "Perguruan tinggi Komunitas / UMKM" in text


def test_c108_a_word_without_a_place_to_break_is_broken():
    word = "Olahan" * 20
    assert word not in " ".join(pages(replace(DATA, rows=[replace(DATA.rows[0], name=word)])))


def test_it_can_be_read_aloud_and_has_a_title_in_the_readers_language():
    with force_locale("en"):
        paper = coverage(DATA)
    assert b"pdfuaid:part" in paper
    assert PdfReader(BytesIO(paper)).trailer["/Root"]["/Lang"] == "en"
    assert DATA.title in PdfReader(BytesIO(paper)).metadata.title


def test_a_province_without_a_gap_has_no_list_of_them():
    assert "Celah terbesar" not in " ".join(pages(replace(DATA, gaps=[])))


def test_what_was_typed_is_never_taken_for_markup():
    typed = '#set [x] $a$ *b* _c_ @d <e> \\ "q"'
    assert typed in " ".join(pages(replace(DATA, rows=[replace(DATA.rows[0], name=typed)])))
