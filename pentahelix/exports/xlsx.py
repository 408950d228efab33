"""Lists as spreadsheets that open right everywhere.

Long numbers are text, days are days, no text is a formula.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from io import BytesIO
from typing import Any

from pentahelix import clock
from pentahelix.folding import plain

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: A month by its name in the list's language, so that no reader takes the day for the month.
DAY_FORMATS = {"id": "[$-421]d mmmm yyyy", "en": "[$-809]d mmmm yyyy"}
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
#: What one cell can hold.
LONGEST_CELL = 32_767
WIDTHS = range(10, 61)
#: What one sheet of paper takes across, in widths of a digit, before nobody can read it.
PAPER = 230
TARUM = "#1B4A73"


class Kind(Enum):
    TEXT = "text"  #: also telephone numbers, NIB, NPWP: anything that is not counted with
    DAY = "day"
    NUMBER = "number"  #: with two decimals at most
    RUPIAH = "rupiah"


@dataclass(frozen=True)
class Column:
    heading: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Sheet:
    """Headings in the first row; a row has one value for each column, None for nothing."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    #: a last row that is no part of the list: its totals
    foot: Sequence[Any] | None = None


def workbook(
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    language: str = "id",
    as_of: str = "",
) -> bytes:
    """A workbook of one sheet."""
    return workbook_of(title, [Sheet(title, columns, rows)], language, as_of)


def workbook_of(title: str, sheets: Sequence[Sheet], language: str = "id", as_of: str = "") -> bytes:
    """A workbook of several; `as_of` stands at the foot of each page that is printed."""
    import xlsxwriter

    target = BytesIO()
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        book.set_properties({"title": title, "created": clock.now().replace(tzinfo=None)})
        formats, heading = _formats(book, language), _heading(book)
        for wanted in sheets:
            sheet = book.add_worksheet(sheet_name(wanted.title))
            widths = _fill(sheet, wanted, formats, heading)
            _lay_out(sheet, wanted.title, widths, as_of)
    return target.getvalue()


def sheet_name(title: str) -> str:
    """What a sheet may be called: at most 31 characters, none of []:*?/\\, no apostrophe at an end."""
    name = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title)
    name = re.sub(r"\s+", " ", name)[:31].strip(" '")
    return name if name and name.casefold() != "history" else "Data"


def file_name(title: str, day: date, ending: str = "xlsx") -> str:
    """As in "mitra-lebak-2026-11-24.xlsx": letters that survive every mail and disk."""
    words = re.sub(r"[^a-z0-9]+", "-", plain(title))[:80].strip("-")
    return f"{words or 'data'}-{day.isoformat()}.{ending}"


def _fill(sheet: Any, wanted: Sheet, formats: dict[str, Any], heading: Any) -> list[int]:
    """Write the rows and return how wide the columns became."""
    columns = wanted.columns
    sheet.set_row(0, 22)
    for index, column in enumerate(columns):
        sheet.write_string(0, index, column.heading, heading)
    widths = [len(column.heading) + 4 for column in columns]

    def write(number: int, row: Sequence[Any]) -> None:
        for index, (column, value) in enumerate(zip(columns, row, strict=True)):
            widths[index] = max(widths[index], _write(sheet, number, index, column.kind, value, formats))

    last = 0
    for last, row in enumerate(wanted.rows, 1):
        write(last, row)
    if wanted.foot is not None:
        write(last + 1, wanted.foot)
    widths = [min(max(width, WIDTHS.start), WIDTHS.stop - 1) for width in widths]
    for index, width in enumerate(widths):
        sheet.set_column(index, index, width)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    return widths


def _heading(book: Any) -> Any:
    return book.add_format({"bold": True, "font_color": "white", "bg_color": TARUM, "valign": "vcenter"})


def _formats(book: Any, language: str) -> dict[str, Any]:
    top = {"valign": "top"}
    return {
        "text": book.add_format({**top, "num_format": "@", "text_wrap": True}),
        "day": book.add_format({**top, "num_format": DAY_FORMATS[language], "align": "left"}),
        "whole": book.add_format({**top, "num_format": "#,##0"}),
        "broken": book.add_format({**top, "num_format": "#,##0.0#"}),
        "rupiah": book.add_format({**top, "num_format": '"Rp"#,##0'}),
    }


def _write(sheet: Any, row: int, column: int, kind: Kind, value: Any, formats: dict[str, Any]) -> int:
    """Write one value and return the width that it asks for."""
    if value is None:
        return 0
    if kind is Kind.DAY:
        sheet.write_datetime(row, column, value, formats["day"])
        return 20
    if kind in (Kind.NUMBER, Kind.RUPIAH):
        # One format for both would leave "12," of twelve.
        look = "rupiah" if kind is Kind.RUPIAH else "whole" if value == int(value) else "broken"
        sheet.write_number(row, column, value, formats[look])
        return len(f"{value:,}") + 4
    text = str(value)
    if len(text) > LONGEST_CELL:
        text = text[: LONGEST_CELL - 2] + " …"
    sheet.write_string(row, column, text, formats["text"])
    return max((len(line) for line in text.split("\n")), default=0) + 2


def _lay_out(sheet: Any, title: str, widths: Sequence[int], as_of: str) -> None:
    """Headings and names stay in view; on paper A4 across, both on each page, pages dated and numbered.

    What is too wide to be read on one page goes on beside it.
    """
    first, rest = widths[0], sum(widths[1:])
    sheet.freeze_panes(1, 1)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(max(1, -(-rest // (PAPER - first))), 0)
    sheet.repeat_rows(0)
    sheet.repeat_columns(0)
    sheet.set_header("&L" + title[:200].replace("&", "&&"))
    sheet.set_footer(f"&L{as_of.replace('&', '&&')}&R&P / &N")
