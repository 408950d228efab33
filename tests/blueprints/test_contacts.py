"""The pages of contacts: what they show, what they refuse, and what they keep of what was typed."""

from io import BytesIO
from urllib.parse import quote

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from pentahelix.models import Affiliation, Contact
from pentahelix.vocabulary import Basis, ContactFunction, Helix, InvitationRole
from tests import factories as make
from tests.clients import forms_of, words

MESSAGE_2 = "Ada lebih dari satu nomor di sini"


@pytest.fixture
def lilis(browser_of, cast):
    return browser_of(cast.lilis)


def contact_named(session, name):
    return session.scalars(select(Contact).where(Contact.name == name)).one()


def count(session):
    return session.scalar(select(func.count()).select_from(Contact))


def new_url(cast):
    return f"/contacts/new?partner={cast.kemasindo.id}"


def url_of(affiliation, verb=""):
    return f"/contacts/{affiliation.contact_id}{verb}"


# ── taking down ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_contact_is_taken_down_and_shown(lilis, session, cast):
    answer = lilis.fill(
        new_url(cast),
        name="Wulan Anggraeni, S.T.P.",
        salutation="ibu",
        position="Kepala Produksi",
        function="speaker",
        phone="0812-0000-0012",
        email="wulan@mitra.example",
        basis="consent",
        basis_since="14/11/2026",
    )
    assert answer.status_code == 303
    contact = contact_named(session, "Wulan Anggraeni, S.T.P.")
    assert answer.location == f"/contacts/{contact.id}"
    shown = words(lilis.get(answer.location))
    for told in (
        "tercatat sebagai narahubung CV Kemasindo Lebak",
        "Ibu · Kepala Produksi · CV Kemasindo Lebak",
        "Narasumber",
        "0812-0000-0012",
        "wulan@mitra.example",
        "Persetujuan (14 November 2026)",
    ):
        assert told in shown


def test_c01_a_person_of_one_name_is_saved_listed_and_greeted_by_it(lilis, session, cast):
    """Nothing else in the name field: nowhere an empty "null", a doubled name, a last name."""
    answer = lilis.fill(new_url(cast), name="Sumiyati")
    assert answer.status_code == 303
    for page in (answer.location, "/contacts", f"{answer.location}/edit", f"{answer.location}/archive"):
        shown = words(lilis.get(page))
        assert "Sumiyati" in shown
        assert "Sumiyati Sumiyati" not in shown
        assert "None" not in shown
    assert "Nama belakang" not in words(lilis.get(new_url(cast)))


@pytest.mark.parametrize(
    "name",
    [
        "Dr. H. Ma'mun Nu'man, S.Pd., M.M.",
        "Prof. Ir. Siti Nur'aini, Ph.D., IPU",
        "R.A. Kartika-Dewi",
        "I Gusti Ngurah B. 2nd",
        "Ana Diặ",
        "Budi 2",
    ],
)
def test_c02_a_name_is_accepted_byte_for_byte(lilis, session, cast, name):
    """Dots, apostrophes, commas, digits, combining marks; shown and edited as they were written."""
    answer = lilis.fill(new_url(cast), name=name)
    assert contact_named(session, name)
    assert name in words(lilis.get(answer.location))
    assert forms_of(lilis.get(f"{answer.location}/edit"))[-1].fields["name"] == [name]


def test_a_form_that_is_refused_keeps_what_was_typed_and_tells_at_the_field(lilis, session, cast):
    before = count(session)
    answer = lilis.fill(new_url(cast), name="  ", position="Staf", email="wulan@", basis_since="31/02/2026")
    assert answer.status_code == 422
    assert count(session) == before
    shown = words(answer)
    assert "Tiga isian perlu diperbaiki" in shown
    assert "Alamat surel tidak sah" in shown
    assert "Tanggal tidak sah; tulis hh/bb/tttt." in shown
    assert 'value="Staf"' in answer.text
    assert 'value="wulan@"' in answer.text
    assert "Galat:" in answer.text


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ("(021) 3456789", "+62213456789", "(021) 345-6789"),
        ("0252-200001", "+62252200001", "(0252) 200-001"),
        ("0254 200 001", "+62254200001", "(0254) 200-001"),
    ],
)
def test_c06_a_landline_is_kept_shown_with_its_area_and_has_no_whatsapp(
    lilis, session, cast, typed, kept, shown
):
    """Landlines of small towns are right, whatever a library thinks of them."""
    answer = lilis.fill(new_url(cast), name="Kantor Depan", phone=typed)
    assert contact_named(session, "Kantor Depan").phone == kept
    page = lilis.get(answer.location)
    assert shown in words(page)
    assert "wa.me" not in page.text


def test_c08_too_long_a_number_and_a_wrong_one_are_refused_with_the_text_kept(lilis, session, cast):
    """Fourteen digits are too many, +621 is none; a number of thirteen digits is one."""
    for typed, why in (("0895 0000 000001", "terlalu panjang"), ("+621", "terlalu pendek")):
        answer = lilis.fill(new_url(cast), name="Wulan", phone=typed)
        assert answer.status_code == 422
        assert why in words(answer)
        assert typed in answer.text
    assert lilis.fill(new_url(cast), name="Wulan", phone="0895 0000 00001").status_code == 303


def test_c09_two_numbers_are_asked_apart_nothing_is_empty_and_an_extension_is_a_note(lilis, session, cast):
    """A cell that holds two values, or the words for none."""
    answer = lilis.fill(new_url(cast), name="Wulan", phone="081200000012 / 081200000013 (TU)")
    assert answer.status_code == 422
    assert MESSAGE_2 in words(answer)
    for name, nothing in (("Tanpa Nomor", "tidak ada"), ("Bu Guru Emping", "-")):
        assert lilis.fill(new_url(cast), name=name, phone=nothing).status_code == 303
        assert contact_named(session, name).phone is None
    lilis.fill(new_url(cast), name="Pak Pesawat", phone="081200000014 ext 12")
    kept = contact_named(session, "Pak Pesawat")
    assert (kept.phone, kept.phone_note) == ("+6281200000014", "ext. 12")


@pytest.mark.parametrize(
    "address", ["pic+smk@example.org", "O'Neil@example.org", "HUMAS@Example.org", "a" * 64 + "@example.org"]
)
def test_c34_an_address_is_kept_to_the_letter_and_found(lilis, session, cast, address):
    """What stands before the @ may matter to whoever receives it."""
    answer = lilis.fill(new_url(cast), name="Wulan", email=address)
    assert contact_named(session, "Wulan").email == address
    page = lilis.get(answer.location)
    assert f'href="mailto:{quote(address, safe="@")}"' in page.text
    assert "Wulan" in words(lilis.get("/contacts?q=" + quote(address)))


# ── who may be the same person ──────────────────────────────────────────────────────────────────────────────


def test_a_likeness_is_named_and_can_be_opened_or_passed_over(lilis, session, cast):
    cast.hendrik.contact = session.get(Contact, cast.hendrik.contact_id)
    cast.hendrik.contact.phone = "+6281200000012"
    for typed, why in (
        ({"name": "Hendrik Sasmitta"}, "nama mirip"),
        ({"name": "Bapak Lain", "phone": "0812 0000 0012"}, "nomor telepon sama"),
    ):
        page = lilis.get(new_url(cast))
        answer = lilis.send(page, typed)
        assert answer.status_code == 422
        shown = words(answer)
        assert "Hendrik Sasmita CV Kemasindo Lebak · " + why in shown
        assert f'href="/contacts/{cast.hendrik.contact_id}"' in answer.text
        assert "/move?partner=" not in answer.text, "already there"
        again = lilis.send(answer, {"is_another": "y"})
        assert again.status_code == 303


def test_who_is_known_elsewhere_can_be_moved_instead(lilis, cast):
    new = make.partner(cast.lebak)
    answer = lilis.fill(f"/contacts/new?partner={new.id}", name="Hendrik Sasmita")
    assert f'href="/contacts/{cast.hendrik.contact_id}/move?partner={new.id}"' in answer.text


def test_of_a_likeness_in_a_foreign_cluster_nothing_is_told_but_that_it_is_there(lilis, session, cast):
    siti = session.get(Contact, cast.siti.contact_id)
    siti.email = "siti@badak.example"
    answer = lilis.fill(new_url(cast), name="Siti Rahmawati", email="SITI@badak.example")
    shown = words(answer)
    assert answer.status_code == 422
    assert "Ada narahubung di luar klaster Anda: surel sama." in shown
    assert "Radio Badak" not in answer.text
    assert f"/contacts/{siti.id}" not in answer.text


# ── correcting ──────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_edited_is_the_person_and_their_place(lilis, session, cast):
    answer = lilis.fill(url_of(cast.hendrik, "/edit"), name="Hendrik Sasmita, S.E.", position="Komisaris")
    assert answer.status_code == 303
    assert contact_named(session, "Hendrik Sasmita, S.E.")
    assert cast.hendrik.position == "Komisaris"


def test_of_several_places_the_one_that_the_address_names_is_edited(lilis, session, cast):
    second = make.affiliation(make.partner(cast.lebak), session.get(Contact, cast.hendrik.contact_id))
    lilis.fill(url_of(cast.hendrik, f"/edit?at={second.id}"), position="Penasihat")
    assert (second.position, cast.hendrik.position) == ("Penasihat", "Direktur")
    assert lilis.get(url_of(cast.hendrik, f"/edit?at={cast.siti.id}")).status_code == 404
    assert lilis.get(url_of(cast.hendrik, "/edit?at=x")).status_code == 404
    assert lilis.get(url_of(cast.hendrik, f"/edit?at={'9' * 400}")).status_code == 404


def test_c75_the_second_of_two_editors_sees_both_texts_and_loses_nothing(browser_of, session, cast):
    """Two coordinators edit one contact; what the first one saved stands beside what the second one typed."""
    first, second = browser_of(cast.lilis), browser_of(cast.lilis)
    url = url_of(cast.hendrik, "/edit")
    mine, theirs = first.get(url), second.get(url)
    assert second.send(theirs, {"phone_note": "TU", "position": "Komisaris"}).status_code == 303
    answer = first.send(mine, {"phone_note": "Sekretaris", "position": "Direktur Utama"})
    assert answer.status_code == 409
    shown = words(answer)
    assert "Orang lain mengubah catatan ini. Tulisan Anda tetap ada." in shown
    assert "Tulisan orang lain TU" in shown
    assert "Tulisan orang lain Komisaris" in shown
    assert 'value="Sekretaris"' in answer.text
    assert 'value="Direktur Utama"' in answer.text
    assert first.send(answer).status_code == 303
    assert cast.hendrik.position == "Direktur Utama"


def test_a_withdrawn_consent_is_shown_with_its_day_and_nobody_is_written_to(lilis, session, cast):
    contact = session.get(Contact, cast.hendrik.contact_id)
    contact.phone = "+6281200000012"
    lilis.fill(url_of(cast.hendrik, "/edit"), basis="withdrawn")
    page = lilis.get(url_of(cast.hendrik))
    assert "Persetujuan ditarik 24 November 2026." in words(page)
    assert "wa.me" not in page.text
    assert "tel:" not in page.text
    listed = lilis.get("/contacts?status=withdrawn")
    assert 'class="faded"' in listed.text
    assert "sejak 24 Nov." in words(listed)


def test_whose_data_are_restricted_is_greyed_everywhere_and_reached_nowhere(lilis, session, cast):
    contact = session.get(Contact, cast.hendrik.contact_id)
    contact.phone, contact.email = "+6281200000012", "hendrik@kemasindo.example"
    lilis.press(url_of(cast.hendrik, "/restrict"))
    page = lilis.get(url_of(cast.hendrik))
    assert "datanya dibatasi sejak 24 November 2026" in words(page)
    assert "tel:" not in page.text
    assert "wa.me" not in page.text
    assert "mailto:hendrik" not in page.text
    for address in (
        "/partners",
        f"/partners/{cast.kemasindo.id}",
        "/contacts",
        "/contacts?status=restricted",
    ):
        shown = lilis.get(address).text
        assert "Hendrik Sasmita" in shown, address
        assert "81200000012" not in shown.replace("-", ""), address
        assert "hendrik@kemasindo.example" not in shown, address
    sheet = CalamineWorkbook.from_filelike(BytesIO(lilis.get("/contacts/export.xlsx").data))
    (line,) = [row for row in sheet.get_sheet_by_index(0).to_python() if "Hendrik Sasmita" in row]
    assert not {"0812-0000-0012", "hendrik@kemasindo.example"} & set(line)


def test_a_person_s_copy_tells_what_is_kept_of_them_and_of_nobody_else(lilis, session, cast):
    contact = session.get(Contact, cast.hendrik.contact_id)
    contact.phone, contact.email = "+6281200000012", "hendrik@kemasindo.example"
    other = make.affiliation(cast.kemasindo, make.contact(name="Ratna Dewi"))
    make.meeting(cast.lebak, title="Membahas label", present=(cast.hendrik, other))
    for number in range(25):
        make.contact_log(
            cast.lebak, cast.kemasindo, cast.lilis, contact_id=contact.id, line=f"Telepon ke-{number}"
        )
    answer = lilis.get(url_of(cast.hendrik, "/data.xlsx"))
    told = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    cells = " | ".join(str(cell) for row in told for cell in row)
    for kept in ("0812-0000-0012", "hendrik@kemasindo.example", "CV Kemasindo Lebak", "Membahas label"):
        assert kept in cells
    assert all(f"Telepon ke-{number}" in cells for number in range(25))
    assert "Ratna Dewi" not in cells
    assert cast.lilis.name not in cells


def test_a_restriction_is_lifted_when_the_person_no_longer_asks_for_it(lilis, session, cast):
    contact = session.get(Contact, cast.hendrik.contact_id)
    lilis.press(url_of(cast.hendrik, "/restrict"))
    assert contact.restricted_at is not None
    lilis.press(url_of(cast.hendrik, "/lift"))
    session.expire_all()
    assert contact.restricted_at is None
    assert "dibatasi sejak" not in words(lilis.get(url_of(cast.hendrik)))


# ── moving, ending ──────────────────────────────────────────────────────────────────────────────────────────


def test_who_moves_is_looked_for_and_moved_in_one_form(lilis, session, cast):
    new = make.partner(cast.lebak, name="Pasar Menes")
    answer = lilis.fill(
        url_of(cast.hendrik, "/move?q=menes"),
        partner_id=str(new.id),
        position="Kepala toko",
        day="2026-11-20",
    )
    assert answer.status_code == 303
    shown = words(lilis.get(answer.location))
    assert "Hendrik Sasmita kini bertugas di Pasar Menes." in shown
    assert "CV Kemasindo Lebak sekarang tanpa narahubung utama." in shown
    assert "Direktur · 24 November 2025 – 19 November 2026" in shown


def test_a_move_that_is_refused_keeps_the_chosen_partner(lilis, session, cast):
    new = make.partner(cast.lebak, name="Pasar Menes")
    answer = lilis.fill(
        url_of(cast.hendrik, f"/move?partner={new.id}"), position="Kepala toko", day="2026-11-25"
    )
    assert answer.status_code == 422
    assert "Paling lambat hari ini (24 November 2026)." in words(answer)
    assert forms_of(answer)[-1].fields["partner_id"] == [str(new.id)]
    assert forms_of(answer)[-1].fields["position"] == ["Kepala toko"]


def test_a_partner_out_of_sight_is_neither_offered_nor_taken(lilis, session, cast):
    assert "Radio Badak" not in lilis.get(url_of(cast.hendrik, "/move?q=radio")).text
    assert "Radio Badak" not in lilis.get(url_of(cast.hendrik, f"/move?partner={cast.badak.id}")).text
    answer = lilis.press(url_of(cast.hendrik, "/move"), partner_id=str(cast.badak.id), day="2026-11-24")
    assert answer.status_code == 422
    assert cast.hendrik.ends is None


def test_two_who_move_the_same_person_do_not_both_do_so(browser_of, session, cast):
    first, second = browser_of(cast.lilis), browser_of(cast.lilis)
    url = url_of(cast.hendrik, f"/move?partner={make.partner(cast.lebak).id}")
    mine, theirs = first.get(url), second.get(url)
    assert second.send(theirs).status_code == 303
    answer = first.send(mine)
    assert answer.status_code in (409, 422)
    assert session.scalar(select(func.count()).select_from(Affiliation)) == 3


def test_a_place_is_ended_with_its_last_day(lilis, session, cast):
    answer = lilis.fill(url_of(cast.hendrik, f"/affiliations/{cast.hendrik.id}/end"), day="2026-10-31")
    assert answer.status_code == 303
    assert cast.hendrik.ends.isoformat() == "2026-10-31"
    assert "Tidak lagi bertugas di mitra mana pun" in words(lilis.get(answer.location))
    assert lilis.get(url_of(cast.hendrik, f"/affiliations/{cast.siti.id}/end")).status_code == 404


def test_another_one_becomes_primary_by_one_press(lilis, session, cast):
    other = make.affiliation(cast.kemasindo, make.contact(name="Wulan"))
    assert lilis.press(url_of(other, f"/affiliations/{other.id}/primary")).status_code == 303
    assert (other.is_primary, cast.hendrik.is_primary) == (True, False)


# ── putting away ────────────────────────────────────────────────────────────────────────────────────────────


def test_archiving_says_first_what_becomes_of_open_invitations(lilis, session, cast):
    make.invitation(
        make.guidance(cast.lebak, topic="Desain kemasan"), cast.hendrik, role=InvitationRole.SPEAKER
    )
    shown = words(lilis.get(url_of(cast.hendrik, "/archive")))
    assert "1 undangan belum berlangsung." in shown
    assert "Desain kemasan, Kam., 26 Nov." in shown


def test_an_archived_contact_is_read_only_left_out_and_restored(lilis, session, cast):
    answer = lilis.press(url_of(cast.hendrik, "/archive"))
    assert answer.status_code == 303
    page = lilis.get(answer.location)
    assert page.status_code == 200
    assert "Hendrik Sasmita diarsipkan." in words(page)
    assert "Isinya dapat dibaca, tidak dapat diubah." in words(page)
    for verb in ("/edit", "/move", "/archive", f"/affiliations/{cast.hendrik.id}/primary"):
        assert lilis.press(url_of(cast.hendrik, verb)).status_code == 409
    assert "Hendrik" not in words(lilis.get("/contacts"))
    assert "Hendrik" in words(lilis.get("/contacts?status=archived"))
    assert lilis.press(url_of(cast.hendrik, "/restore")).status_code == 303
    assert "Hendrik" in words(lilis.get("/contacts"))


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_foreign_contact_and_a_missing_one_look_the_same(lilis, cast):
    for verb in ("", "/edit", "/move", "/archive"):
        foreign, missing = lilis.get(url_of(cast.siti, verb)), lilis.get(f"/contacts/999999{verb}")
        assert foreign.status_code == missing.status_code == 404
        assert words(foreign) == words(missing)
    assert lilis.get(f"/contacts/new?partner={cast.badak.id}").status_code == 404


def test_the_kabid_reads_and_does_not_change(browser_of, cast):
    aminah = browser_of(cast.aminah)
    page = aminah.get(url_of(cast.siti))
    assert page.status_code == 200
    for button in ("/edit", "/move", "/archive", "/log"):
        assert f'{button}"' not in page.text
    for verb in ("/edit", "/move", "/archive", "/restore", "/restrict", "/lift"):
        assert aminah.press(url_of(cast.siti, verb)).status_code == 404
    assert "Tambah narahubung" not in words(aminah.get("/contacts"))


def test_the_admin_edits_everywhere(browser_of, session, cast):
    rudi = browser_of(cast.rudi)
    assert rudi.fill(url_of(cast.siti, "/edit"), position="Pemimpin redaksi").status_code == 303
    assert cast.siti.position == "Pemimpin redaksi"
    assert 'action="/partners/' not in rudi.get(url_of(cast.siti)).text, "the log is the coordinators'"


def test_a_visitor_signs_in_first(client, cast):
    assert client.get("/contacts").status_code == 303
    assert client.press(url_of(cast.hendrik, "/archive")).status_code == 401


def test_the_page_leads_to_the_trail_of_what_was_changed(lilis, cast):
    lilis.fill(url_of(cast.hendrik, "/edit"), position="Komisaris")
    page = lilis.get(url_of(cast.hendrik))
    assert f'href="/trail/contact/{cast.hendrik.contact_id}"' in page.text
    assert "Komisaris" in words(lilis.get(f"/trail/contact/{cast.hendrik.contact_id}"))


# ── the list and its spreadsheet ────────────────────────────────────────────────────────────────────────────


def test_the_list_shows_where_people_work_and_narrows_down(lilis, session, cast):
    campus = make.partner(cast.lebak, name="Politeknik Ciujung", helix=Helix.UNIVERSITY)
    make.affiliation(campus, make.contact(name="Yusuf"), function=ContactFunction.RESEARCHER)
    shown = words(lilis.get("/contacts"))
    assert "2 orang" in shown
    assert "Siti Rahmawati" not in shown
    for query, names in (
        ("helix=university", ["Yusuf"]),
        (f"partner={cast.kemasindo.id}", ["Hendrik"]),
        (f"cluster={cast.lebak.id}", ["Yusuf", "Hendrik"]),
        (f"cluster={cast.pandeglang.id}", []),
        ("function=researcher", ["Yusuf"]),
        ("q=ciujung", ["Yusuf"]),
        ("q=hend", ["Hendrik"]),
        ("status=archived", []),
        ("sort=-partner", ["Yusuf", "Hendrik"]),
    ):
        page = words(lilis.get(f"/contacts?{query}"))
        for name in ("Yusuf", "Hendrik"):
            assert (name in page) == (name in names), query


@pytest.mark.parametrize(
    "query", ["sort=x'", "page=-1", "page=x", "helix=none", "partner=%00", "cluster=99999999999999", "q=%25"]
)
def test_a_broken_address_shows_the_list_or_nothing(lilis, cast, query):
    assert lilis.get(f"/contacts?{query}").status_code == 200


def test_an_empty_list_says_what_belongs_there(browser_of, session, cast):
    alone = browser_of(make.user(make.cluster()))
    shown = words(alone.get("/contacts"))
    assert "Belum ada narahubung yang tercatat" in shown


def test_the_spreadsheet_has_what_the_list_has_as_text(lilis, session, cast):
    contact = session.get(Contact, cast.hendrik.contact_id)
    contact.phone, contact.name = "+6281200000012", '=1+1 "Hendrik"'
    answer = lilis.get(f"/contacts/export.xlsx?partner={cast.kemasindo.id}")
    assert answer.headers["Content-Disposition"] == "attachment; filename=narahubung-2026-11-24.xlsx"
    assert answer.headers["Cache-Control"] == "no-store"
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert len(rows) == 2
    line = dict(zip(rows[0], rows[1], strict=True))
    assert line["Nama"] == '=1+1 "Hendrik"'
    assert line["Telepon"] == "0812-0000-0012"
    assert line["Mitra"] == "CV Kemasindo Lebak"
    assert line["Dasar penyimpanan data"] == "Tugas publik"


def test_a_partner_is_looked_for_before_somebody_is_added(lilis, cast):
    page = lilis.get("/contacts/new?q=kema")
    assert f'href="{new_url(cast)}"' in page.text
    assert "Radio Badak" not in lilis.get("/contacts/new?q=radio").text


def test_basis_words_are_all_offered(lilis, cast):
    assert all(str(basis.label) in words(lilis.get(new_url(cast))) for basis in Basis)


# ── the cost ────────────────────────────────────────────────────────────────────────────────────────────────


def test_c103_the_number_of_statements_does_not_grow(lilis, session, cast, statements):
    """One contact or thirty, a short history or a long one: as many statements, and few."""
    address = f"/contacts/{cast.hendrik.contact_id}"

    def costs():
        found = {}
        for path in ("/contacts", "/contacts?sort=partner", address, f"{address}/move"):
            lilis.get(path)
            with statements() as ran:
                lilis.get(path)
            found[path] = len(ran)
        return found

    few = costs()
    for number in range(30):
        seat = make.affiliation(make.partner(cast.lebak), make.contact(name=f"Orang {number}"))
        make.affiliation(cast.kemasindo, session.get(Contact, seat.contact_id))
        make.meeting(cast.lebak, present=(cast.hendrik,))
        make.invitation(make.guidance(cast.lebak), cast.hendrik)
    for path, many in costs().items():
        # Who was there is asked once there is something to have been at.
        assert many - few[path] in (0, 1), path
        assert many <= 9, path
