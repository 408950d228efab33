from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from flask import Flask, g, render_template_string
from flask_babel import Babel, force_locale
from markupsafe import Markup

from pentahelix import clock, presentation as shown
from pentahelix.principal import Principal
from pentahelix.vocabulary import Role

TUESDAY = date(2026, 11, 24)
NINE_WIB = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
HALF_PAST_ELEVEN_WIB = datetime(2026, 11, 26, 4, 30, tzinfo=UTC)
JAKARTA, MAKASSAR, JAYAPURA = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"


@dataclass
class Somebody:
    name: str
    salutation: str | None = None


@pytest.fixture(autouse=True)
def page():
    """A page in Indonesian on the 24th of November 2026."""
    app = Flask(__name__)
    Babel(app, default_locale="id")
    shown.register(app)
    with app.test_request_context():
        yield app


@contextmanager
def read_in(zone: str):
    g.principal = Principal("u:1", "Neneng Sulastri", Role.COORDINATOR, timezone=zone)
    yield
    del g.principal


def test_days_in_indonesian():
    assert shown.day(date(2026, 11, 26)) == "Kamis, 26 November 2026"
    assert shown.day_long(date(2026, 11, 26)) == "26 November 2026"
    assert shown.day_short(date(2026, 11, 26)) == "Kam., 26 Nov."
    assert shown.month(date(2026, 8, 1)) == "Agustus 2026"


def test_a_short_day_of_another_year_says_the_year():
    assert shown.day_short(date(2027, 5, 3)) == "Sen., 3 Mei 2027"
    assert shown.date_short(date(2027, 1, 12)) == "12 Jan. 2027"


def test_c104_days_in_english_begin_with_the_day():
    with force_locale("en"):
        assert shown.day_long(date(2027, 1, 12)) == "12 January 2027"
        assert shown.day(date(2027, 1, 12)) == "Tuesday, 12 January 2027"
        assert shown.day_short(date(2026, 11, 26)) == "Thu, 26 Nov"
        assert shown.month(date(2027, 1, 12)) == "January 2027"


def test_the_day_of_an_instant_is_that_of_its_zone():
    late = datetime(2026, 11, 25, 17, 30, tzinfo=UTC)
    assert shown.day(late, JAKARTA) == "Kamis, 26 November 2026"
    assert shown.day(late, "Europe/London") == "Rabu, 25 November 2026"


def test_hours_carry_their_zone():
    assert shown.clock_time(NINE_WIB, JAKARTA) == "09.00 WIB"
    assert shown.clock_time(NINE_WIB, MAKASSAR) == "10.00 WITA"
    assert shown.clock_time(NINE_WIB, JAYAPURA) == "11.00 WIT"
    assert shown.clock_time(NINE_WIB, "Asia/Pontianak") == "09.00 WIB"
    assert shown.clock_time(NINE_WIB, "Europe/Amsterdam") == "03.00 UTC+1"
    assert shown.clock_time(NINE_WIB, "UTC") == "02.00 UTC"
    assert shown.span(NINE_WIB, HALF_PAST_ELEVEN_WIB, JAKARTA) == "09.00–11.30 WIB"


def test_hours_in_english_have_a_colon():
    with force_locale("en"):
        assert shown.clock_time(NINE_WIB, JAKARTA) == "09:00 WIB"
        assert shown.span(NINE_WIB, HALF_PAST_ELEVEN_WIB, JAKARTA) == "09:00–11:30 WIB"


def test_the_readers_own_hour_stands_in_brackets_where_it_differs():
    with read_in(MAKASSAR):
        assert shown.clock_time(NINE_WIB, JAKARTA) == "09.00 WIB (10.00 WITA)"
        assert shown.span(NINE_WIB, HALF_PAST_ELEVEN_WIB, JAKARTA) == "09.00–11.30 WIB (10.00–12.30 WITA)"
    with read_in("Asia/Pontianak"):
        assert shown.clock_time(NINE_WIB, JAKARTA) == "09.00 WIB"


def test_days_from_today_are_told_in_words():
    assert shown.days_ago(TUESDAY) == "hari ini"
    assert shown.days_ago(date(2026, 11, 23)) == "kemarin"
    assert shown.days_ago(date(2026, 11, 21)) == "3 hari lalu"
    assert shown.days_ago(date(2026, 11, 25)) == "besok"
    assert shown.days_ago(date(2026, 11, 27)) == "3 hari lagi"


def test_which_day_is_today_depends_on_the_zone():
    with clock.frozen("2026-11-24T23:30+07:00"):
        assert shown.days_ago(TUESDAY, JAKARTA) == "hari ini"
        assert shown.days_ago(TUESDAY, MAKASSAR) == "kemarin"


def test_late_is_told_in_days_from_the_day_after():
    assert shown.days_late(date(2026, 11, 20)) == "Terlambat 4 hari"
    assert shown.days_late(TUESDAY) == ""


def test_days_left_until_an_end():
    assert shown.days_left(date(2026, 12, 19)) == "25 hari lagi"
    assert shown.days_left(TUESDAY) == "berakhir hari ini"
    assert shown.days_left(date(2026, 11, 21)) == "berakhir 3 hari lalu"
    assert shown.days_left(date(2030, 12, 28)) == "1.495 hari lagi"


def test_sums_in_indonesian():
    assert shown.rupiah(4_500_000) == "Rp4.500.000"
    assert shown.rupiah(0) == "Rp0"
    assert shown.rupiah(-1500) == "−Rp1.500"
    assert shown.number(1234.5) == "1.234,5"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (999_999, "Rp999.999"),
        (1_000_000, "Rp1 jt"),
        (38_249_999, "Rp38,2 jt"),
        (100_000_000, "Rp100 jt"),
        (999_949_999, "Rp999,9 jt"),
        (999_950_000, "Rp1 miliar"),
        (1_250_000_000, "Rp1,3 miliar"),
    ],
)
def test_large_sums_are_rounded_to_one_decimal(value, text):
    assert shown.rupiah_short(value) == text


def test_sums_in_english_have_commas():
    with force_locale("en"):
        assert shown.rupiah(4_500_000) == "Rp4,500,000"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Neneng Sulastri, S.Pd.", "NS"),
        ("Dr. H. Ma'mun Nu'man, S.Pd., M.M.", "MN"),
        ("Hj. Siti Rohmah Djunaedi, M.Pd.", "SR"),
        ("Sumiyati", "S"),
        ("I Gusti Ngurah B. 2nd", "IG"),
        ("PT Gurih Ciujung", "GC"),
        ("CV 3 Saudara Jaya", "3S"),
        ("R.A. Kartika-Dewi", "K"),
        ("H.", "H"),
        ("(...)", "("),
    ],
)
def test_initials_leave_out_titles_and_legal_forms(name, letters):
    assert shown.initials(name) == letters


@pytest.mark.parametrize(
    ("somebody", "greeting"),
    [
        (Somebody("Lilis Nurhayati Agustin, S.E.", "ibu"), "Ibu Lilis"),
        (Somebody("Drs. Ahmad Fauzan Basri, M.Pd.", "bapak"), "Bapak Ahmad"),
        (Somebody("Muhammad Rizki", "bapak"), "Bapak Muhammad Rizki"),
        (Somebody("I Gusti Ngurah B. 2nd", "bapak"), "Bapak I Gusti"),
        (Somebody("Sumiyati"), "Bapak/Ibu Sumiyati"),
    ],
)
def test_people_are_greeted_by_their_form_of_address_and_name(somebody, greeting):
    assert shown.address_name(somebody) == greeting


def test_people_are_written_to_by_their_whole_name():
    assert shown.formal_name(Somebody("Rina Marlina, S.E.", "ibu")) == "Ibu Rina Marlina, S.E."


@pytest.mark.parametrize(
    ("title", "drawn"),
    [
        ("Notula 2026-11-24 Rapat", 'Notula <span class="nowrap">2026-11-24</span> Rapat'),
        ("SMK-1 & SMK-2", '<span class="nowrap">SMK-1</span> &amp; <span class="nowrap">SMK-2</span>'),
        ("Toko Oleh-oleh Sri-Wahyuni", "Toko Oleh-oleh Sri-Wahyuni"),
        ("https://dinas.example/berkas-2026", "https://dinas.example/berkas-2026"),
        ("Tanpa <b>", "Tanpa &lt;b&gt;"),
    ],
)
def test_a_date_and_a_number_stay_in_one_line_and_words_may_be_parted(title, drawn):
    assert render_template_string("{{ title | whole }}", title=title) == drawn
    assert shown.whole(Markup("<i>SMK-1</i>")) == "<i>SMK-1</i>"


def test_what_was_typed_becomes_paragraphs_and_lines_and_nothing_else():
    assert shown.paragraphs("Satu\r\n<b>dua</b>\n\n\nTiga\n") == (
        "<p>Satu<br>&lt;b&gt;dua&lt;/b&gt;</p>\n<p>Tiga</p>"
    )
    assert shown.paragraphs("  \n ") == ""


def test_templates_know_the_filters():
    text = render_template_string(
        "{{ start|span(end, zone) }} · {{ '+6281234567890'|phone }} · {{ '+6281234567890'|wa_link }}",
        start=NINE_WIB, end=HALF_PAST_ELEVEN_WIB, zone=JAKARTA,
    )  # fmt: skip
    assert text == "09.00–11.30 WIB · 0812-3456-7890 · https://wa.me/6281234567890"


@pytest.mark.parametrize(("language", "said"), [("id", "2.000 mitra"), ("en", "2,000 partners")])
def test_what_is_counted_has_its_thousands_apart_in_code_and_on_pages(app, language, said):
    one = many = "%(num)s mitra"
    with app.test_request_context(), force_locale(language):
        assert shown.ngettext(one, many, 2000) == said
        pages = app.jinja_env.get_template("home/more.html").environment
        assert pages.from_string("{{ ngettext(text, text, 2000) }}").render(text=one) == said
