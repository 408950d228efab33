"""What the browser's queue of unsent forms needs: who is signed in, and a plain answer, not a redirect."""

from flask import (
    Blueprint,
    Response,
    get_flashed_messages,
    json,
    jsonify,
    make_response,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from pentahelix.blueprints.unstored import unstored
from pentahelix.permissions import public, requires
from pentahelix.principal import current

bp = Blueprint("offline", __name__)

#: What a form carries that a script has sent: "now" while somebody waits to be led on, "later" otherwise.
SENT_BY_SCRIPT = "X-Pentahelix-Queue"


@bp.get("/csrf")
@public
def token() -> ResponseReturnValue:
    """Who would send a form from this browser, and the token that it needs; null for both when signed out."""
    person = current()
    return unstored(jsonify(user=person.id if person else None, token=generate_csrf() if person else None))


@bp.get("/unsent")
@requires("own.account")
def notes() -> ResponseReturnValue:
    """The words about what waits on this device, for pages where something does."""
    return unstored(make_response(render_template("offline/notes.html")))


@bp.after_app_request
def tell_plainly(response: Response) -> Response:
    """Answer a script with {"saved": where} in place of the redirect that says so to a person.

    A script that followed it would load a page for nobody, and the notices meant for the person with it. A
    body of this shape also tells our yes from whatever a hotel's network answers with 200. Who sends "later"
    is led nowhere, so the notices come along.
    """
    how = request.headers.get(SENT_BY_SCRIPT)
    if how and response.status_code == 303:
        said = [_text(message) for message in get_flashed_messages()] if how == "later" else []
        response.set_data(json.dumps({"saved": response.headers.pop("Location"), "said": said}))
        response.status_code, response.mimetype = 200, "application/json"
    return response


def _text(message: object) -> str:
    return str(message["text"] if isinstance(message, dict) else message)
