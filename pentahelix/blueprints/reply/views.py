"""The personal link: whoever holds it sees one invitation, and answers it by a button.

No cookie, no account, no JavaScript, and no expiry for reading. GET and HEAD change nothing, since mail
scanners open every link.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import refresh

from pentahelix import audit
from pentahelix.blueprints import handed
from pentahelix.blueprints.reply.forms import LinkForm
from pentahelix.blueprints.reply.page import Page
from pentahelix.blueprints.unstored import unlisted
from pentahelix.extensions import db
from pentahelix.permissions import by_link
from pentahelix.queries import reply
from pentahelix.refusals import WrongState
from pentahelix.scope import OfInvitation, set_scope
from pentahelix.services import attempts, invitations, tokens
from pentahelix.services.attempts import Try
from pentahelix.vocabulary import Answer, AttemptKind, Language, TokenPurpose

bp = Blueprint("reply", __name__)


@dataclass(frozen=True)
class Link:
    invitation_id: int
    made_at: datetime

    def page(self) -> Page:
        """What holds now, in the language of the person or the one that they switched to."""
        page = Page.of(self.invitation_id, self.made_at)
        speak(page.contact.language)
        return page


@bp.route("/u/<token>", methods=["GET", "POST"])
@by_link
def show(token: str) -> ResponseReturnValue:
    wait = _counted(token) if request.method == "POST" else None
    link = _opened(token)
    page = link.page()
    if wait:
        return _too_often(wait)
    if request.method == "POST":
        refuse_other_sites()
        if not page.takes_answers:
            return _shown(page, None, 409)
    if not _asks(page):
        return _shown(page, None, 200)
    form = LinkForm(obj=page.invitation, chosen=_chosen())
    if form.validate_on_submit():
        try:
            with form.refusals(), audit.acting(audit.contact(page.contact.id)):
                invitation = reply.to_be_answered(link.invitation_id)
                assert invitation is not None
                invitations.answer(invitation, form.wish())
                return unlisted(redirect(url_for(".show", token=token, lang=request.args.get("lang")), 303))
        except WrongState:
            # It began, or was called off, while they wrote.
            db.session.rollback()
            return _shown(link.page(), None, 409)
        # What was read went with what was refused.
        page = link.page()
    return _shown(page, form, form.status)


@bp.get("/u/<token>/calendar.ics")
@by_link
def calendar_file(token: str) -> ResponseReturnValue:
    page = _opened(token).page()
    if page.invitation.uninvited_at is not None:
        abort(404)
    return unlisted(handed.calendar(page.guidance, "pentahelix.ics"))


def _counted(token: str) -> timedelta | None:
    """Count a press behind the link, or tell how long the next one waits."""
    network = attempts.network_of(request.remote_addr)
    return attempts.begin(Try(AttemptKind.LINK, tokens.digest(token), network))


def _opened(token: str) -> Link:
    """The link, whose one invitation is from now on all that this request sees."""
    found = tokens.find(TokenPurpose.INVITATION, token)
    if found is None or found.object_id is None:
        abort(404)
    set_scope(db.session(), OfInvitation(found.object_id))
    return Link(found.object_id, found.made_at)


def _chosen() -> Answer | None:
    """The answer that a link of the mail stands for."""
    named = request.args.get("answer")
    return Answer(named) if named in set(Answer) else None


def _asks(page: Page) -> bool:
    """Whether there is something to answer, or somebody wishes to answer otherwise."""
    wishes = request.method == "POST" or not {"answer", "change"}.isdisjoint(request.args)
    return page.takes_answers and (wishes or not page.is_answered)


def _shown(page: Page, form: LinkForm | None, status: int) -> Response:
    """The form where there is something to answer, else what holds now."""
    template = "reply/ask.html" if _asks(page) else "reply/told.html"
    return unlisted(make_response(render_template(template, page=page, form=form), status))


def _too_often(wait: timedelta) -> Response:
    response = make_response(render_template("errors/429.html", minutes=attempts.minutes(wait)), 429)
    response.headers["Retry-After"] = str(int(wait.total_seconds()) + 1)
    return unlisted(response)


def speak(language: Language) -> None:
    """Let the page be in the reader's language, or in the one that its address names."""
    named = request.args.get("lang")
    g.language = named if named in set(Language) else language
    refresh()


def refuse_other_sites() -> None:
    """A page of somebody else made the browser send this."""
    ours = {_site(current_app.extensions["settings"].base_url), _site(request.host_url)}
    origin = request.headers.get("Origin")
    if request.headers.get("Sec-Fetch-Site") == "cross-site" or (origin and _site(origin) not in ours):
        abort(403)


def _site(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc
