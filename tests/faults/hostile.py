"""What enemies, spreadsheets and accidents write into forms and addresses; what an answer may not show."""

import re
from collections.abc import Iterable, Mapping
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import quote_plus

from werkzeug.test import TestResponse

from tests.clients import forms_of

__all__ = ["faults", "forms_of"]

#: How a browser calls what it sends of a form without files.
FORM = "application/x-www-form-urlencoded"

#: What a browser would run, were it shown as it was typed.
SCRIPT = "<script>alert(1)</script>"
#: The same, written so that it is only read.
SCRIPT_AS_TEXT = "&lt;script&gt;alert(1)&lt;/script&gt;"
ATTRIBUTE = '"><img src=x onerror=alert(1)>'
#: What a template would work out: 77777777 × 7.
TEMPLATE = "{{7*77777777}}"
WORKED_OUT = "544444439"
HEADER = "Rapat\r\nBcc: korban@contoh.example\r\nContent-Type: text/html\r\n\r\nIsi"

#: Everything at once, for whatever takes any text: a formula by its first letter, then markup, then the rest.
POISON = (
    f"=1+1 {SCRIPT} {ATTRIBUTE} {TEMPLATE} {{% raw %}} %(name)s %s \u202etxt.exe\u202c e\u0301\u0301 👩🏽‍🌾"
)
#: The same where lines are taken: what would be a property of a calendar, its end, a header of a mail.
LINES = (
    f"{POISON}\r\nATTENDEE:mailto:korban@contoh.example\r\nEND:VEVENT\rBcc: korban@contoh.example\r\n\r\nIsi"
)

#: what it is called → what is typed. Bytes are sent as they are.
TYPED: Mapping[str, str | bytes] = {
    "NUL": "Rapat\0 kemasan",
    "a control sign": "Rapat\x1b[2J\x7f kemasan",
    "marks of direction": "Rapat \u202etxt.exe\u202c \u2066kemasan\u2069",
    "marks of direction alone": "\u202e\u200b\u2066",
    "a megabyte": "Rapat kemasan. " * 70_000,
    "a megabyte without a blank": "7" * 1_000_000,
    "emoji": "👩🏽‍🌾 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🎉",
    "combining marks": "R" + "\u0301\u0316" * 40 + "apat",
    "a header": HEADER,
    "lines": "satu\r\ndua\rtiga\u2028empat\u0085lima",
    "a formula": "=1+1",
    "a sum": "@SUM(A1:A9)",
    "a call": '=cmd|" /C calc"!A0',
    "script": SCRIPT,
    "an attribute": ATTRIBUTE,
    "a link that runs": "javascript:alert(1)",
    "a link that shows": "data:text/html,<script>alert(1)</script>",
    "a template": TEMPLATE,
    "a template's sign": "{% raw %}{# x",
    "a name to fill in": "%(name)s %(x)d",
    "a place to fill in": "%s %d 100%",
    "braces to fill in": "{0} {self.__class__} {name!r}",
    "SQL": "'; DROP TABLE partner; --",
    "a search": '"kemasan* AND (NEAR',
    "a half letter": "Rapat \ud83d".encode("utf-8", "surrogatepass"),
    "bytes of no text": b"Rapat \xff\xfe\x80\xc0\xaf",
    "Windows' letters": "Dédé – “akhir”".encode("cp1252"),
    "a word": "sembilan",
    "no number": "NaN",
    "no end": "Infinity",
    "beyond a float": "1e309",
    "beyond an integer": "9" * 400,
    "beyond a column": "9223372036854775808",
    "below zero": "-1",
    "a fraction": "1,5",
    "Arabic digits": "١٢٣",
    "wide digits": "１２",
    "hexadecimal": "0x1F",
    "a digit raised": "²",
    "a day that is none": "2026-02-31",
    "a day before days": "0000-00-00",
    "a day after days": "99999-12-31",
    "a day in Arabic": "٢٠٢٦-١٢-٠١",
    "an hour that is none": "25:61",
    "a path": "../../../etc/passwd",
    "a truth": "true",
}  # fmt: skip

Sent = str | bytes | list[str] | None

#: The same, and what is wrong without being typed: None sends nothing under the name.
VALUES: Mapping[str, Sent] = {
    **TYPED,
    "nothing": "",
    "no field": None,
    "the same name twice": ["satu", SCRIPT],
    "ten thousand": [str(number) for number in range(10_000)],
}


def body(fields: Mapping[str, Any]) -> bytes:
    """The fields as a browser sends them, bytes of no letter included."""
    pairs = (
        f"{quote_plus(name)}={quote_plus(value)}"
        for name, values in fields.items()
        for value in ([values] if isinstance(values, str | bytes) else values)
    )
    return "&".join(pairs).encode("ascii")


def parts(fields: Mapping[str, Any], files: Mapping[str, tuple[bytes, str]]) -> dict[str, Any]:
    """The same for a form with files, from their content and name."""
    return {**fields, **{name: (BytesIO(content), called) for name, (content, called) in files.items()}}


# ---------------------------------------------------------------------------- what an answer may not show

_INSIDES = ("Traceback (most recent call last)", 'File "/', "sqlalchemy.", "werkzeug.", "jinja2.")
RUNS = (SCRIPT, "<img src=x", "onerror=alert(1)>", 'href="javascript:', 'href="data:text/html')


def faults(answer: TestResponse) -> Iterable[str]:
    """What no answer may do, whatever was sent."""
    if answer.status_code >= 500:
        yield f"failed with {answer.status_code}"
    if any("\n" in value or "\r" in value for _name, value in answer.headers) or "Bcc" in answer.headers:
        yield "has a header of the enemy's"
    if answer.mimetype != "text/html":
        return
    page = answer.get_data(as_text=True)
    yield from (f"shows its insides: {sign}" for sign in _INSIDES if sign in page)
    yield from (f"would run: {sign}" for sign in RUNS if sign in page)
    if WORKED_OUT in page:
        yield "worked out a template"


# ---------------------------------------------------------------------------- what a refusal says

_ERROR = re.compile(r'<div class="err" id="([^"]*)-error">(.*?)</div></div>', re.DOTALL)
_SUMMARY = re.compile(r'<div class="note note-danger errors"[^>]*>(.*?)</div></div>', re.DOTALL)
_INPUT = re.compile(r'<(?:input|select|textarea)\b[^>]*\sname="([^"]*)"[^>]*>')


def told(page: str) -> dict[str, str]:
    """The messages that stand at fields, by the field."""
    return {name: _text(message) for name, message in _ERROR.findall(page)}


def summary(page: str) -> str:
    return " ".join(_text(found) for found in _SUMMARY.findall(page))


def unbound(page: str) -> set[str]:
    """Fields that are called wrong without naming the message that says why."""
    loose = set()
    for found in _INPUT.finditer(page):
        tag, name = found[0], unescape(found[1])
        described = re.search(r'aria-describedby="([^"]*)"', tag)
        ids = described[1].split() if described else []
        if 'aria-invalid="true"' in tag and not any(f'id="{one}"' in page for one in ids if "-error" in one):
            loose.add(name)
    return loose


def _text(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())
