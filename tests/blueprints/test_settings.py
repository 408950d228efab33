"""The settings of the province and its holidays."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from pentahelix.holidays import calendar
from pentahelix.models import Holiday
from pentahelix.services import settings
from tests import factories as make
from tests.clients import forms_of, words

PATILASAN = date(2026, 10, 4)
INDEPENDENCE = date(2026, 8, 17)


# ---------------------------------------------------------------------------- settings


def test_the_administrator_chooses_name_and_thresholds(browser_of, cast, session):
    admin = browser_of(cast.rudi)
    answer = admin.fill("/admin/settings", name="Bidang SMK Banten", cold_days="60")
    assert (answer.status_code, answer.location) == (303, "/admin/settings")
    chosen = settings.province()
    assert (chosen.name, chosen.cold_days, chosen.late_days) == ("Bidang SMK Banten", 60, 7)
    assert 'value="60"' in admin.get("/admin/settings").text


def test_the_kabid_chooses_thresholds_and_not_the_name(browser_of, cast, session):
    kabid = browser_of(cast.aminah)
    shown = kabid.get("/admin/settings")
    assert "Nama kantor" not in words(shown)
    assert (
        kabid.press("/admin/settings", {"name": "Milik saya"} | form_of(shown, late_days="3")).status_code
        == 303
    )
    chosen = settings.province()
    assert (chosen.name, chosen.late_days) == (settings.Province().name, 3)


def form_of(shown, **fields):
    (form,) = [form for form in forms_of(shown) if "late_days" in form.names]
    return form.fields | fields


def test_for_a_coordinator_there_are_no_settings(browser_of, cast):
    client = browser_of(cast.lilis)
    assert client.get("/admin/settings").status_code == 404
    assert client.press("/admin/settings", cold_days=1).status_code == 404


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"cold_days": "0"}, "Paling sedikit 1."),
        ({"cold_days": "tiga"}, "Tulis bilangan bulat"),
        ({"cold_days": ""}, "Wajib diisi."),
        ({"snooze_days": "91"}, "Paling banyak 90."),
        ({"at_risk_days": "120"}, "Tidak boleh lebih dari batas"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_at_its_field(browser_of, cast, typed, said):
    answer = browser_of(cast.rudi).fill("/admin/settings", typed)
    assert answer.status_code == 422
    assert said in words(answer)
    ((_name, text),) = typed.items()
    assert f'value="{text}"' in answer.text


def test_two_at_the_settings_the_second_is_told(browser_of, cast):
    one, other = browser_of(cast.rudi), browser_of(cast.aminah)
    first, second = one.get("/admin/settings"), other.get("/admin/settings")
    one.send(first, {"cold_days": "60"})
    answer = other.send(second, {"cold_days": "45"})
    assert answer.status_code == 409
    assert "Tulisan orang lain 60" in words(answer)
    assert other.send(answer).status_code == 303
    assert settings.province().cold_days == 45


# ---------------------------------------------------------------------------- holidays


@pytest.fixture
def admin(browser_of, cast):
    return browser_of(cast.rudi)


def test_the_year_is_listed_in_order_and_named_in_the_title(admin):
    page = words(admin.get("/admin/holidays?year=2026"))
    assert "hari libur pada 2026" in page
    assert page.index("1 Januari 2026") < page.index("17 Agustus 2026") < page.index("25 Desember 2026")


def test_a_long_list_leads_to_the_holiday_that_comes_next(admin):
    page = admin.get("/admin/holidays?year=2026")
    assert "Berikutnya: Cuti Bersama Hari Raya Natal, 24 Desember 2026" in words(page)
    assert 'href="#2026-12-24"' in page.text
    assert 'id="2026-12-24"' in page.text
    assert "Berikutnya:" not in words(admin.get("/admin/holidays?year=2025"))


def test_a_day_is_added_with_who_and_when_beside_it(admin, session):
    answer = admin.fill("/admin/holidays?year=2026", day="04/10/2026", name="Hari jadi Provinsi Banten")
    assert (answer.status_code, answer.location) == (303, "/admin/holidays?year=2026")
    assert calendar(session).holiday_name(PATILASAN) == "Hari jadi Provinsi Banten"
    page = words(admin.get(answer.location))
    assert "Hari jadi Provinsi Banten Minggu, 4 Oktober 2026" in page
    assert "oleh Rudi Hartono, Sel., 24 Nov." in page


def test_a_day_that_is_free_already_is_refused_with_its_name(admin):
    answer = admin.fill("/admin/holidays", day="2026-08-17", name="Upacara")
    assert answer.status_code == 422
    assert "17 Agustus 2026 sudah hari libur: Hari Kemerdekaan" in words(answer)
    assert 'value="Upacara"' in answer.text


def test_a_holiday_is_worked_and_free_again(admin, session):
    path = f"/admin/holidays/{INDEPENDENCE}"
    assert admin.press(f"{path}/work").location == "/admin/holidays?year=2026"
    assert calendar(session).holiday_name(INDEPENDENCE) is None
    page = admin.get("/admin/holidays?year=2026")
    assert "17 Agustus 2026 dijadikan hari kerja." in words(page)
    assert "Hari kerja oleh Rudi Hartono" in words(page)
    # The notice and the row both take it back.
    assert page.text.count(f'action="{path}/restore"') == 2
    admin.press(f"{path}/restore")
    session.expire_all()
    assert calendar(session).holiday_name(INDEPENDENCE)


def test_each_day_is_changed_alone(admin, session):
    make.holiday(PATILASAN)
    admin.press(f"/admin/holidays/{INDEPENDENCE}/work")
    assert admin.press(f"/admin/holidays/{PATILASAN - timedelta(days=1)}/work").status_code == 303
    days = calendar(session)
    assert (days.holiday_name(INDEPENDENCE), days.holiday_name(PATILASAN)) == (None, "Hari libur daerah")
    assert len(session.scalars(select(Holiday)).all()) == 2, "a day that is worked anyhow needs no row"


def test_an_added_day_goes_by_one_press(admin, session):
    make.holiday(PATILASAN)
    admin.press(f"/admin/holidays/{PATILASAN}/work")
    assert calendar(session).holiday_name(PATILASAN) is None
    said = admin.get("/admin/holidays?year=2026")
    assert "Hari libur daerah dihapus dari hari libur." in words(said)
    assert "Hari libur daerah" not in words(admin.get("/admin/holidays?year=2026"))
    # It comes back under its name.
    (undo,) = [form for form in forms_of(said) if form.fields.get("name") == ["Hari libur daerah"]]
    assert admin.press(undo.action, undo.fields).status_code == 303
    assert calendar(session).holiday_name(PATILASAN) == "Hari libur daerah"


def test_a_worked_holiday_can_be_made_free_under_another_name(admin, session):
    admin.press(f"/admin/holidays/{INDEPENDENCE}/work")
    assert admin.fill("/admin/holidays", day="2026-08-17", name="Libur bersama").status_code == 303
    assert calendar(session).holiday_name(INDEPENDENCE) == "Libur bersama"


def test_pressing_twice_is_pressing_once(admin, session):
    for _ in range(2):
        assert admin.press(f"/admin/holidays/{INDEPENDENCE}/work").status_code == 303
    for _ in range(2):
        assert admin.press(f"/admin/holidays/{INDEPENDENCE}/restore").status_code == 303


@pytest.mark.parametrize("year", ["x", "-1", "99999", "1800", "%00", "٢٠٢٦"])
def test_c71_a_year_that_is_none_is_this_one(admin, year):
    assert "hari libur pada 2026" in words(admin.get(f"/admin/holidays?year={year}"))


@pytest.mark.parametrize("day", ["2026-13-01", "besok", "0001-01-01"])
def test_a_day_that_is_none_is_not_found(admin, day):
    assert admin.press(f"/admin/holidays/{day}/work").status_code == 404


@pytest.mark.parametrize("who", ["aminah", "lilis"])
def test_for_others_there_are_no_holidays_to_keep(browser_of, cast, who):
    client = browser_of(getattr(cast, who))
    assert client.get("/admin/holidays").status_code == 404
    assert client.press(f"/admin/holidays/{INDEPENDENCE}/work").status_code == 404
