"""What the browser is given besides pages: that it fits together, and how little it weighs."""

import re
from pathlib import Path

import brotli
import pytest
from fontTools.ttLib import TTFont

from scripts import make_assets

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
SPRITE = (STATIC / "icons" / "sprite.svg").read_text(encoding="utf-8")
STYLESHEET = (STATIC / "css" / "pentahelix.css").read_text(encoding="utf-8")

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
    for font in (STATIC / "fonts" / "PlusJakartaSans-400-700.woff2", *make_assets.PAPER_FONTS.glob("*.ttf")):
        assert set(make_assets.CHARACTERS) <= set(TTFont(font).getBestCmap()), font.name


@pytest.mark.parametrize("folder", [STATIC / "fonts", STATIC / "icons", make_assets.PAPER_FONTS])
def test_the_licences_lie_beside_what_they_cover(folder):
    assert list(folder.glob("OFL.txt")) or list(folder.glob("LICENSE-*.txt"))


def test_a_first_visit_fetches_six_files_of_less_than_forty_kilobytes(client):
    """The page, its stylesheet, script, font and icons, compressed as they are sent."""
    page = client.get("/style?theme=light").text
    addresses = set(re.findall(r'(?:src|href)="/static/[0-9a-f]+/([^"#]+)', page))
    assert len(addresses) + 1 <= 6

    sent = [page.encode()] + [(STATIC / address).read_bytes() for address in addresses]
    weight = sum(min(len(body), len(brotli.compress(body))) for body in sent)
    assert weight < 40_000


def test_the_font_stays_below_twenty_kilobytes():
    assert (STATIC / "fonts" / "PlusJakartaSans-400-700.woff2").stat().st_size <= 20_000
