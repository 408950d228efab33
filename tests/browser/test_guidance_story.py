"""A guidance session from its planning to the moved calendar entry: a coordinator on the phone, partners who
only have their mail. The web server, the scheduler and the mail server are real."""

import re
from datetime import datetime

import pytest
import vobject
from playwright.sync_api import BrowserContext, expect
from sqlalchemy import select

from pentahelix.models import Affiliation, Contact, GuidanceSession, Invitation
from pentahelix.vocabulary import Answer
from tests.browser.person import Person
from tests.browser.server import Server
from tests.browser.stories import (
    ETI,
    HENDRIK,
    PUTRI,
    REPLY_TO,
    TOPIC,
    VINA,
    hendrik_says_yes,
    opened_in,
    plan,
)
from tests.post_office import Mail

pytestmark = pytest.mark.browser

INVITED = (HENDRIK, PUTRI, ETI, VINA)


@pytest.fixture(scope="module")
def server(post_office):
    with Server.running(mail_url=post_office.url, mail_reply_to=REPLY_TO) as server:
        yield server


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
