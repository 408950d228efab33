"""Contributions: their list and totals, one of them, its steps and what proves it."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, pgettext

from pentahelix.blueprints import handed
from pentahelix.blueprints.contributions.forms import ConfirmForm, EditForm, NewForm, ReasonForm, StepForm
from pentahelix.blueprints.contributions.listing import offered, read_listing
from pentahelix.blueprints.contributions.origin import read as read_origin
from pentahelix.blueprints.contributions.spreadsheet import columns, lines
from pentahelix.blueprints.notices import notice
from pentahelix.blueprints.pressing import press
from pentahelix.editing import expect_version
from pentahelix.models import Contribution
from pentahelix.permissions import requires
from pentahelix.presentation import bare_name
from pentahelix.principal import signed_in
from pentahelix.queries import (
    contribution_list as lists,
    contribution_page as pages,
    contribution_totals as sums,
)
from pentahelix.queries.page import page_number
from pentahelix.scope import get_or_404
from pentahelix.services import contributions as service
from pentahelix.vocabulary import ContributionStage

bp = Blueprint("contributions", __name__)


@bp.get("/contributions")
@requires("contribution.see")
def index() -> ResponseReturnValue:
    listing = read_listing(request.args)
    totals = sums.totals(listing.filters, listing.by)
    number = page_number(request.args.get("page"))
    return render_template(
        "contributions/index.html",
        page=lists.index(listing.filters, listing.sort, number, totals.found),
        listing=listing,
        totals=totals,
        offered=offered(totals),
        ways=sums.By,
        stages=ContributionStage,
    )


@bp.get("/contributions/export.xlsx")
@requires("contribution.see")
def export() -> ResponseReturnValue:
    listing = read_listing(request.args)
    rows = lists.export(listing.filters, listing.sort)
    return handed.spreadsheet(pgettext("menu", "Kontribusi"), columns(), lines(rows))


@bp.route("/contributions/new", methods=["GET", "POST"])
@requires("contribution.edit")
def new() -> ResponseReturnValue:
    """Record one; ?cluster= ?partner= ?guidance= ?agreement= ?product= fill in its origin."""
    origin = read_origin(request.args)
    form = NewForm().offer(origin.cluster_ids)
    if not form.is_submitted():
        form.preset(origin)
    if form.validate_on_submit():
        with form.refusals():
            made = service.make(form.wish())
            notice(_("Kontribusi tercatat."))
            return redirect(url_for(".show", contribution_id=made.id), 303)
    return render_template("contributions/new.html", form=form), form.status


@bp.get("/contributions/<int:contribution_id>")
@requires("contribution.see")
def show(contribution_id: int) -> ResponseReturnValue:
    return _shown(contribution_id)


@bp.route("/contributions/<int:contribution_id>/edit", methods=["GET", "POST"])
@requires("contribution.edit")
def edit(contribution_id: int) -> ResponseReturnValue:
    contribution = get_or_404(Contribution, contribution_id)
    service.must_not_be_archived(contribution)
    form = EditForm(obj=contribution, school_ids=pages.school_ids_of(contribution_id)).offer()
    if form.validate_on_submit():
        with form.refusals():
            expect_version(contribution, form.expected_version())
            service.edit(contribution, form.wish())
            notice(_("Perubahan tersimpan."))
            return redirect(url_for(".show", contribution_id=contribution_id), 303)
    return render_template("contributions/edit.html", form=form, contribution=contribution), form.status


# ── its steps ───────────────────────────────────────────────────────────────────────────────────────────────


@bp.post("/contributions/<int:contribution_id>/advance")
@requires("contribution.edit")
def advance(contribution_id: int) -> ResponseReturnValue:
    """The step forward that the page offered; `to` tells whether it is still the next one."""
    contribution = get_or_404(Contribution, contribution_id)
    service.must_not_be_archived(contribution)
    form = StepForm(obj=contribution)
    if form.validate_on_submit():
        to = form.stage()
        with form.refusals():
            service.advance(contribution, to, on=form.delivered_on.data)
            notice(_("Tahap kontribusi: %(stage)s.", stage=to.label))
            return redirect(url_for(".show", contribution_id=contribution_id), 303)
    return _shown(contribution_id, step=form)


@bp.route("/contributions/<int:contribution_id>/back", methods=["GET", "POST"])
@requires("contribution.edit")
def back(contribution_id: int) -> ResponseReturnValue:
    """Back one stage."""
    contribution = get_or_404(Contribution, contribution_id)
    return _step_with_reason(contribution, service.stage_before(contribution), "contributions/back.html")


@bp.route("/contributions/<int:contribution_id>/drop", methods=["GET", "POST"])
@requires("contribution.edit")
def drop(contribution_id: int) -> ResponseReturnValue:
    contribution = get_or_404(Contribution, contribution_id)
    return _step_with_reason(contribution, ContributionStage.DROPPED, "contributions/drop.html")


def _step_with_reason(
    contribution: Contribution, to: ContributionStage | None, template: str
) -> ResponseReturnValue:
    service.must_not_be_archived(contribution)
    form = ReasonForm(obj=contribution)
    contribution_id = contribution.id
    if not form.is_submitted():
        service.must_allow(contribution, to)
    if form.validate_on_submit():
        with form.refusals():
            expect_version(contribution, form.expected_version())
            stage = service.must_allow(contribution, to)
            service.advance(contribution, stage, reason=form.reason.data)
            notice(_("Tahap kontribusi: %(stage)s.", stage=stage.label))
            return redirect(url_for(".show", contribution_id=contribution_id), 303)
    return render_template(template, form=form, contribution=contribution, to=to), form.status


# ── what proves it ──────────────────────────────────────────────────────────────────────────────────────────


@bp.post("/contributions/<int:contribution_id>/confirm")
@requires("contribution.edit")
def confirm(contribution_id: int) -> ResponseReturnValue:
    """Record which colleague of the schools confirmed it."""
    contribution = get_or_404(Contribution, contribution_id)
    service.must_not_be_archived(contribution)
    form = ConfirmForm().offer(service.colleagues_of(contribution.cluster_id))
    if form.validate_on_submit():
        colleague = form.user_id.row
        assert colleague is not None
        user_id, name = colleague.id, bare_name(colleague.name)
        with form.refusals():
            service.confirm_by_school(contribution, user_id)
            undo = url_for(".unconfirm", contribution_id=contribution_id)
            notice(_("Konfirmasi sekolah oleh %(name)s tercatat.", name=name), undo=undo)
            return redirect(url_for(".show", contribution_id=contribution_id), 303)
    return _shown(contribution_id, confirmation=form)


@bp.post("/contributions/<int:contribution_id>/unconfirm")
@requires("contribution.edit")
def unconfirm(contribution_id: int) -> ResponseReturnValue:
    said = _("Konfirmasi sekolah ditarik kembali.")
    return _press(contribution_id, service.unconfirm_by_school, said)


# ── one press ───────────────────────────────────────────────────────────────────────────────────────────────


@bp.post("/contributions/<int:contribution_id>/archive")
@requires("contribution.edit")
def archive(contribution_id: int) -> ResponseReturnValue:
    undo = url_for(".restore", contribution_id=contribution_id)
    return _press(contribution_id, service.archive, _("Kontribusi diarsipkan."), undo)


@bp.post("/contributions/<int:contribution_id>/restore")
@requires("contribution.edit")
def restore(contribution_id: int) -> ResponseReturnValue:
    return _press(contribution_id, service.restore, _("Kontribusi dipulihkan."))


def _press(
    contribution_id: int, act: Callable[[Contribution], None], said: str, undo: str | None = None
) -> ResponseReturnValue:
    contribution = get_or_404(Contribution, contribution_id)
    return press(lambda: act(contribution), said, url_for(".show", contribution_id=contribution_id), undo)


# ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _shown(
    contribution_id: int, step: StepForm | None = None, confirmation: ConfirmForm | None = None
) -> ResponseReturnValue:
    """The page of a contribution; `step` or `confirmation` is a form of it that was refused."""
    page = pages.one(contribution_id)
    contribution = page.contribution
    forward = service.next_stage(contribution)
    refused = step or confirmation
    if page.takes_confirmation and confirmation is None and signed_in().may("contribution.edit"):
        colleagues = service.colleagues_of(contribution.cluster_id)
        confirmation = ConfirmForm(formdata=None).offer(colleagues)
    answer = render_template(
        "contributions/show.html",
        page=page,
        forward=forward,
        backward=service.stage_before(contribution),
        step=step or StepForm(formdata=None, to=forward, delivered_on=page.likely_day),
        confirmation=confirmation,
        stages=service.STAGES,
    )
    return answer, refused.status if refused else 200
