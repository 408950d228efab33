"""The real thing: gunicorn and scheduler as an operator starts them, seen from a phone."""

import json

from playwright.sync_api import expect


def test_server_and_scheduler_are_well(server):
    status, health = server.health()
    assert status == 200, json.dumps(health)


def test_the_page_of_a_browser_is_not_cut_off(page, person):
    person.open("/sign-in")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert person.loads == 1


def test_taps_and_loads_are_counted_and_typing_is_free(page, person):
    page.set_content(
        "<input autofocus aria-label=Satu><input aria-label=Dua><select><option>a<option>b</select>"
    )
    person.write(page.get_by_label("Satu"), "bebas")
    assert person.taps == 0
    person.write(page.get_by_label("Dua"), "satu ketukan")
    person.choose(page.get_by_role("combobox"), "b")
    assert person.taps == 2


def test_the_server_sees_what_the_test_has_made(page, signed_in, phone, cast):
    signed_in(phone, cast.lilis)
    page.goto("/")
    expect(page.get_by_text("Kuliner Lebak").first).to_be_visible()
