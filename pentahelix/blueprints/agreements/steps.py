"""The steps of an agreement's lifecycle: each a page that says what it does, or a button on the record."""

from collections.abc import Callable

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from pentahelix.blueprints import held
from pentahelix.blueprints.agreements.forms import (
    CommentForm,
    ReasonForm,
    SignForm,
    StepForm,
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
    is_draft = agreement.status == AgreementStatus.DRAFT
    said = _("Naskah masuk pembahasan.") if is_draft else _("Diajukan kepada Kabid.")
    taken = _taken(form, agreement, said, lambda: steps.submit(agreement, signed_in(), form.comment.data))
    return taken or _page("submit", form, agreement)


@bp.post("/agreements/<int:agreement_id>/approve")
@requires("agreement.decide")
def approve(agreement_id: int) -> ResponseReturnValue:
    agreement = get_or_404(Agreement, agreement_id)
    form = CommentForm(about=agreement)
    must_not_be_archived(agreement)
    said = _("Disetujui. Koordinator klasternya diberi tahu.")
    taken = _taken(form, agreement, said, lambda: steps.approve(agreement, signed_in(), form.comment.data))
    return taken or _undecided(agreement_id, form)


@bp.post("/agreements/<int:agreement_id>/return")
@requires("agreement.decide")
def send_back(agreement_id: int) -> ResponseReturnValue:
    agreement = get_or_404(Agreement, agreement_id)
    form = CommentForm(about=agreement)
    must_not_be_archived(agreement)
    said = _("Dikembalikan ke pembahasan. Koordinator klasternya diberi tahu.")
    taken = _taken(
        form, agreement, said, lambda: steps.send_back(agreement, signed_in(), form.comment.data or "")
    )
    return taken or _undecided(agreement_id, form)


def _undecided(agreement_id: int, form: CommentForm) -> ResponseReturnValue:
    """Once it is decided the page has no place for what was typed."""
    if form.sent_before:
        return held.again(form)
    agreement = get_or_404(Agreement, agreement_id)
    if form.status == 409 and agreement.status != AgreementStatus.LEGAL_REVIEW:
        raise not_now(agreement)
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
    said = _("Penandatanganan tercatat. Lampirkan naskahnya bila sudah ada.")
    taken = _taken(form, agreement, said, lambda: steps.record_signing(agreement, form.wish(), signed_in()))
    return taken or _page("sign", form, agreement)


@bp.route("/agreements/<int:agreement_id>/complete", methods=["GET", "POST"])
@requires("agreement.edit")
def complete(agreement_id: int) -> ResponseReturnValue:
    agreement = get_or_404(Agreement, agreement_id)
    form = CommentForm(about=agreement)
    _must_be_open(agreement, form, AgreementStatus.COMPLETED)
    said = _("Kerja sama dinyatakan selesai.")
    taken = _taken(form, agreement, said, lambda: steps.complete(agreement, signed_in(), form.comment.data))
    return taken or _page("complete", form, agreement)


@bp.route("/agreements/<int:agreement_id>/terminate", methods=["GET", "POST"])
@requires("agreement.decide")
def terminate(agreement_id: int) -> ResponseReturnValue:
    agreement = get_or_404(Agreement, agreement_id)
    form = TerminateForm(about=agreement)
    _must_be_open(agreement, form, AgreementStatus.TERMINATED)

    def act() -> None:
        assert form.on.data is not None
        steps.terminate(agreement, form.on.data, form.reason.data or "", signed_in())

    taken = _taken(form, agreement, _("Kerja sama dihentikan."), act)
    return taken or _page("terminate", form, agreement)


@bp.route("/agreements/<int:agreement_id>/abandon", methods=["GET", "POST"])
@requires("agreement.edit")
def abandon(agreement_id: int) -> ResponseReturnValue:
    agreement = get_or_404(Agreement, agreement_id)
    form = ReasonForm(about=agreement)
    _must_be_open(agreement, form, AgreementStatus.ABANDONED)
    said = _("Kerja sama dibatalkan.")
    taken = _taken(
        form, agreement, said, lambda: steps.abandon(agreement, form.reason.data or "", signed_in())
    )
    return taken or _page("abandon", form, agreement)


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


def _taken(
    form: StepForm, agreement: Agreement, said: str, act: Callable[[], None]
) -> ResponseReturnValue | None:
    """Take the step from the page of now; none where the form is to be shown again."""
    agreement_id = agreement.id
    if form.validate_on_submit():
        with form.refusals():
            expect_version(agreement, form.expected_version())
            act()
            notice(said)
            return _to(agreement_id)
    return None


def _page(step: str, form: StepForm, agreement: Agreement) -> ResponseReturnValue:
    return render_template(f"agreements/{step}.html", form=form, about=agreement), form.status


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
