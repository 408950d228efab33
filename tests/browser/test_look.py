"""The living page of the design in a real browser: what no reading of templates can promise."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESKTOP, PHONE

#: Whatever can be pressed. Links within a sentence or a line of crumbs are as tall as the line, the ring of a
#: follow-up is pressed in a wider circle than it shows, the button of a search shows itself in focus only.
PRESSABLE = (
    "button:visible:not(.tick, .searchbox-go), summary:visible, select:visible, textarea:visible, "
    "input:visible:not([type=checkbox]):not([type=radio]), "
    ".btn:visible:not(.searchbox-go), .iconbtn:visible, .pager-n:visible, .choice:visible, .check:visible"
)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing_to_say_about_any_component(browser: Browser, server, size, theme):
    with browser.new_context(viewport=size, base_url=server.address, bypass_csp=True) as context:
        page = context.new_page()
        page.goto(f"/style?theme={theme}")
        found = Axe().run(page).response["violations"]
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


@pytest.mark.parametrize("width", [320, 390, 640, 1040, 1280])
def test_no_width_scrolls_sideways(browser: Browser, server, width):
    with browser.new_context(viewport={"width": width, "height": 700}, base_url=server.address) as context:
        page = context.new_page()
        page.goto("/style")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_letters_of_twice_the_size_fit_on_a_phone(browser: Browser, server, app, signed_in, cast):
    """A phone of 390 pixels whose letters are twice as large is as wide, in letters, as one of 195."""
    with browser.new_context(viewport={"width": 195, "height": 422}, base_url=server.address) as context:
        signed_in(context, cast.rudi)
        page = context.new_page()
        account, members = f"/admin/users/{cast.lilis.id}", f"/clusters/{cast.lebak.id}/coordinators"
        lists = ("/admin/users", "/admin/holidays", "/admin/trail", "/outbox", "/partners", "/coverage")
        for address in (*lists, account, members):
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= 195, address
            # Nothing is squeezed to a column of single letters.
            thin = page.locator("main :is(li, td, dd) :is(p, a)").evaluate_all(
                "all => all.filter(e => e.clientWidth && e.clientWidth < 40 && e.innerText.length > 8)"
                ".map(e => e.innerText)"
            )
            assert thin == [], address


def test_a_thumb_finds_every_target_on_a_phone(page):
    page.goto("/style")
    small = [
        element.evaluate("e => e.outerHTML.slice(0, 120)")
        for element in page.locator(PRESSABLE).all()
        if (element.bounding_box() or {"height": 48})["height"] < 47.5
        and "tick" not in (element.get_attribute("class") or "")
    ]
    assert small == []


def test_a_menu_closes_by_escape_and_gives_the_focus_back(page):
    page.goto("/style")
    menu = page.locator("details[data-menu]").first
    menu.locator("summary").click()
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()


def test_the_font_is_ours_and_the_icons_are_drawn(page):
    page.goto("/style")
    assert page.evaluate(
        "document.fonts.ready.then(() => document.fonts.check('16px \"Plus Jakarta Sans Variable\"'))"
    )
    drawn = page.locator(".btn svg.i").first.bounding_box()
    assert drawn is not None
    assert drawn["width"] > 15


def test_the_theme_of_the_device_holds_until_one_is_chosen(browser: Browser, server):
    with browser.new_context(base_url=server.address, color_scheme="dark") as context:
        page = context.new_page()
        ground = "getComputedStyle(document.body).backgroundColor"
        page.goto("/style")
        assert page.evaluate(ground) == "rgb(16, 22, 29)"
        page.goto("/style?theme=light")
        assert page.evaluate(ground) == "rgb(243, 244, 241)"


def test_paper_is_white_and_carries_no_controls(page):
    page.goto("/style?theme=dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.get_by_role("link", name="Simpan rapat")).to_be_hidden()
    expect(page.locator("header.bar")).to_be_hidden()
