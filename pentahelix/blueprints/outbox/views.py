"""What was mailed: the list, one mail with its links masked, and sending again what came to rest."""

from collections.abc import Mapping

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from pentahelix.blueprints.asked import word
from pentahelix.blueprints.forms import ButtonForm
from pentahelix.blueprints.framed import framed
from pentahelix.blueprints.notices import notice
from pentahelix.mail import masking, outbox
from pentahelix.permissions import requires
from pentahelix.principal import signed_in
from pentahelix.queries import outbox as lists
from pentahelix.queries.outbox import Filters, OneMail
from pentahelix.refusals import WrongState
from pentahelix.vocabulary import MailKind, OutboxState

bp = Blueprint("outbox", __name__)

#: What one looks for, the most urgent first; the others are over in a moment.
STATES = (
    OutboxState.PARKED,
    OutboxState.REFUSED,
    OutboxState.QUEUED,
    OutboxState.UNKNOWN,
    OutboxState.SENT,
    OutboxState.KEPT,
    OutboxState.OBSOLETE,
)


@bp.get("/outbox")
@requires("outbox.see")
def index() -> ResponseReturnValue:
    filters = _filters(request.args)
    return render_template(
        "outbox/index.html",
        page=lists.index(signed_in(), filters, request.args.get("before")),
        filters=filters,
        states=[state for state in STATES if state != OutboxState.KEPT or _keeps_mails()],
        kinds=list(MailKind),
    )


@bp.get("/outbox/<int:message_id>")
@requires("outbox.see")
def show(message_id: int) -> ResponseReturnValue:
    return _page(_one(message_id))


@bp.get("/outbox/<int:message_id>/html")
@requires("outbox.see")
def html(message_id: int) -> Response:
    """The HTML part alone, for the frame on the mail's page."""
    shown = masking.shown(_one(message_id).mail.message)
    return framed(shown.html) if shown and shown.html else abort(404)


@bp.post("/outbox/<int:message_id>/resend")
@requires("outbox.see")
def resend(message_id: int) -> ResponseReturnValue:
    page, form = _one(message_id), ButtonForm()
    if not page.may_be_resent:
        raise WrongState(_("Surel ini tidak dapat dikirim ulang."))
    if form.validate_on_submit():
        with form.refusals():
            outbox.resend(page.mail.message)
            notice(_("Surel masuk antrean lagi dan segera dikirim."))
            return redirect(url_for(".show", message_id=message_id), 303)
    return _page(page, form), form.status


def _one(message_id: int) -> OneMail:
    return lists.one(signed_in(), message_id) or abort(404)


def _page(page: OneMail, form: ButtonForm | None = None) -> str:
    return render_template("outbox/show.html", page=page, shown=masking.shown(page.mail.message), form=form)


def _keeps_mails() -> bool:
    """In the demo they go no further than its mailbox."""
    return "mailbox" in current_app.blueprints


def _filters(args: Mapping[str, str]) -> Filters:
    """What is no filter that we know is none."""
    return Filters(
        # A NUL is no letter of any address, and nothing that a database would look for.
        typed=args.get("q", "").replace("\0", " ").strip(),
        state=word(OutboxState, args.get("state")),
        kind=word(MailKind, args.get("kind")),
    )
