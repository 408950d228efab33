"""The pages of agreements: the register, writing, the steps of the lifecycle, what is owed, putting away."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from pentahelix import clock as system
from pentahelix.models import (
    Agreement,
    AgreementCluster,
    AgreementParty,
    AgreementScope,
    AgreementStep,
    Obligation,
    OutboxMessage,
)
from pentahelix.vocabulary import (
    AgreementKind,
    AgreementStatus,
    ContributionKind,
    FollowUpSource,
    MailKind,
    ObligationStatus,
    PartySide,
    Role,
)
from tests import factories as make
from tests.clients import forms_of, words

NEW = "/agreements/new"


@pytest.fixture
def hers(cast, browser_of):
    return browser_of(cast.lilis)


@pytest.fixture
def kabid(cast, browser_of):
    return browser_of(cast.aminah)


@pytest.fixture
def draft(cast):
    return in_process(cast, AgreementStatus.DRAFT)


@pytest.fixture
def reviewed(session, cast):
    """In legal review since Saturday a week ago; Lilis submitted it."""
    agreement = in_process(cast, AgreementStatus.LEGAL_REVIEW)
    submitted(session, agreement, cast.lilis)
    return agreement


def in_process(cast, status, **values):
    given = {"title": "PKS kemasan", "partners": (cast.kemasindo,), "status": status}
    return make.agreement(cast.lebak, **given | values)


def submitted(session, agreement, by, ago=10):
    session.add(
        AgreementStep(
            agreement_id=agreement.id,
            user_id=by.id,
            from_status=AgreementStatus.IN_DISCUSSION,
            to_status=AgreementStatus.LEGAL_REVIEW,
            taken_at=system.now() - timedelta(days=ago),
            comment="Naskahnya sudah dibaca mitra.",
        )
    )
    session.flush()


def days(number):
    return system.today() + timedelta(days=number)


def the_agreement(session):
    return session.scalars(select(Agreement)).one()


def write(hers, cast, **fields):
    given = {"title": "PKS kemasan", "kind": "pks"}
    return hers.fill(f"{NEW}?partner={cast.kemasindo.id}", given | fields)


def the_form(page, field="title"):
    (form,) = [form for form in forms_of(page) if field in form.names]
    return form


def mails(session):
    return session.scalar(
        select(func.count(OutboxMessage.id)).where(OutboxMessage.kind == MailKind.AGREEMENT)
    )


# ---------------------------------------------------------------------------- the register


def test_the_heading_is_the_answer(cast, hers):
    for ends_on in (days(25), days(200), days(-3)):
        make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=ends_on)
    in_process(cast, AgreementStatus.DRAFT)
    page = words(hers.get("/agreements"))
    assert "2 kerja sama berlaku, 1 akan berakhir 1 dalam proses · 1 kedaluwarsa" in page
    assert "25 hari lagi" in page
    assert "berakhir 3 hari lalu" in page


def test_a_row_tells_numbers_partners_standing_period_and_obligations(cast, hers):
    agreement = make.agreement(
        cast.lebak, title="PKS kemasan", partners=(cast.kemasindo,),
        number_first="421.5/118", number_second="012/CV",
        starts_on=date(2026, 1, 1), ends_on=date(2027, 12, 31),
    )  # fmt: skip
    make.obligation(agreement, status=ObligationStatus.FULFILLED, fulfilled_on=days(-1))
    make.obligation(agreement)
    page = words(hers.get("/agreements"))
    for said in (
        "PKS kemasan", "No. 421.5/118 · 012/CV", "CV Kemasindo Lebak", "Berlaku 402 hari lagi",
        "31 Desember 2027 mulai 1 Januari 2026", "1 dari 2",
    ):  # fmt: skip
        assert said in page


def test_an_open_end_is_a_stated_choice(cast, hers):
    make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=None, is_open_ended=True)
    assert "tanpa batas waktu" in words(hers.get("/agreements?state=in_force"))
    assert "Tidak ada kerja sama yang cocok" in words(hers.get("/agreements?state=ending"))


def test_a_search_that_finds_nothing_does_not_say_that_nothing_is_in_force(cast, hers):
    make.agreement(cast.lebak, partners=(cast.kemasindo,), title="PKS kemasan")
    shown = hers.get("/agreements?q=zzz")
    assert "Belum ada kerja sama yang berlaku" not in words(shown)
    assert "Tidak ada kerja sama yang cocok" in words(shown)
    assert 'class="btn" href="/agreements">' in shown.text, "the page's own button stays the only filled one"


def test_what_is_archived_stands_under_a_heading_of_its_own(cast, hers):
    make.agreement(cast.lebak, partners=(cast.kemasindo,), title="PKS kemasan")
    assert "Kerja sama yang diarsipkan" in words(hers.get("/agreements?state=archived"))


def test_nothing_yet_leads_to_the_first_step(hers, kabid):
    page = hers.get("/agreements")
    assert "Belum ada kerja sama yang tercatat" in words(page)
    assert f'href="{NEW}"' in page.text
    assert NEW not in kabid.get("/agreements").text


@pytest.mark.parametrize("query", ["state=x&kind=y&cluster=z&partner=-1&sort=w&page=x", "q=%25_'&page=999"])
def test_c71_a_filter_that_makes_no_sense_is_none_or_finds_nothing(hers, draft, query):
    assert hers.get(f"/agreements?{query}").status_code == 200
    assert hers.get(f"/agreements/export.xlsx?{query}").status_code == 200


def test_the_spreadsheet_holds_the_list_as_it_is_filtered(cast, hers):
    make.agreement(cast.lebak, title="Lain", kind=AgreementKind.MOU, partners=(cast.kemasindo,))
    make.agreement(
        cast.lebak, title="PKS kemasan", number_first="0421", partners=(cast.kemasindo,),
        ends_on=date(2027, 12, 31),
    )  # fmt: skip
    answer = hers.get("/agreements/export.xlsx?kind=pks")
    assert answer.headers["Content-Disposition"] == "attachment; filename=kerja-sama-2026-11-24.xlsx"
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert len(rows) == 2
    line = dict(zip(rows[0], rows[1], strict=True))
    assert (line["Judul"], line["Nomor Pihak Kesatu"]) == ("PKS kemasan", "0421")
    assert (line["Mitra"], line["Keadaan"]) == ("CV Kemasindo Lebak", "Berlaku")
    assert line["Berakhir"] == date(2027, 12, 31)


def test_c05_a_title_of_a_thousand_characters_is_read_whole_and_a_longer_one_is_refused(session, cast, hers):
    title = ("Perjanjian Kerja Sama tentang Pengembangan " * 30)[:1000].strip()
    answer = write(hers, cast, title=title)
    assert title in words(hers.get(answer.location))
    assert title in words(hers.get("/agreements"))
    refused = write(hers, cast, title="x" * 1001)
    assert "paling banyak 1.000 karakter, yang Anda tulis 1.001" in words(refused)
    assert "x" * 1001 in refused.text


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Jayapura", "America/Los_Angeles"])
def test_c22_the_last_day_is_the_same_day_for_everybody(session, cast, browser_of, clock, zone):
    """A day is no instant: it moves with nobody's zone, neither the person's nor the cluster's."""
    cast.lilis.timezone = zone
    cast.lebak.timezone = "Asia/Jayapura" if zone == "America/Los_Angeles" else zone
    agreement = make.agreement(
        cast.lebak, partners=(cast.kemasindo,), starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31)
    )
    for instant in ("2027-12-31T00:10+07:00", "2027-12-31T23:50+07:00"):
        clock.set(instant)
        hers = browser_of(cast.lilis)
        page = words(hers.get(f"/agreements/{agreement.id}"))
        assert "1 Januari 2027 – 31 Desember 2027" in page
        assert "berakhir hari ini" in page
        assert "31 Desember 2027" in words(hers.get("/agreements"))
        assert '"2027-12-31"' in hers.get(f"/agreements/{agreement.id}/edit").text
    clock.set("2028-01-01T00:10+07:00")
    assert "Kedaluwarsa berakhir 1 hari lalu" in words(hers.get(f"/agreements/{agreement.id}"))


@pytest.mark.parametrize(
    ("instant", "said"),
    [("2027-11-25T23:59+07:00", "Akan berakhir"), ("2027-11-26T00:01+07:00", "Kedaluwarsa"),
     ("2027-11-26T06:00+07:00", "Kedaluwarsa")],
)  # fmt: skip
def test_c23_it_expires_at_midnight_of_the_province(cast, browser_of, clock, instant, said):
    clock.set("2027-01-01T09:00+07:00")
    agreement = make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=date(2027, 11, 25))
    clock.set(instant)
    hers = browser_of(cast.lilis)
    assert f"{said} berakhir" in words(hers.get(f"/agreements/{agreement.id}"))
    assert agreement.title in words(
        hers.get(f"/agreements?state={'ending' if 'Akan' in said else 'expired'}")
    )


# ---------------------------------------------------------------------------- writing


def test_a_draft_is_written_with_what_the_address_knows(session, cast, hers):
    school = make.school(cast.lebak, name="SMKN 1 Kalanganyar")
    answer = write(
        hers, cast, school_ids=[str(school.id)], kinds=["promotion"], number_first="421.5/118",
        starts_on="01/12/2026", ends_on="2027-11-30", objective="Kemasan yang tahan lama.", term_months="12",
    )  # fmt: skip
    agreement = the_agreement(session)
    assert (answer.status_code, answer.location) == (303, f"/agreements/{agreement.id}")
    assert (agreement.status, agreement.kind) == (AgreementStatus.DRAFT, AgreementKind.PKS)
    assert (agreement.starts_on, agreement.ends_on) == (date(2026, 12, 1), date(2027, 11, 30))
    assert session.scalars(select(AgreementCluster.cluster_id)).all() == [cast.lebak.id]
    assert session.scalars(select(AgreementScope.kind)).all() == [ContributionKind.PROMOTION]
    sides = {
        (party.side, party.partner_id, party.school_id) for party in session.scalars(select(AgreementParty))
    }
    assert (PartySide.SECOND, cast.kemasindo.id, None) in sides
    assert (PartySide.FIRST, None, school.id) in sides
    page = words(hers.get(answer.location))
    assert "Draf kerja sama tersimpan." in page
    assert "Draf dibuat" in page
    assert "Kemasan yang tahan lama." in page


def test_a_parent_gives_its_parties_and_the_kind_below_it(session, cast, hers):
    school = make.school(cast.lebak)
    mou = make.agreement(cast.lebak, kind=AgreementKind.MOU, partners=(cast.kemasindo,))
    session.add(AgreementParty(agreement_id=mou.id, side=PartySide.FIRST, school_id=school.id))
    form = the_form(hers.get(f"{NEW}?parent={mou.id}"))
    assert form.fields["kind"] == ["pks"]
    assert form.fields["parent_id"] == [str(mou.id)]
    assert form.fields["partner_ids"] == [str(cast.kemasindo.id)]
    assert form.fields["school_ids"] == [str(school.id)]
    assert form.fields["office"] == ["Dinas Pendidikan"]
    answer = hers.fill(f"{NEW}?parent={mou.id}", title="PKS di bawahnya")
    assert mou.title in words(hers.get(answer.location))
    assert "PKS di bawahnya" in words(hers.get(f"/agreements/{mou.id}"))


def test_where_neither_office_nor_school_signs_that_is_said_at_the_office(cast, hers):
    page = hers.fill(f"{NEW}?partner={cast.kemasindo.id}", title="PKS kemasan", office="")
    assert page.status_code == 422
    assert the_form(page).wrong == {"office"}


def test_a_school_of_another_cluster_is_refused_at_the_schools(session, cast, hers):
    make.membership(cast.lilis, cast.pandeglang)
    foreign = make.school(cast.pandeglang)
    asked = f"{NEW}?partner={cast.kemasindo.id}&cluster={cast.lebak.id}"
    page = hers.fill(asked, title="PKS kemasan", school_ids=[str(foreign.id)])
    assert page.status_code == 422
    assert 'id="school_ids-error"' in page.text
    assert 'id="partner_ids-error"' not in page.text


def test_partners_are_searched_chosen_and_taken_out_without_javascript(session, cast, hers):
    second = make.partner(cast.lebak, name="Hotel Bukit Ciberang")
    page = hers.fill(NEW, title="PKS kemasan", partner_query="ciber", act="find")
    assert page.status_code == 200
    assert f'value="pick:{second.id}"' in page.text
    picked = hers.send(page, {"act": f"pick:{second.id}"})
    form = the_form(picked)
    assert form.fields["partner_ids"] == [str(second.id)]
    assert form.fields["title"] == ["PKS kemasan"]
    dropped = hers.send(picked, {"act": f"drop:{second.id}"})
    assert "partner_ids" not in the_form(dropped).fields
    assert hers.send(picked).status_code == 303
    assert session.scalars(select(AgreementParty.partner_id)).all() == [None, second.id]


def test_what_was_searched_and_not_chosen_is_asked_for(session, cast, hers):
    refused = hers.fill(NEW, title="PKS kemasan", partner_query="Kemasindo")
    assert refused.status_code == 422
    assert "Pilih mitra dari hasil pencarian" in words(refused)
    assert session.scalars(select(Agreement)).all() == []


def test_c26_an_end_before_the_start_is_refused_at_the_field_and_all_that_was_typed_stays(cast, hers):
    refused = write(
        hers, cast, title="PKS pendampingan", starts_on="2027-01-01", ends_on="2026-01-01", note="Tetap ada."
    )
    assert refused.status_code == 422
    assert "Harus sesudah tanggal mulai (1 Jan. 2027)." in words(refused)
    form = the_form(refused)
    assert form.wrong == {"ends_on"}
    assert form.fields["title"] == ["PKS pendampingan"]
    assert form.fields["note"][0].strip() == "Tetap ada."
    assert form.fields["partner_ids"] == [str(cast.kemasindo.id)]


def test_c26_an_end_and_no_end_at_once_are_refused(cast, hers):
    refused = write(hers, cast, starts_on="2027-01-01", ends_on="2027-12-31", is_open_ended="y")
    assert the_form(refused).wrong == {"ends_on"}
    assert write(hers, cast, starts_on="2027-01-01", is_open_ended="y").status_code == 303


@pytest.mark.parametrize("typed", ["31/02/2027", "2027-13-01", "besok", "Selamanya"])
def test_c12_a_broken_date_is_called_so_and_kept(cast, hers, typed):
    refused = write(hers, cast, starts_on=typed)
    assert "Tanggal tidak sah; tulis hh/bb/tttt." in words(refused)
    assert f'value="{typed}"' in refused.text
    assert "Wajib diisi." not in words(refused)


def test_the_errors_are_told_in_the_order_of_the_page(cast, hers):
    refused = write(hers, cast, title="", partner_ids=[], starts_on="2026-12-01", ends_on="2026-11-30")
    summary = words(refused).partition("Yang sudah Anda ketik tetap ada.")[2]
    places = [summary.index(label) for label in ("Judul", "Mitra", "Tanggal berakhir")]
    assert places == sorted(places)


def test_without_a_partner_or_a_cluster_it_is_refused_at_the_field(cast, hers):
    refused = hers.fill(NEW, title="PKS kemasan", cluster_ids=None)
    assert "Pilih paling sedikit satu mitra." in words(refused)
    assert "Pilih paling sedikit satu klaster." in words(refused)


def test_c65_a_partner_of_another_cluster_can_neither_be_found_nor_named(session, cast, hers):
    assert (
        "Badak"
        not in hers.fill(NEW, title="x", partner_query="badak", act="find").text.split('role="status"')[0]
    )
    refused = hers.fill(NEW, title="x", partner_query="", act=f"pick:{cast.badak.id}")
    assert "Radio Badak" not in refused.text
    assert hers.send(refused, {"title": "PKS kemasan"}).status_code == 422
    assert session.scalars(select(Agreement)).all() == []


def test_a_form_sent_twice_makes_one_agreement(session, cast, hers):
    page = hers.get(f"{NEW}?partner={cast.kemasindo.id}")
    first, again = (hers.send(page, {"title": "PKS kemasan"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    the_agreement(session)


def test_a_draft_is_changed_and_keeps_who_signs(session, cast, hers, draft):
    party = session.scalars(select(AgreementParty).where(AgreementParty.partner_id.is_not(None))).one()
    party.signatory_name = "Hendrik Sasmita"
    answer = hers.fill(f"/agreements/{draft.id}/edit", title="PKS kemasan dan label", note="Lihat lampiran.")
    assert answer.status_code == 303
    assert (draft.title, draft.note) == ("PKS kemasan dan label", "Lihat lampiran.")
    assert party.signatory_name == "Hendrik Sasmita"


def test_c38_two_people_at_one_draft_see_both_texts(session, cast, hers, browser_of, draft):
    neneng = make.user(cast.lebak, name="Neneng Sulastri")
    theirs = browser_of(neneng)
    first, second = (who.get(f"/agreements/{draft.id}/edit") for who in (hers, theirs))
    assert hers.send(first, {"title": "Judul Lilis"}).status_code == 303
    met = theirs.send(second, {"title": "Judul Neneng"})
    assert met.status_code == 409
    assert "Judul Lilis" in words(met)
    assert the_form(met).fields["title"] == ["Judul Neneng"]
    assert theirs.send(met).status_code == 303
    assert draft.title == "Judul Neneng"


def test_an_addendum_moves_the_end_of_a_signed_one_and_leaves_the_parties(session, cast, hers):
    agreement = make.agreement(cast.lebak, partners=(cast.kemasindo,))
    page = hers.get(f"/agreements/{agreement.id}/edit")
    form = the_form(page)
    assert "unggah adendumnya" in words(page)
    assert not form.names & {"kind", "partner_ids", "office", "school_ids"}
    assert hers.send(page, {"ends_on": days(500).isoformat()}).status_code == 303
    assert agreement.ends_on == days(500)
    trail = words(hers.get(f"/trail/agreement/{agreement.id}"))
    assert "24 November 2027" in trail
    assert "7 April 2028" in trail


def test_what_is_reviewed_keeps_its_text(hers, reviewed):
    form = the_form(hers.get(f"/agreements/{reviewed.id}/edit"), "note")
    assert not form.names & {"title", "ends_on", "partner_ids", "cluster_ids"}
    assert hers.fill(f"/agreements/{reviewed.id}/edit", note="Menunggu bagian hukum.").status_code == 303
    assert reviewed.note == "Menunggu bagian hukum."


# ---------------------------------------------------------------------------- the steps


def test_a_draft_is_submitted_twice_until_it_waits_for_the_kabid(session, cast, hers, kabid, draft):
    shown = hers.get(f"/agreements/{draft.id}")
    assert f'href="/agreements/{draft.id}/submit"' in shown.text
    assert hers.fill(f"/agreements/{draft.id}/submit").status_code == 303
    assert draft.status == AgreementStatus.IN_DISCUSSION
    answer = hers.fill(f"/agreements/{draft.id}/submit", comment="Sudah dibaca mitra.")
    assert draft.status == AgreementStatus.LEGAL_REVIEW
    page = words(hers.get(answer.location))
    assert "Diajukan kepada Kabid." in page
    assert "Menunggu keputusan Kabid" in page
    waiting = words(kabid.get("/agreements/decisions"))
    assert "1 kerja sama menunggu keputusan Anda" in waiting
    assert "PKS kemasan" in waiting
    assert "sejak hari ini" in waiting


def test_the_kabid_sees_how_long_what_waits_by_whom(kabid, reviewed):
    page = words(kabid.get("/agreements/decisions"))
    assert "menunggu 10 hari" in page
    assert "Diajukan Lilis Nurhayati Agustin, Sabtu, 14 November 2026" in page
    assert "1 menunggu keputusan" in words(kabid.get("/agreements"))


def test_the_kabid_approves_from_the_page_with_its_facts_in_view(session, kabid, hers, reviewed):
    shown = kabid.get(f"/agreements/{reviewed.id}")
    for said in (
        "Setujui naskah ini, atau kembalikan?",
        "Naskahnya sudah dibaca mitra.",
        "CV Kemasindo Lebak",
    ):
        assert said in words(shown)
    answer = kabid.send(shown, form="/approve")
    assert (answer.status_code, answer.location) == (303, f"/agreements/{reviewed.id}")
    assert reviewed.status == AgreementStatus.AWAITING_SIGNATURE
    assert "Disetujui. Koordinator klasternya diberi tahu." in words(kabid.get(answer.location))
    assert mails(session) == 1
    assert f'href="/agreements/{reviewed.id}/sign"' in hers.get(f"/agreements/{reviewed.id}").text


def test_what_is_returned_needs_a_comment_which_stays_in_the_history(session, kabid, hers, reviewed):
    back = f"/agreements/{reviewed.id}/return"
    shown = kabid.get(f"/agreements/{reviewed.id}")
    version = the_form(shown, "comment").fields["version"]
    refused = kabid.press(back, comment="", version=version)
    assert refused.status_code == 422
    assert the_form(refused, "comment").wrong == {"comment"}
    assert reviewed.status == AgreementStatus.LEGAL_REVIEW
    answer = kabid.press(back, comment="Tambahkan tenggat pelatihan.", version=version)
    assert answer.status_code == 303
    assert reviewed.status == AgreementStatus.IN_DISCUSSION
    page = words(hers.get(f"/agreements/{reviewed.id}"))
    assert "Dikembalikan ke pembahasan" in page
    assert "Tambahkan tenggat pelatihan." in page
    assert mails(session) == 1


def test_nobody_decides_about_what_they_submitted_themselves(session, cast, kabid, reviewed):
    submitted(session, reviewed, cast.aminah, ago=1)
    shown = kabid.get(f"/agreements/{reviewed.id}")
    assert "orang lain yang memutuskan" in words(shown)
    assert "/approve" not in shown.text
    assert kabid.press(f"/agreements/{reviewed.id}/approve").status_code == 409
    assert reviewed.status == AgreementStatus.LEGAL_REVIEW


def sign(hers, agreement, **fields):
    page = hers.get(f"/agreements/{agreement.id}/sign")
    names = [name for name in the_form(page, "signed_on").names if name.endswith("-name")]
    given = {
        "signed_on": "2026-11-20", "starts_on": "2026-11-20", "ends_on": "2027-11-19",
        **{name: f"Penanda {place}" for place, name in enumerate(sorted(names))},
    }  # fmt: skip
    return hers.send(page, given | fields)


def test_a_signing_is_recorded_with_who_signed(session, cast, hers):
    agreement = in_process(cast, AgreementStatus.AWAITING_SIGNATURE, term_months=12)
    form = the_form(hers.get(f"/agreements/{agreement.id}/sign"), "signed_on")
    assert form.fields["signed_on"] == ["2026-11-24"]
    answer = sign(
        hers, agreement, number_second="012/CV", **{"signatories-0-position": "Kepala Dinas",
                                                    "signatories-1-authority": "Akta 12"},
    )  # fmt: skip
    assert answer.status_code == 303
    assert (agreement.status, agreement.signed_on) == (AgreementStatus.SIGNED, date(2026, 11, 20))
    assert (agreement.starts_on, agreement.ends_on) == (date(2026, 11, 20), date(2027, 11, 19))
    assert agreement.number_second == "012/CV"
    page = words(hers.get(answer.location))
    for said in (
        "Penandatanganan tercatat.",
        "Penanda 0, Kepala Dinas",
        "Penanda 1",
        "Dasar: Akta 12",
        "Berlaku",
    ):
        assert said in page


def test_a_signing_without_an_end_a_signatory_or_a_day_is_refused_at_its_field(cast, hers):
    agreement = in_process(cast, AgreementStatus.AWAITING_SIGNATURE)
    endless = sign(hers, agreement, ends_on="")
    assert the_form(endless, "signed_on").wrong == {"ends_on"}
    unsigned = sign(hers, agreement, **{"signatories-1-name": ""})
    assert unsigned.status_code == 422
    assert the_form(unsigned, "signed_on").wrong == {"signatories-1-name"}
    assert "Tulis siapa yang menandatangani untuk Pihak Kedua." in words(unsigned)
    ahead = sign(hers, agreement, signed_on="2026-11-25")
    assert the_form(ahead, "signed_on").wrong == {"signed_on"}
    assert agreement.status == AgreementStatus.AWAITING_SIGNATURE
    assert sign(hers, agreement, ends_on="", is_open_ended="y").status_code == 303


def test_whose_signature_is_needed_is_told_where_a_party_is_of_several(cast, hers):
    other = make.partner(cast.lebak, name="Toko Oleh-oleh Kalimaya")
    agreement = in_process(cast, AgreementStatus.AWAITING_SIGNATURE, partners=(cast.kemasindo, other))
    page = words(hers.get(f"/agreements/{agreement.id}/sign"))
    assert page.count("(cukup satu tiap pihak)") == 2


def test_an_agreement_is_completed_or_terminated_or_given_up(session, cast, hers, kabid):
    done, stopped = (make.agreement(cast.lebak, partners=(cast.kemasindo,)) for _ in range(2))
    given_up = in_process(cast, AgreementStatus.IN_DISCUSSION)
    assert hers.fill(f"/agreements/{done.id}/complete", comment="Semua tercapai.").status_code == 303
    assert done.status == AgreementStatus.COMPLETED
    refused = kabid.fill(f"/agreements/{stopped.id}/terminate", on="2026-11-20", reason="")
    assert the_form(refused, "reason").wrong == {"reason"}
    ahead = kabid.fill(f"/agreements/{stopped.id}/terminate", on="2026-12-01", reason="Pabrik tutup.")
    assert the_form(ahead, "reason").wrong == {"on"}
    assert kabid.send(ahead, {"on": "2026-11-20"}).status_code == 303
    assert (stopped.status, stopped.terminated_on) == (AgreementStatus.TERMINATED, date(2026, 11, 20))
    assert "Pabrik tutup." in words(hers.get(f"/agreements/{stopped.id}"))
    assert hers.fill(f"/agreements/{given_up.id}/abandon", reason="Mitra mundur.").status_code == 303
    assert given_up.status == AgreementStatus.ABANDONED


def test_renewing_makes_a_linked_draft_and_the_gap_is_shown(session, cast, hers):
    agreement = make.agreement(cast.lebak, title="PKS kemasan", partners=(cast.kemasindo,), ends_on=days(-1))
    answer = hers.press(f"/agreements/{agreement.id}/renew")
    successor = session.scalars(select(Agreement).where(Agreement.renews_id == agreement.id)).one()
    assert (answer.status_code, answer.location) == (303, f"/agreements/{successor.id}")
    assert successor.status == AgreementStatus.DRAFT
    page = hers.get(answer.location)
    assert "Draf perpanjangan dibuat." in words(page)
    assert f'href="/agreements/{successor.id}/edit"' in page.text
    assert hers.fill(f"/agreements/{successor.id}/edit", starts_on=days(10).isoformat()).status_code == 303
    assert "Jeda 10 hari tanpa kerja sama" in words(hers.get(f"/agreements/{successor.id}"))
    before = hers.get(f"/agreements/{agreement.id}")
    assert "Perpanjangannya sedang diproses" in words(before)
    assert "/renew" not in before.text
    assert hers.press(f"/agreements/{agreement.id}/renew").status_code == 409


def renewing(hers, agreement):
    """What its page says of a renewal, and whether it offers one; its press is refused where it does not."""
    page = hers.get(f"/agreements/{agreement.id}")
    is_offered = f"/agreements/{agreement.id}/renew" in page.text
    if not is_offered:
        assert hers.press(f"/agreements/{agreement.id}/renew").status_code == 409
    return is_offered, words(page)


def test_what_only_archived_clusters_have_is_not_renewed_and_the_page_says_why(session, cast, hers):
    ended = make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=days(-1))
    holds = make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=days(400))
    assert [renewing(hers, one)[0] for one in (ended, holds)] == [True, True]
    cast.lebak.archived_at = system.now()
    session.commit()
    is_offered, said = renewing(hers, ended)
    assert not is_offered
    assert "Klasternya diarsipkan, jadi kerja sama ini tidak dapat diperpanjang." in said
    assert not renewing(hers, holds)[0]


def test_a_renewal_in_a_cluster_of_others_is_told_and_no_second_one_offered(cast, hers):
    agreement = make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=days(12))
    make.agreement(cast.pandeglang, renews_id=agreement.id, status=AgreementStatus.DRAFT)
    is_offered, said = renewing(hers, agreement)
    assert not is_offered
    assert "Perpanjangannya sedang diproses Di klaster lain, di luar tugas Anda." in said
    today = hers.get("/today")
    assert agreement.title in words(today)
    assert "/renew" not in today.text


@pytest.mark.parametrize(
    ("status", "step"),
    [
        (AgreementStatus.LEGAL_REVIEW, "submit"),
        (AgreementStatus.SIGNED, "submit"),
        (AgreementStatus.DRAFT, "sign"),
        (AgreementStatus.SIGNED, "sign"),
        (AgreementStatus.DRAFT, "complete"),
        (AgreementStatus.SIGNED, "abandon"),
    ],
)
def test_a_step_that_the_state_does_not_allow_answers_409_with_the_page(cast, hers, status, step):
    agreement = make.agreement(cast.lebak, partners=(cast.kemasindo,), status=status)
    filled = {"reason": "x", "signed_on": "2026-11-20", "starts_on": "2026-11-20", "is_open_ended": "y"}
    for answer in (
        hers.get(f"/agreements/{agreement.id}/{step}"),
        hers.press(f"/agreements/{agreement.id}/{step}", filled),
    ):
        assert answer.status_code == 409
        assert f'href="/agreements/{agreement.id}"' in answer.text
    assert agreement.status == status


def test_a_step_pressed_twice_is_taken_once_and_answers_the_same(session, hers, draft):
    page = hers.get(f"/agreements/{draft.id}/submit")
    first, again = hers.send(page), hers.send(page)
    assert (first.status_code, again.status_code, again.location) == (303, 303, first.location)
    assert draft.status == AgreementStatus.IN_DISCUSSION


def test_two_people_who_submit_the_same_draft_take_it_one_step(cast, hers, browser_of, draft):
    dewi = browser_of(make.user(cast.lebak))
    page = dewi.get(f"/agreements/{draft.id}/submit")
    assert hers.fill(f"/agreements/{draft.id}/submit").status_code == 303
    answer = dewi.send(page, {"comment": "Sudah dibaca mitra."})
    assert answer.status_code == 409
    assert draft.status == AgreementStatus.IN_DISCUSSION
    assert "Orang lain mengubah catatan ini." in words(answer)
    assert "Sudah dibaca mitra.</textarea>" in answer.text
    assert dewi.send(answer).status_code == 303
    assert draft.status == AgreementStatus.LEGAL_REVIEW


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("status", "verb", "role"),
    [("legal_review", "approve", Role.KABID), ("draft", "submit", None), ("signed", "renew", None)],
)
def test_of_two_who_press_at_the_same_moment_one_is_told_of_the_other(
    cast, session, browser_of, status, verb, role
):
    row = make.agreement(cast.lebak, partners=(cast.kemasindo,), status=AgreementStatus(status))
    people = [make.user(role=role) if role else make.user(cast.lebak) for _ in range(2)]
    address, version = f"/agreements/{row.id}/{verb}", row.version
    presses = [(browser, browser.envelope()) for browser in map(browser_of, people)]

    def press(pressed):
        browser, envelope = pressed
        return browser.post(address, data={**envelope, "version": version}).status_code

    session.commit()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, presses)) == [303, 409]
    session.rollback()
    taken = session.scalars(select(AgreementStep.id)).all()
    assert len(taken) == 1


def test_what_changed_since_the_page_was_drawn_is_not_approved_unseen(session, kabid, hers, reviewed):
    shown = kabid.get(f"/agreements/{reviewed.id}")
    edited = hers.fill(f"/agreements/{reviewed.id}/edit", note="Lampirannya menyusul.")
    assert edited.status_code == 303
    answer = kabid.send(shown, {"comment": "Baik."}, form="/approve")
    assert answer.status_code == 409
    assert reviewed.status == AgreementStatus.LEGAL_REVIEW
    assert mails(session) == 0
    assert "Lampirannya menyusul." in words(answer)
    assert "Baik.</textarea>" in answer.text
    assert kabid.send(answer, form="/approve").status_code == 303
    assert reviewed.status == AgreementStatus.AWAITING_SIGNATURE


def test_a_signing_does_not_put_back_a_number_that_was_corrected_meanwhile(cast, hers, browser_of):
    agreed = make.agreement(
        cast.lebak,
        partners=(cast.kemasindo,),
        status=AgreementStatus.AWAITING_SIGNATURE,
        number_first="421/1",
    )
    page = hers.get(f"/agreements/{agreed.id}/sign")
    dewi = browser_of(make.user(cast.lebak))
    assert dewi.fill(f"/agreements/{agreed.id}/edit", number_first="421/2").status_code == 303
    names = {f"signatories-{row}-name": "Siti" for row in (0, 1)}
    answer = hers.send(page, {"starts_on": "2026-11-24", "ends_on": "2027-11-23", **names})
    assert answer.status_code == 409
    assert (agreed.status, agreed.number_first) == (AgreementStatus.AWAITING_SIGNATURE, "421/2")


def test_c117_the_trail_of_a_signed_agreement_tells_who_changed_what_from_what(cast, session, hers):
    signed = make.agreement(
        cast.lebak, cast.pandeglang, partners=(cast.kemasindo, cast.badak), ends_on=date(2027, 6, 30)
    )
    owed = make.obligation(signed, title="Melatih 20 guru")
    session.commit()
    assert hers.fill(f"/agreements/{signed.id}/edit", ends_on="2028-06-30").status_code == 303
    assert hers.press(f"/obligations/{owed.id}/archive").status_code == 303
    office, seen, unseen = session.scalars(select(AgreementParty).order_by(AgreementParty.id))
    for party in (office, seen, unseen):
        party.signatory_name = "Siti"
    session.commit()
    page = words(hers.get(f"/trail/agreement/{signed.id}"))
    assert "Lilis Nurhayati Agustin, S.E." in page
    assert "sebelumnya: 30 Juni 2027 → menjadi: 30 Juni 2028" in page
    assert "Diarsipkan Kewajiban: Melatih 20 guru" in page
    assert "Pihak kerja sama: Dinas Pendidikan" in page
    assert "Pihak kerja sama: CV Kemasindo Lebak" in page
    assert cast.badak.name not in page


@pytest.mark.parametrize("step", ["approve", "return", "terminate"])
def test_a_coordinator_does_not_decide(hers, reviewed, step):
    assert hers.press(f"/agreements/{reviewed.id}/{step}", reason="x", comment="x").status_code == 404
    assert hers.get("/agreements/decisions").status_code == 404


@pytest.mark.parametrize("step", ["submit", "sign", "complete", "abandon", "renew", "archive", "edit"])
def test_the_kabid_does_not_write(kabid, draft, step):
    assert kabid.press(f"/agreements/{draft.id}/{step}").status_code == 404


def test_c65_a_foreign_agreement_does_not_exist(cast, browser_of, draft):
    his = browser_of(cast.ujang)
    obligation = make.obligation(draft)
    for address in ("", "/edit", "/submit", "/sign", "/complete", "/abandon", "/archive", "/obligations/new"):
        assert his.get(f"/agreements/{draft.id}{address}").status_code == 404
    for address in ("edit", "mark"):
        assert his.get(f"/obligations/{obligation.id}/{address}").status_code == 404
    for address in ("archive", "restore"):
        assert his.press(f"/obligations/{obligation.id}/{address}").status_code == 404
    assert draft.title not in his.get("/agreements").text


# ---------------------------------------------------------------------------- what is owed


def test_an_obligation_is_added_changed_fulfilled_and_taken_back(session, cast, hers):
    agreement = make.agreement(cast.lebak, partners=(cast.kemasindo,))
    added = hers.fill(
        f"/agreements/{agreement.id}/obligations/new", title="Melatih 20 guru", due_on="15/12/2026",
        kind="teacher_training",
    )  # fmt: skip
    assert added.status_code == 303
    one = session.scalars(select(Obligation)).one()
    page = words(hers.get(added.location))
    assert "0 dari 1" in page
    assert "Pihak Kedua · Pelatihan guru · tenggat 15 Des." in page
    assert hers.fill(f"/obligations/{one.id}/edit", title="Melatih 25 guru").status_code == 303
    assert one.title == "Melatih 25 guru"
    mark = f"/obligations/{one.id}/mark"
    assert hers.press(f"{mark}?to=fulfilled&version={one.version}").status_code == 303
    assert (one.status, one.fulfilled_on) == (ObligationStatus.FULFILLED, system.today())
    shown = hers.get(f"/agreements/{agreement.id}")
    assert "“Melatih 25 guru”: Terpenuhi." in words(shown)
    assert f'action="{mark}?to=not_started&amp;version={one.version}"' in shown.text
    assert hers.press(f"{mark}?to=not_started&version={one.version}").status_code == 303
    assert (one.status, one.fulfilled_on) == (ObligationStatus.NOT_STARTED, None)


def test_an_obligation_is_marked_with_its_own_day(session, cast, hers):
    one = make.obligation(make.agreement(cast.lebak, partners=(cast.kemasindo,)))
    assert hers.fill(f"/obligations/{one.id}/mark", how_far="partial").status_code == 303
    assert one.status == ObligationStatus.PARTIAL
    ahead = hers.fill(f"/obligations/{one.id}/mark", how_far="fulfilled", on="2026-11-25")
    assert the_form(ahead, "how_far").wrong == {"on"}
    assert hers.send(ahead, {"on": "2026-11-20"}).status_code == 303
    assert one.fulfilled_on == date(2026, 11, 20)


def test_what_is_late_is_said_so(cast, hers):
    agreement = make.agreement(cast.lebak, partners=(cast.kemasindo,))
    make.obligation(agreement, title="Laporan mutu", due_on=days(-4))
    assert "Terlambat 4 hari" in words(hers.get(f"/agreements/{agreement.id}"))


def test_an_obligation_is_put_away_and_brought_back(cast, hers):
    agreement = make.agreement(cast.lebak, partners=(cast.kemasindo,))
    one = make.obligation(agreement)
    assert hers.press(f"/obligations/{one.id}/archive").status_code == 303
    assert "1 kewajiban diarsipkan" in words(hers.get(f"/agreements/{agreement.id}"))
    assert hers.get(f"/obligations/{one.id}/mark").status_code == 409
    assert hers.press(f"/obligations/{one.id}/restore").status_code == 303
    assert not one.is_archived


# ---------------------------------------------------------------------------- putting away


def test_what_will_happen_is_said_before_one_in_force_is_put_away(cast, hers):
    agreement = make.agreement(cast.lebak, title="PKS kemasan", partners=(cast.kemasindo,))
    make.obligation(agreement)
    unconfirmed = hers.press(f"/agreements/{agreement.id}/archive")
    assert unconfirmed.status_code == 422
    assert not agreement.is_archived
    page = hers.get(f"/agreements/{agreement.id}/archive")
    assert "Kerja sama ini masih berlaku." in words(page)
    assert "1 kewajiban belum terpenuhi." in words(page)
    assert hers.send(page).status_code == 303
    assert agreement.is_archived
    shown = hers.get(f"/agreements/{agreement.id}")
    assert shown.status_code == 200
    assert "diarsipkan 24 November 2026" in words(shown)
    assert f"/agreements/{agreement.id}/edit" not in shown.text
    assert "PKS kemasan" not in words(hers.get("/agreements"))
    assert "PKS kemasan" in words(hers.get("/agreements?state=archived"))
    for step in ("edit", "submit", "complete", "archive", "obligations/new"):
        assert hers.get(f"/agreements/{agreement.id}/{step}").status_code == 409
    assert hers.press(f"/agreements/{agreement.id}/restore").status_code == 303
    assert not agreement.is_archived


# ---------------------------------------------------------------------------- the page


def test_a_child_that_ends_after_its_parent_is_warned_of(cast, hers):
    mou = make.agreement(cast.lebak, kind=AgreementKind.MOU, title="MoU", ends_on=days(100))
    pks = make.agreement(cast.lebak, parent_id=mou.id, ends_on=days(200))
    assert "Berakhir sesudah induknya, “MoU”" in words(hers.get(f"/agreements/{pks.id}"))
    assert "1 kerja sama di bawahnya berakhir sesudah" in words(hers.get(f"/agreements/{mou.id}"))


def test_the_page_leads_to_its_trail_and_to_what_stands_under_it(cast, hers):
    agreement = make.agreement(cast.lebak, partners=(cast.kemasindo,))
    step = make.follow_up(
        cast.lebak, cast.lilis, agreement_id=agreement.id, source_kind=FollowUpSource.AGREEMENT
    )
    guidance = make.guidance(cast.lebak, agreement_id=agreement.id)
    meeting = make.meeting(cast.lebak, agreement_id=agreement.id)
    page = hers.get(f"/agreements/{agreement.id}").text
    for address in (
        f"/follow-ups/{step.id}", f"/guidance/{guidance.id}", f"/meetings/{meeting.id}",
        f"/partners/{cast.kemasindo.id}", f"/follow-ups/new?agreement={agreement.id}",
        f"/agreements/{agreement.id}/documents/new",
    ):  # fmt: skip
        assert f'href="{address}"' in page
    assert "Riwayat perubahan" in page


@pytest.mark.parametrize("number", [1, 60])
def test_the_list_takes_five_statements_and_a_record_eight(cast, hers, statements, number):
    agreement = make.agreement(cast.lebak, kind=AgreementKind.MOU, partners=(cast.kemasindo,))
    for _ in range(number):
        make.obligation(agreement)
        make.agreement(cast.lebak, partners=(cast.kemasindo,), parent_id=agreement.id)
        make.contribution(cast.lebak, cast.kemasindo, agreement_id=agreement.id)
    address = f"/agreements/{agreement.id}"
    with statements() as ran:
        assert hers.get("/agreements").status_code == 200
    assert len(ran) == 5
    with statements() as ran:
        assert hers.get(address).status_code == 200
    assert len(ran) == 8
