"""Every page, in every state that a walk meets, in a browser: axe, widths, large text, keyboard, paper.

At every change each page once, on a phone, in the light, in Indonesian. `make pages` looks at both languages
and themes, and at laptops.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, ViewportSize

from pentahelix.vocabulary import Language, Role
from tests.browser.conftest import DESKTOP, PHONE, watched
from tests.browser.gallery import Gallery, Picture, pictures
from tests.browser.server import STORY_CLOCK
from tests.engines import Engines
from tests.pages import PARTNER, ROLES, VISITOR
from tests.sizes import LARGE, sized

LOOK = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")

LANGUAGES = sized([Language.ID], list(Language))
#: The pages are dealt out in so many heaps, so that all cores have something to do.
HEAPS = range(sized(1, 6))

NARROW: ViewportSize = {"width": 320, "height": 640}
#: Of a form that is a task, one heading stands in the bar of a phone and one on the page of a laptop.
HEADING = re.compile(r'<h1(?! class="only-wide")')
LANGUAGE = re.compile(r'<html lang="(\w+)"')
ASKED = re.compile(r"[?&]lang=(\w+)")
BY_LINK = re.compile(r"/[\w-]{43}(?=$|\?)")

#: What nobody wants on paper: ways through the house, and what is to be pressed. Links that are facts stay
#: and so does what a list was narrowed by.
UNPRINTED = """nav:not(.filters), .filters > :not([aria-current]), .btn, .bar, .skip, button,
    a[href^="/"]:is([href$="/new"], [href*="/new?"], [href$="/edit"], [href$="/password"])"""

#: A4, upright, at 96 pixels an inch.
SHEET: ViewportSize = {"width": 794, "height": 1123}


@pytest.fixture(scope="module")
def hung(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """`hung(Language.ID)`: the pictures of a language."""
    here = tmp_path_factory.getbasetemp()
    # The workers of one run have one folder above their own.
    return partial(pictures, at=STORY_CLOCK, folder=here.parent if "popen-" in here.name else here)


@pytest.fixture(scope="module")
def gallery(engines: Engines) -> Iterator[Gallery]:
    with Gallery.opened(engines["sqlite"].app) as gallery:
        yield gallery


@pytest.fixture(scope="module")
def wall(browser: Browser, gallery: Gallery) -> Iterator[Page]:
    with watched(
        browser, base_url=gallery.address, viewport=PHONE, has_touch=True, service_workers="block",
        reduced_motion="reduce",
    ) as context:  # fmt: skip
        # Half a megabyte, which the browser so gets once, and has read already from the second page on.
        context.add_init_script(AXE_SCRIPT)
        yield context.new_page()


def _resize(wall: Page, size: ViewportSize) -> None:
    """And wait until the page is laid out anew."""
    wall.set_viewport_size(size)
    wall.wait_for_function("width => document.documentElement.clientWidth === width", arg=size["width"])


def seen(wall: Page, gallery: Gallery, all_of_them: list[Picture]) -> Iterator[Picture]:
    """Each picture, when it hangs on the wall."""
    for picture in all_of_them:
        gallery.picture = picture
        wall.emulate_media(color_scheme="light", media="screen")
        wall.set_viewport_size(PHONE)
        wall.goto(picture.address)
        wall.evaluate(LOOK)
        yield picture


#: Only what is wrong comes out of the browser: what was in order is a hundred times as much.
AXE = """async options => (await axe.run(options)).violations.flatMap(
    rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 160)}`))"""


def _axe(wall: Page, **options: Any) -> list[str]:
    complaints: list[str] = wall.evaluate(AXE, {"resultTypes": ["violations"], **options})
    return complaints


def _looks(wall: Page) -> Iterator[tuple[str, str]]:
    """What is wrong with the page on the wall, and in which light."""
    for what in _axe(wall):
        yield "phone, light", what
    for what in wall.evaluate("look.cut().concat(look.moving())"):
        yield "phone", what
    for what in wall.evaluate("look.small()"):
        yield "phone, a thumb", what
    if LARGE:
        colours = {"runOnly": ["color-contrast"]}
        wall.emulate_media(color_scheme="dark")
        for what in _axe(wall, **colours):
            yield "phone, dark", what
        _resize(wall, DESKTOP)
        for what in _axe(wall, **colours):
            yield "laptop, dark", what
        wall.emulate_media(color_scheme="light")
        for what in _axe(wall):
            yield "laptop, light", what
        yield from (("laptop", what) for what in wall.evaluate("look.cut()"))


def _sizes(wall: Page) -> Iterator[tuple[str, str]]:
    _resize(wall, NARROW)
    yield from (("320 px", what) for what in wall.evaluate("look.cut()"))
    _resize(wall, DESKTOP)
    wall.evaluate("document.documentElement.style.fontSize = '200%'")
    yield from (("text twice as large", what) for what in wall.evaluate("look.cut()"))
    wall.evaluate("document.documentElement.style.fontSize = ''")
    wall.emulate_media(media="print")
    _resize(wall, SHEET)
    yield from (("paper", what) for what in wall.evaluate("look.cut()"))
    for what in wall.locator(UNPRINTED).filter(visible=True).all():
        yield "paper", f"is printed: {what.evaluate('e => e.outerHTML.slice(0, 120)')}"


@pytest.mark.parametrize("heap", HEAPS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_can_be_read_in_every_light_and_size(wall, gallery, hung, language, heap, figure):
    found = hung(language)
    heap_of_pictures = (found if LARGE else one_of_each_kind(found))[heap :: len(HEAPS)]
    sized_too = heap_of_pictures[:: sized(6, 1)]
    complaints = [
        f"{where}: {what} on {picture}"
        for picture in seen(wall, gallery, heap_of_pictures)
        for where, what in chain(_looks(wall), _sizes(wall) if picture in sized_too else ())
    ]
    figure(f"Pages: {len(heap_of_pictures)} of language {language}, heap {heap}")
    assert not complaints, "\n".join(complaints)


# ---------------------------------------------------------------------------- keyboard


def one_of_each_kind(found: list[Picture]) -> list[Picture]:
    return list({picture.kind: picture for picture in reversed(found)}.values())


def _stops(wall: Page) -> Iterator[str]:
    """Go through the page by Tab, from its beginning until it is left, and say what was wrong on the way."""
    # Anew: a laptop shows other controls than a phone.
    wall.evaluate(LOOK)
    wall.evaluate("look.begin()")
    stops = wall.evaluate("look.stops")
    reached: list[int] = []
    for _press in range(len(stops) + 40):
        wall.keyboard.press("Tab")
        here = wall.evaluate("look.here()")
        if here is None or (here["at"] >= 0 and here["at"] == next(iter(reached), None)):
            break
        yield from (f"{wrong}: {here['name']}" for wrong in here["wrong"])
        if here["at"] >= 0 and here["at"] not in reached[-1:]:
            reached.append(here["at"])
    else:
        yield "the keyboard does not come out of it"
    yield from (f"is not reached: {stops[at]}" for at in sorted(set(range(len(stops))) - set(reached)))
    if reached != sorted(reached):
        yield f"the order is not that of the page: {reached}"


@pytest.mark.parametrize("heap", HEAPS)
def test_every_page_can_be_walked_through_by_keyboard(wall, gallery, hung, heap):
    kinds = one_of_each_kind(hung(Language.ID))
    some = kinds[heap :: sized(12, len(HEAPS))]
    complaints = []
    for picture in seen(wall, gallery, some):
        for size in sized([PHONE], [PHONE, DESKTOP]):
            _resize(wall, size)
            complaints += [f"{size['width']} px: {what} on {picture}" for what in _stops(wall)]
    assert not complaints, "\n".join(complaints)


def test_the_focus_of_a_refused_form_is_at_what_was_wrong(wall, gallery, hung):
    refused = [
        picture for picture in one_of_each_kind(hung(Language.ID)) if "data-error-summary" in picture.page
    ]
    assert len(refused) > 10
    elsewhere = [
        str(picture)
        for picture in seen(wall, gallery, refused)
        if not wall.evaluate("document.activeElement.matches('[data-error-summary]')")
    ]
    assert elsewhere == []


# ---------------------------------------------------------------------------- the frame of a page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_of_one_language_has_one_heading_and_a_title_of_its_own(wall, gallery, hung, language):
    found = hung(language)
    assert {picture.role for picture in found} == set(ROLES) == {VISITOR, PARTNER, *Role}
    assert {200, 400, 401, 404, 405, 409, 413, 422, 429, 500, 503} <= {picture.status for picture in found}
    wrong = []
    titles: dict[tuple[str, str], set[str]] = defaultdict(set)
    for picture in found:
        page = picture.page
        title = page.partition("<title>")[2].partition("</title>")[0]
        frame = len(HEADING.findall(page)), page.count("<main"), LANGUAGE.findall(page)
        # What a link in a mail opens is in the language of its reader, or in the one asked for there.
        spoken = list(Language) if BY_LINK.search(picture.address) else [language]
        spoken = ASKED.findall(picture.address) or spoken
        if frame not in [(1, 1, [one]) for one in spoken]:
            wrong.append(f"{frame} h1, main, html on {picture}")
        if picture.status == 200:
            # Whatever its token, that is one page.
            address = BY_LINK.sub("/…", picture.address.partition("?")[0])
            titles[picture.role, title].add(address)
    alike = [
        f"{role}: {title!r} of {sorted(which)}" for (role, title), which in titles.items() if len(which) > 1
    ]
    assert not wrong + alike, "\n".join(wrong + alike)
