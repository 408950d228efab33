"""Another time for a guidance session: everybody is asked again, and the calendar entry moves along."""

from dataclasses import dataclass
from datetime import date, datetime, time

from flask_babel import gettext as _
from sqlalchemy import select

from pentahelix import clock, presentation
from pentahelix.extensions import db
from pentahelix.mail import invitations as letters
from pentahelix.models import GuidanceSession, Invitation
from pentahelix.refusals import Refused
from pentahelix.vocabulary import Answer


@dataclass(frozen=True)
class Period:
    starts_at: datetime
    ends_at: datetime


def period(day: date, starts: time, ends: time, zone: str) -> Period:
    """The instants at which the clocks of `zone` show these hours; refused unless they are to come."""
    starts_at, ends_at = clock.at(day, starts, zone), clock.at(day, ends, zone)
    now = clock.now()
    if starts_at <= now:
        limit = f"{presentation.day_short(now, zone)}, {presentation.clock_time(now, zone)}"
        where = "starts" if day == clock.today(zone) else "day"
        raise Refused(where, _("Bimbingan yang direncanakan harus sesudah sekarang (%(now)s).", now=limit))
    if ends_at <= starts_at:
        start = presentation.clock_time(starts_at, zone)
        raise Refused("ends", _("Harus sesudah jam mulai (%(start)s).", start=start))
    return Period(starts_at, ends_at)


def move(guidance: GuidanceSession, to: Period, *, agreed: bool = False) -> int:
    """All answers are void from now on; how many are asked anew.

    Where a proposal was `agreed` to, whoever proposed this very time counts as attending. What was answered
    before stays in the history; open proposals lapse.
    """
    before = Period(guidance.starts_at, guidance.ends_at)
    guidance.starts_at, guidance.ends_at = to.starts_at, to.ends_at
    guidance.sequence += 1
    asked = select(Invitation).where(Invitation.guidance_id == guidance.id, Invitation.uninvited_at.is_(None))
    invited = db.session.scalars(asked.order_by(Invitation.id)).all()
    coming = [invitation for invitation in invited if agreed and _proposes(invitation, to)]
    stand_ins = {invitation.id: invitation.delegate_name for invitation in invited}
    for invitation in invited:
        letters.withdraw(invitation)
        if invitation in coming:
            invitation.answer, invitation.proposed_starts_at = Answer.ATTENDING, None
        else:
            void(invitation)
            # They are asked anew, and reminded from here on.
            invitation.invited_at = clock.now()
    db.session.flush()
    for invitation in invited:
        letters.time_changed(
            invitation,
            before.starts_at,
            before.ends_at,
            ask=invitation not in coming,
            stand_in=stand_ins[invitation.id],
        )
    return len(invited) - len(coming)


def _proposes(invitation: Invitation, to: Period) -> bool:
    return invitation.answer == Answer.PROPOSED and invitation.proposed_starts_at == to.starts_at


def void(invitation: Invitation) -> None:
    """As if they had not answered yet; the history keeps what they said."""
    invitation.answer, invitation.answered_at, invitation.on_behalf_user_id = Answer.NONE, None, None
    invitation.note = invitation.proposed_starts_at = None
    invitation.delegate_name = invitation.delegate_email = None
