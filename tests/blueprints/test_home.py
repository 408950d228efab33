"""The pages one lands on: the day, the agenda, what waits, and the rest."""

import re
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from pentahelix import clock as clocks
from pentahelix.models import Agreement, FollowUp
from pentahelix.queries import agenda
from pentahelix.services.involvements import refresh_last_contact
from pentahelix.vocabulary import (
    AgreementStatus,
    Answer,
    FollowUpStatus,
    Helix,
    MeetingStatus,
    Role,
    Salutation,
)
from tests import factories as make
from tests.clients import forms_of, words


@pytest.fixture
def lilis(cast, browser_of):
    return browser_of(cast.lilis)


def day(number: int) -> date:
    return clocks.today() + timedelta(days=number)


def at(number: int, hour: int):
    return clocks.at(day(number), time(hour), "Asia/Jakarta")


# ── where one opens ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("who", "page"), [("lilis", "/today"), ("aminah", "/coverage"), ("rudi", "/outbox")])
def test_each_role_opens_on_its_page(cast, browser_of, who, page):
    answer = browser_of(getattr(cast, who)).get("/")
    assert (answer.status_code, answer.location) == (303, page)


def test_the_first_administrator_opens_on_the_clusters_and_is_told_to_make_one(browser_of, session):
    admin = browser_of(make.user(role="admin"))
    assert admin.get("/").location == "/clusters"
    assert "Belum ada klaster. Buat klaster lebih dahulu." in words(admin.get("/partners/new"))
    for address in ("/partners", "/clusters", "/clusters/choose", "/coverage"):
        page = admin.get(address)
        assert words(page).count("Buat klaster pertama") == 1, address
        assert 'class="btn btn-1" href="/clusters/new"' in page.text, address


def test_the_agenda_leads_to_what_ends_and_to_what_is_owed(cast, lilis):
    pks = make.agreement(cast.lebak, partners=(cast.kemasindo,), title="PKS kemasan", ends_on=day(9))
    make.obligation(pks, title="Desain label", due_on=day(-1))
    page = lilis.get("/agenda")
    assert "1 kerja sama berakhir, 1 kewajiban jatuh tempo." in words(page)
    assert "Desain label Terlambat 1 hari · Kewajiban Pihak Kedua · PKS kemasan" in words(page)
    assert "PKS kemasan Kerja sama berakhir" in words(page)
    assert page.text.count(f'href="/agreements/{pks.id}"') == 2


def test_a_visitor_is_asked_to_sign_in_first(client):
    assert client.get("/").location == "/sign-in"


# ── the greeting ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("hour", "said"),
    [
        ("00:30", "Selamat malam"),
        ("04:00", "Selamat pagi"),
        ("10:59", "Selamat pagi"),
        ("11:00", "Selamat siang"),
        ("15:00", "Selamat sore"),
        ("18:00", "Selamat malam"),
        ("23:30", "Selamat malam"),
    ],
)
def test_one_is_greeted_by_the_hour(lilis, clock, hour, said):
    clock.set(f"2026-11-24T{hour}+07:00")
    assert f"{said}, Ibu Lilis" in words(lilis.get("/today"))


def test_the_hour_is_that_of_the_person(cast, browser_of, clock):
    clock.set("2026-11-24T10:00+07:00")
    cast.lilis.timezone = "Asia/Jayapura"
    assert "Selamat siang, Ibu Lilis" in words(browser_of(cast.lilis).get("/today"))


def test_who_has_no_form_of_address_is_not_given_one(cast, browser_of):
    somebody = make.user(cast.lebak, name="Muhammad Rizki", salutation=None)
    assert "Bapak/Ibu Muhammad Rizki" in words(browser_of(somebody).get("/today"))
    somebody.salutation = Salutation.BAPAK
    assert "Bapak Muhammad Rizki" in words(browser_of(somebody).get("/today"))


# ── the day ─────────────────────────────────────────────────────────────────────────────────────────────────


def a_full_day(cast):
    guidance = make.guidance(
        cast.lebak, topic="Desain kemasan", place="SMKN 1 Warunggunung", starts_at=at(2, 9), ends_at=at(2, 11)
    )
    make.invitation(
        guidance,
        cast.hendrik,
        answer=Answer.PROPOSED,
        proposed_starts_at=at(3, 10),
        note="Ada rapat",
    )
    make.follow_up(cast.lebak, cast.lilis, title="Kirim contoh label", due_on=day(-4))
    make.follow_up(cast.lebak, make.user(cast.lebak, name="Asep Suhendar"), title="Siaran", due_on=day(-1))
    make.follow_up(cast.lebak, cast.lilis, title="Telepon bendahara", due_on=day(0))
    media = make.partner(cast.lebak, name="Kabar Ciujung", helix=Helix.MEDIA)
    make.agreement(cast.lebak, partners=(media,), title="PKS promosi", ends_on=day(12))
    make.affiliation(cast.kemasindo, make.contact(name="Rina Marlina", phone="+6281200000012"), position="x")
    cast.hendrik.is_primary = False


def test_the_day_stands_in_its_order_and_the_line_names_the_numbers(cast, lilis):
    a_full_day(cast)
    page = words(lilis.get("/today"))
    assert (
        "1 usulan jadwal, 2 tindak lanjut terlambat, 1 jatuh tempo hari ini, "
        "1 kerja sama perlu diperpanjang, 2 mitra mulai dingin." in page
    )
    order = [
        "Bimbingan teknis berikutnya · 2 hari lagi",
        "09.00–11.00 WIB · SMKN 1 Warunggunung",
        "Usulan waktu 1",
        "Jum., 27 Nov., 10.00 WIB",
        "Tindak lanjut terlambat 2",
        "Terlambat 4 hari · Anda",
        "Terlambat 1 hari · Asep Suhendar",
        "Jatuh tempo hari ini 1",
        "Telepon bendahara",
        "Kerja sama akan berakhir 1",
        "12 hari lagi · 6 Desember 2026 · Kabar Ciujung",
        "Lama tidak dihubungi 2",
        "365 hari · belum pernah, sejak 24 Nov. 2025",
    ]
    places = [page.find(said) for said in order]
    assert -1 not in places, order[places.index(-1)]
    assert places == sorted(places)


def test_one_press_at_the_ring_and_one_is_back_on_the_day(cast, lilis, session):
    make.follow_up(cast.lebak, cast.lilis, title="Kirim contoh label", due_on=day(-4))
    answer = lilis.send(lilis.get("/today"), form="/done")
    assert (answer.status_code, answer.location) == (303, "/today")
    page = words(lilis.get("/today"))
    assert "Tindak lanjut selesai." in page
    assert "Urungkan" in page
    assert "Kirim contoh label" not in page


def test_more_than_five_are_counted_and_linked(cast, lilis):
    for number in range(7):
        make.follow_up(cast.lebak, cast.lilis, due_on=day(-1 - number))
    page = lilis.get("/today")
    assert "Semua 7" in words(page)
    assert 'href="/follow-ups?whose=cluster&amp;state=late"' in page.text
    assert words(lilis.get("/follow-ups?whose=cluster&state=late")).count("Terlambat") >= 7


def test_of_many_that_go_cold_one_comes_to_just_these(cast, lilis):
    for number in range(7):
        make.partner(cast.lebak, name=f"Sunyi {number}")
    make.contact_log(cast.lebak, cast.kemasindo, cast.lilis, contacted_on=day(0))
    number = re.search(r"Semua (\d+)", words(lilis.get("/today")))[1]
    link = f"/partners?cluster={cast.lebak.id}&status=cold"
    assert link.replace("&", "&amp;") in lilis.get("/today").text
    assert f"{number} mitra cocok" in words(lilis.get(link))


def test_what_is_decided_here_is_there_to_the_last_one(cast, lilis):
    guidance = make.guidance(cast.lebak, starts_at=at(2, 9), ends_at=at(2, 11))
    for number in range(7):
        make.agreement(cast.lebak, partners=(cast.kemasindo,), title=f"PKS {number}", ends_on=day(12))
        asks = make.affiliation(cast.kemasindo, make.contact(name=f"Pengusul {number}"))
        make.invitation(guidance, asks, answer=Answer.PROPOSED, proposed_starts_at=at(3, 10))
    page = words(lilis.get("/today"))
    assert page.count("2 lagi") == 2
    for number in range(7):
        assert f"PKS {number}" in page
        assert f"Pengusul {number}" in page


def test_a_cluster_without_partners_leads_to_its_first(cast, browser_of):
    empty = make.cluster()
    page = browser_of(make.user(empty)).get("/today")
    assert "Klaster ini belum mempunyai mitra" in words(page)
    assert "baru saja dihubungi" not in words(page)
    assert '"/partners/new"' in page.text


def test_a_quiet_day_says_so_and_names_the_next_one(cast, lilis):
    make.contact_log(cast.lebak, cast.kemasindo, cast.lilis)
    refresh_last_contact(cast.lebak.id, [cast.kemasindo.id])
    assert "Tidak ada yang mendesak hari ini." in words(lilis.get("/today"))
    make.meeting(cast.lebak, status=MeetingStatus.PLANNED, starts_at=at(6, 9))
    assert "Berikutnya Senin, 30 November 2026: rapat." in words(lilis.get("/today"))


@pytest.mark.parametrize(
    ("phone", "fictitious", "link"),
    [
        ("+6281200000012", False, "https://wa.me/6281200000012"),
        ("+62252200001", False, "tel:+62252200001"),
        ("+6281200000012", True, None),
    ],
)
def test_a_cold_partner_is_one_press_away_unless_invented(cast, lilis, phone, fictitious, link):
    partner = make.partner(cast.lebak, name="Lama diam", is_fictitious=fictitious)
    make.affiliation(partner, make.contact(name="Rina Marlina", phone=phone), is_primary=True)
    page = lilis.get("/today")
    assert "Lama diam" in words(page)
    assert ("wa.me" in page.text or "tel:" in page.text) is (link is not None)
    assert link is None or link in page.text


def test_somebody_without_a_cluster_is_told_why_nothing_is_there(browser_of, session):
    nobody = browser_of(make.user(name="Belum Ditugasi"))
    for page in ("/today", "/agenda", "/waiting", "/more"):
        assert nobody.get(page).status_code == 200, page
    assert "belum menjadi anggota klaster" in words(nobody.get("/today"))


def test_another_cluster_s_day_is_not_seen(cast, lilis):
    make.follow_up(cast.pandeglang, cast.ujang, title="Siaran radio", due_on=day(-1))
    make.agreement(cast.pandeglang, title="PKS radio", ends_on=day(3))
    page = words(lilis.get("/today"))
    assert "Siaran radio" not in page
    assert "PKS radio" not in page


def test_the_admin_sees_the_day_and_no_button_of_it(cast, browser_of):
    make.follow_up(cast.lebak, cast.lilis, title="Kirim contoh label", due_on=day(-4))
    pks = make.agreement(cast.lebak, partners=(cast.kemasindo,), ends_on=day(12))
    page = browser_of(cast.rudi).get("/today")
    assert "Kirim contoh label" in words(page)
    assert f'href="/agreements/{pks.id}"' in page.text
    assert not [form for form in forms_of(page) if form.action.endswith(("/done", "/renew"))]


def test_an_ending_agreement_is_renewed_by_one_press_and_then_its_successor_is_named(cast, lilis, session):
    pks = make.agreement(cast.lebak, partners=(cast.kemasindo,), title="PKS kemasan", ends_on=day(12))
    page = lilis.get("/today")
    assert f'href="/agreements/{pks.id}"' in page.text
    (form,) = [form for form in forms_of(page) if form.action == f"/agreements/{pks.id}/renew"]
    answer = lilis.send(page, form=form.action)
    assert answer.status_code == 303
    successor = session.scalars(select(Agreement).where(Agreement.renews_id == pks.id)).one()
    page = lilis.get("/today")
    assert "Lihat penggantinya : PKS kemasan" in words(page)
    assert f'href="/agreements/{successor.id}"' in page.text
    assert f"/agreements/{pks.id}/renew" not in page.text


# ── the agenda ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_agenda_names_what_its_weeks_hold_and_marks_today(cast, lilis):
    a_full_day(cast)
    make.meeting(cast.lebak, title="Rapat bulanan", status=MeetingStatus.PLANNED, starts_at=at(6, 13))
    page = words(lilis.get("/agenda"))
    assert (
        "23 November 2026 sampai 20 Desember 2026: 1 bimbingan teknis, 1 rapat, "
        "2 tenggat tindak lanjut, 1 kerja sama berakhir." in page
    )
    for said in (
        "Minggu ini",
        "Sel., 24 Nov. Hari ini",
        "Desain kemasan",
        "13.00 WIB · Rapat",
        "PKS promosi",
    ):
        assert said in page


def test_below_a_full_beginning_of_the_week_one_jumps_to_today(cast, lilis):
    def jump():
        page = lilis.get("/agenda").text
        assert page.count('id="today"') == 1
        return 'href="#today"' in page

    for hour in range(8, 13):
        make.meeting(cast.lebak, starts_at=at(-1, hour))
    assert not jump()
    make.meeting(cast.lebak, starts_at=at(-1, 13))
    assert jump()


def test_one_leafs_through_the_weeks_and_comes_back(lilis):
    page = lilis.get("/agenda?who=me")
    assert 'href="/agenda?who=me&amp;from=2026-12-21"' in page.text
    assert 'href="/agenda?who=me&amp;from=2026-10-26"' in page.text
    later = lilis.get("/agenda?who=me&from=2026-12-21")
    assert "25 Des. Hari Raya Natal" in words(later)
    assert 'href="/agenda?who=me"' in later.text


@pytest.mark.parametrize(
    "query", ["from=x", "from=0001-01-01", "from=9999-12-31", "who=x", "from=2026-02-31"]
)
def test_c71_a_nonsensical_week_is_this_one(lilis, query):
    """What is no day, or one of no year that we know, is today."""
    page = lilis.get(f"/agenda?{query}")
    assert page.status_code == 200
    assert "Minggu ini" in words(page)


def test_one_s_own_agenda_and_that_of_the_cluster_are_one_press_apart(cast, lilis):
    make.follow_up(cast.lebak, cast.lilis, title="Milik sendiri", due_on=day(1))
    make.follow_up(cast.lebak, cast.aminah, title="Milik Kabid", due_on=day(1))
    cluster, mine = words(lilis.get("/agenda")), words(lilis.get("/agenda?who=me"))
    assert "Milik sendiri" in cluster
    assert "Milik Kabid" in cluster
    assert "Milik Kabid" not in mine


def test_the_kabid_s_agenda_opens_on_all_clusters(cast, browser_of):
    make.follow_up(cast.pandeglang, cast.ujang, title="Siaran radio", due_on=day(1))
    page = words(browser_of(cast.aminah).get("/agenda"))
    assert "Siaran radio" in page
    assert "Olahan Laut Pandeglang" in page


def test_the_kabid_leafs_through_what_is_too_much_for_a_page_until_its_end(cast, browser_of, monkeypatch):
    monkeypatch.setattr(agenda, "LINES", 3)
    for number in range(6):
        make.agreement(cast.lebak, title=f"PKS ke-{number}", ends_on=day(number))
    aminah, address, read = browser_of(cast.aminah), "/agenda", ""
    for _page in range(3):
        page = aminah.get(address)
        read += words(page)
        address, *_others = re.findall(r'class="older" href="([^"]+)" rel="next"', page.text) or [""]
        if not address:
            break
    assert all(read.count(f"PKS ke-{number}") == 1 for number in range(6))
    assert not address
    first = aminah.get("/agenda")
    assert 'href="/agenda?from=2026-11-21" rel="prev"' in first.text


# ── what waits, and the rest ────────────────────────────────────────────────────────────────────────────────


def test_the_bell_and_the_page_behind_it_say_the_same(cast, lilis):
    assert "Tidak ada yang menunggu Anda" in words(lilis.get("/waiting"))
    make.follow_up(cast.lebak, cast.lilis, title="Hubungi radio", assigned_by_user_id=cast.aminah.id)
    a_full_day(cast)
    page = words(lilis.get("/waiting"))
    assert page.count("2 hal menunggu Anda") == 2
    assert "Hubungi radio" in page
    assert "dari Aminah Fatmawati" in page
    assert "Jum., 27 Nov., 10.00 WIB" in page


def test_what_the_page_of_what_waits_does_not_show_is_counted(cast, lilis):
    for number in range(30):
        make.follow_up(cast.lebak, cast.lilis, title=f"Tugas {number}", assigned_by_user_id=cast.aminah.id)
    page = lilis.get("/waiting")
    assert "30 hal menunggu Anda" in words(page)
    assert "5 hal lagi tampak di sini begitu yang di atas ditangani." in words(page)
    assert 'href="/follow-ups?whose=mine"' in page.text


def test_begun_it_waits_no_longer(cast, lilis):
    row = make.follow_up(cast.lebak, cast.lilis, assigned_by_user_id=cast.aminah.id)
    lilis.press(f"/follow-ups/{row.id}/begin")
    assert "Tidak ada yang menunggu Anda" in words(lilis.get("/waiting"))


def test_the_kabid_sees_what_is_to_be_approved(cast, browser_of):
    parties = {"partners": (cast.kemasindo,), "status": AgreementStatus.LEGAL_REVIEW}
    mou = make.agreement(cast.lebak, title="Nota dengan Dinas", **parties)
    aminah = browser_of(cast.aminah)
    page = aminah.get("/waiting")
    assert "1 hal menunggu Anda" in words(page)
    assert "Kerja sama yang perlu disetujui 1" in words(page)
    assert "Nota dengan Dinas PKS · CV Kemasindo Lebak · Kuliner Lebak" in words(page)
    assert f'href="/agreements/{mou.id}"' in page.text


@pytest.mark.parametrize("who", ["lilis", "aminah", "rudi"])
def test_the_rest_is_on_one_page_with_the_way_out(cast, browser_of, who):
    page = browser_of(getattr(cast, who)).get("/more")
    assert page.status_code == 200
    assert 'action="/sign-out"' in page.text
    assert "Profil" in words(page)


# ── what it costs ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("page", ["/today", "/agenda", "/agenda?who=me", "/waiting", "/more"])
def test_no_page_asks_more_than_ten_questions_however_much_there_is(cast, lilis, session, statements, page):
    def cost() -> int:
        session.commit()
        with statements() as ran:
            assert lilis.get(page).status_code == 200
        return len(ran)

    few = cost()
    a_full_day(cast)
    for number in range(200):
        session.add(
            FollowUp(
                cluster_id=cast.lebak.id,
                owner_user_id=cast.lilis.id,
                assigned_by_user_id=cast.aminah.id,
                partner_id=cast.kemasindo.id,
                title=f"Nomor {number}",
                due_on=day(number % 20 - 10),
                status=FollowUpStatus.NOT_STARTED,
            )
        )
    assert cost() <= max(few, 10) <= 10


def test_a_page_looked_at_late_at_night_on_the_last_day_of_the_year(cast, lilis, clock):
    clock.set("2026-12-31T23:30+07:00")
    make.follow_up(cast.lebak, cast.lilis, title="Hari ini", due_on=date(2026, 12, 31))
    page = words(lilis.get("/today"))
    assert "Kamis, 31 Desember 2026" in page
    assert "1 jatuh tempo hari ini" in page
    assert "Tahun Baru" in words(lilis.get("/agenda"))


def test_without_any_cluster_the_kabid_is_told_to_make_one(browser_of):
    kabid = browser_of(make.user(role=Role.KABID))
    assert "Buat klaster pertama" in words(kabid.get("/today"))
    assert "Belum ada klaster. Buat klaster lebih dahulu." in words(kabid.get("/follow-ups/new"))
    assert "/follow-ups/new" not in kabid.get("/follow-ups").text.partition("<main")[2].partition("</main")[0]
