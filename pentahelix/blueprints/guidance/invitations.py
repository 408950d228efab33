"""Those who are invited: more of them, fewer, reminded, answered for, and what they propose."""

from collections.abc import Callable

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, ngettext

from pentahelix import presentation, unit_of_work
from pentahelix.blueprints.forms import ButtonForm
from pentahelix.blueprints.guidance.forms import InviteForm
from pentahelix.blueprints.guidance.views import bp, said_unmailed, shown
from pentahelix.blueprints.notices import notice
from pentahelix.blueprints.reply.forms import AnswerForm
from pentahelix.blueprints.unstored import unstored
from pentahelix.editing import expect_version
from pentahelix.models import GuidanceSession, Invitation
from pentahelix.permissions import requires
from pentahelix.principal import signed_in
from pentahelix.queries import invited as queries
from pentahelix.scope import get_or_404
from pentahelix.services import invitations as service
from pentahelix.services.guidance_states import must_take_answers
from pentahelix.vocabulary import InvitationRole


@bp.route("/guidance/<int:guidance_id>/invite", methods=["GET", "POST"])
@requires("guidance.edit")
def invite(guidance_id: int) -> ResponseReturnValue:
    guidance = get_or_404(GuidanceSession, guidance_id)
    must_take_answers(guidance)
    form = InviteForm(obj=guidance).offer(queries.everybody_of(guidance_id))
    if form.validate_on_submit():
        with form.refusals():
            wanted = form.people()
            invited = [
                *service.invite(guidance, wanted["speaker_ids"], role=InvitationRole.SPEAKER),
                *service.invite(guidance, wanted["participant_ids"]),
            ]
            mailed = sum(one.mailed_sequence is not None for one in invited)
            sent = ngettext(
                "Undangan dikirim kepada %(num)s orang.", "Undangan dikirim kepada %(num)s orang.", mailed
            )
            notice(f"{sent} {said_unmailed(len(invited) - mailed)}".strip())
            return redirect(url_for(".show", guidance_id=guidance_id), 303)
    return render_template("guidance/invite.html", form=form), form.status


@bp.post("/guidance/<int:guidance_id>/nudge")
@requires("guidance.edit")
def nudge(guidance_id: int) -> ResponseReturnValue:
    """Remind the silent, and nobody else."""
    guidance = get_or_404(GuidanceSession, guidance_id)
    must_take_answers(guidance)
    return _pressed(guidance_id, None, lambda: _said_nudged(service.nudge(guidance)))


@bp.post("/invitations/<int:invitation_id>/nudge")
@requires("guidance.edit")
def nudge_one(invitation_id: int) -> ResponseReturnValue:
    guidance = queries.invitation(invitation_id).guidance
    must_take_answers(guidance)

    def act() -> str:
        invitation = queries.invitation(invitation_id)
        return _said_nudged(service.nudge(invitation.guidance, only=invitation))

    return _pressed(guidance.id, None, act)


@bp.post("/invitations/<int:invitation_id>/accept")
@requires("guidance.edit")
def accept(invitation_id: int) -> ResponseReturnValue:
    """Move the session to the proposed time, as it stood on the page: everybody else is asked again."""
    invitation = queries.invitation(invitation_id)
    guidance_id = invitation.guidance_id
    must_take_answers(invitation.guidance)

    def act() -> str:
        asked = service.accept(queries.invitation(invitation_id))
        text: str = ngettext(
            "Usulan diterima; %(num)s undangan ditanya ulang.",
            "Usulan diterima; %(num)s undangan ditanya ulang.",
            asked,
        )
        return text

    return _pressed(guidance_id, invitation, act)


@bp.post("/invitations/<int:invitation_id>/keep")
@requires("guidance.edit")
def keep(invitation_id: int) -> ResponseReturnValue:
    """Hold to the time that stands, and ask the proposer for it once more."""
    invitation = queries.invitation(invitation_id)
    name = _name(invitation)
    must_take_answers(invitation.guidance)

    def act() -> str:
        service.keep(queries.invitation(invitation_id))
        return str(_("Jadwal semula tetap; %(name)s ditanya sekali lagi.", name=name))

    return _pressed(invitation.guidance_id, invitation, act)


@bp.route("/invitations/<int:invitation_id>/answer", methods=["GET", "POST"])
@requires("guidance.edit")
def answer(invitation_id: int) -> ResponseReturnValue:
    """What somebody said by telephone, by mail, in passing; it is marked as written down for them."""
    invitation = queries.invitation(invitation_id)
    must_take_answers(invitation.guidance)
    service.must_be_invited(invitation)
    form = AnswerForm(obj=invitation)
    if form.validate_on_submit():
        with form.refusals():
            invitation = queries.invitation(invitation_id)
            # They may have answered themselves meanwhile.
            expect_version(invitation, form.expected_version())
            service.answer(invitation, form.wish(), on_behalf_of=signed_in())
            notice(_("Jawaban tercatat atas nama %(name)s.", name=_name(invitation)))
            return redirect(url_for(".show", guidance_id=invitation.guidance_id), 303)
    invitation = queries.invitation(invitation_id)
    return render_template("guidance/answer.html", form=form, invitation=invitation), form.status


class FreshLinkForm(ButtonForm):
    """Each press makes a link, which is kept nowhere: there is no answer that could be given again."""

    def claim(self) -> None:
        unit_of_work.write()


@bp.route("/invitations/<int:invitation_id>/whatsapp", methods=["GET", "POST"])
@requires("guidance.edit")
def whatsapp(invitation_id: int) -> ResponseReturnValue:
    """A text with a fresh link, to be sent by hand; it is made by the button, since links are kept."""
    invitation = queries.invitation(invitation_id)
    must_take_answers(invitation.guidance)
    service.must_be_invited(invitation)
    form, prepared = FreshLinkForm(), None
    if form.validate_on_submit():
        with form.refusals():
            prepared = service.whatsapp(queries.invitation(invitation_id))
    page = render_template(
        "guidance/whatsapp.html", form=form, prepared=prepared, invitation=queries.invitation(invitation_id)
    )
    return unstored(make_response(page, form.status))


@bp.route("/invitations/<int:invitation_id>/uninvite", methods=["GET", "POST"])
@requires("guidance.edit")
def uninvite(invitation_id: int) -> ResponseReturnValue:
    invitation = queries.invitation(invitation_id)
    must_take_answers(invitation.guidance)
    service.must_be_invited(invitation)
    form = ButtonForm()
    if form.validate_on_submit():
        with form.refusals():
            invitation = queries.invitation(invitation_id)
            was_told, name = invitation.mailed_sequence is not None, _name(invitation)
            service.uninvite(invitation)
            told = _("Undangan %(name)s dibatalkan; kabar dikirim.", name=name)
            notice(told if was_told else _("Undangan %(name)s dibatalkan.", name=name))
            return redirect(url_for(".show", guidance_id=invitation.guidance_id), 303)
    invitation = queries.invitation(invitation_id)
    return render_template("guidance/uninvite.html", form=form, invitation=invitation), form.status


# ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _pressed(guidance_id: int, invitation: Invitation | None, act: Callable[[], str]) -> ResponseReturnValue:
    """Do what a button of the session's page says; with `invitation`, only as it stood on that page."""
    form = ButtonForm(obj=invitation)
    if form.validate_on_submit():
        with form.refusals():
            if invitation is not None:
                expect_version(invitation, form.expected_version())
            notice(act())
            return redirect(url_for(".show", guidance_id=guidance_id), 303)
    return shown(guidance_id, form)


def _name(invitation: Invitation) -> str:
    return presentation.bare_name(invitation.affiliation.contact.name)


def _said_nudged(mailed: int) -> str:
    text: str = ngettext(
        "Pengingat dikirim kepada %(num)s orang.", "Pengingat dikirim kepada %(num)s orang.", mailed
    )
    return (
        text
        if mailed
        else str(_("Tidak ada yang diingatkan: semuanya sudah menjawab atau baru saja diingatkan."))
    )
