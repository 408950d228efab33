""" "Catat kontak" on a phone: two presses, and one more takes it back."""

from playwright.sync_api import expect
from sqlalchemy import select

from pentahelix.models import ContactLog
from pentahelix.vocabulary import Channel


def test_a_contact_is_noted_in_two_presses_and_taken_back_in_one(session, cast, phone, signed_in, person):
    signed_in(phone, cast.lilis)
    page = person.page
    person.open(f"/partners/{cast.kemasindo.id}")
    person.start_counting()
    person.tap(page.get_by_text("Catat kontak", exact=True))
    person.tap(page.get_by_role("button", name="WhatsApp"))
    expect(page.get_by_role("status")).to_contain_text(
        "WhatsApp dengan CV Kemasindo Lebak tercatat, hari ini."
    )
    assert (person.taps, person.loads) == (2, 1)
    session.rollback()
    assert session.scalars(select(ContactLog.channel)).all() == [Channel.WHATSAPP]

    person.tap(page.get_by_role("button", name="Urungkan"))
    expect(page.get_by_role("status")).to_contain_text("Catatan kontak ditarik kembali.")
    session.rollback()
    assert session.scalars(select(ContactLog.archived_at)).one() is not None


def test_enter_in_the_line_does_not_choose_a_channel(session, cast, phone, signed_in, person):
    signed_in(phone, cast.lilis)
    page = person.page
    person.open(f"/partners/{cast.kemasindo.id}")
    person.tap(page.get_by_text("Catat kontak", exact=True))
    line = page.get_by_label("Isi singkat")
    person.write(line, "Menanyakan stok")
    line.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Satu isian perlu diperbaiki.")
    expect(page.get_by_label("Isi singkat")).to_have_value("Menanyakan stok")
    assert session.scalars(select(ContactLog.id)).all() == []
