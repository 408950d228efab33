"""Coming into the portal: an address, a mail with a link and a code, and a button that begins the session.

The link holds in the browser that asked. GET and HEAD change nothing, since mail scanners open every link.
"""

import secrets
from typing import TypedDict, cast

from flask import (
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    session as cookie,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import HiddenField

from pentahelix import identity
from pentahelix.blueprints import held
from pentahelix.blueprints.accounts import devices
from pentahelix.blueprints.accounts.forms import AnewForm, AskingForm, LimitedForm
from pentahelix.blueprints.accounts.views import answered
from pentahelix.blueprints.fields import Required, TextField
from pentahelix.blueprints.notices import notice
from pentahelix.blueprints.portal.views import bp
from pentahelix.blueprints.unstored import unlisted
from pentahelix.logs import log
from pentahelix.models import Token
from pentahelix.permissions import public
from pentahelix.principal import current
from pentahelix.services import attempts, doors, portal, sign_ins, tokens
from pentahelix.services.attempts import Try
from pentahelix.vocabulary import AttemptKind, TokenPurpose

#: Where the browser keeps what it asked for.
ASKED = "portal"
LONGEST_NEXT = 1000


class Asked(TypedDict):
    #: random, known to this browser alone
    browser: str
    email: str
    #: the page that was wanted
    next: str


class CodeForm(AnewForm, LimitedForm):
    code = TextField(_l("Kode dari surel"), [Required()])

    browser_digest: str = ""
    found: Token | None = None

    def prepare(self) -> None:
        network = attempts.network_of(request.remote_addr)
        if self.count(Try(AttemptKind.LINK, self.browser_digest, network)):
            self.found = portal.by_code(self.browser_digest, str(self.code.data))
            if self.found is None:
                self.refuse(
                    "code", _("Kode tidak cocok atau sudah lewat waktunya. Periksa surel yang terakhir.")
                )


class ChooseForm(AnewForm):
    contact_id = HiddenField()


@bp.route("/portal/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    if current():
        return _already_in()
    form = AskingForm(next=request.args.get("next"))
    if form.validate_on_submit():
        with form.refusals():
            before = _asked()
            asked: Asked = {
                # A second mail does not take away what the first one opens.
                "browser": before["browser"] if before else secrets.token_urlsafe(24),
                "email": form.address,
                "next": _wanted(form.next.data),
            }
            cookie[ASKED] = asked
            doors.ask(TokenPurpose.SIGN_IN, form.address, tokens.digest(asked["browser"]))
            return unlisted(redirect(url_for(".code"), 303))
    return answered(render_template("portal/sign_in.html", form=form), form)


@bp.route("/portal/code", methods=["GET", "POST"])
@public
def code() -> ResponseReturnValue:
    """Where the browser that asked waits; the same for every address."""
    if current():
        return _already_in()
    asked = _asked()
    if asked is None:
        return unlisted(redirect(url_for(".sign_in"), 303))
    form = CodeForm()
    form.browser_digest = tokens.digest(asked["browser"])
    if form.validate_on_submit():
        with form.refusals():
            assert form.found is not None
            if not tokens.use(form.found):
                return _over()
            return _arrive(form.found)
    return answered(render_template("portal/code.html", form=form, email=asked["email"]), form)


@bp.route("/portal/enter/<token>", methods=["GET", "POST"])
@public
def enter(token: str) -> ResponseReturnValue:
    link = tokens.find(TokenPurpose.SIGN_IN, token) or abort(404)
    if current():
        return _already_in()
    if tokens.is_over(link):
        return _over()
    if not _is_of_this_browser(link):
        status = 409 if request.method == "POST" else 200
        return unlisted(make_response(render_template("portal/elsewhere.html"), status))
    form = AnewForm()
    if form.validate_on_submit():
        with form.refusals():
            if not tokens.use(link):
                return _over()
            return _arrive(link)
    return unlisted(make_response(render_template("portal/enter.html", form=form), form.status))


@bp.route("/portal/choose", methods=["GET", "POST"])
@public
def choose() -> ResponseReturnValue:
    """Who comes in, where several people share the address."""
    if current():
        return _already_in()
    asked = _asked()
    link = portal.arrived(tokens.digest(asked["browser"])) if asked else None
    if link is None:
        return unlisted(redirect(url_for(".sign_in"), 303))
    people = portal.people_of(link)
    form = ChooseForm()
    chosen = next((person for person in people if str(person.id) == form.contact_id.data), None)
    if request.method == "POST" and chosen is None:
        abort(404)
    if form.validate_on_submit():
        with form.refusals():
            assert chosen is not None
            return _let_in(link, chosen.id)
    return unlisted(
        make_response(render_template("portal/choose.html", form=form, people=people), form.status)
    )


def _arrive(link: Token) -> Response:
    """The link was used: in with whoever has the address, or first to say which of them it is."""
    people = portal.people_of(link)
    if not people:
        return _over()
    if len(people) > 1:
        return unlisted(make_response(redirect(url_for(".choose"), 303)))
    return _let_in(link, people[0].id)


def _let_in(link: Token, contact_id: int) -> Response:
    key = portal.begin(link, contact_id, devices.name())
    person = sign_ins.principal_of(key) if key else None
    if key is None or person is None:
        return _over()
    asked = _asked()
    identity.begin(person, key)
    log.info("sign_in", outcome="accepted", principal=person.id)
    response = make_response(redirect((asked and asked["next"]) or url_for(".index"), 303))
    if asked is not None:
        attempts.forget(devices.attempt_at(asked["email"], AttemptKind.RESET))
        devices.remember(response, asked["email"])
    return unlisted(response)


def _wanted(address: str | None) -> str:
    """A page of ours; not one whose address would not fit a cookie, without which nobody comes in."""
    path = held.local_path(address) or ""
    return path if len(path) <= LONGEST_NEXT else ""


def _asked() -> Asked | None:
    return cast("Asked | None", cookie.get(ASKED))


def _is_of_this_browser(link: Token) -> bool:
    asked = _asked()
    return asked is not None and link.browser_digest == tokens.digest(asked["browser"])


def _over() -> Response:
    return unlisted(make_response(render_template("portal/over.html"), 410))


def _already_in() -> ResponseReturnValue:
    person = current()
    if person is not None and person.user_id is not None:
        notice(_("Anda sudah masuk sebagai %(name)s.", name=person.name), kind="info")
    return redirect("/", 303)
