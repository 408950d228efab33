"""What is taken, and why the rest is refused: by content, whatever the name says."""

import struct
import tracemalloc
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest

from pentahelix.documents import sniffing
from pentahelix.documents.sniffing import MOST_ENTRIES, sniff
from pentahelix.refusals import Refused
from tests import files

OFFICE = "application/vnd.openxmlformats-officedocument."

TAKEN = [
    (files.pdf(), ".pdf", "application/pdf"),
    (
        files.office("docx"),
        ".docx",
        f"{OFFICE}wordprocessingml.document",
    ),
    (files.office("xlsx"), ".xlsx", f"{OFFICE}spreadsheetml.sheet"),
    (
        files.office("pptx"),
        ".pptx",
        f"{OFFICE}presentationml.presentation",
    ),
    (files.jpeg(), ".jpg", "image/jpeg"),
    (files.jpeg(), ".jpeg", "image/jpeg"),
    (files.png(), ".png", "image/png"),
    (files.heic(), ".heic", "image/heic"),
    (files.webp(), ".webp", "image/webp"),
    ("Notula rapat — selesai.\n".encode(), ".txt", "text/plain"),
    ("nama;jumlah\nKemasan;12\n".encode("utf-16"), ".csv", "text/csv"),
    ("nama;alamat\nDédé;Jl. Raya\n".encode("cp1252"), ".csv", "text/csv"),
    (files.pdf(), "", "application/pdf"),
]


def zip_bomb(size=100 * 1024 * 1024):
    """One to a thousand."""
    return files.office(more={"word/media/image1.bin": bytes(size)})


def encrypted():
    """A document whose parts say that they are encrypted."""
    data = bytearray(files.office())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(mark)
        while place >= 0:
            data[place + at] |= 1
            place = data.find(mark, place + 4)
    return bytes(data)


def many_entries():
    out = BytesIO()
    with ZipFile(out, "w") as packed:
        for number in range(MOST_ENTRIES + 1):
            packed.writestr(str(number), b"")
    return out.getvalue()


WORD_MACRO = b"application/vnd.ms-word.document.macroEnabled.main+xml"
OLD_WORD = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)
EXE = b"MZ\x90\x00" + bytes(200) + b"This program cannot be run in DOS mode." + bytes(200)

#: what it is called → content, ending, what the reason says
REFUSED = {
    "nothing": (b"", ".pdf", "kosong"),
    "nothing, without an ending": (b"", "", "kosong"),
    "a web page called PDF": (files.HTML, ".pdf", "Isi berkas ini HTML, bukan PDF."),
    "a web page": (files.HTML, ".html", "Isi berkas ini HTML."),
    "a web page called text": (files.HTML, ".txt", "Isi berkas ini HTML, bukan teks."),
    "a web page called photo": (files.HTML, ".jpg", "Isi berkas ini HTML, bukan foto JPEG."),
    "a web page called Word": (files.HTML, ".docx", "Isi berkas ini HTML, bukan Word"),
    "a web page after blanks": (b"\r\n\r\n  \t" + files.HTML, ".pdf", "HTML"),
    "a web page with a mark before": (b"\xef\xbb\xbf" + files.HTML, ".txt", "HTML"),
    "a web page in UTF-16": (files.HTML.decode().encode("utf-16"), ".txt", "HTML"),
    "a web page behind a comment": (b"<!-- surat -->" + files.HTML, ".csv", "HTML"),
    "a web page behind words": (b"Dengan hormat,\n" + files.HTML, ".txt", "HTML"),
    "a web page in capitals": (b"<HTML><SCRIPT>alert(1)</SCRIPT>", ".txt", "HTML"),
    "a lone script": (b"<script>alert(1)</script>", ".csv", "HTML"),
    "a frame": (b'<iframe src="javascript:alert(1)">', ".txt", "HTML"),
    "a drawing with a script": (files.SVG, ".svg", "Isi berkas ini SVG."),
    "a drawing called picture": (files.SVG, ".png", "Isi berkas ini SVG, bukan gambar PNG."),
    "a drawing with its declaration": (b'<?xml version="1.0"?>' + files.SVG, ".svg", "SVG"),
    "an XML file": (b'<?xml version="1.0"?><a/>', ".xml", "Isi berkas ini XML."),
    "an XHTML page": (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', ".txt", "HTML"),
    "a PDF behind a web page": (files.HTML + files.pdf(), ".pdf", "Isi berkas ini HTML, bukan PDF."),
    "a PDF behind a web page called page": (files.HTML + files.pdf(), ".html", "HTML"),
    "a PDF behind other bytes": (b"\x00\x01\x02" + files.pdf(), ".pdf", "bukan PDF, atau rusak"),
    "a PDF that broke off": (files.pdf()[:200], ".pdf", "tidak utuh"),
    "the first word of a PDF": (b"%PDF-1.7\n", ".pdf", "tidak utuh"),
    "a PDF called program": (files.pdf(), ".exe", "Isi berkas ini PDF, tetapi namanya berakhiran “.exe”."),
    "a PDF called page": (files.pdf(), ".html", "tetapi namanya berakhiran “.html”"),
    "a PDF called Word": (files.pdf(), ".docx", "Ganti akhirannya menjadi .pdf"),
    "a photo called script": (files.jpeg(), ".js", "Ganti akhirannya menjadi .jpg"),
    "text called page": (b"halo", ".htm", "Isi berkas ini teks, tetapi namanya berakhiran “.htm”."),
    "text called batch": (b"del *.*", ".bat", "Isi berkas ini teks"),
    "text called mail": (b"From: a@b\n\nhalo", ".eml", "Isi berkas ini teks"),
    "a program": (EXE, ".exe", "program (EXE)"),
    "a program called PDF": (EXE, ".pdf", "Isi berkas ini program (EXE), bukan PDF."),
    "a program for Linux": (b"\x7fELF\x02\x01\x01" + bytes(200), ".pdf", "program (ELF), bukan PDF"),
    "a ZIP": (files.archive({"a.txt": b"a"}), ".zip", "Isi berkas ini arsip ZIP."),
    "a ZIP called Word": (files.archive({"a.txt": b"a"}), ".docx", "arsip ZIP, bukan Word (DOCX)"),
    "a Java archive called Word": (
        files.archive({"META-INF/MANIFEST.MF": b"Main-Class: A", "A.class": b"\xca\xfe\xba\xbe"}),
        ".docx",
        "arsip ZIP",
    ),
    "a ZIP that is none": (b"PK\x03\x04" + bytes(200), ".docx", "arsip ZIP, bukan Word"),
    "Excel called Word": (files.office("xlsx"), ".docx", "Isi berkas ini Excel (XLSX), tetapi"),
    "a macro": (files.office(more={"word/vbaProject.bin": b"x"}), ".docx", "makro"),
    "a macro elsewhere": (files.office("xlsx", {"xl/Macros/VBAPROJECT.BIN": b"x"}), ".xlsx", "makro"),
    "a document with macros by its type": (files.office(types=WORD_MACRO), ".docx", "makro"),
    "a document with macros by its ending": (files.office(types=WORD_MACRO), ".docm", "makro"),
    "a control that runs": (files.office(more={"word/activeX/activeX1.bin": b"x"}), ".docx", "makro"),
    "parts that climb out": (files.office(more={"../../etc/cron.d/x": b"x"}), ".docx", "arsip ZIP"),
    "parts from the root": (files.office(more={"/etc/passwd": b"x"}), ".docx", "arsip ZIP"),
    "an encrypted document": (encrypted(), ".docx", "arsip ZIP"),
    "an old Word document": (OLD_WORD, ".doc", "Office lama atau berkas bersandi"),
    "an old Word document called new": (OLD_WORD, ".docx", "Office lama atau berkas bersandi, bukan Word"),
    "a bomb": (zip_bomb(), ".docx", "bom ZIP"),
    "a bomb of many parts": (many_entries(), ".docx", "bom ZIP"),
    "a moving picture": (b"GIF89a" + bytes(100), ".gif", "Isi berkas ini GIF."),
    "a film": (struct.pack(">I", 24) + b"ftypmp42" + bytes(200), ".mp4", "Isi berkas ini MP4."),
    "RAR": (b"Rar!\x1a\x07\x01\x00" + bytes(100), ".rar", "Isi berkas ini RAR."),
    "a database": (b"SQLite format 3\x00" + bytes(100), ".db", "Isi berkas ini SQLITE."),
    "noise": (bytes(range(256)) * 4, ".bin", "Isi berkas ini tidak dikenal."),
    "noise called PDF": (bytes(range(256)) * 4, ".pdf", "Isi berkas ini bukan PDF, atau rusak."),
    "text with a NUL": (b"halo\x00dunia", ".txt", "bukan teks, atau rusak"),
}


@pytest.mark.parametrize(("content", "ending", "content_type"), TAKEN)
def test_what_offices_and_phones_make_is_taken(app, content, ending, content_type):
    with app.test_request_context():
        assert sniff(content, ending).content_type == content_type


@pytest.mark.parametrize("case", REFUSED)
def test_t18_a_hostile_or_foreign_file_is_refused_with_its_reason(app, case):
    content, ending, reason = REFUSED[case]
    with app.test_request_context(), pytest.raises(Refused) as no:
        sniff(content, ending)
    assert no.value.field == "file"
    assert reason in str(no.value.message)


def test_t18_the_table_is_long_enough():
    assert len(REFUSED) >= 50


@pytest.mark.parametrize(
    "content",
    [
        files.jpeg(files.HTML),
        files.png() + files.HTML,
        files.pdf() + files.HTML,
        files.pdf() + files.archive({"a": b"a"}),
    ],
)
def test_t18_markup_hidden_in_a_good_file_keeps_the_type_of_that_file(app, content):
    with app.test_request_context():
        assert sniff(content, "").content_type in {"image/jpeg", "image/png", "application/pdf"}


@pytest.mark.parametrize("method", [ZIP_DEFLATED, ZIP_BZIP2])
def test_t18_looking_into_a_bomb_takes_little_memory(app, method):
    # The list of parts' types is all that is read of a document; here it is the bomb.
    bomb = files.archive({"[Content_Types].xml": b"<Types>" + bytes(60 * 1024 * 1024)}, method)
    with app.test_request_context():
        tracemalloc.start()
        try:
            with pytest.raises(Refused):
                sniff(bomb, ".docx")
            assert tracemalloc.get_traced_memory()[1] < 20 * 1024 * 1024
        finally:
            tracemalloc.stop()


def test_every_kind_of_file_that_is_taken_is_one_that_no_browser_runs():
    harmless = {"application/pdf", "text/plain", "text/csv"}
    for kind in sniffing.KINDS:
        content_type = kind.content_type
        assert (
            content_type in harmless
            or content_type.startswith("application/vnd.openxmlformats")
            or content_type in {"image/jpeg", "image/png", "image/heic", "image/webp"}
        )
