"""What is typed in the form of a meeting outlives the page, the network, the server and the session."""

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Error, Locator, Page, Request, Route, expect
from sqlalchemy import select, update

from pentahelix import clock
from pentahelix.models import FollowUp, Meeting, SignIn
from tests.browser.person import come_in
from tests.browser.server import Server

FORM = "/meetings/new"
RECORD = re.compile(r"/meetings/\d+$")
NOTES = "Contoh kemasan kedua jadi. Disarankan kertas kraf."

#: What the browser holds, everybody's.
ENTRIES = """() => new Promise((resolve) => {
  const asked = indexedDB.open("pentahelix");
  // Looking must not make it.
  asked.onupgradeneeded = () => asked.transaction.abort();
  asked.onerror = (event) => { event.preventDefault(); resolve([]); };
  asked.onsuccess = () => {
    const all = asked.result.transaction("entries").objectStore("entries").getAll();
    all.onsuccess = () => { asked.result.close(); resolve(all.result); };
  };
})"""


@pytest.fixture
def lilis(phone: BrowserContext, signed_in, cast) -> BrowserContext:
    """Her phone."""
    signed_in(phone, cast.lilis)
    return phone


@pytest.fixture
def recorded(session) -> Callable[[], list[Meeting]]:
    """What the server has."""

    def meetings() -> list[Meeting]:
        session.rollback()
        return list(session.scalars(select(Meeting).order_by(Meeting.id)))

    return meetings


@pytest.fixture
def stoppable(server: Server) -> Iterator[Server]:
    """The server, running again afterwards."""
    yield server
    if not server.health():
        server.start()


def write(page: Page, notes: str = NOTES) -> None:
    """A meeting with Kemasindo, as far as the last press."""
    page.goto(FORM)
    page.get_by_role("combobox", name="Cari mitra").press_sequentially("kem")
    page.get_by_role("option", name="Kemasindo").click()
    page.get_by_label("Hendrik Sasmita").check()
    page.get_by_label("Apa yang dibicarakan").fill(notes)
    page.locator("[name=items-0-title]").fill("Kirim berkas logo")
    until_kept(page, notes)


def until(page: Page, holds: Callable[[str], bool]) -> None:
    """Until what the browser holds is so, for at most half a minute."""
    deadline = clock.monotonic() + 30
    held = ""
    while not held or not holds(held):
        assert clock.monotonic() < deadline, held
        # The page may be on its way to the next one.
        with contextlib.suppress(Error):
            held = json.dumps(page.evaluate(ENTRIES), ensure_ascii=False)


def until_kept(page: Page, text: str) -> None:
    until(page, lambda held: text in held)


def until_nothing_is_kept(page: Page) -> None:
    until(page, lambda held: held == "[]")


def save(page: Page) -> Locator:
    return page.locator("[data-offline-submit]")


def note(page: Page) -> Locator:
    return page.locator("[data-offline-note]")


def waiting(page: Page) -> Locator:
    return page.locator("main > [role=status]:not([data-offline-note])")


def pass_seconds(page: Page, seconds: int) -> None:
    """Let the page's clock run on, and what it then sends fail or arrive."""
    page.clock.run_for(seconds * 1000)
    with contextlib.suppress(Error):
        # It may be on its way to the record by now.
        page.evaluate("fetch('/csrf').catch(() => null)")


def unreachable(held: Page | BrowserContext) -> None:
    """Nothing that is sent from here arrives."""
    held.route(f"**{FORM}", lambda route: route.abort() if is_post(route) else route.fallback())


def reachable(held: Page | BrowserContext) -> None:
    held.unroute(f"**{FORM}")


def is_post(route: Route) -> bool:
    return route.request.method == "POST"


def leave_unsent(phone: BrowserContext, notes: str = NOTES) -> None:
    """Write a meeting, press in vain, and close the page."""
    unreachable(phone)
    page = phone.new_page()
    write(page, notes)
    save(page).click()
    expect(note(page)).to_contain_text("Tersimpan di ponsel ini")
    page.close()
    reachable(phone)


# ---------------------------------------------------------------------------- without signal


def test_without_signal_it_is_kept_and_sent_once_there_is_one(page, lilis, recorded, session):
    write(page)
    lilis.set_offline(True)
    expect(page.locator("[data-draft-state]")).to_have_text("Tanpa sinyal")
    expect(save(page)).to_have_text("Simpan, kirim nanti")
    save(page).click()
    expect(note(page)).to_have_text(
        re.compile(r"^Tersimpan di ponsel ini pukul \d\d\.\d\d\. Terkirim sendiri begitu ada sinyal\.$")
    )
    assert recorded() == []
    lilis.set_offline(False)
    expect(page).to_have_url(RECORD)
    expect(page.get_by_text("Rapat tercatat.")).to_be_visible()
    assert [meeting.notes for meeting in recorded()] == [NOTES]
    assert session.scalars(select(FollowUp.title)).all() == ["Kirim berkas logo"]
    until_nothing_is_kept(page)
    assert page.evaluate("localStorage.length") == 0


def test_with_signal_the_record_is_one_press_and_one_page_away(page, person, lilis, recorded):
    write(page)
    person.start_counting()
    person.tap(save(page))
    expect(page).to_have_url(RECORD)
    assert (person.taps, person.loads, len(recorded())) == (1, 1, 1)


def test_c112_a_server_that_comes_back_gets_it_without_a_touch(page, lilis, recorded, stoppable):
    """Server down, then up again; the phone lies on the table: sent by itself in less than five minutes."""
    page.clock.install()
    write(page)
    stoppable.stop()
    save(page).click()
    expect(note(page)).to_contain_text("Terkirim sendiri begitu ada sinyal.")
    failed: list[Request] = []
    page.on("requestfailed", lambda request: failed.append(request))
    while len(failed) < 3:
        pass_seconds(page, 5)
    stoppable.start()
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    waited = 0
    while not sent:
        pass_seconds(page, 5)
        waited += 5
    assert waited < 300
    expect(page).to_have_url(RECORD)
    assert len(recorded()) == 1


def test_c112_a_phone_that_wakes_sends_at_once(page, lilis, recorded):
    unreachable(page)
    write(page)
    save(page).click()
    expect(note(page)).to_contain_text("Terkirim sendiri begitu ada sinyal.")
    reachable(page)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page).to_have_url(RECORD)
    assert len(recorded()) == 1


def test_a_reply_that_is_lost_after_the_commit_makes_no_second_meeting(page, lilis, recorded):
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    write(page)
    page.route(f"**{FORM}", lose)
    save(page).click()
    expect(note(page)).to_contain_text("Tersimpan di ponsel ini")
    assert len(recorded()) == 1, "the server has it, and the phone cannot know"
    page.unroute(f"**{FORM}")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page).to_have_url(RECORD)
    expect(page.get_by_text("Sudah tersimpan.")).to_be_visible()
    assert len(recorded()) == 1


def test_a_page_of_the_networks_own_is_no_answer(page, lilis, recorded):
    """A hotel's network answers everything with its own page, and 200."""
    write(page)
    page.route(f"**{FORM}", lambda route: route.fulfill(status=200, content_type="text/html", body="Welcome"))
    save(page).click()
    expect(note(page)).to_contain_text("Tersimpan di ponsel ini")
    page.unroute(f"**{FORM}")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page).to_have_url(RECORD)
    assert len(recorded()) == 1


def test_c73_five_presses_on_a_slow_server_make_one_meeting(page, lilis, recorded):
    held: list[Route] = []
    write(page)
    page.route(f"**{FORM}", lambda route: held.append(route))
    with page.expect_request(f"**{FORM}"):
        for _ in range(5):
            save(page).click(force=True)
    assert len(held) == 1
    held[0].continue_()
    expect(page).to_have_url(RECORD)
    assert len(recorded()) == 1


def test_what_is_changed_after_the_press_waits_for_another_press(page, lilis, recorded):
    write(page)
    lilis.set_offline(True)
    save(page).click()
    expect(note(page)).to_contain_text("Tersimpan di ponsel ini")
    page.get_by_label("Keputusan").fill("Kraf untuk 500 bungkus")
    until_kept(page, "Kraf untuk 500 bungkus")
    expect(note(page)).to_be_hidden()
    lilis.set_offline(False)
    expect(save(page)).to_have_text("Simpan rapat")
    assert [entry["state"] for entry in page.evaluate(ENTRIES)] == ["draft"]
    save(page).click()
    expect(page).to_have_url(RECORD)
    assert [meeting.decisions for meeting in recorded()] == ["Kraf untuk 500 bungkus"]


def test_what_is_changed_while_it_is_on_its_way_is_not_thrown_away(page, lilis, recorded):
    held: list[Route] = []
    write(page)
    page.route(f"**{FORM}", lambda route: held.append(route))
    with page.expect_request(f"**{FORM}"):
        save(page).click()
    page.get_by_label("Keputusan").fill("Terlambat diketik")
    until_kept(page, "Terlambat diketik")
    held[0].continue_()
    expect(note(page)).to_contain_text("sudah tersimpan, tanpa perubahan Anda yang terakhir")
    assert [meeting.decisions for meeting in recorded()] == [None]
    until_kept(page, "Terlambat diketik")


# ---------------------------------------------------------------------------- coming back


def test_a_reload_keeps_everything(page, lilis, recorded):
    write(page)
    page.get_by_role("button", name="Tambah tindak lanjut").click()
    page.locator("[name=items-1-title]").fill("Cetak label")
    until_kept(page, "Cetak label")
    submission = page.locator("[name=submission_id]").first.input_value()
    page.reload()
    expect(note(page)).to_contain_text("dibuka kembali")
    expect(page.get_by_label("Apa yang dibicarakan")).to_have_value(NOTES)
    expect(page.get_by_label("Hendrik Sasmita")).to_be_checked()
    expect(page.locator("summary.context")).to_contain_text("Kuliner Lebak")
    expect(page.locator("summary.context")).to_contain_text("Hari ini, 24 November 2026")
    expect(page.locator("[name=items-1-title]")).to_have_value("Cetak label")
    expect(page.locator("form[data-offline] [name=submission_id]")).to_have_value(submission)
    save(page).click()
    expect(page).to_have_url(RECORD)
    assert [meeting.notes for meeting in recorded()] == [NOTES]
    page.goto(FORM)
    expect(page.get_by_text("belum selesai dicatat")).to_have_count(0)


def test_what_is_unsent_survives_a_reload_and_is_still_sent_by_itself(page, lilis, recorded):
    unreachable(page)
    write(page)
    save(page).click()
    expect(note(page)).to_contain_text("Tersimpan di ponsel ini")
    page.reload()
    expect(page.get_by_label("Apa yang dibicarakan")).to_have_value(NOTES)
    expect(note(page)).to_contain_text("Tersimpan di ponsel ini")
    reachable(page)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page).to_have_url(RECORD)
    expect(page.get_by_text("Rapat tercatat.")).to_be_visible()
    assert len(recorded()) == 1


def test_a_partner_that_was_taken_out_stays_out(page, lilis, cast):
    page.goto(f"{FORM}?partner={cast.kemasindo.id}")
    page.get_by_role("button", name="Hapus CV Kemasindo Lebak").click()
    page.get_by_label("Apa yang dibicarakan").fill(NOTES)
    until_kept(page, NOTES)
    page.reload()
    expect(page.get_by_label("Apa yang dibicarakan")).to_have_value(NOTES)
    expect(page.locator("form[data-offline]")).not_to_contain_text("CV Kemasindo Lebak")


def test_a_tab_that_was_closed_is_offered_again(lilis, recorded):
    first = lilis.new_page()
    write(first)
    first.close()
    page = lilis.new_page()
    page.goto(FORM)
    expect(page.get_by_label("Apa yang dibicarakan")).to_have_value("")
    offer = page.locator(".offer")
    expect(offer).to_contain_text("CV Kemasindo Lebak")
    offer.get_by_role("link", name="Lanjutkan").click()
    expect(page.get_by_label("Apa yang dibicarakan")).to_have_value(NOTES)
    expect(page.get_by_label("Hendrik Sasmita")).to_be_checked()
    save(page).click()
    expect(page).to_have_url(RECORD)
    assert len(recorded()) == 1


def test_a_draft_can_be_thrown_away_and_taken_back(lilis):
    first = lilis.new_page()
    write(first)
    first.close()
    page = lilis.new_page()
    page.goto(FORM)
    page.get_by_role("button", name="Buang draf").click()
    until_nothing_is_kept(page)
    page.get_by_role("button", name="Urungkan").click()
    until_kept(page, NOTES)
    page.get_by_role("button", name="Buang draf").click()
    until_nothing_is_kept(page)
    page.reload()
    expect(save(page)).to_be_visible()
    expect(page.locator(".offer")).to_have_count(0)


def test_a_form_that_nobody_typed_in_is_no_draft(page, lilis):
    page.goto(FORM)
    page.get_by_role("combobox", name="Cari mitra").click()
    page.goto("/profile")
    assert page.evaluate(ENTRIES) == []


def test_what_is_typed_before_the_scripts_are_there_is_kept_too(page, lilis):
    held: list[Route] = []
    page.route("**/js/meeting-form.js", lambda route: held.append(route))
    page.goto(FORM, wait_until="commit")
    page.get_by_label("Apa yang dibicarakan").fill(NOTES)
    held[0].continue_()
    until_kept(page, NOTES)


def test_back_after_saving_shows_no_draft(page, lilis, recorded):
    write(page)
    save(page).click()
    expect(page).to_have_url(RECORD)
    page.go_back()
    expect(save(page)).to_be_visible()
    expect(note(page)).to_be_hidden()
    expect(page.locator(".offer")).to_have_count(0)
    assert page.evaluate(ENTRIES) == []
    assert len(recorded()) == 1


def test_what_cannot_be_drawn_for_lack_of_signal_goes_along(page, lilis, recorded):
    """The form opens again, but its partner and who was there cannot be fetched."""
    write(page)
    page.route("**/meetings/partners/*", lambda route: route.abort())
    page.reload()
    expect(page.get_by_label("Apa yang dibicarakan")).to_have_value(NOTES)
    expect(page.locator(".carried", has_text="CV Kemasindo Lebak")).to_be_visible()
    expect(page.locator(".carried", has_text="Hendrik Sasmita")).to_be_visible()
    save(page).click()
    expect(page).to_have_url(RECORD)
    expect(page.get_by_text("Hendrik Sasmita")).to_be_visible()
    assert len(recorded()) == 1


# ---------------------------------------------------------------------------- what the server says


def test_what_the_server_refuses_comes_back_with_its_reasons(page, lilis, recorded):
    write(page)
    page.locator("summary.context").click()
    page.get_by_label("Tanggal").first.fill("")
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    save(page).click()
    expect(page.get_by_role("alert")).to_contain_text("Satu isian perlu diperbaiki.")
    expect(page.get_by_label("Apa yang dibicarakan")).to_have_value(NOTES)
    page.wait_for_load_state("networkidle")
    assert len(sent) == 2, "by the script, and once more to have the page drawn"
    assert page.url.endswith(FORM)
    until_kept(page, NOTES)
    page.get_by_label("Tanggal").first.fill("2026-11-24")
    page.get_by_label("Keputusan").fill("Kraf")
    until_kept(page, "Kraf")
    page.reload()
    expect(page.get_by_label("Keputusan")).to_have_value("Kraf")
    save(page).click()
    expect(page).to_have_url(RECORD)
    assert [meeting.notes for meeting in recorded()] == [NOTES]
    until_nothing_is_kept(page)


def test_what_is_refused_behind_another_page_is_told_and_opens_with_its_reasons(lilis, recorded):
    unreachable(lilis)
    first = lilis.new_page()
    write(first)
    first.locator("summary.context").click()
    first.get_by_label("Tanggal").first.fill("")
    save(first).click()
    expect(note(first)).to_contain_text("Tersimpan di ponsel ini")
    first.close()
    reachable(lilis)

    page = lilis.new_page()
    page.goto("/profile")
    expect(waiting(page)).to_contain_text("perlu Anda periksa")
    waiting(page).get_by_role("link", name="Periksa").click()
    expect(page.get_by_role("alert")).to_contain_text("Satu isian perlu diperbaiki.")
    expect(page.get_by_label("Apa yang dibicarakan")).to_have_value(NOTES)
    page.get_by_label("Tanggal").first.fill("2026-11-24")
    save(page).click()
    expect(page).to_have_url(RECORD)
    assert len(recorded()) == 1


def test_a_form_that_is_pressed_as_it_was_given_leaves_nothing_behind(page, lilis, recorded):
    page.goto(FORM)
    save(page).click()
    expect(page.get_by_role("alert")).to_contain_text("perlu diperbaiki")
    until_nothing_is_kept(page)
    page.goto(FORM)
    expect(page.locator(".offer")).to_have_count(0)
    assert recorded() == []


# ---------------------------------------------------------------------------- who is signed in


def test_after_an_expired_session_it_is_sent_once_when_its_writer_is_back(
    page, lilis, recorded, session, cast
):
    write(page)
    session.execute(update(SignIn).values(revoked_at=clock.now()))
    session.commit()
    save(page).click()
    expect(note(page)).to_contain_text("sesi Anda sudah berakhir")
    page.get_by_role("link", name="Masuk lagi untuk mengirim").click()
    come_in(page, cast.lilis.email)
    expect(page).to_have_url(re.compile(FORM))
    expect(waiting(page)).to_contain_text("Rapat tercatat. 1 tindak lanjut masuk daftar.")
    page.get_by_role("link", name="Lihat rapat").click()
    expect(page).to_have_url(RECORD)
    assert len(recorded()) == 1
    until_nothing_is_kept(page)


def test_c115_it_is_never_sent_nor_shown_while_somebody_else_is_signed_in(lilis, signed_in, recorded, cast):
    leave_unsent(lilis)
    lilis.clear_cookies()
    signed_in(lilis, cast.ujang)
    page = lilis.new_page()
    page.goto("/profile")
    expect(waiting(page)).to_contain_text("Ada catatan pengguna lain yang belum terkirim di ponsel ini.")
    assert NOTES not in page.content()
    assert "Kemasindo" not in page.content()
    page.goto(FORM)
    expect(save(page)).to_be_visible()
    expect(page.locator(".offer")).to_have_count(0)
    assert recorded() == []

    # His leaving takes nothing of hers away.
    page.goto("/profile")
    page.get_by_role("button", name="Keluar").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    assert len(page.evaluate(ENTRIES)) == 1

    signed_in(lilis, cast.lilis)
    page.goto("/profile")
    expect(waiting(page)).to_contain_text("Rapat tercatat")
    assert [meeting.notes for meeting in recorded()] == [NOTES]


def test_a_page_of_hers_sends_nothing_once_he_has_signed_in_beside_it(page, lilis, signed_in, recorded, cast):
    write(page)
    lilis.clear_cookies()
    signed_in(lilis, cast.ujang)
    save(page).click()
    expect(note(page)).to_contain_text("orang lain sedang masuk")
    assert recorded() == []
    assert [entry["user"] for entry in page.evaluate(ENTRIES)] == [f"u:{cast.lilis.id}"]


# ---------------------------------------------------------------------------- on every other page


def test_another_page_tells_and_sends_one_after_the_other(lilis, recorded):
    for number in (1, 2, 3):
        leave_unsent(lilis, f"Rapat nomor {number}")
    page = lilis.new_page()
    unreachable(page)
    page.goto("/profile")
    expect(waiting(page)).to_contain_text("3 rapat belum terkirim")
    expect(waiting(page)).to_contain_text("terkirim sendiri begitu ada sinyal")
    reachable(page)
    waiting(page).get_by_role("button", name="Kirim sekarang").click()
    expect(waiting(page).get_by_role("link", name="Lihat rapat")).to_have_count(3)
    assert [meeting.notes for meeting in recorded()] == [f"Rapat nomor {number}" for number in (1, 2, 3)]
    waiting(page).get_by_role("link", name="Lihat rapat").first.click()
    expect(page).to_have_url(RECORD)
    expect(page.get_by_text("Rapat nomor 1")).to_be_visible()
    expect(page.get_by_text("Rapat tercatat")).to_have_count(0)


def test_what_is_older_than_five_days_is_warned_of(lilis):
    first = lilis.new_page()
    first.clock.install(time="2026-11-18T10:00:00+07:00")
    write(first)
    lilis.set_offline(True)
    save(first).click()
    expect(note(first)).to_contain_text("pukul 10.0")
    first.close()
    lilis.set_offline(False)
    page = lilis.new_page()
    page.clock.install(time="2026-11-24T07:00:00+07:00")
    unreachable(page)
    page.goto("/profile")
    expect(waiting(page)).to_contain_text("lebih dari 5 hari")
    with page.expect_download() as file:
        waiting(page).get_by_role("button", name="Unduh").click()
    assert NOTES in Path(file.value.path()).read_text(encoding="utf-8-sig")


def test_pages_where_nothing_waits_load_nothing_for_it(page, lilis):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/profile")
    expect(page.get_by_role("button", name="Keluar")).to_be_visible()
    assert [url for url in asked if "/offline/" in url or url.endswith(("/csrf", "/unsent"))] == []


# ---------------------------------------------------------------------------- signing out


def test_c115_signing_out_asks_offers_a_file_and_then_forgets(lilis, recorded):
    for number in (1, 2):
        leave_unsent(lilis, f"Rapat nomor {number}")
    page = lilis.new_page()
    unreachable(page)
    page.goto("/profile")
    page.get_by_role("button", name="Keluar").click()
    dialog = page.get_by_role("dialog", name="2 catatan belum terkirim")
    expect(dialog.get_by_role("listitem")).to_have_count(2)
    expect(dialog).to_contain_text("CV Kemasindo Lebak")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert len(page.evaluate(ENTRIES)) == 2

    page.get_by_role("button", name="Keluar").click()
    with page.expect_download() as file:
        dialog.get_by_role("button", name="Unduh catatan").click()
    assert file.value.suggested_filename == "catatan-belum-terkirim.txt"
    text = Path(file.value.path()).read_text(encoding="utf-8-sig")
    assert "Dengan mitra: CV Kemasindo Lebak" in text
    assert "Yang hadir: Hendrik Sasmita, Anda" in text
    assert "Apa yang dibicarakan: Rapat nomor 1" in text
    assert "Kirim berkas logo" in text
    assert "csrf" not in text
    assert "submission" not in text

    dialog.get_by_role("button", name="Hapus dan keluar").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    expect(page.get_by_text("Anda sudah keluar.")).to_be_visible()
    until_nothing_is_kept(page)
    assert recorded() == []


def test_c115_without_an_answer_nobody_is_signed_out_and_nothing_forgotten(lilis):
    leave_unsent(lilis)
    page = lilis.new_page()
    unreachable(page)
    page.goto("/profile")
    page.get_by_role("button", name="Keluar").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    lilis.set_offline(True)
    dialog.get_by_role("button", name="Hapus dan keluar").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Anda belum keluar")
    assert len(page.evaluate(ENTRIES)) == 1
    lilis.set_offline(False)


def test_signing_out_with_nothing_unsent_is_one_press(page, lilis):
    page.goto("/profile")
    page.get_by_role("button", name="Keluar").click()
    expect(page).to_have_url(re.compile("/sign-in"))


# ---------------------------------------------------------------------------- other browsers


def test_a_browser_that_keeps_nothing_says_so_and_still_saves(page, lilis, recorded):
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    page.goto(FORM)
    expect(note(page)).to_contain_text("tidak dapat menyimpan tulisan Anda")
    page.get_by_role("combobox", name="Cari mitra").press_sequentially("kem")
    page.get_by_role("option", name="Kemasindo").click()
    page.get_by_label("Apa yang dibicarakan").fill(NOTES)
    save(page).click()
    expect(page).to_have_url(RECORD)
    assert [meeting.notes for meeting in recorded()] == [NOTES]


def test_a_full_phone_says_so_and_still_saves(page, lilis, recorded):
    page.add_init_script(
        "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError') }"
    )
    page.goto(FORM)
    page.get_by_role("combobox", name="Cari mitra").press_sequentially("kem")
    page.get_by_role("option", name="Kemasindo").click()
    page.get_by_label("Apa yang dibicarakan").fill(NOTES)
    expect(note(page)).to_contain_text("tidak dapat menyimpan tulisan Anda")
    save(page).click()
    expect(page).to_have_url(RECORD)
    assert len(recorded()) == 1


# ---------------------------------------------------------------------------- for everybody


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_to_say_about_the_notes(browser, server, signed_in, cast, theme):
    with browser.new_context(
        viewport={"width": 390, "height": 844}, base_url=server.address, color_scheme=theme,
        bypass_csp=True, locale="id-ID",
    ) as context:  # fmt: skip
        signed_in(context, cast.lilis)
        leave_unsent(context)
        page = context.new_page()
        unreachable(page)
        page.goto("/profile")
        expect(waiting(page)).to_contain_text("1 rapat belum terkirim")
        found = Axe().run(page).response["violations"]
        page.get_by_role("button", name="Keluar").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        found += Axe().run(page).response["violations"]
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
