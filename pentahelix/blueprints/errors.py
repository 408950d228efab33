"""Pages for what went wrong: in the reader's language, with nothing about our insides."""

from typing import Any

from flask import Flask, Response, current_app, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from pentahelix import editing
from pentahelix.blueprints import held
from pentahelix.editing import AlreadyDone
from pentahelix.extensions import db
from pentahelix.logs import log
from pentahelix.refusals import WrongState
from pentahelix.unit_of_work import SAFE_METHODS, Unsaved

#: Statuses that have a page of their own; any other one is shown as the next lower of these.
PAGES = (400, 404, 405, 409, 413, 429, 500, 503)


#: What a record answers that does not allow what is asked, or is not there any more.
REFUSED = (404, 409, 410, 422)


def register(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(AlreadyDone, _already_done)
    app.register_error_handler(WrongState, _wrong_state)
    app.register_error_handler(Unsaved, _unsaved)
    app.register_error_handler(SQLAlchemyError, _unsaved)
    app.register_error_handler(Exception, _unexpected)
    app.after_request(_as_answered_before)


def _http(error: HTTPException) -> Any:
    if error.response is not None or error.code is None or error.code < 400:
        return error
    code = max((page for page in PAGES if page <= error.code), default=400)
    headers = {"Retry-After": str(getattr(error, "retry_after", ""))} if error.code == 429 else {}
    if error.code == 405:
        headers["Allow"] = ", ".join(error.valid_methods or [])  # type: ignore[attr-defined]
    return render_template(f"errors/{code}.html"), error.code, headers


def _already_done(before: AlreadyDone) -> ResponseReturnValue:
    flash(_("Sudah tersimpan."))
    return redirect(before.location, 303)


def _as_answered_before(response: Response) -> ResponseReturnValue:
    """A form sent again gets the answer that it got, though its record no longer allows what it asks for.

    A view that looks at the record before its form is claimed refuses what the first sending has done.
    """
    if request.method in SAFE_METHODS or response.status_code not in REFUSED or g.get("without_database"):
        return response
    earlier = editing.answered_before()
    if earlier is None or not earlier.result or earlier.digest != editing.digest():
        return response
    return current_app.make_response(_already_done(AlreadyDone(earlier.result)))


def _wrong_state(error: WrongState) -> ResponseReturnValue:
    db.session.rollback()
    if request.method not in SAFE_METHODS and (earlier := editing.answered_before()):
        # Sent before with other content, which is not lost; with the same, it gets its answer.
        return held.differently(earlier.result or request.path)
    page = render_template("errors/409.html", message=error.message, back=_page_above(), typed=held.written())
    return page, 409


def _page_above() -> str | None:
    """The page that the refused address hangs on: of "/partners/3/edit" that is "/partners/3"."""
    routes = current_app.create_url_adapter(request)
    path = request.path.rpartition("/")[0]
    while routes and path:
        try:
            routes.match(path, method="GET")
            return path
        except (NotFound, MethodNotAllowed, RequestRedirect):
            path = path.rpartition("/")[0]
    return None


def _unsaved(error: Exception) -> ResponseReturnValue:
    log.error("database", exc_info=error)
    _withdraw()
    if request.method in SAFE_METHODS:
        return render_template("errors/503.html"), 503
    lead = _("Belum tersimpan: pangkalan data sedang tidak dapat dipakai. Yang Anda ketik tetap ada.")
    return held.page(request.full_path.rstrip("?"), held.posted(), lead=lead, status=503)


def _unexpected(error: Exception) -> ResponseReturnValue:
    log.error("unexpected", exc_info=error)
    _withdraw()
    return render_template("errors/500.html"), 500


def _withdraw() -> None:
    """Let the page that tells of a failure not ask the database for anything."""
    g.without_database = True
    try:
        db.session.rollback()
    except SQLAlchemyError:
        db.session.remove()
