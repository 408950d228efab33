"""Coming in and going out in a real browser."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from pentahelix import unit_of_work
from pentahelix.models import Submission
from pentahelix.services import sign_ins
from tests.browser.conftest import PHONE
from tests.browser.person import come_in
from tests.cast import PASSWORD


def test_c106_after_a_refusal_the_summary_has_the_focus_and_leads_to_each_field(
    page: Page, signed_in, phone, cast
):
    signed_in(phone, cast.rudi)
    page.goto("/admin/users/new")
    # By keyboard alone, with three errors.
    page.get_by_label("Nama lengkap dengan gelar").press("Tab")
    page.get_by_role("textbox", name="Surel").fill("bukan surel")
    page.get_by_label("Telepon").fill("tidak tahu")
    page.get_by_label("Telepon").press("Enter")
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Galat: "))
    expect(summary).to_have_attribute("role", "alert")
    expect(summary).to_contain_text("4 isian perlu diperbaiki.")
    assert summary.get_by_role("link").all_inner_texts() == [
        "Nama lengkap dengan gelar", "Peran", "Surel", "Telepon",
    ]  # fmt: skip
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    name = page.get_by_label("Nama lengkap dengan gelar")
    assert page.url.endswith("#" + (name.get_attribute("id") or "?"))
    email = page.get_by_role("textbox", name="Surel")
    expect(email).to_have_attribute("aria-invalid", "true")
    described = (email.get_attribute("aria-describedby") or "").split()
    said = " ".join(page.locator(f"#{part}").inner_text() for part in described)
    assert "Alamat surel tidak sah" in said
    expect(email).to_have_value("bukan surel")


def test_c111_back_after_signing_out_shows_nothing_private(page: Page, cast, phone: BrowserContext):
    page.goto("/profile/sessions")
    come_in(page, cast.lilis.email)
    page.goto("/profile")
    expect(page.get_by_text(cast.lilis.email)).to_be_visible()
    page.get_by_role("button", name="Keluar").click()
    page.wait_for_url("**/sign-in")
    for _ in range(3):
        page.go_back()
        expect(page.get_by_text(cast.lilis.email)).to_have_count(0)
    page.goto("/profile")
    expect(page).to_have_url(re.compile("/sign-in"))
    reopened = phone.new_page()
    reopened.goto("/profile")
    expect(reopened.get_by_role("heading", name="Masuk")).to_be_visible()


@pytest.fixture
def without_scripts(browser: Browser, server, app):
    with browser.new_context(
        base_url=server.address, viewport=PHONE, java_script_enabled=False, locale="id-ID"
    ) as context:
        yield context


def test_e4_without_javascript_a_text_survives_the_end_of_the_session(without_scripts, cast, session):
    page = without_scripts.new_page()
    page.goto("/profile")
    come_in(page, cast.lilis.email)
    page.goto("/profile")
    page.get_by_label("Jabatan").fill("Ketua “TeFa” & <b>")
    unit_of_work.write()
    sign_ins.revoke(cast.lilis.id)
    session.commit()
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_text("Yang Anda ketik tetap ada")).to_be_visible()
    come_in(page, cast.lilis.email, "salah-sekali-lagi")
    expect(page.get_by_text("Surel atau kata sandi tidak cocok.")).to_be_visible()
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    expect(page.get_by_role("heading", name="Lanjutkan menyimpan")).to_be_visible()
    page.get_by_role("button", name="Simpan sekarang").click()
    expect(page.get_by_text("Profil tersimpan.")).to_be_visible()
    session.rollback()
    assert cast.lilis.position == "Ketua “TeFa” & <b>"
    # Back to the button and pressed again: the same answer, nothing more.
    assert len(session.scalars(select(Submission).where(Submission.route == "/profile")).all()) == 1


def test_a_visitor_reads_english_after_one_press(page: Page):
    page.goto("/sign-in")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
