"""Every page of the demo on a phone: what axe has to say, and how the keyboard fares."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, ViewportSize, expect
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.demo import loader
from pentahelix.extensions import db
from pentahelix.scope import ALL, set_scope
from tests.browser.conftest import DESKTOP, PHONE
from tests.pages import ROLES, VISITOR, Walk, put_some_away
from tests.sign_in import cookie_of


@pytest.fixture
def walk(app: Flask, session: Session) -> Walk:
    """The demo in the server's database, and somebody who knows its addresses."""
    loader.load(clock.today())
    set_scope(db.session(), ALL)
    put_some_away(db.session())
    return Walk(app, db.session(), chosen=1, most_led=0)


class Look(NamedTuple):
    size: ViewportSize
    scheme: Literal["light", "dark"]
    axe: dict[str, list[str]]


#: On a phone in the light all of axe; on a laptop in the dark whether everything can be read.
LOOKS = (
    Look(PHONE, "light", {"resultTypes": ["violations"]}),
    Look(DESKTOP, "dark", {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}),
)


def _complaints(page: Page, address: str, look: Look) -> Iterator[str]:
    page.set_viewport_size(look.size)
    page.emulate_media(color_scheme=look.scheme)
    if look is LOOKS[0]:
        page.goto(address)
    for rule in Axe().run(page, options=look.axe).response["violations"]:
        for node in rule["nodes"]:
            yield f"{rule['id']}: {node['html'][:160]} ({look.scheme})"
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        yield f"{look.size['width']} is too narrow"


def test_axe_and_the_width_have_nothing_to_say_of_any_page(browser, server, walk):
    complaints = []
    pages = walk.addresses()
    assert set(pages) == set(ROLES)
    for role, addresses in pages.items():
        with browser.new_context(
            base_url=server.address, locale="id-ID", bypass_csp=True, reduced_motion="reduce"
        ) as context:
            if role != VISITOR:
                name, value = cookie_of(walk.app, walk.people[role])
                context.add_cookies([{"name": name, "value": value, "url": server.address}])
            page = context.new_page()
            for address in addresses:
                for look in LOOKS:
                    complaints += [f"{what} on {role} {address}" for what in _complaints(page, address, look)]
    assert not complaints, "\n".join(complaints)


def test_the_first_tab_leads_past_the_bars(page: Page, phone, signed_in, cast):
    signed_in(phone, cast.lilis)
    page.goto("/today")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Langsung ke isi")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_c106_a_refused_form_is_heard_and_leads_to_its_fields(page: Page, phone, signed_in, cast):
    """C106: three errors by keyboard: the title says so, the summary has the focus, its links the fields."""
    signed_in(phone, cast.lilis)
    page.goto("/partners/new")
    name, telephone = page.get_by_label("Nama mitra", exact=True), page.locator("input[inputmode=tel]").first
    page.locator("form details").evaluate_all("all => all.forEach(one => one.open = true)")
    telephone.focus()
    page.keyboard.type("bukan nomor")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("^Galat: "))
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    links = summary.get_by_role("link")
    assert links.count() == 3
    page.keyboard.press("Tab")
    expect(links.first).to_be_focused()
    page.keyboard.press("Enter")
    expect(name).to_be_focused()
    expect(name).to_be_in_viewport()
    for field in (name, telephone):
        expect(field).to_have_attribute("aria-invalid", "true")
        told = (field.get_attribute("aria-describedby") or "").split()
        expect(page.locator(f"#{told[-1]}")).to_be_visible()
    expect(telephone).to_have_value("bukan nomor")
