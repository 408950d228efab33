"""Files made for whoever asks for them; no browser keeps one."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response

from pentahelix import clock, presentation
from pentahelix.exports import xlsx
from pentahelix.exports.xlsx import Column
from pentahelix.principal import signed_in


def spreadsheet(title: str, columns: Sequence[Column], lines: Iterable[Sequence[Any]]) -> Response:
    """A list as it stands, in the language and under the day of whoever asks."""
    person = signed_in()
    as_of = presentation.as_of(clock.now())
    book = xlsx.workbook(title, columns, lines, person.language, as_of)
    return out(book, xlsx.MEDIA_TYPE, xlsx.file_name(title, clock.today(person.timezone)))


def out(content: bytes, media_type: str, name: str, how: str = "attachment") -> Response:
    """`how` is "inline" for what a browser shows first."""
    answer = Response(content, mimetype=media_type)
    answer.headers.set("Content-Disposition", how, filename=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
