"""A guidance session from its planning to the moved calendar entry: a coordinator on the phone, partners who
only have their mail. The web server, the scheduler and the mail server are real."""

import re
from datetime import datetime

import pytest
import vobject
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from pentahelix import clock
from pentahelix.demo import loader
from pentahelix.extensions import db
from pentahelix.models import Affiliation, Contact, GuidanceSession, Invitation, User
from pentahelix.scope import ALL, set_scope
from pentahelix.vocabulary import Answer
from tests.browser.conftest import PHONE, watched
from tests.browser.person import Person
from tests.browser.server import STORY_CLOCK, Server
from tests.post_office import Mail, PostOffice

pytestmark = pytest.mark.browser

REPLY_TO = "koordinator@pentahelix.example"

#: Who is invited: K03 and K04 of one partner, K20 and K25 of two others. Vina is busy elsewhere at that hour.
HENDRIK = "hendrik.sasmita@kemasindolebak.example"
PUTRI = "putri.salim@kemasindolebak.example"
VINA = "vina.oktaviani@geraikalanganyar.example"
ETI = "eti.suhaeti@dapurwarunggunung.example"
INVITED = (HENDRIK, PUTRI, ETI, VINA)

TOPIC = "Desain kemasan keripik pisang"


@pytest.fixture(scope="module")
def post_office():
    with PostOffice.open() as office:
        yield office


@pytest.fixture(scope="module")
def server(post_office):
    with Server.running(mail_url=post_office.url, mail_reply_to=REPLY_TO) as server:
        yield server


@pytest.fixture
def demo(app, session):
    """The pilot cluster, as of the morning of the story."""
    session.rollback()
    with clock.frozen(STORY_CLOCK):
        loader.load(clock.today())
    set_scope(db.session(), ALL)
    return db.session()


@pytest.fixture
def lilis(demo):
    return demo.scalars(select(User).where(User.email == "lilis@smkn1kalanganyar.example")).one()


@pytest.fixture
def mitra(browser: Browser, server: Server, app):
    """A partner's phone: no cookie, no account, nothing but the mail."""
    with watched(browser, base_url=server.address, viewport=PHONE, has_touch=True, is_mobile=True) as phone:
        yield phone


class Entry:
    """The calendar entry of a mail, as a program that did not write it reads it."""

    def __init__(self, mail: Mail) -> None:
        assert mail.calendar is not None
        calendar = vobject.readOne(mail.calendar)
        event = calendar.vevent
        self.method = calendar.method.value
        self.uid = event.uid.value
        self.sequence = int(event.sequence.value)
        self.starts_at = event.dtstart.value
        self.ends_at = event.dtend.value
        self.status = event.status.value
        self.organizer = event.organizer.value
        self.attendee = event.attendee.value


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00")


def answers(session) -> dict[str, Answer]:
    """Who answered what, by the first of their names."""
    session.rollback()
    found = session.execute(
        select(Contact.name, Invitation.answer)
        .join(Affiliation, Affiliation.contact_id == Contact.id)
        .join(Invitation, Invitation.affiliation_id == Affiliation.id)
        .join(GuidanceSession, GuidanceSession.id == Invitation.guidance_id)
        .where(GuidanceSession.topic == TOPIC)
    ).all()
    return {name.split()[0]: answer for name, answer in found}


def opened_in(page: Page, mail: Mail) -> Page:
    """The mail on the partner's screen, as a mail program shows it."""
    page.set_content(mail.html)
    return page


def test_a_session_is_planned_answered_moved_and_called_off(
    post_office, demo, lilis, phone, signed_in, mitra
):
    signed_in(phone, lilis)
    coordinator = Person(phone.new_page())
    plan(coordinator)
    invitations = {to: post_office.letter(to, f"[Mohon konfirmasi] {TOPIC}") for to in INVITED}
    first = Entry(invitations[HENDRIK])
    assert first.method == "REQUEST"
    assert (first.starts_at, first.ends_at) == (at("2026-11-26T09:00"), at("2026-11-26T11:30"))
    assert (first.sequence, first.status) == (0, "CONFIRMED")
    assert first.organizer == f"mailto:{REPLY_TO}"
    assert first.attendee == f"mailto:{HENDRIK}"

    hendrik_says_yes(mitra, invitations[HENDRIK])
    putri_proposes_tuesday(mitra, invitations[PUTRI])
    eti_sends_somebody(mitra, invitations[ETI])
    assert answers(demo) == {
        "Hendrik": Answer.ATTENDING,
        "Putri": Answer.PROPOSED,
        "Eti": Answer.REPRESENTED,
        "Vina": Answer.NONE,
    }
    told = post_office.letter(lilis.email, TOPIC)
    assert "Putri" in told.plain

    arrived = len(post_office.mails)
    lilis_takes_the_proposal(coordinator)
    for to in INVITED:
        moved = Entry(post_office.letter(to, TOPIC, after=arrived))
        assert moved.uid == first.uid
        assert (moved.method, moved.sequence) == ("REQUEST", 1)
        assert (moved.starts_at, moved.ends_at) == (at("2026-12-01T13:00"), at("2026-12-01T15:30"))
    assert answers(demo) == {
        "Hendrik": Answer.NONE,
        "Putri": Answer.ATTENDING,
        "Eti": Answer.NONE,
        "Vina": Answer.NONE,
    }
    an_old_link_shows_what_holds_now(mitra, invitations[VINA])

    arrived = len(post_office.mails)
    lilis_calls_it_off(coordinator)
    for to in INVITED:
        called_off = Entry(post_office.letter(to, TOPIC, after=arrived))
        assert called_off.uid == first.uid
        assert (called_off.method, called_off.sequence) == ("CANCEL", 2)
        assert called_off.status == "CANCELLED"
    an_old_link_takes_no_answer_any_more(mitra, invitations[VINA])


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


def putri_proposes_tuesday(mitra: BrowserContext, mail: Mail) -> None:
    page = opened_in(mitra.new_page(), mail)
    page.get_by_role("link", name="Usulkan waktu lain").click()
    page.get_by_label("Tanggal").fill("2026-12-01")
    page.get_by_label("Pukul").fill("13:00")
    page.get_by_label("Catatan").fill("Kamis ada audit pabrik.")
    page.get_by_role("button", name="Kirim jawaban").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("usulan waktu Ibu sudah kami terima")
    page.close()


def eti_sends_somebody(mitra: BrowserContext, mail: Mail) -> None:
    page = opened_in(mitra.new_page(), mail)
    page.get_by_role("link", name="Ya, saya hadir").click()
    page.get_by_role("radio", name="Diwakili orang lain").check()
    page.get_by_label("Nama yang mewakili").fill("Neneng Rohaeti")
    page.get_by_role("button", name="Kirim jawaban").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("diwakili oleh Neneng Rohaeti")
    page.close()


def lilis_takes_the_proposal(coordinator: Person) -> None:
    """One press on the page of the session."""
    page = coordinator.page
    page.reload()
    panel = page.get_by_role("region", name="Selasa, 1 Desember 2026, 13.00–15.30 WIB")
    expect(panel).to_contain_text("Kamis ada audit pabrik.")
    expect(panel).to_contain_text("3 undangan akan ditanya ulang")
    coordinator.start_counting()
    coordinator.tap(panel.get_by_role("button", name="Terima usulan"))
    expect(page.locator("main")).to_contain_text("13.00–15.30 WIB")
    expect(page.get_by_role("button", name="Terima usulan")).to_have_count(0)
    assert coordinator.taps == 1


def an_old_link_shows_what_holds_now(mitra: BrowserContext, mail: Mail) -> None:
    page = opened_in(mitra.new_page(), mail)
    page.get_by_role("link", name="Ya, saya hadir").click()
    expect(page.locator("main")).to_contain_text("Selasa, 1 Desember 2026")
    expect(page.get_by_role("button", name="Kirim jawaban")).to_be_visible()
    page.close()


def lilis_calls_it_off(coordinator: Person) -> None:
    page = coordinator.page
    page.locator(".page-acts summary").click()
    page.get_by_role("link", name="Batalkan bimbingan").click()
    page.get_by_label("Alasan").fill("Dapur sedang diperbaiki.")
    page.get_by_role("button", name=re.compile("Batalkan")).click()
    expect(page.locator("main")).to_contain_text("Bimbingan ini dibatalkan.")


def an_old_link_takes_no_answer_any_more(mitra: BrowserContext, mail: Mail) -> None:
    page = opened_in(mitra.new_page(), mail)
    page.get_by_role("link", name="Ya, saya hadir").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kegiatan ini dibatalkan")
    expect(page.get_by_role("button", name="Kirim jawaban")).to_have_count(0)
    page.close()
