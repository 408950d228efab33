"""Papers: typeset by typst from the templates in pentahelix/papers, readable aloud (PDF/UA-1)."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from flask_babel import get_locale, gettext as _, pgettext

from pentahelix import clock

PAPERS = Path(__file__).resolve().parent.parent / "papers"

#: A number or a dash that somebody typed before an item; the paper numbers by itself.
TYPED_NUMBER = re.compile(r"^\s*(?:[-–•*]|\d{1,3}[.)])\s+")


@dataclass(frozen=True)
class Signatory:
    name: str = ""
    position: str = ""


@dataclass(frozen=True)
class Attendee:
    name: str
    position: str = ""
    organisation: str = ""


@dataclass(frozen=True)
class Action:
    task: str
    owner: str = ""
    due: str = ""


@dataclass(frozen=True)
class MinutesData:
    """What stands in the minutes, days and hours already written in the reader's language.

    `agenda` and `decisions` have one item a line, `notes` are paragraphs. What is empty is left out.
    """

    title: str
    kind: str
    cluster: str
    day: str
    hours: str
    place: str = ""
    chair: Signatory = field(default_factory=Signatory)
    minute_taker: Signatory = field(default_factory=Signatory)
    attendees: Sequence[Attendee] = ()
    agenda: str = ""
    notes: str = ""
    decisions: str = ""
    actions: Sequence[Action] = ()
    #: at the foot of each page: who made this, when
    footnote: str = ""
    #: beside the letterhead: "Data contoh"
    banner: str = ""


def minutes(data: MinutesData) -> bytes:
    """Minutes of a meeting as a PDF, its labels in the current language."""
    locale = get_locale()
    return typeset(
        "minutes.typ",
        {
            **asdict(data),
            "agenda": items(data.agenda),
            "decisions": items(data.decisions),
            "notes": paragraphs(data.notes),
            "language": locale.language if locale else "id",
            "labels": _minutes_labels(),
        },
    )


def items(text: str) -> list[str]:
    """The lines of a list, without the numbers and dashes that somebody put before them."""
    return [TYPED_NUMBER.sub("", line).strip() for line in text.splitlines() if line.strip()]


def paragraphs(text: str) -> list[list[str]]:
    return [block.splitlines() for block in re.split(r"\n\s*\n", text.strip()) if block]


def _minutes_labels() -> dict[str, str]:
    return {
        "minutes": _("Notula"),
        "day": _("Hari/tanggal"),
        "hours": _("Waktu"),
        "place": _("Tempat"),
        "chair": _("Pimpinan rapat"),
        "minute_taker": _("Notulis"),
        "attendees": pgettext("notula", "Peserta"),
        "number": _("No."),
        "name": _("Nama"),
        "position": _("Jabatan"),
        "organisation": _("Instansi"),
        "agenda": _("Agenda rapat"),
        "notes": pgettext("notula", "Pembahasan"),
        "decisions": pgettext("notula", "Keputusan"),
        "actions": pgettext("notula", "Tindak lanjut"),
        "task": _("Tugas"),
        "owner": _("Penanggung jawab"),
        "due": _("Tenggat"),
        "page": _("Halaman %(page)s dari %(pages)s", page="{page}", pages="{pages}"),
    }


def typeset(template: str, data: dict[str, Any]) -> bytes:
    """A paper of `pentahelix/papers`, filled with `data`."""
    import typst

    def compiled(*standards: Literal["ua-1"]) -> bytes:
        return typst.compile(
            str(PAPERS / template),
            root=str(PAPERS),
            font_paths=[str(PAPERS / "fonts")],
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards=list(standards),
            timestamp=clock.now().replace(microsecond=0),
        )

    try:
        return compiled("ua-1")
    except typst.TypstError:
        # The standard forbids a sign that no font has (an emoji in a title); a paper without its seal is
        # better than none. Any other fault of the template is raised again.
        return compiled()
