import re
from datetime import date
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from pentahelix.exports.xlsx import Column, Kind, Sheet, file_name, sheet_name, workbook, workbook_of

COLUMNS = [
    Column("Nama"), Column("Telepon"), Column("NPWP"), Column("NIB"),
    Column("Sejak", Kind.DAY), Column("Nilai", Kind.RUPIAH), Column("Jam", Kind.NUMBER),
]  # fmt: skip
ROW = [
    "Dr. H. Ma'mun Nu'man, S.Pd.", "+6281234567890", "0012345678901000", "0220001234567",
    date(2027, 1, 12), 4_500_000, 2.5,
]  # fmt: skip


def read(content: bytes) -> list[list[object]]:
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return [list(row) for row in book.get_sheet_by_index(0).to_python()]


def part(content: bytes, name: str) -> str:
    return ZipFile(BytesIO(content)).read(name).decode()


def test_c97_long_numbers_are_text_and_days_are_days():
    headings, row = read(workbook("Mitra", COLUMNS, [ROW]))
    assert headings == ["Nama", "Telepon", "NPWP", "NIB", "Sejak", "Nilai", "Jam"]
    assert row == ROW


@pytest.mark.parametrize(
    "text", ["=1+1", "+62", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "http://x.id", "1e5", "\t=1"]
)
def test_what_looks_like_a_formula_a_number_or_a_link_is_text(text):
    content = workbook("Mitra", [Column("Nama")], [[text]])
    assert read(content)[1] == [text]
    assert "<f>" not in part(content, "xl/worksheets/sheet1.xml")
    assert "hyperlink" not in part(content, "xl/worksheets/sheet1.xml")


def test_nothing_is_an_empty_cell():
    content = workbook("Mitra", [Column("A"), Column("B", Kind.DAY)], [[None, None], ["x", None]])
    assert read(content)[2] == ["x", ""]


def test_no_rows_still_have_their_headings():
    assert read(workbook("Mitra", COLUMNS, []))[0][0] == "Nama"


def test_a_row_that_does_not_fit_its_columns_is_a_fault():
    with pytest.raises(ValueError, match="argument 2"):
        workbook("Mitra", COLUMNS, [["x"]])


def test_c104_days_name_their_month_in_the_lists_language():
    styles = {
        language: part(workbook("Mitra", COLUMNS, [ROW], language), "xl/styles.xml")
        for language in ("id", "en")
    }
    assert "[$-421]d mmmm yyyy" in styles["id"]
    assert "[$-809]d mmmm yyyy" in styles["en"]


def test_headings_stay_in_view_and_filter():
    sheet = part(workbook("Mitra", COLUMNS, [ROW, ROW]), "xl/worksheets/sheet1.xml")
    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A1:G3"/>' in sheet


def test_a_text_longer_than_a_cell_says_that_it_goes_on():
    kept = str(read(workbook("Mitra", [Column("Catatan")], [["x" * 40_000]]))[1][0])
    assert len(kept) == 32_767
    assert kept.endswith(" …")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Mitra [Lebak]: 2026/27?", "Mitra Lebak 2026 27"),
        ("'Olahan Kuliner Lebak dan sekitarnya'", "Olahan Kuliner Lebak dan sekit"),
        ("History", "Data"),
        ("///", "Data"),
    ],
)
def test_a_sheet_has_a_name_that_spreadsheets_take(title, name):
    assert sheet_name(title) == name
    assert CalamineWorkbook.from_filelike(BytesIO(workbook(title, COLUMNS, [ROW]))).sheet_names == [name]


def test_a_file_has_a_name_that_disks_take():
    assert file_name('Mitra: Café "Lebak"/1', date(2026, 11, 24)) == "mitra-cafe-lebak-1-2026-11-24.xlsx"
    assert file_name("مرحبا", date(2026, 11, 24), "pdf") == "data-2026-11-24.pdf"


def test_a_workbook_of_several_sheets_has_their_totals_outside_the_filter():
    count = Column("Jumlah", Kind.NUMBER)
    sheets = [Sheet("Satu", [count], [[1], [2]], foot=[3]), Sheet("Dua", [Column("Nama")], [["x"]])]
    content = workbook_of("Buku", sheets)
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    assert book.sheet_names == ["Satu", "Dua"]
    assert book.get_sheet_by_name("Satu").to_python() == [["Jumlah"], [1], [2], [3]]
    assert '<autoFilter ref="A1:A3"/>' in part(content, "xl/worksheets/sheet1.xml")


def test_whole_numbers_end_in_no_comma_and_halves_keep_theirs():
    content = workbook("Jam", [Column("Jam", Kind.NUMBER)], [[12], [2.5], [Decimal("7.00")]])
    codes = dict(re.findall(r'numFmtId="(\d+)" formatCode="([^"]+)"', part(content, "xl/styles.xml")))
    cell_looks = part(content, "xl/styles.xml").partition("<cellXfs")[2]
    looks = [codes.get(number, number) for number in re.findall(r'<xf numFmtId="(\d+)"', cell_looks)]
    cells = re.findall(r'<c r="A[234]" s="(\d+)"', part(content, "xl/worksheets/sheet1.xml"))
    assert [looks[int(cell)] for cell in cells] == ["#,##0", "#,##0.0#", "#,##0"]


def test_each_printed_page_says_as_of_when_it_is():
    content = workbook("Mitra", COLUMNS, [ROW], as_of="per 24 November 2026, pukul 07.00 WIB")
    foot = "<oddFooter>&amp;Lper 24 November 2026, pukul 07.00 WIB&amp;R&amp;P / &amp;N</oddFooter>"
    assert foot in part(content, "xl/worksheets/sheet1.xml")


@pytest.mark.parametrize(("columns", "pages"), [(3, ""), (24, ' fitToWidth="9"')])
def test_a_wide_list_is_printed_on_pages_side_by_side_each_with_its_names(columns, pages):
    wide = [Column(f"Kolom {number}") for number in range(columns)]
    content = workbook("Mitra", wide, [["x" * 70] * columns])
    setup = f'<pageSetup paperSize="9"{pages} fitToHeight="0"'
    assert setup in part(content, "xl/worksheets/sheet1.xml")
    assert "Mitra!$A:$A,Mitra!$1:$1" in part(content, "xl/workbook.xml")
