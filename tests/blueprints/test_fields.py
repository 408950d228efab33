from dataclasses import dataclass
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from werkzeug.datastructures import MultiDict
from wtforms import Form

from pentahelix.blueprints import fields
from pentahelix.blueprints.fields import Required
from pentahelix.vocabulary import Helix


@pytest.fixture(autouse=True)
def page():
    app = Flask(__name__)
    Babel(app, default_locale="id")
    with app.test_request_context():
        yield


PERSONAL = "Ini nomor perorangan (NIK); NPWP orang tidak dicatat di sini."


@dataclass
class Row:
    id: int
    name: str


def posted(field: Any, *typed: str, offer: Any = None, **known: Any) -> Any:
    """The field `x` of a form to which `typed` was sent, validated."""

    class OneField(Form):
        x = field

    form = OneField(MultiDict([("x", text) for text in typed] + [("sent", "1")]), **known)
    if offer is not None:
        form.x.offer(offer)
    form.validate()
    return form.x


def drawn(field: Any, value: Any) -> str:
    class OneField(Form):
        x = field

    return str(OneField(data={"x": value}).x())


# ---------------------------------------------------------------------------- text


@pytest.mark.parametrize(
    "name",
    [
        "Dr. H. Ma'mun Nu'man, S.Pd., M.M.",
        "Prof. Ir. Siti Nur'aini, Ph.D., IPU",
        "R.A. Kartika-Dewi",
        "I Gusti Ngurah B. 2nd",
        "Ana Diặ",
        "Ana Dia\u0323\u0306",
        "CV 3 Saudara Jaya",
        "Budi 2",
        "Sumiyati",
        "Toko · Kopi",
        "\u200fمحمد\u200e",
        "\u202eterbalik",
    ],
)
def test_c02_c03_names_are_kept_byte_for_byte(name):
    field = posted(fields.NameField("Nama"), f"  {name} ")
    assert field.data == name
    assert not field.errors


def test_a_pasted_tab_or_line_end_is_a_blank():
    assert posted(fields.NameField("Nama"), "Budi\tSantoso\r\nTU").data == "Budi Santoso TU"


@pytest.mark.parametrize(
    "kind", [fields.NameField, fields.TextField, fields.LongTextField, fields.EmailField]
)
def test_what_is_no_text_is_refused_and_shown_again(kind):
    field = posted(kind("Isian"), "a\x00b")
    assert field.errors == ["Ada tanda yang tidak dapat disimpan; hapus dan ketik ulang."]
    assert field._value() == "a\x00b"


def test_too_long_a_text_is_refused_with_both_numbers_and_not_cut():
    field = posted(fields.TextField("Judul", longest=1000), "x" * 1001)
    assert field.errors == ["Terlalu panjang: paling banyak 1.000 karakter, yang Anda tulis 1.001."]
    assert field._value() == "x" * 1001
    assert "maxlength" not in str(field())


def test_several_lines_stay_several_lines_and_count_once():
    field = posted(fields.LongTextField("Catatan", longest=5), " a\r\n\r\nb c ")
    assert field.data is None
    assert posted(fields.LongTextField("Catatan"), " a\r\n\r\nb\tc ").data == "a\n\nb\tc"


@pytest.mark.parametrize("typed", ["", "   ", "\u200b\u200e", "\t\r\n"])
def test_nothing_to_read_is_nothing(typed):
    assert posted(fields.NameField("Nama"), typed).data is None
    assert posted(fields.NameField("Nama", [Required()]), typed).errors == ["Wajib diisi."]


def test_a_required_field_that_was_not_sent_is_missing():
    assert posted(fields.NameField("Nama", [Required("Tulis nama.")])).errors == ["Tulis nama."]


@pytest.mark.parametrize(
    "address",
    ["pic+smk@example.org", "O'Neil@example.org", "PIC@Example.ORG", "a" * 64 + "@x.example", "x@bücher.id"],
)
def test_c34_addresses_are_kept_to_the_letter(address):
    field = posted(fields.EmailField("Surel"), f" {address} ")
    assert (field.data, field.errors) == (address, [])


@pytest.mark.parametrize(
    "address", ["neneng", "neneng@", "a b@desa.id", "x@localhost", "<a@desa.id>", "é@desa.id"]
)
def test_what_is_no_address_is_refused_with_an_example(address):
    field = posted(fields.EmailField("Surel", [Required()]), address)
    assert field.errors == ["Alamat surel tidak sah; tulis seperti nama@sekolah.sch.id."]
    assert field._value() == address


def test_two_addresses_are_refused_as_two():
    assert posted(fields.EmailField("Surel"), "a@desa.id, b@desa.id").errors == [
        "Tulis satu alamat surel saja."
    ]


def test_a_link_may_leave_out_its_scheme():
    assert (
        posted(fields.LinkField("Tautan"), "meet.example.id/abc?d=1").data
        == "https://meet.example.id/abc?d=1"
    )
    assert posted(fields.LinkField("Tautan"), "http://example.id").data == "http://example.id"


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "https://", "ruang guru", "ftp://example.id/x", "data:text/html,x"]
)
def test_what_is_no_web_address_is_refused(link):
    assert posted(fields.LinkField("Tautan"), link).errors


# ---------------------------------------------------------------------------- days and hours


@pytest.mark.parametrize("typed", ["2027-01-12", "12/01/2027", "12-1-2027", "12.1.2027", "12 01 2027"])
def test_a_day_is_picked_or_typed_with_the_day_first(typed):
    assert posted(fields.DayField("Mulai"), typed).data == date(2027, 1, 12)


@pytest.mark.parametrize(
    "typed",
    ["31/02/2027", "2027-13-01", "besok", "Selamanya", "12/01/27", "0027-01-12", "12/01.2027", "٠١/٠١/٢٠٢٧"],
)
def test_c12_what_is_no_day_is_called_so_and_never_missing(typed):
    field = posted(fields.DayField("Mulai", [Required()]), typed)
    assert field.errors == ["Tanggal tidak sah; tulis hh/bb/tttt."]
    assert f'type="text" value="{typed}"' in str(field())


def test_a_day_is_drawn_with_the_browsers_picker():
    assert 'type="date" value="2027-01-12"' in drawn(fields.DayField("Mulai"), date(2027, 1, 12))
    assert 'type="date" value=""' in drawn(fields.DayField("Mulai"), None)


def test_a_typed_day_goes_back_into_the_picker():
    assert 'type="date" value="2027-01-12"' in str(posted(fields.DayField("Mulai"), "12/01/2027")())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("09.00", time(9)),
        ("9:05", time(9, 5)),
        ("23:59", time(23, 59)),
        ("09:00:00", time(9)),
        ("0.00", time(0)),
    ],
)
def test_hours_are_typed_with_a_dot_or_a_colon(typed, meant):
    field = posted(fields.LocalTimeField("Pukul", [Required()]), typed)
    assert (field.data, field.errors) == (meant, [])
    assert f'type="time" value="{meant:%H:%M}"' in str(field())


@pytest.mark.parametrize("typed", ["24.00", "09.60", "pagi", "9", "09.00 WITA", "09.00.30"])
def test_what_is_no_hour_is_refused_and_shown_again(typed):
    field = posted(fields.LocalTimeField("Pukul", [Required()]), typed)
    assert field.errors == ["Jam tidak sah; tulis jj.mm, misalnya 09.00."]
    assert f'type="text" value="{typed}"' in str(field())


# ---------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("4500000", 4_500_000),
        ("4.500.000", 4_500_000),
        ("4,500,000", 4_500_000),
        ("Rp 4.500.000", 4_500_000),
        ("rp.4.500.000,-", 4_500_000),
        ("Rp4.500.000,00", 4_500_000),
        ("4 500 000", 4_500_000),
        ("4.500", 4_500),
        ("0", 0),
    ],
)
def test_rupiah_are_read_as_people_write_them(typed, meant):
    field = posted(fields.RupiahField("Nilai", [Required()]), typed)
    assert (field.data, field.errors) == (meant, [])


@pytest.mark.parametrize(
    "typed",
    [
        "4.50",
        "4.500,50",
        "-4500",
        "4,5 juta",
        "1.23.456",
        "1.234,567",
        "4.5e6",
    ],
)
def test_what_is_no_whole_sum_is_refused(typed):
    field = posted(fields.RupiahField("Nilai"), typed)
    assert field.errors == ["Jumlah tidak sah; tulis rupiah tanpa sen, misalnya 4.500.000."]
    assert field._value() == typed


@pytest.mark.parametrize("typed", ["lima", "empat juta-an", "Rp"])
def test_a_sum_in_words_is_asked_for_in_digits(typed):
    field = posted(fields.RupiahField("Nilai"), typed)
    assert field.errors == ["Tulis angka saja, misalnya 4.500.000."]
    assert field._value() == typed


def test_a_sum_beyond_all_measure_is_refused():
    assert "terlalu besar" in posted(fields.RupiahField("Nilai"), "1" + "0" * 15).errors[0]


def test_a_sum_is_shown_in_thousands():
    assert 'value="4.500.000"' in drawn(fields.RupiahField("Nilai"), 4_500_000)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("dua", "Tulis bilangan bulat dengan angka, misalnya 12."),
        ("1,5", "Tulis bilangan bulat dengan angka, misalnya 12."),
        ("9" * 5000, "Tulis bilangan bulat dengan angka, misalnya 12."),
        ("0", "Paling sedikit 1."),
        ("-3", "Paling sedikit 1."),
        ("1001", "Paling banyak 1.000."),
    ],
)
def test_c13_whole_numbers_are_refused_in_indonesian(typed, message):
    field = posted(fields.IntegerField("Kapasitas", least=1, most=1000), typed)
    assert field.errors == [message]
    assert field._value() == typed


def test_whole_numbers_may_be_grouped():
    assert posted(fields.IntegerField("Kapasitas"), "1.000").data == 1000


# ---------------------------------------------------------------------------- numbers that are names


def test_a_phone_number_is_kept_as_e164_and_shown_as_people_write_it():
    field = posted(fields.PhoneField("Telepon"), "081234567890")
    assert (field.data, field._value()) == ("+6281234567890", "0812-3456-7890")
    assert 'value="(0252) 201-234"' in drawn(fields.PhoneField("Telepon"), "+62252201234")


def test_c09_an_extension_is_apart_and_not_lost_when_the_form_is_drawn_again():
    field = posted(fields.PhoneField("Telepon"), "081200000014 ext 12")
    assert (field.data, field.extension) == ("+6281200000014", "12")
    assert field._value() == "0812-0000-0014 ext. 12"


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("081200000012 / 081200000013 (TU)", "lebih dari satu nomor"),
        ("0895 0000 000001", "terlalu panjang"),
        ("+621", "terlalu pendek"),
        ("081200000012 (TU)", "tanpa kata"),
        ("14045", "tidak dikenal"),
    ],
)
def test_c08_c09_a_refused_phone_number_says_why_and_stays(typed, part):
    field = posted(fields.PhoneField("Telepon"), typed)
    assert part in str(field.errors[0])
    assert field._value() == typed


@pytest.mark.parametrize("kind", [fields.PhoneField, fields.NibField, fields.NpwpField])
def test_c09_words_for_nothing_are_nothing(kind):
    assert posted(kind("Nomor"), "tidak ada").data is None
    assert posted(kind("Nomor", [Required()]), "-").errors == ["Wajib diisi."]


def test_c10_an_npwp_is_kept_with_sixteen_digits():
    assert posted(fields.NpwpField("NPWP"), "01.234.567.8-901.000").data == "0012345678901000"
    assert 'value="0012 3456 7890 1000"' in drawn(fields.NpwpField("NPWP"), "0012345678901000")


@pytest.mark.parametrize(
    ("kind", "typed", "message"),
    [
        (
            fields.NpwpField,
            "01.234.567.8-901.00",
            "NPWP terdiri atas 15 atau 16 angka. Yang Anda tulis 14 angka.",
        ),
        (
            fields.NpwpField,
            "3602012304900001",
            "Ini nomor perorangan (NIK); NPWP orang tidak dicatat di sini.",
        ),
        (fields.NibField, "123", "NIB terdiri atas 13 angka. Yang Anda tulis 3 angka."),
        (fields.NibField, "NIB-1", "Tulis dengan angka saja."),
        (fields.NpsnField, "123456789", "NPSN terdiri atas 8 angka. Yang Anda tulis 9 angka."),
    ],
)
def test_c10_other_numbers_are_refused_with_the_reason(kind, typed, message):
    field = posted(kind("Nomor"), typed)
    assert field.errors == [message]
    assert field._value() == typed


# ---------------------------------------------------------------------------- choices


def test_a_word_is_chosen_from_its_vocabulary():
    field = posted(fields.WordField("Unsur", vocabulary=Helix), "media")
    assert (field.data, field.errors) == (Helix.MEDIA, [])
    assert '<option selected value="media">Media</option>' in str(field())


def test_a_list_begins_with_a_line_that_chooses_nothing():
    blank = '<option selected value="">Pilih dari daftar</option>'
    assert blank in drawn(fields.WordField("Unsur", vocabulary=Helix), None)
    field = posted(fields.WordField("Unsur", [Required("Pilih unsur.")], vocabulary=Helix), "")
    assert field.errors == ["Pilih unsur."]


@pytest.mark.parametrize("typed", ["alien", "MEDIA", "government"])
def test_c13_a_word_that_is_not_in_the_list_is_refused(typed):
    two = [Helix.MEDIA, Helix.INDUSTRY]
    field = posted(fields.WordField("Unsur", [Required()], vocabulary=Helix, only=two), typed)
    assert field.errors == ["Pilih dari daftar."]


def test_words_may_be_cards():
    field = fields.WordField("Unsur", vocabulary=Helix, cards=True)
    assert drawn(field, Helix.MEDIA).count('type="radio"') == 5
    assert 'checked id="x-3" name="x" type="radio" value="media"' in drawn(field, Helix.MEDIA)


def test_a_record_that_was_offered_is_chosen_by_its_id():
    field = posted(fields.EntityField("Klaster"), "2", offer=[Row(1, "Lebak"), Row(2, "Serang")])
    assert (field.data, field.row, field.errors) == (2, Row(2, "Serang"), [])


@pytest.mark.parametrize("typed", ["3", "-1", "x", "2 OR 1=1", "9" * 40, "²"])
def test_a_foreign_record_a_missing_one_and_nonsense_look_the_same(typed):
    offered = [Row(1, "Lebak"), Row(2, "Serang")]
    one = posted(fields.EntityField("Klaster", [Required()]), typed, offer=offered)
    several = posted(fields.EntitiesField("Mitra", [Required()]), "1", typed, offer=offered)
    assert one.errors == several.errors == ["Pilih dari daftar."]


def test_several_records_are_chosen_once_each():
    field = posted(
        fields.EntitiesField("Mitra"), "2", "1", "2", "", offer=[Row(1, "Lebak"), Row(2, "Serang")]
    )
    assert field.data == [2, 1]
    assert field.chosen == [Row(2, "Serang"), Row(1, "Lebak")]


def test_no_record_chosen_is_an_empty_list():
    field = posted(fields.EntitiesField("Mitra"), offer=[Row(1, "Lebak")], x=[Row(1, "Lebak")])
    assert (field.data, field.errors) == ([], [])
    assert posted(fields.EntitiesField("Mitra", [Required()]), offer=[]).errors == ["Wajib diisi."]


def test_the_records_of_today_are_ticked():
    class Choosing(Form):
        x = fields.EntitiesField("Mitra")

    form = Choosing(data={"x": [Row(2, "Serang")]})
    form.x.offer([Row(1, "Lebak"), Row(2, "Serang")], label=lambda row: f"SMKN {row.name}")
    assert 'checked id="x-1" name="x" type="checkbox" value="2"' in str(form.x())
    assert "SMKN Serang" in str(form.x())


def test_a_field_says_in_words_what_it_holds():
    class Everything(Form):
        day = fields.DayField()
        hour = fields.LocalTimeField()
        value = fields.RupiahField()
        phone = fields.PhoneField()

    form = Everything(
        data={"day": date(2027, 1, 12), "hour": time(9), "value": 4_500_000, "phone": "+6281234567890"}
    )
    assert [field.words() for field in form] == ["12 Januari 2027", "09.00", "Rp4.500.000", "0812-3456-7890"]
