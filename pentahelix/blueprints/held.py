"""What was posted and could not be kept: shown again, so that nobody types it twice.

A person whose session has ended, or whose form met a database that is away, gets a page that carries the
posted fields hidden and posts them to the same address once more, under the same submission id.
"""

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import render_template, request
from flask_babel import gettext as _

from pentahelix.editing import ENVELOPE

if TYPE_CHECKING:
    from pentahelix.blueprints.forms import Form

#: The most that is carried, in bytes of names and values.
LIMIT = 256 * 1024

#: Fields that are never carried.
_SECRET = ("password",)
_OURS = frozenset({"csrf_token", "held", "held_path", "held_by"})

Fields = list[tuple[str, str]]


def posted() -> Fields:
    """What this request posted and may be carried on; nothing where it is too much."""
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in _OURS and not name.endswith(_SECRET)
    ]
    size = sum(len(name.encode()) + len(value.encode()) for name, value in fields)
    return fields if size <= LIMIT else []


def written() -> list[str]:
    """What somebody wrote in words, to be shown where there is no form any more that could keep it."""
    typed = (value.strip() for name, value in posted() if name not in ENVELOPE)
    return list(dict.fromkeys(words for words in typed if " " in words))


def pack(fields: Fields) -> str:
    return json.dumps(fields, ensure_ascii=False)


def unpack(text: str) -> Fields:
    """The fields of `pack`; anything else is nothing."""
    try:
        pairs = json.loads(text)
        return [(str(name), str(value)) for name, value in pairs if str(name) not in _OURS]
    except (TypeError, ValueError):
        return []


def local_path(target: str | None) -> str | None:
    """`target` if it is an address of this site, as a path; else None."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or any(ord(sign) < 32 for sign in target):
        return None
    return target


def page(
    path: str,
    fields: Fields,
    *,
    lead: str,
    status: int,
    title: str | None = None,
    label: str | None = None,
    kept: str | None = None,
) -> tuple[str, int]:
    """The page with the button that posts `fields` to `path`; `kept` is where other content is already."""
    shown = render_template(
        "held.html",
        path=path,
        fields=fields,
        lead=lead,
        title=title or _("Lanjutkan menyimpan"),
        label=label or _("Simpan sekarang"),
        kept=kept,
    )
    return shown, status


def again(form: "Form") -> tuple[str, int]:
    """A pressed button once more, with a fresh token, where the first press was not acted on; it says why."""
    if form.sent_before:
        return differently(form.sent_before)
    reasons = [str(error) for errors in form.errors.values() for error in errors]
    return _once_more(posted(), " ".join(reasons), form.status)


def differently(location: str) -> tuple[str, int]:
    """What was sent under the key of a form that led to `location` with other content: kept, as a new one."""
    fields = [(name, value) for name, value in posted() if name != "submission_id"]
    return _once_more(fields, _("Formulir ini sudah pernah dikirim dengan isi lain."), 409, location)


def _once_more(fields: Fields, lead: str, status: int, kept: str | None = None) -> tuple[str, int]:
    return page(
        request.full_path.rstrip("?"),
        fields,
        lead=lead,
        status=status,
        title=_("Belum tersimpan"),
        label=_("Coba lagi"),
        kept=kept,
    )
