"""Doors that open by mail, with a real mail server: the portal from two devices, a password from none."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from sqlalchemy import select

from pentahelix.models import Contact, Invitation
from pentahelix.unit_of_work import write
from pentahelix.vocabulary import Answer
from tests import factories as make
from tests.browser.conftest import PHONE, watched
from tests.browser.server import Server
from tests.post_office import PostOffice

pytestmark = pytest.mark.browser

HENDRIK = "hendrik@kemasindo.example"


@pytest.fixture(scope="module")
def post_office():
    with PostOffice.open() as office:
        yield office


@pytest.fixture(scope="module")
def server(post_office):
    with Server.running(mail_url=post_office.url) as server:
        yield server


@pytest.fixture
def invited(cast, session):
    session.commit()
    write()
    session.get_one(Contact, cast.hendrik.contact_id).email = HENDRIK
    make.invitation(make.guidance(cast.lebak, topic="Desain kemasan"), cast.hendrik)
    session.commit()


def ask(person):
    person.open("/portal/sign-in")
    person.write(person.page.get_by_label("Surel"), HENDRIK)
    person.tap(person.page.get_by_role("button", name="Kirim tautan masuk"))
    expect(person.page.get_by_role("heading", name="Periksa surel Anda")).to_be_visible()


@pytest.mark.usefixtures("invited")
def test_a_partner_comes_in_by_the_link_and_answers(person, post_office, session):
    page = person.page
    ask(person)
    person.open(post_office.letter(HENDRIK, "Tautan masuk").link("Masuk ke Pentahelix"))
    person.start_counting()
    person.tap(page.get_by_role("button", name="Masuk", exact=True))
    person.tap(page.get_by_role("link", name="Jawab", exact=True))
    person.tap(page.get_by_role("radio", name="Hadir", exact=True))
    person.tap(page.get_by_role("button", name="Kirim jawaban"))
    expect(page.get_by_role("status")).to_contain_text("jawaban Anda tersimpan")
    expect(page.get_by_text("Anda hadir")).to_be_visible()
    assert person.taps == 4
    session.rollback()
    assert session.scalar(select(Invitation.answer)) == Answer.ATTENDING
    page.get_by_role("link", name="Profil").last.click()
    page.get_by_role("button", name="Keluar", exact=True).click()
    expect(page).to_have_url(re.compile("/portal/sign-in$"))


@pytest.mark.usefixtures("invited")
def test_whose_mail_is_on_another_device_types_the_code(person, post_office, browser, server):
    before = len(post_office.mails)
    ask(person)
    mail = post_office.letter(HENDRIK, "Tautan masuk", after=before)
    with watched(browser, base_url=server.address, viewport=PHONE) as elsewhere:
        other = elsewhere.new_page()
        other.goto(mail.link("Masuk ke Pentahelix"))
        expect(other.get_by_role("heading", name="Ketik kodenya di peramban yang tadi")).to_be_visible()
    code = re.search(r"^ +(\S+)\s*$", mail.plain, re.MULTILINE)[1]
    person.write(person.page.get_by_label("Kode dari surel"), code)
    person.tap(person.page.get_by_role("button", name="Masuk", exact=True))
    expect(person.page.get_by_role("heading", name="Jadwal")).to_be_visible()


def test_whoever_forgot_the_password_gets_in_again(person, post_office, cast):
    page = person.page
    person.open("/sign-in")
    person.tap(page.get_by_role("link", name="Lupa kata sandi?"))
    person.write(page.get_by_label("Surel"), cast.lilis.email)
    person.tap(page.get_by_role("button", name="Kirim tautan"))
    person.open(post_office.letter(cast.lilis.email, "Kata sandi baru").link("Buat kata sandi baru"))
    new = "gerobak tarum nasi seribu"
    page.get_by_label("Kata sandi baru", exact=True).fill(new)
    page.get_by_label("Kata sandi baru sekali lagi").fill(new)
    page.get_by_role("button", name="Simpan kata sandi").click()
    expect(page.get_by_label("Surel")).to_have_value(cast.lilis.email)
    expect(page.get_by_label("Kata sandi")).to_be_focused()
    page.get_by_label("Kata sandi").fill(new)
    page.get_by_role("button", name="Masuk", exact=True).click()
    expect(page).to_have_url(re.compile("/today$"))


OPEN = ("/password/forgot", "/password/asked", "/portal/sign-in", "/portal/code")


def test_axe_and_the_width_have_nothing_to_say_before_the_door(browser, server):
    """Two of these pages are seen only after something was asked for, so that no walk comes there."""
    with browser.new_context(
        viewport=PHONE, base_url=server.address, bypass_csp=True, color_scheme="dark"
    ) as context:
        page = context.new_page()
        for path in OPEN:
            page.goto(path)
            assert Axe().run(page).response["violations"] == [], path
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
