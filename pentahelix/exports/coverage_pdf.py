"""The coverage matrix as a paper, A4 across, in black ink: one page for up to twelve clusters."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from flask_babel import get_locale, gettext as _

from pentahelix.exports.pdf import typeset
from pentahelix.vocabulary import CellState

SPRITE = Path(__file__).resolve().parents[2] / "static" / "icons" / "sprite.svg"
#: As on the pages: see templates/_components/bits.html.
HELIX_ICONS = ("building-factory-2", "school", "users-group", "speakerphone", "building-bank")


@dataclass(frozen=True)
class Cell:
    state: str
    word: str
    fact: str = ""


@dataclass(frozen=True)
class Row:
    name: str
    place: str
    cells: Sequence[Cell]
    bound: int


@dataclass(frozen=True)
class Gap:
    #: which of the five sides
    side: int
    name: str
    line: str


@dataclass(frozen=True)
class Tile:
    """A regency of the map; `step` 0–3 is how dark it is."""

    kind: str
    name: str
    number: str
    step: int


@dataclass(frozen=True)
class CoverageData:
    """What stands on the paper, all of it in the language of the reader."""

    title: str
    lead: str
    sides: Sequence[str]
    rows: Sequence[Row]
    #: below the columns, and below the column of totals
    sums: Sequence[str]
    total: str
    #: state, "17 Aktif", its rule in short words
    legend: Sequence[tuple[str, str, str]]
    gaps: Sequence[Gap]
    #: as in "8 dari 12"
    gaps_shown: str
    tiles: Sequence[Tile]
    footnote: str = ""
    #: beside the title: "Data contoh"
    banner: str = ""


def coverage(data: CoverageData) -> bytes:
    locale = get_locale()
    return typeset(
        "coverage.typ",
        {
            **asdict(data),
            "language": locale.language if locale else "id",
            "icons": [_icon(name) for name in HELIX_ICONS],
            "glyphs": {str(state): _drawing(f"state-{state}") for state in CellState},
            "labels": {
                "coverage": _("Cakupan kemitraan"),
                "cluster": _("Klaster"),
                "bound": _("Terikat"),
                "sums": _("Klaster terikat"),
                "gaps": _("Celah terbesar"),
                "map": _("Menurut wilayah"),
                "map_note": _("sisi terikat, dari 5"),
                "page": _("Halaman %(page)s dari %(pages)s", page="{page}", pages="{pages}"),
            },
        },
    )


def _icon(name: str) -> str:
    stroked = 'fill="none" stroke="#000" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" '
    return _drawing(name).replace("<svg ", f"<svg {stroked}", 1)


@cache
def _drawing(name: str) -> str:
    """One of the sprite that the pages draw with."""
    found = re.search(
        rf'<symbol id="{re.escape(name)}" viewBox="([^"]+)">(.*?)</symbol>', SPRITE.read_text("utf-8")
    )
    assert found, name
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{found[1]}">{found[2]}</svg>'
