"""What people read in an answer: the texts of a page and of its attributes, of a spreadsheet, of a paper."""

import json
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from io import BytesIO
from typing import Any, NamedTuple
from zipfile import ZipFile

from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from werkzeug.wrappers import Response

from tests.clients import VOID

#: Attributes that are read aloud, shown on hover, shown by the stylesheet or by a script.
SPOKEN = re.compile(r"title|alt|placeholder|aria-(label|description|valuetext|roledescription)|data-.*")
#: What a machine reads in such an attribute: an address, a key.
KEYS = re.compile(r"[a-z0-9_./:?=&%#+-]*")
UNSEEN = frozenset({"script", "style", "svg", "code"})
BUTTONS = frozenset({"submit", "button", "reset"})


class Text(NamedTuple):
    """A text and where it stands: "h1", "button[title]", "Sheet1!B1"."""

    where: str
    text: str


def texts(response: Response) -> list[Text]:
    """Everything in an answer that is there to be read, white space folded."""
    found = {
        "text/html": _of_page,
        "application/json": _of_json,
        "application/pdf": _of_paper,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _of_spreadsheet,
    }.get(response.mimetype or "", _of_text)(response)
    return [Text(where, " ".join(text.split())) for where, text in found if text.strip()]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        # What is marked as another language is meant to be in it: "English" on an Indonesian page.
        silent = tag in UNSEEN or (tag != "html" and "lang" in has) or self._is_silent
        if tag not in VOID:
            self._open.append((tag, silent))
        if silent:
            return
        for name, text in has.items():
            if SPOKEN.fullmatch(name) and not (name.startswith("data-") and KEYS.fullmatch(text)):
                self.found.append((f"{tag}[{name}]", text))
        if tag == "input" and has.get("type") in BUTTONS:
            self.found.append(("input[value]", has.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _silent in self._open]
        if tag in names:
            del self._open[len(names) - 1 - names[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if not self._is_silent:
            self.found.append((self._open[-1][0] if self._open else "", data))

    @property
    def _is_silent(self) -> bool:
        return bool(self._open) and self._open[-1][1]


def _of_page(response: Response) -> list[tuple[str, str]]:
    reader = _Reader()
    reader.feed(response.get_data(as_text=True).replace("<wbr>", ""))
    reader.close()
    return reader.found


def _of_json(response: Response) -> Iterator[tuple[str, str]]:
    def walk(value: Any, where: str) -> Iterator[tuple[str, str]]:
        if isinstance(value, dict):
            for name, inner in value.items():
                yield from walk(inner, f"{where}.{name}")
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner, where)
        elif isinstance(value, str) and not KEYS.fullmatch(value) and not where.endswith("token"):
            yield where, value

    return walk(json.loads(response.get_data()), "")


def _of_spreadsheet(response: Response) -> Iterator[tuple[str, str]]:
    content = BytesIO(response.get_data())
    # What stands above and below each printed page, and the title that the file bears.
    with ZipFile(content) as parts:
        yield "title", _inside("dc:title", parts.read("docProps/core.xml"))
        for name in (name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")):
            for place in ("oddHeader", "oddFooter"):
                yield f"{name} {place}", re.sub("&[LCRPN]", " ", _inside(place, parts.read(name)))
    content.seek(0)
    book = CalamineWorkbook.from_filelike(content)
    for name in book.sheet_names:
        yield "sheet", name
        for row in book.get_sheet_by_name(name).to_python():
            for column, cell in enumerate(row):
                yield f"{name}!{column}", cell if isinstance(cell, str) else ""


def _inside(element: str, part: bytes) -> str:
    found = re.search(f"<{element}>(.*?)</{element}>", part.decode(), re.DOTALL)
    return unescape(found[1]) if found else ""


def _of_paper(response: Response) -> Iterator[tuple[str, str]]:
    paper = PdfReader(BytesIO(response.get_data()))
    yield "title", (paper.metadata and paper.metadata.title) or ""
    for number, page in enumerate(paper.pages, 1):
        for line in page.extract_text().splitlines():
            yield f"page {number}", line


def _of_text(response: Response) -> list[tuple[str, str]]:
    return [("text", response.get_data(as_text=True))]
