"""The keyboard: past the bars, and from a refused form to its fields."""

import re

from playwright.sync_api import BrowserContext, Page, expect


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


def test_after_an_act_the_page_opens_on_what_it_says(desktop: BrowserContext, signed_in, cast):
    signed_in(desktop, cast.rudi)
    page = desktop.new_page()
    page.goto("/admin/settings")
    cold = page.get_by_label("Mitra mulai dingin setelah")
    cold.fill("x")
    cold.press("Enter")
    page.get_by_role("alert").get_by_role("link").click()
    cold.fill("60")
    cold.press("Enter")
    notice = page.locator(".notice")
    expect(notice).to_have_text("Pengaturan tersimpan dan berlaku seketika.")
    expect(notice).to_be_focused()
    expect(notice).to_be_in_viewport()
    # The link to the field has not followed, which would open the answer on that field.
    expect(page).to_have_url(re.compile("/admin/settings$"))


def test_what_was_done_is_taken_back_by_the_next_key(desktop: BrowserContext, signed_in, cast):
    signed_in(desktop, cast.rudi)
    page = desktop.new_page()
    page.goto(f"/admin/users/{cast.lilis.id}")
    page.get_by_role("button", name="Nonaktifkan akun").press("Enter")
    expect(page.locator(".notice")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Urungkan")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text("aktif lagi")
