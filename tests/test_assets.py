"""What the browser is given besides pages: that it fits together, and how little it weighs."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import brotli
import pytest
from fontTools.ttLib import TTFont

from pentahelix import static_files
from pentahelix.vocabulary import Role
from scripts import build_static, make_assets
from tests.pages import PARTNER, VISITOR, Walk, demo

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
SPRITE = (STATIC / "icons" / "sprite.svg").read_text(encoding="utf-8")
STYLESHEET = (STATIC / "css" / "pentahelix.css").read_text(encoding="utf-8")

#: Classes that templates put together, as the head of the stylesheet says.
COMPOSED = ("c-", "f-", "cell-", "g-", "badge-", "note-", "hx-", "avatar-", "tile-")

#: How templates and the navigation name an icon.
NAMED = re.compile(
    r"""(?: icon\( | entry\( | icon_name= | action_icon= )\s*"([a-z0-9-]+)"
      | badge\([^"]*"[a-z]*",\s.*?,\s"([a-z0-9-]+)"\)
      | Entry\([^()]*_l\([^()]*\),\s"([a-z0-9-]+)" """,
    re.VERBOSE,
)


def names_of_icons() -> dict[str, Path]:
    places = [*(ROOT / "templates").rglob("*.html"), ROOT / "pentahelix" / "navigation.py"]
    return {
        name: place
        for place in places
        for found in NAMED.findall(place.read_text(encoding="utf-8"))
        for name in found
        if name
    }


@pytest.mark.parametrize(("name", "place"), names_of_icons().items())
def test_an_icon_that_a_template_names_is_in_the_sprite(name, place):
    assert f'<symbol id="{name}"' in SPRITE, (
        f"{place.name} names the icon {name}: add it to scripts/drawings/tabler.txt, then run `make assets`"
    )


def test_the_colours_of_the_stylesheet_are_those_of_the_tokens():
    assert make_assets.tokens_css() in STYLESHEET, "run `make assets`"


def test_every_colour_that_the_stylesheet_names_is_a_token():
    named = set(re.findall(r"var\((--[a-z0-9-]+)\)", STYLESHEET))
    assert named <= set(re.findall(r"(--[a-z0-9-]+):", make_assets.tokens_css()))


def test_the_fonts_have_every_sign_that_pages_and_papers_use():
    for font in make_assets.PAPER_FONTS.glob("*.ttf"):
        assert set(make_assets.CHARACTERS) <= set(TTFont(font).getBestCmap()), font.name
    for name, characters in make_assets.FONTS_OF_PAGES.items():
        assert set(characters) == set(TTFont(STATIC / "fonts" / name).getBestCmap()), name


def test_browsers_are_told_of_which_signs_the_second_font_is():
    told = re.search(r"unicode-range: ([^;]+);", STYLESHEET)[1]
    ranges = [[int(end, 16) for end in part[2:].split("-")] for part in told.split(", ")]
    codes = {code for first, *last in ranges for code in range(first, (last or [first])[0] + 1)}
    assert codes == set(make_assets.ELSEWHERE)


@pytest.mark.parametrize("folder", [STATIC / "fonts", STATIC / "icons", make_assets.PAPER_FONTS])
def test_the_licences_lie_beside_what_they_cover(folder):
    assert list(folder.glob("OFL.txt")) or list(folder.glob("LICENSE-*.txt"))


# ── what is built, and what a page weighs ───────────────────────────────────────────────────────────────────

TUESDAY = datetime(2026, 11, 24, 7, 0, tzinfo=ZoneInfo("Asia/Jakarta"))

#: What a server says before each file that whitenoise does not say itself: its status, name and date.
SERVER_SAYS = len("HTTP/1.1 200 OK\r\nServer: gunicorn\r\nDate: Tue, 24 Nov 2026 00:00:00 GMT\r\n\r\n") + 24

#: Whom one asks for which kinds of pages; the others are made of the same.
FIRST_VISITS = {
    VISITOR: ("/sign-in",),
    Role.COORDINATOR: (
        "/today", "/partners", "/partners/1", "/partners/new", "/meetings", "/meetings/new", "/guidance",
        "/guidance/new", "/guidance/1/record", "/follow-ups/new", "/follow-ups/1", "/agreements",
        "/contributions", "/contributions/new", "/search?q=k", "/profile", "/waiting", "/outbox",
    ),
    Role.KABID: ("/coverage", "/coverage/1/industry", "/coverage/gaps", "/agreements", "/clusters"),
    Role.ADMIN: ("/admin/users", "/admin/trail", "/admin/settings", "/admin/holidays"),
    PARTNER: ("/portal",),
}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """What make builds, whatever lies in var."""
    folder = tmp_path_factory.mktemp("built") / static_files.digest(static_files.SOURCES)
    build_static.build(folder)
    return folder


def test_a_first_visit_to_any_page_fetches_six_files_of_forty_kilobytes_at_most(built, figure, monkeypatch):
    """The page, its stylesheet, script, font and icons; compressed, with headers, as a browser counts it."""
    monkeypatch.setattr(static_files, "BUILT", built.parent)
    weights: dict[str, int] = {}
    visits = {}
    with demo(TUESDAY.isoformat()) as (app, session):
        walk = Walk(app, session)
        for role, addresses in FIRST_VISITS.items():
            client = walk.client(role)
            for address in addresses:
                page = client.get(address, headers=BROTLI)
                assert page.status_code == 200, address
                html = brotli.decompress(page.data).decode()
                files = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', html))
                assert len(files) + 1 <= 6, f"{address} fetches {sorted(files)}"
                for file in files - weights.keys():
                    with client.get(file, headers=BROTLI) as answer:
                        weights[file] = weight(answer)
                visits[address] = weight(page) + sum(weights[file] for file in files)
    *_others, third, second, first = sorted((size, address) for address, size in visits.items())
    told = ", ".join(f"{address} {size / 1000:.1f} kB" for size, address in (first, second, third))
    figure(f"T9: heaviest first visits {told}; lightest {min(visits.values()) / 1000:.1f} kB")
    assert {address: size for address, size in visits.items() if size > 40_000} == {}


BROTLI = {"Accept-Encoding": "gzip, deflate, br, zstd"}


def weight(answer):
    return SERVER_SAYS + len(str(answer.headers)) + len(answer.data)


def test_a_bundle_needs_no_other_file_at_first(built):
    for script in (built / "js").glob("*.js"):
        assert not re.search(r'\bimport[ {"*]|\bfrom"', script.read_text(encoding="utf-8")), script.name


def test_each_script_that_a_page_names_and_that_these_load_later_is_built(built):
    named = {
        name
        for place in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'filename="js/([^"]+)"', place.read_text(encoding="utf-8"))
    }
    later = {
        found
        for script in (built / "js").glob("*.js")
        for found in re.findall(r'import\("\./([^"]+)"\)', script.read_text(encoding="utf-8"))
    }
    assert later == {"offline/leave.js"}
    assert [name for name in named | later if not (built / "js" / name).is_file()] == []


@pytest.mark.parametrize(
    "module",
    [
        'import other from "./other.js";',
        'import "https://example.org/other.js";',
        "export default 1;",
        "export let state = 1;",
        "export { one };",
        "const where = import.meta.url;",
        "const other = await import(name);",
    ],
)
def test_a_way_of_importing_that_nobody_has_bundled_yet_stops_the_build(tmp_path, module):
    (tmp_path / "other.js").write_text("export const one = 1;\n")
    (tmp_path / "page.js").write_text(module + "\n")
    with pytest.raises(SystemExit, match="cannot bundle"):
        build_static.bundles(tmp_path)


def test_modules_that_import_each_other_stop_the_build(tmp_path):
    (tmp_path / "one.js").write_text('import "./two.js";\n')
    (tmp_path / "two.js").write_text('import "./one.js";\n')
    with pytest.raises(SystemExit, match="imports itself"):
        build_static.bundles(tmp_path)


def test_sources_that_have_changed_since_are_served_themselves(tmp_path, monkeypatch):
    sources, built = tmp_path / "static", tmp_path / "built"
    sources.mkdir()
    (sources / "one.css").write_text("a { color: red; }")
    monkeypatch.setattr(static_files, "SOURCES", sources)
    monkeypatch.setattr(static_files, "BUILT", built)
    made = built / static_files.digest(sources)
    made.mkdir(parents=True)
    assert static_files.StaticFolder().folder == made
    (sources / "one.css").write_text("a { color: blue; }")
    assert static_files.StaticFolder().folder == sources


def test_every_class_of_the_stylesheet_is_on_some_page():
    places = [*(ROOT / "templates").rglob("*.html"), *(STATIC / "js").rglob("*.js")]
    places += (ROOT / "pentahelix").rglob("*.py")
    said = {
        word for place in places for word in re.findall(r"[a-z][\w-]*", place.read_text(encoding="utf-8"))
    }
    rules = re.sub(r"/\*.*?\*/", "", STYLESHEET, flags=re.DOTALL)
    selectors = " ".join(re.findall(r"([^{}]+)\{", rules))
    classes = set(re.findall(r"\.([a-z][\w-]*)", selectors))
    assert {name for name in classes - said if not name.startswith(COMPOSED)} == set()


def test_the_font_of_every_page_stays_below_twelve_kilobytes():
    assert (STATIC / "fonts" / "PlusJakartaSans-400-700.woff2").stat().st_size <= 12_000
