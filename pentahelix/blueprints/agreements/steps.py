"""The steps of an agreement's lifecycle: each a page that says what it does, or a button on the record."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from pentahelix.blueprints.agreements.forms import (
    CommentForm,
    ReasonForm,
    SignForm,
    TerminateForm,
    signatories_of,
)
from pentahelix.blueprints.agreements.views import bp, shown
from pentahelix.blueprints.forms import ButtonForm, Form
from pentahelix.blueprints.notices import notice
from pentahelix.editing import expect_version
from pentahelix.models import Agreement
from pentahelix.permissions import requires
from pentahelix.principal import signed_in
from pentahelix.queries import agreement_page
from pentahelix.scope import get_or_404
from pentahelix.services import agreement_steps as steps, agreements
from pentahelix.services.agreement_states import must_not_be_archived, not_now
from pentahelix.vocabulary import AgreementStatus


@bp.route("/agreements/<int:agreement_id>/submit", methods=["GET", "POST"])
@requires("agreement.edit")
def submit(agreement_id: int) -> ResponseReturnValue:
    agreement = get_or_404(Agreement, agreement_id)
    form = CommentForm(about=agreement)
    _must_be_open(agreement, form, AgreementStatus.IN_DISCUSSION, AgreementStatus.LEGAL_REVIEW)
    if form.validate_on_submit():
        with form.refusals():
            expect_version(agreement, form.expected_version())
            steps.submit(agreement, signed_in(), form.comment.data)
            reviewed = agreement.status == AgreementStatus.LEGAL_REVIEW
            notice(_("Diajukan kepada Kabid.") if reviewed else _("Naskah masuk pembahasan."))
            return _to(agreement_id)
    return render_template("agreements/submit.html", form=form, about=agreement), form.status


@bp.post("/agreements/<int:agreement_id>/approve")
@requires("agreement.decide")
def approve(agreement_id: int) -> ResponseReturnValue:
    agreement = get_or_404(Agreement, agreement_id)
    form = CommentForm(about=agreement)
    must_not_be_archived(agreement)
    if form.validate_on_submit():
        with form.refusals():
            expect_version(agreement, form.expected_version())
            steps.approve(agreement, signed_in(), form.comment.data)
            notice(_("Disetujui. Koordinator klasternya diberi tahu."))
            return _to(agreement_id)
    return shown(agreement_id, form)


@bp.post("/agreements/<int:agreement_id>/return")
@requires("agreement.decide")
def send_back(agreement_id: int) -> ResponseReturnValue:
    agreement = get_or_404(Agreement, agreement_id)
    form = CommentForm(about=agreement)
    must_not_be_archived(agreement)
    if form.validate_on_submit():
        with form.refusals():
            expect_version(agreement, form.expected_version())
            steps.send_back(agreement, signed_in(), form.comment.data or "")
            notice(_("Dikembalikan ke pembahasan. Koordinator klasternya diberi tahu."))
            return _to(agreement_id)
    return shown(agreement_id, form)


@bp.route("/agreements/<int:agreement_id>/sign", methods=["GET", "POST"])
@requires("agreement.edit")
def sign(agreement_id: int) -> ResponseReturnValue:
    agreement = get_or_404(Agreement, agreement_id)
    parties = agreement_page.parties_of(agreement_id)
    period = {name: getattr(agreement, name) for name in ("starts_on", "ends_on", "is_open_ended")}
    numbers = {name: getattr(agreement, name) for name in ("number_first", "number_second")}
    drawn = {**period, **numbers, "signatories": signatories_of(parties)}
    form = SignForm(about=agreement, data=drawn).offer(parties)
    _must_be_open(agreement, form, AgreementStatus.SIGNED)
    if form.validate_on_submit():
        with form.refusals():
            expect_version(agreement, form.expected_version())
            steps.record_signing(agreement, form.wish(), signed_in())
            notice(_("Penandatanganan tercatat. Lampirkan naskahnya bila sudah ada."))
            return _to(agreement_id)
    return render_template("agreements/sign.html", form=form, about=agreement), form.status


@bp.route("/agreements/<int:agreement_id>/complete", methods=["GET", "POST"])
@requires("agreement.edit")
def complete(agreement_id: int) -> ResponseReturnValue:
    agreement = get_or_404(Agreement, agreement_id)
    form = CommentForm(about=agreement)
    _must_be_open(agreement, form, AgreementStatus.COMPLETED)
    if form.validate_on_submit():
        with form.refusals():
            expect_version(agreement, form.expected_version())
            steps.complete(agreement, signed_in(), form.comment.data)
            notice(_("Kerja sama dinyatakan selesai."))
            return _to(agreement_id)
    return render_template("agreements/complete.html", form=form, about=agreement), form.status


@bp.route("/agreements/<int:agreement_id>/terminate", methods=["GET", "POST"])
@requires("agreement.decide")
def terminate(agreement_id: int) -> ResponseReturnValue:
    agreement = get_or_404(Agreement, agreement_id)
    form = TerminateForm(about=agreement)
    _must_be_open(agreement, form, AgreementStatus.TERMINATED)
    if form.validate_on_submit():
        assert form.on.data is not None
        with form.refusals():
            expect_version(agreement, form.expected_version())
            steps.terminate(agreement, form.on.data, form.reason.data or "", signed_in())
            notice(_("Kerja sama dihentikan."))
            return _to(agreement_id)
    return render_template("agreements/terminate.html", form=form, about=agreement), form.status


@bp.route("/agreements/<int:agreement_id>/abandon", methods=["GET", "POST"])
@requires("agreement.edit")
def abandon(agreement_id: int) -> ResponseReturnValue:
    agreement = get_or_404(Agreement, agreement_id)
    form = ReasonForm(about=agreement)
    _must_be_open(agreement, form, AgreementStatus.ABANDONED)
    if form.validate_on_submit():
        with form.refusals():
            expect_version(agreement, form.expected_version())
            steps.abandon(agreement, form.reason.data or "", signed_in())
            notice(_("Kerja sama dibatalkan."))
            return _to(agreement_id)
    return render_template("agreements/abandon.html", form=form, about=agreement), form.status


@bp.post("/agreements/<int:agreement_id>/renew")
@requires("agreement.edit")
def renew(agreement_id: int) -> ResponseReturnValue:
    """Make the draft of what follows it, with the same parties; its page comes next."""
    agreement = get_or_404(Agreement, agreement_id)
    form = ButtonForm()
    must_not_be_archived(agreement)
    if form.validate_on_submit():
        with form.refusals():
            successor = agreements.renew(agreement, signed_in())
            change = (_("Isi tanggalnya"), url_for(".edit", agreement_id=successor.id))
            notice(_("Draf perpanjangan dibuat."), then=change)
            return _to(successor.id)
    return shown(agreement_id, form)


# ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _to(agreement_id: int) -> ResponseReturnValue:
    return redirect(url_for(".show", agreement_id=agreement_id), 303)


def _must_be_open(agreement: Agreement, form: Form, *wanted: AgreementStatus) -> None:
    """Else there is no such page; but a form that comes a second time gets its first answer again."""
    must_not_be_archived(agreement)
    if not form.is_submitted() and not set(wanted) & set(_open_pages(agreement)):
        raise not_now(agreement)


def _open_pages(agreement: Agreement) -> tuple[AgreementStatus, ...]:
    found = steps.open_to(agreement, signed_in())
    # From the legal review only the Kabid leads back into discussion.
    is_reviewed = agreement.status == AgreementStatus.LEGAL_REVIEW
    return tuple(to for to in found if not (is_reviewed and to == AgreementStatus.IN_DISCUSSION))
