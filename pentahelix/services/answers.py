"""What somebody says to an invitation: by their link or in the portal, or a coordinator on their behalf.

The last answer holds until the session begins; each is kept in the history with the SEQUENCE of the session
that it was given to. In the scopes of those who answer, nothing is read here that they do not see.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from pentahelix import clock, presentation
from pentahelix.extensions import db
from pentahelix.mail import invitations as letters
from pentahelix.models import Affiliation, GuidanceSession, Invitation, InvitationAnswer
from pentahelix.principal import Principal
from pentahelix.refusals import Refused, WrongState
from pentahelix.services.guidance_states import must_take_answers
from pentahelix.services.involvements import refresh_last_contact
from pentahelix.vocabulary import Answer

#: The coordinators are told at once of a no, or of somebody else who comes, when it is later than this.
LATE = timedelta(hours=48)


@dataclass(frozen=True)
class AnswerWish:
    """An answer; the proposed hour is by the clocks of the cluster."""

    answer: Answer
    note: str | None = None
    proposed_day: date | None = None
    proposed_starts: time | None = None
    delegate_name: str | None = None
    delegate_email: str | None = None


def answer(invitation: Invitation, wish: AnswerWish, *, on_behalf_of: Principal | None = None) -> None:
    """Keep an answer; the same one again changes nothing.

    `on_behalf_of` is the coordinator who records what somebody said otherwise: it is marked so, and it is no
    contact with the partner.
    """
    guidance = db.session.scalars(
        select(GuidanceSession)
        .where(GuidanceSession.id == invitation.guidance_id)
        .options(joinedload(GuidanceSession.cluster))
    ).one()
    must_take_answers(guidance)
    if invitation.uninvited_at is not None:
        raise WrongState(_("Undangan ini sudah ditarik."))
    for no in missing(wish):
        raise no
    proposed_at = _proposed(guidance, wish)
    represented = wish.answer == Answer.REPRESENTED
    said = {
        "answer": wish.answer,
        "note": wish.note,
        "proposed_starts_at": proposed_at,
        "delegate_name": wish.delegate_name if represented else None,
        "delegate_email": wish.delegate_email if represented else None,
    }
    on_behalf_user_id = on_behalf_of.user_id if on_behalf_of else None
    confirmed = on_behalf_of is not None or invitation.on_behalf_user_id is None
    if confirmed and all(getattr(invitation, name) == value for name, value in said.items()):
        return
    was_silent, copied_to = invitation.answer == Answer.NONE, invitation.delegate_email
    for name, value in said.items():
        setattr(invitation, name, value)
    invitation.answered_at, invitation.on_behalf_user_id = clock.now(), on_behalf_user_id
    history = InvitationAnswer(
        invitation_id=invitation.id,
        on_behalf_user_id=on_behalf_user_id,
        sequence=guidance.sequence,
        answer=wish.answer,
        answered_at=invitation.answered_at,
        note=wish.note,
        proposed_starts_at=proposed_at,
        delegate_name=invitation.delegate_name,
    )
    db.session.add(history)
    db.session.flush()
    letters.withdraw_answered(invitation, was_silent=was_silent)
    if on_behalf_of is None:
        partner_id = select(Affiliation.partner_id).where(Affiliation.id == invitation.affiliation_id)
        refresh_last_contact(guidance.cluster_id, [db.session.scalars(partner_id).one()])
    _tell(invitation, guidance, history.id, copied_to, but=on_behalf_user_id)


def missing(wish: AnswerWish) -> Iterator[Refused]:
    """What an answer needs besides, each at its field."""
    if wish.answer == Answer.NONE:
        yield Refused("answer", _("Pilih salah satu jawaban."))
    if wish.answer == Answer.PROPOSED:
        if wish.proposed_day is None:
            yield Refused("proposed_day", _("Isi tanggal yang diusulkan."))
        if wish.proposed_starts is None:
            yield Refused("proposed_starts", _("Isi jam yang diusulkan."))
        if not wish.note:
            yield Refused("note", _("Tuliskan alasan usulan ini."))
    if wish.answer == Answer.REPRESENTED and not wish.delegate_name:
        yield Refused("delegate_name", _("Isi nama orang yang mewakili."))


def _proposed(guidance: GuidanceSession, wish: AnswerWish) -> datetime | None:
    """The instant that is proposed: to come, and not the one that stands."""
    if wish.answer != Answer.PROPOSED:
        return None
    assert wish.proposed_day is not None
    assert wish.proposed_starts is not None
    zone, now = guidance.cluster.timezone, clock.now()
    proposed_at = clock.at(wish.proposed_day, wish.proposed_starts, zone)
    if proposed_at <= now:
        limit = f"{presentation.day_short(now, zone)}, {presentation.clock_time(now, zone)}"
        where = "proposed_starts" if wish.proposed_day == clock.today(zone) else "proposed_day"
        raise Refused(where, _("Usulkan waktu sesudah sekarang (%(now)s).", now=limit))
    if proposed_at == guidance.starts_at:
        raise Refused(
            "proposed_starts",
            _("Itu waktu yang sudah direncanakan. Usulkan waktu yang lain, atau pilih “Hadir”."),
        )
    return proposed_at


def _tell(
    invitation: Invitation,
    guidance: GuidanceSession,
    answer_id: int,
    copied_to: str | None,
    *,
    but: int | None,
) -> None:
    """The coordinators, where it cannot wait until the morning, and whoever comes instead."""
    if invitation.answer == Answer.PROPOSED:
        letters.proposal(invitation, answer_id, but=but)
    elif invitation.answer != Answer.ATTENDING and guidance.starts_at - clock.now() < LATE:
        letters.late_answer(invitation, answer_id, but=but)
    if invitation.delegate_email and invitation.delegate_email != copied_to:
        letters.delegate(invitation, answer_id)
