from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask
from flask_babel import Babel, force_locale
from pypdf import PdfReader

from pentahelix.exports.pdf import Action, Attendee, MinutesData, Signatory, items, minutes, paragraphs

MEETING = MinutesData(
    title="Rapat koordinasi kemasan dan uji rasa keripik pisang",
    kind="Koordinasi",
    cluster="Klaster Olahan Kuliner Lebak",
    day="Kamis, 26 November 2026",
    hours="09.00–11.30 WIB",
    place="Ruang TeFa SMKN 1 Warunggunung",
    chair=Signatory("Ratna Kusumawardhani, S.Pd., M.M.", "Kepala SMKN 1 Warunggunung"),
    minute_taker=Signatory("Neneng Sulastri, S.Pd.", "Koordinator klaster"),
    attendees=[Attendee("Bambang Suryadinata", "Direktur", "PT Gurih Ciujung")],
    agenda="1. Hasil uji rasa\n2. Desain kemasan",
    notes="Rasa balado paling disukai.",
    decisions="- Kemasan memakai kertas kraft",
    actions=[Action("Kirim contoh label", "Neneng Sulastri, S.Pd.", "Sen., 30 Nov.")],
)
A4_POINTS = (595, 842)
LONG_WORD = "".join(chr(ord("A") + n % 26) for n in range(120))
LONG = replace(
    MEETING,
    title="Rapat evaluasi " + "pelaksanaan Teaching Factory klaster olahan kuliner " * 4,
    attendees=[Attendee(f"Peserta Nomor{n:03}", f"Jabatan{n:03}", f"Instansi{n:03}") for n in range(60)],
    decisions="\n".join(f"Keputusan{n:03}: kemasan kertas kraft dan label baru" for n in range(80)),
    notes=LONG_WORD,
)


@pytest.fixture(autouse=True)
def page():
    app = Flask(__name__)
    Babel(app, default_locale="id")
    with app.test_request_context():
        yield


def pages(paper: bytes) -> list[str]:
    return [page.extract_text().replace("\u200b", "") for page in PdfReader(BytesIO(paper)).pages]


def test_the_minutes_hold_everything_that_minutes_hold():
    (text,) = pages(minutes(MEETING))
    for words in (
        "Klaster Olahan Kuliner Lebak", MEETING.title, "Hari/tanggal", "Kamis, 26 November 2026",
        "Waktu", "09.00–11.30 WIB", "Tempat", MEETING.place, "Pimpinan rapat",
        "Ratna Kusumawardhani, S.Pd., M.M.", "Notulis", "Neneng Sulastri, S.Pd.",
        "Peserta (1)", "Bambang Suryadinata", "PT Gurih Ciujung",
        "Agenda rapat", "Hasil uji rasa", "Pembahasan", "Rasa balado paling disukai.", "Keputusan",
        "Kemasan memakai kertas kraft", "Tindak lanjut", "Tugas", "Penanggung jawab", "Tenggat",
        "Kirim contoh label", "Sen., 30 Nov.", "Kepala SMKN 1 Warunggunung", "Halaman 1 dari 1",
    ):  # fmt: skip
        assert words in text


def test_c108_long_minutes_lose_nothing():
    texts = pages(minutes(LONG))
    whole = "".join("".join(texts).split())
    for n in range(60):
        assert f"PesertaNomor{n:03}" in whole
        assert f"Jabatan{n:03}" in whole
        assert f"Instansi{n:03}" in whole
    for n in range(80):
        assert f"Keputusan{n:03}:" in whole
    assert LONG_WORD in whole


def test_c108_each_page_of_long_minutes_is_a_numbered_a4_with_its_header():
    paper = minutes(LONG)
    texts = pages(paper)
    assert len(texts) > 3
    for number, text in enumerate(texts, 1):
        assert f"Halaman {number} dari {len(texts)}" in text
        assert "Klaster Olahan Kuliner Lebak" in text
    for page in PdfReader(BytesIO(paper)).pages:
        assert (round(page.mediabox.width), round(page.mediabox.height)) == A4_POINTS


def test_c108_the_headings_of_a_table_stand_on_each_of_its_pages():
    texts = pages(minutes(LONG))
    assert all("Jabatan Instansi" in " ".join(text.split()) for text in texts if "Peserta Nomor" in text)


def test_c108_a_word_without_a_place_to_break_is_broken():
    assert not any(LONG_WORD in text for text in pages(minutes(LONG)))


@pytest.mark.parametrize("lines", [13, 14, 18, 22, 23])
def test_c108_signatures_never_stand_alone_on_a_page(lines):
    *_before, last = pages(minutes(replace(MEETING, notes="\n".join(["Rasa"] * lines))))
    assert "Kirim contoh label" in last


def test_the_minutes_can_be_read_aloud():
    catalogue = PdfReader(BytesIO(minutes(MEETING))).trailer["/Root"]
    assert catalogue["/Lang"] == "id"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in minutes(MEETING)


def test_the_minutes_speak_the_language_of_the_reader():
    with force_locale("en"):
        assert PdfReader(BytesIO(minutes(MEETING))).trailer["/Root"]["/Lang"] == "en"


def test_what_is_empty_is_left_out():
    (text,) = pages(minutes(MinutesData("Rapat", "Koordinasi", "Lebak", "Kamis", "09.00 WIB")))
    for heading in ("Peserta", "Agenda", "Pembahasan", "Keputusan", "Tindak lanjut", "Tempat"):
        assert heading not in text


def test_what_was_typed_is_never_taken_for_markup():
    typed = '#set [x] $a$ *b* _c_ @d <e> \\ // "q" `r` = s'
    (text,) = pages(minutes(replace(MEETING, notes=typed)))
    assert typed in text


def test_a_sign_that_no_font_has_does_not_stop_the_paper():
    (text,) = pages(minutes(replace(MEETING, title="Rapat 漢字 😀 Ana Diặ")))
    assert "Ana Diặ" in text


def test_items_lose_the_numbers_that_were_typed_before_them():
    assert items("1. Satu\n2) Dua\n- Tiga\n\n• Empat\n2026 tahun ini\n") == [
        "Satu", "Dua", "Tiga", "Empat", "2026 tahun ini",
    ]  # fmt: skip


def test_paragraphs_keep_their_lines():
    assert paragraphs("a\nb\n\n \n c\n") == [["a", "b"], [" c"]]
    assert paragraphs(" \n") == []
