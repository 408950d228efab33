"""Makes the committed assets again: the fonts, the icon sprite and the colour tokens.

    python scripts/make_assets.py

Font and icons come from PyPI packages of requirements-dev; nothing of them is fetched at run time. The
results are committed together with their licences, so that whoever only runs Pentahelix needs none of this.
"""

import json
import re
import shutil
from importlib.metadata import files as installed
from importlib.resources import as_file, files
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.woff2 import WOFF2FlavorData
from fontTools.varLib.instancer import instantiateVariableFont

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "static" / "fonts"
ICONS = ROOT / "static" / "icons"
PAPER_FONTS = ROOT / "pentahelix" / "papers" / "fonts"
DRAWINGS = ROOT / "scripts" / "drawings"
TOKENS = ROOT / "pentahelix" / "blueprints" / "style" / "tokens.json"
STYLESHEET = ROOT / "static" / "css" / "pentahelix.css"
TOKENS_BEGIN = "/* ── colours: written by scripts/make_assets.py from the style page's tokens.json ── */"
TOKENS_END = "/* ── end of what is written ── */"

#: What Indonesian and English are written with, and our signs. The font has no ✓: a tick is an icon.
EVERYDAY = (*range(0x20, 0x7F), 0xA0, *map(ord, "·×–—’“”•…−≤≥→↑↓"))
#: The rest of Latin-1 and of our signs: a file that browsers fetch where one of them is written.
ELSEWHERE = tuple(
    code for code in (*range(0xA1, 0xAD), *range(0xAE, 0x100), *map(ord, "‘←●")) if code not in EVERYDAY
)
FONTS_OF_PAGES = {
    "PlusJakartaSans-400-700.woff2": EVERYDAY,
    "PlusJakartaSans-400-700-elsewhere.woff2": ELSEWHERE,
}
CHARACTERS = (*EVERYDAY, *ELSEWHERE)
COMPACT = {"glyf", "loca", "hmtx"}
FEATURES_OF_PAGES = ["kern", "liga", "tnum"]
FEATURES_OF_PAPERS = [*FEATURES_OF_PAGES, "mark", "mkmk", "ccmp", "locl"]
_LINES = re.compile(r' d="([^"]*)"')
PAPER_WEIGHTS = (400, 600, 700)


def make_fonts() -> None:
    package = files("fontpkg_plus_jakarta_sans")
    for folder in (FONTS, PAPER_FONTS):
        folder.mkdir(parents=True, exist_ok=True)
        with as_file(package / "LICENSE") as licence:
            shutil.copyfile(licence, folder / "OFL.txt")
    with as_file(package / "files" / "PlusJakartaSans[wght].ttf") as source:
        # Variable files for pages; the papers' typesetter reads TTF only, and one weight a file.
        for name, characters in FONTS_OF_PAGES.items():
            font = _subset(TTFont(source, recalcTimestamp=False), characters, FEATURES_OF_PAGES)
            pages = instantiateVariableFont(font, {"wght": (400, 400, 700)})
            # What desktop menus read, what the outlines tell as well, and what marks would need.
            del pages["STAT"], pages["HVAR"], pages["GDEF"]
            pages.flavor, pages.flavorData = "woff2", WOFF2FlavorData(transformedTables=COMPACT)
            pages.save(FONTS / name)
        for weight in PAPER_WEIGHTS:
            paper = instantiateVariableFont(
                _subset(TTFont(source, recalcTimestamp=False), CHARACTERS, FEATURES_OF_PAPERS),
                {"wght": weight},
                updateFontNames=True,
            )
            paper.save(PAPER_FONTS / f"PlusJakartaSans-{weight}.ttf")


def _subset(font: TTFont, characters: tuple[int, ...], features: list[str]) -> TTFont:
    missing = [chr(code) for code in characters if code not in font.getBestCmap()]
    if missing:
        raise SystemExit(f"The font has no {' '.join(missing)}: choose other signs.")
    subsetter = Subsetter(Options(layout_features=features, hinting=False, notdef_outline=True))
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    return font


#: What the stylesheet draws itself on the thousands of cells of the coverage matrix.
MASKS = {
    **{state: f"state-{state}" for state in ("alive", "bound", "at_risk", "prospect", "empty")},
    "industry": "building-factory-2",
    "university": "school",
    "community": "users-group",
    "media": "speakerphone",
    "government": "building-bank",
}


def make_icons() -> None:
    """One sprite: our own drawings, and of Tabler's outline icons those that tabler.txt names.

    Seen by itself it is the sign of the site in a tab of the browser.
    """
    ICONS.mkdir(parents=True, exist_ok=True)
    symbols = [_symbol(file.stem, *_own(file.stem)) for file in sorted(DRAWINGS.glob("*.svg"))]
    theirs = _tabler()
    names = (DRAWINGS / "tabler.txt").read_text(encoding="utf-8").split()
    if unknown := [name for name in names if name not in theirs]:
        raise SystemExit(f"Tabler has no icon {', '.join(unknown)}: correct scripts/drawings/tabler.txt.")
    symbols += [_symbol(name, "0 0 24 24", theirs[name]) for name in names]
    sprite = "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">',
            _sign(),
            _masks(),
            *symbols,
            "</svg>",
            "",
        ]
    )
    (ICONS / "sprite.svg").write_text(sprite, encoding="utf-8")
    licence = next(path for path in installed("flask-tabler-icons") or () if path.name.startswith("LICENSE"))
    (ICONS / "LICENSE-tabler.txt").write_text(licence.read_text(encoding="utf-8"), encoding="utf-8")


def _tabler() -> dict[str, str]:
    package = files("flask_tabler_icons") / "static" / "tabler_icons"
    sprite = (package / "tabler-sprite-nostroke.svg").read_text(encoding="utf-8")
    sprite = sprite.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "")
    drawings = re.findall(r'<symbol id="tabler-([^"]+)"[^>]*>(.*?)</symbol>', sprite, re.DOTALL)
    return {name: _as_one_path(re.sub(r"\s*/>\s*", "/>", drawing).strip()) for name, drawing in drawings}


def _as_one_path(drawing: str) -> str:
    """Lines one after the other are one path: fewer words, and less for a phone to draw."""
    return re.sub(
        r'(?:<path d="M[^"]*"/>)+', lambda lines: f'<path d="{"".join(_LINES.findall(lines[0]))}"/>', drawing
    )


def _own(name: str) -> tuple[str, str]:
    """The view box and the drawing of one of ours."""
    svg = (DRAWINGS / f"{name}.svg").read_text(encoding="utf-8")
    found = re.fullmatch(r'<svg [^>]*viewBox="([^"]+)">(.*)</svg>\s*', svg, re.DOTALL)
    if not found:
        raise SystemExit(f"scripts/drawings/{name}.svg must be one <svg> with a viewBox.")
    return found[1], re.sub(r">\s+<", "><", found[2]).strip()


def _symbol(name: str, box: str, drawing: str) -> str:
    return f'<symbol id="{name}" viewBox="{box}">{drawing}</symbol>'


def _sign() -> str:
    colours = json.loads(TOKENS.read_text(encoding="utf-8"))["color"]
    ground, mark = colours["bar"]["light"], colours["on-bar"]["light"]
    return (
        f'<rect width="32" height="32" rx="7" fill="{ground}"/>'
        f'<use href="#logo" x="3.2" y="3.2" width="25.6" height="25.6" color="{mark}"/>'
    )


def _masks() -> str:
    """Below the sign of the site, which is seen alone: the signs that the stylesheet draws itself.

    It names the part of the sprite that is its mask: "sprite.svg#mask-media".
    """

    def part(name: str, symbol: str, place: int) -> str:
        below = 40 * place
        return (
            f'<use href="#{symbol}" y="{below}" width="24" height="24"/>'
            f'<view id="mask-{name}" viewBox="0 {below} 24 24"/>'
        )

    parts = (part(name, symbol, place) for place, (name, symbol) in enumerate(MASKS.items(), 1))
    strokes = 'fill="none" stroke="#000" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    return f"<g {strokes}>{''.join(parts)}</g>"


def make_tokens() -> None:
    """Write the colours at their place in the stylesheet: one file for a phone to fetch, not two."""
    css = STYLESHEET.read_text(encoding="utf-8")
    before, rest = css.split(TOKENS_BEGIN)
    _old, after = rest.split(TOKENS_END)
    STYLESHEET.write_text(before + tokens_css() + after, encoding="utf-8")


def tokens_css() -> str:
    """Light by default; dark by the user's choice, or by the system's unless the user chose light."""
    tokens = json.loads(TOKENS.read_text(encoding="utf-8"))
    light, dark = _variables(tokens, "light"), _variables(tokens, "dark")
    return f"""{TOKENS_BEGIN}
:root {{
{light}
}}
@media (prefers-color-scheme: dark) {{
:root:not([data-theme="light"]) {{
{dark}
}}
}}
:root[data-theme="dark"] {{
{dark}
}}
/* Paper is white, whatever the screen. */
@media print {{
:root, :root:not([data-theme="light"]), :root[data-theme="dark"] {{
{light}
}}
}}
{TOKENS_END}"""


def _variables(tokens: dict[str, dict[str, dict[str, str]]], theme: str) -> str:
    lines = [f"  color-scheme: {theme};"]
    lines += [f"  --{name}: {colour[theme]};" for name, colour in tokens["color"].items()]
    for helix, colour in tokens["helix"].items():
        lines += [f"  --h-{helix}: {colour[theme]};", f"  --h-{helix}-soft: {colour[f'{theme}_soft']};"]
    return "\n".join(lines)


if __name__ == "__main__":
    make_fonts()
    make_icons()
    make_tokens()
