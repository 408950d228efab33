"""Who came to a session, a new follow-up and what came of one are kept on the phone as a meeting is."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.models import FollowUp, GuidanceSession, Invitation, SignIn
from pentahelix.unit_of_work import write
from pentahelix.vocabulary import FollowUpStatus, GuidanceStatus
from tests import factories as make
from tests.browser.person import come_in
from tests.browser.server import STORY_CLOCK
from tests.browser.test_offline import ENTRIES, note, save, until_kept, until_nothing_is_kept, waiting
from tests.cast import Cast

WRITTEN = "Label lama diganti, sebelas orang mencoba sendiri."


@dataclass(frozen=True)
class Form:
    """One of the forms: where it is, what is typed, where it is posted to, what the server then has."""

    address: str
    fill: Callable[[Page], None]
    route: str
    saved: Callable[[], list[str]]
    #: what it is called where several wait, and alone
    called: str
    counted: str


@pytest.fixture
def lilis(phone: BrowserContext, signed_in, cast: Cast) -> BrowserContext:
    """Her phone."""
    signed_in(phone, cast.lilis)
    return phone


@pytest.fixture
def forms(cast: Cast, session: Session) -> dict[str, Form]:
    """A session an hour ago, to which Hendrik was invited, and a follow-up."""
    # The scheduler writes at any time; so what is made here begins by saying that it will write.
    write()
    with clock.frozen(STORY_CLOCK):
        begun = clock.now() - timedelta(hours=3)
        guidance = make.guidance(cast.lebak, topic="Desain kemasan", starts_at=begun)
        make.invitation(guidance, cast.hendrik)
        label = make.follow_up(cast.lebak, cast.lilis, title="Kirim contoh label")
    number, label_id = guidance.id, label.id
    session.commit()

    def outcomes() -> list[str]:
        session.rollback()
        row = session.get_one(GuidanceSession, number)
        return [row.outcome] if row.outcome else []

    def made() -> list[str]:
        session.rollback()
        return [row.title for row in session.scalars(select(FollowUp)) if row.id != label_id]

    def results() -> list[str]:
        session.rollback()
        row = session.get_one(FollowUp, label_id)
        return [row.result] if row.result and row.status == FollowUpStatus.DONE else []

    def attendance(page: Page) -> None:
        page.get_by_label("Hendrik Sasmita").check()
        page.get_by_label("Guru yang ikut").fill("4")
        page.locator("[name=outcome]").fill(WRITTEN)

    record = f"/guidance/{number}/record"
    return {
        "attendance": Form(record, attendance, record, outcomes, "Hasil bimbingan: Desain kemasan",
                           "1 hasil bimbingan belum terkirim"),
        "follow-up": Form("/follow-ups/new", lambda page: page.locator("[name=title]").fill(WRITTEN),
                          "/follow-ups/new", made, f"Tindak lanjut: {WRITTEN}",
                          "1 tindak lanjut belum terkirim"),
        "done": Form(f"/follow-ups/{label_id}", lambda page: page.locator("[name=result]").fill(WRITTEN),
                     f"/follow-ups/{label_id}/done", results, "Hasil tindak lanjut: Kirim contoh label",
                     "1 hasil tindak lanjut belum terkirim"),
    }  # fmt: skip


@pytest.fixture(params=["attendance", "follow-up", "done"])
def form(request, forms: dict[str, Form]) -> Form:
    return forms[request.param]


def fill(page: Page, form: Form) -> None:
    page.goto(form.address)
    form.fill(page)
    until_kept(page, WRITTEN)


def hold(held: Page | BrowserContext, form: Form) -> None:
    """Nothing that is sent from here arrives."""
    held.route(
        f"**{form.route}",
        lambda route: route.abort() if route.request.method == "POST" else route.fallback(),
    )


def leave_unsent(phone: BrowserContext, form: Form) -> None:
    """Fill it in, press in vain, and close the page."""
    page = phone.new_page()
    hold(page, form)
    fill(page, form)
    save(page).click()
    expect(note(page)).to_contain_text("Tersimpan di ponsel ini")
    page.close()


# ---------------------------------------------------------------------------- without signal


def test_without_signal_it_is_kept_and_sent_once_there_is_one(page, lilis, form):
    fill(page, form)
    lilis.set_offline(True)
    expect(save(page)).to_have_text("Simpan, kirim nanti")
    save(page).click()
    expect(note(page)).to_have_text(
        re.compile(r"^Tersimpan di ponsel ini pukul \d\d\.\d\d\. Terkirim sendiri begitu ada sinyal\.$")
    )
    assert form.saved() == []
    lilis.set_offline(False)
    expect(page.locator(".note-ok")).to_be_visible()
    assert form.saved() == [WRITTEN]
    until_nothing_is_kept(page)


def test_it_outlives_a_reload_and_a_reply_that_is_lost_and_is_saved_once(page, lilis, form, session):
    """The second sending carries the version of before the first."""

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.fallback()

    fill(page, form)
    page.reload()
    expect(note(page)).to_contain_text("dibuka kembali")
    page.route(f"**{form.route}", lose)
    save(page).click()
    expect(note(page)).to_contain_text("Tersimpan di ponsel ini")
    assert form.saved() == [WRITTEN], "the server has it, and the phone cannot know"
    page.unroute(f"**{form.route}")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("Sudah tersimpan.").first).to_be_visible()
    assert form.saved() == [WRITTEN]
    until_nothing_is_kept(page)


def test_from_another_page_it_is_told_sent_and_called_by_its_name(lilis, form):
    leave_unsent(lilis, form)
    page = lilis.new_page()
    hold(page, form)
    page.goto("/profile")
    expect(waiting(page)).to_contain_text(form.counted)
    page.get_by_role("button", name="Keluar").click()
    expect(page.get_by_role("dialog").get_by_role("listitem")).to_contain_text(form.called)
    page.keyboard.press("Escape")
    page.unroute(f"**{form.route}")
    waiting(page).get_by_role("button", name="Kirim sekarang").click()
    expect(waiting(page).locator(".note-ok")).to_have_count(1)
    assert form.saved() == [WRITTEN]
    until_nothing_is_kept(page)


def test_several_kinds_wait_together_and_go_into_one_file(lilis, forms):
    for form in forms.values():
        hold(lilis, form)
    for form in forms.values():
        leave_unsent(lilis, form)
    page = lilis.new_page()
    page.goto("/profile")
    expect(waiting(page)).to_contain_text("3 catatan belum terkirim")
    with page.expect_download() as file:
        waiting(page).get_by_role("button", name="Unduh").click()
    text = Path(file.value.path()).read_text(encoding="utf-8-sig")
    assert [form.called for form in forms.values() if form.called not in text] == []
    assert f"Hasil: {WRITTEN}" in text
    assert "Guru yang ikut: 4" in text
    assert "Hendrik Sasmita" in text


# ---------------------------------------------------------------------------- coming back


def search_kemasindo(page: Page) -> None:
    """A button that only draws the form again, which the phone goes on keeping."""
    page.get_by_label("Cari mitra").fill("kemas")
    page.get_by_role("button", name="Cari", exact=True).click()
    page.get_by_label("CV Kemasindo Lebak").check()
    until_kept(page, "CV Kemasindo Lebak")


def save_made(page: Page, session: Session) -> FollowUp:
    save(page).click()
    expect(page.locator(".note-ok")).to_be_visible()
    session.rollback()
    return session.scalars(select(FollowUp).where(FollowUp.title == WRITTEN)).one()


def test_a_partner_that_was_searched_for_goes_along(page, lilis, forms, session, cast):
    fill(page, forms["follow-up"])
    search_kemasindo(page)
    page.get_by_label("14 hari lagi").check()
    until_kept(page, '["due_in", "14"]')
    page.goto("/follow-ups/new")
    page.locator(".offer").get_by_role("link", name="Lanjutkan").click()
    expect(page.locator(".carried")).to_have_text("CV Kemasindo Lebak")
    expect(page.get_by_label("14 hari lagi")).to_be_checked()
    made = save_made(page, session)
    assert made.partner_id == cast.kemasindo.id
    assert made.due_on.isoformat() == "2026-12-08"


def test_a_partner_that_was_searched_for_stands_beside_the_one_of_the_page(page, lilis, forms, session, cast):
    write()
    gerai = make.partner(cast.lebak, name="Gerai Kalanganyar")
    session.commit()
    page.goto(f"/follow-ups/new?partner={gerai.id}")
    forms["follow-up"].fill(page)
    search_kemasindo(page)
    page.goto(f"/follow-ups/new?partner={gerai.id}")
    page.locator(".offer").get_by_role("link", name="Lanjutkan").click()
    expect(page.get_by_label("CV Kemasindo Lebak")).to_be_checked()
    page.get_by_label("Gerai Kalanganyar").check()
    assert save_made(page, session).partner_id == gerai.id


def test_a_draft_about_one_record_is_offered_with_that_record_only(lilis, forms, cast, session):
    write()
    other = make.follow_up(cast.lebak, cast.lilis, title="Telepon bendahara")
    address = f"/follow-ups/{other.id}"
    session.commit()
    first = lilis.new_page()
    fill(first, forms["done"])
    first.close()
    page = lilis.new_page()
    page.goto(address)
    expect(save(page)).to_be_visible()
    expect(page.locator(".offer")).to_have_count(0)
    page.goto(forms["done"].address)
    expect(page.locator(".offer")).to_contain_text("Hasil tindak lanjut yang belum selesai ditulis")
    page.locator(".offer").get_by_role("link", name="Lanjutkan").click()
    expect(page.locator("[name=result]")).to_have_value(WRITTEN)
    assert page.url.split("#")[0].endswith(forms["done"].address)


def test_a_form_that_has_changed_since_says_so(page, lilis, form):
    def newer(route: Route) -> None:
        answer = route.fetch()
        body = answer.text().replace('data-offline-version="1"', 'data-offline-version="2"')
        route.fulfill(response=answer, body=body)

    fill(page, form)
    page.route(f"**{form.address}", newer)
    page.reload()
    expect(note(page)).to_contain_text("Formulirnya sudah berubah sejak itu")
    expect(page.locator("form[data-offline]")).to_have_js_property("inert", False)


# ---------------------------------------------------------------------------- what the server says


def record_meanwhile(session: Session, text: str) -> None:
    """Somebody else was faster."""
    write()
    guidance = session.scalars(select(GuidanceSession)).one()
    guidance.status, guidance.outcome = GuidanceStatus.HELD, text
    session.commit()


def test_what_somebody_else_has_changed_opens_with_both_texts(lilis, forms, session):
    form = forms["attendance"]
    leave_unsent(lilis, form)
    record_meanwhile(session, "Dicatat oleh Pak Budi.")
    page = lilis.new_page()
    page.goto("/profile")
    expect(waiting(page)).to_contain_text("perlu Anda periksa")
    waiting(page).get_by_role("link", name="Periksa").click()
    expect(page.get_by_role("alert")).to_contain_text("Orang lain mengubah catatan ini.")
    expect(page.locator(".theirs")).to_contain_text("Dicatat oleh Pak Budi.")
    expect(page.locator("[name=outcome]")).to_have_value(WRITTEN)
    assert form.saved() == ["Dicatat oleh Pak Budi."]
    save(page).click()
    expect(page.get_by_text("Hasil bimbingan tercatat.")).to_be_visible()
    assert form.saved() == [WRITTEN]
    assert [one.attended for one in session.scalars(select(Invitation))] == [True]
    until_nothing_is_kept(page)


def test_what_is_refused_comes_back_with_its_reasons(page, lilis, forms):
    form = forms["attendance"]
    fill(page, form)
    page.get_by_label("Nilai dari peserta").fill("9")
    save(page).click()
    expect(page.get_by_role("alert")).to_contain_text("isian perlu diperbaiki.")
    expect(page.locator("[name=outcome]")).to_have_value(WRITTEN)
    page.get_by_label("Nilai dari peserta").fill("")
    page.get_by_label("Jumlah penilai").fill("")
    save(page).click()
    expect(page.get_by_text("Hasil bimbingan tercatat.")).to_be_visible()
    assert form.saved() == [WRITTEN]


def test_what_has_no_form_any_more_is_shown_and_can_be_thrown_away(lilis, forms, session):
    """The follow-up was cancelled meanwhile."""
    leave_unsent(lilis, forms["done"])
    write()
    label = session.scalars(select(FollowUp)).one()
    label.status, label.result = FollowUpStatus.CANCELLED, "Tidak perlu."
    session.commit()
    page = lilis.new_page()
    page.goto("/profile")
    expect(waiting(page)).to_contain_text("Hasil tindak lanjut: Kirim contoh label")
    waiting(page).get_by_role("link", name="Periksa").click()
    expect(waiting(page)).to_contain_text("Tulisan ini tidak dapat disimpan lagi")
    expect(waiting(page)).to_contain_text(WRITTEN)
    waiting(page).get_by_role("button", name="Buang draf").click()
    until_nothing_is_kept(page)
    expect(waiting(page).locator(".note")).to_have_count(0)


# ---------------------------------------------------------------------------- who is signed in


def test_after_an_expired_session_it_is_sent_once_when_its_writer_is_back(page, lilis, form, session, cast):
    fill(page, form)
    session.execute(update(SignIn).values(revoked_at=clock.now()))
    session.commit()
    save(page).click()
    expect(note(page)).to_contain_text("sesi Anda sudah berakhir")
    page.get_by_role("link", name="Masuk lagi untuk mengirim").click()
    come_in(page, cast.lilis.email)
    expect(waiting(page).locator(".note-ok")).to_be_visible()
    assert form.saved() == [WRITTEN]
    until_nothing_is_kept(page)


def test_it_is_never_sent_nor_shown_while_somebody_else_is_signed_in(lilis, signed_in, form, cast):
    leave_unsent(lilis, form)
    lilis.clear_cookies()
    signed_in(lilis, cast.ujang)
    page = lilis.new_page()
    page.goto("/profile")
    expect(waiting(page)).to_contain_text("Ada catatan pengguna lain yang belum terkirim di ponsel ini.")
    assert WRITTEN not in page.content()
    assert form.saved() == []
    assert [entry["user"] for entry in page.evaluate(ENTRIES)] == [f"u:{cast.lilis.id}"]
