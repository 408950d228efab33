"""Whether a mail that waited still holds, and goes to somebody who may be mailed: asked at each claim."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.mail import recipients
from pentahelix.models import Contact, Invitation, Membership, OutboxMessage, User
from pentahelix.scope import live
from pentahelix.vocabulary import Answer, GuidanceStatus, MailKind

#: Speak of a session that is still to come, to whoever is invited to it, and for which of their answers.
WHILE_INVITED: dict[MailKind, frozenset[Answer]] = {
    MailKind.INVITATION: frozenset(Answer),
    MailKind.TIME_CHANGED: frozenset(Answer),
    MailKind.PLACE_CHANGED: frozenset(Answer),
    MailKind.TIME_KEPT: frozenset(Answer),
    MailKind.NUDGE: frozenset({Answer.NONE}),
    MailKind.NO_ANSWER: frozenset({Answer.NONE}),
    MailKind.GUIDANCE_REMINDER: frozenset({Answer.NONE, Answer.ATTENDING, Answer.REPRESENTED}),
    MailKind.DELEGATE: frozenset({Answer.REPRESENTED}),
    MailKind.PROPOSAL: frozenset({Answer.PROPOSED}),
    MailKind.LATE_ANSWER: frozenset({Answer.DECLINED, Answer.REPRESENTED}),
}

#: Tell of the invited, or of an agreement, to whoever works in the cluster, as long as they do.
TO_COORDINATORS = frozenset({MailKind.PROPOSAL, MailKind.LATE_ANSWER, MailKind.AGREEMENT})

#: Follow the mail that they take back, also to an address that is no longer the contact's.
TAKEN_BACK = frozenset({MailKind.CANCELLED, MailKind.UNINVITED})


def holds(message: OutboxMessage) -> bool:
    if message.valid_until is not None and message.valid_until <= clock.now():
        return False
    kind = MailKind(message.kind)
    if not _may_be_mailed(message, kind):
        return False
    return kind not in WHILE_INVITED or _is_invited(message, WHILE_INVITED[kind])


def _may_be_mailed(message: OutboxMessage, kind: MailKind) -> bool:
    """A bare address, of a delegate or of minutes, is nobody's whom we know."""
    if message.recipient_user_id is not None:
        user = recipients.user(db.session.get_one(User, message.recipient_user_id))
        if user is None or user.email != message.recipient:
            return False
        return kind not in TO_COORDINATORS or _works_in(message)
    if message.recipient_contact_id is not None:
        contact = db.session.get_one(Contact, message.recipient_contact_id)
        if not recipients.may_be_mailed(contact):
            return False
        return kind in TAKEN_BACK or contact.email == message.recipient
    return True


def _works_in(message: OutboxMessage) -> bool:
    found = select(Membership.id).where(
        Membership.user_id == message.recipient_user_id,
        Membership.cluster_id == message.cluster_id,
        live(Membership),
    )
    return db.session.scalar(found) is not None


def _is_invited(message: OutboxMessage, answers: frozenset[Answer]) -> bool:
    found = select(Invitation).where(Invitation.id == message.object_id)
    invitation = db.session.scalars(found.options(joinedload(Invitation.guidance))).first()
    if invitation is None or message.object_noun != Invitation.__tablename__:
        return False
    guidance = invitation.guidance
    if message.kind == MailKind.DELEGATE and message.recipient != invitation.delegate_email:
        return False
    return (
        guidance.status == GuidanceStatus.PLANNED
        and guidance.archived_at is None
        and guidance.starts_at > clock.now()
        and invitation.uninvited_at is None
        and invitation.mailed_sequence == message.sequence
        and invitation.answer in answers
    )
