"""Who is invited to a guidance session, and what is said to them: invited, taken back, reminded, asked.

One row a person and session, however often they are invited again. Whoever has no address is invited all the
same, by a message that the coordinator sends with a fresh link. How somebody answers stands in `answers`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from pentahelix import clock, phones, presentation, rules
from pentahelix.extensions import db
from pentahelix.mail import invitations as letters, recipients
from pentahelix.mail.links import absolute
from pentahelix.models import Affiliation, Contact, GuidanceSession, Invitation, Partner
from pentahelix.presentation import as_read_by
from pentahelix.refusals import Refused, WrongState
from pentahelix.scope import live
from pentahelix.services import rescheduling, tokens
from pentahelix.services.answers import AnswerWish, answer
from pentahelix.services.guidance_states import (
    must_be_planned,
    must_take_answers,
    takes_answers,
)
from pentahelix.services.involvements import must_be_involved
from pentahelix.vocabulary import Answer, InvitationRole, TokenPurpose

__all__ = [
    "AnswerWish",
    "Prepared",
    "accept",
    "answer",
    "invite",
    "is_silent",
    "keep",
    "may_be_nudged",
    "nudge",
    "of_link",
    "uninvite",
    "whatsapp",
]

#: A person is reminded by hand at most once in so long.
BETWEEN_NUDGES = timedelta(hours=24)


@dataclass(frozen=True)
class Prepared:
    """A message for the coordinator to send; `url` opens the chat with it, where there may be one."""

    text: str
    url: str | None


def invite(
    guidance: GuidanceSession,
    affiliation_ids: Iterable[int],
    *,
    role: InvitationRole = InvitationRole.PARTICIPANT,
) -> list[Invitation]:
    """Invite people, and mail those who may be mailed; the invitations that are thereby new or open again.

    Whoever is invited already stays so, at most in another `role`. One who declined or was un-invited gets
    the same row again, at a raised SEQUENCE if they had mail of it, since their calendars would ignore less.
    """
    wanted = list(dict.fromkeys(affiliation_ids))
    if not wanted:
        return []
    must_take_answers(guidance)
    _must_be_invitable(guidance, wanted, role)
    rows = {
        invitation.affiliation_id: invitation
        for invitation in db.session.scalars(
            select(Invitation).where(
                Invitation.guidance_id == guidance.id, Invitation.affiliation_id.in_(wanted)
            )
        )
    }
    opened: list[Invitation] = []
    for affiliation_id in wanted:
        invitation = rows.get(affiliation_id)
        if invitation is None:
            invitation = Invitation(guidance_id=guidance.id, affiliation_id=affiliation_id)
            db.session.add(invitation)
        elif invitation.uninvited_at is None and invitation.answer != Answer.DECLINED:
            invitation.role = role
            continue
        else:
            letters.withdraw(invitation)
            rescheduling.void(invitation)
            invitation.uninvited_at = invitation.nudged_at = None
        invitation.role, invitation.invited_at = role, clock.now()
        opened.append(invitation)
    if any(invitation.mailed_sequence is not None for invitation in opened):
        guidance.sequence += 1
    db.session.flush()
    for invitation in opened:
        letters.invitation(invitation)
    return opened


def uninvite(invitation: Invitation) -> None:
    """Take one invitation back; nobody else is told."""
    guidance = _guidance_of(invitation)
    must_take_answers(guidance)
    must_be_invited(invitation)
    letters.withdraw(invitation)
    invitation.uninvited_at = clock.now()
    guidance.sequence += 1
    db.session.flush()
    letters.uninvited(invitation)


def nudge(guidance: GuidanceSession, only: Invitation | None = None) -> int:
    """Remind the silent (or `only` one of them); how many were mailed."""
    must_take_answers(guidance)
    silent = select(Invitation).where(
        Invitation.guidance_id == guidance.id,
        Invitation.uninvited_at.is_(None),
        Invitation.answer == Answer.NONE,
    )
    if only is not None:
        silent = silent.where(Invitation.id == only.id)
    person = joinedload(Invitation.affiliation).joinedload(Affiliation.contact)
    found = silent.options(joinedload(Invitation.guidance), person).order_by(Invitation.id)
    return sum(
        letters.nudge(invitation) for invitation in db.session.scalars(found) if may_be_nudged(invitation)
    )


def may_be_nudged(invitation: Invitation) -> bool:
    """Silent, with an address, and not reminded by hand for a day.

    The invitation must come with its session and its affiliation's contact.
    """
    return (
        takes_answers(invitation.guidance)
        and is_silent(invitation)
        and recipients.contact(invitation.affiliation.contact) is not None
    )


class Asked(Protocol):
    """What tells whether somebody is silent, as an invitation and a row of its columns have it."""

    @property
    def uninvited_at(self) -> datetime | None: ...
    @property
    def answer(self) -> Answer: ...
    @property
    def nudged_at(self) -> datetime | None: ...


def is_silent(asked: Asked) -> bool:
    """Invited, without an answer, and not reminded by hand for a day."""
    return (
        asked.uninvited_at is None
        and asked.answer == Answer.NONE
        and (asked.nudged_at is None or asked.nudged_at <= clock.now() - BETWEEN_NUDGES)
    )


def accept(invitation: Invitation) -> int:
    """Move the session to the time that they proposed, keeping its length; how many others are asked again.

    Whoever proposed that time counts as attending.
    """
    guidance = _guidance_of(invitation)
    must_be_planned(guidance)
    starts_at = _proposal(invitation)
    if starts_at <= clock.now():
        raise WrongState(_("Waktu yang diusulkan sudah lewat."))
    length = guidance.ends_at - guidance.starts_at
    return rescheduling.move(guidance, rescheduling.Period(starts_at, starts_at + length), agreed=True)


def keep(invitation: Invitation) -> None:
    """The proposal is not taken: whoever made it is asked again for the time that stands."""
    must_take_answers(_guidance_of(invitation))
    _proposal(invitation)
    letters.withdraw(invitation)
    rescheduling.void(invitation)
    db.session.flush()
    letters.time_kept(invitation)


def whatsapp(invitation: Invitation) -> Prepared:
    """A message with a fresh link, for the coordinator to send."""
    guidance = db.session.scalars(
        select(GuidanceSession)
        .where(GuidanceSession.id == invitation.guidance_id)
        .options(joinedload(GuidanceSession.cluster))
    ).one()
    must_take_answers(guidance)
    must_be_invited(invitation)
    affiliation = db.session.scalars(
        select(Affiliation)
        .where(Affiliation.id == invitation.affiliation_id)
        .options(joinedload(Affiliation.contact), joinedload(Affiliation.partner))
    ).one()
    contact = affiliation.contact
    if not rules.may_be_contacted(contact):
        raise WrongState(_("Orang ini tidak boleh dihubungi lagi."))
    link = absolute("reply.show", token=tokens.make(TokenPurpose.INVITATION, object_id=invitation.id))
    with as_read_by(contact.language, None):
        text = _message(guidance, contact, link)
    invitation.whatsapp_at = clock.now()
    db.session.flush()
    reachable = contact.phone if not affiliation.partner.is_fictitious else None
    return Prepared(text, phones.whatsapp_link(reachable, text) if reachable else None)


def of_link(raw: str) -> int | None:
    """The id of the invitation whose personal link `raw` is."""
    token = tokens.find(TokenPurpose.INVITATION, raw)
    return token.object_id if token else None


# ---------------------------------------------------------------------------------------------------------


def _must_be_invitable(guidance: GuidanceSession, wanted: list[int], role: InvitationRole) -> None:
    """They are people of partners of this cluster, who still work there and are not to be left alone."""
    field = "speaker_ids" if role == InvitationRole.SPEAKER else "participant_ids"
    today = clock.today()
    people = db.session.execute(
        select(Affiliation.partner_id, Affiliation.ends, Contact.name, Contact.basis, Contact.restricted_at)
        .join(Affiliation.contact)
        .join(Affiliation.partner)
        .where(Affiliation.id.in_(wanted), live(Contact), live(Partner), Contact.erased_at.is_(None))
    ).all()
    if len(people) != len(wanted):
        raise Refused(field, _("Pilih dari daftar."))
    for one in people:
        if rules.is_left_alone(one):
            raise Refused(field, _("%(name)s meminta agar tidak dihubungi lagi.", name=one.name))
        if one.ends is not None and one.ends < today:
            raise Refused(field, _("%(name)s sudah tidak bertugas di sana.", name=one.name))
    must_be_involved(guidance.cluster_id, {one.partner_id for one in people}, field)


def must_be_invited(invitation: Invitation) -> None:
    if invitation.uninvited_at is not None:
        raise WrongState(_("Undangan ini sudah dibatalkan. Undang lagi dari halaman bimbingannya."))


def _proposal(invitation: Invitation) -> datetime:
    if invitation.uninvited_at is None and invitation.answer == Answer.PROPOSED:
        assert invitation.proposed_starts_at is not None
        return invitation.proposed_starts_at
    raise WrongState(_("Tidak ada usulan waktu yang terbuka."))


def _guidance_of(invitation: Invitation) -> GuidanceSession:
    return db.session.scalars(
        select(GuidanceSession).where(GuidanceSession.id == invitation.guidance_id)
    ).one()


def _message(guidance: GuidanceSession, contact: Contact, link: str) -> str:
    zone = guidance.cluster.timezone
    text: str = _(
        "Yth. %(name)s, kami mengundang pada “%(topic)s”: %(day)s, %(hours)s, %(place)s. "
        "Mohon jawaban melalui tautan pribadi ini: %(link)s",
        name=presentation.address_name(contact),
        topic=guidance.topic,
        day=presentation.day(guidance.starts_at, zone),
        hours=presentation.span(guidance.starts_at, guidance.ends_at, zone),
        place=guidance.place or guidance.mode.label.lower(),
        link=link,
    )
    return text
