"""Planning a guidance session on a phone: people found by typing, holidays and clashes told as one goes."""

import re
from datetime import datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import select

from pentahelix.models import GuidanceSession, Invitation
from pentahelix.unit_of_work import write
from pentahelix.vocabulary import Answer, InvitationRole
from tests import factories as make
from tests.browser.conftest import DESKTOP, watched

pytestmark = pytest.mark.browser


@pytest.fixture
def lilis(cast, phone, signed_in):
    signed_in(phone, cast.lilis)
    return cast.lilis


@pytest.fixture
def people(session, cast):
    """Beside Hendrik two of another partner; Vina is wanted elsewhere on Thursday at ten."""
    # The scheduler writes at any time; so what is made here begins by saying that it will write.
    write()
    gerai = make.partner(cast.lebak, cast.pandeglang, name="Gerai Kalanganyar")
    vina = make.affiliation(gerai, make.contact(name="Vina Oktaviani"))
    make.affiliation(gerai, make.contact(name="Putri Salim"))
    theirs = make.guidance(
        cast.pandeglang,
        topic="Rahasia Pandeglang",
        starts_at=at("2026-11-26T10:00"),
        ends_at=at("2026-11-26T12:00"),
    )
    make.invitation(theirs, vina)
    session.commit()


def at(text):
    return datetime.fromisoformat(f"{text}+07:00")


def tick(page: Page, name: str):
    return page.get_by_role("checkbox", name=name).first


def plan(page: Page) -> None:
    page.get_by_role("button", name="Rencanakan bimbingan").click()
    page.wait_for_url(re.compile(r"/guidance/\d+$"))


def the_guidance(session):
    session.rollback()
    return session.scalars(select(GuidanceSession).where(GuidanceSession.topic == "Desain kemasan")).one()


def test_a_holiday_is_named_at_once_and_one_press_finds_a_working_day(session, lilis, people, page):
    page.goto("/guidance/new")
    page.get_by_label("Topik").fill("Desain kemasan")
    page.get_by_label("Tanggal").fill("2026-12-25")
    expect(page.get_by_text("Jumat, 25 Desember 2026 adalah Hari Raya Natal.")).to_be_visible()
    page.get_by_role("button", name="Cari hari kerja berikutnya").click()
    expect(page.get_by_label("Tanggal")).to_have_value("2026-12-28")
    expect(page.get_by_text("Hari Raya Natal")).to_have_count(0)
    expect(page.get_by_label("Topik")).to_have_value("Desain kemasan")


def test_people_are_found_by_typing_and_a_clash_is_told_without_more(session, lilis, people, page):
    """What stood on the screen has been seen: the first press goes through."""
    page.goto("/guidance/new")
    page.get_by_label("Topik").fill("Desain kemasan")
    page.get_by_label("Tanggal").fill("2026-11-26")
    search = page.get_by_role("searchbox", name="Cari nama atau mitra")
    search.fill("vina")
    expect(page.get_by_text("Hendrik Sasmita").first).to_be_hidden()
    search.press("Enter")
    expect(tick(page, "Vina Oktaviani")).to_be_checked()
    expect(
        page.get_by_text("Vina Oktaviani sudah diundang ke kegiatan lain, 10.00–12.00 WIB.")
    ).to_be_visible()
    expect(page.get_by_text("Rahasia")).to_have_count(0)
    search.fill("kemasindo")
    tick(page, "Hendrik Sasmita").check()
    expect(page.get_by_text("2 dipilih")).to_be_visible()
    page.locator("label.chip", has_text="Narasumber: Hendrik Sasmita").click()
    search.fill("tidak ada")
    expect(page.get_by_text("Tidak ada nama yang cocok.")).to_be_visible()
    plan(page)
    guidance = the_guidance(session)
    invited = session.scalars(select(Invitation).where(Invitation.guidance_id == guidance.id)).all()
    assert sorted(invitation.role for invitation in invited) == [
        InvitationRole.PARTICIPANT,
        InvitationRole.SPEAKER,
    ]


def test_without_javascript_the_same_form_warns_and_goes_through(
    session, browser, server, cast, signed_in, people
):
    with watched(
        browser, base_url=server.address, viewport={"width": 390, "height": 844}, java_script_enabled=False
    ) as context:
        signed_in(context, cast.lilis)
        page = context.new_page()
        page.goto("/guidance/new")
        page.get_by_label("Topik").fill("Desain kemasan")
        page.get_by_label("Tanggal").fill("2026-12-25")
        tick(page, "Putri Salim").check()
        page.get_by_role("button", name="Rencanakan bimbingan").click()
        page.get_by_role("button", name="Cari hari kerja berikutnya").click()
        expect(page.get_by_label("Tanggal")).to_have_value("2026-12-28")
        expect(tick(page, "Putri Salim")).to_be_checked()
        plan(page)
    assert the_guidance(session).starts_at == at("2026-12-28T09:00")


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_axe_and_the_width_have_nothing_to_say(session, browser, server, cast, signed_in, people, size):
    write()
    guidance = make.guidance(cast.lebak, topic="Uji mutu " * 30, starts_at=at("2026-11-26T09:00"))
    one = make.invitation(
        guidance,
        cast.hendrik,
        answer=Answer.PROPOSED,
        proposed_starts_at=at("2026-12-25T13:00"),
        note="Kamis ada audit. " * 20,
    )
    sri = make.affiliation(cast.kemasindo, make.contact(name="Prof. Dr. Ir. Hj. Raden Ayu " * 5))
    make.invitation(guidance, sri)
    addresses = (
        "/guidance",
        "/guidance/new",
        *(f"/guidance/{guidance.id}{act}" for act in ("", "/edit", "/reschedule", "/invite", "/cancel")),
        *(f"/invitations/{one.id}/{act}" for act in ("answer", "whatsapp", "uninvite")),
    )
    viewport = DESKTOP if size == "desktop" else {"width": 360, "height": 740}
    with browser.new_context(base_url=server.address, viewport=viewport, bypass_csp=True) as context:
        signed_in(context, cast.lilis)
        page = context.new_page()
        for address in addresses:
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], address
            found = Axe().run(page).response["violations"]
            said = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
            assert said == [], address
