"""Likenesses that are named while somebody is still typing."""

from playwright.sync_api import expect


def test_c107_a_likeness_is_announced_once_and_the_focus_stays(cast, phone, signed_in, page):
    signed_in(phone, cast.lilis)
    page.goto("/partners/new")
    name = page.get_by_label("Nama mitra")
    name.press_sequentially("kemasindo lebak")
    expect(page.get_by_role("heading", name="Mungkin sudah ada")).to_be_visible()
    expect(name).to_be_focused()
    told = page.locator("[data-alike-status]")
    expect(told).to_have_text("Satu mitra mungkin sudah ada; lihat di bawah nama.")
    expect(page.locator(".alike").get_by_role("link", name="Buka CV Kemasindo Lebak")).to_be_visible()
    name.fill("Jaya Abadi Sentosa Makmur")
    expect(page.locator(".alike")).to_have_count(0)
    expect(told).to_have_text("")
    expect(name).to_be_focused()


def test_a_tick_stays_while_the_name_is_corrected_and_is_sent(cast, phone, signed_in, page):
    signed_in(phone, cast.lilis)
    page.goto("/partners/new")
    name = page.get_by_label("Nama mitra")
    name.fill("Kemasindo Lebak")
    page.get_by_label("Tetap simpan sebagai mitra baru").check()
    name.fill("PT Kemasindo Lebak")
    with page.expect_response("**/partners/alike?**"):
        name.press_sequentially("a")
    expect(page.get_by_label("Tetap simpan sebagai mitra baru")).to_be_checked()
    page.locator(".chip", has_text="Media").click()
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_role("heading", name="PT Kemasindo Lebaka")).to_be_visible()


def test_the_filters_open_without_a_page_of_their_own(cast, phone, signed_in, page):
    signed_in(phone, cast.lilis)
    page.goto("/partners")
    page.locator("summary", has_text="Saringan lain").click()
    page.get_by_label("Keadaan").select_option(label="Diarsipkan")
    page.get_by_role("button", name="Terapkan").click()
    expect(page.get_by_role("heading", name="Tidak ada mitra yang cocok")).to_be_visible()
