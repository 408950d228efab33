"""Coming in, going out, and a person's own account."""

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session as cookie,
    url_for,
)
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext as _

from pentahelix import identity
from pentahelix.blueprints import held
from pentahelix.blueprints.accounts import devices
from pentahelix.blueprints.accounts.forms import (
    AskingForm,
    DemoForm,
    LanguageForm,
    LimitedForm,
    PasswordForm,
    ProfileForm,
    SignInForm,
)
from pentahelix.blueprints.asked import number
from pentahelix.blueprints.forms import ButtonForm
from pentahelix.blueprints.notices import notice
from pentahelix.blueprints.unstored import unstored
from pentahelix.demo import accounts as demo_accounts
from pentahelix.extensions import db
from pentahelix.logs import log
from pentahelix.models import User
from pentahelix.permissions import public, requires
from pentahelix.principal import Principal, current, own_id, signed_in
from pentahelix.services import accounts, attempts, opt_outs, portal, sign_ins
from pentahelix.services.opt_outs import Subscription
from pentahelix.unit_of_work import SAFE_METHODS
from pentahelix.vocabulary import MailTopic

bp = Blueprint("accounts", __name__)

#: What a browser forgets at sign-out: the pages that it kept, and what was typed on this device.
FORGET_ALL = '"cache", "storage"'
FORGET_PAGES = '"cache"'

#: Where the browser keeps, for one page, the address of whoever has just chosen a password.
NEXT_TO_ENTER = "next_to_enter"


# ---------------------------------------------------------------------------------------------------------
# Coming in


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    form = SignInForm(next=request.args.get("next"), email=cookie.pop(NEXT_TO_ENTER, None))
    if person := current():
        return _already_in(person, form)
    if form.validate_on_submit():
        with form.refusals():
            assert form.proof is not None
            key = accounts.enter(form.proof, devices.name())
            attempts.forget(form.attempt)
            response = _let_in(key, form)
            devices.remember(response, form.attempt.subject)
            return response
    if request.method == "POST":
        log.info("sign_in", outcome="limited" if form.wait else "refused")
    return _sign_in_page(form)


@bp.app_errorhandler(401)
def signed_out(_error: Exception) -> ResponseReturnValue:
    """A form was sent without a session: it is carried through signing in and sent once more.

    Not so in the portal, where coming in takes a mail: what was written is shown there, to be copied.
    """
    if request.blueprint == "portal":
        page = render_template("portal/sign_in.html", form=AskingForm(formdata=None), typed=held.written())
        return unstored(make_response(page, 401))
    form = SignInForm(formdata=None)
    if posted := held.posted():
        form.held.data = held.pack(posted)
        form.held_path.data = request.full_path.rstrip("?")
        form.held_by.data = identity.last_known() or ""
    form.status = 401
    return _sign_in_page(form, too_much=bool(request.form) and not posted)


@bp.record
def _demo_only(state: BlueprintSetupState) -> None:
    if state.app.extensions["settings"].is_demo:
        state.add_url_rule("/sign-in/demo", "sign_in_demo", sign_in_demo, methods=["POST"])


@public
def sign_in_demo() -> ResponseReturnValue:
    """One press, no password; neither asked nor counted."""
    form = DemoForm()
    if current() is None and form.validate_on_submit():
        user_id = number(form.user.data)
        key = accounts.enter_demo(user_id, devices.name()) if user_id else None
        if key is None:
            abort(404)
        return _let_in(key, form)
    return redirect(url_for(".sign_in"), 303) if current() else held.again(form)


def _let_in(key: str, form: SignInForm | DemoForm) -> Response:
    person = sign_ins.principal_of(key)
    assert person is not None
    identity.begin(person, key)
    log.info("sign_in", outcome="accepted", principal=person.id)
    return _go_on(person, form)


def _go_on(person: Principal, form: SignInForm | DemoForm) -> Response:
    """To the page that was asked for, or to the text that waits to be saved."""
    if fields := held.unpack(form.held.data or ""):
        path = held.local_path(form.held_path.data)
        if path and form.held_by.data in ("", None, person.id):
            lead = _(
                "Yang Anda ketik tetap ada, tetapi belum tersimpan. Simpan sebagai %(name)s?",
                name=person.name,
            )
            return unstored(make_response(held.page(path, fields, lead=lead, status=200)))
    return unstored(make_response(redirect(held.local_path(form.next.data) or "/", 303)))


def _already_in(person: Principal, form: SignInForm) -> ResponseReturnValue:
    if request.method == "POST" and not form.held.data:
        notice(_("Anda sudah masuk sebagai %(name)s.", name=person.name), kind="info")
    return _go_on(person, form)


def _sign_in_page(form: SignInForm, *, too_much: bool = False) -> Response:
    is_demo = current_app.extensions["settings"].is_demo
    page = render_template(
        "accounts/sign_in.html",
        form=form,
        demo=accounts.demo_accounts() if is_demo else [],
        demo_partners=_demo_partners() if is_demo else [],
        too_much=too_much,
    )
    return answered(page, form)


def _demo_partners() -> list[portal.Person]:
    """The partner contacts whom the sign-in page of the demonstration offers."""
    addresses = [account["email"] for account in demo_accounts.all_accounts() if account["password"] is None]
    return [person for address in addresses for person in portal.people_at(address)[:1]]


def answered(page: str, form: LimitedForm) -> Response:
    """The page of a form that makes those wait who try too often."""
    response = unstored(make_response(page, 429 if form.wait else form.status))
    if form.wait:
        response.headers["Retry-After"] = str(int(form.wait.total_seconds()) + 1)
    return response


@bp.post("/language")
@public
def language() -> ResponseReturnValue:
    form = LanguageForm()
    if form.validate_on_submit():
        cookie["language"] = form.language.data.value
        cookie.permanent = True
        if (person := current()) and person.user_id is not None:
            accounts.speak(person.user_id, form.language.data)
        return redirect(held.local_path(form.next.data) or "/", 303)
    return held.again(form)


@bp.before_app_request
def replace_initial_password() -> ResponseReturnValue | None:
    """Whoever signed in with a password that somebody else chose sees nothing before they have their own.

    What they send is still taken, so that a text that waited for the sign-in is not lost.
    """
    person = current()
    free = {"accounts.password", "accounts.new_password", "accounts.sign_out", "static"}
    if (
        person
        and person.must_change_password
        and request.method in SAFE_METHODS
        and request.endpoint not in free
    ):
        return redirect(url_for("accounts.password"), 303)
    return None


# ---------------------------------------------------------------------------------------------------------
# Going out


@bp.route("/sign-out", methods=["GET", "POST"])
@public
def sign_out() -> ResponseReturnValue:
    person = current()
    if person is None:
        return redirect(url_for(".sign_in"), 303)
    form = ButtonForm()
    if form.validate_on_submit():
        sign_ins.end(person, only=person.sign_in_id)
        return _left(_("Anda sudah keluar."))
    return render_template("accounts/sign_out.html", form=form), form.status


@bp.post("/sign-out/everywhere")
@requires("own.door")
def sign_out_everywhere() -> ResponseReturnValue:
    form = ButtonForm()
    if form.validate_on_submit():
        sign_ins.end(signed_in())
        return _left(_("Anda sudah keluar dari semua perangkat."))
    return held.again(form)


def _left(said: str) -> Response:
    door = ".sign_in" if signed_in().user_id is not None else "portal.sign_in"
    identity.end()
    flash(said)
    response = make_response(redirect(url_for(door), 303))
    # What somebody else typed on this device and has not sent yet is not thrown away; scripts clear the rest.
    response.headers["Clear-Site-Data"] = FORGET_PAGES if "keep" in request.form else FORGET_ALL
    return unstored(response)


# ---------------------------------------------------------------------------------------------------------
# One's own account


@bp.route("/profile", methods=["GET", "POST"])
@requires("own.account")
def profile() -> ResponseReturnValue:
    user = db.session.get_one(User, own_id())
    facts = accounts.facts(user.id)
    form = ProfileForm(obj=user)
    if form.validate_on_submit():
        with form.refusals():
            accounts.edit_profile(user, form.wish(), form.expected_version())
            with force_locale(user.language):
                flash(_("Profil tersimpan."))
            return redirect(url_for(".profile"), 303)
    wants_digest = opt_outs.wants(Subscription(MailTopic.DIGEST, user_id=user.id))
    page = render_template("accounts/profile.html", form=form, facts=facts, wants_digest=wants_digest)
    return page, form.status


@bp.route("/profile/password", methods=["GET", "POST"])
@requires("own.account")
def password() -> ResponseReturnValue:
    facts = accounts.facts(own_id())
    form = PasswordForm(facts.email or "", accounts.own_words(facts))
    if form.validate_on_submit():
        with form.refusals():
            if form.proof is not None:
                accounts.change_password(form.proof, form.digest, keep=signed_in().sign_in_id)
            attempts.forget(form.attempt)
            flash(_("Kata sandi diganti. Perangkat lain sudah dikeluarkan."))
            return redirect(url_for(".profile"), 303)
    page = render_template("accounts/password.html", form=form, facts=facts)
    return answered(page, form)


@bp.get("/profile/sessions")
@requires("own.account")
def sessions() -> ResponseReturnValue:
    return render_template("accounts/sessions.html", sessions=sign_ins.of(signed_in()))


@bp.post("/profile/sessions/<int:sign_in_id>/end")
@requires("own.account")
def end_session(sign_in_id: int) -> ResponseReturnValue:
    if sign_in_id not in {row.id for row in sign_ins.of(signed_in())}:
        abort(404)
    form = ButtonForm()
    if form.validate_on_submit():
        sign_ins.end(signed_in(), only=sign_in_id)
        flash(_("Perangkat itu sudah dikeluarkan."))
        return redirect(url_for(".sessions"), 303)
    return held.again(form)
