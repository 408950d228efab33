"""What an agreement owes: adding, editing, marking how much is done, putting away."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from pentahelix.blueprints.agreements.forms import MarkForm, ObligationForm, marked
from pentahelix.blueprints.agreements.views import bp
from pentahelix.blueprints.asked import number, word
from pentahelix.blueprints.notices import notice
from pentahelix.blueprints.pressing import press
from pentahelix.editing import expect_version
from pentahelix.models import Agreement, Obligation
from pentahelix.permissions import requires
from pentahelix.queries import agreement_page
from pentahelix.scope import get_or_404
from pentahelix.services import agreement_states, obligations
from pentahelix.vocabulary import ObligationStatus


@bp.route("/agreements/<int:agreement_id>/obligations/new", methods=["GET", "POST"])
@requires("agreement.edit")
def add_obligation(agreement_id: int) -> ResponseReturnValue:
    agreement = get_or_404(Agreement, agreement_id)
    agreement_states.must_not_be_archived(agreement)
    form = ObligationForm()
    if form.validate_on_submit():
        with form.refusals():
            obligations.add(agreement, form.wish())
            notice(_("Kewajiban tercatat."))
            return redirect(_page_of(agreement), 303)
    return render_template("agreements/obligation.html", form=form, about=agreement, one=None), form.status


@bp.route("/obligations/<int:obligation_id>/edit", methods=["GET", "POST"])
@requires("agreement.edit")
def edit_obligation(obligation_id: int) -> ResponseReturnValue:
    one, agreement = _changeable(obligation_id)
    form = ObligationForm(obj=one)
    if form.validate_on_submit():
        with form.refusals():
            expect_version(one, form.expected_version())
            obligations.edit(one, form.wish())
            notice(_("Perubahan tersimpan."))
            return redirect(_page_of(agreement), 303)
    return render_template("agreements/obligation.html", form=form, about=agreement, one=one), form.status


@bp.route("/obligations/<int:obligation_id>/mark", methods=["GET", "POST"])
@requires("agreement.edit")
def mark_obligation(obligation_id: int) -> ResponseReturnValue:
    """?to= is what a press without a form says: that it is fulfilled, or how it was before; of ?version=."""
    one, agreement = _changeable(obligation_id)
    form = MarkForm(obj=one, **marked(one))
    form.how_far.data = word(ObligationStatus, request.args.get("to")) or form.how_far.data
    if form.validate_on_submit():
        before = one.status
        with form.refusals():
            expect_version(one, form.expected_version() or number(request.args.get("version")))
            obligations.mark(one, form.how_far.data, form.on.data)
            undone = before != ObligationStatus.FULFILLED and before != one.status
            back = url_for(".mark_obligation", obligation_id=one.id, to=before.value, version=one.version)
            undo = back if undone else None
            notice(_("“%(title)s”: %(status)s.", title=one.title, status=one.status.label), undo=undo)
            return redirect(_page_of(agreement), 303)
    return render_template("agreements/mark.html", form=form, about=agreement, one=one), form.status


@bp.post("/obligations/<int:obligation_id>/archive")
@requires("agreement.edit")
def archive_obligation(obligation_id: int) -> ResponseReturnValue:
    one, agreement = agreement_page.obligation(obligation_id)
    to, undo = _page_of(agreement), url_for(".restore_obligation", obligation_id=obligation_id)
    return press(lambda: obligations.archive(one), _("Kewajiban diarsipkan."), to, undo)


@bp.post("/obligations/<int:obligation_id>/restore")
@requires("agreement.edit")
def restore_obligation(obligation_id: int) -> ResponseReturnValue:
    one, agreement = agreement_page.obligation(obligation_id)
    return press(lambda: obligations.restore(one), _("Kewajiban dipulihkan."), _page_of(agreement))


# ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _changeable(obligation_id: int) -> tuple[Obligation, Agreement]:
    one, agreement = agreement_page.obligation(obligation_id)
    agreement_states.must_not_be_archived(agreement)
    obligations.must_not_be_archived(one)
    return one, agreement


def _page_of(agreement: Agreement) -> str:
    return url_for(".show", agreement_id=agreement.id)
