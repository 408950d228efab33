"""Makes the committed assets again: the fonts, the icon sprite, the favicon and the colour tokens.

    python scripts/make_assets.py

Font and icons come from PyPI packages of requirements-dev; nothing of them is fetched at run time. The
results are committed together with their licences, so that neither a server nor a developer needs this script.
"""

import json
import re
import shutil
from importlib.resources import as_file, files
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "static" / "fonts"
ICONS = ROOT / "static" / "icons"
PAPER_FONTS = ROOT / "pentahelix" / "papers" / "fonts"
TOKENS = ROOT / "pentahelix" / "blueprints" / "style" / "tokens.json"

#: Latin-1, and the signs that pages and papers use. The font has no ✓: pages draw a tick as an icon.
CHARACTERS = (*range(0x20, 0x7F), *range(0xA0, 0xAD), *range(0xAE, 0x100), *map(ord, "–—‘’“”•…−≤≥←→↑↓●"))
FEATURES = ["kern", "liga", "tnum", "mark", "mkmk", "ccmp", "locl"]
PAPER_WEIGHTS = (400, 600, 700)

#: Tabler's outline icons, by the names that templates use.
TABLER = """
    adjustments affiliate alert-triangle archive archive-off arrow-left arrow-right arrows-exchange bell
    brand-whatsapp building-bank building-community building-factory-2 calendar-event calendar-plus calendar-time check chevron-down
    chevron-left chevron-right circle-check clipboard-check clock cloud-off copy device-desktop device-mobile dots
    dots-vertical download external-link eye file-text filter flag gift grid-dots history home-2 hourglass
    info-circle key language link lock login-2 logout mail map-pin menu-2 message-circle moon notes package pencil
    phone player-pause plus presentation-analytics printer refresh report-analytics school search send settings
    shield-check speakerphone star sun tag trash upload user user-circle user-plus users users-group
    x zoom-question
""".split()

#: Our own drawings: the mark, the five states of a coverage cell (their ink grows), the strands of an empty page.
OWN = {
    "logo": (
        "0 0 32 32",
        '<path fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" d="M18.9 7.5 28.1 14.2'
        'M25.6 16.5 22 27.4M19 25.7 7.6 25.7M8.3 22.3 4.8 11.4M8.2 11 17.5 4.3"/>'
        '<circle cx="16" cy="16.6" r="2.6" fill="currentColor" stroke="none"/>',
    ),
    "state-empty": (
        "0 0 24 24",
        '<circle cx="12" cy="12" r="8.5" fill="none" stroke="currentColor" stroke-width="2" '
        'stroke-dasharray="3 3.65"/>',
    ),
    "state-prospect": (
        "0 0 24 24",
        '<circle cx="12" cy="12" r="8.5" fill="none" stroke="currentColor" stroke-width="2.25"/>',
    ),
    "state-bound": (
        "0 0 24 24",
        '<circle cx="12" cy="12" r="8.5" fill="none" stroke="currentColor" stroke-width="2.25"/>'
        '<path fill="currentColor" stroke="none" d="M12 3.5a8.5 8.5 0 0 1 0 17z"/>',
    ),
    "state-alive": (
        "0 0 24 24",
        '<path fill="currentColor" stroke="none" fill-rule="evenodd" d="M12 2.5a9.5 9.5 0 1 1 0 19a9.5 9.5 0 0 1 '
        '0-19zM16 8.2l-5.2 5.3l-2.5-2.4l-1.7 1.7l4.2 4.1l6.9-7z"/>',
    ),
    "state-at_risk": (
        "0 0 24 24",
        '<path fill="currentColor" stroke="none" fill-rule="evenodd" d="M12 2.6c.7 0 1.3.35 1.65.95l8 13.9a1.9 1.9 0 '
        "0 1-1.65 2.85H4a1.9 1.9 0 0 1-1.65-2.85l8-13.9A1.9 1.9 0 0 1 12 2.6zM10.9 8.3v5.4h2.2V8.3z"
        'M10.9 15.2v2.2h2.2v-2.2z"/>',
    ),
    "strands": (
        "0 0 200 96",
        '<g fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round">'
        '<path opacity=".28" d="M20 6V90M60 6V90M100 6V90M140 6V90M180 6V90"/>'
        '<path d="M4 28H14M26 28H54M66 28H94M106 28H134M4 52H14M26 52H54"/><circle cx="60" cy="52" r="5.5"/></g>'
        '<g fill="currentColor" stroke="none"><circle cx="20" cy="28" r="5.5"/><circle cx="60" cy="28" r="5.5"/>'
        '<circle cx="100" cy="28" r="5.5"/><circle cx="140" cy="28" r="5.5"/><circle cx="20" cy="52" r="5.5"/></g>',
    ),
}


def make_fonts() -> None:
    package = files("fontpkg_plus_jakarta_sans")
    for folder in (FONTS, PAPER_FONTS):
        folder.mkdir(parents=True, exist_ok=True)
        with as_file(package / "LICENSE") as licence:
            shutil.copyfile(licence, folder / "OFL.txt")
    with as_file(package / "files" / "PlusJakartaSans[wght].ttf") as source:
        # One variable file for pages; the papers' typesetter reads TTF only, and one weight a file.
        pages = instantiateVariableFont(_subset(TTFont(source)), {"wght": (400, 400, 700)})
        pages.flavor = "woff2"
        pages.save(FONTS / "PlusJakartaSans-400-700.woff2")
        for weight in PAPER_WEIGHTS:
            paper = instantiateVariableFont(_subset(TTFont(source)), {"wght": weight}, updateFontNames=True)
            paper.save(PAPER_FONTS / f"PlusJakartaSans-{weight}.ttf")


def _subset(font: TTFont) -> TTFont:
    missing = [chr(code) for code in CHARACTERS if code not in font.getBestCmap()]
    if missing:
        raise SystemExit(f"The font has no {' '.join(missing)}: choose other signs in CHARACTERS.")
    subsetter = Subsetter(Options(layout_features=FEATURES, hinting=False, notdef_outline=True))
    subsetter.populate(unicodes=CHARACTERS)
    subsetter.subset(font)
    return font


def make_icons() -> None:
    ICONS.mkdir(parents=True, exist_ok=True)
    package = files("flask_tabler_icons")
    theirs = (package / "static" / "tabler_icons" / "tabler-sprite-nostroke.svg").read_text(encoding="utf-8")
    drawings = dict(re.findall(r'<symbol id="tabler-([^"]+)"[^>]*>(.*?)</symbol>', theirs, re.DOTALL))
    unknown = [name for name in TABLER if name not in drawings]
    if unknown:
        raise SystemExit(f"Tabler has no icon {', '.join(unknown)}: correct the list TABLER.")
    symbols = [_symbol(name, box, drawing) for name, (box, drawing) in OWN.items()]
    symbols += [_symbol(name, "0 0 24 24", _without_frame(drawings[name])) for name in sorted(TABLER)]
    sprite = "\n".join(['<svg xmlns="http://www.w3.org/2000/svg">', *symbols, "</svg>", ""])
    (ICONS / "sprite.svg").write_text(sprite, encoding="utf-8")
    (ICONS / "favicon.svg").write_text(_favicon(), encoding="utf-8")
    licence = files("flask_tabler_icons").parent / _licence_path()
    (ICONS / "LICENSE-tabler.txt").write_text(licence.read_text(encoding="utf-8"), encoding="utf-8")


def _symbol(name: str, box: str, drawing: str) -> str:
    return f'<symbol id="{name}" viewBox="{box}">{drawing}</symbol>'


def _without_frame(drawing: str) -> str:
    drawing = drawing.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "")
    return re.sub(r"\s*/>\s*", "/>", drawing).strip()


def _licence_path() -> str:
    from importlib.metadata import files as installed

    return next(str(path) for path in installed("flask-tabler-icons") or () if path.name.startswith("LICENSE"))


def _favicon() -> str:
    colours = json.loads(TOKENS.read_text(encoding="utf-8"))["color"]
    ground, mark = colours["bar"]["light"], colours["on-bar"]["light"]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="7" fill="{ground}"/>'
        f'<g color="{mark}" transform="translate(3.2 3.2) scale(.8)">{OWN["logo"][1]}</g></svg>\n'
    )


def make_tokens() -> None:
    """Light is the default; dark where the system asks for it and the user did not choose light, or chose dark."""
    tokens = json.loads(TOKENS.read_text(encoding="utf-8"))
    light, dark = _variables(tokens, "light"), _variables(tokens, "dark")
    css = f"""/* Written by scripts/make_assets.py from pentahelix/blueprints/style/tokens.json. */
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
"""
    (ROOT / "static" / "css" / "tokens.css").write_text(css, encoding="utf-8")


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
