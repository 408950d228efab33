"""The letters of guidance sessions: what each kind carries, to whom, under which key.

Each returns the id of its row in the outbox, or None where there is nobody to mail. A letter that carries the
calendar entry writes down with the invitation which SEQUENCE its reader now knows; the others speak of that.
Every letter to whoever is invited has a personal link of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from pentahelix import clock, phones
from pentahelix.extensions import db
from pentahelix.mail import calendar, outbox, recipients
from pentahelix.mail.compose import CalendarPart
from pentahelix.mail.links import absolute
from pentahelix.mail.recipients import Recipient
from pentahelix.mail.validity import WHILE_INVITED
from pentahelix.models import Affiliation, GuidanceSession, Invitation, Membership, User
from pentahelix.presentation import map_link
from pentahelix.queries import reply
from pentahelix.scope import live
from pentahelix.services import opt_outs, tokens
from pentahelix.vocabulary import Answer, MailKind, MailTopic, MeetingMode, TokenPurpose

#: Say nothing true any more once the session is at another time, called off, or somebody is un-invited.
_OVERTAKEN = (*WHILE_INVITED, MailKind.UNINVITED)

#: … and once there is an answer, or another one.
_ANSWERED = (MailKind.NUDGE, MailKind.NO_ANSWER, MailKind.PROPOSAL, MailKind.LATE_ANSWER)

#: Reminders that nobody's hand sends.
_BY_THEMSELVES = (MailKind.NO_ANSWER, MailKind.GUIDANCE_REMINDER)

#: Kinds that begin with the words of another one.
_LEADS = {MailKind.NO_ANSWER: MailKind.NUDGE}


class PersonalLink:
    """The link of one letter; made when the letter is written, so that one not written leaves no token."""

    def __init__(self, invitation_id: int) -> None:
        self._invitation_id = invitation_id

    def __str__(self) -> str:
        return self.address

    @cached_property
    def address(self) -> str:
        raw = tokens.make(TokenPurpose.INVITATION, object_id=self._invitation_id)
        return absolute("reply.show", token=raw)

    def answering(self, answer: str) -> str:
        """The same page with that answer chosen."""
        return f"{self.address}?answer={Answer(answer)}"


@dataclass(frozen=True)
class _Letter:
    """An invitation with everything that a letter about it names."""

    invitation: Invitation

    @classmethod
    def about(cls, invitation: Invitation) -> "_Letter":
        guidance = joinedload(Invitation.guidance)
        person = joinedload(Invitation.affiliation)
        found = select(Invitation).where(Invitation.id == invitation.id)
        whole = found.options(
            guidance.joinedload(GuidanceSession.cluster),
            guidance.joinedload(GuidanceSession.organiser),
            person.joinedload(Affiliation.contact),
            person.joinedload(Affiliation.partner),
        )
        return cls(db.session.scalars(whole).one())

    @property
    def guidance(self) -> GuidanceSession:
        return self.invitation.guidance

    @property
    def to(self) -> Recipient | None:
        return recipients.contact(self.invitation.affiliation.contact)

    def stop_reminders(self) -> str:
        return opt_outs.make_link(self.invitation.affiliation.contact, MailTopic.REMINDERS)

    def request(self, to: Recipient) -> CalendarPart:
        return calendar.request(self.guidance, to, self.invitation.answer)

    def cancellation(self, to: Recipient) -> CalendarPart:
        return calendar.cancellation(self.guidance, to)

    def post(
        self,
        kind: MailKind,
        to: Recipient,
        key: str,
        *,
        ask: bool = False,
        link: PersonalLink | None = None,
        sequence: int | None,
        valid_until: datetime | None = None,
        part: CalendarPart | None = None,
        unsubscribe: str | None = None,
        **more: Any,
    ) -> int | None:
        guidance, affiliation = self.guidance, self.invitation.affiliation
        # Nobody is told to call, and no letter is signed by, whoever works here no more.
        organiser = guidance.organiser if guidance.organiser and guidance.organiser.is_active else None
        context = {
            "invitation": self.invitation,
            "guidance": guidance,
            "cluster": guidance.cluster,
            "zone": guidance.cluster.timezone,
            "organiser": organiser,
            "reached_at": _reached_at(organiser),
            "contact": affiliation.contact,
            "partner": affiliation.partner,
            "speakers": reply.speakers(guidance.id, but=self.invitation.id),
            "map": _map(guidance),
            "link": link,
            "asks": ask,
            # whom its reader is asked to tell as well
            "stand_in": None,
            "lead": _LEADS.get(kind, kind),
            "has_entry": part is not None,
        }
        return outbox.post(
            kind,
            to,
            key,
            context | more,
            about=self.invitation,
            cluster_id=guidance.cluster_id,
            sequence=sequence,
            valid_until=valid_until,
            calendar=part,
            thread=guidance.uid.hex,
            unsubscribe=unsubscribe,
        )


# ── With the calendar entry: the reader now knows the session's SEQUENCE ────────────────────────────────────


def invitation(invitation: Invitation) -> int | None:
    return _with_entry(MailKind.INVITATION, invitation, ask=True)


def time_changed(
    invitation: Invitation,
    starts_at: datetime,
    ends_at: datetime,
    *,
    ask: bool = True,
    stand_in: str | None = None,
) -> int | None:
    """From that time to the one that stands now; not asked is whoever proposed this one.

    `stand_in` was to come instead.
    """
    before = {"before_starts_at": starts_at, "before_ends_at": ends_at}
    return _with_entry(MailKind.TIME_CHANGED, invitation, ask=ask, stand_in=stand_in, **before)


def place_changed(invitation: Invitation) -> int | None:
    silent, stand_in = invitation.answer == Answer.NONE, invitation.delegate_name
    return _with_entry(MailKind.PLACE_CHANGED, invitation, ask=silent, stand_in=stand_in)


def cancelled(invitation: Invitation, reason: str | None) -> int | None:
    """To whoever was sent a request, whatever they answered."""
    return _without_entry(MailKind.CANCELLED, invitation, reason=reason)


def uninvited(invitation: Invitation) -> int | None:
    """The same for one person."""
    return _without_entry(MailKind.UNINVITED, invitation)


def _with_entry(kind: MailKind, invitation: Invitation, *, ask: bool, **more: Any) -> int | None:
    letter = _Letter.about(invitation)
    if (to := letter.to) is None:
        return None
    guidance = letter.guidance
    mail_id = letter.post(
        kind,
        to,
        f"{kind}:{invitation.id}:{guidance.sequence}",
        ask=ask,
        link=PersonalLink(invitation.id),
        sequence=guidance.sequence,
        valid_until=guidance.starts_at,
        part=letter.request(to),
        **more,
    )
    return _known(invitation, guidance.sequence, mail_id)


def _without_entry(kind: MailKind, invitation: Invitation, **more: Any) -> int | None:
    if invitation.mailed_sequence is None:
        return None
    letter = _Letter.about(invitation)
    if (to := letter.to) is None:
        return None
    sequence = letter.guidance.sequence
    key = f"{kind}:{invitation.id}:{sequence}"
    more["stand_in"] = invitation.delegate_name
    mail_id = letter.post(kind, to, key, sequence=sequence, part=letter.cancellation(to), **more)
    return _known(invitation, sequence, mail_id)


def _known(invitation: Invitation, sequence: int, mail_id: int | None) -> int | None:
    if mail_id is not None:
        invitation.mailed_sequence = sequence
        db.session.flush()
    return mail_id


# ── About the entry that the reader has ─────────────────────────────────────────────────────────────────────


def time_kept(invitation: Invitation) -> int | None:
    """Their proposal is not taken; the question is open again."""
    return _reminding(MailKind.TIME_KEPT, invitation, _dated(MailKind.TIME_KEPT, invitation), ask=True)


def nudge(invitation: Invitation) -> bool:
    """Whether a reminder by hand went out; where nothing was mailed before, it is the invitation itself."""
    if invitation.mailed_sequence is None:
        mail_id = _with_entry(MailKind.INVITATION, invitation, ask=True)
    else:
        mail_id = _reminding(MailKind.NUDGE, invitation, _dated(MailKind.NUDGE, invitation), ask=True)
    if mail_id is not None:
        invitation.nudged_at = clock.now()
        db.session.flush()
    return mail_id is not None


def no_answer(invitation: Invitation, key: str, *, valid_until: datetime | None = None) -> int | None:
    return _reminding(MailKind.NO_ANSWER, invitation, key, ask=True, valid_until=valid_until)


def guidance_reminder(
    invitation: Invitation, key: str, *, with_question: bool, valid_until: datetime | None = None
) -> int | None:
    return _reminding(MailKind.GUIDANCE_REMINDER, invitation, key, ask=with_question, valid_until=valid_until)


def _reminding(
    kind: MailKind,
    invitation: Invitation,
    key: str,
    *,
    ask: bool,
    valid_until: datetime | None = None,
) -> int | None:
    letter = _Letter.about(invitation)
    if (to := letter.to) is None:
        return None
    return letter.post(
        kind,
        to,
        key,
        ask=ask,
        link=PersonalLink(invitation.id),
        sequence=invitation.mailed_sequence,
        valid_until=valid_until or letter.guidance.starts_at,
        # What a coordinator does by hand comes always; what comes by itself can be stopped.
        unsubscribe=letter.stop_reminders() if kind in _BY_THEMSELVES else None,
    )


def _dated(kind: MailKind, invitation: Invitation) -> str:
    """The key of what may be mailed again at another hour."""
    return f"{kind}:{invitation.id}:{invitation.mailed_sequence}:{clock.now():%Y%m%dT%H%M%S%f}"


# ── About an answer ─────────────────────────────────────────────────────────────────────────────────────────


def delegate(invitation: Invitation, answer_id: int) -> int | None:
    """What, when and where, to whoever comes instead: no link, no question."""
    assert invitation.delegate_email is not None
    assert invitation.delegate_name is not None
    letter = _Letter.about(invitation)
    language = invitation.affiliation.contact.language
    to = Recipient(invitation.delegate_email, invitation.delegate_name, language=language)
    return _answered(letter, MailKind.DELEGATE, to, f"{MailKind.DELEGATE}:{invitation.id}:{answer_id}")


def proposal(invitation: Invitation, answer_id: int, *, but: int | None = None) -> None:
    """To the coordinators of the session's cluster, the one (`but`) aside who wrote it down."""
    _to_coordinators(MailKind.PROPOSAL, invitation, answer_id, but)


def late_answer(invitation: Invitation, answer_id: int, *, but: int | None = None) -> None:
    _to_coordinators(MailKind.LATE_ANSWER, invitation, answer_id, but)


def _to_coordinators(kind: MailKind, invitation: Invitation, answer_id: int, but: int | None) -> None:
    letter = _Letter.about(invitation)
    page = absolute("guidance.show", guidance_id=letter.guidance.id)
    for user in _coordinators(letter.guidance.cluster_id):
        if user.id != but and (to := recipients.user(user)):
            key = f"{kind}:{invitation.id}:{answer_id}:u:{user.id}"
            _answered(letter, kind, to, key, page=page)


def _answered(letter: _Letter, kind: MailKind, to: Recipient, key: str, **more: Any) -> int | None:
    return letter.post(
        kind,
        to,
        key,
        sequence=letter.invitation.mailed_sequence,
        valid_until=letter.guidance.starts_at,
        **more,
    )


def _map(guidance: GuidanceSession) -> str | None:
    """Where the place is, unless everybody sits at home."""
    return map_link(guidance.place) if guidance.mode != MeetingMode.ONLINE else None


def _reached_at(organiser: User | None) -> str | None:
    """Where the reader asks back, as it stands below the signature."""
    if organiser is None:
        return None
    return phones.show(organiser.phone) if organiser.phone else organiser.email


def _coordinators(cluster_id: int) -> Sequence[User]:
    members = select(User).join(User.memberships).where(Membership.cluster_id == cluster_id, live(Membership))
    return db.session.scalars(members.order_by(User.id)).all()


# ── What waits and is no longer true ────────────────────────────────────────────────────────────────────────


def withdraw(invitation: Invitation) -> None:
    outbox.withdraw(_OVERTAKEN, invitation)


def withdraw_answered(invitation: Invitation, *, was_silent: bool) -> None:
    """What waits about the answer before; of the silent the reminder with the question, too."""
    outbox.withdraw((*_ANSWERED, MailKind.GUIDANCE_REMINDER) if was_silent else _ANSWERED, invitation)
