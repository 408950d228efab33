"""Agreements: the list, what waits for a decision, one of them, writing, editing, putting away."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from pentahelix.blueprints import handed
from pentahelix.blueprints.agreements import listing, page
from pentahelix.blueprints.agreements.forms import AgreementForm, CommentForm, as_drawn
from pentahelix.blueprints.forms import ArchiveForm, Form
from pentahelix.blueprints.notices import notice
from pentahelix.blueprints.pressing import press
from pentahelix.editing import expect_version
from pentahelix.models import Agreement
from pentahelix.permissions import requires
from pentahelix.principal import signed_in
from pentahelix.queries import agreement_list
from pentahelix.queries.page import page_number
from pentahelix.scope import get_or_404
from pentahelix.services import agreements
from pentahelix.services.agreement_states import must_not_be_archived
from pentahelix.vocabulary import AgreementKind

bp = Blueprint("agreements", __name__)


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/agreements")
@requires("agreement.see")
def index() -> ResponseReturnValue:
    filters = listing.read_filters(request.args)
    found = agreement_list.index(filters, page_number(request.args.get("page")))
    return render_template(
        "agreements/index.html",
        page=found.page,
        facets=found.facets,
        filters=filters,
        kinds=AgreementKind,
        states=agreement_list.State,
        chips=agreement_list.CHIPS,
    )


@bp.get("/agreements/export.xlsx")
@requires("agreement.see")
def export() -> ResponseReturnValue:
    rows = agreement_list.export(listing.read_filters(request.args))
    return handed.spreadsheet(_("Kerja sama"), listing.columns(), listing.lines(rows))


@bp.get("/agreements/decisions")
@requires("agreement.decide")
def decisions() -> ResponseReturnValue:
    awaited = agreement_list.awaited(signed_in().user_id)
    return render_template("agreements/decisions.html", awaited=awaited)


@bp.get("/agreements/<int:agreement_id>")
@requires("agreement.see")
def show(agreement_id: int) -> ResponseReturnValue:
    return shown(agreement_id)


def shown(agreement_id: int, form: Form | None = None) -> ResponseReturnValue:
    """The page of an agreement; `form` is one of it that was refused, and says why."""
    found = page.of(agreement_id, form if isinstance(form, CommentForm) else None)
    answer = render_template("agreements/show.html", shown=found, form=form)
    return answer, form.status if form else 200


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────


@bp.route("/agreements/new", methods=["GET", "POST"])
@requires("agreement.edit")
def new() -> ResponseReturnValue:
    """?cluster= ?partner= ?parent= fill in what it is about."""
    form = AgreementForm().offer()
    if not form.is_submitted():
        form.preset(request.args)
    if form.validate_on_submit():
        with form.refusals():
            agreement = agreements.make(form.wish(), signed_in())
            notice(_("Draf kerja sama tersimpan. Ajukan bila naskahnya siap dibahas."))
            return redirect(url_for(".show", agreement_id=agreement.id), 303)
    return render_template("agreements/form.html", form=form, agreement=None), form.status


@bp.route("/agreements/<int:agreement_id>/edit", methods=["GET", "POST"])
@requires("agreement.edit")
def edit(agreement_id: int) -> ResponseReturnValue:
    agreement = get_or_404(Agreement, agreement_id)
    must_not_be_archived(agreement)
    form = AgreementForm(obj=agreement, **as_drawn(agreement)).offer()
    if form.validate_on_submit():
        with form.refusals():
            expect_version(agreement, form.expected_version())
            agreements.edit(agreement, form.wish())
            notice(_("Perubahan tersimpan."))
            return redirect(url_for(".show", agreement_id=agreement_id), 303)
    return render_template("agreements/form.html", form=form, agreement=agreement), form.status


@bp.route("/agreements/<int:agreement_id>/archive", methods=["GET", "POST"])
@requires("agreement.edit")
def archive(agreement_id: int) -> ResponseReturnValue:
    """A press where nothing stands on it; else the page says first what will happen."""
    agreement = get_or_404(Agreement, agreement_id)
    form = ArchiveForm()
    if not form.is_submitted():
        must_not_be_archived(agreement)
    if form.validate_on_submit():
        with form.refusals():
            agreements.archive(agreement, confirmed=form.confirmed.data == "yes")
            undo = url_for(".restore", agreement_id=agreement_id)
            notice(_("Kerja sama diarsipkan."), undo=undo)
            return redirect(url_for(".show", agreement_id=agreement_id), 303)
    stakes = agreements.stakes_of(agreement)
    form.confirmed.data = "yes"
    answer = render_template("agreements/archive.html", form=form, about=agreement, stakes=stakes)
    return answer, form.status


@bp.post("/agreements/<int:agreement_id>/restore")
@requires("agreement.edit")
def restore(agreement_id: int) -> ResponseReturnValue:
    agreement, to = get_or_404(Agreement, agreement_id), url_for(".show", agreement_id=agreement_id)
    said = _("Kerja sama dipulihkan.")
    return press(
        lambda: agreements.restore(agreement), said, to, refused=lambda form: shown(agreement_id, form)
    )


# The steps of the lifecycle and the obligations add their routes to the blueprint above.
from pentahelix.blueprints.agreements import obligations, steps  # noqa: E402, F401
