"""What a file really is, by its content; only what is on the list here is taken.

A name proves nothing: what calls itself PDF and is a web page is refused with that reason. What is taken is
never shown inside a page, only handed out to be saved, so that markup hidden in a photo stays without effect.
"""

import re
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from flask_babel import gettext as _, lazy_gettext as _l

from pentahelix.refusals import Refused


@dataclass(frozen=True)
class Kind:
    """A kind of file that is taken. The first of its endings is given to a name that has none."""

    content_type: str
    endings: tuple[str, ...]
    label: Any


_OFFICE = "application/vnd.openxmlformats-officedocument."
PDF = Kind("application/pdf", (".pdf",), _l("PDF"))
WORD = Kind(f"{_OFFICE}wordprocessingml.document", (".docx",), _l("Word (DOCX)"))
EXCEL = Kind(f"{_OFFICE}spreadsheetml.sheet", (".xlsx",), _l("Excel (XLSX)"))
POWERPOINT = Kind(f"{_OFFICE}presentationml.presentation", (".pptx",), _l("PowerPoint (PPTX)"))
JPEG = Kind("image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif"), _l("foto JPEG"))
PNG = Kind("image/png", (".png",), _l("gambar PNG"))
HEIC = Kind("image/heic", (".heic", ".heif"), _l("foto HEIC"))
WEBP = Kind("image/webp", (".webp",), _l("gambar WebP"))
TEXT = Kind("text/plain", (".txt",), _l("teks"))
CSV = Kind("text/csv", (".csv",), _l("CSV"))

KINDS = (PDF, WORD, EXCEL, POWERPOINT, JPEG, PNG, HEIC, WEBP, TEXT, CSV)
ENDINGS = tuple(ending for kind in KINDS for ending in kind.endings)
ACCEPTED = _l(
    "Yang diterima: PDF, Word, Excel, PowerPoint, foto (JPEG, PNG, HEIC, WebP), dan teks (TXT, CSV)."
)

_PICTURES = {"jpg": JPEG, "png": PNG, "heic": HEIC, "webp": WEBP}
_PARTS = {
    b"wordprocessingml.document.main+xml": WORD,
    b"spreadsheetml.sheet.main+xml": EXCEL,
    b"presentationml.presentation.main+xml": POWERPOINT,
}
_FOREIGN = {
    "exe": _l("program (EXE)"),
    "elf": _l("program (ELF)"),
    "zip": _l("arsip ZIP"),
    "doc": _l("Office lama atau berkas bersandi"),
    "xls": _l("Office lama atau berkas bersandi"),
    "ppt": _l("Office lama atau berkas bersandi"),
}
_OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")

_MARKUP = re.compile(r"<(!doctype\s+(\w+)|html|head|body|script|iframe|img|svg|\?xml|!--)", re.IGNORECASE)
#: Letters that no text has.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")

#: An office document is a ZIP; more than this is made to fill somebody's memory.
MOST_ENTRIES = 5_000
MOST_UNPACKED = 300 * 1024 * 1024
MOST_TIMES = 200
_MOST_OF_TYPES = 1024 * 1024


def sniff(content: bytes, ending: str) -> Kind:
    """What `content` is; Refused with the reason where it is not taken, or is not what `ending` says."""
    if not content:
        raise Refused("file", _("Berkas ini kosong; tidak ada isinya."))
    found = _look(content, ending)
    claimed = next((kind for kind in KINDS if ending in kind.endings), None)
    if isinstance(found, Kind):
        if not ending or ending in found.endings:
            return found
        raise Refused("file", _misnamed(found, ending))
    if found is not None and claimed:
        told = _("Isi berkas ini %(what)s, bukan %(claimed)s.", what=found, claimed=claimed.label)
    elif found is not None:
        told = _("Isi berkas ini %(what)s.", what=found)
    elif claimed:
        told = _("Isi berkas ini bukan %(claimed)s, atau rusak.", claimed=claimed.label)
    else:
        told = _("Isi berkas ini tidak dikenal.")
    raise Refused("file", f"{told} {ACCEPTED}")


def _misnamed(kind: Kind, ending: str) -> str:
    said = {"what": kind.label, "ending": ending}
    told = _("Isi berkas ini %(what)s, tetapi namanya berakhiran “%(ending)s”.", **said)
    advice = _("Ganti akhirannya menjadi %(ending)s, lalu unggah lagi.", ending=kind.endings[0])
    return f"{told} {advice}"


def _look(content: bytes, ending: str) -> Kind | Any | None:
    """A kind that is taken, or the name of what is not, or None for what nobody knows."""
    if content.startswith(b"%PDF-"):
        _must_be_whole(content)
        return PDF
    if content.startswith(b"PK\x03\x04"):
        return _office(content) or _FOREIGN["zip"]
    if content.startswith(_OLD_OFFICE):
        return _FOREIGN["doc"]
    import filetype

    guessed = filetype.guess(content[:8192])
    if guessed is not None and guessed.extension in _PICTURES:
        return _PICTURES[guessed.extension]
    text = _text(content)
    if markup := _markup(text or content[:4096].decode("latin-1")):
        return markup
    if guessed is not None:
        return _FOREIGN.get(guessed.extension, guessed.extension.upper())
    if text is None:
        return None
    return CSV if ending in CSV.endings else TEXT


def _must_be_whole(content: bytes) -> None:
    if b"startxref" not in content[-65_536:]:
        raise Refused("file", _("PDF ini tidak utuh: bagian akhirnya tidak ada. Unggah berkas aslinya."))


def _text(content: bytes) -> str | None:
    """The content as text, or None; in the encodings that spreadsheets and editors write."""
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if is_wide else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if _NO_TEXT.search(text) else text
    return None


def _markup(text: str) -> str | None:
    """What a browser might take the text for, were it shown to one."""
    found = _MARKUP.search(text[:4096])
    if not found:
        return None
    head = text[:4096].lower()
    return "SVG" if "<svg" in head else "XML" if "<?xml" in head and "<html" not in head else "HTML"


# ---------------------------------------------------------------------------------------------------------
# Office documents


def _office(content: bytes) -> Kind | None:
    """Which office document this ZIP is, or None; Refused where it has macros or unpacks to too much.

    Nothing is unpacked but the list of its parts' types, and of that no more than a megabyte.
    """
    if content.count(b"PK\x01\x02") > MOST_ENTRIES:
        raise Refused("file", _too_much())
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            if _unpacks_to_too_much(entries, len(content)):
                raise Refused("file", _too_much())
            if not all(map(_is_plain, entries)):
                return None
            with archive.open("[Content_Types].xml") as listed:
                types = listed.read(_MOST_OF_TYPES).lower()
    # RuntimeError: encrypted, or of a later kind than this reader knows.
    except (BadZipFile, KeyError, RuntimeError, ValueError, EOFError, zlib.error):
        return None
    if b"macroenabled" in types or any(map(_runs, entries)):
        raise Refused("file", _("Berkas ini berisi makro. Simpan tanpa makro, lalu unggah lagi."))
    return next((kind for part, kind in _PARTS.items() if part in types), None)


def _unpacks_to_too_much(entries: list[ZipInfo], size: int) -> bool:
    unpacked = sum(entry.file_size for entry in entries)
    return unpacked > MOST_UNPACKED or unpacked > MOST_TIMES * size


def _runs(entry: ZipInfo) -> bool:
    name = entry.filename.lower()
    return name.endswith("vbaproject.bin") or "/activex/" in name


def _is_plain(entry: ZipInfo) -> bool:
    """Packed as office documents are: not encrypted, in one of two ways, in no folder but its own."""
    climbs = entry.filename.startswith("/") or ".." in entry.filename.split("/")
    return not (climbs or entry.flag_bits & 1) and entry.compress_type in (ZIP_STORED, ZIP_DEFLATED)


def _too_much() -> str:
    return str(_("Berkas ini membesar luar biasa bila dibuka (bom ZIP), jadi tidak diterima."))
