"""The erasure of a person's data on their request (UU 27/2022, articles 8, 16 and 44).

The row of the contact stays, under a name that is nobody's, since minutes, answers and contributions point at
it. What told who they are is gone from there, from the trail's values, from the outbox and from the index of
words. What others wrote down in their own words stays.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update

from pentahelix import clock, ddl
from pentahelix.extensions import Entity, db
from pentahelix.logs import log
from pentahelix.models import (
    Affiliation,
    Attempt,
    Attendance,
    AuditEntry,
    AuditValue,
    Contact,
    GuidanceSession,
    Invitation,
    InvitationAnswer,
    LinkRequest,
    OutboxMessage,
    SignIn,
    Token,
    User,
)
from pentahelix.services.contacts import must_not_be_archived
from pentahelix.vocabulary import GuidanceStatus, InvitationRole, MailKind, OutboxState, TokenPurpose

#: What tells of the person, in their own row and in those that are theirs.
PERSONAL: dict[type[Entity], tuple[str, ...]] = {
    Contact: ("name", "salutation", "email", "phone", "phone_note"),
    Affiliation: ("position",),
    Invitation: ("note", "delegate_name", "delegate_email"),
    InvitationAnswer: ("note", "delegate_name"),
}

#: What stands there from now on, in every language; everything else is left empty.
INSTEAD = {"name": "Narahubung terhapus", "delegate_name": "Wakil terhapus"}

#: These have left or never will; what is still on its way to others keeps its words.
_OVER = (OutboxState.SENT, OutboxState.KEPT, OutboxState.OBSOLETE)


def erase(contact: Contact) -> None:
    """Destroy the data of `contact`, for good; where they were the primary contact, there is none now."""
    must_not_be_archived(contact)
    email = _own_address(contact)
    seats = db.session.scalars(select(Affiliation).where(Affiliation.contact_id == contact.id)).all()
    invitations = db.session.scalars(
        select(Invitation).where(Invitation.affiliation_id.in_([seat.id for seat in seats]))
    ).all()
    answers = db.session.scalars(
        select(InvitationAnswer).where(InvitationAnswer.invitation_id.in_([one.id for one in invitations]))
    ).all()
    _leave(seats)
    _take_back(invitations)
    contact.erased_at = clock.now()
    for row in (contact, *seats, *invitations, *answers):
        _empty(row)
    db.session.flush()
    # The flush has put what stood there into the trail once more.
    for entity, rows in (
        (Contact, [contact]),
        (Affiliation, seats),
        (Invitation, invitations),
        (InvitationAnswer, answers),
    ):
        _forget_values(entity, [row.id for row in rows])
    _forget_mails(contact.id, seats, invitations, email)
    _shut_doors(contact.id, invitations, email)
    ddl.forget(db.session.connection())
    # After a restore from an older backup it has to be done once more.
    log.info("contact_erased", contact=contact.id)


# ---------------------------------------------------------------------------------------------------------


def _own_address(contact: Contact) -> str | None:
    """Their address in lower case, unless it is also somebody else's."""
    if contact.email is None:
        return None
    email = contact.email.lower()
    others = select(Contact.id).where(func.lower(Contact.email) == email, Contact.id != contact.id)
    users = select(User.id).where(User.email == email)
    is_shared = db.session.scalar(select(or_(others.exists(), users.exists())))
    return None if is_shared else email


def _leave(seats: Sequence[Affiliation]) -> None:
    """They work nowhere from today on."""
    yesterday = clock.today() - timedelta(days=1)
    for seat in seats:
        if seat.ends is None or seat.ends > yesterday:
            seat.ends = max(yesterday, seat.begins or date.min)
        seat.is_primary = False


def _take_back(invitations: Sequence[Invitation]) -> None:
    """To what is still to come they are no longer invited; nobody writes to them about it."""
    coming = set(
        db.session.scalars(
            select(GuidanceSession.id).where(
                GuidanceSession.id.in_([one.guidance_id for one in invitations]),
                GuidanceSession.status == GuidanceStatus.PLANNED,
                GuidanceSession.starts_at > clock.now(),
            )
        )
    )
    for invitation in invitations:
        if invitation.guidance_id in coming and invitation.uninvited_at is None:
            invitation.uninvited_at = clock.now()


def _empty(row: Entity) -> None:
    for name in PERSONAL[type(row)]:
        if getattr(row, name) is not None:
            setattr(row, name, INSTEAD.get(name))


def _forget_values(entity: type[Entity], ids: Sequence[int]) -> None:
    """The trail keeps that these fields changed, when and by whom."""
    entries = select(AuditEntry.id).where(
        AuditEntry.noun == entity.__tablename__, AuditEntry.object_id.in_(ids)
    )
    _run(delete(AuditValue).where(AuditValue.field.in_(PERSONAL[entity]), AuditValue.entry_id.in_(entries)))


def _forget_mails(
    contact_id: int, seats: Sequence[Affiliation], invitations: Sequence[Invitation], email: str | None
) -> None:
    """Of mails to them and about their answers nothing is left, of others that named them the bytes go."""
    mail = OutboxMessage
    about = and_(mail.object_noun == "invitation", mail.object_id.in_([one.id for one in invitations]))
    to_them = or_(mail.recipient_contact_id == contact_id, func.lower(mail.recipient) == email)
    theirs = or_(to_them, about)
    first = db.session.scalar(select(func.min(mail.made_at)).where(theirs))
    since = min([one.invited_at for one in invitations] + ([first] if first else []), default=clock.now())
    meetings = select(Attendance.meeting_id).where(Attendance.affiliation_id.in_([one.id for one in seats]))
    spoken = [one.guidance_id for one in invitations if one.role == InvitationRole.SPEAKER]
    beside = select(Invitation.id).where(Invitation.guidance_id.in_(spoken))
    named = or_(
        and_(mail.kind == MailKind.DIGEST, mail.made_at >= since),
        and_(mail.object_noun == "meeting", mail.object_id.in_(meetings)),
        and_(mail.object_noun == "invitation", mail.object_id.in_(beside)),
    )
    _run(update(mail).where(named, mail.state.in_(_OVER)).values(content=None))
    unsent = and_(theirs, mail.state.not_in((OutboxState.SENT, OutboxState.KEPT)))
    _run(update(mail).where(unsent).values(state=OutboxState.OBSOLETE, owner=None, lease_until=None))
    _run(update(mail).where(theirs).values(subject="", content=None, error=None))
    # A delegate is known by them only; the coordinators whom their answers were told are not theirs.
    to_delegate = and_(about, mail.kind == MailKind.DELEGATE)
    _run(update(mail).where(or_(to_them, to_delegate)).values(recipient=""))


def _shut_doors(contact_id: int, invitations: Sequence[Invitation], email: str | None) -> None:
    """No session and no link of theirs opens anything, and nothing tells from which device they came."""
    now = clock.now()
    mine = SignIn.contact_id == contact_id
    _run(update(SignIn).where(mine, SignIn.revoked_at.is_(None)).values(revoked_at=now))
    _run(update(SignIn).where(mine).values(device=None))
    links = and_(
        Token.purpose == TokenPurpose.INVITATION, Token.object_id.in_([one.id for one in invitations])
    )
    links = or_(links, Token.contact_id == contact_id)
    _run(update(Token).where(links, Token.revoked_at.is_(None)).values(revoked_at=now))
    _run(delete(LinkRequest).where(func.lower(LinkRequest.email) == email))
    _run(delete(Attempt).where(Attempt.subject == email))


def _run(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))
