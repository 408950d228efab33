"""What a partner contact does in the portal: look at their sessions and answer; all else is read only."""

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from pentahelix import clock
from pentahelix.blueprints import handed
from pentahelix.blueprints.reply.forms import AnswerForm
from pentahelix.blueprints.reply.page import Page, Standing
from pentahelix.permissions import requires
from pentahelix.principal import signed_in
from pentahelix.queries import portal as queries, portal_records, reply
from pentahelix.queries.page import page_number
from pentahelix.refusals import WrongState
from pentahelix.services import invitations, sign_ins

bp = Blueprint("portal", __name__)


@bp.before_request
def by_the_clusters_clocks() -> None:
    """Contacts have told us no zone; a script adds the hours of theirs."""
    g.viewers_zone = None


@bp.get("/portal")
@requires("portal")
def index() -> ResponseReturnValue:
    return render_template("portal/index.html", schedule=queries.schedule())


@bp.route("/portal/invitations/<int:invitation_id>", methods=["GET", "POST"])
@requires("portal")
def answer(invitation_id: int) -> ResponseReturnValue:
    page = _invited(invitation_id)
    if not page.takes_answers:
        if request.method == "POST":
            raise WrongState(_("Jawaban tidak dapat diterima lagi."))
        return render_template("portal/told.html", page=page)
    form = AnswerForm(obj=page.invitation)
    if form.validate_on_submit():
        with form.refusals():
            invitation = reply.to_be_answered(invitation_id)
            assert invitation is not None
            invitations.answer(invitation, form.wish())
            flash(_("Terima kasih, jawaban Anda tersimpan."))
            return redirect(url_for(".index"), 303)
        page = _invited(invitation_id)
    return render_template("portal/answer.html", page=page, form=form), form.status


@bp.get("/portal/invitations/<int:invitation_id>/calendar.ics")
@requires("portal")
def calendar_file(invitation_id: int) -> ResponseReturnValue:
    return handed.calendar(_invited(invitation_id).guidance, "pentahelix.ics")


@bp.get("/portal/agreements")
@requires("portal")
def agreements() -> ResponseReturnValue:
    page = portal_records.signed(page_number(request.args.get("page")))
    return render_template("portal/agreements.html", page=page)


@bp.get("/portal/contributions")
@requires("portal")
def contributions() -> ResponseReturnValue:
    found = portal_records.contributed(page_number(request.args.get("page")))
    return render_template("portal/contributions.html", found=found, page=found.page)


@bp.get("/portal/profile")
@requires("portal")
def profile() -> ResponseReturnValue:
    person = signed_in()
    assert person.contact_id is not None
    return render_template(
        "portal/profile.html",
        contact=queries.contact(person.contact_id),
        coordinators=queries.coordinators_of(person.contact_id),
        sessions=sign_ins.of(person),
        today=clock.today(),
    )


def _invited(invitation_id: int) -> Page:
    """As it is now; an invitation that was taken back is none."""
    page = Page.of(invitation_id, clock.now())
    return abort(404) if page.standing == Standing.UNINVITED else page
