"""A password by mail: asked for by whoever forgot theirs, or the first one of a user who was invited.

GET and HEAD change nothing, since mail scanners open every link.
"""

from flask import (
    Response,
    abort,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    session as cookie,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, refresh

from pentahelix import audit
from pentahelix.blueprints.accounts import devices
from pentahelix.blueprints.accounts.forms import AskingForm, NewPasswordForm
from pentahelix.blueprints.accounts.views import NEXT_TO_ENTER, answered, bp
from pentahelix.blueprints.unstored import unlisted
from pentahelix.logs import log
from pentahelix.permissions import public
from pentahelix.queries.users import may_be_invited
from pentahelix.services import accounts, attempts, doors, tokens
from pentahelix.vocabulary import ActorKind, AttemptKind, TokenPurpose


@bp.route("/password/forgot", methods=["GET", "POST"])
@public
def forgot() -> ResponseReturnValue:
    form = AskingForm()
    if form.validate_on_submit():
        with form.refusals():
            doors.ask(TokenPurpose.PASSWORD, form.address)
            return unlisted(redirect(url_for(".asked"), 303))
    return answered(render_template("accounts/forgot.html", form=form), form)


@bp.get("/password/asked")
@public
def asked() -> ResponseReturnValue:
    """The same for every address."""
    return unlisted(make_response(render_template("accounts/asked.html")))


@bp.route("/password/new/<token>", methods=["GET", "POST"])
@public
def new_password(token: str) -> ResponseReturnValue:
    link = tokens.find(TokenPurpose.PASSWORD, token)
    user = doors.user_of(link) if link else None
    if link is None or user is None:
        abort(404)
    if "language" not in cookie:
        g.language = user.language
        refresh()
    if tokens.is_over(link):
        return _over()
    email, is_first = user.email or "", may_be_invited(user)
    actor = audit.Actor(ActorKind.LINK, None, user.name)
    form = NewPasswordForm(accounts.own_words(accounts.facts(user.id)))
    if form.validate_on_submit():
        with form.refusals(), audit.acting(actor):
            if not doors.choose_password(link, form.digest):
                return _over()
            for kind in (AttemptKind.SIGN_IN, AttemptKind.RESET):
                attempts.forget(devices.attempt_at(email, kind))
            log.info("password", outcome="chosen by mail")
            cookie[NEXT_TO_ENTER] = email
            flash(_("Kata sandi tersimpan. Masuklah dengan kata sandi itu."))
            return unlisted(redirect(url_for(".sign_in"), 303))
    page = render_template("accounts/new_password.html", form=form, email=email, is_first=is_first)
    return unlisted(make_response(page, form.status))


def _over() -> Response:
    return unlisted(make_response(render_template("accounts/link_over.html"), 410))
