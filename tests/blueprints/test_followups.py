"""The pages of follow-ups: made, listed, done in one press, taken back, handed over."""

from datetime import date
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from pentahelix.clock import now
from pentahelix.models import FollowUp
from pentahelix.vocabulary import FollowUpSource, FollowUpStatus, Helix, MailKind, Priority
from tests import factories as make
from tests.clients import forms_of, words
from tests.outbox import posted


@pytest.fixture
def lilis(cast, browser_of):
    return browser_of(cast.lilis)


@pytest.fixture
def aminah(cast, browser_of):
    return browser_of(cast.aminah)


@pytest.fixture
def label(cast):
    return make.follow_up(cast.lebak, cast.lilis, title="Kirim contoh label", due_on=date(2026, 11, 20))


def only(session):
    return session.scalars(select(FollowUp)).one()


# ── making ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_coordinator_types_one_line_and_has_a_follow_up_of_her_own_due_in_a_week(cast, lilis, session):
    answer = lilis.fill("/follow-ups/new", title="Telepon bendahara")
    made = only(session)
    assert (answer.status_code, answer.location) == (303, f"/follow-ups/{made.id}")
    assert (made.owner_user_id, made.due_on, made.cluster_id) == (
        cast.lilis.id,
        date(2026, 12, 1),
        cast.lebak.id,
    )
    assert "Tindak lanjut dibuat. Tenggatnya Selasa, 1 Desember 2026." in words(lilis.get(answer.location))


@pytest.mark.parametrize(
    ("typed", "due"),
    [
        ({"due_in": "1"}, date(2026, 11, 25)),
        ({"due_in": "14"}, date(2026, 12, 8)),
        ({"due_on": "24/12/2026"}, date(2026, 12, 24)),
        ({"due_on": "2026-12-24", "due_in": "1"}, date(2026, 12, 24)),
    ],
)
def test_one_press_or_a_date_says_until_when(lilis, session, typed, due):
    lilis.fill("/follow-ups/new", title="x", **typed)
    assert only(session).due_on == due


def test_it_comes_filled_with_the_partner_and_the_meeting_that_it_is_made_from(cast, lilis, session):
    meeting = make.meeting(cast.lebak, title="Rapat harga")
    page = lilis.get(f"/follow-ups/new?partner={cast.kemasindo.id}&meeting={meeting.id}")
    assert "Dari rapat: Rapat harga" in words(page)
    assert "CV Kemasindo Lebak" in words(page)
    lilis.send(page, {"title": "Kirim daftar harga"})
    made = only(session)
    assert (made.partner_id, made.meeting_id, made.source_kind) == (
        cast.kemasindo.id,
        meeting.id,
        FollowUpSource.MEETING,
    )


def _sources(cast):
    """What a follow-up may come from in Lebak: its query, where it has its page, what the form says of it."""
    pks = make.agreement(cast.lebak, partners=(cast.kemasindo,), title="PKS kemasan")
    given = make.contribution(cast.lebak, cast.kemasindo, title="Desain label")
    meeting = make.meeting(cast.lebak, title="Rapat harga")
    session = make.guidance(cast.lebak, topic="Uji rasa")
    return {
        FollowUpSource.AGREEMENT: (
            f"agreement={pks.id}", f"/agreements/{pks.id}", "Dari kerja sama: PKS kemasan"
        ),
        FollowUpSource.CONTRIBUTION: (
            f"contribution={given.id}", f"/contributions/{given.id}", "Dari kontribusi: Desain label"
        ),
        FollowUpSource.MEETING: (
            f"meeting={meeting.id}", f"/meetings/{meeting.id}", "Dari rapat: Rapat harga"
        ),
        FollowUpSource.GUIDANCE: (
            f"guidance={session.id}", f"/guidance/{session.id}", "Dari bimbingan: Uji rasa"
        ),
        FollowUpSource.CELL: (
            f"cluster={cast.lebak.id}&helix=media",
            f"/coverage/{cast.lebak.id}/media",
            "Dari cakupan Kuliner Lebak: Media",
        ),
    }  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in FollowUpSource if kind is not FollowUpSource.NONE])
def test_it_keeps_what_it_comes_from_goes_back_there_and_links_it(cast, lilis, session, kind):
    query, path, said = _sources(cast)[kind]
    page = lilis.get(f"/follow-ups/new?{query}&title=Telepon%20bendahara")
    assert said in words(page)
    assert f'href="{path}"' in page.text
    answer = lilis.send(page)
    assert (answer.status_code, answer.location) == (303, path)
    made = only(session)
    assert (made.source_kind, made.title, made.cluster_id) == (kind, "Telepon bendahara", cast.lebak.id)
    assert made.helix == (Helix.MEDIA if kind is FollowUpSource.CELL else None)
    assert f'href="{path}"' in lilis.get(f"/follow-ups/{made.id}").text
    assert f'href="{path}"' in lilis.get("/follow-ups").text


def test_the_partner_of_an_agreement_or_a_contribution_is_filled_in(cast, lilis):
    sources = _sources(cast)
    for kind in (FollowUpSource.AGREEMENT, FollowUpSource.CONTRIBUTION):
        (form,) = [
            form
            for form in forms_of(lilis.get(f"/follow-ups/new?{sources[kind][0]}"))
            if "title" in form.names
        ]
        assert form.fields["partner_id"] == [str(cast.kemasindo.id)]


def test_after_saving_it_leads_to_the_page_that_was_named_if_it_is_ours(cast, lilis, session):
    back = f"/partners/{cast.kemasindo.id}"
    answer = lilis.fill(f"/follow-ups/new?partner={cast.kemasindo.id}&back={back}", title="x")
    assert answer.location == back
    answer = lilis.fill("/follow-ups/new?back=https://evil.example/", title="y")
    assert answer.location.startswith("/follow-ups/")


@pytest.mark.parametrize(
    "query",
    [
        "agreement={agreement}", "contribution={contribution}", "guidance={guidance}",
        "meeting={meeting}", "cluster={cluster}&helix=media", "partner={partner}",
    ],
)  # fmt: skip
def test_c65_a_source_out_of_sight_is_no_page(cast, lilis, session, query):
    there = cast.pandeglang
    ids = {
        "agreement": make.agreement(there, partners=(cast.badak,)).id,
        "contribution": make.contribution(there, cast.badak).id,
        "guidance": make.guidance(there).id,
        "meeting": make.meeting(there).id,
        "cluster": there.id,
        "partner": cast.badak.id,
    }
    address = "/follow-ups/new?" + query.format(**ids)
    assert lilis.get(address).status_code == 404
    assert lilis.press(address, title="x").status_code == 404
    assert session.scalar(select(func.count(FollowUp.id))) == 0


def test_from_what_is_archived_nothing_new_is_made(cast, lilis, session):
    away = {"archived_at": now()}
    old = make.cluster(**away)
    make.membership(cast.lilis, old)
    pks = make.agreement(cast.lebak, partners=(cast.kemasindo,), **away)
    given = make.contribution(cast.lebak, cast.kemasindo, **away)
    for query in (f"cluster={old.id}", f"agreement={pks.id}", f"contribution={given.id}"):
        assert lilis.get(f"/follow-ups/new?{query}").status_code == 409
        assert lilis.press(f"/follow-ups/new?{query}", title="x").status_code == 409
    assert session.scalar(select(func.count(FollowUp.id))) == 0


@pytest.mark.parametrize("whose", ["foreign", "archived"])
def test_a_cluster_that_was_not_offered_is_refused_and_not_another_taken_instead(cast, lilis, session, whose):
    put_away = make.cluster(archived_at=now())
    make.membership(cast.lilis, put_away)
    number = {"foreign": cast.pandeglang.id, "archived": put_away.id}[whose]
    fields = {"title": "x", "due_in": "1", "owner_user_id": cast.lilis.id, "priority": "medium"}
    answer = lilis.press("/follow-ups/new", fields, cluster_id=number)
    assert answer.status_code == 422
    assert "Pilih dari daftar." in words(answer)
    assert session.scalar(select(func.count(FollowUp.id))) == 0


def test_a_source_of_another_cluster_than_the_named_one_is_no_page(cast, aminah):
    pks = make.agreement(cast.lebak, partners=(cast.kemasindo,))
    address = f"/follow-ups/new?agreement={pks.id}&cluster={cast.pandeglang.id}"
    assert aminah.get(address).status_code == 404


def test_the_kabid_assigns_in_any_cluster_that_an_agreement_covers(cast, aminah, session):
    pks = make.agreement(cast.lebak, cast.pandeglang, partners=(cast.kemasindo,))
    make.cluster()
    page = aminah.get(f"/follow-ups/new?agreement={pks.id}&cluster={cast.pandeglang.id}")
    (form,) = [form for form in forms_of(page) if "title" in form.names]
    assert form.fields["cluster_id"] == [str(cast.pandeglang.id)]
    assert page.text.count("</option>") == len(["lebak", "pandeglang"]) + len(["-", "aminah", "ujang"])
    aminah.send(page, {"title": "Dorong", "owner_user_id": cast.ujang.id})
    made = only(session)
    assert (made.cluster_id, made.agreement_id, made.owner_user_id) == (
        cast.pandeglang.id,
        pks.id,
        cast.ujang.id,
    )
    assert [mail.recipient for mail in posted(session, MailKind.ASSIGNED)] == [cast.ujang.email]


def test_a_partner_is_looked_for_without_losing_what_was_typed(cast, lilis, session):
    page = lilis.fill("/follow-ups/new", title="Kirim contoh", partner_query="kema", act="find")
    assert page.status_code == 200
    assert 'value="Kirim contoh"' in page.text
    answer = lilis.send(page, {"partner_id": str(cast.kemasindo.id)})
    assert answer.status_code == 303
    assert only(session).partner_id == cast.kemasindo.id


def test_a_name_typed_and_not_chosen_is_said_at_its_field(lilis, session):
    page = lilis.fill("/follow-ups/new", title="x", partner_query="kema")
    assert page.status_code == 422
    assert "Pilih mitra dari hasil pencarian" in words(page)
    assert "CV Kemasindo Lebak" in words(page)
    assert session.scalar(select(func.count(FollowUp.id))) == 0


def test_c65_the_pickers_offer_only_what_one_may_see(cast, lilis, browser_of):
    """Owners are those of one's cluster, partners too, and an empty or a wild search brings none."""
    (form,) = [form for form in forms_of(lilis.get("/follow-ups/new")) if "title" in form.names]
    page = words(lilis.get("/follow-ups/new"))
    assert "Ujang" not in page
    for typed in ("badak", "%", "_"):
        found = lilis.fill("/follow-ups/new", title="x", partner_query=typed, act="find")
        assert "Radio Badak" not in words(found)
    assert "partner_id" not in form.names


def test_the_kabid_assigns_and_chooses_to_whom(cast, aminah, session):
    page = aminah.get(f"/follow-ups/new?cluster={cast.pandeglang.id}")
    assert aminah.send(page, {"title": "x", "owner_user_id": ""}).status_code == 422
    aminah.send(page, {"title": "Hubungi radio", "owner_user_id": str(cast.ujang.id)})
    made = only(session)
    assert (made.cluster_id, made.owner_user_id, made.assigned_by_user_id) == (
        cast.pandeglang.id,
        cast.ujang.id,
        cast.aminah.id,
    )


def test_without_a_source_it_is_for_the_cluster_that_the_bar_names(cast, aminah):
    make.cluster(short_name="Agrowisata", begins=date(2026, 11, 24))
    page = aminah.get("/follow-ups/new")
    (form,) = (form for form in forms_of(page) if "title" in form.names)
    assert form.fields["cluster_id"] == [str(cast.lebak.id)]
    assert 'class="bar-cluster"' in page.text
    assert f"{cast.lebak.short_name} , pilih klaster lain" in words(page)


def test_choosing_another_cluster_brings_its_people_and_keeps_what_was_typed(cast, aminah):
    page = aminah.fill(
        f"/follow-ups/new?cluster={cast.lebak.id}",
        title="Hubungi radio",
        cluster_id=str(cast.pandeglang.id),
        act="cluster",
    )
    assert "Ujang Permana" in words(page)
    assert "Lilis" not in words(page)
    assert 'value="Hubungi radio"' in page.text


def test_somebody_without_a_cluster_is_told_so(browser_of, session):
    nobody = browser_of(make.user())
    page = nobody.get("/follow-ups/new")
    assert page.status_code == 409
    assert "belum menjadi anggota klaster" in words(page)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": ""}, "Wajib diisi."),
        ({"title": "x" * 1001}, "paling banyak 1.000 karakter"),
        ({"title": "x", "due_on": "31/02/2027"}, "Tanggal tidak sah"),
        ({"title": "x", "due_in": "5"}, "Pilih dari daftar."),
        ({"title": "x", "due_in": None}, "Wajib diisi."),
        ({"title": "x", "priority": "urgent"}, "Pilih dari daftar."),
        ({"title": "x", "owner_user_id": "999"}, "Pilih dari daftar."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_made(lilis, session, typed, said):
    page = lilis.fill("/follow-ups/new", typed)
    assert page.status_code == 422
    assert said in words(page)
    assert session.scalar(select(func.count(FollowUp.id))) == 0


def test_c73_sent_five_times_it_is_made_once(lilis, session):
    """The same form sent again leads to the same follow-up."""
    page = lilis.get("/follow-ups/new")
    answers = {lilis.send(page, {"title": "Telepon"}).location for _ in range(5)}
    assert answers == {f"/follow-ups/{only(session).id}"}


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("done", {"result": "Terkirim"}),
        ("cancel", {"reason": "Mitra mundur"}),
        ("edit", {"title": "Kirim dua contoh"}),
        ("begin", {}),
        ("archive", {}),
        ("snooze", {"until": "2026-11-27"}),
    ],
)
def test_c73_an_act_sent_twice_is_one_act_with_one_answer(cast, lilis, label, session, act, typed):
    """Two taps, or a lost answer and a second try."""
    given = {"owner_user_id": cast.lilis.id, "due_on": "2026-11-20", "priority": "medium", "version": 1}
    sent = lilis.envelope() | (given if act == "edit" else {}) | typed
    first, second = (lilis.post(f"/follow-ups/{label.id}/{act}", data=sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert only(session).version == 2


def test_c74_sent_again_with_other_text_it_offers_to_edit_the_first(lilis, session):
    """Going back and changing the text makes no second one."""
    page = lilis.get("/follow-ups/new")
    lilis.send(page, {"title": "Telepon"})
    again = lilis.send(page, {"title": "Telepon bendahara"})
    assert again.status_code == 409
    made = only(session)
    assert f'formaction="/follow-ups/{made.id}/edit"' in again.text
    assert "Telepon bendahara" in again.text


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_opens_on_one_s_own_with_the_late_ones_first(cast, lilis, label):
    make.follow_up(cast.lebak, cast.lilis, title="Nanti")
    make.follow_up(cast.lebak, cast.aminah, title="Urusan Kabid")
    page = words(lilis.get("/follow-ups"))
    assert page.index("Kirim contoh label") < page.index("Nanti")
    assert "Terlambat 4 hari" in page
    assert "2 tindak lanjut, 1 terlambat" in page
    assert "Urusan Kabid" not in page


def test_the_cluster_s_list_names_the_owners(cast, lilis, label):
    make.follow_up(cast.lebak, cast.aminah, title="Urusan Kabid")
    page = words(lilis.get("/follow-ups?whose=cluster"))
    assert "Aminah Fatmawati" in page
    assert "Anda" in page


def test_the_kabid_s_list_opens_on_all_clusters(cast, aminah, label):
    make.follow_up(cast.pandeglang, cast.ujang, title="Siaran radio")
    page = words(aminah.get("/follow-ups"))
    assert "Siaran radio" in page
    assert "Olahan Laut Pandeglang" in page


@pytest.mark.parametrize("state", ["open", "late", "done", "cancelled", "archived", "nonsense"])
def test_an_empty_list_says_so_in_every_state(lilis, state):
    page = lilis.get(f"/follow-ups?state={state}")
    assert page.status_code == 200
    assert "Tidak ada" in words(page)


@pytest.mark.parametrize(
    "query", ["page=-1", "page=x", "page=999999", "sort=%27", "partner=abc", "due=2026-13-01", "priority=x"]
)
def test_c71_a_nonsensical_address_is_no_error(cast, lilis, label, query):
    """What is no filter that we know is none."""
    page = lilis.get(f"/follow-ups?{query}")
    assert page.status_code == 200
    assert "Kirim contoh label" in words(page)


def test_filters_stay_in_the_links_of_the_others(cast, lilis, label):
    page = lilis.get(f"/follow-ups?whose=cluster&partner={cast.kemasindo.id}&priority=high")
    assert f"whose=cluster&amp;partner={cast.kemasindo.id}&amp;priority=high&amp;state=late" in page.text


def test_the_list_costs_the_same_with_forty_rows(cast, lilis, label, session, statements):
    def cost() -> int:
        with statements() as ran:
            assert lilis.get("/follow-ups?whose=cluster").status_code == 200
        return len(ran)

    few = cost()
    for _ in range(40):
        make.follow_up(cast.lebak, cast.lilis, partner=cast.kemasindo)
    assert cost() == few <= 8


def test_the_spreadsheet_holds_what_the_list_shows(cast, lilis, label):
    make.follow_up(cast.lebak, cast.lilis, title="=1+1", partner=cast.kemasindo, priority=Priority.HIGH)
    make.follow_up(
        cast.lebak, cast.lilis, title="Sudah", status=FollowUpStatus.DONE, completed_on=date(2026, 11, 1)
    )
    answer = lilis.get("/follow-ups/export.xlsx")
    assert "tindak-lanjut-2026-11-24.xlsx" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == ["Kirim contoh label", "=1+1"]
    assert rows[1][2] == date(2026, 11, 20)
    assert rows[1][3] == 4
    assert rows[2][5] == "CV Kemasindo Lebak"


# ── one of them ─────────────────────────────────────────────────────────────────────────────────────────────


def test_its_page_says_what_who_until_when_with_whom_and_where_from(cast, lilis):
    row = make.follow_up(
        cast.lebak,
        cast.lilis,
        title="Kirim contoh label",
        partner=cast.kemasindo,
        meeting=make.meeting(cast.lebak, title="Rapat harga"),
        due_on=date(2026, 11, 20),
        assigned_by_user_id=cast.aminah.id,
    )
    page = words(lilis.get(f"/follow-ups/{row.id}"))
    for said in (
        "Kirim contoh label",
        "Terlambat 4 hari",
        "Jumat, 20 November 2026",
        "Anda ditugaskan oleh Aminah Fatmawati",
        "CV Kemasindo Lebak",
        "Rapat harga",
    ):
        assert said in page


def test_one_press_makes_it_done_and_another_takes_that_back(cast, lilis, label, session):
    answer = lilis.send(lilis.get("/follow-ups?whose=cluster"), form="/done")
    assert (answer.status_code, answer.location) == (303, "/follow-ups?whose=cluster")
    assert only(session).status == FollowUpStatus.DONE
    shown = lilis.get(answer.location)
    assert "Tindak lanjut selesai." in words(shown)
    undone = lilis.send(shown, form="/reopen")
    assert undone.location == "/follow-ups?whose=cluster"
    assert (only(session).status, only(session).completed_on) == (FollowUpStatus.NOT_STARTED, None)
    assert "Urungkan" not in words(lilis.get(undone.location))


def test_the_undoing_stands_until_the_next_page(lilis, label):
    lilis.press(f"/follow-ups/{label.id}/done")
    assert "Urungkan" in words(lilis.get("/follow-ups"))
    assert "Urungkan" not in words(lilis.get("/follow-ups"))


def test_done_with_a_result_from_its_page(lilis, label, session):
    lilis.fill(f"/follow-ups/{label.id}", result="Dua contoh terkirim")
    assert only(session).result == "Dua contoh terkirim"
    assert "Dua contoh terkirim" in words(lilis.get(f"/follow-ups/{label.id}"))


def test_pressed_by_two_people_the_second_is_told(cast, lilis, aminah, label):
    assert lilis.press(f"/follow-ups/{label.id}/done").status_code == 303
    late = aminah.press(f"/follow-ups/{label.id}/done")
    assert late.status_code == 409
    assert "sudah berstatus “Selesai”" in words(late)


def test_a_button_with_a_stale_token_comes_back_to_be_pressed_again(lilis, label, session):
    refused = lilis.post(f"/follow-ups/{label.id}/begin", data={})
    assert refused.status_code == 422
    assert only(session).status == FollowUpStatus.NOT_STARTED
    assert lilis.send(refused, form="/begin").status_code == 303
    assert only(session).status == FollowUpStatus.IN_PROGRESS


def test_only_pages_of_ours_are_come_back_to(lilis, label):
    answer = lilis.press(f"/follow-ups/{label.id}/begin?back=https://elsewhere.example/")
    assert answer.location == f"/follow-ups/{label.id}"


# ── changing ────────────────────────────────────────────────────────────────────────────────────────────────


def test_moving_the_due_date_asks_for_the_reason_at_its_field(lilis, label, session):
    address = f"/follow-ups/{label.id}/edit"
    refused = lilis.fill(address, due_on="2026-12-24")
    assert refused.status_code == 422
    assert "Tulis alasan tenggatnya dipindah." in words(refused)
    assert 'value="2026-12-24"' in refused.text
    lilis.send(refused, {"reason": "Menunggu surat"})
    assert (only(session).due_on, only(session).due_reason) == (date(2026, 12, 24), "Menunggu surat")
    assert "dipindah: Menunggu surat" in words(lilis.get(f"/follow-ups/{label.id}"))


def test_c75_the_second_of_two_editors_sees_both_texts_and_loses_nothing(cast, lilis, aminah, label, session):
    """Two people edit one follow-up; who saves last is told, and may save once more."""
    address = f"/follow-ups/{label.id}/edit"
    hers, his = lilis.get(address), aminah.get(address)
    lilis.send(hers, {"title": "Kirim dua contoh"})
    conflict = aminah.send(his, {"title": "Kirim tiga contoh"})
    assert conflict.status_code == 409
    assert "Kirim dua contoh" in words(conflict)
    assert 'value="Kirim tiga contoh"' in conflict.text
    assert aminah.send(conflict).status_code == 303
    assert only(session).title == "Kirim tiga contoh"


def test_handed_over_it_names_who_did_that(cast, lilis, label, session):
    asep = make.user(cast.lebak, name="Asep Suhendar")
    page = lilis.get(f"/follow-ups/{label.id}/reassign")
    assert ">Anda<" not in page.text
    answer = lilis.send(page, {"owner_user_id": str(asep.id)})
    assert "diserahkan kepada Asep Suhendar" in words(lilis.get(answer.location))
    assert (only(session).owner_user_id, only(session).assigned_by_user_id) == (asep.id, cast.lilis.id)


def test_snoozed_by_one_press_and_woken_by_another(lilis, label, session):
    page = lilis.get(f"/follow-ups/{label.id}/snooze")
    quick = [day for form in forms_of(page) for day in form.fields.get("until", ()) if day]
    assert quick == ["2026-11-25", "2026-11-27", "2026-12-01", "2026-12-08"]
    answer = lilis.press(f"/follow-ups/{label.id}/snooze", until=quick[1])
    assert only(session).snoozed_until == date(2026, 11, 27)
    shown = lilis.get(answer.location)
    assert "tidak diingatkan sampai Jum., 27 Nov." in words(shown)
    assert "Terlambat 4 hari" in words(shown)
    lilis.press(f"/follow-ups/{label.id}/wake")
    assert only(session).snoozed_until is None


def test_snoozed_too_long_is_refused_with_the_limit(lilis, label):
    refused = lilis.press(f"/follow-ups/{label.id}/snooze", until="2026-12-09")
    assert refused.status_code == 422
    assert "Paling lama 14 hari." in words(refused)


def test_cancelled_with_a_reason_which_its_page_shows(lilis, label, session):
    address = f"/follow-ups/{label.id}/cancel"
    assert lilis.fill(address, reason="").status_code == 422
    lilis.fill(address, reason="Mitra mundur")
    assert only(session).status == FollowUpStatus.CANCELLED
    assert "Mitra mundur" in words(lilis.get(f"/follow-ups/{label.id}"))


def test_an_archived_one_is_shown_with_a_banner_refuses_changes_and_is_restored(lilis, label, session):
    lilis.press(f"/follow-ups/{label.id}/archive")
    page = lilis.get(f"/follow-ups/{label.id}")
    assert page.status_code == 200
    assert "diarsipkan" in words(page)
    for act in ("done", "begin", "wake", "archive", "edit", "cancel", "snooze", "reassign"):
        assert lilis.press(f"/follow-ups/{label.id}/{act}").status_code == 409, act
    assert "Kirim contoh label" not in words(lilis.get("/follow-ups"))
    assert "Kirim contoh label" in words(lilis.get("/follow-ups?state=archived"))
    assert lilis.press(f"/follow-ups/{label.id}/restore").status_code == 303
    assert not only(session).is_archived


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────

PAGES = ("", "/edit", "/done", "/cancel", "/snooze", "/reassign")
ACTS = ("edit", "done", "cancel", "snooze", "reassign", "begin", "reopen", "wake", "archive", "restore")


def test_of_another_cluster_or_missing_it_is_the_same_404(cast, lilis, session):
    foreign = make.follow_up(cast.pandeglang, cast.ujang)
    for tail in PAGES:
        assert lilis.get(f"/follow-ups/{foreign.id}{tail}").status_code == 404, tail
        assert lilis.get(f"/follow-ups/99999{tail}").status_code == 404, tail
    for act in ACTS:
        assert lilis.press(f"/follow-ups/{foreign.id}/{act}").status_code == 404, act
        assert lilis.press(f"/follow-ups/99999/{act}").status_code == 404, act
    for noun, row in (("cluster", cast.pandeglang), ("partner", cast.badak)):
        assert lilis.get(f"/follow-ups/new?{noun}={row.id}").status_code == 404, noun
    assert only(session).status == FollowUpStatus.NOT_STARTED


def test_the_admin_reads_and_does_nothing(cast, browser_of, label, session):
    rudi = browser_of(cast.rudi)
    assert "Kirim contoh label" in words(rudi.get("/follow-ups"))
    page = rudi.get(f"/follow-ups/{label.id}")
    assert page.status_code == 200
    assert not [form for form in forms_of(page) if form.method == "post"]
    assert rudi.get("/follow-ups/new").status_code == 404
    for act in ACTS:
        assert rudi.press(f"/follow-ups/{label.id}/{act}").status_code == 404, act
    assert only(session).version == label.version


def test_the_kabid_does_what_a_coordinator_does_anywhere(cast, aminah, label, session):
    assert aminah.press(f"/follow-ups/{label.id}/begin").status_code == 303
    assert aminah.press(f"/follow-ups/{label.id}/done").status_code == 303
    assert aminah.press(f"/follow-ups/{label.id}/reopen").status_code == 303
    assert only(session).status == FollowUpStatus.IN_PROGRESS


def test_a_visitor_is_asked_to_sign_in(client, label, session):
    assert client.get(f"/follow-ups/{label.id}").status_code == 303
    assert client.post(f"/follow-ups/{label.id}/done").status_code == 401
    assert only(session).status == FollowUpStatus.NOT_STARTED


def test_a_page_changes_nothing_by_being_looked_at(cast, lilis, label, session):
    before = label.version
    for tail in PAGES:
        assert lilis.get(f"/follow-ups/{label.id}{tail}").status_code == 200, tail
    assert only(session).version == before


def test_c05_a_title_of_a_thousand_characters_is_kept_and_shown_whole(lilis, session):
    """Accepted whole, never cut silently."""
    title = ("Menyusun surat undangan " * 42)[:1000].strip()
    answer = lilis.fill("/follow-ups/new", title=title)
    assert only(session).title == title
    assert title in words(lilis.get(answer.location))
    assert title in words(lilis.get("/follow-ups"))


def test_what_is_typed_is_shown_and_not_executed(lilis):
    lilis.fill("/follow-ups/new", title="<script>alert(1)</script> Ma'mun")
    page = lilis.get("/follow-ups")
    assert "<script>alert" not in page.text
    assert "<script>alert(1)</script> Ma'mun" in words(page)


def test_the_record_page_asks_few_questions(cast, lilis, statements):
    row = make.follow_up(cast.lebak, cast.lilis, partner=cast.kemasindo, meeting=make.meeting(cast.lebak))
    lilis.get(f"/follow-ups/{row.id}")
    with statements() as ran:
        lilis.get(f"/follow-ups/{row.id}")
    assert len(ran) <= 5


def test_an_old_note_to_an_archived_one_leads_somewhere(lilis, cast):
    row = make.follow_up(cast.lebak, cast.lilis, archived_at=now())
    assert lilis.get(f"/follow-ups/{row.id}").status_code == 200
