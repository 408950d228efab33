"""Whether a mail that waited still holds, and goes to somebody who may be mailed: asked at each claim."""

from typing import Any

from sqlalchemy import Connection, Executable, exists, select

from pentahelix import clock, rules
from pentahelix.models import Contact, GuidanceSession, Invitation, Membership, OutboxMessage, User
from pentahelix.prepared import prepared
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


def holds(connection: Connection, message_id: int) -> bool:
    mail: Any = connection.execute(*_asked(message_id)).one()
    if mail.valid_until is not None and mail.valid_until <= clock.now():
        return False
    kind = MailKind(mail.kind)
    if not _may_be_mailed(mail, kind):
        return False
    return kind not in WHILE_INVITED or _is_invited(mail, WHILE_INVITED[kind])


def _may_be_mailed(mail: Any, kind: MailKind) -> bool:
    """A bare address, of a delegate or of minutes, is nobody's whom we know."""
    if mail.recipient_user_id is not None:
        if mail.deactivated_at is not None or mail.user_email != mail.recipient:
            return False
        return kind not in TO_COORDINATORS or bool(mail.works_in)
    if mail.recipient_contact_id is not None:
        if not rules.may_be_contacted(mail):
            return False
        return kind in TAKEN_BACK or bool(mail.contact_email == mail.recipient)
    return True


def _is_invited(mail: Any, answers: frozenset[Answer]) -> bool:
    if mail.kind == MailKind.DELEGATE and mail.recipient != mail.delegate_email:
        return False
    return (
        mail.status == GuidanceStatus.PLANNED
        and mail.guidance_archived_at is None
        and mail.starts_at > clock.now()
        and mail.uninvited_at is None
        and mail.mailed_sequence == mail.sequence
        and mail.answer in answers
    )


@prepared
def _asked(message_id: int) -> Executable:
    """The mail, whom it goes to and what it speaks of, as they stand now; nothing where there is none."""
    works_in = exists().where(
        Membership.user_id == OutboxMessage.recipient_user_id,
        Membership.cluster_id == OutboxMessage.cluster_id,
        live(Membership),
    )
    return (
        select(
            OutboxMessage.kind,
            OutboxMessage.recipient,
            OutboxMessage.recipient_user_id,
            OutboxMessage.recipient_contact_id,
            OutboxMessage.sequence,
            OutboxMessage.valid_until,
            User.email.label("user_email"),
            User.deactivated_at,
            works_in.label("works_in"),
            Contact.email.label("contact_email"),
            Contact.basis,
            Contact.restricted_at,
            Contact.erased_at,
            Contact.archived_at,
            Invitation.answer,
            Invitation.delegate_email,
            Invitation.mailed_sequence,
            Invitation.uninvited_at,
            GuidanceSession.status,
            GuidanceSession.starts_at,
            GuidanceSession.archived_at.label("guidance_archived_at"),
        )
        .select_from(OutboxMessage)
        .outerjoin(User, User.id == OutboxMessage.recipient_user_id)
        .outerjoin(Contact, Contact.id == OutboxMessage.recipient_contact_id)
        .outerjoin(
            Invitation,
            (Invitation.id == OutboxMessage.object_id)
            & (OutboxMessage.object_noun == Invitation.__tablename__),
        )
        .outerjoin(GuidanceSession, GuidanceSession.id == Invitation.guidance_id)
        .where(OutboxMessage.id == message_id)
    )
