"""Who sends a request, in which language they read, and what they may therefore touch."""

from typing import cast

from flask import (
    Flask,
    abort,
    current_app,
    g,
    has_request_context,
    redirect,
    request,
    session as cookie,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import Babel, refresh
from flask_login import LoginManager, current_user, login_user, logout_user
from itsdangerous import BadSignature
from werkzeug.exceptions import SecurityError

from pentahelix import principal
from pentahelix.cookies import Cookies
from pentahelix.extensions import db
from pentahelix.logs import log
from pentahelix.permissions import is_by_link, is_public
from pentahelix.principal import Principal
from pentahelix.scope import set_scope
from pentahelix.services import sign_ins
from pentahelix.unit_of_work import SAFE_METHODS
from pentahelix.vocabulary import Language

#: Where the browser's cookie keeps the key of the session's row.
KEY = "key"


def register(app: Flask, babel: Babel, login: LoginManager) -> None:
    app.session_interface = Cookies()
    babel.init_app(app, locale_selector=language, timezone_selector=lambda: "UTC")
    login.init_app(app)
    # A phone that changes its cell changes its address; it must not lose its session by that.
    login.session_protection = None
    login.user_loader(_load)
    app.before_request(identify)


def _load(person_id: str) -> Principal | None:
    person = sign_ins.principal_of(cookie.get(KEY, ""))
    return person if person and person.id == person_id else None


def identify() -> ResponseReturnValue | None:
    """Set who asks and what they see; send a visitor to sign in unless the page is for everybody."""
    if isinstance(request.routing_exception, SecurityError):
        # Asked for under another name: most likely a proxy that does not pass it on.
        log.warning("foreign_host", host=request.headers.get("Host", "")[:100])
        raise request.routing_exception
    view = current_app.view_functions.get(request.endpoint or "")
    if request.endpoint == "static" or is_by_link(view):
        return None
    person = current_user._get_current_object() if cookie.get(KEY) else None
    if isinstance(person, Principal):
        _know(person)
        return None
    if is_public(view):
        return None
    if request.method in SAFE_METHODS:
        target = request.full_path.rstrip("?") if request.path != "/" else None
        door = "portal.sign_in" if request.blueprint == "portal" else "accounts.sign_in"
        return redirect(url_for(door, next=target), 303)
    abort(401)
    return None


def begin(person: Principal, key: str) -> None:
    """Let the browser of this request hold the session `key` of `person` from now on."""
    remembered = cookie.get("language")
    cookie.clear()
    if remembered:
        cookie["language"] = remembered
    cookie.permanent = True
    cookie[KEY] = key
    # A token made for the visitor is none for the person.
    g.pop("csrf_token", None)
    login_user(person)
    _know(person)
    refresh()


def _know(person: Principal) -> None:
    """From here on `person` asks; should the session end, its browser goes on in the language it spoke."""
    g.principal = person
    set_scope(db.session(), person.scope)
    if person.user_id is not None and cookie.get("language") != person.language:
        cookie["language"] = str(person.language)


def end() -> None:
    """Take the session from the browser of this request, which goes on in the language that it spoke."""
    spoken = language()
    logout_user()
    cookie.clear()
    cookie["language"] = spoken
    g.pop("principal", None)


def last_known() -> str | None:
    """Whose cookie this browser sends ("u:7"), though the session may be over: to compare, never to trust."""
    sent = request.cookies.get(current_app.config["SESSION_COOKIE_NAME"], "")
    interface = cast(Cookies, current_app.session_interface)
    signer = interface.get_signing_serializer(current_app._get_current_object())  # type: ignore[attr-defined]
    try:
        kept = signer.loads(sent) if signer else {}
    except BadSignature:
        return None
    return str(kept.get("_user_id") or "") or None


def language() -> str:
    """The person's own, else what this browser chose before signing in, else Indonesian.

    A partner contact does not edit what is kept of them, so what their browser chose goes before it. A page
    behind a personal link says itself in which language its reader reads.
    """
    if not has_request_context():
        return Language.ID
    person = principal.current()
    spoken = cookie.get("language")
    if person is not None:
        spoken = person.language if person.user_id is not None else spoken or person.language
    chosen = g.get("language") or spoken
    return chosen if chosen in set(Language) else Language.ID
