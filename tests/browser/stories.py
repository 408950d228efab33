"""What several stories begin with: the demo's morning, and acts that more than one of them needs."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.person import Person
from tests.post_office import Mail

REPLY_TO = "koordinator@pentahelix.example"

#: Who is invited: K03 and K04 of one partner, K20 and K25 of two others. Vina is busy elsewhere at that hour.
HENDRIK = "hendrik.sasmita@kemasindolebak.example"
PUTRI = "putri.salim@kemasindolebak.example"
VINA = "vina.oktaviani@geraikalanganyar.example"
ETI = "eti.suhaeti@dapurwarunggunung.example"

TOPIC = "Desain kemasan keripik pisang"


def opened_in(page: Page, mail: Mail) -> Page:
    """The mail on the partner's screen, as a mail program shows it."""
    page.set_content(mail.html)
    return page


def plan(coordinator: Person) -> None:
    """First on a holiday, then on the first worked Thursday after today."""
    page = coordinator.page
    coordinator.open("/guidance")
    page.get_by_role("link", name="Rencanakan bimbingan").first.click()
    page.get_by_label("Topik").fill(TOPIC)
    day = page.get_by_label("Tanggal")
    day.fill("2026-12-25")
    expect(page.get_by_text("Jumat, 25 Desember 2026 adalah Hari Raya Natal.")).to_be_visible()
    page.get_by_role("button", name="Cari hari kerja berikutnya").click()
    expect(day).to_have_value("2026-12-28")
    day.fill("2026-11-26")
    page.get_by_label("Mulai").fill("09:00")
    page.get_by_label("Selesai").fill("11:30")
    search = page.get_by_role("searchbox", name="Cari nama atau mitra")
    for name in ("Hendrik Sasmita", "Putri Maharani Salim", "Eti Suhaeti", "Vina Oktaviani"):
        search.fill(name)
        page.get_by_role("checkbox", name=name).first.check()
    expect(
        page.get_by_text("Vina Oktaviani sudah diundang ke kegiatan lain, 10.00–12.00 WIB.")
    ).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("gula semut")
    page.get_by_role("button", name="Rencanakan bimbingan").click()
    page.wait_for_url(re.compile(r"/guidance/\d+$"))
    expect(page.get_by_role("status")).to_contain_text("4 orang")


def hendrik_says_yes(mitra: BrowserContext, mail: Mail) -> None:
    """Two taps from the mail to the thanks."""
    person = Person(opened_in(mitra.new_page(), mail))
    page = person.page
    person.tap(page.get_by_role("link", name="Ya, saya hadir"))
    expect(page.locator("main")).to_contain_text("Yth. Bapak Hendrik Sasmita")
    expect(page.locator("main")).to_contain_text(TOPIC)
    expect(page.locator("main")).to_contain_text("Kamis, 26 November 2026")
    expect(page.locator("main")).to_contain_text("09.00–11.30 WIB")
    expect(page.locator("main")).to_contain_text("Lilis Nurhayati Agustin")
    person.tap(page.get_by_role("button", name="Kirim jawaban"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Terima kasih, Bapak tercatat akan hadir")
    assert person.taps == 2
    page.close()
