"""The mailbox of the demo: every mail that was made, to be read and acted on without a mail server.

Open to everybody, its links whole; therefore it is there in the demo only, and not where a server sends mail.
"""

import re

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from pentahelix.blueprints import handed
from pentahelix.blueprints.framed import framed
from pentahelix.blueprints.unstored import unstored
from pentahelix.mail import masking
from pentahelix.permissions import public
from pentahelix.queries import mailbox
from pentahelix.queries.outbox import Mail

bp = Blueprint("mailbox", __name__)

#: The demo's own address in a mail, which may have been made when it ran on another port.
OURS = re.compile(r"http://127\.0\.0\.1:\d+(?=/)")

PARTS = ("html", "text", "calendar", "source")

# The links of mails let people in.
bp.after_request(unstored)


@bp.get("/mailbox")
@public
def index() -> ResponseReturnValue:
    page = mailbox.index(request.args.get("to", ""), request.args.get("before"))
    return render_template("mailbox/index.html", page=page)


@bp.get("/mailbox/<int:message_id>")
@public
def show(message_id: int) -> ResponseReturnValue:
    mail = _one(message_id)
    shown = _shown(mail)
    part = request.args.get("part", "")
    parts = [name for name in PARTS if _has(shown, name)]
    return render_template(
        "mailbox/show.html",
        mail=mail,
        shown=shown,
        text=_here(shown.plain) if shown else "",
        parts=parts,
        part=part if part in parts else next(iter(parts), None),
    )


@bp.get("/mailbox/<int:message_id>/html")
@public
def html(message_id: int) -> Response:
    """The HTML part alone, for the frame on the mail's page."""
    shown = _shown(_one(message_id))
    return framed(_here(shown.html)) if shown and shown.html else abort(404)


@bp.get("/mailbox/<int:message_id>/source")
@public
def source(message_id: int) -> Response:
    shown = _shown(_one(message_id)) or abort(404)
    return handed.out(shown.source.encode(), "message/rfc822", "pesan.eml")


@bp.get("/mailbox/<int:message_id>/calendar")
@public
def calendar(message_id: int) -> Response:
    shown = _shown(_one(message_id)) or abort(404)
    return handed.out((shown.calendar or abort(404)).encode(), "text/calendar", "undangan.ics")


@bp.get("/mailbox/<int:message_id>/attachments/<int:number>")
@public
def attachment(message_id: int, number: int) -> Response:
    shown = _shown(_one(message_id)) or abort(404)
    one = dict(enumerate(shown.attachments)).get(number) or abort(404)
    return handed.out(one.content, one.media_type, one.name)


def _one(message_id: int) -> Mail:
    return mailbox.one(message_id) or abort(404)


def _shown(mail: Mail) -> masking.Shown | None:
    return masking.shown(mail.message, reveal=True)


def _has(shown: masking.Shown | None, part: str) -> bool:
    return bool(shown and getattr(shown, "plain" if part == "text" else part))


def _here(text: str) -> str:
    return OURS.sub(current_app.extensions["settings"].base_url, text)
