"""The pages of meetings: recording, planning, editing by two, sending twice, without JavaScript."""

import email
import threading
from datetime import date, timedelta
from email.policy import default
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from pentahelix import clock as system
from pentahelix.extensions import db
from pentahelix.models import (
    Attendance,
    AuditEntry,
    Contact,
    FollowUp,
    Meeting,
    MeetingPartner,
    OutboxMessage,
)
from pentahelix.vocabulary import FollowUpStatus, MeetingMode, MeetingStatus
from tests import factories as make
from tests.clients import forms_of, words
from tests.conftest import new_client
from tests.sign_in import sign_in

NEW = "/meetings/new"


@pytest.fixture
def hers(cast, browser_of):
    return browser_of(cast.lilis)


def the_meeting(session):
    return session.scalars(select(Meeting)).one()


def record(hers, cast, **fields):
    """Kemasindo is chosen and Hendrik ticked, as by the suggestions."""
    return hers.fill(
        f"{NEW}?partner={cast.kemasindo.id}", {"affiliation_ids": [str(cast.hendrik.id)], **fields}
    )


# ---------------------------------------------------------------------------- recording


def test_a_meeting_is_recorded_from_one_page(session, cast, hers):
    answer = record(
        hers,
        cast,
        **{
            "notes": "Contoh kemasan jadi.",
            "decisions": "Kertas kraf.",
            "items-0-title": "Kirim contoh label",
            "guests-0-name": "Sumiyati",
        },
    )
    meeting = the_meeting(session)
    assert (answer.status_code, answer.location) == (303, f"/meetings/{meeting.id}")
    assert (meeting.title, meeting.status) == ("Rapat dengan CV Kemasindo Lebak", MeetingStatus.HELD)
    assert meeting.starts_at == system.now()
    assert meeting.minute_taker_user_id == cast.lilis.id
    item = session.scalars(select(FollowUp)).one()
    assert (item.title, item.owner_user_id, item.due_on) == (
        "Kirim contoh label",
        cast.lilis.id,
        date(2026, 12, 1),
    )
    page = hers.get(answer.location)
    assert "Rapat tercatat. 1 tindak lanjut masuk daftar." in words(page)
    for said in ("Contoh kemasan jadi.", "Kertas kraf.", "Hendrik Sasmita", "Sumiyati", "Lilis Nurhayati"):
        assert said in words(page)


def test_the_form_is_filled_with_what_is_most_likely(cast, hers, clock):
    clock.set("2026-11-24T10:42+07:00")
    (form,) = [form for form in forms_of(hers.get(NEW)) if "notes" in form.names]
    assert form.fields["day"] == ["2026-11-24"]
    assert form.fields["starts"] == ["10:30"]
    assert form.fields["mode"] == ["in_person"]
    assert form.fields["user_ids"] == [str(cast.lilis.id)]
    assert form.fields["items-0-owner"] == [str(cast.lilis.id)]
    assert form.fields["items-0-due"] == ["2026-12-01"]


def test_the_cluster_that_the_address_names_is_chosen(cast, browser_of):
    hers = browser_of(make.user(cast.lebak, cast.pandeglang))
    for cluster in (cast.lebak, cast.pandeglang):
        (form,) = [one for one in forms_of(hers.get(f"{NEW}?cluster={cluster.id}")) if "title" in one.names]
        assert form.fields["cluster_id"] == [str(cluster.id)]


def test_c01_a_contact_of_one_name_is_met_and_named_so(session, cast, hers):
    """ "Sumiyati" and nothing else."""
    session.get(Contact, cast.hendrik.contact_id).name = "Sumiyati"
    page = hers.get(record(hers, cast).location)
    assert words(page).count("Sumiyati") == 1
    assert "None" not in words(page)


def test_c05_a_title_of_a_thousand_letters_is_kept_whole_and_one_more_is_refused(session, cast, hers):
    """Never cut silently."""
    refused = record(hers, cast, title="a" * 1001)
    assert refused.status_code == 422
    assert "paling banyak 1.000 karakter" in refused.text
    assert "a" * 1001 in refused.text
    assert record(hers, cast, title="a" * 1000).status_code == 303
    assert the_meeting(session).title == "a" * 1000


def test_a_refused_form_says_so_at_the_field_and_keeps_what_was_typed(cast, hers):
    refused = record(
        hers,
        cast,
        **{
            "day": "2026-11-25",
            "notes": "Panjang sekali.",
            "items-0-title": "Kirim contoh",
            "items-0-due": "besok",
            "guests-0-name": "Sumiyati",
        },
    )
    assert refused.status_code == 422
    assert refused.text.count('aria-invalid="true"') == 1
    for kept in ("Panjang sekali.", "Kirim contoh", "besok", "Sumiyati", cast.kemasindo.name):
        assert kept in refused.text
    (form,) = [form for form in forms_of(refused) if "notes" in form.names]
    assert form.fields["affiliation_ids"] == [str(cast.hendrik.id)]
    again = hers.send(refused, {"items-0-due": "25/11/2026"})
    assert again.status_code == 422
    assert "Sel., 24 Nov., 07.00 WIB" in words(again)
    assert hers.send(again, {"day": "2026-11-24"}).status_code == 303


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"day": ""}, "Wajib diisi."),
        ({"day": "31/02/2026"}, "Tanggal tidak sah"),
        ({"starts": "jam 9"}, "Jam tidak sah"),
        ({"ends": "06.00"}, "Harus sesudah jam mulai (07.00 WIB)."),
        ({"ends": "Selamanya"}, "Jam tidak sah"),
        ({"mode": "telepathic"}, "Pilih dari daftar."),
        ({"user_ids": ["9999"]}, "Pilih dari daftar."),
        ({"affiliation_ids": ["9999"]}, "Pilih dari daftar."),
        ({"items-0-title": "Kirim", "items-0-due": ""}, "Wajib diisi."),
        ({"items-0-title": "Kirim", "items-0-owner": "9999"}, "Pilih dari daftar."),
        ({"notes": "a\x00b"}, "Ada tanda yang tidak dapat disimpan"),
        ({"partner_query": "kema"}, "Pilih mitra dari hasil pencarian"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(session, cast, hers, fields, said):
    refused = record(hers, cast, **fields)
    assert refused.status_code == 422
    assert said in words(refused)
    assert session.scalar(select(func.count(Meeting.id))) == 0


def test_names_of_rows_that_no_browser_sends_break_nothing(cast, hers):
    strange = {f"items-{number}-title": "x" for number in ("²", "٣", "-1", "9" * 30, "")}
    answer = hers.press(NEW, {**strange, "items-7-title": "Kirim"})
    assert answer.status_code == 422
    assert 'value="Kirim"' in answer.text


@pytest.mark.parametrize(
    "said", ["2031-01-01T00:00:00.000Z", "kemarin", "", "0001-01-01T00:00+14:00", "2026-11-24T07:00"]
)
def test_a_strange_clock_on_the_phone_is_no_error(session, cast, hers, said):
    assert record(hers, cast, made_at=said).status_code == 303
    meeting = the_meeting(session)
    assert meeting.received_at == system.now()
    assert (meeting.made_at is not None) == said.endswith("Z")


# ---------------------------------------------------------------------------- without JavaScript


def press(hers, page, act, **fields):
    return hers.send(page, {"act": act, **fields})


def test_partners_are_searched_and_chosen_without_javascript(session, cast, hers):
    radio = make.partner(cast.lebak, name="Radio Ciberang")
    found = press(hers, hers.get(NEW), "find", partner_query="kema", notes="Sudah ditulis.")
    assert found.status_code == 200
    assert f'value="pick:{cast.kemasindo.id}"' in found.text
    assert f'value="pick:{radio.id}"' not in found.text
    picked = press(hers, found, f"pick:{cast.kemasindo.id}")
    assert "Sudah ditulis." in picked.text
    assert "Hendrik Sasmita" in words(picked)
    both = press(hers, press(hers, picked, "find", partner_query="radio"), f"pick:{radio.id}")
    one = press(hers, both, f"drop:{radio.id}", affiliation_ids=[str(cast.hendrik.id)])
    assert hers.send(one, {}).status_code == 303
    assert session.scalars(select(MeetingPartner.partner_id)).all() == [cast.kemasindo.id]
    assert cast.hendrik.id in session.scalars(select(Attendance.affiliation_id)).all()


def test_whoever_was_ticked_goes_with_the_partner(cast, hers):
    page = hers.get(f"{NEW}?partner={cast.kemasindo.id}")
    without = press(hers, page, f"drop:{cast.kemasindo.id}", affiliation_ids=[str(cast.hendrik.id)])
    assert "Hendrik" not in words(without)


def test_a_date_in_a_title_stays_in_one_line(cast, hers):
    meeting = make.meeting(cast.lebak, title="Rapat SMK-1, 2026-11-24")
    whole = 'Rapat <span class="nowrap">SMK-1,</span> <span class="nowrap">2026-11-24</span>'
    assert f"<h1>{whole}</h1>" in hers.get(f"/meetings/{meeting.id}").text
    assert f">{whole}</a>" in hers.get("/meetings").text


def test_a_search_that_finds_nothing_says_so_and_leads_to_a_new_partner_beside_the_form(hers):
    page = press(hers, hers.get(NEW), "find", partner_query="PT Baru & Co")
    assert "Tidak ada mitra yang cocok dengan “PT Baru & Co”. Tambah mitra baru" in words(page)
    link = '<a href="/partners/new?name=PT+Baru+%26+Co" target="_blank">'
    assert link in page.text
    (found,) = hers.get("/meetings/suggest", query_string={"q": "PT Baru & Co"}).json["choices"]
    assert found["name"] == "Tambah mitra baru “PT Baru & Co”"
    assert 'value="PT Baru &amp; Co"' in hers.get(found["url"]).text


def test_more_rows_come_without_javascript(session, cast, hers):
    page = hers.get(f"{NEW}?partner={cast.kemasindo.id}")
    page = press(hers, page, "item", **{"items-0-title": "Satu"})
    page = press(hers, page, "guest", **{"guests-0-name": "Ujang"})
    answer = hers.send(page, {"items-1-title": "Dua", "guests-1-name": "Sumiyati"})
    assert answer.status_code == 303
    assert session.scalars(select(FollowUp.title).order_by(FollowUp.position)).all() == ["Satu", "Dua"]
    assert session.scalars(select(Attendance.guest_name).where(Attendance.guest_name.is_not(None))).all() == [
        "Ujang",
        "Sumiyati",
    ]


def test_a_button_that_draws_the_form_again_keeps_nothing(session, cast, hers):
    for act in ("find", "item", "guest", f"pick:{cast.kemasindo.id}", "drop:7", "pick:x", "drop:"):
        assert press(hers, hers.get(NEW), act, title="Rapat").status_code == 200
    assert session.scalar(select(func.count(Meeting.id))) == 0


# ---------------------------------------------------------------------------- the last meeting


def test_what_the_last_meeting_left_open_is_ticked_as_done(session, cast, hers):
    before = make.meeting(cast.lebak, cast.kemasindo, starts_at=system.now() - timedelta(days=9))
    item = make.follow_up(
        cast.lebak, cast.lilis, meeting=before, title="Kirim label", due_on=date(2026, 11, 20)
    )
    page = hers.get(f"{NEW}?partner={cast.kemasindo.id}")
    assert "Kirim label" in words(page)
    assert "Terlambat 4 hari" in words(page)
    assert record(hers, cast, done_ids=[str(item.id)]).status_code == 303
    assert item.status is FollowUpStatus.DONE


def test_what_somebody_else_closed_meanwhile_refuses_nothing(session, cast, hers):
    before = make.meeting(cast.lebak, cast.kemasindo, starts_at=system.now() - timedelta(days=9))
    item = make.follow_up(cast.lebak, cast.lilis, meeting=before)
    page = hers.get(f"{NEW}?partner={cast.kemasindo.id}")
    item.status, item.completed_on = FollowUpStatus.DONE, date(2026, 11, 23)
    assert hers.send(page, {"done_ids": [str(item.id)]}).status_code == 303
    assert item.completed_on == date(2026, 11, 23)


# ---------------------------------------------------------------------------- planning


def test_a_meeting_is_planned_and_recorded_after(session, cast, hers, clock):
    planned = hers.fill(f"{NEW}?plan=1&partner={cast.kemasindo.id}", agenda="Harga\nJadwal")
    meeting = the_meeting(session)
    assert meeting.status is MeetingStatus.PLANNED
    assert meeting.starts_at.isoformat() == "2026-11-25T02:00:00+00:00"
    page = words(hers.get(planned.location))
    assert "Tidak ada surel yang dikirim" in page
    assert "Catat hasil" in page
    clock.set("2026-11-25T11:00+07:00")
    answer = hers.fill(f"/meetings/{meeting.id}/record", notes="Sepakat.")
    assert answer.status_code == 303
    assert (meeting.status, meeting.notes, meeting.agenda) == (
        MeetingStatus.HELD,
        "Sepakat.",
        "Harga\nJadwal",
    )


def test_a_planned_meeting_is_cancelled_on_a_page_of_its_own(session, cast, hers):
    meeting = make.meeting(
        cast.lebak,
        cast.kemasindo,
        status=MeetingStatus.PLANNED,
        starts_at=system.now() + timedelta(days=1),
    )
    assert hers.send(hers.get(f"/meetings/{meeting.id}/cancel"), form="").status_code == 303
    assert meeting.status is MeetingStatus.CANCELLED
    for act in ("cancel", "record", "edit"):
        assert hers.get(f"/meetings/{meeting.id}/{act}").status_code == 409
    assert "Dibatalkan" in words(hers.get(f"/meetings/{meeting.id}"))


# ---------------------------------------------------------------------------- twice, and by two


def test_c73_a_meeting_sent_five_times_at_once_is_one(app, session, cast, hers):
    """Five answers that lead to it, one audit entry."""
    page = hers.get(f"{NEW}?partner={cast.kemasindo.id}")
    (form,) = [form for form in forms_of(page) if "notes" in form.names]
    browsers = [new_client(app) for _number in range(5)]
    for browser in browsers:
        sign_in(browser, cast.lilis)
    for browser in browsers:
        browser._cookies = hers._cookies
    answers = []
    session.commit()

    def send(browser):
        answers.append(browser.post(NEW, data={**form.fields, "items-0-title": "Kirim label"}))

    threads = [threading.Thread(target=send, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    meeting = the_meeting(session)
    assert {(answer.status_code, answer.location) for answer in answers} == {(303, f"/meetings/{meeting.id}")}
    made = select(func.count(AuditEntry.id)).where(
        AuditEntry.noun == "meeting", AuditEntry.object_id == meeting.id
    )
    assert session.scalar(made) == 1
    assert session.scalar(select(func.count(FollowUp.id))) == 1


def test_c74_a_changed_text_sent_again_makes_no_second_meeting(session, cast, hers):
    """Back after saving, one field changed: it says what was saved and offers to change it."""
    page = hers.get(f"{NEW}?partner={cast.kemasindo.id}")
    item = {"items-0-title": "Kirim label"}
    assert hers.send(page, {"notes": "Satu.", **item}).status_code == 303
    again = hers.send(page, {"notes": "Dua.", **item})
    meeting = the_meeting(session)
    assert again.status_code == 409
    assert "Dua." in again.text
    assert f'formaction="/meetings/{meeting.id}/edit"' in again.text
    (form,) = [form for form in forms_of(again) if "notes" in form.names]
    beside = hers.post(f"/meetings/{meeting.id}/edit", data=form.fields)
    assert beside.status_code == 409
    assert "Satu." in beside.text
    assert "Dua." in beside.text
    assert hers.send(beside, {}).status_code == 303
    assert meeting.notes == "Dua."
    assert (
        session.scalar(select(func.count(Meeting.id))) == session.scalar(select(func.count(FollowUp.id))) == 1
    )


def test_c75_two_people_edit_one_notula_and_none_loses_a_word(session, cast, hers, browser_of):
    """The second is told, sees both texts, and can merge."""
    dewi = make.user(cast.lebak, name="Dewi")
    meeting = make.meeting(cast.lebak, cast.kemasindo, present=(cast.hendrik,), notes="Awal. " * 300)
    address = f"/meetings/{meeting.id}/edit"
    theirs = browser_of(dewi)
    first, second = theirs.get(address), hers.get(address)
    assert theirs.send(first, {"notes": "Tulisan Dewi.", "affiliation_ids": None}).status_code == 303
    lost = hers.send(second, {"notes": "Tulisan Lilis.", "guests-0-name": "Sumiyati"})
    assert lost.status_code == 409
    for said in ("Orang lain mengubah catatan ini", "Tulisan Dewi.", "Tulisan Lilis.", "Sumiyati"):
        assert said in lost.text
    assert meeting.notes == "Tulisan Dewi."
    merged = hers.send(lost, {"notes": "Tulisan Dewi. Tulisan Lilis."})
    assert merged.status_code == 303
    assert meeting.notes == "Tulisan Dewi. Tulisan Lilis."


def test_c75_a_change_of_who_was_there_alone_is_noticed_too(cast, hers, browser_of):
    """A child that the form draws counts as the record."""
    dewi = make.user(cast.lebak, name="Dewi")
    meeting = make.meeting(cast.lebak, cast.kemasindo)
    address = f"/meetings/{meeting.id}/edit"
    second = hers.get(address)
    assert browser_of(dewi).fill(address, {"guests-0-name": "Sumiyati"}).status_code == 303
    lost = hers.send(second, {"notes": "Lilis."})
    assert lost.status_code == 409
    assert "Sumiyati" in lost.text


def test_c75_what_was_typed_outlives_the_session(session, cast, hers):
    """Signed out meanwhile: the text comes back after signing in."""
    meeting = make.meeting(cast.lebak, cast.kemasindo)
    page = hers.get(f"/meetings/{meeting.id}/edit")
    hers.delete_cookie("phx")
    answer = hers.send(page, {"notes": "Panjang dan berharga."})
    assert answer.status_code == 401
    assert "Panjang dan berharga." in answer.text


# ---------------------------------------------------------------------------- archived


def test_an_archived_meeting_is_read_and_not_changed(session, cast, hers):
    meeting = make.meeting(cast.lebak, cast.kemasindo, notes="Isi.")
    address = f"/meetings/{meeting.id}"
    assert hers.press(f"{address}/archive").status_code == 303
    page = hers.get(address)
    assert page.status_code == 200
    for said in ("diarsipkan", "Isi.", "Pulihkan"):
        assert said in words(page)
    assert "Urungkan" in words(page)
    assert hers.get(f"{address}/edit").status_code == 409
    assert hers.press(f"{address}/archive").status_code == 409
    assert hers.press(f"{address}/restore").status_code == 303
    assert meeting.archived_at is None
    assert hers.get(f"{address}/edit").status_code == 200


# ---------------------------------------------------------------------------- who may


PAGES = ("", "/edit", "/record", "/cancel", "/minutes.pdf")


@pytest.mark.parametrize("page", PAGES)
def test_a_foreign_meeting_looks_like_none(cast, hers, page):
    foreign = make.meeting(cast.pandeglang, status=MeetingStatus.HELD)
    answers = [hers.get(f"/meetings/{number}{page}") for number in (foreign.id, 99999)]
    assert [answer.status_code for answer in answers] == [404, 404]


def test_the_kabid_reads_and_changes_nothing(cast, browser_of):
    meeting = make.meeting(cast.lebak, cast.kemasindo)
    theirs = browser_of(cast.aminah)
    page = theirs.get(f"/meetings/{meeting.id}")
    assert page.status_code == 200
    assert "/edit" not in page.text
    for address in (NEW, f"/meetings/{meeting.id}/edit", "/meetings/suggest?q=kem"):
        assert theirs.get(address).status_code == 404
    assert theirs.press(f"/meetings/{meeting.id}/archive").status_code == 404


def test_a_partner_of_another_cluster_is_neither_suggested_nor_opened(cast, hers):
    (found,) = hers.get("/meetings/suggest?q=radio").json["choices"]
    assert found["helix"] == "new"
    for address in (f"/meetings/partners/{cast.badak.id}", f"{NEW}?partner={cast.badak.id}"):
        assert hers.get(address).status_code == 404


def test_suggestions_carry_no_people_and_are_kept_nowhere(cast, hers):
    answer = hers.get("/meetings/suggest?q=kem")
    assert answer.json == {
        "said": "1 mitra cocok.",
        "choices": [
            {
                "id": cast.kemasindo.id,
                "name": "CV Kemasindo Lebak",
                "helix": "industry",
                "clusters": [cast.lebak.id],
            }
        ],
    }
    assert answer.headers["Cache-Control"] == "no-store"
    fragment = hers.get(f"/meetings/partners/{cast.kemasindo.id}")
    assert "Hendrik Sasmita" in fragment.text
    assert fragment.headers["Cache-Control"] == "no-store"


def test_who_is_in_no_cluster_is_told_so(cast, browser_of):
    alone = make.user(name="Sendiri")
    answer = browser_of(alone).get(NEW)
    assert answer.status_code == 409
    assert "belum menjadi anggota klaster" in words(answer)


def test_the_cluster_follows_the_partner_that_the_link_names(session, cast, browser_of):
    both = make.user(cast.lebak, cast.pandeglang)
    answer = browser_of(both).fill(f"{NEW}?partner={cast.badak.id}")
    assert answer.status_code == 303
    assert the_meeting(session).cluster_id == cast.pandeglang.id


# ---------------------------------------------------------------------------- the list


def test_the_list_sets_apart_what_is_to_come(cast, hers):
    make.meeting(cast.lebak, cast.kemasindo, title="Dahulu")
    make.meeting(
        cast.lebak,
        title="Nanti",
        status=MeetingStatus.PLANNED,
        starts_at=system.now() + timedelta(days=1),
    )
    page = words(hers.get("/meetings"))
    assert page.index("Mendatang") < page.index("Nanti") < page.index("Sudah lewat") < page.index("Dahulu")


@pytest.mark.parametrize(
    "query", ["sort=x", "page=-1", "page=x", "page=999999", "status=zzz", "kind=zzz", "partner=abc", "q=%00"]
)
def test_a_strange_address_of_the_list_is_a_list(cast, hers, query):
    make.meeting(cast.lebak)
    assert hers.get(f"/meetings?{query}").status_code == 200


def test_a_partner_who_met_nobody_there_narrows_the_list_to_nothing(cast, hers):
    make.meeting(cast.lebak, title="Rapat pengemasan")
    for partner in (cast.kemasindo, cast.badak):
        page = hers.get(f"/meetings?partner={partner.id}")
        assert page.status_code == 200
        assert "Satu mitra" in words(page)
        assert partner.name not in words(page)


def test_an_empty_list_says_what_belongs_there(cast, hers):
    assert "Belum ada rapat yang tercatat" in words(hers.get("/meetings"))
    assert "Tidak ada rapat yang cocok" in words(hers.get("/meetings?q=zzz"))


# ---------------------------------------------------------------------------- the minutes


def test_the_minutes_are_a_paper_with_a_readable_name(cast, hers):
    meeting = make.meeting(cast.lebak, title='..\\MoU "akhir" / tahap 1: <draf>')
    answer = hers.get(f"/meetings/{meeting.id}/minutes.pdf")
    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF-")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    named = answer.headers["Content-Disposition"]
    assert "Notula 2026-11-24 MoU akhir tahap 1 draf.pdf" in named


def paper(hers, meeting):
    """What is written in the minutes, without white space: what is read back has some within words too."""
    answer = hers.get(f"/meetings/{meeting.id}/minutes.pdf")
    assert answer.status_code == 200
    return "".join("".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages).split())


def test_c01_the_minutes_name_a_contact_of_one_name_so(session, cast, hers):
    """No empty "None", no doubled name."""
    session.get(Contact, cast.hendrik.contact_id).name = "Sumiyati"
    written = paper(hers, make.meeting(cast.lebak, present=(cast.hendrik,)))
    assert written.count("Sumiyati") == 1
    assert "None" not in written


def test_c108_long_minutes_of_many_people_lose_nobody(session, cast, hers):
    """Sixty there, a decision of eighty lines, a word of 120 letters."""
    people = [
        make.affiliation(cast.kemasindo, make.contact(name=f"Peserta nomor {number}")) for number in range(60)
    ]
    decisions = "\n".join(f"Putusan nomor {number}." for number in range(80))
    meeting = make.meeting(
        cast.lebak, present=(*people, cast.lilis), decisions=decisions, notes="panjang" * 17
    )
    make.follow_up(cast.lebak, cast.lilis, meeting=meeting, title="Kirim label", due_on=date(2026, 12, 1))
    written = paper(hers, meeting)
    for number in range(60):
        assert f"Pesertanomor{number}CVKemasindo" in written
    for number in range(80):
        assert f"Putusannomor{number}." in written
    for said in ("Kirim label", "1 Desember 2026", cast.lilis.name, cast.lebak.name):
        assert said.replace(" ", "") in written


def test_the_minutes_name_the_school_that_somebody_is_of_and_else_the_office(session, cast, hers):
    cast.lilis.school_id = make.school(cast.lebak, name="SMKN 1 Kalanganyar").id
    cast.lebak.owner_unit = "Bidang SMK"
    cast.lilis.position, cast.aminah.position = "Guru", "Kabid"
    written = paper(hers, make.meeting(cast.lebak, present=(cast.lilis, cast.aminah)))
    assert "GuruSMKN1Kalanganyar" in written
    assert "KabidBidangSMK" in written


@pytest.mark.parametrize(
    ("place", "said"),
    [(None, "TempatDaring"), ("Ruang Rapat Daring", "TempatRuangRapatDaring"), ("Zoom", "TempatZoom,daring")],
)
def test_the_minutes_say_once_that_it_was_online(cast, hers, place, said):
    written = paper(hers, make.meeting(cast.lebak, place=place, mode=MeetingMode.ONLINE))
    assert f"{said}Peserta" in written or f"{said}Pimpinan" in written


def test_there_are_no_minutes_before_the_meeting_is_recorded(cast, hers):
    meeting = make.meeting(
        cast.lebak, status=MeetingStatus.PLANNED, starts_at=system.now() + timedelta(days=1)
    )
    assert hers.get(f"/meetings/{meeting.id}/minutes.pdf").status_code == 409


@pytest.mark.parametrize(("language", "day"), [("id", "12 Januari 2027"), ("en", "12 January 2027")])
def test_c104_days_are_never_written_the_american_way(session, cast, hers, clock, language, day):
    """12 January 2027, which 01/12 would make the first of December."""
    cast.lilis.language = language
    clock.set("2027-01-12T10:00+07:00")
    meeting = make.meeting(cast.lebak, cast.kemasindo)
    make.follow_up(cast.lebak, cast.lilis, meeting=meeting, due_on=date(2027, 1, 12))
    assert day in words(hers.get(f"/meetings/{meeting.id}"))
    assert day in words(hers.get(NEW))
    for address in ("/meetings", f"/meetings/{meeting.id}", f"/meetings/{meeting.id}/edit", NEW):
        page = words(hers.get(address))
        assert "12 Jan" in page
        assert "01/12" not in page
    assert "01/12" not in paper(hers, meeting)


# ---------------------------------------------------------------------------- what it costs

#: Page → the most statements that it may ask, the person signed in and the bars included.
COSTS = {
    "/meetings": 6,
    "/meetings?q=kema&status=held": 6,
    "/meetings/new?partner={partner}": 9,
    "/meetings/{meeting}": 9,
    "/meetings/{meeting}/edit": 14,
    "/meetings/suggest?q=kema": 3,
    "/meetings/partners/{partner}": 4,
}


def test_c103_the_number_of_statements_does_not_grow(cast, hers, statements):
    """One meeting or thirty, two people there or sixty."""
    meeting = make.meeting(cast.lebak, cast.kemasindo, present=(cast.hendrik, cast.lilis))
    make.follow_up(cast.lebak, cast.lilis, meeting=meeting, partner=cast.kemasindo)
    ids = {"meeting": meeting.id, "partner": cast.kemasindo.id}

    def asked():
        counts = {}
        for page in COSTS:
            with statements() as ran:
                assert hers.get(page.format(**ids)).status_code == 200
            counts[page] = len(ran)
        return counts

    few = asked()
    for number in range(30):
        partner = make.partner(cast.lebak, name=f"Kemasan {number}")
        make.meeting(cast.lebak, partner, present=(make.affiliation(partner), cast.lilis))
        colleague, contact = make.user(cast.lebak), make.affiliation(cast.kemasindo)
        cast_of = {"affiliation_id": contact.id}, {"user_id": colleague.id}
        db.session.add_all(Attendance(meeting_id=meeting.id, **who) for who in cast_of)
        make.follow_up(cast.lebak, colleague, meeting=meeting)
    assert asked() == few
    assert {page: count for page, count in few.items() if count > COSTS[page]} == {}


# ---------------------------------------------------------------------------- sending the minutes


def test_after_recording_the_minutes_go_to_those_present_in_one_press(session, cast, hers):
    session.get_one(Contact, cast.hendrik.contact_id).email = "hendrik@mitra.example"
    session.commit()
    kept = hers.get(record(hers, cast).location)
    address = f"/meetings/{the_meeting(session).id}/minutes/send"
    assert f'href="{address}"' in kept.text
    page = words(hers.get(address))
    assert "Akan menerima 2" in page
    assert "hendrik@mitra.example" in page
    answer = hers.press(address)
    assert (answer.status_code, answer.location) == (303, f"/meetings/{the_meeting(session).id}")
    assert "Notula dikirim kepada 2 orang." in words(hers.get(answer.location))
    mail = session.scalars(select(OutboxMessage).where(OutboxMessage.recipient_contact_id.is_not(None))).one()
    (paper,) = email.message_from_bytes(mail.content, policy=default).iter_attachments()
    assert paper.get_filename().startswith("Notula 2026-11-24 Rapat dengan CV Kemasindo")
    assert "Hendrik Sasmita" in PdfReader(BytesIO(paper.get_content())).pages[0].extract_text()
    again = words(hers.get(address))
    assert "Semua yang dapat disurati sudah menerima notula ini." in again
    assert "dikirim Sel., 24 Nov." in again
    assert "Kirim kepada" not in again


def test_the_page_tells_to_how_many_the_minutes_were_sent_and_when_last(session, cast, hers, clock):
    session.get_one(Contact, cast.hendrik.contact_id).email = "hendrik@mitra.example"
    session.commit()
    page = hers.get(record(hers, cast).location)
    address = f"/meetings/{the_meeting(session).id}"
    assert "Notula dikirim" not in words(page)
    hers.press(f"{address}/minutes/send")
    hers.get(address)
    assert "Notula dikirim kepada 2 orang pada 24 November 2026." in words(hers.get(address))
    clock.set("2026-11-26T09:00+07:00")
    assert hers.fill(f"{address}/edit", notes="Label halal dibahas.").status_code == 303
    hers.press(f"{address}/minutes/send")
    hers.get(address)
    assert "Notula dikirim kepada 2 orang pada 26 November 2026." in words(hers.get(address))


def test_minutes_are_sent_by_the_coordinators_of_the_meeting_alone(cast, hers, browser_of):
    address = "/meetings/{}/minutes/send".format
    own, foreign = make.meeting(cast.lebak), make.meeting(cast.pandeglang)
    planned = make.meeting(cast.lebak, status=MeetingStatus.PLANNED)
    assert hers.get(address(own.id)).status_code == 200
    assert hers.get(address(foreign.id)).status_code == 404
    assert hers.press(address(foreign.id)).status_code == 404
    assert hers.get(address(planned.id)).status_code == 409
    for user in (cast.aminah, cast.rudi):
        assert browser_of(user).get(address(own.id)).status_code == 404
        assert "Kirim notula" not in words(browser_of(user).get(f"/meetings/{own.id}"))


def test_who_cannot_be_mailed_is_shown_with_the_reason(cast, hers):
    silent = make.affiliation(cast.kemasindo, make.contact(name="Wulan", email=None))
    meeting = make.meeting(cast.lebak, present=(silent,))
    page = words(hers.get(f"/meetings/{meeting.id}/minutes/send"))
    assert "Tidak dapat dikirimi 1" in page
    assert "belum punya alamat surel" in page
    assert "Tidak ada yang hadir yang dapat disurati." in page
