"""A session that ends while somebody fills in a form whose script asks the server meanwhile.

What the script asks then is led to the page of signing in: it shows nothing of that, and breaks nothing. All
that was typed, before and after, is stored after signing in on the page that answers the form.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import unquote

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from pentahelix import unit_of_work
from pentahelix.models import (
    Agreement,
    Attendance,
    GuidanceSession,
    Invitation,
    Meeting,
    MeetingPartner,
    Partner,
    User,
)
from pentahelix.services import sign_ins
from pentahelix.vocabulary import AgreementKind, Helix
from tests import factories as make
from tests.browser.person import come_in
from tests.cast import Cast

LINES = "Baris satu “mutu” & <b>\n\nbaris dua"


@pytest.fixture
def lilis(cast: Cast, phone: BrowserContext, signed_in) -> User:
    signed_in(phone, cast.lilis)
    return cast.lilis


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """What the browser itself says of an answer such as 401 is no error of ours; everything else is."""
    errors: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource:"):
            errors.append(message.text)

    page.on("console", listen)
    yield page
    assert errors == []


@pytest.fixture
def end(lilis: User, session: Session) -> Callable[[], None]:
    def revoke() -> None:
        session.commit()
        unit_of_work.write()
        sign_ins.revoke(lilis.id)
        session.commit()

    return revoke


@contextmanager
def asked_in_vain(page: Page, path: str) -> Iterator[None]:
    """The script asks `path`, and has been answered by the page of signing in."""
    with page.expect_response(lambda answer: f"/sign-in?next={path}" in unquote(answer.url)) as answer:
        yield
    assert answer.value.ok


def press(page: Page, button: str, lilis: User) -> None:
    """The form's button; then in again where that leads, and on with what waits there."""
    # Nothing of the page of signing in stands on that of the form.
    expect(page.get_by_label("Kata sandi")).to_have_count(0)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_text("Yang Anda ketik tetap ada: masuklah lagi")).to_be_visible()
    come_in(page, lilis.email or "")
    page.get_by_role("button", name="Simpan sekarang").click()


def test_a_new_partner(page, lilis, session, end):
    page.goto("/partners/new")
    name = page.get_by_label("Nama mitra")
    name.press_sequentially("Kemasindo Lebak")
    page.get_by_label("Tetap simpan sebagai mitra baru").check()
    end()
    name.press("End")
    for more in (" Jaya", " Abadi"):
        with asked_in_vain(page, "/partners/alike"):
            name.press_sequentially(more)
    # What was found before stays, with its tick.
    expect(page.get_by_label("Tetap simpan sebagai mitra baru")).to_be_checked()
    expect(name).to_be_focused()
    page.locator(".chip", has_text="Media").click()
    page.locator("summary", has_text="Alamat, nomor, dan keterangan lain").click()
    page.get_by_label("Tentang mitra ini").fill(LINES)
    page.get_by_label("Label").fill("kemasan, ekspor")
    press(page, "Simpan", lilis)
    expect(page.get_by_role("heading", name="Kemasindo Lebak Jaya Abadi")).to_be_visible()
    expect(page.get_by_role("link", name="ekspor", exact=True)).to_be_visible()
    session.rollback()
    made = session.scalars(select(Partner).where(Partner.name == "Kemasindo Lebak Jaya Abadi")).one()
    assert (made.helix, made.description) == (Helix.MEDIA, LINES)


def test_a_new_guidance_session_is_told_of_what_could_not_be_looked_up(page, lilis, session, cast, end):
    page.goto("/guidance/new")
    page.get_by_label("Topik").fill("Desain kemasan")
    with page.expect_response("**/guidance/check?**"):
        page.get_by_label("Tanggal").fill("2026-12-01")
    end()
    with asked_in_vain(page, "/guidance/check"):
        page.get_by_label("Tanggal").fill("2026-12-25")
    with asked_in_vain(page, "/guidance/check"):
        page.get_by_role("checkbox", name="Hendrik Sasmita").first.check()
    expect(page.get_by_label("Tanggal")).to_have_value("2026-12-25")
    page.get_by_label("Keterangan").fill(LINES)
    press(page, "Rencanakan bimbingan", lilis)
    expect(page.get_by_text("Jumat, 25 Desember 2026 adalah Hari Raya Natal.")).to_be_visible()
    expect(page.get_by_label("Keterangan")).to_have_value(LINES)
    page.get_by_role("button", name="Rencanakan bimbingan", exact=True).click()
    page.wait_for_url(re.compile(r"/guidance/\d+$"))
    session.rollback()
    made = session.scalars(select(GuidanceSession)).one()
    assert (made.topic, made.description) == ("Desain kemasan", LINES)
    assert made.starts_at.isoformat() == "2026-12-25T02:00:00+00:00"
    invited = select(Invitation.affiliation_id).where(Invitation.guidance_id == made.id)
    assert list(session.scalars(invited)) == [cast.hendrik.id]


def test_a_new_agreement_whose_partner_is_looked_for(page, lilis, session, end):
    page.goto("/agreements/new")
    page.get_by_label("Judul").fill("Kerja sama kemasan")
    page.locator("summary", has_text="Nomor, induk").click()
    page.get_by_label("Tujuan").fill(LINES)
    end()
    page.get_by_label("Cari mitra").fill("kemas")
    press(page, "Cari", lilis)
    page.get_by_role("group", name="Hasil pencarian").get_by_role("button", name="CV Kemasindo Lebak").click()
    expect(page.get_by_label("Judul")).to_have_value("Kerja sama kemasan")
    end()
    press(page, "Simpan draf", lilis)
    page.wait_for_url(re.compile(r"/agreements/\d+$"))
    expect(page.locator("main")).to_contain_text("CV Kemasindo Lebak")
    session.rollback()
    made = session.scalars(select(Agreement)).one()
    assert (made.title, made.objective, made.kind) == ("Kerja sama kemasan", LINES, AgreementKind.MOU)


def test_an_edited_meeting_with_one_more_partner(page, lilis, session, cast, end):
    """One was found before the session ended and is taken afterwards; another one is looked for in vain.

    Of the forms of a meeting this is the one that the phone does not keep.
    """
    unit_of_work.write()
    gerai = make.partner(cast.lebak, name="Gerai Kalanganyar")
    meeting = make.meeting(cast.lebak, present=(cast.hendrik,), title="Rapat kemasan")
    session.commit()
    page.goto(f"/meetings/{meeting.id}/edit")
    another, search = (
        page.get_by_role("button", name="Mitra", exact=True),
        page.get_by_role("combobox", name="Cari mitra"),
    )
    another.click()
    search.press_sequentially("gerai")
    option = page.get_by_role("option", name="Gerai Kalanganyar")
    expect(option).to_be_visible()
    end()
    with asked_in_vain(page, f"/meetings/partners/{gerai.id}"):
        option.click()
    expect(page.get_by_text("Narahubungnya tidak dapat dimuat.")).to_be_visible()
    another.click()
    with asked_in_vain(page, "/meetings/suggest"):
        search.press_sequentially("badak")
    expect(page.get_by_text("Daftar mitra tidak dapat dimuat.")).to_be_visible()
    search.fill("")
    page.get_by_label("Apa yang dibicarakan").fill(LINES)
    page.get_by_label("Keputusan").fill("Label baru")
    press(page, "Simpan perubahan", lilis)
    page.wait_for_url(re.compile(rf"/meetings/{meeting.id}$"))
    session.rollback()
    row = session.get_one(Meeting, meeting.id)
    assert (row.notes, row.decisions) == (LINES, "Label baru")
    chosen = select(MeetingPartner.partner_id).where(MeetingPartner.meeting_id == meeting.id)
    assert set(session.scalars(chosen)) == {cast.kemasindo.id, gerai.id}
    there = select(Attendance.affiliation_id).where(Attendance.meeting_id == meeting.id)
    assert list(session.scalars(there)) == [cast.hendrik.id]
