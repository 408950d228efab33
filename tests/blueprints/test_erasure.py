"""The page on which a person's data are erased, and what pages show of them afterwards."""

from datetime import timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from pentahelix import clock as system
from pentahelix.extensions import Entity
from pentahelix.models import Contact, Submission
from tests import factories as make
from tests.clients import words

pytestmark = pytest.mark.both_engines

GONE = "Narahubung terhapus"


@pytest.fixture
def rudi(browser_of, cast):
    return browser_of(cast.rudi)


@pytest.fixture
def hendrik(session, cast):
    contact = session.get_one(Contact, cast.hendrik.contact_id)
    contact.email, contact.phone = "hendrik@kemasindo.example", "+6281200000012"
    session.commit()
    return contact


def erase(browser, contact):
    return browser.fill(f"/contacts/{contact.id}/erase", is_asked="y")


def counted(session):
    tables = [table for table in Entity.metadata.sorted_tables if table.name != Submission.__tablename__]
    return [session.scalar(select(func.count()).select_from(table)) for table in tables]


def test_the_page_says_what_goes_what_stays_and_that_it_is_for_good(rudi, session, cast, hendrik):
    make.invitation(make.guidance(cast.lebak, starts_at=system.now() + timedelta(days=3)), cast.hendrik)
    before = counted(session)
    page = rudi.get(f"/contacts/{hendrik.id}/erase")
    for told in (
        "Hapus data Hendrik Sasmita?",
        "tidak dapat dibatalkan",
        "Yang dihapus",
        "Yang tetap",
        "1 undangan yang belum berlangsung ditarik tanpa surel.",
        "Yang ditulis orang lain: notula",
    ):
        assert told in words(page)
    session.rollback()
    assert counted(session) == before
    assert session.get_one(Contact, hendrik.id).erased_at is None


def test_it_has_to_be_said_that_the_person_asked(rudi, session, hendrik):
    refused = rudi.fill(f"/contacts/{hendrik.id}/erase")
    assert refused.status_code == 422
    assert "Pastikan dahulu, lalu centang." in words(refused)
    session.rollback()
    assert session.get_one(Contact, hendrik.id).name == "Hendrik Sasmita"


def test_afterwards_the_page_tells_when_and_offers_nothing(rudi, session, hendrik):
    done = erase(rudi, hendrik)
    assert (done.status_code, done.location) == (303, f"/contacts/{hendrik.id}")
    page = rudi.get(done.location)
    shown = words(page)
    assert "Data orang ini sudah dihapus." in shown
    assert "datanya dihapus 24 November 2026" in shown
    assert GONE in shown
    assert "Hendrik" not in page.text
    # Nothing undoes it, changes it or hands it out.
    assert "Urungkan" not in shown
    for verb in ("edit", "move", "archive", "erase", "data.xlsx", "restore", "restrict", "lift"):
        assert f'"/contacts/{hendrik.id}/{verb}"' not in page.text, verb
    for verb in ("edit", "move", "archive", "erase", "data.xlsx"):
        refused = rudi.get(f"/contacts/{hendrik.id}/{verb}")
        assert refused.status_code == 409, verb
        assert "sudah dihapus atas permintaannya" in words(refused), verb


def test_they_stand_in_no_list_and_no_picker_and_where_they_were_without_their_name(
    rudi, browser_of, session, cast, hendrik
):
    meeting = make.meeting(cast.lebak, title="Membahas label", present=(cast.hendrik,))
    guidance = make.guidance(cast.lebak, starts_at=system.now() - timedelta(days=3))
    make.invitation(guidance, cast.hendrik)
    make.contact_log(cast.lebak, cast.kemasindo, cast.lilis, contact_id=hendrik.id, line="Menanyakan label")
    erase(rudi, hendrik)
    lilis = browser_of(cast.lilis)
    nowhere = (
        "/contacts",
        "/contacts?status=archived",
        "/contacts?status=restricted",
        "/search?q=narahubung+terhapus",
        "/search?q=sasmita",
        "/partners",
        "/meetings/new",
        "/outbox",
    )
    for address in nowhere:
        page = lilis.get(address)
        assert page.status_code == 200, address
        assert f"/contacts/{hendrik.id}" not in page.text, address
        assert "Hendrik" not in page.text, address
    sheet = CalamineWorkbook.from_filelike(BytesIO(lilis.get("/contacts/export.xlsx").data))
    assert not {"Hendrik Sasmita", GONE} & {row[0] for row in sheet.get_sheet_by_index(0).to_python()}
    for address in (
        f"/meetings/{meeting.id}",
        f"/guidance/{guidance.id}",
        f"/partners/{cast.kemasindo.id}",
        f"/contacts/{hendrik.id}",
    ):
        page = lilis.get(address)
        assert GONE in words(page), address
        assert "Hendrik" not in page.text, address
    trail = rudi.get(f"/trail/contact/{hendrik.id}")
    assert "(dihapus atas permintaan)" in words(trail)
    assert "Hendrik" not in trail.text


def test_a_session_from_which_they_were_withdrawn_is_not_to_come_for_them(rudi, session, cast, hendrik):
    coming = make.guidance(cast.lebak, topic="Izin edar", starts_at=system.now() + timedelta(days=3))
    held = make.guidance(cast.lebak, topic="Label", starts_at=system.now() - timedelta(days=3))
    for guidance in (coming, held):
        make.invitation(guidance, cast.hendrik)
    assert "Izin edar" in words(rudi.get(f"/contacts/{hendrik.id}"))
    erase(rudi, hendrik)
    for page in (f"/contacts/{hendrik.id}", f"/partners/{cast.kemasindo.id}"):
        shown = words(rudi.get(page))
        assert "Izin edar" not in shown
        assert "Label" in shown


def test_whoever_is_taken_down_under_the_same_name_is_like_nobody(rudi, browser_of, session, cast, hendrik):
    erase(rudi, hendrik)
    new = f"/contacts/new?partner={cast.kemasindo.id}"
    said = {"name": "Hendrik Sasmita", "email": "hendrik@kemasindo.example", "phone": "0812-0000-0012"}
    assert browser_of(cast.lilis).fill(new, **said).status_code == 303
    assert browser_of(cast.lilis).fill(new, name=GONE).status_code == 303


def test_the_admin_alone_may_and_to_others_it_does_not_exist(browser_of, session, cast, hendrik):
    for person in (cast.lilis, cast.aminah, hendrik):
        browser = browser_of(person)
        own = browser.get(f"/contacts/{hendrik.id}/erase")
        missing = browser.get("/contacts/999999/erase")
        assert own.status_code == missing.status_code == 404
        assert words(own).replace(str(hendrik.id), "") == words(missing).replace("999999", "")
        assert browser.post(f"/contacts/{hendrik.id}/erase").status_code in (400, 404)
    assert "/erase" not in browser_of(cast.lilis).get(f"/contacts/{hendrik.id}").text
    assert f"/contacts/{hendrik.id}/erase" in browser_of(cast.rudi).get(f"/contacts/{hendrik.id}").text


def test_the_same_form_sent_twice_erases_once_and_answers_alike(rudi, session, hendrik):
    page = rudi.get(f"/contacts/{hendrik.id}/erase")
    first, second = (rudi.send(page, {"is_asked": "y"}) for _ in range(2))
    assert (first.status_code, first.location) == (second.status_code, second.location)
    version = session.get_one(Contact, hendrik.id).version
    session.rollback()
    assert session.get_one(Contact, hendrik.id).version == version


def test_who_erases_what_somebody_else_has_just_changed_looks_once_more(
    rudi, browser_of, session, cast, hendrik
):
    page = rudi.get(f"/contacts/{hendrik.id}/erase")
    changed = browser_of(cast.lilis).fill(f"/contacts/{hendrik.id}/edit", phone_note="ext. 12")
    assert changed.status_code == 303
    refused = rudi.send(page, {"is_asked": "y"})
    assert refused.status_code == 409
    assert "Orang lain baru saja mengubah narahubung ini" in words(refused)
    session.rollback()
    assert session.get_one(Contact, hendrik.id).name == "Hendrik Sasmita"
    assert rudi.send(refused, {"is_asked": "y"}).status_code == 303


def test_an_archived_person_is_restored_first(rudi, session, hendrik):
    hendrik.archived_at = system.now()
    session.commit()
    assert rudi.get(f"/contacts/{hendrik.id}/erase").status_code == 409
