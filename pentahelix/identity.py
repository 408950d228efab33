"""Who sends a request, in which language they read, and what they may therefore touch."""

from flask import Flask, abort, current_app, g, redirect, request, session as cookie, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_login import LoginManager, current_user, login_user, logout_user

from pentahelix import principal
from pentahelix.extensions import db
from pentahelix.permissions import is_public
from pentahelix.principal import Principal
from pentahelix.scope import set_scope
from pentahelix.services import sign_ins
from pentahelix.unit_of_work import SAFE_METHODS
from pentahelix.vocabulary import Language

#: Where the browser's cookie keeps the key of the session's row.
KEY = "key"


def register(app: Flask, babel: Babel, login: LoginManager) -> None:
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
    view = current_app.view_functions.get(request.endpoint or "")
    if request.endpoint == "static":
        return None
    person = current_user._get_current_object() if cookie.get(KEY) else None
    if isinstance(person, Principal):
        g.principal = person
        set_scope(db.session(), person.scope)
        return None
    if is_public(view):
        return None
    if request.method in SAFE_METHODS:
        target = request.full_path.rstrip("?") if request.path != "/" else None
        return redirect(url_for("accounts.sign_in", next=target), 303)
    abort(401)


def begin(person: Principal, key: str) -> None:
    """Let the browser of this request hold the session `key` of `person` from now on."""
    remembered = cookie.get("language")
    cookie.clear()
    if remembered:
        cookie["language"] = remembered
    cookie.permanent = True
    cookie[KEY] = key
    login_user(person)
    g.principal = person


def end() -> None:
    """Take the session from the browser of this request."""
    logout_user()
    cookie.clear()
    g.pop("principal", None)


def language() -> str:
    """The person's own, else what this browser chose before signing in, else Indonesian."""
    person = principal.current()
    chosen = person.language if person else cookie.get("language")
    return chosen if chosen in set(Language) else Language.ID
