"""Files made for whoever asks for them; no browser keeps one."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from flask import Response, send_file

from pentahelix import clock, presentation
from pentahelix.blueprints.unstored import unstored
from pentahelix.exports import xlsx
from pentahelix.exports.xlsx import Column
from pentahelix.mail.calendar import published
from pentahelix.models import GuidanceSession
from pentahelix.principal import signed_in


def spreadsheet(title: str, columns: Sequence[Column], lines: Iterable[Sequence[Any]]) -> Response:
    """A list as it stands, in the language and under the day of whoever asks."""
    person = signed_in()
    as_of = presentation.as_of(clock.now())
    book = xlsx.workbook(title, columns, lines, person.language, as_of)
    return out(book, xlsx.MEDIA_TYPE, xlsx.file_name(title, clock.today(person.timezone)))


def calendar(guidance: GuidanceSession, name: str) -> Response:
    """A session for one's own calendar; it answers nobody."""
    return out(published(guidance).encode(), "text/calendar", name)


def out(content: bytes, media_type: str, name: str, *, to_be_saved: bool = True) -> Response:
    """To be saved, or shown first by the browser."""
    return unstored(send_file(BytesIO(content), media_type, to_be_saved, name))
