"""One day of the province: a meeting is recorded, a session planned, a partner says yes, and the Kabid, who
sees it all, asks for more and decides. The web server, the scheduler and the mail server are real."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from tests.browser.person import Person
from tests.browser.server import Server
from tests.browser.stories import HENDRIK, REPLY_TO, TOPIC, hendrik_says_yes, plan

pytestmark = pytest.mark.browser

ENDING = "Perjanjian Kerja Sama Bimbingan Teknis dan Penyerapan Produk Keripik Pisang Gula Aren"
IN_REVIEW = "Nota Kesepahaman tentang Pembinaan Usaha dan Legalitas Produk Teaching Factory"
ERRAND = "Bicarakan perpanjangan dengan CV Gurih Ciujung Pangan"
COMMENT = "Setuju, lampirkan surat kuasa."


@pytest.fixture(scope="module")
def server(post_office):
    with Server.running(mail_url=post_office.url, mail_reply_to=REPLY_TO) as server:
        yield server


def test_what_a_coordinator_and_a_partner_do_is_seen_by_the_kabid_who_acts_on_it(
    post_office, lilis, somebody, phone, mitra, desktop, signed_in
):
    signed_in(phone, lilis)
    coordinator = Person(phone.new_page())
    lilis_records_a_meeting(coordinator)
    plan(coordinator)
    hendrik_says_yes(mitra, post_office.letter(HENDRIK, f"[Mohon konfirmasi] {TOPIC}"))

    signed_in(desktop, somebody("kabid@dinas.example"))
    page = desktop.new_page()
    the_matrix_is_the_answer(page)
    the_kabid_sees_what_was_done(desktop)
    the_cell_tells_why(page)
    an_errand_is_given(page)
    told = post_office.letter(lilis.email, ERRAND)
    assert "Aminah" in told.plain
    it_stands_in_her_list(coordinator)
    the_kabid_approves(page)
    decided = post_office.letter(lilis.email, IN_REVIEW[:30])
    assert COMMENT in decided.plain
    it_goes_out_on_paper_and_as_a_table(page)


def lilis_records_a_meeting(coordinator: Person) -> None:
    """From "Hari ini" to saved: seven taps."""
    page = coordinator.page
    coordinator.open("/today")
    coordinator.start_counting()
    coordinator.tap(
        page.get_by_role("navigation", name="Menu ponsel").get_by_role("link", name="Catat rapat")
    )
    search = page.get_by_role("combobox", name="Cari mitra")
    expect(search).to_be_focused()
    coordinator.write(search, "kemas")
    coordinator.tap(page.locator("[role=option]", has_text="PT Kemasindo Lebak Raya"))
    coordinator.tap(page.locator("label.chip", has_text="Hendrik Sasmita"))
    coordinator.write(page.get_by_label("Apa yang dibicarakan"), "Contoh kemasan kedua jadi.")
    coordinator.write(page.get_by_label("Yang akan dikerjakan"), "Kirim berkas logo sekolah")
    coordinator.tap(page.get_by_role("button", name="Simpan rapat"))
    expect(page.get_by_role("status")).to_contain_text("Rapat tercatat. 1 tindak lanjut masuk daftar.")
    assert coordinator.taps <= 9
    assert coordinator.loads <= 2


def the_matrix_is_the_answer(page: Page) -> None:
    page.goto("/")
    expect(page).to_have_url(re.compile("/coverage$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile(r"^\d+ dari 40 sisi kemitraan sudah terikat$")
    )
    row = page.get_by_role("row", name=re.compile("^Kuliner Lebak"))
    expect(row).to_contain_text("3/5")


def the_kabid_sees_what_was_done(desktop: BrowserContext) -> None:
    page = desktop.new_page()
    page.goto("/agenda?who=all")
    page.get_by_role("link", name=TOPIC).first.click()
    expect(page.get_by_role("row", name=re.compile("^Hendrik Sasmita"))).to_contain_text("Hadir")
    page.goto("/meetings")
    expect(page.get_by_role("link", name="Rapat dengan PT Kemasindo Lebak Raya").first).to_be_visible()
    page.close()


def the_cell_tells_why(page: Page) -> None:
    cell = page.get_by_role("link", name=re.compile("^Kuliner Lebak, .*: berisiko, habis 25 hari$"))
    expect(cell).to_have_count(1)
    cell.click()
    main = page.locator("main")
    expect(page.get_by_role("heading", level=1)).to_contain_text("berisiko, habis 25 hari")
    expect(main.get_by_role("link", name=ENDING).first).to_be_visible()
    expect(main).to_contain_text("25 hari lagi")
    expect(main).to_contain_text("Perpanjang")


def an_errand_is_given(page: Page) -> None:
    page.get_by_role("link", name=re.compile("Tugaskan")).first.click()
    page.get_by_label("Yang akan dikerjakan").fill(ERRAND)
    owner = page.get_by_label("Penanggung jawab")
    owner.select_option(owner.locator("option", has_text="Lilis").get_attribute("value"))
    page.get_by_role("button", name=re.compile("Simpan|Tugaskan")).last.click()
    expect(page).to_have_url(re.compile(r"/coverage/\d+/industry$"))
    expect(page.get_by_role("status")).to_be_visible()
    expect(page.locator("main")).to_contain_text(ERRAND)


def it_stands_in_her_list(coordinator: Person) -> None:
    page = coordinator.page
    coordinator.open("/follow-ups")
    page.get_by_role("link", name=ERRAND).click()
    source = page.get_by_role("link", name="Dunia usaha & industri (DUDI)")
    expect(source).to_have_attribute("href", re.compile(r"^/coverage/\d+/industry$"))


def the_kabid_approves(page: Page) -> None:
    page.goto("/waiting")
    page.get_by_role("link", name=IN_REVIEW).first.click()
    page.get_by_label(re.compile("^(Catatan|Komentar)")).first.fill(COMMENT)
    page.get_by_role("button", name="Setujui").click()
    expect(page.locator("main")).to_contain_text("Menunggu tanda tangan")
    expect(page.locator("main")).to_contain_text(COMMENT)


def it_goes_out_on_paper_and_as_a_table(page: Page) -> None:
    page.goto("/coverage")
    title = page.get_by_role("heading", level=1).inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Unduh XLSX").click()
    book = CalamineWorkbook.from_filelike(BytesIO(Path(download.value.path()).read_bytes()))
    cells = [cell for row in book.get_sheet_by_index(0).to_python() for cell in row]
    assert "Kuliner Lebak" in " ".join(map(str, cells))
    answer = page.request.get(page.get_by_role("link", name="Cetak satu halaman").get_attribute("href") or "")
    paper = PdfReader(BytesIO(answer.body()))
    assert len(paper.pages) == 1
    assert title in " ".join(paper.pages[0].extract_text().split())
    width, height = paper.pages[0].mediabox.width, paper.pages[0].mediabox.height
    assert (round(width), round(height)) == (842, 595), "A4, landscape"
