"""The pages of partners: who sees what, what is kept, what is refused and where."""

import re
from datetime import date
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from pentahelix import clock
from pentahelix.models import AgreementStep, ClusterPartner, Contact, Partner, PartnerTag, Tag
from pentahelix.vocabulary import (
    AgreementStatus,
    Basis,
    InvolvementRole,
    LastContactKind,
    MeetingStatus,
    ObligationStatus,
)
from tests import factories as make
from tests.clients import forms_of, words


def _partner(session, name):
    return session.scalars(select(Partner).where(Partner.name == name)).one()


def _new(client, **fields):
    return client.fill("/partners/new", {"name": "Sanggar Batik Cisadane", "helix": "community"} | fields)


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_shows_who_it_is_when_one_last_spoke_and_what_comes_next(cast, browser_of, session):
    involvement = session.scalars(
        select(ClusterPartner).where(ClusterPartner.partner_id == cast.kemasindo.id)
    ).one()
    involvement.last_contact_on = date(2026, 8, 19)
    involvement.last_contact_kind = LastContactKind.MEETING
    make.follow_up(
        cast.lebak, cast.lilis, partner=cast.kemasindo, title="Kirim contoh", due_on=date(2026, 11, 22)
    )
    make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=date(2026, 12, 6))
    page = words(browser_of(cast.lilis).get("/partners"))
    for shown in (
        "1 mitra pada klaster Kuliner Lebak · 1 perlu perhatian",
        "CV Kemasindo Lebak",
        "Hendrik Sasmita Direktur",
        "97 hari Rapat 19 Agu.",
        "Kirim contoh Terlambat 2 hari",
        "PKS 12 hari lagi",
    ):
        assert shown in page
    assert "Badak" not in page


def test_the_kabid_sees_all_clusters_and_no_button_to_change(cast, browser_of):
    kabid = browser_of(cast.aminah)
    listed = words(kabid.get("/partners"))
    assert "2 mitra pada 2 klaster" in listed
    assert "Tambah mitra" not in listed
    page = words(kabid.get(f"/partners/{cast.kemasindo.id}"))
    for act in ("Ubah", "Arsipkan", "Akhiri keterlibatan", "Catat rapat"):
        assert act not in page


def test_nothing_yet_says_what_belongs_here_and_how_to_begin(cast, browser_of, session):
    alone = make.user(make.cluster())
    page = browser_of(alone).get("/partners")
    assert "Belum ada mitra yang tercatat" in words(page)
    assert "/partners/new" in page.text


@pytest.mark.parametrize(
    "query",
    ["sort=zzz", "page=-1", "page=x", "helix=abc", "status=1'--", "cluster=x", "regency=%00", "tag=%27"],
)
def test_c71_a_filter_that_makes_no_sense_narrows_nothing_and_breaks_nothing(cast, browser_of, query):
    page = browser_of(cast.lilis).get(f"/partners?{query}")
    assert page.status_code == 200
    assert "Traceback" not in page.text
    assert "SELECT" not in page.text


def test_c71_a_page_far_behind_the_end_is_the_last_one(cast, browser_of):
    make_many(cast, 30)
    page = words(browser_of(cast.lilis).get("/partners?page=999999"))
    assert "26–31 dari 31 mitra" in page


def make_many(cast, number):
    for index in range(number):
        make.partner(cast.lebak, name=f"Mitra Uji {index:03}")


def test_a_filter_stays_in_the_links_of_the_others(cast, browser_of):
    page = browser_of(cast.lilis).get("/partners?q=kemasindo&sort=name").text
    assert re.search(r'href="/partners\?q=kemasindo&amp;sort=name&amp;helix=media"', page)


def test_a_coordinator_of_several_clusters_sees_the_chosen_one_and_may_ask_for_all(cast, browser_of, session):
    make.membership(cast.lilis, cast.pandeglang)
    cast.lilis.chosen_cluster_id = cast.pandeglang.id
    client = browser_of(cast.lilis)
    chosen = words(client.get("/partners"))
    assert "Radio Badak" in chosen
    assert "Kemasindo" not in chosen
    every = words(client.get("/partners?cluster=all"))
    assert "Radio Badak" in every
    assert "Kemasindo" in every


def test_of_many_people_the_first_eight_are_in_sight(cast, browser_of):
    for number in range(10):
        make.affiliation(cast.kemasindo, make.contact(name=f"Orang {number}"))
    page = browser_of(cast.lilis).get(f"/partners/{cast.kemasindo.id}")
    shown, _, folded = page.text.partition("3 orang lagi")
    assert "Orang 6" in shown
    assert "Orang 7" not in shown.rpartition("Narahubung")[2]
    assert "Orang 9" in folded


@pytest.mark.parametrize("query", ["", "q=x", "helix=media&status=attention&sort=step&tag=x"])
def test_c103_the_list_takes_the_same_few_statements_whether_one_row_or_many(
    cast, browser_of, statements, query
):
    client = browser_of(cast.lilis)
    with statements() as few:
        client.get(f"/partners?{query}")
    make_many(cast, 30)
    for partner in cast_partners(cast):
        make.follow_up(cast.lebak, cast.lilis, partner=partner)
        make.affiliation(partner, is_primary=partner.id != cast.kemasindo.id)
        make.agreement(cast.lebak, partners=(partner,))
        make.tag(partner)
    with statements() as many:
        client.get(f"/partners?{query}")
    assert len(few) == len(many) <= 6


def cast_partners(cast):
    from pentahelix.extensions import db

    return db.session.scalars(
        select(Partner).join(ClusterPartner).where(ClusterPartner.cluster_id == cast.lebak.id)
    ).all()


# ── one of them ─────────────────────────────────────────────────────────────────────────────────────────────


def test_its_page_names_the_next_step_with_its_button_and_the_last_contact(cast, browser_of, session):
    step = make.follow_up(
        cast.lebak, cast.lilis, partner=cast.kemasindo, title="Kirim contoh", due_on=date(2026, 11, 26)
    )
    client = browser_of(cast.lilis)
    page = client.get(f"/partners/{cast.kemasindo.id}")
    assert "Kirim contoh Kamis, 26 November 2026 · Anda Selesai : Kirim contoh" in words(page)
    assert "Kontak terakhir belum pernah" in words(page)
    done = client.send(page, form=f"/follow-ups/{step.id}/done")
    assert (done.status_code, done.location) == (303, f"/partners/{cast.kemasindo.id}")


def test_c103_its_page_takes_few_statements_whatever_hangs_on_it(cast, browser_of, session, statements):
    client = browser_of(cast.lilis)
    address = f"/partners/{cast.kemasindo.id}"
    with statements() as plain:
        client.get(address)
    for _number in range(12):
        make.affiliation(cast.kemasindo)
        make.tag(cast.kemasindo)
        make.follow_up(cast.lebak, cast.lilis, partner=cast.kemasindo)
        make.meeting(cast.lebak, present=(cast.hendrik,), status=MeetingStatus.HELD)
        make.contact_log(cast.lebak, cast.kemasindo, cast.lilis)
    with statements() as busy:
        client.get(address)
    make.obligation(make.agreement(cast.lebak, partners=(cast.kemasindo,)))
    make.contribution(cast.lebak, cast.kemasindo, stage="delivered", value=1_000)
    with statements() as full:
        client.get(address)
    assert len(plain) <= 7
    assert len(busy) <= 8
    assert len(full) <= 9


def test_numbers_are_dialled_written_to_and_opened_without_telling_where_from(cast, browser_of, session):
    cast.kemasindo.phone, cast.kemasindo.website = "+6281200000012", "https://kemasindo.example"
    page = browser_of(cast.lilis).get(f"/partners/{cast.kemasindo.id}").text
    assert 'href="tel:+6281200000012"' in page
    for link in re.findall(r'<a[^>]+href="https?://[^>]+>', page):
        assert "noreferrer" in link
    assert "https://wa.me/6281200000012" in page


@pytest.mark.parametrize(("phone", "is_fictitious"), [("+62252200001", False), ("+6281200000012", True)])
def test_c06_no_whatsapp_for_landlines_and_for_who_is_invented(
    cast, browser_of, session, phone, is_fictitious
):
    cast.kemasindo.phone, cast.kemasindo.is_fictitious = phone, is_fictitious
    session.get_one(Contact, cast.hendrik.contact_id).phone = phone
    client = browser_of(cast.lilis)
    for address in ("/partners", f"/partners/{cast.kemasindo.id}"):
        assert "wa.me" not in client.get(address).text


def test_a_person_whose_consent_is_withdrawn_is_shown_greyed_and_not_written_to(cast, browser_of, session):
    person = session.get_one(Contact, cast.hendrik.contact_id)
    person.basis, person.basis_since, person.phone = Basis.WITHDRAWN, date(2026, 10, 1), "+6281200000012"
    page = browser_of(cast.lilis).get(f"/partners/{cast.kemasindo.id}")
    assert "persetujuan ditarik 1 Okt." in words(page)
    assert "+6281200000012" not in page.text


def test_agreements_and_contributions_stand_beside_it_and_the_forms_are_not_added_up(
    cast, browser_of, session
):
    make.obligation(make.agreement(cast.lebak, partners=(cast.kemasindo,), title="PKS kemasan"))
    for form, value in (("in_kind", 4_500_000), ("sale", 1_250_000)):
        make.contribution(cast.lebak, cast.kemasindo, stage="delivered", form=form, value=value)
    make.contribution(
        cast.lebak, cast.kemasindo, stage="delivered", value=9_000_000, delivered_on=date(2025, 12, 31)
    )
    page = words(browser_of(cast.lilis).get(f"/partners/{cast.kemasindo.id}"))
    assert "Kerja sama Tambah PKS kemasan Berlaku" in page
    assert "0 dari 1" in page
    assert "Kontribusi 2026 Rincian" in page
    assert "Rp4,5 jt nilai setara Rp1,3 jt penjualan" in page


def test_its_cards_lead_to_agreements_and_contributions_of_the_chosen_cluster(cast, browser_of, session):
    make.membership(cast.lilis, cast.pandeglang)
    make.involvement(cast.pandeglang, cast.kemasindo)
    cast.lilis.chosen_cluster_id = cast.pandeglang.id
    pks = make.agreement(cast.lebak, partners=(cast.kemasindo,))
    lilis, address = browser_of(cast.lilis), f"/partners/{cast.kemasindo.id}"
    query = f"partner={cast.kemasindo.id}&amp;cluster={cast.pandeglang.id}"
    page = lilis.get(address)
    for wanted in (f"/agreements/new?{query}", f"/contributions/new?{query}", f"/agreements/{pks.id}"):
        assert f'href="{wanted}"' in page.text
    make.contribution(cast.lebak, cast.kemasindo)
    assert f'href="/contributions?partner={cast.kemasindo.id}"' in lilis.get(address).text
    kabid = browser_of(cast.aminah).get(address).text
    assert "/agreements/new" not in kabid
    assert "/contributions/new" not in kabid


def test_its_history_leads_to_agreements_and_contributions_and_names_the_form_of_a_value(
    cast, browser_of, session
):
    pks = make.agreement(cast.lebak, partners=(cast.kemasindo,), title="PKS kemasan")
    session.add(
        AgreementStep(
            agreement_id=pks.id,
            user_id=cast.aminah.id,
            to_status=AgreementStatus.AWAITING_SIGNATURE,
            taken_at=clock.now(),
            comment="Silakan",
        )
    )
    given = [
        make.contribution(cast.lebak, cast.kemasindo, form=form, stage="delivered", value=1_000_000)
        for form in ("in_kind", "cash", "sale")
    ]
    page = browser_of(cast.lilis).get(f"/partners/{cast.kemasindo.id}?kind=agreement&kind=contribution")
    assert "Menunggu tanda tangan Silakan · Oleh Aminah Fatmawati" in words(page)
    assert page.text.count(f'href="/agreements/{pks.id}"') == 2
    for row, said in zip(given, ("Nilai setara", "Tunai", "Penjualan"), strict=True):
        assert f'href="/contributions/{row.id}"' in page.text
        assert f"{said} Rp1.000.000" in words(page)


def test_the_next_obligation_is_named_and_a_late_one_in_red(cast, browser_of, session):
    pks = make.agreement(cast.lebak, partners=(cast.kemasindo,))
    fulfilled = {"status": ObligationStatus.FULFILLED, "fulfilled_on": date(2026, 11, 1)}
    make.obligation(pks, title="Desain", due_on=date(2026, 10, 1), **fulfilled)
    soon = make.obligation(pks, title="Pelatihan higienitas", due_on=date(2026, 12, 15))
    make.obligation(pks, title="Mesin", due_on=date(2027, 1, 15))
    make.obligation(pks, title="Disimpan", due_on=date(2026, 11, 30), archived_at=clock.now())
    client, address = browser_of(cast.lilis), f"/partners/{cast.kemasindo.id}"
    assert "1 dari 3 Berikutnya: Pelatihan higienitas, 15 Des." in words(client.get(address))
    soon.due_on = date(2026, 11, 20)
    assert "Berikutnya: Pelatihan higienitas, terlambat 4 hari" in words(client.get(address))


def test_several_agreements_beside_several_contributions_are_each_told_once(cast, browser_of, session):
    for number in range(3):
        make.obligation(make.agreement(cast.lebak, partners=(cast.kemasindo,), title=f"PKS {number}"))
        make.contribution(cast.lebak, cast.kemasindo, kind="promotion", stage="delivered", value=1_000_000)
    make.agreement(cast.lebak, partners=(cast.kemasindo,), title="Tersimpan", archived_at=clock.now())
    make.contribution(cast.lebak, cast.kemasindo, kind="equipment", form="cash", stage="agreed")
    page = words(browser_of(cast.lilis).get(f"/partners/{cast.kemasindo.id}"))
    assert [page.count(f"PKS {number} Berlaku") for number in range(3)] == [1, 1, 1]
    assert "Tersimpan" not in page
    assert "Rp3 jt nilai setara" in page
    assert "Promosi 3 diserahkan Sarana prasarana 1 disepakati" in page


def test_the_page_of_an_archived_partner_is_read_and_not_changed(cast, browser_of, session):
    cast.kemasindo.archived_at = clock.now()
    client = browser_of(cast.lilis)
    page = client.get(f"/partners/{cast.kemasindo.id}")
    assert page.status_code == 200
    assert "diarsipkan 24 November 2026. Isinya dapat dibaca" in words(page)
    for act in ("Ubah", "Akhiri keterlibatan", "Catat kontak", "Selesai"):
        assert act not in words(page)
    for address in ("edit", "archive", "end", "involve"):
        assert client.get(f"/partners/{cast.kemasindo.id}/{address}").status_code == 409
    restored = client.send(page, form="/restore")
    assert restored.status_code == 303
    assert not cast.kemasindo.is_archived


@pytest.mark.parametrize("address", ["", "/edit", "/archive", "/end", "/involve", "/involvements/1"])
def test_foreign_and_missing_look_the_same(cast, browser_of, address):
    client = browser_of(cast.lilis)
    foreign = client.get(f"/partners/{cast.badak.id}{address}")
    missing = client.get(f"/partners/999{address}")
    assert foreign.status_code == missing.status_code == 404
    assert words(foreign) == words(missing)


@pytest.mark.parametrize("address", ["new", "{id}/edit", "{id}/archive", "{id}/end", "{id}/involve", "alike"])
def test_the_kabid_reads_and_does_not_change(cast, browser_of, address):
    client = browser_of(cast.aminah)
    assert client.get(f"/partners/{cast.kemasindo.id}").status_code == 200
    assert client.get("/partners/" + address.format(id=cast.kemasindo.id)).status_code == 404


# ── registering ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_partner_leads_to_its_page_which_says_what_is_next(cast, browser_of, session):
    client = browser_of(cast.lilis)
    answer = _new(
        client, phone="0252-200001 ext 12", tag_names="Batik, kriya,  batik", website="batik.example"
    )
    made = _partner(session, "Sanggar Batik Cisadane")
    assert (answer.status_code, answer.location) == (303, f"/partners/{made.id}")
    assert "tercatat. Tambah narahubung" in words(client.get(answer.location))
    assert (made.phone, made.phone_note, made.website) == ("+62252200001", "ext. 12", "https://batik.example")
    tags = session.scalars(select(Tag.name).join(PartnerTag).where(PartnerTag.partner_id == made.id))
    assert set(tags) == {"batik", "kriya"}
    row = session.scalars(select(ClusterPartner).where(ClusterPartner.partner_id == made.id)).one()
    assert (row.cluster_id, row.role, row.since) == (
        cast.lebak.id,
        InvolvementRole.PARTNER,
        date(2026, 11, 24),
    )


def test_what_is_missing_is_said_at_its_field(cast, browser_of):
    refused = _new(browser_of(cast.lilis), name="", helix=None)
    assert refused.status_code == 422
    assert words(refused).count("Wajib diisi.") == 2
    assert "<title>Galat: Tambah mitra" in refused.text


@pytest.mark.parametrize(
    "name",
    [
        "CV 3 Saudara Jaya",
        "Dr. H. Ma'mun Nu'man, S.Pd., M.M.",
        "Prof. Ir. Siti Nur'aini, Ph.D., IPU",
        "R.A. Kartika-Dewi",
        "I Gusti Ngurah B. 2nd",
        "Ana Diặ",
        "Sumiyati",
    ],
)
def test_c02_c03_a_name_is_kept_as_typed(cast, browser_of, session, name):
    client = browser_of(cast.lilis)
    answer = _new(client, name=name)
    made = _partner(session, name)
    edit = client.get(f"{answer.location}/edit")
    assert (
        next(form.fields["name"] for form in forms_of(edit) if "name" in form.names) == [made.name] == [name]
    )
    assert name in words(client.get("/partners?sort=name"))


def test_c05_a_long_name_is_taken_whole_and_one_too_long_is_refused_with_its_limit(cast, browser_of, session):
    name = "Lembaga Penelitian dan Pengabdian kepada Masyarakat Politeknik Ciujung Rangkasbitung Kab. Lebak"
    client = browser_of(cast.lilis)
    assert _new(client, name=name).status_code == 303
    assert name in words(client.get("/partners"))
    refused = _new(client, name="x" * 201)
    assert refused.status_code == 422
    assert "paling banyak 200 karakter, yang Anda tulis 201" in words(refused)
    assert "x" * 201 in refused.text


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ("(021) 3456789", "+62213456789", "(021) 345-6789"),
        ("0252-200001", "+62252200001", "(0252) 200-001"),
        ("0254 200 001", "+62254200001", "(0254) 200-001"),
        ("tidak ada", None, None),
        ("-", None, None),
        ("0895000000001", "+62895000000001", "0895-0000-00001"),
    ],
)
def test_c06_c08_c09_a_number_is_kept_as_one_and_shown_as_people_write_it(
    cast, browser_of, session, typed, kept, shown
):
    client = browser_of(cast.lilis)
    answer = _new(client, phone=typed)
    assert _partner(session, "Sanggar Batik Cisadane").phone == kept
    page = client.get(answer.location)
    assert "wa.me" not in page.text or kept.startswith("+628")
    if shown:
        assert shown in words(page)


@pytest.mark.parametrize(
    "typed", ["0895 0000 000001", "+621", "081200000012 / 081200000013 (TU)", "hubungi 08120000"]
)
def test_c08_c09_what_is_not_one_number_is_refused_at_the_field_and_kept(cast, browser_of, session, typed):
    refused = _new(browser_of(cast.lilis), phone=typed)
    assert refused.status_code == 422
    assert 'id="phone-error"' in refused.text
    assert typed in refused.text
    assert session.scalars(select(Partner).where(Partner.name == "Sanggar Batik Cisadane")).all() == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("01.234.567.8-901.000", "0012345678901000"), ("0012345678901000", "0012345678901000"), ("-", None)],
)
def test_c10_an_npwp_keeps_its_leading_nought(cast, browser_of, session, typed, kept):
    client = browser_of(cast.lilis)
    answer = _new(client, npwp=typed)
    made = _partner(session, "Sanggar Batik Cisadane")
    assert made.npwp == kept
    assert client.fill(f"{answer.location}/edit").status_code == 303
    assert made.npwp == kept


@pytest.mark.parametrize(
    ("typed", "why"),
    [("3602140101800001", "NIK"), ("01234567890123", "15 atau 16 angka"), ("bukan angka", "angka saja")],
)
def test_c10_a_persons_number_and_a_wrong_one_are_refused_with_the_reason(cast, browser_of, typed, why):
    refused = _new(browser_of(cast.lilis), npwp=typed)
    assert refused.status_code == 422
    assert why in words(refused)


def test_what_may_be_there_already_is_named_and_everything_typed_is_kept(cast, browser_of, session):
    client = browser_of(cast.lilis)
    refused = _new(client, name="PT Kemasindo Lebak", helix="industry", description="Cetak kemasan")
    assert refused.status_code == 422
    assert "Mungkin sudah ada DUDI CV Kemasindo Lebak DUDI · Kabupaten Lebak · nama mirip" in words(refused)
    assert "Cetak kemasan" in refused.text
    assert f'href="/partners/{cast.kemasindo.id}"' in refused.text
    kept = client.send(refused, {"as_new": "y"})
    assert kept.status_code == 303
    assert _partner(session, "PT Kemasindo Lebak").description == "Cetak kemasan"


def test_a_likeness_of_another_cluster_can_be_involved_with_one_press_and_not_be_guessed(
    cast, browser_of, session
):
    client = browser_of(cast.lilis)
    refused = _new(client, name="Radio Badak Pandeglan", helix="media")
    assert "Radio Badak Pandeglang Media · Kabupaten Pandeglang · nama mirip · di klaster lain" in words(
        refused
    )
    assert f'href="/partners/{cast.badak.id}"' not in refused.text
    address = re.search(rf'href="(/partners/{cast.badak.id}/involve\?proof=[0-9a-f]+)"', refused.text)[1]
    stranger = browser_of(make.user(make.cluster()))
    for guessed in (f"/partners/{cast.badak.id}/involve", f"/partners/{cast.badak.id}/involve?proof=ab"):
        assert client.get(guessed).status_code == client.press(guessed).status_code == 404
    assert stranger.get(address).status_code == 404
    involved = client.fill(address)
    assert (involved.status_code, involved.location) == (303, f"/partners/{cast.badak.id}")
    assert client.get(involved.location).status_code == 200
    assert client.get(address).status_code == 409


def test_the_part_that_is_asked_for_while_typing_names_the_same(cast, browser_of):
    client = browser_of(cast.lilis)
    assert "CV Kemasindo Lebak" in words(client.get("/partners/alike?name=kemasindo+lebak"))
    assert words(client.get("/partners/alike?name=batik")) == ""
    assert words(client.get("/partners/alike?name=%25&nib=x&npwp=")) == ""


def test_a_coordinator_of_several_clusters_chooses_one(cast, browser_of, session):
    make.membership(cast.lilis, cast.pandeglang)
    client = browser_of(cast.lilis)
    refused = _new(client)
    assert refused.status_code == 422
    assert 'id="cluster_id-error"' in refused.text
    assert client.send(refused, {"cluster_id": str(cast.pandeglang.id)}).status_code == 303


def test_the_admin_registers_for_any_cluster(cast, browser_of, session):
    assert _new(browser_of(cast.rudi), cluster_id=str(cast.pandeglang.id)).status_code == 303


def test_what_an_address_knows_already_is_filled_in(cast, browser_of):
    make.membership(cast.lilis, cast.pandeglang)
    page = browser_of(cast.lilis).get(f"/partners/new?helix=media&cluster={cast.pandeglang.id}")
    fields = next(form.fields for form in forms_of(page) if "name" in form.names)
    assert (fields["helix"], fields["cluster_id"]) == (["media"], [str(cast.pandeglang.id)])


def test_c74_sent_again_with_other_words_it_makes_no_second_partner(cast, browser_of, session):
    client = browser_of(cast.lilis)
    page = client.get("/partners/new")
    fields = {"name": "Sanggar Batik Cisadane", "helix": "community"}
    first = client.send(page, fields)
    assert client.send(page, fields).location == first.location
    again = client.send(page, fields | {"description": "Berdiri 1998"})
    assert again.status_code == 409
    assert "Berdiri 1998" in again.text
    assert f'formaction="{first.location}/edit"' in again.text
    assert len(session.scalars(select(Partner).where(Partner.name == "Sanggar Batik Cisadane")).all()) == 1


# ── editing ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_code_that_says_more_than_the_regency_stays_while_the_regency_does(cast, browser_of):
    client = browser_of(cast.lilis)
    address = f"/partners/{cast.kemasindo.id}/edit"
    client.fill(address, area="Rangkasbitung")
    assert (cast.kemasindo.area_code, cast.kemasindo.area) == ("36.02.14", "Rangkasbitung")
    client.fill(address, regency="36.73")
    assert cast.kemasindo.area_code == "36.73"
    client.fill(address, regency="")
    assert cast.kemasindo.area_code is None


def test_c75_the_second_editor_sees_both_texts_and_loses_nothing(cast, browser_of, session):
    first, second = browser_of(cast.lilis), browser_of(cast.rudi)
    address = f"/partners/{cast.kemasindo.id}/edit"
    mine, theirs = first.get(address), second.get(address)
    assert second.send(theirs, {"description": "Milik admin", "tag_names": "kemasan"}).status_code == 303
    refused = first.send(mine, {"description": "Milik Lilis", "potential": "Cetak label"})
    assert refused.status_code == 409
    for shown in ("Milik admin", "Milik Lilis", "Cetak label", "kemasan"):
        assert shown in refused.text
    assert first.send(refused).status_code == 303
    assert (cast.kemasindo.description, cast.kemasindo.potential) == ("Milik Lilis", "Cetak label")


def test_too_many_or_too_long_tags_are_refused_at_the_field(cast, browser_of):
    client = browser_of(cast.lilis)
    address = f"/partners/{cast.kemasindo.id}/edit"
    for typed in (", ".join(f"label {n}" for n in range(13)), "x" * 41):
        refused = client.fill(address, tag_names=typed)
        assert refused.status_code == 422
        assert 'id="tag_names-error"' in refused.text
        assert typed in refused.text


# ── putting away, involving, ending ─────────────────────────────────────────────────────────────────────────


def test_archiving_is_one_press_and_can_be_taken_back(cast, browser_of):
    client = browser_of(cast.lilis)
    page = client.get(f"/partners/{cast.kemasindo.id}")
    archived = client.send(page, form="/archive")
    assert archived.status_code == 303
    assert cast.kemasindo.is_archived
    assert "CV Kemasindo Lebak diarsipkan. Urungkan" in words(client.get(archived.location))
    assert "CV Kemasindo Lebak" not in words(client.get("/partners"))
    assert "CV Kemasindo Lebak" in words(client.get("/partners?status=archived"))
    client.press(f"/partners/{cast.kemasindo.id}/restore")
    assert not cast.kemasindo.is_archived


def test_archiving_says_first_what_will_happen_to_what_is_open(cast, browser_of):
    make.agreement(cast.lebak, partners=(cast.kemasindo,), title="PKS kemasan")
    make.invitation(make.guidance(cast.lebak, topic="Label pangan"), cast.hendrik)
    client = browser_of(cast.lilis)
    asked = client.send(client.get(f"/partners/{cast.kemasindo.id}"), form="/archive")
    assert asked.status_code == 422
    for told in (
        "1 undangan belum berlangsung.",
        "Label pangan",
        "1 kerja sama masih berlaku.",
        "PKS kemasan",
    ):
        assert told in words(asked)
    assert not cast.kemasindo.is_archived
    assert client.send(asked, form="").status_code == 303
    assert cast.kemasindo.is_archived


def test_a_partner_that_works_elsewhere_is_not_archived_by_a_coordinator(cast, browser_of):
    make.involvement(cast.pandeglang, cast.kemasindo)
    refused = browser_of(cast.lilis).press(f"/partners/{cast.kemasindo.id}/archive")
    assert refused.status_code == 422
    assert "masih terlibat di klaster lain" in words(refused)
    assert "Pandeglang" not in words(refused)
    assert browser_of(cast.rudi).press(f"/partners/{cast.kemasindo.id}/archive").status_code == 303


def test_an_involvement_is_ended_with_its_last_day_and_resumed(cast, browser_of, session):
    client = browser_of(cast.lilis)
    ended = client.fill(f"/partners/{cast.kemasindo.id}/end", day="2026-11-20")
    assert ended.status_code == 303
    row = session.scalars(select(ClusterPartner).where(ClusterPartner.partner_id == cast.kemasindo.id)).one()
    assert row.ended_on == date(2026, 11, 20)
    page = client.get(ended.location)
    assert "keterlibatan berakhir" in words(page)
    assert client.get(f"/partners/{cast.kemasindo.id}/end").status_code == 409
    assert client.press(f"/partners/{cast.kemasindo.id}/resume?cluster={cast.lebak.id}").status_code == 303
    session.refresh(row)
    assert row.ended_on is None


def test_a_last_day_before_the_first_is_refused_at_the_field(cast, browser_of):
    refused = browser_of(cast.lilis).fill(f"/partners/{cast.kemasindo.id}/end", day="2020-01-01")
    assert refused.status_code == 422
    assert 'id="day-error"' in refused.text


def test_a_coordinator_ends_and_resumes_in_own_clusters_only(cast, browser_of, session):
    make.involvement(cast.pandeglang, cast.kemasindo, ended_on=date(2026, 11, 20))
    client = browser_of(cast.lilis)
    foreign = f"/partners/{cast.kemasindo.id}/resume?cluster={cast.pandeglang.id}"
    assert client.press(foreign).status_code == 404
    assert client.get(f"/partners/{cast.kemasindo.id}/involvements/{cast.pandeglang.id}").status_code == 404


def test_a_prospect_becomes_a_partner(cast, browser_of, session):
    row = session.scalars(select(ClusterPartner).where(ClusterPartner.partner_id == cast.kemasindo.id)).one()
    row.role = InvolvementRole.PROSPECT
    client = browser_of(cast.lilis)
    assert "calon mitra sejak" in words(client.get(f"/partners/{cast.kemasindo.id}"))
    address = f"/partners/{cast.kemasindo.id}/involvements/{cast.lebak.id}"
    assert client.fill(address, role="partner", since="2026-01-05").status_code == 303
    session.refresh(row)
    assert (row.role, row.since) == (InvolvementRole.PARTNER, date(2026, 1, 5))


def test_a_partner_of_ones_own_is_involved_in_another_own_cluster(cast, browser_of, session):
    make.membership(cast.lilis, cast.pandeglang)
    client = browser_of(cast.lilis)
    assert client.fill(f"/partners/{cast.kemasindo.id}/involve", role="prospect").status_code == 303
    page = words(client.get(f"/partners/{cast.kemasindo.id}"))
    assert "Kuliner Lebak" in page
    assert "Olahan Laut Pandeglang" in page
    assert client.get(f"/partners/{cast.kemasindo.id}/involve").status_code == 409


# ── spreadsheets ────────────────────────────────────────────────────────────────────────────────────────────


def _sheet(response):
    book = CalamineWorkbook.from_filelike(BytesIO(response.data))
    headings, *rows = book.get_sheet_by_index(0).to_python()
    return [dict(zip(headings, row, strict=True)) for row in rows]


def test_c96_c97_c98_the_spreadsheet_has_all_rows_of_the_filter_with_numbers_as_text(
    cast, browser_of, session
):
    make_many(cast, 60)
    cast.kemasindo.npwp, cast.kemasindo.nib = "0012345678901000", "0220001234567"
    cast.kemasindo.phone = "+62252200001"
    session.get_one(Contact, cast.hendrik.contact_id).name = "Dr. H. Ma'mun Nu'man, S.Pd., M.M."
    cast.kemasindo.description = "=1+1"
    make.partner(cast.lebak, name='=HYPERLINK("http://x")')
    client = browser_of(cast.lilis)
    answer = client.get("/partners/export.xlsx")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "mitra-2026-11-24.xlsx" in answer.headers["Content-Disposition"]
    rows = _sheet(answer)
    assert len({row["Mitra"] for row in rows}) == len(rows) == 62
    (row,) = (row for row in rows if row["Mitra"] == "CV Kemasindo Lebak")
    assert (row["NPWP"], row["NIB"], row["Telepon"]) == (
        "0012345678901000",
        "0220001234567",
        "(0252) 200-001",
    )
    assert row["Narahubung"] == "Dr. H. Ma'mun Nu'man, S.Pd., M.M."
    assert any(row["Mitra"] == '=HYPERLINK("http://x")' for row in rows)
    assert len(_sheet(client.get("/partners/export.xlsx?q=kemasindo"))) == 1


@pytest.mark.both_engines
def test_the_spreadsheet_names_the_clusters_in_sight_that_a_partner_is_in(cast, browser_of):
    both = make.partner(cast.lebak, cast.pandeglang, name="Radio dua klaster")
    make.involvement(make.cluster(), both, ended_on=date(2026, 11, 1))

    def clusters(who):
        rows = _sheet(browser_of(who).get("/partners/export.xlsx?cluster=all"))
        (row,) = (row for row in rows if row["Mitra"] == both.name)
        return set(row["Klaster"].split(", "))

    assert clusters(cast.aminah) == {cast.lebak.short_name, cast.pandeglang.short_name}
    assert clusters(cast.lilis) == {cast.lebak.short_name}
