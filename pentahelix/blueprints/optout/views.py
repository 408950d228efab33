"""The link at the foot of digests and reminders, and in their header: no more of these, and again.

A mail program presses it by itself (RFC 8058), with neither cookie nor login, and may do so twice: a POST
acts, is answered with 200 and never redirected. GET shows what would stop.
"""

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from pentahelix import audit, unit_of_work
from pentahelix.blueprints import held
from pentahelix.blueprints.forms import ButtonForm
from pentahelix.blueprints.reply.views import speak
from pentahelix.blueprints.unstored import unlisted
from pentahelix.extensions import db
from pentahelix.models import Contact, User
from pentahelix.permissions import by_link, requires
from pentahelix.principal import signed_in
from pentahelix.scope import OfContact, set_scope
from pentahelix.services import opt_outs
from pentahelix.services.opt_outs import Subscription
from pentahelix.vocabulary import ActorKind, MailTopic

bp = Blueprint("optout", __name__)


@bp.route("/unsubscribe/<token>", methods=["GET", "POST"])
@by_link
def show(token: str) -> Response:
    subscription = opt_outs.of_link(token)
    if subscription is None:
        abort(404)
    person = _person(subscription)
    speak(person.language)
    if request.method == "POST":
        is_contact = subscription.contact_id is not None
        actor = audit.contact(person.id) if is_contact else audit.Actor(ActorKind.LINK, None, person.name)
        unit_of_work.write()
        with audit.acting(actor):
            (opt_outs.start if "again" in request.form else opt_outs.stop)(subscription)
    page = render_template("optout/show.html", topic=subscription.topic, wants=opt_outs.wants(subscription))
    return unlisted(make_response(page))


@bp.post("/profile/digest")
@requires("own.account")
def digest() -> ResponseReturnValue:
    """The same for a colleague who is signed in, from their profile."""
    subscription = Subscription(MailTopic.DIGEST, user_id=signed_in().user_id)
    form = ButtonForm()
    if form.validate_on_submit():
        again = "again" in request.form
        (opt_outs.start if again else opt_outs.stop)(subscription)
        flash(_("Ringkasan pagi akan dikirim lagi.") if again else _("Ringkasan pagi tidak dikirim lagi."))
        return redirect(url_for("accounts.profile"), 303)
    return held.again(form)


def _person(subscription: Subscription) -> User | Contact:
    if subscription.contact_id is not None:
        set_scope(db.session(), OfContact(subscription.contact_id))
    found = (
        db.session.get(User, subscription.user_id)
        if subscription.user_id is not None
        else db.session.get(Contact, subscription.contact_id)
    )
    if found is None:
        abort(404)
    return found
