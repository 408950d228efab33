"""The pages of contributions: listed and added up, recorded, taken step by step, proven, put away."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from pentahelix.clock import now
from pentahelix.models import Contribution, ContributionSchool, User
from pentahelix.vocabulary import (
    ContributionForm as Form,
    ContributionKind as Kind,
    ContributionStage as Stage,
    FollowUpSource,
    GuidanceStatus,
    Helix,
    Language,
)
from tests import factories as make
from tests.clients import forms_of, words


@pytest.fixture
def lilis(cast, browser_of):
    return browser_of(cast.lilis)


@pytest.fixture
def aminah(cast, browser_of):
    return browser_of(cast.aminah)


@pytest.fixture
def photos(cast):
    return make.contribution(
        cast.lebak, cast.kemasindo, title="Foto produk untuk katalog", kind=Kind.PROMOTION,
        stage=Stage.DELIVERED, delivered_on=date(2026, 9, 4), quantity=Decimal(60), unit="foto",
        value=1_500_000, valuation_basis="tarif komunitas",
    )  # fmt: skip


def only(session):
    return session.scalars(select(Contribution)).one()


def rows_of(book):
    return CalamineWorkbook.from_filelike(BytesIO(book.data)).get_sheet_by_index(0).to_python()


def page_of(contribution, act=""):
    return f"/contributions/{contribution.id}{act}"


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_empty_list_says_what_belongs_here_and_offers_the_first_step(lilis, aminah):
    page = words(lilis.get("/contributions"))
    assert "Belum ada kontribusi yang tercatat" in page
    assert "Catat kontribusi pertama" in page
    assert "Catat kontribusi pertama" not in words(aminah.get("/contributions"))


def test_the_title_is_the_answer_and_what_has_no_evidence_says_so(cast, lilis, photos):
    proven = {"giver_confirmed_at": now(), "school_confirmed_at": now()}
    make.contribution(cast.lebak, cast.kemasindo, stage=Stage.ADOPTED, **proven)
    make.contribution(cast.lebak, cast.kemasindo)
    page = words(lilis.get("/contributions"))
    assert "1 dari 2 kontribusi yang diserahkan terbukti" in page
    assert "3 kontribusi tercatat, 2 diserahkan tanpa bukti" in page
    assert "Foto produk untuk katalog Promosi · 60 foto" in page


def test_the_three_forms_stand_apart_and_what_nobody_valued_is_not_nought(cast, lilis, photos):
    for form, value in ((Form.CASH, 10_000_000), (Form.SALE, 27_750_000), (Form.IN_KIND, None)):
        make.contribution(
            cast.lebak, cast.kemasindo, form=form, stage=Stage.DELIVERED, value=value, hours=Decimal("2.5")
        )
    page = words(lilis.get("/contributions"))
    assert "Rp1,5 jt nilai setara (natura) 1 belum dinilai Rp10 jt tunai Rp27,8 jt penjualan" in page
    assert "7,5 jam pendampingan" in page
    assert "39" not in page.split("jam pendampingan")[0].split("Yang sudah diserahkan")[1]
    told = words(lilis.get("/contributions?by=kind"))
    assert "Guru tamu belum dinilai Rp10.000.000 Rp27.750.000 7,5 3" in told


def test_year_cluster_side_kind_form_stage_proof_and_words_narrow_it(cast, aminah, photos):
    make.contribution(
        cast.pandeglang, cast.badak, title="Siaran", kind=Kind.GUEST_TEACHER, form=Form.SALE,
        stage=Stage.ADOPTED, delivered_on=date(2025, 3, 1), value=1, giver_confirmed_at=now(),
        school_confirmed_at=now(),
    )  # fmt: skip
    for query in (
        f"cluster={cast.pandeglang.id}", "year=2025", "helix=media", "kind=guest_teacher", "form=sale",
        "stage=adopted", "proof=proven", f"partner={cast.badak.id}", "q=siar",
    ):  # fmt: skip
        page = words(aminah.get(f"/contributions?{query}"))
        assert "Siaran" in page, query
        assert "Foto produk" not in page, query
    assert "Tidak ada kontribusi yang cocok" in words(aminah.get("/contributions?year=2024"))


@pytest.mark.parametrize(
    "query",
    [
        "year=x&stage=y&sort=z&helix=&by=q",
        "page=-1",
        "page=999999",
        "partner=9e9",
        "year=999999999",
        "q='%25",
    ],
)
def test_c71_a_nonsensical_address_is_no_error(lilis, photos, query):
    for path in ("/contributions", "/contributions/export.xlsx", "/contributions/new"):
        assert lilis.get(f"{path}?{query}").status_code == 200


def test_the_spreadsheet_is_the_list_with_a_column_for_the_value_of_each_form(cast, lilis, photos):
    make.contribution(
        cast.lebak, cast.kemasindo, title="Pembelian", form=Form.SALE, stage=Stage.ADOPTED,
        delivered_on=date(2026, 10, 23), value=27_750_000, valuation_basis="nota",
        giver_confirmed_at=now(), school_confirmed_at=now(),
    )  # fmt: skip
    make.contribution(cast.lebak, cast.kemasindo, title="Gagasan")
    answer = lilis.get("/contributions/export.xlsx?sort=title")
    assert "kontribusi-2026-11-24.xlsx" in answer.headers["Content-Disposition"]
    heads, photo, idea, sale = rows_of(answer)
    column = {head: place for place, head in enumerate(heads)}
    in_kind, cash, sold = (column[f"Nilai: {form.label}"] for form in Form)
    assert (photo[in_kind], photo[cash], photo[sold]) == (1_500_000, "", "")
    assert (sale[in_kind], sale[cash], sale[sold]) == ("", "", 27_750_000)
    assert (idea[in_kind], idea[cash], idea[sold]) == ("", "", "")
    assert photo[column["Jumlah"]] == 60
    assert photo[column["Tanggal penyerahan"]] == date(2026, 9, 4)
    assert (photo[column["Terbukti"]], sale[column["Terbukti"]]) == ("belum terbukti", "ya")
    assert [row[column["Bukti dukung"]] for row in (photo, idea, sale)] == [
        "tanpa bukti", "belum ada", "tanpa bukti",
    ]  # fmt: skip
    narrowed = lilis.get("/contributions/export.xlsx?form=sale")
    assert len(rows_of(narrowed)) == 2


# ── recording ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_coordinator_records_what_a_partner_gives(cast, lilis, session):
    school = make.school(cast.lebak)
    answer = lilis.fill(
        "/contributions/new",
        title="Instruktur dua hari",
        partner_id=str(cast.kemasindo.id),
        kind="industry_instructor",
        stage="delivered",
        delivered_on="2026-11-20",
        quantity="1.250,5",
        unit="kg",
        hours="7,5",
        value="Rp 4.500.000",
        valuation_basis="tarif setempat",
        school_ids=str(school.id),
    )
    made = only(session)
    assert (answer.status_code, answer.location) == (303, page_of(made))
    assert (made.quantity, made.hours, made.value) == (Decimal("1250.5"), Decimal("7.5"), 4_500_000)
    assert (made.stage, made.delivered_on) == (Stage.DELIVERED, date(2026, 11, 20))
    assert session.scalars(select(ContributionSchool.school_id)).one() == school.id
    assert "Kontribusi tercatat." in words(lilis.get(answer.location))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": ""}, "Wajib diisi."),
        ({"value": "empat juta-an"}, "Tulis angka saja, misalnya 4.500.000."),
        ({"value": "4500000"}, "Tulis dari mana nilainya, misalnya harga pasar atau nota."),
        ({"quantity": "banyak"}, "Tulis angka saja, paling banyak tiga desimal, misalnya 12,5."),
        ({"quantity": "1,2345"}, "Tulis angka saja, paling banyak tiga desimal, misalnya 12,5."),
        ({"quantity": "3"}, "Tulis satuannya, misalnya kg atau orang."),
        ({"hours": "-2"}, "Tulis angka saja, paling banyak tiga desimal, misalnya 12,5."),
        ({"hours": "9999999999"}, "Angka ini terlalu besar; periksa banyaknya angka nol."),
        ({"stage": "delivered"}, "Isi tanggal penyerahannya."),
        ({"stage": "delivered", "delivered_on": "2026-11-25"}, "Paling lambat hari ini (24 November 2026)."),
        ({"stage": "dropped"}, "Pilih dari daftar."),
        ({"kind": "gift"}, "Pilih dari daftar."),
        ({"partner_id": "999"}, "Pilih dari daftar."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_made(cast, lilis, session, typed, said):
    right = {"title": "Foto", "partner_id": str(cast.kemasindo.id), "kind": "promotion"}
    page = lilis.fill("/contributions/new", {**right, **typed})
    assert page.status_code == 422
    assert said in words(page)
    for name in typed.keys() & {"quantity", "hours", "delivered_on"}:
        assert f'value="{typed[name]}"' in page.text
    assert session.scalar(select(func.count(Contribution.id))) == 0


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("7", "7"),
        ("7,5", "7.5"),
        ("7.5", "7.5"),
        ("1.850", "1850"),
        ("1.850,125", "1850.125"),
        ("1 850", "1850"),
        ("0,125", "0.125"),
        ("1850.25", "1850.25"),
    ],
)
def test_a_number_is_read_as_people_write_it_here_and_shown_so_again(cast, lilis, session, typed, meant):
    right = {"title": "x", "partner_id": str(cast.kemasindo.id), "kind": "promotion", "unit": "kg"}
    lilis.fill("/contributions/new", {**right, "quantity": typed})
    made = only(session)
    assert made.quantity == Decimal(meant)
    # What the form shows means the same when it is sent again.
    lilis.fill(page_of(made, "/edit"))
    assert only(session).quantity == Decimal(meant)


def test_an_english_reader_writes_numbers_the_english_way(cast, lilis, session):
    cast.lilis.language = Language.EN
    right = {"title": "x", "partner_id": str(cast.kemasindo.id), "kind": "promotion", "unit": "kg"}
    lilis.fill("/contributions/new", {**right, "quantity": "1,850.125"})
    assert only(session).quantity == Decimal("1850.125")
    lilis.fill(page_of(only(session), "/edit"))
    assert only(session).quantity == Decimal("1850.125")


def test_from_a_session_it_comes_filled_with_partner_day_schools_and_agreement(cast, lilis, session):
    school, agreement = make.school(cast.lebak), make.agreement(cast.lebak, partners=(cast.kemasindo,))
    guidance = make.guidance(
        cast.lebak, topic="Vakum", partner_id=cast.kemasindo.id, agreement_id=agreement.id,
        starts_at=now().replace(day=10), ends_at=now().replace(day=11), status=GuidanceStatus.HELD,
    )  # fmt: skip
    make.takes_part(guidance, school)
    lilis.fill(f"/contributions/new?guidance={guidance.id}", title="Narasumber", kind="guest_teacher")
    made = only(session)
    assert (made.partner_id, made.guidance_id) == (cast.kemasindo.id, guidance.id)
    assert (made.agreement_id, made.stage) == (agreement.id, Stage.DELIVERED)
    assert made.delivered_on == date(2026, 11, 10)
    assert session.scalars(select(ContributionSchool.school_id)).one() == school.id
    page = words(lilis.get(f"/guidance/{guidance.id}"))
    assert "Kontribusi dari bimbingan ini 1 Catat Narasumber" in page


def test_it_comes_filled_from_a_partner_an_agreement_and_a_product(cast, browser_of):
    both = browser_of(make.user(cast.lebak, cast.pandeglang))
    agreement = make.agreement(cast.pandeglang, partners=(cast.badak,))
    product = make.product(cast.pandeglang, name="Abon")
    for query in (
        f"partner={cast.badak.id}",
        f"agreement={agreement.id}",
        f"product={product.id}",
        f"cluster={cast.pandeglang.id}",
    ):
        (form,) = [one for one in forms_of(both.get(f"/contributions/new?{query}")) if "kind" in one.names]
        assert form.fields["cluster_id"] == [str(cast.pandeglang.id)], query
        if "partner" in query or "agreement" in query:
            assert form.fields["partner_id"] == [str(cast.badak.id)]
        if "product" in query:
            assert form.fields["product_id"] == [str(product.id)]


@pytest.mark.parametrize("noun", ["cluster", "partner", "guidance", "agreement", "product"])
def test_what_it_would_come_from_and_is_out_of_sight_is_not_there(cast, lilis, noun):
    foreign = {
        "cluster": cast.pandeglang,
        "partner": cast.badak,
        "guidance": make.guidance(cast.pandeglang),
        "agreement": make.agreement(cast.pandeglang),
        "product": make.product(cast.pandeglang),
    }[noun]
    assert lilis.get(f"/contributions/new?{noun}={foreign.id}").status_code == 404


def test_choosing_another_cluster_brings_its_partners_and_keeps_what_was_typed(cast, browser_of, session):
    both = browser_of(make.user(cast.lebak, cast.pandeglang))
    page = both.fill(
        f"/contributions/new?cluster={cast.lebak.id}",
        title="Siaran",
        partner_id=str(cast.kemasindo.id),
        cluster_id=str(cast.pandeglang.id),
        act="cluster",
    )
    assert page.status_code == 200
    assert "Radio Badak Pandeglang" in words(page)
    assert "CV Kemasindo" not in words(page)
    answer = both.send(page, {"partner_id": str(cast.badak.id), "kind": "promotion"})
    assert answer.status_code == 303
    assert (only(session).title, only(session).cluster_id) == ("Siaran", cast.pandeglang.id)


def test_a_cluster_that_was_not_offered_is_refused_and_not_another_taken_instead(cast, lilis, session):
    put_away = make.cluster(archived_at=now())
    make.membership(cast.lilis, put_away)
    for cluster in (cast.pandeglang, put_away):
        typed = {"title": "Kain", "kind": "guest_teacher", "form": "in_kind", "cluster_id": cluster.id}
        answer = lilis.fill("/contributions/new", {**typed, "partner_id": cast.kemasindo.id})
        assert answer.status_code == 422
        assert "Pilih dari daftar." in words(answer)
    assert session.scalar(select(func.count()).select_from(Contribution)) == 0


def test_c73_a_form_sent_twice_makes_one(cast, lilis, session):
    page = lilis.get("/contributions/new")
    typed = {"title": "Foto", "partner_id": str(cast.kemasindo.id), "kind": "promotion"}
    assert lilis.send(page, typed).location == lilis.send(page, typed).location
    assert session.scalar(select(func.count(Contribution.id))) == 1


def test_c74_sent_again_with_other_text_it_offers_to_edit_the_first(cast, lilis, session):
    page = lilis.get("/contributions/new")
    typed = {"title": "Foto", "partner_id": str(cast.kemasindo.id), "kind": "promotion"}
    first = lilis.send(page, typed)
    again = lilis.send(page, {**typed, "title": "Foto lain"})
    assert again.status_code == 409
    assert f'formaction="{first.location}/edit"' in again.text
    assert only(session).title == "Foto"


def test_c05_a_title_of_a_thousand_characters_is_kept_and_shown_whole(cast, lilis, session):
    title = ("Pendampingan " * 77)[:1000].strip()
    lilis.fill("/contributions/new", title=title, partner_id=str(cast.kemasindo.id), kind="promotion")
    assert only(session).title == title
    assert title in words(lilis.get(page_of(only(session))))
    assert title in words(lilis.get("/contributions"))


def test_somebody_without_a_cluster_is_told_so(browser_of, session):
    page = browser_of(make.user()).get("/contributions/new")
    assert page.status_code == 409
    assert "belum menjadi anggota klaster" in words(page)


def test_c75_the_second_of_two_editors_sees_both_texts_and_loses_nothing(lilis, session, photos):
    first, second = lilis.get(page_of(photos, "/edit")), lilis.get(page_of(photos, "/edit"))
    assert lilis.send(first, {"value": "2.000.000"}).status_code == 303
    answer = lilis.send(second, {"title": "Foto katalog"})
    assert answer.status_code == 409
    assert "Tulisan orang lain Rp2.000.000" in words(answer)
    assert lilis.send(answer).status_code == 303
    assert (only(session).title, only(session).stage) == ("Foto katalog", Stage.DELIVERED)


# ── its page ────────────────────────────────────────────────────────────────────────────────────────────────


def test_its_page_tells_all_and_leads_to_what_it_hangs_on(cast, lilis, session, photos):
    product = make.product(cast.lebak, name="Keripik")
    school = make.school(cast.lebak, name="SMKN 1 Kalanganyar")
    agreement = make.agreement(cast.lebak, partners=(cast.kemasindo,), title="PKS promosi")
    guidance = make.guidance(cast.lebak, topic="Memotret makanan")
    photos.product_id, photos.agreement_id, photos.guidance_id = product.id, agreement.id, guidance.id
    session.add(ContributionSchool(contribution_id=photos.id, school_id=school.id))
    make.follow_up(
        cast.lebak, cast.lilis, title="Pasang di katalog", source_kind=FollowUpSource.CONTRIBUTION,
        contribution_id=photos.id,
    )  # fmt: skip
    answer = lilis.get(page_of(photos))
    page = words(answer)
    for told in (
        "Diserahkan Tanpa bukti", "belum ada bukti dukung", "Rp1.500.000 tarif komunitas", "60 foto",
        "4 September 2026", "Keripik", "SMKN 1 Kalanganyar", "Memotret makanan", "PKS promosi",
        "Pasang di katalog",
    ):  # fmt: skip
        assert told in page
    for link in (
        f"/products/{product.id}", f"/guidance/{guidance.id}", f"/schools/{school.id}",
        f"/partners/{cast.kemasindo.id}", f"/clusters/{cast.lebak.id}",
        f"/contributions/{photos.id}/documents/new", f"contribution={photos.id}",
    ):  # fmt: skip
        assert link in answer.text
    assert "Kontribusi untuk produk ini 1 Catat Foto produk" in words(lilis.get(f"/products/{product.id}"))


def test_the_pages_ask_a_fixed_number_of_statements(cast, lilis, session, statements, photos):
    def asked(path):
        lilis.get(path)
        with statements() as ran:
            assert lilis.get(path).status_code == 200
        return len(ran)

    few = asked("/contributions"), asked(page_of(photos))
    for _ in range(60):
        make.contribution(cast.lebak, make.partner(cast.lebak), stage=Stage.DELIVERED)
        make.follow_up(
            cast.lebak, cast.lilis, source_kind=FollowUpSource.CONTRIBUTION, contribution_id=photos.id
        )
    many = asked("/contributions"), asked(page_of(photos))
    assert few == many
    assert many[0] <= 6
    assert many[1] <= 9


def test_the_kabid_reads_and_changes_nothing(cast, aminah, photos):
    page = words(aminah.get(page_of(photos)))
    assert "Foto produk untuk katalog" in page
    for word in ("Ubah", "Tandai dipakai", "Catat konfirmasi", "Unggah", "Arsipkan"):
        assert word not in page
    for act in ("/edit", "/back", "/drop"):
        assert aminah.get(page_of(photos, act)).status_code == 404
    for act in ("/advance", "/confirm", "/unconfirm", "/archive", "/restore"):
        assert aminah.press(page_of(photos, act)).status_code == 404


def test_a_foreign_one_and_none_at_all_look_the_same(cast, lilis):
    foreign = make.contribution(cast.pandeglang, cast.badak, stage=Stage.DELIVERED)
    for path in (page_of(foreign), "/contributions/999"):
        assert lilis.get(path).status_code == 404
        assert lilis.get(f"{path}/edit").status_code == 404
        assert lilis.press(f"{path}/advance", to="adopted").status_code == 404
    assert "Radio Badak" not in words(lilis.get("/contributions"))


# ── its steps ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_offers_one_step_forward_until_it_is_in_use(cast, lilis, session):
    made = make.contribution(cast.lebak, cast.kemasindo)
    for button in ("Tandai disepakati", "Mulai berjalan", "Tandai diserahkan", "Tandai dipakai"):
        page = lilis.get(page_of(made))
        assert button in words(page)
        assert lilis.send(page, form="/advance").status_code == 303
    assert (only(session).stage, only(session).delivered_on) == (Stage.ADOPTED, date(2026, 11, 24))
    assert "/advance" not in lilis.get(page_of(made)).text


def test_a_delivery_in_the_future_is_refused_on_the_page_with_what_was_typed(cast, lilis, session):
    made = make.contribution(cast.lebak, cast.kemasindo, stage=Stage.IN_PROGRESS)
    page = lilis.fill(page_of(made), form="/advance", delivered_on="2026-12-24")
    assert page.status_code == 422
    assert "Paling lambat hari ini (24 November 2026)." in words(page)
    assert 'value="2026-12-24"' in page.text
    assert only(session).stage is Stage.IN_PROGRESS


@pytest.mark.parametrize(("to", "status"), [("adopted", 409), ("agreed", 409), ("nonsense", 422), ("", 422)])
def test_a_step_that_is_not_the_next_one_is_not_taken(cast, lilis, session, to, status):
    made = make.contribution(cast.lebak, cast.kemasindo, stage=Stage.AGREED)
    assert lilis.press(page_of(made, "/advance"), to=to).status_code == status
    assert only(session).stage is Stage.AGREED


def test_a_press_is_no_way_back_without_a_reason(cast, lilis, session):
    made = make.contribution(cast.lebak, cast.kemasindo, stage=Stage.IN_PROGRESS)
    assert lilis.press(page_of(made, "/advance"), to="agreed").status_code == 422
    assert only(session).stage is Stage.IN_PROGRESS


def test_back_one_and_out_ask_for_a_reason_that_the_page_then_tells(cast, lilis, session):
    made = make.contribution(cast.lebak, cast.kemasindo, stage=Stage.IN_PROGRESS)
    assert lilis.fill(page_of(made, "/back")).status_code == 422
    assert lilis.fill(page_of(made, "/back"), reason="Alat rusak").status_code == 303
    page = words(lilis.get(page_of(made)))
    assert "Tahapnya mundur ke “Disepakati”. Alat rusak" in page
    assert lilis.fill(page_of(made, "/drop"), reason="Mitra mundur").status_code == 303
    page = words(lilis.get(page_of(made)))
    assert "Kontribusi ini batal. Mitra mundur" in page
    assert lilis.get(page_of(made, "/drop")).status_code == 409
    assert lilis.get(page_of(made, "/back")).status_code == 409


def test_c73_a_reason_sent_twice_takes_one_step(cast, lilis, session):
    made = make.contribution(cast.lebak, cast.kemasindo, stage=Stage.IN_PROGRESS)
    page = lilis.get(page_of(made, "/back"))
    assert lilis.send(page, {"reason": "x"}).location == lilis.send(page, {"reason": "x"}).location
    assert only(session).stage is Stage.AGREED


def test_a_page_from_before_somebody_elses_step_takes_no_second_one(cast, lilis, session):
    made = make.contribution(cast.lebak, cast.kemasindo, stage=Stage.IN_PROGRESS)
    mine, theirs = lilis.get(page_of(made, "/back")), lilis.get(page_of(made, "/back"))
    lilis.send(theirs, {"reason": "Alat rusak"})
    assert lilis.send(mine, {"reason": "Tidak jadi"}).status_code == 409
    assert only(session).stage is Stage.AGREED


# ── what proves it ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_coordinator_records_which_colleague_confirmed_it(cast, lilis, session, photos):
    photos.giver_confirmed_at, photos.giver_contact_id = now(), cast.hendrik.contact_id
    teacher = make.user(cast.lebak, name="Ratna Kusumawardhani, S.Pd.", position="Guru produktif")
    page = lilis.get(page_of(photos))
    assert "Ratna Kusumawardhani (Guru produktif)" in words(page)
    assert "Ujang" not in words(page)
    answer = lilis.send(page, {"user_id": str(teacher.id)}, form="/confirm")
    assert (answer.status_code, only(session).school_user_id) == (303, teacher.id)
    page = words(lilis.get(page_of(photos)))
    assert "Konfirmasi sekolah oleh Ratna Kusumawardhani tercatat." in page
    assert "Diserahkan Terbukti Tanpa bukti" in page
    assert "dikonfirmasi Hendrik Sasmita, 24 November 2026" in page
    assert lilis.press(page_of(photos, "/unconfirm")).status_code == 303
    assert only(session).school_confirmed_at is None
    assert lilis.press(page_of(photos, "/unconfirm")).status_code == 409


def test_nobody_chosen_is_said_at_the_field(lilis, session, photos):
    page = lilis.fill(page_of(photos), form="/confirm")
    assert page.status_code == 422
    assert "Wajib diisi." in words(page)
    foreign = session.scalars(select(User.id).where(User.name.like("Ujang%"))).one()
    assert lilis.fill(page_of(photos), form="/confirm", user_id=str(foreign)).status_code == 422
    assert only(session).school_user_id is None


def test_what_is_not_delivered_offers_no_confirmation(cast, lilis):
    made = make.contribution(cast.lebak, cast.kemasindo, stage=Stage.AGREED)
    assert "Catat konfirmasi" not in words(lilis.get(page_of(made)))
    assert lilis.press(page_of(made, "/confirm"), user_id=str(cast.lilis.id)).status_code == 409


# ── putting away ────────────────────────────────────────────────────────────────────────────────────────────


def test_archived_it_is_read_only_and_leaves_list_and_totals_until_it_is_restored(lilis, session, photos):
    assert lilis.press(page_of(photos, "/archive")).status_code == 303
    page = words(lilis.get(page_of(photos)))
    assert "Kontribusi ini diarsipkan" in page
    assert "Tandai dipakai" not in page
    assert "Belum ada kontribusi yang tercatat" in words(lilis.get("/contributions"))
    assert "Foto produk" in words(lilis.get("/contributions?stage=archived"))
    for act in ("/edit", "/back", "/drop"):
        assert lilis.get(page_of(photos, act)).status_code == 409
    assert lilis.press(page_of(photos, "/advance"), to="adopted").status_code == 409
    assert lilis.press(page_of(photos, "/restore")).status_code == 303
    assert only(session).archived_at is None
    assert "Foto produk" in words(lilis.get("/contributions"))


def test_the_side_of_a_partner_is_shown_by_its_mark(cast, lilis):
    campus = make.partner(cast.lebak, name="Politeknik", helix=Helix.UNIVERSITY)
    make.contribution(cast.lebak, campus)
    assert "Perguruan tinggi Politeknik" in words(lilis.get("/contributions"))
