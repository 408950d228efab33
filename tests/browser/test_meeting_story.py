"""A coordinator records a meeting on a phone, as the story tells it; and what the form does on the way."""

import re
from contextlib import suppress
from datetime import date

import pytest
from playwright.sync_api import Error, Page, Route, expect
from sqlalchemy import func, select

from pentahelix import clock
from pentahelix.models import Attendance, ClusterPartner, FollowUp, Meeting, MeetingPartner
from pentahelix.unit_of_work import write
from pentahelix.vocabulary import LastContactKind
from tests import factories as make
from tests.browser.person import come_in

pytestmark = pytest.mark.browser


@pytest.fixture
def lilis(cast, phone, signed_in):
    signed_in(phone, cast.lilis)
    return cast.lilis


# The scheduler writes at any time; so what is made here begins by saying that it will write (`write`).


def search_field(page: Page):
    return page.get_by_role("combobox", name="Cari mitra")


def suggested(page: Page, name: str):
    return page.locator("[role=option]", has_text=name)


def choose(page: Page, typed: str, name: str) -> None:
    search_field(page).press_sequentially(typed)
    suggested(page, name).click()


def chip(page: Page, name: str):
    """A tick in its label, which is what a thumb meets."""
    return page.locator("label.chip", has_text=name)


def save(page: Page) -> None:
    page.get_by_role("button", name="Simpan rapat").click()
    page.wait_for_url(re.compile(r"/meetings/\d+(#.*)?$"))


def the_meeting(session):
    session.rollback()
    return session.scalars(select(Meeting)).one()


def test_a_meeting_is_recorded_within_nine_taps_and_two_page_loads(session, cast, person):
    """Signed in, from "Hari ini" to saved; the item stands in the follow-ups, the last contact is today."""
    page = person.page
    person.open("/sign-in")
    come_in(page, cast.lilis.email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Selamat pagi, Ibu Lilis")
    assert page.url.endswith("/today")
    person.start_counting()
    person.tap(page.get_by_role("navigation", name="Menu ponsel").get_by_role("link", name="Catat rapat"))
    expect(search_field(page)).to_be_focused()
    person.write(search_field(page), "kem")
    person.tap(suggested(page, "CV Kemasindo Lebak"))
    person.tap(chip(page, "Hendrik Sasmita"))
    person.write(page.get_by_label("Apa yang dibicarakan"), "Contoh kemasan kedua jadi.")
    person.write(page.get_by_label("Keputusan"), "Kertas kraf untuk 500 bungkus pertama.")
    person.write(page.get_by_label("Yang akan dikerjakan"), "Kirim berkas logo sekolah")
    person.tap(page.get_by_role("button", name="Simpan rapat"))
    expect(page.get_by_role("status")).to_contain_text("Rapat tercatat. 1 tindak lanjut masuk daftar.")
    assert person.taps <= 9
    assert person.loads <= 2

    meeting = the_meeting(session)
    assert meeting.title == "Rapat dengan CV Kemasindo Lebak"
    item = session.scalars(select(FollowUp)).one()
    assert item.owner_user_id == cast.lilis.id
    assert item.due_on == date(2026, 12, 1)
    assert clock.local(meeting.starts_at, clock.PROVINCE_ZONE).date() == date(2026, 11, 24)
    involvement = session.scalars(
        select(ClusterPartner).where(ClusterPartner.partner_id == cast.kemasindo.id)
    ).one()
    assert involvement.last_contact_on == date(2026, 11, 24)
    assert involvement.last_contact_kind is LastContactKind.MEETING
    person.open("/follow-ups")
    expect(page.get_by_role("link", name="Kirim berkas logo sekolah")).to_be_visible()
    person.open(f"/partners/{cast.kemasindo.id}")
    expect(page.locator("main")).to_contain_text("hari ini")


def test_who_is_not_there_yet_is_added_beside_the_form_which_stays_as_it_was(lilis, page):
    page.goto("/meetings/new")
    page.get_by_label("Apa yang dibicarakan").fill("Mereka mau mencoba.")
    search_field(page).press_sequentially("PT Baru")
    with page.context.expect_page() as opened:
        suggested(page, "Tambah mitra baru “PT Baru”").click()
    expect(opened.value.get_by_label("Nama mitra")).to_have_value("PT Baru")
    expect(page.get_by_label("Apa yang dibicarakan")).to_have_value("Mereka mau mencoba.")
    expect(search_field(page)).to_be_visible()


def test_a_quick_date_changes_when_an_item_is_due(session, lilis, page):
    page.goto("/meetings/new")
    choose(page, "kem", "CV Kemasindo Lebak")
    page.get_by_label("Yang akan dikerjakan").fill("Kirim berkas")
    expect(page.get_by_role("button", name="7 hari", exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="3 hari", exact=True).click()
    expect(page.get_by_role("textbox", name="Tenggat")).to_have_value("2026-11-27")
    expect(page.get_by_text("Jumat, 27 November 2026")).to_be_visible()
    save(page)
    assert session.scalars(select(FollowUp.due_on)).one().isoformat() == "2026-11-27"


def test_what_the_last_meeting_left_open_appears_with_its_partner(session, cast, lilis, page):
    write()
    before = make.meeting(cast.lebak, cast.kemasindo)
    item = make.follow_up(cast.lebak, cast.lilis, meeting=before, title="Kirim label")
    session.commit()
    page.goto("/meetings/new")
    choose(page, "kem", "CV Kemasindo Lebak")
    page.get_by_label("Kirim label").check()
    save(page)
    session.refresh(item)
    assert item.status == "done"


def test_the_suggestions_are_walked_by_keys(lilis, page):
    page.goto("/meetings/new")
    search = search_field(page)
    search.press_sequentially("kem")
    expect(suggested(page, "CV Kemasindo Lebak")).to_be_visible()
    expect(search).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_text("1 mitra cocok.")).to_be_attached()
    search.press("ArrowDown")
    expect(search).to_have_attribute("aria-activedescendant", "partner_query-options-0")
    search.press("Escape")
    expect(search).to_have_attribute("aria-expanded", "false")
    expect(search).to_have_value("kem")
    search.press("d")
    search.press("Backspace")
    expect(suggested(page, "CV Kemasindo Lebak")).to_be_visible()
    search.press("Enter")
    expect(page.get_by_role("button", name="Hapus CV Kemasindo Lebak")).to_be_visible()
    expect(page.get_by_label("Hendrik Sasmita")).to_be_focused()
    assert "/meetings/new" in page.url, "Enter chooses, it does not send"


def test_what_was_asked_before_the_last_key_does_not_keep_the_last_from_being_asked(lilis, page):
    held: list[Route] = []
    page.route("**/meetings/suggest?q=kemd", lambda route: held.append(route))
    page.clock.install(time="2026-11-24T07:00:00")
    page.goto("/meetings/new")
    page.clock.pause_at("2026-11-24T08:00:00")
    search = search_field(page)
    with page.expect_request("**/meetings/suggest?q=kemd"):
        search.press_sequentially("kemd")
        page.clock.run_for(200)
    search.press("Backspace")
    with suppress(Error):
        # Nobody may be waiting for it any more.
        held[0].fulfill(json={"said": "", "choices": []})
    page.evaluate("fetch('/csrf')")
    page.clock.run_for(200)
    expect(suggested(page, "CV Kemasindo Lebak")).to_be_visible()


def test_a_partner_is_taken_out_with_its_contacts_and_another_one_chosen(session, cast, lilis, page):
    write()
    make.affiliation(
        make.partner(cast.lebak, name="Politeknik Ciujung"), make.contact(name="Dr. Yusuf Maulana")
    )
    session.commit()
    page.goto("/meetings/new")
    choose(page, "kem", "CV Kemasindo Lebak")
    chip(page, "Hendrik Sasmita").click()
    page.get_by_role("button", name="Mitra", exact=True).click()
    choose(page, "pol", "Politeknik Ciujung")
    page.get_by_role("button", name="Hapus CV Kemasindo Lebak").click()
    expect(page.get_by_label("Hendrik Sasmita")).to_have_count(0)
    chip(page, "Dr. Yusuf Maulana").click()
    save(page)
    assert the_meeting(session).title == "Rapat dengan Politeknik Ciujung"
    assert session.scalar(select(func.count(MeetingPartner.id))) == 1


def test_rows_are_added_without_a_reload(session, lilis, person):
    page = person.page
    person.open("/meetings/new")
    person.start_counting()
    choose(page, "kem", "CV Kemasindo Lebak")
    items = page.get_by_label("Yang akan dikerjakan")
    items.first.fill("Satu")
    items.first.press("Enter")
    expect(items.nth(1)).to_be_focused()
    items.nth(1).fill("Dua")
    page.get_by_role("button", name="Tambah tindak lanjut").click()
    items.nth(2).fill("Tiga")
    page.get_by_text("Nama", exact=True).click()
    page.get_by_label("Nama tamu").fill("Sumiyati")
    page.get_by_role("button", name="Tambah tamu").click()
    page.get_by_label("Nama tamu").nth(1).fill("Ujang")
    assert person.loads == 0
    save(page)
    assert session.scalars(select(FollowUp.title).order_by(FollowUp.position)).all() == [
        "Satu",
        "Dua",
        "Tiga",
    ]
    guests = select(Attendance.guest_name).where(Attendance.guest_name.is_not(None)).order_by(Attendance.id)
    assert session.scalars(guests).all() == ["Sumiyati", "Ujang"]


def test_the_details_are_changed_and_their_line_says_so(session, lilis, page):
    page.goto("/meetings/new")
    choose(page, "kem", "CV Kemasindo Lebak")
    page.get_by_text("Ubah", exact=True).click()
    page.get_by_label("Tanggal").fill("2026-11-20")
    page.get_by_label("Mulai").fill("09:15")
    chip(page, "Daring").click()
    expect(page.locator("summary.context")).to_contain_text("Jumat, 20 November 2026 · 09.15 WIB · daring")
    save(page)
    meeting = the_meeting(session)
    assert (meeting.starts_at.isoformat(), meeting.mode) == ("2026-11-20T02:15:00+00:00", "online")


def test_the_cluster_follows_the_first_partner_and_colleagues_follow_the_cluster(
    session, cast, phone, signed_in, page
):
    write()
    both = make.user(cast.lebak, cast.pandeglang, chosen_cluster_id=cast.lebak.id, name="Neneng Sulastri")
    session.commit()
    signed_in(phone, both)
    page.goto("/meetings/new")
    owners = page.get_by_label("Penanggung jawab")
    expect(owners.locator("option:enabled", has_text=cast.lilis.name)).to_have_count(1)
    choose(page, "bad", "Radio Badak Pandeglang")
    expect(page.locator("summary.context")).to_contain_text("Olahan Laut Pandeglang")
    expect(owners.locator("option:enabled", has_text=cast.lilis.name)).to_have_count(0)
    expect(owners.locator("option:enabled", has_text=cast.ujang.name)).to_have_count(1)
    save(page)
    assert the_meeting(session).cluster_id == cast.pandeglang.id


def test_c73_two_quick_taps_make_one_meeting(session, lilis, page):
    """Double-tap on the phone."""
    page.goto("/meetings/new")
    choose(page, "kem", "CV Kemasindo Lebak")
    page.get_by_role("button", name="Simpan rapat").dblclick()
    page.wait_for_url(re.compile(r"/meetings/\d+(#.*)?$"))
    the_meeting(session)


def test_without_an_answer_the_partners_name_stays_written(lilis, page, phone):
    page.goto("/meetings/new")
    phone.set_offline(True)
    search_field(page).press_sequentially("kem")
    expect(page.locator("[data-said]")).to_contain_text("Daftar mitra tidak dapat dimuat")
    phone.set_offline(False)
    page.get_by_role("button", name="Simpan rapat").click()
    expect(page.get_by_role("alert")).to_contain_text("Satu isian perlu diperbaiki.")
    expect(search_field(page)).to_have_value("kem")


def test_c05_long_names_and_many_people_fit_a_narrow_phone(session, cast, lilis, page):
    """A partner's name of 96 letters, a title of 226, sixty people, at 360 and 320 px."""
    write()
    partner = make.partner(
        cast.lebak, name="Lembaga Penelitian dan Pengabdian kepada Masyarakat Ciujung " + "R" * 36
    )
    people = [
        make.affiliation(partner, make.contact(name=f"Prof. Dr. Ir. H. Tubagus Muhammad ke-{number}, M.Sc."))
        for number in range(60)
    ]
    meeting = make.meeting(
        cast.lebak, partner, present=tuple(people), title="Rapat " + "penyusunan " * 20, notes="x" * 300
    )
    session.commit()
    for width in (360, 320):
        page.set_viewport_size({"width": width, "height": 740})
        for address in (
            f"/meetings/{meeting.id}",
            f"/meetings/new?partner={partner.id}",
            f"/meetings/{meeting.id}/edit",
            "/meetings",
        ):
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_a_partner_stays_chosen_though_its_contacts_do_not_come(session, lilis, page):
    page.route("**/meetings/partners/*", lambda route: route.abort())
    page.goto("/meetings/new")
    choose(page, "kem", "CV Kemasindo Lebak")
    expect(page.get_by_text("Narahubungnya tidak dapat dimuat.")).to_be_visible()
    page.get_by_text("Nama", exact=True).click()
    page.get_by_label("Nama tamu").fill("Hendrik")
    save(page)
    assert the_meeting(session).title == "Rapat dengan CV Kemasindo Lebak"


def test_the_focus_stays_with_who_has_gone_on(lilis, page):
    """Contacts that come late do not take the keyboard away from the notes."""
    waiting = []
    page.route("**/meetings/partners/*", lambda route: waiting.append(route))
    page.goto("/meetings/new")
    choose(page, "kem", "CV Kemasindo Lebak")
    notes = page.get_by_label("Apa yang dibicarakan")
    notes.fill("Contoh")
    waiting.pop().continue_()
    expect(chip(page, "Hendrik Sasmita")).to_be_visible()
    expect(notes).to_be_focused()
