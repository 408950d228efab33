"""The names of files: kept as they were written, handed out so that any disk takes them."""

from urllib.parse import unquote

import pytest

from pentahelix.documents.names import LONGEST, attachment, split, tidy, with_ending


def saved_as(name):
    """The name under which a browser saves the file."""
    return unquote(attachment(name).partition("filename*=UTF-8''")[2])


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("mou.pdf", "mou.pdf"),
        (r'..\..\MoU "akhir" (1) – final.pdf', 'MoU "akhir" (1) – final.pdf'),
        ("MoU %22akhir%22.pdf", 'MoU "akhir".pdf'),
        ("C:\\Users\\Lilis\\mou.pdf", "mou.pdf"),
        ("/etc/passwd", "passwd"),
        ("....//....//mou.pdf", "mou.pdf"),
        ("mou\r\nSet-Cookie: a=b.pdf", "mouSet-Cookie: a=b.pdf"),
        ("mou\x00.pdf", "mou.pdf"),
        ("mou\u202efdp.exe", "moufdp.exe"),
        ("mou.exe. . ", "mou.exe"),
        ("  Surat   kuasa .pdf ", "Surat kuasa .pdf"),
        ("📄🎉.pdf", "📄🎉.pdf"),
        ("..", ""),
        (".htaccess", "htaccess"),
        ("", ""),
    ],
)
def test_c78_a_name_is_kept_without_its_folders(given, kept):
    assert tidy(given) == kept


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("mou.pdf", ".pdf"),
        ("MOU.PDF", ".pdf"),
        ("dokumen.pdf.exe", ".exe"),
        ("Surat No. 12", ""),
        ("Perjanjian No.12", ""),
        ("berkas.7z", ".7z"),
        ("tanpa akhiran", ""),
        (".pdf", ".pdf"),
    ],
)
def test_a_number_is_no_ending(name, ending):
    assert split(name)[1] == ending


def test_c78_a_name_of_200_letters_or_more_keeps_its_ending():
    assert with_ending("a" * 196, ".pdf") == "a" * 196 + ".pdf"
    assert with_ending("a" * 300, ".pdf") == "a" * (LONGEST - 4) + ".pdf"
    long = with_ending("🎉" * 200, ".docx")
    assert long.endswith("🎉.docx")
    assert len(long.encode()) <= LONGEST


def test_a_name_of_which_nothing_is_left_gets_one():
    assert with_ending("", ".pdf") == "dokumen.pdf"


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ('MoU "akhir" (1) – final.pdf', "MoU _akhir_ (1) – final.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("com1.tar.pdf", "_com1.tar.pdf"),
        ("Kontrak.pdf", "Kontrak.pdf"),
        ("🎉.pdf", "🎉.pdf"),
        ("a:b|c?.pdf", "a_b_c_.pdf"),
        ("100% selesai; siap, 'ya'.pdf", "100% selesai; siap, 'ya'.pdf"),
    ],
)
def test_c78_a_browser_saves_it_under_a_name_that_any_disk_takes(name, saved):
    header = attachment(name)
    assert header.startswith("attachment; ")
    assert header.isascii()
    assert saved_as(name) == saved


def test_c78_an_old_browser_gets_plain_letters():
    assert 'filename="MoU _akhir_ (1) final.pdf"' in attachment('MoU "akhir" (1) – final.pdf')
    assert 'filename="dokumen.pdf"' in attachment("🎉.pdf")
    assert 'filename="Dede.pdf"' in attachment("Dédé.pdf")
